"""The yearly page of the town, the SPIP and the PJJ: posts, places, demands without a place, trainings. Of no person.

What became of people is in the published figures (« Indicateurs »). One list of tables for the screen and the paper.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import charts, small_counts
from casework.casefile import format as fr
from casework.errors import AccessRefused
from casework.partners.models import Territory
from casework.placements.hosts.codes import HostStage, PostState, TrainingTopic
from casework.placements.hosts.models import Booking, HostStructure, Post, Training
from casework.placements.hosts.reads import calendar, unplaced

K = small_counts.K_JUDICIAL
OLDEST = 4


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table, ready to be shown or printed."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def cells(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Return each row as (heading, cell)."""
        return tuple(tuple(zip(self.columns, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class YearPage:
    """The page of one closed year."""

    year: int
    years: tuple[int, ...]
    commune: str
    tables: tuple[Table, ...]


def page(viewer: Viewer, year: int | None, now: datetime) -> YearPage:
    """Return the page of a closed year, the last one by default. Raises AccessRefused (role, year not closed)."""
    unplaced.require_counts(viewer, now)
    last = localdate(now).year - 1
    years = tuple(range(last, last - OLDEST, -1))
    if year is None:
        year = last
    if year not in years:
        raise AccessRefused(code="year")
    tables = (
        _posts(viewer), _places(viewer, year), _without_place(viewer, year, now), _trainings(viewer, year),
    )  # fmt: skip
    return YearPage(year=year, years=years, commune=_town(viewer), tables=tables)


def _town(viewer: Viewer) -> str:
    return Territory.objects.get(pk=viewer.territory_id).name


def _posts(viewer: Viewer) -> Table:
    rows = Post.objects.filter(territory_id=viewer.territory_id, state=PostState.LISTED)
    adults, minors = Q(listed_adults_on__isnull=False), Q(listed_minors_on__isnull=False)
    grouped = (
        rows.order_by("sector__label")
        .values_list("sector__label")
        .annotate(n=Count("pk"), a=Count("pk", filter=adults), m=Count("pk", filter=minors))
    )
    hosts = Counter(HostStructure.objects.filter(territory_id=viewer.territory_id).values_list("stage", flat=True))
    prospects = hosts[HostStage.CONTACTED] + hosts[HostStage.INTERESTED] + hosts[HostStage.TO_CONTACT]
    return Table(
        heading="Postes sur la liste, à ce jour", columns=("Secteur", "Postes", "Pour majeurs", "Pour mineurs"),
        rows=tuple((sector or "Sans secteur", str(n), str(a), str(m)) for sector, n, a, m in grouped),
        note=f"Structures sous convention : {hosts[HostStage.AGREED]}. En prospection : {prospects}. "
        f"Refus : {hosts[HostStage.DECLINED]}.",
    )  # fmt: skip


def _places(viewer: Viewer, year: int) -> Table:
    posts = list(
        Post.objects.filter(territory_id=viewer.territory_id, state=PostState.LISTED).values_list("pk", flat=True)
    )
    total: Counter[str] = Counter()
    for slots in calendar.places(posts, date(year, 1, 1), date(year, 12, 31)).values():
        for each in slots.values():
            total["free"] += each.free
            total["used"] += each.used + each.reserved
            total["out"] += each.out_of_use
    taken = Booking.objects.filter(post_id__in=posts, day__year=year)
    holders = taken.aggregate(n=Count("holder", distinct=True))["n"]
    # Of few people these are their own half-days; and capacity less what is free is what is taken.
    free, used = (
        charts.HIDDEN if 0 < holders < small_counts.K_PERSONS else _to_ten(total[what]) for what in ("free", "used")
    )
    return Table(
        heading="Places, en demi-journées", columns=("Occupées", "Libres", "Hors service"),
        rows=((used, free, str(total["out"])),),
        note="À la dizaine, sur la semaine des postes d’aujourd’hui. Les places de dossiers déjà effacés n’y sont plus.",
    )  # fmt: skip


def _to_ten(n: int) -> str:
    return str((n + 5) // 10 * 10)


UNPLACED_NOTE = "TIG, TNR et réparations ensemble ; une demande compte une fois par mois."


def _capitals(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((fr.capital(row[0]), *row[1:]) for row in rows)


def _without_place(viewer: Viewer, year: int, now: datetime) -> Table:
    found = next((each for each in unplaced.figures(viewer, now).years if each.year == year), None)
    rows = [(label, charts.said(n)) for label, n in found.sectors] if found else []
    if found:
        rows.append(("Ensemble", charts.said(found.total)))
    return Table(
        heading="Demandes sans place", columns=("Secteur", "Demandes"), rows=tuple(rows),
        note=UNPLACED_NOTE if found else f"Moins de {K} demandes : non affiché.",
    )  # fmt: skip


def _trainings(viewer: Viewer, year: int) -> Table:
    rows = Training.objects.filter(territory_id=viewer.territory_id, held_on__year=year).order_by("topic")
    grouped = rows.values_list("topic").annotate(n=Count("supervisor", distinct=True))
    return Table(
        heading="Formation des tuteurs", columns=("Sujet", "Tuteurs formés"),
        rows=_capitals(tuple((fr.label(TrainingTopic, topic), str(n)) for topic, n in grouped)),
    )  # fmt: skip
