"""Security keys in a real browser, under our content policy, with Chromium's virtual authenticator."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.partners.helpers import PASSWORD, invited, with_account
from tests.people import People, client_of

PHRASE = "sept petits mots pour ouvrir la porte"


@pytest.fixture
def key(page: Any, context: Any) -> Any:
    """Plug a security key that answers as soon as it is asked, without a finger."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False,
            "isUserVerified": False, "automaticPresenceSimulation": True,
        }},
    )  # fmt: skip
    return session, made["authenticatorId"]


def site(live_server: Any) -> str:
    """Keys belong to a name, not to an address."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


def enter(page: Any, base: str, email: str, password: str) -> None:
    page.goto(base + reverse("partners:sign_in"))
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/code")


@pytest.mark.rule("MFA-01", "MFA-03", "MFA-04")
@pytest.mark.attack("T-51")
def test_a_newcomer_brings_a_key(live_server: Any, people: People, page: Any, key: Any, console: list[str]) -> None:
    base, link = site(live_server), invited(people)
    page.goto(base + reverse("partners:invitation", args=[link.token]))
    page.get_by_label("Mot de passe", exact=True).fill(PHRASE)
    page.get_by_label("Le même, encore une fois").fill(PHRASE)
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_role("link", name="J’ai une clé de sécurité à la place").click()
    page.get_by_role("button", name="Toucher ma clé").click()
    assert "Donnez d’abord un nom" in page.get_by_role("alert").first.inner_text()
    page.get_by_label("Nom de cette clé").fill("clé du bureau")
    page.get_by_role("button", name="Toucher ma clé").click()
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    page.get_by_role("link", name="Mes codes sont rangés").click()
    page.context.clear_cookies()
    enter(page, base, link.agent.email, PHRASE)
    page.get_by_role("button", name="Me servir de ma clé").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)
    page.goto(base + reverse("partners:account"))
    assert "clé du bureau" in page.content()
    assert console == []


@pytest.mark.rule("MFA-01")
def test_adding_using_and_removing_a_key(live_server: Any, people: People, page: Any, context: Any, key: Any) -> None:
    base, agent = site(live_server), people.pjj.agent
    with_account(agent)
    cookie = client_of(agent).cookies["session"]
    context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
    page.goto(base + reverse("partners:account"))
    page.get_by_role("link", name="Ajouter une clé de sécurité").click()
    page.get_by_label("Nom de cette clé").fill("clé bleue")
    page.get_by_role("button", name="Toucher ma clé").click()
    page.wait_for_url("**/compte/")
    assert "clé bleue" in page.content()
    page.goto(base + reverse("partners:add_passkey"))
    page.get_by_label("Nom de cette clé").fill("encore elle")
    page.get_by_role("button", name="Toucher ma clé").click()
    page.get_by_text("Cette clé est déjà reliée à votre compte.").wait_for()
    context.clear_cookies()
    enter(page, base, agent.email, PASSWORD)
    session, authenticator = key
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.get_by_role("button", name="Me servir de ma clé").click()
    page.get_by_role("alert").filter(has_text="réessayer").wait_for(timeout=130_000)
    assert "/connexion/code" in page.url, "another key opens nothing"
