"""Switch a function on duty on and off; open one of the service's situations with a reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from casework import audit
from casework.access import subjects
from casework.access.duty.models import DutyReason, Standing, StandingKind
from casework.access.exclusions.reads import facts as rights_facts
from casework.access.exclusions.reads import is_shut
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, require
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, InputRefused
from casework.partners import genuine
from casework.partners.macs import row_is_genuine
from casework.partners.models import Mandate, Territory
from casework.partners.reads import local_midnight

LONGEST = {StandingKind.DUTY: timedelta(days=31), StandingKind.EMERGENCY: timedelta(days=366)}


def name(*, by: Viewer, mandate_id: UUID, kind: str, from_day: date, to_day: date, now: datetime) -> Standing:
    """Put a colleague on duty (its service lead), or give the right to open in an emergency (coordinator, DPO).

    Never oneself. Raises AccessRefused, InputRefused.
    """
    what = StandingKind(kind)
    mandate = Mandate.objects.live(now).filter(pk=mandate_id, territory_id=by.territory_id).first()
    if mandate is None or not row_is_genuine(mandate):
        raise AccessRefused(code="mandate")
    _require(by, what, mandate, now)
    if mandate.agent_id == by.agent_id:
        raise InputRefused("Quelqu’un d’autre doit vous désigner.", field="mandate")
    if to_day < from_day:
        raise InputRefused("La fin doit suivre le début.", field="to_day")
    if to_day - from_day > LONGEST[what]:
        raise InputRefused(f"{LONGEST[what].days} jours au plus.", field="to_day")
    zone = Territory.objects.get(pk=by.territory_id).time_zone
    start = max(now, local_midnight(from_day, zone))
    end = local_midnight(to_day + timedelta(days=1), zone)
    if end <= now:
        raise InputRefused("Ces dates sont passées.", field="to_day")
    with audit.writing(by, now=now) as w:
        row = Standing.objects.create(
            territory_id=by.territory_id, mandate=mandate, kind=what, starts_at=start, ends_at=end,
            named_by=by.mandate_id,
        )  # fmt: skip
        w.note(Act.GRANT, row, why=what.value)
    return row


def stop(*, by: Viewer, standing_id: UUID, now: datetime) -> None:
    """Switch it off now: what it opened closes the same second. Raises AccessRefused."""
    with audit.writing(by, now=now) as w:
        rows = Standing.objects.select_for_update(of=("self",)).filter(pk=standing_id, territory_id=by.territory_id)
        row = rows.select_related("mandate").first()
        if row is None or not row_is_genuine(row):
            raise AccessRefused(code="standing")
        _require(by, StandingKind(row.kind), row.mandate, now)
        if row.ends_at > now:
            row.ends_at = max(now, row.starts_at)
            row.save()
            w.note(Act.REVOKE, row, why=row.kind)
            for room in subjects.rooms() if row.kind == StandingKind.DUTY else ():
                room.close_all(w, mandate_id=row.mandate_id, bases=[Basis.DUTY], at=now)


def _require(by: Viewer, kind: StandingKind, mandate: Mandate, now: datetime) -> None:
    if kind is StandingKind.EMERGENCY:
        require(by, Action.MANAGE, rights_facts(by, None, now), now)
        return
    own = mandate.organisation_id == by.organisation_id and mandate.role == by.role
    asked = Facts(
        territory_id=mandate.territory_id, data_class=DataClass.OWN_SERVICE, own_service=own, excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(by, Action.MANAGE, asked, now)


def running(mandate_id: UUID, kind: StandingKind, now: datetime) -> Standing | None:
    """Return what is switched on for a function now; a row written by SQL switches nothing on."""
    rows = Standing.objects.filter(mandate_id=mandate_id, kind=kind, starts_at__lte=now, ends_at__gt=now)
    return next(iter(genuine.kept(rows.order_by("-ends_at"))), None)


def open_one(*, by: Viewer, object_id: UUID, reason: str, now: datetime) -> Target:
    """Open one situation of the service to its agent on duty, until the duty ends; the journal keeps the reason.

    Raises AccessRefused (not on duty, not one of the service's, shut out), InputRefused (no reason).
    """
    standing = running(by.mandate_id, StandingKind.DUTY, now)
    if standing is None:
        raise AccessRefused(code="duty")
    if reason not in DutyReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    found = {target.object_id: (room, target) for room in subjects.rooms() for target in room.of_service(by, now)}
    if object_id not in found:
        raise AccessRefused(code="duty")
    room, target = found[object_id]
    if is_shut(by, target.subject_id, now):
        raise AccessRefused(code="excluded")
    mandate = Mandate.objects.get(pk=by.mandate_id)
    with audit.writing(by, now=now) as w:
        room.open(
            w, target=target, mandate=mandate, basis=Basis.DUTY, ends_at=standing.ends_at, reason=f"duty_{reason}",
            by=by,
        )  # fmt: skip
    return target
