"""What seals what: counts of stored values by label, suite and age of their key. Opens nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils import timezone

from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField
from casework.sealing.models import KekEpoch, KeyState, SubjectKey, SystemKey

AGES: Final = ((31, "< 1 mois"), (183, "< 6 mois"), (366, "< 12 mois"))
OLDEST: Final = "≥ 12 mois"
NO_KEY: Final = "sans clé"
EMPTY: Final = "jamais écrit"
UNREADABLE: Final = "illisible"
OLD_FORMAT: Final = " (ancien)"
PAGE: Final = 1000
_KID: Final = slice(4, 20)


@dataclass(frozen=True)
class EpochLine:
    """Keys wrapped by one epoch."""

    number: int
    state: str
    subject_keys: int
    system_keys: int


@dataclass(frozen=True)
class Status:
    """Counts, and what should not be there any more."""

    values: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    epochs: list[EpochLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def status(now: datetime | None = None) -> Status:
    """Return what every sealed column holds, live rows and history alike. A page at a time: little memory."""
    found = Status()
    now = now or timezone.now()
    for model, fields in _sealed_models():
        names = ("pk", *(f"{field.attname}" for field in fields))
        rows = model._base_manager.order_by("pk").values_list(*names)
        size = 20 if any(field.kind == "bytes" for field in fields) else PAGE
        for page in _pages(rows, size):
            kids = {value.blob[_KID] for row in page for value in row[1:] if value is not None and value.blob}
            keys = _keys(kids)
            for row in page:
                for field_, value in zip(fields, row[1:], strict=True):
                    if value is not None:
                        found.values[(field_.label, *_describe(field_, value, keys, now))] += 1
    found.epochs.extend(_epochs())
    found.problems.extend(_problems(found))
    return found


def _pages(rows: QuerySet[Any, Any], size: int) -> Iterator[list[Any]]:
    """Yield the rows by their key: a cursor would hold them all on some databases."""
    after: Any = None
    while page := list(rows[:size] if after is None else rows.filter(pk__gt=after)[:size]):
        yield page
        after = page[-1][0]


def _sealed_models() -> list[tuple[type[Model], list[SealedField]]]:
    pairs = [
        (model, [f for f in model._meta.local_fields if isinstance(f, SealedField)]) for model in apps.get_models()
    ]
    return [(model, fields) for model, fields in pairs if fields]


def _keys(kids: set[bytes]) -> dict[bytes, tuple[datetime, bool]]:
    """Return the living keys among these: since when, and whether writers still use them."""
    rows = SubjectKey.objects.filter(kid__in=kids).exclude(state=KeyState.SHREDDED)
    return {
        bytes(kid): (created_at, state == KeyState.LIVE)
        for kid, created_at, state in rows.values_list("kid", "created_at", "state")
    }


def _describe(
    field_: SealedField, value: Sealed, keys: dict[bytes, tuple[datetime, bool]], now: datetime
) -> tuple[str, str]:
    blob = value.blob
    if not blob:
        return EMPTY, EMPTY
    known = blob[:4] in fmt.READERS and len(blob) >= fmt.SHORTEST
    suite = f"{blob[2]}.{blob[3]}" if known else UNREADABLE
    if known and blob[:4] != field_.prefix:
        suite += OLD_FORMAT
    key = keys.get(blob[_KID])
    if key is None:
        return suite, NO_KEY
    age = now - key[0]
    name = next((word for days, word in AGES if age < timedelta(days=days)), OLDEST)
    return suite, name if key[1] else f"{name}, remplacée"


def _epochs() -> list[EpochLine]:
    lines = []
    for epoch in KekEpoch.objects.order_by("number"):
        subjects = SubjectKey.objects.filter(kek_epoch=epoch).exclude(state=KeyState.SHREDDED)
        system = SystemKey.objects.filter(kek_epoch=epoch).exclude(state=KeyState.SHREDDED)
        lines.append(EpochLine(epoch.number, epoch.state, subjects.count(), system.count()))
    return lines


def _problems(found: Status) -> list[str]:
    """Say what is old, unreadable or half rotated."""
    counts: Counter[str] = Counter()
    for (_, suite, age), count in found.values.items():
        if suite == UNREADABLE or suite.endswith(OLD_FORMAT):
            counts["valeurs d’un ancien format ou illisibles"] += count
        if age == NO_KEY:
            counts["valeurs dont la clé n’existe plus"] += count
        if age.endswith("remplacée"):
            counts["valeurs sous une clé remplacée"] += count
        if age == OLDEST:
            counts["valeurs sous une clé de plus de 12 mois"] += count
    counts["clés de sujets remplacées encore présentes"] += SubjectKey.objects.filter(state=KeyState.ROTATING).count()
    for epoch in found.epochs:
        if epoch.state != KeyState.LIVE:
            counts["clés encore chiffrées par une ancienne époque"] += epoch.subject_keys + epoch.system_keys
        if epoch.state == KeyState.ROTATING:
            counts["ancienne époque pas encore détruite"] += 1
    return [f"{count} {what}" for what, count in counts.items() if count]
