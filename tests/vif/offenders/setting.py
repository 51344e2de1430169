"""The association's author side with a head and a colleague, and a measure at any stage of any frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile.retention import years_after
from casework.partners.codes import Role
from casework.partners.models import Agent, CharterSignature, Mandate
from casework.vif.offenders.actions import ending, follow, opening, reports
from casework.vif.offenders.actions.opening import OrderData, PersonData
from casework.vif.offenders.actions.reports import IncidentData
from casework.vif.offenders.codes import FILLED, Meeting, ReportKind, Section
from casework.vif.offenders.models import Measure, Report
from tests.people import People, at_court, viewer_of

PERSON = "Zzcanari Personne"
OFFICER = "apers_offender"
FIRST = {
    "supervision": "liberty_judge", "probation": "sentences_judge", "alternative": "prosecutor",
    "composition": "prosecutor", "course": "court",
}  # fmt: skip


@dataclass
class Setting:
    """What a test starts from."""

    people: People
    now: datetime

    def __post_init__(self) -> None:
        at_court(self.people)

    @property
    def today(self) -> date:
        return localdate(self.now)

    def viewer(self, who: str = OFFICER, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def order(self, frame: str = "supervision", **changes: Any) -> OrderData:
        """An order sixty days old; a hearing in forty days where there is one."""
        person = {
            "last_name": PERSON, "first_name": "Malik", "born_on": years_after(self.today, -34),
            "authority": FIRST[frame], "court": "Tribunal judiciaire", "case_mark": "Zzcanari repère",
            "phone": "0639980041", "address": "Zzcanari adresse",
        }  # fmt: skip
        person |= {key: changes.pop(key) for key in list(changes) if key in PersonData.__dataclass_fields__}
        wanted = {"supervision": ("contact", "care", "home"), "probation": ("care", "contact")}
        values: dict[str, Any] = {
            "frame": frame, "ordered_on": self.day(-60), "term_on": self.day(100),
            "obligations": wanted.get(frame, ("course",)), "person": PersonData(**person),
        }  # fmt: skip
        if frame == "supervision":
            values["hearing_on"] = self.day(40)
        return OrderData(**(values | changes))

    def received(self, frame: str = "supervision", who: str = OFFICER, **changes: Any) -> Measure:
        return opening.receive(by=self.viewer(who), data=self.order(frame, **changes), now=self.now)

    def meet(self, measure: Measure, kind: str = Meeting.FOLLOW_UP, came: str = "present", days: int = -50) -> Any:
        row = follow.plan(
            by=self.viewer(), measure=fresh(measure), kind=kind, day=self.day(days), at=time(9, 30), now=self.now
        )
        follow.record_outcome(by=self.viewer(), appointment=row, came=came, now=self.now, expected=None)
        row.refresh_from_db()
        return row

    def notified(self, frame: str = "supervision", **changes: Any) -> Measure:
        row = self.received(frame, **changes)
        self.meet(row, Meeting.FIRST)
        return fresh(row)

    def active(self, frame: str = "supervision", **changes: Any) -> Measure:
        row = self.notified(frame, **changes)
        follow.begin(by=self.viewer(), measure=row, now=self.now, expected=row.revision)
        return fresh(row)

    def incident(self, measure: Measure, **changes: Any) -> Report:
        values: dict[str, Any] = {
            "called_at": self.now - timedelta(minutes=20), "called_name": "Zzcanari Substitut",
            "instruction": "Zzcanari instruction", "what": "Absence", "story": "Zzcanari récit",
            "answer_by": self.day(8),
        }  # fmt: skip
        data = IncidentData(**(values | changes))
        return stored(reports.report_incident(by=self.viewer(), measure=fresh(measure), data=data, now=self.now))

    def begun(self, measure: Measure, kind: str = ReportKind.FINAL) -> Report:
        return stored(reports.open_report(by=self.viewer(), measure=fresh(measure), kind=kind, now=self.now))

    def write(self, report: Report, who: str = OFFICER, text: str = "Zzcanari prose") -> Report:
        sections = {str(each): text for each in Section if each not in FILLED}
        reports.write(
            by=self.viewer(who), report=report, sections=sections, now=self.now, expected=report.revision
        )  # fmt: skip
        return stored(report)

    def send(self, report: Report, who: str = OFFICER, **changes: Any) -> Report:
        values: dict[str, Any] = {"sent_on": self.today, "channel": "secure_mail", "recipient": "prosecutor"}
        if report.measure.frame == "probation":
            values["recipient"] = "sentences_judge"
        reports.transmit(by=self.viewer(who), report=stored(report), now=self.now, expected=None, **(values | changes))
        return stored(report)

    def rate(self, measure: Measure, rating: str = "met") -> None:
        ratings = {row.pk: rating for row in measure.obligations.filter(ended_on__isnull=True)}
        follow.rate(by=self.viewer(), measure=fresh(measure), ratings=ratings, now=self.now)

    def answered(self, report: Report, answer: str) -> Measure:
        reports.answer(
            by=self.viewer(), report=stored(report), answer=answer, answered_on=self.today, now=self.now, expected=None
        )
        return fresh(report.measure)

    def reported(self, frame: str = "supervision", **changes: Any) -> Measure:
        row = self.active(frame, **changes)
        self.rate(row)
        self.send(self.write(self.begun(row)))
        return fresh(row)

    def judged(self, frame: str = "supervision", outcome: str = "probation", **changes: Any) -> Measure:
        row = self.reported(frame)
        ending.judge(
            by=self.viewer(), measure=row, outcome=outcome, closed_on=self.today, now=self.now, expected=row.revision,
            **changes,
        )  # fmt: skip
        return fresh(row)

    def stopped(self, outcome: str = "lifted") -> Measure:
        row = self.active()
        ending.stop(
            by=self.viewer(), measure=row, outcome=outcome, closed_on=self.today, now=self.now, expected=row.revision
        )
        return fresh(row)

    def at(self, state: str) -> Measure:
        """Return a measure in one state, brought there by acts."""
        if state in ("mandated", "notified", "active"):
            return {"mandated": self.received, "notified": self.notified, "active": self.active}[state]()
        if state in ("breach_reported", "modified", "revoked"):
            report = self.incident(self.active())
            return fresh(report.measure) if state == "breach_reported" else self.answered(report, state)
        ends = {"final_report_filed": self.reported, "judged": self.judged, "lifted": self.stopped}
        return ends[state]() if state in ends else self.stopped("moved")


def build(people: People, now: datetime | None = None) -> Setting:
    """Return the setting, with a colleague and the head of the author's side beside the officer of the cast."""
    for key, first, last, lead in (
        ("measure_colleague", "Yvan", "Prieur", False),
        ("measure_lead", "Rita", "Saval", True),
    ):
        if key not in people.mandates:
            people.mandates[key] = _mandate(people, key, first, last, lead)
    return Setting(people, now or timezone.now())


def _mandate(people: People, key: str, first: str, last: str, lead: bool) -> Mandate:
    agent = Agent.objects.create_agent(f"{key}@mireval.example", first_name=first, last_name=last)
    mandate = Mandate.objects.create(
        agent=agent, organisation=people.supervision, territory=people.territory, role=Role.APERS_OFFENDER,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
        is_service_lead=lead,
    )  # fmt: skip
    CharterSignature.objects.create(charter=people.charter, mandate=mandate, signed_at=people.since)
    return mandate


def fresh(measure: Measure) -> Measure:
    """Return the measure as stored now."""
    return Measure.objects.select_related("organisation", "territory").get(pk=measure.pk)


def stored(report: Report) -> Report:
    """Return the report as stored now, with its measure."""
    row = Report.objects.get(pk=report.pk)
    row.measure = fresh(row.measure)
    return row
