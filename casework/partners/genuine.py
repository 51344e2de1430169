"""Rows that give access carry a seal (macs.py): readers keep the genuine ones and report the others (T-36).

A deleted row, or an older one put back whole, keeps its seal: `audit_verify --rows` finds those.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from casework import audit
from casework.partners.macs import row_is_genuine

M = TypeVar("M", bound=Model)

# A forged row is met again at each page: told once an hour by each process.
TOLD_AGAIN_AFTER: Final = 3600.0
_told: dict[tuple[str, str], float] = {}


def kept(rows: Iterable[M]) -> list[M]:
    """Return the genuine rows; drop the others and report each, once this transaction is over."""
    return [row for row in rows if checked(row) is not None]


def checked(row: M | None) -> M | None:
    """Return the row if it is genuine; report it and return None otherwise."""
    if row is None or row_is_genuine(row):
        return row
    report_later(row)
    return None


def report_later(row: Model) -> None:
    """Write a forged row down as a fault of integrity, after the transaction."""
    mark, instant = (row._meta.label_lower, str(row.pk)), time.monotonic()
    if instant - _told.get(mark, -TOLD_AGAIN_AFTER) < TOLD_AGAIN_AFTER:
        return
    _told[mark] = instant
    transaction.on_commit(partial(_report, type(row), row.pk, getattr(row, "territory_id", None)))


def forget_what_was_told() -> None:
    """Report again every forged row met from now on (tests)."""
    _told.clear()


def _report(model: type[Model], pk: object, territory_id: UUID | None) -> None:
    audit.record(
        audit.system_actor(territory_id),
        audit.Act.INTEGRITY_FAIL,
        outcome="denied",
        object_type=model._meta.label_lower,
        object_ids=(pk,),
        territory_id=territory_id,
    )
