"""Turns a workbook into lists of strings, in a process of its own with little memory and little time.

A few kilobytes of .xlsx can ask for terabytes (a cell at the far corner, one long string used a million
times, a zip that inflates). Whatever the trick, this process dies and the file is refused. Run by path,
without Django: standard input is the file, standard output is JSON; nothing touches the disk.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime
from io import BytesIO
from typing import Any

MEMORY = 1 << 30
SECONDS = 20
MAX_SHEETS = 12
MAX_LINES = 20_000
MAX_COLUMNS = 200
MAX_CELL = 2_000
MAX_TEXT = 20_000_000


def cell_text(value: object) -> str:
    """Return a cell as text: whole numbers without decimals, days as 2026-11-22."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:MAX_CELL]


def _sheet(book: Any, name: str) -> list[list[str]] | None:
    """Return the lines of a sheet, from its first, without the blank ones at the end; None if too big."""
    lines: list[list[str]] = []
    size = blanks = 0
    sheet = book.get_sheet_by_name(name)
    for line in sheet.to_python(skip_empty_area=False, nrows=MAX_LINES + 1):
        if len(line) > MAX_COLUMNS and any(cell != "" for cell in line[MAX_COLUMNS:]):
            return None
        texts = [cell_text(cell) for cell in line[:MAX_COLUMNS]]
        if not any(text.strip() for text in texts):
            blanks += 1
            continue
        lines.extend([] for _ in range(blanks))
        blanks = 0
        lines.append(texts)
        size += sum(map(len, texts))
        if size > MAX_TEXT or len(lines) > MAX_LINES:
            return None
    return lines


def convert(content: bytes) -> dict[str, Any]:
    """Return {"sheets": [{"name", "lines"}]} of the visible sheets, or {"error": code}."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
        ]
        sheets = []
        for name in visible[:MAX_SHEETS]:
            lines = _sheet(book, name)
            if lines is None:
                return {"error": "too_big"}
            sheets.append({"name": name, "lines": lines})
    except calamine.PasswordError:
        return {"error": "password"}
    except calamine.CalamineError:
        return {"error": "damaged"}
    return {"sheets": sheets}


def main() -> None:
    """Read the file from standard input, answer on standard output."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer = convert(sys.stdin.buffer.read())
    except MemoryError:
        answer = {"error": "too_big"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
