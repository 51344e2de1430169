"""What known returns put on « Mon travail »: the sheet that the head owes, the questions of each officer. No person."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.placements.returns import cohorts, facts
from casework.placements.returns.actions import watches
from casework.placements.returns.codes import Kind
from casework.placements.returns.reads import sheets

MOST = 60


@work.register
def owed(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the sheet of the year, until it is signed, where a measure ended in one of its cohorts."""
    if "returns_sheet" not in inbox.waiting(viewer, now):
        return []
    year = localdate(now).year
    standing = sheets.latest(viewer, year)
    url = reverse("returns:sheet", args=[standing.pk]) if standing else reverse("returns:index")
    return [
        WorkItem(
            group_when=sheets.due_on(year), kind="mine", reference="", label=f"Retours connus : feuille de {year} à signer",
            url=url, act_label="Remplir", act_url=url, rule="SDC-05a",
        )
    ]  # fmt: skip


@work.register
def questions(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the questions that wait for their officer: one line for each person, who is not named."""
    if "returns" not in inbox.waiting(viewer, now):
        return []
    today = localdate(now)
    found = []
    for row in facts.visible_to(viewer, now).order_by("month", "pk"):
        horizon = cohorts.due(row.month, row.answered, today)
        if horizon is None:
            continue
        url = reverse("returns:question", args=[row.pk])
        found.append(
            WorkItem(
                group_when=cohorts.months_later(cohorts.asked_on(row.month, horizon), 1), kind="mine", reference="",
                label=f"Retour connu {horizon.label} : {Kind(row.kind).label}, fin en {fr.month(row.month)}", url=url,
                act_label="Répondre", act_url=url, rule="REC-20",
            )
        )  # fmt: skip
    return found[:MOST]


@work.register
def unheld(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return, for the head, the questions that no agent in function holds any more."""
    if "returns_unheld" not in inbox.waiting(viewer, now):
        return []
    left = len(watches.unheld(viewer, now))
    url = reverse("returns:index")
    return [
        WorkItem(
            group_when=None, kind="mine", reference="", url=url, act_label="Confier", act_url=url, rule="REC-20",
            label=f"Retours connus : {fr.plural(left, 'personne')} sans agent en charge",
        )
    ]  # fmt: skip
