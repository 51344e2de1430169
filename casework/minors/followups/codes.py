"""Closed lists of the followed situations (domain.md §9.3, §10.1). Codes before words (design.md §2, rule 7)."""

from __future__ import annotations

from django.db.models import TextChoices


class Stage(TextChoices):
    """The states of a followed situation (domain.md §10.1)."""

    REFERRED = "referred", "saisine reçue"
    MORE_ASKED = "more_asked", "complément demandé"
    REDIRECTED = "redirected", "réorientée"
    REJECTED = "rejected", "hors champ"
    INFORMED = "informed", "famille informée"
    FOLLOWED = "followed", "suivie"
    SUSPENDED = "suspended", "suspendue"
    ENDED = "ended", "terminée"
    ARCHIVED = "archived", "archivée"
    MERGED = "merged", "réunie à une autre fiche"
    EXPIRED = "expired", "durée atteinte"
    DESTROYED = "destroyed", "détruite"


class ReferralOrigin(TextChoices):
    """Who brings a situation: one item of a closed list, never a comment (SIT-01, WL-09)."""

    NATIONAL_POLICE = "national_police", "police nationale"
    MUNICIPAL_POLICE = "municipal_police", "police municipale"
    SCHOOL = "school", "établissement scolaire"
    LANDLORD = "landlord", "bailleur"
    SOCIAL_SERVICE = "social_service", "service social (MDS)"
    STREET_OUTREACH = "street_outreach", "prévention spécialisée"
    PJJ = "pjj", "PJJ"
    AEMO = "aemo", "service d’AEMO"
    SPIP = "spip", "SPIP"
    FAMILY = "family", "famille"
    MUNICIPAL_SERVICE = "municipal_service", "service municipal"
    PROSECUTOR = "prosecutor", "parquet"


class ReferralReason(TextChoices):
    """Why, as codes (SIT-02). Never a narrative of facts (BL-09)."""

    RUNAWAY = "runaway", "fugue"
    INCIVILITY = "incivility", "incivilités"
    SCHOOL_DROPOUT = "school_dropout", "décrochage scolaire"
    STREET_PRESENCE = "street_presence", "présence dans la rue en journée ou la nuit"
    GROUP_DISTURBANCE = "group_disturbance", "regroupements et nuisances"
    EXPOSURE_TO_OFFENDING = "exposure_to_offending", "exposition à la délinquance"
    DAMAGE = "damage", "dégradations"
    DANGEROUS_RIDING = "dangerous_riding", "conduite dangereuse (deux-roues, quad)"
    RETURN_AFTER_MEASURE = "return_after_measure", "retour après une mesure"


class Gateway(TextChoices):
    """The legal gateway of a referral (SIT-08)."""

    CSI_L132_5 = "csi_l132_5", "échange en groupe de travail du CLSPD (CSI, L132-5)"
    CASF_L121_6_2 = "casf_l121_6_2", "information donnée au maire (CASF, L121-6-2)"
    CSI_L132_2 = "csi_l132_2", "information judiciaire au maire (CSI, L132-2)"
    CSI_L132_3 = "csi_l132_3", "information de la police au maire (CSI, L132-3)"
    PERSON_AGREEMENT = "person_agreement", "accord du jeune ou de la famille"


class Urgency(TextChoices):
    """How soon it must be looked at."""

    NORMAL = "normal", "à la prochaine réunion"
    SOON = "soon", "dans la semaine"
    AT_ONCE = "at_once", "aujourd’hui"


class Sorting(TextChoices):
    """The coordinator's sorting before any agenda."""

    WAITING = "waiting", "à trier"
    TO_STUDY = "to_study", "à étudier"
    MORE_ASKED = "more_asked", "complément demandé"
    REDIRECTED = "redirected", "réorientée"
    OUT_OF_SCOPE = "out_of_scope", "hors champ"


class MoreAsked(TextChoices):
    """What is asked of who referred, most often; a code before words."""

    IDENTITY = "identity", "identité à vérifier"
    BIRTH_DATE = "birth_date", "date de naissance exacte"
    PARENTS = "parents", "nom et téléphone de chaque parent"
    FAMILY_TOLD = "family_told", "famille prévenue : par qui, quand"
    REASON = "reason", "motif à préciser dans la liste"
    AGREEMENT = "agreement", "accord du jeune à recueillir"


class OutsideStatus(TextChoices):
    """All that the referring service sees afterwards (domain.md §11, cell 3 EN, PN, PM)."""

    RECEIVED = "received", "reçue"
    STUDIED = "studied", "étudiée"
    CLOSED = "closed", "close"


