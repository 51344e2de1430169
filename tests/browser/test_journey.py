"""One month of the cellule in the browser, from the sign-in to the PDF, as each of the five roles; no axe finding."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from casework.minors.followups.actions import imports, mayor
from casework.minors.followups.models import Action, FollowUp, MayorDisclosure
from casework.minors.sessions.actions import meeting as meetings
from casework.minors.sessions.actions import minutes as minutes_acts
from casework.minors.sessions.actions import room as room_acts
from casework.minors.sessions.models import GroupSession
from casework.partners import totp
from tests.casefile.pdf_text import text as pdf_text
from tests.people import PASSWORD, TOTP_SEED, device_of, viewer_of
from tests.people import build as cast
from tests.sessions import room_setting

# role: (mandate, first name, last name, birth); initials say whose situation a page shows.
SAISINES = {
    "outreach": ("outreach_lead", "Wassim", "Zzxanthos", "2011-03-12"),
    "mds": ("mds_lead", "Kelly", "Zzvauban", "2010-05-02"),
    "aemo": ("aemo_lead", "Quentin", "Zzurbain", "2012-09-23"),
    "pjj": ("pjj_lead", "Xavier", "Zzkessler", "2009-11-30"),
    "coordinator": ("coordinator", "Ulysse", "Zzwagner", "2011-01-08"),
}
NAMES = [name for row in SAISINES.values() for name in row[1:3]] + [n for row in room_setting.CANARIES for n in row]


@pytest.fixture
def last_month() -> room_setting.Setting:
    """A town whose last meeting was held four weeks ago, its minutes approved."""
    then = timezone.now() - timedelta(days=28)
    town = room_setting.build(cast(), now=then)
    room_acts.close_session(by=town.by, session=town.session, now=then)
    town.session.refresh_from_db()
    minutes_acts.submit(by=town.by, session=town.session, now=then + timedelta(hours=1))
    minutes_acts.approve_silent(then + timedelta(days=20))
    return town


def sign_in(page: Any, url: str, mandate: Any) -> None:
    """Type the password, then the six digits as people type them."""
    mandate.agent.set_password(PASSWORD)
    mandate.agent.save(update_fields=["password"])
    device_of(mandate.agent)
    page.goto(url + "/")
    page.get_by_label("Adresse électronique").fill(mandate.agent.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    code = totp.code_at(TOTP_SEED, totp.step_at(timezone.now()))
    page.get_by_label("Code à 6 chiffres").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/mon-travail/")


def refer(page: Any, url: str, key: str) -> None:
    """Fill the saisine, one reason, one parent."""
    _, first, last, birth = SAISINES[key]
    page.goto(url + "/saisines/nouvelle/")
    page.fill("[name=last_name]", last)
    page.fill("[name=first_name]", first)
    page.fill("[name=birth_date]", birth)
    page.select_option("[name=sector]", label="Maille 2")
    page.get_by_label("décrochage scolaire").check()
    page.fill("[name=rep1-last_name]", last)
    page.get_by_role("button", name="Enregistrer la saisine").click()
    page.wait_for_url(lambda there: not there.endswith("/nouvelle/"))


def sort_all(page: Any, url: str) -> None:
    """Say « À étudier » of everything that waits."""
    page.goto(url + "/saisines/")
    waiting = page.get_by_role("button", name="À étudier")
    while waiting.count():
        with page.expect_navigation():
            waiting.first.click()
        page.goto(url + "/saisines/")
    assert page.get_by_text("Rien à trier.").is_visible()


def inform(page: Any, url: str, row: FollowUp) -> None:
    """Record that the youth and the parent were told, each apart."""
    family = f"{url}{reverse('followups:page', args=[row.pk])}?onglet=famille"
    for n in range(2):
        page.goto(family)
        page.locator("#information").get_by_role("link", name="Enregistrer").first.click()
        page.get_by_label("informé", exact=True).check()
        page.fill("[name=informed_on]", localdate().isoformat())
        page.select_option("[name=channel]", index=1 + n)
        with page.expect_navigation():
            page.get_by_role("button", name="Enregistrer").click()
    page.goto(family)
    assert page.locator("#information").get_by_role("link", name="Enregistrer").count() == 0


def convene(page: Any, url: str) -> GroupSession:
    """Prepare from last month's meeting, build the agenda, invite."""
    page.goto(url + "/reunions/")
    page.get_by_role("link", name="Préparer une réunion").click()
    assert page.input_value("[name=place]") == "Salle du conseil"
    assert page.locator("[name=organisations]:checked").count() == len(room_setting.MEMBERS)
    page.fill("[name=day]", localdate().isoformat())
    morning = localtime().hour < 12  # the half of the day that holds this minute
    page.fill("[name=start]", "00:00" if morning else "12:00")
    page.fill("[name=end]", "12:00" if morning else "23:59")
    page.get_by_role("button", name="Continuer vers l’ordre du jour").click()
    page.get_by_role("button", name="Construire l’ordre du jour").click()
    page.wait_for_selector(".ag-line")
    assert page.get_by_text("nouvelle saisine").count() >= len(SAISINES)
    page.get_by_role("button", name="Envoyer l’invitation").click()
    page.get_by_role("dialog").get_by_role("button", name="Envoyer l’invitation").click()
    page.get_by_text("invitations envoyées").first.wait_for()
    return GroupSession.objects.latest("starts_at")


