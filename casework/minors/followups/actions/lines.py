"""What outlives a follow-up: one anonymous line, whatever ended it (REC-24, ADR 67, 75).

A person has one file: the year in which an end of it was counted is all that tells a second end of the same year.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Final

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Purpose, Writing
from casework.casefile import ages, anonymous_lines
from casework.casefile.ages import AgeBand
from casework.casefile.calendar import month_of
from casework.casefile.retention import months_after
from casework.minors.followups import meetings
from casework.minors.followups.anonymous_codes import END_GROUPS, ORIGIN_GROUPS, Duration, Meetings
from casework.minors.followups.codes import EndReason, ReferralOrigin, Sex, Stage
from casework.minors.followups.models import EndedFollowUp, FollowUp, WaitingFollowUp

ENDS_HERE: Final = (Stage.FOLLOWED, Stage.SUSPENDED)
"""Whoever is in one of these is followed: leaving them, save by a merge, is an end."""

_MONTHS: Final = ((6, Duration.UNDER_6), (12, Duration.TO_12), (24, Duration.TO_24))
_MEETINGS: Final = ((1, Meetings.ONE), (3, Meetings.TO_3), (6, Meetings.TO_6))


def gate(follow_up: FollowUp) -> AbstractContextManager[None]:
    """Return the system's read gate on the sex and the birth date of whoever leaves, to be opened before the writing.

    Whoever ends a follow-up opens no identity by it: the meeting goes on without names.
    """
    return audit.reading(
        audit.system_actor(follow_up.territory_id), subjects=[follow_up.subject_id],
        classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD], purpose=Purpose.SYSTEM, act=Act.SYSTEM,
        object_type="follow_up", object_ids=[follow_up.pk],
    )  # fmt: skip


def leave(w: Writing, follow_up: FollowUp, *, reason: str, born_on: date | None, sex: str, now: datetime) -> int:
    """Let an end wait for its line, in the transaction of the end; return its year, to be kept on the file.

    `born_on` None and `sex` "" where nothing was opened (erasure): they stay unknown. No event of its own, no id.
    """
    today = localdate(now)
    first = follow_up.referrals.order_by("received_at", "pk").values_list("origin", flat=True).first()
    lead = follow_up.lead_organisation
    WaitingFollowUp(
        territory_id=follow_up.territory_id, month=month_of(today), recorded_in=month_of(today),
        reason=END_GROUPS[EndReason(reason)], age_band=_band(born_on, today), sex=sex or Sex.UNKNOWN,
        origin=ORIGIN_GROUPS[ReferralOrigin(first)] if first else "", lead_kind=lead.kind if lead else "",
        duration=_duration(follow_up.started_on, today), meetings=_meetings(meetings.times_reviewed(follow_up.pk)),
        is_first=follow_up.counted_in != today.year,
    ).save(force_insert=True)  # fmt: skip
    return today.year


def _band(born_on: date | None, today: date) -> str:
    """Return the band of the age; a night that ran late says nothing of an age at which nobody is followed (RET-03)."""
    found = ages.band(born_on, today)
    return ages.YOUTH[-1] if found == AgeBand.ABOVE else found


def _duration(started_on: date | None, today: date) -> str:
    if started_on is None:
        return ""
    return next((code for months, code in _MONTHS if months_after(started_on, months) > today), Duration.OVER_24)


def _meetings(times: int) -> str:
    return next((code for most, code in _MEETINGS if times <= most), Meetings.MORE)


def write_lines(now: datetime) -> int:
    """Write the lines of the ends recorded before this month; return how many. Daily."""
    return anonymous_lines.write_lines(WaitingFollowUp, EndedFollowUp, now)
