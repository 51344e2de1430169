"""The templates of reports: the head of the service writes them, and looks at what they give."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile.acts import submit
from casework.vif.offenders import documents
from casework.vif.offenders.actions import templates
from casework.vif.offenders.codes import Frame
from casework.vif.offenders.forms import TemplateForm
from casework.vif.offenders.models import ReportTemplate

head = member(Action.CREATE, DataClass.VIF_PERSON)


@head
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show the last version of each template, by frame."""
    rows = templates.current(request.viewer, request.now)
    frames = [(frame, [row for row in rows if row.frame == frame]) for frame in Frame]
    return render(request, "measures/templates.html", {"frames": frames})


@head
@require_http_methods(["GET", "POST"])
def new(request: AgentRequest, frame: str) -> HttpResponse:
    """Write the first version of one, for a frame."""
    templates.require_lead(request.viewer, request.now)
    if frame not in Frame.values:
        raise Http404
    return _edit(request, Frame(frame), None)


@head
@require_http_methods(["GET", "POST"])
def edit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write the next version of one."""
    row = templates.find(request.viewer, pk, request.now)
    return _edit(request, Frame(row.frame), row)


def _edit(request: AgentRequest, frame: Frame, row: ReportTemplate | None) -> HttpResponse:
    initial: dict[str, Any] = (
        {"version": 0} if row is None else TemplateForm.typed(row.words) | {"version": row.version}
    )
    form = TemplateForm(request.POST or None, initial=initial, has_court=row is None)

    def carry_out() -> None:
        templates.write(
            by=request.viewer, frame=frame, court=form.cleaned_data["court"] if row is None else row.court,
            now=request.now, expected=form.cleaned_data["version"], **form.words(),
        )  # fmt: skip

    done = submit(request, form, carry_out, to=reverse("measures:templates"))
    context = {"form": form, "frame": frame, "row": row}
    return done or render(request, "measures/template.html", context, status=422 if form.is_bound else 200)


@head
@require_safe
def preview(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give a report about nobody, laid out by this version."""
    row = templates.find(request.viewer, pk, request.now)
    return pdf.response(documents.preview(request.viewer, row, request.now), "modele", inline=True)


patterns = [
    path("modeles/", index, name="templates"),
    path("modeles/nouveau/<str:frame>/", new, name="template_new"),
    path("modeles/<uuid:pk>/", edit, name="template"),
    path("modeles/<uuid:pk>/apercu.pdf", preview, name="template_preview"),
]
