"""What was done in a quarter or a year, counted in acts: sessions, decisions, hours, places. Of nobody (SDC-07).

The dashboard of the quarter and the yearly evaluation read the same function. Where one act is one person (an examination, a
decision), one to four are not said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
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
from casework.minors.followups.codes import ActionResult, SchemeState
from casework.minors.followups.models import Action, SchemeStatus
from casework.minors.sessions.codes import LineKind, LineState, Presence, SessionState
from casework.minors.sessions.models import AgendaLine, GroupSession, SessionMember
from casework.placements.hosts.codes import BookingState, PostState
from casework.placements.hosts.models import Booking, Post
from casework.placements.returns.codes import Kind
from casework.placements.returns.models import EndedMeasure

K: Final = small_counts.K_PERSONS
MEAN_OF: Final = 10
"""A mean is said of ten acts or more (security.md §3.14)."""

_HELD: Final = (SessionState.CLOSED, SessionState.APPROVED)


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
    first = date(year, 3 * quarter - 2, 1)
    last = (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)
    return _of(territory_id, first, last, _pupils_live(territory_id, first, last))


def of_year(territory_id: UUID, year: int) -> Activity:
    """Return what was done in a year; half-days of pupils are those of the school year that ends in it."""
    pupils = _pupils_ended(territory_id, year - 1)
    return _of(territory_id, date(year, 1, 1), date(year, 12, 31), pupils)


def _said(n: int) -> int | None:
    """Return a number of acts of which each is one person, None from one to four: none at all tells of nobody."""
    return None if 0 < n < K else n


def _of(territory_id: UUID, first: date, last: date, pupils: int | None) -> Activity:
    start, end = start_instant(first), end_instant(last)
    where = {"territory_id": territory_id}
    held = Q(state__in=_HELD, starts_at__gte=start, starts_at__lt=end)
    sessions = list(GroupSession.objects.filter(held, **where).values_list("pk", flat=True))
    lines = dict(
        AgendaLine.objects.filter(session__in=sessions, state=LineState.DONE)
        .order_by().values_list("kind").annotate(n=Count("pk"))
    )  # fmt: skip
    taken, done, late, days = _decisions(territory_id, first, last)
    hours, used, posts = _placements(territory_id, first, last)
    return Activity(
        first=first, last=last, sessions=len(sessions), examinations=_said(lines.get(LineKind.SITUATION, 0)),
        questions=_said(lines.get(LineKind.QUESTION, 0)), decisions=_said(taken), decisions_done=_said(done),
        decisions_late=_said(late), decision_days=days, schemes=_schemes(territory_id, last),
        attendance=_attendance(sessions), tig_hours=hours, half_days_used=used, posts_listed=posts,
        pupil_half_days=pupils,
    )  # fmt: skip


def _decisions(territory_id: UUID, first: date, last: date) -> tuple[int, int, int, int | None]:
    """Return how many were taken, done, late at the end, and the mean days of those settled; two queries."""
    span, end = (first, last), min(last, localdate())
    rows = Action.objects.filter(territory_id=territory_id)
    overdue = Q(due_on__lt=end) & (Q(closed_on__isnull=True) | Q(closed_on__gt=end))
    counted = rows.aggregate(
        taken=Count("pk", filter=Q(decided_on__range=span)),
        done=Count("pk", filter=Q(closed_on__range=span, result=ActionResult.DONE)),
        late=Count("pk", filter=overdue & Q(decided_on__lte=end)),
    )
    waits = [
        (row.closed_on - row.decided_on).days
        for row in rows.filter(closed_on__range=span, result=ActionResult.DONE).only("decided_on", "closed_on")
        if row.closed_on
    ]
    mean = round(sum(waits) / len(waits)) if len(waits) >= MEAN_OF else None
    return counted["taken"], counted["done"], counted["late"], mean


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


def _placements(territory_id: UUID, first: date, last: date) -> tuple[int | None, int | None, int]:
    """Return the hours of the TIG that ended, the places taken, the posts listed today; three queries."""
    if "placements" not in settings.SUBJECTS:
        return None, None, 0
    ended = EndedMeasure.objects.filter(territory_id=territory_id, kind=Kind.TIG, month__range=(first, last))
    total = ended.aggregate(hours=Sum("hours"), n=Count("pk"))
    enough = total["n"] >= small_counts.K_JUDICIAL
    posts = Post.objects.filter(territory_id=territory_id, state=PostState.LISTED).count()
    bookings = Booking.objects.filter(
        territory_id=territory_id, state=BookingState.USED, day__range=(first, min(last, localdate()))
    )
    places = bookings.aggregate(n=Count("pk"), holders=Count("holder", distinct=True))
    used = places["n"] if not places["n"] or places["holders"] >= K else None
    return (total["hours"] or 0) // 10 * 10 if enough else None, used, posts


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
    return found["n"] if found["first"] >= K else None if found["n"] else 0
