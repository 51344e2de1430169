"""Figures in the browser: the coordinator prepares, the DPO reads and agrees, it is published, the mayor reads by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.approvals.models import Approval
from casework.indicators.evaluation.models import Evaluation
from casework.indicators.releases.models import Release
from tests.browser.gestures import PHONE, click, follow, look
from tests.indicators.setting import Town, only_pupils
from tests.people import People
from tests.people import build as cast


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> People:
    only_pupils(monkeypatch)
    people = cast()
    Town(people, timezone.now()).freeze()
    return people


@pytest.mark.attack("T-40", "T-57")
@pytest.mark.rule("ACL-11", "SDC-10", "REC-25")
def test_an_edition_goes_from_the_look_to_the_mayor(
    enter: Any, live_server: Any, town: People, console: list[str]
) -> None:
    url = live_server.url
    with enter(town.coordinator) as desk:
        desk.goto(url + reverse("releases:index"))
        look(desk)
        follow(desk.get_by_role("link", name="Préparer l’édition"))
        look(desk)
        follow(desk.get_by_role("link", name="Voir ce qui serait affiché"))
        look(desk)
        click(desk, "Proposer cette édition")
        look(desk)
    row = Release.objects.get()
    with enter(town.dpo) as dpo:
        dpo.goto(url + reverse("approvals:page", args=[Approval.objects.get().pk]))
        follow(dpo.get_by_role("link", name="Lire exactement ce qui serait publié"))
        look(dpo)
        assert "64 élèves" in dpo.inner_text("main")
        dpo.get_by_role("link", name="Répondre : donner mon accord ou refuser").click()
        click(dpo, "Donner mon accord")
    with enter(town.coordinator) as desk:
        desk.goto(url + reverse("releases:proposal", args=[row.pk]))
        desk.get_by_role("button", name="Publier l’édition").click()
        desk.locator("dialog [data-confirm-yes]").click()
        desk.wait_for_load_state()
        desk.wait_for_url("**/indicateurs/?annee=*")
        look(desk)
    with enter(town.mayor) as reader:  # no mouse: from the first page to one table, its definition open
        reader.goto(url + reverse("releases:index"))
        reader.locator("main h3 a").first.focus()
        with reader.expect_navigation():
            reader.keyboard.press("Enter")
        look(reader)
        for _ in range(40):
            if reader.evaluate("document.activeElement.tagName") == "SUMMARY" and reader.evaluate(
                "document.activeElement.parentElement.classList.contains('in-details')"
            ):
                break
            reader.keyboard.press("Tab")
        reader.keyboard.press("Enter")
        assert reader.locator("details.in-details").first.evaluate("one => one.open")
        assert "Définition" in reader.inner_text("main")
    with enter(town.mayor, viewport=PHONE) as phone:
        for name, args in (("index", []), ("table", [Release.objects.get().vector[0]["key"]]), ("returns", [])):
            phone.goto(url + reverse(f"releases:{name}", args=args))
            look(phone)
            assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert console == []


@pytest.mark.rule("REC-25", "DOC-02")
def test_the_evaluation_is_written_and_finished(enter: Any, live_server: Any, town: People, console: list[str]) -> None:
    with enter(town.coordinator) as desk:
        desk.goto(live_server.url + reverse("evaluation:index"))
        look(desk)
        desk.get_by_role("button", name="Commencer l’évaluation").first.click()
        desk.wait_for_load_state()
        page = live_server.url + reverse("evaluation:page", args=[Evaluation.objects.get().pk])
        desk.goto(page)
        look(desk)
        desk.get_by_role("link", name="Écrire un commentaire : La cellule de veille").click()
        desk.get_by_label("Votre commentaire").fill("La cellule s’est réunie chaque mois.")
        look(desk)
        click(desk, "Enregistrer")
        assert "réunie chaque mois" in desk.inner_text("main")
        desk.get_by_role("button", name="Terminer").click()
        desk.locator("dialog [data-confirm-yes]").click()
        desk.wait_for_load_state()
        desk.get_by_text("Terminée le").wait_for()
    with enter(town.municipal_police, viewport=PHONE) as reader:
        reader.goto(page)
        look(reader)
        assert "réunie chaque mois" in reader.inner_text("main")
    assert console == []
