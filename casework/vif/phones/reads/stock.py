"""The stock of a ressort: devices by mark and state, the share in use (row 24)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action, decide, require
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.vif.phones import facts
from casework.vif.phones.actions.stock import SAID
from casework.vif.phones.codes import DeviceState, State
from casework.vif.phones.models import Allocation, Device
from casework.vif.phones.states import DEVICES


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """One device. Whoever holds it is not said here."""

    id: UUID
    mark: str
    state: DeviceState
    received_on: date


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Every device of the ressort, and how many stand where. `allotted`: without those retired."""

    lines: tuple[DeviceLine, ...]
    allotted: int
    in_use: int
    in_stock: int
    to_recover: tuple[str, ...]
    """Marks of the devices still out whose holder's file is gone."""
    may_change: bool
    may_add: bool

    @property
    def share(self) -> int:
        """Return the share in use, in percent."""
        return round(100 * self.in_use / self.allotted) if self.allotted else 0


@dataclass(frozen=True, kw_only=True)
class DevicePage:
    """One device; its serial only where it was asked for."""

    id: UUID
    revision: int
    mark: str
    state: DeviceState
    received_on: date
    returned_on: date | None
    """When it came back, while its certificate is not the one of a known holder: it is printed from here."""
    moves: tuple[tuple[str, str], ...]
    may_reveal: bool
    court_is_absent: bool
    serial: str


def stock(viewer: Viewer, now: datetime) -> Stock:
    """Return the stock. Raises AccessRefused to who may not list it. One query."""
    facts.require_stock(viewer, Action.LIST, now)
    rows = list(Device.objects.filter(territory_id=viewer.territory_id))
    counts = Counter(row.state for row in rows)
    return Stock(
        lines=tuple(
            DeviceLine(id=row.pk, mark=row.mark, state=DeviceState(row.state), received_on=row.received_on)
            for row in rows
        ),
        allotted=len(rows) - counts[DeviceState.RETIRED], in_use=counts[DeviceState.ALLOCATED],
        in_stock=counts[DeviceState.IN_STOCK],
        to_recover=tuple(row.mark for row in rows if row.state == DeviceState.TO_RECOVER),
        may_change=facts.of_stock(viewer, Action.CHANGE, now), may_add=facts.of_stock(viewer, Action.CREATE, now),
    )  # fmt: skip


def device(viewer: Viewer, pk: UUID, now: datetime, *, serial: str = "") -> DevicePage:
    """Return one device and what may be said of it. Raises AccessRefused."""
    row = facts.find_device(viewer, pk, now)
    offered = DEVICES.offered(row.state, viewer.role) if facts.held(row) is None else []
    may = facts.of_stock(viewer, Action.CHANGE, now)
    return DevicePage(
        id=row.pk, revision=row.revision, mark=row.mark, state=DeviceState(row.state), received_on=row.received_on,
        returned_on=_returned_on(row), moves=tuple(
            (str(to), move.label) for to, move in offered if may and to in SAID
        ),
        may_reveal=decide(viewer, Action.REVEAL, facts.serial_facts(viewer, row, now), now).allow,
        court_is_absent=may and not facts.is_court(viewer), serial=serial,
    )  # fmt: skip


def _returned_on(row: Device) -> date | None:
    """Return when a device that is in nobody's name came back; None otherwise (TGD-12, TGD-16)."""
    known = Allocation.objects.filter(device=row, state=State.RETURNED)
    if row.state not in (DeviceState.RETURNED, DeviceState.WIPED) or known.exists():
        return None
    back = row.history.filter(state=DeviceState.RETURNED).order_by("-history_date", "-history_id").first()
    return localdate(back.history_date) if back is not None else None


def serial(viewer: Viewer, pk: UUID, now: datetime) -> str:
    """Open one serial, under an event of its own each time (row 22b, T-22). The caller asked for a fresh second factor.

    Raises AccessRefused: the prosecutor's agents, and the officer in charge of whoever holds the device.
    """
    row = facts.find_device(viewer, pk, now)
    require(viewer, Action.REVEAL, facts.serial_facts(viewer, row, now), now)
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[facts.LOCATION], purpose=Purpose.REVIEW, act=Act.REVEAL,
        module="vif", object_type=row._meta.label_lower, object_ids=[row.pk], territory_id=row.territory_id,
    ):  # fmt: skip
        return str(row.serial or "")
