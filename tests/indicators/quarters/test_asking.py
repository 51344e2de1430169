"""Asking: who may, which quarters, who is reminded when, what is typed by telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from casework.casefile import mailer
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.indicators.quarters import facts
from casework.indicators.quarters.actions import asking, contributors
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.quarters.models import Asking, Contributor, Quarter
from casework.indicators.quarters.reads import pages
from tests.indicators.quarters.setting import links
from tests.people import at_court

pytestmark = pytest.mark.django_db(databases="__all__")
READERS = (
    "mayor", "pjj", "sah", "aemo", "mds", "outreach", "education", "spip", "apers_offender", "apers_victim",
    "national_police", "municipal_police", "prosecutor", "dpo",
)  # fmt: skip
NOBODY = ("host", "sysadmin", "stranger", "ended", "unsigned", "not_yet", "valideur")


# Row 29a


@pytest.mark.rule("SDC-07")
@pytest.mark.parametrize("who", [*READERS, *NOBODY])
def test_nobody_but_the_coordinator_opens_asks_types_or_publishes(town, who):
    quarter = town.opened()
    row, by = town.asked(quarter), town.viewer(who)
    for act in (
        lambda: asking.open_quarter(by=by, period=town.last.back(1), now=town.now),
        lambda: asking.send_again(by=by, asking=row, now=town.now),
        lambda: asking.enter(by=by, asking=row, answer=town.typed(row), remark="", expected=None, now=town.now),
        lambda: asking.ask_newcomers(by=by, quarter=quarter, now=town.now),
        lambda: contributors.add(by=by, data=ContributorData(giver="school", name="Lycée", indicators=["truancy"]), now=town.now),
        lambda: pages.contributors(by, town.now),
        lambda: facts.find_asking(by, row.pk, town.now),
        lambda: facts.find_contributor(by, row.contributor_id, town.now),
    ):  # fmt: skip
        with pytest.raises(AccessRefused):
            act()


@pytest.mark.parametrize("who", READERS)
def test_readers_open_what_is_published_and_nothing_of_what_is_prepared(town, who):
    quarter = town.opened()
    with pytest.raises(AccessRefused):
        facts.find(town.viewer(who), quarter.pk, town.now)
    town.publish(quarter)
    assert facts.find(town.viewer(who), quarter.pk, town.now) == quarter


@pytest.mark.parametrize("who", NOBODY)
def test_row_29a_is_empty_for_the_others(town, who):
    quarter = town.published()
    with pytest.raises(AccessRefused):
        facts.find(town.viewer(who), quarter.pk, town.now)


def test_a_ressort_has_no_dashboard(town):
    at_court(town.people)
    with pytest.raises(AccessRefused):
        asking.open_quarter(by=town.viewer(), period=town.last, now=town.now)


# Which quarters


def test_a_quarter_is_opened_once_this_one_or_one_of_the_past(town):
    town.add("police")
    quarter = town.opened(period=town.last.back(-1))
    assert quarter.sectors == ["Centre", "Maille 2", "Les Griffons"]
    with pytest.raises(GuardRefused):
        town.opened(period=town.last.back(-1))
    for wrong in (town.last.back(-2), town.last.back(12)):
        with pytest.raises(InputRefused):
            town.opened(period=wrong)
    assert Quarter.objects.count() == 1


def test_each_contributor_gets_its_own_link_and_one_without_address_gets_none(town):
    town.add("landlord", email="")
    quarter = town.opened("police", "school", "landlord")
    assert len(set(links())) == len(links()) == 2
    assert town.asked(quarter, "landlord").token_hash == ""
    assert town.asked(quarter, "police").answer_by == localdate(town.now) + timedelta(days=30)


def test_in_a_running_quarter_the_thirty_days_begin_after_its_end(town):
    quarter = town.opened(period=town.last.back(-1))
    assert town.asked(quarter).answer_by == quarter.period.last + timedelta(days=31)


def test_who_joins_the_list_later_is_asked_by_one_click(town):
    quarter = town.opened("police")
    town.add("school")
    assert asking.ask_newcomers(by=town.viewer(), quarter=quarter, now=town.now) == 1
    assert asking.ask_newcomers(by=town.viewer(), quarter=quarter, now=town.now) == 0
    assert Asking.objects.filter(quarter=quarter).count() == 2


# Reminders


@pytest.mark.parametrize(("day", "sent"), [(9, 0), (10, 1), (11, 1), (20, 1), (31, 0)])
def test_a_silent_partner_is_reminded_ten_days_later(town, day, sent):
    town.opened()
    assert asking.remind(town.later(day)) == sent
    assert asking.remind(town.later(day)) == 0
    assert len(links()) == 1 + sent


def test_it_is_reminded_twice_and_no_more_each_time_by_a_new_link(town):
    quarter = town.opened()
    seen = {town.asked(quarter).token_hash}
    for day in range(31):
        asking.remind(town.later(day))
        seen.add(town.asked(quarter).token_hash)
    assert town.asked(quarter).reminders == 2
    assert len(seen) == 3


def test_who_answered_or_left_or_whose_quarter_is_published_is_not_reminded(town):
    quarter = town.opened("police", "school")
    town.answered(quarter, "police")
    school = town.asked(quarter, "school").contributor
    contributors.end(by=town.viewer(), contributor=school, expected=None, now=town.now)
    assert asking.remind(town.later(12)) == 0
    other = town.opened("landlord", period=town.last.back(1))
    assert asking.remind(town.later(12)) == 2
    town.publish(other)
    assert asking.remind(town.later(25)) == 0


def test_a_new_link_gives_ten_days_even_to_who_is_late(town):
    quarter = town.opened()
    late = town.later(40)
    asking.send_again(by=town.viewer(now=late), asking=town.asked(quarter), now=late)
    assert town.asked(quarter).answer_by == localdate(late) + timedelta(days=10)


def test_nobody_is_asked_again_once_answered_or_without_an_address(town):
    town.add("landlord", email="")
    quarter = town.opened("police", "landlord")
    town.answered(quarter, "police")
    for key in ("police", "landlord"):
        with pytest.raises(GuardRefused):
            asking.send_again(by=town.viewer(), asking=town.asked(quarter, key), now=town.now)


# By telephone


def test_counts_received_by_telephone_are_typed_and_marked(town):
    quarter = town.opened()
    row = town.asked(quarter)
    asking.enter(
        by=town.viewer(), asking=row, answer=town.typed(row, 9), remark="method", expected=row.revision, now=town.now
    )
    row = town.asked(quarter)
    assert row.entered_by == town.people.coordinator.pk
    page = pages.page(town.viewer(), town.fresh(quarter), town.now)
    line = next(line for group in page.groups for line in group.lines if line.code == "burglary")
    assert line.said == "36"
    assert line.notes == ("saisi par le coordinateur", "la manière de compter a changé")


@pytest.mark.attack("T-35")
def test_two_tabs_of_the_coordinator_do_not_write_over_each_other(town):
    quarter = town.opened()
    row = town.asked(quarter)
    common = {"by": town.viewer(), "asking": row, "remark": "", "expected": row.revision, "now": town.now}
    asking.enter(answer=town.typed(row, 9), **common)
    with pytest.raises(ConflictRefused):
        asking.enter(answer=town.typed(row, 8), **common)


def test_a_published_quarter_takes_no_more_counts(town):
    quarter = town.opened()
    town.publish(quarter)
    row = town.asked(quarter)
    with pytest.raises(GuardRefused):
        asking.enter(by=town.viewer(), asking=row, answer=town.typed(row), remark="", expected=None, now=town.now)
    with pytest.raises(GuardRefused):
        asking.ask_newcomers(by=town.viewer(), quarter=town.fresh(quarter), now=town.now)


# The list


def test_a_contributor_taken_off_loses_its_address_and_keeps_its_counts(town):
    quarter = town.opened()
    row = town.answered(quarter)
    contributors.end(by=town.viewer(), contributor=row.contributor, expected=None, now=town.now)
    assert pages.contributors(town.viewer(), town.now) == ()
    with pytest.raises(AccessRefused):
        facts.find_contributor(town.viewer(), row.contributor_id, town.now)
    assert asking.addresses(town.viewer(), [Contributor.objects.get()]) == {row.contributor_id: ""}
    assert town.asked(quarter).answered_at


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"giver": "own"}, "giver"), ({"giver": "prefect"}, "giver"), ({"indicators": []}, "indicators"),
        ({"indicators": ["burglary", "noise"]}, "indicators"), ({"email": "police@"}, "email"),
        ({"name": "commissariat CENTRAL"}, "name"),
    ],
)  # fmt: skip
def test_a_contributor_is_checked_field_by_field(town, changes, field):
    town.add("police")
    values = {"giver": "national_police", "name": "Commissariat nord", "indicators": ["burglary"]} | changes
    with pytest.raises(InputRefused) as refusal:
        contributors.add(by=town.viewer(), data=ContributorData(**values), now=town.now)
    assert refusal.value.field == field


def test_a_body_of_another_town_is_no_contributor_here(town):
    from casework.partners.models import Organisation

    other = Organisation.objects.get(territory=town.people.elsewhere)
    with pytest.raises(InputRefused):
        town.add("police", organisation_id=other.pk)


def test_the_name_of_a_contributor_may_be_taken_up_again_once_it_left(town):
    row = town.add("police")
    contributors.end(by=town.viewer(), contributor=row, expected=None, now=town.now)
    town.add("police")
    assert Contributor.objects.count() == 2


def test_no_message_leaves_if_the_quarter_is_not_opened(town):
    town.opened()
    before = len(mailer.messages())
    with pytest.raises(GuardRefused):
        town.opened()
    assert len(mailer.messages()) == before
