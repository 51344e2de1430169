"""A device in her hands: handed over, tested, replaced, given back, wiped (TGD-03, TGD-05, TGD-11 to TGD-13, TGD-19)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.vif.phones import facts, law
from casework.vif.phones.actions import stock
from casework.vif.phones.actions.assessing import tell_prosecutor
from casework.vif.phones.codes import IN_USE, LOSSES, DeviceState, Result, State, Withdrawal
from casework.vif.phones.models import Allocation, Device, DeviceTest
from casework.vif.phones.states import DEVICES, LIFECYCLE
from casework.vif.victims.actions.parts import not_to_come


def hand_over(
    *, by: Viewer, allocation: Allocation, device_id: UUID, handed_on: date, now: datetime, expected: int | None
) -> None:
    """Hand her a device of the stock: six months run from that day (TGD-03). Two officers never take the same (R-06).

    Raises AccessRefused, InputRefused, GuardRefused, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    not_to_come(handed_on, now, "handed_on")
    if allocation.decided_on is not None and handed_on < allocation.decided_on:
        raise InputRefused("La remise suit la décision : vérifiez la date.", field="handed_on")
    with audit.writing(by, now=now) as w:
        device = stock.take(w, by=by, device_id=device_id, now=now)
        LIFECYCLE.apply(
            allocation, State.HANDED_OVER, w=w, by=by, now=now, expected_revision=expected, device=device,
            handed_on=handed_on, ends_on=law.ends_on(handed_on),
        )  # fmt: skip


def not_taken(*, by: Viewer, allocation: Allocation, now: datetime, expected: int | None) -> None:
    """End before any hand-over: she no longer wants it. Raises AccessRefused, MoveRefused."""
    facts.require_on(by, allocation.support, Action.MOVE, now)
    today = localdate(now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.CLOSED, w=w, by=by, now=now, expected_revision=expected, closed_on=today,
            kept_until=today, ending={"reason": Withdrawal.HER_WISH, "given_to": "", "present": ""},
        )  # fmt: skip


def test(*, by: Viewer, allocation: Allocation, result: str, now: datetime) -> DeviceTest:
    """Record one test of her device (TGD-13). The second miss in a row tells the prosecutor, without a name.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    if result not in Result.values:
        raise InputRefused("Choisissez le résultat de l’essai.", field="result")
    with audit.writing(by, now=now) as w:
        held = revision.lock(Allocation.objects.all(), allocation.pk, None)
        if held.state not in IN_USE:
            raise GuardRefused("Ce téléphone n’est pas en usage.")
        row = DeviceTest(
            subject_id=held.subject_id, territory_id=held.territory_id, allocation=held, tested_at=now, result=result,
            recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[facts.TGD])
        results = held.tests.order_by("-tested_at", "-id").values_list("result", flat=True)
        if law.misses(list(results[: law.MISSES + 1])) == law.MISSES:
            tell_prosecutor(held.territory_id, held.subject_id, now)
    return row


def replace(
    *, by: Viewer, allocation: Allocation, device_id: UUID, loss: str, now: datetime, expected: int | None
) -> None:
    """Give her another device: the old one is lost or broken, the term does not move (TGD-19).

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    if loss not in LOSSES:
        raise InputRefused("Dites ce qu’est devenu l’appareil.", field="loss")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Allocation.objects.all(), allocation.pk, expected)
        if row.state not in IN_USE:
            raise GuardRefused("Ce téléphone n’est pas en usage.")
        new = stock.take(w, by=by, device_id=device_id, now=now)
        old = _its_device(row)
        DEVICES.apply(old, LOSSES[loss], w=w, by=by, now=now)
        revision.save(row, device=new)
        w.note(Act.CHANGE, row, classes=[facts.TGD], why="device_replaced")


def withdraw(
    *, by: Viewer, allocation: Allocation, reason: str, withdrawn_on: date, now: datetime, expected: int | None
) -> None:
    """End the use: one of TGD-11, or life together resumed (TGD-05). The device is still to be given back.

    Raises AccessRefused, InputRefused, GuardRefused, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    not_to_come(withdrawn_on, now, "withdrawn_on")
    if reason not in Withdrawal.values:
        raise InputRefused("Indiquez pourquoi le téléphone est rendu.", field="reason")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.WITHDRAWAL_PENDING, w=w, by=by, now=now, expected_revision=expected,
            withdrawn_on=withdrawn_on, ending={"reason": reason, "given_to": "", "present": ""},
        )  # fmt: skip
        tell_prosecutor(allocation.territory_id, allocation.subject_id, now)


def give_back(
    *, by: Viewer, allocation: Allocation, returned_on: date, given_to: str, present: str, reason: str, is_lost: bool,
    now: datetime, expected: int | None,
) -> None:  # fmt: skip
    """Record that she gave the device back, the association present (TGD-12): a certificate is printed from it.

    `reason`: as the withdrawal said. `is_lost`: there is nothing to give back. Raises AccessRefused, InputRefused, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    not_to_come(returned_on, now, "returned_on")
    if not given_to.strip():
        raise InputRefused("Indiquez à qui : procureur, ou la personne qu’il a désignée.", field="given_to")
    if not present.strip():
        raise InputRefused("Indiquez qui était là pour l’association.", field="present")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            allocation, State.RETURNED, w=w, by=by, now=now, expected_revision=expected, returned_on=returned_on,
            ending={"reason": reason, "given_to": given_to.strip(), "present": present.strip()},
        )  # fmt: skip
        device = _its_device(allocation)
        DEVICES.apply(device, DeviceState.LOST if is_lost else DeviceState.RETURNED, w=w, by=by, now=now)


def close(
    *, by: Viewer, allocation: Allocation, wiped: bool, kept_until: date, now: datetime, expected: int | None
) -> None:
    """Confirm that the device is wiped, back in stock, and end: what is written goes the day the ban ends (TGD-16).

    Raises AccessRefused, InputRefused, GuardRefused, MoveRefused.
    """
    facts.require_on(by, allocation.support, Action.MOVE, now)
    if kept_until < localdate(now):
        raise InputRefused(
            "Ce jour est passé : s’il n’y a plus d’interdiction, mettez aujourd’hui.", field="kept_until"
        )
    with audit.writing(by, now=now) as w:
        device = _its_device(allocation)
        if wiped and device.state == DeviceState.RETURNED:
            # Nothing is left of her on it: it may serve again.
            DEVICES.apply(device, DeviceState.WIPED, w=w, by=by, now=now)
            DEVICES.apply(device, DeviceState.IN_STOCK, w=w, by=by, now=now)
        LIFECYCLE.apply(
            allocation, State.CLOSED, w=w, by=by, now=now, expected_revision=expected, closed_on=localdate(now),
            kept_until=kept_until,
        )  # fmt: skip


def _its_device(allocation: Allocation) -> Device:
    """Return the device that she holds, or held. Raises GuardRefused where she never had one."""
    if allocation.device_id is None:
        raise GuardRefused("Aucun appareil ne lui a été remis.")
    return Device.objects.get(pk=allocation.device_id)
