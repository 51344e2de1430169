"""What a service decides for itself: how long a silence may last, whether a second person reads each report."""

from __future__ import annotations

from datetime import datetime

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import AccessRefused, InputRefused
from casework.vif.offenders import facts
from casework.vif.offenders.models import ServiceSetting

LEAST, MOST = 7, 90


def decide(*, by: Viewer, silence_days: int, second_reader: bool, now: datetime) -> ServiceSetting:
    """Write the setting of the viewer's own service: its lead alone does. Raises AccessRefused, InputRefused."""
    facts.require_creation(by, now)
    if by.is_service_lead is not True:
        raise AccessRefused(code="lead")
    if not LEAST <= silence_days <= MOST:
        raise InputRefused(f"Choisissez entre {LEAST} et {MOST} jours.", field="silence_days")
    with audit.writing(by, now=now) as w:
        row, _ = ServiceSetting.objects.select_for_update().get_or_create(organisation_id=by.organisation_id)
        revision.save(row, silence_days=silence_days, second_reader=second_reader)
        w.note(Act.CHANGE, row, why="setting")
    return row
