"""Reports to the magistrate: opened, written, read by a second person, transmitted, then fixed (CJ-35, CJ-36).

An incident begins with the call to the prosecutor's duty officer; the note follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import mailer, revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.sealing import sweep
from casework.vif.offenders import facts, letters, prose
from casework.vif.offenders.actions import team
from casework.vif.offenders.actions.counting import count
from casework.vif.offenders.codes import (
    ENDED,
    FILLED,
    TOLD_FROM,
    BreachAnswer,
    Channel,
    ReportKind,
    ReportState,
    Section,
    State,
    recipients,
)
from casework.vif.offenders.models import Addendum, Measure, Report
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.states import LIFECYCLE

MOST = 6000
"""Characters of one part: a magistrate reads a report in two minutes."""
WRITTEN = tuple(section for section in Section if section not in FILLED)
LETTER = "letter"
"""Key, beside the parts, of the words around them: kept from the day the report leaves."""
_ROW = DataClass.VIF_REPORTS


def find(viewer: Viewer, pk: UUID, now: datetime) -> Report:
    """Return one report that this viewer may read: drafts are for those who write here. Raises AccessRefused."""
    seen = facts.visible_to(viewer, now, _ROW)
    row = Report.objects.filter(pk=pk, measure__in=seen.values("pk")).first()
    if row is None:
        raise AccessRefused(code="report")
    row.measure = facts.find(viewer, row.measure_id, now, _ROW)
    link = facts.relation(viewer, row.measure, now)
    if row.state != ReportState.TRANSMITTED and not link.may(viewer, Action.CHANGE, _ROW, now):
        raise AccessRefused(code="report_draft")
    return row


def open_report(*, by: Viewer, measure: Measure, kind: str, now: datetime) -> Report:
    """Begin a report; one of each kind at a time. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, measure, Action.CHANGE, _ROW, now)
    if kind not in ReportKind.values or kind == ReportKind.INCIDENT:
        raise InputRefused("Choisissez la nature du rapport.", field="kind")
    if measure.state == State.MANDATED and kind not in (ReportKind.ABSENCE,):
        raise GuardRefused("Le premier entretien vient d’abord.")
    if measure.state == State.FINAL_REPORT_FILED:
        raise GuardRefused("Le rapport final est déjà remis : ajoutez-lui un addendum.")
    if measure.reports.filter(kind=kind).exclude(state=ReportState.TRANSMITTED).exists():
        raise GuardRefused("Un rapport de cette nature est déjà en cours : ouvrez-le.")
    page = reads.page(by, measure.pk, now)
    return _begin(by, measure, kind, now, prose.starter(page, kind, localdate(now)))


def _begin(
    by: Viewer, measure: Measure, kind: str, now: datetime, words: Mapping[str, str], **given: Any
) -> Report:  # fmt: skip
    row = Report(
        subject_id=measure.subject_id, territory_id=measure.territory_id, measure=measure, recorded_by=by.mandate_id,
        written_by=by.mandate_id, kind=kind, state=ReportState.DRAFT, opened_at=now,
        sections={str(section): words.get(section, "") for section in WRITTEN}, **({"call": {}} | given),
    )  # fmt: skip
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[_ROW], why=kind)
        if kind == ReportKind.INCIDENT:
            if measure.state == State.NOTIFIED:
                LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now)
            if measure.state == State.ACTIVE:
                LIFECYCLE.apply(measure, State.BREACH_REPORTED, w=w, by=by, now=now)
    return row


@dataclass(frozen=True, kw_only=True)
class IncidentData:
    """The call that comes first, what failed, the facts in a few lines, and by when an answer is expected."""

    called_at: datetime
    called_name: str
    instruction: str
    what: str
    story: str
    answer_by: date


