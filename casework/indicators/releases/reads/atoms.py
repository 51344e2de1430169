"""Frozen counts, opened by the system to draw an edition; nothing that leaves here goes to a page as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Purpose
from casework.errors import GuardRefused
from casework.indicators.releases import building, catalogue, disclosure, vector
from casework.indicators.releases.building import Drawn, Sheet
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import AtomSheet, Release
from casework.indicators.releases.tables import populations
from casework.indicators.releases.vector import PublishedTable

TOO_MANY = "Il y a trop de chiffres à protéger ensemble : prévenez l’administrateur. Rien n’est publié."
CONTRADICTION = "Ces chiffres se contredisent, ou contredisent ceux qui sont publiés : prévenez l’administrateur. Rien n’est publié."


def sheets(territory_id: UUID) -> list[Sheet]:
    """Return every frozen count of a territory, opened."""
    rows = list(AtomSheet.objects.filter(territory_id=territory_id).order_by("population", "period"))
    with audit.reading(
        audit.system_actor(territory_id), subjects=[row.subject_id for row in rows], classes=[DataClass.INDICATORS],
        purpose=Purpose.SYSTEM, module="indicators", object_type="releases.atomsheet",
    ):  # fmt: skip
        return [
            Sheet(
                population=row.population, period=row.period, first=row.first, source=row.source,
                counts={tuple(codes): n for codes, n in row.counts or ()},
            )
            for row in rows
        ]  # fmt: skip


def released(territory_id: UUID) -> list[PublishedTable]:
    """Return every table ever published on a territory, oldest first; one printed again in a later edition comes once."""
    rows = Release.objects.filter(territory_id=territory_id, state=ReleaseState.PUBLISHED).order_by("year", "version")
    found: dict[tuple[str, int, int], PublishedTable] = {}
    for row in rows:
        for table in vector.read(row.vector):
            found.setdefault((table.key, table.first, table.last), table)
    return list(found.values())


def draw(territory_id: UUID, year: int) -> list[Drawn]:
    """Return what the edition of `year` would print. Raises GuardRefused: what cannot be judged is not drawn."""
    with judged():
        return building.draw(
            year=year, catalogue=catalogue.TABLES, populations={each.key: each for each in populations()},
            sheets=sheets(territory_id), released=released(territory_id),
        )  # fmt: skip


@contextmanager
def judged() -> Iterator[None]:
    """Refuse, in words, what the engine does not judge: too much at once, or numbers of which no town could be the source."""
    try:
        yield
    except disclosure.TooLarge:
        raise GuardRefused(TOO_MANY) from None
    except ValueError:
        raise GuardRefused(CONTRADICTION) from None
