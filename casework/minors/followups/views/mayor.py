"""Decisions for the mayor: the coordinator prepares and sends, the mayor reads one page at a time and closes it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import ceiling
from casework.access.routes import member
from casework.casefile import documents, revision
from casework.casefile.acts import submit
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import mayor as actions
from casework.minors.followups.reads import mayor as reads
from casework.minors.followups.views.acts import _day, plain, situation_url


class PrepareForm(forms.Form):
    """Three codes, nothing to write."""

    act = forms.ChoiceField(label="Acte demandé au maire", choices=codes.MayorAct.choices, widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="Motif", choices=codes.MayorGround.choices, widget=forms.RadioSelect)
    gateway = forms.ChoiceField(label="Cadre légal", choices=[(key, key.label) for key in codes.MAYOR_GATEWAYS])


@member(Ask.LIST, DataClass.MAYOR_DISCLOSURE)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """List the requests to the mayor, for the coordinator; without a name."""
    return render(request, "followups/mayor_list.html", {"rows": reads.listing(request.viewer, request.now)})


@member(Ask.CREATE, DataClass.MAYOR_DISCLOSURE)
def prepare(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Prepare a page from a situation."""
    follow_up = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, follow_up, Ask.CREATE, DataClass.MAYOR_DISCLOSURE, request.now)
    form = PrepareForm(request.POST if request.method == "POST" else None)
    back = situation_url(pk, "documents", "maire")
    done = submit(
        request, form,
        lambda: actions.prepare(by=request.viewer, follow_up=follow_up, now=request.now, **form.cleaned_data), to=back,
    )  # fmt: skip
    return done or render(
        request, "followups/mayor_prepare.html",
        {"form": form, "reference": follow_up.reference, "back": back,
         "opinion_required": actions.opinion_required(follow_up, request.now)},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@member(Ask.CHANGE, DataClass.MAYOR_DISCLOSURE)
@require_POST
def opinion(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Date the prosecutor's opinion."""
    follow_up = reads.situation_of(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.record_opinion(
            by=request.viewer, follow_up=follow_up, disclosure_id=pk, opinion=request.POST.get("opinion", ""),
            on=_day(request, "on"), now=request.now, expected=revision.expected(request.POST),
        ),
        back=situation_url(follow_up.pk, "documents", "maire"), title="Avis du parquet",
    )  # fmt: skip


@member(Ask.MOVE, DataClass.MAYOR_DISCLOSURE)
@require_POST
def send(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Put the page before the mayor."""
    follow_up = reads.situation_of(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.send(by=request.viewer, follow_up=follow_up, disclosure_id=pk, now=request.now,
                             expected=revision.expected(request.POST)),
        back=situation_url(follow_up.pk, "documents", "maire"), title="Transmettre au maire",
    )  # fmt: skip


@member(Ask.VIEW, DataClass.MAYOR_DISCLOSURE)
@require_GET
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one page."""
    may_print = ceiling(request.viewer.role, Ask.PRINT, DataClass.MAYOR_DISCLOSURE)
    return render(
        request, "followups/mayor_page.html",
        {"page": reads.page(request.viewer, pk, request.now), "outcomes": reads.OUTCOMES, "may_print": may_print},
    )  # fmt: skip


@member(Ask.PRINT, DataClass.MAYOR_DISCLOSURE)
@require_GET
def pdf(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the page on paper, to the coordinator."""
    return documents.response(reads.pdf(request.viewer, pk, request.now), "mayor")


@member(Ask.VIEW, DataClass.MAYOR_DISCLOSURE)
@require_POST
def acknowledge(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that it was received."""
    return plain(
        request,
        lambda: actions.acknowledge(by=request.viewer, disclosure_id=pk, now=request.now,
                                    expected=revision.expected(request.POST)),
        back=reverse("followups:mayor_page", args=[pk]), title="Accuser réception",
    )  # fmt: skip


@member(Ask.VIEW, DataClass.MAYOR_DISCLOSURE)
@require_POST
def close(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Close it: fait, refusé, sans objet."""
    lists = ceiling(request.viewer.role, Ask.LIST, DataClass.MAYOR_DISCLOSURE)
    back = reverse("followups:mayor_list") if lists else reverse("desk:home")
    return plain(
        request,
        lambda: actions.close(by=request.viewer, disclosure_id=pk, outcome=request.POST.get("outcome", ""),
                              now=request.now, expected=revision.expected(request.POST)),
        back=back, title="Suite donnée",
    )  # fmt: skip


patterns = [
    path("maire/", index, name="mayor_list"),
    path("situations/<uuid:pk>/maire/", prepare, name="mayor_prepare"),
    path("maire/<uuid:pk>/", page, name="mayor_page"),
    path("maire/<uuid:pk>/page.pdf", pdf, name="mayor_pdf"),
    path("maire/<uuid:pk>/avis/", opinion, name="mayor_opinion"),
    path("maire/<uuid:pk>/transmettre/", send, name="mayor_send"),
    path("maire/<uuid:pk>/recu/", acknowledge, name="mayor_acknowledge"),
    path("maire/<uuid:pk>/suite/", close, name="mayor_close"),
]