class Sex(TextChoices):
    """Sex (WL-02)."""

    FEMALE = "f", "féminin"
    MALE = "m", "masculin"
    UNKNOWN = "unknown", "non renseigné"


class BirthPrecision(TextChoices):
    """How the birth date is known. An estimated year is purged on 1 January of that year + 25."""

    DAY = "day", "date connue"
    YEAR = "year", "année estimée"


class SchoolLevel(TextChoices):
    """School level (WL-07)."""

    PRIMARY = "primary", "école élémentaire"
    SIXTH = "6e", "6e"
    FIFTH = "5e", "5e"
    FOURTH = "4e", "4e"
    THIRD = "3e", "3e"
    SEGPA = "segpa", "SEGPA"
    SECOND = "2de", "2de"
    FIRST = "1re", "1re"
    FINAL = "terminale", "terminale"
    VOCATIONAL = "vocational", "lycée professionnel ou CAP"
    HIGHER = "higher", "études supérieures"
    NONE = "none", "non scolarisé"
    UNKNOWN = "unknown", "non renseigné"


class OccupationStatus(TextChoices):
    """Occupational situation (WL-07)."""

    SCHOOL = "school", "scolarisé"
    DROPPED_OUT = "dropped_out", "en rupture scolaire"
    TRAINING = "training", "en formation"
    JOB = "job", "en emploi"
    SEEKING = "seeking", "en recherche d’emploi"
    NONE = "none", "sans activité connue"
    UNKNOWN = "unknown", "non renseigné"


class Relation(TextChoices):
    """A representative's tie with the young person (WL-06)."""

    MOTHER = "mother", "mère"
    FATHER = "father", "père"
    GUARDIAN = "guardian", "tuteur légal"
    THIRD_PARTY = "third_party", "tiers délégataire"
    ASE = "ase", "service de l’ASE"


class NoticeStatus(TextChoices):
    """Where the information of one recipient stands (SIT-07, SIT-09)."""

    TO_DO = "to_do", "à faire"
    INFORMED = "informed", "informé"
    NOT_REACHED = "not_reached", "non joint, deux essais"
    WITHHELD = "withheld", "ne pas informer"


class NoticeChannel(TextChoices):
    """How a person was informed."""

    MEETING = "meeting", "entretien"
    PHONE = "phone", "téléphone"
    LETTER = "letter", "courrier remis ou posté"
    HOME_VISIT = "home_visit", "visite à domicile"


class WithholdMotive(TextChoices):
    """Coded motives for putting information off or not giving it (SIT-07, SEC-06)."""

    DANGER_TO_MINOR = "danger_to_minor", "contraire à l’intérêt du mineur"
    PROCEEDINGS = "proceedings", "risque pour une procédure en cours"
    UNREACHABLE = "unreachable", "personne injoignable"
    PROTECTED_ADDRESS = "protected_address", "adresse à ne pas communiquer"
    TAKEOVER = "takeover", "reprise de l’ancien suivi"


class CircleReason(TextChoices):
    """Why a service enters the circle of a situation (CLV-26)."""

    REFERRED = "referred", "auteur de la saisine"
    KNOWS = "knows", "intervient déjà auprès du jeune"
    DECISION = "decision", "décision de la réunion"
    LEAD = "lead", "référent de parcours"
    TAKEOVER = "takeover", "reprise de l’ancien suivi"


class CircleEnd(TextChoices):
    """Why a service leaves the circle."""

    NO_LONGER = "no_longer", "n’intervient plus"
    HANDED_OVER = "handed_over", "relais pris par un autre service"
    NOT_CONCERNED = "not_concerned", "n’est pas concerné"
    FOLLOW_UP_ENDED = "follow_up_ended", "fin du suivi"


class SchemeState(TextChoices):
    """One click per local service (A4). `not_tried` is the visible gap."""

    ACTIVE = "active", "actif"
    REQUESTED = "requested", "demandé"
    REFUSED = "refused", "refusé"
    NOT_TRIED = "not_tried", "non tenté"


class Involvement(TextChoices):
    """What a service says of itself; its measure or mandate is never asked (design.md, issue 2)."""

    INTERVENES = "intervenes", "intervient"
    DOES_NOT = "does_not", "n’intervient pas"
    NO_STATEMENT = "no_statement", "ne se prononce pas"


