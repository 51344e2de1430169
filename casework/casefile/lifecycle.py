"""Transition tables: which state may follow which, under which conditions, by whom, under which rule.

`Lifecycle.apply` is the only writer of a state column. The tables are rendered into docs/generated/states.md.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import models

from casework.audit import Act
from casework.casefile import revision
from casework.errors import AccessRefused, MoveRefused
from casework.sealing import history

if TYPE_CHECKING:
    from casework.audit import Actor, Writing

SYSTEM = "system"
S = TypeVar("S", bound=models.TextChoices)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a guard may look at beside the object: who, when, from which state to which, what is set."""

    by: Actor
    now: datetime
    origin: str | None
    to: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    answers: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    def once(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """Return what `ask` answers; rows that enter together ask the database once per `key`."""
        if key not in self.answers:
            self.answers[key] = ask()
        return self.answers[key]


# A guard gets the row as it would be saved (changes set, state not yet) and raises GuardRefused in French.
Guard = Callable[[Any, Context], None]


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of a table: the act, its French label, its guards, who may, the rule it comes from."""

    name: str
    label: str
    who: frozenset[str]  # values of partners.Role, or "system"
    rule: str
    guards: tuple[Guard, ...] = ()


class Lifecycle(Generic[S]):
    """A transition table for one column of one kind of file.

    LIFECYCLE = lifecycle.register(Lifecycle("stage", {
        (None, Stage.REFERRED): Move(name="refer", label="saisir", who=MEMBERS, rule="SIT-01"),
        ...
    }, name="followups.follow_up", title="Situation d’un jeune", states=Stage, final={Stage.ANONYMISED}))

    Raises ValueError at import when a state cannot be reached, a final state has an exit,
    or another one has none: a record nobody can ever end is a defect.
    """

    def __init__(
        self,
        field: str,
        moves: Mapping[tuple[S | None, S], Move],
        *,
        name: str,
        title: str,
        states: type[S],
        final: Iterable[S],
    ) -> None:
        self.field = field
        self.moves: Mapping[tuple[S | None, S], Move] = MappingProxyType(dict(moves))
        self.name = name
        self.title = title
        self.states = states
        self.final = frozenset(final)
        if problems := self.problems():
            raise ValueError(f"{name}: " + "; ".join(problems))

    def problems(self) -> list[str]:
        """Return what is wrong with the table (English, for developers); empty when sound."""
        found = [f"{state} is never reached" for state in self.states if not self._reached(state)]
        for state in self.states:
            leaves = self.exits(state) - {state}
            if state in self.final and leaves:
                found.append(f"{state} is final and has an exit")
            if state not in self.final and not leaves:
                found.append(f"{state} has no exit")
        for pair, move in self.moves.items():
            if not (move.name and move.label and move.rule and move.who):
                found.append(f"{pair} lacks a name, a label, a rule or who")
        return found

    def _reached(self, state: S) -> bool:
        return any(to == state and origin != state for origin, to in self.moves)

    def pairs(self) -> list[tuple[S | None, S]]:
        """Return every (from, to) that can be written, allowed or not; None is « not created yet »."""
        return list(product([None, *self.states], self.states))

    def moves_from(self, state: S | str | None) -> list[tuple[S, Move]]:
        """Return the rows that start from `state`, in the order of the table."""
        return [(to, move) for (origin, to), move in self.moves.items() if origin == state]

    def exits(self, state: S | str | None) -> frozenset[S]:
        """Return the states that may follow `state`."""
        return frozenset(to for to, _ in self.moves_from(state))

    def offered(self, state: S | str | None, role: str) -> list[tuple[S, Move]]:
        """Return the rows from `state` open to `role`: the buttons a page may show; decide() still rules."""
        return [(to, move) for to, move in self.moves_from(state) if role in move.who]

    def find(self, origin: S | str | None, to: S | str) -> Move:
        """Return the row (origin, to). Raises MoveRefused when the table has none."""
        for target, move in self.moves_from(origin):
            if target == to:
                return move
        if origin == to:
            raise MoveRefused(f"C’est déjà fait : « {self.label(to)} ».")
        raise MoveRefused(f"« {self.label(origin)} » ne peut pas devenir « {self.label(to)} ».")

    def label(self, state: S | str | None) -> str:
        """Return the French label of a state."""
        return str(self.states(state).label) if state else "à créer"

    def apply(
        self,
        obj: models.Model,
        to: S,
        *,
        w: Writing,
        by: Actor,
        now: datetime,
        expected_revision: int | None = None,
        **changes: Any,
    ) -> None:
        """Move `obj` to state `to`, setting `changes` with it, inside the transaction of `w`.

        Locks the row, compares `expected_revision`, finds the row of the table, checks who, sets the
        changes, runs the guards, saves with one revision more, notes the act for the journal.
        An unsaved `obj` is created, if the table has (None, to). The row is read again under lock:
        what the caller set on `obj` without passing it in `changes` is not written (it could be stale),
        and `obj` is brought up to date.

        Raises AccessRefused (row gone, or this role may not), ConflictRefused, MoveRefused, GuardRefused.
        """
        creating = obj._state.adding
        row: Any = obj if creating else self._locked(obj, expected_revision)
        origin = None if creating else getattr(row, self.field)
        move = self.find(origin, to)
        if by.role not in move.who:
            raise AccessRefused(code="move_role")
        for name, value in changes.items():
            setattr(row, name, value)
        context = Context(by=by, now=now, origin=origin, to=to, changes=MappingProxyType(changes))
        for guard in move.guards:
            guard(row, context)
        setattr(row, self.field, to)
        if creating:
            row.save(force_insert=True)
        else:
            revision.save(row)
            _refresh(obj, row)
        w.note(Act.CREATE if creating else Act.MOVE, row, why=move.name)

    def create_many(self, rows: Sequence[models.Model], to: S, *, w: Writing, by: Actor, now: datetime) -> None:
        """Create unsaved rows in state `to`, as `apply` creates one, in a constant number of queries per hundred.

        Same table, same guards on each row, one history row and one event each. Raises AccessRefused, MoveRefused,
        GuardRefused: then none is written.
        """
        move = self.find(None, to)
        if by.role not in move.who:
            raise AccessRefused(code="move_role")
        context = Context(by=by, now=now, origin=None, to=to)
        for row in rows:
            for guard in move.guards:
                guard(row, context)
            setattr(row, self.field, to)
        history.insert_many(rows)
        for row in rows:
            w.note(Act.CREATE, row, why=move.name)

    def _locked(self, obj: models.Model, expected_revision: int | None) -> models.Model:
        rows: Any = type(obj)._base_manager.all()
        locked: models.Model = revision.lock(rows, obj.pk, expected_revision)
        return locked


def _refresh(obj: models.Model, row: models.Model) -> None:
    """Give `obj` what was just saved, without opening a sealed value."""
    names = {field.attname for field in row._meta.concrete_fields}
    obj.__dict__.update({name: value for name, value in row.__dict__.items() if name in names})


_REGISTRY: dict[str, Lifecycle[Any]] = {}


def register(lifecycle: Lifecycle[S]) -> Lifecycle[S]:
    """Add a table to the documentation of states; return it, so that states.py reads in one line."""
    _REGISTRY[lifecycle.name] = lifecycle
    return lifecycle


def registered() -> list[Lifecycle[Any]]:
    """Return every registered table, by name."""
    return [_REGISTRY[name] for name in sorted(_REGISTRY)]
