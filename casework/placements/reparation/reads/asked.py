"""Requests of half-days as the host reads them: when, for whom, until when; nothing is opened, nobody is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.codes import Half
from casework.placements.hosts.data import Asked
from casework.placements.hosts.models import Booking, PostHalfDay
from casework.placements.reparation import facts
from casework.placements.reparation.models import PlaceRequest

HalfDay = tuple[date, str, time, time]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that waits, with its half-days."""

    id: UUID
    asked: Asked


def waiting(viewer: Viewer, now: datetime) -> list[Request]:
    """Return what waits for this host's answer, the soonest first. Constant queries."""
    rows = list(facts.requests_to(viewer, now).order_by("answer_by", "pk"))
    links = host_facts.post_relations(viewer, [row.post for row in rows], now)
    rows = [row for row in rows if links[row.post_id].allows(viewer, Action.CHANGE, DataClass.TIG_POSTS, now)]
    days = half_days(rows)
    return [Request(id=row.pk, asked=_asked(row, days.get(row.pk, ()))) for row in rows]


def by_link(row: PlaceRequest) -> Asked:
    """Return one request for the page of its link."""
    return _asked(row, half_days([row]).get(row.pk, ()))


def _asked(row: PlaceRequest, days: tuple[HalfDay, ...]) -> Asked:
    return Asked(
        post=row.post.nature, host=row.post.host.name, service=row.reparation.organisation.name,
        work=f"Un jeune en réparation, {fr.plural(len(days), 'demi-journée')}", answer_by=row.answer_by, limits=(),
        half_days=days,
    )  # fmt: skip


def half_days(rows: Iterable[PlaceRequest]) -> dict[UUID, tuple[HalfDay, ...]]:
    """Return the half-days that each request holds, in order; two queries."""
    asked = list(rows)
    if not asked:
        return {}
    hours = {
        (row.post_id, row.weekday, row.half): (row.starts_at, row.ends_at)
        for row in PostHalfDay.objects.filter(post_id__in={row.post_id for row in asked})
    }
    found: dict[UUID, list[HalfDay]] = defaultdict(list)
    held = Booking.objects.filter(holder__in=[row.pk for row in asked]).order_by("day", "half")
    for booking in held:
        at = hours.get((booking.post_id, booking.day.weekday(), booking.half), (time(9), time(12)))
        found[booking.holder].append((booking.day, str(Half(booking.half).label), *at))
    return {pk: tuple(lines) for pk, lines in found.items()}
