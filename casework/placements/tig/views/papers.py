"""The papers of a placement, made when asked for, never kept."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework import audit
from casework.access import days
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.audit import Act
from casework.casefile import attached, files
from casework.casefile import documents as papers
from casework.casefile.acts import one_click
from casework.errors import AccessRefused, InputRefused
from casework.placements.tig import documents, facts
from casework.placements.tig.actions import reports, scans
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
    day = days.in_address(request.GET.get("semaine", ""), localdate(request.now))
    found = weeks.week(request.viewer, pk, day, request.now)
    audit.record(
        request.viewer, Act.PRINT, object_type="tig_week", n=len(found.lines), classes=[DataClass.PLACEMENT],
        subjects={line.subject_id for line in found.lines}, why="week",
    )  # fmt: skip
    return papers.response(documents.week_sheet(found, found.host, localdate(request.now)), "semaine")


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_POST
def join_sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Join the signed sheet of one person's week; a file that cannot be kept comes back as a message."""
    placement = facts.find(request.viewer, pk, request.now)
    facts.require_held(request.viewer, placement, request.now)
    day = days.in_address(request.POST.get("semaine", ""), localdate(request.now))
    back = reverse("tig:page", args=[pk])
    if placement.post_id is not None and facts.hosts(request.viewer.role):
        back = reverse("tig:sheet", args=[placement.post_id]) + f"?semaine={day.isoformat()}"
    file = request.FILES.get("file")

    def act() -> None:
        if file is None or files.left_out(request) or (file.size or 0) > files.MAX_BYTES:
            raise InputRefused(
                files.TOO_BIG if file or files.left_out(request) else "Choisissez le fichier.", field="file"
            )
        scans.join(
            by=request.viewer, placement=placement, day=day, name=file.name or "", content=file.read(), now=request.now
        )  # fmt: skip

    return one_click(request, act, to=back, done="La feuille signée est jointe.")


@member(Action.PRINT, DataClass.PLACEMENT)
@require_GET
def sheet_file(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one joined sheet as an attachment: the browser never shows it itself."""
    return attached.response(scans.download(by=request.viewer, file_id=pk, now=request.now))


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_POST
def withdraw_sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete a sheet joined by mistake."""
    to = reverse("tig:page", args=[scans.placement_of(request.viewer, pk, request.now).pk])
    return one_click(
        request, lambda: scans.withdraw(by=request.viewer, file_id=pk, now=request.now), to=to,
        done="La feuille est retirée.",
    )  # fmt: skip


patterns = [
    path("affectations/<uuid:pk>/magistrat/<slug:name>.pdf", report, name="report"),
    path("affectations/<uuid:pk>/feuille/", join_sheet, name="join_sheet"),
    path("feuilles/<uuid:pk>/", sheet_file, name="sheet_file"),
    path("feuilles/<uuid:pk>/retirer/", withdraw_sheet, name="withdraw_sheet"),
    path("affectations/<uuid:pk>/papier/<slug:kind>.pdf", paper, name="paper"),
    path("semaines/<uuid:pk>/feuille.pdf", week, name="week_paper"),
]
