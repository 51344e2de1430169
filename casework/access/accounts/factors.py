"""Checking a second factor: counted, slowed down and recorded in the same way wherever it is asked (MFA-01, PWD-02)."""

from __future__ import annotations

from casework import audit
from casework.access.accounts import flow
from casework.access.http import SignedInRequest
from casework.audit import Act
from casework.partners import actions, credentials, reads, throttle
from casework.partners.models import Agent

WRONG_CODE = "Ce code ne convient pas. Attendez que l’application en affiche un nouveau et recopiez-le."
WRONG_RECOVERY = "Ce code de secours ne convient pas, ou il a déjà servi."


def check(request: SignedInRequest, agent: Agent, typed: str, *, with_recovery: bool) -> str:
    """Return why the second factor is refused, in French; "" if it is good."""
    device = reads.device(agent)
    counters = throttle.keys(f"factor:{agent.pk}", request.net_prefix)
    left = int(throttle.wait(counters, request.now).total_seconds()) or credentials.code_wait(device)
    if left:
        return f"Trop d’essais. Réessayez dans {seconds(left + 1)}."
    actor = flow.actor_for(request, agent)
    if with_recovery:
        good = actions.use_recovery_code(by=actor, agent=agent, typed=typed, now=request.now)
    else:
        good = credentials.check_code(device, agent, typed, actor)
    if good:
        throttle.succeeded((*counters, *throttle.keys(agent.email, "")))
        return ""
    throttle.failed(counters, request.now)
    audit.record(actor, Act.SIGN_IN_FAILED, obj=agent, outcome="denied", why="second_factor")
    return WRONG_RECOVERY if with_recovery else WRONG_CODE


def seconds(count: int) -> str:
    """Return a wait as people say it."""
    if count < 60:
        return f"{count} seconde{'s' if count > 1 else ''}"
    minutes = -(-count // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
