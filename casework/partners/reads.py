"""What others ask of partners: who acts now, for which service, under which rules. No protected data here.

Every "now" is half-open: what starts at an instant counts, what ends at it no longer does (CLV-24).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from casework.partners import genuine
from casework.partners.codes import OPPOSITE, InvitationKind, Role, SeatFunction
from casework.partners.models import (
    Agent,
    AgentSession,
    CharterSignature,
    EthicsCharter,
    GroupMembership,
    GroupRules,
    Invitation,
    Mandate,
    MandateQuerySet,
    Organisation,
    Passkey,
    RecoveryCode,
    Seat,
    Territory,
    TotpDevice,
    WatchGroup,
    running,
)

# ---------------------------------------------------------------- mandates, seats, groups


def live_mandates(agent: Agent, now: datetime) -> MandateQuerySet:
    """Return the functions of an agent that run now, organisation and territory loaded, most recent first."""
    return (
        Mandate.objects.live(now)
        .filter(agent=agent)
        .select_related("organisation", "territory")
        .order_by("-starts_at", "id")
    )


def preferred_mandate(agent: Agent, now: datetime) -> Mandate | None:
    """Return the function to start with: the last one used if it runs, signed ones first, else the most recent."""
    found = list(live_mandates(agent, now))
    signed = [mandate for mandate in found if mandate.charter_signed_at is not None]
    last = [mandate for mandate in (*signed, *found) if mandate.pk == agent.last_mandate_id]
    return next(iter((*last, *signed, *found)), None)


def service_agents(organisation: Organisation, now: datetime) -> MandateQuerySet:
    """Return the running mandates of a service, agent loaded, by name: who may be put in charge."""
    return (
        Mandate.objects.live(now)
        .filter(organisation=organisation, agent__is_active=True)
        .select_related("agent", "organisation")
        .order_by("agent__last_name", "agent__first_name", "id")
    )


def takers(mandate: Mandate, now: datetime) -> list[Mandate]:
    """Return the running functions of a service to whose agents one of them may be handed over, by name.

    Whoever acts on the other side of the wall in the same service is not even named (VIC-04).
    """
    rows = list(service_agents(mandate.organisation, now))
    across = {row.agent_id for row in rows if row.role == OPPOSITE.get(Role(mandate.role))}
    return [row for row in rows if row.agent_id not in across | {mandate.agent_id}]


def member_organisations(group: WatchGroup, now: datetime) -> list[Organisation]:
    """Return the services that sit in the group now, in the order of the table (CLV-20, CLV-24)."""
    rows = GroupMembership.objects.filter(running(now), group=group).select_related("organisation")
    seated = {row.organisation_id: row.organisation for row in genuine.kept(rows)}
    return sorted(seated.values(), key=lambda row: (row.letter, row.short_name))


def membership(group: WatchGroup, organisation: Organisation, now: datetime) -> GroupMembership | None:
    """Return the running seat of a service in a group."""
    rows = GroupMembership.objects.filter(running(now), group=group, organisation=organisation)
    return next(iter(genuine.kept(rows)), None)


def representatives(membership: GroupMembership, now: datetime) -> list[Mandate]:
    """Return who represents the service in the group now; only mandates that still run."""
    return _holders(Seat.objects.filter(membership=membership), SeatFunction.REPRESENTATIVE, now)


def seat_holders(group: WatchGroup, organisation: Organisation, now: datetime) -> list[Mandate]:
    """Return who represents `organisation` in `group` now."""
    return _holders(_seats(group, organisation), SeatFunction.REPRESENTATIVE, now)


def groups_represented(mandate_id: UUID, organisation_id: UUID, now: datetime) -> set[UUID]:
    """Return the groups where this mandate represents this service now; one query."""
    rows = Seat.objects.filter(mandate_id=mandate_id, membership__organisation_id=organisation_id)
    held = _running(rows, SeatFunction.REPRESENTATIVE, now).select_related("mandate", "membership")
    return {seat.membership.group_id for seat in _real(held)}


def deputies(group: WatchGroup, organisation: Organisation, now: datetime) -> list[Mandate]:
    """Return the stand-ins switched on now: charter signed, mandate running."""
    return [
        mandate
        for mandate in _holders(_seats(group, organisation), SeatFunction.DEPUTY, now)
        if mandate.charter_signed_at is not None
    ]


def seats(group: WatchGroup, organisation: Organisation, now: datetime) -> list[Seat]:
    """Return the seats of a service that run or will run, mandates loaded: what dated grants are made from."""
    rows = _seats(group, organisation).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    return _real(rows.select_related("mandate__agent", "membership").order_by("starts_at", "id"))


def group_rules(group: WatchGroup | UUID, on: date) -> GroupRules | None:
    """Return the règlement intérieur in force on a day; without one, no nominative exchange (CLV-06)."""
    group_id = group if isinstance(group, UUID) else group.pk
    rows = GroupRules.objects.filter(group_id=group_id, valid_from__lte=on)
    running_ones = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).order_by("-version")
    return next(iter(genuine.kept(running_ones)), None)


def current_charter(territory: Territory | UUID) -> EthicsCharter | None:
    """Return the last adopted charter of a territory."""
    territory_id = territory if isinstance(territory, UUID) else territory.pk
    return EthicsCharter.objects.filter(territory_id=territory_id).order_by("-version").first()


def _seats(group: WatchGroup, organisation: Organisation) -> QuerySet[Seat]:
    return Seat.objects.filter(membership__group=group, membership__organisation=organisation)


def _holders(rows: QuerySet[Seat], function: SeatFunction, now: datetime) -> list[Mandate]:
    return list({seat.mandate_id: seat.mandate for seat in _held(rows, function, now)}.values())


def _held(rows: QuerySet[Seat], function: SeatFunction, now: datetime) -> list[Seat]:
    held = _running(rows, function, now).select_related("mandate__agent", "mandate__organisation", "membership")
    return _real(held.order_by("starts_at", "id"))


def _running(rows: QuerySet[Seat], function: SeatFunction, now: datetime) -> QuerySet[Seat]:
    return rows.filter(
        running(now), running(now, "mandate__"), running(now, "membership__"), function=function,
        mandate__agent__is_active=True,
    )  # fmt: skip


def _real(rows: Iterable[Seat]) -> list[Seat]:
    """Return the seats that were named here, of memberships and mandates that were given here (T-36)."""
    return [
        seat
        for seat in genuine.kept(rows)
        if genuine.checked(seat.membership) is not None and genuine.checked(seat.mandate) is not None
    ]


def ending_soon(organisation_id: UUID, role: str, now: datetime) -> list[Mandate]:
    """Return the running functions of a service and role whose end comes within a month."""
    rows = Mandate.objects.live(now).filter(organisation_id=organisation_id, role=role)
    return list(rows.filter(ends_at__lte=now + timedelta(days=30)).select_related("agent").order_by("ends_at", "id"))


def lately_ended(now: datetime, *, within: timedelta = timedelta(days=400)) -> list[Mandate]:
    """Return the functions that ended within a year or so, with their service: what they held must have followed."""
    rows = Mandate.objects.filter(ends_at__lte=now, ends_at__gt=now - within)
    return list(rows.select_related("organisation", "agent").order_by("ends_at", "id"))


# ---------------------------------------------------------------- the directory, as plain data


@dataclass(frozen=True, kw_only=True)
class OrganisationLine:
    """A service in the directory."""

    id: UUID
    name: str
    short_name: str
    kind: str
    letter: str
    active: bool
    agents: int
    leads: tuple[str, ...]
    sits: bool


@dataclass(frozen=True, kw_only=True)
class MandateLine:
    """A function of somebody, and what is missing before they can work."""

    id: UUID
    agent_id: UUID
    agent_name: str
    organisation: str
    organisation_id: UUID
    role: str
    job_title: str
    is_lead: bool
    starts_at: datetime
    ends_at: datetime | None
    live: bool
    end_reason: str
    charter_signed_at: datetime | None
    account: str  # "ok", "invited", "expired", "none" or "closed"
    invitation_id: UUID | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """An account as the technical administrator sees it: no mandate, no service."""

    id: UUID
    name: str
    email: str
    account: str
    active: bool
    last_sign_in: datetime | None
    invitation_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SeatLine:
    """A seat of the service and its dates."""

    id: UUID
    mandate_id: UUID
    agent_name: str
    function: str
    is_deputy: bool
    starts_at: datetime
    ends_at: datetime | None
    running: bool


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Whether a running mandate signed the charter in force."""

    mandate_id: UUID
    agent_name: str
    organisation: str
    signed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """A browser where the agent is signed in."""

    key: str
    started_at: datetime
    seen_at: datetime
    current: bool


