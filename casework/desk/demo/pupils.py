"""Three collèges, four hosts, two school years: pupils received during an exclusion, at every stage.

The year before is told to its end: its records are deleted, its anonymous lines stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from casework.casefile import calendar
from casework.desk.demo.story import Story
from casework.exclusions import law
from casework.exclusions.actions import (
    erasing,
    holding,
    houses,
    lines,
    meeting,
    notice,
    presence,
    programme,
    team,
)
from casework.exclusions.actions.holding import HoldData
from casework.exclusions.actions.houses import ConventionData, HalfDayData
from casework.exclusions.actions.notice import NoticeData
from casework.exclusions.actions.programme import Plan
from casework.exclusions.codes import Cancel, Half, HostNo, Kind, NoReturn, State, Theme
from casework.exclusions.models import CatalogueActivity, Convention, ExclusionSupport
from casework.exclusions.reads import places

SMALL = 20
WEEKDAYS = range(5)
# host lead: (who, half-days a week by weekday, places, names of activities by theme)
HOSTS: dict[str, tuple[Sequence[int], int]] = {
    "centre_lead": ((0, 1, 2, 3, 4), 4),
    "maille_lead": ((0, 1, 3, 4), 3),
    "youth_lead": ((1, 2, 3, 4), 2),
    "addap_lead": ((0, 1, 3, 4), 2),
}
EDUCATORS = {
    "centre_lead": "centre_educator", "maille_lead": "maille_lead", "youth_lead": "youth_lead", "addap_lead": "addap",
}  # fmt: skip
PAIRS: tuple[tuple[str, str, bool], ...] = (
    # school lead, host lead, accepted beforehand
    ("college", "centre_lead", True),
    ("college", "addap_lead", False),
    ("college_b", "centre_lead", False),
    ("college_b", "maille_lead", True),
    ("college_c", "maille_lead", False),
    ("college_c", "youth_lead", True),
)
ACTIVITIES: tuple[tuple[Theme, str], ...] = (
    (Theme.ACT, "Entretien : ce qui s’est passé"),
    (Theme.ACT, "Atelier « la loi, à quoi ça sert »"),
    (Theme.SELF, "Atelier d’expression, photo-langage"),
    (Theme.SELF, "Gérer sa colère"),
    (Theme.SCHOOL_WORK, "Devoirs accompagnés"),
    (Theme.RETURN, "Préparer la rencontre de retour"),
)
FEEDBACK = (
    "A bien participé, surtout aux ateliers en groupe. Demande à avoir un adulte à qui parler au collège.",
    "Présent chaque jour. Le travail de mathématiques est à reprendre avec le professeur.",
    "S’est excusé par écrit. La famille souhaite un point dans un mois.",
)
# How far each goes, days of class before (or after) today of its first day, which pair, level, half-days, kind.
NOW: tuple[tuple[str, int, int, str, int, Kind], ...] = (
    ("closed", -48, 0, "5e", 6, Kind.EXCLUSION),
    ("closed", -45, 3, "4e", 4, Kind.EXCLUSION),
    ("closed", -43, 5, "3e", 6, Kind.EXCLUSION),
    ("declined", -42, 2, "4e", 4, Kind.EXCLUSION),
    ("closed", -38, 0, "4e", 4, Kind.EXCLUSION),
    ("again", -33, 3, "4e", 6, Kind.EXCLUSION),
    ("closed", -30, 5, "6e", 4, Kind.EXCLUSION),
    ("cancelled", -28, 0, "3e", 4, Kind.EXCLUSION),
    ("closed", -25, 3, "3e", 6, Kind.EXCLUSION),
    ("alone", -22, 5, "5e", 4, Kind.EXCLUSION),
    ("closed", -18, 1, "4e", 4, Kind.RESPONSIBILITY),
    ("closed", -14, 0, "3e", 6, Kind.EXCLUSION),
    ("return", -9, 3, "5e", 6, Kind.EXCLUSION),
    ("met", -8, 0, "4e", 4, Kind.EXCLUSION),
    ("hosted", -1, 0, "3e", 8, Kind.EXCLUSION),
    ("hosted", -1, 3, "4e", 6, Kind.EXCLUSION),
    ("hosted", 0, 5, "5e", 6, Kind.EXCLUSION),
    ("agreed", 3, 0, "4e", 6, Kind.EXCLUSION),
    ("agreed", 5, 4, "3e", 4, Kind.EXCLUSION),
    ("notified", 4, 2, "5e", 6, Kind.EXCLUSION),
    ("accepted", 4, 3, "6e", 4, Kind.EXCLUSION),
    ("held", 6, 5, "4e", 4, Kind.EXCLUSION),
    ("asked", 7, 1, "3e", 4, Kind.EXCLUSION),
    ("refused", 5, 4, "4e", 4, Kind.EXCLUSION),
    ("precaution", 2, 0, "3e", 2, Kind.PRECAUTIONARY),
)
BEFORE = 24


@dataclass
class _Case:
    """One reception being told."""

    story: Story
    school: str
    host: str
    first: date
    last: date
    row: ExclusionSupport

    def act(self, who: str, day: date, do: Callable[..., Any], *, hour: int = 10, **given: Any) -> None:
        """Carry out one act at a moment; the row is read again before and after."""
        now = self.story.at(day, hour)
        self.fresh()
        with self.story.moment(who, now) as viewer:
            do(by=viewer, support=self.row, now=now, **given)
        self.fresh()

    def fresh(self) -> None:
        rows = ExclusionSupport.objects.select_related("organisation", "host", "convention", "territory")
        self.row = rows.get(pk=self.row.pk)


@dataclass
class _Frame:
    """What every reception is told from: conventions, days of class, the last pupil of each school and year."""

    story: Story
    signed: Sequence[Convention]
    days: places.Calendar
    last: dict[tuple[str, int], tuple[NoticeData, UUID]] = field(default_factory=dict)


def tell(story: Story, size: int) -> None:
    """Tell them, each through the same acts as on screen."""
    days = places.calendar_of(story.town.territory.pk)
    year = law.school_year(story.today)
    frame = _Frame(story, _sign(story), days)
    if size > SMALL:
        _year_before(frame, year - 1)
    _announce(story, story.today - timedelta(days=150), weeks=40)
    for stage, away, pair, level, n, kind in NOW if size > SMALL else NOW[10:]:
        first = _class_day(story.today, away, days)
        if law.school_year(first) == year:
            _tell(frame, stage, first, pair, level, n, kind)
    with story.moment("college_c", story.at(story.today, 8)) as viewer:
        houses.wait(
            by=viewer, kind=Kind.EXCLUSION, level="5e", starts_on=story.today, now=story.at(story.today, 8),
            ends_on=min(story.today + timedelta(days=4), law.year_end(year)),
        )  # fmt: skip


def _sign(story: Story) -> list[Convention]:
    """Let each pair sign a convention of two school years, and each host fill its catalogue."""
    day = story.today - timedelta(days=400)
    found = []
    for school, host, at_once in PAIRS:
        now = story.at(day, 9)
        data = ConventionData(
            other=story.town.mandates[host].organisation_id, signed_on=day, starts_on=day,
            ends_on=story.today + timedelta(days=330), kinds=list(Kind.values), themes=list(Theme.values), places=3,
            accepts_at_once=at_once,
            contacts={
                "school_contact": "Vie scolaire", "school_phone": "04 65 71 21 10",
                "school_email": f"viescolaire.{school}@miramont.example", "host_contact": "Accueil",
                "host_phone": "04 65 71 22 10", "host_email": f"accueil.{host}@miramont.example",
            },
        )  # fmt: skip
        with story.moment(school, now) as viewer:
            row = houses.propose(by=viewer, data=data, now=now)
        with story.moment(host, story.at(day, 15)) as viewer:
            houses.confirm(by=viewer, convention=row, now=story.at(day, 15), expected=None)
        found.append(Convention.objects.select_related("school", "host").get(pk=row.pk))
    for host in HOSTS:
        with story.moment(host, story.at(day, 16)) as viewer:
            for theme, name in ACTIVITIES:
                houses.add_activity(by=viewer, theme=theme, name=name, now=story.at(day, 16))
    return found


def _announce(story: Story, since: date, weeks: int) -> None:
    """Let each host announce its weeks."""
    monday = since - timedelta(days=since.weekday()) + timedelta(days=7)
    for host, (weekdays, free) in HOSTS.items():
        week = [
            HalfDayData(
                weekday=day, half=half, starts_at=time(9) if half == Half.MORNING else time(14),
                ends_at=time(12) if half == Half.MORNING else time(16, 30), places=free,
            )
            for day in weekdays
            for half in Half
        ]  # fmt: skip
        now = story.at(since, 9)
        with story.moment(host, now) as viewer:
            houses.announce(by=viewer, monday=monday, weeks=weeks, half_days=week, now=now)


def _year_before(frame: _Frame, year: int) -> None:
    """Tell the year before, what its schools said in June, and its end."""
    story, days = frame.story, frame.days
    start = max(date(year, 10, 1), story.today - timedelta(days=390))
    end = date(year + 1, 6, 5)
    _announce(story, start, weeks=min(40, (end - start).days // 7))
    step = max(1, ((end - start).days - 30) // BEFORE)
    for number in range(BEFORE):
        first = _class_day(start + timedelta(days=14 + step * number), 0, days)
        stage = "declined" if number % 11 == 10 else "alone" if number % 6 == 5 else "closed"
        pair = (0, 3, 5)[number % 3]
        _tell(frame, stage, first, pair, ("5e", "4e", "3e")[number % 3], 4, Kind.EXCLUSION)
    june = date(year + 1, 6, 20)
    asked = ExclusionSupport.objects.filter(school_year=year, state=State.CLOSED, since="")
    schools = {story.town.mandates[key].organisation_id: key for key in ("college", "college_b", "college_c")}
    for number, row in enumerate(asked.order_by("held_at", "pk")):
        with story.moment(schools[row.organisation_id], story.at(june, 11)) as viewer:
            said = "yes" if number % 4 == 3 else "no"
            notice.say_since(by=viewer, support_id=row.pk, answer=said, now=story.at(june, 11))
    erasing.erase_over(story.at(date(year + 1, 8, 1), 3))
    lines.write_lines(story.at(date(year + 1, 9, 1), 3))


def _tell(frame: _Frame, stage: str, first: date, pair: int, level: str, n: int, kind: Kind) -> None:
    story = frame.story
    school, host, _ = PAIRS[pair]
    convention = frame.signed[pair]
    offered = places.places([convention], kind, first, first + timedelta(days=10), frame.days)[convention.pk]
    free = [each for each in offered if each.free][:n]
    if len(free) < n:
        return
    first, last = free[0].day, free[-1].day
    decided = calendar.add_working_days(min(first, story.today), -2)
    if stage in ("held", "asked"):
        decided = story.today
    child = story.inventor.person()
    openings: list[UUID] = [each.id for each in free]
    hold = HoldData(convention=convention.pk, kind=kind, level=level, half_days=openings)
    data = NoticeData(
        last_name=child.last_name, first_name=child.first_name, starts_on=first, ends_on=last, decided_on=decided,
        procedure_on=None if kind == Kind.PRECAUTIONARY else calendar.add_working_days(decided, -4),
        reason="" if kind == Kind.PRECAUTIONARY else ("insult", "violence", "damage", "absence", "other")[first.day % 5],
        parent=f"Mme {child.last_name}", phone="06 39 98 00 31",
    )  # fmt: skip
    now = story.at(decided, 9)
    with story.moment(school, now) as viewer:
        row = holding.hold(by=viewer, data=hold, now=now)
        if stage not in ("held", "asked"):
            if stage == "again":
                data = _as_before(frame, data, school)
            notice.notify(by=viewer, support=row, data=data, now=now, expected=None)
            if stage == "closed":
                frame.last[school, law.school_year(first)] = data, row.pk
    case = _Case(story, school, host, first, last, row)
    case.fresh()
    _go_on(case, stage, decided)


def _as_before(frame: _Frame, data: NoticeData, school: str) -> NoticeData:
    """Name the last pupil of this school again, if there is one this year."""
    found = frame.last.get((school, law.school_year(data.starts_on)))
    if found is None:
        return data
    earlier, pk = found
    return replace(data, last_name=earlier.last_name, first_name=earlier.first_name, same_as=pk)


def _go_on(case: _Case, stage: str, decided: date) -> None:
    if stage in ("held", "asked", "notified"):
        return
    if stage == "refused":
        case.act(case.host, decided, holding.answer, hour=11, accepts=False, reason=HostNo.FULL)
        return
    if case.row.host_accepted_at is None:
        case.act(case.host, decided, holding.answer, hour=11, accepts=True)
    if stage == "accepted":
        return
    next_day = calendar.add_working_days(decided, 1)
    if stage == "declined":
        case.act(
            case.school, next_day, notice.record_family, party="parents", answer="refused", said_on=next_day,
            copy_given_on=None, expected=None,
        )  # fmt: skip
        return
    case.act(
        case.school, next_day, notice.record_family, party="both", answer="agreed", said_on=next_day,
        copy_given_on=next_day, expected=None,
    )  # fmt: skip
    if stage == "cancelled":
        case.act(case.school, next_day, notice.cancel, hour=16, reason=Cancel.LIFTED, expected=None)
        return
    educator = case.story.town.mandates[EDUCATORS[case.host]]
    case.act(case.host, next_day, team.name_educator, hour=14, mandate_id=educator.pk, expected=None)
    _plan(case, next_day, educator.pk)
    if stage == "agreed" or not _attend(case) or stage in ("hosted", "precaution"):
        return
    _return(case, stage)


def _plan(case: _Case, day: date, leader: UUID) -> None:
    """Fill the half-days with the four themes, in order."""
    allowed = {theme.value for theme in programme.themes(case.row)}
    offered = [
        row for row in CatalogueActivity.objects.filter(host_id=case.row.host_id).order_by("theme", "name")
        if row.theme in allowed
    ]  # fmt: skip
    halves = list(case.row.half_days.order_by("day", "half"))
    order = [offered[number % len(offered)] for number in range(len(halves))]
    plans = {
        half.pk: Plan(theme=activity.theme, activity=activity.pk, leader=leader)
        for half, activity in zip(halves, order, strict=True)
    }
    case.act(case.host, day, programme.arrange, hour=15, plans=plans)


def _attend(case: _Case) -> bool:
    """Write the presences of the half-days that are over; say whether the pupil came."""
    came = False
    today = case.story.today
    for number, half in enumerate(case.row.half_days.select_related("support").order_by("day", "half")):
        if half.day > today or (half.day == today and half.half == Half.AFTERNOON):
            break
        now = case.story.at(half.day, 9 if half.half == Half.MORNING else 14, 10)
        said = "late" if number == 2 else "excused" if number == 3 and case.first.day % 4 == 0 else "present"
        case.fresh()
        half.support = case.row
        with case.story.moment(case.host, now) as viewer:
            presence.record(by=viewer, half_day=half, presence=said, now=now, expected=None)
        came = True
    case.fresh()
    return came


def _return(case: _Case, stage: str) -> None:
    """Plan, hold and close the return meeting, or close without."""
    day = min(calendar.add_working_days(case.last, 1), case.story.today)
    if stage == "alone":
        case.act(case.host, day, meeting.close_without, reason=NoReturn.FAMILY_AWAY, expected=None)
        return
    who = ["pupil", "parents", "cpe", "host"]
    if stage == "return":
        day = calendar.add_working_days(case.story.today, 1)
        case.act(
            case.school, case.story.today, meeting.plan, return_at=case.story.at(day, 17), attendees=who, expected=None
        )
        return
    case.act(case.school, day, meeting.hold, held_on=day, attendees=who, expected=None)
    if stage == "met":
        return
    said = FEEDBACK[case.first.day % len(FEEDBACK)]
    case.act(
        case.host, day, meeting.conclude, hour=17, agreed=["tutor", "homework"], feedback=said, family_read=True,
        expected=None,
    )  # fmt: skip
    if case.row.state != State.CLOSED:
        case.act(case.host, day, meeting.close, hour=18, expected=None)


def _class_day(day: date, away: int, days: places.Calendar) -> date:
    """Return the day of class `away` days of class from `day` on, before it where negative."""
    step = timedelta(days=1 if away >= 0 else -1)
    left = abs(away)
    for _ in range(400):
        if days.is_school_day(day):
            if not left:
                return day
            left -= 1
        day += step
    return day
