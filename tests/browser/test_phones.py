"""« Téléphone grave danger » in the browser: asked, checked, decided, handed over, tested, given back; nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.partners.codes import Role
from casework.vif.phones.models import Allocation
from tests.browser.gestures import PHONE, click, follow, look
from tests.people import People, at_court
from tests.people import build as cast
from tests.vif.phones.setting import SERIAL, Setting
from tests.vif.phones.test_totals import serve, townsperson
from tests.vif.victims.setting import NAME


@pytest.fixture
def town() -> People:
    return at_court(cast())


@pytest.mark.attack("T-40", "T-19")
@pytest.mark.rule("TGD-02", "TGD-03", "TGD-12", "TGD-13", "ACL-05", "VIC-02")
def test_a_phone_goes_from_the_request_to_its_return(
    enter: Any, live_server: Any, town: People, console: list[str]
) -> None:
    support = Setting(town, timezone.now()).opened()
    today = timezone.localdate().isoformat()
    with enter(town.prosecutor) as court:
        court.goto(live_server.url + reverse("phones:add_device"))
        look(court)
        court.locator("[name=serial]").fill(SERIAL)
        court.locator("[name=received_on]").fill(today)
        court.locator("main form button.btn-primary").click()
        court.wait_for_load_state()
        assert SERIAL not in court.inner_text("main")
        look(court)
    with enter(town.apers_victim) as desk:
        desk.goto(live_server.url + reverse("phones:signal", args=[support.pk]))
        desk.locator("[name=origin]").select_option("hospital")
        desk.locator("[name=signalled_on]").fill(today)
        click(desk, "Enregistrer la demande")
        look(desk)
        for name, value in (("assessed_by", "association"), ("urgency", "now"), ("danger", "threats")):
            desk.locator(f"[name={name}][value={value}]").check()
        click(desk, "Enregistrer l’évaluation")
        follow(desk.get_by_role("link", name="Vérifier les conditions"))
        look(desk)
        click(desk, "Demander la décision du parquet")
        look(desk)  # refused: each condition that lacks is said beside its field
        for name, value in (
            ("ground", "rape"), ("ground_proof", "police"), ("apart_proof", "said"), ("ban", "not_yet"),
            ("ban_proof", "police"), ("consent_proof", "signed"),
        ):  # fmt: skip
            desk.locator(f"select[name={name}]").select_option(value)
        for name, value in (("apart", "yes"), ("consent", "yes"), ("location", "no")):
            desk.locator(f"[name={name}][value={value}]").check()
        click(desk, "Demander la décision du parquet")
        row = Allocation.objects.get()
        page = live_server.url + reverse("phones:page", args=[row.pk])
        assert "Le parquet est prévenu" in desk.inner_text("main")
    with enter(town.prosecutor, viewport=PHONE) as court:
        court.goto(live_server.url + reverse("phones:decisions"))
        look(court)
        court.get_by_role("link", name=NAME).first.click()
        look(court)
        court.locator("#suite [name=magistrate]").fill("Mme Aubert")
        court.locator("#suite [name=decided_on]").fill(today)
        click(court, "Accorder")
        assert "L’association remet l’appareil" in court.inner_text("main")
    with enter(town.apers_victim) as desk:
        desk.goto(page)
        desk.locator("#suite select[name=device_id]").select_option(index=1)
        desk.locator("#suite [name=handed_on]").fill(today)
        click(desk, "Remettre l’appareil")
        look(desk)
        desk.goto(live_server.url + reverse("phones:tests"))
        look(desk)
        desk.get_by_role("button", name="Réussi").first.click()
        desk.wait_for_load_state()
        desk.goto(live_server.url + reverse("phones:index"))
        look(desk)
        desk.goto(page)
        desk.get_by_text("Le téléphone doit être rendu").click()
        desk.locator("select[name=reason]").select_option("danger_over")
        desk.locator("[name=withdrawn_on]").fill(today)
        click(desk, "Mettre fin")
        for name, typed in (("returned_on", today), ("given_to", "Mme Aubert"), ("present", "Mme Nguyen")):
            desk.locator(f"#suite [name={name}]").fill(typed)
        click(desk, "Noter la restitution")
        desk.locator("#suite [name=wiped]").check()
        desk.locator("#suite [name=kept_until]").fill(today)
        click(desk, "Terminer")
        row.refresh_from_db()
        assert row.state == "closed"
        look(desk)
    with enter(town.coordinator, viewport=PHONE) as keeper:  # of the ressort: the court's own papers, nobody's file
        keeper.goto(live_server.url + reverse("phones:model"))
        look(keeper)
        keeper.locator("[name=letterhead]").fill("Tribunal judiciaire\nParquet")
        keeper.locator("[name=rank_term]").fill("1")
        click(keeper, "Enregistrer le modèle")
        look(keeper)  # refused beside its line
        assert keeper.locator("[name=letterhead]").input_value() == "Tribunal judiciaire\nParquet"
        keeper.locator("[name=rank_term]").fill("")
        click(keeper, "Enregistrer le modèle")
        look(keeper)
        assert "Version 1" in keeper.inner_text("main")
    for who in (town.apers_offender, town.coordinator):
        with enter(who) as attacker:
            for url in (page, live_server.url + reverse("phones:index"), live_server.url + reverse("phones:tests")):
                answer = attacker.goto(url)
                assert answer.status == 404
                assert NAME not in attacker.content()
    setting = Setting(town, timezone.now())
    serve(setting)
    with enter(town.prosecutor) as court:
        court.goto(live_server.url + reverse("phones:totals"))
        look(court)
        click(court, "Compter et transmettre")
        assert "Prochain envoi possible" in court.inner_text("main")
    with enter(townsperson(setting, Role.MAYOR), viewport=PHONE) as mayor:
        mayor.goto(live_server.url + reverse("phones:numbers"))
        assert "moins de 11" in mayor.inner_text("main")
        look(mayor)
    with enter(townsperson(setting, Role.COORDINATOR)) as coordinator:
        coordinator.goto(live_server.url + reverse("phones:copy_down"))
        look(coordinator)
    assert [line for line in console if "404" not in line and "422" not in line] == []
