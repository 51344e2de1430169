"""Moves of a situation: informed, followed, suspended, ended, archived, reopened (domain.md §10.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.approvals import ApprovalAct
from casework.access.approvals import actions as approvals
from casework.access.approvals.models import Approval
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Actor, Purpose, Writing
from casework.casefile.lifecycle import Context
from casework.casefile.models import LocalItem
from casework.casefile.retention import purge_check_on, purge_date
from casework.errors import GuardRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle, lines, steps
from casework.minors.followups.codes import CircleReason, EndReason, Stage, SuspendReason, WithholdMotive
from casework.minors.followups.models import CircleMembership, FollowUp
from casework.minors.followups.states import LIFECYCLE, born_on
from casework.partners.models import Organisation

ERASE_AFTER_DAYS = 30


def erase_day(now: datetime) -> date:
    """Return the day by which a rejected or redirected referral is erased (minimisation, domain.md §10.1)."""
    return localdate(now) + timedelta(days=ERASE_AFTER_DAYS)


@contextmanager
def guard_gate(
    by: Actor, follow_up: FollowUp, purpose: Purpose = Purpose.REVIEW, *, ends: bool = False
) -> Iterator[None]:
    """Open the read gate that the guards on age and purge need, before `audit.writing`.

    `ends`: the follow-up ends in it, and its anonymous line needs the system's own gate (REC-24).
    """
    own = audit.reading(
        by,
        subjects=[follow_up.subject_id],
        classes=[DataClass.YOUTH_CARD],
        purpose=purpose,
        object_type="follow_up",
        object_ids=[follow_up.pk],
    )
    with own, lines.gate(follow_up) if ends else nullcontext():
        yield


def move(
    *, by: Viewer, follow_up: FollowUp, to: Stage, now: datetime, expected: int | None = None, **changes: Any
) -> FollowUp:
    """Make one plain move of the table (ask for more, complete, inform, resume…)."""
    facts.require_on(by, follow_up, Action.MOVE, DataClass.YOUTH_REVIEW, now)
    with guard_gate(by, follow_up), audit.writing(by, now=now) as w:
        LIFECYCLE.apply(follow_up, to, w=w, by=by, now=now, expected_revision=expected, **changes)
    return follow_up


def follow(
    *,
    by: Viewer,
    follow_up: FollowUp,
    lead: Organisation,
    programme: LocalItem,
    next_review_on: date | None,
    now: datetime,
    put_off: str = "",
    expected: int | None = None,
) -> FollowUp:
    """Enter into follow-up, lead named and programme set (WL-08, WL-13, WL-14).

    Without information given, `put_off` is the coded motive and DL-02 keeps running (SIT-07).
    """
    facts.require_on(by, follow_up, Action.MOVE, DataClass.YOUTH_REVIEW, now)
    with guard_gate(by, follow_up), audit.writing(by, now=now) as w:
        start(w, by=by, follow_up=follow_up, lead=lead, programme=programme, next_review_on=next_review_on,
              now=now, put_off=put_off, expected=expected)  # fmt: skip
    return follow_up


def start(
    w: Writing,
    *,
    by: Actor,
    follow_up: FollowUp,
    lead: Organisation,
    programme: LocalItem,
    next_review_on: date | None,
    now: datetime,
    put_off: str = "",
    expected: int | None = None,
) -> None:
    """The same inside a transaction already open, under a gate already open (the room)."""
    changes: dict[str, Any] = {
        "lead_organisation": lead,
        "programme": programme,
        "started_on": localdate(now),
        "next_review_on": next_review_on,
    }
    if put_off:
        changes["information_put_off"] = WithholdMotive(put_off)
    LIFECYCLE.apply(follow_up, Stage.FOLLOWED, w=w, by=by, now=now, expected_revision=expected, **changes)
    if not CircleMembership.objects.filter(follow_up=follow_up, organisation=lead, ends_at=None).exists():
        circle.add(w, by=by, follow_up=follow_up, organisation=lead, reason=CircleReason.LEAD, now=now)


def suspend(*, by: Viewer, follow_up: FollowUp, reason: str, now: datetime, expected: int | None = None) -> FollowUp:
    """Suspend for absence, detention or a restriction request (GDP-12)."""
    return move(
        by=by, follow_up=follow_up, to=Stage.SUSPENDED, now=now, expected=expected,
        suspend_reason=SuspendReason(reason),
    )  # fmt: skip


def resume(*, by: Viewer, follow_up: FollowUp, now: datetime, expected: int | None = None) -> FollowUp:
    """Resume a suspended follow-up; a review that fell due meanwhile is asked for from today, nobody was late."""
    planned, today = follow_up.next_review_on, localdate(now)
    return move(
        by=by, follow_up=follow_up, to=Stage.FOLLOWED, now=now, expected=expected, suspend_reason="",
        next_review_on=max(planned, today) if planned else today,
    )  # fmt: skip


def end(*, by: Viewer, follow_up: FollowUp, reason: str, now: datetime, expected: int | None = None) -> FollowUp:
    """End a follow-up with a coded reason: archived at once, circle closed, purge clock set (RET-02, RET-05)."""
    facts.require_on(by, follow_up, Action.MOVE, DataClass.YOUTH_REVIEW, now)
    with guard_gate(by, follow_up, ends=True), audit.writing(by, now=now) as w:
        finish(w, by=by, follow_up=follow_up, reason=reason, now=now, expected=expected)
    return follow_up


def finish(
    w: Writing, *, by: Actor, follow_up: FollowUp, reason: str, now: datetime, expected: int | None = None
) -> None:
    """The same inside a transaction already open, under a gate already open with `ends` (the room)."""
    today = localdate(now)
    born = born_on(follow_up)
    if born is None:
        raise GuardRefused("La date de naissance manque : complétez-la avant de terminer le suivi.")
    purge_on = purge_date(born_on=born, ended_on=today)
    year = lines.leave(w, follow_up, reason=reason, born_on=born, sex=follow_up.person.sex or "", now=now)
    LIFECYCLE.apply(
        follow_up, Stage.ENDED, w=w, by=by, now=now, expected_revision=expected,
        ended_on=today, end_reason=EndReason(reason), purge_on=purge_on, purge_check_on=purge_check_on(purge_on),
        next_review_on=None, counted_in=year,
    )  # fmt: skip
    steps.void_open(w, follow_up=follow_up, now=now)
    circle.close_all(w, follow_up=follow_up, by=by, now=now)
    LIFECYCLE.apply(follow_up, Stage.ARCHIVED, w=w, by=by, now=now)


def ask_to_reopen(*, by: Viewer, follow_up: FollowUp, reason: str, words: str = "", now: datetime) -> Approval:
    """Ask a second person to agree to reopening an archived record, once nothing else stands in the way (T-43).

    Raises AccessRefused, InputRefused (no reason), GuardRefused (what the table asks for).
    """
    facts.require_on(by, follow_up, Action.MOVE, DataClass.YOUTH_REVIEW, now)
    if follow_up.state != Stage.ARCHIVED:
        raise GuardRefused("Cette fiche n’est pas archivée.")
    with guard_gate(by, follow_up):
        for guard in LIFECYCLE.find(Stage.ARCHIVED, Stage.FOLLOWED).guards:
            guard(follow_up, Context(by=by, now=now, origin=Stage.ARCHIVED, to=Stage.FOLLOWED))
    return approvals.ask(
        by=by, act=ApprovalAct.ARCHIVE_REOPEN, target_id=follow_up.pk, content=_reopening(follow_up), reason=reason,
        words=words, reference=follow_up.reference, now=now,
    )  # fmt: skip


def _reopening(follow_up: FollowUp) -> dict[str, object]:
    """Return the exact content of « reopen this record »: this end of follow-up, not a later one."""
    return {"follow_up": follow_up.pk, "ended_on": follow_up.ended_on, "end_reason": follow_up.end_reason}


def reopen(
    *,
    by: Viewer,
    follow_up: FollowUp,
    next_review_on: date | None,
    now: datetime,
    expected: int | None = None,
) -> FollowUp:
    """Reopen an archived record after a new referral, before its purge date, once a second person agreed (RET-02, T-43)."""
    facts.require_on(by, follow_up, Action.MOVE, DataClass.YOUTH_REVIEW, now)
    with guard_gate(by, follow_up), audit.writing(by, now=now) as w:
        approvals.take(
            w=w, act=ApprovalAct.ARCHIVE_REOPEN, target_id=follow_up.pk, content=_reopening(follow_up), now=now
        )
        born = born_on(follow_up)
        if born is None:
            raise GuardRefused("La date de naissance manque.")
        purge_on = purge_date(born_on=born, ended_on=None)
        # The guards compare the purge date of the ended record: the move comes first, the new clock after it.
        LIFECYCLE.apply(
            follow_up, Stage.FOLLOWED, w=w, by=by, now=now, expected_revision=expected,
            next_review_on=next_review_on,
        )  # fmt: skip
        LIFECYCLE.apply(
            follow_up, Stage.FOLLOWED, w=w, by=by, now=now, purge_on=purge_on,
            purge_check_on=purge_check_on(purge_on), ended_on=None, end_reason="",
        )  # fmt: skip
    return follow_up
