"""« Confirmez que c’est vous »: a fresh second factor before sensitive acts, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.utils import timezone

from casework.access import step_up
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import Door, member, policy_of, signed_in, stepped_up
from casework.audit import Act
from casework.partners.models import Agent, AgentSession
from casework.partners.session_store import stored_key
from config import urls as site
from tests.partners.helpers import code, enrolled_codes, events
from tests.people import client_for, client_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls(__name__), pytest.mark.rule("MFA-01")]

SEEN: list[dict[str, list[str]]] = []


@stepped_up
@member(Action.LIST, DataClass.YOUTH_CARD)
def above(request: HttpRequest) -> HttpResponse:
    SEEN.append(dict(request.POST.lists()))
    return HttpResponse("done")


@signed_in
@stepped_up(minutes=1)
def below(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@signed_in
def inside(request: HttpRequest) -> HttpResponse:
    step_up.require(request)
    return HttpResponse("done")


@signed_in
def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


probes = [path("a/", above, name="a"), path("b/", below, name="b"), path("c/", inside, name="c"),
          path("d/", plain, name="d")]  # fmt: skip
urlpatterns = [path("probe/", include((probes, "probe"))), *site.urlpatterns]
handler404 = site.handler404
handler500 = site.handler500

TYPED = {"text": "Deux lignes,\r\nun « guillemet » & <balise>", "box": ["1", "2"], "once": "abc", "revision": "3"}


class Fields(HTMLParser):
    """The hidden fields and the address of the form that carries the code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.kept = "", []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        if tag == "form" and found.get("action"):
            self.action = self.action or found["action"]
        if tag == "input" and found.get("type") == "hidden" and found["name"] != "csrfmiddlewaretoken":
            self.kept.append((found["name"], found.get("value") or ""))


def old(mandate: Any) -> Client:
    """Return a browser whose second factor is six minutes old; the screen is not locked."""
    return client_for(mandate, now=timezone.now() - timedelta(minutes=6))


def test_the_policy_stands_whatever_the_order_of_the_decorators():
    for view, door, minutes in ((above, Door.MEMBER, 5), (below, Door.SIGNED_IN, 1)):
        policy = policy_of(view)
        assert policy is not None
        assert (policy.door, policy.step_up) == (door, timedelta(minutes=minutes))
    assert policy_of(plain).step_up is None  # type: ignore[union-attr]


@pytest.mark.attack("T-45")
@pytest.mark.parametrize(("page", "minutes", "passes"), [
    ("a", 4.9, True), ("a", 5, False), ("b", 0.9, True), ("b", 1, False), ("c", 5, False), ("d", 9, True),
])  # fmt: skip
def test_an_act_needs_a_factor_as_fresh_as_it_says(people, page, minutes, passes):
    client = client_for(people.pjj, now=timezone.now() - timedelta(minutes=minutes))
    answer = client.post(f"/probe/{page}/")
    assert (answer.status_code == 200) is passes
    assert (answer.content == b"done") is passes


@pytest.mark.attack("T-45")
def test_nothing_typed_is_lost_and_nothing_is_done_before(people):
    SEEN.clear()
    client = old(people.pjj)
    asked = client.post("/probe/a/?filtre=1", TYPED)
    assert asked.status_code == 401
    assert SEEN == []
    form = Fields(asked.content.decode())
    assert form.action == "/probe/a/?filtre=1"
    assert form.kept == [
        ("text", TYPED["text"]), ("box", "1"), ("box", "2"), ("once", "abc"), ("revision", "3"),
    ]  # fmt: skip
    wrong = client.post("/probe/a/", {**TYPED, "confirm_code": "000000"})
    assert wrong.status_code == 422
    assert Fields(wrong.content.decode()).kept == form.kept
    assert SEEN == []
    with time_machine.travel(timezone.now() + timedelta(seconds=3), tick=False):  # a wrong code slows the next one
        assert client.post("/probe/a/", {**TYPED, "confirm_code": code()}).content == b"done"
    assert {name: values for name, values in SEEN[0].items() if name != "confirm_code"} == {
        "text": [TYPED["text"]], "box": ["1", "2"], "once": ["abc"], "revision": ["3"],
    }  # fmt: skip


