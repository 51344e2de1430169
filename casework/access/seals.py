"""Rows that give or take access carry a seal: the reader keeps the genuine ones and reports the others (T-36)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from casework import audit
from casework.partners.macs import RowMacField

M = TypeVar("M", bound=Model)


def is_genuine(row: Model) -> bool:
    """Say whether `row` carries the seal of what it says; a model without a seal never does."""
    field = next((each for each in row._meta.concrete_fields if isinstance(each, RowMacField)), None)
    return field is not None and field.is_genuine(row)


def kept(rows: Iterable[M]) -> list[M]:
    """Return the genuine rows; drop the others and report each, once this transaction is over."""
    found: list[M] = []
    for row in rows:
        if is_genuine(row):
            found.append(row)
        else:
            report_later(row)
    return found


def report_later(row: Model) -> None:
    """Write a forged row down as a fault of integrity, after the transaction."""
    transaction.on_commit(partial(_report, type(row), row.pk, getattr(row, "territory_id", None)))


def _report(model: type[Model], pk: object, territory_id: UUID | None) -> None:
    audit.record(
        audit.system_actor(territory_id),
        audit.Act.INTEGRITY_FAIL,
        outcome="denied",
        object_type=model._meta.label_lower,
        object_ids=(pk,),
        territory_id=territory_id,
    )