def report_incident(*, by: Viewer, measure: Measure, data: IncidentData, now: datetime) -> Report:
    """Record the call to the prosecutor's duty officer, then begin the note (CJ-36).

    The measure waits for the magistrate from this second. Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, measure, Action.MOVE, _ROW, now)
    if measure.state not in TOLD_FROM:
        raise GuardRefused("Un incident se signale pendant le suivi.")
    if measure.reports.filter(kind=ReportKind.INCIDENT).exclude(state=ReportState.TRANSMITTED).exists():
        raise GuardRefused("Un rapport d’incident est déjà en cours : finissez-le d’abord.")
    if not data.called_name.strip():
        raise InputRefused("Indiquez qui a répondu à la permanence.", field="called_name")
    if not data.instruction.strip():
        raise InputRefused("Indiquez ce qui vous a été dit.", field="instruction")
    if data.called_at > now or localdate(data.called_at) < measure.ordered_on:
        raise InputRefused("Cet appel est à venir, ou avant la décision.", field="called_on")
    if not data.story.strip():
        raise InputRefused("Dites en quelques lignes ce qui s’est passé.", field="story")
    if data.answer_by < localdate(now):
        raise InputRefused("Cette date est passée.", field="answer_by")
    page = reads.page(by, measure.pk, now)
    words = prose.starter(page, ReportKind.INCIDENT, localdate(now)) | {Section.SITUATION: data.story.strip()}
    call = {"name": data.called_name.strip(), "instruction": data.instruction.strip(), "what": data.what.strip()}
    return _begin(
        by, measure, ReportKind.INCIDENT, now, words, call=call, called_at=data.called_at, answer_by=data.answer_by
    )


def write(*, by: Viewer, report: Report, sections: Mapping[str, str], now: datetime, expected: int | None) -> None:
    """Keep what the officer wrote in the parts of prose. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, report.measure, Action.CHANGE, _ROW, now)
    for section, text in sections.items():
        if section not in WRITTEN:
            raise InputRefused("Cette partie se remplit depuis le dossier.", field=section)
        if len(text) > MOST:
            raise InputRefused(f"Cette partie est limitée à {MOST} caractères.", field=section)
    held = _opened(by, report)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        _still(row, ReportState.DRAFT)
        revision.save(
            row, sections={**held, **{key: text.strip() for key, text in sections.items()}}, written_by=by.mandate_id
        )
        w.note(Act.CHANGE, row, classes=[_ROW], why="written")


def _opened(by: Viewer, report: Report) -> dict[str, str]:
    with reads.gate(by, report.measure, [_ROW]):
        sweep.open_many([report], "sections")
        return dict(report.sections or {})


def _still(row: Report, *states: ReportState) -> None:
    if row.state not in states:
        raise GuardRefused(
            "Ce rapport est transmis : il ne change plus. Ajoutez un addendum."
            if row.state == ReportState.TRANSMITTED
            else "Ce rapport est en relecture : reprenez-le d’abord."
        )


