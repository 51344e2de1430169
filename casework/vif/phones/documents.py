"""The papers of phones: the « fiche navette », the decision to sign, the certificate of return. Neither address nor position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NotRequired, TypedDict
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
from casework.vif.phones import court_paper, facts
from casework.vif.phones.actions import sheets
from casework.vif.phones.codes import SheetField
from casework.vif.phones.court_paper import CourtPaper
from casework.vif.phones.models import Device, SheetTemplate
from casework.vif.phones.reads import page as reads
from casework.vif.phones.reads import stock
from casework.vif.phones.reads.page import DecisionLine, Page

BY_HAND = "à compléter à la main : n’est pas gardé ici"
NONE = "—"
BLANK = "……………………………………"
RETURNED = "L’appareil a été restitué ce jour. Il est effacé avant tout autre usage."
OPERATOR = (
    "Le téléassisteur efface les données de la personne dans les trois jours qui suivent ce certificat "
    "(arrêté du 22 avril 2015, article 5)."
)

_AT_PRINT = frozenset({SheetField.SERIAL, SheetField.ADDRESS})


class Headed(TypedDict):
    """Head and foot of a paper of the court."""

    commune: str
    letterhead: NotRequired[list[str]]
    mention: NotRequired[str]


def sheet_lines(page: Page, paper: CourtPaper) -> list[sheets.Line]:
    """Return the lines of the court's template as they stand: what one version fixes.

    Serial and address keep their place and say nothing: the first is opened at the print, the second written by hand.
    """
    said = {
        SheetField.BENEFICIARY: page.name,
        SheetField.RULES: " ".join(page.contact.rules),
        SheetField.NUMBER: page.contact.phone or NONE,
        **{line.line: f"{line.said} ({line.proof})" if line.proof else line.said for line in page.conditions},
        SheetField.DECISION: _decided(page),
        SheetField.DEVICE: page.mark or "à remettre",
        SheetField.HANDED: fr.day(page.handed_on) if page.handed_on else NONE,
        SheetField.TERM: fr.day(page.ends_on) if page.ends_on else "six mois après la remise",
        SheetField.ASSOCIATION: f"{page.service} : {page.officers}",
    }
    return [
        {"code": line.value, "label": paper.title(line), "value": said.get(line, "")}
        for line in paper.lines
        if line in said or line in _AT_PRINT
    ]


def sheet(viewer: Viewer, pk: UUID, sheet_id: UUID, now: datetime) -> bytes:
    """Return one version as PDF, with the serial opened for it; the caller asked for a fresh second factor.

    Where a colleague keeps her whereabouts, neither her number nor the serial is on it. Raises AccessRefused.
    """
    row = facts.find(viewer, pk, now)
    link = facts.require_on(viewer, row.support, Action.EXPORT, now)
    kept = sheets.find(row, sheet_id)
    paper = court_paper.in_force(row.territory_id, kept.made_at)
    device = row.device
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[facts.TGD], purpose=Purpose.DOCUMENT, act=Act.EXPORT, module="vif",
        object_type=kept._meta.label_lower, object_ids=[kept.pk], territory_id=row.territory_id,
    ):  # fmt: skip
        lines = _coded((kept.content or {}).get("lines", ()))
    shows = any(line["code"] == SheetField.SERIAL for line in lines)
    serial = stock.serial(viewer, device.pk, now) if shows and device and _shows_serial(viewer, device, now) else ""
    instead = {SheetField.SERIAL: serial or BY_HAND, SheetField.ADDRESS: BY_HAND}
    if link.kept:
        instead[SheetField.NUMBER] = NONE
    items: list[papers.Pair] = [
        {"label": line["label"], "value": instead.get(SheetField(line["code"]), line["value"])} for line in lines
    ]
    return _sheet(
        paper, items, row.organisation.name, f"Version {kept.version}, établie le {fr.day(localdate(kept.made_at))}",
        localdate(kept.made_at),
    )  # fmt: skip


def _coded(kept: Sequence[Mapping[str, str]]) -> list[sheets.Line]:
    """Return the lines of one version; those made before courts had a template say titles alone, the usual ones."""
    usual = {str(line.label): line.value for line in SheetField}
    lines: list[sheets.Line] = [
        {"code": line.get("code") or usual[line["label"]], "label": line["label"], "value": line["value"]}
        for line in kept
    ]
    if not all("code" in line for line in kept):
        lines += [
            {"code": line.value, "label": str(line.label), "value": ""} for line in SheetField if line in _AT_PRINT
        ]
    return lines


def sheet_preview(row: SheetTemplate, now: datetime) -> bytes:
    """Return a sheet about nobody, laid out by one version of the court's template: what its writer looks at."""
    paper = court_paper.of(row)
    items: list[papers.Pair] = [
        {"label": paper.title(line), "value": "Prénom NOM" if line == SheetField.BENEFICIARY else NONE}
        for line in paper.lines
    ]
    return _sheet(
        paper, items, "Association", f"Aperçu du modèle, version {row.version} : aucune personne", localdate(now)
    )


def _sheet(paper: CourtPaper, items: list[papers.Pair], service: str, lead: str, on: date) -> bytes:
    usual = [f"Destinataires habituels : {', '.join(paper.recipient_names)}"] if paper.recipients else []
    return d.render(
        d.Template.STATEMENT,
        {
            **_headed(paper, service), "lead": [lead, *usual],
            "paragraphs": [
                "Cette fiche n’a pas d’autre destinataire que le parquet, le téléassisteur et les services de police "
                "ou de gendarmerie compétents (arrêté du 22 avril 2015).",
            ],
            "items": items, "signatories": ["Pour le parquet", "Pour l’association"],
            "notes": ["Aucune position et aucun contenu d’alerte ne figure ici ni dans le logiciel."],
        },
        on=on, title="Téléphone grave danger : fiche navette",
    )  # fmt: skip


def _headed(paper: CourtPaper, usual: str) -> Headed:
    """Return the head and the foot of a paper of the court: the court's own, or the usual ones."""
    found: Headed = {"commune": paper.letterhead[0] if paper.letterhead else usual}
    if len(paper.letterhead) > 1:
        found["letterhead"] = list(paper.letterhead[1:])
    if paper.mention:
        found["mention"] = paper.mention
    return found


def decision(viewer: Viewer, pk: UUID, decision_id: UUID, now: datetime) -> bytes:
    """Return one decision to sign, or its record where it came otherwise. Raises AccessRefused."""
    page = _printed(viewer, pk, now)
    found = next((each for each in page.decisions if each.id == decision_id), None)
    if found is None:
        raise AccessRefused(code="decision")
    paper = court_paper.in_force(page.territory_id, reads.recorded_at(found.id))
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
            **_headed(paper, "Parquet"), "lead": [f"Dossier {page.reference}"], "items": items,
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
