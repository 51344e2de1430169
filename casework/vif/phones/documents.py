"""The papers of phones: the « fiche navette », the decision to sign, the certificate of return. Neither address nor position."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.errors import AccessRefused
from casework.vif.phones import facts
from casework.vif.phones.actions import sheets
from casework.vif.phones.models import Device
from casework.vif.phones.reads import page as reads
from casework.vif.phones.reads import stock
from casework.vif.phones.reads.page import DecisionLine, Page

BY_HAND = "à compléter à la main : n’est pas gardé ici"
NUMBER, NONE = "Téléphone sûr", "—"
BLANK = "……………………………………"
RETURNED = "L’appareil a été restitué ce jour. Il est effacé avant tout autre usage."
OPERATOR = (
    "Le téléassisteur efface les données de la personne dans les trois jours qui suivent ce certificat "
    "(arrêté du 22 avril 2015, article 5)."
)


def sheet_lines(page: Page) -> list[papers.Pair]:
    """Return the lines of the court's template as they stand: what one version fixes."""
    contact = page.contact
    found: list[tuple[str, str]] = [
        ("Bénéficiaire", page.name),
        ("Avant de la joindre", " ".join(contact.rules)),
        (NUMBER, contact.phone or NONE),
        *((line.label, f"{line.said} ({line.proof})" if line.proof else line.said) for line in page.conditions),
        ("Décision du parquet", _decided(page)),
        ("Appareil", page.mark or "à remettre"),
        ("Remis le", fr.day(page.handed_on) if page.handed_on else "—"),
        ("Terme", fr.day(page.ends_on) if page.ends_on else "six mois après la remise"),
        ("Association", f"{page.service} : {page.officers}"),
    ]
    return [{"label": label, "value": value} for label, value in found]


def sheet(viewer: Viewer, pk: UUID, sheet_id: UUID, now: datetime) -> bytes:
    """Return one version as PDF, with the serial opened for it; the caller asked for a fresh second factor.

    Where a colleague keeps her whereabouts, neither her number nor the serial is on it. Raises AccessRefused.
    """
    row = facts.find(viewer, pk, now)
    link = facts.require_on(viewer, row.support, Action.EXPORT, now)
    kept = sheets.find(row, sheet_id)
    device = row.device
    serial = stock.serial(viewer, device.pk, now) if device and _shows_serial(viewer, device, now) else ""
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[facts.TGD], purpose=Purpose.DOCUMENT, act=Act.EXPORT, module="vif",
        object_type=kept._meta.label_lower, object_ids=[kept.pk], territory_id=row.territory_id,
    ):  # fmt: skip
        lines: list[papers.Pair] = [
            {"label": line["label"], "value": NONE if link.kept and line["label"] == NUMBER else line["value"]}
            for line in (kept.content or {}).get("lines", ())
        ]
    lines += [{"label": "Numéro de série", "value": serial or BY_HAND}, {"label": "Adresse", "value": BY_HAND}]
    made = localdate(kept.made_at)
    return d.render(
        d.Template.STATEMENT,
        {
            "commune": row.organisation.name, "lead": [f"Version {kept.version}, établie le {fr.day(made)}"],
            "paragraphs": [
                "Cette fiche n’a pas d’autre destinataire que le parquet, le téléassisteur et les services de police "
                "ou de gendarmerie compétents (arrêté du 22 avril 2015).",
            ],
            "items": lines, "signatories": ["Pour le parquet", "Pour l’association"],
            "notes": ["Aucune position et aucun contenu d’alerte ne figure ici ni dans le logiciel."],
        },
        on=made, title="Téléphone grave danger : fiche navette",
    )  # fmt: skip


