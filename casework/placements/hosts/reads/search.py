"""Find a post: those that fit what is asked, each with why; and those that do not, each with why not.

Constant queries whatever the number of posts and weeks. What is asked is said in codes: nothing here knows a person,
and nobody gets a score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile.calendar import public_holidays
from casework.partners.models import Territory
from casework.placements.hosts import facts
from casework.placements.hosts.codes import (
    AccreditationState,
    AccreditedFor,
    Audience,
    BookingState,
    Half,
    LegalKind,
    PostNeed,
    PostRisk,
    PostState,
)
from casework.placements.hosts.models import Accreditation, Booking, Post, PostHalfDay
from casework.placements.hosts.reads import calendar

HalfDay = tuple[int, Half]
DEFAULT_WEEKS = 26


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What is asked of a post, in codes. Whatever is left empty asks nothing.

    `half_days`: (weekday, half) when one is free; `limits`: what the work must not ask; `away`: hosts and sectors to
    keep away from; `minutes`: how long to do between `starts_on` and `ends_on` (by default, today and 26 weeks later).
    """

    half_days: frozenset[HalfDay] = frozenset()
    sector: UUID | None = None
    activity: UUID | None = None
    audience: AccreditedFor | None = None
    limits: frozenset[str] = frozenset()
    away: frozenset[UUID] = frozenset()
    collective: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    minutes: int = 0

    def span(self, now: datetime) -> tuple[date, date]:
        """Return the first and last day looked at; never before today."""
        start = max(self.starts_on or localdate(now), localdate(now))
        return start, max(self.ends_on or start + timedelta(weeks=DEFAULT_WEEKS) - timedelta(days=1), start)


@dataclass(frozen=True, kw_only=True)
class PostCard:
    """What a list shows of a post."""

    id: UUID
    reference: str
    nature: str
    host_id: UUID
    host_name: str
    activity: str
    sector: str
    sector_id: UUID | None
    address: str
    audience: Audience
    collective: bool
    runs_from: date | None
    runs_to: date | None
    needs: tuple[str, ...]
    risks: tuple[str, ...]
    state: PostState
    listed_adults: bool
    listed_minors: bool

    @property
    def needs_words(self) -> list[str]:
        """Return what the work asks for, in words."""
        return [fr.label(PostNeed, code, code) for code in self.needs]

    @property
    def risks_words(self) -> list[str]:
        """Return the special risks, in words: each asks for the medical exam first (ASG-05)."""
        return [fr.label(PostRisk, code, code) for code in self.risks]

    @property
    def runs_words(self) -> str:
        """Return « du 1 juin au 12 juin », empty for a post of all the year."""
        words = (("du", self.runs_from), ("au", self.runs_to))
        return " ".join(f"{word} {fr.short_day(day)}" for word, day in words if day)

    def listed_for(self, public: AccreditedFor | None) -> bool:
        """Say whether the post is open on the list of this public, of either when None."""
        if self.state != PostState.LISTED:
            return False
        if public is None:
            return self.listed_adults or self.listed_minors
        return self.listed_minors if public == AccreditedFor.MINORS else self.listed_adults


@dataclass(frozen=True, slots=True)
class FreeHalfDay:
    """One half-day of the week of a post: in how many weeks of the span it has a free place, out of how many."""

    weekday: int
    half: Half
    minutes: int
    free: int
    weeks: int
    asked: bool


@dataclass(frozen=True, kw_only=True)
class PostMatch:
    """A post, whether it fits, why and why not."""

    post: PostCard
    fits: bool
    why: list[str] = field(default_factory=list)
    why_not: list[str] = field(default_factory=list)
    half_days: tuple[FreeHalfDay, ...] = ()
    minutes: int = 0


_COLUMNS = (
    "id", "reference", "nature", "host_id", "host__name", "host__legal_kind", "activity_id", "activity__label",
    "sector_id", "sector__label", "address", "audience", "collective", "needs", "risks", "state", "listed_adults_on",
    "listed_minors_on", "runs_from", "runs_to",
)  # fmt: skip


def find(viewer: Viewer, criteria: Criteria, now: datetime) -> list[PostMatch]:
    """Return every post that `viewer` may list, those that fit first, by host and reference.

    One event tells the list. Struck off posts are left out; drafts do not fit, and say so.
    """
    rows = facts.visible_posts(viewer, now, Action.LIST).current()
    return matches(viewer, rows, criteria, now)


def matches(viewer: Viewer, rows: QuerySet[Post], criteria: Criteria, now: datetime) -> list[PostMatch]:
    """Return the match of each post of `rows`, which the caller took from `facts.visible_posts`."""
    found = list(rows.order_by("host__name", "reference").values_list(*_COLUMNS))
    if not found:
        return []
    with audit.reading(
        viewer, subjects={row[3] for row in found}, classes=[DataClass.TIG_POSTS], purpose=Purpose.LISTING,
        act=Act.LIST, module="placements", object_type="hosts.post",
    ):  # fmt: skip
        return _Matching(viewer, found, criteria, now).run()


