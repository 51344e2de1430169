"""The scans of decisions: joined, handed out on a fresh second factor, taken back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.access.routes import stepped_up
from casework.casefile import attached
from casework.casefile.acts import one_click, submit
from casework.vif.phones import facts
from casework.vif.phones.actions import papers
from casework.vif.phones.forms import PaperForm
from casework.vif.phones.views.common import looks, page_url, writes


@writes
@require_http_methods(["GET", "POST"])
def join(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Join the scan of one decision."""
    _, row = papers.decision_of(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row.support, Action.CHANGE, request.now)
    form = PaperForm(request.POST or None, request.FILES or None)
    attached.check_weight(request, form)

    def carry_out() -> None:
        papers.join(by=request.viewer, decision_id=pk, upload=form.cleaned_data["file"], now=request.now)

    context = {"form": form, "pk": row.pk, "reference": row.support.reference}
    done = submit(request, form, carry_out, to=page_url(row.pk, "decisions"))
    return done or render(request, "phones/join.html", context, status=422 if form.is_bound else 200)


@stepped_up
@looks
@require_safe
def download(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one scan as an attachment: a paper of the court may say an address, hence a fresh second factor."""
    return attached.response(papers.download(by=request.viewer, file_id=pk, now=request.now))


@writes
@require_POST
def withdraw(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete one scan joined by mistake."""
    _, row = papers.found(request.viewer, pk, request.now)

    def carry_out() -> None:
        papers.withdraw(by=request.viewer, file_id=pk, now=request.now)

    return one_click(request, carry_out, to=page_url(row.pk, "decisions"), done="Le document est retiré.")


patterns = [
    path("decisions/<uuid:pk>/document/", join, name="join"),
    path("documents/<uuid:pk>/", download, name="document"),
    path("documents/<uuid:pk>/retirer/", withdraw, name="document_withdraw"),
]
