"""The dates of exclusion supports to be watched (DL-20, 10.6), worked out from the rows; nothing is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from casework.access import memo
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import deadlines
from casework.casefile.deadlines import Deadline, Due
from casework.exclusions import facts, law
from casework.exclusions.codes import ENDED, State
from casework.exclusions.models import ExclusionSupport

WARN_DAYS = 2
"""A place without a name, a last day and a return meeting are called to mind two days before."""

DATA_WARN_DAYS = 30
"""DL-20: what remains to be said before the records of the year are deleted."""


def own(viewer: Viewer, now: datetime) -> list[ExclusionSupport]:
    """Return the open supports on which the viewer acts, oldest first."""

    def ask() -> list[ExclusionSupport]:
        rows = list(facts.visible_to(viewer, now).exclude(state__in=ENDED).order_by("held_at", "pk"))
        links = facts.relations(viewer, rows, now)
        return [row for row in rows if links[row.pk].may(viewer, Action.CHANGE, facts.PUPIL, now)]

    return memo.once(("exclusion_support.own", viewer.mandate_id, now), ask)


def dates(viewer: Viewer, now: datetime) -> Iterator[Due]:
    """Yield what is to be done by a day on each support of the viewer."""
    sends = facts.sends(viewer.role)
    for row in own(viewer, now):
        if row.state == State.PLACE_HELD and row.held_until and sends:
            yield _due(row, "10.6", "annoncer l’élève, sinon la place est rendue", row.held_until)
        # Past, it is the return that waits, not the last day.
        if row.state in (State.AGREED, State.HOSTED) and row.ends_on and row.ends_on >= localdate(now):
            yield _due(row, "DL-20", "dernier jour de l’accueil", row.ends_on)
        if row.return_at and row.return_held_on is None:
            yield _due(row, "EXC-18", "rencontre de retour", localdate(row.return_at))
        if row.state in (State.HOSTED, State.RETURN_MEETING):
            end = law.data_until(row.kind, decided_on=row.decided_on, year=row.school_year)
            yield _due(row, "DL-20", "à clore avant la fin des données de l’année scolaire", end, DATA_WARN_DAYS)


def _due(row: ExclusionSupport, rule: str, said: str, due: date, warn: int = WARN_DAYS) -> Due:
    return Due(
        rule=rule, reference=row.reference, object_id=row.pk, said=said, due=due, warn=due - timedelta(days=warn)
    )


@deadlines.register
def watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates for « Mon travail » and the calendar: a reference, no name."""
    return deadlines.of_files(dates(viewer, now), page="exclusion_support:page", now=now)
