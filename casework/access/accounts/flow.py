"""Between the password and the desk: who is half-way in, and what happens once both factors are given.

Until then nobody is signed in: the session only remembers who gave a password, for ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.models import Device

from casework import audit
from casework.access.http import SignedInRequest
from casework.access.refusals import actor_of
from casework.audit import Act, Actor
from casework.partners import actions, genuine, reads, session_state
from casework.partners.models import Agent

PENDING = "pending"
INVITATION = "invitation"
CODE, ENROL = "code", "enrol"
_LASTS = {CODE: timedelta(minutes=10), ENROL: timedelta(minutes=30)}
BACKEND = "casework.partners.backends.EmailBackend"


@dataclass(frozen=True)
class Pending:
    """Somebody who gave the right password, and the step that is left."""

    agent: Agent
    step: str
    next: str
    invitation: str


def actor_for(request: HttpRequest, agent: Agent) -> Actor:
    """Return `agent` as the one who acts, before any function is chosen."""
    known = actor_of(request)
    if known is not None and known.agent_id == agent.pk:
        return known
    return Actor(
        agent_id=agent.pk,
        organisation_id=None,
        mandate_id=None,
        territory_id=None,
        role="",
        session_ref=session_state.reference(request.session),
        request_id=getattr(request, "request_id", ""),
        net_prefix=getattr(request, "net_prefix", ""),
    )


def wait_for(request: HttpRequest, agent: Agent, step: str, *, back: str = "", invitation: str = "") -> None:
    """Remember who gave the password, under a new session key."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "agent": str(agent.pk),
        "step": step,
        "at": int(_now(request).timestamp()),
        "next": back,
        "invitation": invitation,
    }


def pending(request: HttpRequest, step: str) -> Pending | None:
    """Return who is expected at this step, None when nobody is or the time is over."""
    kept: dict[str, Any] = request.session.get(PENDING) or {}
    if kept.get("step") != step:
        return None
    age = int(_now(request).timestamp()) - int(kept.get("at", 0))
    if not 0 <= age < _LASTS[step].total_seconds():
        del request.session[PENDING]
        return None
    agent = genuine.checked(Agent.objects.filter(pk=UUID(kept["agent"]), is_active=True).first())
    if agent is None:
        return None
    return Pending(agent, step, str(kept.get("next", "")), str(kept.get("invitation", "")))


def verified(request: HttpRequest) -> Agent | None:
    """Return the agent of an open session with both factors, on public pages too."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_verified() or not is_open(request):
        return None
    return signed_in_agent(request)


def signed_in_agent(request: HttpRequest) -> Agent:
    """Return the agent itself, out of the lazy wrappings that the middleware put around `request.user`."""
    user: Any = request.user
    while isinstance(user, SimpleLazyObject):
        bool(user.pk)  # evaluates it
        user = user._wrapped
    return cast(Agent, user)


def is_open(request: HttpRequest) -> bool:
    """Say whether the session is neither locked nor over."""
    return session_state.state(request.session, _now(request)) is session_state.SessionState.OPEN


def complete(request: HttpRequest, agent: Agent, device: Device, *, why: str = "") -> None:
    """Sign in: both factors are given (MFA-01). New session key; the agent's other sessions close."""
    now = _now(request)
    mandate = reads.preferred_mandate(agent, now)
    audit.record(
        actor_for(request, agent),
        Act.SIGN_IN,
        obj=agent,
        why=why,
        territory_id=mandate.territory_id if mandate else None,
    )
    request.session.pop(PENDING, None)
    request.session.pop(INVITATION, None)
    login(request, agent, backend=BACKEND)
    django_otp.login(request, device)
    session_state.begin(request.session, mandate_id=mandate.pk if mandate else None, now=now)
    if settings.IS_DEMO:
        return
    closed = actions.close_sessions(
        by=actor_for(request, agent), agent=agent, keep_session=request.session.session_key or "", now=now, tell=True
    )
    if closed:
        messages.info(request, "Votre session ouverte sur un autre poste vient d’être fermée.")


def safe_next(request: HttpRequest, given: str | None) -> str:
    """Return a path of this site to come back to, "" otherwise."""
    target = given or ""
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    return "" if target.startswith("/connexion/") else target


def home() -> str:
    """Return where a signed-in agent starts the day."""
    return reverse("desk:home")


def _now(request: HttpRequest) -> Any:
    return cast(SignedInRequest, request).now