class WhoKnowsAnswer(TextChoices):
    """Four equal answers (CLV-29)."""

    INTERVENES = "intervenes", "Mon service intervient"
    KNOWN = "known", "Connu, pas d’intervention en cours"
    UNKNOWN = "unknown", "Inconnu"
    NO_STATEMENT = "no_statement", "Ne se prononce pas"


class ActionType(TextChoices):
    """What is decided (domain.md §9.3)."""

    LEAD_NAMED = "lead_named", "désigner le référent de parcours"
    FAMILY_MEETING = "family_meeting", "rencontre avec la famille"
    SCHOOL_RETURN = "school_return", "retour à l’école"
    OUTREACH_CONTACT = "outreach_contact", "prise de contact de rue"
    SOCIAL_SERVICE_CONTACT = "social_service_contact", "contact avec le service social"
    TRAINING_OR_JOB = "training_or_job", "formation ou emploi"
    LEISURE_OR_SPORT = "leisure_or_sport", "loisirs ou sport"
    MAYOR_WARNING_PROPOSED = "mayor_warning_proposed", "proposer un rappel à l’ordre"
    CDDF_PROPOSED = "cddf_proposed", "proposer le CDDF"
    REFERRAL_TO_CRIP_DONE = "referral_to_crip_done", "information préoccupante transmise"
    OTHER_LISTED = "other_listed", "autre action de la liste"


class ActionResult(TextChoices):
    """How an action ended (WL-15)."""

    DONE = "done", "fait"
    UNDER_WAY = "under_way", "en cours"
    REFUSED = "refused", "refusé par la famille"
    FAILED = "failed", "pas abouti"
    VOID = "void", "sans objet"


OPEN_RESULTS = ("", ActionResult.UNDER_WAY)
"""The results of an action that still waits for somebody."""


class EndReason(TextChoices):
    """Why a follow-up ends (WL-17)."""

    GOAL_REACHED = "goal_reached", "objectif atteint"
    HANDED_OVER = "handed_over", "relais pris par un autre dispositif"
    MOVED = "moved", "déménagement"
    REFUSED = "refused", "refus du jeune ou de la famille"
    JUDICIAL_TAKEOVER = "judicial_takeover", "prise en charge judiciaire"
    REACHED_AGE_LIMIT = "reached_age_limit", "limite d’âge"
    NO_GROUND = "no_ground", "sans motif de suivi"
    PURGE = "purge", "durée atteinte"


class SuspendReason(TextChoices):
    """Why a follow-up is suspended (GDP-12)."""

    ABSENT = "absent", "absence durable"
    DETAINED = "detained", "incarcération"
    RESTRICTION = "restriction", "limitation demandée par la personne"


class StepOne(TextChoices):
    """Question 1: are the usual schemes really active? (CLV-23)"""

    ACTIVE = "active", "actifs"
    REACTIVATED = "reactivated", "relancés"
    ABSENT = "absent", "absents"
    REFUSED = "refused", "refusés"
    UNKNOWN = "unknown", "à vérifier"


class StepTwo(TextChoices):
    """Question 2: who does what, in which order? (CLV-23)"""

    CHAINED = "chained", "actions enchaînées"
    KEPT = "kept", "on garde"
    NOTHING_NEW = "nothing_new", "rien de nouveau"


class StepThree(TextChoices):
    """Question 3: what do we adapt or add? (CLV-23)"""

    UNCHANGED = "unchanged", "rien à adapter"
    ADAPTED = "adapted", "adapté"
    ADDED = "added", "mesure ajoutée"


class Outcome(TextChoices):
    """What follows the review."""

    CONTINUE = "continue", "poursuivre"
    FOLLOW = "follow", "entrer en suivi"
    SUSPEND = "suspend", "suspendre"
    END = "end", "terminer"
    REJECT = "reject", "ne pas suivre"
    POSTPONE = "postpone", "reporter à la prochaine réunion"


class MayorAct(TextChoices):
    """What is asked of the mayor (MAY-05, MAY-06)."""

    WARNING = "mayor_warning", "rappel à l’ordre"
    CDDF = "family_council", "conseil pour les droits et devoirs des familles (CDDF)"


class MayorGround(TextChoices):
    """Coded ground of a disclosure to the mayor."""

    INCIVILITY = "incivility", "incivilités"
    TRUANCY = "truancy", "manquement à l’assiduité scolaire"
    NIGHT_PRESENCE = "night_presence", "présence de nuit dans l’espace public"
    PARENTAL_SUPPORT = "parental_support", "soutien à la fonction parentale"


