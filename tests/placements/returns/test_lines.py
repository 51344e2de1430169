"""The anonymous lines of what ended: once each, with their month, in no order, and no way back to a file that stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import daily, erasure
from casework.casefile.ages import AgeBand
from casework.placements.returns.actions import ends as lines
from casework.placements.returns.actions import switch
from casework.placements.returns.codes import Kind, Result
from casework.placements.returns.models import EndedMeasure, WaitingEnd
from casework.placements.tig.actions import demands, ends
from casework.placements.tig.models import TigPlacement
from casework.sealing import keys
from tests.placements.returns.setting import next_month
from tests.placements.tig import setting as tig

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("REC-24")]


@pytest.fixture
def place(people):
    return tig.build(people)


def wait(people, n=30):
    """Let measures of one service end, one after the other: their hours say in which order."""
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()) as w:
        for number in range(n):
            lines.record(
                w,
                lines.Ended(
                    territory_id=people.territory.pk, organisation_id=people.probation.pk, kind=Kind.TIG,
                    result=Result.DONE, received_on=localdate(), on=localdate(), minutes=60 * number,
                ),
            )  # fmt: skip


def stored():
    """Return the hours of the lines as they lie in the table."""
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT hours FROM {EndedMeasure._meta.db_table} ORDER BY {place}")
        return [hours for (hours,) in cursor.fetchall()]


def test_an_end_is_told_by_its_file_alone_until_the_month_is_over(place):
    placement = tig.demand(place)
    before = AuditEvent.objects.count()
    ends.void(by=place.viewer("spip"), placement=placement, reason="amnesty", now=timezone.now())
    told = AuditEvent.objects.order_by("pk")[before:]
    assert not [event for event in told if "ended" in event.object_type or "waiting" in event.object_type]
    assert lines.write_lines(timezone.now()) == 0
    assert not EndedMeasure.objects.exists()
    assert WaitingEnd.objects.count() == 1


@pytest.mark.attack("T-32")
def test_the_lines_of_a_month_come_together_in_no_order_and_as_one_event(people):
    wait(people)
    waiting = set(WaitingEnd.objects.values_list("pk", flat=True))
    before = AuditEvent.objects.count()
    assert lines.write_lines(next_month()) == 30
    found = stored()
    assert sorted(found) == list(range(30))
    assert found != sorted(found), "the rank of a line would tell the rank of its end"
    assert not waiting & set(EndedMeasure.objects.values_list("pk", flat=True))
    [event] = AuditEvent.objects.order_by("pk")[before:]
    assert (event.act, event.n, event.object_ref, event.subject_refs) == ("create", 30, "", b"")


def test_each_end_is_counted_once_however_often_the_night_runs(people):
    wait(people, 3)
    assert [lines.write_lines(next_month()) for _ in range(3)] == [3, 0, 0]
    assert EndedMeasure.objects.count() == 3
    assert not WaitingEnd.objects.exists()
    assert "returns.write_lines" in daily.steps()


def test_a_night_that_fails_counts_nothing_and_the_next_one_all(people, monkeypatch):
    wait(people, 3)

    def break_down(*_args, **_kwargs):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(audit.Writing, "note", break_down)
        with pytest.raises(OSError):
            lines.write_lines(next_month())
    assert (EndedMeasure.objects.count(), WaitingEnd.objects.count()) == (0, 3)
    assert lines.write_lines(next_month()) == 3


@pytest.mark.rule("REC-24", "RET-07")
def test_a_record_erased_before_its_month_is_over_is_counted_all_the_same(place):
    placement = tig.demand(place)
    now = timezone.now()
    ends.transfer(by=place.viewer("spip"), placement=placement, now=now)
    keys.ensure(placement.subject_id)
    erasure.begin(
        placement.subject_id,
        territory_id=placement.territory_id,
        reason="request",
        by=audit.system_actor(placement.territory_id),
        now=now,
    )
    erasure.nightly(now)
    assert not TigPlacement.objects.exists()
    ids = {str(placement.pk), str(placement.subject_id), placement.reference}
    assert not ids & {str(getattr(WaitingEnd.objects.get(), field.attname)) for field in WaitingEnd._meta.fields}
    assert lines.write_lines(next_month(now)) == 1
    assert EndedMeasure.objects.get().result == Result.TRANSFERRED


def test_an_end_written_down_late_goes_with_those_written_down_in_the_same_month(people):
    december = date(localdate().year - 1, 12, 20)
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()) as w:
        lines.record(
            w,
            lines.Ended(
                territory_id=people.territory.pk, organisation_id=people.probation.pk, kind=Kind.REPARATION,
                result=Result.DONE, received_on=december - timedelta(days=90), on=december,
            ),
        )  # fmt: skip
    assert lines.write_lines(timezone.now()) == 0, "alone that night, it would be known"
    assert lines.write_lines(next_month()) == 1
    assert EndedMeasure.objects.get().month == december.replace(day=1)


def test_what_waits_is_counted_by_the_switch(people):
    year = localdate().year - 1
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()) as w:
        for _ in range(12):
            lines.record(
                w,
                lines.Ended(
                    territory_id=people.territory.pk, organisation_id=people.probation.pk, kind=Kind.TIG,
                    result=Result.DONE, received_on=date(year, 3, 1), on=localdate(),
                ),
            )  # fmt: skip
    assert switch.first_day(people.probation.pk, localdate()).year == localdate().year + 1


@pytest.mark.rule("SDC-09")
@pytest.mark.parametrize(
    ("who", "born", "band"),
    [("spip", date(1995, 5, 5), AgeBand.ABOVE), ("spip", None, ""), ("pjj", None, AgeBand.TO_17)],
)
def test_a_measure_leaves_the_band_of_an_age_where_its_service_gave_one(place, who, born, band):
    now = timezone.now()
    minor = {"adult_on": localdate(now) + timedelta(days=200)} if who == "pjj" else {}
    placement = tig.demand(place, who, now=now, **minor)
    if born:
        demands.record_sentence(by=place.viewer(who), placement=placement, data=tig.sentence(born_on=born), now=now)
    ends.void(by=place.viewer(who), placement=tig.fresh(placement), reason="amnesty", now=now)
    line = WaitingEnd.objects.get()
    assert line.age_band == band
    assert not {"sex", "born_on"} & {field.name for field in WaitingEnd._meta.fields}, "sex is not collected there"
    lines.write_lines(next_month(now))
    assert EndedMeasure.objects.get().age_band == band