class _Matching:
    """One search: what is asked, and what the database says of all posts at once."""

    def __init__(self, viewer: Viewer, found: Sequence[tuple], criteria: Criteria, now: datetime) -> None:  # type: ignore[type-arg]  # rows of values_list
        self.found = found
        self.asked, self.now = criteria, now
        self.start, self.end = criteria.span(now)
        self.post_ids = [row[0] for row in found]
        self.few = len(self.post_ids) <= 500
        holiday_set = Territory.objects.values_list("holiday_set", flat=True).get(pk=viewer.territory_id)
        self.days = self._open_days(holiday_set)
        self.territory_id = viewer.territory_id
        self.week = self._week()
        self.booked = self._booked()
        self.closed = self._closed()
        self.accredited = self._accredited() if criteria.audience else frozenset()

    def run(self) -> list[PostMatch]:
        """Judge every post."""
        judged = [self._judge(row) for row in self.found]
        return sorted(judged, key=lambda match: not match.fits)  # stable: host and reference inside

    def _here(self) -> dict[str, object]:
        """Name the posts one by one when they are few, else by their territory: the rest is dropped in memory."""
        return {"post_id__in": self.post_ids} if self.few else {"territory_id": self.territory_id}

    def _open_days(self, holiday_set: str) -> Mapping[int, list[date]]:
        days: dict[int, list[date]] = {weekday: [] for weekday in range(7)}
        for day in calendar.each_day(self.start, self.end):
            if day not in public_holidays(day.year, holiday_set):
                days[day.weekday()].append(day)
        return days

    def _week(self) -> Mapping[UUID, list[tuple[int, str, int, int]]]:
        week: dict[UUID, list[tuple[int, str, int, int]]] = defaultdict(list)
        rows = PostHalfDay.objects.filter(**self._here()).order_by("weekday", "half")
        for post_id, weekday, half, starts, ends, places in rows.values_list(
            "post_id", "weekday", "half", "starts_at", "ends_at", "places"
        ):
            minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
            week[post_id].append((weekday, half, minutes, places))
        return week

    def _booked(self) -> Mapping[tuple[UUID, str], dict[date, int]]:
        booked: dict[tuple[UUID, str], dict[date, int]] = defaultdict(dict)
        rows = Booking.objects.filter(**self._here(), day__range=(self.start, self.end)).order_by()
        rows = rows.exclude(state=BookingState.RESERVED, until__lte=self.now)
        for post_id, half, day, n in rows.values_list("post_id", "half", "day").annotate(n=Count("*")):
            booked[post_id, half][day] = n
        return booked

    def _closed(self) -> Mapping[tuple[UUID, str], dict[date, int]]:
        closed: dict[tuple[UUID, str], dict[date, int]] = defaultdict(dict)
        for post_id, first, last, half, places in calendar.periods_of(self._here(), self.start, self.end):
            for day in calendar.each_day(max(first, self.start), min(last, self.end)):
                for each in (half,) if half else Half.values:
                    held = closed[post_id, each]
                    held[day] = held.get(day, 0) + (calendar.ALL if places is None else places)
        return closed

    def _accredited(self) -> frozenset[UUID]:
        """Return the hosts with an accreditation for this public on the first day (HOST-02, HOST-04)."""
        rows = Accreditation.objects.filter(
            territory_id=self.territory_id, audience=self.asked.audience, state=AccreditationState.GRANTED,
            decided_on__lte=self.start, expires_on__gte=self.start,
        )  # fmt: skip
        return frozenset(rows.values_list("host_id", flat=True))

    def _judge(self, row: tuple) -> PostMatch:  # type: ignore[type-arg]  # a row of values_list
        (pk, reference, nature, host_id, host_name, legal_kind, activity_id, activity, sector_id, sector, address,
         audience, collective, needs, risks, state, adults_on, minors_on, runs_from, runs_to) = row  # fmt: skip
        post = PostCard(
            id=pk, reference=reference, nature=nature, host_id=host_id, host_name=host_name, activity=activity,
            sector=sector or "", sector_id=sector_id, address=address, audience=Audience(audience),
            collective=collective, needs=tuple(needs), risks=tuple(risks), state=PostState(state),
            listed_adults=adults_on is not None, listed_minors=minors_on is not None,
            runs_from=runs_from, runs_to=runs_to,
        )  # fmt: skip
        half_days = self._half_days(post)
        minutes = sum(each.free * each.minutes for each in half_days if each.asked)
        why: list[str] = []
        why_not: list[str] = []
        self._listing(post, legal_kind == LegalKind.PUBLIC or host_id in self.accredited, why, why_not)
        self._work(post, activity_id, why, why_not)
        self._time(half_days, minutes, why, why_not)
        return PostMatch(post=post, fits=not why_not, why=why, why_not=why_not, half_days=half_days, minutes=minutes)

    def _half_days(self, post: PostCard) -> tuple[FreeHalfDay, ...]:
        found = []
        post_id, open_days = post.id, self._open
        dated = post.runs_from is not None or post.runs_to is not None
        if dated:
            open_days = frozenset(day for day in open_days if calendar.takes_place(day, post.runs_from, post.runs_to))
        for weekday, half, minutes, places in self.week.get(post_id, ()):
            days = self.days[weekday]
            if dated:
                days = [day for day in days if day in open_days]
            booked = self.booked.get((post_id, half), _NONE)
            closed = self.closed.get((post_id, half), _NONE)
            full = 0
            if booked or closed:
                full = sum(
                    booked.get(day, 0) + closed.get(day, 0) >= places
                    for day in (booked if not closed else {*booked, *closed})
                    if day.weekday() == weekday and day in open_days
                )
            asked = not self.asked.half_days or (weekday, half) in self.asked.half_days
            found.append(FreeHalfDay(weekday, Half(half), minutes, len(days) - full, len(days), asked))
        return tuple(found)

    @property
    def _open(self) -> frozenset[date]:
        if not hasattr(self, "_open_set"):
            self._open_set = frozenset(day for days in self.days.values() for day in days)
        return self._open_set

    def _listing(self, post: PostCard, accredited: bool, why: list[str], why_not: list[str]) -> None:
        public = self.asked.audience
        if post.state != PostState.LISTED:
            why_not.append(f"Poste {post.state.label}" if post.state != PostState.DRAFT else "Poste pas encore inscrit")
        elif not post.listed_for(public):
            why_not.append(
                f"Pas inscrit pour les {public.label.split(' ')[0]}" if public else "Poste pas encore inscrit"
            )
        elif public:
            why.append(f"Inscrit pour les {public.label.split(' ')[0]}")
        if public and not accredited:
            why_not.append("Habilitation de la structure absente ou expirée")

    def _work(self, post: PostCard, activity_id: UUID, why: list[str], why_not: list[str]) -> None:
        asked = self.asked
        if asked.sector:
            same = post.sector_id == asked.sector
            (why if same else why_not).append(f"Secteur : {post.sector}" if same else _other_sector(post))
        if asked.activity:
            same = activity_id == asked.activity
            (why if same else why_not).append(f"Activité : {post.activity}")
        clash = [code for code in post.needs if code in asked.limits]
        if clash:
            why_not.append("Le travail demande : " + ", ".join(fr.label(PostNeed, code, code) for code in clash))
        elif asked.limits:
            why.append("Rien de ce que la personne ne peut pas faire")
        if asked.away:
            off = [
                name
                for key, name in ((post.host_id, post.host_name), (post.sector_id, post.sector))
                if key in asked.away
            ]
            (why_not if off else why).append("Lieu à éviter : " + ", ".join(off) if off else "Hors des lieux à éviter")
        if post.collective:
            most = max((places for _, _, _, places in self.week.get(post.id, ())), default=0)
            why.append("Activité de groupe" + (f", jusqu’à {most} ensemble" if most > 1 else ""))
        elif asked.collective:
            why_not.append("Pas une activité de groupe")
        if post.runs_words:
            why.append(f"A lieu {post.runs_words}")
        if post.risks:
            why.append("Examen médical d’abord : " + ", ".join(post.risks_words))

    def _time(self, half_days: Sequence[FreeHalfDay], minutes: int, why: list[str], why_not: list[str]) -> None:
        free = [each for each in half_days if each.asked and each.free]
        until = fr.short_day(self.end)
        if not free:
            opened = any(each.asked for each in half_days)
            why_not.append(
                f"Aucune place libre d’ici le {until} sur ces demi-journées" if opened
                else "N’accueille pas sur ces demi-journées"
            )  # fmt: skip
        elif minutes < self.asked.minutes:
            why_not.append(
                f"{fr.duration(minutes)} possibles d’ici le {until}, pour {fr.duration(self.asked.minutes)} à faire"
            )
        else:
            halves = [f"{fr.WEEKDAYS[each.weekday]} {each.half.label}" for each in free]
            why.append("Places libres : " + ", ".join(halves[:4]) + ("…" if len(halves) > 4 else ""))


_NONE: dict[date, int] = {}


def _other_sector(post: PostCard) -> str:
    return f"Autre secteur : {post.sector}" if post.sector else "Secteur non précisé"
