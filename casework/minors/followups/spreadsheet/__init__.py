"""Reads the coordinator's old spreadsheet, row by row, without writing anything (issue: import_situations).

    table = open_file(content)                       # InputRefused if it is no spreadsheet
    mapping = guess(table.headers)                   # the user corrects it
    report = read(table, mapping=mapping, today=today)

Pure: no database, no clock, and the same file gives the same report. `Table` can be kept between two
requests (`to_json`, `from_json`), sealed by the caller. Narrative columns never leave `read`:
`without_narrative` blanks them before anything is kept (SIT-04, BL-09).
"""

from casework.casefile.workbook import MAX_BYTES, MAX_ROWS
from casework.minors.followups.spreadsheet.columns import Target, guess
from casework.minors.followups.spreadsheet.files import Table, open_file
from casework.minors.followups.spreadsheet.reading import read
from casework.minors.followups.spreadsheet.report import (
    Column,
    Counts,
    Entry,
    EntryState,
    ImportReport,
    Level,
    Message,
    NarrativeColumn,
    PastAction,
    Representative,
    Row,
    Skipped,
    Status,
    Unknown,
)

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Column",
    "Counts",
    "Entry",
    "EntryState",
    "ImportReport",
    "Level",
    "Message",
    "NarrativeColumn",
    "PastAction",
    "Representative",
    "Row",
    "Skipped",
    "Status",
    "Table",
    "Target",
    "Unknown",
    "guess",
    "open_file",
    "read",
]
