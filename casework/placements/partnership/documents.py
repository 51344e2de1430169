"""The yearly page as a paper, for the meeting of the town, the SPIP and the PJJ."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import documents as d
from casework.casefile import papers
from casework.placements.partnership import reads


def yearly(viewer: Viewer, year: int | None, now: datetime) -> bytes:
    """Return the page of a closed year as PDF: the same figures as on screen. Raises AccessRefused."""
    page = reads.page(viewer, year, now)
    data: papers.TablesData = {
        "commune": page.commune,
        "lead": ["Réunion de la commune, du SPIP et de la PJJ", f"Année {page.year}"],
        "mention": "Nombres sans personne",
        "paragraphs": [f"Aucun nombre de moins de {reads.K} demandes. Ce que deviennent les personnes est publié à part."],
        "tables": [
            {
                "heading": table.heading, "columns": list(table.columns), "rows": [list(row) for row in table.rows],
                "note": table.note,
            }
            for table in page.tables
        ],
        "signatories": [],
        "notes": [],
    }  # fmt: skip
    return d.render(d.Template.TABLES, data, on=localdate(now), title="TIG et réparation : bilan de l’année")
