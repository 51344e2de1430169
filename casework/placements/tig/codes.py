"""Closed lists of a TIG (domain.md §4, §10.2): states, authors of a decision, outcomes, incidents, suspensions."""

from __future__ import annotations

from django.db import models


class Audience(models.TextChoices):
    """Which service carries the sentence out: SPIP for adults, PJJ for minors (ACL-03, TIGM-07)."""

    ADULTS = "adults", "majeur"
    MINORS = "minors", "mineur"


class Measure(models.TextChoices):
    """What is worked off: a sentence, or the measure of a composition pénale (TNR-01). Said by the officer, in clear."""

    TIG = "tig", "TIG"
    TNR = "tnr", "travail non rémunéré (composition pénale)"


class State(models.TextChoices):
    """Where a placement stands (10.2)."""

    RECEIVED = "received", "demande à compléter"
    MATCHING = "matching", "poste à trouver"
    MEDICAL_PENDING = "medical_pending", "visite médicale attendue"
    PROPOSED = "proposed", "place réservée, accueil demandé"
    ASSIGNED = "assigned", "affectation décidée"
    IN_PROGRESS = "in_progress", "en cours"
    WORK_SUSPENDED = "work_suspended", "travail suspendu"
    CLOCK_SUSPENDED = "clock_suspended", "délai suspendu"
    BREACH_REPORTED = "breach_reported", "rapport au magistrat"
    COMPLETED = "completed", "heures faites"
    CONVERTED = "converted", "convertie en jours-amende"
    FALLBACK_EXECUTED = "fallback_executed", "peine de substitution exécutée"
    PROSECUTED = "prosecuted", "poursuites"
    TRANSFERRED = "transferred", "transférée à un autre service"
    VOID = "void", "sans objet"


ENDED = frozenset(
    {
        State.COMPLETED, State.CONVERTED, State.FALLBACK_EXECUTED, State.PROSECUTED, State.TRANSFERRED, State.VOID,
    }
)  # fmt: skip


class DecisionAuthor(models.TextChoices):
    """Who decided (ASG-01, TIGM-07)."""

    SPIP_DIRECTOR = "spip_director", "direction du SPIP"
    JAP = "jap", "juge de l’application des peines"
    PJJ = "pjj", "service de la PJJ"
    CHILDREN_JUDGE = "children_judge", "juge des enfants"


AUTHORS: dict[str, tuple[DecisionAuthor, ...]] = {
    Audience.ADULTS: (DecisionAuthor.SPIP_DIRECTOR, DecisionAuthor.JAP),
    Audience.MINORS: (DecisionAuthor.PJJ, DecisionAuthor.CHILDREN_JUDGE, DecisionAuthor.JAP),
}


class FitnessResult(models.TextChoices):
    """All that is kept of a medical exam (ASG-06)."""

    FIT = "fit", "apte"
    FIT_WITH_LIMITS = "fit_with_limits", "apte avec des limites"
    UNFIT = "unfit", "inapte"


class ExamReason(models.TextChoices):
    """Why the law asks for a medical exam before work starts (ASG-05)."""

    MINOR = "minor", "personne mineure"
    STATED = "stated", "situation de santé prévue par le texte"
    NIGHT = "night", "travail de nuit"
    SPECIAL_RISK = "special_risk", "poste à risques particuliers"
    INFECTION = "infection", "risque d’infection dans un service de soins"


class Outcome(models.TextChoices):
    """What happened on a planned half-day."""

    WORKED = "worked", "présent"
    PARTLY = "partly", "présent une partie du temps"
    ABSENT_EXCUSED = "absent_excused", "absent, justifié"
    ABSENT = "absent", "absent, non justifié"
    SENT_HOME = "sent_home", "renvoyé chez lui par l’accueil"
    HOST_CANCELLED = "host_cancelled", "annulé par l’accueil"


WITH_HOURS = frozenset({Outcome.WORKED, Outcome.PARTLY})


class Mode(models.TextChoices):
    """How the hours reached us: the same value."""

    PAPER = "paper", "feuille papier"
    PHONE = "phone", "téléphone du tuteur"


