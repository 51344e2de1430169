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


def counted(table: PublishedTable) -> papers.CountTable:
    """Return a table as papers take it: sentence, pictures, grid, definition and warning."""
    read = reading.shown(table)
    drawn = [each for each in (read.picture, read.shares) if each is not None]
    notes = [read.why_none, *(each for each in reading.sheet(table).below if each != read.sentence)]
    return {
        "heading": f"{read.title}, {read.period}",
        "lead": read.sentence,
        "columns": list(read.heads) or [""],
        "rows": [[line.label, *(cell.words for cell in line.cells)] for line in read.rows],
        "note": " ".join(_ended(each) for each in notes if each),
        "pictures": [
            {"svg": charts.drawn(each), "alt": f"{each.title}. {charts.told(each)}", "caption": each.title if rank else ""}
            for rank, each in enumerate(drawn)
        ],
    }  # fmt: skip


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _version(version: int) -> str:
    return f", version {version}" if version > 1 else ""


SUFFIXES = frozenset({"pdf", *spreadsheets.WRITERS})
