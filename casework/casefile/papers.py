"""What each house template takes, one TypedDict per template and per part of one; `documents.render` makes the PDF.

All values are French text ready to print; dates too (`format.day`).
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Head(TypedDict):
    """Common to all. `commune`: top left of each page. `lead`: lines under the title.

    `mention`: foot of each page, "Document confidentiel" unless said otherwise. `notes`: small print.
    """

    commune: str
    lead: NotRequired[list[str]]
    mention: NotRequired[str]
    notes: NotRequired[list[str]]


class Pair(TypedDict):
    """A word and its value."""

    label: str
    value: str


class Letter(TypedDict):
    """One letter, one page (a longer one is refused).

    `addressee`: at most six lines, name first, then the postal address, all that shows through the
    envelope. `place`: town before the date. `reference` may be "". `signatory`: lines under the closing.
    """

    addressee: list[str]
    place: str
    reference: str
    subject: str
    salutation: str
    paragraphs: list[str]
    closing: str
    signatory: list[str]
    notes: list[str]


class LetterData(Head):
    """`letter`: a batch. `sender`: lines under the commune's name (service, address, phone)."""

    sender: list[str]
    letters: list[Letter]


class AttendanceRow(TypedDict):
    """`state`: présent, excusé, absent, arrivée 14 h 20…"""

    service: str
    person: str
    state: str


class DecisionRow(TypedDict):
    """One decision in the minutes."""

    who: str
    what: str
    precision: str
    due: str
    state: str


class MinutesSituation(TypedDict):
    """One situation. `card`: "Y. B. · 2011 · Maille 2", never a name.

    `removed`: "" or « Situation retirée (durée atteinte) », which then stands alone.
    """

    number: int
    card: str
    removed: str
    findings: list[Pair]
    decisions: list[DecisionRow]
    outcome: str


class Addendum(TypedDict):
    """A correction after approval. `on`: the day, in words."""

    on: str
    text: str


class Proof(TypedDict):
    """The log's checkpoint: what the QR code says, and its eight words."""

    code: str
    words: list[str]


class MinutesData(Head):
    """`minutes`: what one reader may see. `general`: points without a person. `proof` may be None."""

    attendance: list[AttendanceRow]
    situations: list[MinutesSituation]
    general: list[str]
    addenda: list[Addendum]
    proof: Proof | None


class AgendaLine(TypedDict):
    """`card`: initials, age band, sector. `reasons`: why it is on the agenda. `minutes`: "8 min"."""

    number: int
    card: str
    reasons: list[str]
    services: str
    minutes: str


class AgendaBlock(TypedDict):
    """Lines heard by the same services. `heading` and `notice` may be "" (single formation)."""

    heading: str
    notice: str
    lines: list[AgendaLine]


class AgendaData(Head):
    """`agenda`. `meeting`: day and hours. `total`: planned length, may be ""."""

    meeting: str
    place: str
    intro: list[str]
    blocks: list[AgendaBlock]
    total: str


class ServiceLetter(TypedDict):
    """A service and its letter in the meeting."""

    letter: str
    name: str


class CodeLabel(TypedDict):
    """A code typed in the room and what it means."""

    code: str
    label: str


class LastDecision(TypedDict):
    """A decision of last time, to be ticked."""

    who: str
    what: str
    due: str


class SheetSituation(TypedDict):
    """`present`: letters of the services. `blanks`: empty lines for new decisions."""

    number: int
    card: str
    present: str
    last: list[LastDecision]
    blanks: int


class SheetData(Head):
    """`sheet`: the room sheet, landscape."""

    services: list[ServiceLetter]
    codes: list[CodeLabel]
    situations: list[SheetSituation]


class AttendancePerson(TypedDict):
    """`state`: attendu, excusé, suppléant…"""

    service: str
    person: str
    function: str
    state: str


class AttendanceData(Head):
    """`attendance`. `blanks`: empty lines at the end."""

    meeting: str
    place: str
    people: list[AttendancePerson]
    blanks: int


class MayorPageData(Head):
    """`mayor_page` (MAY-04 to MAY-06). `parents`: one list of pairs each, none for an adult.

    `opinion`: the prosecutor's, with its date, or "".
    """

    act: str
    ground: str
    law: str
    asked_by: str
    opinion: str
    person: list[Pair]
    parents: list[list[Pair]]


