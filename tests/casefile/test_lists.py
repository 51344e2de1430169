"""A territory opens with the national lists and keeps its own."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import actions, reads
from casework.casefile.codes import NATIONAL_LISTS, ListCode, SchoolZone
from casework.casefile.models import LocalItem, SchoolHoliday
from casework.errors import AccessRefused, InputRefused
from casework.partners.models import Territory
from tests.casefile.support import NADIA, NOW, SAMIR, TERRITORY_ID

pytestmark = pytest.mark.django_db(databases="__all__")

TOTAL = sum(map(len, NATIONAL_LISTS.values()))
TODAY = localdate(NOW)
COURT_WORDS = ("judiciaire", "aemo", "pjj", "contrôle", "peine", "mesure")


@pytest.fixture
def town():
    return Territory.objects.create(id=TERRITORY_ID, kind="commune", name="Miramont", prefix="MIR")


@pytest.fixture
def lists(town):
    actions.open_territory(town, by=audit.system_actor(), now=NOW)
    return town


def labels(code=ListCode.PROGRAMME, on=TODAY):
    return [label for _, label in reads.choices(TERRITORY_ID, code, on)]


def item(label, code=ListCode.PROGRAMME):
    return LocalItem.objects.get(list_code=code, label=label)


def test_opening_copies_every_national_list_in_order(lists):
    assert LocalItem.objects.count() == TOTAL
    for code, national in NATIONAL_LISTS.items():
        assert labels(code) == [line.label for line in national]
    event = AuditEvent.objects.get(act="create")
    assert (event.n, event.why) == (TOTAL, "national")


def test_opening_again_adds_nothing_and_changes_nothing(lists):
    row = item("Accompagnement de la parentalité")
    actions.rename_item(row.pk, "Parentalité", by=NADIA, now=NOW)
    assert actions.open_territory(lists, by=audit.system_actor(), now=NOW) == 0
    assert "Parentalité" in labels()


@pytest.mark.rule("ACL-03")
def test_no_scheme_is_a_court_ordered_measure():
    for line in NATIONAL_LISTS[ListCode.SCHEME]:
        assert not [word for word in COURT_WORDS if word in line.label.lower()], line


@pytest.mark.rule("ACL-01")
@pytest.mark.parametrize(
    "who",
    [
        SAMIR,
        replace(NADIA, territory_id=uuid.uuid4()),
        replace(NADIA, charter_signed=False),
        replace(NADIA, ends_at=NOW),
        replace(audit.system_actor(), agent_id=uuid.uuid4()),
    ],
    ids=["another role", "another town", "no charter", "mandate over", "false system"],
)
def test_only_those_who_manage_the_territory_change_its_lists(lists, who):
    row = item("Accompagnement de la parentalité")
    before = list(LocalItem.objects.values())
    for act in (
        lambda: actions.open_territory(lists, by=who, now=NOW),
        lambda: actions.add_item(lists.pk, ListCode.SCHEME, "Boxe éducative", by=who, now=NOW),
        lambda: actions.rename_item(row.pk, "x", by=who, now=NOW),
        lambda: actions.close_item(row.pk, by=who, now=NOW),
        lambda: actions.reopen_item(row.pk, by=who, now=NOW),
        lambda: actions.move_item(row.pk, 1, by=who, now=NOW),
    ):
        with pytest.raises(AccessRefused):
            act()
    assert list(LocalItem.objects.values()) == before


def test_a_new_line_comes_last_and_is_proposed_today(lists):
    actions.add_item(lists.pk, ListCode.PROGRAMME, "  Boxe   éducative ", by=NADIA, now=NOW)
    assert labels()[-1] == "Boxe éducative"


@pytest.mark.parametrize("label", ["", "   ", "x" * 101, "accompagnement DE la parentalité"])
def test_a_label_is_short_and_once(lists, label):
    with pytest.raises(InputRefused):
        actions.add_item(lists.pk, ListCode.PROGRAMME, label, by=NADIA, now=NOW)


def test_a_closed_line_is_no_longer_proposed_but_stays_where_it_is_used(lists):
    row = item("Accompagnement de la parentalité")
    actions.close_item(row.pk, by=NADIA, now=NOW)
    assert row.label not in labels()
    assert row.label in labels(on=TODAY - timedelta(days=1)) or row.valid_from == TODAY
    assert (row.pk, row.label) in reads.choices(TERRITORY_ID, ListCode.PROGRAMME, TODAY, keep=row.pk)
    actions.reopen_item(row.pk, by=NADIA, now=NOW)
    assert row.label in labels()


def test_a_closed_line_whose_label_was_taken_stays_closed(lists):
    row = item("Accompagnement de la parentalité")
    actions.close_item(row.pk, by=NADIA, now=NOW)
    actions.add_item(lists.pk, ListCode.PROGRAMME, row.label, by=NADIA, now=NOW)
    with pytest.raises(InputRefused):
        actions.reopen_item(row.pk, by=NADIA, now=NOW)


def test_lines_move_and_stop_at_the_ends(lists):
    first, second = labels()[:2]
    actions.move_item(item(first).pk, 1, by=NADIA, now=NOW)
    assert labels()[:2] == [second, first]
    actions.move_item(item(second).pk, -1, by=NADIA, now=NOW)
    assert labels()[:2] == [second, first]
    assert AuditEvent.objects.filter(why="order").count() == 2


def test_the_page_counts_what_is_proposed(lists):
    actions.close_item(item("Accompagnement de la parentalité").pk, by=NADIA, now=NOW)
    programmes = next(entry for entry in reads.local_lists(NADIA, NOW) if entry.code == ListCode.PROGRAMME)
    assert programmes.proposed == len(programmes.lines) - 1
    assert not programmes.lines[-1].is_open


def holiday(start, end, zone=SchoolZone.B, by=NADIA):
    return actions.add_school_holiday(zone, "Noël", start, end, by=by, now=NOW)


def test_school_holidays_are_added_once_per_zone():
    holiday(date(2026, 12, 19), date(2027, 1, 3))
    holiday(date(2026, 12, 19), date(2027, 1, 3), zone=SchoolZone.A)
    with pytest.raises(InputRefused):
        holiday(date(2027, 1, 3), date(2027, 1, 4))
    with pytest.raises(InputRefused):
        holiday(date(2027, 2, 3), date(2027, 2, 2))
    assert SchoolHoliday.objects.count() == 2


def test_school_holidays_typed_by_mistake_go():
    row = holiday(date(2026, 12, 19), date(2027, 1, 3))
    with pytest.raises(AccessRefused):
        actions.delete_school_holiday(row.pk, by=SAMIR, now=NOW)
    actions.delete_school_holiday(row.pk, by=NADIA, now=NOW)
    assert not SchoolHoliday.objects.exists()
    with pytest.raises(AccessRefused):
        actions.delete_school_holiday(row.pk, by=NADIA, now=NOW)
    with pytest.raises(AccessRefused):
        holiday(date(2026, 12, 19), date(2027, 1, 3), by=SAMIR)