def prepare(page: Any, url: str, session: GroupSession) -> None:
    """Click one state per situation; each click is saved by itself."""
    page.goto(url + reverse("meetings:prepare", args=[session.pk]))
    lines = page.locator("fieldset.pr-line")
    assert lines.count()
    for n in range(lines.count()):
        with page.expect_response(re.compile(r"/preparation/[0-9a-f-]{36}$")):
            lines.nth(n).get_by_text("Rien de nouveau").click()
        lines.nth(n).get_by_text("Enregistré à").wait_for()


def tab_to(page: Any, said: str) -> None:
    """Press Tab until the focus is on what says `said`."""
    for _ in range(120):
        page.keyboard.press("Tab")
        at = "((e) => e === document.body ? '' : e.innerText || e.ariaLabel || '')(document.activeElement)"
        if said in page.evaluate(at):
            return
    raise AssertionError(f"« {said} » is out of reach of the keyboard")


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.name || ''")


def choose(page: Any, field: str, typed: str) -> None:
    """Go to a select by Tab and type the beginning of the choice."""
    for _ in range(12):
        if focused(page) == field:
            break
        page.keyboard.press("Tab")
    assert focused(page) == field
    page.keyboard.type(typed)


def title(page: Any) -> str:
    return page.inner_text("h1")


def hold(page: Any, url: str, session: GroupSession) -> None:
    """Hold the whole meeting without touching the mouse: one new situation followed, an old one kept, the rest put off."""
    page.goto(url + reverse("meetings:room", args=[session.pk]))
    tab_to(page, "Ouvrir la réunion")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-salle]")
    total = session.lines.count()
    kept = followed = 0
    for n in range(1, total + 1):
        page.wait_for_selector(f"h1:has-text('{n}/{total}')")
        press(page, "Enter", "form[data-keep], form[data-question]")
        assert not [name for name in NAMES if name in page.content()]
        page.wait_for_timeout(650)  # a second key in the same breath is a slip
        if "W. Z." in title(page):
            decide(page)
            followed += 1
            continue
        kept += "On garde" in page.inner_text("form[data-keep]")
        after = f"h1:has-text('{n + 1}/{total}')" if n < total else "text=Tout l’ordre du jour est examiné."
        press(page, "g", after)
    assert followed == 1
    assert kept >= 1
    tab_to(page, "Clore la réunion")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("document.activeElement.innerText") == "Clore la réunion"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Cette réunion est close.")