def test_a_page_asks_then_comes_back(people):
    client = old(people.pjj)
    asked = client.get("/probe/a/?page=2")
    assert asked.status_code == 302
    assert asked.url == f"{reverse('partners:confirm')}?next=%2Fprobe%2Fa%2F%3Fpage%3D2"
    form = Fields(client.get(asked.url).content.decode())
    assert form.kept == [("next", "/probe/a/?page=2")]
    back = client.post(form.action, {"next": form.kept[0][1], "confirm_code": code()})
    assert back.url == "/probe/a/?page=2"
    assert client.get(back.url).content == b"done"


def test_the_way_back_stays_on_this_site(people):
    client = client_for(people.pjj)
    gone = client.post(reverse("partners:confirm"), {"next": "https://ailleurs.example/", "confirm_code": code()})
    assert gone.url == reverse("desk:home")


def test_a_refused_role_is_not_asked_anything(people):
    answer = old(people.spip).post("/probe/a/", TYPED)
    assert answer.status_code == 404
    assert "confirm_code" not in answer.content.decode()


@pytest.mark.attack("T-45")
def test_the_key_of_the_session_changes(people):
    client = old(people.pjj)
    before = stored_key(client.session.session_key)
    client.post("/probe/a/", {"confirm_code": code()})
    assert not AgentSession.objects.filter(session_key=before).exists()
    assert stored_key(client.session.session_key) != before
    assert events(Act.SIGN_IN, "step_up").count() == 1


@pytest.mark.attack("T-45")
def test_a_code_confirms_once(people):
    first, second = old(people.pjj), old(people.pjj)
    typed = code()
    assert first.post("/probe/a/", {"confirm_code": typed}).content == b"done"
    assert second.post("/probe/a/", {"confirm_code": typed}).status_code == 422


def test_a_recovery_code_confirms_where_the_phone_is_lost(people):
    agent = people.pjj.agent
    client = old(people.pjj)
    kept = enrolled_codes(agent)
    assert client.post("/probe/a/", {"confirm_code": kept[0].lower()}).content == b"done"


@pytest.mark.rule("PWD-02")
def test_guessing_is_slowed_down(people):
    client = old(people.pjj)
    answers = [client.post("/probe/a/", {"confirm_code": "000000"}).content.decode() for _ in range(6)]
    assert "Trop d’essais" in answers[-1]
    assert client.post("/probe/a/", {"confirm_code": code()}).status_code == 422


def test_a_fragment_is_sent_to_the_page_itself(people):
    client = old(people.pjj)
    answer = client.post("/probe/a/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/situations/"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{reverse('partners:confirm')}?next=%2Fsituations%2F"


def test_a_locked_screen_opens_first(people):
    client = client_for(people.pjj, now=timezone.now() - timedelta(minutes=20))
    assert client.get("/probe/a/").url.startswith(reverse("partners:lock"))


def test_an_account_without_function_confirms_too(people):
    client = client_of(people.idle, now=timezone.now() - timedelta(minutes=6))
    assert client.post("/probe/b/", {"confirm_code": code()}).content == b"done"


@override_settings(ROOT_URLCONF="config.urls")
def test_the_acts_that_ask_for_it_are_known(people):
    """security.md §3.11: exports and one's own factors say it on the route."""
    from tests.consistency.test_routes import routes

    asked = {route.name for _, route in routes() if policy_of(route.callback) and policy_of(route.callback).step_up}
    assert {
        "new_phone", "recovery_codes", "import_refused", "new_link", "start_again", "reopen_account", "join",
    } <= asked  # fmt: skip


@override_settings(ROOT_URLCONF="config.urls")
def test_an_access_given_outside_ones_own_service_asks(people):
    fields = {
        "first_name": "Léa", "last_name": "Ferry", "email": "lea@mireval.example", "role": "aemo",
        "starts_on": "2030-01-01", "ends_on": "2030-12-31",
    }  # fmt: skip
    to = reverse("directory:invite", args=[people.aemo_service.pk])
    asked = old(people.coordinator).post(to, fields)
    assert asked.status_code == 401
    assert not Agent.objects.filter(email="lea@mireval.example").exists()
    assert ("last_name", "Ferry") in Fields(asked.content.decode()).kept
    assert old(people.aemo_lead).post(to, fields).status_code == 200, "a lead appoints inside its own service"


@override_settings(ROOT_URLCONF="config.urls")
def test_a_record_out_of_reach_asks_for_nothing(people):
    to = reverse("followups:circle", args=[uuid4()])
    given = {"do": "enter", "organisation": str(people.aemo_service.pk), "reason": "involved"}
    assert old(people.coordinator).post(to, given).status_code == 404, "a record that is absent asks nothing"
