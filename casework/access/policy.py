"""The decision: who may do what with which data class of which object, and why.

`decide` is pure and total. Everything it needs is an argument, so it can be enumerated (T-33);
whatever it does not know, it refuses. The role is the ceiling (matrix.py), the grant opens the
door, the date closes it (design.md §2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from uuid import UUID

from casework.access.matrix import Cell, DataClass, cell, works_on
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.partners.codes import Role


class Action(StrEnum):
    """What can be asked of a record."""

    EXISTS = "exists"  # that it exists, and its state; no name
    COUNT = "count"  # anonymised counts
    LIST = "list"
    VIEW = "view"
    HISTORY = "history"  # earlier versions: same rights as the live row (ACL-10)
    REVEAL = "reveal"  # a held key on a projected screen; VIF addresses
    PRINT = "print"
    EXPORT = "export"
    CREATE = "create"
    CHANGE = "change"
    MOVE = "move"  # a change of state
    MANAGE = "manage"  # circle, services asked, accounts: who may see


class Basis(StrEnum):
    """Why a viewer holds a live grant on an object (design.md §4)."""

    CIRCLE = "circle"  # in the circle: opens every g, C and o row
    DEPUTY = "deputy"  # stands in for one of the circle, for dates: the same
    SESSION_WINDOW = "session_window"  # asked on an agenda line: identity and referral only
    INVITED = "invited"  # convened to a meeting where it is heard: the anonymous card only
    SEATED = "seated"  # on a meeting, never on a situation: its place, its hour, its attendance
    ASKED = "asked"  # « Qui connaît ? », while the question is open to its service: read from it, never a row
    AUTHOR = "author"  # entered it, before the circle exists: what it typed itself
    ARCHIVE = "archive"  # a reason recorded to open an ended record (RET-02); opens nothing alone
    BREAK_GLASS = "break_glass"  # an emergency, thirty minutes, one subject: to look, nothing else (ACL-09)
    BREAK_MASKED = "break_masked"  # the same under duress: alike on screen, locations withheld
    DUTY = "duty"  # on duty today for the service of the circle, with a reason: to look
    TODAY = "today"  # named tutor of somebody planned today: read from the plan, never a row (ACL-04)


BREAKS = frozenset({Basis.BREAK_GLASS, Basis.BREAK_MASKED})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of the object, without a word of its content. The facts.py of each subject builds it."""

    territory_id: UUID | None
    data_class: DataClass
    grants: frozenset[Basis] = frozenset()  # live, genuine grants of THIS viewer's mandate on THIS object
    is_author: bool = False  # this mandate wrote this part
    own_service: bool = False  # this part belongs to the viewer's organisation
    excluded: bool  # the agent or its organisation is shut out of this subject: beats everything
    rules_in_force: bool  # the group's règlement intérieur runs today (CLV-06)
    state_open: bool  # writes are still possible
    archived: bool = False  # ended: reading falls to the coordinator, with a reason (RET-02)
    archive_reason: bool = False  # that reason was given and recorded
    gone: bool = False  # its end date is reached, or it is the shell of a merged record: 404 for all
    break_open: bool = False  # an opening with reason and fresh second factor is running
    group_id: UUID | None = None  # the group that follows it; None: any group of the viewer
    for_minors: bool = True  # a post or an accreditation: it concerns minors (rows 10 and 11 of the PJJ)
    court_absent: bool = False  # a device: no agent of the court has an account on the territory (row 24)


@dataclass(frozen=True)
class Decision:
    """The answer and its reason, a stable code; `obligations` must be met by the caller who allows."""

    allow: bool
    reason: str
    obligations: frozenset[str] = frozenset()


class Need(Enum):
    """What a cell asks for, beyond a live mandate with a signed charter on the same territory."""

    MANDATE = "mandate"  # nothing more
    GRANT = "grant"  # a live grant of this mandate on this object
    OWN_PART = "own_part"  # such a grant, and one's own part
    SENT = "sent"  # what this viewer sent itself
    LEAD = "lead"  # service lead, own service
    BREAK = "break"  # reason, fresh second factor
    NO_COURT = "no_court"  # that the court has no account: nobody writes in its place otherwise


_A = Action
_SIGHTS = frozenset({_A.LIST, _A.VIEW, _A.HISTORY, _A.REVEAL, _A.PRINT, _A.EXPORT})
_EDITS = frozenset({_A.CHANGE, _A.MOVE, _A.MANAGE})
_WRITES = _EDITS | {_A.CREATE}
NAMELESS = frozenset({_A.EXISTS, _A.COUNT})


