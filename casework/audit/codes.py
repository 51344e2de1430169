"""Closed lists of the journal, and who acts: what an event may say (LOG-01, LOG-05)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

INSTALLATION = "installation"
"""The log of what belongs to no territory."""


class Act(StrEnum):
    """What was done or seen."""

    VIEW = "view"
    LIST = "list"
    SEARCH = "search"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    MOVE = "move"
    EXPORT = "export"
    PRINT = "print"
    GRANT = "grant"
    REVOKE = "revoke"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCK = "lock"
    MISS = "miss"
    DENIED = "denied"
    ERROR = "error"
    HISTORY = "history"
    WHO_READ = "who_read"
    REVEAL = "reveal"
    IMPORT = "import"
    SYSTEM = "system"
    INTEGRITY_FAIL = "integrity_fail"
    PURGE = "purge"  # a signed statement: which rows were emptied at their term
    RESTORE = "restore"  # a declared return to an older backup
    ROW = "row"  # the digest of one more row that an act wrote; says nothing else


class Purpose(StrEnum):
    """Why a record is opened. A read under one purpose never covers another."""

    REVIEW = "review"  # suivi
    SESSION = "session"  # réunion
    PREPARATION = "preparation"
    SORTING = "sorting"
    LISTING = "listing"
    SEARCH = "search"
    DOCUMENT = "document"
    HISTORY = "history"
    RIGHTS = "rights"
    IMPORT = "import"
    RETENTION = "retention"
    DUPLICATES = "duplicates"
    ADMINISTRATION = "administration"
    SYSTEM = "system"


COVERED_ACTS = frozenset({Act.VIEW, Act.LIST, Act.SEARCH, Act.HISTORY, Act.WHO_READ})
"""Acts that a committed event of the last fifteen minutes covers. An export, a print or a reveal never is."""

OPENING_ACTS = frozenset({Act.VIEW, Act.HISTORY, Act.PRINT, Act.REVEAL, Act.EXPORT})
"""Acts that open one file, when they tell of one or two people only."""

SITTING_PURPOSES = frozenset({Purpose.SESSION.value, Purpose.PREPARATION.value})
"""In a meeting, and to prepare it, many files are opened one after the other: that is its order of the day."""

SIGNED_AT_ONCE_ACTS = frozenset({Act.GRANT, Act.REVOKE, Act.PURGE})
"""Whoever may do these alone could also want them forgotten: the witness hears of them in the same second."""

SIGNED_AT_ONCE_OBJECTS = frozenset({"access.episode", "casefile.erasure"})
"""Emergencies and erasures, from their beginning to their end, whatever the act."""

SIGNED_AT_ONCE_MODULES = frozenset({"sealing"})
"""Operations on keys."""

UNINDEXED_ACTS = frozenset({Act.SEARCH})
"""A search opens in memory every name its viewer may see: the event keeps all of them, but « who opened this
file » is answered by the event of the results shown, not by each search of each colleague."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, under which mandate, from which session. Built by the server only (T-30)."""

    agent_id: UUID | None
    organisation_id: UUID | None
    mandate_id: UUID | None
    territory_id: UUID | None
    role: str
    session_ref: str
    request_id: str
    net_prefix: str


def system_actor(territory_id: UUID | None = None) -> Actor:
    """Return the actor of jobs and commands, in the log of `territory_id` or of the installation."""
    return Actor(
        agent_id=None,
        organisation_id=None,
        mandate_id=None,
        territory_id=territory_id,
        role="system",
        session_ref="",
        request_id="",
        net_prefix="",
    )


def log_of(territory_id: UUID | None) -> str:
    """Return the name of the log of a territory, or of the installation."""
    return INSTALLATION if territory_id is None else str(territory_id)
