"""What was done in a quarter or a year, counted in acts: sessions, decisions, hours, places. Of nobody (SDC-07).

The dashboard of the quarter and the yearly evaluation read the same function. Where one act is one person (an examination, a
decision), one to four are not said; nor is a year from which the quarters that are said would give them back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils.timezone import localdate

from casework.casefile import small_counts
from casework.casefile.calendar import end_instant, start_instant
from casework.exclusions import law
from casework.exclusions.codes import CAME, Result
from casework.exclusions.models import EndedSupport, SupportHalfDay
from casework.indicators.releases import rates
from casework.minors.followups.codes import ActionResult, SchemeState
from casework.minors.followups.models import Action, SchemeStatus
from casework.minors.sessions.codes import LineKind, LineState, Presence, SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, SessionMember
from casework.placements.hosts.codes import BookingState, PostState
from casework.placements.hosts.models import Booking, Post
from casework.placements.returns.codes import Kind
from casework.placements.returns.models import EndedMeasure

K: Final = small_counts.K_PERSONS
_HELD: Final = (SessionState.CLOSED, SessionState.APPROVED)

Span = tuple[date, date]
"""First and last day."""


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """One service: to how many meetings it was convened, to how many it came, how many times it sent its excuses."""

    service: str
    convened: int
    present: int
    excused: int


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What was done from `first` to `last`, both included. None: too few to be said, or not known any more.

    `decision_days`: mean days from a decision to its result. `tig_hours`: hours of the TIG that ended, to the ten.
    `schemes`: schemes of the territory that situations lack at the end, with how many; `half_days_used`: places of posts, taken.
    """

    first: date
    last: date
    sessions: int
    examinations: int | None
    questions: int | None
    decisions: int | None
    decisions_done: int | None
    decisions_late: int | None
    decision_days: int | None
    schemes: tuple[tuple[str, int | None], ...]
    attendance: tuple[Attendance, ...]
    tig_hours: int | None
    posts_listed: int
    half_days_used: int | None
    pupil_half_days: int | None


def of_quarter(territory_id: UUID, year: int, quarter: int) -> Activity:
    """Return what was done in a quarter (1 to 4); what lies ahead of today is not counted. Ten queries at the most."""
    span = _quarter(year, quarter)
    return _of(territory_id, [span], _pupils_live(territory_id, *span))


def of_year(territory_id: UUID, year: int) -> Activity:
    """Return what was done in a year; half-days of pupils are those of the school year that ends in it, to the ten."""
    return _of(territory_id, [_quarter(year, n) for n in (1, 2, 3, 4)], _pupils_ended(territory_id, year - 1))


def _quarter(year: int, n: int) -> Span:
    first = date(year, 3 * n - 2, 1)
    return first, (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)


def _said(n: int) -> int | None:
    """Return a number of acts of which each is one person, None from one to four: none at all tells of nobody."""
    return None if 0 < n < K else n


def _added(quarters: Sequence[int]) -> int | None:
    """Return the sum of such numbers, None where a quarter that is not said would be known by it.

    A year less the quarters that are said is the sum of the others: each of them must still be any number from one to four.
    """
    few = [n for n in quarters if _said(n) is None]
    others = len(few) - 1
    if few and not others + K - 1 <= sum(few) <= others * (K - 1) + 1:
        return None
    return sum(quarters)


def _of(territory_id: UUID, spans: Sequence[Span], pupils: int | None) -> Activity:
    first, last = spans[0][0], spans[-1][1]
    where = {"territory_id": territory_id}
    held = Q(state__in=_HELD, starts_at__gte=start_instant(first), starts_at__lt=end_instant(last))
    sessions = dict(GroupSession.objects.filter(held, **where).values_list("pk", "starts_at"))
    examined, questions = _lines(sessions, spans)
    taken, done, late, days = _decisions(territory_id, spans)
    hours, used, posts = _placements(territory_id, spans)
    return Activity(
        first=first, last=last, sessions=len(sessions), examinations=_added(examined), questions=_said(questions),
        decisions=_added(taken), decisions_done=_added(done), decisions_late=_said(late), decision_days=days,
        schemes=_schemes(territory_id, last), attendance=_attendance(sessions), tig_hours=hours, half_days_used=used,
        posts_listed=posts, pupil_half_days=pupils,
    )  # fmt: skip


def _rank(spans: Sequence[Span], day: date) -> int:
    """Return which span a day of them is in."""
    return next(rank for rank, (_, last) in enumerate(spans) if day <= last)


def _lines(sessions: Mapping[UUID, datetime], spans: Sequence[Span]) -> tuple[list[int], int]:
    """Return how many situations were examined in each span, how many questions in all; one query."""
    rows = AgendaLine.objects.filter(session__in=sessions, state=LineState.DONE)
    examined, questions = [0] * len(spans), 0
    for session, kind, n in rows.order_by().values_list("session", "kind").annotate(n=Count("pk")):
        if kind == LineKind.SITUATION:
            examined[_rank(spans, localdate(sessions[session]))] += n
        elif kind == LineKind.QUESTION:
            questions += n
    return examined, questions