class StatementData(Head):
    """`statement`: paragraphs, facts, and one signature block for each label of `signatories`.

    `letterhead`: lines under `commune`, where a paper has one of its own.
    """

    letterhead: NotRequired[list[str]]

    paragraphs: list[str]
    items: list[Pair]
    signatories: list[str]


class WeekRow(TypedDict):
    """One half-day, to be filled in by hand."""

    day: str
    planned: str


class WeekPerson(TypedDict):
    """The week of one person, on a page of its own: nobody signs under somebody else's name."""

    name: str
    limits: str
    rows: list[WeekRow]


class WeekSheetData(Head):
    """`week_sheet`: the week of a post where hours are done, a page for each person, with room for two signatures."""

    people: list[WeekPerson]


class HoursRow(TypedDict):
    """One half-day done, or one adjustment."""

    day: str
    half: str
    hours: str
    pause: str
    total: str
    note: str


class HoursSheetData(Head):
    """`hours_sheet`: all the hours of one placement."""

    rows: list[HoursRow]
    total: str
    assigned: str
    signatories: list[str]


class ReparationSession(TypedDict):
    """One session of a réparation."""

    day: str
    hours: str
    kind: str
    presence: str
    parents: str


class ReparationReportData(Head):
    """`reparation_report`: what was decided, done and reached; `signatories` sign on a page of their own."""

    items: list[Pair]
    activity: list[str]
    sessions: list[ReparationSession]
    attendance: list[str]
    goals: list[Pair]
    difficulties: list[str]
    conclusion: list[str]
    signatories: list[str]


class Picture(TypedDict):
    """A chart of `casefile.charts`: `charts.drawn`, and `charts.told` for whoever does not see it. `caption`: above it."""

    svg: str
    alt: str
    caption: NotRequired[str]


class CountTable(TypedDict):
    """One table: a heading or "", as many cells in each row as there are columns, a note or "".

    Above it, a sentence that says the result (`lead`) and pictures.
    """

    heading: str
    columns: list[str]
    rows: list[list[str]]
    note: str
    lead: NotRequired[str]
    pictures: NotRequired[list[Picture]]


class TablesData(Head):
    """`tables`: counts in tables, and one signature block for each label of `signatories`."""

    paragraphs: list[str]
    tables: list[CountTable]
    signatories: list[str]


class ReportChapter(TypedDict):
    """One chapter of a report: its tables, what is missing of them, the words of whoever signs it."""

    heading: str
    tables: list[CountTable]
    missing: list[str]
    comment: list[str]


class ReportData(Head):
    """`report`: figures by chapter, with comments: the yearly evaluation."""

    chapters: list[ReportChapter]


class ProseSection(TypedDict):
    """One part of a report: its title, its paragraphs."""

    heading: str
    paragraphs: list[str]


class ProseReportData(Head):
    """`prose_report`: a report to a magistrate. `addressee`: at most four lines; `addenda`: added once it had left.

    `letterhead`: lines under `commune`; `opening`, `closing`: paragraphs before and after the parts.
    """

    letterhead: NotRequired[list[str]]
    addressee: list[str]
    opening: NotRequired[list[str]]
    closing: NotRequired[list[str]]
    items: list[Pair]
    sections: list[ProseSection]
    addenda: list[ProseSection]
    signatories: list[str]


class FamilySheetData(Head):
    """`family_sheet`: one page that a family reads, signs and keeps. `readers`: who reads what; four signatures at most."""

    paragraphs: list[str]
    items: list[Pair]
    readers: list[str]
    signatories: list[str]


class SecurityRow(TypedDict):
    """One promise or one requirement: what is said, what holds it, by which tests, with which result."""

    text: str
    control: str
    tests: str
    result: str


class SecurityData(Head):
    """`security`: what the software promises, and what it does not."""

    paragraphs: list[str]
    items: list[Pair]
    promises: list[SecurityRow]
    not_promised: list[str]
    tests: list[Pair]
    asvs: list[SecurityRow]


class OpeningRow(TypedDict):
    """One event of the journal about one person. `rank`: its place in the log."""

    rank: str
    at: str
    service: str
    role: str
    act: str
    purpose: str


class OpeningsData(Head):
    """`openings`: who opened one file. `proof` may be None."""

    lines: list[OpeningRow]
    proof: Proof | None
