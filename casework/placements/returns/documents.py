"""The papers of known returns: the yearly sheet, signed by the head of the service."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.placements.returns import facts
from casework.placements.returns.codes import HEADS, Answer
from casework.placements.returns.reads import sheets as reads

WARNING = (
    "Ces nombres disent ce que le service connaît des nouvelles procédures, et non la récidive : « aucune connue » ne "
    "veut pas dire qu’il n’y en a pas."
)


def sheet(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return a sheet as PDF; a draft says that it is one. Raises AccessRefused."""
    page = reads.printed(viewer, facts.find_sheet(viewer, pk, now), now)
    state = f"Signée le {fr.long_date(page.signed_on)} par {page.signed_by}" if page.signed_on else "Projet, non signé"
    data: papers.TablesData = {
        "commune": page.commune,
        "lead": [page.service, f"Année {page.year}", state],
        "paragraphs": ["Nombre de personnes dont la mesure s’est terminée dans ces années. Aucun nom."],
        "tables": [
            {
                "heading": "",
                "columns": ["Mesure", "Terminée en", "Vue", "Personnes", *(HEADS[answer] for answer in Answer), "Source"],
                "rows": [
                    [
                        row.kind.capitalize(), row.years, row.horizon, str(row.ended),
                        *(str(count) for _, count in row.answers), row.source,
                    ]
                    for row in page.rows
                ],
                "note": "",
            }
        ],
        "signatories": [] if page.signed_on else ["La direction du service"],
        "notes": [WARNING],
    }  # fmt: skip
    return d.render(d.Template.TABLES, data, on=page.signed_on or localdate(now), title="Retours connus du service")
