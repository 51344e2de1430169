"""The nightly freeze: a period is counted once, sealed, told; nothing counts it again (SDC-07)."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.timezone import localdate

from casework.audit.models import AuditEvent
from casework.casefile import daily
from casework.errors import Unaudited
from casework.indicators.releases import tables
from casework.indicators.releases.actions import freezing
from casework.indicators.releases.models import AtomSheet
from casework.indicators.releases.tables import Counted, Population
from tests.indicators.counted import atoms, follow_ups, night, pupils

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("SDC-07", "REC-24")]

YEAR = localdate().year


def test_a_closed_year_is_counted_once_whatever_is_written_afterwards(people):
    follow_ups(people.territory, YEAR - 1, 7)
    assert freezing.freeze(night()) == 1
    follow_ups(people.territory, YEAR - 1, 2)
    assert freezing.freeze(night()) == 0
    assert atoms(people.territory, "followups", YEAR - 1) == {("goal", "13_15", "m", "street_outreach", "6_12"): 7}
    assert "releases.freeze" in daily.steps()


def test_the_running_year_is_never_counted(people):
    follow_ups(people.territory, YEAR, 7)
    pupils(people.territory, YEAR, 7)
    assert freezing.freeze(night()) == 0


@pytest.mark.rule("EXC-19")
@pytest.mark.parametrize(("day", "made"), [(date(2030, 8, 31), 0), (date(2030, 9, 1), 1)])
def test_a_school_year_closes_in_september(people, day, made):
    pupils(people.territory, 2029, 7)
    assert freezing.freeze(night(day)) == made


def test_each_town_has_its_own(people):
    follow_ups(people.territory, YEAR - 1, 7)
    follow_ups(people.elsewhere, YEAR - 1, 9)
    assert freezing.freeze(night()) == 2
    assert sum(atoms(people.elsewhere, "followups", YEAR - 1).values()) == 9


@pytest.mark.attack("T-09")
def test_what_is_frozen_is_sealed_and_told_by_its_number_of_lines(people):
    follow_ups(people.territory, YEAR - 1, 7)
    follow_ups(people.territory, YEAR - 1, 1, sex="f")
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    freezing.freeze(night())
    row = AtomSheet.objects.get()
    with pytest.raises(Unaudited):
        _ = row.counts
    [event] = AuditEvent.objects.exclude(pk__in=before).filter(act="create")
    assert (event.n, event.why, event.actor_id) == (2, "frozen", None)


@pytest.fixture
def cohorts(monkeypatch):
    """A population of which each count holds three years."""
    asked: list[tuple[int, int | None]] = []

    def three(territory_id, period, after, today):
        asked.append((period, after))
        return Counted(first=period - 2, counts={("x",): 40})

    fake = Population(key="three", unit="x", dimensions=(), k=5, closes=(1, 1, 1), count=three)
    monkeypatch.setattr(tables, "_POPULATIONS", {"three": fake})
    return asked


def test_no_year_is_counted_twice_whatever_a_population_answers(people, cohorts):
    freezing.freeze(night())
    spans = [(row.first, row.period) for row in AtomSheet.objects.filter(territory=people.territory).order_by("period")]
    years = [year for first, last in spans for year in range(first, last + 1)]
    assert len(years) == len(set(years))
    assert len(spans) > 1
    assert freezing.freeze(night()) == 0


def test_a_population_is_told_what_was_counted_before(people, cohorts):
    freezing.freeze(night())
    afters = [after for _, after in cohorts]
    assert afters[0] is None
    assert any(after is not None and period > after for period, after in cohorts)


def test_a_night_that_fails_in_the_middle_leaves_nothing_half_counted(people, monkeypatch):
    follow_ups(people.territory, YEAR - 1, 7)
    with monkeypatch.context() as patch:
        patch.setattr(AtomSheet, "save", _break_down)
        with pytest.raises(OSError):
            freezing.freeze(night())
    assert not AtomSheet.objects.exists()
    assert freezing.freeze(night()) == 1


def _break_down(*_args, **_kwargs):
    raise OSError


def test_a_period_is_looked_at_a_few_years_back_and_no_more():
    population = tables.population("followups")
    found = list(freezing.closed(population, date(2030, 1, 1)))
    assert (found[0], found[-1]) == (2022, 2029)
    assert list(freezing.closed(tables.population("measures"), date(2030, 1, 31)))[-1] == 2028
