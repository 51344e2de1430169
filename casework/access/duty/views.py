"""« Permanence »: who is on duty (lead), what the agent on duty may open; who may open in an emergency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.days import FrenchDateField
from casework.access.duty import actions, reads
from casework.access.duty.models import DutyReason, StandingKind
from casework.access.exclusions.reads import may_manage
from casework.access.http import AgentRequest
from casework.access.routes import in_function, stepped_up
from casework.errors import AccessRefused, InputRefused


class StandingForm(forms.Form):
    """Who, from when to when."""

    mandate = forms.ChoiceField(label="Personne")
    from_day = FrenchDateField(label="Du")
    to_day = FrenchDateField(label="Au (inclus)")

    def __init__(self, *args: Any, people: list[tuple[UUID, str]], **kwargs: Any) -> None:
        """Offer the people given."""
        super().__init__(*args, **kwargs)
        field = self.fields["mandate"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 a form's field is typed as any Field; its choices are set below
        field.choices = [("", "Choisir"), *((str(key), label) for key, label in people)]


@in_function
@require_http_methods(["GET", "POST"])
def index(request: AgentRequest) -> HttpResponse:
    """Show the agent on duty the service's situations, and the lead who is on duty."""
    viewer, now = request.viewer, request.now
    leads = viewer.is_service_lead
    ends_at = reads.until(viewer, now)
    if not leads and ends_at is None:
        raise AccessRefused(code="duty")
    form = _form(request, reads.colleagues(viewer, now)) if leads else None
    if request.method == "POST":
        if form is None:
            raise AccessRefused(code="lead")
        if _named(request, form, StandingKind.DUTY, "La permanence est enregistrée ; elle s’arrêtera d’elle-même."):
            return redirect("duty:index")
    context = {
        "form": form, "lines": reads.lines(viewer, StandingKind.DUTY, now) if leads else [], "ends_at": ends_at,
        "cases": reads.cases(viewer, now), "reasons": DutyReason.choices, "leads": leads,
    }  # fmt: skip
    return render(request, "duty/index.html", context, status=422 if form is not None and form.errors else 200)


@in_function
@require_POST
def stop(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Switch somebody off now."""
    actions.stop(by=request.viewer, standing_id=pk, now=request.now)
    messages.success(request, "C’est terminé : les accès ouverts à ce titre sont fermés.")
    return redirect("duty:emergency" if request.POST.get("from") == "emergency" else "duty:index")


@in_function
@require_POST
def open_case(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Open one of the service's situations, with its reason."""
    try:
        target = actions.open_one(
            by=request.viewer, object_id=pk, reason=request.POST.get("reason", ""), now=request.now
        )
    except InputRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("duty:index")
    return redirect(target.url)


@in_function
@stepped_up
@require_http_methods(["GET", "POST"])
def emergency(request: AgentRequest) -> HttpResponse:
    """Say who may open a record in an emergency: the coordinator and the DPO, never for themselves."""
    viewer, now = request.viewer, request.now
    if not may_manage(viewer, now):
        raise AccessRefused(code="role")
    form = _form(request, reads.everybody(viewer, now))
    if request.method == "POST" and _named(request, form, StandingKind.EMERGENCY, "Le droit est donné, à ces dates."):
        return redirect("duty:emergency")
    context = {"form": form, "lines": reads.lines(viewer, StandingKind.EMERGENCY, now)}
    return render(request, "duty/emergency.html", context, status=422 if form.errors else 200)


def _form(request: AgentRequest, people: list[tuple[UUID, str]]) -> StandingForm:
    today = localdate(request.now)
    return StandingForm(
        request.POST if request.method == "POST" else None, people=people, initial={"from_day": today, "to_day": today}
    )


def _named(request: AgentRequest, form: StandingForm, kind: StandingKind, said: str) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        actions.name(
            by=request.viewer, mandate_id=UUID(given["mandate"]), kind=kind, from_day=given["from_day"],
            to_day=given["to_day"], now=request.now,
        )  # fmt: skip
    except InputRefused as refusal:
        form.add_error(refusal.field, refusal.message)
        return False
    messages.success(request, said)
    return True


patterns = [
    path("permanence/", index, name="index"),
    path("permanence/<uuid:pk>/terminer", stop, name="stop"),
    path("permanence/situations/<uuid:pk>/ouvrir", open_case, name="open"),
    path("permanence/urgence/", emergency, name="emergency"),
]
