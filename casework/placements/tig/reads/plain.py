"""An affectation as plain text, for the service's own tool: what its officer reads here, and nothing more."""

from __future__ import annotations

from datetime import date

from casework.casefile import format as fr
from casework.placements.tig.reads.placements import PlacementPage


def text(page: PlacementPage, today: date) -> str:
    """Return the lines to paste; no incident in words, no limit's reason."""
    bar = page.bar
    lines = [
        f"Affectation {page.reference}, au {fr.long_date(today)}",
        f"Dossier : {page.case_mark}" if page.case_mark else "",
        f"Personne : {page.name}" if page.name else "",
        f"État : {page.state_label}",
        f"Poste : {page.post}, {page.host}" if page.post else "Poste : à trouver",
        f"Tuteur : {page.supervisor}" if page.supervisor else "",
        f"Décision : {page.decision}" if page.decision else "",
        f"Heures : {fr.duration(bar.done)} faites, {fr.duration(bar.planned)} prévues, {fr.duration(bar.left)} à faire "
        f"sur {fr.duration(bar.assigned)}",
        f"Dernière date utile : {fr.long_date(bar.due)}" if bar.due else "",
        f"Suspension : {bar.suspended_days} jours" if bar.suspended_days else "",
        *(f"- {fr.day(row.day)}, {row.half} : {row.outcome}, {fr.duration(row.minutes)}" for row in reversed(page.done)),
        *(f"À venir : {fr.day(row.day)}, {row.half}, {row.starts_at:%H:%M}-{row.ends_at:%H:%M}" for row in page.planned),
        *(f"Incident du {fr.day(each.occurred_on)} : {each.kind}" for each in reversed(page.incidents)),
        *page.reports,
    ]  # fmt: skip
    return "\n".join(line for line in lines if line)
