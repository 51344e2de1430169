"""« Nouvelle exclusion depuis ? »: each term and in June the school answers for its own received pupils (EXC-19, B3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework import audit
from casework.casefile import revision
from casework.errors import AccessRefused
from casework.exclusions import law, work
from casework.exclusions.actions import notice
from casework.exclusions.codes import Since, State
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import since
from tests.exclusions.setting import HOST_LEAD, NAME, SCHOOL, Setting, fresh
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2027, 3, 14), date(2026, 12, 1)),
        (date(2027, 3, 15), date(2027, 3, 15)),
        (date(2027, 7, 31), date(2027, 6, 10)),
        (date(2027, 9, 1), None),
    ],
)
@pytest.mark.rule("EXC-19")
def test_a_school_is_asked_each_term_and_in_june(today: date, first: date | None) -> None:
    assert law.last_ask(today) == first


def received(town: Setting, n: int = 0) -> ExclusionSupport:
    """A pupil received and gone back, as the host's days would leave it."""
    row = town.agreed(town.notified(first_name=f"Ilan{n}"))
    with audit.writing(town.viewer(SCHOOL), now=town.now):
        row = revision.lock(ExclusionSupport.objects.all(), row.pk, None)
        revision.save(row, state=State.CLOSED, closed_on=row.ends_on)
        row.half_days.all().delete()
    return fresh(row)


def asked_on(town: Setting) -> datetime:
    """The next day on which schools are asked, after the reception."""
    day = town.monday + timedelta(days=5)
    while (found := law.last_ask(day)) is None or found <= town.monday + timedelta(days=5):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


@pytest.mark.rule("EXC-19")
def test_the_school_answers_once_a_period_and_yes_stays_yes(town: Setting) -> None:
    support = received(town)
    now = asked_on(town)
    assert not since.to_say(town.viewer(SCHOOL), town.now).exists()
    with time_machine.travel(now, tick=False):
        assert [row.pk for row in since.to_say(town.viewer(SCHOOL, now), now)] == [support.pk]
        said = [line.label for line in work.items(town.viewer(SCHOOL, now), now)]
        assert "Accueil d’élèves : nouvelle exclusion depuis ? À dire pour 1 élève" in said
        browser = client_for(town.people.mandates[SCHOOL], now=now)
        url = reverse("exclusion_support:since")
        assert NAME in browser.get(url).content.decode()
        listed = reverse("exclusion_support:index")
        assert "une nouvelle exclusion est-elle venue depuis" in browser.get(listed).content.decode()
        empty = browser.post(url, {"once": str(uuid4())})
        assert empty.status_code == 422
        assert browser.post(url, {"once": str(uuid4()), f"since-{support.pk}": "no"}).status_code == 302
        assert fresh(support).since == Since.NO
        assert "une nouvelle exclusion est-elle venue depuis" not in browser.get(listed).content.decode()
        assert not since.to_say(town.viewer(SCHOOL, now), now).exists()
        assert browser.post(url, {"once": str(uuid4()), f"since-{support.pk}": "yes"}).status_code == 302
        browser.post(url, {"once": str(uuid4()), f"since-{support.pk}": "no"})
        assert fresh(support).since == Since.YES


@pytest.mark.rule("EXC-19", "EXC-15")
@pytest.mark.attack("T-19")
@pytest.mark.parametrize("who", [HOST_LEAD, "coordinator", "mayor", "outreach_lead", "dpo", "stranger"])
def test_nobody_but_a_school_is_asked(town: Setting, who: str) -> None:
    received(town)
    now = asked_on(town)
    with time_machine.travel(now, tick=False):
        assert client_for(town.people.mandates[who], now=now).get(reverse("exclusion_support:since")).status_code == 404
        assert not since.to_say(town.viewer(who, now), now).exists()


@pytest.mark.rule("EXC-19")
def test_a_school_answers_for_its_own_pupils_only(town: Setting) -> None:
    support = received(town)
    now = asked_on(town)
    with time_machine.travel(now, tick=False):
        browser = client_for(town.people.mandates["other_school_lead"], now=now)
        browser.post(reverse("exclusion_support:since"), {"once": str(uuid4()), f"since-{support.pk}": "yes"})
    assert fresh(support).since == Since.UNSAID


@pytest.mark.rule("EXC-19")
def test_a_host_that_received_the_pupil_answers_nothing_in_the_school_s_place(town: Setting) -> None:
    support = town.agreed()
    with pytest.raises(AccessRefused):
        notice.say_since_of(by=town.viewer(HOST_LEAD), answers={support.pk: Since.YES}, now=town.now)
    assert fresh(support).since == Since.UNSAID


def test_the_page_asks_as_many_questions_for_three_pupils_as_for_one(town: Setting) -> None:
    now = asked_on(town)

    def asked() -> int:
        with time_machine.travel(now, tick=False):
            browser = client_for(town.people.mandates[SCHOOL], now=now)
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(reverse("exclusion_support:since")).status_code == 200
        return len(seen)

    received(town)
    few = asked()
    for n in (1, 2):
        received(town, n)
    assert asked() <= few <= 25
