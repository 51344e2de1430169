"""« Mises à l’écart »: the list of the coordinator and the DPO, a new one, one of them, its lifting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access import subjects
from casework.access.approvals.codes import ApprovalReason
from casework.access.exclusions import actions, reads
from casework.access.exclusions.codes import Ground
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.models import Organisation

manages = member(Action.MANAGE, DataClass.RIGHTS)
ABSENT = "Aucune fiche que vous suivez ne porte cette référence."


class ShutOutForm(forms.Form):
    """Who is shut out of which file, and why."""

    reference = forms.CharField(
        label="Référence de la situation", max_length=30, help_text="Par exemple MIR-2026-K7QF."
    )
    who = forms.ChoiceField(label="Personne ou service à mettre à l’écart")
    ground = forms.ChoiceField(label="Motif", choices=Ground.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="Précisions", required=False, max_length=actions.MAX_WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lues par vous et par la personne déléguée à la protection des données.",
    )  # fmt: skip

    def __init__(self, *args: Any, request: AgentRequest, **kwargs: Any) -> None:
        """Offer the agents and services of the territory."""
        super().__init__(*args, **kwargs)
        viewer = request.viewer
        agents = [(f"a:{row.pk}", row.full_name) for row in actions.colleagues(viewer.territory_id, request.now)]
        services = Organisation.objects.filter(territory_id=viewer.territory_id, is_active=True).order_by("name")
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 a form's field is typed as any Field; its choices are set below
        field.choices = [
            ("", "Choisir"), ("Personnes", agents), ("Services entiers", [(f"o:{row.pk}", row.name) for row in services]),
        ]  # fmt: skip


class LiftForm(forms.Form):
    """Why an exclusion should end."""

    reason = forms.ChoiceField(label="Motif de la levée", choices=ApprovalReason.choices)
    words = forms.CharField(
        label="Précisions", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Pour la seconde personne. Sans nom de jeune.",
    )  # fmt: skip


@manages
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List the exclusions of the territory, by reference."""
    context = {"lines": reads.lines(request.viewer, request.now), "today": localdate(request.now)}
    return render(request, "exclusions/list.html", context)


@manages
@stepped_up
@require_http_methods(["GET", "POST"])
def add(request: AgentRequest) -> HttpResponse:
    """Shut somebody out of one file."""
    form = ShutOutForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        target = subjects.by_reference(request.viewer, given["reference"], request.now)
        kind, _, key = given["who"].partition(":")
        try:
            if target is None:
                raise InputRefused(ABSENT, field="reference")
            actions.shut_out(
                by=request.viewer, target=target, agent_id=UUID(key) if kind == "a" else None,
                organisation_id=UUID(key) if kind == "o" else None, ground=given["ground"], words=given["words"],
                now=request.now,
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        except AccessRefused:
            form.add_error("reference", ABSENT)  # shut out oneself: the same words as for no file at all
        else:
            messages.success(request, "C’est fait : la fiche n’existe plus pour cette personne ou ce service.")
            return redirect("exclusions:list")
    return render(request, "exclusions/new.html", {"form": form}, status=422 if form.errors else 200)


@manages
@require_http_methods(["GET", "POST"])
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one exclusion and ask for its lifting."""
    line = reads.one(request.viewer, pk, request.now)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_to_lift(by=request.viewer, exclusion_id=pk, now=request.now, **form.cleaned_data)
        except (GuardRefused, InputRefused) as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Votre demande part vers une seconde personne.")
            return redirect("approvals:list")
    context = {"line": line, "form": form, "today": localdate(request.now)}
    return render(request, "exclusions/page.html", context, status=422 if form.errors else 200)


@manages
@stepped_up
@require_POST
def lift(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Lift an exclusion that a second person agreed to lift."""
    try:
        actions.lift(by=request.viewer, exclusion_id=pk, now=request.now)
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "La mise à l’écart est levée.")
    return redirect("exclusions:list")


patterns = [
    path("mises-a-l-ecart/", index, name="list"),
    path("mises-a-l-ecart/nouvelle", add, name="add"),
    path("mises-a-l-ecart/<uuid:pk>/", page, name="page"),
    path("mises-a-l-ecart/<uuid:pk>/lever", lift, name="lift"),
]
