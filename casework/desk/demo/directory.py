"""Who works in Miramont and in the ressort of its court: services, agents, functions, charters, rules of the group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from casework.casefile.actions import copy_national_lists
from casework.casefile.calendar import start_instant
from casework.casefile.models import SchoolHoliday
from casework.partners.charter import RESSORT_TEXT
from casework.partners.codes import Formation, OrganisationKind, Role, SeatFunction, TerritoryKind
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
    WatchGroup,
)
from casework.sealing import keys

K = OrganisationKind
CHARTER_REVIEWED = timedelta(days=150)  # the yearly review is done, and the next one not near
SECTORS = ["Centre", "Maille 2", "Les Molières"]

# key: (kind, name, short name, letter, sits in the group)
SERVICES: dict[str, tuple[OrganisationKind, str, str, str, bool]] = {
    "town": (K.MUNICIPALITY, "Ville de Miramont", "Ville", "V", True),
    "pjj": (K.YOUTH_JUSTICE, "PJJ – milieu ouvert", "PJJ", "P", True),
    "aemo": (K.HOME_EDUCATIONAL_SUPPORT, "Service d’AEMO – Sauvegarde 13", "AEMO", "S", True),
    "mds": (K.SOCIAL_SERVICE, "Maison départementale de la solidarité", "MDS", "M", True),
    "addap": (K.STREET_OUTREACH, "ADDAP 13", "ADDAP 13", "A", True),
    "college": (K.SCHOOL, "Collège Albert-Camus", "Collège Camus", "", False),
    "college_b": (K.SCHOOL, "Collège des Restanques", "Les Restanques", "", False),
    "college_c": (K.SCHOOL, "Collège Simone-Veil", "Collège Veil", "", False),
    "centre": (K.HOST, "Centre social des Molières", "Centre des Molières", "", False),
    "maille": (K.HOST, "Centre social de la Maille", "Centre de la Maille", "", False),
    "youth": (K.HOST, "Maison des jeunes de Miramont", "Maison des jeunes", "", False),
    "lycee": (K.SCHOOL, "Lycée des Salins", "Lycée des Salins", "", False),
    "landlord": (K.LANDLORD, "Provence Logis", "Provence Logis", "", False),
    "pn": (K.NATIONAL_POLICE, "Commissariat de Miramont", "Police nationale", "", False),
    "pm": (K.MUNICIPAL_POLICE, "Police municipale", "Police municipale", "", False),
    "spip": (K.PROBATION, "SPIP – antenne d’Aix", "SPIP", "", False),
    "host": (K.HOST, "Régie de quartier des Molières", "Régie", "", False),
    "sah": (K.ACCREDITED_ASSOCIATION, "Association Trajectoires", "Trajectoires", "", False),
    "court": (K.COURT, "Tribunal judiciaire d’Aix", "Parquet", "", False),
}
# Of the ressort, where couple violence is followed: Miramont gets totals only.
RESSORT_SERVICES: dict[str, tuple[OrganisationKind, str, str]] = {
    "apers": (K.COURT_SUPERVISION_ASSOCIATION, "APERS", "APERS"),
    "aavm": (K.COURT_SUPERVISION_ASSOCIATION, "Aide aux victimes du Pays de Miramont", "AVPM"),
    "ressort_court": (K.COURT, "Tribunal judiciaire d’Aix", "Parquet"),
    "ressort_spip": (K.PROBATION, "SPIP – antenne d’Aix", "SPIP"),
    "ressort_office": (K.OTHER, "Gestion du ressort", "Ressort"),
}

# key: (role, service, first name, last name, job title, lead, seat)
AGENTS: dict[str, tuple[Role, str, str, str, str, bool, SeatFunction | None]] = {
    "coordinator": (Role.COORDINATOR, "town", "Claire", "Vidal", "Coordinatrice du CLSPD", False, None),
    "mayor": (Role.MAYOR, "town", "Hélène", "Castel", "Maire", False, None),
    "approver": (Role.VALIDEUR, "town", "Gilles", "Ferrand", "Directeur général des services", False, None),
    "dpo": (Role.DPO, "town", "Odile", "Marchetti", "Déléguée à la protection des données", False, None),
    "sysadmin": (Role.SYSADMIN, "town", "Yann", "Tanguy", "Informatique", False, None),
    "pjj_lead": (Role.PJJ, "pjj", "Bruno", "Delmas", "Responsable d’unité", True, None),
    "pjj": (Role.PJJ, "pjj", "Sonia", "Haddad", "Éducatrice PJJ", False, SeatFunction.REPRESENTATIVE),
    "aemo": (Role.AEMO, "aemo", "Julie", "Perrot", "Cheffe de service AEMO", True, SeatFunction.REPRESENTATIVE),
    "mds": (Role.MDS, "mds", "Farid", "Meziane", "Responsable enfance-famille", True, SeatFunction.REPRESENTATIVE),
    "mds_worker": (Role.MDS, "mds", "Anne", "Roussel", "Assistante sociale", False, None),
    "addap_lead": (Role.OUTREACH, "addap", "Nadia", "Blanc", "Cheffe de service", True, None),
    "addap": (Role.OUTREACH, "addap", "Karim", "Sylla", "Éducateur de rue", False, SeatFunction.REPRESENTATIVE),
    "college": (Role.EDUCATION, "college", "Irène", "Faure", "Conseillère principale d’éducation", True, None),
    "college_b": (Role.EDUCATION, "college_b", "Pascal", "Brémond", "Principal adjoint", True, None),
    "college_c": (Role.EDUCATION, "college_c", "Aïcha", "Zerrouki", "Principale adjointe", True, None),
    "centre_lead": (Role.HOST, "centre", "Sylvie", "Aubanel", "Directrice du centre social", True, None),
    "centre_educator": (Role.HOST, "centre", "Malik", "Ferhat", "Animateur jeunesse", False, None),
    "maille_lead": (Role.HOST, "maille", "Bernard", "Sicard", "Responsable jeunesse", True, None),
    "youth_lead": (Role.HOST, "youth", "Camille", "Rostan", "Directrice", True, None),
    "spip": (Role.SPIP, "spip", "Didier", "Costa", "CPIP", True, None),
    "ressort": (Role.COORDINATOR, "ressort_office", "Denis", "Rey", "Gestion du ressort", False, None),
    "apers_offender": (Role.APERS_OFFENDER, "apers", "Maud", "Girard", "Intervenante socio-judiciaire", False, None),
    "apers_colleague": (Role.APERS_OFFENDER, "apers", "Yvan", "Prieur", "Intervenant socio-judiciaire", False, None),
    "apers_lead": (Role.APERS_OFFENDER, "apers", "Rita", "Saval", "Cheffe du service socio-judiciaire", True, None),
    "apers_victim": (Role.APERS_VICTIM, "apers", "Élodie", "Nguyen", "Juriste, aide aux victimes", False, None),
    "apers_victim_lead": (Role.APERS_VICTIM, "apers", "Solène", "Abadie", "Responsable, aide aux victimes", True, None),
    "apers_victim_other": (Role.APERS_VICTIM, "aavm", "Rosa", "Quintana", "Juriste, autre association", False, None),
    "host": (Role.HOST, "host", "Serge", "Pinel", "Encadrant technique", True, None),
    "tutor": (Role.HOST, "host", "Mona", "Kaci", "Tutrice, sur son téléphone", False, None),
    "tig_referent": (Role.HOST, "town", "Nicole", "Brun", "Référente TIG de la ville", True, None),
    "sah": (Role.SAH, "sah", "Paul", "Lemoine", "Éducateur", True, None),
    "pn": (Role.NATIONAL_POLICE, "pn", "Éric", "Morel", "Délégué à la cohésion", True, None),
    "pm": (Role.MUNICIPAL_POLICE, "pm", "Sandrine", "Roy", "Cheffe de poste", True, None),
    "prosecutor": (Role.PROSECUTOR, "court", "Laure", "Aubert", "Substitut du procureur, parquet des mineurs", False, None),
}  # fmt: skip

# Who works in both, one function at a time. key: (whose second function, role, service, job title)
ALSO: dict[str, tuple[str, Role, str, str]] = {
    "ressort_prosecutor": (
        "prosecutor",
        Role.PROSECUTOR,
        "ressort_court",
        "Substitut du procureur, violences conjugales",
    ),
    "ressort_spip": ("spip", Role.SPIP, "ressort_spip", "CPIP"),
    "ressort_dpo": ("dpo", Role.DPO, "ressort_office", "Déléguée à la protection des données"),
}

CHARTER = """Les membres de la cellule échangent des informations confidentielles, jamais secrètes.

