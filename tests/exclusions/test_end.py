"""What becomes of a record: deleted with the school year, one line of nobody stays, figures single nobody out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from casework.casefile import calendar, erasers
from casework.exclusions import deadlines, facts, law, work
from casework.exclusions.actions import erasing, holding, lines, notice, presence
from casework.exclusions.models import EndedSupport, ExclusionSupport, SupportHalfDay, WaitingLine
from casework.sealing.models import SubjectKey
from tests.exclusions.setting import HOST_LEAD, SCHOOL, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def august(support: ExclusionSupport) -> datetime:
    """The first night after the school year of a support."""
    return calendar.start_instant(law.year_end(support.school_year) + timedelta(days=1))


def received(town: Setting) -> ExclusionSupport:
    """A pupil who came once."""
    support = town.agreed()
    half = support.half_days.select_related("support").order_by("day", "half").first()
    assert half is not None
    half.support = support
    there = calendar.start_instant(half.day) + timedelta(hours=11)
    presence.record(by=town.viewer(HOST_LEAD, now=there), half_day=half, presence="present", now=there, expected=None)
    return fresh(support)


@pytest.mark.rule("EXC-21", "DL-20", "EXC-19")
def test_with_the_school_year_the_record_goes_and_one_line_of_nobody_stays(town: Setting) -> None:
    support = received(town)
    notice.say_since(by=town.viewer(SCHOOL), support_id=support.pk, answer="no", now=town.now)
    last_night = august(support)

    erasing.erase_over(last_night - timedelta(hours=1))
    assert ExclusionSupport.objects.filter(pk=support.pk).exists()
    erasing.erase_over(last_night)
    assert not ExclusionSupport.objects.exists()
    assert not SupportHalfDay.objects.exists()
    assert not SubjectKey.objects.filter(subject_id=support.subject_id, wrapped__gt=b"").exists()

    assert lines.write_lines(last_night) == 0  # the month is not over
    assert lines.write_lines(last_night + timedelta(days=40)) == 1
    assert not WaitingLine.objects.exists()
    line = EndedSupport.objects.get()
    assert (line.school_year, line.result, line.is_first, line.half_days, line.since) == (
        support.school_year, "received", True, 1, "no",
    )  # fmt: skip
    assert {field.name for field in EndedSupport._meta.fields} == set(EndedSupport.Confidentiality.clear)


@pytest.mark.rule("10.6", "EXC-20")
def test_a_refusal_leaves_a_count_and_a_place_without_a_name_nothing(town: Setting) -> None:
    refused = town.accepted()
    notice.record_family(
        by=town.viewer(SCHOOL), support=refused, party="parents", answer="refused", said_on=town.today,
        copy_given_on=None, now=town.now, expected=None,
    )  # fmt: skip
    erasing.erase_over(town.now)
    assert not ExclusionSupport.objects.exists()
    assert list(WaitingLine.objects.values_list("result", "half_days", "since")) == [("declined", 0, "")]

    held = town.held()
    with_it = erasers.everybody(held.subject_id)
    assert with_it == (held.subject_id,)
    holding.free(by=town.viewer(SCHOOL), support=held, now=town.now, expected=None)
    erasing.erase_over(town.now)
    assert not ExclusionSupport.objects.exists()
    assert WaitingLine.objects.count() == 1


def test_schools_are_asked_three_times_a_year() -> None:
    assert law.last_ask(date(2026, 11, 30)) is None
    assert law.last_ask(date(2026, 12, 1)) == date(2026, 12, 1)
    assert law.last_ask(date(2027, 3, 14)) == date(2026, 12, 1)
    assert law.last_ask(date(2027, 7, 1)) == date(2027, 6, 10)


@pytest.mark.rule("10.6", "DL-20")
def test_each_side_is_told_what_waits_for_it_without_a_name(town: Setting) -> None:
    held = town.held()
    said = [item.label for item in work.items(town.viewer(SCHOOL), town.now)]
    assert said == ["Accueil d’un élève : réponse de la structure attendue"]
    due = list(deadlines.dates(town.viewer(SCHOOL), town.now))
    assert [(each.rule, each.due) for each in due] == [("10.6", held.held_until)]
    assert not list(deadlines.dates(town.viewer(HOST_LEAD), town.now))
    assert not work.items(town.viewer("school_colleague"), town.now)


def test_nobody_of_another_territory_or_role_sees_a_record_past_its_end(town: Setting) -> None:
    support = received(town)
    later = august(support)
    for who in (SCHOOL, HOST_LEAD):
        assert facts.visible_to(town.viewer(who), town.now).filter(pk=support.pk).exists()
        assert not facts.visible_to(town.viewer(who, now=later), later).filter(pk=support.pk).exists()
