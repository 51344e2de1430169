"""What rooms above add to a merge: meetings hang their lines and reviews on a situation, followups may not know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from casework.audit import Writing
from casework.minors.followups.models import FollowUp
from casework.sealing.fields import SealedField


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One merge going on: `source` becomes a shell, everything goes under `target`.

    `moved` maps the id of each row re-entered to its new id: a row sealed under another person's key is a new row.
    """

    source: FollowUp
    target: FollowUp
    moved: dict[UUID, UUID] = field(default_factory=dict)


Hook = Callable[[Writing, Merge], None]
_HOOKS: dict[str, tuple[Hook, frozenset[str]]] = {}


def register(hook: Hook, classes: Iterable[str] = ()) -> Hook:
    """Add a hook; `classes`: the data classes that it needs opened."""
    _HOOKS[f"{hook.__module__}.{hook.__qualname__}"] = (hook, frozenset(map(str, classes)))
    return hook


def classes() -> frozenset[str]:
    """Return the data classes that the hooks need."""
    return frozenset().union(*(wanted for _, wanted in _HOOKS.values()))


def run(w: Writing, merge: Merge) -> None:
    """Run every hook inside the transaction of the merge, its gate open on both persons."""
    for hook, _ in _HOOKS.values():
        hook(w, merge)


def copy_under(row: Any, target: FollowUp, values: Mapping[str, Any]) -> Any:
    """Return a new, unsaved row like `row`, its sealed values opened and to be sealed again for `target`'s person."""
    model: type[models.Model] = type(row)
    copy: Any = model()
    for column in model._meta.concrete_fields:
        if column.primary_key:
            continue
        opened = isinstance(column, SealedField)
        setattr(copy, column.attname, getattr(row, column.attname) if opened else row.__dict__[column.attname])
    copy.subject_id = target.subject_id
    for name, value in values.items():
        setattr(copy, name, value)
    return copy
