"""What reading a spreadsheet gives back: frozen, in French where a person reads it, nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casework.minors.followups.spreadsheet.columns import Target


class Level(StrEnum):
    """How much a message matters. INFO: tidied without loss. WARNING: to check. REFUSED: to correct."""

    INFO = "info"
    WARNING = "warning"
    REFUSED = "refused"


class Status(StrEnum):
    """What becomes of a line. Only OK and WARNING can be written."""

    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"
    OVER_25 = "over_25"
    PURGE_PASSED = "purge_passed"

    @property
    def label(self) -> str:
        """French word."""
        return {
            Status.OK: "prête",
            Status.WARNING: "prête, à vérifier",
            Status.REFUSED: "refusée, à corriger",
            Status.OVER_25: "25 ans ou plus, comptée seulement",
            Status.PURGE_PASSED: "durée de conservation dépassée, comptée seulement",
        }[self]


class EntryState(StrEnum):
    """What the old table says of the follow-up. WAITING (« en attente ») is open too."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True)
class Message:
    """One remark on a line. `target` and `column` (0 is A) say where, when it is about a cell."""

    level: Level
    code: str
    text: str
    target: Target | None = None
    column: int | None = None


@dataclass(frozen=True)
class Representative:
    """A parent or guardian as far as the table says. `relation`: codes.Relation, or ""."""

    last_name: str
    first_name: str
    relation: str
    phone: str


@dataclass(frozen=True)
class PastAction:
    """An action noted in the table: codes.ActionType, and whether it says that it was done."""

    kind: str
    done: bool


@dataclass(frozen=True)
class Entry:
    """What would be written. Codes are those of followups.codes, partners.codes and casefile.codes.

    `birth_precision` "year": the date is 1 January of an estimated year. `origin`: ReferralOrigin.
    `referral_on` None: unknown, the day of the import holds. `referral_estimated`: only month or year known.
    `ended_estimated`: no date in the table, the earliest possible day is taken so that nothing is kept too
    long. `lead`: OrganisationKind, or "". `schemes`: national codes of the local list. `sector`: as written.
    """

    last_name: str
    first_name: str
    birth_date: date
    birth_precision: str
    sex: str
    address: str
    sector: str
    phone: str
    email: str
    school: str
    school_level: str
    representatives: tuple[Representative, ...]
    origin: str
    referral_on: date | None
    referral_estimated: bool
    reasons: tuple[str, ...]
    state: EntryState
    ended_on: date | None
    ended_estimated: bool
    purge_on: date
    lead: str
    schemes: tuple[str, ...]
    actions: tuple[PastAction, ...]


@dataclass(frozen=True)
class Row:
    """A line of the table. `entry` exists only if it can be written.

    `duplicate_of`: this line is refused because that one, kept, is the same person. `also`: other lines
    that are, or may be, the same person.
    """

    line: int
    status: Status
    messages: tuple[Message, ...]
    entry: Entry | None
    duplicate_of: int | None = None
    also: tuple[int, ...] = ()

    @property
    def importable(self) -> bool:
        """Whether it can be written."""
        return self.entry is not None


@dataclass(frozen=True)
class Skipped:
    """A line that is no person. `kind`: blank, section, total, header."""

    line: int
    kind: str


@dataclass(frozen=True)
class Column:
    """A column and what it is taken for."""

    place: int
    letter: str
    header: str
    target: Target


@dataclass(frozen=True)
class NarrativeColumn:
    """A column that is never imported, and the lines where it says something, to be coded by hand."""

    place: int
    letter: str
    header: str
    target: Target
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Unknown:
    """A value that fits no code. `choices` of `read` maps `key` to a code, for all lines at once."""

    target: Target
    text: str
    key: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """How many lines; `total` = ok + warning + refused + over_25 + purge_passed."""

    total: int
    ok: int
    warning: int
    refused: int
    over_25: int
    purge_passed: int
    duplicates: int
    skipped: int

    @property
    def importable(self) -> int:
        """The N of « Importer les N lignes valides »."""
        return self.ok + self.warning


@dataclass(frozen=True)
class ImportReport:
    """The line-by-line report. Each line under the headers is once in `rows` or once in `skipped`."""

    sheet: str
    header_line: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    narrative: tuple[NarrativeColumn, ...]
    unknown: tuple[Unknown, ...]
    counts: Counts
    other_sheets: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def importable(self) -> tuple[Row, ...]:
        """The lines that can be written."""
        return tuple(row for row in self.rows if row.importable)
