"""The end of records: erased after sorting, expired on their purge date (RET-01 to RET-05, RET-07).

Each job is resumable: what it did is committed row by row, and what is left is found again at the next run.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Writing
from casework.casefile.models import Draft
from casework.minors.followups import facts
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import CountKind, OutsideStatus, Stage
from casework.minors.followups.models import AnonymousCount, FollowUp, ReferralLink, month_of
from casework.minors.followups.states import LIFECYCLE
from casework.sealing import keys

_KIND = {Stage.REDIRECTED: CountKind.REDIRECTED, Stage.REJECTED: CountKind.REJECTED}
BATCH = 200


def erase_sorted_out(now: datetime) -> int:
    """Erase saisines sorted out 30 days ago: keys, rows, history; a number stays. Return how many.

    The keys go first: a crash in between leaves unreadable rows, which the next run finds and deletes. The
    count and the single event are in the transaction of the rows, so each is told once.
    """
    due = FollowUp.objects.filter(state__in=list(_KIND), erase_on__lte=localdate(now))
    done = 0
    for pk, subject_id in list(due.order_by("erase_on", "pk").values_list("pk", "subject_id")):
        for key in (subject_id, *FollowUp.objects.filter(merged_into=pk).values_list("subject_id", flat=True)):
            keys.erase(key)
        done += _erase_rows(pk, now)
    return done


def _erase_rows(pk: UUID, now: datetime) -> int:
    """Delete one situation and everything under its person's key, with the count and the event."""
    follow_up = FollowUp.objects.filter(pk=pk).first()
    if follow_up is None:
        return 0
    with audit.writing(audit.system_actor(follow_up.territory_id), now=now) as w:
        row = FollowUp.objects.select_for_update().filter(pk=pk, state__in=list(_KIND)).first()
        if row is None:
            return 0
        w.note(Act.DELETE, row, subjects=[row.subject_id], why="sorted_out")
        count(w, row.territory_id, _KIND[Stage(row.state)], now)
        ReferralLink.objects.filter(referral__follow_up=row).update(outside_status=OutsideStatus.CLOSED)
        delete_everything(row)
    return 1


def count(w: Writing, territory_id: UUID, kind: CountKind, now: datetime, n: int = 1) -> None:
    """Add to an anonymous count of the month, inside the transaction of what is erased."""
    row, _ = AnonymousCount.objects.get_or_create(territory_id=territory_id, kind=kind, month=month_of(now))
    AnonymousCount.objects.filter(pk=row.pk).update(total=F("total") + n)


def delete_everything(follow_up: FollowUp) -> None:
    """Delete the person, the situation, all that hangs on them, drafts, and every history row (RET-07).

    History goes after the rows: deleting a row writes one last copy of it.
    """
    for shell in list(follow_up.merged_from.select_related("person")):
        delete_everything(shell)
    subject_id = follow_up.subject_id
    follow_up.person.delete()  # the situation and all its parts follow by cascade
    Draft.objects.filter(subject_id=subject_id).delete()
    for model in history_models():
        model._base_manager.filter(subject_id=subject_id).delete()


def history_models() -> list[type[models.Model]]:
    """Return every table of history that carries a person's key."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, "is_sealed_history", False) and any(f.name == "subject_id" for f in model._meta.fields)
    ]


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
    with audit.writing(actor, now=now) as w:
        LIFECYCLE.apply(follow_up, Stage.EXPIRED, w=w, by=actor, now=now, next_review_on=None)
        circle.close_all(w, follow_up=follow_up, by=actor, now=now)
