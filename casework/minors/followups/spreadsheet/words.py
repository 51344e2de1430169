"""From the words of old tables to the closed lists (domain.md §9.3). The first pattern that matches wins.

Patterns are on text without accents nor capitals (`matching.normalise`). What matches nothing is reported,
never guessed, and never kept as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from casework.casefile.matching import normalise
from casework.minors.followups.codes import ActionType, ReferralOrigin, ReferralReason, Relation, SchoolLevel, Sex
from casework.minors.followups.spreadsheet.cells import DateRead, parse_date, says_nothing
from casework.minors.followups.spreadsheet.report import EntryState
from casework.partners.codes import OrganisationKind

_Patterns = tuple[tuple[str, re.Pattern[str]], ...]


def _compiled(*pairs: tuple[str, str]) -> _Patterns:
    return tuple((str(code), re.compile(pattern)) for code, pattern in pairs)


_REASONS = _compiled(
    (ReferralReason.RETURN_AFTER_MEASURE, r"(?:sortie|fin|retour|suite|apres).*\b(?:mesure|placement|cef|epm|detention|foyer)"),
    (ReferralReason.RUNAWAY, r"\bfugu"),
    (ReferralReason.DANGEROUS_RIDING, r"\brodeos?\b|\bquads?\b|conduite dangereuse|deux roues|\b2 roues|moto cross|motocross"),
    (ReferralReason.DAMAGE, r"\bdegrad|vandalis|\btags?\b|deterior"),
    (ReferralReason.SCHOOL_DROPOUT, r"decroch|absenteis|descolaris|assiduite|rupture scolaire|non scolaris|abandon scolaire"),
    (ReferralReason.STREET_PRESENCE, r"voie publique|dans la rue|dans les rues|\btraine\b|\berre|errance|\bdehors\b|presence de nuit"),
    (ReferralReason.GROUP_DISTURBANCE, r"regroupement|rassemblement|nuisance|tapage|\bbruit|\bsquat|\bhalls?\b|troubles? de voisinage"),
    (ReferralReason.INCIVILITY, r"incivil|\binsult|\binjur|\bimpoli|irrespect|manque de respect"),
    (ReferralReason.EXPOSURE_TO_OFFENDING, r"exposition|\bexpose|risque de delinquance|entree dans la delinquance|frequentations?"),
)  # fmt: skip

# The second list says its code, but not surely: a human checks.
_ORIGINS = _compiled(
    (ReferralOrigin.MUNICIPAL_POLICE, r"police municipale|\bpm\b|\basvp\b"),
    (ReferralOrigin.NATIONAL_POLICE, r"police nationale|\bpn\b|commissariat|gendarmerie|\bbpdj\b|^police$"),
    (ReferralOrigin.STREET_OUTREACH, r"\baddap|prevention specialisee|educateurs? de rue|\bprev spe"),
    (ReferralOrigin.AEMO, r"\baemo\b|\baed\b|sauvegarde"),
    (ReferralOrigin.PJJ, r"\bpjj\b|\buemo\b|protection judiciaire"),
    (ReferralOrigin.SPIP, r"\bspip\b"),
    (ReferralOrigin.PROSECUTOR, r"parquet|procureur"),
    (ReferralOrigin.SOCIAL_SERVICE, r"\bmds\b|\bmdsf?\b|service social|assistante? sociale?|\bccas\b|maison (?:departementale )?de la solidarite|\base\b"),
    (ReferralOrigin.SCHOOL, r"college|lycee|ecole|education nationale|\bcpe\b|etablissement scolaire|principal|\blep\b|\blp\b|dasen|inspection"),
    (ReferralOrigin.LANDLORD, r"bailleur|\bhlm\b|\bopac\b|logirem|unicil|erilia|13 habitat|gardien"),
    (ReferralOrigin.FAMILY, r"^parents?$|^mere$|^pere$|famille|^les parents$"),
    (ReferralOrigin.MUNICIPAL_SERVICE, r"mairie|service jeunesse|\bclspd\b|mediat|\belue?\b|ville\b|service municipal"),
)  # fmt: skip
_ORIGINS_UNSURE = _compiled((ReferralOrigin.MUNICIPAL_SERVICE, r"centre social|\bmjc\b|centre aere|periscolaire"))

_LEADS = _compiled(
    (OrganisationKind.STREET_OUTREACH, r"\baddap|prevention specialisee|educateurs? de rue"),
    (OrganisationKind.HOME_EDUCATIONAL_SUPPORT, r"\baemo\b|sauvegarde"),
    (OrganisationKind.YOUTH_JUSTICE, r"\bpjj\b|\buemo\b"),
    (OrganisationKind.SOCIAL_SERVICE, r"\bmds\b|service social|assistante? sociale?|\bccas\b"),
    (OrganisationKind.PROBATION, r"\bspip\b"),
    (OrganisationKind.SCHOOL, r"college|lycee|ecole|\bcpe\b"),
    (OrganisationKind.MUNICIPALITY, r"mairie|coordinat|\bclspd\b|service jeunesse|mediat"),
)

_SCHEMES = _compiled(
    ("mission_locale", r"mission locale|\bml\b"),
    ("pre", r"\bpre\b|reussite educative"),
    ("clas", r"soutien scolaire|aide aux devoirs|\bclas\b|accompagnement (?:a la )?scolar"),
    ("social_centre", r"centre social"),
    ("cddf", r"\bcddf\b|droits et devoirs"),
    ("gpds", r"\bgpds\b"),
    ("second_chance", r"\be2c\b|deuxieme chance|2e? chance"),
    ("youth_contract", r"\bcej\b|garantie jeunes|contrat d engagement"),
    ("civic_service", r"service civique"),
    ("educational_worksite", r"chantier"),
    ("paej", r"\bpaej\b|point accueil ecoute|maison des ado"),
    ("parent_support", r"parentalite|\breaap\b"),
    ("vvv", r"\bvvv\b|ville vie vacances"),
)

_ACTIONS = _compiled(
    (ActionType.REFERRAL_TO_CRIP_DONE, r"\bcrip\b|information preoccupante|\bip faite"),
    (ActionType.MAYOR_WARNING_PROPOSED, r"rappel a l ordre|\brao\b"),
    (ActionType.SCHOOL_RETURN, r"(?:retour|reinscription|rescolaris|reprise).*(?:college|lycee|ecole|scolar|cours)|rescolaris"),
    (ActionType.FAMILY_MEETING, r"\b(?:rdv|rendez vous|rencontre|entretien|visite|vad|contact|reunion).*(?:famille|parents?|mere|pere)"),
    (ActionType.OUTREACH_CONTACT, r"contact.*(?:educ|addap|rue)|\baddap|prise de contact"),
    (ActionType.SOCIAL_SERVICE_CONTACT, r"contact.*(?:mds|service social|assistante? social)|\bmds\b|assistante? sociale?"),
    (ActionType.TRAINING_OR_JOB, r"formation|apprentissage|emploi|insertion|stage (?:en )?(?:entreprise|pro)"),
    (ActionType.LEISURE_OR_SPORT, r"sport|loisir|vacances|sejour|\bclub\b|activite|foot|boxe"),
    (ActionType.CDDF_PROPOSED, r"\bcddf\b"),
)  # fmt: skip


def find_code(patterns: _Patterns, text: str) -> str:
    """Return the code of the first pattern found in `text`, or ""."""
    folded = normalise(text)
    return next((code for code, pattern in patterns if pattern.search(folded)), "")


def reason(text: str) -> str:
    """Return the ReferralReason of one reason, or ""."""
    return find_code(_REASONS, text)


def origin(text: str) -> tuple[str, bool]:
    """Return the ReferralOrigin, or "", and whether it is sure."""
    sure = find_code(_ORIGINS, text)
    return (sure, True) if sure else (find_code(_ORIGINS_UNSURE, text), False)


def lead(text: str) -> str:
    """Return the OrganisationKind of the service in the lead, or ""."""
    return find_code(_LEADS, text)


def scheme(text: str) -> str:
    """Return the national code of a scheme, or ""."""
    return find_code(_SCHEMES, text)


def action(text: str) -> str:
    """Return the ActionType, or ""."""
    return find_code(_ACTIONS, text)


def is_done(text: str) -> bool:
    """Return whether an action says that it was carried out."""
    return bool(re.search(r"\b(?:faite?s?|effectuee?s?|realisee?s?|ok|terminee?s?|transmise?)\b", normalise(text)))


def split_values(text: str) -> list[str]:
    """Return the values of a cell that lists several: line ends, commas, semicolons, plus signs, slashes, dots."""
    parts = re.split(r"[\n;,+/&•]|\s-\s|\set\s", text)
    return [" ".join(part.split()) for part in parts if not says_nothing(part)]


# Status

_YES = frozenset(("oui", "o", "x", "ok", "vrai", "true", "1", "y", "yes"))
_NO = frozenset(("non", "n", "faux", "false", "0", "no"))
_CLOSED = re.compile(
    r"\b(?:clos|close|cloture|cloturee?|ferme|fermee|termine|terminee|fini|finie|sorti|sortie|archive|archivee|arrete|fin)\b"
)
_WAITING = re.compile(r"attente|suspendu|\ba (?:voir|revoir|relancer|evaluer)\b|en pause")
_OPEN = re.compile(r"en cours|ouvert|\bactif|\bactive|suivi|poursuite|maintenu")


@dataclass(frozen=True)
class StatusRead:
    """`state` None: not understood. `ended`: the date said beside it, if any."""

    state: EntryState | None
    ended: DateRead | None = None


def status(text: str, header: str, *, today: date) -> StatusRead:
    """Return what a cell of a status column says; an empty one, in a column kept for closures, is open.

    A bare yes or no depends on the header: « Clos ? » or « Suivi en cours ? ».
    """
    folded = normalise(text)
    if not folded:
        return StatusRead(EntryState.OPEN)
    asks_closed = not re.search(r"en cours|actif|ouvert|suivi", normalise(header)) or "clos" in normalise(header)
    head = folded.split()[0]
    ended = _date_inside(text, today)
    if head in _YES or head in _NO:
        return StatusRead(EntryState.CLOSED if (head in _YES) is asks_closed else EntryState.OPEN, ended)
    if _WAITING.search(folded):
        return StatusRead(EntryState.WAITING)
    if re.search(r"\b(?:non|pas) (?:clos|close|cloture|termine)", folded):
        return StatusRead(EntryState.OPEN)
    if _CLOSED.search(folded):
        return StatusRead(EntryState.CLOSED, ended)
    if _OPEN.search(folded):
        return StatusRead(EntryState.OPEN)
    if ended and asks_closed:
        # A date alone in « Clos ? ».
        return StatusRead(EntryState.CLOSED, ended)
    return StatusRead(None)


def _date_inside(text: str, today: date) -> DateRead | None:
    """Return the date that ends a cell: « OUI le 30/08/2026 », « clos juin 2025 »."""
    words = text.split()
    for start in range(len(words)):
        read = parse_date(" ".join(words[start:]), today=today)
        if read.day:
            return read
    return None


# Sex, school, representatives


def sex(text: str) -> str | None:
    """Return codes.Sex; UNKNOWN for nothing, None if not understood."""
    folded = normalise(text)
    if says_nothing(text):
        return Sex.UNKNOWN.value
    if re.fullmatch(r"f|fille|feminin|femme|fem|mme|mlle|madame|mademoiselle", folded):
        return Sex.FEMALE.value
    if re.fullmatch(r"m|h|g|garcon|masculin|homme|masc|mr|monsieur", folded):
        return Sex.MALE.value
    return None


_LEVELS = _compiled(
    (SchoolLevel.SEGPA, r"segpa"),
    (SchoolLevel.VOCATIONAL, r"\bcap\b|\bbep\b|bac pro|\bpro\b|\blep\b|\blp\b|apprenti|\bmfr\b|\bcfa\b"),
    (SchoolLevel.PRIMARY, r"\bcp\b|\bce[12]\b|\bcm[12]\b|primaire|elementaire"),
    (SchoolLevel.SIXTH, r"^6|sixieme"),
    (SchoolLevel.FIFTH, r"^5|cinquieme"),
    (SchoolLevel.FOURTH, r"^4|quatrieme"),
    (SchoolLevel.THIRD, r"^3|troisieme|prepa metiers"),
    (SchoolLevel.SECOND, r"^2|seconde"),
    (SchoolLevel.FIRST, r"^1|premiere"),
    (SchoolLevel.FINAL, r"^t(?:le|erm)|terminale"),
    (SchoolLevel.HIGHER, r"\bbts\b|\bbut\b|licence|univers|fac\b"),
    (SchoolLevel.NONE, r"descolaris|non scolaris|sans (?:solution|scolarite)|aucun"),
)
MIDDLE_SCHOOL = frozenset(
    (SchoolLevel.SIXTH.value, SchoolLevel.FIFTH.value, SchoolLevel.FOURTH.value, SchoolLevel.THIRD.value)
)


def school_level(text: str) -> str:
    """Return codes.SchoolLevel of a class (« 3ème A », « 4°C », « SEGPA 4 »); UNKNOWN if nothing fits."""
    return find_code(_LEVELS, text) or SchoolLevel.UNKNOWN.value


def relation(text: str) -> str:
    """Return codes.Relation said by a header or a cell (« Tél. mère »), or ""."""
    folded = normalise(text)
    mother, father = re.search(r"\b(?:mere|maman)\b", folded), re.search(r"\b(?:pere|papa)\b", folded)
    if bool(mother) is not bool(father):
        return Relation.MOTHER.value if mother else Relation.FATHER.value
    if re.search(r"\btut", folded):
        return Relation.GUARDIAN.value
    return Relation.ASE.value if re.search(r"\base\b|foyer", folded) else ""
