"""A pupil received, in the browser: the school, the host on a tablet, the family's sheet, the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.casefile import calendar
from casework.exclusions import law
from casework.exclusions.actions import erasing, lines
from casework.exclusions.models import EndedSupport, ExclusionSupport
from tests.browser.gestures import PHONE, click, follow, look
from tests.exclusions import setting
from tests.exclusions.setting import Setting
from tests.people import build as cast
from tests.people import client_for

TABLET = {"width": 1024, "height": 768}


@pytest.fixture
def town() -> Setting:
    return setting.build(cast(), timezone.now())


def go(page: Any, live: Any, name: str, *args: Any) -> None:
    page.goto(live.url + reverse(f"exclusion_support:{name}", args=args))
    look(page)


@pytest.mark.attack("T-40")
@pytest.mark.rule("EXC-07", "EXC-16", "EXC-18", "EXC-20", "EXC-21")
def test_from_a_place_without_a_name_to_a_line_of_nobody(
    enter: Any, live_server: Any, town: Setting, console: list[str]
) -> None:
    people = town.people
    with enter(people.mandates["school_lead"]) as desk:
        hold_and_name(desk, live_server, town)
        row = ExclusionSupport.objects.get()
    with enter(people.mandates["host_lead"], viewport=TABLET) as desk:
        go(desk, live_server, "asked")
        assert setting.NAME not in desk.inner_text("body"), "no name before the yes"
        follow(desk.get_by_role("link", name="Répondre"))
        look(desk)
        desk.locator("[name=answer][value=yes]").check()
        click(desk, "Envoyer la réponse")
        look(desk)
    with enter(people.mandates["school_lead"]) as desk:
        the_family_says_yes(desk, live_server, row)
    with enter(people.mandates["host_lead"], viewport=TABLET) as desk:
        go(desk, live_server, "page", row.pk)
        assert "Insultes" not in desk.inner_text("body"), "the lead does not read the reason"
        desk.locator("form[action$='/educateur'] [name=mandate]").first.select_option(str(people.mandates["host"].pk))
        click(desk, "Nommer")
        look(desk)
    on_the_day(enter, live_server, town, row)
    colleague = client_for(people.mandates["school_colleague"])
    page = reverse("exclusion_support:page", args=[row.pk])
    assert colleague.get(page).status_code == 404, "a colleague of the school, on nothing of this pupil"
    end_of_year(enter, live_server, town, row)
    assert console == []


def hold_and_name(desk: Any, live: Any, town: Setting) -> None:
    """A place the same day without a name, then the name, in two minutes."""
    desk.goto(
        live.url
        + reverse("exclusion_support:receive")
        + f"?kind=exclusion&level=4e&starts_on={town.monday.isoformat()}"
        + f"&ends_on={(town.monday + timedelta(days=4)).isoformat()}"
    )
    look(desk)
    boxes = desk.locator("[name=half_days]")
    for number in range(4):
        boxes.nth(number).check()
    click(desk, "Tenir la place, sans nom")
    look(desk)
    assert "sans nom" in desk.inner_text("main")
    desk.get_by_role("link", name="Annoncer l’élève").click()
    desk.locator("[name=last_name]").fill(setting.NAME)
    desk.locator("[name=first_name]").fill("Ilan")
    desk.locator("[name=procedure_on]").fill(calendar.add_working_days(town.today, -4).isoformat())
    desk.locator("[name=reason]").select_option("insult")
    desk.locator("[name=parent]").fill("Mme Zzmere")
    desk.locator("[name=phone]").fill("0639980066")
    desk.get_by_text("Brouillon enregistré").first.wait_for()
    click(desk, "Annoncer l’élève")
    look(desk)
    assert setting.NAME in desk.inner_text("main")


def the_family_says_yes(desk: Any, live: Any, row: ExclusionSupport) -> None:
    """The sheet is printed, both say yes, a copy is handed over."""
    go(desk, live, "page", row.pk)
    with desk.expect_download() as paper:
        desk.get_by_role("link", name="La feuille à signer").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    form = desk.locator("form[action$='/famille']")
    form.locator("[name=party][value=both]").check()
    form.locator("[name=answer][value=agreed]").check()
    form.locator("[name=copy_given]").check()
    click(desk, "Enregistrer la réponse")
    look(desk)
    row.refresh_from_db()
    assert row.state == "agreed"


def on_the_day(enter: Any, live: Any, town: Setting, row: ExclusionSupport) -> None:
    """The educator writes who came, arranges the days, holds the return; on a tablet, then a telephone."""
    with time_machine.travel(datetime.combine(town.monday, datetime.min.time()) + timedelta(hours=14), tick=True):
        with enter(town.people.mandates["host"], viewport=TABLET) as desk:
            go(desk, live, "week")
            assert setting.NAME in desk.inner_text("main") or "I. Z." in desk.inner_text("main")
            desk.locator("form[action$='/presence'] [value=present]").first.click()
            desk.wait_for_load_state()
            look(desk)
            go(desk, live, "page", row.pk)
            assert "Insultes" in desk.inner_text("body"), "the named educator reads the reason, as a code"
        with enter(town.people.mandates["host"], viewport=PHONE) as desk:
            go(desk, live, "page", row.pk)
            desk.get_by_text("La rencontre a eu lieu").click()
            form = desk.locator("form[action$='/rencontre']")
            form.locator("[name=held_on]").fill(town.monday.isoformat())
            form.locator("[name=attendees][value=pupil]").check()
            form.locator("[name=attendees][value=parents]").check()
            form.get_by_role("button", name="Enregistrer").click()
            desk.wait_for_load_state()
            look(desk)
            form = desk.locator("form[action$='/convenu']")
            form.locator("[name=agreed][value=tutor]").check()
            form.get_by_role("button", name="Enregistrer").click()
            desk.wait_for_load_state()
            click(desk, "Clore l’accueil")
            look(desk)
    row.refresh_from_db()
    assert row.state == "closed"


def end_of_year(enter: Any, live: Any, town: Setting, row: ExclusionSupport) -> None:
    """In August nothing is left but a line; the coordinator reads conventions and published figures, no pupil."""
    august = calendar.start_instant(law.year_end(row.school_year) + timedelta(days=1))
    erasing.erase_over(august)
    assert not ExclusionSupport.objects.exists()
    lines.write_lines(august + timedelta(days=40))
    assert EndedSupport.objects.get().half_days == 1
    with enter(town.people.coordinator) as desk:
        go(desk, live, "town_conventions")
        assert setting.NAME not in desk.inner_text("body")
