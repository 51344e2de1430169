"""One réparation as its educator reads it: what was decided, said, done; what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached, openings
from casework.casefile import format as fr
from casework.casefile.models import AttachedFile
from casework.casefile.openings import OpeningLine
from casework.placements.hosts.codes import NoPlace, ProposalAnswer
from casework.placements.reparation import facts, law
from casework.placements.reparation.actions import files, team
from casework.placements.reparation.codes import (
    ENDED,
    RUNNING,
    TOWARDS_VICTIM,
    VICTIM_SAYS_NO,
    Answer,
    Authority,
    Difficulty,
    DifficultyAnswer,
    FileKind,
    Form,
    Outcome,
    Party,
    ReportKind,
    State,
    Track,
    VictimAnswer,
)
from casework.placements.reparation.models import PlaceRequest, Reparation
from casework.placements.reparation.reads import asked, lists, opened, sessions
from casework.placements.reparation.reads.opened import GoalLine
from casework.placements.reparation.reads.sessions import SessionLine
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class AgreementLine:
    """What one party said."""

    party: str
    answer: str
    said_on: date
    summoned_on: date | None
    signatories: str
    document_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One document, without its content."""

    id: UUID
    name: str
    kind: str
    on: date
    is_proof: bool


@dataclass(frozen=True, kw_only=True)
class DifficultyLine:
    """One difficulty that the magistrate was told of."""

    id: UUID
    kind: str
    precision: str
    told_on: date
    answer: str
    answered_on: date | None


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """A host asked, that has until a day to answer."""

    host: str
    activity: str
    answer_by: date
    half_days: tuple[asked.HalfDay, ...]
    by_link: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """One réparation, opened. Dates are days; `report_due_on` is None once the report left."""

    id: UUID
    revision: int
    reference: str
    track: Track
    state: State
    name: str
    last_name: str
    first_name: str
    born_on: date | None
    age_at_facts: int
    discernment_seen: bool
    facts_on: date | None
    facts: str
    authority: str
    case_mark: str
    phone: str
    parents: str
    parents_phone: str
    ordered_on: date
    term_on: date
    report_due_on: date | None
    measure_from: date | None
    measure_to: date | None
    measure_report_due_on: date | None
    guilt_on: date | None
    sanction_on: date | None
    form: str
    form_code: str
    mediator: str
    post_reference: str
    activity: str
    host: str
    address: str
    host_agreed_on: date | None
    started_on: date | None
    reported_on: date | None
    closed_on: date | None
    gone_on: date | None
    outcome: str
    conclusion: str
    educators: str
    service: str
    agreements: tuple[AgreementLine, ...]
    sessions: tuple[SessionLine, ...]
    goals: tuple[GoalLine, ...]
    difficulties: tuple[DifficultyLine, ...]
    reports: tuple[tuple[str, date], ...]
    documents: tuple[FileLine, ...]
    asked: AskedLine | None
    """The host that was asked and has not answered yet."""
    host_said: str
    """Why the last host asked does not receive, where it is still so."""
    victims: int
    victims_waiting: int
    victim_refused: bool
    may_change: bool
    may_see_victims: bool

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is done."""
        return self.state in ENDED

    @property
    def is_running(self) -> bool:
        """Say whether the activity runs."""
        return self.state in RUNNING

    @property
    def waits_for_words(self) -> bool:
        """Say whether agreements or observations are still to be recorded."""
        return self.state in (State.PROPOSED, State.ORDERED)

    @property
    def may_find_place(self) -> bool:
        """Say whether a host is to be found, or may be changed."""
        if self.state in RUNNING:
            return self.form_code == Form.COMMUNITY
        return self.state in (State.AGREED, State.ORDERED, State.ASSIGNED)

    @property
    def towards_victim(self) -> bool:
        """Say whether a victim takes part."""
        return self.form_code in TOWARDS_VICTIM

    @property
    def absences(self) -> int:
        """Return how many sessions were missed without an excuse."""
        return sum(each.presence_code == "absent" for each in self.sessions)

    @property
    def all_rated(self) -> bool:
        """Say whether every expected outcome was rated."""
        return bool(self.goals) and all(goal.rated_at for goal in self.goals)


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one réparation with its content. Raises AccessRefused, absent or refused alike."""
    row = facts.find(viewer, pk, now, DataClass.REPARATION_CONTENT)
    link = facts.relation(viewer, row, now)
    agreements = list(row.agreements.filter(replaced_at__isnull=True))
    difficulties = list(row.difficulties.all())
    documents = list(AttachedFile.objects.filter(record_id=row.pk))
    reports = [(each.kind, each.sent_on) for each in row.reports.all()]
    answers = [each.answer for each in row.victims.all()]
    proofs = files.proofs(row, documents)
    requests = list(row.requests.select_related("post__host"))
    classes = [DataClass.REPARATION_ACTIVITY, DataClass.REPARATION_CONTENT]
    with opened.gate(viewer, row, [*classes, attached.SEALED] if documents else classes):
        sweep.open_many([row])
        sweep.open_many(agreements, "signatories")
        sweep.open_many(difficulties, "kind", "precision")
        sweep.open_many(documents, "name")
        goals = opened.goals(viewer, row)
        ages, order, contact = row.ages or {}, row.order or {}, row.contact or {}
        return Page(
            id=row.pk, revision=row.revision, reference=row.reference, track=Track(row.track), state=State(row.state),
            name=lists.full_name(row.identity), last_name=str((row.identity or {}).get("last_name", "")),
            first_name=str((row.identity or {}).get("first_name", "")), born_on=row.born_on, age_at_facts=int(ages.get("age_at_facts", 0)),
            discernment_seen=bool(ages.get("discernment_seen")), facts_on=row.facts_on, facts=row.facts or "",
            authority=fr.label(Authority, order.get("authority")), case_mark=str(order.get("case_mark", "")),
            phone=str(contact.get("phone", "")), parents=str(contact.get("parents", "")),
            parents_phone=str(contact.get("parents_phone", "")), ordered_on=row.ordered_on, term_on=row.term_on,
            report_due_on=lists.due_on(row), measure_from=row.measure_from, measure_to=row.measure_to,
            measure_report_due_on=measure_due(row, reports), guilt_on=row.guilt_on, sanction_on=row.sanction_on,
            form=Form(row.form).label if row.form else "", form_code=row.form, mediator=row.mediator,
            post_reference=row.post.reference if row.post else "", activity=row.post.nature if row.post else "",
            host=row.post.host.name if row.post else "", address=row.post.address if row.post else "",
            host_agreed_on=row.host_agreed_on, started_on=row.started_on, reported_on=row.reported_on,
            closed_on=row.closed_on, gone_on=law.gone_on(row.closed_on) if row.closed_on else None,
            outcome=fr.label(Outcome, row.outcome), conclusion=row.conclusion or "",
            educators=educators(row, now), service=row.organisation.name,
            agreements=tuple(
                AgreementLine(
                    party=Party(each.party).label, answer=Answer(each.answer).label, said_on=each.said_on,
                    summoned_on=each.summoned_on, signatories=each.signatories or "", document_id=each.document_id,
                )
                for each in agreements
            ),
            sessions=sessions.of(row, now), goals=goals,
            difficulties=tuple(
                DifficultyLine(
                    id=each.pk, kind=fr.label(Difficulty, each.kind), precision=each.precision or "",
                    told_on=each.told_on, answer=fr.label(DifficultyAnswer, each.answer), answered_on=each.answered_on,
                )
                for each in difficulties
            ),
            reports=tuple((ReportKind(kind).label, sent_on) for kind, sent_on in reports),
            documents=tuple(
                FileLine(
                    id=each.pk, name=each.name or "", kind=FileKind(each.kind).label, on=localdate(each.added_at),
                    is_proof=each.pk in proofs,
                )
                for each in documents
            ),
            asked=_asked(requests), host_said=_host_said(row, requests),
            victims=len(answers), victims_waiting=answers.count(VictimAnswer.PENDING),
            victim_refused=any(answer in VICTIM_SAYS_NO for answer in answers),
            may_change=link.may(viewer, Action.CHANGE, DataClass.REPARATION_CONTENT, now),
            may_see_victims=link.may(viewer, Action.VIEW, DataClass.REPARATION_VICTIM, now),
        )  # fmt: skip


