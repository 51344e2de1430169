"""One report, opened: what is written, what the record fills, what was added once it had left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached
from casework.casefile import format as fr
from casework.casefile.attached import Paper
from casework.sealing import sweep
from casework.vif.offenders import facts, letters, prose
from casework.vif.offenders.actions import reports
from casework.vif.offenders.codes import FILLED, Channel, PaperKind, ReportKind, ReportState
from casework.vif.offenders.letters import Letter
from casework.vif.offenders.reads import missing
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.reads.page import Page, ReportLine


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the six parts. `is_filled`: by the record, nobody types in it."""

    code: str
    heading: str
    text: str
    is_filled: bool


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was added after it had left."""

    text: str
    sent_on: date
    channel: str


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """One report of one measure."""

    id: UUID
    revision: int
    line: ReportLine
    measure: Page
    parts: tuple[Part, ...]
    letter: Letter
    called_name: str
    instruction: str
    what: str
    written_by: str
    reader: str
    read_at: datetime | None
    added: tuple[Added, ...]
    receipts: tuple[Paper, ...]
    """What proves that it arrived, scanned."""
    may_write: bool
    may_read_over: bool
    may_transmit: bool

    @property
    def still(self) -> tuple[str, ...]:
        """Return what the record still lacks for a final report; the writing of it is under one's eyes."""
        if not self.is_final:
            return ()
        return tuple(what for what in self.measure.lacking if what not in missing.OF_REPORT.values())

    @property
    def is_final(self) -> bool:
        """Say whether it is the one owed before the hearing."""
        return self.line.kind_code == ReportKind.FINAL


def report(
    viewer: Viewer, pk: UUID, now: datetime, *, purpose: Purpose = Purpose.REVIEW, act: Act = Act.VIEW
) -> ReportPage:
    """Return one report. Raises AccessRefused, absent or refused alike; a draft is absent to who does not write here."""
    row = reports.find(viewer, pk, now)
    if act is Act.PRINT:
        facts.require_on(viewer, row.measure, Action.PRINT, DataClass.VIF_REPORTS, now)
    page = reads.page(viewer, row.measure_id, now)
    added = list(row.addenda.all())
    names = reads.agent_names([row.written_by, row.reader_id])
    sent = row.state == ReportState.TRANSMITTED
    with reads.gate(viewer, row.measure, [DataClass.VIF_REPORTS], purpose=purpose, act=act):
        sweep.open_many([row], "sections", "call")
        sweep.open_many(added, "text")
        held, call = row.sections or {}, row.call or {}
        letter = (
            letters.of_kept(held.get(reports.LETTER))
            if sent
            else letters.chosen(row.measure.organisation_id, page.frame, page.court)
        )
        parts = tuple(
            Part(
                code=str(each), heading=letter.heading(row.kind, each), is_filled=each in FILLED,
                text=str(held.get(each, "")) if sent or each not in FILLED else prose.filled(page, each),
            )
            for each in letter.parts(row.kind)
        )  # fmt: skip
        may = page.may_change
        mine = row.reader_id == viewer.mandate_id and row.written_by != viewer.mandate_id
        return ReportPage(
            id=row.pk, revision=row.revision, line=reads.report_line(row), measure=page, parts=parts, letter=letter,
            called_name=str(call.get("name", "")), instruction=str(call.get("instruction", "")),
            what=str(call.get("what", "")), written_by=names.get(row.written_by, ""),
            reader=names.get(row.reader_id, "") if row.reader_id else "", read_at=row.read_at,
            added=tuple(
                Added(text=each.text or "", sent_on=each.sent_on, channel=fr.label(Channel, each.channel))
                for each in added
            ),
            receipts=attached.of([row.pk], [PaperKind.RECEIPT]).get(row.pk, ()),
            may_write=may and row.state == ReportState.DRAFT,
            may_read_over=may and row.state == ReportState.TO_READ and mine,
            may_transmit=may
            and (row.state == ReportState.READ or (row.state == ReportState.DRAFT and not page.second_reader)),
        )  # fmt: skip
