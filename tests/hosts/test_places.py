"""Places: held, given, given back; two officers never take the last one (peers C3, R-06)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from casework import audit
from casework.errors import AccessRefused, GuardRefused
from casework.placements.hosts.actions import places, posts
from casework.placements.hosts.codes import BookingState, Half
from casework.placements.hosts.data import OutOfUseData
from casework.placements.hosts.models import Booking
from casework.placements.hosts.reads import calendar
from casework.placements.hosts.reads.calendar import Places
from tests.hosts.setting import Catalogue

pytestmark = pytest.mark.django_db(databases="__all__")


def at(catalogue: Catalogue, post, day: date, half: Half = Half.AM) -> Places:
    return calendar.places([post.pk], day, day, now=catalogue.now)[post.pk][day, half]


def test_a_place_goes_from_free_to_reserved_to_used_to_free(catalogue: Catalogue) -> None:
    post, day, holder = catalogue.listed(places=2), catalogue.weekday(3), uuid4()
    assert at(catalogue, post, day) == Places(capacity=2, free=2, reserved=0, used=0, out_of_use=0)
    catalogue.hold(post, [(day, Half.AM)], holder=holder)
    assert at(catalogue, post, day) == Places(capacity=2, free=1, reserved=1, used=0, out_of_use=0)
    with audit.writing(catalogue.viewer("spip"), now=catalogue.now) as w:
        assert places.confirm(w, holder=holder, now=catalogue.now) == 1
    assert at(catalogue, post, day) == Places(capacity=2, free=1, reserved=0, used=1, out_of_use=0)
    with audit.writing(catalogue.viewer("spip"), now=catalogue.now) as w:
        assert places.release(w, holder=holder) == 1
    assert at(catalogue, post, day).free == 2
    assert not Booking.objects.exists(), "nobody’s half-days outlive what they were for"


@pytest.mark.attack("R-06")
def test_the_last_place_is_taken_once_and_the_refusal_names_it(catalogue: Catalogue) -> None:
    post, day = catalogue.listed(), catalogue.weekday(1)
    catalogue.hold(post, [(day, Half.AM)])
    with pytest.raises(GuardRefused, match="vient d’être prise"):
        catalogue.hold(post, [(day, Half.AM), (day, Half.PM)])
    assert Booking.objects.count() == 1, "all or none: the afternoon was not held alone"


@pytest.mark.attack("R-06")
def test_the_database_itself_refuses_a_place_twice(catalogue: Catalogue) -> None:
    post, day = catalogue.listed(), catalogue.weekday(1)
    row = catalogue.hold(post, [(day, Half.AM)])[0]
    row.pk, row.holder = uuid4(), uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_quicker_officer_makes_us_look_again(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look and our insert somebody took place 1: we get place 2, without knowing."""
    post, day = catalogue.listed(places=2), catalogue.weekday(1)
    look, looks = places._choose_places, []

    def slow(post, rows) -> None:
        look(post, rows)
        if not looks:
            looks.append(1)
            quick = Booking(
                territory_id=post.territory_id,
                subject_id=post.subject_id,
                post=post,
                day=day,
                half=Half.AM,
                slot=1,
                state=BookingState.USED,
                holder=uuid4(),
                service=catalogue.people.probation,
            )
            quick.save(force_insert=True)

    monkeypatch.setattr(places, "_choose_places", slow)
    assert [row.slot for row in catalogue.hold(post, [(day, Half.AM)])] == [2]


def test_one_person_is_not_in_two_places_at_once(catalogue: Catalogue) -> None:
    host, day, holder = catalogue.host(), catalogue.weekday(1), uuid4()
    catalogue.hold(catalogue.listed(host), [(day, Half.AM)], holder=holder)
    with pytest.raises(GuardRefused, match="même personne"):
        catalogue.hold(catalogue.listed(host), [(day, Half.AM)], holder=holder)


@pytest.mark.parametrize("state", ["draft", "suspended"])
@pytest.mark.rule("HOST-06", "HOST-08")
def test_only_a_post_on_the_list_takes_anybody(catalogue: Catalogue, state: str) -> None:
    post = catalogue.draft(catalogue.host()) if state == "draft" else catalogue.listed()
    if state == "suspended":
        posts.suspend(by=catalogue.viewer("spip"), post=post, reason="works", now=catalogue.now)
    with pytest.raises(GuardRefused, match="plus ouvert"):
        catalogue.hold(post, [(catalogue.weekday(1), Half.AM)])


