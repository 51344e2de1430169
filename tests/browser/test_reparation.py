"""A réparation in the browser, from the order to the outcome: the educator, the host on a phone; no axe finding."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from casework.placements.reparation.codes import State
from casework.placements.reparation.models import Reparation
from tests.browser.gestures import PHONE, click, follow, look
from tests.hosts import setting as hosts
from tests.people import build as cast
from tests.placements.reparation.setting import Setting, fresh, paper


@pytest.fixture
def town() -> Setting:
    """A host open to minors, whose manager has an account."""
    catalogue = hosts.build(cast())
    return Setting(catalogue, catalogue.listed(audience="minors", places=3))


@pytest.mark.rule("REP-01", "REP-04", "REP-05", "REP-06", "REP-10", "REP-11", "REP-16", "10.3")
def test_from_the_order_to_the_outcome(
    enter: Any, live_server: Any, town: Setting, console: list[str], tmp_path: Path
) -> None:
    scan = tmp_path / "accord.png"
    scan.write_bytes(paper().content)
    order, today = town.order(), town.today.isoformat()
    with enter(town.people.pjj) as desk:
        desk.goto(live_server.url + reverse("reparation:new", args=["alternative"]))
        look(desk)
        for name in ("ordered_on", "term_on", "born_on", "facts_on"):
            desk.locator(f"[name={name}]").fill(getattr(order, name).isoformat())
        desk.locator("[name=last_name]").fill("Zzxanthos")
        desk.locator("[name=first_name]").fill("Wassim")
        desk.get_by_text("Brouillon enregistré").first.wait_for()  # nothing is on its way while the form leaves
        click(desk, "Ouvrir le dossier")
        row = Reparation.objects.get()
        for party in ("minor", "parents"):
            form = desk.locator("form[action$='/accord']")
            form.locator(f"[name=party][value={party}]").check()
            form.locator("[name=answer][value=agreed]").check()
            if party == "parents":
                form.locator("[name=summoned_on]").fill(today)
            form.locator("[name=said_on]").fill(today)
            form.locator("[name=file]").set_input_files(str(scan))
            form.get_by_role("button", name="Enregistrer").click()
            desk.wait_for_load_state()
            look(desk)
        assert fresh(row).state == State.AGREED
        follow(desk.get_by_role("link", name="Trouver un lieu"))
        look(desk)
        desk.get_by_role("link", name="Choisir").first.click()
        look(desk)
        after = (town.today + timedelta(days=14)).isoformat()
        boxes = desk.locator("[name=slots]").all()
        next(box for box in boxes if (box.get_attribute("value") or "") > after).check()
        click(desk, "Réserver")
        assert "pour répondre" in desk.inner_text("main")
        look(desk)
    with enter(town.people.host, viewport=PHONE) as phone:
        phone.goto(live_server.url + reverse("reparation:index"))
        assert "Zzxanthos" not in phone.inner_text("body")
        look(phone)
        follow(phone.get_by_role("link", name="Répondre"))
        look(phone)
        phone.get_by_label("Nous accueillons").check()
        click(phone, "Envoyer la réponse")
        assert "Zzxanthos" in phone.inner_text("body")
        look(phone)
    assert fresh(row).state == State.ASSIGNED
    with enter(town.people.pjj) as desk:
        page = live_server.url + reverse("reparation:page", args=[row.pk])
        desk.goto(page)
        click(desk, "Commencer")
        for goal in row.goals.all():
            desk.locator(f"[name=goal-{goal.pk}][value=achieved]").check()
        click(desk, "Enregistrer ces résultats")
        desk.locator("form[action$='/rapport'] [name=reported_on]").fill(today)
        click(desk, "Rapport remis")
        look(desk)
        desk.locator("form[action$='/clore'] [name=outcome][value=dismissed]").check()
        desk.locator("form[action$='/clore'] [name=closed_on]").fill(today)
        click(desk, "Clore")
        assert "Classement après réparation" in desk.inner_text("main")
        look(desk)
    assert fresh(row).state == State.CLOSED_SUCCESS
    with enter(town.people.host, viewport=PHONE) as phone:
        phone.goto(live_server.url + reverse("reparation:index"))
        assert "Zzxanthos" not in phone.inner_text("body"), "with the report the host reads nothing more"
    assert console == []
