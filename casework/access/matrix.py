"""The table of domain.md §11 as data: data classes, what each role may do with each.

This is the only place where a role meets a data class. A data class without a row fails the build.
"""

from __future__ import annotations

from enum import StrEnum

from casework.partners.codes import Role, TerritoryKind


class DataClass(StrEnum):
    """The rows of domain.md §11. Values are written in sealed fields and in audit events."""

    YOUTH_IDENTITY = "youth_identity"  # 1
    YOUTH_CARD = "youth_card"  # 1a
    YOUTH_REPRESENTATIVES = "youth_representatives"  # 2
    YOUTH_REFERRAL = "youth_referral"  # 3
    YOUTH_REVIEW = "youth_review"  # 4
    YOUTH_PREPARATION = "youth_preparation"  # 4a
    YOUTH_OCCUPATION = "youth_occupation"  # 5
    YOUTH_SENSITIVE = "youth_sensitive"  # 6
    YOUTH_JUDICIAL = "youth_judicial"  # 7
    SESSION_MINUTES = "session_minutes"  # 8
    MAYOR_DISCLOSURE = "mayor_disclosure"  # 9
    TIG_POSTS = "tig_posts"  # 10
    HOST_ACCREDITATION = "host_accreditation"  # 11
    PLACEMENT = "placement"  # 12
    SENTENCE = "sentence"  # 13
    PLACEMENT_INCIDENT = "placement_incident"  # 14
    FITNESS = "fitness"  # 15
    REPARATION_ACTIVITY = "reparation_activity"  # 16
    REPARATION_CONTENT = "reparation_content"  # 17
    REPARATION_VICTIM = "reparation_victim"  # 18
    VIF_PERSON = "vif_person"  # 19
    VIF_REPORTS = "vif_reports"  # 20
    VIF_PROOFS = "vif_proofs"  # 21
    VIF_VICTIM = "vif_victim"  # 22a
    VIF_LOCATION = "vif_location"  # 22b
    TGD = "tgd"  # 23
    TGD_STOCK = "tgd_stock"  # 24
    TGD_TOTALS = "tgd_totals"  # 24a
    TGD_PAPER = "tgd_paper"  # 24b
    REFLEX = "reflex_sheet"  # 25
    EXCLUSION = "exclusion"  # 26
    EXCLUSION_FAMILY = "exclusion_family"  # 26a
    EXCLUSION_RETURN = "exclusion_return"  # 26b
    EXCLUSION_REASON = "exclusion_reason"  # 27
    KNOWN_RETURN = "known_return"  # 28
    INDICATORS = "indicators"  # 29
    EVALUATION = "evaluation"  # 29a
    JOURNAL = "journal"  # 30
    WHO_OPENED = "who_opened"  # 30a
    ACCOUNTS = "accounts"  # 31
    OWN_SERVICE = "own_service"  # 31a
    RIGHTS = "rights"  # 32
    KEYS = "keys"  # 33


class Cell(StrEnum):
    """What a cell of the matrix says (legend of domain.md §11)."""

    NOTHING = "-"
    WRITE = "W"  # a live mandate on the territory is enough, to create and edit
    READ = "R"  # a live mandate on the territory is enough, to read
    READ_STAND_IN = "Rc"  # the same; changes what is there where the court has no account
    CREATE = "C"  # creates (own referral), then as GRANT
    CREATE_ONLY = "Cn"  # creates, then only the status of what it sent
    OWN_WRITE = "oW"  # a grant on that person or placement is needed
    OWN_READ = "o"
    GRANT = "g"  # standing grant (circle) or session window, to read
    GRANT_WRITE = "gW"  # the same, and writes its own part
    EXISTS = "e"  # existence and state, no name
    HIDDEN = "n"  # no list and no detail
    AGGREGATE = "A"  # anonymised counts
    LEAD_WRITE = "lW"  # service lead only, own service
    ONE_AT_A_TIME = "R1"  # read one at a time, no list
    GUARDED = "!"  # reason, fresh second factor, log, review afterwards


