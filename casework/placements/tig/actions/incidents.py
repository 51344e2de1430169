"""What the host reports at once, what the officer answers, and the work or the clock stopped (HOST-08 to HOST-11)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import mailer
from casework.casefile.calendar import add_working_days
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.tig import facts
from casework.placements.tig.actions import proposals, reports, team
from casework.placements.tig.codes import (
    BY_JUDGE,
    MAY_STILL_WORK,
    ClockReason,
    IncidentAnswer,
    IncidentKind,
    ReportKind,
    State,
    WorkSuspensionReason,
)
from casework.placements.tig.models import ClockSuspension, Incident, TigPlacement, WorkSuspension
from casework.placements.tig.states import LIFECYCLE

ANSWER_DAYS = 2  # working days the officer has
URGENT_DAYS = 1  # after an accident, or where the host stopped the work: both are said in clear, the kind never is
DANGEROUS = frozenset({IncidentKind.VIOLENCE, IncidentKind.ACCIDENT})
DECLARE_WITHIN = timedelta(hours=48)  # code de la sécurité sociale, L441-2
REMIND_AFTER = (timedelta(hours=24), DECLARE_WITHIN)
PRECISION_MAX = 200


@dataclass(frozen=True, kw_only=True)
class AccidentSheet:
    """The facts of an accident, for its declaration: an hour, a place, who was called. Never a diagnosis."""

    at: str
    where: str
    task: str
    emergency: bool
    witness: bool


def report(
    *, by: Viewer, placement: TigPlacement, kind: str, occurred_on: date, precision: str, stop_work: bool,
    now: datetime, sheet: AccidentSheet | None = None,
) -> Incident:  # fmt: skip
    """Report an incident: the officer is told in the same transaction, with a date to answer by (HOST-10).

    `stop_work`: in immediate danger or for a grave misconduct the host stops at once (HOST-11).
    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, placement, Action.CREATE, DataClass.PLACEMENT_INCIDENT, now)
    if kind not in IncidentKind.values:
        raise InputRefused("Choisissez ce qui s’est passé dans la liste.", field="kind")
    today = localdate(now)
    if not today - timedelta(days=60) <= occurred_on <= today:
        raise InputRefused("Vérifiez la date : un incident se signale sans attendre.", field="occurred_on")
    if len(precision) > PRECISION_MAX:
        raise InputRefused(f"Au plus {PRECISION_MAX} caractères.", field="precision")
    is_accident = kind == IncidentKind.ACCIDENT
    if is_accident and (sheet is None or not sheet.at or not sheet.where.strip()):
        raise InputRefused("Indiquez l’heure et le lieu de l’accident.", field="at")
    days = URGENT_DAYS if is_accident or stop_work else ANSWER_DAYS
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = Incident(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement,
            occurred_on=occurred_on, reported_at=now, reported_by=by.mandate_id,
            answer_by=add_working_days(today, days, placement.territory.holiday_set), is_accident=is_accident,
            kind=kind, precision=precision.strip(), answer="", sheet=asdict(sheet) if sheet else {},
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.PLACEMENT_INCIDENT])
        if stop_work:
            reason = WorkSuspensionReason.DANGER if kind in DANGEROUS else WorkSuspensionReason.MISCONDUCT
            _stop_work(w, by=by, placement=placement, reason=reason, now=now)
        team.tell(team.officers(placement, now), now=now, urgent=True)
    return row


def find(viewer: Viewer, pk: UUID, now: datetime) -> Incident:
    """Return an incident of a placement that the viewer may see. Raises AccessRefused, absent or refused alike."""
    rows = Incident.objects.filter(placement__in=facts.visible_to(viewer, now).values("pk"))
    found = rows.select_related("placement__territory", "placement__post__host").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="tig_incident")
    return found


