"""The indicators of the seed by school year (EXC-19): of no pupil, of no school, never under five."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Q
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide
from casework.access.viewer import Viewer
from casework.casefile import small_counts
from casework.errors import AccessRefused
from casework.exclusions import law
from casework.exclusions.codes import CAME, Kind, Result, Since, State
from casework.exclusions.models import EndedSupport, ExclusionSupport, WaitingLine
from casework.exclusions.models.lines import SupportFacts

K = small_counts.K_PERSONS
YEARS = 5


@dataclass(frozen=True, kw_only=True)
class Year:
    """One school year. None stands for a number that is not shown. `until`: the last day counted of the running year."""

    label: str
    until: date | None
    pupils: int | None
    half_days: int | None
    activities: int | None
    since: tuple[tuple[str, int | None], ...]
    returns: tuple[tuple[str, int | None], ...]
    kinds: tuple[tuple[str, int | None], ...]


def may_read(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer reads counts (row 29)."""
    nobody = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.INDICATORS, excluded=False, rules_in_force=True,
        state_open=True,
    )  # fmt: skip
    return decide(viewer, Action.COUNT, nobody, now).allow


def years(viewer: Viewer, now: datetime) -> list[Year]:
    """Return the figures of the running school year and of those before, newest first. Raises AccessRefused.

    The running year counts what ended before the last of the days on which schools are asked: between two of them no
    number moves, so that two readings less one another tell of nobody (SDC-07).
    """
    if not may_read(viewer, now):
        raise AccessRefused(code="figures")
    today = localdate(now)
    running = law.school_year(today)
    found = [_year(year, _lines(viewer, year), None) for year in range(running - 1, running - YEARS, -1)]
    cut = law.last_ask(today)
    if cut is not None:
        found.insert(0, _year(running, _so_far(viewer, running, cut), cut))
    return [year for year in found if year.pupils is not None or year.until is not None]


def _lines(viewer: Viewer, year: int) -> list[SupportFacts]:
    """Return the lines of a year that is over, those that wait for their month too."""
    where = {"territory_id": viewer.territory_id, "school_year": year}
    return [*EndedSupport.objects.filter(**where), *WaitingLine.objects.filter(**where)]


def _so_far(viewer: Viewer, year: int, cut: date) -> list[SupportFacts]:
    """Return unsaved lines of what ended before `cut` and still stands; one query."""
    came = Q(half_days__presence__in=[str(each) for each in CAME])
    rows = (
        ExclusionSupport.objects.filter(territory_id=viewer.territory_id, school_year=year, closed_on__lt=cut)
        .filter(state=State.CLOSED)
        .annotate(done=Count("half_days", filter=came), led=Count("half_days", filter=came & ~Q(half_days__theme="")))
    )
    return [
        EndedSupport(
            school_year=year, kind=row.kind, result=Result.RECEIVED, is_first=not row.is_again, half_days=row.done,
            activities=row.led, return_held=row.return_held_on is not None,
            since=row.since if row.since_said_on and row.since_said_on < cut else "",
        )
        for row in rows
    ]  # fmt: skip


def _year(year: int, lines: Iterable[SupportFacts], until: date | None) -> Year:
    """Return the figures of one year; what splits pupils counts each once, by the first reception.

    Receptions are not told beside pupils: the one less the other would be those who came twice (SDC-06).
    """
    received = [line for line in lines if line.result == Result.RECEIVED]
    first = [line for line in received if line.is_first]
    enough = len(first) >= K
    return Year(
        label=law.year_label(year), until=until, pupils=len(first) if enough else None,
        half_days=sum(line.half_days for line in received) if enough else None,
        activities=sum(line.activities for line in received) if enough else None,
        since=_split(Counter(_SAID.get(line.since, "") for line in first), _ANSWERS),
        returns=_split(Counter(str(line.return_held) for line in first), _RETURNS),
        kinds=_split(Counter(str(line.kind == Kind.EXCLUSION) for line in first), _KINDS),
    )  # fmt: skip


def _split(counted: Mapping[str, int], labels: Mapping[str, str]) -> tuple[tuple[str, int | None], ...]:
    """Return the counts that may be shown, by label, in the order of the labels; all of them, zeros masked alike."""
    shown, _ = small_counts.shown({code: counted.get(code, 0) for code in labels}, k=K)
    return tuple((label, shown[code]) for code, label in labels.items())


_SAID: Final = {str(Since.NO): "no", str(Since.YES): "yes"}
_ANSWERS: Final = {
    "no": "sans nouvelle exclusion connue de l’établissement",
    "yes": "avec une nouvelle exclusion dans l’année",
    "": "l’établissement ne sait pas, ou ne l’a pas dit",
}
_RETURNS: Final = {"True": "rencontre de retour tenue", "False": "sans rencontre de retour"}
_KINDS: Final = {"True": "exclusion temporaire", "False": "autre mesure"}
