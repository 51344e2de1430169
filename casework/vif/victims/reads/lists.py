"""The list of supports: one's own, or those that the prosecutor's agent reads. No place, no number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.sealing import sweep
from casework.vif.victims import facts
from casework.vif.victims.codes import ENDED, OrderState, State
from casework.vif.victims.models import Appointment, ProsecutorNotice, ProtectionOrder, VictimSupport
from casework.vif.victims.reads import contact
from casework.vif.victims.reads.opened import full_name


@dataclass(frozen=True, kw_only=True)
class Line:
    """One support of a list. `order_ends_on`: the order in force that ends first."""

    id: UUID
    reference: str
    name: str
    state: State
    is_over: bool
    rules: str
    next_on: date | None
    order_ends_on: date | None
    has_order: bool
    waits_for_prosecutor: bool


def visible(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the supports that the viewer may open, the next meeting first. Constant queries."""
    rows = list(facts.visible_to(viewer, now).order_by("reference"))
    links = facts.relations(viewer, rows, now)
    rows = [row for row in rows if links[row.pk].may(viewer, Action.LIST, facts.VICTIM, now)]
    names = _names(viewer, rows)
    ids, today = [row.pk for row in rows], localdate(now)
    meetings = _first(
        Appointment.objects.filter(support__in=ids, outcome="", day__gte=today)
        .order_by("-day").values_list("support_id", "day")
    )  # fmt: skip
    orders = ProtectionOrder.objects.filter(support__in=ids, state=OrderState.GIVEN)
    ends = _first(orders.order_by("-ends_on").values_list("support_id", "ends_on"))
    waits = set(ProsecutorNotice.objects.filter(support__in=ids, answer="").values_list("support_id", flat=True))
    lines = [
        Line(
            id=row.pk, reference=row.reference, name=names[row.pk][0], rules=names[row.pk][1], state=State(row.state),
            is_over=row.state in ENDED, next_on=meetings.get(row.pk), order_ends_on=ends.get(row.pk),
            has_order=row.pk in ends, waits_for_prosecutor=row.pk in waits,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.is_over, line.next_on or date.max, line.name, line.reference))


def _first(pairs: Iterable[tuple[UUID, date | None]]) -> dict[UUID, date | None]:
    """Return the last value of each key: pairs come latest first."""
    return dict(pairs)


def _names(viewer: Viewer, rows: list[VictimSupport]) -> dict[UUID, tuple[str, str]]:
    if not rows:
        return {}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[facts.VICTIM], purpose=Purpose.LISTING,
        act=Act.LIST, module="vif", object_type=VictimSupport._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(rows, "identity", "rules")
        return {row.pk: (full_name(row.identity), contact.short(row.rules or {})) for row in rows}
