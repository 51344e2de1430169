"""A line while it is being read, and once read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from casework.casefile.matching import Candidate
from casework.minors.followups.codes import BirthPrecision
from casework.minors.followups.spreadsheet import cells
from casework.minors.followups.spreadsheet.columns import Target
from casework.minors.followups.spreadsheet.report import Entry, Level, Message, Status

# Longest values that the models take.
_LONGEST = {Target.LAST_NAME: 120, Target.FIRST_NAME: 120, Target.ADDRESS: 300, Target.EMAIL: 120, Target.SCHOOL: 120}


@dataclass
class Line:
    """A line being read: its cells by target, what was said of it so far."""

    number: int
    cells: dict[Target, list[tuple[int, str]]]
    messages: list[Message] = field(default_factory=list)

    def get(self, target: Target) -> tuple[int | None, str]:
        """Return the column and the text of a target, tidied; (None, "") if there is no such column."""
        column, text = self.raw(target)
        return column, cells.tidy(text)

    def raw(self, target: Target) -> tuple[int | None, str]:
        """Return the column and the text as it is written."""
        return self.cells[target][0] if self.cells.get(target) else (None, "")

    def say(self, level: Level, code: str, text: str, target: Target | None = None, column: int | None = None) -> None:
        """Add a remark."""
        self.messages.append(Message(level, code, text, target, column))

    def require_short(self, target: Target, value: str) -> None:
        """Refuse a value that the model would not take."""
        if len(value) > _LONGEST[target]:
            self.say(Level.REFUSED, "too_long", f"{target.label} : texte trop long.", target, self.get(target)[0])

    @property
    def is_refused(self) -> bool:
        """Whether something must be corrected."""
        return any(message.level is Level.REFUSED for message in self.messages)


@dataclass(frozen=True)
class Birth:
    """A birth date as far as the table says."""

    day: date | None
    precision: BirthPrecision = BirthPrecision.DAY


@dataclass(frozen=True)
class Draft:
    """A line once read: where it stands before duplicates are looked for."""

    line: Line
    candidate: Candidate
    status: Status
    entry: Entry | None
