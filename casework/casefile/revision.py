"""The hidden revision that stops one person from overwriting another (R-06).

A form carries the revision it was opened on (`{% revision n %}`); the action locks the row and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from casework.errors import AccessRefused, ConflictRefused, InputRefused

FIELD = "revision"


class Revised(models.Model):
    """Abstract: a row whose changes are counted."""

    revision = models.PositiveIntegerField("révision", default=1, editable=False)

    class Meta:
        abstract = True


R = TypeVar("R", bound=Revised)


def expected(data: Mapping[str, Any]) -> int:
    """Return the revision a form was opened on.

    Raises InputRefused when it is missing or not a number: a change could overwrite another unseen.
    """
    try:
        return int(str(data[FIELD]))
    except (KeyError, ValueError):
        raise InputRefused(
            "Le formulaire est incomplet : rechargez la page, votre texte est conservé.", field=None
        ) from None


def lock(qs: models.QuerySet[R], pk: UUID | int, expected: int | None) -> R:
    """Return the row `pk` of `qs`, locked until the end of the transaction.

    `expected` is the revision the form was opened on; None only for acts that do not come from a form.
    Raises AccessRefused when the row is absent from `qs` (absence and refusal look the same),
    ConflictRefused when it changed meanwhile. SQLite has no row lock: its transactions are IMMEDIATE,
    so writers queue anyway.
    """
    if not transaction.get_connection(qs.db).in_atomic_block:
        raise transaction.TransactionManagementError("revision.lock needs the transaction of audit.writing")
    try:
        row = qs.select_for_update(of=("self",)).get(pk=pk)
    except qs.model.DoesNotExist:
        raise AccessRefused from None
    check(row, expected)
    return row


def check(row: Revised, expected: int | None) -> None:
    """Raise ConflictRefused when `row` is no longer at the `expected` revision."""
    if expected is not None and row.revision != expected:
        raise ConflictRefused(
            "Cette fiche a été modifiée pendant votre saisie. Votre texte est conservé.",
            current_revision=row.revision,
        )


def save(row: Revised, **changes: Any) -> None:
    """Set `changes` on a row taken with `lock`, count one revision more, save."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
