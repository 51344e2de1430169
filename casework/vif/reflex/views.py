"""The reflex sheet: read by all, written by two, printed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile.acts import submit
from casework.vif.reflex import actions, documents, facts, reads
from casework.vif.reflex.codes import Part
from casework.vif.reflex.forms import SessionForm, SheetForm

looks = member(Action.VIEW, DataClass.REFLEX)
writes = member(Action.CHANGE, DataClass.REFLEX)


@looks
@require_safe
def sheet(request: AgentRequest) -> HttpResponse:
    """Show the sheet."""
    return _sheet(request, None)


def _sheet(request: AgentRequest, bound: SessionForm | None) -> HttpResponse:
    context: dict[str, Any] = {"sheet": reads.sheet(request.viewer, request.now)}
    context["form"] = bound or SessionForm(initial={"held_on": localdate(request.now)})
    return render(request, "reflex/sheet.html", context, status=422 if bound else 200)


@writes
@require_http_methods(["GET", "POST"])
def edit(request: AgentRequest) -> HttpResponse:
    """Write the next version."""
    facts.require_writer(request.viewer, request.now)
    found = reads.sheet(request.viewer, request.now)
    form = SheetForm(
        request.POST if request.method == "POST" else None, initial=found.texts | {"version": found.version}
    )

    def carry_out() -> None:
        given = form.cleaned_data
        actions.write(
            by=request.viewer, parts={part: given[part] for part in Part.values}, now=request.now,
            expected=given["version"],
        )  # fmt: skip

    done = submit(request, form, carry_out, to=reverse("reflex:sheet"))
    return done or render(request, "reflex/edit.html", {"form": form}, status=422 if form.is_bound else 200)


@writes
@require_POST
def session(request: AgentRequest) -> HttpResponse:
    """Record an awareness session."""
    facts.require_writer(request.viewer, request.now)
    form = SessionForm(request.POST)

    def carry_out() -> None:
        actions.record_session(by=request.viewer, now=request.now, **form.cleaned_data)

    return submit(request, form, carry_out, to=reverse("reflex:sheet") + "#sensibilisations") or _sheet(request, form)


@looks
@require_safe
def paper(request: AgentRequest) -> HttpResponse:
    """Give the sheet to print."""
    return pdf.response(documents.paper(request.viewer, request.now), "fiche-reflexe")