def press(page: Any, key: str, until: str) -> None:
    """Press a key, once more if nothing came: what a person does."""
    for _ in range(3):
        page.keyboard.press(key)
        try:
            page.wait_for_selector(until, timeout=8000)
        except PlaywrightTimeout:
            continue
        return
    said = page.locator("[role=alert], [data-saved]").all_inner_texts()
    raise AssertionError(f"{key} had no effect: {title(page)} {said} {focused(page)}")


def decide(page: Any) -> None:
    """One decision by keyboard, then « Entrer en suivi »."""
    page.keyboard.press("Enter")
    page.keyboard.type("r")
    page.keyboard.type("éco")
    page.keyboard.press("Tab")
    page.keyboard.type("avec le collège")
    page.keyboard.press("Tab")
    page.keyboard.type("+2s")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mr-row:has-text('retour à l’école')")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    choose(page, "r-outcome", "Entrer")
    choose(page, "r-lead", "Rue")
    choose(page, "r-programme", "Pr")  # Playwright pastes an accented letter instead of typing it
    here = title(page)
    tab_to(page, "Conclure")
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => document.querySelector('h1').innerText !== before", arg=here)


def test_a_month_of_the_cellule(
    page: Any, live_server: Any, last_month: room_setting.Setting, enter: Any, console: list[str]
) -> None:
    people, url = last_month.people, live_server.url
    sign_in(page, url, people.outreach_lead)
    refer(page, url, "outreach")
    page.context.close()
    for key in ("mds", "aemo", "pjj", "coordinator"):
        with enter(people.mandates[SAISINES[key][0]]) as desk:
            refer(desk, url, key)
    rows = {
        key: FollowUp.objects.filter(referrals__organisation=people.mandates[row[0]].organisation).latest("received_at")
        for key, row in SAISINES.items()
    }

    with enter(people.coordinator) as desk:
        sort_all(desk, url)
        inform(desk, url, rows["outreach"])
        session = convene(desk, url)
    for key in ("outreach", "mds", "aemo", "pjj"):
        with enter(people.mandates[SAISINES[key][0]]) as desk:
            prepare(desk, url, session)

    with enter(people.coordinator, viewport={"width": 1920, "height": 1080}) as desk:
        desk.goto(url + reverse("meetings:page", args=[session.pk]))
        assert desk.get_by_text("préparé par 4 services").is_visible()
        hold(desk, url, session)
        desk.goto(url + reverse("meetings:minutes", args=[session.pk]))
        desk.get_by_role("button", name="Faire le relevé et le soumettre").click()
        desk.get_by_text("Présences").wait_for()
    decided = Action.objects.get(decided_in=session.pk)
    assert decided.owner_id == people.outreach_service.pk

    with enter(people.outreach_lead) as desk:
        read_and_approve(desk, url, session)
        printed_for_one_service(desk, url, session)
        outside_the_circle(desk, url, rows["pjj"], "Zzkessler")
        desk.goto(url + "/mon-travail/")
        mine = desk.locator("main").inner_text()
        assert rows["outreach"].reference in mine
        assert "Retour à l’école" in mine
    assert [text for text in console if "404" not in text] == []


def read_and_approve(page: Any, url: str, session: GroupSession) -> None:
    page.goto(url + reverse("meetings:minutes", args=[session.pk]))
    said = page.locator("main").inner_text()
    assert "W. Z." in said
    assert "X. Z." not in said
    page.get_by_label("approuvé", exact=False).first.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Répondre pour mon service").click()
    assert page.get_by_role("alert").count() == 0


def printed_for_one_service(page: Any, url: str, session: GroupSession) -> None:
    answer = page.request.get(url + reverse("meetings:minutes_pdf", args=[session.pk]))
    assert answer.headers["content-type"] == "application/pdf"
    said = pdf_text(answer.body())
    assert "W. Z." in said
    assert "etour à l’école" in said
    assert "X. Z." not in said
    assert not [name for name in NAMES if name in said]


