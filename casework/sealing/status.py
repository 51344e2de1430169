"""What seals what: counts of stored values by label, suite and age of their key. Opens nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from casework.sealing import format as fmt
from casework.sealing.fields import Sealed, SealedField
from casework.sealing.models import KekEpoch, KeyState, SubjectKey, SystemKey

AGES: Final = ((31, "< 1 mois"), (183, "< 6 mois"), (366, "< 12 mois"))
OLDEST: Final = "≥ 12 mois"
NO_KEY: Final = "sans clé"
EMPTY: Final = "jamais écrit"


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


@dataclass(frozen=True)
class _Key:
    created_at: datetime
    newest: bool


def status(now: datetime | None = None) -> Status:
    """Return what every sealed column holds, live rows and history alike."""
    found = Status()
    keys = _keys()
    now = now or timezone.now()
    for model, fields in _sealed_models():
        columns = [f.attname for f in fields]
        for row in model._base_manager.values_list(*columns).iterator(chunk_size=2000):
            for sealed_field, value in zip(fields, row, strict=True):
                if value is not None:
                    found.values[(sealed_field.label, *_describe(value, keys, now))] += 1
    found.epochs.extend(_epochs())
    found.problems.extend(_problems(found, keys))
    return found


def _sealed_models() -> list[tuple[type[Model], list[SealedField]]]:
    pairs = [
        (model, [f for f in model._meta.local_fields if isinstance(f, SealedField)]) for model in apps.get_models()
    ]
    return [(model, fields) for model, fields in pairs if fields]


def _keys() -> dict[bytes, _Key]:
    """Return every living key by id; the newest of a subject and drawer comes last."""
    found: dict[bytes, _Key] = {}
    newest: dict[tuple[Any, str], bytes] = {}
    rows = SubjectKey.objects.exclude(state=KeyState.SHREDDED).order_by("id")
    for subject, drawer, kid, created_at in rows.values_list("subject_id", "drawer", "kid", "created_at").iterator():
        key = bytes(kid)
        found[key] = _Key(created_at, newest=True)
        if (older := newest.get((subject, drawer))) is not None:
            found[older] = _Key(found[older].created_at, newest=False)
        newest[(subject, drawer)] = key
    return found


def _describe(value: Sealed, keys: dict[bytes, _Key], now: datetime) -> tuple[str, str]:
    blob = value.blob
    if not blob:
        return EMPTY, EMPTY
    suite = f"{blob[2]}.{blob[3]}" if blob[:2] == fmt.MAGIC and len(blob) >= fmt.SHORTEST else "illisible"
    key = keys.get(blob[4:20])
    if key is None:
        return suite, NO_KEY
    age = now - key.created_at
    name = next((word for days, word in AGES if age < timedelta(days=days)), OLDEST)
    return suite, name if key.newest else f"{name}, remplacée"


def _epochs() -> list[EpochLine]:
    lines = []
    for epoch in KekEpoch.objects.order_by("number"):
        subjects = SubjectKey.objects.filter(kek_epoch=epoch).exclude(state=KeyState.SHREDDED)
        system = SystemKey.objects.filter(kek_epoch=epoch).exclude(state=KeyState.SHREDDED)
        lines.append(EpochLine(epoch.number, epoch.state, subjects.count(), system.count()))
    return lines


def _problems(found: Status, keys: dict[bytes, _Key]) -> list[str]:
    """Say what is old, unreadable or half rotated."""
    current = f"{fmt.VERSION}.{fmt.SUITE}"
    counts: Counter[str] = Counter()
    for (_, suite, age), count in found.values.items():
        if suite not in (current, EMPTY):
            counts["valeurs d’un ancien format ou illisibles"] += count
        if age == NO_KEY:
            counts["valeurs dont la clé n’existe plus"] += count
        if age.endswith("remplacée"):
            counts["valeurs sous une clé remplacée"] += count
        if age == OLDEST:
            counts["valeurs sous une clé de plus de 12 mois"] += count
    counts["clés de sujets remplacées encore présentes"] += sum(not key.newest for key in keys.values())
    for epoch in found.epochs:
        if epoch.state != KeyState.LIVE:
            counts["clés encore chiffrées par une ancienne époque"] += epoch.subject_keys + epoch.system_keys
        if epoch.state == KeyState.ROTATING:
            counts["ancienne époque pas encore détruite"] += 1
    return [f"{count} {what}" for what, count in counts.items() if count]
