"""Closed lists of « téléphone grave danger » (domain.md §6.4, §10.5): states, the conditions of the law, tests, papers.

Nowhere a position, nor what an alert said (TGD-18).
"""

from __future__ import annotations

from django.db import models


class DeviceState(models.TextChoices):
    """Where a device is in its life (TGD-19)."""

    IN_STOCK = "in_stock", "en réserve"
    ALLOCATED = "allocated", "en usage"
    TO_RECOVER = "to_recover", "à récupérer"
    RETURNED = "returned", "restitué, à effacer"
    WIPED = "wiped", "effacé"
    LOST = "lost", "perdu"
    BROKEN = "broken", "en panne"
    RETIRED = "retired", "retiré du parc"


class State(models.TextChoices):
    """Where an allocation stands (10.5)."""

    SIGNALLED = "signalled", "évaluation demandée"
    ASSESSING = "assessing", "en évaluation"
    ELIGIBLE = "eligible", "décision attendue"
    NOT_ELIGIBLE = "not_eligible", "conditions non réunies"
    DECIDED_YES = "decided_yes", "accordé, à remettre"
    DECIDED_NO = "decided_no", "refusé par le parquet"
    HANDED_OVER = "handed_over", "en usage"
    RENEWED = "renewed", "en usage, renouvelé"
    WITHDRAWAL_PENDING = "withdrawal_pending", "à restituer"
    RETURNED = "returned", "restitué, à effacer"
    CLOSED = "closed", "terminé"


IN_USE = frozenset({State.HANDED_OVER, State.RENEWED})
HOLDING = IN_USE | {State.WITHDRAWAL_PENDING}
"""A device is in her hands."""
TO_ASSESS = frozenset({State.SIGNALLED, State.ASSESSING})
WITH_SHEET = HOLDING | {State.DECIDED_YES}
"""A version of the « fiche navette » is made (TGD-13)."""
OPEN = TO_ASSESS | HOLDING | {State.ELIGIBLE, State.DECIDED_YES}
"""One at a time for one person."""
ENDED = frozenset({State.NOT_ELIGIBLE, State.DECIDED_NO, State.CLOSED})


class Origin(models.TextChoices):
    """Who asks that her danger be assessed (TGD-09); the law takes it from anybody (TGD-02)."""

    POLICE = "police", "police ou gendarmerie"
    JUDGE = "judge", "juge"
    PROSECUTOR = "prosecutor", "parquet"
    SPIP = "spip", "SPIP"
    HOSPITAL = "hospital", "hôpital"
    SOCIAL_SERVICE = "social_service", "service social"
    ASSOCIATION = "association", "association"
    HERSELF = "herself", "elle-même"


class Assessor(models.TextChoices):
    """Who assessed (TGD-10)."""

    ASSOCIATION = "association", "l’association"
    INVESTIGATORS = "investigators", "les enquêteurs"


class Urgency(models.TextChoices):
    """How soon a device is needed; the waiting list follows it, then the date."""

    NOW = "now", "immédiate"
    DAYS = "days", "quelques jours"
    USUAL = "usual", "ordinaire"


class Danger(models.TextChoices):
    """What makes the danger grave. No diagnosis, no words: codes."""

    THREATS = "threats", "menaces de mort"
    WEAPON = "weapon", "arme accessible"
    WORSENING = "worsening", "violences qui s’aggravent"
    SEPARATION = "separation", "séparation récente"
    BREACH = "breach", "interdiction déjà violée"
    WATCHING = "watching", "surveillance, harcèlement"
    RELEASE = "release", "sortie de détention proche"
    CHILDREN = "children", "enfants exposés"


class Ground(models.TextChoices):
    """Of what she is a victim (TGD-01)."""

    PARTNER = "partner", "violences du conjoint, concubin ou partenaire"
    FORMER = "former", "violences d’un ancien conjoint, concubin ou partenaire"
    RAPE = "rape", "viol"


