"""The sorting of saisines by the coordinator, before any agenda. No rank of persons, no score (GDP-14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import revision
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle, stages
from casework.minors.followups.codes import MoreAsked, OutsideStatus, Sorting, Stage
from casework.minors.followups.models import FollowUp, Referral, ReferralLink
from casework.minors.followups.states import LIFECYCLE
from casework.sealing import keys

MAX_ASKED = 200
WAITS = (Sorting.WAITING, Sorting.MORE_ASKED)
OUT = {Sorting.REDIRECTED: Stage.REDIRECTED, Sorting.OUT_OF_SCOPE: Stage.REJECTED}
_TO_SORT = (Stage.REFERRED, Stage.MORE_ASKED)


def find(viewer: Viewer, referral_id: UUID) -> Referral:
    """Return a saisine of the viewer's territory, whatever its right on it. Raises AccessRefused."""
    referral = (
        Referral.objects.select_related("follow_up__group", "follow_up__person", "organisation")
        .filter(pk=referral_id, territory_id=viewer.territory_id)
        .first()
    )
    if referral is None:
        raise AccessRefused(code="referral")
    return referral


def sort(
    *,
    by: Viewer,
    referral_id: UUID,
    choice: str,
    now: datetime,
    redirect_to: UUID | None = None,
    asked: Sequence[str] = (),
    words: str = "",
    expected: int | None = None,
) -> Referral:
    """Sort one saisine: to study, more asked (coded, or 200 signs), redirected, out of scope.

    The last two close every access at once; the rows go within 30 days and a count stays (retention).
    Raises AccessRefused, InputRefused, GuardRefused (already sorted), ConflictRefused.
    """
    referral = find(by, referral_id)
    facts.require_on(by, referral.follow_up, Action.MANAGE, DataClass.YOUTH_REFERRAL, now)
    if referral.sorting not in WAITS:
        raise GuardRefused("Cette saisine est déjà triée.")
    if choice not in Sorting.values or choice == Sorting.WAITING:
        raise InputRefused("Choisissez une valeur de la liste.", field="choice")
    item = _redirection(by, redirect_to, now) if choice == Sorting.REDIRECTED else None
    text = asked_text(asked, words) if choice == Sorting.MORE_ASKED else ""
    keys.ensure(referral.subject_id)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Referral.objects.filter(territory_id=by.territory_id), referral.pk, expected)
        if row.sorting not in WAITS:
            raise GuardRefused("Cette saisine est déjà triée.")
        revision.save(
            row, sorting=Sorting(choice), sorted_at=now, sorted_by=by.mandate_id, redirected_to=item,
            **({"more_asked": text} if choice == Sorting.MORE_ASKED else {}),
        )  # fmt: skip
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REFERRAL], why=choice)
        _move(w, by=by, follow_up=referral.follow_up, referral=row, choice=choice, now=now)
        tell_links(row)
    return row


def asked_text(asked: Sequence[str], words: str) -> str:
    """Return what is asked: the labels of the codes, then the words. Raises InputRefused (nothing, too long)."""
    if any(code not in MoreAsked.values for code in asked):
        raise InputRefused("Choisissez une valeur de la liste.", field="asked")
    text = " ; ".join(part for part in (*(str(MoreAsked(code).label) for code in asked), words.strip()) if part)
    if not text:
        raise InputRefused("Dites ce qui manque.", field="asked")
    if len(text) > MAX_ASKED:
        raise InputRefused(f"{MAX_ASKED} signes au plus, choix de la liste compris.", field="words")
    return text


def _redirection(by: Viewer, item_id: UUID | None, now: datetime) -> LocalItem:
    items = LocalItem.objects.of(by.territory_id, ListCode.REDIRECT).valid_on(localdate(now))
    item = items.filter(pk=item_id).first() if item_id is not None else None
    if item is None:
        raise InputRefused("Choisissez vers qui la saisine est réorientée.", field="redirect_to")
    return item


def _move(w: Writing, *, by: Viewer, follow_up: FollowUp, referral: Referral, choice: str, now: datetime) -> None:
    """Bring the situation along; another saisine still alive on it keeps it open."""
    if follow_up.state not in _TO_SORT:
        return
    if choice == Sorting.TO_STUDY:
        if follow_up.state == Stage.MORE_ASKED:
            LIFECYCLE.apply(follow_up, Stage.REFERRED, w=w, by=by, now=now, sorted_at=now)
        else:
            row = revision.lock(FollowUp.objects.all(), follow_up.pk, None)
            revision.save(row, sorted_at=now)
            w.note(Act.CHANGE, row, subjects=[row.subject_id], why="sorted")
    elif choice == Sorting.MORE_ASKED:
        if follow_up.state == Stage.REFERRED and follow_up.sorted_at is None:
            LIFECYCLE.apply(follow_up, Stage.MORE_ASKED, w=w, by=by, now=now)
    elif not follow_up.referrals.exclude(pk=referral.pk).exclude(sorting__in=[str(key) for key in OUT]).exists():
        LIFECYCLE.apply(
            follow_up, OUT[Sorting(choice)], w=w, by=by, now=now, sorted_at=now, erase_on=stages.erase_day(now)
        )
        circle.close_all(w, follow_up=follow_up, by=by, now=now)


def complete(*, by: Viewer, referral_id: UUID, now: datetime, expected: int | None = None) -> Referral:
    """Say that what was asked has been brought: the saisine goes back to the coordinator's queue.

    By its author (who completes the record itself on its page), or the coordinator. Raises AccessRefused,
    GuardRefused when nothing was asked.
    """
    referral = find(by, referral_id)
    if facts.coordinates(by) or referral.author_mandate_id != by.mandate_id:
        facts.require_on(by, referral.follow_up, Action.MANAGE, DataClass.YOUTH_REFERRAL, now)
    if referral.sorting != Sorting.MORE_ASKED:
        raise GuardRefused("Aucun complément n’est attendu.")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Referral.objects.filter(territory_id=by.territory_id), referral.pk, expected)
        revision.save(row, sorting=Sorting.WAITING)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REFERRAL], why="completed")
        if referral.follow_up.state == Stage.MORE_ASKED:
            LIFECYCLE.apply(referral.follow_up, Stage.REFERRED, w=w, by=by, now=now)
    return row


def outside_status(referral: Referral) -> OutsideStatus:
    """Return all that the referring service sees: reçue, étudiée, close (domain.md §11, row 3).

    Comes from the sorting of this saisine alone: it never tells that the person was already known (T-20).
    """
    if referral.sorting in OUT:
        return OutsideStatus.CLOSED
    if referral.sorting in WAITS:
        return OutsideStatus.RECEIVED
    ended_on = referral.follow_up.ended_on
    over = ended_on is not None and ended_on >= localdate(referral.received_at)
    return OutsideStatus.CLOSED if over else OutsideStatus.STUDIED


def tell_links(referral: Referral) -> None:
    """Copy the status to the single-use link of this saisine, where it stays once the rows are gone."""
    ReferralLink.objects.filter(referral=referral).update(outside_status=outside_status(referral))