def organisations(territory_id: UUID, now: datetime) -> list[OrganisationLine]:
    """Return the services of a territory, those that sit in a group first, in three queries."""
    rows = Organisation.objects.filter(territory_id=territory_id).order_by("name")
    agents: dict[UUID, set[UUID]] = {}
    leads: dict[UUID, list[str]] = {}
    for mandate in Mandate.objects.live(now).filter(organisation__territory_id=territory_id).select_related("agent"):
        agents.setdefault(mandate.organisation_id, set()).add(mandate.agent_id)
        if mandate.is_service_lead:
            leads.setdefault(mandate.organisation_id, []).append(mandate.agent.full_name)
    sitting = set(
        GroupMembership.objects.filter(running(now), group__territory_id=territory_id).values_list(
            "organisation_id", flat=True
        )
    )
    lines = [
        OrganisationLine(
            id=row.pk,
            name=row.name,
            short_name=str(row),
            kind=row.get_kind_display(),
            letter=row.letter,
            active=row.is_active,
            agents=len(agents.get(row.pk, ())),
            leads=tuple(sorted(leads.get(row.pk, ()))),
            sits=row.pk in sitting,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.active, not line.sits, line.name))


def organisation(territory_id: UUID, pk: UUID) -> Organisation | None:
    """Return a service of this territory, None if it is another's or absent."""
    return Organisation.objects.filter(territory_id=territory_id, pk=pk).first()


