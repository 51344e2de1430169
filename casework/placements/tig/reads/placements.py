"""The list of placements and the page of one: who may see what of it, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile.models import LocalItem
from casework.casefile.retention import months_after
from casework.placements.hosts.codes import Half, PostNeed, ProposalAnswer
from casework.placements.hosts.models import HostStructure
from casework.placements.tig import clock, codes, facts, legal
from casework.placements.tig.actions import scans
from casework.placements.tig.clock import Bar, Suspension
from casework.placements.tig.codes import ENDED, State
from casework.placements.tig.facts import Relation
from casework.placements.tig.models import HalfDay, Incident, Proposal, TigPlacement
from casework.placements.tig.reads import hours
from casework.sealing import sweep

PAGE = 50
KINDS = {
    State.RECEIVED: "wait", State.MATCHING: "wait", State.MEDICAL_PENDING: "wait", State.PROPOSED: "wait",
    State.ASSIGNED: "info", State.IN_PROGRESS: "ok", State.WORK_SUSPENDED: "late", State.CLOCK_SUSPENDED: "off",
    State.BREACH_REPORTED: "late", State.COMPLETED: "ok",
}  # fmt: skip
# What a host reads of a state: nothing of what the magistrate decides, nor of the legal time (HOST-15).
STOPPED, OVER = ("accueil suspendu", "late"), ("accueil terminé", "off")
HOST_WORDS = {
    State.PROPOSED: ("accueil demandé", "wait"), State.ASSIGNED: ("à commencer", "info"), State.IN_PROGRESS: ("en cours", "ok"),
    State.WORK_SUSPENDED: STOPPED, State.CLOCK_SUSPENDED: STOPPED, State.BREACH_REPORTED: STOPPED,
    State.COMPLETED: ("heures faites", "ok"),
}  # fmt: skip
FILTERS: dict[str, tuple[str, tuple[State, ...]]] = {
    "en-cours": ("En cours", (State.ASSIGNED, State.IN_PROGRESS, State.WORK_SUSPENDED, State.CLOCK_SUSPENDED,
                              State.BREACH_REPORTED)),
    "a-placer": ("À placer", (State.RECEIVED, State.MATCHING, State.MEDICAL_PENDING, State.PROPOSED)),
    "terminees": ("Terminées", tuple(sorted(ENDED))),
    "toutes": ("Toutes", ()),
}  # fmt: skip
_OPEN = (DataClass.PLACEMENT, DataClass.SENTENCE, DataClass.PLACEMENT_INCIDENT, DataClass.FITNESS)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list. `name` is empty before the decision, and for a host that is only asked."""

    id: UUID
    reference: str
    name: str
    short: str
    state: str
    state_kind: str
    audience: str
    post: str
    host: str
    bar: Bar


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of the list, with counts of what this viewer may see only."""

    rows: tuple[Row, ...]
    total: int
    page: Page[int]
    counts: tuple[tuple[str, str, int], ...]


def state_words(viewer: Viewer, state: str) -> tuple[str, str]:
    """Return the state in the words of who reads it, and the kind of its mark."""
    if facts.hosts(viewer.role):
        return HOST_WORDS.get(State(state), OVER)
    return str(State(state).label), KINDS.get(State(state), "off")


def bar_of(viewer: Viewer, placement: TigPlacement, minutes: hours.Minutes, today: date) -> Bar:
    """Return the bar of one placement, its suspensions prefetched; the term is row 13: a host reads the hours alone."""
    if not ceiling(viewer.role, Action.VIEW, DataClass.SENTENCE):
        return clock.bar(
            assigned=placement.minutes_here, done=minutes.done, planned=minutes.planned, fixed=None, suspensions=[],
            today=today,
        )  # fmt: skip
    stops = [Suspension(row.starts_on, row.ends_on) for row in placement.clock_suspensions.all()]
    return clock.bar(
        assigned=placement.minutes_here, done=minutes.done, planned=minutes.planned, fixed=placement.last_useful_on,
        suspensions=stops, today=today,
    )  # fmt: skip


def full_name(identity: Mapping[str, str] | None) -> tuple[str, str]:
    """Return « Léo Martin » and « L. M. »; empty when nobody is named yet. The caller holds the gate."""
    known = identity or {}
    first, last = known.get("first_name", ""), known.get("last_name", "")
    return f"{first} {last}".strip(), (fr.initials(first, last) if last else "")


def named(viewer: Viewer, rows: Iterable[TigPlacement], now: datetime) -> dict[UUID, tuple[str, str]]:
    """Return name and initials of those whose name this viewer reads, under one event of a list."""
    links = facts.relations(viewer, rows, now)
    opened = [row for row in rows if facts.names_are_open(viewer, row, links[row.pk], now)]
    if not opened:
        return {}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in opened], classes=[DataClass.PLACEMENT], purpose=Purpose.LISTING,
        act=Act.LIST, object_type="tig_placement", object_ids=[row.pk for row in opened],
    ):  # fmt: skip
        sweep.open_many(opened, "identity")
        return {row.pk: full_name(row.identity) for row in opened}


def listing(viewer: Viewer, *, now: datetime, kind: str = "en-cours", page: int = 1) -> Listing:
    """Return one page of the placements that this viewer may see."""
    kind = kind if kind in FILTERS else "en-cours"
    visible = facts.visible_to(viewer, now)
    states = list(visible.order_by().values_list("state", flat=True))
    counted = {key: sum(not wanted or state in wanted for state in states) for key, (_, wanted) in FILTERS.items()}
    shown = Paginator(range(counted[kind]), PAGE).get_page(page)
    wanted = FILTERS[kind][1]
    rows = visible.filter(state__in=wanted) if wanted else visible
    start = (shown.number - 1) * PAGE
    found = list(
        rows.select_related("post__host").prefetch_related("clock_suspensions")
        .order_by("last_useful_on", "reference")[start : start + PAGE]
    )  # fmt: skip
    names = named(viewer, found, now)
    minutes = hours.of(row.pk for row in found)
    today = localdate(now)
    return Listing(
        rows=tuple(_row(viewer, row, names.get(row.pk, ("", "")), bar_of(viewer, row, minutes[row.pk], today)) for row in found),
        total=counted[kind], page=shown,
        counts=tuple(
            (key, "À répondre" if key == "a-placer" and facts.hosts(viewer.role) else label, counted[key])
            for key, (label, _) in FILTERS.items()
        ),
    )  # fmt: skip


def _row(viewer: Viewer, placement: TigPlacement, name: tuple[str, str], bar: Bar) -> Row:
    state, kind = state_words(viewer, placement.state)
    return Row(
        id=placement.pk, reference=placement.reference, name=name[0], short=name[1], state=state,
        state_kind=kind, audience=placement.get_audience_display(),
        post=placement.post.nature if placement.post else "", host=placement.post.host.name if placement.post else "",
        bar=bar,
    )  # fmt: skip


# The page of one


@dataclass(frozen=True, kw_only=True)
class HalfDayLine:
    """A half-day, planned or done."""

    id: UUID
    day: date
    half: str
    starts_at: Any
    ends_at: Any
    break_minutes: int
    minutes: int
    outcome: str
    mode: str
    signed: bool
    corrected: bool
    removable: bool


@dataclass(frozen=True, kw_only=True)
class IncidentLine:
    """An incident, with what was answered."""

    id: UUID
    kind: str
    precision: str
    occurred_on: date
    answer_by: date
    answered_at: datetime | None
    answer: str
    is_accident: bool
    declared: bool
    late: bool
    sheet: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SentenceCard:
    """The sentence, for its officer only (row 13)."""

    code: str
    basis: str
    ref: str
    court: str
    offence_code: str
    minutes: int
    months: int
    fallback: bool
    can_convert: bool
    born_on: date | None
    facts_on: date | None
    decided_on: date | None
    enforceable_on: date | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The last request made to a host."""

    id: UUID
    post: str
    host: str
    answer_by: date
    answer: str
    answer_label: str
    decline_label: str


