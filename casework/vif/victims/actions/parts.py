"""What hangs on a support: writing one new part under her key, finding one that the viewer may open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import AccessRefused, InputRefused
from casework.vif.victims import facts
from casework.vif.victims.models import (
    Appointment,
    Consent,
    Orientation,
    PassedNote,
    ProsecutorNotice,
    ProtectionOrder,
    RemovalOpinion,
    VictimSupport,
)

M = TypeVar("M", Appointment, Consent, Orientation, PassedNote, ProsecutorNotice, ProtectionOrder, RemovalOpinion)


def not_to_come(day: date, now: datetime, field: str) -> None:
    """Raise InputRefused on a day that has not come."""
    if day > localdate(now):
        raise InputRefused("Cette date est à venir.", field=field)


def keep(w: Writing, support: VictimSupport, model: type[M], **values: Any) -> M:
    """Write one new part of a support and return it."""
    row = model(subject_id=support.subject_id, territory_id=support.territory_id, support=support, **values)
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[facts.VICTIM])
    return row


def find(viewer: Viewer, model: type[M], pk: UUID, now: datetime) -> M:
    """Return one part of a support that the viewer may open. Raises AccessRefused, absent or refused alike."""
    seen = facts.visible_to(viewer, now).values("pk")
    row = model._default_manager.select_related("support").filter(pk=pk, support__in=seen).first()
    if row is None:
        raise AccessRefused(code="part")
    return row
