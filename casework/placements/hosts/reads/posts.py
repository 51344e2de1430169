"""One post for its page: what it is, where it stands, its calendar of twelve months."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.casefile.calendar import public_holidays
from casework.placements.hosts import facts
from casework.placements.hosts.codes import LISTS_FOR, Audience, Half, OutReason, PostNeed, PostRisk, PostState
from casework.placements.hosts.data import HalfDayData
from casework.placements.hosts.models import OutOfUse, Post, PostHalfDay
from casework.placements.hosts.reads import calendar
from casework.placements.hosts.reads.calendar import Places
from casework.placements.hosts.states import LISTING_WAIT, POST
from casework.sealing import sweep

MONTHS = 12
NEXT_GROUPS = 8  # half-days of a group shown beforehand
STATE_KINDS = {
    PostState.DRAFT: "info", PostState.OPINIONS_ASKED: "wait", PostState.LISTED: "ok", PostState.SUSPENDED: "late",
    PostState.STRUCK_OFF: "off",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One half-day of the calendar. `kind`: free, reserved, used, out, off (nothing offered), past."""

    half: str
    kind: str
    short: str
    words: str


@dataclass(frozen=True)
class Day:
    """One day of the calendar, both halves; None where the month has no such day."""

    number: int
    holiday: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Month:
    """One month: weeks of seven days, empty where another month begins."""

    label: str
    weeks: tuple[tuple[Day | None, ...], ...]
    free: int


