"""The papers of the victim's side: the note to the prosecutor, the note for whoever follows a child."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate, localtime

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.errors import AccessRefused
from casework.vif.victims import facts
from casework.vif.victims.reads import page as reads
from casework.vif.victims.reads.opened import gate
from casework.vif.victims.reads.page import Page


def prosecutor_note(viewer: Viewer, pk: UUID, notice_id: UUID, now: datetime) -> bytes:
    """Return the note of one call to the prosecutor, to sign: no address, no number. Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    found = next((each for each in page.notices if each.id == notice_id), None)
    if found is None:
        raise AccessRefused(code="notice")
    called = localtime(found.called_at)
    order = page.order
    items: list[papers.Pair] = [
        {"label": "Personne accompagnée", "value": page.name},
        {
            "label": "Contact interdit",
            "value": ", le ".join([found.kind, *([fr.day(found.happened_on)] if found.happened_on else [])]),
        },
    ]
    if order and order.given_on:
        items.append({"label": "Protégée par", "value": f"{order.kind} du {fr.long_date(order.given_on)}"})
    data: papers.StatementData = {
        "commune": page.service,
        "lead": [
            f"Dossier {page.reference}",
            f"Appel au parquet le {fr.day(called.date())} à {fr.hour(called)} : {found.magistrate}",
            f"Instruction reçue : {found.instruction}",
        ],
        "paragraphs": [
            *[line for line in found.facts.splitlines() if line.strip()],
            "L’adresse de la personne n’est pas portée sur cette note : elle vous est donnée de vive voix, ou par la "
            "page qui vous est réservée.",
        ],
        "items": items,
        "signatories": [f"Pour le service d’aide aux victimes : {page.officers}"],
    }
    return d.render(d.Template.STATEMENT, data, on=found.noted_on or called.date(), title="Note au parquet")


def address_note(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the note « adresse à ne pas communiquer » for whoever follows a child (design.md §11).

    It says what to do, never where she is, nor who must not know. Raises AccessRefused.
    """
    page = _printed(viewer, pk, now)
    data: papers.StatementData = {
        "commune": page.service,
        "lead": ["À remettre en main propre au professionnel qui suit l’enfant", f"Personne concernée : {page.name}"],
        "paragraphs": [
            "L’adresse, le téléphone et l’école de cette personne et de ses enfants ne se communiquent à personne "
            "(code civil, article 515-11 ; code de procédure civile, article 1136-5).",
            "Dans votre dossier, cochez « Adresse à ne pas communiquer ». Ne confirmez aucune adresse au téléphone, "
            "n’en portez aucune sur un courrier, une convocation ou une attestation, et remettez vos courriers en "
            "main propre.",
            "Si quelqu’un vous demande où elle est, ne répondez ni oui ni non, et appelez-nous le jour même.",
        ],
        "items": [],
        "signatories": [f"Pour le service d’aide aux victimes : {page.officers}"],
        "notes": ["Cette note ne dit rien d’autre, et ne se classe pas dans un dossier partagé."],
    }
    return d.render(d.Template.STATEMENT, data, on=localdate(now), title="Adresse à ne pas communiquer")


def _printed(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return the page, a print being told by itself."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.PRINT, facts.VICTIM, now)
    with gate(viewer, row, [facts.VICTIM], purpose=Purpose.DOCUMENT, act=Act.PRINT):
        return reads.page(viewer, pk, now)