def _needs(*pairs: tuple[Iterable[Action], Need]) -> dict[Action, Need]:
    return {action: need for actions, need in pairs for action in actions}


_MANDATE, _GRANT, _OWN, _SENT, _LEAD, _BREAK, _NO_COURT = (
    Need.MANDATE, Need.GRANT, Need.OWN_PART, Need.SENT, Need.LEAD, Need.BREAK, Need.NO_COURT,
)  # fmt: skip

# The legend of domain.md §11. An action that a cell does not name is refused.
_CELLS: dict[Cell, dict[Action, Need]] = {
    Cell.NOTHING: {},
    Cell.HIDDEN: {},
    Cell.WRITE: _needs((_SIGHTS | _WRITES | NAMELESS, _MANDATE)),
    Cell.READ: _needs((_SIGHTS | NAMELESS, _MANDATE)),
    Cell.READ_STAND_IN: _needs((_SIGHTS | NAMELESS, _MANDATE), ({_A.CHANGE}, _NO_COURT)),
    Cell.CREATE: _needs(({_A.CREATE}, _MANDATE), (_SIGHTS | {_A.EXISTS}, _GRANT), ({_A.CHANGE, _A.MOVE}, _OWN)),
    Cell.CREATE_ONLY: _needs(({_A.CREATE}, _MANDATE), ({_A.EXISTS}, _SENT)),
    Cell.OWN_WRITE: _needs((_SIGHTS | {_A.EXISTS, _A.CREATE}, _GRANT), ({_A.CHANGE, _A.MOVE}, _GRANT)),
    Cell.OWN_READ: _needs((_SIGHTS | {_A.EXISTS}, _GRANT)),
    Cell.GRANT: _needs((_SIGHTS | {_A.EXISTS}, _GRANT)),
    Cell.GRANT_WRITE: _needs((_SIGHTS | {_A.EXISTS, _A.CREATE}, _GRANT), ({_A.CHANGE, _A.MOVE}, _OWN)),
    Cell.EXISTS: _needs(({_A.EXISTS}, _MANDATE)),
    Cell.AGGREGATE: _needs(({_A.COUNT}, _MANDATE)),
    Cell.LEAD_WRITE: _needs((_SIGHTS | _WRITES | {_A.EXISTS}, _LEAD)),
    Cell.ONE_AT_A_TIME: _needs(({_A.VIEW}, _MANDATE)),
    Cell.GUARDED: _needs(({_A.VIEW, _A.HISTORY, _A.EXISTS}, _BREAK)),
}

_D = DataClass
# The group's exchange: closed without rules in force (CLV-06), and to a service that does not sit (CLV-24).
EXCHANGE = frozenset(
    {
        _D.YOUTH_IDENTITY, _D.YOUTH_CARD, _D.YOUTH_REPRESENTATIVES, _D.YOUTH_REFERRAL, _D.YOUTH_REVIEW,
        _D.YOUTH_PREPARATION, _D.YOUTH_OCCUPATION, _D.YOUTH_SENSITIVE, _D.YOUTH_JUDICIAL, _D.SESSION_MINUTES,
        _D.MAYOR_DISCLOSURE,
    }
)  # fmt: skip

