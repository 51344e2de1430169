"""The facts about phones handed to access.decide() (rows 23 and 24), and the same rules as querysets.

Whoever is in charge of her support is in charge of her phone: the grant is the support's. The stock is a list of devices
that names nobody. A serial opens one device at a time (`Action.REVEAL`), as her address does (row 22b).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from casework.access import memo, people
from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, Need, ceiling, decide, need_of, require
from casework.access.viewer import Viewer
from casework.audit import Actor
from casework.errors import AccessRefused
from casework.partners.codes import Role
from casework.vif.phones.codes import HOLDING, OPEN, State
from casework.vif.phones.models import Allocation, Device
from casework.vif.victims import facts as victims
from casework.vif.victims.facts import Relation
from casework.vif.victims.models import VictimSupport

TGD, STOCK, TOTALS, PAPER = DataClass.TGD, DataClass.TGD_STOCK, DataClass.TGD_TOTALS, DataClass.TGD_PAPER
VICTIM, LOCATION = victims.VICTIM, victims.LOCATION


def visible_to(viewer: Viewer, now: datetime) -> QuerySet[Allocation]:
    """Return the allocations that the viewer may open (row 23)."""
    return Allocation.objects.filter(support__in=victims.visible_to(viewer, now, TGD).values("pk"))


def relations(viewer: Viewer, rows: Iterable[Allocation], now: datetime) -> Mapping[UUID, Relation]:
    """Return, by support, the relation of the viewer to each allocation; their `support` is loaded."""
    return victims.relations(viewer, {row.support_id: row.support for row in rows}.values(), now)


def find(viewer: Viewer, pk: UUID, now: datetime) -> Allocation:
    """Return one allocation that the viewer may open. Raises AccessRefused, absent or refused alike."""
    row = visible_to(viewer, now).select_related("support", "device", "organisation", "territory").filter(pk=pk).first()
    if row is None:
        raise AccessRefused(code="allocation")
    require_on(viewer, row.support, Action.VIEW, now)  # a forged grant opens nothing (T-36)
    return row


def require_on(viewer: Viewer, support: VictimSupport, action: Action, now: datetime) -> Relation:
    """Ask decide() for one act on the phone of one victim. Raises AccessRefused."""
    return victims.require_on(viewer, support, action, TGD, now)


def court_has_account(territory_id: UUID, now: datetime) -> bool:
    """Say whether one agent of the court has a running function: then nobody writes in its place (TGD-02)."""
    return memo.once(
        ("court", territory_id, now), lambda: bool(people.holding(territory_id, [Role.PROSECUTOR], now))
    )  # fmt: skip


def of_stock(viewer: Viewer, action: Action, now: datetime) -> bool:
    """Say whether decide() lets this viewer do that with the stock of its territory (row 24)."""
    return decide(viewer, action, _of_stock(viewer, action, now), now).allow


def require_stock(viewer: Viewer | None, action: Action, now: datetime) -> None:
    """Ask decide() for one act on the stock. Raises AccessRefused."""
    require(viewer, action, _of_stock(viewer, action, now), now)


def of_totals(viewer: Viewer, action: Action, now: datetime) -> bool:
    """Say whether decide() lets this viewer do that with the totals passed on to its territory (row 24a)."""
    return decide(viewer, action, _of_nobody(viewer.territory_id, TOTALS), now).allow


def require_totals(viewer: Viewer, action: Action, now: datetime) -> None:
    """Ask decide() for one act on the totals. Raises AccessRefused."""
    require(viewer, action, _of_nobody(viewer.territory_id, TOTALS), now)


def of_paper(viewer: Viewer, action: Action, now: datetime) -> bool:
    """Say whether decide() lets this viewer do that with the court's own papers (row 24b)."""
    return decide(viewer, action, _of_nobody(viewer.territory_id, PAPER), now).allow


def require_paper(viewer: Viewer, action: Action, now: datetime) -> None:
    """Ask decide() for one act on the court's own papers. Raises AccessRefused."""
    require(viewer, action, _of_nobody(viewer.territory_id, PAPER), now)


def find_device(viewer: Viewer, pk: UUID, now: datetime) -> Device:
    """Return one device of the territory, its serial closed. Raises AccessRefused, absent or refused alike."""
    require_stock(viewer, Action.VIEW, now)
    row = Device.objects.filter(pk=pk, territory_id=viewer.territory_id).first()
    if row is None:
        raise AccessRefused(code="device")
    return row


def held(device: Device) -> Allocation | None:
    """Return the allocation under which this device is out."""
    rows = Allocation.objects.filter(device=device, state__in=sorted(HOLDING))
    return rows.select_related("support").first()


def is_court(actor: Actor) -> bool:
    """Say whether this actor is one of the prosecutor's agents: they alone work on every phone of the territory (row 23)."""
    return ceiling(actor.role, Action.MANAGE, TGD)


def runs(support: VictimSupport) -> bool:
    """Say whether a phone runs for this victim: until its device is wiped, her support does not end."""
    return Allocation.objects.filter(support=support, state__in=[*sorted(OPEN), State.RETURNED]).exists()


def serial_facts(viewer: Viewer, device: Device, now: datetime) -> Facts:
    """Return the facts of one serial: the holder's own where it is out, nobody's where it is in stock."""
    allocation = held(device)
    if allocation is None:
        return Facts(
            territory_id=device.territory_id, data_class=LOCATION, excluded=False, rules_in_force=True, state_open=True
        )
    return victims.relation(viewer, allocation.support, now).facts(LOCATION)


def _of_stock(viewer: Viewer | None, action: Action, now: datetime) -> Facts:
    """Return the facts of the stock; whether the court has an account is asked where the answer hangs on it."""
    found = _of_nobody(viewer.territory_id if viewer else None, STOCK)
    if viewer is None or viewer.territory_id is None or need_of(viewer.role, action, STOCK) is not Need.NO_COURT:
        return found
    return replace(found, court_absent=not court_has_account(viewer.territory_id, now))


def _of_nobody(territory_id: UUID | None, data_class: DataClass) -> Facts:
    return Facts(
        territory_id=territory_id, data_class=data_class, excluded=False, rules_in_force=True, state_open=True
    )  # fmt: skip
