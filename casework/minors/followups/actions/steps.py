"""Actions of a situation: who does what before when, chained, closed with a coded result (WL-15)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import OPEN_RESULTS, ActionResult, ActionType, Stage
from casework.minors.followups.models import Action, CircleMembership, FollowUp
from casework.partners.models import Organisation
from casework.sealing import keys

PRECISION_MAX = 100


def decide(
    *,
    by: Viewer,
    follow_up: FollowUp,
    kind: str,
    owner: Organisation,
    due_on: date,
    now: datetime,
    precision: str = "",
    after_id: UUID | None = None,
    owner_mandate_id: UUID | None = None,
    decided_in: UUID | None = None,
) -> Action:
    """Record a decision with its owner and date; it is on the owner's « Mon travail » at once.

    Raises AccessRefused, InputRefused (date behind, precision over 100 characters), GuardRefused (a service
    outside the circle cannot own an action: it could not read it).
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.YOUTH_REVIEW, now)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        return add(
            w, by=by, follow_up=follow_up, kind=kind, owner=owner, due_on=due_on, now=now, precision=precision,
            after_id=after_id, owner_mandate_id=owner_mandate_id, decided_in=decided_in,
        )  # fmt: skip


def add(
    w: Writing,
    *,
    by: Actor,
    follow_up: FollowUp,
    kind: str,
    owner: Organisation,
    due_on: date,
    now: datetime,
    precision: str = "",
    after_id: UUID | None = None,
    owner_mandate_id: UUID | None = None,
    decided_in: UUID | None = None,
) -> Action:
    """Record a decision inside a transaction already open (the room, an import)."""
    if due_on < localdate(now):
        raise InputRefused("Cette date est déjà passée.", field="due_on")
    if len(precision) > PRECISION_MAX:
        raise InputRefused(f"La précision tient en {PRECISION_MAX} caractères.", field="precision")
    _check_owner(follow_up, owner, by)
    after = None
    if after_id is not None:
        after = Action.objects.filter(follow_up=follow_up, pk=after_id).first()
        if after is None:
            raise InputRefused("Choisissez une action de cette situation.", field="after")
    action = Action(
        subject_id=follow_up.subject_id,
        territory_id=follow_up.territory_id,
        follow_up=follow_up,
        kind=ActionType(kind),
        owner=owner,
        owner_mandate_id=owner_mandate_id,
        precision=precision.strip(),
        decided_on=localdate(now),
        due_on=due_on,
        after=after,
        decided_in=decided_in,
        created_by=by.mandate_id,
    )
    action.save()
    w.note(Act.CREATE, action, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], why=action.kind)
    return action


def _check_owner(follow_up: FollowUp, owner: Organisation, by: Actor) -> None:
    in_circle = CircleMembership.objects.filter(follow_up=follow_up, organisation=owner, ends_at=None).exists()
    if not in_circle and owner.pk != by.organisation_id:
        raise GuardRefused("Ce service n’est pas dans le cercle : faites-le entrer avant de lui confier une action.")


def finish(
    *,
    by: Viewer,
    action_id: UUID,
    follow_up: FollowUp,
    result: str,
    now: datetime,
    expected: int | None = None,
) -> Action:
    """Give an action its coded result: by its owner's service, or by the coordinator.

    `under_way` keeps it open. Raises AccessRefused, ConflictRefused, GuardRefused (already closed).
    """
    action = Action.objects.filter(follow_up=follow_up, pk=action_id).first()
    own = action is not None and action.owner_id == by.organisation_id
    facts.require_on(by, follow_up, Ask.CHANGE, DataClass.YOUTH_REVIEW, now, is_author=own)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Action.objects.filter(follow_up=follow_up), action_id, expected)
        settle(w, row, result=result, now=now)
    return row


def settle(w: Writing, row: Action, *, result: str, now: datetime) -> None:
    """Write a coded result on a locked action, inside a transaction already open."""
    if row.result not in OPEN_RESULTS:
        raise GuardRefused("Cette action est déjà close.")
    code = ActionResult(result)
    closed_on = None if code == ActionResult.UNDER_WAY else localdate(now)
    revision.save(row, result=code, closed_on=closed_on)
    w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REVIEW], why=code)


def postpone(
    *,
    by: Viewer,
    action_id: UUID,
    follow_up: FollowUp,
    due_on: date,
    now: datetime,
    expected: int | None = None,
) -> Action:
    """Move the date of an open action. The journal keeps both; a late one stays counted as waited."""
    action = Action.objects.filter(follow_up=follow_up, pk=action_id).first()
    own = action is not None and action.owner_id == by.organisation_id
    facts.require_on(by, follow_up, Ask.CHANGE, DataClass.YOUTH_REVIEW, now, is_author=own)
    if due_on < localdate(now):
        raise InputRefused("Cette date est déjà passée.", field="due_on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Action.objects.filter(follow_up=follow_up), action_id, expected)
        if row.result not in OPEN_RESULTS:
            raise GuardRefused("Cette action est déjà close.")
        revision.save(row, due_on=due_on)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REVIEW], why="postponed")
    return row


def void_open(w: Writing, *, follow_up: FollowUp, now: datetime) -> None:
    """Close what is still open as « sans objet » when the follow-up ends."""
    for row in Action.objects.select_for_update(of=("self",)).filter(follow_up=follow_up, result__in=OPEN_RESULTS):
        settle(w, row, result=ActionResult.VOID, now=now)


def open_stage(follow_up: FollowUp) -> bool:
    """Say whether actions may still be decided on this situation."""
    return follow_up.state in (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED, Stage.SUSPENDED)
