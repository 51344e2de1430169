"""T-52: after signing out, going back shows nothing and nothing is left in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.followups.saisine_setting import refer
from tests.people import People, client_for

NAME = "Zzqbelkacem"


@pytest.mark.attack("T-52")
@pytest.mark.rule("GDP-15")
def test_going_back_after_signing_out_shows_nothing(live_server: Any, people: People, page: Any, context: Any) -> None:
    follow_up = refer(people, by="pjj_lead", last_name=NAME)
    cookie = client_for(people.pjj_lead).cookies["session"]
    context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server.url}])
    page.goto(live_server.url + reverse("followups:page", args=[follow_up.pk]))
    assert NAME in page.content()
    page.goto(live_server.url + reverse("followups:list"))
    page.locator(f'form[action="{reverse("partners:sign_out")}"] button').first.evaluate("button => button.click()")
    page.wait_for_url("**/connexion/**")
    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        assert NAME not in page.content()
    page.goto(live_server.url + reverse("followups:page", args=[follow_up.pk]))
    assert NAME not in page.content()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("caches.keys().then((keys) => keys.length)") == 0
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
