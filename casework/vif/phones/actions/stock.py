"""The devices of the court: received, lost, repaired, wiped, put back, retired (row 24, TGD-19)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Actor
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.sealing import keys
from casework.vif.phones import facts
from casework.vif.phones.codes import DeviceState
from casework.vif.phones.models import Device
from casework.vif.phones.states import DEVICES

PREFIX = "TEL"

# What whoever works on the stock may say of a device that nobody holds; hand-over comes with its holder.
SAID = frozenset(DeviceState) - {DeviceState.ALLOCATED, DeviceState.TO_RECOVER}


def receive(*, by: Actor, serial: str, received_on: date, now: datetime) -> Device:
    """Add a device to the stock under the next mark, its serial sealed. Raises AccessRefused, InputRefused.

    By the prosecutor's agents; by a command of the server, alone, where the court has no account.
    """
    territory_id = by.territory_id
    if territory_id is None or by != audit.system_actor(territory_id):
        facts.require_stock(by if isinstance(by, Viewer) else None, Action.CREATE, now)
    elif facts.court_has_account(territory_id, now):
        raise GuardRefused("Le parquet a un compte : il ajoute ses appareils lui-même.")
    if territory_id is None:
        raise AccessRefused(code="territory")
    if not serial.strip():
        raise InputRefused("Indiquez le numéro de série.", field="serial")
    if received_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="received_on")
    device_id = uuid4()
    keys.ensure(device_id, drawers=("location",))
    with audit.writing(by, now=now) as w:
        row = Device(
            id=device_id, subject_id=device_id, territory_id=territory_id, mark=_next_mark(territory_id),
            received_on=received_on, serial=serial.strip(),
        )  # fmt: skip
        DEVICES.apply(row, DeviceState.IN_STOCK, w=w, by=by, now=now)
    return row


def say(*, by: Viewer, device: Device, to: str, now: datetime, expected: int | None) -> None:
    """Record what became of a device that nobody holds; an officer does, while the court has no account.

    Raises AccessRefused, InputRefused, MoveRefused, GuardRefused.
    """
    facts.require_stock(by, Action.CHANGE, now)
    if to not in SAID:
        raise InputRefused("Choisissez un état de la liste.", field="to")
    if facts.held(device) is not None:
        raise GuardRefused("Quelqu’un a cet appareil : son état se dit sur sa fiche.")
    with audit.writing(by, now=now) as w:
        DEVICES.apply(device, DeviceState(to), w=w, by=by, now=now, expected_revision=expected)


def _next_mark(territory_id: UUID) -> str:
    """Return the mark after the last one: numbers are not used twice. The unique mark settles a tie."""
    marks = Device.objects.filter(territory_id=territory_id).values_list("mark", flat=True)
    last = max((int(mark.rpartition("-")[2]) for mark in marks), default=0)
    return f"{PREFIX}-{last + 1:02d}"


def take(w: audit.Writing, *, by: Viewer, device_id: UUID, now: datetime) -> Device:
    """Take one device of the stock for a hand-over, in the caller's write; two never take the same (R-06).

    Raises GuardRefused when it is no longer there.
    """
    rows = Device.objects.select_for_update(of=("self",)).filter(territory_id=by.territory_id, pk=device_id)
    device = rows.first()
    if device is None or device.state != DeviceState.IN_STOCK:
        raise GuardRefused("Cet appareil n’est plus en réserve : choisissez-en un autre.")
    DEVICES.apply(device, DeviceState.ALLOCATED, w=w, by=by, now=now)
    return device
