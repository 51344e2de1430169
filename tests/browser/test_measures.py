"""The author's side in the browser: from the order to the decision; the prosecutor reads; the other side has nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.vif.offenders.data import copy_national
from casework.vif.offenders.models import Measure, ObligationType, Report
from tests.browser.gestures import PHONE, click, look
from tests.people import People, at_court
from tests.people import build as cast


@pytest.fixture
def town() -> People:
    """The cast; obligations come from a migration, and an earlier journey that committed emptied their table."""
    if not ObligationType.objects.exists():
        copy_national(ObligationType)
    return at_court(cast())


@pytest.mark.attack("T-40")
@pytest.mark.rule("CJ-33", "CJ-36", "CJ-38", "ACL-05", "VIC-07", "10.4")
def test_an_officer_goes_from_the_order_to_the_decision(
    enter: Any, live_server: Any, town: People, console: list[str]
) -> None:
    today = localdate(timezone.now())

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    with enter(town.apers_offender) as desk:
        desk.goto(live_server.url + reverse("measures:new", args=["supervision"]))
        look(desk)
        for name, typed in (
            ("last_name", "Zzoreste"), ("first_name", "Marc"), ("born_on", "1990-03-12"), ("ordered_on", day(-40)),
            ("term_on", day(90)), ("hearing_on", day(30)),
        ):  # fmt: skip
            desk.locator(f"[name={name}]").fill(typed)
        desk.locator("[name=authority]").select_option("liberty_judge")
        for code in ("contact", "care"):
            desk.locator(f"[name=obligations][value={code}]").check()
        desk.get_by_text("Brouillon enregistré").first.wait_for()
        click(desk, "Ouvrir la mesure")
        row = Measure.objects.get()
        page = live_server.url + reverse("measures:page", args=[row.pk])
        look(desk)

        desk.locator("#suite [name=day]").fill(day(-30))
        desk.locator("#suite [name=at]").fill("09:30")
        click(desk, "Convoquer")
        desk.locator("[name=came]").select_option("present")
        click(desk, "Inscrire")
        click(desk, "L’avis de prise en charge")
        look(desk)
        click(desk, "Transmis")
        desk.goto(page)
        assert "Suivi en cours" in desk.inner_text("main")
        look(desk)

        desk.get_by_role("button", name="Non vu").first.click()
        desk.wait_for_load_state()
        desk.locator("#obligations").get_by_role("link", name="Incident").first.click()
        look(desk)
        desk.locator("[name=called_name]").fill("Mme Aubert")
        desk.locator("[name=called_time]").fill("00:00")
        desk.locator("[name=instruction]").fill("Écrire dans la journée.")
        desk.locator("[name=story]").fill("Le justificatif n’est pas présenté.")
        desk.get_by_text("Brouillon enregistré").first.wait_for()
        click(desk, "Continuer vers la transmission")
        assert "Mme Aubert" in desk.inner_text("main")
        click(desk, "Transmis")
        look(desk)
    with enter(town.prosecutor, viewport=PHONE) as phone:
        phone.goto(live_server.url + reverse("measures:index"))
        look(phone)
        phone.get_by_role("link", name="Rapport d’incident").first.click()
        assert "Le justificatif n’est pas présenté." in phone.inner_text("main")
        assert phone.locator("main form").count() == 0, "it reads, and writes nothing"
        look(phone)
    with enter(town.apers_offender) as desk:
        incident = Report.objects.get(kind="incident")
        desk.goto(live_server.url + reverse("measures:report", args=[incident.pk]))
        desk.locator("[name=answer][value=continue]").check()
        click(desk, "Inscrire la réponse")
        for each in row.obligations.all():
            desk.locator(f"[name=rate-{each.pk}][value=met]").check()
        click(desk, "Enregistrer ces appréciations")
        click(desk, "Le rapport final")
        for name in ("situation", "position", "conclusion"):
            desk.locator(f"[name={name}]").fill("Il travaille, et se présente à l’heure.")
        desk.get_by_text("Brouillon enregistré").first.wait_for()
        click(desk, "Enregistrer")
        look(desk)
        click(desk, "Transmis")
        desk.goto(page)
        desk.locator("[name=outcome][value=probation]").check()
        desk.locator("#suite [name=closed_on]").fill(day(0))
        click(desk, "Inscrire la décision")
        assert "Le dossier disparaît" in desk.inner_text("main")
        assert "auteur" not in desk.inner_text("main").lower()
        look(desk)
    with enter(town.apers_victim) as attacker:
        for url in (page, live_server.url + reverse("measures:text", args=[incident.pk])):
            answer = attacker.goto(url)
            assert answer.status == 404
            assert "Zzoreste" not in attacker.content()
        attacker.goto(live_server.url + reverse("desk:work"))
        assert row.reference not in attacker.content()
    assert [line for line in console if "404" not in line] == []
