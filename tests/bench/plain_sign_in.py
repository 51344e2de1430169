"""What any system with these people and functions asks before a page, with or without sealing, audit and grants.

The queries are those of a plain product on the same tables: it trusts its rows, so it reads no seal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access import memo
from casework.access.clock import running
from casework.access.viewer import Viewer
from casework.partners import session_state
from casework.partners.codes import Role, SeatFunction
from casework.partners.models import GroupMembership, GroupRules, Mandate, Seat, WatchGroup
from casework.partners.session_state import SessionState


class SignIn:
    """Clock, second factor, idle lock, function in force: what stands before every page of a signed-in agent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through an agent who gave both factors and whose screen is not locked."""
        user: Any = request.user
        now = request.now = timezone.now()  # type: ignore[attr-defined]
        request.viewer = None  # type: ignore[attr-defined]
        if not user.is_authenticated or not user.is_verified():
            return HttpResponseRedirect(reverse("partners:second_factor"))
        if session_state.state(request.session, now) is not SessionState.OPEN:
            return HttpResponseRedirect(reverse("partners:lock"))
        session_state.touch(request.session, now)
        with memo.reading_request():
            request.viewer = _viewer(request, user, now)  # type: ignore[attr-defined]
            return self.get_response(request)


def _viewer(request: HttpRequest, user: Any, now: datetime) -> Viewer | None:
    rows = Mandate.objects.live(now).filter(agent=user).select_related("organisation", "territory")
    # The menu lists them too: it finds them here.
    held = memo.once(("mandates", user.pk, now), lambda: list(rows.order_by("-starts_at", "id")))
    by_id: dict[UUID | None, Mandate] = {each.pk: each for each in held}
    mandate = by_id.get(session_state.mandate_id(request.session)) or next(iter(held), None)
    if mandate is None or not mandate.organisation.is_active:
        return None
    groups = _groups(mandate, now)
    return Viewer(
        agent_id=user.pk, organisation_id=mandate.organisation_id, mandate_id=mandate.pk,
        territory_id=mandate.territory_id, territory_kind=mandate.territory.kind, role=str(mandate.role), group_id=groups[0] if groups else None,
        group_ids=frozenset(groups), organisation_kind=str(mandate.organisation.kind), starts_at=mandate.starts_at,
        ends_at=mandate.ends_at, charter_signed=mandate.charter_signed_at is not None,
        is_service_lead=mandate.is_service_lead, session_ref="", request_id="", net_prefix="",
        agent_name="".join(f"{part[:1]}." for part in (user.first_name, user.last_name) if part),
    )  # fmt: skip


def _groups(mandate: Mandate, now: datetime) -> list[UUID]:
    """Return the groups where this service sits: the menu is cut by them."""
    if mandate.role == Role.COORDINATOR:
        town = WatchGroup.objects.filter(territory_id=mandate.territory_id).order_by("name", "id")
        return list(town.values_list("id", flat=True))
    seats = GroupMembership.objects.filter(
        running(now), organisation_id=mandate.organisation_id, group__territory_id=mandate.territory_id
    )
    return list(seats.order_by("starts_at", "id").values_list("group_id", flat=True))


def rules_run(group_id: UUID, now: datetime) -> bool:
    """Say whether the group has rules in force: without, no nominative exchange in any product (CLV-06)."""
    day = localdate(now)
    rows = GroupRules.objects.filter(group_id=group_id, valid_from__lte=day)
    return rows.exclude(valid_to__lte=day).exists()


def represents(mandate: Mandate, now: datetime) -> bool:
    """Say whether this function represents its service: the list then offers the situations of the service."""
    rows = Seat.objects.filter(
        running(now), running(now, "mandate__"), running(now, "membership__"), mandate_id=mandate.pk,
        membership__organisation_id=mandate.organisation_id, function=SeatFunction.REPRESENTATIVE,
    )  # fmt: skip
    return rows.exists()
