"""Opens the file: says what it is, refuses clearly what it is not, and finds the line of headers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from casework.casefile import workbook
from casework.casefile.matching import normalise
from casework.casefile.workbook import MAX_ROWS
from casework.errors import InputRefused
from casework.minors.followups.spreadsheet.cells import says_nothing
from casework.minors.followups.spreadsheet.columns import Target, guess

_HEADER_WITHIN = 40

NO_HEADER = (
    "Aucune ligne d’en-têtes trouvée : il faut au moins une colonne de noms et une autre colonne "
    "(par exemple « Nom », « Prénom », « Né(e) le », « Motif »)."
)


def refused(code: str) -> InputRefused:
    """Return the refusal of a file: a French message that quotes nothing of it."""
    return InputRefused(NO_HEADER, field="file", code=code) if code == "no_header" else workbook.refused(code)


@dataclass(frozen=True)
class Table:
    """One sheet as text. Lines are numbered as a spreadsheet shows them, from 1; `lines[0]` is line 1.

    `header_line`: the number of the line of headers. `other_sheets`: visible sheets left aside, those that
    look like tables of people first.
    """

    sheet: str
    lines: tuple[tuple[str, ...], ...]
    header_line: int
    other_sheets: tuple[str, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers, one per column ("" where there is none), as wide as the widest line."""
        width = max(map(len, self.lines))
        header = self.lines[self.header_line - 1]
        return header + ("",) * (width - len(header))

    def without_narrative(self, mapping: Mapping[int, Target]) -> Table:
        """Return the table with « … » in place of what narrative and forbidden columns say (BL-01, BL-09)."""
        blind = {column for column, target in mapping.items() if target in (Target.NARRATIVE, Target.FORBIDDEN)}
        kept = tuple(
            line
            if number <= self.header_line
            else tuple("…" if n in blind and not says_nothing(cell) else cell for n, cell in enumerate(line))
            for number, line in enumerate(self.lines, start=1)
        )
        return replace(self, lines=kept)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists and strings, for a sealed field."""
        return {
            "sheet": self.sheet,
            "lines": [list(line) for line in self.lines],
            "header_line": self.header_line,
            "other_sheets": list(self.other_sheets),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Table:
        """Return the table that `to_json` gave."""
        return cls(
            data["sheet"],
            tuple(tuple(line) for line in data["lines"]),
            data["header_line"],
            tuple(data["other_sheets"]),
        )


def open_file(content: bytes, *, sheet: str | None = None, header_line: int | None = None) -> Table:
    """Return the table of people held by a .xlsx, .ods or .csv file, whatever its name says it is.

    `sheet` and `header_line` correct what is found alone. Raises InputRefused, field `file`.
    """
    sheets = workbook.read_sheets(content)
    if sheet is not None and sheet not in sheets:
        raise refused("no_sheet")
    found = {name: _header(lines) for name, lines in sheets.items()}
    ranked = sorted(sheets, key=lambda name: -found[name][0])
    chosen = sheet if sheet is not None else ranked[0]
    lines, line = sheets[chosen], header_line or found[chosen][1]
    if not 1 <= line <= len(lines):
        raise refused("no_header")
    below = sum(any(cell.strip() for cell in cells) for cells in lines[line:])
    if below > MAX_ROWS:
        raise refused("too_big")
    if not below:
        raise refused("no_rows")
    others = tuple(name for name in ranked if name != chosen and sheets[name])
    return Table(chosen, tuple(map(tuple, lines)), line, others)


# Headers


def _header(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how sure, and the number of, the line of headers: (0, 0) when there is none."""
    best = (0, 0)
    for number, line in enumerate(lines[:_HEADER_WITHIN], start=1):
        score = _header_score(line)
        if score > best[0]:
            best = (score, number)
    return best


def _header_score(line: Iterable[str]) -> int:
    targets = set(guess(tuple(line)).values()) - {Target.IGNORED}
    named = targets & {Target.FULL_NAME, Target.LAST_NAME, Target.FIRST_NAME}
    return len(targets) if named and len(targets) >= 2 else 0


def repeats_header(line: Sequence[str], header: Sequence[str]) -> bool:
    """Return whether a line is the headers again (they come back on each printed page)."""
    texts = [normalise(cell) for cell in line]
    return sum(bool(text) for text in texts) > 1 and texts == _padded([normalise(cell) for cell in header], texts)


def _padded(cells: list[str], like: Collection[str]) -> list[str]:
    return (cells + [""] * len(like))[: len(like)]
