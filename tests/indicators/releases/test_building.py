"""From frozen counts to a vector: coarser before hidden, one period once, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from casework.indicators.releases import building, disclosure, tables, vector
from casework.indicators.releases.building import Drawn, Sheet
from casework.indicators.releases.catalogue import TABLES
from casework.indicators.releases.tables import TOTAL, Dimension, Merge, Population, Table
from casework.indicators.releases.vector import PublishedTable

AGE = Dimension(key="age", label="Âge", codes=(("a", "10 à 12"), ("b", "13 à 15"), ("c", "16 et 17")))
END = Dimension(key="end", label="Fin", codes=(("done", "menée à terme"), ("not", "autre fin")))
PEOPLE = Population(
    key="people", unit="personnes", dimensions=(AGE, END), k=5, closes=(1, 1, 2),
    count=lambda _territory, _period, _after, _today: None,
)  # fmt: skip
YOUNG = Merge(groups={"age": {"a": ("ab", "10 à 15"), "b": ("ab", "10 à 15")}}, said="les 10 à 15 ans")
BY_AGE = Table(
    key="by_age",
    title="Selon l’âge",
    population="people",
    dimensions=("age",),
    definition="Qui a fini.",
    merges=(YOUNG,),
)
BY_END = replace(BY_AGE, key="by_end", dimensions=("age", "end"), spans=(1,), merges=())


def sheet(period: int, **counts: int) -> Sheet:
    """Return counts given as a_done=12."""
    found = {tuple(name.split("_")): n for name, n in counts.items()}
    return Sheet(population="people", period=period, first=period, counts=found)


def edition(
    year: int, *sheets: Sheet, catalogue: tuple[Table, ...] = (BY_AGE,), released: tuple[PublishedTable, ...] = ()
) -> list[Drawn]:
    return building.draw(
        year=year, catalogue=catalogue, populations={"people": PEOPLE}, sheets=sheets, released=released
    )


def numbers(drawn: Drawn) -> Mapping[tuple[str, ...], int | None]:
    assert drawn.taken is not None
    return drawn.taken.table.by_key


LARGE = {"a_done": 30, "a_not": 12, "b_done": 25, "b_not": 14, "c_done": 40, "c_not": 11}
SMALL_A = LARGE | {"a_done": 2, "a_not": 1}


def test_large_numbers_are_printed_as_they_are():
    (drawn,) = edition(2025, sheet(2025, **LARGE))
    assert numbers(drawn) == {("a",): 42, ("b",): 39, ("c",): 51, (TOTAL,): 132}
    assert drawn.taken is not None
    assert drawn.taken.table.merged == ""


@pytest.mark.rule("SDC-05")
def test_codes_are_put_together_before_numbers_are_hidden():
    (drawn,) = edition(2025, sheet(2025, **SMALL_A))
    assert numbers(drawn) == {("ab",): 42, ("c",): 51, (TOTAL,): 93}
    assert drawn.taken is not None
    assert "les 10 à 15 ans" in drawn.taken.table.merged
    assert [each.said for each in drawn.tried] == ["", "les 10 à 15 ans"]
    assert drawn.tried[0].share > building.ENOUGH


def test_a_dimension_put_together_whole_is_not_drawn():
    """One line and its total would be the same numbers twice; a rate is of the codes that are printed."""
    ends = Merge(groups={"end": {"done": ("any", "toute fin"), "not": ("any", "toute fin")}}, said="les fins")
    few = LARGE | {"a_not": 1, "b_not": 1, "c_not": 1}
    table = replace(BY_END, merges=(ends,), rate_of=("done",), rate_words="menées à terme")
    (drawn,) = edition(2025, sheet(2025, **few), catalogue=(table,))
    assert drawn.taken is not None
    assert [each.key for each in drawn.taken.table.dimensions] == ["age"]
    assert numbers(drawn)[(TOTAL,)] == 98
    assert (drawn.taken.table.rate_of, drawn.taken.table.rate_words) == ((), "")


@pytest.mark.rule("SDC-07")
def test_years_are_put_together_where_one_is_too_small():
    few = {name: n // 10 for name, n in LARGE.items()}
    (alone,) = edition(2025, sheet(2025, **few))
    assert alone.taken is None
    tenth = {name: 5 + n // 10 for name, n in LARGE.items()}
    small = [sheet(year, **tenth) for year in (2023, 2024, 2025)]
    (drawn,) = edition(2025, *small, catalogue=(replace(BY_END, spans=(3,)),))
    assert drawn.taken is not None
    assert (drawn.taken.table.first, drawn.taken.table.last) == (2023, 2025)
    assert "Comptés ensemble : 3 années" in drawn.taken.table.merged
    assert drawn.taken.table.period == "2023 à 2025"


@pytest.mark.rule("SDC-07")
def test_a_year_is_in_one_window_of_a_table_only():
    three = replace(BY_AGE, spans=(3,))
    sheets = [sheet(year, **LARGE) for year in range(2021, 2027)]
    first = edition(2023, *sheets, catalogue=(three,))[0].taken
    assert first is not None
    for year, found in ((2024, False), (2025, False), (2026, True)):
        (drawn,) = edition(year, *sheets, catalogue=(three,), released=(first.table,))
        assert (drawn.taken is not None) is found, year


@pytest.mark.attack("T-54")
@pytest.mark.parametrize(("more", "drawn"), [(0, True), (3, False), (4, False), (5, True)])
def test_the_same_people_seen_later_are_not_printed_a_few_apart(more: int, drawn: bool):
    """« Two more since » would be two persons: the later table waits, or is drawn coarser."""
    first = edition(2025, sheet(2025, **LARGE))[0].taken
    assert first is not None
    moved = LARGE | {"a_done": 30 + more, "b_done": 25 - more}
    later = replace(BY_AGE, key="later", population="later", spans=(1,), merges=(), follows="by_age")
    (found,) = building.draw(
        year=2025, catalogue=(later,), populations={"later": replace(PEOPLE, key="later")},
        sheets=[replace(sheet(2025, **moved), population="later")], released=(first.table,),
    )  # fmt: skip
    assert (found.taken is not None) is drawn


ANSWER = Dimension(
    key="answer", label="Retours", codes=(("none", "aucun"), ("charged", "poursuites"), ("judged", "condamnation"), ("nc", "inconnu"))
)  # fmt: skip
KNOWN = Merge(groups={"answer": {"charged": ("known", "connu"), "judged": ("known", "connu")}}, said="les procédures")
ALL_AS_TWO = Merge(
    groups={"answer": KNOWN.groups["answer"] | dict.fromkeys(("none", "nc"), ("not", "aucun ou inconnu"))},
    said="en deux",
)
AT_12 = Table(
    key="at_12", title="À douze mois", population="at_12", dimensions=("answer",), definition="", spans=(1,),
    merges=(KNOWN, ALL_AS_TWO),
)  # fmt: skip
AT_24 = replace(AT_12, key="at_24", population="at_24", follows="at_12")
SEEN = {
    key: replace(PEOPLE, key=key, dimensions=(ANSWER,), cohorts=True, lag=lag)
    for key, lag in (("at_12", 0), ("at_24", 1))
}


def answered(population: str, first: int, last: int, **counts: int) -> Sheet:
    return Sheet(population=population, period=last, first=first, counts={(key,): n for key, n in counts.items()})


def seen(year: int, table: Table, counts: Sheet, *released: PublishedTable) -> PublishedTable | None:
    """Return one table of an edition where the catalogue holds both."""
    found = building.draw(
        year=year, catalogue=(AT_12, AT_24), populations=SEEN, sheets=[counts], released=released
    )  # fmt: skip
    return next(each.taken.table if each.taken else None for each in found if each.table == table)


AT_FIRST = {"none": 60, "charged": 12, "judged": 13, "nc": 11}
TWO_MORE = {"none": 58, "charged": 12, "judged": 15, "nc": 11}
MANY_MORE = {"none": 48, "charged": 12, "judged": 25, "nc": 11}


@pytest.mark.attack("T-54")
def test_the_same_people_seen_later_are_not_printed_a_few_apart_under_coarser_codes():
    """Poursuites 12 and condamnations 13, then « connu » 27: two persons since, whatever the codes are called."""
    first = seen(2025, AT_12, answered("at_12", 2025, 2025, **AT_FIRST))
    assert first is not None
    assert len(first.numbers) == 5
    assert seen(2026, AT_24, answered("at_24", 2025, 2025, **TWO_MORE), first) is None
    assert seen(2026, AT_24, answered("at_24", 2025, 2025, **MANY_MORE), first) is not None


@pytest.mark.attack("T-54")
def test_whichever_of_the_two_is_published_first():
    later = seen(2026, AT_24, answered("at_24", 2025, 2025, **TWO_MORE))
    assert later is not None
    assert seen(2025, AT_12, answered("at_12", 2025, 2025, **AT_FIRST), later) is None


@pytest.mark.attack("T-54")
def test_three_years_seen_later_are_no_few_more_than_three_years_one_by_one():
    """A service with enough people each year at twelve months, and one sheet of three years at twenty-four."""
    yearly = [seen(year, AT_12, answered("at_12", year, year, **AT_FIRST)) for year in (2023, 2024, 2025)]
    printed = [each for each in yearly if each is not None]
    assert len(printed) == 3
    added = {key: 3 * n for key, n in AT_FIRST.items()}
    two = added | {"none": added["none"] - 2, "judged": added["judged"] + 2}
    assert seen(2026, AT_24, answered("at_24", 2023, 2025, **two), *printed) is None
    many = added | {"none": added["none"] - 9, "judged": added["judged"] + 9}
    assert seen(2026, AT_24, answered("at_24", 2023, 2025, **many), *printed) is not None
    # … and the other way round: the third year is what the three years were short of.
    whole = seen(2026, AT_24, answered("at_24", 2023, 2025, **two))
    assert whole is not None
    assert seen(2025, AT_12, answered("at_12", 2025, 2025, **AT_FIRST), whole, *printed[:2]) is None


def test_what_was_published_of_a_year_is_printed_again_as_it_was():
    first = edition(2025, sheet(2025, **LARGE))[0].taken
    assert first is not None
    (again,) = edition(2025, sheet(2025, **(LARGE | {"a_done": 300})), released=(first.table,))
    assert again.kept
    assert again.taken is not None
    assert again.taken.table == first.table


def test_a_period_that_is_not_counted_yet_has_no_table():
    (drawn,) = edition(2025, sheet(2024, **LARGE))
    assert drawn.taken is None
    assert drawn.tried == ()


def test_two_tables_of_the_same_people_are_protected_together():
    """What one hides, the other does not give back: by age alone, ages could be printed; by age and end they could not."""
    drawn = edition(2025, sheet(2025, **(LARGE | {"a_not": 2, "c_not": 30})), catalogue=(BY_END, BY_AGE))
    by_end, by_age = (numbers(each) for each in drawn)
    assert by_end[("a", "not")] is None
    assert by_end[("c", "done")] == 40
    assert by_age[(TOTAL,)] == 141
    printed = [cell for each in drawn if each.taken for cell in building.knowns(each.taken.table, {"people": PEOPLE})]
    assert not disclosure.audit(printed)
    # The reader of the second alone would be told too much by the first, had it been drawn alone.
    free = building.draw(
        year=2025, catalogue=[BY_AGE], populations={"people": PEOPLE}, sheets=[sheet(2025, a_done=3, b_done=30, c_done=30)],
        released=(),
    )  # fmt: skip
    assert numbers(free[0]).get(("a",)) is None


PARTS_OF_TOWN = Dimension(key="part", label="Quartier", codes=tuple((code, code) for code in "abcd"))
RESIDENTS = replace(PEOPLE, dimensions=(PARTS_OF_TOWN,))
FINE = Table(key="fine", title="Quartiers", population="people", dimensions=("part",), definition="", spans=(1,))
ACROSS = replace(
    FINE, key="across", merges=(
        Merge(groups={"part": {"a": ("ac", "a et c"), "c": ("ac", "a et c"), "b": ("bd", "b et d"), "d": ("bd", "b et d")}}, said="deux à deux"),
    ),
)  # fmt: skip
FEW_IN_A = Sheet(population="people", period=2025, first=2025, counts={("a",): 3, ("b",): 9, ("c",): 30, ("d",): 30})


def across(*catalogue: Table, released: tuple[PublishedTable, ...] = ()) -> list[PublishedTable]:
    drawn = building.draw(
        year=2025, catalogue=catalogue, populations={"people": RESIDENTS}, sheets=[FEW_IN_A], released=released
    )
    return [each.taken.table for each in drawn if each.taken]


def given_away(tables_: list[PublishedTable]) -> bool:
    return bool(disclosure.audit([cell for each in tables_ for cell in building.knowns(each, {"people": RESIDENTS})]))


@pytest.mark.attack("T-54")
def test_a_table_gives_back_nothing_that_another_of_its_edition_hides():
    """« a et c : 33 » is printed to nobody who reads « c : 30 » beside a hidden « a »."""
    assert not given_away(across(ACROSS))
    (fine,), (alone,) = across(FINE), across(ACROSS)
    assert fine.by_key[("a",)] is None
    assert (fine.by_key[("c",)], alone.by_key[("ac",)]) == (30, 33)
    assert given_away([fine, alone]), "each alone is safe, together they are not"
    assert not given_away(across(FINE, ACROSS))


@pytest.mark.attack("T-54")
def test_nor_that_an_earlier_edition_hid():
    first = across(FINE)
    later = across(FINE, ACROSS, released=tuple(first))
    assert first[0] in later
    assert not given_away(later)


@pytest.mark.attack("T-55")
def test_the_order_of_the_counts_changes_no_byte():
    counts = list(SMALL_A.items())
    drawn = [
        edition(2025, sheet(2025, **dict(each)), catalogue=(BY_END, BY_AGE))
        for each in (counts, list(reversed(counts)))
    ]
    kept = [vector.stored([each.taken.table for each in one if each.taken]) for one in drawn]
    assert json.dumps(kept[0]) == json.dumps(kept[1])
    assert vector.digest(kept[0]) == vector.digest(kept[1])


def test_a_vector_is_read_as_it_was_written():
    taken = edition(2025, sheet(2025, **SMALL_A))[0].taken
    assert taken is not None
    assert vector.read(json.loads(json.dumps(vector.stored([taken.table])))) == (taken.table,)


def test_no_variant_says_which_rule_hides_a_number():
    """A number hidden for itself is small: the word would tell what the figure does not."""
    (drawn,) = edition(2025, sheet(2025, **(LARGE | {"a_not": 1})), catalogue=(BY_END,))
    assert drawn.taken is not None
    for hidden in drawn.taken.hidden:
        assert len(hidden) == 2
        assert hidden[1] is None or hidden[1] >= 5


@pytest.mark.rule("SDC-09")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_a_table_crosses_two_dimensions_at_the_most(table: Table):
    assert 1 <= len(table.dimensions) <= 2
    assert len({each.key for each in TABLES}) == len(TABLES)


@pytest.mark.rule("REC-22")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_no_table_speaks_of_recidivism_as_its_own(table: Table):
    words = " ".join((table.title, table.rate_words)).lower()
    assert "récidiv" not in words
    assert table.definition


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_a_table_names_only_what_its_population_counts(table: Table):
    population = tables.population(table.population)
    assert population is not None
    dimensions = {key: population.dimension(key) for key in table.dimensions}
    assert max(table.spans) == 1 or not population.cohorts
    for merge in table.merges:
        for key, groups in merge.groups.items():
            assert groups.keys() <= dict(dimensions[key].codes).keys()
            assert not {code for code, _ in groups.values()} & dict(dimensions[key].codes).keys()
    every = {code for each in dimensions.values() for code, _ in each.codes}
    every |= {group for merge in table.merges for groups in merge.groups.values() for group, _ in groups.values()}
    assert {*table.rate_of, *table.unknown} <= every


def test_the_coarsest_rung_does_not_take_the_place_of_a_finer_table_of_more_years():
    few = {name: n // 3 for name, n in LARGE.items()}
    ends = {"end": {"done": ("any", "toute fin"), "not": ("any", "toute fin")}}
    for longest, first in ((False, 2025), (True, 2023)):
        table = replace(BY_END, spans=(1, 3), merges=(Merge(groups=ends, said="les fins", longest=longest),))
        (drawn,) = edition(2025, *(sheet(year, **few) for year in (2023, 2024, 2025)), catalogue=(table,))
        assert drawn.taken is not None
        assert (drawn.taken.table.first, len(drawn.taken.table.dimensions)) == (first, 1 + longest)
