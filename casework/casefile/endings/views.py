"""« Fin de fiche »: keep a record, let it go again, erase it before its term. Each act is asked, agreed to, then done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.approvals import ApprovalReason
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.casefile import documents, erasure, once
from casework.casefile.endings import facts, holds, reads
from casework.casefile.endings.codes import HoldReason
from casework.casefile.references import read_reference
from casework.errors import AccessRefused, GuardRefused, InputRefused, SealingError

manages = member(Action.MANAGE, DataClass.RIGHTS)
VISA = "Visa des archives"


class ReferenceForm(forms.Form):
    """Which record."""

    reference = forms.CharField(
        label="Référence de la fiche", max_length=30, help_text="Comme MIR-2026-K7QF ; elle figure sur les relevés."
    )


class WhyForm(forms.Form):
    """Why an act of two persons is asked for."""

    reason = forms.ChoiceField(label="Motif", choices=[("", "Choisir"), *ApprovalReason.choices])
    words = forms.CharField(
        label="Précisions", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Pour la seconde personne. Sans nom de jeune.",
    )  # fmt: skip


class HoldForm(forms.Form):
    """Why a record is kept."""

    reason = forms.ChoiceField(label="Motif", choices=HoldReason.choices, widget=forms.RadioSelect)


class AskForm(WhyForm):
    """Ask for an early erasure; past its date, the archives agreed first (ARC-04)."""

    def __init__(self, *args: Any, ending: reads.Ending, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if ending.past_its_date:
            self.fields["visa"] = forms.CharField(label=VISA, max_length=40)


class EraseForm(forms.Form):
    """Copy the reference: the one act that nothing undoes."""

    confirm = forms.CharField(label="Recopiez la référence de la fiche", max_length=30)

    def __init__(self, *args: Any, ending: reads.Ending, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reference = ending.reference
        if ending.past_its_date:
            self.fields["visa"] = forms.CharField(label=VISA, max_length=40)

    def clean_confirm(self) -> str:
        """Refuse another reference than that of the page."""
        typed: str = self.cleaned_data["confirm"]
        if read_reference(typed) != self._reference:
            raise forms.ValidationError("Ce n’est pas la référence de cette fiche.")
        return typed


@manages
@require_http_methods(["GET", "POST"])
def index(request: AgentRequest) -> HttpResponse:
    """Find a record by its reference; list what is kept and what was erased."""
    viewer, now = request.viewer, request.now
    form = ReferenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = facts.by_reference(viewer, form.cleaned_data["reference"], now)
        except InputRefused as refusal:
            form.add_error("reference", refusal.message)
        else:
            return redirect("endings:page", found.subject_id)
    context = {
        "form": form,
        "kept": reads.kept(viewer, now),
        "erased": reads.erased(viewer, now),
        "terms": erasure.TERMS.values(),
    }
    return render(request, "endings/list.html", context, status=422 if form.errors else 200)


@manages
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one record, and the acts about its end."""
    return _page(request, reads.one(request.viewer, pk, request.now))


@manages
@stepped_up
@require_POST
def act(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Carry out one of the acts of the page, with a fresh second factor; a refusal is said beside its field."""
    ending = reads.one(request.viewer, pk, request.now)
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise AccessRefused(code="act")
    form = _forms(ending, name, request.POST)[name]
    if form.is_valid():
        try:
            return once.run(request, lambda: ACTS[name](request, ending, form.cleaned_data))
        except (InputRefused, GuardRefused) as refusal:
            field = getattr(refusal, "field", None) or ""
            form.add_error(field if field in form.fields else None, refusal.message)
        except SealingError:
            messages.warning(
                request, "L’effacement est commencé ; une clé résiste encore. Il reprendra de lui-même cette nuit."
            )
            return redirect("endings:list")
    return _page(request, ending, **{name: form})


def _ask_erasure(request: AgentRequest, ending: reads.Ending, data: dict[str, Any]) -> str:
    erasure.ask(
        by=request.viewer, reference=ending.reference, reason=data["reason"], visa=data.get("visa", ""),
        words=data["words"], now=request.now,
    )  # fmt: skip
    messages.success(request, "Votre demande d’effacement part vers une seconde personne.")
    return reverse("endings:page", args=[ending.subject_id])


def _erase(request: AgentRequest, ending: reads.Ending, data: dict[str, Any]) -> str:
    if ending.erase is None:
        raise GuardRefused("Demandez d’abord l’accord d’une seconde personne.")
    done = erasure.erase(
        by=request.viewer, reference=ending.reference, reason=ending.erase.reason_code, visa=data.get("visa", ""),
        now=request.now,
    )  # fmt: skip
    said = "La fiche est effacée" if done.ended_at else "L’effacement est commencé et se termine de lui-même"
    messages.success(request, f"{said} (n° {done.number}).")
    return reverse("endings:list")


def _hold(request: AgentRequest, ending: reads.Ending, data: dict[str, Any]) -> str:
    holds.impose(by=request.viewer, subject_id=ending.subject_id, reason=data["reason"], now=request.now)
    messages.success(request, "La fiche est conservée : rien ne peut plus l’effacer avant la levée.")
    return reverse("endings:page", args=[ending.subject_id])


def _ask_lift(request: AgentRequest, ending: reads.Ending, data: dict[str, Any]) -> str:
    holds.ask_to_lift(by=request.viewer, subject_id=ending.subject_id, now=request.now, **data)
    messages.success(request, "Votre demande de levée part vers une seconde personne.")
    return reverse("endings:page", args=[ending.subject_id])


def _lift(request: AgentRequest, ending: reads.Ending, data: dict[str, Any]) -> str:
    holds.lift(by=request.viewer, subject_id=ending.subject_id, now=request.now)
    messages.success(request, "La conservation imposée est levée.")
    return reverse("endings:page", args=[ending.subject_id])


ACTS = {"ask": _ask_erasure, "erase": _erase, "hold": _hold, "ask_lift": _ask_lift, "lift": _lift}


def _forms(ending: reads.Ending, name: str = "", data: Any = None) -> dict[str, forms.Form]:
    """Return the form of each act, `name` bound to what was sent."""

    def sent(key: str) -> Any:
        return data if key == name else None

    return {
        "ask": AskForm(sent("ask"), ending=ending, auto_id="ask_%s"),
        "erase": EraseForm(sent("erase"), ending=ending, auto_id="erase_%s"),
        "hold": HoldForm(sent("hold"), auto_id="hold_%s"),
        "ask_lift": WhyForm(sent("ask_lift"), auto_id="lift_%s"),
        "lift": forms.Form(sent("lift")),
    }


def _page(request: AgentRequest, ending: reads.Ending, **bound: forms.Form) -> HttpResponse:
    context = {"ending": ending, **_forms(ending), **bound}
    return render(request, "endings/page.html", context, status=422 if bound else 200)


@manages
@require_safe
def certificate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the certificate of an erasure: no name, no reference."""
    return documents.response(reads.certificate(request.viewer, pk, request.now), "certificate")


patterns = [
    path("fin-de-fiche/", index, name="list"),
    path("fin-de-fiche/<uuid:pk>/", page, name="page"),
    path("fin-de-fiche/<uuid:pk>/acte", act, name="act"),
    path("fin-de-fiche/certificat/<uuid:pk>.pdf", certificate, name="certificate"),
]
