"""Write under the journal: one transaction, its events last (design.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from casework.audit import checkpoints, digests, refs, rows, standing
from casework.audit.append import Entry, append, entry, is_pinned
from casework.audit.codes import (
    SIGNED_AT_ONCE_ACTS,
    SIGNED_AT_ONCE_MODULES,
    SIGNED_AT_ONCE_OBJECTS,
    Act,
    Actor,
    Purpose,
    log_of,
    system_actor,
)
from casework.errors import GuardRefused
from casework.sealing import history

TAKEN = "Quelqu’un vient d’inscrire la même chose : rechargez la page pour voir ce qui est noté."
# What a database calls a row that stands already: PostgreSQL by state (unique, exclusion), SQLite by name.
_STANDS = frozenset({"23505", "23P01", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})

Hook = Callable[[], None]

_hooks: ContextVar[tuple[_Pending, ...]] = ContextVar("audit_hooks", default=())
_current: ContextVar[Writing | None] = ContextVar("audit_writing", default=None)


@dataclass(eq=False)
class _Pending:
    """A hook and whether a committed transaction ran it."""

    run: Hook
    done: bool = False


class Writing:
    """What one transaction has to tell. Made by `writing()` only."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self._notes: list[tuple[Entry, Model | None]] = []
        self.touched = rows.Touched()

    def note(
        self,
        act: Act,
        obj: Model | None,
        *,
        subjects: Iterable[UUID] = (),
        classes: Iterable[str] = (),
        why: str = "",
        object_type: str = "",
        territory_id: UUID | None = None,
        n: int = 0,
        purpose: Purpose | None = None,
        module: str = "",
        object_ids: Iterable[object] = (),
    ) -> None:
        """Keep one event for the end of the transaction.

        Without `subjects`, a sealed object tells its own; without `territory_id`, the object's, else the
        actor's. Raises ValueError when a code is prose.
        """
        item = _entry(
            self.actor, act, obj, outcome="ok", subjects=subjects, classes=classes, why=why,
            object_type=object_type, territory_id=territory_id, n=n, purpose=purpose, module=module,
            object_ids=object_ids,
        )  # fmt: skip
        self._notes.append((item, None if act is Act.DELETE else obj))

    def entries(self) -> list[Entry]:
        """Return the events of the transaction, each with the digest of its row as it is stored now.

        Rows written without a note follow, as digests that say nothing else (`rows`).
        """
        return [*digests.with_digests(self._notes), *self._others()]

    def _others(self) -> list[Entry]:
        told = {entry.object_ref for entry, _ in self._notes if entry.object_ref}
        found = []
        for model, keys in self.touched.rows.items():
            label = model._meta.label_lower
            named = {ref: pk for ref, pk in refs.object_refs(label, keys).items() if ref not in told}
            if not named:
                continue
            version, stored = digests.stored_digests(model, named.values())
            for ref, pk in named.items():
                digest = stored.get(pk, b"")
                item = entry(
                    self.actor, Act.ROW if digest else Act.DELETE, territory_id=self.actor.territory_id,
                    module=_module_of(model), object_type=label, object_ref=ref, why="" if digest else "row",
                )  # fmt: skip
                found.append(replace(item, columns_version=version if digest else 0, state_digest=digest))
        return found


@contextmanager
def writing(actor: Actor, *, now: datetime, even_stopped: bool = False) -> Iterator[Writing]:
    """Open the one transaction of an action; append its events last.

    Raises WritesStopped, before anything is written, while the installation only reads (R-05, R-11); `even_stopped` is for
    what lets people in to read and keeps what they typed.
    Runs the hooks of `before_write` first. Anything that fails, the journal included, leaves no row (T-23,
    T-28). Raises GuardRefused where somebody else wrote meanwhile what a constraint allows once (R-06), RuntimeError inside
    another transaction or another writing.
    """
    if _current.get() is not None:
        raise RuntimeError("a write is already going on")
    if not even_stopped:
        standing.require()
    work = Writing(actor, now)
    with (
        _taken_is_a_refusal(),
        transaction.atomic(durable=True),
        history.acting(actor.mandate_id),
        connection.execute_wrapper(work.touched),
    ):
        token = _current.set(work)
        try:
            hooks = [hook for hook in _hooks.get() if not hook.done]
            for hook in hooks:
                hook.run()
            yield work
            entries = work.entries()
            append(entries)
            _sign_after_commit(entries)
        finally:
            _current.reset(token)
    for hook in hooks:
        hook.done = True


