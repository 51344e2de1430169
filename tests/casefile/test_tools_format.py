"""How dates, durations, ages and counts read in French."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from casework.casefile import format as words
from casework.casefile import references


def test_days():
    assert words.day(date(2026, 12, 8)) == "mardi 8 décembre 2026"
    assert words.day(date(2026, 5, 1)) == "vendredi 1er mai 2026"
    assert words.short_day(date(2026, 12, 8)) == "8 déc."
    assert words.numeric_day(date(2026, 2, 1)) == "01/02/2026"
    assert words.month(date(2026, 8, 1)) == "août 2026"
    assert words.hour(datetime(2026, 8, 1, 14, 0, tzinfo=UTC)) == "14 h"
    assert words.hour(datetime(2026, 8, 1, 9, 5, tzinfo=UTC)) == "9 h 05"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 22), "aujourd’hui"),
        (date(2026, 11, 23), "demain"),
        (date(2026, 11, 25), "dans 3 jours"),
        (date(2026, 11, 21), "en retard de 1 jour"),
        (date(2026, 11, 10), "en retard de 12 jours"),
    ],
)
def test_how_far_a_due_date_is(day, text):
    assert words.when(day, date(2026, 11, 22)) == text


def test_how_long_ago():
    today = date(2026, 11, 22)
    assert words.ago(date(2026, 11, 21), today) == "hier"
    assert words.ago(date(2026, 11, 10), today) == "il y a 12 jours"
    assert words.ago(today, today) == "aujourd’hui"
    assert words.ago(date(2026, 11, 23), today) == "demain"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(2130, "35 h 30"), (60, "1 h"), (65, "1 h 05"), (45, "45 min"), (0, "0 min"), (-60, "- 1 h")],
)
def test_durations(minutes, text):
    assert words.duration(minutes) == text


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (9, "moins de 10 ans"), (10, "10-12 ans"), (12, "10-12 ans"), (13, "13-15 ans"), (15, "13-15 ans"),
        (16, "16-17 ans"), (17, "16-17 ans"), (18, "18-25 ans"), (25, "18-25 ans"), (26, "plus de 25 ans"),
    ],
)  # fmt: skip
def test_age_bands(age, band):
    assert words.age_band(age) == band


def test_ages_and_counts():
    assert words.age(date(2011, 3, 12), date(2026, 11, 22)) == "15 ans"
    assert words.age(date(2025, 3, 12), date(2026, 11, 22)) == "1 an"
    assert words.plural(0, "situation") == "0 situation"
    assert words.plural(1, "situation") == "1 situation"
    assert words.plural(2, "situation") == "2 situations"
    assert words.plural(3, "mois") == "3 mois"
    assert words.plural(2, "animal", "animaux") == "2 animaux"


def test_initials_say_no_more_than_two_letters():
    assert words.initials("Yanis", "Belkacem") == "Y. B."
    assert words.initials("Élie", "d’Angelo") == "É. D."
    assert words.initials("", "Belkacem") == "? B."


def test_narrow_spaces():
    assert words.nb("Qui connaît ? « oui » : non ; si !") == (
        "Qui connaît\u202f? «\u202foui\u202f»\u202f: non\u202f; si\u202f!"
    )
    assert words.nb("14:32") == "14:32"


def test_references_are_spoken_aloud():
    seen = {references.new_reference("MIR", 2026) for _ in range(200)}
    assert len(seen) > 190
    for reference in seen:
        assert reference.startswith("MIR-2026-")
        assert len(reference) == len("MIR-2026-K7QF")
        assert not set(reference[9:]) & set("0O1IL5S8B2Z6GAEUY")
        assert references.read_reference(reference) == reference


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mir 2026 k7qf", "MIR-2026-K7QF"),
        (" MIR2026K7QF ", "MIR-2026-K7QF"),
        ("MIR–2026–K7QF", "MIR-2026-K7QF"),
        ("Belkacem", None),
        ("MIR-2026-K7Q", None),
        ("MIR-2026-K0QF", None),
        ("", None),
    ],
)
def test_typed_references_are_forgiven(typed, read):
    assert references.read_reference(typed) == read


@pytest.mark.parametrize("prefix", ["", "mir", "TOOLONG", "1AB", "M-R"])
def test_a_bad_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        references.new_reference(prefix, 2026)


def test_a_capital_first_leaves_the_rest_alone():
    assert words.capital("état-major du SPIP") == "État-major du SPIP"
    assert words.capital("") == ""
