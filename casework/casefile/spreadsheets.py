"""Tables of counts as files: CSV, Excel, OpenDocument. In memory, the same bytes for the same tables; no cell is a formula."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Final

import xlsxwriter
from odfdo import Document, Table

from casework.casefile import odt
from casework.casefile.format import NARROW

Cell = str | int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: what stands above the table, its headers and rows, what stands below (definition, warning)."""

    name: str
    above: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    below: tuple[str, ...]

    @property
    def lines(self) -> list[tuple[Cell, ...]]:
        """Return the sheet line by line, an empty one between its parts; no sign in it that a format cannot hold."""
        above, below = [(each,) for each in self.above], [(each,) for each in self.below]
        found: list[tuple[Cell, ...]] = [*above, (), self.columns, *self.rows, (), *below]
        return [tuple(odt.text_of(cell) if isinstance(cell, str) else cell for cell in line) for line in found]


def cell(words: str) -> Cell:
    """Return a printed number as a number, anything else as its words."""
    plain = words.replace(NARROW, "")
    return int(plain) if plain.isascii() and plain.isdecimal() else words


def guarded(value: Cell) -> Cell:
    """Return a value that no spreadsheet reads as a formula (T-49)."""
    return f"'{value}" if isinstance(value, str) and re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", value) else value


def as_csv(sheets: Sequence[Sheet], on: date) -> bytes:
    """Return the sheets one after the other, for a French spreadsheet: semicolons, UTF-8 with its mark."""
    written = StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    for rank, sheet in enumerate(sheets):
        if rank:
            writer.writerow(())
        writer.writerows([guarded(cell) for cell in line] for line in sheet.lines)
    return written.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sequence[Sheet], on: date) -> bytes:
    """Return a workbook dated of the act."""
    written = BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": "", "created": datetime.combine(on, time())})
    bold, head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
    for name, sheet in zip(_names(sheets), sheets, strict=True):
        page = book.add_worksheet(name)
        page.set_column(0, 0, 44)
        header = len(sheet.above) + 1
        for at, line in enumerate(sheet.lines):
            form = bold if at == 0 else head if at == header else None
            for column, cell in enumerate(line):
                if isinstance(cell, int):
                    page.write_number(at, column, cell, form)
                else:
                    page.write_string(at, column, cell, form)
    book.close()
    return written.getvalue()


def as_ods(sheets: Sequence[Sheet], on: date) -> bytes:
    """Return an OpenDocument workbook dated of the act."""
    document = Document("spreadsheet")
    meta = document.meta
    meta.language, meta.generator = "fr-FR", "Casework"
    meta.creation_date = meta.date = datetime.combine(on, time())
    body = document.body
    body.clear()
    for name, sheet in zip(_names(sheets), sheets, strict=True):
        table = Table(name)
        table.set_values([list(line) for line in sheet.lines])
        body.append(table)
    written = BytesIO()
    document.save(written)
    return _dated(written.getvalue())


def _dated(made: bytes) -> bytes:
    """Return the same archive without the hour at which it was written."""
    kept = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(kept, "w") as new:
        for each in old.infolist():
            plain = zipfile.ZipInfo(each.filename)
            plain.compress_type = each.compress_type
            new.writestr(plain, old.read(each))
    return kept.getvalue()


def _names(sheets: Sequence[Sheet]) -> list[str]:
    """Return the names of the tabs: 31 signs at most, none that Excel refuses, each once."""
    found: list[str] = []
    for sheet in sheets:
        plain = re.sub(r"[\[\]:*?/\\']", " ", odt.text_of(sheet.name))[:28].strip()
        name, rank = plain, 2
        while name in found:
            name, rank = f"{plain[:26]} {rank}", rank + 1
        found.append(name)
    return found


WRITERS: Final[dict[str, Callable[[Sequence[Sheet], date], bytes]]] = {"csv": as_csv, "xlsx": as_xlsx, "ods": as_ods}
