"""The cast, known to all tests: one commune, its services, an agent of every role, and those who must not pass.

    people = build()
    people.pjj                     a mandate of the PJJ
    client_for(people.pjj)         a browser signed in with both factors under that mandate
    viewer_of(people.pjj)          the viewer that the policy judges

The row that finds leaks is *same role, another person's file*: `outreach` and `outreach_colleague` work in one
service, `aemo` in another, `stranger` in another town. `ended`, `unsigned` and `idle` have lost, not yet got, or
never had the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from casework.access.viewer import Viewer, viewer_for
from casework.partners import session_state
from casework.partners.codes import Formation, MandateEnd, OrganisationKind, Role, SeatFunction, TerritoryKind
from casework.partners.models import (
    Agent,
    CharterSignature,
    EthicsCharter,
    GroupMembership,
    GroupRules,
    Mandate,
    Organisation,
    Seat,
    Territory,
    TotpDevice,
    WatchGroup,
)
from casework.sealing import keys

PASSWORD = "trois mots et un nuage 7"
NOBODYS = make_password(None)  # opens to no password; one for all: to make thirty took a seventh of the cast
TOTP_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, base 32
K = OrganisationKind

# key: (kind, name, short name, letter in the meeting, sits in the group)
SERVICES: dict[str, tuple[OrganisationKind, str, str, str, bool]] = {
    "municipality": (K.MUNICIPALITY, "Ville de Mireval", "Mairie", "C", True),
    "pjj_service": (K.YOUTH_JUSTICE, "Protection judiciaire de la jeunesse", "PJJ", "P", True),
    "aemo_service": (K.HOME_EDUCATIONAL_SUPPORT, "Service d’AEMO", "AEMO", "A", True),
    "mds_service": (K.SOCIAL_SERVICE, "Maison départementale de la solidarité", "MDS", "M", True),
    "outreach_service": (K.STREET_OUTREACH, "Prévention spécialisée", "Rue", "R", True),
    "accredited": (K.ACCREDITED_ASSOCIATION, "Association habilitée", "SAH", "", False),
    "school": (K.SCHOOL, "Collège des Platanes", "Platanes", "", False),
    "probation": (K.PROBATION, "Service pénitentiaire d’insertion", "SPIP", "", False),
    "supervision": (K.COURT_SUPERVISION_ASSOCIATION, "Association socio-judiciaire", "ASJ", "", False),
    "host_body": (K.HOST, "Régie des quais", "Régie", "", False),
    "state_police": (K.NATIONAL_POLICE, "Commissariat", "PN", "", False),
    "town_police": (K.MUNICIPAL_POLICE, "Police municipale", "PM", "", False),
    "court": (K.COURT, "Tribunal judiciaire", "TJ", "", False),
}

# key: (role, service, first name, last name, service lead)
AGENTS: dict[str, tuple[Role, str, str, str, bool]] = {
    "coordinator": (Role.COORDINATOR, "municipality", "Claire", "Vidal", False),
    "mayor": (Role.MAYOR, "municipality", "Hélène", "Castel", False),
    "valideur": (Role.VALIDEUR, "municipality", "Gilles", "Ferrand", False),
    "dpo": (Role.DPO, "municipality", "Odile", "Marchetti", False),
    "sysadmin": (Role.SYSADMIN, "municipality", "Yann", "Tanguy", False),
    "pjj_lead": (Role.PJJ, "pjj_service", "Bruno", "Delmas", True),
    "pjj": (Role.PJJ, "pjj_service", "Sonia", "Haddad", False),
    "aemo_lead": (Role.AEMO, "aemo_service", "Marc", "Oliva", True),
    "aemo": (Role.AEMO, "aemo_service", "Julie", "Perrot", False),
    "mds_lead": (Role.MDS, "mds_service", "Anne", "Roussel", True),
    "mds": (Role.MDS, "mds_service", "Farid", "Meziane", False),
    "outreach_lead": (Role.OUTREACH, "outreach_service", "Nadia", "Blanc", True),
    "outreach": (Role.OUTREACH, "outreach_service", "Karim", "Sylla", False),
    "outreach_colleague": (Role.OUTREACH, "outreach_service", "Lucie", "Amat", False),
    "sah": (Role.SAH, "accredited", "Paul", "Lemoine", False),
    "education": (Role.EDUCATION, "school", "Irène", "Faure", False),
    "spip": (Role.SPIP, "probation", "Didier", "Costa", False),
    "apers_offender": (Role.APERS_OFFENDER, "supervision", "Maud", "Girard", False),
    "apers_victim": (Role.APERS_VICTIM, "supervision", "Élodie", "Nguyen", False),
    "host": (Role.HOST, "host_body", "Serge", "Pinel", False),
    "national_police": (Role.NATIONAL_POLICE, "state_police", "Éric", "Morel", False),
    "municipal_police": (Role.MUNICIPAL_POLICE, "town_police", "Sandrine", "Roy", False),
    "prosecutor": (Role.PROSECUTOR, "court", "Laure", "Aubert", False),
    # Same role and service as `pjj`, but the mandate ended yesterday.
    "ended": (Role.PJJ, "pjj_service", "Thierry", "Bosc", False),
    # Same role and service as `aemo`, but the charter is not signed.
    "unsigned": (Role.AEMO, "aemo_service", "Inès", "Carli", False),
    # Same role and service as `mds`, but the mandate starts tomorrow.
    "not_yet": (Role.MDS, "mds_service", "Hugo", "Lantier", False),
}


@dataclass
class People:
    """The cast of one database. Mandates and organisations are read as attributes: `people.pjj`."""

    territory: Territory
    group: WatchGroup
    rules: GroupRules
    charter: EthicsCharter
    organisations: dict[str, Organisation]
    mandates: dict[str, Mandate]
    memberships: dict[str, GroupMembership]
    idle: Agent  # an agent without any mandate
    elsewhere: Territory  # another town, with its own group
    since: datetime
    extra: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for store in ("mandates", "organisations"):
            found = self.__dict__.get(store, {}).get(name)
            if found is not None:
                return found
        raise AttributeError(name)


def build(now: datetime | None = None) -> People:
    """Write the cast and return it. Everybody has been in function for ninety days, rules and charter too."""
    now = now or timezone.now()
    since = now - timedelta(days=90)
    territory = Territory.objects.create(
        kind=TerritoryKind.COMMUNE, name="Mireval", prefix="MIR", sectors=["Centre", "Maille 2", "Les Griffons"]
    )
    group, rules, charter = _frame(territory, since)
    organisations = {
        key: Organisation(territory=territory, kind=kind, name=name, short_name=short, letter=letter)
        for key, (kind, name, short, letter, _) in SERVICES.items()
    }
    Organisation.objects.bulk_create(organisations.values())
    memberships = {
        key: GroupMembership(group=group, organisation=organisations[key], starts_at=since)
        for key, row in SERVICES.items()
        if row[4]
    }
    GroupMembership.objects.bulk_create(memberships.values())

    agents = {key: _agent(key, first, last) for key, (_, _, first, last, _) in AGENTS.items()}
    idle = _agent("idle", "Rose", "Lacaze")
    Agent.objects.bulk_create([*agents.values(), idle])
    mandates = {
        key: _mandate(agents[key], organisations[service], role, since, charter, lead=lead)
        for key, (role, service, _, _, lead) in AGENTS.items()
    }
    mandates["ended"].ends_at = now - timedelta(days=1)
    mandates["ended"].end_reason = MandateEnd.LEFT
    mandates["not_yet"].starts_at = now + timedelta(days=1)
    mandates["unsigned"].charter_signed_at = mandates["unsigned"].charter_version = None
    elsewhere, stranger = _elsewhere(since)
    Mandate.objects.bulk_create([*mandates.values(), stranger])
    mandates["stranger"] = stranger
    CharterSignature.objects.bulk_create(
        CharterSignature(charter=charter, mandate=mandate, signed_at=since)
        for mandate in mandates.values()
        if mandate.charter_signed_at and mandate.territory_id == territory.pk
    )
    Seat.objects.bulk_create(
        Seat(
            membership=memberships[AGENTS[key][1]], mandate=mandates[key], function=function, starts_at=since,
            named_by=mandates[key].pk,
        )
        for key, function in (
            ("pjj_lead", SeatFunction.REPRESENTATIVE),
            ("aemo_lead", SeatFunction.REPRESENTATIVE),
            ("mds_lead", SeatFunction.REPRESENTATIVE),
            ("outreach_lead", SeatFunction.REPRESENTATIVE),
        )
    )  # fmt: skip
    return People(
        territory=territory, group=group, rules=rules, charter=charter, organisations=organisations,
        mandates=mandates, memberships=memberships, idle=idle, elsewhere=elsewhere, since=since,
    )  # fmt: skip


def _frame(territory: Territory, since: datetime) -> tuple[WatchGroup, GroupRules, EthicsCharter]:
    """Write the group, its rules in force and the charter of a territory."""
    day = since.date()
    group = WatchGroup.objects.create(territory=territory, name=f"Cellule de veille de {territory.name}")
    rules = GroupRules.objects.create(
        group=group, version=1, adopted_on=day, valid_from=day, formation=Formation.BY_CIRCLE
    )
    charter = EthicsCharter.objects.create(territory=territory, version=1, text="Charte.", adopted_on=day)
    return group, rules, charter


def _elsewhere(since: datetime) -> tuple[Territory, Mandate]:
    """Write another town with its group and one street educator; return the town and the mandate, not saved."""
    town = Territory.objects.create(kind=TerritoryKind.COMMUNE, name="Valcros", prefix="VAL", sectors=["Bourg"])
    group, _, charter = _frame(town, since)
    service = Organisation.objects.create(
        territory=town, kind=K.STREET_OUTREACH, name="Prévention spécialisée", short_name="Rue", letter="R"
    )
    GroupMembership.objects.create(group=group, organisation=service, starts_at=since)
    agent = _agent("stranger", "Tom", "Weber")
    agent.save()
    return town, _mandate(agent, service, Role.OUTREACH, since, charter)


def _agent(key: str, first: str, last: str) -> Agent:
    agent = Agent(email=f"{key}@mireval.example", first_name=first, last_name=last)
    agent.password = NOBODYS
    return agent


def _mandate(
    agent: Agent, service: Organisation, role: Role, since: datetime, charter: EthicsCharter, *, lead: bool = False
) -> Mandate:
    return Mandate(
        agent=agent, organisation=service, territory=service.territory, role=role, starts_at=since,
        charter_signed_at=since, charter_version=charter.version, is_service_lead=lead,
    )  # fmt: skip


def at_court(people: People) -> People:
    """Make the cast work in the ressort of a court: couple violence is followed nowhere else (ADR 72)."""
    people.territory.kind = TerritoryKind.COURT_DISTRICT
    people.territory.save()
    return people


def device_of(agent: Agent) -> TotpDevice:
    """Return the agent's confirmed second factor, made on first use."""
    device = TotpDevice.objects.filter(user=agent, confirmed=True).first()
    if device is None:
        keys.ensure(agent.pk)
        device = TotpDevice.objects.create(user=agent, subject_id=agent.pk, name="test", confirmed=True, seed=TOTP_SEED)
    return device


def client_for(mandate: Mandate, *, now: datetime | None = None, **options: Any) -> Client:
    """Return a browser signed in with both factors, acting under `mandate`."""
    client = client_of(mandate.agent, now=now, **options)
    session = client.session
    session_state.choose_mandate(session, mandate.pk)
    session.save()
    return client


def client_of(agent: Agent, *, now: datetime | None = None, **options: Any) -> Client:
    """Return a browser signed in with both factors, no mandate chosen."""
    client = Client(**options)
    client.force_login(agent)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device_of(agent).persistent_id
    session_state.begin(session, mandate_id=None, now=now or timezone.now())
    session.save()
    return client


def viewer_of(mandate: Mandate, *, now: datetime | None = None, session_ref: str = "test-session") -> Viewer:
    """Return the viewer who acts under `mandate`."""
    return viewer_for(
        mandate, session_ref=session_ref, request_id="test-request", net_prefix="127.0.0.0/24",
        now=now or timezone.now(),
    )  # fmt: skip
