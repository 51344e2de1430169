"""The yearly review of the association (« Bilan APERS »), in numbers that single nobody out (seed, action 6; SDC-05).

Of finished years only: numbers of a running year, read twice, would give the few measures in between (SDC-07). An act is
counted in the year in which it is written (actions.counting): once finished, a year never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import small_counts
from casework.errors import AccessRefused
from casework.partners.models import Organisation
from casework.vif.offenders import facts
from casework.vif.offenders.codes import Frame, Outcome, ReportKind
from casework.vif.offenders.models import YearCount

# Each table of the review, with its lines: what actions.counting writes, and how it is called.
LINES: Mapping[str, Mapping[str, str]] = {
    "Mesures reçues": {f"received.{frame.value}": str(frame.label) for frame in Frame},
    "Rapports transmis": {f"report.{kind.value}": str(kind.label) for kind in ReportKind},
    "Suivi": {
        "absence": "carences",
        "course": "stages et groupes suivis en entier",
        "orientation": "orientations par courrier",
    },
    "Hébergement après éviction": {
        "lodging.asked": "demandes",
        "lodging.obtained": "obtenus",
        "lodging.refused": "refusés",
    },
    "Fins de mesure": {f"end.{outcome.value}": str(outcome.label) for outcome in Outcome}
    | {"end.revoked": "mesure révoquée"},
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table; None where a number would single somebody out."""

    heading: str
    lines: tuple[tuple[str, int | None], ...]
    total: int | None
    has_total: bool


@dataclass(frozen=True, kw_only=True)
class Review:
    """The numbers of one finished year, and the finished years that have some; `year`: None where none has."""

    year: int | None
    years: tuple[int, ...]
    running: int
    service: str
    """Whose numbers; "" where they are of every service of the territory."""
    tables: tuple[Table, ...]
    k: int


def review(viewer: Viewer, year: int | None, now: datetime) -> Review:
    """Return the numbers of a finished year: of the viewer's own service, or of all for the prosecutor's agents.

    Raises AccessRefused to whoever does not read this side.
    """
    if not facts.counts_are_open(viewer, now):
        raise AccessRefused(code="counts")
    running = localdate(now).year
    rows = YearCount.objects.filter(territory_id=viewer.territory_id, year__lt=running)
    of_all = facts.reads_all(viewer.role)
    if not of_all:
        rows = rows.filter(organisation_id=viewer.organisation_id)
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        of_year = found.setdefault(row.year, {})
        of_year[row.what] = of_year.get(row.what, 0) + row.n
    asked = year if year in found else max(found, default=None)
    service = "" if of_all else str(Organisation.objects.get(pk=viewer.organisation_id))
    return Review(
        year=asked, years=tuple(sorted(found, reverse=True)), running=running, service=service,
        k=small_counts.K_JUDICIAL,
        tables=tuple(_table(heading, lines, found[asked]) for heading, lines in LINES.items()) if asked else (),
    )  # fmt: skip


def _table(heading: str, lines: Mapping[str, str], counted: Mapping[str, int]) -> Table:
    """Return one table. Answers are part of what was asked: that table is not added up."""
    shown, total = small_counts.shown({what: counted.get(what, 0) for what in lines}, k=small_counts.K_JUDICIAL)
    return Table(
        heading=heading, lines=tuple((lines[what], n) for what, n in shown.items()), total=total,
        has_total=heading in ("Mesures reçues", "Rapports transmis", "Fins de mesure"),
    )  # fmt: skip
