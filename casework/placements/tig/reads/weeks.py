"""The week of a post: what the paper sheet prints, what the manager types back; and today, for the tutor's phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.codes import Half, PostNeed
from casework.placements.tig import facts
from casework.placements.tig.actions import scans
from casework.placements.tig.actions.attendance import RECORDED_IN
from casework.placements.tig.limits import week_of
from casework.placements.tig.models import HalfDay, TigPlacement
from casework.placements.tig.reads.placements import full_name
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Line:
    """One half-day of one person."""

    id: UUID
    placement_id: UUID
    subject_id: UUID
    name: str
    short: str
    reference: str
    day: date
    half: str
    starts_at: time
    ends_at: time
    break_minutes: int
    planned_minutes: int
    minutes: int
    outcome: str
    outcome_label: str
    limits: tuple[str, ...]
    phone: str
    arrived_at: time | None
    paused_at: time | None
    paused_minutes: int
    signed: bool

    @property
    def is_recorded(self) -> bool:
        """Say whether something was written on it."""
        return bool(self.outcome)

    @property
    def is_here(self) -> bool:
        """Say whether the person arrived and the half-day goes on."""
        return self.arrived_at is not None and not self.outcome


@dataclass(frozen=True, kw_only=True)
class Week:
    """The week of one post."""

    post_id: UUID
    post: str
    host: str
    monday: date
    lines: tuple[Line, ...]

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)

    @property
    def open_lines(self) -> int:
        """How many half-days wait for their hours."""
        return sum(not line.is_recorded for line in self.lines)


def week(viewer: Viewer, post_id: UUID, day: date, now: datetime) -> Week:
    """Return the week of a post that contains `day`, for the people whom this viewer may see there."""
    post = host_facts.find_post(viewer, post_id, now)
    monday = week_of(day)
    rows = _rows(viewer, now).filter(post_id=post_id, day__range=(monday, monday + timedelta(days=6)))
    return Week(
        post_id=post.pk, post=post.nature, host=post.host.name, monday=monday,
        lines=tuple(_lines(viewer, list(rows.order_by("day", "half", "placement__reference")), now)),
    )  # fmt: skip


def sheets(viewer: Viewer, found: Week, now: datetime) -> list[tuple[Line, tuple[UUID, ...]]]:
    """Return each person of the week once, with the signed sheets joined for it."""
    people = {line.placement_id: line for line in found.lines}
    joined = scans.of(viewer, list(facts.visible_to(viewer, now).filter(pk__in=people)), now)
    return [
        (line, tuple(scan.id for scan in joined.get(pk, ()) if scan.monday == found.monday))
        for pk, line in sorted(people.items(), key=lambda each: each[1].name)
    ]


def today(viewer: Viewer, now: datetime) -> tuple[Line, ...]:
    """Return the people received today by this tutor or manager."""
    rows = _rows(viewer, now).filter(day=localdate(now))
    return tuple(_lines(viewer, list(rows.order_by("half", "placement__reference")), now))


def next_day(viewer: Viewer, now: datetime) -> tuple[date, int] | None:
    """Return the next day on which somebody is expected here, and how many people: of nobody, their names come that day."""
    mine = Q(placement__in=facts.visible_to(viewer, now).values("pk")) | Q(
        pk__in=facts.tutored(viewer, now).values("pk")
    )
    rows = HalfDay.objects.filter(mine, day__gt=localdate(now), outcome="", placement__state__in=RECORDED_IN)
    found = rows.values("day").annotate(n=Count("placement", distinct=True)).order_by("day").first()
    return (found["day"], found["n"]) if found else None


def expected(viewer: Viewer, now: datetime) -> int:
    """Return how many half-days of today wait, nobody opened: what « Mon travail » tells a tutor."""
    return int(_rows(viewer, now).filter(day=localdate(now), outcome="").count())


def posts(viewer: Viewer, now: datetime) -> list[tuple[UUID, str, int]]:
    """Return the posts on which half-days of past days wait for their hours: post, label, how many."""
    managed = host_facts.visible_posts(viewer, now).values("pk")
    rows = _rows(viewer, now).filter(outcome="", day__lte=localdate(now), post__in=managed).select_related("post__host")
    found: dict[UUID, tuple[str, int]] = {}
    for row in rows:
        label, n = found.get(row.post_id, (f"{row.post.nature} · {row.post.host.name}", 0))
        found[row.post_id] = label, n + 1
    return [(pk, label, n) for pk, (label, n) in found.items()]


def _rows(viewer: Viewer, now: datetime):  # type: ignore[no-untyped-def]  # a queryset with related rows
    visible = facts.visible_to(viewer, now).filter(state__in=RECORDED_IN)
    return HalfDay.objects.filter(placement__in=visible.values("pk")).select_related("placement")


def _lines(viewer: Viewer, rows: list[HalfDay], now: datetime) -> list[Line]:
    placements = {row.placement_id: row.placement for row in rows}
    if not placements:
        return []
    links = facts.relations(viewer, placements.values(), now)
    opened = [row for row in placements.values() if facts.names_are_open(viewer, row, links[row.pk], now)]
    fit = [row for row in opened if links[row.pk].may(viewer, Action.VIEW, DataClass.FITNESS, now)]
    if not opened:
        return []
    with audit.reading(
        viewer, subjects=[row.subject_id for row in opened], classes=[DataClass.PLACEMENT, DataClass.FITNESS],
        purpose=Purpose.LISTING, object_type="tig_placement", object_ids=[row.pk for row in opened],
    ):  # fmt: skip
        sweep.open_many(opened, "identity")
        sweep.open_many(fit, "limits")
        names = {row.pk: full_name(row.identity) for row in opened}
        limits = {row.pk: tuple(fr.label(PostNeed, each, each) for each in row.limits or []) for row in fit}
        phones = {row.pk: (row.identity or {}).get("phone", "") for row in opened}
        return [_line(row, names, limits, phones) for row in rows if row.placement_id in names]


def _line(
    row: HalfDay, names: dict[UUID, tuple[str, str]], limits: dict[UUID, tuple[str, ...]], phones: dict[UUID, str]
) -> Line:
    placement: TigPlacement = row.placement
    name, short = names[row.placement_id]
    return Line(
        id=row.pk, placement_id=placement.pk, subject_id=placement.subject_id, name=name, short=short, reference=placement.reference, day=row.day,
        half=str(Half(row.half).label), starts_at=row.starts_at, ends_at=row.ends_at, break_minutes=row.break_minutes,
        planned_minutes=row.planned_minutes, minutes=row.minutes, outcome=row.outcome,
        outcome_label=row.get_outcome_display() if row.outcome else "", limits=limits.get(placement.pk, ()),
        phone=phones[row.placement_id], arrived_at=row.arrived_at, paused_at=row.paused_at,
        paused_minutes=row.paused_minutes, signed=row.signed_by_both,
    )  # fmt: skip
