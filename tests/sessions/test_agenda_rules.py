"""The agenda by rule and its blocks, pure; the date of the next meeting."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from casework.minors.sessions import agenda, dates
from casework.minors.sessions.agenda import Candidate, Slot, in_blocks, presences
from casework.minors.sessions.codes import AgendaReason

DAY = date(2026, 12, 8)


def candidate(**changes) -> Candidate:
    return Candidate(follow_up_id=uuid4(), stage=changes.pop("stage", "followed"), **changes)


@pytest.mark.rule("CLV-22")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stage": "referred"}, AgendaReason.NEW_REFERRAL),
        ({"next_review_on": DAY}, AgendaReason.REVIEW_DUE),
        ({"late_meetings": (1,)}, AgendaReason.DECISION_LATE),
        ({"scheme_ends_on": (date(2027, 1, 7),)}, AgendaReason.SCHEME_ENDING),
        ({"asked": True}, AgendaReason.ASKED),
        ({"sessions_missed": 3}, AgendaReason.NOT_DISCUSSED),
        ({"has_untabled_point": True}, AgendaReason.RESTRICTED_POINT),
    ],
)
def test_each_reason_brings_a_situation(changes, reason):
    assert [found.code for found in agenda.reasons_for(candidate(**changes), DAY)] == [reason]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"stage": "referred", "is_sorted": False},
        {"next_review_on": date(2026, 12, 9)},
        {"scheme_ends_on": (date(2027, 1, 8),)},
        {"sessions_missed": 2},
        {"stage": "ended", "asked": True, "sessions_missed": 9},
        {"stage": "suspended", "next_review_on": DAY},
    ],
)
def test_nothing_else_does(changes):
    assert agenda.reasons_for(candidate(**changes), DAY) == ()


def test_reasons_are_said_in_french_with_their_meetings():
    late = agenda.reasons_for(candidate(late_meetings=(0, 1)), DAY)[0]
    assert agenda.say(late.code, late.n) == "décision en retard, 2e réunion"
    assert agenda.say("decision_late", 1) == "décision arrivée à échéance"
    assert agenda.say("not_discussed", 4) == "pas examinée depuis 4 réunions"
    assert agenda.say("<b>", 1) == ""


def slots(*wanted: str) -> list[Slot]:
    return [Slot(UUID(int=n), frozenset(UUID(int=ord(letter)) for letter in letters), 10)
            for n, letters in enumerate(wanted, start=1)]  # fmt: skip


@pytest.mark.rule("CLV-26")
def test_each_service_arrives_and_leaves_once_where_that_exists():
    found = in_blocks(slots("AP", "M", "AP", "PM", "M", "A"))
    assert {presence.waits for presence in presences(found).values()} == {0}
    assert sorted(slot.key for slot in found) == [UUID(int=n) for n in range(1, 7)]


def test_where_it_does_not_exist_the_wait_is_told_and_the_order_is_stable():
    circle = slots("AB", "BC", "CA", "AB")
    once = in_blocks(circle)
    assert once == in_blocks(circle)
    assert sum(presence.waits for presence in presences(once).values()) <= 20
    assert in_blocks([]) == []


@pytest.mark.rule("CLV-21")
def test_the_next_meeting_is_the_same_weekday_of_the_next_month():
    assert dates.next_day(date(2026, 11, 10), holiday_set="FR") == date(2026, 12, 8)  # second Tuesday
    assert dates.next_day(date(2026, 12, 8), holiday_set="FR") == date(2027, 1, 12)
    assert dates.next_day(date(2026, 9, 29), holiday_set="FR") == date(2026, 10, 27)  # a fifth becomes the last


def test_it_avoids_public_and_school_holidays():
    assert dates.next_day(date(2027, 4, 13), holiday_set="FR") == date(2027, 5, 11)
    winter = [(date(2026, 12, 7), date(2026, 12, 13))]
    assert dates.next_day(date(2026, 11, 10), holiday_set="FR", away=winter) == date(2026, 12, 15)
    assert dates.next_day(date(2026, 10, 11), holiday_set="FR").weekday() < 5  # a Sunday meeting becomes a weekday
    # All Saints: the first Sunday is a holiday anyway; Armistice 2026 falls on a Wednesday.
    assert dates.next_day(date(2026, 10, 14), holiday_set="FR") == date(2026, 11, 18)
