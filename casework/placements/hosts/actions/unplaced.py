"""Counting the demands that find no place (seed action 7): by month and sector, of nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.audit import Act, Writing
from casework.casefile.codes import ListCode
from casework.errors import GuardRefused
from casework.placements.hosts.actions.structures import local_item
from casework.placements.hosts.models import WithoutPlace


def count(
    w: Writing, *, holder: UUID, territory_id: UUID, audience: str, sector: UUID | None, now: datetime
) -> WithoutPlace:
    """Count a demand without a place, once a month. Raises GuardRefused (counted already), InputRefused (sector)."""
    month = localdate(now).replace(day=1)
    if WithoutPlace.objects.filter(holder=holder, month=month).exists():
        raise GuardRefused("Cette demande est déjà comptée ce mois-ci.")
    row = WithoutPlace(
        territory_id=territory_id, audience=audience, month=month, holder=holder,
        sector=local_item(territory_id, ListCode.PLACE_SECTOR, sector, "sector"),
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, why="no_place")
    return row


def forget(holder: UUID) -> None:
    """Cut the count from the demand, whose file is erased: the number stays, of nobody."""
    for row in WithoutPlace.objects.filter(holder=holder):
        row.holder = None
        row.save()
