"""The figures of each chapter, from what is published and from what was done: no count of persons is made here.

Persons come from the published vector, rounded to five for the plenary (security.md §3.14); acts from `releases.activity`;
posts, places and trainings from the rooms that hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from casework.access.viewer import Viewer
from casework.casefile import charts
from casework.casefile import format as fr
from casework.casefile.format import NARROW
from casework.errors import AccessRefused
from casework.indicators.evaluation.codes import Chapter
from casework.indicators.releases import activity, facts, reading, vector
from casework.indicators.releases.activity import Activity
from casework.indicators.releases.vector import PublishedTable
from casework.placements.partnership import reads as partnership
from casework.vif.phones.reads import totals

ROUNDED: Final = (
    "Les nombres de personnes sont arrondis à cinq : un total peut différer de la somme de ses lignes. Ce qui est trop petit, "
    "ou qui permettrait de le retrouver, n’est pas affiché."
)
_SHOWN: Final = {
    Chapter.CELLULE: ("received", "followups"),
    Chapter.EXCLUSIONS: ("pupils",),
    Chapter.MEASURES: ("measures",),
    Chapter.RETURNS: ("returns",),
}  # fmt: skip
_SUBJECTS: Final = {
    Chapter.EXCLUSIONS: "exclusions",
    Chapter.VIOLENCE: "vif",
    Chapter.MEASURES: "placements",
    Chapter.RETURNS: "placements",
}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart as it is kept: its drawing, and its words."""

    svg: str
    alt: str

    @property
    def caption(self) -> str:
        """Return what it shows, without its numbers."""
        return self.alt.partition(". ")[0]

    @property
    def drawn(self) -> SafeString:
        """Return the drawing for a page: it was made by `charts.drawn`, which escapes every word."""
        return mark_safe(self.svg)  # nosec B308 B703  # noqa: S308 our own SVG, its words escaped