@contextmanager
def _taken_is_a_refusal() -> Iterator[None]:
    """Say in words what two people cannot both do: each action looked before, neither saw the other."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        if _STANDS.isdisjoint((getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None))):
            raise
        raise GuardRefused(TAKEN, code="taken") from None  # the database's own words quote values


def current() -> Writing:
    """Return the write going on. Raises RuntimeError if there is none: its event would be lost."""
    work = _current.get()
    if work is None:
        raise RuntimeError("no write is going on")
    return work


@contextmanager
def before_write(hook: Hook) -> Iterator[None]:
    """Run `hook` first in the next transaction opened by `writing()` inside this block.

    It runs once for the block, or again if that transaction was rolled back.
    """
    token = _hooks.set((*_hooks.get(), _Pending(hook)))
    try:
        yield
    finally:
        _hooks.reset(token)


def record(
    actor: Actor | None,
    act: Act,
    *,
    obj: Model | None = None,
    outcome: str = "ok",
    subjects: Iterable[UUID] = (),
    classes: Iterable[str] = (),
    why: str = "",
    object_type: str = "",
    territory_id: UUID | None = None,
    n: int = 0,
    purpose: Purpose | None = None,
    module: str = "",
    object_ids: Iterable[object] = (),
) -> None:
    """Append one event in a transaction of its own: refusals, sign-in, misses, errors.

    Call it after the rollback of what failed: it raises RuntimeError inside a transaction. `actor` None is
    nobody (the log of the installation).
    """
    item = _entry(
        actor or system_actor(), act, obj, outcome=outcome, subjects=subjects, classes=classes, why=why,
        object_type=object_type, territory_id=territory_id, n=n, purpose=purpose, module=module,
        object_ids=object_ids,
    )  # fmt: skip
    with transaction.atomic(durable=True):
        append([item])
        _sign_after_commit([item])


def _sign_after_commit(entries: Iterable[Entry]) -> None:
    """Hand a checkpoint to the witness once these events are committed, where one of them may not wait for the job.

    A committed act stays done whatever happens to the checkpoint (security.md §3.10). The past of the fictitious town
    is left to the job: nobody witnesses what is invented. So is what a restore writes: it may be a drill.
    """
    if is_pinned() or standing.is_repairing():
        return
    logs = {log_of(item.territory_id) for item in entries if _may_not_wait(item)}
    for log in sorted(logs):
        transaction.on_commit(partial(checkpoints.at_once, log), robust=True)


def _may_not_wait(item: Entry) -> bool:
    return (
        item.act in SIGNED_AT_ONCE_ACTS
        or item.object_type in SIGNED_AT_ONCE_OBJECTS
        or item.module in SIGNED_AT_ONCE_MODULES
    )


def _entry(
    actor: Actor,
    act: Act,
    obj: Model | None,
    *,
    outcome: str,
    subjects: Iterable[UUID],
    classes: Iterable[str],
    why: str,
    object_type: str,
    territory_id: UUID | None,
    n: int,
    purpose: Purpose | None,
    module: str,
    object_ids: Iterable[object],
) -> Entry:
    """Return the event of `act` on `obj`, or on the one id given."""
    concerned = frozenset(subjects)
    ids = tuple(object_ids)
    if obj is not None:
        object_type = object_type or obj._meta.label_lower
        ids = (obj.pk,)
        module = module or _module(obj)
        territory_id = territory_id or getattr(obj, "territory_id", None)
        own: UUID | None = getattr(obj, "subject_id", None)
        if not concerned and own is not None:
            concerned = frozenset({own})
    return entry(
        actor,
        act,
        territory_id=territory_id or actor.territory_id,
        subjects=concerned,
        classes=frozenset(str(name) for name in classes),
        module=module,
        object_type=object_type,
        object_ref=refs.object_ref(object_type, ids[0]) if len(ids) == 1 else "",
        purpose=purpose.value if purpose else "",
        outcome=outcome,
        why=why,
        n=n,
    )


def _module(obj: Model) -> str:
    """Return the room of a model: `minors`, `partners`..."""
    return _module_of(obj._meta.model)  # request.user is a lazy object: its type is no model


def _module_of(model: type[Model]) -> str:
    names = model.__module__.split(".")
    return names[1] if names[0] == "casework" and len(names) > 1 else model._meta.app_label
