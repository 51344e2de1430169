"""Closed lists of hosts and posts, and the national lists that a territory starts with."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from django.db import models

from casework.partners.codes import Role


class Half(models.TextChoices):
    """The half-days of a day: what a place is counted in."""

    AM = "am", "matin"
    PM = "pm", "après-midi"


class Audience(models.TextChoices):
    """Whom a post is proposed for. Who lists it for whom: `LISTS_FOR`."""

    ADULTS = "adults", "majeurs"
    MINORS = "minors", "mineurs"
    BOTH = "both", "majeurs et mineurs"


class AccreditedFor(models.TextChoices):
    """Whom an accreditation is for: two authorities, two decisions (HOST-03, TIGM-06)."""

    ADULTS = "adults", "majeurs (SPIP)"
    MINORS = "minors", "mineurs (PJJ)"


# The authority that accredits hosts and lists posts for each public: the director of the SPIP for adults, the
# territorial director of the PJJ for minors (CPEN R623-3, R623-8; CJPM R122-1, R122-2).
LISTS_FOR: Final[dict[str, AccreditedFor]] = {Role.SPIP: AccreditedFor.ADULTS, Role.PJJ: AccreditedFor.MINORS}


class LegalKind(models.TextChoices):
    """Who may be a host (HOST-01, CP 131-8)."""

    PUBLIC = "public", "personne morale de droit public"
    PRIVATE_PUBLIC_SERVICE = "private_public_service", "personne privée chargée d’un service public"
    ASSOCIATION = "association", "association"
    ESS = "ess", "entreprise de l’économie sociale et solidaire d’utilité sociale"


class HostStage(models.TextChoices):
    """Where a possible host stands (seed action 8)."""

    TO_CONTACT = "to_contact", "à contacter"
    CONTACTED = "contacted", "contactée"
    INTERESTED = "interested", "intéressée"
    DECLINED = "declined", "refus"
    AGREED = "agreed", "convention en cours"
    ENDED = "ended", "convention terminée"


PROSPECTED = (HostStage.TO_CONTACT, HostStage.CONTACTED, HostStage.INTERESTED)


class NextStep(models.TextChoices):
    """What comes next with a possible host, in a code: never a word about anybody (seed action 8)."""

    CALL = "call", "appeler"
    SEND = "send", "envoyer la présentation"
    VISIT = "visit", "aller sur place"
    MEET = "meet", "rencontrer la direction"
    SIGN = "sign", "faire signer la convention"
    WAIT = "wait", "attendre sa réponse"


class FundingLine(models.TextChoices):
    """On which line the reception is funded."""

    NONE = "none", "sans financement"
    FIPD = "fipd", "FIPD"
    TOWN_POLICY = "town_policy", "politique de la ville"
    MUNICIPAL = "municipal", "budget de la commune"
    DEPARTEMENT = "departement", "département"
    OTHER = "other", "autre financement"


class AccreditationState(models.TextChoices):
    """From the request to the decision (HOST-03). Its five years end by their date (HOST-04)."""

    ASKED = "asked", "demandée"
    OPINIONS_ASKED = "opinions_asked", "avis demandés"
    GRANTED = "granted", "accordée"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"


class PostState(models.TextChoices):
    """From the description to the departmental list (HOST-06 to HOST-08)."""

    DRAFT = "draft", "à décrire"
    OPINIONS_ASKED = "opinions_asked", "avis demandés"
    LISTED = "listed", "inscrit sur la liste"
    SUSPENDED = "suspended", "suspendu"
    STRUCK_OFF = "struck_off", "radié"


class SuspendedBy(models.TextChoices):
    """Who suspended a post provisionally (HOST-08)."""

    SPIP = "spip", "le SPIP"
    PJJ = "pjj", "la PJJ"
    HOST = "host", "la structure"


SUSPENDS_AS: Final[dict[str, SuspendedBy]] = {
    Role.SPIP: SuspendedBy.SPIP, Role.PJJ: SuspendedBy.PJJ, Role.HOST: SuspendedBy.HOST,
}  # fmt: skip


class SuspendReason(models.TextChoices):
    """Why a post is suspended. Nothing about anybody."""

    SUPERVISION = "supervision", "encadrement absent"
    SAFETY = "safety", "sécurité du lieu"
    WORKS = "works", "travaux"
    ACTIVITY = "activity", "activité arrêtée"
    REVIEW = "review", "point à faire avec la structure"


class StrikeReason(models.TextChoices):
    """Why a post leaves the list, or never enters it."""

    ACTIVITY = "activity", "activité terminée"
    AGREEMENT = "agreement", "fin de la convention"
    OPINION = "opinion", "avis défavorable"
    UNFIT = "unfit", "conditions non remplies"
    ERROR = "error", "erreur de saisie"


class DeclineReason(models.TextChoices):
    """Why an organisation does not become a host."""

    NO_SUPERVISOR = "no_supervisor", "pas d’encadrant disponible"
    NO_WORK = "no_work", "pas d’activité adaptée"
    NOT_NOW = "not_now", "pas pour le moment"
    PRINCIPLE = "principle", "refus de principe"


class ProposalAnswer(models.TextChoices):
    """What a host asked for a place answered. Silence is never a yes."""

    ACCEPTED = "accepted", "acceptée"
    DECLINED = "declined", "refusée"
    NO_ANSWER = "no_answer", "sans réponse à la date"
    WITHDRAWN = "withdrawn", "retirée par le service"


class NoPlace(models.TextChoices):
    """Why a host says no to one request, coded: never about the person."""

    NO_SUPERVISOR = "no_supervisor", "pas de tuteur disponible"
    NO_ROOM = "no_room", "plus de place sur ces demi-journées"
    NOT_SUITED = "not_suited", "activité non adaptée aux limites indiquées"
    CLOSED = "closed", "fermeture ou travaux"


class PostNeed(models.TextChoices):
    """What the work asks for. A person's working limits are said with the same words."""

    HEAVY_LOADS = "heavy_loads", "port de charges"
    STANDING = "standing", "station debout prolongée"
    HEIGHTS = "heights", "travail en hauteur"
    OUTDOORS = "outdoors", "travail en extérieur"
    PUBLIC_CONTACT = "public_contact", "contact avec le public"
    CHILDREN = "children", "présence d’enfants"
    DRIVING = "driving", "permis de conduire"
    READING = "reading", "lire et écrire le français"
    NO_TRANSPORT = "no_transport", "lieu sans transports en commun"


