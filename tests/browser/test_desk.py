"""The frame in a real browser: keys, names, drafts that survive the network, the lock, no axe finding."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from casework.casefile import drafts, work
from casework.casefile.registry import Sources
from casework.casefile.work import WorkItem
from tests.people import client_for, viewer_of

WIDTHS = {"office": (1366, 768), "projector": (1920, 1080), "phone": (390, 844)}
FORM = """() => {
  const form = document.createElement("form");
  form.dataset.autosave = "test.form";
  form.innerHTML = '<label>Texte <textarea name="text"></textarea></label>' +
    '<label><input type="checkbox" name="box" value="a"> a</label>' +
    '<input type="password" name="secret" aria-label="secret"><p data-draft-status><span data-draft-text></span></p>';
  document.querySelector("main").append(form);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: document.body } }));
}"""


@pytest.fixture
def signed_in(live_server: Any, people: Any, context: Any) -> Any:
    """The office PC of the PJJ agent."""
    cookie = client_for(people.pjj).cookies["session"]
    context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server.url}])
    return people.pjj


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines of work and nothing else."""
    sources: Sources[WorkItem] = Sources()
    sources.register(
        lambda viewer, now: [
            WorkItem(
                group_when=now.date(), kind="mine", reference=f"MIR-2026-{n}", label="Rendez-vous", url=f"/aide/?{n}"
            )
            for n in ("AAAA", "BBBB")
        ]
    )
    monkeypatch.setattr(work, "_SOURCES", sources)


