"""What happens by itself each night: a term that passed is told, what the law lets go is deleted. Nothing is switched off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.casefile import erasers, revision
from casework.casefile.endings import holds
from casework.casefile.models import AttachedFile
from casework.vif.phones import facts
from casework.vif.phones.actions import papers
from casework.vif.phones.actions.assessing import tell_officers, tell_prosecutor
from casework.vif.phones.codes import HOLDING, IN_USE, DeviceState, State
from casework.vif.phones.models import Allocation, Decision, Device, DeviceTest, Sending, Sheet
from casework.vif.phones.states import DEVICES

BAN_OVER = "tgd_ban_over"


def tell_terms(now: datetime) -> int:
    """Tell, once, the prosecutor and the officers of each term that passed undecided (DL-15); return how many.

    The device stays in use: an alert is all that a date may do here.
    """
    rows = Allocation.objects.filter(state__in=sorted(IN_USE), ends_on__lt=localdate(now), term_told_on=None)
    found = list(rows.order_by("ends_on", "pk"))
    for each in found:
        with audit.writing(audit.system_actor(each.territory_id), now=now) as w:
            row = revision.lock(Allocation.objects.all(), each.pk, None)
            if row.state not in IN_USE or row.term_told_on is not None:
                continue
            revision.save(row, term_told_on=localdate(now))
            w.note(Act.CHANGE, row, classes=[facts.TGD], why="term_passed")
            tell_prosecutor(row.territory_id, row.subject_id, now)
            tell_officers(row.support_id, now)
    return len(found)


def mark_left_out(now: datetime) -> int:
    """Mark each device that is out with nobody as one to recover: its holder's file was erased; return how many.

    By night and not with the erasure: neither the row nor its hour says whose device it was (VIC-01).
    """
    held = Allocation.objects.filter(device__isnull=False, state__in=sorted(HOLDING))
    rows = Device.objects.filter(state=DeviceState.ALLOCATED).exclude(pk__in=held.values("device"))
    found = list(rows.order_by("pk"))
    for row in found:
        by = audit.system_actor(row.territory_id)
        with audit.writing(by, now=now) as w:
            DEVICES.apply(row, DeviceState.TO_RECOVER, w=w, by=by, now=now)
    return len(found)


def delete_over(now: datetime) -> int:
    """Delete each allocation whose ban is over, its history too, legal holds apart (TGD-16); return how many.

    Her support stays: the law's end of the phone's data is its own.
    """
    rows = Allocation.objects.filter(state=State.CLOSED, kept_until__lte=localdate(now)).order_by("kept_until", "pk")
    due = list(rows.values_list("pk", "subject_id", "territory_id"))
    held = holds.running([subject for _, subject, _ in due])
    gone = [(pk, territory) for pk, subject, territory in due if subject not in held]
    for pk, territory in gone:
        with audit.writing(audit.system_actor(territory), now=now) as w:
            ids = dict(_all_of(pk))
            erasers.delete_told(AttachedFile.objects.filter(record_id__in=ids[Decision], kind=papers.KIND), w, BAN_OVER)
            erasers.delete_told(Allocation.objects.filter(pk=pk), w, BAN_OVER)
            for model, keys in ids.items():
                model.history.filter(id__in=keys).delete()
    return len(gone)


def _all_of(pk: UUID) -> Iterator[tuple[Any, list[UUID]]]:
    yield Allocation, [pk]
    for model in (Decision, DeviceTest, Sheet):
        yield model, list(model.objects.filter(allocation_id=pk).values_list("pk", flat=True))
    yield Sending, list(Sending.objects.filter(sheet__allocation_id=pk).values_list("pk", flat=True))