@dataclass(frozen=True, kw_only=True)
class Block:
    """One result: a sentence, pictures, a table, a note."""

    heading: str
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str
    pictures: tuple[Picture, ...]

    @property
    def cells(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Return each row as (heading, cell)."""
        return tuple(tuple(zip(self.columns, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one chapter, and what is missing of them, said plainly."""

    chapter: Chapter
    blocks: tuple[Block, ...]
    missing: tuple[str, ...]

    def stored(self) -> dict[str, Any]:
        """Return the figures as JSON keeps them."""
        return {**asdict(self), "chapter": self.chapter.value}


def read(kept: Iterable[dict[str, Any]]) -> tuple[Figures, ...]:
    """Return the figures that JSON kept."""
    return tuple(
        Figures(
            chapter=Chapter(each["chapter"]), missing=tuple(each["missing"]),
            blocks=tuple(
                Block(
                    heading=block["heading"], sentence=block["sentence"], note=block["note"],
                    columns=tuple(block["columns"]), rows=tuple(tuple(row) for row in block["rows"]),
                    pictures=tuple(Picture(**one) for one in block["pictures"]),
                )
                for block in each["blocks"]
            ),
        )
        for each in kept
    )  # fmt: skip


def of_year(viewer: Viewer, year: int, now: datetime) -> tuple[Figures, ...]:
    """Return every chapter of a year that is over. Raises AccessRefused."""
    done = activity.of_year(_territory(viewer), year)
    editions = facts.published(viewer, now)
    by_year = {row.year: vector.read(row.vector) for row in editions if row.year <= year}
    return tuple(
        _chapter(chapter, viewer, year, now, done, by_year)
        for chapter in Chapter
        if _SUBJECTS.get(chapter, "minors") in {*settings.SUBJECTS, "minors"}
    )


def _territory(viewer: Viewer) -> UUID:
    if viewer.territory_id is None:
        raise AccessRefused(code="territory")
    return viewer.territory_id


def _chapter(
    chapter: Chapter, viewer: Viewer, year: int, now: datetime, done: Activity,
    by_year: dict[int, tuple[PublishedTable, ...]],
) -> Figures:  # fmt: skip
    acts = {
        Chapter.CELLULE: lambda: _cellule(done), Chapter.SERVICES: lambda: _services(done),
        Chapter.EXCLUSIONS: lambda: _exclusions(done), Chapter.MEASURES: lambda: _measures(viewer, year, now, done),
        Chapter.VIOLENCE: lambda: _violence(viewer, now),
    }  # fmt: skip
    blocks, missing = acts[chapter]() if chapter in acts else ([], [])
    if begins := _SHOWN.get(chapter):
        shown, lacking = _released(begins, by_year, year)
        blocks, missing = [*blocks, *shown], [*missing, *lacking]
    return Figures(chapter=chapter, blocks=tuple(blocks), missing=tuple(missing))


Found = tuple[list[Block], list[str]]


def _table(
    heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, sentence: str = "", note: str = ""
) -> Block:
    return Block(
        heading=heading, sentence=sentence, columns=tuple(columns), rows=tuple(tuple(row) for row in rows), note=note,
        pictures=(),
    )  # fmt: skip


def _cellule(done: Activity) -> Found:
    held = fr.plural(done.sessions, "réunion")
    sentence = f"{held} de la cellule dans l’année."
    if done.decision_days is not None:
        sentence += f" Une décision exécutée l’a été en {fr.plural(done.decision_days, 'jour')} en moyenne."
    rows = [
        ("Réunions tenues", charts.said(done.sessions)),
        ("Examens de situations en réunion", charts.said(done.examinations)),
        ("Questions sans nom", charts.said(done.questions)),
        ("Décisions prises", charts.said(done.decisions)),
        ("Décisions exécutées", charts.said(done.decisions_done)),
        ("Décisions en retard à la fin de l’année", charts.said(done.decisions_late)),
        ("Attente moyenne d’une décision exécutée, en jours", charts.said(done.decision_days)),
    ]
    blocks = [_table("Activité de la cellule", ("Activité", "Nombre"), rows, sentence=sentence)]
    missing = [] if done.sessions else ["Aucune réunion n’est inscrite pour cette année."]
    if done.schemes:
        rows = [(label, charts.said(n)) for label, n in done.schemes if n is not None]
        rare = ", ".join(label for label, n in done.schemes if n is None)
        note = "Refusé, ou non tenté faute de place ou d’existence, tel que noté en réunion."
        blocks.append(
            _table(
                "Dispositifs qui ont manqué", ("Dispositif", "Fois"), rows, note=note,
                sentence=f"Trop rarement pour être compté{NARROW}: {rare}." if rare else "",
            )
        )  # fmt: skip
    return blocks, missing


def _services(done: Activity) -> Found:
    rows = [(each.service, str(each.convened), str(each.present), str(each.excused)) for each in done.attendance]
    if not rows:
        return [], ["Aucune présence n’est inscrite pour cette année."]
    columns = ("Service", "Invité", "Présent", "Excusé")
    return [_table("Présence par service", columns, rows, note="En nombre de réunions tenues.")], []


def _exclusions(done: Activity) -> Found:
    said = charts.said(done.pupil_half_days)
    rows = [("Demi-journées d’accueil, année scolaire qui se termine, à la dizaine", said)]
    return [_table("Accueils", ("Activité", "Nombre"), rows)], []


def _measures(viewer: Viewer, year: int, now: datetime, done: Activity) -> Found:
    rows = [
        ("Postes sur la liste, à ce jour", charts.said(done.posts_listed)),
        ("Demi-journées utilisées sur les postes", charts.said(done.half_days_used)),
        ("Heures faites dans les TIG terminés, à la dizaine", charts.said(done.tig_hours)),
    ]
    blocks = [_table("Activité", ("Activité", "Nombre"), rows)]
    try:
        page = partnership.page(viewer, year, now)
    except AccessRefused:
        return blocks, ["Les places et les postes de cette année ne sont plus comptés."]
    blocks += [_table(each.heading, each.columns, each.rows, note=each.note) for each in page.tables if each.rows]
    return blocks, [f"{each.heading} : rien cette année-là." for each in page.tables if not each.rows]


def _violence(viewer: Viewer, now: datetime) -> Found:
    received = totals.received(viewer, now)
    if not received.counts:
        return [], ["Le ressort du tribunal n’a transmis aucun nombre à la commune."]
    rows = [
        (each.ressort, fr.day(each.counted_on), str(each.allotted), charts.said(each.in_use))
        for each in received.counts
    ]
    return [
        _table(
            "Téléphones grave danger, pour tout le ressort", ("Ressort", "Compté le", "Attribués au ressort", "En service"), rows,
            note=f"Moins de {received.threshold} : non affiché. La commune ne connaît ni les mesures, ni les personnes.",
        )
    ], []  # fmt: skip


def _released(begins: tuple[str, ...], by_year: dict[int, tuple[PublishedTable, ...]], year: int) -> Found:
    if year not in by_year:
        return [], [f"Les chiffres de {year} ne sont pas encore publiés : l’édition est à préparer dans « Chiffres »."]
    found = [table for table in by_year[year] if table.population.startswith(begins)]
    if not found:
        return [], [
            "Aucun tableau de cette partie n’est dans l’édition : trop peu de personnes, ou pas encore comptées."
        ]
    return [_block(table, by_year) for table in found], []


def _block(table: PublishedTable, by_year: dict[int, tuple[PublishedTable, ...]]) -> Block:
    """Return a published table, rounded to five; its share is that of the edition, to five points already."""
    read_ = reading.shown(reading.rounded(table), "e")
    exact = reading.shown(table, "e")
    over = reading.evolution(
        [reading.rounded(each) for tables in by_year.values() for each in tables if each.key == table.key], "e"
    )
    drawn = [each for each in (read_.picture, exact.shares, over) if each is not None]
    return Block(
        heading=f"{read_.title}, {read_.period}", sentence=reading.sentence_of(table, said=reading.rounded(table).total),
        columns=read_.heads, rows=tuple((row.label, *(cell.words for cell in row.cells)) for row in read_.rows),
        note=" ".join(each for each in (read_.why_none, read_.definition, read_.warning, read_.merged) if each),
        pictures=tuple(Picture(svg=charts.drawn(each), alt=f"{each.title}. {charts.told(each)}") for each in drawn),
    )  # fmt: skip