def _decisions(territory_id: UUID, spans: Sequence[Span]) -> tuple[list[int], list[int], int, int | None]:
    """Return how many were taken and done in each span, late at the end, and the mean days of those settled; two queries."""
    whole, end = (spans[0][0], spans[-1][1]), min(spans[-1][1], localdate())
    rows = Action.objects.filter(territory_id=territory_id)
    overdue = Q(due_on__lt=end) & (Q(closed_on__isnull=True) | Q(closed_on__gt=end))
    wanted = {"late": Count("pk", filter=overdue & Q(decided_on__lte=end))}
    for rank, span in enumerate(spans):
        wanted[f"taken_{rank}"] = Count("pk", filter=Q(decided_on__range=span))
        wanted[f"done_{rank}"] = Count("pk", filter=Q(closed_on__range=span, result=ActionResult.DONE))
    counted = rows.aggregate(**wanted)
    waits = [
        (row.closed_on - row.decided_on).days
        for row in rows.filter(closed_on__range=whole, result=ActionResult.DONE).only("decided_on", "closed_on")
        if row.closed_on
    ]
    mean = rates.mean(sum(waits), len(waits))
    taken, done = ([counted[f"{what}_{rank}"] for rank in range(len(spans))] for what in ("taken", "done"))
    return taken, done, counted["late"], None if mean is None else round(mean)


def _schemes(territory_id: UUID, last: date) -> tuple[tuple[str, int | None], ...]:
    """Return the schemes that situations lack at the end of the period, as the page of a situation says it, most first."""
    rows = SchemeStatus.objects.filter(territory_id=territory_id, state=SchemeState.NOT_TRIED, since__lte=last)
    found = list(rows.order_by().values_list("item__label").annotate(n=Count("pk")))
    return tuple((label, _said(n)) for label, n in sorted(found, key=lambda each: (-max(each[1], K), each[0])))


def _attendance(sessions: Collection[UUID]) -> tuple[Attendance, ...]:
    rows = SessionMember.objects.filter(session__in=sessions, is_guest=False).order_by()
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, presence, n in rows.values_list("organisation__name", "presence").annotate(n=Count("pk")):
        counted[name][presence] += n
    return tuple(
        Attendance(
            service=name, convened=sum(each.values()), present=each[Presence.PRESENT], excused=each[Presence.EXCUSED]
        )
        for name, each in sorted(counted.items())
    )


def _placements(territory_id: UUID, spans: Sequence[Span]) -> tuple[int | None, int | None, int]:
    """Return the hours of the TIG that ended, the places taken, the posts listed today; three queries."""
    if "placements" not in settings.SUBJECTS:
        return None, None, 0
    whole = spans[0][0], spans[-1][1]
    ended = EndedMeasure.objects.filter(territory_id=territory_id, kind=Kind.TIG, month__range=whole).order_by()
    hours, measures = 0, [0] * len(spans)
    for month, total, n in ended.values_list("month").annotate(total=Sum("hours"), n=Count("pk")):
        hours += total
        measures[_rank(spans, month)] += n
    posts = Post.objects.filter(territory_id=territory_id, state=PostState.LISTED).count()
    bookings = Booking.objects.filter(
        territory_id=territory_id, state=BookingState.USED, day__range=(whole[0], min(whole[1], localdate()))
    )
    places, holders = 0, [set[UUID]() for _ in spans]
    for month, holder, n in bookings.order_by().values_list("day__month", "holder").annotate(n=Count("pk")):
        places += n
        holders[_rank(spans, date(whole[0].year, month, 1))].add(holder)
    # As for `_added`: what the quarters that are said leave of the year is of nobody, or of enough people.
    apart = sum(n for n in measures if n < small_counts.K_JUDICIAL)
    alone = set[UUID]().union(*(each for each in holders if len(each) < K))
    says_hours = sum(measures) >= small_counts.K_JUDICIAL and (not apart or apart >= small_counts.K_JUDICIAL)
    says_places = not places or (len(set[UUID]().union(*holders)) >= K and (not alone or len(alone) >= K))
    return hours // 10 * 10 if says_hours else None, places if says_places else None, posts


def _pupils_live(territory_id: UUID, first: date, last: date) -> int | None:
    """Return the half-days that pupils came to; None once the records of that school year are gone, or of few pupils."""
    if "exclusions" not in settings.SUBJECTS or law.school_year(first) < law.school_year(localdate()):
        return None
    rows = SupportHalfDay.objects.filter(
        territory_id=territory_id, day__range=(first, last), presence__in=[str(each) for each in CAME]
    )
    found = rows.aggregate(n=Count("pk"), pupils=Count("subject_id", distinct=True))
    return found["n"] if not found["n"] or found["pupils"] >= K else None


def _pupils_ended(territory_id: UUID, school_year: int) -> int | None:
    if "exclusions" not in settings.SUBJECTS:
        return None
    rows = EndedSupport.objects.filter(territory_id=territory_id, school_year=school_year, result=Result.RECEIVED)
    found = rows.aggregate(n=Sum("half_days"), first=Count("pk", filter=Q(is_first=True)))
    # To the ten: the quarters of that school year, one of which may not be said, would give back its few pupils.
    return (found["n"] + 5) // 10 * 10 if found["first"] >= K else None if found["n"] else 0
