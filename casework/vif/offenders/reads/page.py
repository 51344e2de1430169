"""One measure as its officer reads it, and as a prosecutor's agent does: what was ordered, done, seen, written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached
from casework.casefile import format as fr
from casework.casefile.attached import Paper
from casework.partners.models import Mandate
from casework.sealing import sweep
from casework.vif.offenders import facts, law
from casework.vif.offenders.actions import team
from casework.vif.offenders.codes import (
    ENDED,
    FOLLOWED,
    MET_WITH,
    TOLD_FROM,
    Authority,
    BreachAnswer,
    Came,
    Channel,
    CourseKind,
    CourseState,
    Frame,
    LodgingAnswer,
    Meeting,
    Need,
    Outcome,
    PaperKind,
    Rating,
    Recipient,
    ReportKind,
    ReportState,
    Seen,
    State,
)
from casework.vif.offenders.models import Measure, ObligationType, Report, ServiceSetting
from casework.vif.offenders.reads import missing


@dataclass(frozen=True, kw_only=True)
class ProofLine:
    """A proof, or a check of the address: seen or not seen, nothing else."""

    id: UUID
    day: date
    seen: str
    is_seen: bool


@dataclass(frozen=True, kw_only=True)
class ObligationLine:
    """One obligation, the article in force when it was ordered, its proofs."""

    id: UUID
    code: str
    label: str
    legal_ref: str
    need: str
    starts_on: date
    ended_on: date | None
    rating: str
    rating_code: str
    rated_on: date | None
    proofs: tuple[ProofLine, ...]

    @property
    def is_open(self) -> bool:
        """Say whether it still holds."""
        return self.ended_on is None


@dataclass(frozen=True, kw_only=True)
class AppointmentLine:
    """One appointment."""

    id: UUID
    revision: int
    kind: str
    kind_code: str
    day: date
    at: time
    came: str
    came_code: str
    is_due: bool
    is_to_come: bool
    failed: bool


@dataclass(frozen=True, kw_only=True)
class CourseLine:
    """One course."""

    id: UUID
    revision: int
    kind: str
    starts_on: date
    ends_on: date
    state: str
    state_code: str


@dataclass(frozen=True, kw_only=True)
class LodgingLine:
    """One lodging asked for."""

    id: UUID
    revision: int
    asked_of: str
    asked_on: date
    answer: str
    answered_on: date | None


@dataclass(frozen=True, kw_only=True)
class OrientationLine:
    """One orientation by letter."""

    id: UUID
    to: str
    why: str
    sent_on: date


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One report, without its prose."""

    id: UUID
    kind: str
    kind_code: str
    state: str
    state_code: str
    opened_on: date
    sent_on: date | None
    channel: str
    recipient: str
    called_at: datetime | None
    answer_by: date | None
    answered_on: date | None
    answer: str

    @property
    def is_sent(self) -> bool:
        """Say whether it has left."""
        return self.state_code == ReportState.TRANSMITTED

    @property
    def waits_for_answer(self) -> bool:
        """Say whether the magistrate's answer to an incident is awaited."""
        return self.kind_code == ReportKind.INCIDENT and self.answered_on is None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One measure, opened."""

    id: UUID
    subject_id: UUID
    revision: int
    reference: str
    frame: Frame
    state: State
    last_name: str
    first_name: str
    born_on: date | None
    phone: str
    address: str
    email: str
    authority: str
    authority_code: str
    court: str
    magistrate: str
    case_mark: str
    ordered_on: date
    term_on: date
    hearing_on: date | None
    report_due_on: date | None
    """The last good day of the final report; None once it left."""
    notified_on: date | None
    contact_on: date | None
    closed_on: date | None
    gone_on: date | None
    bracelet: bool
    bracelet_until: date | None
    outcome: str
    officers: str
    service: str
    obligations: tuple[ObligationLine, ...]
    appointments: tuple[AppointmentLine, ...]
    addresses: tuple[ProofLine, ...]
    courses: tuple[CourseLine, ...]
    course_due_on: date | None
    lodgings: tuple[LodgingLine, ...]
    orientations: tuple[OrientationLine, ...]
    reports: tuple[ReportLine, ...]
    papers: tuple[tuple[Paper, str], ...]
    """Each scan, and what it is."""
    lacking: tuple[str, ...]
    second_reader: bool
    may_change: bool
    may_see_openings: bool
    may_see_history: bool
    may_follow_on: bool

    @property
    def name(self) -> str:
        """Return first name and name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is done."""
        return self.state in ENDED

    @property
    def is_followed(self) -> bool:
        """Say whether the follow-up runs: what is met, seen and asked may be written."""
        return self.state in FOLLOWED

    @property
    def takes_incident(self) -> bool:
        """Say whether an incident may be told now, one at a time: nobody types for nothing."""
        return self.may_change and self.state in TOLD_FROM and self.open_report(ReportKind.INCIDENT) is None

    @property
    def in_force(self) -> tuple[ObligationLine, ...]:
        """Return the obligations that still hold."""
        return tuple(line for line in self.obligations if line.is_open)

    @property
    def is_probation_next(self) -> bool:
        """Say whether a conviction opens a new measure, under a new frame (CJ-38)."""
        return self.state == State.JUDGED and self.outcome == Outcome.PROBATION.label

    @property
    def missed(self) -> int:
        """Return how many appointments the person missed without an excuse."""
        return sum(line.failed for line in self.appointments)

    @property
    def open_incident(self) -> ReportLine | None:
        """Return the incident that waits for an answer."""
        return next((line for line in reversed(self.reports) if line.waits_for_answer), None)

    def open_report(self, kind: str) -> ReportLine | None:
        """Return the report of this kind that has not left yet."""
        return next((line for line in self.reports if line.kind_code == kind and not line.is_sent), None)

    @property
    def next_appointment(self) -> AppointmentLine | None:
        """Return the next appointment planned."""
        return next((line for line in self.appointments if line.is_to_come and not line.came_code), None)


def gate(
    viewer: Viewer, measure: Measure, classes: Iterable[str], *, purpose: Purpose = Purpose.REVIEW, act: Act = Act.VIEW
) -> AbstractContextManager[None]:
    """Return the read gate of one measure."""
    return audit.reading(
        viewer, subjects=[measure.subject_id], classes=list(classes), purpose=purpose, act=act, module="vif",
        object_type=measure._meta.label_lower, object_ids=[measure.pk], territory_id=measure.territory_id,
    )  # fmt: skip


def setting_of(organisation_id: UUID) -> ServiceSetting:
    """Return what a service decided, or what holds where it decided nothing."""
    found = ServiceSetting.objects.filter(organisation_id=organisation_id).first()
    return found or ServiceSetting(organisation_id=organisation_id)


def full_name(identity: object) -> str:
    """Return first name and name of an opened identity."""
    found = identity if isinstance(identity, dict) else {}
    return f"{found.get('first_name', '')} {found.get('last_name', '')}".strip()


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one measure with its content. Raises AccessRefused, absent or refused alike.

    Reports that have not left are shown to those who write here, and to nobody else.
    """
    row = facts.find(viewer, pk, now)
    link = facts.relation(viewer, row, now)
    may_change = link.may(viewer, Action.CHANGE, DataClass.VIF_PERSON, now)
    obligations = list(row.obligations.all())
    proofs = list(row.proofs.all())
    lodgings, orientations = list(row.lodgings.all()), list(row.orientations.all())
    reports = list(row.reports.all() if may_change else row.reports.filter(state=ReportState.TRANSMITTED))
    appointments = [_appointment(each, localdate(now)) for each in row.appointments.all()]
    types = _types(row)
    with gate(viewer, row, facts.ALL):
        sweep.open_many([row])
        sweep.open_many(obligations, "code", "rating")
        sweep.open_many(proofs, "seen")
        sweep.open_many(lodgings, "asked_of")
        sweep.open_many(orientations, "to", "why")
        identity, order, bracelet = row.identity or {}, row.order or {}, row.bracelet or {}
        lines = [_obligation(each, types, proofs) for each in obligations]
        return Page(
            id=row.pk, subject_id=row.subject_id, revision=row.revision, reference=row.reference,
            frame=Frame(row.frame), state=State(row.state), last_name=str(identity.get("last_name", "")),
            first_name=str(identity.get("first_name", "")), born_on=as_day(identity.get("born_on")),
            phone=str(identity.get("phone", "")), address=str(identity.get("address", "")),
            email=str(identity.get("email", "")), authority=fr.label(Authority, order.get("authority")),
            authority_code=str(order.get("authority", "")), court=str(order.get("court", "")),
            magistrate=str(order.get("magistrate", "")), case_mark=str(order.get("case_mark", "")),
            ordered_on=row.ordered_on, term_on=row.term_on, hearing_on=row.hearing_on, report_due_on=due_on(row),
            notified_on=row.notified_on, contact_on=row.contact_on, closed_on=row.closed_on,
            gone_on=law.gone_on(row.closed_on) if row.closed_on else None, bracelet=bool(bracelet.get("ordered")),
            bracelet_until=as_day(bracelet.get("until")), outcome=fr.label(Outcome, row.outcome),
            officers=officers(row, now), service=row.organisation.name, obligations=tuple(lines),
            appointments=tuple(appointments),
            addresses=tuple(_proof(each) for each in proofs if each.obligation_id is None),
            courses=tuple(_course(each) for each in row.courses.all()),
            course_due_on=law.course_due_on(frame=row.frame, ordered_on=row.ordered_on),
            lodgings=tuple(
                LodgingLine(
                    id=each.pk, revision=each.revision, asked_of=each.asked_of or "", asked_on=each.asked_on,
                    answer=LodgingAnswer(each.answer).label, answered_on=each.answered_on,
                )
                for each in lodgings
            ),
            orientations=tuple(
                OrientationLine(id=each.pk, to=each.to or "", why=each.why or "", sent_on=each.sent_on)
                for each in orientations
            ),
            reports=tuple(report_line(each) for each in reports),
            papers=tuple(
                (paper, str(PaperKind(paper.kind).label))
                for paper in attached.of([row.pk], PaperKind.values).get(row.pk, ())
            ),
            lacking=_lacking(row, obligations, appointments, reports) if may_change else (),
            second_reader=setting_of(row.organisation_id).second_reader, may_change=may_change,
            may_see_openings=link.may(viewer, Action.VIEW, DataClass.WHO_OPENED, now),
            may_see_history=link.may(viewer, Action.HISTORY, DataClass.VIF_PERSON, now),
            may_follow_on=facts.writes(viewer.role),
        )  # fmt: skip


