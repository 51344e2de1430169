"""« Qui a ouvert ce dossier », on paper, for whoever asks for it (GDP-11): services and functions, no name."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localtime

from casework.casefile import documents as pdf
from casework.casefile import format as fr
from casework.casefile import papers
from casework.desk.journal.reads import Openings


def openings_pdf(found: Openings, commune: str, now: datetime) -> bytes:
    """Return the list of who opened one file, with what proves it."""
    proof: papers.Proof | None = None
    notes = [
        "Chaque lecture est inscrite avant d’être affichée. Les agents figurent par service et par fonction.",
        "Ce qui date de plus de douze mois a été effacé du journal (trente-six mois pour l’ouverture d’une archive).",
    ]
    if found.checkpoint is not None:
        proof = {"code": found.checkpoint.paper(), "words": found.words}
        notes.append(
            f"Journal arrêté à {found.checkpoint.size} événements. Le fichier de preuve qui accompagne cette liste se "
            "vérifie sans le logiciel : chaque ligne porte le rang de son événement."
        )
    data: papers.OpeningsData = {
        "commune": f"Ville de {commune}",
        "lead": [f"Dossier {found.reference}", fr.plural(len(found.lines), "inscription au journal,inscriptions au journal")],
        "notes": notes,
        "lines": [
            {
                "rank": str(line.rank), "at": f"{fr.numeric_day(line.at.date())} {fr.hour(line.at)}",
                "service": line.service, "role": line.role, "act": line.act, "purpose": line.purpose,
            }
            for line in found.lines
        ],
        "proof": proof,
    }  # fmt: skip
    return pdf.render(pdf.Template.OPENINGS, data, on=localtime(now).date(), title="Qui a ouvert ce dossier")
