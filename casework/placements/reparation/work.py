"""What waits for somebody in réparations: lines of « Mon travail », by reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.placements.reparation import deadlines, facts
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import Session
from casework.placements.reparation.reads import asked as asked_reads

# What comes next in each state, said in the words of the one who does it.
NEXT: dict[str, str] = {
    State.PROPOSED: "accords du jeune et des parents à recueillir",
    State.ORDERED: "entendre le jeune et les parents, trouver l’activité",
    State.AGREED: "trouver l’activité et le lieu",
    State.ASSIGNED: "commencer",
}
WAITING: dict[str, str] = {
    State.VICTIM_PENDING: "accord de la victime attendu",
    State.DIFFICULTY: "réponse du magistrat attendue",
    State.REPORTED: "décision du magistrat attendue",
}


inbox.probe("reparations", facts.visible_to)
inbox.probe("reparation_requests", facts.requests_to)


@work.register
def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of the educator, and those of the host whose presence sheet waits."""
    found = inbox.waiting(viewer, now)
    if "reparation_requests" in found:
        return [*_requests(viewer, now), *(_of_host(viewer, now) if "reparations" in found else ())]
    if "reparations" not in found:
        return []
    if ceiling(viewer.role, Action.CHANGE, DataClass.REPARATION_CONTENT):
        return list(_of_educator(viewer, now))
    if ceiling(viewer.role, Action.CHANGE, DataClass.REPARATION_ACTIVITY):
        return list(_of_host(viewer, now))
    return []


def _of_educator(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    for due in deadlines.dates(viewer, now):
        if today >= due.warn:
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Ouvrir")
    unsaid = deadlines.unsaid(viewer, now)
    asked = deadlines.asked(viewer, now)
    for row in deadlines.own(viewer, now):
        if row.pk in unsaid:
            yield _line(row.pk, row.reference, "présence à inscrire", "mine", unsaid[row.pk], "REP-16", "Inscrire")
        elif row.pk in asked:
            yield _line(
                row.pk, row.reference, "réponse de la structure attendue", "waiting", asked[row.pk], "REP-11", ""
            )
        elif row.state in NEXT:
            yield _line(row.pk, row.reference, NEXT[row.state], "mine", None, "10.3", "Ouvrir")
        elif row.state in WAITING:
            yield _line(row.pk, row.reference, WAITING[row.state], "waiting", None, "10.3", "")


def _requests(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    """Say each request that waits for the host's answer: no name, no reference of the file."""
    for one in asked_reads.waiting(viewer, now):
        url = reverse("reparation:host_answer", args=[one.id])
        yield WorkItem(
            group_when=one.asked.answer_by, kind="mine", reference="", label=f"Réparation : accueillir un jeune, {one.asked.post} ?",
            url=url, act_label="Répondre", act_url=url, rule="REP-11",
        )  # fmt: skip


def _of_host(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    """Say once how many presences are to be written, since when."""

    def ask() -> list[tuple[date, UUID]]:
        held = facts.visible_to(viewer, now).filter(post__isnull=False)
        rows = Session.objects.filter(reparation__in=held.values("pk"), presence="", day__lte=localdate(now))
        return list(rows.filter(post__isnull=False).order_by("day").values_list("day", "reparation_id"))

    found = memo.once(("reparations_host", viewer.mandate_id, now), ask)
    if found:
        url = reverse("reparation:index")
        yield WorkItem(
            group_when=found[0][0], kind="mine", reference="", url=url, act_label="Inscrire", act_url=url,
            label=f"Réparation : {fr.plural(len(found), 'présence')} à inscrire", rule="REP-16",
        )  # fmt: skip


def _line(pk: UUID, reference: str, said: str, kind: str, when: date | None, rule: str, act: str) -> WorkItem:
    url = reverse("reparation:page", args=[pk])
    return WorkItem(
        group_when=when, kind=kind, reference=reference, label=f"Réparation : {said}", url=url, act_label=act,
        act_url=url if act else "", rule=rule,
    )  # fmt: skip