def _asked(requests: list[PlaceRequest]) -> AskedLine | None:
    row = next((each for each in requests if not each.answer), None)
    if row is None:
        return None
    return AskedLine(
        host=row.post.host.name, activity=row.post.nature, answer_by=row.answer_by, by_link=bool(row.token_hash),
        half_days=asked.half_days([row]).get(row.pk, ()),
    )  # fmt: skip


def _host_said(row: Reparation, requests: list[PlaceRequest]) -> str:
    last = requests[-1] if requests else None
    if last is None or row.post_id is not None or row.state in ENDED:
        return ""
    if last.answer == ProposalAnswer.DECLINED:
        return f"{last.post.host.name} n’accueille pas : {NoPlace(last.decline_reason).label}."
    if last.answer == ProposalAnswer.NO_ANSWER:
        return (
            f"{last.post.host.name} n’a pas répondu avant le {fr.long_date(last.answer_by)} : les places sont libérées."
        )
    return ""


def measure_due(row: Reparation, reports: list[tuple[str, date]]) -> date | None:
    """Return when the next report of the mesure éducative is due, None when nothing is (DL-14)."""
    if row.measure_from is None or row.measure_to is None or row.state in ENDED:
        return None
    sent = [sent_on for _, sent_on in reports]
    return law.measure_report_due_on(measure_from=row.measure_from, measure_to=row.measure_to, sent=sent)


