"""Closed lists of a réparation pénale (domain.md §5, §10.3): tracks, states, forms, presence, outcomes."""

from __future__ import annotations

from django.db import models


class Track(models.TextChoices):
    """The two ways to a réparation (5.2): they share the activity, not who orders nor what the family says."""

    ALTERNATIVE = "alternative", "alternative aux poursuites"
    MODULE = "module", "module de la mesure éducative judiciaire"


class State(models.TextChoices):
    """Where a réparation stands (10.3)."""

    PROPOSED = "proposed", "accords à recueillir"
    ORDERED = "ordered", "ordonnée, à préparer"
    AGREED = "agreed", "accords recueillis"
    REFUSED = "refused", "rendue au procureur"
    ASSIGNED = "assigned", "activité trouvée"
    VICTIM_PENDING = "victim_pending", "accord de la victime attendu"
    IN_PROGRESS = "in_progress", "en cours"
    DIFFICULTY = "difficulty", "difficulté signalée au magistrat"
    REPORTED = "reported", "rapport remis"
    CLOSED_SUCCESS = "closed_success", "close, réparation faite"
    CLOSED_FAILURE = "closed_failure", "close, réparation non faite"
    TRANSFERRED = "transferred", "transférée à un autre service"
    VOID = "void", "sans objet"


ENDED = frozenset({State.REFUSED, State.CLOSED_SUCCESS, State.CLOSED_FAILURE, State.TRANSFERRED, State.VOID})
RUNNING = frozenset({State.IN_PROGRESS, State.DIFFICULTY})


class Authority(models.TextChoices):
    """Who orders (REP-02)."""

    PROSECUTOR = "prosecutor", "procureur de la République"
    CHILDREN_JUDGE = "children_judge", "juge des enfants"
    CHILDREN_COURT = "children_court", "tribunal pour enfants"
    ASSIZES = "assizes", "cour d’assises des mineurs"


ORDERS: dict[str, tuple[Authority, ...]] = {
    Track.ALTERNATIVE: (Authority.PROSECUTOR,),
    Track.MODULE: (Authority.CHILDREN_JUDGE, Authority.CHILDREN_COURT, Authority.ASSIZES),
}


class Form(models.TextChoices):
    """Towards whom the réparation goes (REP-03)."""

    COMMUNITY = "community", "au service de la collectivité"
    VICTIM = "victim", "envers la victime"
    MEDIATION = "mediation", "médiation avec la victime"


# Mediation is a measure of its own before prosecution (CPP 41-1 5°): only the module has it as a form (REP-03).
FORMS: dict[str, tuple[Form, ...]] = {
    Track.ALTERNATIVE: (Form.COMMUNITY, Form.VICTIM),
    Track.MODULE: (Form.COMMUNITY, Form.VICTIM, Form.MEDIATION),
}
TOWARDS_VICTIM = frozenset({Form.VICTIM, Form.MEDIATION})


class Party(models.TextChoices):
    """Whose words are recorded (REP-04, REP-05)."""

    MINOR = "minor", "le jeune"
    PARENTS = "parents", "les parents ou représentants légaux"


class Answer(models.TextChoices):
    """What a record says: an agreement in the alternative, observations in the module (REP-04, REP-05)."""

    AGREED = "agreed", "accord"
    REFUSED = "refused", "refus"
    HEARD = "heard", "observations recueillies"
    NOT_POSSIBLE = "not_possible", "n’ont pas pu être entendus"


# What each party may answer, by track. The minor is always heard; the parents « where possible ».
ANSWERS: dict[tuple[str, str], tuple[Answer, ...]] = {
    (Track.ALTERNATIVE, Party.MINOR): (Answer.AGREED, Answer.REFUSED),
    (Track.ALTERNATIVE, Party.PARENTS): (Answer.AGREED, Answer.REFUSED),
    (Track.MODULE, Party.MINOR): (Answer.HEARD,),
    (Track.MODULE, Party.PARENTS): (Answer.HEARD, Answer.NOT_POSSIBLE),
}


class VictimAnswer(models.TextChoices):
    """What the victim says to an activity or a mediation (REP-07). Silence is not an agreement."""

    PENDING = "", "à recueillir"
    AGREED = "agreed", "accord"
    REQUESTED = "requested", "à sa demande"
    REFUSED = "refused", "refus"
    UNREACHABLE = "unreachable", "n’a pas pu être jointe"


VICTIM_SAYS_YES = frozenset({VictimAnswer.AGREED, VictimAnswer.REQUESTED})
VICTIM_SAYS_NO = frozenset({VictimAnswer.REFUSED, VictimAnswer.UNREACHABLE})


class SessionKind(models.TextChoices):
    """What a meeting is for."""

    PREPARATION = "preparation", "entretien de préparation"
    ACTIVITY = "activity", "activité"
    MEDIATION = "mediation", "rencontre de médiation"
    REVIEW = "review", "bilan"