@dataclass(frozen=True, kw_only=True)
class PlacementPage:
    """The page of one placement, as far as this viewer may read it."""

    id: UUID
    revision: int
    reference: str
    name: str
    short: str
    phone: str
    audience: str
    state: str
    state_label: str
    state_kind: str
    is_open: bool
    is_officer: bool
    is_host: bool
    is_tutor: bool  # opened by the plan of the day alone
    service: str
    bar: Bar
    weekly: int
    case_mark: str
    availability: str
    limits: tuple[str, ...]
    away: tuple[str, ...]
    job: str
    exam_stated: bool
    sentence: SentenceCard | None
    post_id: UUID | None
    post: str
    host: str
    supervisor: str
    proposal: Asked | None
    accepted: bool
    decision: str
    exam: str
    planned: tuple[HalfDayLine, ...]
    done: tuple[HalfDayLine, ...]
    adjustments: tuple[tuple[date, int, str], ...]
    incidents: tuple[IncidentLine, ...]
    stops: tuple[str, ...]
    reports: tuple[str, ...]
    due_reports: tuple[Owed, ...]
    owes_report: bool
    measure: str
    recipient: str
    certified_on: date | None
    sheets: tuple[scans.Scan, ...]


def _asked(row: Proposal | None) -> Asked | None:
    if row is None:
        return None
    return Asked(
        id=row.pk, post=row.post.nature, host=row.post.host.name, answer_by=row.answer_by, answer=row.answer,
        answer_label=row.get_answer_display(),
        decline_label=row.get_decline_reason_display() if row.decline_reason else "",
    )  # fmt: skip


