"""The dates of measures to be watched (DL-18, DL-19, answers to incidents), worked out from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.casefile import deadlines
from casework.casefile.deadlines import Deadline, Due
from casework.vif.offenders import facts, law
from casework.vif.offenders.codes import ENDED, HEARD, CourseState, ReportKind, ReportState, State
from casework.vif.offenders.models import Course, Measure, Report
from casework.vif.offenders.reads.page import due_on


def own(viewer: Viewer, now: datetime) -> list[Measure]:
    """Return the open measures that the viewer is in charge of; nothing is opened. One query for the grants."""

    def ask() -> list[Measure]:
        if not facts.writes(viewer.role):
            return []
        rows = list(facts.visible_to(viewer, now).exclude(state__in=ENDED))
        links = facts.relations(viewer, rows, now)
        return [
            row
            for row in rows
            if Basis.CIRCLE in links[row.pk].grants
            and links[row.pk].may(viewer, Action.CHANGE, DataClass.VIF_PERSON, now)
        ]

    return memo.once(("measures", viewer.mandate_id, now), ask)


def dates(viewer: Viewer, now: datetime) -> list[Due]:
    """Return what is owed on each measure of the viewer. Constant queries."""
    rows = own(viewer, now)
    if not rows:
        return []
    ids = [row.pk for row in rows]
    answers = dict(
        Report.objects.filter(
            measure_id__in=ids, kind=ReportKind.INCIDENT, state=ReportState.TRANSMITTED, answer="", answer_by__isnull=False
        )
        .order_by("-answer_by").values_list("measure_id", "answer_by")
    )  # fmt: skip
    done = set(Course.objects.filter(measure_id__in=ids, state=CourseState.DONE).values_list("measure_id", flat=True))
    return [due for row in rows for due in _of(row, answers.get(row.pk), row.pk in done)]


def _of(row: Measure, answer_by: date | None, course_done: bool) -> Iterator[Due]:
    def due(rule: str, said: str, on: date, days: int) -> Due:
        return Due(
            rule=rule, reference=row.reference, object_id=row.pk, said=said, due=on, warn=on - timedelta(days=days)
        )

    report = due_on(row)
    if report is not None and row.state != State.MANDATED:
        before = "l’audience" if row.frame in HEARD and row.hearing_on else "le terme"
        yield due("DL-18", f"rapport final à remettre avant {before}", report, law.REPORT_WARN)
    course = law.course_due_on(frame=row.frame, ordered_on=row.ordered_on)
    if course is not None and not course_done and row.state != State.FINAL_REPORT_FILED:
        yield due("DL-19", "stage à terminer", course, law.COURSE_WARN)
    if answer_by is not None:
        yield due("CJ-35", "réponse du magistrat attendue", answer_by, 0)


@deadlines.register
def watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates for « Mon travail » and the calendar: a reference, no name."""
    return deadlines.of_files(dates(viewer, now), page="measures:page", now=now)
