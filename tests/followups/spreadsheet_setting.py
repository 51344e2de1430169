"""The samples of the old spreadsheet, and the shortest ways to read a line of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from casework.minors.followups.spreadsheet import (
    ImportReport,
    Level,
    Row,
    Table,
    open_file,
    read,
)

TODAY = date(2026, 11, 22)
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
FOLLOW_UP = SAMPLES / "suivi_cellule_2025-2026.xlsx"
SCHOOL_LIST = SAMPLES / "signalements_college.csv"


def report_of(path: Path, **options) -> ImportReport:
    return read(open_file(path.read_bytes()), today=TODAY, **options)


def table(*lines: str, header: str = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?") -> Table:
    return open_file("\r\n".join([header, *lines, "Z;Z;01/01/2012;fugue;PM;01/01/2026;"]).encode())


def one(line: str, **options) -> Row:
    """Return what is said of one line under the usual headers."""
    header = options.pop("header", "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?")
    opened = open_file("\r\n".join([header, line, ""]).encode())
    return read(opened, today=TODAY, **options).rows[0]


def codes(row: Row, level: Level | None = None) -> list[str]:
    return [message.code for message in row.messages if level in (None, message.level)]