1. L’échange n’a lieu que dans la cellule, jamais en séance plénière.
2. Rien de ce qui relève du secret professionnel n’y est dit ni écrit.
3. Chaque jeune et chaque parent est informé que sa situation est examinée.
4. Chacun n’accède qu’aux situations pour lesquelles il est légitime et compétent.
5. Ce qui est dit en réunion n’en sort pas. Un manquement entraîne l’exclusion du groupe."""


@dataclass
class Town:
    """What the other parts of the demo need."""

    territory: Territory
    ressort: Territory
    group: WatchGroup
    organisations: dict[str, Organisation]
    mandates: dict[str, Mandate]


def build(*, since: datetime, today: date) -> Town:
    """Write services, agents and functions, all in place since `since`; return the town."""
    territory = Territory.objects.create(
        kind=TerritoryKind.COMMUNE, name="Miramont", prefix="MIR", sectors=SECTORS, school_zone="B"
    )
    copy_national_lists(territory, on=since.date())
    _school_holidays(today)
    group = WatchGroup.objects.create(territory=territory, name="Cellule de veille préventive")
    GroupRules.objects.create(
        group=group, version=1, adopted_on=since.date(), valid_from=since.date(), formation=Formation.BY_CIRCLE,
        who_knows_enabled=True, minimum_presence=3,
    )  # fmt: skip
    ressort = Territory.objects.create(kind=TerritoryKind.COURT_DISTRICT, name="Ressort d’Aix", prefix="AIX")
    copy_national_lists(ressort, on=since.date())
    reviewed = midnight(today - CHARTER_REVIEWED)
    charters = {
        place.pk: [
            (signed, EthicsCharter.objects.create(
                territory=place, version=version, text=text, adopted_on=localdate(signed)
            ))
            for version, signed in ((1, since), (2, reviewed))
        ]
        for place, text in ((territory, CHARTER), (ressort, RESSORT_TEXT))
    }  # fmt: skip
    organisations = {
        key: Organisation.objects.create(territory=territory, kind=kind, name=name, short_name=short, letter=letter)
        for key, (kind, name, short, letter, _) in SERVICES.items()
    } | {
        key: Organisation.objects.create(territory=ressort, kind=kind, name=name, short_name=short)
        for key, (kind, name, short) in RESSORT_SERVICES.items()
    }
    memberships = {
        key: GroupMembership.objects.create(
            group=group, organisation=organisations[key], starts_at=since, dated_facts_enabled=key == "addap"
        )
        for key, row in SERVICES.items()
        if row[4]
    }
    mandates: dict[str, Mandate] = {}

    def give(key: str, agent: Agent, role: Role, service: str, title: str, lead: bool = False) -> Mandate:
        organisation = organisations[service]
        mandates[key] = Mandate.objects.create(
            agent=agent, organisation=organisation, territory=organisation.territory, role=role, job_title=title,
            starts_at=since, charter_signed_at=since, charter_version=2, is_service_lead=lead,
        )  # fmt: skip
        for signed, charter in charters[organisation.territory_id]:
            CharterSignature.objects.create(charter=charter, mandate=mandates[key], signed_at=signed)
        return mandates[key]

    for number, (key, (role, service, first, last, title, lead, seat)) in enumerate(AGENTS.items()):
        agent = Agent.objects.create_agent(
            f"{key}@miramont.example", first_name=first, last_name=last, phone=f"04 65 71 20 {number:02d}"
        )
        keys.ensure(agent.pk)
        mandate = give(key, agent, role, service, title, lead)
        if seat is not None:
            Seat.objects.create(membership=memberships[service], mandate=mandate, function=seat, starts_at=since)
    for key, (whose, role, service, title) in ALSO.items():
        agent = mandates[whose].agent
        agent.last_mandate_id = mandates[whose].pk  # the town first, the ressort in one click
        agent.save(update_fields=["last_mandate_id"])
        give(key, agent, role, service, title)
    return Town(
        territory=territory, ressort=ressort, group=group, organisations=organisations, mandates=mandates
    )  # fmt: skip


# Zone B, as published: first and last day without class.
HOLIDAYS: tuple[tuple[str, date, date], ...] = (
    ("vacances de la Toussaint", date(2025, 10, 18), date(2025, 11, 2)),
    ("vacances de Noël", date(2025, 12, 20), date(2026, 1, 4)),
    ("vacances d’hiver", date(2026, 2, 14), date(2026, 3, 1)),
    ("vacances de printemps", date(2026, 4, 11), date(2026, 4, 26)),
    ("vacances d’été", date(2026, 7, 4), date(2026, 8, 31)),
    ("vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
    ("vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
    ("vacances d’hiver", date(2027, 2, 20), date(2027, 3, 7)),
    ("vacances de printemps", date(2027, 4, 17), date(2027, 5, 2)),
    ("vacances d’été", date(2027, 7, 3), date(2027, 8, 31)),
)


def _school_holidays(today: date) -> None:
    """Write the holidays of zone B that are published, and for other years days close enough to plan around."""
    for label, starts_on, ends_on in HOLIDAYS:
        SchoolHoliday.objects.get_or_create(zone="B", label=label, starts_on=starts_on, ends_on=ends_on)
    known = {(label, starts_on.year) for label, starts_on, _ in HOLIDAYS}
    for year in (today.year - 1, today.year, today.year + 1):
        for label, start, end in (
            ("vacances de la Toussaint", (10, 18), (11, 3)),
            ("vacances de Noël", (12, 20), (12, 31)),
            ("vacances d’hiver", (2, 14), (3, 2)),
            ("vacances de printemps", (4, 11), (4, 27)),
            ("vacances d’été", (7, 4), (8, 31)),
        ):
            if (label, year) not in known:
                SchoolHoliday.objects.get_or_create(
                    zone="B", label=label, starts_on=date(year, *start), ends_on=date(year, *end)
                )


def midnight(day: date) -> datetime:
    """Return the first instant of a day in the town."""
    return start_instant(day)
