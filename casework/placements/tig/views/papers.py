"""The papers of a placement, made when asked for, never kept."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from casework import audit
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.audit import Act
from casework.casefile import documents as papers
from casework.errors import AccessRefused
from casework.placements.tig import documents, facts
from casework.placements.tig.actions import reports
from casework.placements.tig.codes import REPORT_FILES
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import placements as reads
from casework.placements.tig.reads import weeks

KINDS = {"notification": documents.notification, "releve": documents.hours_sheet, "attestation": documents.certificate}


def _ready(kind: str, placement: TigPlacement, page: reads.PlacementPage) -> bool:
    if kind == "attestation":
        return placement.certified_on is not None
    return bool(page.decision and page.name)


# What goes to the magistrate, by the name of its file (ASG-09, TNR-05).
REPORTS = {file: kind for kind, file in REPORT_FILES.items()}


@member(Action.PRINT, DataClass.SENTENCE)
@require_GET
def report(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Print a report to the magistrate, ready to sign: the officer in charge alone."""
    placement = facts.find(request.viewer, pk, request.now)
    reports.require_print(request.viewer, placement, request.now)
    page = reads.page(request.viewer, placement, request.now)
    if name not in REPORTS:
        raise AccessRefused(code="tig_paper")
    audit.record(
        request.viewer, Act.PRINT, obj=placement, classes=[DataClass.PLACEMENT, DataClass.SENTENCE,
                                                           DataClass.PLACEMENT_INCIDENT], why=name,
    )  # fmt: skip
    today = localdate(request.now)
    return papers.response(documents.report(page, REPORTS[name], placement.territory.name, today), f"rapport-{name}")


@member(Action.PRINT, DataClass.PLACEMENT)
@require_GET
def paper(request: AgentRequest, pk: UUID, kind: str) -> HttpResponse:
    """Print one paper of a placement whose decision is taken."""
    placement = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, placement, Action.PRINT, DataClass.PLACEMENT, request.now)
    page = reads.page(request.viewer, placement, request.now)
    if kind not in KINDS or not _ready(kind, placement, page):
        raise AccessRefused(code="tig_paper")
    audit.record(request.viewer, Act.PRINT, obj=placement, classes=[DataClass.PLACEMENT], why=kind)
    pdf = KINDS[kind](page, placement.territory.name, localdate(request.now))
    return papers.response(pdf, kind)


@member(Action.PRINT, DataClass.PLACEMENT)
@require_GET
def week(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Print the week sheet of a post."""
    try:
        day = date.fromisoformat(request.GET.get("semaine", ""))
    except ValueError:
        day = localdate(request.now)
    found = weeks.week(request.viewer, pk, day, request.now)
    audit.record(
        request.viewer, Act.PRINT, object_type="tig_week", n=len(found.lines), classes=[DataClass.PLACEMENT],
        subjects={line.subject_id for line in found.lines}, why="week",
    )  # fmt: skip
    return papers.response(documents.week_sheet(found, found.host, localdate(request.now)), "semaine")


patterns = [
    path("affectations/<uuid:pk>/magistrat/<slug:name>.pdf", report, name="report"),
    path("affectations/<uuid:pk>/papier/<slug:kind>.pdf", paper, name="paper"),
    path("semaines/<uuid:pk>/feuille.pdf", week, name="week_paper"),
]
