"""A quarter in the browser: opened at the town hall, answered on a phone without an account, published, read by the mayor."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.indicators.quarters.actions import contributors
from casework.indicators.quarters.models import Asking, Contributor
from tests.browser.gestures import PHONE, click, follow, look
from tests.indicators.quarters.setting import Setting, link
from tests.people import build as cast


@pytest.fixture
def town() -> Setting:
    return Setting(cast(), timezone.now())


@pytest.mark.attack("T-39")
@pytest.mark.rule("SDC-05", "SDC-07")
def test_from_a_list_of_partners_to_a_dashboard_that_the_mayor_reads(
    enter: Any, live_server: Any, browser: Any, town: Setting, console: list[str]
) -> None:
    people = town.people
    before = town.published(period=town.last.back(1))
    contributors.end(by=town.viewer(), contributor=Contributor.objects.get(), expected=None, now=town.now)
    with enter(people.coordinator) as desk:
        desk.goto(live_server.url + reverse("quarters:contributor_new"))
        look(desk)
        desk.get_by_label("Nom", exact=True).fill("Commissariat central")
        desk.get_by_label("Nature").select_option("national_police")
        desk.get_by_label("Adresse électronique").fill("chiffres@example.org")
        click(desk, "Ajouter")
        look(desk)
        desk.goto(live_server.url + reverse("quarters:index"))
        look(desk)
        click(desk, "Ouvrir ce trimestre")
        look(desk)
        assert "0 réponse sur 1" in desk.inner_text("main")
    row = Asking.objects.select_related("quarter").exclude(quarter=before).get()
    on_a_phone(browser, live_server, row, console)
    quarter = row.quarter
    page_of = live_server.url + reverse("quarters:page", args=[quarter.pk])
    with enter(people.coordinator) as desk:
        desk.goto(page_of)
        follow(desk.get_by_role("link", name="Écrire la note et le commentaire"))
        look(desk)
        desk.get_by_label("Ambiance, Centre").select_option("calm")
        desk.get_by_label("En quelques mots, Centre").fill("Vu Karim Benali hier soir.")
        click(desk, "Enregistrer")
        assert "ne parle de personne" in desk.inner_text("main")
        look(desk)
        desk.get_by_label("En quelques mots, Centre").fill("Soirées calmes.")
        click(desk, "Enregistrer")
        follow(desk.get_by_role("link", name="Noter la réunion"))
        look(desk)
        desk.get_by_label("Date de la réunion").fill(f"{timezone.localdate():%Y-%m-%d}")
        desk.get_by_label("Conclusion 1", exact=True).select_option("mediation")
        click(desk, "Enregistrer")
        look(desk)
        desk.get_by_role("button", name="Publier le tableau de bord").click()
        desk.locator("#cw-confirm [data-confirm-yes]").click()
        desk.get_by_text("Les nombres ne changent plus").wait_for()
        look(desk)
    for viewport in ({"width": 1366, "height": 768}, PHONE):
        with enter(people.mayor, viewport=viewport) as desk:
            desk.goto(live_server.url + reverse("quarters:index"))
            look(desk)
            follow(desk.get_by_role("link", name="Toutes les courbes"))
            look(desk)
            words = desk.inner_text("main")
            assert "Soirées calmes." in words
            assert "non affiché" in words
            assert "Relancer" not in words
    assert [each for each in console if "422" not in each] == [], "a slip refused is said by the browser too"


def on_a_phone(browser: Any, live_server: Any, row: Asking, console: list[str]) -> None:
    """Fill the link on a telephone: a slip first, then the counts; then the link says its day only."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR")
    phone = context.new_page()
    phone.on("pageerror", lambda error: console.append(str(error)))
    phone.goto(live_server.url + link(row))
    look(phone)
    boxes = phone.locator(".qu-box input")
    for n in range(boxes.count()):
        boxes.nth(n).fill(str(7 + n))
    boxes.nth(0).fill("-3")
    phone.get_by_label("Je n’ai pas ce chiffre").last.check()
    boxes.last.fill("")
    click(phone, "Envoyer")
    look(phone)
    assert "Un nombre ne peut pas être négatif." in phone.inner_text("main")
    assert boxes.nth(1).input_value() == "8"
    boxes.nth(0).fill("2")
    click(phone, "Envoyer")
    look(phone)
    assert "Merci, c’est envoyé" in phone.inner_text("main")
    phone.goto(live_server.url + link(Asking.objects.get(pk=row.pk)))
    assert "Déjà envoyé le" in phone.inner_text("main")
    context.close()
