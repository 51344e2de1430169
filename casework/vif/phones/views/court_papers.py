"""The court's own papers: the model that is in force, its versions, what it gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import submit
from casework.vif.phones import documents, facts
from casework.vif.phones.actions import court_papers
from casework.vif.phones.forms import CourtPaperForm


@member(Action.LIST, DataClass.TGD_PAPER)
@require_http_methods(["GET", "POST"])
def model(request: AgentRequest) -> HttpResponse:
    """Show the model in force and its versions; write the next one."""
    rows = court_papers.versions(request.viewer, request.now)
    last = rows[0] if rows else None
    may_write = facts.of_paper(request.viewer, Action.CHANGE, request.now)
    form = CourtPaperForm(request.POST or None, initial=CourtPaperForm.typed(last))

    def carry_out() -> None:
        court_papers.write(
            by=request.viewer, now=request.now, expected=revision.expected(request.POST) or 0, **form.words()
        )  # fmt: skip

    done = submit(
        request, form, carry_out, to=reverse("phones:model"), current=CourtPaperForm.typed(last),
        done="Le modèle est enregistré : il sert aux papiers à venir.",
    )  # fmt: skip
    context: dict[str, Any] = {
        "form": form, "may_write": may_write, "last": last.version if last else 0,
        "versions": [{"id": row.pk, "version": row.version, "at": row.written_at} for row in rows],
    }  # fmt: skip
    return done or render(request, "phones/model.html", context, status=422 if form.is_bound else 200)


@member(Action.VIEW, DataClass.TGD_PAPER)
@require_safe
def preview(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give a « fiche navette » of nobody, laid out by one version."""
    row = court_papers.find(request.viewer, pk, request.now)
    return pdf.response(documents.sheet_preview(row, request.now), "modele", inline=True)


patterns = [
    path("modele/", model, name="model"),
    path("modele/<uuid:pk>/apercu.pdf", preview, name="model_preview"),
]
