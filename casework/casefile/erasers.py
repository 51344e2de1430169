"""How each subject destroys what it holds of one person; what is common to all is done here.

A subject registers an `Eraser`: how a reference is found, which other keys die with a person, what it does to its
own rows first. Everything else that carries the person's key is found by its column `subject_id`: rows, drafts,
documents, history. A table added tomorrow is erased without a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.db.models.deletion import Collector
from django.utils import timezone

from casework.audit import Act, Writing, object_ref
from casework.audit.models import AuditEvent
from casework.sealing.fields import SealedField

# Their `subject_id` is a column of the keys themselves.
_KEYS = "sealing"
_REFS = 5_000  # SQLite takes at most 32 766 parameters


@dataclass(frozen=True)
class Target:
    """One record to erase: whose keys, where, under which reference, its date reached or not."""

    subject_id: UUID
    territory_id: UUID
    reference: str
    past_its_date: bool = False


@dataclass(frozen=True)
class Eraser:
    """What a subject knows about the destruction of its records.

    `find(territory_id, reference)` and `of(territory_id, subject_id)` give a record whatever its state. `with_it(subject_id)` gives the keys of the
    shells that die with it. `clear(subject_id, w, why, now)` runs first, in the transaction that deletes the rows:
    counts to keep, rows to delete in the subject's own order; it returns how many, for the certificate.
    """

    name: str
    find: Callable[[UUID, str], Target | None]
    of: Callable[[UUID, UUID], Target | None]
    with_it: Callable[[UUID], Iterable[UUID]]
    clear: Callable[[UUID, Writing, str, datetime], int | None]


_ERASERS: dict[str, Eraser] = {}
_SHELLS: dict[str, tuple[str, ...]] = {}


def register(eraser: Eraser) -> None:
    """Add an eraser; the same name twice counts once."""
    _ERASERS[eraser.name] = eraser


def register_files(
    *,
    name: str,
    model: type[Model],
    is_gone: Callable[[Any, datetime], bool],
    with_it: Callable[[UUID], Iterable[UUID]] = lambda subject_id: (),
    clear: Callable[[UUID, Writing, str, datetime], int | None] = lambda subject_id, w, why, now: None,
) -> None:
    """Add the eraser of a room that keeps one row per file, with a territory and a reference (see `Eraser`).

    `is_gone` says whether nobody opens a row any more. Without `with_it` nobody else's key dies with the person's;
    without `clear` nothing is left to do before the rows go.
    """

    def target(row: Any) -> Target | None:
        if row is None:
            return None
        return Target(
            subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
            past_its_date=is_gone(row, timezone.now()),
        )  # fmt: skip

    rows = model._default_manager

    def find(territory_id: UUID, reference: str) -> Target | None:
        return target(rows.filter(territory_id=territory_id, reference=reference).first())

    def of(territory_id: UUID, subject_id: UUID) -> Target | None:
        return target(rows.filter(territory_id=territory_id, subject_id=subject_id).first())

    register(Eraser(name=name, find=find, of=of, with_it=with_it, clear=clear))


def keep_shell(model: type[Model]) -> None:
    """Say that rows of `model` stay, emptied of every sealed column: what is signed still counts them."""
    _SHELLS[model._meta.label_lower] = tuple(f.attname for f in model._meta.concrete_fields if _is_sealed(f))


def find(territory_id: UUID, reference: str) -> Target | None:
    """Return the record of this reference in a territory, of any subject."""
    return next((found for eraser in _ERASERS.values() if (found := eraser.find(territory_id, reference))), None)


def of(territory_id: UUID, subject_id: UUID) -> Target | None:
    """Return the record of this person in a territory."""
    return next((found for eraser in _ERASERS.values() if (found := eraser.of(territory_id, subject_id))), None)


def everybody(subject_id: UUID) -> tuple[UUID, ...]:
    """Return the subject and all whose keys die with it, each once."""
    found = {subject_id: None}
    todo = [subject_id]
    while todo:
        subject = todo.pop()
        for other in (each for eraser in _ERASERS.values() for each in eraser.with_it(subject)):
            if other not in found:
                found[other] = None
                todo.append(other)
    return tuple(found)


def _is_sealed(field: Any) -> bool:
    return isinstance(field, SealedField)


def tables(*, history: bool) -> list[type[Model]]:
    """Return the models that carry a person's key: the live ones, or their histories."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if bool(getattr(model, "is_sealed_history", False)) is history
        and model._meta.app_label != _KEYS
        and any(field.attname == "subject_id" for field in model._meta.concrete_fields)
    ]


