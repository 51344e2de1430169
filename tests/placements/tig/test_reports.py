"""Terms and reports that the officer owes, until they have left (ASG-09, TNR-05, DL-07 to DL-12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile.retention import months_after
from casework.errors import AccessRefused
from casework.placements.tig.actions import ends, incidents, reports
from casework.placements.tig.codes import (
    ClockReason,
    IncidentAnswer,
    IncidentKind,
)
from casework.placements.tig.reads.placements import due_reports
from tests.placements.tig.setting import assigned, demand, fresh, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("DL-07", "DL-08", "DL-11", "ASG-09")
def test_the_officer_watches_the_term_and_the_reports_until_they_are_sent(place):
    from casework.placements.tig import work as lines

    placement = demand(place, last_useful_on=localdate() + timedelta(days=400))
    short = demand(place, last_useful_on=localdate() + timedelta(days=100))
    now = timezone.now()
    found = {(each.object_id, each.rule, each.due) for each in lines.dates(place.viewer("spip", now), now)}
    assert (placement.pk, "DL-07", placement.last_useful_on) in found
    assert (short.pk, "DL-07", short.last_useful_on) in found
    tnr = demand(place, last_useful_on=localdate() + timedelta(days=100), measure="tnr")
    now = timezone.now()
    (line,) = [each for each in lines.dates(place.viewer("spip", now), now) if each.object_id == tnr.pk]
    assert (line.rule, line.due, line.warn) == ("DL-11", tnr.last_useful_on, tnr.last_useful_on - timedelta(days=30))
    rules = [each.rule for each in lines.dates(place.viewer("spip", now), now) if each.object_id == placement.pk]
    assert rules.count("DL-08") == 2
    for kind in ("assessment", "end"):
        reports.send(by=place.viewer("spip", now), placement=placement, kind=kind, sent_on=localdate(now), now=now)
    rules = [each.rule for each in lines.dates(place.viewer("spip", now), now) if each.object_id == placement.pk]
    assert rules == ["DL-07"]
    assert lines.dates(place.viewer("host", now), now) == []


def owed(place, who, placement, now):
    from casework.placements.tig import work as lines

    found = [each for each in lines.dates(place.viewer(who, now), now) if each.object_id == placement.pk]
    return {each.rule: (each.due, each.warn) for each in found}


@pytest.mark.rule("TNR-05", "ASG-09")
@pytest.mark.parametrize(("measure", "rule"), [("tnr", "TNR-05"), ("tig", "ASG-09")])
@pytest.mark.parametrize("way", ["report", "answer"])
def test_a_difficulty_owes_its_report_the_same_day_until_it_has_left(place, measure, rule, way):
    placement = assigned(place, "pjj", measure=measure, last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    assert rule not in owed(place, "pjj", placement, now)
    if way == "report":
        ends.report_breach(by=place.viewer("pjj", now), placement=placement, now=now)
    else:
        row = incidents.report(
            by=place.viewer("host", now), placement=placement, kind=IncidentKind.ABSENCE, occurred_on=localdate(now),
            precision="", stop_work=False, now=now,
        )  # fmt: skip
        incidents.answer(by=place.viewer("pjj", now), incident=row, decision=IncidentAnswer.REPORT, now=now)
    now = timezone.now()
    assert owed(place, "pjj", placement, now)[rule][0] == localdate(now)
    reports.send(
        by=place.viewer("pjj", now), placement=fresh(placement), kind="breach", sent_on=localdate(now), now=now
    )
    assert rule not in owed(place, "pjj", placement, now)
    assert placement.reports.get().sent_on == localdate(now)


@pytest.mark.rule("TNR-05", "DL-12")
def test_the_end_report_of_a_minors_tnr_is_due_within_a_month_after_the_end(place, later):
    placement = assigned(place, "pjj", measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    assert "DL-12" not in owed(place, "pjj", placement, timezone.now())
    assert "DL-08" not in owed(place, "pjj", placement, timezone.now())
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("pjj", later), placement=fresh(placement), now=later)
    due = months_after(localdate(later), 1)
    assert owed(place, "pjj", placement, later) == {"DL-12": (due, due - timedelta(days=10))}
    common = {"sent_on": localdate(later), "now": later, "kind": "end"}
    with pytest.raises(AccessRefused):
        reports.send(by=place.viewer("host", later), placement=fresh(placement), **common)
    reports.send(by=place.viewer("pjj", later), placement=fresh(placement), **common)
    assert owed(place, "pjj", placement, later) == {}
    with pytest.raises(AccessRefused):  # nothing more is owed: an ended affectation is closed
        reports.send(by=place.viewer("pjj", later), placement=fresh(placement), **common)


@pytest.mark.rule("TNR-05", "DL-12")
@pytest.mark.parametrize(("who", "measure"), [("spip", "tnr"), ("pjj", "tig"), ("spip", "tig")])
def test_nobody_else_owes_a_report_after_the_end(place, later, who, measure):
    placement = assigned(place, who, measure=measure, last_useful_on=localdate() + timedelta(days=150))
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer(who, later), placement=fresh(placement), now=later)
    assert owed(place, who, placement, later) == {}


@pytest.mark.rule("ASG-09", "DL-08")
def test_reports_of_a_sentence_three_months_after_it_came_and_a_month_before_its_term(place):
    placement = demand(place, last_useful_on=localdate() + timedelta(days=400))
    now = timezone.now()
    found = {each.kind: each.due for each in due_reports(placement, localdate(now))}
    assert found == {
        "assessment": months_after(localdate(now), 3), "end": months_after(placement.last_useful_on, -1)
    }  # fmt: skip
    # Suspended for a year: the term moves, and a year of it is reported since it lasts over two.
    common = {"placement": placement, "by": place.viewer("spip", now)}
    incidents.stop_clock(reason=ClockReason.PRETRIAL, starts_on=localdate(now), decided_on=None, now=now, **common)
    placement, then = fresh(placement), localdate(now) + timedelta(days=500)
    found = {each.kind: each.due for each in due_reports(placement, then)}
    assert found["yearly"] == months_after(localdate(now), 12)
    assert found["end"] == months_after(placement.last_useful_on + timedelta(days=501), -1)
