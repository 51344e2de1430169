"""Opening an archived record for a short time, with a coded reason (RET-02, CNL-23)."""

from __future__ import annotations

from datetime import datetime, timedelta

from casework import audit
from casework.access import exclusions, grants
from casework.access.matrix import DataClass
from casework.access.policy import Basis
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.audit.purge import ARCHIVE
from casework.casefile.references import read_reference
from casework.errors import InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import ArchiveReason
from casework.minors.followups.models import FollowUp, FollowUpGrant
from casework.partners.models import Mandate

OPEN_MINUTES = 30


def may_open(viewer: Viewer) -> bool:
    """Say whether a page may offer it; the act asks again."""
    return facts.coordinates(viewer)


def check_right(*, by: Viewer, now: datetime) -> None:
    """Raise AccessRefused to anybody but the coordinator."""
    facts.require_coordination(by, now, DataClass.YOUTH_IDENTITY)


def open_archive(*, by: Viewer, reference: str, reason: str, now: datetime) -> FollowUp:
    """Open one archived record to the coordinator for thirty minutes; the journal keeps the reason.

    One record at a time, by its reference: archives have no list. Raises AccessRefused, InputRefused (no code,
    no archived record under that reference, or its date is reached: these two look the same).
    """
    check_right(by=by, now=now)
    if reason not in ArchiveReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    rows = FollowUp.objects.filter(
        territory_id=by.territory_id, group_id__in=by.group_ids, state__in=facts.CLOSED,
        reference=read_reference(reference) or "",
    ).exclude(subject_id__in=exclusions.shut(by, now))  # fmt: skip
    row = rows.first()
    if row is None or facts.past_purge([row], now):
        raise InputRefused("Aucune fiche archivée ne porte cette référence.", field="reference")
    with audit.writing(by, now=now) as w:
        grants.give(
            w, FollowUpGrant, mandate=Mandate.objects.get(pk=by.mandate_id), obj=row, basis=Basis.ARCHIVE,
            starts_at=now, ends_at=now + timedelta(minutes=OPEN_MINUTES), reason=reason, by=by,
            sort_key=row.reference,
        )  # fmt: skip
        # Kept for the long term (LOG-09), where the grant itself goes after twelve months.
        w.note(Act.VIEW, row, why=f"{ARCHIVE}{reason}", classes=[DataClass.YOUTH_IDENTITY])
    return row
