"""The dates of supports to be watched (DL-17, OP-01, OP-02), worked out from the rows. Nothing is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from casework.access import memo
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.casefile import deadlines
from casework.casefile.deadlines import Deadline, Due
from casework.vif.victims import facts, law
from casework.vif.victims.codes import ENDED, OrderKind, OrderState
from casework.vif.victims.models import ProtectionOrder, VictimSupport


def own(viewer: Viewer, now: datetime) -> list[VictimSupport]:
    """Return the open supports that the viewer is in charge of; nothing is opened."""

    def ask() -> list[VictimSupport]:
        if not reachable(viewer, Action.CHANGE, facts.VICTIM):
            return []
        rows = list(facts.visible_to(viewer, now).exclude(state__in=ENDED).order_by("reference"))
        links = facts.relations(viewer, rows, now)
        return [row for row in rows if links[row.pk].may(viewer, Action.CHANGE, facts.VICTIM, now)]

    return memo.once(("victims", viewer.mandate_id, now), ask)


def dates(viewer: Viewer, now: datetime) -> list[Due]:
    """Return what the orders of the viewer's supports ask. Two queries."""
    rows = {row.pk: row for row in own(viewer, now)}
    if not rows:
        return []
    orders = ProtectionOrder.objects.filter(support__in=rows, state__in=(OrderState.ASKED, OrderState.GIVEN))
    return [due for order in orders for due in _of(order, rows[order.support_id])]


def _of(order: ProtectionOrder, support: VictimSupport) -> Iterator[Due]:
    if order.state == OrderState.GIVEN and order.ends_on is not None:
        yield _due(support, "DL-17", "fin de l’ordonnance de protection", order.ends_on, law.WARN_DAYS)
    elif order.state == OrderState.ASKED and order.kind == OrderKind.IMMEDIATE:
        by = localdate(law.immediate_answer_by(order.asked_at))
        yield _due(support, "OP-02", "réponse à l’ordonnance provisoire immédiate", by, 1)
    elif order.state == OrderState.ASKED and order.hearing_on is not None:
        yield _due(support, "OP-01", "audience de l’ordonnance de protection", order.hearing_on, law.HEARING_DAYS)


def _due(support: VictimSupport, rule: str, said: str, due: date, warn_days: int) -> Due:
    return Due(
        rule=rule, reference=support.reference, object_id=support.pk, said=said, due=due,
        warn=due - timedelta(days=warn_days),
    )  # fmt: skip


@deadlines.register
def watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates for « Mon travail » and the calendar: a reference, no name."""
    return deadlines.of_files(dates(viewer, now), page="victims:page", now=now)