class PostRisk(models.TextChoices):
    """Special risks: the medical exam comes first (ASG-05, CPEN R623-14)."""

    NIGHT = "night", "travail de nuit"
    MACHINES = "machines", "machines ou outils dangereux"
    CHEMICALS = "chemicals", "produits chimiques"
    INFECTION = "infection", "risque infectieux (établissement de soins)"
    FALLS = "falls", "risque de chute"
    ROADSIDE = "roadside", "travail au bord de la route"


class OutReason(models.TextChoices):
    """Why places are out of use for some days."""

    CLOSED = "closed", "fermeture annuelle"
    SUPERVISION = "supervision", "encadrement absent"
    WORKS = "works", "travaux"
    WEATHER = "weather", "intempéries"
    EVENT = "event", "manifestation"


class BookingState(models.TextChoices):
    """A place held for an answer, or given."""

    RESERVED = "reserved", "réservée"
    USED = "used", "occupée"


class TrainingTopic(models.TextChoices):
    """What tutors are trained to (seed action 8)."""

    WELCOME = "welcome", "accueillir une personne en TIG"
    MINORS = "minors", "accueillir un mineur"
    CONFLICT = "conflict", "prévenir et apaiser un conflit"
    SAFETY = "safety", "sécurité au travail"
    LAW = "law", "cadre légal et confidentialité"


class TrainingGivenBy(models.TextChoices):
    """Who gave a training to tutors."""

    SPIP = "spip", "SPIP"
    PJJ = "pjj", "PJJ"
    AGENCY = "agency", "ATIGIP"
    TOWN = "town", "ville"
    HOST = "host", "la structure"
    OTHER = "other", "autre organisme"


class NationalReference(NamedTuple):
    """A legal reference to copy: stable code, what it is about, article, from, to (excluded)."""

    code: str
    label: str
    ref: str
    valid_from: date
    valid_to: date | None = None


# Texts change: they are data with dates (DL-23). CPP: renumbered on 1 January 2029 (ordonnance 2025-1091).
_CODE_OF_SENTENCES = date(2022, 5, 1)
_CPP_ENDS = date(2029, 1, 1)
LEGAL_REFERENCES: Final[tuple[NationalReference, ...]] = (
    NationalReference("tig_main", "TIG, peine principale", "code pénal, art. 131-8", date(2024, 1, 1)),
    NationalReference("tig_term", "Exécution du TIG, dix-huit mois au plus", "code pénal, art. 131-22", date(2024, 1, 1)),
    NationalReference("tig_lists", "Listes de postes et avis", "code pénal, art. 131-36", date(2020, 3, 24)),
    NationalReference("host_accreditation", "Habilitation des structures", "code pénitentiaire, art. R623-2 à R623-6", _CODE_OF_SENTENCES),
    NationalReference("post_listing", "Inscription, suspension et radiation des postes", "code pénitentiaire, art. R623-7 à R623-10", _CODE_OF_SENTENCES),
    NationalReference("host_duties", "Obligations de la structure d’accueil", "code pénitentiaire, art. R623-19 à R623-23", _CODE_OF_SENTENCES),
    NationalReference("tig_minors", "TIG des mineurs", "code de la justice pénale des mineurs, art. L122-1 et R122-1", date(2021, 9, 30)),
    NationalReference("tnr", "Travail non rémunéré (composition pénale)", "code de procédure pénale, art. 41-2 et 41-3", date(2021, 9, 30), _CPP_ENDS),
    NationalReference("tig_conversion", "Conversion en jours-amende", "code de procédure pénale, art. 733-1", date(2020, 3, 24), _CPP_ENDS),
)  # fmt: skip