# What each basis opens, and for which actions. A basis or a class that is not here opens nothing.
_ALL_CLASSES = frozenset(DataClass)
# The file of a young person, without what one professional wrote for the few in charge (rows 6, 7, 4a): all that an
# emergency or a day on duty opens. Another subject adds its own when it comes.
_FILE = frozenset(
    {
        _D.YOUTH_CARD, _D.YOUTH_IDENTITY, _D.YOUTH_REPRESENTATIVES, _D.YOUTH_REFERRAL, _D.YOUTH_REVIEW,
        _D.YOUTH_OCCUPATION,
    }
)  # fmt: skip
# The same of a file of TIG, of a réparation or of a pupil received: not the sentence, fitness, the victim, the reason of
# an exclusion. A masked emergency opens none.
# Of a measure or of a victim of couple violence, each role has one side only (matrix); an emergency opens no location.
_CASE = frozenset(
    {
        _D.PLACEMENT, _D.PLACEMENT_INCIDENT, _D.REPARATION_ACTIVITY, _D.REPARATION_CONTENT,
        _D.VIF_PERSON, _D.VIF_REPORTS, _D.VIF_PROOFS, _D.VIF_VICTIM, _D.TGD,
        _D.EXCLUSION, _D.EXCLUSION_FAMILY, _D.EXCLUSION_RETURN,
    }
)  # fmt: skip
_OPENS: dict[Basis, tuple[frozenset[DataClass], frozenset[Action]]] = {
    Basis.CIRCLE: (_ALL_CLASSES, frozenset(Action)),
    Basis.DEPUTY: (_ALL_CLASSES, frozenset(Action)),
    Basis.SESSION_WINDOW: (
        frozenset({_D.YOUTH_CARD, _D.YOUTH_IDENTITY, _D.YOUTH_REFERRAL}),
        frozenset({_A.EXISTS, _A.LIST, _A.VIEW, _A.REVEAL}),
    ),
    Basis.INVITED: (frozenset({_D.YOUTH_CARD}), frozenset({_A.EXISTS, _A.LIST, _A.VIEW})),
    # CLV-29: four fields in one list of names, never a file.
    Basis.ASKED: (frozenset({_D.YOUTH_CARD, _D.YOUTH_IDENTITY}), frozenset({_A.LIST})),
    Basis.SEATED: (frozenset({_D.SESSION_MINUTES}), frozenset({_A.EXISTS, _A.LIST, _A.VIEW, _A.PRINT})),
    Basis.AUTHOR: (
        frozenset({_D.YOUTH_CARD, _D.YOUTH_IDENTITY, _D.YOUTH_REPRESENTATIVES, _D.YOUTH_REFERRAL, _D.YOUTH_OCCUPATION}),
        frozenset({_A.EXISTS, _A.LIST, _A.VIEW, _A.CHANGE}),
    ),
    Basis.BREAK_GLASS: (_FILE | _CASE, frozenset({_A.EXISTS, _A.VIEW})),
    Basis.BREAK_MASKED: (_FILE, frozenset({_A.EXISTS, _A.VIEW})),
    Basis.DUTY: (_FILE | _CASE, frozenset({_A.EXISTS, _A.LIST, _A.VIEW})),
    Basis.TODAY: (
        frozenset({_D.PLACEMENT, _D.PLACEMENT_INCIDENT, _D.FITNESS}),
        frozenset({_A.EXISTS, _A.LIST, _A.VIEW, _A.CREATE, _A.CHANGE}),
    ),
}
# Where somebody hides: who is in charge, who stands in, and the service's agent on duty; never an emergency.
_LOCATES = frozenset({Basis.CIRCLE, Basis.DEPUTY, Basis.DUTY})
# One's own preparation: whoever is asked or in the circle writes it; other services never read it (row 4a).
_PREPARES = frozenset({Basis.CIRCLE, Basis.DEPUTY, Basis.SESSION_WINDOW})

# Cells in brackets in domain.md §11, rows 10 and 11: the PJJ's « W » is for posts open to minors only.
MINORS_ONLY = frozenset({(Role.PJJ.value, _D.TIG_POSTS), (Role.PJJ.value, _D.HOST_ACCREDITATION)})

# Row 25: on the victim's side the head of the service alone writes the reflex sheet (ADR 69).
LEAD_WRITES = frozenset({(Role.APERS_VICTIM.value, _D.REFLEX)})

# Classes opened one by one, on demand, with a fresh second factor (row 22b).
_REVEALED = frozenset({_D.VIF_LOCATION})


def bases_opening(data_class: DataClass, action: Action) -> frozenset[Basis]:
    """Return the bases that open `data_class` for `action` to a role whose cell asks for a grant."""
    if data_class is _D.YOUTH_PREPARATION:
        return _PREPARES
    if data_class is _D.VIF_LOCATION and action in {_A.EXISTS, _A.REVEAL}:
        return _LOCATES
    return frozenset(
        basis for basis, (classes, actions) in _OPENS.items() if data_class in classes and action in actions
    )


def need_of(role: str, action: Action, data_class: DataClass) -> Need | None:
    """Return what `role` needs, beyond a live mandate, to do `action` on `data_class`; None: never."""
    if data_class in _REVEALED and action in _SIGHTS and action is not _A.REVEAL:
        return None
    return _CELLS[cell(role, data_class)].get(action)


def ceiling(role: str, action: Action, data_class: DataClass) -> bool:
    """Say whether some object could be open to `role` for `action` and `data_class` (routes, navigation)."""
    return need_of(role, action, data_class) is not None


def reachable(viewer: Viewer, action: Action, data_class: DataClass) -> bool:
    """Say the same of this viewer on its territory: a class of another kind of territory has no route and no menu."""
    return works_on(viewer.territory_kind, data_class) and ceiling(viewer.role, action, data_class)


