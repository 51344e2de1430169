"""A second reading of domain.md §11, written from the legend alone: the oracle of T-33.

It shares no code with casework/access. The table itself is in matrix_reviewed.txt.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

COLUMNS = {
    "CO": "clspd_coordinator",
    "MA": "mayor",
    "PJ": "pjj",
    "SA": "sah",
    "AE": "aemo",
    "MD": "mds",
    "AD": "outreach",
    "EN": "education",
    "SP": "spip",
    "AO": "apers_offender",
    "AV": "apers_victim",
    "HO": "host",
    "PN": "national_police",
    "PM": "municipal_police",
    "PR": "prosecutor",
    "DP": "dpo",
    "AS": "sysadmin",
}

ROWS = {
    "1": "youth_identity",
    "1a": "youth_card",
    "2": "youth_representatives",
    "3": "youth_referral",
    "4": "youth_review",
    "4a": "youth_preparation",
    "5": "youth_occupation",
    "6": "youth_sensitive",
    "7": "youth_judicial",
    "8": "session_minutes",
    "9": "mayor_disclosure",
    "10": "tig_posts",
    "11": "host_accreditation",
    "12": "placement",
    "13": "sentence",
    "14": "placement_incident",
    "15": "fitness",
    "16": "reparation_activity",
    "17": "reparation_content",
    "18": "reparation_victim",
    "19": "vif_person",
    "20": "vif_reports",
    "21": "vif_proofs",
    "22a": "vif_victim",
    "22b": "vif_location",
    "23": "tgd",
    "24": "tgd_stock",
    "24a": "tgd_totals",
    "24b": "tgd_paper",
    "25": "reflex_sheet",
    "26": "exclusion",
    "26a": "exclusion_family",
    "26b": "exclusion_return",
    "27": "exclusion_reason",
    "28": "known_return",
    "29": "indicators",
    "29a": "evaluation",
    "30": "journal",
    "30a": "who_opened",
    "31": "accounts",
    "31a": "own_service",
    "32": "rights",
    "33": "keys",
}

# The work of the group on young people: rows 1 to 9.
GROUP_ROWS = {"1", "1a", "2", "3", "4", "4a", "5", "6", "7", "8", "9"}
# Couple violence is the ressort's (design.md §4); its totals are for communes.
RESSORT_ROWS = {"19", "20", "21", "22a", "22b", "23", "24", "24b"}
COMMUNE_ROWS = {"24a", "29a"}
READS = {"list", "view", "history", "reveal", "print", "export"}
WRITES = {"create", "change", "move", "manage"}
NAMELESS = {"exists", "count"}


@dataclass(frozen=True)
class Moment:
    """How the viewer stands to the object, and in which state the object is."""

    bases: frozenset[str] = frozenset()
    author: bool = False
    own_service: bool = False
    lead: bool = False
    sits: bool = True
    rules: bool = True
    open: bool = True
    archived: bool = False
    reason: bool = False
    broken: bool = False
    minors: bool = True
    no_court: bool = False


def kinds(row: str) -> set[str]:
    """Return the kinds of territory on which the row has records."""
    every = {"commune", "epci", "departement", "court_district"}
    if row in RESSORT_ROWS:
        return {"court_district"}
    return every - {"court_district"} if row in COMMUNE_ROWS else every


def cells() -> dict[tuple[str, str], str]:
    """Return the text of each cell, by row number and column code."""
    text = Path(__file__).with_name("matrix_reviewed.txt").read_text(encoding="utf-8")
    lines = [
        [part.strip() for part in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    head, *rows = lines
    columns = head[2:]
    return {(row[0], column): cell for row in rows for column, cell in zip(columns, row[2:], strict=True)}


def says(cell: str, row: str, column: str, action: str, at: Moment) -> bool:
    """Say, from the legend of domain.md §11, whether a cell lets `action` happen."""
    sign = cell.split(" (")[0]
    if "no list" in cell:
        sign = "R1"
    if sign == "C, then n":
        sign = "Cn"
    if "(lead)" in cell:
        sign = "lead"
    if sign == "oR":
        sign = "o"
    if sign in ("-", "n"):
        return False
    if "minors)" in cell and not at.minors:
        return False
    if "(its lead writes)" in cell and action in WRITES and not at.lead:
        return False
    if row == "22b" and action in READS - {"reveal"}:
        return False

    guarded = sign == "!"
    if action not in NAMELESS and row in GROUP_ROWS and not at.rules and column != "DP":
        return False
    if action not in NAMELESS and not guarded:
        if at.archived and (column != "CO" or not at.reason):
            return False
        reopening = at.archived and action == "move"
        if action in WRITES and not at.open and not reopening:
            return False

    if guarded:
        return at.broken and action in {"view", "history", "exists"}
    if sign == "W":
        return True
    if sign == "R":
        stands_in = "(changes it without a court)" in cell and action == "change" and at.no_court
        return stands_in or action in READS | NAMELESS
    if sign == "R1":
        return action == "view"
    if sign == "e":
        return action == "exists"
    if sign == "A":
        return action == "count"
    if sign == "lead":
        return at.lead and at.own_service and action != "count"
    if sign in ("C", "Cn") and action == "create":
        return True
    if sign == "Cn":
        return action == "exists" and at.author
    return _by_grant(sign, row, action, at)


def _by_grant(sign: str, row: str, action: str, at: Moment) -> bool:
    """Say what a grant opens on a `C`, `g`, `gW`, `o` or `oW` cell."""
    if action == "count" or action == "manage" or (at.archived and action == "exists"):
        return False
    if row in GROUP_ROWS and not at.sits:
        return False
    own = at.author or at.own_service
    if action in {"create", "change", "move"}:
        if sign in ("g", "o"):
            return False
        if sign in ("C", "gW") and action != "create" and not own:
            return False
    if row == "4a":  # one's own preparation, whoever is asked or in the circle
        return own and bool(at.bases & {"circle", "deputy", "session_window"})
    if at.bases & {"circle", "deputy"}:
        return True
    if "session_window" in at.bases and row in {"1", "1a", "3"} and action in {"exists", "list", "view", "reveal"}:
        return True
    if "invited" in at.bases and row == "1a" and action in {"exists", "list", "view"}:
        return True
    if "asked" in at.bases and row in {"1", "1a"} and action == "list":
        return True
    if "seated" in at.bases and row == "8" and action in {"exists", "list", "view", "print"}:
        return True
    young = {"1", "1a", "2", "3", "4", "5"}  # not what was written for the few in charge
    # Not the sentence, not fitness, not the victim of a réparation; of couple violence one side, and no location; of a
    # pupil received not the reason.
    placed = {"12", "14", "16", "17", "19", "20", "21", "22a", "23", "26", "26a", "26b"}
    if at.bases & {"break_glass", "break_masked"} and row in young and action in {"exists", "view"}:
        return True
    if "break_glass" in at.bases and row in placed and action in {"exists", "view"}:
        return True
    if "duty" in at.bases and row in young | placed and action in {"exists", "list", "view"}:
        return True
    if "duty" in at.bases and row == "22b" and action in {"exists", "reveal"}:
        return True
    # ACL-04: the tutor of somebody planned today looks, and writes hours and incidents; rows 12, 14, 15 of that person.
    if "today" in at.bases and row in {"12", "14", "15"}:
        return action in {"exists", "list", "view", "create", "change"}
    typed = {"1", "1a", "2", "3", "5"}
    return "author" in at.bases and row in typed and action in {"exists", "list", "view", "change"}
