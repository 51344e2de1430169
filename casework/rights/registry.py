"""What the register of violations gives to the menu, to « Mon travail » and to the dates to watch (DL-04)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import deadlines, navigation, work
from casework.casefile import format as fr
from casework.casefile.deadlines import Deadline
from casework.casefile.work import WorkItem
from casework.rights import facts, reads
from casework.rights.models import SecurityIncident

navigation.register(
    navigation.Entry(
        label="Violations de données", url_name="rights:incidents", icon="shield", order=889,
        section=navigation.RIGHTS, action=Action.MANAGE, data_class=DataClass.RIGHTS,
    )
)  # fmt: skip


@work.register
def work_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the violations whose clock runs, for whoever keeps the register."""
    return [
        WorkItem(
            group_when=localdate(line.notice_due_at), kind="mine", reference=line.reference,
            label=f"Violation de données : {said(line)}", url=reverse("rights:incident", args=[line.id]),
            act_label="Examiner", act_url=reverse("rights:incident", args=[line.id]), rule="DL-04",
        )
        for line in _running(viewer, now)
    ]  # fmt: skip


@deadlines.register
def dates(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the last day to tell the CNIL of each violation (DL-04: warned at once)."""
    return [
        Deadline(
            rule="DL-04", label="Notification à la CNIL", due=localdate(line.notice_due_at),
            warn=localdate(line.discovered_at), object_id=line.id, url=reverse("rights:incident", args=[line.id]),
            state="late" if line.is_late else "soon",
        )
        for line in _running(viewer, now)
    ]  # fmt: skip


def said(line: reads.Line) -> str:
    """Say how long is left, in words."""
    if line.is_late:
        return "les 72 heures sont passées"
    return f"la CNIL avant {fr.plural(line.hours_left, 'heure')}" if line.hours_left else "la CNIL dans l’heure"


def _probe(viewer: Viewer, now: datetime) -> QuerySet[SecurityIncident]:
    rows = SecurityIncident.objects.filter(territory_id=viewer.territory_id, state__in=reads.WAITING)
    return rows if facts.keeps(viewer, now) else rows.none()


inbox.probe("incidents", _probe)


def _running(viewer: Viewer, now: datetime) -> list[reads.Line]:
    if "incidents" not in inbox.waiting(viewer, now):
        return []
    return memo.once(
        ("incidents", viewer.mandate_id, now), lambda: [line for line in reads.lines(viewer, now) if line.clock_runs]
    )