@dataclass(frozen=True, kw_only=True)
class Period:
    """A period out of use to come or under way."""

    id: UUID
    starts_on: date
    ends_on: date
    half: str
    places: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class GroupDay:
    """One coming half-day of a group activity: how many are expected, asked for, of how many."""

    day: date
    half: str
    expected: int
    asked: int
    size: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act offered on the page."""

    slug: str
    label: str
    primary: bool = False
    danger: bool = False
    asks: bool = True  # a page with a form; else one click


@dataclass(frozen=True, kw_only=True)
class PostPage:
    """What the page of a post shows."""

    id: UUID
    revision: int
    reference: str
    nature: str
    host_id: UUID
    host_name: str
    activity: str
    sector: str
    audience: str
    collective: bool
    group: tuple[GroupDay, ...]
    runs_from: date | None
    runs_to: date | None
    needs: tuple[str, ...]
    risks: tuple[str, ...]
    address: str
    method: str
    access_note: str
    managers: tuple[str, ...]
    managers_words: str
    may_name: bool
    tig360_number: str
    tig360_read_on: date | None
    state_label: str
    state_kind: str
    suspended: str
    opinions_asked_on: date | None
    opinions_received_on: date | None
    listing_from: date | None
    council_consulted_on: date | None
    strike_opinions_asked_on: date | None
    listed_adults_on: date | None
    listed_minors_on: date | None
    week: tuple[HalfDayData, ...]
    periods: tuple[Period, ...]
    months: tuple[Month, ...]
    totals: Places
    acts: tuple[Act, ...]
    may_change: bool


def page(viewer: Viewer, post: Post, now: datetime) -> PostPage:
    """Return the page of a post that `facts.find_post` found, opened under the read gate."""
    today = localdate(now)
    relation = facts.post_relation(viewer, post, now)
    managers, named = list(post.managers.filter(left_on=None)), facts.names_tutors(viewer)
    may_change = relation.allows(viewer, Action.CHANGE, DataClass.TIG_POSTS, now)
    with audit.reading(
        viewer, subjects=[post.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW,
        module="placements", object_type="hosts.post", object_ids=[post.pk],
    ):  # fmt: skip
        sweep.open_many([post], "method", "access_note")
        sweep.open_many(managers if named else [], "name")
        method, access_note = post.method or "", post.access_note or ""
        names = tuple(sorted(each.name or "" for each in managers)) if named else ()
    start, end = today.replace(day=1), _last_day(today)
    places = calendar.places([post.pk], start, end, now=now)[post.pk]
    rows = OutOfUse.objects.filter(post=post, ends_on__gte=today)
    suspended = ""
    if post.state == PostState.SUSPENDED and post.suspended_on:
        suspended = f"par {post.get_suspended_by_display()} le {fr.long_date(post.suspended_on)} : {post.get_suspend_reason_display()}"
    return PostPage(
        id=post.pk, revision=post.revision, reference=post.reference, nature=post.nature, host_id=post.host_id,
        host_name=post.host.name, activity=post.activity.label, sector=post.sector.label if post.sector else "",
        audience=Audience(post.audience).label, collective=post.collective,
        group=_group(places, today) if post.collective else (), runs_from=post.runs_from, runs_to=post.runs_to,
        needs=tuple(fr.label(PostNeed, code, code) for code in post.needs),
        risks=tuple(fr.label(PostRisk, code, code) for code in post.risks), address=post.address, method=method,
        access_note=access_note, managers=names,
        managers_words=fr.plural(len(managers), "désigné") if managers else "à désigner", may_name=may_change and named,
        tig360_number=post.tig360_number, tig360_read_on=post.tig360_read_on,
        state_label=PostState(post.state).label, state_kind=STATE_KINDS[PostState(post.state)], suspended=suspended,
        opinions_asked_on=post.opinions_asked_on, opinions_received_on=post.opinions_received_on,
        listing_from=post.opinions_asked_on + LISTING_WAIT if post.opinions_asked_on else None,
        council_consulted_on=post.council_consulted_on, strike_opinions_asked_on=post.strike_opinions_asked_on,
        listed_adults_on=post.listed_adults_on, listed_minors_on=post.listed_minors_on, week=week(post.pk),
        periods=tuple(
            Period(
                id=row.pk, starts_on=row.starts_on, ends_on=row.ends_on, half=fr.label(Half, row.half), places=row.places,
                reason=fr.label(OutReason, row.reason),
            )
            for row in rows
        ),
        months=_months(places, today, post.territory.holiday_set),
        totals=_sum(each for (day, _), each in places.items() if day >= today),
        acts=acts(viewer, post, relation, now),
        may_change=may_change,
    )  # fmt: skip


def _group(places: Mapping[calendar.Slot, Places], today: date) -> tuple[GroupDay, ...]:
    """Return the next half-days of a group activity, with how many are expected: counts, nobody."""
    coming = sorted((slot, each) for slot, each in places.items() if slot[0] >= today and each.capacity)
    return tuple(
        GroupDay(
            day=day, half=half.label, expected=each.used, asked=each.reserved,
            size=each.capacity - each.out_of_use, free=each.free,
        )
        for (day, half), each in coming if each.capacity > each.out_of_use
    )[:NEXT_GROUPS]  # fmt: skip


def week(post_id: UUID) -> tuple[HalfDayData, ...]:
    """Return the half-days on which a post receives."""
    return tuple(
        HalfDayData(
            weekday=row.weekday, half=Half(row.half), starts_at=row.starts_at, ends_at=row.ends_at, places=row.places
        )
        for row in PostHalfDay.objects.filter(post_id=post_id)
    )


# What each act is called in an address: the state it leads to, or nothing when the state stays.
SLUGS = {
    "ask_opinions": "avis", "list": "inscrire", "list_too": "inscrire", "suspend": "suspendre", "resume": "rouvrir",
    "strike_off": "radier", "drop": "radier",
}  # fmt: skip


def acts(viewer: Viewer, post: Post, relation: facts.Relation, now: datetime) -> tuple[Act, ...]:
    """Return the acts that this page offers; each action still asks decide() and the table of states."""
    if not relation.allows(viewer, Action.MOVE, DataClass.TIG_POSTS, now):
        return ()
    found = []
    manages = relation.allows(viewer, Action.MANAGE, DataClass.TIG_POSTS, now)
    offered = [move.name for _, move in POST.offered(post.state, viewer.role)]
    waits = post.state == PostState.OPINIONS_ASKED and post.opinions_received_on is None
    strikes = post.strike_opinions_asked_on is not None
    if "strike_off" in offered and not strikes:
        offered = [name for name in offered if name != "strike_off"]
        found.append(Act(slug="demander-radiation", label="Demander la radiation", danger=True, asks=False))
    if viewer.role in LISTS_FOR and (waits or (strikes and post.strike_opinions_received_on is None)):
        found.append(Act(slug="avis-recus", label="Avis reçus", asks=False))
    if manages and post.state == PostState.OPINIONS_ASKED and post.council_consulted_on is None:
        found.append(Act(slug="clspd", label="CLSPD consulté", asks=False))
    for _, move in POST.offered(post.state, viewer.role):
        if move.name not in offered or (move.name == "list_too" and not _other_public(post, viewer)):
            continue
        found.append(
            Act(
                slug=SLUGS[move.name], label=move.label.capitalize(), primary=move.name in ("ask_opinions", "list", "list_too"),
                danger=move.name in ("strike_off", "drop"), asks=move.name in ("suspend", "strike_off", "drop"),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda act: (not act.primary, act.danger)))


def _other_public(post: Post, viewer: Viewer) -> bool:
    """Say whether the post could enter the list of the public that this viewer answers for, and is not on it."""
    public = LISTS_FOR.get(viewer.role)
    return public is not None and post.audience == Audience.BOTH and post.listed_on(public) is None


# The calendar


def _last_day(today: date) -> date:
    year, month = today.year + (today.month + MONTHS - 2) // 12, (today.month + MONTHS - 2) % 12 + 1
    return date(year, month, months.monthrange(year, month)[1])


def _months(places: Mapping[calendar.Slot, Places], today: date, holiday_set: str) -> tuple[Month, ...]:
    found = []
    for n in range(MONTHS):
        year, month = today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1
        weeks = [
            tuple(_day(day, month, places, today, holiday_set) for day in week)
            for week in months.Calendar().monthdatescalendar(year, month)
        ]
        free = sum(
            each.free for (day, _), each in places.items() if (day.year, day.month) == (year, month) and day >= today
        )
        found.append(Month(fr.month(date(year, month, 1)), tuple(weeks), free))
    return tuple(found)


def _day(day: date, month: int, places: Mapping[calendar.Slot, Places], today: date, holiday_set: str) -> Day | None:
    if day.month != month:
        return None
    holiday = day in public_holidays(day.year, holiday_set)
    return Day(day.day, holiday, tuple(cell(half, places.get((day, half)), past=day < today) for half in Half))


def cell(half: Half, found: Places | None, *, past: bool = False) -> Cell:
    """Return how one half-day is drawn: by a sign first, by a colour last."""
    if found is None:
        return Cell(half.value, "off", "", "")
    taken = found.reserved + found.used
    parts = [
        f"{fr.plural(found.free, 'libre')}",
        f"{fr.plural(found.reserved, 'réservée')}",
        f"{fr.plural(found.used, 'occupée')}",
    ]
    if found.out_of_use:
        parts.append(f"{found.out_of_use} hors service")
    words = f"{half.label} : {', '.join(parts)}"
    if past:
        return Cell(half.value, "past", str(found.used or ""), words)
    if found.free:
        return Cell(half.value, "free", str(found.free), words)
    if taken:
        return Cell(half.value, "reserved" if not found.used else "used", "r" if not found.used else "●", words)
    return Cell(half.value, "out", "×", words)


def _sum(each: Iterable[Places]) -> Places:
    rows = list(each)
    return Places(
        capacity=sum(row.capacity for row in rows), free=sum(row.free for row in rows),
        reserved=sum(row.reserved for row in rows), used=sum(row.used for row in rows),
        out_of_use=sum(row.out_of_use for row in rows),
    )  # fmt: skip
