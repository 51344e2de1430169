"""What the tests of partners share: a browser that signs in for real, codes of a phone, one-time links."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.audit.models import AuditEvent
from casework.partners import actions, credentials, reads, totp
from casework.partners.models import Agent, Mandate, TotpDevice
from tests.people import PASSWORD, TOTP_SEED, device_of

# Strong by the seven-word recipe, and another by the twelve-sign one.
PHRASE = "sept petits mots pour ouvrir la porte"
OTHER = "Platane-2031!x"


def by_self(agent: Agent) -> audit.Actor:
    """Return the agent acting on its own account."""
    return audit.Actor(
        agent_id=agent.pk, organisation_id=None, mandate_id=None, territory_id=None, role="",
        session_ref="test-session", request_id="test", net_prefix="127.0.0.0/24",
    )  # fmt: skip


def by(mandate: Mandate) -> audit.Actor:
    """Return the actor of a mandate."""
    return audit.Actor(
        agent_id=mandate.agent_id, organisation_id=mandate.organisation_id, mandate_id=mandate.pk,
        territory_id=mandate.territory_id, role=mandate.role, session_ref="test-session", request_id="test",
        net_prefix="127.0.0.0/24",
    )  # fmt: skip


def code(seed: str = TOTP_SEED, steps: int = 0) -> str:
    """Return the code of a phone now, or some steps away."""
    return totp.code_at(seed, totp.step_at(timezone.now()) + steps)


def with_account(agent: Agent, password: str = PASSWORD) -> TotpDevice:
    """Give an agent a password and a phone."""
    agent.set_password(password)
    agent.save()
    return device_of(agent)


def give_password(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("partners:sign_in"), {"email": email, "password": password, **extra})


def give_code(client: Client, typed: str, **extra: Any) -> Any:
    return client.post(reverse("partners:second_factor"), {"code": typed, **extra})


def sign_in(agent: Agent, password: str = PASSWORD) -> Client:
    """Return a browser signed in through the real pages."""
    client = Client()
    assert give_password(client, agent.email, password).status_code == 302
    assert give_code(client, code()).status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Say whether this browser reaches a page of signed-in agents."""
    return bool(client.get(reverse("partners:account")).status_code == 200)


def invited(people: Any, email: str = "nouvelle@mireval.example", **given: Any) -> actions.Invited:
    """Let the lead of the AEMO invite a colleague."""
    values = {
        "by": by(people.aemo_lead), "email": email, "first_name": "Léa", "last_name": "Ferry",
        "organisation": people.aemo_service, "role": "aemo", "now": timezone.now(),
    } | given  # fmt: skip
    return actions.invite(**values)


def open_link(token: str) -> Client:
    """Return a browser that followed a one-time link."""
    client = Client()
    client.get(reverse("partners:invitation", args=[token]))
    return client


def choose_password(client: Client, password: str = PHRASE) -> Any:
    return client.post(reverse("partners:choose_password"), {"password": password, "again": password})


def enrol(client: Client, agent: Agent) -> list[str]:
    """Go through the phone page; return the recovery codes shown."""
    device = reads.device(agent, confirmed=False)
    assert device is not None
    response = client.post(reverse("partners:enrol"), {"code": code(seed_of(device, agent))})
    assert response.status_code == 200, response.content.decode()
    return re.findall(r"[2-9A-Z]{5}-[2-9A-Z]{5}", response.content.decode())


def enrolled_codes(agent: Agent) -> list[str]:
    """Give an agent recovery codes and return them."""
    return actions.regenerate_recovery_codes(by=by_self(agent), agent=agent, now=timezone.now())


def seed_of(device: TotpDevice, agent: Agent) -> str:
    """Return the key of a phone, read under the gate."""
    with credentials.opened(by_self(agent), agent):
        return device.seed or ""


def events(act: audit.Act, why: str | None = None) -> Any:
    rows = AuditEvent.objects.filter(act=act.value)
    return rows if why is None else rows.filter(why=why)


def agent_of(agent_id: UUID) -> Agent:
    return Agent.objects.get(pk=agent_id)