def mandate_lines(
    now: datetime, *, territory_id: UUID, organisation_id: UUID | None = None, role: str = ""
) -> list[MandateLine]:
    """Return the mandates of a territory, a service, or a role in it: running and coming ones, then ended."""
    rows = Mandate.objects.filter(territory_id=territory_id).select_related("agent", "organisation")
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    if role:
        rows = rows.filter(role=role)
    found = list(rows.order_by("agent__last_name", "agent__first_name", "-starts_at", "id"))
    accounts = account_states({mandate.agent_id for mandate in found}, now)
    lines = [_mandate_line(mandate, now, accounts) for mandate in found]
    return sorted(lines, key=lambda line: line.ends_at is not None and line.ends_at <= now)


def mandate_line(mandate: Mandate, now: datetime) -> MandateLine:
    """Return one mandate as plain data."""
    return _mandate_line(mandate, now, account_states({mandate.agent_id}, now))


def _mandate_line(mandate: Mandate, now: datetime, accounts: dict[UUID, tuple[str, UUID | None]]) -> MandateLine:
    state, invitation_id = accounts[mandate.agent_id]
    return MandateLine(
        id=mandate.pk,
        agent_id=mandate.agent_id,
        agent_name=mandate.agent.full_name,
        organisation=str(mandate.organisation),
        organisation_id=mandate.organisation_id,
        role=mandate.get_role_display(),
        job_title=mandate.job_title,
        is_lead=mandate.is_service_lead,
        starts_at=mandate.starts_at,
        ends_at=mandate.ends_at,
        live=mandate.runs(now),
        end_reason=mandate.get_end_reason_display() if mandate.end_reason else "",
        charter_signed_at=mandate.charter_signed_at,
        account=state,
        invitation_id=invitation_id,
        revision=mandate.revision,
    )


