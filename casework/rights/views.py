"""« Violations de données »: the register, a new line, one violation and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import make_aware
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once, revision
from casework.errors import ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.rights import actions, facts, reads
from casework.rights.codes import IncidentState
from casework.rights.forms import AssessForm, CloseForm, NoteForm, NotifyForm

keeps = member(Action.MANAGE, DataClass.RIGHTS)


@keeps
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List the violations of the territory."""
    return render(request, "rights/incidents.html", {"lines": reads.lines(request.viewer, request.now)})


@keeps
@require_http_methods(["GET", "POST"])
def add(request: AgentRequest) -> HttpResponse:
    """Write a violation down."""
    form = NoteForm(request.POST if request.method == "POST" else None)
    pk = uuid4()

    def act() -> str:
        given = form.cleaned_data
        data = actions.Noted(
            breach=given["breach"], cause=given["cause"], facts=given["facts"], persons=given["persons"],
            discovered_at=_instant(given["discovered_on"], given["discovered_at"]),
        )  # fmt: skip
        actions.note(by=request.viewer, data=data, now=request.now, pk=pk)
        return reverse("rights:incident", args=[pk])

    done = _submit(request, form, act)
    return done or render(request, "rights/incident_new.html", {"form": form}, status=422 if form.is_bound else 200)


@keeps
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one violation and the acts that it waits for."""
    return _page(request, pk)


@keeps
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Assess, tell the CNIL, keep in the register alone, close."""
    incident = facts.find(request.viewer, pk, request.now)
    form = _FORMS[name](request.POST)

    def carry_out() -> str:
        common: dict[str, Any] = {
            "by": request.viewer, "incident": incident, "now": request.now, "expected": revision.expected(request.POST),
        }  # fmt: skip
        given = {key: value for key, value in form.cleaned_data.items() if key != "confirm_text"}
        if name == "notifier":
            given = {
                "notified_at": _instant(given["notified_on"], given["notified_at"]), "late_reason": given["late_reason"],
            }  # fmt: skip
        _ACTS[name](**common, **given)
        return reverse("rights:incident", args=[pk])

    return _submit(request, form, carry_out) or _page(request, pk, bound={name: form}, status=422)


class KeepForm(forms.Form):
    """Nothing to say: the guard looks at the risk."""


_FORMS: dict[str, type[forms.Form]] = {
    "evaluer": AssessForm, "notifier": NotifyForm, "garder": KeepForm, "clore": CloseForm,
}  # fmt: skip
_ACTS: dict[str, Callable[..., None]] = {
    "evaluer": actions.assess, "notifier": actions.notify, "garder": actions.keep, "clore": actions.close,
}  # fmt: skip


def _page(
    request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    incident = reads.page(request.viewer, pk, request.now)
    known = {
        "risk": incident.risk_code, "persons": incident.persons_code, "effects": incident.effects,
        "measures": incident.measures,
    }  # fmt: skip
    offered = {
        "evaluer": AssessForm(initial=known), "notifier": NotifyForm(), "garder": KeepForm(), "clore": CloseForm(),
    } | (bound or {})  # fmt: skip
    context = {"incident": incident, "forms": offered, "states": IncidentState}
    return render(request, "rights/incident.html", context, status=status)


def _submit(request: AgentRequest, form: forms.Form, act: Callable[[], str]) -> HttpResponse | None:
    """Carry out the act of a form once; None when the form is to be shown, a refusal beside its field."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return once.run(request, act)
    except (InputRefused, GuardRefused, MoveRefused, ConflictRefused) as refusal:
        name = getattr(refusal, "field", None)
        form.add_error(name if name in form.fields else None, refusal.message)
    return None


def _instant(day: date, hour: time) -> datetime:
    return make_aware(datetime.combine(day, hour))


patterns = [
    path("violations/", index, name="incidents"),
    path("violations/nouvelle", add, name="incident_new"),
    path("violations/<uuid:pk>/", page, name="incident"),
    *[path(f"violations/<uuid:pk>/{name}", act, {"name": name}, name=f"incident_{name}") for name in _FORMS],
]
