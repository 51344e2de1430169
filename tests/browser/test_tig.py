"""A TIG in the browser: asked, accepted, decided, worked on the telephone and on paper, certified; no axe finding."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import localdate

from casework.placements.tig.codes import State
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import hours
from tests.browser.gestures import PHONE, follow, look
from tests.people import build as cast
from tests.placements.tig import setting as stage


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def at(day: date, hour: int, minute: int = 0) -> Any:
    """Go to that hour of a day; the clock runs."""
    return time_machine.travel(datetime.combine(day, time(hour, minute), ZoneInfo("Europe/Paris")), tick=True)


def only() -> TigPlacement:
    return TigPlacement.objects.get()


def asked(page: Any, url: str) -> None:
    """The officer asks for a place and reserves the post that fits."""
    page.goto(url + reverse("tig:demand"))
    look(page)
    page.get_by_label("Votre référence de dossier").fill("2026/4471")
    page.get_by_label("Heures à faire ici").fill("21")
    page.get_by_label("Dernière date utile").fill((localdate() + timedelta(days=150)).isoformat())
    page.get_by_label("Demi-journées par semaine").fill("6")
    for box in page.locator("[name=availability]").all()[:10]:
        box.check()
    press(page, "Chercher un poste")
    follow(page.get_by_role("link", name="Trouver un poste"))
    look(page)
    press(page, "Réserver et demander l’accueil")
    assert page.get_by_text("place réservée").first.is_visible()


def accepted(page: Any, url: str) -> None:
    """The host reads no name, and says yes with the tutor."""
    page.goto(url + "/mon-travail/")
    page.get_by_role("link", name="Répondre").first.click()
    look(page)
    page.get_by_label("Nous accueillons").check()
    page.get_by_label("Tuteur").select_option(label="Z. Marin")
    press(page, "Envoyer la réponse")


def decided(page: Any, url: str) -> None:
    """The officer records the decision; the host reads the name from then on."""
    page.goto(url + reverse("tig:act", args=[only().pk, "decision"]))
    page.get_by_label("Décision prise par").select_option(index=1)
    page.get_by_label("Nom", exact=True).fill("Zzmartin")
    page.get_by_label("Prénom").fill("Léo")
    press(page, "Enregistrer la décision")
    look(page)
    assert page.get_by_role("heading", name="Léo Zzmartin").is_visible()


def arrived(page: Any, url: str) -> None:
    """The tutor notes the arrival in one tap."""
    page.goto(url + reverse("tig:today"))
    look(page)
    press(page, "Présent à")
    assert page.get_by_text("présent", exact=True).first.is_visible()


def left(page: Any, url: str) -> None:
    """The end, which both confirm, on a telephone that locked itself meanwhile and was opened again."""
    page.goto(url + reverse("tig:today"))
    page.get_by_text("Fin de la demi-journée").click()
    press(page, "Enregistrer les heures")
    assert page.get_by_text("À cocher par la personne").first.is_visible()
    look(page)
    page.get_by_label("Arrivée").first.fill("08:30")
    page.get_by_label("La personne confirme ses heures").first.check()
    page.get_by_label("Le tuteur confirme").first.check()
    press(page, "Enregistrer les heures")
    assert page.get_by_text("confirmé par les deux").is_visible()


def sheet(page: Any, url: str, exception: bool) -> None:
    """The manager types the signed sheet: as planned, with an exception or not."""
    page.goto(url + reverse("tig:sheet", args=[only().post_id]))
    look(page)
    if exception:
        page.locator("select[name$=outcome]").last.select_option("absent_excused")
    press(page, "Comme prévu")


@pytest.mark.rule("TIG-08", "HOST-09", "HOST-12", "HOST-13", "ASG-01", "ASG-02", "ACL-04", "HOST-15")
def test_from_the_request_to_the_certificate(live_server: Any, enter: Any, console: list[str]) -> None:
    place = stage.build(cast())
    url, people = live_server.url, place.people
    with enter(people.spip) as officer:
        asked(officer, url)
    with enter(people.spip, viewport=PHONE) as officer:
        for name in ("hosts:posts", "tig:list"):
            officer.goto(url + reverse(name))
            look(officer)
    with enter(people.host) as host:
        accepted(host, url)
    with enter(people.spip) as officer:
        decided(officer, url)
    rows = list(only().half_days.order_by("day", "half"))
    assert len(rows) == 6
    first, last = rows[0].day, rows[-1].day
    with at(first, 8, 31), enter(place.tutor_mandate, viewport=PHONE) as phone:
        arrived(phone, url)
    with at(first, 12, 1), enter(place.tutor_mandate, viewport=PHONE) as phone:
        left(phone, url)
    with at(last, 18), enter(people.host) as host:
        sheet(host, url, exception=True)
        assert hours.done(only()) >= 14 * 60  # the tutor noted a minute or two less on the first morning
        host.goto(url + reverse("tig:page", args=[only().pk]))
        host.get_by_role("link", name="Planifier les heures qui restent").click()
        press(host, "Planifier les heures qui restent")
        look(host)
    while hours.done(only()) < only().minutes_here:
        following = only().half_days.filter(outcome="").order_by("day").last()
        with at(following.day, 18), enter(people.host) as host:
            sheet(host, url, exception=False)
    with at(following.day, 18, 30), enter(people.host) as host:
        host.goto(url + reverse("tig:page", args=[only().pk]))
        host.get_by_role("link", name="Établir l’attestation de fin").click()
        press(host, "Établir l’attestation de fin")
        assert host.get_by_role("link", name="Attestation de fin").is_visible()
        # Who decided is said in the decision (ASG-02); what was judged is not (HOST-15).
        said = host.content().lower().replace("juge de l’application des peines", "")
        assert "peine" not in said
        assert "infraction" not in said
    with at(following.day, 18, 40), enter(people.spip) as officer:
        officer.goto(url + reverse("tig:page", args=[only().pk]))
        officer.get_by_role("link", name="Terminer : heures faites").click()
        press(officer, "Terminer : heures faites")
        look(officer)
    assert only().state == State.COMPLETED
    # One answer was refused on purpose: the two boxes were not ticked.
    assert [each for each in console if "422" not in each] == []
