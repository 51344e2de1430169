"""Finding the viewer of a request: a verified agent, under one live and genuine mandate."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from casework import audit
from casework.access import memo
from casework.access.approvals import reads as approvals
from casework.access.exclusions import reads as exclusions
from casework.access.viewer import Viewer, viewer_for
from casework.errors import AccessRefused
from casework.partners import session_state
from casework.partners.models import Agent, Mandate
from casework.partners.prepared import Prepared
from casework.partners.session_state import SessionState

logger = logging.getLogger("casework.access")


def net_prefix(address: str) -> str:
    """Return the network of `address` (/24 or /48), enough to tell an office from elsewhere; "" if unreadable."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def client_address(meta: Mapping[str, str]) -> str:
    """Return the address of whoever asks: the last one of X-Forwarded-For that no trusted proxy of ours wrote.

    Anybody can send that header: it is read only behind TRUSTED_PROXIES.
    """
    address = meta.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while forwarded and _is_trusted(address):
        address = forwarded.pop()
    return address


def _is_trusted(address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(each) for each in settings.TRUSTED_PROXIES)
    except ValueError:
        return False


def running_mandates(agent: Agent, now: datetime) -> list[Mandate]:
    """Return the mandates `agent` may work under at `now`, latest first, with organisation and territory.

    Asked once a page: the menu lists them too.
    """
    return memo.once(("mandates", agent.pk, now), lambda: _running.rows(agent=agent.pk, now=now))


def _ask_running(agent: UUID, now: datetime) -> QuerySet[Mandate]:
    rows = Mandate.objects.live(now).filter(agent_id=agent).select_related("organisation", "territory")
    rows = rows.annotate(may_be_shut_out=exclusions.is_known_to(), has_requests=approvals.is_known_to())
    return rows.order_by("-starts_at", "id")


_running = Prepared(_ask_running, agent=UUID, now=datetime)


def current_mandate(agent: Agent, chosen: UUID | None, now: datetime) -> Mandate | None:
    """Return the mandate `agent` works under at `now`, None without a live one; one query.

    Among those whose charter is signed, if any: the one chosen in the session, else the last one used,
    else the most recent.
    """
    running = running_mandates(agent, now)
    candidates = [mandate for mandate in running if mandate.charter_signed_at is not None] or running
    by_id: dict[UUID | None, Mandate] = {mandate.pk: mandate for mandate in candidates}
    mandate = by_id.get(chosen) or by_id.get(agent.last_mandate_id) or next(iter(candidates), None)
    if mandate is not None:
        mandate.agent = agent
    return mandate


def attach_viewer(request: HttpRequest) -> None:
    """Set `request.viewer` once: a verified agent's live, genuine mandate, else None."""
    if getattr(request, "_viewer_known", False):
        return
    request._viewer_known = True  # type: ignore[attr-defined]
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_verified():
        return
    now: datetime = request.now  # type: ignore[attr-defined]
    mandate = current_mandate(user, session_state.mandate_id(request.session), now)
    if mandate is not None:
        request.viewer = _viewer(request, mandate, now)  # type: ignore[attr-defined]


def attach_if_open(request: HttpRequest) -> None:
    """Set `request.viewer` on a page that asks for no sign-in, unless the session is locked or over."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        now: datetime = request.now  # type: ignore[attr-defined]
        if session_state.state(request.session, now) is SessionState.OPEN:
            attach_viewer(request)


def _viewer(request: HttpRequest, mandate: Mandate, now: datetime) -> Viewer | None:
    try:
        return viewer_for(
            mandate,
            session_ref=session_state.reference(request.session),
            request_id=request.request_id,  # type: ignore[attr-defined]
            net_prefix=request.net_prefix,  # type: ignore[attr-defined]
            now=now,
        )
    except AccessRefused as refusal:
        logger.warning("viewer.refused")
        if refusal.code == "mandate_seal":
            audit.record(None, audit.Act.INTEGRITY_FAIL, obj=mandate, outcome="denied", why=refusal.code)
        return None
