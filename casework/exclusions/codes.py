"""Closed lists of exclusion support (domain.md §7, §10.6): kinds, states, themes, presence, reasons."""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    """Why the pupil is received. An exclusion from class is not here: the pupil stays at school (EXC-03)."""

    EXCLUSION = "exclusion", "exclusion temporaire de l’établissement"
    SUSPENDED = "suspended", "exclusion avec sursis"
    RESPONSIBILITY = "responsibility", "mesure de responsabilisation"
    PRECAUTIONARY = "precautionary", "mesure conservatoire"


OUTSIDE_CLASS = frozenset({Kind.SUSPENDED, Kind.RESPONSIBILITY})
"""The pupil goes to school meanwhile: half-days are outside class hours (EXC-04, EXC-05)."""


class State(models.TextChoices):
    """Where a support stands (10.6)."""

    PLACE_HELD = "place_held", "place tenue, sans nom"
    NOTIFIED = "notified", "accords à recueillir"
    AGREED = "agreed", "accueil prévu"
    HOSTED = "hosted", "accueil en cours"
    RETURN_MEETING = "return_meeting", "retour à conclure"
    CLOSED = "closed", "terminé"
    CANCELLED = "cancelled", "annulé"
    DECLINED = "declined", "refusé par la famille"
    FREED = "freed", "place rendue"


ENDED = frozenset({State.CLOSED, State.CANCELLED, State.DECLINED, State.FREED})
NAMED = frozenset({State.NOTIFIED, State.AGREED, State.HOSTED, State.RETURN_MEETING, State.CLOSED})
REASON_READ = frozenset({State.AGREED, State.HOSTED, State.RETURN_MEETING})
"""The states in which the named educator reads the reason code (row 27: from agreement to closing)."""


class Level(models.TextChoices):
    """Class level: all that is known of a pupil while a place is held."""

    SIXIEME = "6e", "6e"
    CINQUIEME = "5e", "5e"
    QUATRIEME = "4e", "4e"
    TROISIEME = "3e", "3e"
    SECONDE = "2de", "2de"
    PREMIERE = "1re", "1re"
    TERMINALE = "tle", "terminale"
    CAP = "cap", "CAP"


class Reason(models.TextChoices):
    """The reason of the sanction, as a code: never the story (EXC-20)."""

    VIOLENCE = "violence", "violence"
    INSULT = "insult", "insultes ou menaces"
    DAMAGE = "damage", "dégradation"
    THEFT = "theft", "vol"
    ABSENCE = "absence", "absences"
    SUBSTANCE = "substance", "produit ou objet interdit"
    OTHER = "other", "autre manquement au règlement intérieur"


class Theme(models.TextChoices):
    """The four themes of the seed (EXC-18)."""

    ACT = "act", "l’acte et ses suites"
    SELF = "self", "mieux se connaître"
    SCHOOL_WORK = "school_work", "le travail scolaire"
    RETURN = "return", "préparer le retour"


class Half(models.TextChoices):
    """Half of a day."""

    MORNING = "am", "matin"
    AFTERNOON = "pm", "après-midi"


class Presence(models.TextChoices):
    """The four outcomes of a half-day."""

    PRESENT = "present", "présent"
    LATE = "late", "en retard"
    EXCUSED = "excused", "absent, excusé"
    ABSENT = "absent", "absent"


CAME = frozenset({Presence.PRESENT, Presence.LATE})


class Party(models.TextChoices):
    """Whose agreement is asked (EXC-07)."""

    PUPIL = "pupil", "l’élève"
    PARENTS = "parents", "les parents ou représentants légaux"
    BOTH = "both", "l’élève et ses parents ou représentants légaux"


class FamilyAnswer(models.TextChoices):
    """What the family says to the reception: it is voluntary (EXC-07)."""

    AGREED = "agreed", "accord"
    REFUSED = "refused", "refus"


class HostNo(models.TextChoices):
    """Why a host cannot receive: never about the pupil."""

    FULL = "full", "complet"
    STAFF = "staff", "équipe absente"
    CLOSED = "closed", "structure fermée"
    ACTIVITY = "activity", "programme non adapté au niveau"


class Cancel(models.TextChoices):
    """Why a support stops before it began (10.6)."""

    LIFTED = "lifted", "sanction levée ou réduite"
    NOT_COME = "not_come", "l’élève n’est pas venu"
    HOST = "host", "la structure ne peut plus recevoir"
    FAMILY = "family", "la famille a changé d’avis"
    ERROR = "error", "erreur de saisie"


class NoReturn(models.TextChoices):
    """Why no return meeting was held (10.6)."""

    FAMILY_AWAY = "family_away", "la famille n’a pas pu venir"
    SCHOOL_AWAY = "school_away", "l’établissement n’a pas pu recevoir"
    LEFT_SCHOOL = "left_school", "l’élève a quitté l’établissement"
    STOPPED = "stopped", "accueil interrompu"


class Attendee(models.TextChoices):
    """Who comes to the return meeting."""

    PUPIL = "pupil", "l’élève"
    PARENTS = "parents", "les parents"
    HEAD = "head", "la direction"
    CPE = "cpe", "la vie scolaire"
    TEACHER = "teacher", "le professeur principal"
    HOST = "host", "la structure d’accueil"
    EDUCATOR = "educator", "l’éducateur référent"


class Agreed(models.TextChoices):
    """What was agreed on for the return: codes."""

    REPAIR = "repair", "geste de réparation ou excuses"
    TUTOR = "tutor", "un adulte référent dans l’établissement"
    FOLLOW_UP = "follow_up", "fiche de suivi"
    HOMEWORK = "homework", "rattrapage du travail"
    SCHOOL_SOCIAL = "school_social", "rendez-vous avec le service social ou de santé scolaire"
    ORIENTATION = "orientation", "point sur l’orientation"
    PARENTS = "parents", "point régulier avec les parents"
    ACTIVITY = "activity", "poursuite d’une activité dans la structure"


class Since(models.TextChoices):
    """« Nouvelle exclusion depuis ? », said by the pupil's own school (EXC-19, B3)."""

    UNSAID = "", "à dire"
    NO = "no", "non"
    YES = "yes", "oui"
    UNKNOWN = "unknown", "ne sait pas"


class FileKind(models.TextChoices):
    """Documents joined to a support, or to a convention."""

    AGREEMENT = "agreement", "accord signé"
    WORK = "work", "travail scolaire"
    CONVENTION = "convention", "convention signée"


class Result(models.TextChoices):
    """How a support ended, on its anonymous line."""

    RECEIVED = "received", "accueilli"
    DECLINED = "declined", "refusé par la famille"
    CANCELLED = "cancelled", "annulé"
