"""The scans of a measure: joined, handed out, taken back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import attached
from casework.casefile.acts import one_click, submit
from casework.errors import AccessRefused
from casework.vif.offenders import facts
from casework.vif.offenders.actions import papers, reports
from casework.vif.offenders.codes import PaperKind, ReportState
from casework.vif.offenders.forms import PaperForm, ReceiptForm
from casework.vif.offenders.views.common import page_url

writes = member(Action.CHANGE, DataClass.VIF_PERSON)
looks = member(Action.VIEW, DataClass.VIF_PERSON)


@writes
@require_http_methods(["GET", "POST"])
def join(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Join the order or the judgment."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.CHANGE, DataClass.VIF_PERSON, request.now)
    form = PaperForm(request.POST or None, request.FILES or None)
    attached.check_weight(request, form)

    def carry_out() -> None:
        given = form.cleaned_data
        papers.join(by=request.viewer, measure=row, kind=given["kind"], upload=given["file"], now=request.now)

    context = {"form": form, "back": page_url(pk), "reference": row.reference, "heading": "Joindre une décision"}
    done = submit(request, form, carry_out, to=page_url(pk, "documents"))
    return done or render(request, "measures/join.html", context, status=422 if form.is_bound else 200)


@writes
@require_http_methods(["GET", "POST"])
def join_receipt(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Join what proves that a report arrived."""
    row = reports.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row.measure, Action.CHANGE, DataClass.VIF_REPORTS, request.now)
    if row.state != ReportState.TRANSMITTED:
        raise AccessRefused(code="receipt")
    form = ReceiptForm(request.POST or None, request.FILES or None)
    attached.check_weight(request, form)

    def carry_out() -> None:
        papers.join_receipt(by=request.viewer, report=row, upload=form.cleaned_data["file"], now=request.now)

    back = reverse("measures:report", args=[pk])
    context = {
        "form": form, "back": back, "reference": row.measure.reference, "heading": "Joindre l’accusé de réception",
    }  # fmt: skip
    done = submit(request, form, carry_out, to=back)
    return done or render(request, "measures/join.html", context, status=422 if form.is_bound else 200)


@looks
@require_safe
def download(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one scan as an attachment: the browser never shows it itself."""
    return attached.response(papers.download(by=request.viewer, file_id=pk, now=request.now))


@writes
@require_POST
def withdraw(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete one scan joined by mistake."""
    file, row = papers.found(request.viewer, pk, request.now)
    of_report = file.kind == PaperKind.RECEIPT
    to = reverse("measures:report", args=[file.record_id]) if of_report else page_url(row.pk, "documents")

    def carry_out() -> None:
        papers.withdraw(by=request.viewer, file_id=pk, now=request.now)

    return one_click(request, carry_out, to=to, done="Le document est retiré.")


patterns = [
    path("<uuid:pk>/document/", join, name="join"),
    path("rapports/<uuid:pk>/accuse/", join_receipt, name="join_receipt"),
    path("documents/<uuid:pk>/", download, name="document"),
    path("documents/<uuid:pk>/retirer/", withdraw, name="document_withdraw"),
]