class AdjustmentReason(models.TextChoices):
    """Why minutes are added or taken away outside the attendance."""

    COURSE = "course", "formation suivie au titre de la peine"
    INTERVIEW = "interview", "entretien prévu par la décision"
    EARLIER_HOST = "earlier_host", "heures faites dans un autre accueil"
    ERROR = "error", "erreur constatée après la clôture"


class IncidentKind(models.TextChoices):
    """What the host reports at once (HOST-10)."""

    ABSENCE = "absence", "absence non justifiée"
    LATENESS = "lateness", "retards répétés"
    REFUSAL = "refusal", "refus de travailler ou de respecter une consigne"
    DISRESPECT = "disrespect", "propos ou attitude déplacés"
    VIOLENCE = "violence", "violence ou menace"
    DAMAGE = "damage", "dégradation"
    STATE = "state", "état ne permettant pas de travailler"
    SUFFERED = "suffered", "incident subi par la personne"
    ACCIDENT = "accident", "accident"


class IncidentAnswer(models.TextChoices):
    """What the officer decides."""

    TALKED = "talked", "entretien de recadrage"
    CONTINUE = "continue", "l’accueil continue"
    CHANGE_POST = "change_post", "changement de poste"
    SUSPEND = "suspend", "travail suspendu"
    REPORT = "report", "rapport au magistrat"


class WorkSuspensionReason(models.TextChoices):
    """Why the host stops the work (HOST-08, HOST-11)."""

    DANGER = "danger", "danger immédiat"
    MISCONDUCT = "misconduct", "faute grave"
    POST_SUSPENDED = "post_suspended", "poste suspendu"


class ClockReason(models.TextChoices):
    """Why the legal time stops (TIG-09, TIG-10)."""

    MEDICAL = "medical", "motif grave d’ordre médical"
    FAMILY = "family", "motif grave d’ordre familial"
    PROFESSIONAL = "professional", "motif grave d’ordre professionnel"
    SOCIAL = "social", "motif grave d’ordre social"
    HOME_ARREST = "home_arrest", "assignation à résidence sous surveillance électronique"
    PRETRIAL = "pretrial", "détention provisoire"
    CUSTODY = "custody", "peine privative de liberté"


# TIG-09: the JAP decides. TIG-10: by law, and work may go on under home arrest, or a sentence served outside or half
# outside prison.
BY_JUDGE = frozenset({ClockReason.MEDICAL, ClockReason.FAMILY, ClockReason.PROFESSIONAL, ClockReason.SOCIAL})
MAY_STILL_WORK = frozenset({ClockReason.HOME_ARREST, ClockReason.CUSTODY})


class EndReason(models.TextChoices):
    """Why a placement ended without its hours."""

    AMNESTY = "amnesty", "amnistie ou grâce"
    DEATH = "death", "décès"
    ANNULLED = "annulled", "décision annulée"
    ABROAD = "abroad", "départ à l’étranger"
    WITHDRAWN = "withdrawn", "demande retirée par le service"


class CallAnswer(models.TextChoices):
    """What became of a telephone call noted by the town's référent."""

    CONFIRMED = "confirmed", "confirmé par le service"
    REFUSED = "refused", "non reconnu par le service"
    RELEASED = "released", "sans confirmation à la date, places libérées"
    WITHDRAWN = "withdrawn", "retiré par la ville"


class ReportKind(models.TextChoices):
    """What the officer owes to the magistrate (ASG-09, TNR-05)."""

    ASSESSMENT = "assessment", "rapport d’évaluation"
    END = "end", "rapport de fin"
    YEARLY = "yearly", "rapport annuel"
    BREACH = "breach", "rapport d’incident au magistrat"


# The name of its paper, in addresses.
REPORT_FILES = {
    ReportKind.ASSESSMENT: "evaluation", ReportKind.END: "fin", ReportKind.YEARLY: "annuel", ReportKind.BREACH: "incident",
}  # fmt: skip


def recipient(measure: str, audience: str) -> str:
    """Return who reads the reports: the prosecutor of a composition pénale, else the judge of this public (ASG-09, TNR-05)."""
    if measure == Measure.TNR:
        return "Procureur de la République"
    return "Juge des enfants" if audience == Audience.MINORS else "Juge de l’application des peines"
