"""The end of records: erased after sorting, expired on their purge date (RET-01 to RET-05, RET-07).

Each job is resumable: what it did is committed row by row, and what is left is found again at the next run. How a
person is destroyed is in `casefile.erasure`; what situations add to it is here.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.casefile.erasers import Target
from casework.minors.followups import facts
from casework.minors.followups.actions import circle, counts, lines
from casework.minors.followups.anonymous_codes import CountKind
from casework.minors.followups.codes import EndReason, OutsideStatus, Stage
from casework.minors.followups.models import FollowUp, ReferralLink
from casework.minors.followups.states import LIFECYCLE, born_on

SORTED_OUT = "sorted_out"
_KIND = {Stage.REDIRECTED: CountKind.REDIRECTED, Stage.REJECTED: CountKind.REJECTED}
BATCH = 200


def erase_sorted_out(now: datetime) -> int:
    """Erase saisines sorted out 30 days ago: rows, history, keys; a number stays. Return how many.

    The count is kept in the transaction that deletes the rows, so each is counted once.
    """
    due = FollowUp.objects.filter(state__in=list(_KIND), erase_on__lte=localdate(now)).order_by("erase_on", "pk")
    erasure.begin_due(due.values_list("subject_id", "territory_id"), reason=SORTED_OUT, now=now)
    return erasure.nightly(now)


# What erasure asks of situations


def _find(territory_id: UUID, reference: str) -> Target | None:
    return _target(FollowUp.objects.filter(territory_id=territory_id, reference=reference).first())


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    return _target(FollowUp.objects.filter(territory_id=territory_id, subject_id=subject_id).first())


def _target(row: FollowUp | None) -> Target | None:
    if row is None or row.merged_into_id is not None:
        return None
    return Target(
        subject_id=row.subject_id, territory_id=row.territory_id, reference=row.reference,
        past_its_date=row.state == Stage.EXPIRED,
    )  # fmt: skip


def _shells(subject_id: UUID) -> list[UUID]:
    """Return the keys of the files that were merged into this person's."""
    return list(FollowUp.objects.filter(merged_into__subject_id=subject_id).values_list("subject_id", flat=True))


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    """Keep the count of a saisine sorted out, or the line of a follow-up that this ends; close the links of referrals.

    Nothing is opened for it: of a person who is erased, neither age nor sex is counted. The rows follow by themselves.
    """
    row = FollowUp.objects.select_for_update().filter(subject_id=subject_id).first()
    if row is None:
        return
    if why == SORTED_OUT and row.state in _KIND:
        counts.add(w, row.territory_id, _KIND[Stage(row.state)], now)
    if row.state in lines.ENDS_HERE:
        lines.leave(w, row, reason=EndReason.NO_GROUND, born_on=None, sex="", now=now)
    ReferralLink.objects.filter(referral__follow_up=row).update(outside_status=OutsideStatus.CLOSED)


erasers.register(erasers.Eraser(name="minors.followups", find=_find, of=_of, with_it=_shells, clear=_clear))


def expire_due(now: datetime) -> int:
    """Move to « durée atteinte » the records whose purge date has come; return how many (RET-02, RET-03, RET-05).

    Only rows whose year has come are opened, in an audited system gate, a page at a time.
    """
    today = localdate(now)
    pending = FollowUp.objects.filter(purge_check_on__lte=today).exclude(state__in=facts.GONE)
    expired = 0
    for territory_id in sorted(set(pending.values_list("territory_id", flat=True)), key=str):
        ids = list(pending.filter(territory_id=territory_id).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            rows = list(FollowUp.objects.filter(pk__in=ids[start : start + BATCH]).select_related("group", "person"))
            due = facts.past_purge(rows, now)
            for row in rows:
                if row.pk in due:
                    _expire(row, now)
                    expired += 1
    return expired


def _expire(follow_up: FollowUp, now: datetime) -> None:
    actor = audit.system_actor(follow_up.territory_id)
    ends = follow_up.state in lines.ENDS_HERE
    with lines.gate(follow_up) if ends else nullcontext(), audit.writing(actor, now=now) as w:
        changes: dict[str, int] = {}
        if ends:
            changes["counted_in"] = lines.leave(
                w,
                follow_up,
                reason=EndReason.PURGE,
                born_on=born_on(follow_up),
                sex=follow_up.person.sex or "",
                now=now,
            )
        LIFECYCLE.apply(follow_up, Stage.EXPIRED, w=w, by=actor, now=now, next_review_on=None, **changes)
        circle.close_all(w, follow_up=follow_up, by=actor, now=now)