def _types(row: Measure) -> dict[str, ObligationType]:
    """Return the obligations of a frame by code: as they read on the day of the order, else as they last read."""
    versions = list(ObligationType.objects.filter(frame=row.frame).order_by("valid_from"))
    then = [each for each in versions if each.valid_from <= row.ordered_on]
    return {each.code: each for each in (*versions, *then)}


def due_on(row: Measure) -> date | None:
    """Return the last good day of the final report, None when it left or is not owed."""
    if row.state in ENDED or row.state == State.FINAL_REPORT_FILED:
        return None
    return law.report_due_on(frame=row.frame, hearing_on=row.hearing_on, term_on=row.term_on)


def _lacking(
    row: Measure, obligations: Sequence[Any], appointments: Sequence[AppointmentLine], reports: Sequence[Report]
) -> tuple[str, ...]:
    final = next((each.state for each in reports if each.kind == ReportKind.FINAL), "")
    return missing.lacking(
        missing.Known(
            state=row.state, frame=row.frame, hearing_on=row.hearing_on,
            unrated=sum(each.ended_on is None and each.rated_on is None for each in obligations),
            unsaid=sum(line.is_due for line in appointments), report=final,
        )
    )  # fmt: skip


def _proof(row: Any) -> ProofLine:
    return ProofLine(id=row.pk, day=row.day, seen=fr.label(Seen, row.seen), is_seen=row.seen == Seen.SEEN)