def test_silence_is_never_a_yes(catalogue: Catalogue) -> None:
    post, day, holder = catalogue.listed(), catalogue.weekday(9), uuid4()
    catalogue.hold(post, [(day, Half.AM)], holder=holder, hours=48)
    later = catalogue.now + timedelta(hours=48)
    with audit.writing(catalogue.viewer("spip"), now=later) as w, pytest.raises(GuardRefused, match="libérées"):
        places.confirm(w, holder=holder, now=later)
    assert calendar.places([post.pk], day, day, now=later)[post.pk][day, Half.AM].free == 1
    assert places.release_overdue(later - timedelta(seconds=1)) == 0
    assert places.release_overdue(later) == 1
    assert places.release_overdue(later) == 0


def test_a_reservation_past_its_time_does_not_wait_for_the_night(catalogue: Catalogue) -> None:
    post, day = catalogue.listed(), catalogue.weekday(9)
    catalogue.hold(post, [(day, Half.AM)], hours=1)
    assert catalogue.hold(post, [(day, Half.AM)], now=catalogue.now + timedelta(hours=1))


def test_places_out_of_use_are_counted_apart(catalogue: Catalogue) -> None:
    post, day = catalogue.listed(places=3), catalogue.weekday(4)
    by = catalogue.viewer("host")
    some = OutOfUseData(starts_on=day, ends_on=day, half="am", places=2, reason="supervision")
    period = posts.close_places(by=by, post=post, data=some, now=catalogue.now)
    assert at(catalogue, post, day) == Places(capacity=3, free=1, reserved=0, used=0, out_of_use=2)
    assert at(catalogue, post, day, Half.PM).out_of_use == 0
    catalogue.hold(post, [(day, Half.AM)])
    with pytest.raises(GuardRefused):
        catalogue.hold(post, [(day, Half.AM)])
    whole = OutOfUseData(starts_on=day, ends_on=day + timedelta(days=6), reason="closed")
    posts.close_places(by=by, post=post, data=whole, now=catalogue.now)
    assert at(catalogue, post, day) == Places(capacity=3, free=0, reserved=1, used=0, out_of_use=3)
    posts.reopen_places(by=by, post=post, period_id=period.pk, now=catalogue.now)
    with pytest.raises(AccessRefused):
        posts.reopen_places(by=by, post=post, period_id=period.pk, now=catalogue.now)


def test_what_is_held_on_a_half_day_no_longer_offered_still_shows(catalogue: Catalogue) -> None:
    post, day = catalogue.listed(), catalogue.weekday(2)
    catalogue.hold(post, [(day, Half.AM)])
    posts.set_half_days(by=catalogue.viewer("spip"), post=post, half_days=[], expected=post.revision, now=catalogue.now)
    assert at(catalogue, post, day) == Places(capacity=0, free=0, reserved=1, used=0, out_of_use=0)


def test_a_public_holiday_has_no_place(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    year = localdate(catalogue.now).year + 1
    found = calendar.places([post.pk], date(year, 1, 1), date(year, 1, 1))[post.pk]
    assert found == {}


def test_the_calendar_of_a_post_asks_the_same_questions_for_a_day_and_for_a_year(catalogue: Catalogue) -> None:
    post, start = catalogue.listed(places=3), catalogue.weekday(0)

    def asked(end: date) -> int:
        with CaptureQueriesContext(connection) as seen:
            calendar.places([post.pk], start, end)
        return len(seen)

    few = asked(start)
    catalogue.hold(post, [(catalogue.weekday(n), half) for n in range(30) for half in Half])
    assert asked(start + timedelta(days=365)) == few <= 4


def test_a_place_given_back_between_two_readings_is_not_taken_by_halves(catalogue: Catalogue, monkeypatch) -> None:
    """The slots are read before the count: what is given back meanwhile is told as gone, never an error page."""
    post, day, holder = catalogue.listed(places=1), catalogue.weekday(3), uuid4()
    catalogue.hold(post, [(day, Half.AM)], holder=holder)
    counted = calendar.places

    def given_back_first(*arguments, **named):
        Booking.objects.filter(holder=holder).delete()
        return counted(*arguments, **named)

    monkeypatch.setattr(calendar, "places", given_back_first)
    with pytest.raises(GuardRefused, match="vient d’être prise"):
        catalogue.hold(post, [(day, Half.AM)])
