"""« Urgence »: ask, see what was opened, review it, close one's own."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.approvals.codes import ApprovalReason
from casework.access.days import FrenchDateField
from casework.access.emergencies import actions, reads
from casework.access.emergencies.codes import ASKED, FACTOR_MINUTES, MAX_WORDS, MIN_WORDS, Verdict
from casework.access.exclusions.reads import may_manage
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import in_function, member, stepped_up
from casework.errors import AccessRefused, GuardRefused, InputRefused

manages = member(Action.MANAGE, DataClass.RIGHTS)


class EmergencyForm(forms.Form):
    """The exact identity, the reason, the explanation. Nothing is suggested."""

    last_name = forms.CharField(label="Nom exact", max_length=120)
    first_name = forms.CharField(label="Prénom exact", max_length=120)
    born = FrenchDateField(label="Date de naissance exacte")
    reason = forms.ChoiceField(
        label="Motif", choices=[(each.value, each.label) for each in ASKED], widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="Pourquoi maintenant", min_length=MIN_WORDS, max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"{MIN_WORDS} caractères au moins, sans nom de jeune. Lu par la personne qui contrôlera.",
    )  # fmt: skip


@in_function
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List what was opened, to those who may know of it."""
    viewer, now = request.viewer, request.now
    found = reads.lines(viewer, now)
    asks = actions.may_ask(viewer, now)
    if not found and not asks and not may_manage(viewer, now):
        raise AccessRefused(code="emergency")
    return render(
        request, "emergencies/list.html", {"lines": found, "may_ask": asks, "may_manage": may_manage(viewer, now)}
    )


@in_function
@stepped_up(minutes=FACTOR_MINUTES)
@require_http_methods(["GET", "POST"])
def ask(request: AgentRequest) -> HttpResponse:
    """Open one record in an emergency; the answer is the same whatever the refusal."""
    if not actions.may_ask(request.viewer, request.now):
        raise AccessRefused(code="emergency")
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            episode = actions.open_record(by=request.viewer, now=request.now, **form.cleaned_data)
        except InputRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        except GuardRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect(reads.one(request.viewer, episode.pk, request.now).url)
    return render(request, "emergencies/ask.html", {"form": form}, status=422 if form.errors else 200)


@in_function
@require_http_methods(["GET", "POST"])
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one opening; the reviewer says whether it was justified."""
    line = reads.one(request.viewer, pk, request.now)
    if request.method == "POST":
        try:
            actions.review(by=request.viewer, episode_id=pk, verdict=request.POST.get("verdict", ""), now=request.now)
        except InputRefused as refusal:
            messages.error(request, refusal.message)
            return redirect("emergencies:page", pk)
        messages.success(request, "Votre avis est enregistré.")
        return redirect("emergencies:list")
    return render(request, "emergencies/page.html", {"line": line, "verdicts": Verdict.choices})


@in_function
@require_POST
def close(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Close one's own opening before its time."""
    actions.close(by=request.viewer, episode_id=pk, now=request.now)
    messages.success(request, "La fiche est refermée.")
    return redirect("desk:work")


class RestoreForm(forms.Form):
    """Why a suspended right should come back."""

    reason = forms.ChoiceField(label="Motif du rétablissement", choices=[("", "Choisir"), *ApprovalReason.choices])


@manages
@require_safe
def suspensions(request: AgentRequest) -> HttpResponse:
    """Show the rights that are suspended, and those that two persons restored."""
    return _suspensions(request, RestoreForm())


@manages
@stepped_up
@require_POST
def restore(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask for a right to be restored, or restore it once a second person agreed."""
    form = RestoreForm(request.POST)
    try:
        if "restore" in request.POST:
            actions.restore(by=request.viewer, agent_id=pk, now=request.now)
            messages.success(request, "Le droit d’ouvrir en urgence est rétabli.")
            return redirect("emergencies:suspensions")
        if form.is_valid():
            actions.ask_to_restore(
                by=request.viewer, agent_id=pk, reason=form.cleaned_data["reason"], now=request.now
            )  # fmt: skip
            messages.success(request, "Votre demande part vers une seconde personne.")
            return redirect("emergencies:suspensions")
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("emergencies:suspensions")
    return _suspensions(request, form, pk)


def _suspensions(request: AgentRequest, form: RestoreForm, agent_id: UUID | None = None) -> HttpResponse:
    context = {"found": reads.suspensions(request.viewer, request.now), "form": form, "asking": agent_id}
    return render(request, "emergencies/suspensions.html", context, status=422 if form.errors else 200)


patterns = [
    path("urgences/suspensions/", suspensions, name="suspensions"),
    path("urgences/suspensions/<uuid:pk>", restore, name="restore"),
    path("urgences/", index, name="list"),
    path("urgences/ouvrir", ask, name="ask"),
    path("urgences/<uuid:pk>/", page, name="page"),
    path("urgences/<uuid:pk>/fermer", close, name="close"),
]
