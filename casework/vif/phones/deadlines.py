"""The dates of phones to be watched (DL-15, DL-16, DL-24), worked out from the rows. Nothing is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from casework.access import memo
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.casefile import deadlines
from casework.casefile.deadlines import Deadline, Due
from casework.vif.phones import facts, law
from casework.vif.phones.codes import IN_USE, OPEN, TO_ASSESS, State
from casework.vif.phones.models import Allocation
from casework.vif.phones.reads import lists


def own(viewer: Viewer, now: datetime) -> list[Allocation]:
    """Return the running allocations that the viewer works on, closed as they are: an officer's own, all of the court's."""

    def ask() -> list[Allocation]:
        if not reachable(viewer, Action.CHANGE, facts.TGD):
            return []
        states = [*OPEN, State.RETURNED]
        rows = facts.visible_to(viewer, now).filter(state__in=states).select_related("support").order_by("signalled_on")
        found = list(rows)
        links = facts.relations(viewer, found, now)
        return [row for row in found if links[row.support_id].may(viewer, Action.CHANGE, facts.TGD, now)]

    return memo.once(("phones", viewer.mandate_id, now), ask)


def dates(viewer: Viewer, now: datetime) -> list[Due]:
    """Return what is owed on each of them. One more query, for the last tests."""
    rows = own(viewer, now)
    used = [row.pk for row in rows if row.state in IN_USE]
    tests = lists.last_tests(used) if used else {}
    is_court = facts.is_court(viewer)
    return [due for row in rows for due in _of(row, [localdate(t.tested_at) for t in tests.get(row.pk, ())], is_court)]


def _of(row: Allocation, tested: list[date], is_court: bool) -> Iterator[Due]:
    if row.state in TO_ASSESS:
        half = law.half_way(row.signalled_on, row.evaluate_by)
        yield _due(row, "DL-24", "évaluation du danger à rendre", row.evaluate_by, half)
    if row.state not in IN_USE or row.handed_on is None or row.ends_on is None:
        return
    # Two lines at the most: the court does not test devices.
    yield _due(row, "DL-15", "terme du téléphone", row.ends_on, row.ends_on - timedelta(days=max(law.TERM_STEPS)))
    if not is_court:
        due = law.next_test(tested[0] if tested else row.handed_on)
        yield _due(row, "DL-16", "téléphone à essayer", due, due - timedelta(days=law.TEST_WARN_DAYS))


def _due(row: Allocation, rule: str, said: str, due: date, warn: date) -> Due:
    return Due(rule=rule, reference=row.support.reference, object_id=row.pk, said=said, due=due, warn=warn)


@deadlines.register
def watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates for « Mon travail » and the calendar: a reference, no name."""
    return deadlines.of_files(dates(viewer, now), page="phones:page", now=now)
