"""R-08: a clock that jumps breaks neither rights nor the journal; nights of the hour change and leap days neither."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.access.viewer import viewer_for
from casework.audit import verify
from casework.audit.models import AuditEvent
from casework.casefile import retention
from casework.partners import credentials
from tests.followups.saisine_setting import refer
from tests.partners.helpers import by_self, code
from tests.people import client_for, device_of, viewer_of

pytestmark = [pytest.mark.attack("R-08"), pytest.mark.django_db(databases="__all__")]
PARIS = ZoneInfo("Europe/Paris")
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)
# The nights on which a local hour is missing or comes twice, and the day that few years have.
NIGHTS = [date(2027, 3, 28), date(2026, 10, 25), date(2028, 2, 29), date(2028, 3, 1)]


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR, DAY])
def test_a_jump_of_the_clock_never_opens_a_session(people, jump):
    """Set back: locked, because nobody was here before they came. Set on: quiet for too long. Neither reads a page."""
    with time_machine.travel(NOON, tick=False):
        follow_up = refer(people)
        client = client_for(people.coordinator, now=NOON)
        page = reverse("followups:page", args=[follow_up.pk])
        assert client.get(page).status_code == 200
    with time_machine.travel(NOON + jump, tick=False):
        answer = client.get(page)
        assert answer.status_code == 302
        assert "Belkacem" not in answer.content.decode()


@pytest.mark.parametrize("night", NIGHTS)
def test_a_mandate_ends_at_local_midnight_whatever_the_night(people, night):
    """Half-open: the last second of the day before opens, midnight does not; it is the same instant everywhere."""
    mandate = people.pjj_lead
    midnight = datetime(night.year, night.month, night.day, tzinfo=PARIS)
    mandate.ends_at = midnight
    mandate.starts_at = midnight - 400 * DAY
    mandate.save()
    for moment, lives in ((midnight - SECOND, True), (midnight, False), (midnight + 3 * HOUR, False)):
        utc = moment.astimezone(UTC)
        viewer = viewer_for(mandate, session_ref="s", request_id="r", net_prefix="", now=utc)
        assert viewer.live(utc) is lives
        assert viewer.live(moment) is lives


def test_a_code_of_the_telephone_serves_once_even_if_the_clock_goes_back(people):
    agent = people.pjj.agent
    device = device_of(agent)
    with time_machine.travel(NOON, tick=False):
        typed = code()
        assert credentials.check_code(device, agent, typed, by_self(agent))
    for back in (HOUR, DAY):
        with time_machine.travel(NOON - back, tick=False):
            assert not credentials.check_code(device, agent, code(), by_self(agent)), "a code of the past"
    with time_machine.travel(NOON + DAY, tick=False):
        assert not credentials.check_code(device, agent, typed, by_self(agent))


@pytest.mark.parametrize(
    ("born", "ended", "expected"),
    [
        (date(2004, 2, 29), date(2028, 1, 1), date(2029, 2, 28)),
        (date(2012, 5, 1), date(2028, 2, 29), date(2031, 2, 28)),
        (date(2012, 5, 1), date(2027, 3, 28), date(2030, 3, 28)),
    ],
)
def test_the_end_of_a_record_exists_in_every_calendar(born, ended, expected):
    assert retention.purge_date(born_on=born, ended_on=ended) == expected


@pytest.mark.parametrize("jump", [-DAY, -HOUR, timedelta(seconds=-30), HOUR])
def test_the_journal_keeps_its_order_and_says_that_the_clock_moved(people, jump):
    with time_machine.travel(NOON, tick=False):
        refer(people)
    with time_machine.travel(NOON + jump, tick=False):
        refer(people, last_name="Martin")
    log = str(people.territory.pk)
    report = verify.verify(log)
    assert report.ok
    assert bool(report.clock_steps) is (jump < timedelta(0))
    ranks = list(AuditEvent.objects.filter(log=log).order_by("id").values_list("idx", flat=True))
    assert ranks == list(range(len(ranks)))


def test_an_event_of_the_future_covers_no_reading(people):
    """Two hosts thirty seconds apart, or a clock set back: the reading is told again."""
    with time_machine.travel(NOON, tick=False):
        follow_up = refer(people)
        page = reverse("followups:page", args=[follow_up.pk])
        assert client_for(people.coordinator, now=NOON).get(page).status_code == 200
        told = AuditEvent.objects.filter(act="view").count()
    earlier = NOON - timedelta(seconds=30)
    with time_machine.travel(earlier, tick=False):
        assert client_for(people.coordinator, now=earlier).get(page).status_code == 200
        assert AuditEvent.objects.filter(act="view").count() > told


def test_everything_is_kept_in_utc(people, settings):
    assert settings.USE_TZ
    assert timezone.now().tzinfo is UTC
    assert viewer_of(people.pjj).starts_at.utcoffset() == timedelta(0)
