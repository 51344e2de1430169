"""Who opened and changed a file, by organisation and role (GDP-10, LOG-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from casework.audit import refs
from casework.audit.models import AuditSubject


@dataclass(frozen=True)
class Opening:
    """A day on which a service opened or changed a file. No agent is named."""

    day: date
    organisation_id: UUID | None
    role: str
    act: str
    classes: tuple[str, ...]
    purpose: str


def who_opened(subject_id: UUID, *, limit: int = 200) -> list[Opening]:
    """Return who opened or changed the file of a person, last first, the same line once a day.

    Looks at the last `limit` events. The caller records its own reading (Act.WHO_READ) and decides who may
    see this (row 30a).
    """
    rows = (
        AuditSubject.objects.filter(subject_ref=bytes.fromhex(refs.subject_ref(subject_id)), event__outcome="ok")
        .order_by("-event_id")
        .values_list("event__ts", "event__org_id", "event__role", "event__act", "event__classes", "event__purpose")[
            :limit
        ]
    )
    openings = (
        Opening(timezone.localdate(ts), organisation, role, act, tuple(classes), purpose)
        for ts, organisation, role, act, classes, purpose in rows
    )
    return list(dict.fromkeys(openings))