def educators(row: Reparation, now: datetime) -> str:
    """Return the names of the educators in charge: professionals, in clear."""
    return ", ".join(mandate.agent.full_name for mandate in team.in_charge([row.pk], now).get(row.pk, ()))


@dataclass(frozen=True, kw_only=True)
class VictimLine:
    """One victim, opened (row 18)."""

    id: UUID
    revision: int
    name: str
    phone: str
    asked_on: date
    answer: str
    answered_on: date | None
    document_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class VictimsPage:
    """The victims of one réparation; nothing of the young person is opened with them."""

    id: UUID
    reference: str
    form: str
    is_mediation: bool
    lines: tuple[VictimLine, ...]
    may_add: bool
    may_answer: bool


def victims(viewer: Viewer, pk: UUID, now: datetime) -> VictimsPage:
    """Return the victims under their own keys (row 18). Raises AccessRefused, absent or refused alike."""
    row = facts.find(viewer, pk, now, DataClass.REPARATION_VICTIM)
    link = facts.relation(viewer, row, now)
    from casework.access import exclusions

    shut = exclusions.shut(viewer, now)
    rows = [each for each in row.victims.all() if each.subject_id not in shut]
    lines: tuple[VictimLine, ...] = ()
    if rows:
        with opened.gate(viewer, row, [DataClass.REPARATION_VICTIM], subjects=[each.subject_id for each in rows]):
            sweep.open_many(rows, "identity")
            lines = tuple(
                VictimLine(
                    id=each.pk, revision=each.revision, name=lists.full_name(each.identity),
                    phone=str((each.identity or {}).get("phone", "")), asked_on=each.asked_on,
                    answer=VictimAnswer(each.answer).label, answered_on=each.answered_on, document_id=each.document_id,
                )
                for each in rows
            )  # fmt: skip
    may = link.may(viewer, Action.CHANGE, DataClass.REPARATION_VICTIM, now)
    return VictimsPage(
        id=row.pk, reference=row.reference, form=Form(row.form).label if row.form else "",
        is_mediation=row.form == Form.MEDIATION, lines=lines,
        may_add=may and row.form in TOWARDS_VICTIM and row.state in (State.ASSIGNED, State.VICTIM_PENDING),
        may_answer=may and row.state == State.VICTIM_PENDING,
    )  # fmt: skip


def who_opened(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[OpeningLine, ...]]:
    """Return the reference and who opened this file (row 30a). Raises AccessRefused."""
    row = facts.find(viewer, pk, now, DataClass.REPARATION_CONTENT)
    facts.require_on(viewer, row, Action.VIEW, DataClass.WHO_OPENED, now)
    return row.reference, openings.page(viewer, row, module="placements")


@dataclass(frozen=True)
class Version:
    """One earlier state of the file."""

    at: datetime
    state: str
    form: str
    term_on: date
    place: str
    by: str


def history(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[Version, ...]]:
    """Return the reference and the earlier versions, latest first: same rights as the live row (ACL-10)."""
    row = facts.find(viewer, pk, now, DataClass.REPARATION_CONTENT)
    facts.require_on(viewer, row, Action.HISTORY, DataClass.REPARATION_CONTENT, now)
    with opened.gate(viewer, row, [DataClass.REPARATION_CONTENT], purpose=Purpose.HISTORY, act=Act.HISTORY):
        versions = list(row.history.select_related("post__host").order_by("-history_date", "-history_id"))
    services = _services([version.history_mandate for version in versions])
    return row.reference, tuple(
        Version(
            version.history_date,
            State(version.state).label,
            Form(version.form).label if version.form else "",
            version.term_on,
            version.post.host.name if version.post else "",
            services.get(version.history_mandate, "le logiciel"),
        )
        for version in versions
    )


def _services(mandates: list[UUID | None]) -> dict[UUID | None, str]:
    from casework.partners.models import Mandate

    rows = Mandate.objects.filter(pk__in=[each for each in mandates if each]).select_related("organisation")
    return {row.pk: row.organisation.short_name for row in rows}
