"""The sheet of a post, for the town hall and for the person who comes: what, where, when, with whom. Nobody received is named."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.casefile import papers
from casework.errors import AccessRefused
from casework.partners.models import Territory
from casework.placements.hosts import facts
from casework.placements.hosts.data import HalfDayData, Narrowed
from casework.placements.hosts.reads import posts, trainings


def sheet(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the sheet of one post as PDF (HOST-07). Raises AccessRefused."""
    post = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, post, Action.PRINT, now)
    with audit.reading(
        viewer, subjects=[post.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.DOCUMENT, act=Act.PRINT,
        module="placements", object_type="hosts.post", object_ids=[post.pk],
    ):  # fmt: skip
        page = posts.page(viewer, post, now)
    items = [
        ("Structure", page.host_name),
        ("Activité", page.activity + (", en groupe" if page.collective else "")),
        ("Dates", _dates(page.runs_from, page.runs_to)),
        ("Lieu", page.address or "non précisé"),
        ("Accès", page.access_note),
        ("Manière de travailler", page.method),
        ("Le travail demande", ", ".join(page.needs)),
        ("Risques particuliers", ", ".join(page.risks)),
        ("Responsables", ", ".join(page.managers) or page.managers_words),
        ("Horaires", _hours(page.week) or "à préciser"),
    ]
    data: papers.StatementData = {
        "commune": post.territory.name,
        "lead": [page.nature, f"Poste {page.reference}"],
        "paragraphs": [],
        "items": [{"label": label, "value": value} for label, value in items if value],
        "signatories": [],
    }
    return d.render(d.Template.STATEMENT, data, on=localdate(now), title="Fiche de poste")


def tutors(viewer: Viewer, asked: Narrowed, now: datetime) -> bytes:
    """Return the list of tutors with their trainings as PDF, host by host. Raises AccessRefused (no names for this role)."""
    if not facts.names_tutors(viewer):
        raise AccessRefused(code="role")
    found = trainings.listing(viewer, asked, now, act=Act.PRINT)
    items: list[papers.Pair] = [
        {
            "label": f"{line.name}, {line.host}",
            "value": " ; ".join(f"{words}, {fr.numeric_day(on)}" for on, words in line.trainings) or "jamais formé",
        }
        for line in found.lines
    ]
    said = f"{fr.plural(found.tutors, 'tuteur')}, dont {found.never} jamais {'formé' if found.never < 2 else 'formés'}."
    data: papers.StatementData = {
        "commune": Territory.objects.values_list("name", flat=True).get(pk=viewer.territory_id),
        "lead": ["Tuteurs des structures d’accueil", "et formations suivies"], "paragraphs": [said], "items": items,
        "signatories": [],
    }  # fmt: skip
    return d.render(d.Template.STATEMENT, data, on=localdate(now), title="Formations des tuteurs")


def _dates(runs_from: date | None, runs_to: date | None) -> str:
    words = (("du", runs_from), ("au", runs_to))
    return " ".join(f"{word} {fr.long_date(day)}" for word, day in words if day)


def _hours(week: tuple[HalfDayData, ...]) -> str:
    """Return « lundi 08:30 – 12:00, 13:30 – 17:00 ; mardi … »."""
    days: dict[int, list[str]] = {}
    for each in sorted(week, key=lambda one: (one.weekday, one.starts_at)):
        days.setdefault(each.weekday, []).append(f"{each.starts_at:%H:%M} – {each.ends_at:%H:%M}")
    return " ; ".join(f"{fr.WEEKDAYS[day]} {', '.join(said)}" for day, said in days.items())