def outside_the_circle(page: Any, url: str, row: FollowUp, name: str) -> None:
    """A situation of another service: never its name, neither in the list, nor the search, nor on a page."""
    for path in ("/situations/?etat=toutes", reverse("followups:page", args=[row.pk])):
        page.goto(url + path)
        assert name not in page.content()
    page.goto(url + "/situations/")
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/")
    assert page.locator("main .cw-name", has_text=name).count() == 0


SIZES = {"office": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
TABS = ("suivi", "actions", "reunions", "famille", "documents", "consultations")
SHEET = "Nom;Prénom;Né(e) le;Motif\nZZOLD;Mathéo;14/3/2011;décrochage scolaire\nZZNEW;Lola;31/02/2012;fugue\n"


@pytest.fixture
def everything(last_month: room_setting.Setting) -> dict[str, list[str]]:
    """Every main page, by the person who opens it: (mandate, addresses)."""
    people, now = last_month.people, timezone.now()
    by = viewer_of(people.coordinator, now=now)
    waiting = room_setting.follow_up(people, "Noam", "Zzreceived", now)
    FollowUp.objects.filter(pk=waiting.pk).update(sorted_at=None)
    session = meetings.prepare(
        by=by, now=now,
        data=meetings.MeetingData(
            starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=3), place="Salle du conseil",
            organisation_ids=tuple(people.organisations[key].pk for key in room_setting.MEMBERS),
        ),
    )  # fmt: skip
    for row in last_month.followed[:2]:
        meetings.add_line(by=by, session=session, follow_up=FollowUp.objects.get(pk=row.pk), now=now)
    meetings.convene(by=by, session=session, now=now)
    followed = FollowUp.objects.get(pk=last_month.followed[0].pk)
    letter = mayor.prepare(
        by=by, follow_up=followed, act="mayor_warning", gateway="csi_l132_3", ground="incivility", now=now
    )
    mayor.send(by=by, follow_up=followed, disclosure_id=letter.pk, now=now)
    letter = MayorDisclosure.objects.get(pk=letter.pk)
    batch = imports.deposit(by=by, content=SHEET.encode(), now=now)
    page = reverse("followups:page", args=[followed.pk])
    return {
        "coordinator": [
            "/mon-travail/", "/situations/", *(f"{page}?onglet={tab}" for tab in TABS), "/saisines/nouvelle/",
            "/saisines/", "/reunions/", "/reunions/nouvelle/", reverse("meetings:page", args=[session.pk]),
            reverse("meetings:agenda", args=[session.pk]), reverse("meetings:minutes", args=[last_month.session.pk]),
            reverse("followups:import"), reverse("followups:import_batch", args=[batch.pk]),
            reverse("followups:mayor_list"), "/qui-connait/", "/saisines/liens/", "/saisines/doublons/",
        ],
        "pjj_lead": ["/mon-travail/", reverse("meetings:prepare", args=[session.pk]), "/situations/", page],
        "mayor": ["/mon-travail/", reverse("followups:mayor_page", args=[letter.pk])],
    }  # fmt: skip


@pytest.mark.attack("T-51")
def test_every_page_is_accessible_and_whole(
    live_server: Any, last_month: room_setting.Setting, everything: dict[str, list[str]], enter: Any,
    console: list[str],
) -> None:  # fmt: skip
    found: list[tuple[str, ...]] = []
    for (key, addresses), size in product(everything.items(), SIZES):
        with enter(last_month.people.mandates[key], viewport=SIZES[size]) as desk:
            for address in addresses:
                answer = desk.goto(live_server.url + address)
                assert answer.status == 200, (key, address)
                found += [
                    (size, address, each["id"], each["nodes"][0]["html"])
                    for each in Axe().run(desk).response["violations"]
                ]
                if not desk.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                    found.append((size, address, "wider than the screen"))
    assert found == []
    assert console == []
