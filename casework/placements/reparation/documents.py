"""The papers of a réparation: the report to the magistrate, the notice of a difficulty. Filled from what was recorded."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.errors import AccessRefused
from casework.placements.reparation import facts
from casework.placements.reparation.codes import Form, Presence, Track
from casework.placements.reparation.reads import opened
from casework.placements.reparation.reads import page as reads
from casework.placements.reparation.reads.page import Page

_CLASSES = (DataClass.REPARATION_ACTIVITY, DataClass.REPARATION_CONTENT)


def report(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the report as PDF, built from the sessions; a draft until it is handed in. Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    return d.render(
        d.Template.REPARATION_REPORT, report_data(page, localdate(now)), on=page.reported_on or localdate(now),
        title="Rapport de réparation pénale",
    )  # fmt: skip


def notice(viewer: Viewer, pk: UUID, difficulty_id: UUID, now: datetime) -> bytes:
    """Return the notice of one difficulty to the magistrate, to sign (REP-15). Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    found = next((each for each in page.difficulties if each.id == difficulty_id), None)
    if found is None:
        raise AccessRefused(code="difficulty")
    data: papers.StatementData = {
        "commune": page.service,
        "lead": [f"{page.authority[:1].upper()}{page.authority[1:]}", f"Dossier {page.reference}"],
        "paragraphs": [
            "J’ai l’honneur de vous informer d’une difficulté dans la réparation que vous avez décidée.",
            *([found.precision] if found.precision else []),
            "Je vous remercie de me dire s’il convient de poursuivre ou de remettre le rapport.",
        ],
        "items": [*_items(page), {"label": "Difficulté", "value": found.kind}],
        "signatories": [f"Pour le service : {page.educators}"],
    }
    return d.render(
        d.Template.STATEMENT, data, on=found.told_on, title="Information d’une difficulté"
    )  # fmt: skip


def _printed(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return the page, a print being told by itself."""
    row = facts.find(viewer, pk, now, DataClass.REPARATION_CONTENT)
    facts.require_on(viewer, row, Action.PRINT, DataClass.REPARATION_CONTENT, now)
    with opened.gate(viewer, row, _CLASSES, purpose=Purpose.DOCUMENT, act=Act.PRINT):
        return reads.page(viewer, pk, now)


def report_data(page: Page, today: date) -> papers.ReparationReportData:
    """Return what the report says; nothing of the victim, who is named in no paper of the young person."""
    held = [each for each in page.sessions if each.presence_code]
    return {
        "commune": page.service,
        "lead": [
            f"Dossier {page.reference}",
            *(["Projet : le rapport n’est pas encore remis"] if page.reported_on is None else []),
        ],
        "items": [*_items(page), {"label": "Terme", "value": fr.day(page.term_on)}],
        "activity": _activity(page),
        "sessions": [
            {
                "day": fr.numeric_day(each.day), "hours": f"{_hour(each.starts_at)} – {_hour(each.ends_at)}",
                "kind": each.kind, "presence": each.presence, "parents": each.parents or "—",
            }
            for each in held
        ],
        "attendance": _attendance([each.presence_code for each in held]),
        "goals": [{"label": goal.label, "value": goal.result or "à évaluer"} for goal in page.goals],
        "difficulties": [
            f"{fr.day(each.told_on)} : {each.kind}" + (f" ; réponse : {each.answer}" if each.answer else "")
            for each in page.difficulties
        ],
        "conclusion": [page.conclusion] if page.conclusion else [],
        "notes": [f"Établi le {fr.day(today)} à partir des séances enregistrées."],
        "signatories": [f"L’éducateur ou l’éducatrice : {page.educators}", "La direction du service"],
    }  # fmt: skip


def _items(page: Page) -> list[papers.Pair]:
    pairs = [
        ("Le jeune", page.name),
        ("Né(e) le", fr.day(page.born_on) if page.born_on else ""),
        ("Cadre", page.track.label),
        ("Décidée par", page.authority),
        ("Décidée le", fr.day(page.ordered_on)),
        ("Référence du service", page.case_mark),
        ("Éducateur ou éducatrice", page.educators),
    ]
    return [{"label": label, "value": value} for label, value in pairs if value]


def _activity(page: Page) -> list[str]:
    lines = [f"Forme : {page.form}."] if page.form else []
    if page.form_code == Form.COMMUNITY and page.host:
        lines.append(f"Lieu d’accueil : {page.host}. Activité : {page.activity}.")
    if page.form_code == Form.MEDIATION:
        lines.append(f"Structure de médiation : {page.mediator}.")
    if page.victim_refused:
        lines.append("La victime n’a pas donné suite : l’activité s’est faite au service de la collectivité.")
    if page.started_on:
        lines.append(f"Commencée le {fr.day(page.started_on)}.")
    if page.track == Track.MODULE and page.measure_to:
        lines.append(f"Mesure éducative judiciaire jusqu’au {fr.day(page.measure_to)}.")
    return lines


def _attendance(codes: list[str]) -> list[str]:
    if not codes:
        return []
    said = [f"{codes.count(presence)} « {presence.label} »" for presence in Presence if codes.count(presence)]
    return [f"Sur {fr.plural(len(codes), 'séance')} : {', '.join(said)}."]


def _hour(at: object) -> str:
    return f"{at:%H:%M}".replace(":", " h ")