_ORDER = (
    Role.COORDINATOR, Role.MAYOR, Role.PJJ, Role.SAH, Role.AEMO, Role.MDS, Role.OUTREACH, Role.EDUCATION,
    Role.SPIP, Role.APERS_OFFENDER, Role.APERS_VICTIM, Role.HOST, Role.NATIONAL_POLICE,
    Role.MUNICIPAL_POLICE, Role.PROSECUTOR, Role.DPO, Role.SYSADMIN,
)  # fmt: skip

_D = DataClass
# One line per row of domain.md §11, columns in the order CO MA PJ SA AE MD AD EN SP AO AV HO PN PM PR DP AS.
_ROWS: dict[DataClass, str] = {
    _D.YOUTH_IDENTITY:        "W  -  C  -  C  C  C  -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_CARD:            "R  -  g  -  g  g  g  -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_REPRESENTATIVES: "W  -  C  -  C  C  C  -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_REFERRAL:        "W  -  C  -  C  C  C  Cn -  -  -  -  Cn Cn -  !  -",
    _D.YOUTH_REVIEW:          "W  -  gW -  gW gW gW -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_PREPARATION:     "n  -  oW -  oW oW oW -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_OCCUPATION:      "W  -  C  -  C  C  C  -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_SENSITIVE:       "!  -  oW -  oW oW oW -  -  -  -  -  -  -  -  !  -",
    _D.YOUTH_JUDICIAL:        "e  -  oW -  -  -  -  -  -  -  -  -  -  -  -  !  -",
    _D.SESSION_MINUTES:       "W  -  g  -  g  g  g  -  -  -  -  -  -  -  -  !  -",
    _D.MAYOR_DISCLOSURE:      "W  R1 -  -  -  -  -  -  -  -  -  -  -  -  -  !  -",
    _D.TIG_POSTS:             "W  R  W  R  -  -  -  -  W  -  -  oW -  -  R  R  -",
    _D.HOST_ACCREDITATION:    "R  R  W  R  -  -  -  -  W  -  -  o  -  -  R  R  -",
    _D.PLACEMENT:             "e  -  oW -  -  -  -  -  oW -  -  oW -  -  R  !  -",
    _D.SENTENCE:              "-  -  oW -  -  -  -  -  oW -  -  -  -  -  R  !  -",
    _D.PLACEMENT_INCIDENT:    "e  -  oW -  -  -  -  -  oW -  -  oW -  -  R  !  -",
    _D.FITNESS:               "-  -  oW -  -  -  -  -  oW -  -  o  -  -  -  !  -",
    _D.REPARATION_ACTIVITY:   "e  -  oW oW -  -  -  -  -  -  -  oW -  -  R  !  -",
    _D.REPARATION_CONTENT:    "-  -  oW oW -  -  -  -  -  -  -  -  -  -  R  !  -",
    _D.REPARATION_VICTIM:     "-  -  oW oW -  -  -  -  -  -  -  -  -  -  R  !  -",
    _D.VIF_PERSON:            "-  -  -  -  -  -  -  -  o  oW -  -  -  -  R  !  -",
    _D.VIF_REPORTS:           "-  -  -  -  -  -  -  -  o  oW -  -  -  -  R  !  -",
    _D.VIF_PROOFS:            "-  -  -  -  -  -  -  -  o  oW -  -  -  -  R  !  -",
    _D.VIF_VICTIM:            "-  -  -  -  -  -  -  -  -  -  oW -  -  -  R  !  -",
    _D.VIF_LOCATION:          "-  -  -  -  -  -  -  -  -  -  oW -  -  -  R  -  -",
    _D.TGD:                   "-  -  -  -  -  -  -  -  -  -  oW -  -  -  W  !  -",
    # Row 24 says « A » for the first two: the stock is the ressort's, they read what it passed on (24a, ADR 72); « R »
    # for the victim's side: where the court has no account, she notes there what a device becomes (ADR 71).
    _D.TGD_STOCK:             "-  -  -  -  -  -  -  -  -  -  Rc -  -  -  W  R  -",
    _D.TGD_TOTALS:            "W  R  -  -  -  -  -  -  -  -  -  -  -  -  -  R  -",
    # How the court's own papers look, about nobody: whoever keeps the ressort writes it, or the court itself.
    _D.TGD_PAPER:             "W  -  -  -  -  -  -  -  -  -  -  -  -  -  W  R  -",
    _D.REFLEX:                "W  R  R  R  R  R  R  R  R  R  W  R  R  R  R  R  -",
    _D.EXCLUSION:             "e  -  -  -  -  -  oW oW -  -  -  oW -  -  -  !  -",
    _D.EXCLUSION_FAMILY:      "-  -  -  -  -  -  oW oW -  -  -  oW -  -  -  !  -",
    _D.EXCLUSION_RETURN:      "-  -  -  -  -  -  oW oW -  -  -  oW -  -  -  !  -",
    _D.EXCLUSION_REASON:      "-  -  -  -  -  -  o  oW -  -  -  o  -  -  -  !  -",
    _D.KNOWN_RETURN:          "-  -  oW oW -  -  -  -  oW -  -  -  -  -  -  !  -",
    _D.INDICATORS:            "A  A  A  A  A  A  A  A  A  A  A  -  A  A  A  A  -",
    # What the coordinator writes around the figures: comments, the quarter’s dashboard, what is proposed for release.
    _D.EVALUATION:            "W  R  R  R  R  R  R  R  R  R  R  -  R  R  R  R  -",
    _D.JOURNAL:               "-  -  -  -  -  -  -  -  -  -  -  -  -  -  -  R  n",
    _D.WHO_OPENED:            "R  -  g  o  g  g  g  o  o  o  o  -  -  -  -  R  -",
    _D.ACCOUNTS:              "W  -  n  n  n  n  n  n  n  n  n  n  n  n  n  R  W",
    _D.OWN_SERVICE:           "-  -  lW lW lW lW lW lW lW lW lW lW -  -  lW R  -",
    _D.RIGHTS:                "W  n  o  o  o  o  o  o  o  o  o  -  -  -  -  W  -",
    _D.KEYS:                  "-  -  -  -  -  -  -  -  -  -  -  -  -  -  -  n  W",
}  # fmt: skip

