"""« Demander l’accès »: the form, what I asked, what waits for my answer."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.asking import actions, reads
from casework.access.asking.models import RequestReason
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.errors import AccessRefused, GuardRefused


class AskForm(forms.Form):
    """Which file, and why."""

    reference = forms.CharField(
        label="Référence de la situation", max_length=30, help_text="Celle que l’on vous a dite : MIR-2026-K7QF."
    )
    reason = forms.ChoiceField(label="Motif", choices=RequestReason.choices, widget=forms.RadioSelect)


@member(Action.VIEW, DataClass.YOUTH_CARD)
@require_http_methods(["GET", "POST"])
def index(request: AgentRequest) -> HttpResponse:
    """Ask for access by reference; the answer never says whether there is such a file."""
    viewer, now = request.viewer, request.now
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.ask(by=viewer, now=now, **form.cleaned_data)
        messages.success(
            request,
            "Votre demande est transmise à la personne qui répond de la fiche. Si l’accès s’ouvre, vous en serez averti.",
        )
        return redirect("asking:index")
    context = {"form": form, "mine": reads.mine(viewer, now), "waiting": reads.waiting(viewer, now)}
    return render(request, "asking/index.html", context, status=422 if form.errors else 200)


@member(Action.MANAGE, DataClass.YOUTH_IDENTITY)
@require_POST
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Let the one who asked in, or leave it without effect."""
    chosen = request.POST.get("answer", "")
    if chosen not in ("grant", "decline"):
        raise AccessRefused(code="answer")
    try:
        if chosen == "grant":
            actions.grant(by=request.viewer, request_id=pk, now=request.now)
            messages.success(request, "L’accès est ouvert : le service entre dans le cercle.")
        else:
            actions.decline(by=request.viewer, request_id=pk, now=request.now)
            messages.success(request, "La demande est laissée sans suite ; la personne n’en est pas avertie.")
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
    return redirect("asking:index")


patterns = [
    path("demander-l-acces/", index, name="index"),
    path("demander-l-acces/<uuid:pk>/reponse", answer, name="answer"),
]