@pytest.mark.attack("T-51")
@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize(
    "path",
    ["/mon-travail/", "/aide/", "/aide/qui-voit-quoi/", "/confidentialite/", "/accessibilite/", "/nulle-part/"],
)
def test_pages_are_accessible_and_whole(live_server, signed_in, lines, page, console, path, size):
    width, height = WIDTHS[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(live_server.url + path)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expected = 1 if path == "/nulle-part/" else 0  # the 404 itself
    assert len(console) == expected, console


def test_keys(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    page.keyboard.press("?")
    assert page.locator("#cw-keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#cw-keys").is_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert "MIR-2026-BBBB" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/aide/?AAAA")


def test_names_hide_by_a_key_and_stay_hidden(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    with page.expect_response("**/masquer-les-noms"):
        page.keyboard.press("m")
    page.goto(live_server.url + "/aide/")
    assert "cw-names-hidden" in page.locator("body").get_attribute("class")
    assert page.get_by_role("button", name="Noms masqués").get_attribute("aria-pressed") == "true"


def test_a_draft_is_kept_and_comes_back(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    page.evaluate(FORM)
    page.fill("textarea", "contact pris avec la famille")
    page.check("[name=box]")
    page.fill("[name=secret]", "mot de passe")
    page.locator("[data-draft-text]", has_text="Brouillon enregistré à").wait_for()
    page.wait_for_timeout(1500)
    found = drafts.load(viewer_of(signed_in), "test.form", now=viewer_now())
    assert found.fields["text"] == ("contact pris avec la famille",)
    assert "secret" not in found.fields
    page.reload()
    page.evaluate(FORM)
    page.locator("[data-draft-text]", has_text="repris").wait_for()
    assert page.input_value("textarea") == "contact pris avec la famille"
    assert page.is_checked("[name=box]")
    assert page.input_value("[name=secret]") == ""
    page.get_by_role("button", name="Ne pas le reprendre").click()
    assert page.input_value("textarea") == ""


def test_words_typed_right_after_coming_back_to_a_sent_form_are_kept(live_server, signed_in, lines, page, console):
    told: list[str] = []

    def sent_the_first_time(route):
        if route.request.method != "POST" or told:
            return route.continue_()
        told.append("sent")
        return route.fulfill(json={"saved": False, "sent": True})

    page.goto(live_server.url + "/mon-travail/")
    page.route("**/brouillons/*", sent_the_first_time)
    page.evaluate(FORM)
    page.fill("textarea", "et encore ceci")
    page.locator("[data-draft-text]", has_text="Brouillon enregistré à").wait_for()
    assert told == ["sent"]
    found = drafts.load(viewer_of(signed_in), "test.form", now=viewer_now())
    assert found.fields["text"] == ("et encore ceci",)
    assert console == []


def viewer_now():
    from django.utils import timezone

    return timezone.now()


@pytest.mark.attack("R-03")
def test_nothing_typed_is_lost_when_the_network_falls(live_server, signed_in, lines, page, context):
    page.goto(live_server.url + "/mon-travail/")
    page.evaluate(FORM)
    context.set_offline(True)
    page.fill("textarea", "écrit sans réseau")
    page.locator("[data-draft-text]", has_text="le réseau est coupé").wait_for()
    assert page.locator("[data-net]").first.is_visible()
    assert page.input_value("textarea") == "écrit sans réseau"
    context.set_offline(False)
    page.locator("[data-draft-text]", has_text="Brouillon enregistré à").wait_for()
    found = drafts.load(viewer_of(signed_in), "test.form", now=viewer_now())
    assert found.fields["text"] == ("écrit sans réseau",)


@pytest.mark.attack("T-52")
def test_nothing_is_stored_in_the_browser(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    page.evaluate(FORM)
    page.fill("textarea", "canari")
    page.locator("[data-draft-text]", has_text="Brouillon enregistré à").wait_for()
    page.goto(live_server.url + "/aide/")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("caches.keys().then((keys) => keys.length)") == 0
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_a_second_click_sends_nothing(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    sent = []
    page.on("response", lambda answer: sent.append(answer.status) if answer.request.method == "POST" else None)
    page.evaluate(
        """() => {
      const form = document.createElement("form");
      form.method = "post"; form.action = "/presence"; form.id = "twice";
      form.innerHTML = '<input type="hidden" name="csrfmiddlewaretoken"><button>Envoyer</button>';
      form.elements.csrfmiddlewaretoken.value = document.body.dataset.csrf;
      document.querySelector("main").append(form);
    }"""
    )
    page.evaluate("() => { const b = document.querySelector('#twice button'); b.click(); b.click(); b.click(); }")
    page.wait_for_timeout(500)
    assert sent == [204]


def test_what_cannot_be_undone_is_asked_by_name(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    page.evaluate(
        """() => {
      const button = document.createElement("button");
      button.dataset.confirm = "Clore la situation MIR-2026-AAAA ?";
      button.textContent = "Clore"; button.type = "button"; button.id = "end";
      button.addEventListener("click", () => { document.body.dataset.ended = "yes"; });
      document.querySelector("main").append(button);
    }"""
    )
    page.click("#end")
    assert page.get_by_role("dialog").get_by_text("Clore la situation MIR-2026-AAAA ?").is_visible()
    page.get_by_role("button", name="Annuler").click()
    assert page.evaluate("document.body.dataset.ended") is None
    page.click("#end")
    page.get_by_role("dialog").get_by_role("button", name="Clore").click()
    page.wait_for_function("document.body.dataset.ended === 'yes'")


def test_menus_work_without_script_and_close_with_escape(live_server, signed_in, lines, page, browser):
    page.goto(live_server.url + "/mon-travail/")
    menu = page.locator(".cw-menu-account")
    menu.locator("summary").click()
    assert menu.get_by_text("Aide et raccourcis").is_visible()
    page.keyboard.press("Escape")
    assert not menu.get_by_text("Aide et raccourcis").is_visible()
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    there = plain.new_page()
    there.goto(live_server.url + "/mon-travail/")
    there.locator(".cw-menu-account summary").click()
    assert there.get_by_text("Aide et raccourcis").is_visible()
    there.get_by_role("button", name="Masquer les noms").click()
    assert "cw-names-hidden" in there.locator("body").get_attribute("class")
    plain.close()


def test_a_screen_left_alone_locks_after_saving_the_draft(live_server, signed_in, lines, page):
    page.goto(live_server.url + "/mon-travail/")
    page.evaluate(FORM)
    page.fill("textarea", "tapé juste avant")
    page.evaluate("casework.setIdle(1)")
    page.wait_for_url("**/connexion/verrouillage**")
    found = drafts.load(viewer_of(signed_in), "test.form", now=viewer_now())
    assert found.fields["text"] == ("tapé juste avant",)
    page.goto(live_server.url + "/mon-travail/")
    assert "/connexion/verrouillage" in page.url
