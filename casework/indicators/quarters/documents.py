"""The dashboard as a paper or a spreadsheet, for the Conseil restreint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import charts, papers, spreadsheets
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.indicators.quarters import facts
from casework.indicators.quarters.counts import K_FACTS
from casework.indicators.quarters.reads import pages as reads
from casework.indicators.quarters.reads.pages import Group, Page

RULE = (
    f"Des actes et des faits, jamais des personnes. Moins de {K_FACTS} faits : « {charts.HIDDEN} », comme ce qui "
    "permettrait de les retrouver par différence."
)


SUFFIXES = frozenset({"pdf", *spreadsheets.WRITERS})


def dashboard(viewer: Viewer, pk: UUID, suffix: str, now: datetime) -> bytes:
    """Return a quarter as PDF or as a spreadsheet: the figures of the screen. Raises AccessRefused."""
    act = Act.PRINT if suffix == "pdf" else Act.EXPORT
    page = reads.page(viewer, facts.find(viewer, pk, now), now, act)
    on = page.published_on or localdate(now)
    return _paper(page, on) if suffix == "pdf" else spreadsheets.WRITERS[suffix](_sheets(page), on)


def _state(page: Page) -> str:
    return f"Publié le {fr.long_date(page.published_on)}" if page.published_on else "Projet, non publié"


def _sheets(page: Page) -> list[spreadsheets.Sheet]:
    """Return one sheet for each table: numbers as numbers, what is not shown as its words."""
    above = (f"Tableau de bord, {page.label}, {page.commune}", _state(page))
    return [
        spreadsheets.Sheet(
            name=table["heading"], above=(*above, table["heading"]), columns=tuple(table["columns"]),
            rows=tuple(tuple(spreadsheets.cell(cell) for cell in row) for row in table["rows"]),
            below=tuple(each for each in (table["note"], RULE) if each),
        )
        for group in page.groups
        for table in _tables(group, page)
    ]  # fmt: skip


def _paper(page: Page, on: date) -> bytes:
    data: papers.TablesData = {
        "commune": page.commune,
        "lead": [page.label, _state(page)],
        "mention": "Nombres sans personne",
        "paragraphs": [each for each in (page.summary, page.words) if each] + _mood(page),
        "tables": [table for group in page.groups for table in _tables(group, page, pictures=_pictures(group))],
        "signatories": [],
        "notes": [RULE, *_met(page)],
    }
    return d.render(d.Template.TABLES, data, on=on, title="Tableau de bord du trimestre")


def _mood(page: Page) -> list[str]:
    return [f"{each.sector} : {each.tone}.{f' {each.words}' if each.words else ''}" for each in page.mood]


def _pictures(group: Group) -> list[papers.Picture]:
    """Return how each line of a group went, where at least two quarters are told."""
    return [
        {"svg": charts.drawn(line.picture), "alt": f"{line.label}. {charts.told(line.picture)}", "caption": line.label}
        for line in group.lines
        if sum(n is not None for n in line.picture.series[0].values) > 1
    ]


def _tables(group: Group, page: Page, *, pictures: Sequence[papers.Picture] = ()) -> list[papers.CountTable]:
    names = [name for name, _ in group.lines[0].said_series[:-1]]
    comments = [f"{line.label} : {line.comment}" for line in group.lines if line.comment]
    notes = _notes(group)
    found: list[papers.CountTable] = [
        {
            "heading": group.title, "columns": ["Indicateur", *names, page.short],
            "rows": [[line.label, *(said for _, said in line.said_series[:-1]), line.said] for line in group.lines],
            "note": " ".join([*comments, *notes]), "pictures": list(pictures),
        }
    ]  # fmt: skip
    placed = [line for line in group.lines if line.cells]
    if placed:
        found.append(
            {
                "heading": f"{group.title} : par secteur", "columns": ["Indicateur", *(fr.capital(name) for name in page.sectors)],
                "rows": [[line.label, *(said for _, said in line.cells)] for line in placed], "note": "",
            }
        )  # fmt: skip
    return found


def _notes(group: Group) -> list[str]:
    """Return each note once, with the lines it is about."""
    about: dict[str, list[str]] = {}
    for line, notes in group.told:
        for note in notes:
            about.setdefault(note, []).append(line.label)
    return [
        *(f"{note[:1].upper()}{note[1:]} : toutes les lignes." for note in group.notes),
        *(f"{note[:1].upper()}{note[1:]} : {', '.join(labels)}." for note, labels in about.items()),
    ]


def _met(page: Page) -> list[str]:
    if page.met is None:
        return []
    said = [f"{code}{f' ({text})' if text else ''}" for code, text in page.met.conclusions]
    return [f"Groupe d’analyse du {fr.long_date(page.met.held_on)}{' : ' + ' ; '.join(said) if said else ''}."]
