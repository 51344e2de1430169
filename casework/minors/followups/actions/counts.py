"""What is counted of situations without a line: by month and kind, in the transaction of what is counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.timezone import localdate

from casework.audit import Writing
from casework.casefile.calendar import month_of
from casework.minors.followups.anonymous_codes import ORIGIN_GROUPS, RECEIVED, CountKind
from casework.minors.followups.codes import ReferralOrigin
from casework.minors.followups.models import AnonymousCount, FollowUp


def add(w: Writing, territory_id: UUID, kind: CountKind, now: datetime, n: int = 1) -> None:
    """Add to an anonymous count of the month, inside the transaction of what is counted."""
    row, _ = AnonymousCount.objects.get_or_create(territory_id=territory_id, kind=kind, month=month_of(localdate(now)))
    AnonymousCount.objects.filter(pk=row.pk).update(total=F("total") + n)


def received(w: Writing, territory_id: UUID, origin: str, now: datetime) -> None:
    """Count a situation received, by the group of its origin: the file says both in clear."""
    add(w, territory_id, RECEIVED[ORIGIN_GROUPS[ReferralOrigin(origin)]], now)


def received_once(w: Writing, going: FollowUp, stays: FollowUp) -> None:
    """Take back the count of a file that goes under another of the same person, received in the same year."""
    month = month_of(localdate(going.received_at))
    first = going.referrals.order_by("received_at", "pk").values_list("origin", flat=True).first()
    if first is None or going.is_takeover or month.year != localdate(stays.received_at).year:
        return
    kind = RECEIVED[ORIGIN_GROUPS[ReferralOrigin(first)]]
    rows = AnonymousCount.objects.filter(territory_id=going.territory_id, kind=kind, month=month, total__gt=0)
    rows.update(total=F("total") - 1)
