"""What waits for somebody on the victim's side: lines of « Mon travail », by reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.vif.victims import deadlines, facts
from casework.vif.victims.models import Appointment, ProsecutorNotice, VictimSupport

inbox.probe("victims", facts.visible_to)


@work.register
def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of the officer in charge, and the notes that the prosecutor's agent has to read."""
    if "victims" not in inbox.waiting(viewer, now):
        return []
    if reachable(viewer, Action.CHANGE, facts.VICTIM):
        return list(_of_officer(viewer, now))
    if reachable(viewer, Action.LIST, facts.VICTIM):
        return list(_of_reader(viewer, now))
    return []


def _of_officer(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    for due in deadlines.dates(viewer, now):
        if today >= due.warn:
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Ouvrir")
    rows = {row.pk: row for row in deadlines.own(viewer, now)}
    if not rows:
        return
    meetings = Appointment.objects.filter(support__in=rows, outcome="", day__lte=today).order_by("day")
    for pk, day in meetings.values_list("support_id", "day"):
        said = "rendez-vous aujourd’hui" if day == today else "suite du rendez-vous à inscrire"
        yield _line(pk, rows[pk].reference, said, "mine", day, "VIC-01", "Inscrire")
    for notice in ProsecutorNotice.objects.filter(support__in=rows, answer=""):
        row = rows[notice.support_id]
        if notice.noted_on is None:
            yield _line(row.pk, row.reference, "note au parquet à transmettre", "mine", today, "OP-07", "Transmettre")
        else:
            kind = "mine" if notice.answer_by < today else "waiting"
            said = "réponse du parquet attendue"
            yield _line(row.pk, row.reference, said, kind, notice.answer_by, "OP-07", "Ouvrir")


def _of_reader(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    seen = facts.visible_to(viewer, now)
    notices = ProsecutorNotice.objects.filter(support__in=seen.values("pk"), answer="", noted_on__isnull=False)
    for notice in notices.select_related("support").order_by("answer_by", "pk"):
        support: VictimSupport = notice.support
        yield _line(support.pk, support.reference, "note à lire", "mine", notice.answer_by, "OP-07", "Lire")


def _line(pk: object, reference: str, said: str, kind: str, when: Any, rule: str, act: str) -> WorkItem:
    url = reverse("victims:page", args=[pk])
    return WorkItem(
        group_when=when, kind=kind, reference=reference, label=f"Accompagnement : {said}", url=url,
        act_label=act if kind == "mine" else "", act_url=url if kind == "mine" else "", rule=rule,
    )  # fmt: skip
