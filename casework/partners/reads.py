"""What other rooms ask of partners: who works where now, which rules run, who holds a seat."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from casework.partners.codes import SeatFunction
from casework.partners.models import Agent, GroupMembership, GroupRules, Mandate, Organisation, Seat, WatchGroup


def _running(now: datetime, prefix: str = "") -> Q:
    """Return the half-open condition « runs at `now` » on the dates behind `prefix`."""
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )


def live_mandates(agent: Agent, now: datetime) -> list[Mandate]:
    """Return the agent's running mandates, organisation and territory loaded, in one query."""
    rows = Mandate.objects.filter(_running(now), agent=agent).select_related("organisation", "territory", "agent")
    return list(rows.order_by("organisation__short_name", "starts_at"))


def service_agents(organisation: Organisation, now: datetime) -> list[Mandate]:
    """Return the running mandates of a service, agents loaded."""
    rows = Mandate.objects.filter(_running(now), organisation=organisation, agent__is_active=True)
    return list(rows.select_related("agent").order_by("agent__last_name", "agent__first_name"))


def group_rules(group: WatchGroup | UUID, on: date) -> GroupRules | None:
    """Return the règlement intérieur in force on day `on`, the latest version if two overlap (CLV-06)."""
    rows = GroupRules.objects.filter(group=group, valid_from__lte=on)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).order_by("-version").first()


def member_organisations(group: WatchGroup | UUID, now: datetime) -> QuerySet[Organisation]:
    """Return the services that sit in the group at `now` (CLV-20, CLV-24)."""
    seats = GroupMembership.objects.filter(_running(now), group=group)
    return Organisation.objects.filter(pk__in=seats.values("organisation_id"), is_active=True).order_by("short_name")


def _holders(group: WatchGroup, organisation: Organisation, now: datetime, function: SeatFunction) -> list[Seat]:
    rows = Seat.objects.filter(
        _running(now), _running(now, "mandate__"), _running(now, "membership__"),
        membership__group=group, membership__organisation=organisation, function=function,
        mandate__agent__is_active=True,
    )  # fmt: skip
    return list(rows.select_related("mandate__agent"))


def seat_holders(group: WatchGroup, organisation: Organisation, now: datetime) -> list[Mandate]:
    """Return the mandates that represent the service in the group at `now`."""
    return [seat.mandate for seat in _holders(group, organisation, now, SeatFunction.REPRESENTATIVE)]


def deputy_seats(group: WatchGroup, organisation: Organisation, now: datetime) -> list[Seat]:
    """Return the deputies switched on at `now`; `seat.ends_at` is when each stops by itself."""
    return _holders(group, organisation, now, SeatFunction.DEPUTY)
