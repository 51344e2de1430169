"""Closed lists of what is kept of nobody: groups coarser than a file's own codes, and what is counted by month (ADR 75)."""

from __future__ import annotations

from django.db.models import TextChoices

from casework.minors.followups.codes import EndReason, ReferralOrigin


class EndGroup(TextChoices):
    """How follow-ups end, coarse enough for a line of nobody (ADR 75)."""

    GOAL = "goal", "objectif atteint"
    RELAY = "relay", "relais pris par un autre service"
    STOPPED = "stopped", "arrêt sans relais (départ, refus, sans motif)"
    AGE = "age", "limite d’âge ou durée atteinte"


# A judicial takeover is one relay among others: a line says of nobody that justice took over.
END_GROUPS: dict[EndReason, EndGroup] = {
    EndReason.GOAL_REACHED: EndGroup.GOAL,
    EndReason.HANDED_OVER: EndGroup.RELAY,
    EndReason.JUDICIAL_TAKEOVER: EndGroup.RELAY,
    EndReason.MOVED: EndGroup.STOPPED,
    EndReason.REFUSED: EndGroup.STOPPED,
    EndReason.NO_GROUND: EndGroup.STOPPED,
    EndReason.REACHED_AGE_LIMIT: EndGroup.AGE,
    EndReason.PURGE: EndGroup.AGE,
}


class OriginGroup(TextChoices):
    """Who brings situations, in groups (SIT-01)."""

    POLICE = "police", "polices"
    SCHOOL = "school", "établissements scolaires"
    SOCIAL = "social", "services sociaux et éducatifs"
    JUSTICE = "justice", "justice"
    TOWN = "town", "services municipaux et bailleurs"
    FAMILY = "family", "familles"


ORIGIN_GROUPS: dict[ReferralOrigin, OriginGroup] = {
    ReferralOrigin.NATIONAL_POLICE: OriginGroup.POLICE,
    ReferralOrigin.MUNICIPAL_POLICE: OriginGroup.POLICE,
    ReferralOrigin.SCHOOL: OriginGroup.SCHOOL,
    ReferralOrigin.LANDLORD: OriginGroup.TOWN,
    ReferralOrigin.SOCIAL_SERVICE: OriginGroup.SOCIAL,
    ReferralOrigin.STREET_OUTREACH: OriginGroup.SOCIAL,
    ReferralOrigin.AEMO: OriginGroup.SOCIAL,
    ReferralOrigin.PJJ: OriginGroup.JUSTICE,
    ReferralOrigin.SPIP: OriginGroup.JUSTICE,
    ReferralOrigin.PROSECUTOR: OriginGroup.JUSTICE,
    ReferralOrigin.FAMILY: OriginGroup.FAMILY,
    ReferralOrigin.MUNICIPAL_SERVICE: OriginGroup.TOWN,
}


class Duration(TextChoices):
    """How long a follow-up lasted, from the entry."""

    UNDER_6 = "under_6", "moins de six mois"
    TO_12 = "6_12", "six mois à un an"
    TO_24 = "12_24", "un à deux ans"
    OVER_24 = "over_24", "plus de deux ans"


class Meetings(TextChoices):
    """How many times a situation was examined in a meeting."""

    ONE = "0_1", "une fois au plus"
    TO_3 = "2_3", "deux ou trois fois"
    TO_6 = "4_6", "quatre à six fois"
    MORE = "7_up", "sept fois ou plus"


class CountKind(TextChoices):
    """What the anonymous counts keep after rows are gone."""

    REDIRECTED = "redirected", "saisines réorientées"
    REJECTED = "rejected", "saisines hors champ"
    QUESTION = "question", "questions sans nom"
    IMPORT_OVER_25 = "import_over_25", "lignes reprises : plus de 25 ans"
    IMPORT_PURGED = "import_purged", "lignes reprises : durée dépassée"
    RECEIVED_POLICE = "received_police", "saisines reçues : polices"
    RECEIVED_SCHOOL = "received_school", "saisines reçues : établissements scolaires"
    RECEIVED_SOCIAL = "received_social", "saisines reçues : services sociaux et éducatifs"
    RECEIVED_JUSTICE = "received_justice", "saisines reçues : justice"
    RECEIVED_TOWN = "received_town", "saisines reçues : services municipaux et bailleurs"
    RECEIVED_FAMILY = "received_family", "saisines reçues : familles"


# Counted on the day they come: a saisine sorted out or erased before its year is over was received all the same.
RECEIVED: dict[OriginGroup, CountKind] = {group: CountKind(f"received_{group.value}") for group in OriginGroup}
