"""Closed lists of a measure of couple violence, author's side (domain.md §6.1, §10.4)."""

from __future__ import annotations

from django.db import models


class Frame(models.TextChoices):
    """Under what the person is followed (CJ-05, CJ-38, CJ-40, CJ-41)."""

    SUPERVISION = "supervision", "contrôle judiciaire"
    PROBATION = "probation", "sursis probatoire"
    ALTERNATIVE = "alternative", "alternative aux poursuites"
    COMPOSITION = "composition", "composition pénale"
    COURSE = "course", "stage de responsabilisation"


class Authority(models.TextChoices):
    """Who orders the measure and names the association (CJ-33)."""

    INVESTIGATING_JUDGE = "investigating_judge", "juge d’instruction"
    LIBERTY_JUDGE = "liberty_judge", "juge des libertés et de la détention"
    COURT = "court", "tribunal correctionnel"
    SENTENCES_JUDGE = "sentences_judge", "juge de l’application des peines"
    PROSECUTOR = "prosecutor", "procureur de la République"


ORDERS: dict[str, tuple[Authority, ...]] = {
    Frame.SUPERVISION: (Authority.LIBERTY_JUDGE, Authority.INVESTIGATING_JUDGE, Authority.COURT),
    Frame.PROBATION: (Authority.SENTENCES_JUDGE, Authority.COURT),
    Frame.ALTERNATIVE: (Authority.PROSECUTOR,),
    Frame.COMPOSITION: (Authority.PROSECUTOR,),
    Frame.COURSE: (Authority.COURT, Authority.PROSECUTOR),
}
# Frames that lead to a hearing: the final report is owed before it (DL-18); of the others, before the term.
HEARD = frozenset({Frame.SUPERVISION})
# Removal from home before trial, at most six months (CJ-41).
SIX_MONTHS = frozenset({Frame.ALTERNATIVE, Frame.COMPOSITION})


class State(models.TextChoices):
    """Where a measure stands (10.4)."""

    MANDATED = "mandated", "premier entretien à tenir"
    NOTIFIED = "notified", "obligations expliquées"
    ACTIVE = "active", "suivi en cours"
    BREACH_REPORTED = "breach_reported", "incident signalé"
    MODIFIED = "modified", "obligations modifiées, à expliquer"
    FINAL_REPORT_FILED = "final_report_filed", "rapport final remis"
    JUDGED = "judged", "décision rendue"
    REVOKED = "revoked", "mesure révoquée"
    TRANSFERRED = "transferred", "confiée à un autre service"
    LIFTED = "lifted", "mesure levée"


ENDED = frozenset({State.JUDGED, State.REVOKED, State.TRANSFERRED, State.LIFTED})
FOLLOWED = frozenset({State.NOTIFIED, State.ACTIVE, State.BREACH_REPORTED, State.MODIFIED})


class PaperKind(models.TextChoices):
    """What may be joined, scanned. Nothing of care, nothing that another service wrote about the person (BL-04)."""

    ORDER = "measure_order", "décision qui ordonne la mesure"
    JUDGMENT = "measure_judgment", "jugement ou décision finale"
    RECEIPT = "measure_receipt", "accusé de réception"


# From these an incident is told; modified obligations are explained first (10.4).
TOLD_FROM = FOLLOWED - {State.MODIFIED}


class Need(models.TextChoices):
    """What an obligation is followed by: what the officer looks for, never its content (BL-04)."""

    CONTACT = "contact", "interdictions de contact et de lieux"
    CARE = "care", "soins"
    COURSE = "course", "stage ou groupe"
    HOME = "home", "domicile"
    WEAPONS = "weapons", "armes"
    REPORTING = "reporting", "convocations"
    OTHER = "other", "autre obligation"


class Rating(models.TextChoices):
    """How far an obligation is respected, as the report says it."""

    MET = "met", "respectée"
    PARTLY = "partly", "partiellement respectée"
    NOT = "not", "non respectée"


class Meeting(models.TextChoices):
    """What an appointment is for."""

    FIRST = "first", "premier entretien"
    FOLLOW_UP = "follow_up", "entretien de suivi"
    PHONE = "phone", "entretien téléphonique"
    HOME = "home", "visite à domicile"
    FINAL = "final", "entretien avant le rapport final"


class Came(models.TextChoices):
    """What became of an appointment."""

    PRESENT = "present", "présence"
    LATE = "late", "présence, en retard"
    EXCUSED = "excused", "absence excusée"
    ABSENT = "absent", "carence"


MET_WITH = frozenset({Came.PRESENT, Came.LATE})


class Seen(models.TextChoices):
    """All that is kept of a proof: whether it was shown."""

    SEEN = "seen", "vu"
    NOT_SEEN = "not_seen", "non vu"


class CourseKind(models.TextChoices):
    """A course that the person follows."""

    RESPONSIBILITY = "responsibility", "stage de responsabilisation"
    CITIZENSHIP = "citizenship", "stage de citoyenneté"
    GROUP = "group", "groupe de parole"


class CourseState(models.TextChoices):
    """How far it went."""

    PLANNED = "planned", "prévu"
    DONE = "done", "suivi en entier"
    PARTLY = "partly", "suivi en partie"
    NOT_DONE = "not_done", "non suivi"