def answer(*, by: Viewer, incident: Incident, decision: str, now: datetime) -> None:
    """Answer an incident, as the officer; « travail suspendu » and « rapport » do what they say.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    placement = incident.placement
    facts.require_on(by, placement, Action.CHANGE, DataClass.PLACEMENT_INCIDENT, now)
    facts.require_on(by, placement, Action.VIEW, DataClass.SENTENCE, now)  # the officer, not the host
    if decision not in IncidentAnswer.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="decision")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if row.answered_at is not None:
            raise GuardRefused("Cet incident a déjà sa réponse.")
        row.answer, row.answered_at, row.answered_by = decision, now, by.mandate_id
        row.revision += 1
        row.save()
        w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT_INCIDENT], why="answer")
        if decision == IncidentAnswer.SUSPEND and placement.state == State.IN_PROGRESS:
            _stop_work(w, by=by, placement=placement, reason=WorkSuspensionReason.MISCONDUCT, now=now)
        if decision == IncidentAnswer.REPORT and placement.state != State.BREACH_REPORTED:
            LIFECYCLE.apply(placement, State.BREACH_REPORTED, w=w, by=by, now=now)
            reports.owe(w, by=by, placement=placement, kind=ReportKind.BREACH, due_on=localdate(now))
            proposals.drop_plan(w, placement, from_day=localdate(now) + timedelta(days=1), now=now)
        team.tell(team.hosts(placement, now), now=now)


def declare_accident(*, by: Viewer, incident: Incident, now: datetime) -> None:
    """Note that the accident was declared: the reminders at 24 and 48 hours stop. Raises AccessRefused."""
    facts.require_on(by, incident.placement, Action.CHANGE, DataClass.PLACEMENT_INCIDENT, now)
    if not incident.is_accident:
        raise GuardRefused("Seul un accident se déclare.")
    with audit.writing(by, now=now) as w:
        row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if row.declared_at is None:
            row.declared_at = now
            row.revision += 1
            row.save()
            w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT_INCIDENT], why="declared")


def remind_accidents(now: datetime) -> int:
    """Remind host and officer of each accident not declared, once at 24 hours and once at 48; return how many (HOST-10)."""
    found = Incident.objects.filter(
        is_accident=True, declared_at=None, reminders__lt=len(REMIND_AFTER), reported_at__lte=now - REMIND_AFTER[0]
    )
    told = 0
    mailer.prepare()
    for pk, territory_id in list(found.values_list("pk", "territory_id")):
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            row = Incident.objects.select_for_update(of=("self",)).select_related("placement").get(pk=pk)
            owed = sum(now - row.reported_at >= after for after in REMIND_AFTER)
            if row.declared_at is not None or row.reminders >= owed:
                continue
            row.reminders = owed
            row.revision += 1
            row.save()
            w.note(Act.SYSTEM, row, classes=[DataClass.PLACEMENT_INCIDENT], why="reminder")
            team.tell([*team.officers(row.placement, now), *team.hosts(row.placement, now)], now=now, urgent=True)
            told += 1
    return told


def stop_work(*, by: Viewer, placement: TigPlacement, reason: str, now: datetime) -> None:
    """Stop the work, by the host or the officer; the officer is told at once (HOST-08, HOST-11)."""
    facts.require_on(by, placement, Action.MOVE, DataClass.PLACEMENT, now)
    if reason not in WorkSuspensionReason.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        _stop_work(w, by=by, placement=placement, reason=WorkSuspensionReason(reason), now=now)
        team.tell(team.officers(placement, now), now=now, urgent=True)


def _stop_work(w: Writing, *, by: Viewer, placement: TigPlacement, reason: WorkSuspensionReason, now: datetime) -> None:
    if placement.state != State.IN_PROGRESS:
        raise InputRefused("Le travail n’est pas en cours : il n’y a rien à suspendre.", field="stop_work")
    LIFECYCLE.apply(placement, State.WORK_SUSPENDED, w=w, by=by, now=now)
    tomorrow = localdate(now) + timedelta(days=1)  # the hours already done today still count
    row = WorkSuspension(
        subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement,
        starts_on=tomorrow, reason=reason, decided_by=by.mandate_id,
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[DataClass.PLACEMENT_INCIDENT])
    proposals.drop_plan(w, placement, from_day=tomorrow, now=now)


def resume(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Go on after a suspension or a report, as the officer decides (ASG-02). Raises AccessRefused, MoveRefused."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        _close_suspensions(w, placement, now)
        LIFECYCLE.apply(placement, State.IN_PROGRESS, w=w, by=by, now=now)
        team.tell(team.hosts(placement, now), now=now)


def _close_suspensions(w: Writing, placement: TigPlacement, now: datetime) -> None:
    today = localdate(now)
    for rows in (placement.work_suspensions, placement.clock_suspensions):
        for row in rows.filter(ends_on=None):
            row.ends_on = max(today, row.starts_on)
            row.revision += 1
            row.save()
            w.note(Act.CHANGE, row, why="resume")


def stop_clock(
    *, by: Viewer, placement: TigPlacement, reason: str, starts_on: date, decided_on: date | None, now: datetime,
    work_goes_on: bool = False,
) -> None:  # fmt: skip
    """Stop the legal time: by decision of the JAP, or by law (TIG-09, TIG-10).

    `work_goes_on`: what the officer knows of somebody under home arrest or serving a sentence outside; the plan goes
    on too. Otherwise both stop. Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)
    today = localdate(now)
    if reason not in ClockReason.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")
    if reason in BY_JUDGE and decided_on is None:
        raise InputRefused("Le juge décide de cette suspension : indiquez la date (CP 131-22).", field="decided_on")
    if work_goes_on and reason not in MAY_STILL_WORK:
        raise InputRefused("Le travail ne continue que sous assignation ou peine aménagée (CP 131-22).",
                           field="work_goes_on")  # fmt: skip
    if starts_on > today:
        raise InputRefused("La suspension commence au plus tard aujourd’hui.", field="starts_on")
    if placement.clock_suspensions.filter(ends_on=None).exists():
        raise GuardRefused("Le délai est déjà suspendu.")
    with audit.writing(by, now=now) as w:
        row = ClockSuspension(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement,
            starts_on=starts_on, work_goes_on=work_goes_on, reason=reason, decided_on=decided_on,
            recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.SENTENCE])
        if not work_goes_on and placement.state in (State.ASSIGNED, State.IN_PROGRESS):
            LIFECYCLE.apply(placement, State.CLOCK_SUSPENDED, w=w, by=by, now=now)
            proposals.drop_plan(w, placement, from_day=today, now=now)


def restart_clock(*, by: Viewer, placement: TigPlacement, on: date, now: datetime) -> None:
    """Let the legal time run again from `on`; a placement stopped with it goes on. Raises AccessRefused, InputRefused."""
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)
    row = placement.clock_suspensions.filter(ends_on=None).first()
    if row is None:
        raise GuardRefused("Le délai n’est pas suspendu.")
    if not row.starts_on <= on <= localdate(now):
        raise InputRefused("La reprise se situe entre la suspension et aujourd’hui.", field="on")
    with audit.writing(by, now=now) as w:
        row.ends_on = on
        row.revision += 1
        row.save()
        w.note(Act.CHANGE, row, classes=[DataClass.SENTENCE], why="restart")
        if placement.state == State.CLOCK_SUSPENDED:
            LIFECYCLE.apply(placement, State.IN_PROGRESS, w=w, by=by, now=now)
