"""The note of return to the school: what was done and agreed; neither the reason nor what happened (EXC-20)."""

from __future__ import annotations

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
from casework.exclusions.codes import CAME, Level, Presence, Theme
from casework.exclusions.models import ExclusionSupport, SupportHalfDay
from casework.exclusions.reads import opened, returned
from casework.exclusions.reads.returned import Return


def note(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the note as PDF once what was agreed is said. Raises AccessRefused before."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.PRINT, facts.RETURN, now)
    if row.feedback_at is None:
        raise AccessRefused(code="return_note")
    half_days = list(row.half_days.order_by("day", "half"))
    with opened.gate(viewer, row, [facts.PUPIL, facts.RETURN], purpose=Purpose.DOCUMENT, act=Act.PRINT):
        name = opened.full_name(row.identity)
        back = returned.of(viewer, row, now)
    if back is None:
        raise AccessRefused(code="return_note")
    data = note_data(row, name, back, half_days)
    return d.render(d.Template.STATEMENT, data, on=localdate(row.feedback_at), title="Note de retour")


def note_data(row: ExclusionSupport, name: str, back: Return, half_days: list[SupportHalfDay]) -> papers.StatementData:
    """Return what the note says, of an accueil: no word of a sanction."""
    came = [each for each in half_days if each.presence in [str(code) for code in CAME]]
    covered = {each.theme for each in came}
    themes = [theme.label for theme in Theme if theme in covered]
    pairs = [
        ("Élève", f"{name}, {Level(row.level).label}"),
        ("Accueil", _days(half_days)),
        ("Présence", _presence(half_days)),
        ("Thèmes travaillés", ", ".join(themes)),
        ("Rencontre de retour", f"{fr.day(back.held_on)} : {', '.join(back.attendees)}" if back.held_on else ""),
        ("Ce qui a été convenu", " ; ".join(back.agreed)),
    ]
    return {
        "commune": row.host.name,
        "lead": [f"À l’attention de : {row.organisation.name}", f"Référence {row.reference}"],
        "paragraphs": [
            "L’élève a été accueilli dans notre structure, avec son accord et celui de ses parents."
            if not row.is_adult
            else "L’élève a été accueilli dans notre structure, avec son accord.",
            *([back.feedback] if back.feedback else []),
        ],
        "items": [{"label": label, "value": value} for label, value in pairs if value],
        "signatories": ["Pour la structure d’accueil", "Pour l’établissement"],
        "notes": ["Ces lignes ont été relues avec l’élève et sa famille."] if back.feedback else [],
    }  # fmt: skip


def _days(half_days: list[SupportHalfDay]) -> str:
    if not half_days:
        return ""
    first, last = half_days[0].day, half_days[-1].day
    return fr.day(first) if first == last else f"du {fr.day(first)} au {fr.day(last)}"


def _presence(half_days: list[SupportHalfDay]) -> str:
    """Return « Sur 6 demi-journées : 5 « présent », 1 « absent, excusé » »."""
    said = [each.presence for each in half_days if each.presence]
    counts = [f"{said.count(code)} « {code.label} »" for code in Presence if said.count(code)]
    return f"Sur {fr.plural(len(said), 'demi-journée', 'demi-journées')} : {', '.join(counts)}" if said else ""
