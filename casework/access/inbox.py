"""Does anything of this floor wait for somebody? One question for all its rooms: most days the answer is no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, Model, QuerySet

from casework.access import memo
from casework.access.viewer import Viewer
from casework.partners.models import Territory

Probe = Callable[[Viewer, datetime], "QuerySet[Model]"]
_probes: dict[str, Probe] = {}


def probe(name: str, rows: Probe) -> None:
    """Register the rows whose existence makes the room `name` worth asking."""
    _probes[name] = rows


def waiting(viewer: Viewer, now: datetime) -> frozenset[str]:
    """Return the names of the rooms that may have something for `viewer`, in one query."""

    def ask() -> frozenset[str]:
        asked = {f"has_{name}": Exists(rows(viewer, now)) for name, rows in _probes.items()}
        found = Territory.objects.filter(pk=viewer.territory_id).annotate(**asked).values(*asked).first() or {}
        return frozenset(name for name in _probes if found.get(f"has_{name}"))

    return memo.once(("inbox", viewer, now), ask)
