"""Two files, one person: everything of one goes under the other, no meeting is lost (SIT-03, T-20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action as Asked
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile import revision
from casework.casefile.endings import holds
from casework.casefile.matching import normalise
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts, merge_hooks
from casework.minors.followups.actions import circle, counts, duplicates, stages
from casework.minors.followups.codes import NoticeStatus, SchemeState, Sorting, Stage
from casework.minors.followups.merge_hooks import Merge, copy_under
from casework.minors.followups.models import (
    Action,
    CircleMembership,
    FollowUp,
    FollowUpGrant,
    KnownJudicialMeasure,
    LegalRepresentative,
    MayorDisclosure,
    Notice,
    PossibleDuplicate,
    Referral,
    ReferralLink,
    RestrictedPoint,
    SchemeStatus,
    SensitiveElement,
    WhoKnows,
)
from casework.minors.followups.states import LIFECYCLE
from casework.partners import reads as partners
from casework.sealing import keys

# What a merge opens to seal it again: the gate is the system's, the act is the coordinator's.
CLASSES = (
    DataClass.YOUTH_IDENTITY,
    DataClass.YOUTH_CARD,
    DataClass.YOUTH_REPRESENTATIVES,
    DataClass.YOUTH_REFERRAL,
    DataClass.YOUTH_REVIEW,
    DataClass.YOUTH_JUDICIAL,
    DataClass.YOUTH_SENSITIVE,
    DataClass.MAYOR_DISCLOSURE,
)


def may_leave(follow_up: FollowUp) -> bool:
    """Say whether this situation may become the shell: open ones only, an archived record is kept."""
    return Stage.MERGED in LIFECYCLE.exits(follow_up.state)


def merge(*, by: Viewer, duplicate_id: UUID, keep_id: UUID, now: datetime) -> FollowUp:
    """Put everything of one situation under the other; the first becomes a shell nobody opens.

    Rows are entered again, sealed under the key of the person who stays. The services of both circles read the
    file that stays. Raises AccessRefused, InputRefused (unknown side), GuardRefused (that one must stay).
    """
    pair = duplicates.find(by, duplicate_id, now)
    sides = {pair.newer_id: (pair.newer, pair.older), pair.older_id: (pair.older, pair.newer)}
    if keep_id not in sides:
        raise InputRefused("Choisissez la fiche à garder.", field="keep")
    target, source = sides[keep_id]
    if not may_leave(source):
        raise GuardRefused("Cette fiche est archivée : gardez-la, et réunissez l’autre à elle.")
    holds.refuse_if_held([source.subject_id])
    if target.state in (*facts.GONE, *facts.SORTED_OUT, Stage.MERGED):
        raise GuardRefused("La fiche à garder n’existe plus : rien n’est à réunir.")
    if not facts.coordinates(by):
        duplicates.require_opened(by, pair, now)
    else:
        facts.require_on(by, source, Asked.MOVE, DataClass.YOUTH_IDENTITY, now)
    if facts.coordinates(by) and target.state not in facts.CLOSED:
        facts.require_on(by, target, Asked.MOVE, DataClass.YOUTH_IDENTITY, now)
    keys.ensure(target.subject_id)
    with (
        audit.reading(
            audit.system_actor(target.territory_id), subjects=[source.subject_id, target.subject_id],
            classes={*CLASSES, *merge_hooks.classes()}, purpose=Purpose.DUPLICATES, act=Act.SYSTEM,
            object_type="follow_up", object_ids=[source.pk],
        ),
        stages.guard_gate(by, target, Purpose.DUPLICATES),
        audit.writing(by, now=now) as w,
    ):  # fmt: skip
        row = PossibleDuplicate.objects.select_for_update().get(pk=pair.pk)
        if row.resolved_at is not None:
            raise GuardRefused("Ce doublon possible est déjà traité.")
        going = Merge(source=source, target=target)
        counts.received_once(w, source, target)
        _people(w, going)
        _saisines(w, going, now)
        _work(w, going)
        merge_hooks.run(w, going)
        _circle(w, going, by=by, now=now)
        _counted(going)
        LIFECYCLE.apply(source, Stage.MERGED, w=w, by=by, now=now, merged_into=target, next_review_on=None)
        row.resolved_at, row.merged = now, True
        row.save()
        w.note(Act.CHANGE, row, subjects=[source.subject_id, target.subject_id], why="merged")
        # Other pairs that named the shell say the same of the file that stays, or nothing any more.
        PossibleDuplicate.objects.filter(Q(newer=source) | Q(older=source), resolved_at=None).update(
            resolved_at=now, merged=False
        )
    if not facts.coordinates(by):
        duplicates.close_pair(by=by, pair=pair, now=now)
    duplicates.after_receipt([target.pk], territory_id=target.territory_id, now=now)
    return target


def _counted(going: Merge) -> None:
    """Let the file that stays say that an end of this person was counted, if the shell's was later (ADR 75)."""
    if (going.source.counted_in or 0) > (going.target.counted_in or 0):
        row = revision.lock(FollowUp.objects.all(), going.target.pk, None)
        revision.save(row, counted_in=going.source.counted_in)


def _again(w: Writing, going: Merge, row: Any, **values: Any) -> Any:
    """Enter one row again under the person who stays, and delete the old one once nothing points at it."""
    copy = copy_under(row, going.target, {"follow_up": going.target, **values})
    copy.save(force_insert=True)
    for many in type(row)._meta.many_to_many:
        getattr(copy, many.name).set(getattr(row, many.name).all())
    going.moved[row.pk] = copy.pk
    w.note(Act.CREATE, copy, subjects=[going.target.subject_id], why="merged")
    return copy


