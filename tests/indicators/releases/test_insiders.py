"""A service takes its own persons away from what is printed: of the others it learns of no few (SDC-01)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casework.indicators.releases import building, catalogue, disclosure, insiders
from casework.indicators.releases.building import Drawn, Sheet
from casework.indicators.releases.tables import TOTAL, Dimension, Merge, Population, Table, populations
from casework.indicators.releases.vector import PublishedTable

END = Dimension(key="end", label="Fin", codes=(("done", "menée à terme"), ("not", "non menée")))
SERVICE = Dimension(key="service", label="Service", codes=(("large", "le grand"), ("small", "le petit")))
PEOPLE = Population(
    key="people", unit="personnes", dimensions=(END, SERVICE), service="service", k=5, closes=(1, 1, 2),
    count=lambda _territory, _period, _after, _today: None,
)  # fmt: skip
BY_END = Table(key="by_end", title="Fins", population="people", dimensions=("end",), definition="", spans=(1,))
BOTH = {"people": PEOPLE}


def sheet(period: int = 2025, population: str = "people", **counts: int) -> Sheet:
    """Return counts given as done_large=12."""
    found = {tuple(name.split("_")): n for name, n in counts.items()}
    return Sheet(population=population, period=period, first=period, counts=found)


def edition(
    *sheets: Sheet, population: Population = PEOPLE, table: Table = BY_END, released: tuple[PublishedTable, ...] = ()
) -> Drawn:
    (drawn,) = building.draw(
        year=2025, catalogue=(table,), populations={population.key: population}, sheets=sheets, released=released
    )
    return drawn


FEW = sheet(done_large=58, not_large=14, done_small=20, not_small=2)
ENOUGH = sheet(done_large=58, not_large=14, done_small=20, not_small=7)


@pytest.mark.attack("T-54")
@pytest.mark.rule("SDC-01", "SDC-05")
def test_a_service_that_takes_its_own_away_finds_no_few_of_the_others():
    """« Non menées : 16 », less the fourteen of the large service, would be two persons of the small one."""
    to_anybody = edition(FEW, population=replace(PEOPLE, service="")).taken
    assert to_anybody is not None
    assert to_anybody.table.by_key[("not",)] == 16
    drawn = edition(FEW)
    assert drawn.taken is None or drawn.taken.table.by_key[("not",)] is None
    enough = edition(ENOUGH).taken
    assert enough is not None
    assert enough.table.by_key == {("done",): 78, ("not",): 21, (TOTAL,): 99}


@pytest.mark.rule("SDC-01")
def test_a_service_alone_has_its_figures():
    """The 85 % rule would print nothing of it: but there is nobody else to find."""
    alone = edition(sheet(done_large=58, not_large=14)).taken
    assert alone is not None
    assert alone.table.by_key == {("done",): 58, ("not",): 14, (TOTAL,): 72}


def test_a_coarser_table_is_tried_before_one_with_holes():
    ends = Merge(groups={"end": {"done": ("any", "toute fin"), "not": ("any", "toute fin")}}, said="les fins")
    table = replace(BY_END, dimensions=("end", "service"), merges=(ends,))
    drawn = edition(sheet(done_large=58, not_large=14, done_small=20, not_small=2), table=table).taken
    assert drawn is not None
    assert drawn.table.by_key == {("large",): 72, ("small",): 22, (TOTAL,): 94}


@pytest.mark.attack("T-54")
@pytest.mark.rule("SDC-07")
@pytest.mark.parametrize(("of_small", "printed"), [(0, True), (2, False), (5, True)])
def test_a_few_more_of_the_others_are_not_told_by_the_same_people_seen_later(of_small: int, printed: bool):
    """Ten of the large service returned in the second year, which it knows: « twelve more » would be two of the small one."""
    first = edition(sheet(done_large=60, not_large=20, done_small=30, not_small=20)).taken
    assert first is not None
    later = replace(BY_END, key="later", population="later", follows="by_end")
    drawn = building.draw(
        year=2025, catalogue=(BY_END, later), populations=BOTH | {"later": replace(PEOPLE, key="later")},
        released=(first.table,), sheets=[
            sheet(done_large=60, not_large=20, done_small=30, not_small=20),
            sheet(population="later", done_large=50, not_large=30, done_small=30 - of_small, not_small=20 + of_small),
        ],
    )  # fmt: skip
    found = next(each for each in drawn if each.table.key == "later")
    assert (found.taken is not None) is printed


@pytest.mark.attack("T-54")
def test_the_last_audit_reads_as_each_service_does():
    """Whatever drew them, and what was drawn before services were looked at."""
    raw = edition(FEW, population=replace(PEOPLE, service="")).taken
    assert raw is not None
    known = building.knowns(raw.table, building.in_use((BY_END,), BOTH))
    _, readers = building.readers([FEW], (BY_END,), BOTH)
    assert disclosure.audit(known) == []
    assert insiders.audit(known, readers)
    safe = edition(ENOUGH).taken
    assert safe is not None
    known = building.knowns(safe.table, building.in_use((BY_END,), BOTH))
    assert insiders.audit(known, building.readers([ENOUGH], (BY_END,), BOTH)[1]) == []


def test_the_populations_of_measures_say_which_service_brought_them():
    kept = {each.key: each.service for each in populations() if each.service}
    assert kept == {"measures": "service", "returns_12": "service", "returns_24": "service"}
    for each in catalogue.TABLES:
        assert each.population not in ("returns_12", "returns_24") or "service" not in each.dimensions
