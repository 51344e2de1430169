"""Checking a second factor: counted, slowed down and recorded in the same way wherever it is asked (MFA-01, PWD-02)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from webauthn.helpers import base64url_to_bytes

from casework import audit
from casework.access.accounts import flow
from casework.access.http import SignedInRequest
from casework.audit import Act
from casework.partners import actions, credentials, passkeys, reads, session_state, throttle
from casework.partners.models import Agent, Passkey

WRONG_CODE = "Ce code ne convient pas. Attendez que l’application en affiche un nouveau et recopiez-le."
WRONG_PASSKEY = "Cette clé ne convient pas. Réessayez, ou servez-vous du code de votre téléphone."
ADD, SIGN_IN, CONFIRM, UNLOCK = "add", "sign_in", "confirm", "unlock"
WRONG_RECOVERY = "Ce code de secours ne convient pas, ou il a déjà servi."


def check(request: SignedInRequest, agent: Agent, typed: str, *, with_recovery: bool) -> str:
    """Return why the second factor is refused, in French; "" if it is good."""
    device = reads.device(agent)
    counters = _counters(request, agent)
    if refusal := _slowed(request, counters, credentials.code_wait(device)):
        return refusal
    actor = flow.actor_for(request, agent)
    if with_recovery:
        good = actions.use_recovery_code(by=actor, agent=agent, typed=typed, now=request.now)
    else:
        good = credentials.check_code(device, agent, typed, actor)
    return _told(request, agent, counters, good=good, wrong=WRONG_RECOVERY if with_recovery else WRONG_CODE)


def check_passkey(request: SignedInRequest, agent: Agent, answer: str, purpose: str) -> tuple[str, Passkey | None]:
    """Return why a security key is refused, in French, and the key when it is good ("" then)."""
    counters = _counters(request, agent)
    if refusal := _slowed(request, counters, 0):
        return refusal, None
    challenge = asked_challenge(request, answer, purpose)
    used = None
    if challenge is not None:
        used = actions.use_passkey(
            by=flow.actor_for(request, agent), agent=agent, answer=answer, challenge=challenge, origin=origin(request),
            now=request.now,
        )  # fmt: skip
    return _told(request, agent, counters, good=used is not None, wrong=WRONG_PASSKEY), used


def passkey_options(request: SignedInRequest, agent: Agent, purpose: str) -> str:
    """Return what the browser asks a security key of this agent to sign, in JSON; "" without one."""
    rows = reads.passkeys(agent)
    if not rows:
        return ""
    with credentials.opened(flow.actor_for(request, agent), agent):
        held = [passkeys.material_of(row) for row in rows]
    challenge = session_state.new_challenge(request.session, purpose, request.now)
    return passkeys.request_options(held, origin=origin(request), challenge=challenge)


def new_passkey_options(request: SignedInRequest, agent: Agent) -> str:
    """Return what the browser asks a new security key to sign, in JSON."""
    rows = reads.passkeys(agent)
    with credentials.opened(flow.actor_for(request, agent), agent):
        held = [passkeys.material_of(row) for row in rows]
    challenge = session_state.new_challenge(request.session, ADD, request.now)
    return passkeys.creation_options(agent, held, origin=origin(request), challenge=challenge)


def asked_challenge(request: SignedInRequest, answer: str, purpose: str) -> bytes | None:
    """Return the challenge that this browser was given and signed, used up now; None for any other."""
    try:
        value = base64url_to_bytes(passkeys.challenge_in(answer))
    except ValueError:
        return None
    return value if session_state.take_challenge(request.session, value, purpose, request.now) else None


def origin(request: SignedInRequest) -> str:
    """Return the site that keys sign for. In production the one that was configured, whatever the request says."""
    if settings.IS_PRODUCTION:
        place = urlsplit(settings.BASE_URL)
        return f"{place.scheme}://{place.netloc}"
    return f"{request.scheme}://{request.get_host()}"


def _counters(request: SignedInRequest, agent: Agent) -> tuple[tuple[str, str], ...]:
    return throttle.keys(f"factor:{agent.pk}", request.net_prefix)


def _slowed(request: SignedInRequest, counters: tuple[tuple[str, str], ...], device_wait: int) -> str:
    left = int(throttle.wait(counters, request.now).total_seconds()) or device_wait
    return f"Trop d’essais. Réessayez dans {seconds(left + 1)}." if left else ""


def _told(
    request: SignedInRequest, agent: Agent, counters: tuple[tuple[str, str], ...], *, good: bool, wrong: str
) -> str:
    if good:
        throttle.succeeded((*counters, *throttle.keys(agent.email, "")))
        return ""
    throttle.failed(counters, request.now)
    actor = flow.actor_for(request, agent)
    audit.record(actor, Act.SIGN_IN_FAILED, obj=agent, outcome="denied", why="second_factor")
    return wrong


def seconds(count: int) -> str:
    """Return a wait as people say it."""
    if count < 60:
        return f"{count} seconde{'s' if count > 1 else ''}"
    minutes = -(-count // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
