"""The papers of exclusion support: the sheet that a family signs and keeps, the convention on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.errors import AccessRefused
from casework.exclusions import facts
from casework.exclusions.codes import Kind, State
from casework.exclusions.reads import conventions, opened
from casework.exclusions.reads import page as reads
from casework.exclusions.reads.page import HalfDayLine, Page


def agreement(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the sheet that pupil and parents read, sign and keep: one page, the reason nowhere (EXC-07).

    Raises AccessRefused; a place without a name has no sheet.
    """
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.PRINT, facts.FAMILY, now)
    if row.state == State.PLACE_HELD:
        raise AccessRefused(code="sheet")
    with opened.gate(viewer, row, [facts.PUPIL, facts.FAMILY], purpose=Purpose.DOCUMENT, act=Act.PRINT):
        page = reads.page(viewer, pk, now)
    return d.render(d.Template.FAMILY_SHEET, sheet_data(page), on=localdate(now), title="Accueil dans une structure")


def sheet_data(page: Page) -> papers.FamilySheetData:
    """Return what the sheet says, in words that a family reads at once; what happened is not told."""
    whom = "vous" if page.is_adult else "votre enfant"
    return {
        "commune": page.school,
        "lead": [page.host],
        "mention": "À garder par la famille",
        "paragraphs": [
            f"{page.host} propose de recevoir {whom} aux jours ci-dessous. Cet accueil est volontaire : vous pouvez dire "
            "non, ou changer d’avis en appelant l’établissement.",
        ],
        "items": _items(page),
        "readers": _readers(page),
        "signatories": [
            "L’élève",
            *([] if page.is_adult else ["Les parents ou représentants légaux"]),
            "Pour l’établissement",
            "Pour la structure d’accueil",
        ],
        "notes": [
            "Pour lire ce qui est écrit, le faire corriger ou effacer, ou poser une question : adressez-vous à "
            f"l’établissement. Référence à rappeler : {page.reference}.",
        ],
    }


def _items(page: Page) -> list[papers.Pair]:
    contacts = page.contacts
    pairs = [
        ("Élève", f"{page.name}, {page.level}"),
        ("Jours", "\n".join(days(page.half_days))),
        ("Appeler la structure", " ".join(filter(None, (contacts.get("host_contact"), contacts.get("host_phone"))))),
        ("Vie scolaire", contacts.get("school_phone", "")),
    ]
    return [{"label": label, "value": value} for label, value in pairs if value]


def days(half_days: Sequence[HalfDayLine]) -> list[str]:
    """Return one line a day, with its hours: « lundi 7 décembre 2026 : 9 h 00 – 12 h 00, 14 h 00 – 17 h 00 »."""
    found: dict[str, list[str]] = {}
    for each in half_days:
        hours = f"{each.starts_at:%H h %M} – {each.ends_at:%H h %M}"
        found.setdefault(fr.day(each.day), []).append(hours)
    return [f"{day} : {', '.join(hours)}" for day, hours in found.items()]


def _readers(page: Page) -> list[str]:
    reason = (
        "Aucun motif n’est écrit : cette mesure ne juge rien."
        if page.kind == Kind.PRECAUTIONARY
        else "Le motif est un mot pris dans une liste, jamais un récit. Dans la structure, seul l’éducateur référent le "
        "lit, de votre accord à la fin de l’accueil."
    )
    return [
        "L’établissement et la structure lisent le nom, la classe, vos coordonnées, les jours, les présences, le travail "
        "scolaire et ce qui est convenu au retour.",
        reason,
        "Ni le maire, ni la police, ni le service de prévention de la commune ne lisent cette fiche.",
        f"Tout est effacé après le {fr.day(page.gone_on)}. Il ne reste que des nombres, sans nom.",
    ]


def convention(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return a convention on one page, for both bodies and the families (EXC-06, EXC-07). Raises AccessRefused."""
    page = conventions.page(viewer, pk, now, act=Act.PRINT)
    line = page.line
    until = line.last_day if page.ended_on else page.ends_on
    data: papers.StatementData = {
        "commune": line.school,
        "lead": [f"{line.school} et {line.host}"],
        "mention": "Convention d’accueil",
        "paragraphs": [
            "L’établissement peut confier à la structure, sur les demi-journées qu’elle annonce, un élève dont la "
            "famille est d’accord. Ce résumé ne remplace pas la convention signée."
        ],
        "items": [
            {"label": label, "value": value}
            for label, value in (
                ("Signée", fr.day(page.signed_on)),
                ("En vigueur", f"du {fr.day(line.starts_on)} au {fr.day(until)}"),
                ("Accueils prévus", ", ".join(page.kinds)),
                ("Thèmes", ", ".join(page.themes)),
                ("Élèves par demi-journée", f"{page.places} au plus"),
                ("Réponse de la structure", "acceptée d’avance" if page.accepts_at_once else "à chaque demande"),
                ("Vie scolaire", ", ".join(page.school_contacts.values())),
                ("Structure", ", ".join(page.host_contacts.values())),
                ("Cadre", "code de l’éducation, article R511-13 ; décrets n° 2011-728 et 2011-729 du 24 juin 2011"),
            )
            if value
        ],
        "signatories": [f"Pour {line.school}", f"Pour {line.host}"],
    }
    return d.render(d.Template.STATEMENT, data, on=page.signed_on, title="Convention d’accueil d’élèves")