def mandate(territory_id: UUID, pk: UUID) -> Mandate | None:
    """Return a mandate of this territory with its agent and service."""
    return (
        Mandate.objects.filter(territory_id=territory_id, pk=pk)
        .select_related("agent", "organisation", "territory")
        .first()
    )


def account_states(agent_ids: set[UUID], now: datetime) -> dict[UUID, tuple[str, UUID | None]]:
    """Return (state, open invitation) of accounts, in four queries whatever their number.

    States: "ok" (second factor set), "invited", "expired" (link too old), "none", "closed".
    """
    active = dict(Agent.objects.filter(pk__in=agent_ids).values_list("pk", "is_active"))
    enrolled = {
        user_id
        for model in (TotpDevice, Passkey)
        for user_id in model.objects.filter(user_id__in=agent_ids, confirmed=True).values_list("user_id", flat=True)
    }
    latest: dict[UUID, Invitation] = {}
    for invitation in Invitation.objects.filter(agent_id__in=agent_ids, used_at=None, revoked_at=None).order_by(
        "created_at", "id"
    ):
        latest[invitation.agent_id] = invitation
    states: dict[UUID, tuple[str, UUID | None]] = {}
    for agent_id in agent_ids:
        link = latest.get(agent_id)
        link_id = link.pk if link else None
        if not active.get(agent_id):
            states[agent_id] = ("closed", None)
        elif link is not None and (link.kind == InvitationKind.FIRST_SIGN_IN or agent_id not in enrolled):
            states[agent_id] = ("invited" if link.is_open(now) else "expired", link_id)
        else:
            states[agent_id] = ("ok" if agent_id in enrolled else "none", link_id)
    return states


def accounts(territory_id: UUID, now: datetime) -> list[AccountLine]:
    """Return the accounts that hold or held a function in the territory, for the technical administrator."""
    rows = list(
        Agent.objects.filter(mandates__territory_id=territory_id).distinct().order_by("last_name", "first_name", "id")
    )
    states = account_states({row.pk for row in rows}, now)
    return [
        AccountLine(
            id=row.pk,
            name=row.full_name,
            email=row.email,
            account=states[row.pk][0],
            active=row.is_active,
            last_sign_in=row.last_login,
            invitation_id=states[row.pk][1],
        )
        for row in rows
    ]


def agent_of(territory_id: UUID, pk: UUID) -> Agent | None:
    """Return an agent who holds or held a function in the territory."""
    return Agent.objects.filter(pk=pk, mandates__territory_id=territory_id).distinct().first()


def groups(territory_id: UUID) -> list[WatchGroup]:
    """Return the working groups of a territory (CLV-03)."""
    return list(WatchGroup.objects.filter(territory_id=territory_id).order_by("name", "id"))


def memberships(group: WatchGroup, now: datetime) -> list[GroupMembership]:
    """Return the running seats of the services in a group."""
    rows = GroupMembership.objects.filter(running(now), group=group).select_related("organisation")
    return list(rows.order_by("organisation__letter", "organisation__name"))


def memberships_of(organisation_id: UUID, now: datetime) -> list[GroupMembership]:
    """Return the groups where a service sits now."""
    rows = GroupMembership.objects.filter(running(now), organisation_id=organisation_id)
    return list(rows.select_related("group", "organisation").order_by("group__name"))


def seat_lines(membership: GroupMembership, now: datetime) -> list[SeatLine]:
    """Return who sits or stands in for the service, now and later."""
    rows = seats(membership.group, membership.organisation, now)
    return [
        SeatLine(
            id=row.pk,
            mandate_id=row.mandate_id,
            agent_name=row.mandate.agent.full_name,
            function=row.get_function_display(),
            is_deputy=row.function == SeatFunction.DEPUTY,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            running=row.starts_at <= now and row.mandate.runs(now),
        )
        for row in rows
    ]


def rules_versions(group: WatchGroup) -> list[GroupRules]:
    """Return every version of the group's rules, last first."""
    return list(group.rules.order_by("-version"))


