"""The room by keyboard: a decision under ten seconds, « on garde » under five, a name only while a key is held."""

from __future__ import annotations

import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse

from casework.audit.models import AuditEvent
from casework.minors.followups.models import Action
from tests.people import build as cast
from tests.people import client_for
from tests.sessions.room_setting import Setting, build


@pytest.fixture
def room() -> Setting:
    return build(cast())


def enter(page: Any, live_server: Any, room: Setting, mandate: str, name: str) -> None:
    cookie = client_for(room.people.mandates[mandate]).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )  # fmt: skip
    page.goto(live_server.url + reverse(f"meetings:{name}", args=[room.session.pk]))


@pytest.mark.rule("CLV-23")
def test_a_meeting_is_held_by_keyboard(page: Any, live_server: Any, room: Setting, console: list[str]) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    enter(page, live_server, room, "coordinator", "room")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=La dernière fois")

    started = time.monotonic()
    page.keyboard.press("Enter")
    page.keyboard.type("a")
    page.keyboard.type("éco")
    page.keyboard.press("Tab")
    page.keyboard.type("avec le collège")
    page.keyboard.press("Tab")
    page.keyboard.type("+2s")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mr-row:has-text('retour à l’école')")
    assert time.monotonic() - started < 10
    assert Action.objects.filter(decided_in=room.session.pk).count() == 1

    page.keyboard.press("Escape")
    page.keyboard.down("n")
    page.wait_for_selector("[data-name]:not([hidden])")
    assert "Zzbelkacem" in page.inner_text("[data-name]")
    page.keyboard.up("n")
    page.wait_for_function("document.querySelector('[data-name]').hidden")
    assert "Zzbelkacem" not in page.content()
    assert AuditEvent.objects.filter(act="reveal").count() == 1

    page.wait_for_timeout(700)
    started = time.monotonic()
    page.keyboard.press("g")
    page.wait_for_selector("h1:has-text('2/4')")
    assert time.monotonic() - started < 5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert console == []


@pytest.mark.attack("T-51")
@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
def test_the_room_is_accessible_and_whole(page: Any, live_server: Any, room: Setting, size: tuple[int, int]) -> None:
    from casework.minors.sessions.actions import room as acts

    page.set_viewport_size({"width": size[0], "height": size[1]})
    for n in (None, 0, 2, 3):
        if n is not None:
            acts.open_line(by=room.by, session=room.session, line_id=room.lines[n].pk, now=room.now)
        for name in ("room", "from_sheet", "room_presence", "follow"):
            enter(page, live_server, room, "coordinator", name)
            found = Axe().run(page).response["violations"]
            assert [(name, n, each["id"], each["nodes"][0]["html"]) for each in found] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_member_s_screen_follows_within_five_seconds(
    page: Any, live_server: Any, room: Setting, console: list[str]
) -> None:
    from casework.minors.sessions.actions import room as acts

    enter(page, live_server, room, "pjj_lead", "follow")
    page.wait_for_selector("text=Entre deux situations")
    acts.open_line(by=room.by, session=room.session, line_id=room.lines[0].pk, now=room.now)
    page.wait_for_selector("text=rencontre avec la famille", timeout=5000)
    assert "Zzbelkacem" not in page.content()
    assert console == []


def test_what_is_typed_survives_the_network_and_the_browser(page: Any, live_server: Any, room: Setting) -> None:
    enter(page, live_server, room, "coordinator", "room")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=d-who]")
    page.fill("[name=d-what]", "famille")
    page.wait_for_selector("text=Brouillon enregistré")
    page.reload()
    page.wait_for_selector("text=repris")
    assert page.input_value("[name=d-what]") == "famille"
    page.fill("[name=d-who]", "p")
    page.fill("[name=d-due]", "+1m")
    page.context.set_offline(True)
    page.press("[name=d-due]", "Enter")
    page.wait_for_selector("text=Réseau coupé")
    page.context.set_offline(False)
    page.wait_for_selector("[aria-labelledby=mr-today] .mr-row:has-text('rencontre avec la famille')", timeout=20000)
    assert Action.objects.filter(decided_in=room.session.pk).count() == 1
