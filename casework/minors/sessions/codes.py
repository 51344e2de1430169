"""Closed lists of the meetings of the group (CLV-21, CLV-23)."""

from __future__ import annotations

from django.db.models import TextChoices


class SessionState(TextChoices):
    """A meeting from its preparation to its approved minutes."""

    PREPARED = "prepared", "en préparation"
    CONVENED = "convened", "invitations envoyées"
    OPEN = "open", "en cours"
    CLOSED = "closed", "tenue, relevé à approuver"
    APPROVED = "approved", "relevé approuvé"
    CANCELLED = "cancelled", "annulée"


class Presence(TextChoices):
    """Attendance of a service at the meeting."""

    EXPECTED = "expected", "attendu"
    PRESENT = "present", "présent"
    EXCUSED = "excused", "excusé"
    ABSENT = "absent", "absent"


class LineKind(TextChoices):
    """What a line of the agenda is about."""

    SITUATION = "situation", "situation"
    QUESTION = "question", "question sans nom"


class LineState(TextChoices):
    """Where a line of the agenda stands during the meeting."""

    WAITING = "waiting", "à venir"
    OPENED = "opened", "ouverte"
    DONE = "done", "examinée"
    POSTPONED = "postponed", "reportée"


class AgendaReason(TextChoices):
    """Why a situation is on the agenda; each line shows its reasons."""

    NEW_REFERRAL = "new_referral", "nouvelle saisine"
    REVIEW_DUE = "review_due", "à revoir"
    DECISION_LATE = "decision_late", "décision en retard"
    SCHEME_ENDING = "scheme_ending", "dispositif qui s’achève"
    ASKED = "asked", "demandée par un partenaire"
    NOT_DISCUSSED = "not_discussed", "pas examinée depuis trois réunions"
    RESTRICTED_POINT = "restricted_point", "point restreint à rapporter"
    ADDED = "added", "ajoutée par la coordination"


class PreparationState(TextChoices):
    """Five one-click states that all count as done."""

    NOTHING_NEW = "nothing_new", "Rien de nouveau"
    WILL_SPEAK = "will_speak", "J’en parlerai en réunion"
    LAST_DECISIONS = "last_decisions", "Décisions de la dernière fois"
    PROPOSES = "proposes", "Je propose…"
    NOTHING_TO_SAY = "nothing_to_say", "Rien à communiquer"


class FactKind(TextChoices):
    """The one dated, observed, sourced fact a preparation may carry (SIT-06)."""

    SEEN_IN_STREET = "seen_in_street", "vu dans l’espace public"
    MET_FAMILY = "met_family", "famille rencontrée"
    MISSED_APPOINTMENT = "missed_appointment", "rendez-vous manqué"
    BACK_TO_SCHOOL = "back_to_school", "retour en classe"
    ABSENT_FROM_SCHOOL = "absent_from_school", "absence scolaire"
    JOINED_ACTIVITY = "joined_activity", "activité commencée"


class AgeBand(TextChoices):
    """Age bands (SDC-09), or none."""

    NONE = "", "non précisé"
    B10 = "10-12", "10-12 ans"
    B13 = "13-15", "13-15 ans"
    B16 = "16-17", "16-17 ans"
    B18 = "18-20", "18-20 ans"
    B21 = "21-25", "21-25 ans"


class QuestionTopic(TextChoices):
    """Coded question asked without a name (SEC-09)."""

    SCHEME = "scheme", "quel dispositif solliciter ?"
    CONTACT = "contact", "comment entrer en contact ?"
    SCHOOL = "school", "situation de décrochage"
    GROUP = "group", "regroupement sur un secteur"
    FAMILY = "family", "appui à une famille"


class QuestionAdvice(TextChoices):
    """One coded advice."""

    CONTACT_SCHEME = "contact_scheme", "solliciter un dispositif"
    CONTACT_SERVICE = "contact_service", "joindre un service du groupe"
    KEEP_CONTACT = "keep_contact", "garder le lien"
    REFER_WITH_AGREEMENT = "refer_with_agreement", "saisir la cellule avec l’accord du jeune"
    OTHER_BODY = "other_body", "relève d’une autre instance"


class MinutesState(TextChoices):
    """The relevé de décisions, from the closing of the meeting to its approval."""

    SUBMITTED = "submitted", "soumis à approbation"
    APPROVED = "approved", "approuvé"


class Approval(TextChoices):
    """A member's answer on the minutes; silence after the rules' delay approves."""

    APPROVED = "approved", "approuvé"
    OBJECTED = "objected", "demande de rectification"


class ObjectionKind(TextChoices):
    """What a member asks to correct, coded."""

    DECISION = "decision", "une décision"
    OWNER = "owner", "un porteur"
    DATE = "date", "une échéance"
    ATTENDANCE = "attendance", "une présence"