def delete_rows(subjects: Iterable[UUID], w: Writing, why: str, now: datetime) -> int:
    """Delete every live row of these subjects inside the caller's transaction; return how many.

    Each row that the journal told is told as deleted, so that `audit_verify --rows` misses none. Shells stay.
    """
    whose = list(subjects)
    deleted = sum(eraser.clear(subject, w, why, now) or 0 for subject in whose for eraser in _ERASERS.values())
    for model in tables(history=False):
        rows = model._base_manager.filter(subject_id__in=whose)
        if model._meta.label_lower in _SHELLS:
            _empty(model, rows, w, why)
        else:
            deleted += delete_told(rows, w, why)
    return deleted


def delete_told(rows: Any, w: Writing, why: str) -> int:
    """Delete rows and all that goes with them by cascade; tell each one that the journal knows. Return how many."""
    collector = Collector(using=rows.db, origin=rows)
    collector.collect(rows)
    doomed = [row for found in collector.data.values() for row in found]
    doomed += [row for found in collector.fast_deletes for row in found]
    refs = {object_ref(row._meta.label_lower, row.pk): row for row in doomed}
    for ref in _told(list(refs)):
        w.note(Act.DELETE, refs[ref], why=why)
    rows.delete()
    return len(doomed)


def _told(refs: list[str]) -> list[str]:
    """Return those of these references whose row has a print in the journal."""
    found: dict[str, None] = {}
    for start in range(0, len(refs), _REFS):
        events = AuditEvent.objects.filter(object_ref__in=refs[start : start + _REFS]).exclude(state_digest=b"")
        found |= dict.fromkeys(events.order_by("id").values_list("object_ref", flat=True))
    return list(found)


def _empty(model: type[Model], rows: Any, w: Writing, why: str) -> None:
    """Empty the sealed columns of rows that stay, past the ORM: there is no value to seal, and soon no key."""
    kept = list(rows)
    columns = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in _SHELLS[model._meta.label_lower])
    table = connection.ops.quote_name(model._meta.db_table)
    blank = [b""] * len(_SHELLS[model._meta.label_lower])
    with connection.cursor() as cursor:
        for row in kept:
            key = model._meta.pk.get_db_prep_value(row.pk, connection)
            cursor.execute(f'UPDATE {table} SET {columns} WHERE {table}."id" = %s', [*blank, key])  # noqa: S608 names of our models, values apart  # nosec B608
    for row in kept:
        w.note(Act.CHANGE, row, why=why)


def delete_history(subjects: Iterable[UUID]) -> int:
    """Delete every history row of these subjects; deleting a row wrote a last one (RET-07). Return how many."""
    whose = list(subjects)
    return sum(model._base_manager.filter(subject_id__in=whose).delete()[0] for model in tables(history=True))


def standing(subjects: Iterable[UUID]) -> dict[UUID, UUID | None]:
    """Return those of these subjects of whom something is still stored, with a territory where a row says one.

    An emptied shell is nothing.
    """
    whose = list(subjects)
    found: dict[UUID, UUID | None] = {}
    for start in range(0, len(whose), _REFS):
        part = whose[start : start + _REFS]
        for model in (*tables(history=False), *tables(history=True)):
            rows = model._base_manager.filter(subject_id__in=part)
            if shell := _SHELLS.get(model._meta.label_lower):
                full = " OR ".join(f"length({connection.ops.quote_name(name)}) > 0" for name in shell)
                rows = rows.extra(where=[f"({full})"])  # noqa: S610 names of our models, values apart  # nosec B610
            placed = any(field.attname == "territory_id" for field in model._meta.concrete_fields)
            names = ("subject_id", "territory_id") if placed else ("subject_id", "subject_id")
            for subject, territory in rows.order_by().values_list(*names).distinct():
                found[subject] = found.get(subject) or (territory if placed else None)
    return found
