"""The sheet on one page, for the wall of a front desk."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.vif.reflex import reads


def paper(viewer: Viewer, now: datetime) -> bytes:
    """Return the sheet as PDF. Raises AccessRefused."""
    found = reads.sheet(viewer, now)
    on = found.written_on or localdate(now)
    data: papers.StatementData = {
        "commune": found.town,
        "mention": "À afficher",
        "lead": ["Violences dans le couple : qui appeler, que faire"],
        "paragraphs": [],
        "items": [{"label": part.title, "value": " ".join(part.lines)} for part in found.parts],
        "signatories": [],
        "notes": [f"Fiche du {fr.long_date(on)}. Elle ne concerne aucune personne en particulier."],
    }
    return d.render(d.Template.STATEMENT, data, on=on, title="Fiche réflexe")