def availability_words(chosen: Sequence[str]) -> str:
    """Return « lundi matin, mardi après-midi »."""
    words = []
    for each in chosen:
        weekday, _, half = each.partition("-")
        words.append(f"{fr.WEEKDAYS[int(weekday)]} {Half(half).label}")
    return ", ".join(words)


def page(viewer: Viewer, placement: TigPlacement, now: datetime) -> PlacementPage:
    """Return the page; one event tells which rows of the matrix were opened."""
    today = localdate(now)
    link = facts.relation(viewer, placement, now)
    open_classes = {each for each in _OPEN if link.may(viewer, Action.VIEW, each, now)}
    officer = link.may(viewer, Action.CHANGE, DataClass.SENTENCE, now)
    reports = facts.may_report(viewer, placement, link, now)
    names = facts.names_are_open(viewer, placement, link, now)
    half_days = list(placement.half_days.order_by("day", "half"))
    incident_rows = list(placement.incidents.order_by("-reported_at"))
    exams = list(placement.exams.order_by("-recorded_at")[:1])
    stops, halts = (
        list(placement.clock_suspensions.order_by("-starts_on")),
        list(placement.work_suspensions.order_by("-starts_on")),
    )
    sentence = getattr(placement, "sentence", None)
    state, kind = state_words(viewer, placement.state)
    decision = placement.decisions.order_by("-decided_on", "-id").first()
    proposal = _asked(placement.proposals.select_related("post__host").order_by("-asked_at").first())
    sees_sentence = DataClass.SENTENCE in open_classes
    sees_incidents = DataClass.PLACEMENT_INCIDENT in open_classes
    sees_results = DataClass.FITNESS in open_classes and not facts.hosts(viewer.role)
    sheets = tuple(scans.of(viewer, [placement], now).get(placement.pk, ()))
    with audit.reading(
        viewer, subjects=[placement.subject_id], classes=open_classes or {DataClass.PLACEMENT}, purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        name, short = full_name(placement.identity) if names else ("", "")
        phone = (placement.identity or {}).get("phone", "") if names else ""
        situation = (placement.situation or {}) if sees_sentence else {}
        supervisor = _supervisor_name(viewer, placement)
        return PlacementPage(
            id=placement.pk, revision=placement.revision, reference=placement.reference, name=name, short=short,
            phone=phone, audience=placement.get_audience_display(), state=placement.state,
            state_label=state, state_kind=kind, is_open=placement.state not in ENDED, is_officer=officer,
            is_host=facts.hosts(viewer.role), is_tutor=link.is_for_the_day,
            service=placement.organisation.name, bar=bar_of(viewer, placement, hours.of([placement.pk])[placement.pk], today),
            weekly=placement.weekly, case_mark=placement.case_mark if sees_sentence else "",
            availability=availability_words(placement.availability or []),
            limits=tuple(fr.label(PostNeed, each, each) for each in placement.limits or [])
            if DataClass.FITNESS in open_classes else (),
            away=_away_names(situation),
            job=fr.duration(int(situation.get("job_minutes") or 0)) if situation.get("job_minutes") else "",
            exam_stated=bool(situation.get("exam_stated")),
            sentence=_sentence(sentence) if sees_sentence and sentence is not None else None,
            post_id=placement.post_id, post=placement.post.nature if placement.post else "",
            host=placement.post.host.name if placement.post else "", supervisor=supervisor, proposal=proposal,
            accepted=proposal is not None and proposal.answer == ProposalAnswer.ACCEPTED,
            decision=_decision(decision),
            exam=_exam(exams) if sees_results else "",
            planned=tuple(_half_day(row, link, viewer, now) for row in half_days if not row.outcome),
            done=tuple(_half_day(row, link, viewer, now) for row in reversed(half_days) if row.outcome),
            adjustments=tuple(
                (row.on, row.minutes, row.get_reason_display()) for row in placement.adjustments.order_by("on")
            ),
            incidents=tuple(_incident(row, today) for row in incident_rows) if sees_incidents else (),
            stops=(*(_clock_stops(stops) if sees_sentence else ()), *_work_stops(halts, sees_incidents)),
            reports=tuple(
                f"{row.get_kind_display().capitalize()}, {fr.long_date(row.sent_on)}"
                for row in placement.reports.order_by("-sent_on") if row.sent_on is not None
            ) if sees_sentence else (),
            due_reports=tuple(due_reports(placement, today)) if reports else (),
            owes_report=reports, measure=placement.measure,
            recipient=codes.recipient(placement.measure, placement.audience),
            certified_on=placement.certified_on, sheets=sheets,
        )  # fmt: skip


def _away_names(situation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the hosts and sectors where somebody is not sent, from the opened situation."""
    chosen = situation.get("away")
    if not chosen:
        return ()
    hosts = HostStructure.objects.filter(pk__in=chosen).order_by("name").values_list("name", flat=True)
    sectors = LocalItem.objects.filter(pk__in=chosen).order_by("label").values_list("label", flat=True)
    return (*sectors, *hosts)


def _supervisor_name(viewer: Viewer, placement: TigPlacement) -> str:
    supervisor = placement.supervisor
    if supervisor is None:
        return ""
    return supervisor_names(viewer, [supervisor]).get(supervisor.pk, "")


def supervisor_names(viewer: Viewer, rows: Sequence[Any]) -> dict[UUID, str]:
    """Return the names of tuteurs, professionals of the host (row 10), under one event."""
    if not rows or not ceiling(viewer.role, Action.VIEW, DataClass.TIG_POSTS):
        return {}
    with audit.reading(
        viewer, subjects={row.subject_id for row in rows}, classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW,
        object_type="supervisor", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "name")
        return {row.pk: row.name for row in rows}


def _half_day(row: HalfDay, link: Relation, viewer: Viewer, now: datetime) -> HalfDayLine:
    return HalfDayLine(
        id=row.pk, day=row.day, half=str(Half(row.half).label), starts_at=row.starts_at, ends_at=row.ends_at,
        break_minutes=row.break_minutes, minutes=row.minutes if row.outcome else row.planned_minutes,
        outcome=row.get_outcome_display() if row.outcome else "", mode=row.get_mode_display() if row.mode else "",
        signed=row.signed_by_both, corrected=row.revision > 2,
        removable=not row.outcome and not link.is_for_the_day
        and link.may(viewer, Action.CHANGE, DataClass.PLACEMENT, now),
    )  # fmt: skip


def _incident(row: Incident, today: date) -> IncidentLine:
    sheet = row.sheet or {}
    words = (
        ("Heure", sheet.get("at", "")), ("Lieu", sheet.get("where", "")), ("Tâche", sheet.get("task", "")),
        ("Secours appelés", "oui" if sheet.get("emergency") else "non"),
        ("Témoin", "oui" if sheet.get("witness") else "non"),
    )  # fmt: skip
    return IncidentLine(
        id=row.pk, kind=fr.label(codes.IncidentKind, row.kind), precision=row.precision or "",
        occurred_on=row.occurred_on, answer_by=row.answer_by, answered_at=row.answered_at,
        answer=fr.label(codes.IncidentAnswer, row.answer), is_accident=row.is_accident,
        declared=row.declared_at is not None, late=row.answered_at is None and row.answer_by < today,
        sheet=words if row.is_accident else (),
    )  # fmt: skip


def _sentence(row: Any) -> SentenceCard:
    found = legal.basis(row.basis)
    terms = row.terms or {}
    return SentenceCard(
        code=row.basis, basis=found.label, ref=found.ref, court=row.court or "", offence_code=row.offence_code or "",
        minutes=terms.get("minutes", 0), months=terms.get("months", 0), fallback=bool(terms.get("fallback")),
        can_convert=found.can_convert,
        born_on=row.born_on, facts_on=row.facts_on, decided_on=row.decided_on, enforceable_on=row.enforceable_on,
    )  # fmt: skip


def _decision(row: Any) -> str:
    if row is None:
        return ""
    return f"{row.get_author_display()}, {fr.long_date(row.decided_on)} : {fr.duration(row.minutes)}"


def _exam(rows: Sequence[Any]) -> str:
    if not rows:
        return ""
    row = rows[0]
    seen = "certificat vu" if row.certificate_seen else "certificat non vu"
    return f"{fr.label(codes.FitnessResult, row.result)}, {fr.long_date(row.seen_on)}, {seen}"


def _clock_stops(rows: Sequence[Any]) -> tuple[str, ...]:
    return tuple(f"Délai suspendu {_span(row)} : {fr.label(codes.ClockReason, row.reason)}" for row in rows)


def _work_stops(rows: Sequence[Any], with_reason: bool) -> tuple[str, ...]:
    return tuple(
        f"Travail suspendu {_span(row)}"
        + (f" : {fr.label(codes.WorkSuspensionReason, row.reason)}" if with_reason else "")
        for row in rows
    )


def _span(row: Any) -> str:
    if row.ends_on is None:
        return f"depuis le {fr.long_date(row.starts_on)}"
    return f"du {fr.long_date(row.starts_on)} au {fr.long_date(max(row.starts_on, row.ends_on - timedelta(days=1)))}"


@dataclass(frozen=True)
class Owed:
    """A report still owed to the magistrate, and its last good day."""

    kind: str
    due: date

    @property
    def label(self) -> str:
        """Its French name."""
        return str(codes.ReportKind(self.kind).label)

    @property
    def file(self) -> str:
        """The name of its paper."""
        return codes.REPORT_FILES[codes.ReportKind(self.kind)]


def due_reports(placement: TigPlacement, today: date) -> list[Owed]:
    """Return the reports still owed to the magistrate, soonest first (ASG-09, TNR-05, DL-08, DL-12).

    Of a sentence: three months after it came, a month before the term, every year where it lasts over two years. Of a
    minor's TNR: within a month after its end. Of a breach: at once. The clock's suspensions move the term.
    """
    rows = list(placement.reports.all())
    sent = [row.kind for row in rows if row.sent_on is not None]
    if placement.state in ENDED:
        owed = []
        if facts.owes_end_report(placement) and placement.ended_on is not None:
            owed = [(codes.ReportKind.END, months_after(placement.ended_on, 1))]
    elif placement.measure == codes.Measure.TNR:
        owed = []
    else:
        owed = _owed_by_time(placement, sent, today)
    owed += [(codes.ReportKind(row.kind), row.due_on) for row in rows if row.sent_on is None and row.due_on is not None]
    return [Owed(kind.value, due) for kind, due in sorted(owed, key=lambda each: each[1])]


def _owed_by_time(placement: TigPlacement, sent: Sequence[str], today: date) -> list[tuple[codes.ReportKind, date]]:
    stops = [Suspension(row.starts_on, row.ends_on) for row in placement.clock_suspensions.all()]
    term = clock.last_day(placement.last_useful_on, clock.merged(stops, today))
    received = localdate(placement.received_at)
    owed = [
        (codes.ReportKind.ASSESSMENT, months_after(received, 3)),
        (codes.ReportKind.END, months_after(term, -1)),
    ]
    found = [(kind, due) for kind, due in owed if kind not in sent]
    if term > months_after(received, 24):
        next_year = sent.count(codes.ReportKind.YEARLY) + 1
        due = months_after(received, 12 * next_year)
        found += [(codes.ReportKind.YEARLY, due)] if due < term else []
    return found