def decision(viewer: Viewer, pk: UUID, decision_id: UUID, now: datetime) -> bytes:
    """Return one decision to sign, or its record where it came otherwise. Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    found = next((each for each in page.decisions if each.id == decision_id), None)
    if found is None:
        raise AccessRefused(code="decision")
    until: list[papers.Pair] = [{"label": "Jusqu’au", "value": fr.day(found.ends_on)}] if found.ends_on else []
    items: list[papers.Pair] = [
        {"label": "Bénéficiaire", "value": page.name},
        {"label": "Décision", "value": found.kind[:1].upper() + found.kind[1:]},
        {"label": "Prise le", "value": fr.day(found.decided_on)},
        *until,
        {"label": "Reçue", "value": _how(found)},
    ]  # fmt: skip
    items += [
        {"label": line.label, "value": f"{line.said} ({line.proof})" if line.proof else line.said}
        for line in page.conditions
    ]
    return d.render(
        d.Template.STATEMENT,
        {
            "commune": "Parquet", "lead": [f"Dossier {page.reference}"], "items": items,
            "paragraphs": ["Vu l’article 41-3-1 du code de procédure pénale et l’accord exprès de la personne."],
            "signatories": [found.magistrate],
        },
        on=found.decided_on, title="Téléphone grave danger : décision",
    )  # fmt: skip


def certificate(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the certificate of return, from which the operator's three days run (TGD-12, TGD-16). Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    if page.returned_on is None:
        raise AccessRefused(code="certificate")
    items: list[papers.Pair] = [
        {"label": "Bénéficiaire", "value": page.name},
        {"label": "Appareil", "value": page.mark},
        {"label": "Motif", "value": page.reason},
        {"label": "Remis à", "value": page.given_to},
        {"label": "Présente pour l’association", "value": page.present},
    ]
    said = "L’appareil, perdu ou volé, n’a pas pu être restitué." if page.device_is_lost else RETURNED
    return d.render(
        d.Template.STATEMENT,
        {
            "commune": page.service, "lead": [f"Dossier {page.reference}"],
            "paragraphs": [
                said,
                OPERATOR,
            ],
            "items": items, "signatories": ["La personne bénéficiaire", "Pour le parquet", "Pour l’association"],
        },
        on=page.returned_on, title="Téléphone grave danger : certificat de restitution",
    )  # fmt: skip


def device_certificate(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the certificate of a device whose holder's file is gone: it names nobody, its blanks are written by hand.

    Raises AccessRefused, also while the device is not back or its holder is known (her page prints it).
    """
    facts.require_stock(viewer, Action.PRINT, now)
    device = stock.device(viewer, pk, now)
    if device.returned_on is None:
        raise AccessRefused(code="certificate")
    items: list[papers.Pair] = [
        {"label": "Appareil", "value": device.mark},
        {"label": "Restitué le", "value": fr.day(device.returned_on)},
        {"label": "Numéro de série", "value": BLANK},
        {"label": "Remis à", "value": BLANK},
        {"label": "Présente pour l’association", "value": BLANK},
    ]
    return d.render(
        d.Template.STATEMENT,
        {
            "commune": "Téléphone grave danger", "lead": [], "items": items,
            "paragraphs": [
                "Cet appareil n’est plus inscrit ici au nom de quelqu’un : ce certificat ne nomme personne.",
                RETURNED, OPERATOR,
            ],
            "signatories": ["Pour le parquet", "Pour l’association"],
        },
        on=device.returned_on, title="Téléphone grave danger : certificat de restitution",
    )  # fmt: skip


def _shows_serial(viewer: Viewer, device: Device, now: datetime) -> bool:
    """Say whether this viewer may open the serial: not where a colleague keeps her whereabouts."""
    return decide(viewer, Action.REVEAL, facts.serial_facts(viewer, device, now), now).allow


def _printed(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row.support, Action.PRINT, now)
    return reads.page(viewer, pk, now, act=Act.PRINT, purpose=Purpose.DOCUMENT)


def _decided(page: Page) -> str:
    return "; ".join(f"{each.kind} le {fr.day(each.decided_on)}, {each.magistrate}" for each in page.decisions) or "—"


def _how(line: DecisionLine) -> str:
    if line.said_at is not None:
        written = f" ; écrite le {fr.day(line.written_on)}" if line.written_on else " ; écrit attendu"
        return f"{line.how}, le {fr.day(localdate(line.said_at))} à {fr.hour(line.said_at)}{written}"
    return f"{line.how} ({line.channel})" if line.channel else line.how
