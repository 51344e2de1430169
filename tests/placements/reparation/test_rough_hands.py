"""Rough hands on a réparation: sent twice, after Back, with anything typed in it, by a function that ended meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from casework import audit
from casework.partners.models import Mandate
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import DifficultyNotice, PlaceRequest, Reparation
from tests.instants import noon
from tests.placements.reparation.setting import Setting, fresh
from tests.placements.reparation.test_pages import client, post

pytestmark = pytest.mark.django_db(databases="__all__")

ODD = ("x" * 300, "🙂🙃" * 20, "<script>alert(1)</script>", "'; DROP TABLE reparation; --", "\u202egauche", " ")


def asked(town: Setting) -> PlaceRequest:
    town.ask(town.agreed())
    return PlaceRequest.objects.get()


# The host’s side


@pytest.mark.attack("R-07")
@pytest.mark.parametrize("answer", [{"answer": "yes"}, {"answer": "no", "reason": "no_supervisor"}])
def test_the_answer_of_the_host_sent_twice_is_one_answer(town: Setting, answer: dict[str, str]) -> None:
    found = asked(town)
    browser, url = client(town, "host"), reverse("reparation:host_answer", args=[found.pk])
    sent = answer | {"once": str(uuid4())}
    first, again = browser.post(url, sent), browser.post(url, sent)
    assert (first.status_code, again.status_code, again["Location"]) == (302, 302, first["Location"])
    found.refresh_from_db()
    assert found.answer == {"yes": "accepted", "no": "declined"}[answer["answer"]]
    after_back = browser.post(url, {"answer": "yes", "once": str(uuid4())})
    assert after_back.status_code in (302, 404)
    before = found.answer
    found.refresh_from_db()
    assert found.answer == before


@pytest.mark.parametrize("typed", ODD)
def test_the_answer_of_the_host_takes_a_code_and_nothing_else(town: Setting, typed: str) -> None:
    found = asked(town)
    for sent in ({"answer": typed}, {"answer": "no", "reason": typed}):
        page = post(client(town, "host"), "host_answer", sent, found.pk)
        assert page.status_code == 422
        assert "<script>alert" not in page.content.decode()
    found.refresh_from_db()
    assert found.answer == ""


@pytest.mark.parametrize("typed", ODD)
def test_presence_takes_a_code_and_nothing_else(town: Setting, typed: str) -> None:
    row = town.assigned()
    then = noon(town.today + timedelta(days=12))
    with time_machine.travel(then, tick=False):
        browser, session = client(town, "host", then), row.sessions.first()
        for sent in (
            {"presence": typed},
            {"presence": "present", "parents": typed},
            {"presence": "present", "revision": typed},
        ):
            answer = post(browser, "presence", {"revision": 1} | sent, session.pk)
            assert answer.status_code in (302, 422), sent
    assert row.sessions.get(pk=session.pk).presence in ("", "present")
    assert row.sessions.get(pk=session.pk).parents == ""


@pytest.mark.attack("R-07")
def test_presence_twice_is_one_line_and_an_older_page_writes_nothing(town: Setting) -> None:
    row = town.assigned()
    then = noon(town.today + timedelta(days=12))
    with time_machine.travel(then, tick=False):
        browser, session = client(town, "host", then), row.sessions.first()
        url = reverse("reparation:presence", args=[session.pk])
        sent = {"presence": "late", "revision": session.revision, "once": str(uuid4())}
        assert browser.post(url, sent)["Location"] == browser.post(url, sent)["Location"]
        older = browser.post(url, sent | {"presence": "absent", "once": str(uuid4())}, follow=True)
        assert "La fiche a changé entre-temps" in older.content.decode()
    assert row.sessions.get(pk=session.pk).presence == "late"


# The educator’s side


@pytest.mark.parametrize("day", ["0026-03-12", "9999-01-01", "31/02/2026", "🙂", "1950-01-01", "x" * 300])
def test_an_absurd_day_is_asked_again_and_changes_nothing(town: Setting, day: str) -> None:
    row = town.running()
    browser, before = client(town, "pjj"), fresh(row).revision
    planned = row.sessions.count()
    seen: dict[str, dict[str, Any]] = {
        "act_seance": {"kind": "review", "day": day, "starts_at": "10:00", "ends_at": "11:00"},
        "act_difficulte": {"kind": "absence", "told_on": day, "precision": ""},
        "act_rapport": {"reported_on": day, "conclusion": ""},
        "act_terme": {"term_on": day},
    }
    for name, sent in seen.items():
        answer = post(browser, name, sent | {"revision": before}, row.pk)
        assert answer.status_code == 422, (name, answer.status_code)
    found = fresh(row)
    assert (found.revision, found.state, row.sessions.count()) == (before, State.IN_PROGRESS, planned)
    assert not DifficultyNotice.objects.exists()


@pytest.mark.rule("REP-11")
def test_the_search_of_a_place_says_at_its_top_that_a_host_is_asked_already(town: Setting) -> None:
    found = asked(town)
    page = client(town, "pjj").get(reverse("reparation:places", args=[found.reparation_id])).content.decode()
    assert "Une structure est déjà demandée : retirez d’abord cette demande." in page
    assert ">Choisir<" not in page
    free = client(town, "pjj").get(reverse("reparation:places", args=[town.agreed().pk])).content.decode()
    assert ">Choisir<" in free


# A function that ends while a form is open


@pytest.mark.rule("ACL-03")
@pytest.mark.parametrize("who", ["pjj", "host"])
def test_a_function_that_ended_while_a_form_was_open_writes_nothing_and_is_told(town: Setting, who: str) -> None:
    found = asked(town)
    browser = client(town, who)
    mandate = Mandate.objects.get(pk=town.people.mandates[who].pk)
    with audit.writing(audit.system_actor(town.people.territory.pk), now=town.now):
        mandate.ends_at = town.now - timedelta(minutes=1)
        mandate.save()
    before = Reparation.objects.get().revision
    if who == "host":
        page = post(browser, "host_answer", {"answer": "yes"}, found.pk)
    else:
        page = post(browser, "act_seance", {"kind": "review", "day": str(town.today)}, found.reparation_id)
    assert page.status_code == 404
    assert "Votre fonction a pris fin" in page.content.decode()
    found.refresh_from_db()
    assert (found.answer, Reparation.objects.get().revision) == ("", before)
