"""Forty people under measure at every stage, in the hands of the association's author side.

Their names are drawn from a list of their own and their days from their own age: nothing here meets the victims' side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework.casefile.calendar import is_working_day, next_working_day
from casework.casefile.retention import months_after
from casework.desk.demo.story import Story
from casework.vif.offenders.actions import ending, follow, opening, reports, setting, templates
from casework.vif.offenders.actions.opening import OrderData, PersonData
from casework.vif.offenders.actions.reports import IncidentData
from casework.vif.offenders.codes import (
    FILLED,
    Authority,
    BreachAnswer,
    Came,
    Channel,
    CourseKind,
    CourseState,
    Frame,
    LodgingAnswer,
    Meeting,
    Outcome,
    Rating,
    ReportKind,
    Section,
    Seen,
    recipients,
)
from casework.vif.offenders.models import Measure, Report, YearCount

SUP, PRO, ALT, COM, COU = Frame.SUPERVISION, Frame.PROBATION, Frame.ALTERNATIVE, Frame.COMPOSITION, Frame.COURSE
LAST_YEAR = {
    "received.supervision": 74, "received.probation": 41, "received.alternative": 23, "received.composition": 18,
    "received.course": 16, "report.taking_charge": 118, "report.final": 97, "report.incident": 31, "report.periodic": 44,
    "report.absence": 19, "absence": 52, "course": 36, "orientation": 48, "lodging.asked": 27, "lodging.obtained": 15,
    "lodging.refused": 12,
}  # fmt: skip
MINE, HIS, HERS = "apers_offender", "apers_colleague", "apers_lead"
# Who, which frame, days since the order, days from today to the hearing or the term, how far it went.
CASES: tuple[tuple[str, Frame, int, int, str], ...] = (
    (MINE, SUP, 3, 62, "received"), (MINE, SUP, 9, 75, "missed"), (HIS, ALT, 5, 120, "received"), (MINE, COU, 4, 150, "called"),
    (MINE, SUP, 12, 48, "notified"), (HIS, SUP, 14, 66, "notified"), (MINE, COM, 11, 130, "notified"),
    (MINE, SUP, 74, 11, "active"), (MINE, SUP, 60, 26, "active"), (HIS, SUP, 55, 33, "active"), (MINE, PRO, 200, 160, "active"),
    (MINE, SUP, 82, 15, "rated"), (HIS, SUP, 90, 8, "rated"), (MINE, ALT, 70, 90, "active"), (HERS, SUP, 40, 51, "active"),
    (MINE, SUP, 66, 29, "silent"), (HIS, PRO, 150, 210, "silent"), (MINE, COM, 95, 60, "housed"), (MINE, COU, 100, 60, "course"),
    (HIS, COU, 160, 20, "course"), (MINE, SUP, 50, 19, "housed"), (MINE, SUP, 30, 88, "active"), (MINE, PRO, 120, 245, "housed"),
    (MINE, SUP, 47, 22, "incident"), (HIS, SUP, 58, 37, "incident"), (MINE, SUP, 69, 41, "told"), (MINE, PRO, 180, 185, "told"),
    (MINE, SUP, 52, 57, "modified"), (HIS, SUP, 63, 44, "modified"), (MINE, SUP, 33, 70, "going_on"),
    (MINE, SUP, 97, 4, "final"), (HIS, SUP, 105, 6, "final"), (MINE, COM, 140, 30, "final"), (MINE, SUP, 110, 3, "read"),
    (MINE, SUP, 135, -14, "judged"), (HIS, SUP, 128, -21, "judged"), (MINE, ALT, 170, -5, "fulfilled"),
    (MINE, SUP, 117, -30, "revoked"), (MINE, SUP, 80, -9, "lifted"), (HERS, SUP, 88, -17, "moved"),
)  # fmt: skip
SMALL = 12  # measures of a small town, enough to meet most stages
NAMES = (
    "Ardouvin", "Bessoles", "Cazalon", "Delbourg", "Escartin", "Fontrouge", "Garbier", "Hostalrich", "Issartel", "Jouvenal",
    "Kermadec", "Lauzeral", "Marquille", "Nadauld", "Orsatelli", "Pradinas", "Quintrac", "Rascalou", "Sauvagnac", "Tourrette",
    "Ubaldini", "Vernhes", "Wattelin", "Xaintray", "Yvernault", "Zambelli", "Aouadi", "Boukhris", "Cherfaoui", "Dramane",
    "Essaïdi", "Fofanah", "Gueddari", "Houmed", "Ikhlef", "Jebali", "Kandouci", "Louati", "Mzali", "Nasraoui",
)  # fmt: skip
FIRST = (
    "Franck",
    "Mounir",
    "Stéphane",
    "Cédric",
    "Aurélie",
    "Jérôme",
    "Karim",
    "Thierry",
    "Ludovic",
    "Sabrina",
    "Olivier",
    "Rachid",
)
WANTED: dict[str, tuple[tuple[str, ...], ...]] = {
    SUP: (("summons", "contact", "home", "care"), ("reporting", "contact", "weapons"), ("summons", "contact", "home", "course")),
    PRO: (("care", "contact", "places"), ("contact", "home", "course")),
    ALT: (("home", "contact"),),
    COM: (("home", "course"),),
    COU: (("course",),),
}  # fmt: skip
ORDERED = {SUP: Authority.LIBERTY_JUDGE, PRO: Authority.SENTENCES_JUDGE, COU: Authority.COURT}
PROSE = {
    Section.SITUATION: "La personne loge chez un proche depuis la décision. Elle travaille à temps plein et perçoit un salaire régulier.",
    Section.POSITION: "La personne reconnaît une partie des faits. Elle se présente à l’heure, répond aux questions et accepte l’idée d’un travail en groupe.",
    Section.CONCLUSION: "Le suivi se déroule dans le cadre fixé. Nous restons à votre disposition.",
}  # fmt: skip


@dataclass
class _Case:
    """One measure being told."""

    story: Story
    who: str
    ordered_on: date
    row: Measure

    def on(self, days: int, hour: int = 9) -> datetime:
        """Return an instant that many days after the order, never after today."""
        return self.story.at(min(self.ordered_on + timedelta(days=days), self.story.today), hour)

    def act(self, days: int, do: Callable[..., Any], **given: Any) -> Any:
        """Carry out one act of the officer; the row is read again before and after."""
        now = self.on(days)
        self.row.refresh_from_db()
        with self.story.moment(self.who, now) as viewer:
            made = do(by=viewer, measure=self.row, now=now, **given)
        self.row.refresh_from_db()
        return made

    def on_report(self, days: int, do: Callable[..., Any], report: Report, **given: Any) -> None:
        """Carry out one act on a report."""
        now = self.on(days, 11)
        report = Report.objects.get(pk=report.pk)
        self.row.refresh_from_db()
        report.measure = self.row
        with self.story.moment(self.who, now) as viewer:
            do(by=viewer, report=report, now=now, **given)
        self.row.refresh_from_db()

    @property
    def age(self) -> int:
        """Days from the order to today."""
        return (self.story.today - self.ordered_on).days


def tell(story: Story, size: int) -> None:
    """Tell them, each through the same acts as on screen."""
    opened = story.at(story.today - timedelta(days=210), 9)
    with story.moment(HERS, opened) as viewer:
        setting.decide(by=viewer, silence_days=30, second_reader=False, now=opened)
        templates.write(
            by=viewer, frame=Frame.SUPERVISION, court="", titles={}, order=[], now=opened, expected=0,
            texts={"opening": "Madame, Monsieur,", "closing": "Nous restons à votre disposition."},
        )  # fmt: skip
        # Last year's files are gone, as six months after each end: their numbers are what is left of them.
        YearCount.objects.bulk_create(
            YearCount(
                organisation_id=viewer.organisation_id, territory_id=viewer.territory_id, year=story.today.year - 1,
                what=what, n=n,
            )
            for what, n in LAST_YEAR.items()
        )  # fmt: skip
    for number, spec in enumerate(CASES if size > 3 * SMALL else CASES[:: len(CASES) // SMALL]):
        _tell(story, number, *spec)


def _tell(story: Story, number: int, who: str, frame: Frame, age: int, ahead: int, stage: str) -> None:
    ordered_on = story.today - timedelta(days=age)
    heard = frame == SUP
    limit = months_after(ordered_on, 6)
    term_on = story.today + timedelta(days=ahead)
    if frame in (ALT, COM, COU):
        term_on = min(max(term_on, ordered_on + timedelta(days=20)), limit)
    data = OrderData(
        frame=frame, ordered_on=ordered_on, term_on=term_on + timedelta(days=30) if heard else max(term_on, ordered_on + timedelta(days=60)) if frame == PRO else term_on,
        hearing_on=term_on if heard and (number % 7 or stage != "active") else None,
        obligations=WANTED[frame][number % len(WANTED[frame])], bracelet=number % 9 == 8,
        bracelet_until=term_on if number % 9 == 8 else None,
        person=PersonData(
            last_name=NAMES[number % len(NAMES)], first_name=FIRST[number % len(FIRST)],
            born_on=date(1966 + number % 34, 1 + number % 12, 1 + number % 27), phone=f"06 39 98 7{number // 10} {number % 10}4",
            address=f"{number + 3} chemin des Oliviers, Miramont", authority=ORDERED.get(frame, Authority.PROSECUTOR),
            court="Tribunal judiciaire d’Aix-en-Provence", case_mark=f"SJ {ordered_on.year}/{number + 311}",
        ),
    )  # fmt: skip
    now = story.at(ordered_on, 14)
    with story.moment(who, now) as viewer:
        row = opening.receive(by=viewer, data=data, now=now)
    case = _Case(story, who, ordered_on, Measure.objects.get(pk=row.pk))
    if stage == "received":
        return
    if stage == "called":
        case.act(1, follow.plan, kind=Meeting.FIRST, day=next_working_day(story.today + timedelta(days=3)), at=time(10))
        return
    if stage == "missed":
        _meet(case, 5, Meeting.FIRST, Came.ABSENT)
        return
    _meet(case, 6, Meeting.FIRST, Came.PRESENT)
    if stage != "notified":
        notice = case.act(8, reports.open_report, kind=ReportKind.TAKING_CHARGE)
        _send(case, 9, notice)
        _follow(case, number, silent=stage == "silent")
        _then(case, number, stage)


def _meet(case: _Case, days: int, kind: Meeting, came: Came) -> None:
    day = localdate(case.on(days))
    row = case.act(max(0, days - 3), follow.plan, kind=kind, day=day, at=time(9 + days % 8, 30))
    row.measure = case.row
    now = case.story.at(day, 18)
    with case.story.moment(case.who, now) as viewer:
        follow.record_outcome(by=viewer, appointment=row, came=came, now=now, expected=None)
    case.row.refresh_from_db()


def _follow(case: _Case, number: int, *, silent: bool) -> None:
    """Let the officer meet the person each fortnight and look at proofs; the last appointment waits for its outcome."""
    last = 20 if silent else case.age - 2
    for turn, days in enumerate(range(20, last, 14)):
        came = Came.ABSENT if (turn + number) % 5 == 4 else Came.EXCUSED if (turn + number) % 7 == 6 else Came.PRESENT
        _meet(case, days, Meeting.PHONE if turn % 4 == 3 else Meeting.FOLLOW_UP, came)
        for place, obligation in enumerate(case.row.obligations.filter(ended_on__isnull=True)[:3]):
            if (turn + place) % 2 == 0:
                seen = Seen.NOT_SEEN if (turn + place + number) % 6 == 5 else Seen.SEEN
                case.act(days, follow.note_proof, seen=seen, day=localdate(case.on(days)), obligation_id=obligation.pk)
    if case.age > 12 and not silent:
        case.act(12, follow.note_proof, seen=Seen.SEEN, day=localdate(case.on(12)))
        if number % 3 == 0:
            case.act(
                case.age - 1, follow.plan, kind=Meeting.FOLLOW_UP, day=_last_working_day(case.story.today), at=time(16)
            )
    if not silent:
        day = next_working_day(case.story.today + timedelta(days=4 + number % 9))
        case.act(case.age - 1, follow.plan, kind=Meeting.FOLLOW_UP, day=day, at=time(14, 30))


def _last_working_day(today: date) -> date:
    day = today - timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def _then(case: _Case, number: int, stage: str) -> None:
    late = case.age - 8
    if stage == "housed":
        lodging = case.act(
            10, follow.ask_lodging, asked_of="115, plateforme d’hébergement", asked_on=localdate(case.on(10))
        )
        lodging.measure, now = case.row, case.on(18)
        answer = LodgingAnswer.OBTAINED if number % 2 else LodgingAnswer.REFUSED
        with case.story.moment(case.who, now) as viewer:
            follow.answer_lodging(
                by=viewer, lodging=lodging, answer=answer, answered_on=localdate(now), now=now, expected=None
            )
        case.act(
            20, follow.orient, to="Association Passerelle, groupes de parole", sent_on=localdate(case.on(20)),
            why="Un entretien d’accueil, puis l’inscription au prochain groupe.",
        )  # fmt: skip
    if stage == "course":
        starts = localdate(case.on(60))
        course = case.act(
            30,
            follow.plan_course,
            kind=CourseKind.RESPONSIBILITY,
            starts_on=starts,
            ends_on=starts + timedelta(days=2),
            agreed=True,
        )
        if number % 2:
            course.measure, now = case.row, case.on(64)
            with case.story.moment(case.who, now) as viewer:
                follow.end_course(by=viewer, course=course, state=CourseState.DONE, now=now, expected=None)
    if stage in ("incident", "told", "modified", "going_on", "revoked"):
        _incident(case, late, stage)
    if stage in ("rated", "final", "read", "judged", "fulfilled"):
        _rate(case, late, number)
        report = case.act(late + 1, reports.open_report, kind=ReportKind.FINAL)
        case.on_report(late + 2, reports.write, report, sections=_words(ReportKind.FINAL), expected=None)
        if stage == "read":
            reader = case.story.town.mandates[HIS]
            case.on_report(late + 2, reports.ask_reading, report, reader=reader.pk, expected=None)
        if stage in ("final", "judged", "fulfilled"):
            _send(case, late + 3, report)
        if stage in ("judged", "fulfilled"):
            outcome = Outcome.FULFILLED if stage == "fulfilled" else Outcome.PROBATION
            spip = case.story.town.mandates["ressort_spip"].pk if number % 2 == 0 and stage == "judged" else None
            case.act(
                case.age - 1,
                ending.judge,
                outcome=outcome,
                closed_on=localdate(case.on(case.age - 2)),
                expected=None,
                spip=spip,
            )
    if stage in ("lifted", "moved"):
        outcome = Outcome.LIFTED if stage == "lifted" else Outcome.MOVED
        case.act(case.age - 9, ending.stop, outcome=outcome, closed_on=localdate(case.on(case.age - 10)), expected=None)
    if stage == "active" and number % 4 == 3:
        report = case.act(late, reports.open_report, kind=ReportKind.PERIODIC)
        case.on_report(late, reports.write, report, sections=_words(ReportKind.PERIODIC), expected=None)
        _send(case, late + 1, report)


def _rate(case: _Case, days: int, number: int) -> None:
    rows = list(case.row.obligations.filter(ended_on__isnull=True))
    choice = (Rating.MET, Rating.MET, Rating.PARTLY, Rating.NOT)
    case.act(days, follow.rate, ratings={row.pk: choice[(place + number) % 4] for place, row in enumerate(rows)})


def _words(kind: ReportKind) -> dict[str, str]:
    return {str(section): text for section, text in PROSE.items() if section not in FILLED}


def _incident(case: _Case, days: int, stage: str) -> None:
    data = IncidentData(
        called_at=case.on(days, 8), called_name="Mme Renoir, substitut de permanence",
        instruction="Adresser le rapport dans la journée ; convoquer de nouveau la personne.",
        what="Absence au rendez-vous", answer_by=localdate(case.on(days)) + timedelta(days=6),
        story="La personne ne s’est pas présentée, pour la deuxième fois, et n’a pas répondu au téléphone. "
        "Elle a rappelé le soir, sans donner de motif.",
    )  # fmt: skip
    report = case.act(days, reports.report_incident, data=data)
    if stage == "incident":
        return
    _send(case, days, report)
    said = {
        "modified": BreachAnswer.MODIFIED, "going_on": BreachAnswer.CONTINUE, "revoked": BreachAnswer.REVOKED,
    }.get(stage)  # fmt: skip
    if said:
        answered = localdate(case.on(days + 4))
        case.on_report(days + 5, reports.answer, report, answer=said, answered_on=answered, expected=None)


def _send(case: _Case, days: int, report: Report) -> None:
    to = recipients(case.row.frame, report.kind)[0]
    sent_on = localdate(case.on(days))
    case.on_report(
        days, reports.transmit, report, sent_on=sent_on, channel=Channel.SECURE_MAIL, recipient=to, expected=None
    )