def _obligation(row: Any, types: dict[str, ObligationType], proofs: Sequence[Any]) -> ObligationLine:
    kind = types.get(row.code or "")
    return ObligationLine(
        id=row.pk, code=row.code or "", label=kind.label if kind else row.code or "",
        legal_ref=kind.legal_ref if kind else "", need=kind.need if kind else Need.OTHER, starts_on=row.starts_on,
        ended_on=row.ended_on, rating=fr.label(Rating, row.rating), rating_code=row.rating or "",
        rated_on=row.rated_on,
        proofs=tuple(_proof(each) for each in proofs if each.obligation_id == row.pk),
    )  # fmt: skip


def _appointment(row: Any, today: date) -> AppointmentLine:
    return AppointmentLine(
        id=row.pk, revision=row.revision, kind=Meeting(row.kind).label, kind_code=row.kind, day=row.day, at=row.at,
        came=fr.label(Came, row.came), came_code=row.came, is_due=not row.came and row.day <= today,
        is_to_come=row.day > today, failed=row.came == Came.ABSENT,
    )  # fmt: skip


def _course(row: Any) -> CourseLine:
    return CourseLine(
        id=row.pk, revision=row.revision, kind=CourseKind(row.kind).label, starts_on=row.starts_on, ends_on=row.ends_on,
        state=CourseState(row.state).label, state_code=row.state,
    )  # fmt: skip


def report_line(row: Report) -> ReportLine:
    """Return what a list says of one report; nothing sealed is opened."""
    return ReportLine(
        id=row.pk, kind=ReportKind(row.kind).label, kind_code=row.kind, state=ReportState(row.state).label,
        state_code=row.state, opened_on=localdate(row.opened_at), sent_on=row.sent_on,
        channel=fr.label(Channel, row.channel), recipient=fr.label(Recipient, row.recipient), called_at=row.called_at,
        answer_by=row.answer_by, answered_on=row.answered_on, answer=fr.label(BreachAnswer, row.answer),
    )  # fmt: skip


def as_day(text: object) -> date | None:
    """Return the day kept in a sealed object, None where there is none."""
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


def officers(row: Measure, now: datetime) -> str:
    """Return the names of the officers in charge: professionals, in clear."""
    return ", ".join(mandate.agent.full_name for mandate in team.in_charge([row.pk], now).get(row.pk, ()))


def agent_names(mandates: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the professionals behind these functions, by function."""
    rows = Mandate.objects.filter(pk__in=[each for each in mandates if each]).select_related("agent")
    return {row.pk: row.agent.full_name for row in rows}


def was_met(line: AppointmentLine) -> bool:
    """Say whether the person came."""
    return line.came_code in MET_WITH