# What each way of telling the mayor may be about. The exchange of the group (CSI L132-5) is none of them: it bars third
# parties, and the mayor is one (MAY-04, CLV-05). The police tell of public order (MAY-01), social work of difficulties.
MAYOR_GATEWAYS: dict[Gateway, frozenset[MayorGround]] = {
    Gateway.PERSON_AGREEMENT: frozenset(MayorGround),
    Gateway.CASF_L121_6_2: frozenset({MayorGround.TRUANCY, MayorGround.PARENTAL_SUPPORT}),
    Gateway.CSI_L132_3: frozenset({MayorGround.INCIVILITY, MayorGround.NIGHT_PRESENCE}),
    Gateway.CSI_L132_2: frozenset(MayorGround),
}
# A rappel à l’ordre answers a breach of public order (CSI L132-7); a family in need of support is for the CDDF.
WARNING_GROUNDS = frozenset(MayorGround) - {MayorGround.PARENTAL_SUPPORT}


class MayorOutcome(TextChoices):
    """How a disclosure is closed."""

    DONE = "done", "fait"
    REFUSED = "refused", "refusé"
    VOID = "void", "sans objet"


OPEN_RESULTS = ("", ActionResult.UNDER_WAY)
"""The results of an action that still waits for somebody."""


class ProsecutorOpinion(TextChoices):
    """The prosecutor's prior opinion where the protocol asks for it."""

    FAVOURABLE = "favourable", "favorable"
    UNFAVOURABLE = "unfavourable", "défavorable"


class JudicialMeasure(TextChoices):
    """Judicial measures that PJJ may record (WL-16, domain.md §5.3)."""

    STAGE_FORMATION_CIVIQUE = "stage_formation_civique", "stage de formation civique"
    PEINE_DE_STAGE = "peine_de_stage", "peine de stage"
    COMPOSITION_PENALE = "composition_penale", "composition pénale"
    INTERDICTION_PARAITRE = "interdiction_paraitre", "interdiction de paraître"
    INTERDICTION_CONTACT = "interdiction_contact", "interdiction de contact"
    COUVRE_FEU = "couvre_feu", "interdiction d’aller et venir la nuit"
    MEJ = "mesure_educative_judiciaire", "mesure éducative judiciaire"
    MEJP = "mejp", "mesure éducative judiciaire provisoire"
    AVERTISSEMENT = "avertissement_judiciaire", "avertissement judiciaire"
    MJIE = "mjie", "mesure judiciaire d’investigation éducative"
    REPARATION = "reparation", "réparation pénale"
    SURSIS_PROBATOIRE = "sursis_probatoire", "sursis probatoire"
    CONTROLE_JUDICIAIRE = "controle_judiciaire", "contrôle judiciaire"
    TIG = "tig", "travail d’intérêt général"


class SensitiveKind(TextChoices):
    """The only sensitive facts that may be kept, strictly necessary (WL-18, BL-04)."""

    DISABILITY_ADAPTATION = "disability_adaptation", "aménagement lié à un handicap"
    CARE_PROPOSED = "care_proposed", "soins proposés"
    CARE_ACCEPTED = "care_accepted", "soins acceptés"
    CARE_REFUSED = "care_refused", "soins refusés"


class SocialDomain(TextChoices):
    """What a coded social assessment may look at (WL-20, SIT-06)."""

    SCHOOLING = "schooling", "scolarité et formation"
    FAMILY_SUPPORT = "family_support", "appui familial"
    HOUSING = "housing", "conditions de logement"
    PEERS = "peers", "environnement social"
    LEISURE = "leisure", "loisirs et temps libre"


class SocialLevel(TextChoices):
    """Coded levels, one domain at a time; never summed into a score (BL-08, GDP-14)."""

    SUPPORT = "support", "point d’appui"
    NEUTRAL = "neutral", "sans particularité"
    DIFFICULTY = "difficulty", "difficulté"
    UNKNOWN = "unknown", "non connu"


class PointChannel(TextChoices):
    """How a point restreint was held."""

    PHONE = "phone", "téléphone"
    VIDEO = "video", "visioconférence"
    MEETING = "meeting", "rencontre"


class ArchiveReason(TextChoices):
    """Why an archived record is opened for a short time (RET-02, CNL-23)."""

    NEW_REFERRAL = "new_referral", "nouvelle saisine pour cette personne"
    RIGHTS_REQUEST = "rights_request", "demande de la personne sur ses données"
    AUTHORITY = "authority", "réquisition d’une autorité"
    CORRECTION = "correction", "erreur à corriger"
