"""Passing totals on from a ressort to its communes, once a year; copying down those of a ressort kept elsewhere (ADR 72)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Actor
from casework.casefile.small_counts import K_JUDICIAL
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import TerritoryKind
from casework.partners.models import Territory
from casework.vif.phones import facts, law
from casework.vif.phones.codes import DeviceState
from casework.vif.phones.models import Device, Served, Totals

MOST = 999


def pass_on(*, by: Actor, now: datetime) -> Totals:
    """Count the devices of the ressort, keep the count, give a copy to each commune served. Return the ressort's own.

    Once in twelve months: two counts near each other would tell of one person (SDC-07). By the prosecutor's agents; by
    a command of the server, alone, where the court has no account. Raises AccessRefused, GuardRefused.
    """
    territory_id = by.territory_id
    if territory_id is None or by != audit.system_actor(territory_id):
        facts.require_stock(by if isinstance(by, Viewer) else None, Action.CREATE, now)
    elif facts.court_has_account(territory_id, now):
        raise GuardRefused("Le parquet a un compte : il transmet ses nombres lui-même.")
    if territory_id is None:
        raise AccessRefused(code="territory")
    today = localdate(now)
    with audit.writing(by, now=now) as w:
        ressort = Territory.objects.select_for_update().get(pk=territory_id)
        last = Totals.objects.filter(territory=ressort).first()
        if last is not None and law.next_count(last.counted_on) > today:
            again = law.next_count(last.counted_on)
            raise GuardRefused(
                f"Ces nombres se transmettent une fois par an : de nouveau à partir du {again:%d/%m/%Y}."
            )
        devices = Device.objects.filter(territory=ressort).exclude(state=DeviceState.RETIRED)
        states = Counter(devices.values_list("state", flat=True))
        in_use = states[DeviceState.ALLOCATED]

        def copy(territory: Territory) -> Totals:
            return Totals.objects.create(
                territory=territory, ressort=ressort.name, counted_on=today, allotted=sum(states.values()),
                in_use=in_use if in_use >= K_JUDICIAL else None, recorded_at=now,
            )  # fmt: skip

        own = copy(ressort)
        w.note(Act.CREATE, own, classes=[facts.STOCK])
        for served in Served.objects.filter(ressort=ressort).select_related("commune").order_by("commune_id"):
            w.note(Act.CREATE, copy(served.commune), classes=[facts.TOTALS], territory_id=served.commune_id)
    return own


def copy_down(
    *, by: Viewer, ressort: str, counted_on: date, allotted: int, in_use: int | None, now: datetime
) -> Totals:
    """Write the totals that a ressort kept on another server sent on paper. A mistake is mended by writing them again.

    Raises AccessRefused, InputRefused.
    """
    facts.require_totals(by, Action.CREATE, now)
    if not ressort.strip():
        raise InputRefused("Indiquez le nom du ressort.", field="ressort")
    if counted_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="counted_on")
    if not 0 <= allotted <= MOST:
        raise InputRefused("Vérifiez ce nombre.", field="allotted")
    if in_use is not None and in_use < K_JUDICIAL:
        raise InputRefused(f"Moins de {K_JUDICIAL} : laissez vide, ce nombre ne se garde pas.", field="in_use")
    if in_use is not None and in_use > allotted:
        raise InputRefused("Plus d’appareils en usage que d’appareils attribués : vérifiez.", field="in_use")
    with audit.writing(by, now=now) as w:
        row = Totals.objects.create(
            territory_id=by.territory_id, ressort=ressort.strip(), counted_on=counted_on, allotted=allotted,
            in_use=in_use, recorded_at=now, recorded_by=by.mandate_id,
        )  # fmt: skip
        w.note(Act.CREATE, row, classes=[facts.TOTALS])
    return row


def serve(*, by: Actor, ressort: Territory, commune: Territory, now: datetime) -> None:
    """Write that a ressort covers a commune of this server. By a command: both controllers agreed (CLV-07).

    Raises AccessRefused for a person, InputRefused for territories that are not a ressort and a commune.
    """
    if by != audit.system_actor(ressort.pk):
        raise AccessRefused(code="role")
    if ressort.kind != TerritoryKind.COURT_DISTRICT or commune.kind == TerritoryKind.COURT_DISTRICT:
        raise InputRefused("Indiquez un ressort judiciaire, puis une commune ou une intercommunalité.")
    with audit.writing(by, now=now) as w:
        row, made = Served.objects.get_or_create(ressort=ressort, commune=commune)
        if made:
            w.note(Act.CREATE, row, territory_id=ressort.pk)