MATRIX: dict[tuple[Role, DataClass], Cell] = {
    (role, data_class): Cell(code)
    for data_class, line in _ROWS.items()
    for role, code in zip(_ORDER, line.split(), strict=True)
}


# What each subject works on (design.md §4). A class that is not here is of every kind of territory.
_RESSORT = frozenset({TerritoryKind.COURT_DISTRICT})
WORKS_ON: dict[DataClass, frozenset[TerritoryKind]] = {
    # Couple violence: the ressort of a court, perhaps on a server of its own.
    **dict.fromkeys(
        (
            _D.VIF_PERSON,
            _D.VIF_REPORTS,
            _D.VIF_PROOFS,
            _D.VIF_VICTIM,
            _D.VIF_LOCATION,
            _D.TGD,
            _D.TGD_STOCK,
            _D.TGD_PAPER,
        ),
        _RESSORT,
    ),
    # What it passes on to communes.
    **dict.fromkeys((_D.TGD_TOTALS, _D.EVALUATION), frozenset(TerritoryKind) - _RESSORT),
}


def works_on(territory_kind: str, data_class: DataClass) -> bool:
    """Say whether there may be records of this class on such a territory; an unknown kind has none of these classes."""
    kinds = WORKS_ON.get(data_class)
    return kinds is None or territory_kind in kinds


def cell(role: str, data_class: DataClass) -> Cell:
    """Return what `role` may do with `data_class`; an unknown role may do nothing."""
    try:
        return MATRIX.get((Role(role), data_class), Cell.NOTHING)
    except ValueError:
        return Cell.NOTHING
