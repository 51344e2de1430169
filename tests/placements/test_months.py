"""What stands is counted once a month, in bands: whoever reads counts alone sees nobody come or go (rows 12 and 16 « e »)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit.models import AuditEvent
from casework.casefile import format as fr
from casework.casefile.calendar import month_of
from casework.errors import AccessRefused
from casework.placements.partnership import actions, months
from casework.placements.partnership.codes import REPARATIONS, STAGES, TIG
from casework.placements.partnership.models import MonthCount
from casework.placements.reparation.codes import ENDED as REPARATION_ENDED
from casework.placements.reparation.codes import State as ReparationState
from casework.placements.reparation.models import Reparation
from casework.placements.tig.codes import State as TigState
from tests.hosts import setting as hosts
from tests.instants import noon
from tests.people import client_for, viewer_of
from tests.placements.reparation.setting import YOUNG, Setting

pytestmark = pytest.mark.django_db(databases="__all__")

PREPARED = next(iter(REPARATIONS))


@pytest.fixture
def town(people):
    catalogue = hosts.build(people)
    return Setting(catalogue, catalogue.listed(audience="minors", places=3))


def first_days(n=4):
    """Return the first day of this month and of the `n` - 1 that follow."""
    found = [month_of(localdate())]
    while len(found) < n:
        found.append(month_of(found[-1] + timedelta(days=32)))
    return found


def leaves(row):
    row.state, row.closed_on = ReparationState.VOID, localdate()
    Reparation.objects.filter(pk=row.pk).update(state=row.state, closed_on=row.closed_on)


def page(town, day):
    return months.months(viewer_of(town.people.coordinator, now=noon(day)), noon(day))


def told(town, day):
    """Return what the page says of the last month, its date apart."""
    return page(town, day)[0].said


@pytest.mark.attack("T-54", "T-58")
@pytest.mark.rule("SDC-05", "SDC-07", "ACL-11")
def test_who_keeps_each_days_page_sees_nobody_come_nor_go(town):
    """One comes on the tenth of a month, one goes on the tenth of the next: the same pages, and the same after each month."""
    rows = [town.received() for _ in range(13)]
    first, second, third, fourth = first_days()
    actions.count_month(noon(first))
    kept, seen, day = told(town, first), [], first
    while day <= fourth:
        if day == first + timedelta(days=9):
            rows.append(town.received())
        if day == second + timedelta(days=9):
            leaves(rows[0])
        actions.count_month(noon(day))
        seen.append((day, page(town, day)))
        day += timedelta(days=1)
    for begins, ends in ((first, second), (second, third), (third, fourth)):
        assert len({pages for day, pages in seen if begins <= day < ends}) == 1, "within a month, one page"
    assert {pages[0].said for _, pages in seen} == {kept}
    assert len(seen[-1][1]) == 4


@pytest.mark.attack("T-58")
@pytest.mark.rule("SDC-07")
def test_a_number_at_the_edge_of_its_band_moves_once_and_does_not_come_back(town):
    """Beyond the edge a page changes: by how many, nobody can tell (tests/casefile/test_small_counts.py)."""
    rows = [town.received() for _ in range(15)]
    first, second, third, _ = first_days()
    actions.count_month(noon(first))
    assert dict(told(town, first))[PREPARED] == "15 au plus"
    rows.append(town.received())
    actions.count_month(noon(second))
    assert dict(told(town, second))[PREPARED] == "de 11 à 26"
    leaves(rows[0])
    actions.count_month(noon(third))
    assert dict(told(town, third))[PREPARED] == "de 11 à 26"


@pytest.mark.rule("SDC-07")
def test_a_month_is_counted_once_whatever_the_nights(town):
    first = first_days(1)[0]
    assert actions.count_month(noon(first)) >= 1
    assert actions.count_month(noon(first)) == 0
    assert actions.count_month(noon(first + timedelta(days=5))) == 0
    row = MonthCount.objects.get(territory=town.people.territory)
    assert (row.month, row.stood_on) == (month_of(first - timedelta(days=1)), first - timedelta(days=1))


def test_a_night_that_was_missed_is_made_up_and_says_its_own_day(town):
    late = first_days(1)[0] + timedelta(days=3)
    actions.count_month(noon(late))
    assert page(town, late)[0].stood_on == late - timedelta(days=1)


@pytest.mark.rule("SDC-10")
def test_no_number_is_kept_nor_told_to_the_journal(town):
    for _ in range(13):
        town.received()
    before = AuditEvent.objects.count()
    actions.count_month(timezone.now())
    assert MonthCount.objects.get(territory=town.people.territory).bands == [0, 0, 0, 0]
    events = list(AuditEvent.objects.order_by("pk")[before:])
    assert events
    assert all(event.object_type == "partnership.monthcount" for event in events)


@pytest.mark.rule("SDC-05a", "SDC-07")
def test_what_ended_is_in_no_line():
    """Beside the published figures of the same year it would give those that are no result: a few people."""
    assert not {state for states in REPARATIONS.values() for state in states} & REPARATION_ENDED
    counted = {state for states in TIG.values() for state in states}
    assert counted == set(TigState) - {
        TigState.COMPLETED, TigState.CONVERTED, TigState.FALLBACK_EXECUTED, TigState.PROSECUTED, TigState.TRANSFERRED,
        TigState.VOID,
    }  # fmt: skip


@pytest.mark.rule("ACL-11", "ACL-01")
@pytest.mark.parametrize("who", ["mayor", "outreach", "spip", "pjj", "host", "dpo", "sysadmin", "national_police"])
def test_only_who_knows_that_both_exist_reads_the_months(people, who):
    assert client_for(people.mandates[who]).get(reverse("partnership:months")).status_code == 404
    with pytest.raises(AccessRefused):
        months.months(viewer_of(people.mandates[who]), timezone.now())


@pytest.mark.rule("ACL-07", "SDC-10")
def test_the_page_says_where_things_stand_and_names_nobody(town):
    row = town.running()
    browser = client_for(town.people.coordinator)
    empty = browser.get(reverse("partnership:months")).content.decode()
    assert "la nuit prochaine" in empty
    actions.count_month(noon(first_days(1)[0] - timedelta(days=1)))
    actions.count_month(timezone.now())
    body = browser.get(reverse("partnership:months")).content.decode()
    for stage in STAGES:
        assert stage in body
    assert "15 au plus" in body
    latest, before = page(town, localdate())
    assert f"Au {fr.day(latest.stood_on)}" in body
    assert fr.numeric_day(before.stood_on) in body
    for secret in (YOUNG, row.reference, str(row.pk), row.organisation.name):
        assert secret not in body.split("<main")[-1]
    assert reverse("partnership:months") in body.split("<main")[0], "offered in the menu"
    assert reverse("releases:index") in body.split("<main")[-1]


def test_the_page_counts_nothing_and_asks_one_question(town):
    actions.count_month(timezone.now())
    viewer, now = viewer_of(town.people.coordinator), timezone.now()
    with CaptureQueriesContext(connection) as queries:
        months.months(viewer, now)
    assert len(queries) == 1
    town.received()
    with CaptureQueriesContext(connection) as again:
        months.months(viewer, now)
    assert len(again) == 1
