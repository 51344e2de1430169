"""The pages of exclusion support, walked as each of those who use them, and as those who may not (rows 26 to 27)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from casework.casefile.calendar import start_instant
from casework.errors import InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import holding, team
from casework.exclusions.models import ExclusionSupport, OpenHalfDay
from casework.exclusions.reads import lists, offers
from tests.exclusions.setting import EDUCATOR, HOST_LEAD, NAME, PHONE, SCHOOL, SCHOOL_LEAD, WORDS, Setting, fresh
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

OUTSIDERS = [
    "school_colleague", "other_school_lead", "host_colleague", "other_host_lead", "outreach_lead", "coordinator", "mayor",
    "pjj", "spip", "prosecutor", "municipal_police", "national_police", "sysadmin", "dpo", "stranger",
]  # fmt: skip
REASON = "Insultes ou menaces"


def client(town: Setting, who: str) -> Any:
    return client_for(town.people.mandates[who], now=town.now)


def post(client: Any, name: str, data: dict[str, Any], *args: Any) -> Any:
    return client.post(reverse(f"exclusion_support:{name}", args=args), data | {"once": str(uuid4())})


def text(client: Any, name: str, *args: Any) -> str:
    found = client.get(reverse(f"exclusion_support:{name}", args=args))
    assert found.status_code == 200, found.status_code
    return str(found.content.decode())


@pytest.mark.rule("EXC-16", "EXC-20")
def test_the_reason_is_read_by_the_school_and_the_named_educator_alone(town: Setting) -> None:
    support = town.agreed()
    team.name_educator(
        by=town.viewer(HOST_LEAD), support=support, mandate_id=town.people.mandates[EDUCATOR].pk, now=town.now,
        expected=None,
    )  # fmt: skip
    for who, reads in ((SCHOOL, True), (SCHOOL_LEAD, True), (HOST_LEAD, False), (EDUCATOR, True)):
        page = text(client(town, who), "page", support.pk)
        assert NAME in page
        assert PHONE in page
        assert (REASON in page) is reads, who


@pytest.mark.rule("EXC-13", "EXC-14", "EXC-15", "EXC-22")
@pytest.mark.attack("T-19")
@pytest.mark.parametrize("who", OUTSIDERS)
def test_nobody_else_opens_a_support_or_finds_it_in_a_list(town: Setting, who: str) -> None:
    """The mayor, the coordinator, police and cellule read nothing of it; nor does anybody else of the same two bodies."""
    support = town.agreed()
    browser = client(town, who)
    for name in ("page", "who_opened", "history"):
        assert browser.get(reverse(f"exclusion_support:{name}", args=[support.pk])).status_code == 404, name
    listed = browser.get(reverse("exclusion_support:index"))
    assert NAME not in listed.content.decode()
    assert support.reference not in listed.content.decode()


def test_a_school_lists_its_pupils_by_what_they_wait_for_and_a_host_those_it_receives(town: Setting) -> None:
    agreed = town.agreed()
    held = town.held(half_days=town.half_days(6)[4:])
    page = text(client(town, SCHOOL), "index")
    assert NAME in page
    assert agreed.reference in page
    assert "Place tenue, sans nom" in page
    assert "Il manque le nom, avant le" in page
    received = text(client(town, HOST_LEAD), "index")
    assert NAME in received
    assert held.reference not in received


def test_a_list_asks_as_many_questions_for_one_pupil_as_for_three(town: Setting) -> None:
    def asked() -> int:
        browser = client(town, SCHOOL)
        with CaptureQueriesContext(connection) as seen:
            text(browser, "index")
        return len(seen)

    town.notified()
    few = asked()
    for n in (4, 6):
        town.held(half_days=town.half_days(n + 2)[n:])
    assert asked() <= few


def test_a_support_is_shared_with_a_colleague_of_one_s_own_body(town: Setting) -> None:
    support = town.notified()
    browser = client(town, SCHOOL)
    wrong = post(browser, "act_partager", {"mandate": str(town.people.mandates[HOST_LEAD].pk)}, support.pk)
    assert wrong.status_code == 422
    given = {"mandate": str(town.people.mandates["school_colleague"].pk)}
    assert post(browser, "act_partager", given, support.pk).status_code == 302
    assert NAME in text(client(town, "school_colleague"), "page", support.pk)


def test_who_opened_and_the_history_say_bodies_and_steps(town: Setting) -> None:
    support = town.agreed()
    browser = client(town, SCHOOL)
    text(browser, "page", support.pk)
    assert str(town.people.mandates[SCHOOL].organisation) in text(browser, "who_opened", support.pk)
    history = text(browser, "history", support.pk)
    assert "Accords à recueillir" in history
    assert WORDS not in history


def test_a_page_of_a_support_asks_at_most_twenty_five_questions(town: Setting) -> None:
    support = town.agreed()
    for who in (SCHOOL, HOST_LEAD):
        browser = client(town, who)
        with CaptureQueriesContext(connection) as seen:
            text(browser, "page", support.pk)
        assert len(seen) <= 25, who


def test_before_its_yes_the_host_finds_no_page(town: Setting) -> None:
    support = town.notified()
    assert client(town, HOST_LEAD).get(reverse("exclusion_support:page", args=[support.pk])).status_code == 404
    assert facts.find(town.viewer(SCHOOL), support.pk, town.now) == fresh(support)
    assert ExclusionSupport.objects.count() == 1


@pytest.mark.rule("EXC-16")
def test_a_half_day_that_has_ended_is_neither_offered_nor_taken(town: Setting) -> None:
    noon = start_instant(town.monday) + timedelta(hours=12, minutes=30)
    first = OpenHalfDay.objects.filter(host=town.convention.host, day=town.monday).order_by("half").first()
    assert first is not None
    assert first.ends_at == time(12)
    before, after = noon - timedelta(hours=1), noon
    for now, offered in ((before, True), (after, False)):
        found = offers.search(town.viewer(SCHOOL, now), "exclusion", town.monday, town.monday, now)
        shown = {cell.place.id for each in found.offers for week in each.weeks for _, row in week.rows for cell in row if cell.place}  # fmt: skip
        assert (first.pk in shown) is offered
    with pytest.raises(InputRefused, match="déjà finie"):
        holding.hold(by=town.viewer(SCHOOL, after), data=town.hold_data(half_days=[first.pk]), now=after)
    holding.hold(by=town.viewer(SCHOOL, before), data=town.hold_data(half_days=[first.pk]), now=before)


def test_a_reception_under_way_is_not_late_its_next_half_day_is_said(town: Setting) -> None:
    support = town.agreed()
    tuesday = start_instant(town.monday + timedelta(days=1)) + timedelta(hours=8)
    line = next(each for each in lists.own(town.viewer(SCHOOL, tuesday), tuesday) if each.id == support.pk)
    assert (line.first_day, line.next_day) == (town.monday, localdate(tuesday))
    over = start_instant(town.monday + timedelta(days=20))
    assert next(each for each in lists.own(town.viewer(SCHOOL, over), over) if each.id == support.pk).next_day is None


def test_all_that_is_missing_is_said_at_once(town: Setting) -> None:
    school = client(town, SCHOOL)
    body = post(school, "receive", {"go": "tenir"}).content.decode()
    assert "Choisissez la classe." in body
    assert "Choisissez au moins une demi-journée." in body
    body = post(school, "notice", {"last_name": NAME}, town.held().pk).content.decode()
    for said in ("Choisissez le motif.", "Indiquez le représentant légal.", "Indiquez son téléphone."):
        assert said in body
    assert NAME in body
