"""An edition, or one of its tables, as PDF: the same vector, the same pictures, the same words."""

from __future__ import annotations

from casework.casefile import charts, papers, spreadsheets
from casework.casefile import documents as pdf
from casework.indicators.releases import reading
from casework.indicators.releases.reads.published import Printed
from casework.indicators.releases.vector import PublishedTable

TITLE = "Chiffres publiés"


def edition(found: Printed) -> bytes:
    """Return the PDF. Raises DocumentFailed."""
    data: papers.TablesData = {
        "commune": found.commune,
        "lead": [f"Édition {found.edition.year}{_version(found.edition.version)}"],
        "mention": "Nombres sans personne",
        "paragraphs": [],
        "tables": [counted(each) for each in found.tables],
        "signatories": [],
        "notes": [],
    }
    return pdf.render(pdf.Template.TABLES, data, on=found.edition.published_on, title=TITLE)


def counted(table: PublishedTable, *, pictures: bool = True) -> papers.CountTable:
    """Return a table as papers take it: sentence, pictures, grid, definition and warning."""
    read = reading.shown(table)
    sheet = reading.sheet(table)
    drawn = [each for each in (read.picture, read.shares) if each is not None] if pictures else []
    return {
        "heading": f"{read.title}, {read.period}",
        "columns": list(read.heads) or [""],
        "rows": [[line.label, *(cell.words for cell in line.cells)] for line in read.rows],
        "note": " ".join(_ended(each) for each in sheet.below),
        "pictures": [{"svg": charts.drawn(each), "alt": f"{each.title}. {charts.told(each)}"} for each in drawn],
    }


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _version(version: int) -> str:
    return f", version {version}" if version > 1 else ""


SUFFIXES = frozenset({"pdf", *spreadsheets.WRITERS})