def _drop(rows: Iterable[Model]) -> None:
    for row in rows:
        row.delete()


def _people(w: Writing, going: Merge) -> None:
    """Parents: those already on the file stay as they are, the others come along, with their information."""
    kept = {_name(row): row for row in LegalRepresentative.objects.filter(person=going.target.person, closed_at=None)}
    coming = list(LegalRepresentative.objects.filter(person=going.source.person).order_by("position"))
    for row in coming:
        held = kept.get(_name(row))
        if held is not None:
            going.moved[row.pk] = held.pk
            continue
        copy = copy_under(row, going.target, {"person": going.target.person, "position": len(kept) + row.position})
        copy.save(force_insert=True)
        going.moved[row.pk] = copy.pk
        w.note(Act.CREATE, copy, subjects=[going.target.subject_id], why="merged")
    told = {row.representative_id: row for row in Notice.objects.filter(follow_up=going.target)}
    notices = list(Notice.objects.filter(follow_up=going.source))
    for notice in notices:
        recipient = going.moved.get(notice.representative_id) if notice.representative_id else None
        there = told.get(recipient)
        if there is not None and (there.status != NoticeStatus.TO_DO or notice.status == NoticeStatus.TO_DO):
            continue
        if there is not None:
            there.delete()
        _again(w, going, notice, representative_id=recipient)
    _drop(notices)
    _drop(coming)


def _name(row: LegalRepresentative) -> str:
    return normalise(f"{row.first_name or ''} {row.last_name or ''}")


def _saisines(w: Writing, going: Merge, now: datetime) -> None:
    """Referrals keep their author, date and link; on a file already studied there is nothing left to sort."""
    to_sort = going.target.state in (Stage.REFERRED, Stage.MORE_ASKED)
    rows = list(Referral.objects.filter(follow_up=going.source))
    for row in rows:
        waits = row.sorting in (Sorting.WAITING, Sorting.MORE_ASKED)
        values: dict[str, Any] = {}
        if waits and not to_sort:
            values = {"sorting": Sorting.TO_STUDY, "sorted_at": now, "sorted_by": w.actor.mandate_id}
        copy = _again(w, going, row, **values)
        ReferralLink.objects.filter(referral=row).update(referral=copy)
    _drop(rows)


def _work(w: Writing, going: Merge) -> None:
    """Schemes, actions, points, measures, sensitive facts, questions, disclosures."""
    schemes = {row.item_id: row for row in SchemeStatus.objects.filter(follow_up=going.target)}
    coming = list(SchemeStatus.objects.filter(follow_up=going.source))
    for row in coming:
        held = schemes.get(row.item_id)
        if held is not None and (held.state != SchemeState.NOT_TRIED or row.state == SchemeState.NOT_TRIED):
            continue
        if held is not None:
            held.delete()
        _again(w, going, row)
    _drop(coming)
    actions = list(Action.objects.filter(follow_up=going.source).order_by("decided_on", "pk"))
    copies = [(old, _again(w, going, old, after_id=None)) for old in actions]
    for old, copy in copies:
        if old.after_id is not None:
            copy.after_id = going.moved.get(old.after_id, old.after_id)
            copy.save()
    _drop(actions)
    for model in (RestrictedPoint, KnownJudicialMeasure, SensitiveElement):
        rows: list[Any] = list(model._default_manager.filter(follow_up=going.source))
        for one in rows:
            _again(w, going, one)
        _drop(rows)
    asked = set(WhoKnows.objects.filter(follow_up=going.target).values_list("organisation_id", flat=True))
    questions = list(WhoKnows.objects.filter(follow_up=going.source))
    for question in questions:
        if question.organisation_id not in asked:
            _again(w, going, question)
    _drop(questions)
    for disclosure in list(MayorDisclosure.objects.filter(follow_up=going.source)):
        copy = copy_under(disclosure, going.target, {"follow_up": going.target})
        key = disclosure.pk
        disclosure.delete()  # first: its reference is unique
        copy.save(force_insert=True)
        going.moved[key] = copy.pk
        w.note(Act.CREATE, copy, subjects=[going.target.subject_id], why="merged")


def _circle(w: Writing, going: Merge, *, by: Viewer, now: datetime) -> None:
    """The services of the shell's circle enter the circle of the file that stays; no grant is left on the shell."""
    memberships = list(
        CircleMembership.objects.filter(follow_up=going.source, ends_at=None).select_related("organisation")
    )
    open_file = going.target.state not in facts.CLOSED
    inside = set(
        CircleMembership.objects.filter(follow_up=going.target, ends_at=None).values_list("organisation_id", flat=True)
    )
    sits = {row.pk for row in partners.member_organisations(going.target.group, now)}
    for row in memberships:
        if open_file and row.organisation_id not in inside and row.organisation_id in sits:
            circle.add(
                w, by=by, follow_up=going.target, organisation=row.organisation, reason=row.reason, now=now,
                in_charge=row.in_charge,
            )  # fmt: skip
    circle.close_all(w, follow_up=going.source, by=by, now=now)
    for grant in grants.live(FollowUpGrant.objects.filter(content_object=going.source), now):
        grants.close(w, grant, at=now, reason="merged")