class LodgingAnswer(models.TextChoices):
    """What became of a lodging asked for after removal from home."""

    ASKED = "", "demandé"
    OBTAINED = "obtained", "obtenu"
    REFUSED = "refused", "refusé"


class ReportKind(models.TextChoices):
    """What the association writes to the magistrate (CJ-36)."""

    TAKING_CHARGE = "taking_charge", "avis de prise en charge"
    ABSENCE = "absence", "note de carence"
    INCIDENT = "incident", "rapport d’incident"
    PERIODIC = "periodic", "rapport périodique"
    FINAL = "final", "rapport final"


class ReportState(models.TextChoices):
    """Where a report stands; transmitted, it is fixed."""

    DRAFT = "draft", "à rédiger"
    TO_READ = "to_read", "en relecture"
    READ = "read", "relu, à transmettre"
    TRANSMITTED = "transmitted", "transmis"


class Section(models.TextChoices):
    """The six parts of a report, in this order."""

    FRAME = "frame", "Cadre et obligations"
    SITUATION = "situation", "Situation"
    RESPECT = "respect", "Respect des obligations"
    CARE = "care", "Soins : attestations vues, sans contenu"
    POSITION = "position", "Positionnement et évolution"
    CONCLUSION = "conclusion", "Conclusion"


# Filled from the record, again at each reading of a draft: nobody types in them (BL-04 for care).
FILLED = (Section.FRAME, Section.RESPECT, Section.CARE)


class Recipient(models.TextChoices):
    """To whom a report goes."""

    PROSECUTOR = "prosecutor", "procureur de la République"
    INVESTIGATING_JUDGE = "investigating_judge", "juge d’instruction"
    LIBERTY_JUDGE = "liberty_judge", "juge des libertés et de la détention"
    COURT = "court", "président du tribunal correctionnel"
    SENTENCES_JUDGE = "sentences_judge", "juge de l’application des peines"


# Recipients by frame, the usual one first: an incident goes to the prosecutor, whatever the frame (CJ-36).
RECIPIENTS: dict[str, tuple[Recipient, ...]] = {
    Frame.SUPERVISION: (
        Recipient.PROSECUTOR, Recipient.LIBERTY_JUDGE, Recipient.INVESTIGATING_JUDGE, Recipient.COURT,
    ),
    Frame.PROBATION: (Recipient.SENTENCES_JUDGE, Recipient.PROSECUTOR),
    Frame.ALTERNATIVE: (Recipient.PROSECUTOR,),
    Frame.COMPOSITION: (Recipient.PROSECUTOR,),
    Frame.COURSE: (Recipient.PROSECUTOR, Recipient.SENTENCES_JUDGE, Recipient.COURT),
}  # fmt: skip


def recipients(frame: str, kind: str) -> tuple[Recipient, ...]:
    """Return to whom a report of this frame may go, the usual one first."""
    offered = RECIPIENTS[frame]
    if kind != ReportKind.INCIDENT:
        return offered
    return (Recipient.PROSECUTOR, *(each for each in offered if each != Recipient.PROSECUTOR))


class Channel(models.TextChoices):
    """How a report left."""

    SECURE_MAIL = "secure_mail", "messagerie sécurisée"
    HAND = "hand", "remis en main propre"
    REGISTERED = "registered", "lettre recommandée"
    ACCOUNT = "account", "lu sur ce logiciel par le parquet"


class BreachAnswer(models.TextChoices):
    """What the judge or the prosecutor decides after an incident (CJ-35)."""

    CONTINUE = "continue", "la mesure continue"
    MODIFIED = "modified", "les obligations sont modifiées"
    REVOKED = "revoked", "la mesure est révoquée"


class Outcome(models.TextChoices):
    """What ended the measure."""

    PROBATION = "probation", "condamnation, sursis probatoire"
    PRISON = "prison", "condamnation, emprisonnement"
    OTHER_SENTENCE = "other_sentence", "condamnation, autre peine"
    ACQUITTED = "acquitted", "relaxe"
    FULFILLED = "fulfilled", "mesure exécutée"
    NOT_FULFILLED = "not_fulfilled", "mesure non exécutée, poursuites"
    # Before any final report.
    LIFTED = "lifted", "mainlevée"
    DECEASED = "deceased", "décès"
    MOVED = "moved", "changement de ressort"
    OTHER_SERVICE = "other_service", "le magistrat saisit un autre service"


CONVICTED = frozenset({Outcome.PROBATION, Outcome.PRISON, Outcome.OTHER_SENTENCE})
JUDGMENTS: dict[str, tuple[Outcome, ...]] = {
    Frame.SUPERVISION: (Outcome.PROBATION, Outcome.PRISON, Outcome.OTHER_SENTENCE, Outcome.ACQUITTED),
    Frame.PROBATION: (Outcome.FULFILLED, Outcome.NOT_FULFILLED),
    Frame.ALTERNATIVE: (Outcome.FULFILLED, Outcome.NOT_FULFILLED),
    Frame.COMPOSITION: (Outcome.FULFILLED, Outcome.NOT_FULFILLED),
    Frame.COURSE: (Outcome.FULFILLED, Outcome.NOT_FULFILLED),
}
STOPS: dict[str, State] = {
    Outcome.LIFTED: State.LIFTED,
    Outcome.DECEASED: State.LIFTED,
    Outcome.MOVED: State.TRANSFERRED,
    Outcome.OTHER_SERVICE: State.TRANSFERRED,
}