class Ban(models.TextChoices):
    """What forbids contact (TGD-06 a, TGD-07), or the imminent danger that stands for it (TGD-06 b)."""

    PROTECTION_ORDER = "protection_order", "ordonnance de protection"
    IMMEDIATE_ORDER = "immediate_order", "ordonnance provisoire de protection immédiate"
    ALTERNATIVE = "alternative", "alternative aux poursuites"
    COMPOSITION = "composition", "composition pénale"
    JUDICIAL_CONTROL = "judicial_control", "contrôle judiciaire"
    ARSE = "arse", "assignation à résidence sous surveillance électronique"
    SENTENCE = "sentence", "condamnation"
    ADJUSTMENT = "adjustment", "aménagement de peine"
    SECURITY = "security", "mesure de sûreté"
    ON_THE_RUN = "on_the_run", "danger imminent : mis en cause en fuite"
    NOT_ARRESTED = "not_arrested", "danger imminent : mis en cause pas encore interpellé"
    NOT_YET = "not_yet", "danger imminent : interdiction pas encore prononcée"


IMMINENT = frozenset({Ban.ON_THE_RUN, Ban.NOT_ARRESTED, Ban.NOT_YET})


class Proof(models.TextChoices):
    """What each condition was seen in."""

    DECISION = "decision", "décision de justice"
    COURT = "court", "confirmé par le parquet"
    POLICE = "police", "procès-verbal ou note d’enquête"
    SIGNED = "signed", "écrit signé par elle"
    SAID = "said", "ce qu’elle déclare"


class How(models.TextChoices):
    """By what way a decision came (TGD-02)."""

    PAGE = "page", "sur la page du parquet"
    ORAL = "oral", "de vive voix, en urgence"
    WRITTEN = "written", "par écrit transmis"


class DecisionKind(models.TextChoices):
    """What was decided."""

    ALLOT = "allot", "attribution"
    REFUSE = "refuse", "refus"
    RENEW = "renew", "renouvellement"


class Channel(models.TextChoices):
    """By what way a paper left or came."""

    SECURE_MAIL = "secure_mail", "messagerie sécurisée"
    HAND = "hand", "remise en main propre"
    LETTER = "letter", "courrier"
    FAX = "fax", "télécopie"


class Recipient(models.TextChoices):
    """Who may receive the sheet (TGD-14): nobody else is a recipient, not the town (TGD-15)."""

    PROSECUTOR = "prosecutor", "parquet"
    OPERATOR = "operator", "téléassisteur"
    POLICE = "police", "police nationale"
    GENDARMERIE = "gendarmerie", "gendarmerie"


class SheetField(models.TextChoices):
    """A line of the « fiche navette » (TGD-13): its usual order, its usual title. Neither position nor alert (TGD-18)."""

    BENEFICIARY = "beneficiary", "Bénéficiaire"
    RULES = "rules", "Avant de la joindre"
    NUMBER = "number", "Téléphone sûr"
    GROUND = "ground", "Victime de"
    APART = "apart", "Pas de vie commune"
    BAN = "ban", "Interdiction ou danger imminent"
    CONSENT = "consent", "Son accord exprès"
    LOCATION = "location", "Localisée lors d’une alerte"
    DECISION = "decision", "Décision du parquet"
    DEVICE = "device", "Appareil"
    HANDED = "handed", "Remis le"
    TERM = "term", "Terme"
    ASSOCIATION = "association", "Association"
    SERIAL = "serial", "Numéro de série"
    ADDRESS = "address", "Adresse"


class Withdrawal(models.TextChoices):
    """Why a device is given back (TGD-05, TGD-11)."""

    JAILED = "jailed", "mis en cause incarcéré"
    HER_WISH = "her_wish", "à sa demande"
    MISUSE = "misuse", "demande du parquet, après avis du comité"
    DANGER_OVER = "danger_over", "le danger a cessé"
    COHABITATION = "cohabitation", "vie commune reprise"


class Result(models.TextChoices):
    """What a test gave (TGD-13)."""

    PASSED = "passed", "réussi"
    FAILED = "failed", "échoué"
    NOT_REACHED = "not_reached", "non joint"


class Loss(models.TextChoices):
    """Why a device is replaced."""

    LOST = "lost", "perdu ou volé"
    BROKEN = "broken", "en panne"


LOSSES: dict[str, DeviceState] = {Loss.LOST: DeviceState.LOST, Loss.BROKEN: DeviceState.BROKEN}
