"""The list of supports, cut for who asks: the pupils of one's school, those that one's house receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.exclusions import facts
from casework.exclusions.codes import ENDED, HostNo, Kind, Level, State
from casework.exclusions.models import ExclusionSupport, SupportHalfDay
from casework.exclusions.reads.opened import full_name
from casework.sealing import sweep

S = State
GROUPS: Final = (
    ("À compléter", frozenset({S.PLACE_HELD, S.NOTIFIED})),
    ("Prévus et en cours", frozenset({S.AGREED, S.HOSTED, S.RETURN_MEETING})),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One support of a list. `name` is empty while the place is held without one; `other`: the host, or the school."""

    id: UUID
    reference: str
    name: str
    level: str
    kind: str
    state: State
    is_over: bool
    other: str
    first_day: date | None
    last_day: date | None
    next_day: date | None
    """The next half-day, today's included; None once the last one is past."""
    half_days: int
    waits_for: str


class _Days(TypedDict):
    first_day: date | None
    last_day: date | None
    next_day: date | None
    half_days: int


NO_DAYS: _Days = {"first_day": None, "last_day": None, "next_day": None, "half_days": 0}


def own(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the supports that the viewer may open, the next day first. Constant queries."""
    rows = list(facts.visible_to(viewer, now).select_related("organisation", "host").order_by("reference"))
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, facts.PUPIL, now)]
    names = _names(viewer, rows)
    days = _days(rows, localdate(now))
    receives = facts.receives(viewer.role)
    lines = [
        Line(
            id=row.pk, reference=row.reference, name=names.get(row.pk, ""), level=Level(row.level).label,
            kind=Kind(row.kind).label, state=State(row.state), is_over=row.state in ENDED,
            other=(row.organisation if receives else row.host).name,
            **days.get(row.pk, NO_DAYS), waits_for=waits_for(row, localdate(now)),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.is_over, line.next_day or line.first_day or date.max, line.reference))


def waits_for(row: ExclusionSupport, today: date) -> str:
    """Return in a few words what a support still needs, "" when nothing does."""
    if row.state in ENDED:
        return ""
    if row.host_no:
        return f"la structure ne peut pas : {HostNo(row.host_no).label}"
    missing = ["la réponse de la structure"] if row.host_accepted_at is None else []
    if row.state == S.PLACE_HELD and row.held_until:
        missing.insert(0, f"le nom, avant le {fr.short_day(row.held_until)}")
    if row.state == S.NOTIFIED:
        missing += ["l’accord de l’élève"] if row.pupil_agreed_on is None else []
        missing += ["l’accord des parents"] if row.parents_agreed_on is None and not row.is_adult else []
        is_bound = row.kind == Kind.RESPONSIBILITY and row.copy_given_on is None
        missing += ["la remise de la copie"] if is_bound else []
    return ", ".join(missing)


def _days(rows: list[ExclusionSupport], today: date) -> dict[UUID, _Days]:
    found = (
        SupportHalfDay.objects.filter(support__in=[row.pk for row in rows]).order_by().values_list("support")
        .annotate(first=Min("day"), last=Max("day"), to_come=Min("day", filter=Q(day__gte=today)), n=Count("pk"))
    )  # fmt: skip
    return {
        pk: {"first_day": first, "last_day": last, "next_day": to_come, "half_days": n}
        for pk, first, last, to_come, n in found
    }


def _names(viewer: Viewer, rows: list[ExclusionSupport]) -> dict[UUID, str]:
    named = [row for row in rows if row.state != S.PLACE_HELD]
    if not named:
        return {}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in named], classes=[facts.PUPIL], purpose=Purpose.LISTING,
        act=Act.LIST, module="exclusions", object_type=ExclusionSupport._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(named, "identity")
        return {row.pk: full_name(row.identity) for row in named}