def charters(territory_id: UUID) -> list[EthicsCharter]:
    """Return every version of the charter, last first."""
    return list(EthicsCharter.objects.filter(territory_id=territory_id).order_by("-version"))


def signed_at(charter: EthicsCharter, mandate_id: UUID) -> datetime | None:
    """Return when this version was signed for this function, if it was."""
    found = CharterSignature.objects.filter(charter=charter, mandate_id=mandate_id)
    return found.values_list("signed_at", flat=True).first()


def signatures(charter: EthicsCharter, now: datetime) -> list[Signature]:
    """Return, for each running mandate of the territory, when it signed this version, unsigned first."""
    signed = dict(CharterSignature.objects.filter(charter=charter).values_list("mandate_id", "signed_at"))
    rows = Mandate.objects.live(now).filter(territory_id=charter.territory_id)
    lines = [
        Signature(
            mandate_id=row.pk,
            agent_name=row.agent.full_name,
            organisation=str(row.organisation),
            signed_at=signed.get(row.pk),
        )
        for row in rows.select_related("agent", "organisation").order_by("organisation__name", "agent__last_name")
    ]
    return sorted(lines, key=lambda line: line.signed_at is not None)


# ---------------------------------------------------------------- one's own account


def device(agent: Agent, *, confirmed: bool = True) -> TotpDevice | None:
    """Return the authentication app of an agent, or the one being set up."""
    rows = TotpDevice.objects.filter(user=agent, confirmed=confirmed).order_by("-created_at")
    return next(iter(genuine.kept(rows)), None)


def passkeys(agent: Agent) -> list[Passkey]:
    """Return the security keys of an agent, the first one added first."""
    return genuine.kept(Passkey.objects.filter(user=agent, confirmed=True).order_by("created_at", "id"))


def has_factor(agent: Agent) -> bool:
    """Say whether the first sign-in was finished: a phone or a security key is there (MFA-04)."""
    return device(agent) is not None or bool(passkeys(agent))


def recovery_codes_left(agent: Agent) -> int:
    """Return how many recovery codes were not used yet."""
    return len(genuine.kept(RecoveryCode.objects.filter(agent=agent, used_at=None)))


def sessions(agent: Agent, current_key: str, now: datetime) -> list[SessionLine]:
    """Return where the agent is signed in; `current_key` is the stored key of this browser."""
    rows = AgentSession.objects.filter(agent_id=agent.pk, expire_date__gt=now).order_by("-seen_at")
    return [
        SessionLine(
            key=row.session_key[:12],
            started_at=row.started_at,
            seen_at=row.seen_at,
            current=row.session_key == current_key,
        )
        for row in rows
    ]


def demo_accounts(now: datetime) -> list[Mandate]:
    """Return one running mandate per account, for the entry page of the fictitious town."""
    found: dict[UUID, Mandate] = {}
    for row in _demo_mandates(now):
        if row.agent_id not in found or row.pk == row.agent.last_mandate_id:
            found[row.agent_id] = row
    order = list(Role)
    return sorted(found.values(), key=lambda row: (order.index(Role(row.role)), str(row.organisation), row.pk))


def second_territories(now: datetime) -> dict[UUID, str]:
    """Return, by account, the other territory where it has a function beside the one of `demo_accounts`."""
    first = {row.agent_id: row.territory_id for row in demo_accounts(now)}
    return {row.agent_id: row.territory.name for row in _demo_mandates(now) if row.territory_id != first[row.agent_id]}


def _demo_mandates(now: datetime) -> list[Mandate]:
    rows = Mandate.objects.live(now).filter(agent__is_active=True).select_related("agent", "organisation", "territory")
    return list(rows.order_by("starts_at", "id"))


def local_midnight(day: date, zone: str) -> datetime:
    """Return the first instant of a day in the territory's time zone."""
    from zoneinfo import ZoneInfo

    return timezone.make_aware(datetime(day.year, day.month, day.day), ZoneInfo(zone))  # noqa: DTZ001
