"""Closed lists of partners: kinds of organisation, roles, kinds of territory (domain.md §9.1, §11)."""

from __future__ import annotations

from django.db import models


class TerritoryKind(models.TextChoices):
    """What a territory is (CLV-07: a commune or an EPCI)."""

    COMMUNE = "commune", "commune"
    EPCI = "epci", "intercommunalité"
    COURT_DISTRICT = "court_district", "ressort judiciaire"
    DEPARTEMENT = "departement", "département"


class OrganisationKind(models.TextChoices):
    """Generic kinds: ADDAP 13 or APERS are data, not code."""

    MUNICIPALITY = "municipality", "commune"
    STREET_OUTREACH = "street_outreach", "prévention spécialisée"
    YOUTH_JUSTICE = "youth_justice", "protection judiciaire de la jeunesse"
    ACCREDITED_ASSOCIATION = "accredited_association", "secteur associatif habilité"
    HOME_EDUCATIONAL_SUPPORT = "home_educational_support", "service d’AEMO"
    SOCIAL_SERVICE = "social_service", "maison départementale de la solidarité"
    PROBATION = "probation", "service pénitentiaire d’insertion et de probation"
    COURT_SUPERVISION_ASSOCIATION = "court_supervision_association", "association socio-judiciaire"
    SCHOOL = "school", "établissement scolaire"
    HOST = "host", "structure d’accueil"
    NATIONAL_POLICE = "national_police", "police nationale"
    MUNICIPAL_POLICE = "municipal_police", "police municipale"
    LANDLORD = "landlord", "bailleur"
    COURT = "court", "juridiction"
    OTHER = "other", "autre"


class Role(models.TextChoices):
    """The columns of the access matrix (domain.md §11), plus `valideur` (design.md §11)."""

    COORDINATOR = "clspd_coordinator", "coordination du CLSPD"
    MAYOR = "mayor", "maire"
    PJJ = "pjj", "PJJ"
    SAH = "sah", "association habilitée PJJ"
    AEMO = "aemo", "AEMO"
    MDS = "mds", "MDS"
    OUTREACH = "outreach", "prévention spécialisée"
    EDUCATION = "education", "Éducation nationale"
    SPIP = "spip", "SPIP"
    APERS_OFFENDER = "apers_offender", "suivi socio-judiciaire"
    APERS_VICTIM = "apers_victim", "aide aux victimes"
    HOST = "host", "structure d’accueil"
    NATIONAL_POLICE = "national_police", "police nationale"
    MUNICIPAL_POLICE = "municipal_police", "police municipale"
    PROSECUTOR = "prosecutor", "parquet"
    DPO = "dpo", "délégué à la protection des données"
    SYSADMIN = "sysadmin", "administration technique"
    VALIDEUR = "valideur", "seconde validation"


class SeatFunction(models.TextChoices):
    """Who holds a service's seat in the group (design.md §4)."""

    REPRESENTATIVE = "representative", "représentant"
    DEPUTY = "deputy", "suppléant"


class Formation(models.TextChoices):
    """How the group hears situations: everybody, or the circle only (issue: attendance)."""

    SINGLE = "single", "formation unique"
    BY_CIRCLE = "by_circle", "par cercle"


class MandateEnd(models.TextChoices):
    """Why a mandate ended."""

    TERM = "term", "terme atteint"
    LEFT = "left", "départ du service"
    HANDED_OVER = "handed_over", "fonction confiée à une autre personne"
    CHARTER_BREACH = "charter_breach", "manquement à la charte"
    ERROR = "error", "erreur de saisie"


class InvitationKind(models.TextChoices):
    """What a one-time link is for."""

    FIRST_SIGN_IN = "first_sign_in", "première connexion"
    RESET = "reset", "nouveau mot de passe"


# Which roles a kind of organisation can hold (domain.md §11, columns). A kind that is not here has none.
ROLES_BY_KIND: dict[str, tuple[Role, ...]] = {
    OrganisationKind.MUNICIPALITY: (
        Role.COORDINATOR, Role.MAYOR, Role.VALIDEUR, Role.DPO, Role.SYSADMIN, Role.HOST, Role.MUNICIPAL_POLICE,
    ),
    OrganisationKind.STREET_OUTREACH: (Role.OUTREACH,),
    OrganisationKind.YOUTH_JUSTICE: (Role.PJJ,),
    OrganisationKind.ACCREDITED_ASSOCIATION: (Role.SAH,),
    OrganisationKind.HOME_EDUCATIONAL_SUPPORT: (Role.AEMO,),
    OrganisationKind.SOCIAL_SERVICE: (Role.MDS,),
    OrganisationKind.PROBATION: (Role.SPIP,),
    OrganisationKind.COURT_SUPERVISION_ASSOCIATION: (Role.APERS_OFFENDER, Role.APERS_VICTIM),
    OrganisationKind.SCHOOL: (Role.EDUCATION,),
    OrganisationKind.HOST: (Role.HOST,),
    OrganisationKind.NATIONAL_POLICE: (Role.NATIONAL_POLICE,),
    OrganisationKind.MUNICIPAL_POLICE: (Role.MUNICIPAL_POLICE,),
    OrganisationKind.COURT: (Role.PROSECUTOR,),
    OrganisationKind.OTHER: (Role.DPO,),
}  # fmt: skip

# A ressort has no town hall: whoever keeps its directory, its rights and its server is of a service apart (ADR 72).
_RESSORT_OFFICE = (Role.COORDINATOR, Role.DPO, Role.SYSADMIN)
RESSORT_COORDINATION = "gestion du ressort"
"""How the coordinator's role is called there: no CLSPD, services and their heads."""


def roles_of(territory_kind: str, organisation_kind: str) -> tuple[Role, ...]:
    """Return the roles that a service of this kind can hold, on such a territory."""
    if territory_kind == TerritoryKind.COURT_DISTRICT and organisation_kind == OrganisationKind.OTHER:
        return _RESSORT_OFFICE
    return ROLES_BY_KIND.get(organisation_kind, ())


# Who may sit in the cellule (CLV-20): no police, no school, no landlord, no court.
MEMBER_KINDS: frozenset[str] = frozenset(
    {
        OrganisationKind.MUNICIPALITY,
        OrganisationKind.STREET_OUTREACH,
        OrganisationKind.YOUTH_JUSTICE,
        OrganisationKind.HOME_EDUCATIONAL_SUPPORT,
        OrganisationKind.SOCIAL_SERVICE,
    }
)

# Roles without service lead (row 31a « - »): the coordinator appoints them one by one.
LEADLESS_ROLES: frozenset[str] = frozenset(
    {Role.COORDINATOR, Role.MAYOR, Role.NATIONAL_POLICE, Role.MUNICIPAL_POLICE, Role.VALIDEUR}
)

# An agent never acts on both sides of a couple-violence case (ACL-06), whatever the territories of the two functions.
OPPOSITE: dict[Role, Role] = {Role.APERS_OFFENDER: Role.APERS_VICTIM, Role.APERS_VICTIM: Role.APERS_OFFENDER}

# Whoever controls or runs the system is appointed on the server only, never by those it controls.
SERVER_ROLES: frozenset[str] = frozenset({Role.DPO, Role.SYSADMIN})

# VIC-07: between the two sides of a couple-violence case, unless the prosecutor agrees.
SIDE_CHANGE_MONTHS = 12

# Leads of these services need a second person, the DPO or the prosecutor's agent (domain.md §11.1, 31a).
TWO_PERSON_ROLES: frozenset[str] = frozenset({Role.APERS_OFFENDER, Role.APERS_VICTIM})
