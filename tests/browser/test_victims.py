"""The victim's side in the browser: received, reached by her rules, protected; the prosecutor reads; the attacker has nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.vif.victims.models import VictimSupport
from tests.browser.gestures import PHONE, click, look
from tests.people import People, at_court
from tests.people import build as cast


@pytest.fixture
def town() -> People:
    return at_court(cast())


@pytest.mark.attack("T-40")
@pytest.mark.rule("VIC-01", "VIC-07", "ACL-05", "OP-07")
def test_she_is_received_protected_and_read_by_those_who_may(
    enter: Any, live_server: Any, town: People, console: list[str]
) -> None:
    today = localdate(timezone.now()).isoformat()
    with enter(town.apers_victim) as desk:
        desk.goto(live_server.url + reverse("victims:new"))
        look(desk)
        desk.locator("[name=last_name]").fill("Zzxanthe")
        desk.locator("[name=origin]").select_option("herself")
        desk.locator("[name=channels][value=text]").check()
        desk.locator("[name=phone]").fill("0639980077")
        desk.get_by_text("Brouillon enregistré").first.wait_for()
        click(desk, "Ouvrir l’accompagnement")
        row = VictimSupport.objects.get()
        look(desk)
        assert not desk.get_by_text("0639980077").is_visible(), "the rules first"
        desk.get_by_text("J’ai lu : afficher le numéro").click()
        assert desk.get_by_text("0639980077").is_visible()
        form = desk.locator("form[action$='/rendez-vous']")
        desk.get_by_text("Prévoir un rendez-vous").click()
        form.locator("[name=kind]").select_option("office")
        form.locator("[name=day]").fill(today)
        form.locator("[name=at]").fill("09:00")
        form.get_by_role("button", name="Prévoir").click()
        desk.wait_for_load_state()
        look(desk)
        desk.goto(live_server.url + reverse("victims:places", args=[row.pk]))
        desk.locator("[name=kind]").select_option("school")
        desk.locator("[name=address]").fill("Zzruelle")
        click(desk, "Noter")
        look(desk)
        assert "Zzruelle" not in desk.inner_text("main")
        desk.get_by_role("link", name="Afficher").click()
        assert "Zzruelle" in desk.inner_text("main")
        look(desk)
        desk.goto(live_server.url + reverse("victims:call", args=[row.pk]))
        look(desk)
        desk.locator("[name=magistrate]").fill("Mme Roux")
        desk.locator("[name=instruction]").fill("aucune")
        desk.locator("[name=kind]").select_option("call")
        desk.locator("[name=facts]").fill("Trois appels masqués.")
        desk.get_by_text("Brouillon enregistré").first.wait_for()
        click(desk, "Enregistrer et préparer la note")
        assert "Mme Roux" in desk.inner_text("main")
        look(desk)
        click(desk, "Note transmise")
        look(desk)
    with enter(town.prosecutor, viewport=PHONE) as phone:
        phone.goto(live_server.url + reverse("desk:work"))
        phone.get_by_role("link", name="Lire").first.click()
        assert "Trois appels masqués" in phone.inner_text("main")
        look(phone)
    addresses = [
        reverse("victims:page", args=[row.pk]), reverse("victims:place", args=[row.places.get().pk]),
        reverse("victims:index"), reverse("victims:history", args=[row.pk]),
    ]  # fmt: skip
    with enter(town.apers_offender) as attacker:
        for url in addresses:
            answer = attacker.goto(live_server.url + url)
            assert answer.status == 404
            assert "Zzxanthe" not in attacker.content()
        for name in ("desk:work", "reflex:sheet"):
            attacker.goto(live_server.url + reverse(name))
            assert row.reference not in attacker.content()
            look(attacker)
    assert [line for line in console if "404" not in line] == []
