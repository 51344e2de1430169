"""The yearly page of the town, the SPIP and the PJJ: counts only, persons by closed years, none that tells of few.

It looks at every room of placements, which do not look at one another. What it shows of persons comes from anonymous
lines; posts, places and trainings are about nobody. One vector for the screen and the paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.casefile import small_counts
from casework.errors import AccessRefused
from casework.partners.models import Territory
from casework.placements.hosts.codes import HostStage, PostState, TrainingTopic
from casework.placements.hosts.models import HostStructure, Post, Training
from casework.placements.hosts.reads import calendar, unplaced
from casework.placements.reparation.codes import ENDED as CLOSED
from casework.placements.reparation.models import Reparation
from casework.placements.returns import cohorts
from casework.placements.returns.codes import HEADS, Answer, Kind, Result
from casework.placements.returns.models import EndedMeasure, ReturnSheet, WaitingEnd
from casework.placements.tig.codes import ENDED
from casework.placements.tig.models import TigPlacement

K = small_counts.K_JUDICIAL
HIDDEN = "non affiché"
OLDEST = 4
RETURNS_NOTE = (
    "Ce que les services connaissent de nouvelles procédures, et non la récidive. Les personnes et les mesures diffèrent "
    "d’une ligne à l’autre : la comparaison ne dit pas l’effet d’une mesure. Moins de vingt personnes : non affiché."
)


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
        _posts(viewer), _places(viewer, year), _demands(viewer, year), _without_place(viewer, year, now),
        *_ends(viewer, year), _trainings(viewer, year), _returns(viewer, year),
    )  # fmt: skip
    return YearPage(year=year, years=years, commune=_town(viewer), tables=tables)


def _town(viewer: Viewer) -> str:
    return Territory.objects.get(pk=viewer.territory_id).name


def _counted(counts: Mapping[str, int]) -> tuple[tuple[str, ...], ...]:
    """Return rows of persons, small ones hidden, with the whole."""
    cells, total = small_counts.shown(counts, k=K)
    rows = [(label, HIDDEN if n is None else str(n)) for label, n in cells.items()]
    return (*rows, ("Ensemble", HIDDEN if total is None else str(total)))


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
    return Table(
        heading="Places, en demi-journées", columns=("Occupées", "Libres", "Hors service"),
        rows=((str(total["used"]), str(total["free"]), str(total["out"])),),
        note="Sur la semaine des postes d’aujourd’hui. Les places de dossiers déjà effacés n’y sont plus.",
    )  # fmt: skip


def _demands(viewer: Viewer, year: int) -> Table:
    """Count what was received: the anonymous lines of what ended, those that wait for their month, what is still open."""
    ended: Counter[str] = Counter()
    for model in (EndedMeasure, WaitingEnd):
        rows = model._default_manager.filter(territory_id=viewer.territory_id, received_year=year).order_by()
        ended.update(dict(rows.values_list("kind").annotate(n=Count("pk"))))
    running = Q(territory_id=viewer.territory_id, received_at__year=year)
    counts = {
        Kind.TIG.label: ended[Kind.TIG] + TigPlacement.objects.filter(running).exclude(state__in=ENDED).count(),
        Kind.REPARATION.label: ended[Kind.REPARATION]
        + Reparation.objects.filter(running).exclude(state__in=CLOSED).count(),
    }
    return Table(heading="Demandes reçues", columns=("Mesure", "Personnes"), rows=_capitals(_counted(counts)))


UNPLACED_NOTE = "TIG, TNR et réparations ensemble ; une demande compte une fois par mois."


def _capitals(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((row[0][:1].upper() + row[0][1:], *row[1:]) for row in rows)


def _without_place(viewer: Viewer, year: int, now: datetime) -> Table:
    found = next((each for each in unplaced.figures(viewer, now).years if each.year == year), None)
    rows = [(label, HIDDEN if n is None else str(n)) for label, n in found.sectors] if found else []
    if found:
        rows.append(("Ensemble", HIDDEN if found.total is None else str(found.total)))
    return Table(
        heading="Demandes sans place", columns=("Secteur", "Demandes"), rows=tuple(rows),
        note=UNPLACED_NOTE if found else f"Moins de {K} demandes : non affiché.",
    )  # fmt: skip


def _ends(viewer: Viewer, year: int) -> tuple[Table, ...]:
    rows = EndedMeasure.objects.filter(territory_id=viewer.territory_id, month__year=year).order_by()
    by_result = dict(rows.values_list("result").annotate(n=Count("pk")))
    by_kind = dict(rows.values_list("kind").annotate(n=Count("pk")))
    hours = rows.filter(kind=Kind.TIG).aggregate(total=Sum("hours"))["total"] or 0
    enough = by_kind.get(Kind.TIG, 0) >= K
    said = f"{hours // 10 * 10} heures" if enough else HIDDEN
    return (
        Table(
            heading="Mesures terminées, selon leur fin", columns=("Fin", "Personnes"),
            rows=_capitals(_counted({str(each.label): by_result.get(each, 0) for each in Result})),
            note=f"Heures faites dans les TIG terminés : {said} (à la dizaine).",
        ),
        Table(
            heading="Mesures terminées, selon la mesure", columns=("Mesure", "Personnes"),
            rows=_capitals(_counted({str(each.label): by_kind.get(each, 0) for each in Kind})),
        ),
    )  # fmt: skip


def _trainings(viewer: Viewer, year: int) -> Table:
    rows = Training.objects.filter(territory_id=viewer.territory_id, held_on__year=year).order_by("topic")
    grouped = rows.values_list("topic").annotate(n=Count("supervisor", distinct=True))
    return Table(
        heading="Formation des tuteurs", columns=("Sujet", "Tuteurs formés"),
        rows=_capitals(tuple((fr.label(TrainingTopic, topic), str(n)) for topic, n in grouped)),
    )  # fmt: skip


def _returns(viewer: Viewer, year: int) -> Table:
    """Return what the services answered the year after, as first signed: a correction waits for the next edition.

    The sheets are opened by the system; only what may be shown leaves this function.
    """
    sheets = list(
        ReturnSheet.objects.filter(territory_id=viewer.territory_id, year=year + 1, version=1, signed_at__isnull=False)
        .select_related("organisation").order_by("organisation__name")
    )  # fmt: skip
    found: list[tuple[str, ...]] = []
    with audit.reading(
        audit.system_actor(viewer.territory_id), subjects=[row.subject_id for row in sheets],
        classes=[DataClass.KNOWN_RETURN], purpose=Purpose.SYSTEM, module="placements", object_type="returns.returnsheet",
    ):  # fmt: skip
        for row in sheets:
            found += [_line(row.organisation.short_name, cohorts.read(stored)) for stored in row.counts or ()]
    return Table(
        heading="Retours connus des services",
        columns=("Service", "Mesure terminée", "Vue", "Personnes", *(HEADS[each] for each in Answer), "Source"),
        rows=tuple(found), note=RETURNS_NOTE if found else "Aucune feuille de retours connus n’est encore signée.",
    )  # fmt: skip


def _line(service: str, line: cohorts.Line) -> tuple[str, ...]:
    if line.ended < cohorts.LEAST:
        cells, total = dict.fromkeys(Answer), None
    else:
        cells, total = small_counts.shown({each: line.answers.get(each, 0) for each in Answer}, k=K)
    words = [HIDDEN if n is None else str(n) for n in (total, *cells.values())]
    kind = str(line.cohort.kind.label)
    return (
        service, f"{kind[:1].upper()}{kind[1:]}, {line.cohort.label}", str(line.cohort.horizon.label), *words,
        str(line.source.label),
    )  # fmt: skip