def ask_reading(*, by: Viewer, report: Report, reader: UUID, now: datetime, expected: int | None) -> None:
    """Ask a colleague to read a report before it leaves: the measure is open to them for a week.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    measure = report.measure
    facts.require_on(by, measure, Action.CHANGE, _ROW, now)
    mandate = team.one_of(team.colleagues(by, measure.subject_id, now), reader, "reader")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        _still(row, ReportState.DRAFT)
        revision.save(row, state=ReportState.TO_READ, reader_id=mandate.pk, read_at=None)
        w.note(Act.CHANGE, row, classes=[_ROW], why="to_read")
        team.let_reader_in(w, by=by, measure=measure, mandate=mandate, now=now)
        tell([mandate], subject=team.SUBJECT, line=team.WAITS, now=now)


def confirm_reading(*, by: Viewer, report: Report, agreed: bool, now: datetime, expected: int | None) -> None:
    """Record the reading by the second person, who is not the author; without agreement it goes back to be written.

    Raises AccessRefused, GuardRefused.
    """
    measure = report.measure
    facts.require_on(by, measure, Action.CHANGE, _ROW, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        _still(row, ReportState.TO_READ)
        if row.reader_id != by.mandate_id or row.written_by == by.mandate_id:
            raise GuardRefused("Une autre personne que l’auteur relit ce rapport.")
        state = ReportState.READ if agreed else ReportState.DRAFT
        revision.save(row, state=state, read_at=now if agreed else None)
        w.note(Act.CHANGE, row, classes=[_ROW], why="read" if agreed else "given_back")
        team.let_reader_out(w, measure=measure, mandate_id=by.mandate_id, now=now)
        tell(
            team.in_charge([measure.pk], now).get(measure.pk, []), subject=team.SUBJECT, line=team.WAITS, now=now,
            but=by.agent_id,
        )  # fmt: skip


def take_back(*, by: Viewer, report: Report, now: datetime, expected: int | None) -> None:
    """Write again a report that was to be read, or had been: it will be read anew. Raises AccessRefused, GuardRefused."""
    facts.require_on(by, report.measure, Action.CHANGE, _ROW, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        _still(row, ReportState.TO_READ, ReportState.READ)
        if row.reader_id is not None:
            team.let_reader_out(w, measure=report.measure, mandate_id=row.reader_id, now=now)
        revision.save(row, state=ReportState.DRAFT, reader_id=None, read_at=None)
        w.note(Act.CHANGE, row, classes=[_ROW], why="taken_back")


def transmit(
    *, by: Viewer, report: Report, sent_on: date, channel: str, recipient: str, now: datetime, expected: int | None
) -> None:  # fmt: skip
    """Record that a report left: when, how, to whom. Its six parts are fixed as they stand.

    A notice of taking charge begins the follow-up, a final report ends it. Raises AccessRefused, InputRefused,
    GuardRefused (an obligation not rated, no hearing, not read by a second person where the service wants it).
    """
    measure = report.measure
    facts.require_on(by, measure, Action.MOVE, _ROW, now)
    if channel not in Channel.values:
        raise InputRefused("Indiquez la voie.", field="channel")
    if recipient not in recipients(measure.frame, report.kind):
        raise InputRefused("Ce destinataire n’est pas de ce cadre.", field="recipient")
    if not measure.ordered_on <= sent_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="sent_on")
    fixed = _fixed(by, report, now)
    needs_reader = reads.setting_of(measure.organisation_id).second_reader
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        _still(row, *((ReportState.READ,) if needs_reader else (ReportState.DRAFT, ReportState.READ)))
        revision.save(
            row, state=ReportState.TRANSMITTED, sent_on=sent_on, channel=channel, recipient=recipient, sections=fixed
        )
        w.note(Act.CHANGE, row, classes=[_ROW], why="transmitted")
        count(w, measure, f"report.{row.kind}", now)
        if row.kind == ReportKind.TAKING_CHARGE and measure.state == State.NOTIFIED:
            LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now)
        if row.kind == ReportKind.FINAL:
            if measure.state == State.NOTIFIED:
                LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now)
            LIFECYCLE.apply(measure, State.FINAL_REPORT_FILED, w=w, by=by, now=now)


def _fixed(by: Viewer, report: Report, now: datetime) -> dict[str, Any]:
    """Return the parts of the report as they leave: those of the record filled one last time, none empty to conclude.

    The words around them stay as they are too (letters.py).
    """
    held = _opened(by, report)
    page = reads.page(by, report.measure_id, now)
    letter = letters.chosen(report.measure.organisation_id, page.frame, page.court)
    if not held.get(Section.CONCLUSION, "").strip():
        raise GuardRefused("La conclusion est vide.")
    words = {
        str(each): prose.filled(page, each) if each in FILLED else held.get(each, "")
        for each in letter.parts(report.kind)
    }
    return words | {LETTER: letter.kept()}


def answer(*, by: Viewer, report: Report, answer: str, answered_on: date, now: datetime, expected: int | None) -> None:
    """Record what the magistrate decided after an incident, and move the measure as decided (CJ-35, 10.4).

    Revoked, the measure ends that day. Raises AccessRefused, InputRefused, GuardRefused.
    """
    measure = report.measure
    facts.require_on(by, measure, Action.MOVE, _ROW, now)
    if answer not in BreachAnswer.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="answer")
    if report.kind != ReportKind.INCIDENT or report.called_at is None:
        raise GuardRefused("Seul un incident attend une réponse.")
    if not localdate(report.called_at) <= answered_on <= localdate(now):
        raise InputRefused("Cette date est avant l’appel, ou à venir.", field="answered_on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Report.objects.all(), report.pk, expected)
        if row.answer:
            raise GuardRefused("La réponse est déjà inscrite.")
        revision.save(row, answer=answer, answered_on=answered_on)
        w.note(Act.CHANGE, row, classes=[_ROW], why="answered")
        if measure.state != State.BREACH_REPORTED:
            return
        if answer == BreachAnswer.REVOKED:
            LIFECYCLE.apply(measure, State.REVOKED, w=w, by=by, now=now, closed_on=answered_on)
            count(w, measure, "end.revoked", now)
        elif answer == BreachAnswer.MODIFIED:
            LIFECYCLE.apply(measure, State.MODIFIED, w=w, by=by, now=now)
        elif not measure.reports.filter(kind=ReportKind.INCIDENT, answer="").exists():
            LIFECYCLE.apply(measure, State.ACTIVE, w=w, by=by, now=now)


def add(
    *, by: Viewer, report: Report, text: str, sent_on: date, channel: str, now: datetime
) -> Addendum:  # fmt: skip
    """Add to a report that has left; what left stays as it was. Raises AccessRefused, InputRefused, GuardRefused."""
    measure = report.measure
    facts.require_on(by, measure, Action.CHANGE, _ROW, now)
    if measure.state in ENDED or report.state != ReportState.TRANSMITTED or report.sent_on is None:
        raise GuardRefused("Un addendum suit un rapport transmis.")
    if not text.strip():
        raise InputRefused("Écrivez ce qui s’ajoute.", field="text")
    if channel not in Channel.values:
        raise InputRefused("Indiquez la voie.", field="channel")
    if not report.sent_on <= sent_on <= localdate(now):
        raise InputRefused("Cette date est avant le rapport, ou à venir.", field="sent_on")
    row = Addendum(
        subject_id=measure.subject_id, territory_id=measure.territory_id, measure=measure, report=report,
        recorded_by=by.mandate_id, sent_on=sent_on, channel=channel, text=text.strip(),
    )  # fmt: skip
    with audit.writing(by, now=now) as w:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[_ROW], purpose=Purpose.DOCUMENT)
    return row