def decide(viewer: Viewer | None, action: Action, facts: Facts, now: datetime) -> Decision:
    """Say whether `viewer` may do `action` on the object of `facts` at `now`, why, and on what conditions.

    Pure and total: never raises, never reads anything but its arguments; an unknown value is a refusal.
    """
    refusal = _who(viewer, now) or _what(action, facts)
    if refusal or viewer is None:
        return Decision(False, refusal or "viewer")
    if facts.excluded is not False:
        return Decision(False, "excluded")
    if facts.gone is not False:
        return Decision(False, "gone")
    if viewer.territory_id is None or facts.territory_id != viewer.territory_id:
        return Decision(False, "territory")
    need = need_of(viewer.role, action, facts.data_class)
    if need is None:
        return Decision(False, "role")
    if not works_on(viewer.territory_kind, facts.data_class):
        return Decision(False, "territory_kind")
    refusal = _time(viewer, action, facts, need) or _door(viewer, action, facts, need)
    if refusal:
        return Decision(False, refusal)
    return Decision(True, need.value, _obligations(action, facts, need))


def _who(viewer: Viewer | None, now: datetime) -> str:
    """Return why this viewer opens nothing at all at `now`, "" if it may open something (CLV-24, CLV-25)."""
    if not isinstance(viewer, Viewer):
        return "viewer"
    if not viewer.live(now):
        return "mandate"
    if viewer.charter_signed is not True:
        return "charter"
    return ""


def _what(action: object, facts: object) -> str:
    """Return "unknown" for a question that is not made of known values."""
    known = (
        isinstance(action, Action)
        and isinstance(facts, Facts)
        and isinstance(facts.data_class, DataClass)
        and isinstance(facts.grants, frozenset)
        and isinstance(facts.group_id, UUID | None)
    )
    return "" if known else "unknown"


def _time(viewer: Viewer, action: Action, facts: Facts, need: Need) -> str:
    """Return the refusal that comes from the state of the record or of the group's rules."""
    if action in NAMELESS:
        return "archived" if facts.archived is not False and need in (_GRANT, _OWN) else ""
    control = need is _BREAK and viewer.role == Role.DPO  # not an exchange between members
    if facts.data_class in EXCHANGE and facts.rules_in_force is not True and not control:
        return "rules"
    if facts.archived is not False and need is not _BREAK:
        if viewer.role != Role.COORDINATOR:
            return "archived"
        if facts.archive_reason is not True:
            return "archive_reason"
        if action is _A.MOVE:  # reopening, before the purge date
            return ""
    if action in _WRITES and facts.state_open is not True:
        return "closed"
    return ""


def _door(viewer: Viewer, action: Action, facts: Facts, need: Need) -> str:
    """Return the refusal of a need that the facts do not meet."""
    own = facts.is_author is True or facts.own_service is True
    if (viewer.role, facts.data_class) in MINORS_ONLY and facts.for_minors is not True:
        return "minors"
    if (viewer.role, facts.data_class) in LEAD_WRITES and action in _WRITES and viewer.is_service_lead is not True:
        return "lead"
    if need is _LEAD:
        return "" if viewer.is_service_lead is True and facts.own_service is True else "lead"
    if need is _BREAK:
        return "" if facts.break_open is True else "guarded"
    if need is _SENT:
        return "" if facts.is_author is True else "not_sent"
    if need is _NO_COURT:
        return "" if facts.court_absent is True else "court"
    if need in (_GRANT, _OWN):
        if facts.data_class in EXCHANGE and not viewer.sits_in(facts.group_id):
            return "membership"
        if not (facts.grants & bases_opening(facts.data_class, action)):
            return "grant"
        if (need is _OWN or facts.data_class is _D.YOUTH_PREPARATION) and not own:
            return "not_own"
    return ""


def _obligations(action: Action, facts: Facts, need: Need) -> frozenset[str]:
    """Return what the caller owes: "step_up", "reason", "notify"."""
    owed = set()
    if need is _BREAK:
        owed |= {"step_up", "reason", "notify"}
    if action is _A.EXPORT or facts.data_class in _REVEALED:
        owed.add("step_up")
    if facts.archived:
        owed.add("reason")
    return frozenset(owed)


def classes_for(
    viewer: Viewer | None, action: Action, base_facts: Facts, candidates: Iterable[DataClass], now: datetime
) -> frozenset[DataClass]:
    """Return those of `candidates` open to `viewer` for `action`, other facts being those of `base_facts`."""
    return frozenset(
        data_class
        for data_class in candidates
        if decide(viewer, action, replace(base_facts, data_class=data_class), now).allow
    )


def require(viewer: Viewer | None, action: Action, facts: Facts, now: datetime) -> Decision:
    """Return the decision, or raise AccessRefused carrying its reason as code (never shown to the person)."""
    decision = decide(viewer, action, facts, now)
    if not decision.allow:
        raise AccessRefused(code=decision.reason)
    return decision
