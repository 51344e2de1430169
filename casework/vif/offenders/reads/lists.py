"""The lists of measures: one's own by hearing and by silence, and what a prosecutor's agent receives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.sealing import sweep
from casework.vif.offenders import facts, law
from casework.vif.offenders.codes import ENDED, FOLLOWED, Frame, Recipient, ReportKind, ReportState, State
from casework.vif.offenders.models import Appointment, Measure, Obligation, Report, ServiceSetting
from casework.vif.offenders.reads import missing
from casework.vif.offenders.reads.page import due_on, full_name

RECENT = timedelta(days=30)
"""Days for which a report stands in the first list of the prosecutor's agents."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measure of a list."""

    id: UUID
    reference: str
    name: str
    frame: str
    state: State
    is_over: bool
    hearing_on: date | None
    term_on: date
    report_due_on: date | None
    lacking: tuple[str, ...]
    contact_on: date | None
    is_silent: bool
    closed_on: date | None


@dataclass(frozen=True, kw_only=True)
class Received:
    """One report transmitted, as a prosecutor's agent finds it."""

    id: UUID
    measure_id: UUID
    reference: str
    name: str
    kind: str
    is_incident: bool
    sent_on: date
    recipient: str
    answer_by: date | None
    is_answered: bool
    is_recent: bool


def own(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the measures that the viewer may open, the next hearing or term first. Constant queries."""
    rows = list(facts.visible_to(viewer, now).order_by("reference"))
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, DataClass.VIF_PERSON, now)]
    names, lacks, silent = _names(viewer, rows), lacking(rows, now), silences(rows, now)
    lines = [
        Line(
            id=row.pk, reference=row.reference, name=names[row.pk], frame=Frame(row.frame).label,
            state=State(row.state), is_over=row.state in ENDED, hearing_on=row.hearing_on, term_on=row.term_on,
            report_due_on=due_on(row), lacking=lacks.get(row.pk, ()), contact_on=row.contact_on,
            is_silent=row.pk in silent, closed_on=row.closed_on,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(
        lines, key=lambda line: (line.is_over, line.report_due_on is None, line.report_due_on or line.term_on)
    )


def lacking(rows: list[Measure], now: datetime) -> dict[UUID, tuple[str, ...]]:
    """Return what the final report of each measure lacks; three queries, nothing opened."""
    ids = [row.pk for row in rows if row.state not in ENDED]
    if not ids:
        return {}
    unrated = Counter(
        Obligation.objects.filter(measure_id__in=ids, ended_on__isnull=True, rated_on__isnull=True)
        .values_list("measure_id", flat=True)
    )  # fmt: skip
    unsaid = Counter(
        Appointment.objects.filter(measure_id__in=ids, came="", day__lte=localdate(now))
        .values_list("measure_id", flat=True)
    )  # fmt: skip
    final = dict(Report.objects.filter(measure_id__in=ids, kind=ReportKind.FINAL).values_list("measure_id", "state"))
    return {
        row.pk: missing.lacking(
            missing.Known(
                state=row.state, frame=row.frame, hearing_on=row.hearing_on, unrated=unrated[row.pk],
                unsaid=unsaid[row.pk], report=final.get(row.pk, ""),
            )
        )
        for row in rows
        if row.state not in ENDED
    }  # fmt: skip


def silences(rows: list[Measure], now: datetime) -> dict[UUID, date]:
    """Return the measures without a contact for too long, with the day on which it became so; one query.

    An appointment to come does not break a silence: only having met or reached the person does.
    """
    services = {row.organisation_id for row in rows}
    days = dict(ServiceSetting.objects.filter(organisation__in=services).values_list("organisation_id", "silence_days"))
    found = {}
    for row in rows:
        if row.state not in (State.MANDATED, *FOLLOWED):
            continue
        last = row.contact_on or localdate(row.received_at)
        since = last + timedelta(days=days.get(row.organisation_id, law.SILENCE_DAYS))
        if since < localdate(now):
            found[row.pk] = since
    return found


def received(viewer: Viewer, now: datetime) -> list[Received]:
    """Return the reports transmitted on the measures that the viewer may open. Constant queries.

    Incidents that wait for an answer come first, then the latest.
    """
    seen = facts.visible_to(viewer, now, DataClass.VIF_REPORTS)
    rows = list(
        Report.objects.filter(measure__in=seen.values("pk"), state=ReportState.TRANSMITTED)
        .select_related("measure").order_by("-sent_on", "-opened_at")
    )  # fmt: skip
    measures = {row.measure_id: row.measure for row in rows}
    links = facts.relations(viewer, measures.values(), now)
    rows = [row for row in rows if links[row.measure_id].may(viewer, Action.LIST, DataClass.VIF_REPORTS, now)]
    names = _names(viewer, [measures[pk] for pk in dict.fromkeys(row.measure_id for row in rows)])
    since = localdate(now) - RECENT
    found = [
        Received(
            id=row.pk, measure_id=row.measure_id, reference=row.measure.reference, name=names[row.measure_id],
            kind=ReportKind(row.kind).label, is_incident=row.kind == ReportKind.INCIDENT, sent_on=row.sent_on,
            recipient=fr.label(Recipient, row.recipient), answer_by=row.answer_by, is_answered=bool(row.answer),
            is_recent=row.sent_on >= since or (row.kind == ReportKind.INCIDENT and not row.answer),
        )
        for row in rows
        if row.sent_on is not None
    ]  # fmt: skip
    return sorted(found, key=lambda line: line.is_answered or not line.is_incident)


def _names(viewer: Viewer, rows: list[Measure]) -> dict[UUID, str]:
    if not rows:
        return {}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.VIF_PERSON], purpose=Purpose.LISTING,
        act=Act.LIST, module="vif", object_type=Measure._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(rows, "identity")
        return {row.pk: full_name(row.identity) for row in rows}
