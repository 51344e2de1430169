"""Closed lists of the victim's side (domain.md §6.2, §6.5): states, contact rules, whereabouts, orders, notices."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """Where a support stands. No state says more: what happens to her is not a stage."""

    OPEN = "open", "en cours"
    CLOSED = "closed", "terminé"
    HANDED_ON = "handed_on", "repris par un autre service"


ENDED = frozenset({State.CLOSED, State.HANDED_ON})


class Origin(models.TextChoices):
    """Who sent her."""

    HERSELF = "herself", "elle-même"
    PROSECUTOR = "prosecutor", "parquet"
    POLICE = "police", "police ou gendarmerie"
    JUDGE = "judge", "juge"
    HOSPITAL = "hospital", "hôpital"
    SOCIAL_SERVICE = "social_service", "service social"
    ASSOCIATION = "association", "association"
    SPIP = "spip", "SPIP"


class End(models.TextChoices):
    """Why a support ends."""

    DONE = "done", "accompagnement terminé"
    HER_WISH = "her_wish", "à sa demande"
    MOVED = "moved", "départ hors du ressort"
    NO_NEWS = "no_news", "sans nouvelles"
    HANDED_ON = "handed_on", "repris par un autre service"


CLOSES: dict[str, State] = {
    End.DONE: State.CLOSED, End.HER_WISH: State.CLOSED, End.MOVED: State.CLOSED, End.NO_NEWS: State.CLOSED,
    End.HANDED_ON: State.HANDED_ON,
}  # fmt: skip


class Channel(models.TextChoices):
    """How she may be reached; nothing else is used."""

    CALL = "call", "appel"
    TEXT = "text", "SMS"
    EMAIL = "email", "courriel"
    THROUGH = "through", "par une personne de confiance"
    NEVER = "never", "ne pas la joindre : elle appelle"


class Place(models.TextChoices):
    """What one piece of whereabouts is (VIC-01)."""

    HOME = "home", "domicile"
    SHELTER = "shelter", "hébergement"
    WORK = "work", "travail"
    SCHOOL = "school", "école des enfants"
    CARE = "care", "garde des enfants"
    RELATIVE = "relative", "proche qui l’héberge"
    OTHER = "other", "autre lieu"


class ConsentKind(models.TextChoices):
    """What she is asked to agree to."""

    SUPPORT = "support", "être accompagnée, ses données conservées"
    CONTACT = "contact", "être jointe par les moyens indiqués"
    PARTNER = "partner", "qu’une association soit informée"
    PROSECUTOR = "prosecutor", "que le parquet soit informé"
    MAYOR = "mayor", "que le procureur informe le maire, pour la liste électorale"


class OrderKind(models.TextChoices):
    """The two civil orders (OP-01, OP-02)."""

    ORDER = "order", "ordonnance de protection"
    IMMEDIATE = "immediate", "ordonnance provisoire immédiate"


class OrderState(models.TextChoices):
    """Where an order stands."""

    ASKED = "asked", "demandée"
    GIVEN = "given", "en vigueur"
    REFUSED = "refused", "refusée"
    OVER = "over", "terminée"


class Term(models.TextChoices):
    """What an order says (CC 515-11, 515-11-1)."""

    NO_CONTACT = "no_contact", "interdiction d’entrer en contact"
    NO_PLACE = "no_place", "interdiction de paraître en certains lieux"
    NO_WEAPON = "no_weapon", "interdiction d’arme"
    HOME = "home", "jouissance du logement"
    CHILDREN = "children", "autorité parentale, enfants"
    HIDDEN = "hidden", "adresse dissimulée"
    ELECTED = "elected", "domicile élu"
    BAR = "bar", "bracelet anti-rapprochement"


class Elected(models.TextChoices):
    """Where she may elect domicile instead of her address (OP-03)."""

    LAWYER = "lawyer", "chez son avocat"
    PROSECUTOR = "prosecutor", "auprès du procureur"
    BODY = "body", "auprès d’une personne morale qualifiée"


class Meeting(models.TextChoices):
    """How one meets. Not « au tribunal »: in clear with its day, it would be the day of somebody's hearing (ADR 0064)."""

    OFFICE = "office", "au bureau"
    PHONE = "phone", "par téléphone"
    VIDEO = "video", "en visio"
    OUTSIDE = "outside", "à l’extérieur"


class Outcome(models.TextChoices):
    """What became of a meeting."""

    HELD = "held", "a eu lieu"
    MOVED = "moved", "reporté à sa demande"
    ABSENT = "absent", "elle n’est pas venue"
    CALLED_OFF = "called_off", "annulé par nous"


class OrientationOutcome(models.TextChoices):
    """What became of an orientation."""

    MET = "met", "reçue"
    DECLINED = "declined", "n’a pas souhaité"
    NO_PLACE = "no_place", "pas de place"
    NO_NEWS = "no_news", "sans nouvelles"


class Contact(models.TextChoices):
    """What a forbidden contact was."""

    CALL = "call", "appel"
    MESSAGE = "message", "message ou réseau social"
    MET = "met", "approche, présence"
    THIRD = "third", "par un tiers"
    CHILDREN = "children", "à l’occasion des enfants"
    OTHER = "other", "autre"


class Answer(models.TextChoices):
    """What the prosecutor answered to a note."""

    INQUIRY = "inquiry", "enquête ouverte"
    ARREST = "arrest", "interpellation"
    REFERRED = "referred", "juge saisi"
    NOTED = "noted", "pris en note"


class Asker(models.TextChoices):
    """The magistrate who asks her opinion (VIC-05)."""

    LIBERTY_JUDGE = "liberty_judge", "juge des libertés et de la détention"
    SENTENCE_JUDGE = "sentence_judge", "juge de l’application des peines"
    PROSECUTOR = "prosecutor", "procureur"
    COURT = "court", "tribunal"


class Opinion(models.TextChoices):
    """What she thinks of the removal from the home (CP 132-45 18°)."""

    FOR = "for", "elle la demande"
    AGAINST = "against", "elle ne la souhaite pas"
    NONE = "none", "elle ne se prononce pas"