class Presence(models.TextChoices):
    """Whether the young person came: all that a host records (REP-16)."""

    PRESENT = "present", "présent"
    LATE = "late", "en retard"
    EXCUSED = "excused", "absent, excusé"
    ABSENT = "absent", "absent"


CAME = frozenset({Presence.PRESENT, Presence.LATE})


class ParentsPart(models.TextChoices):
    """The part of the parents in one session."""

    PRESENT = "present", "présents"
    ASSOCIATED = "associated", "associés"
    ABSENT = "absent", "absents"


class Goal(models.TextChoices):
    """What is expected of the réparation: each is reached, in part, or not."""

    RESPONSIBILITY = "responsibility", "reconnaître sa responsabilité"
    HARM = "harm", "mesurer le tort causé"
    VICTIM = "victim", "prendre en compte la victime"
    ATTENDANCE = "attendance", "venir à chaque rendez-vous, à l’heure"
    ACTIVITY = "activity", "mener l’activité jusqu’au bout"
    RULES = "rules", "respecter les règles du lieu d’accueil"
    PARENTS = "parents", "associer ses parents"
    PROJECT = "project", "en tirer quelque chose pour la suite"


class GoalResult(models.TextChoices):
    """How far a goal was reached (peers D3)."""

    ACHIEVED = "achieved", "atteint"
    PARTLY = "partly", "en partie"
    NOT = "not", "non atteint"


class Difficulty(models.TextChoices):
    """What the magistrate is told of (REP-15). A code: no story."""

    ABSENCES = "absences", "absences répétées"
    REFUSAL = "refusal", "le jeune ne veut plus"
    PARENTS = "parents", "les parents s’y opposent"
    VICTIM = "victim", "la victime se retire"
    HOST = "host", "le lieu d’accueil se retire"
    MEDIATION = "mediation", "la médiation n’aboutit pas"
    TIME = "time", "le terme sera dépassé"
    BEHAVIOUR = "behaviour", "règles du lieu non respectées"


class DifficultyAnswer(models.TextChoices):
    """What the magistrate answers (10.3)."""

    CONTINUE = "continue", "poursuivre la réparation"
    REPORT = "report", "remettre le rapport"


class ReportKind(models.TextChoices):
    """Reports owed to the magistrate (REP-10, REP-13)."""

    FINAL = "final", "rapport de fin de réparation"
    HALF_YEARLY = "half_yearly", "rapport semestriel de la mesure éducative judiciaire"


class Outcome(models.TextChoices):
    """What the magistrate decided, after the report."""

    DISMISSED = "dismissed", "classement après réparation"
    FULFILLED = "fulfilled", "module exécuté"
    PROSECUTED = "prosecuted", "poursuites"
    OTHER_ALTERNATIVE = "other_alternative", "autre alternative"
    OTHER_MEASURE = "other_measure", "autre mesure ou peine"
    NOT_FULFILLED = "not_fulfilled", "module non exécuté"
    # Before any report: the réparation stops without an outcome of its own.
    WITHDRAWN = "withdrawn", "le magistrat revient sur sa décision"
    DECEASED = "deceased", "décès"
    MOVED = "moved", "le jeune a changé de ressort"
    OTHER_SERVICE = "other_service", "le magistrat saisit un autre service"


# The state that each outcome of each track leads to (10.3).
CLOSES: dict[tuple[str, str], State] = {
    (Track.ALTERNATIVE, Outcome.DISMISSED): State.CLOSED_SUCCESS,
    (Track.ALTERNATIVE, Outcome.PROSECUTED): State.CLOSED_FAILURE,
    (Track.ALTERNATIVE, Outcome.OTHER_ALTERNATIVE): State.CLOSED_FAILURE,
    (Track.MODULE, Outcome.FULFILLED): State.CLOSED_SUCCESS,
    (Track.MODULE, Outcome.OTHER_MEASURE): State.CLOSED_FAILURE,
    (Track.MODULE, Outcome.NOT_FULFILLED): State.CLOSED_FAILURE,
}

# The state that each reason to stop before the report leads to.
STOPS: dict[str, State] = {
    Outcome.WITHDRAWN: State.VOID,
    Outcome.DECEASED: State.VOID,
    Outcome.MOVED: State.TRANSFERRED,
    Outcome.OTHER_SERVICE: State.TRANSFERRED,
}


class FileKind(models.TextChoices):
    """Documents joined to a réparation: proofs of agreement, the decision, the signed report (REP-06)."""

    DECISION = "decision", "décision ou instruction du magistrat"
    AGREEMENT = "agreement", "accord ou observations, signés"
    VICTIM = "victim", "accord de la victime, signé"
    REPORT = "report", "rapport signé"
