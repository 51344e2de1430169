"""The week sheet: printed, then typed back in two minutes; answering an incident."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from casework.access import days
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import format as fr
from casework.casefile import once
from casework.casefile.acts import one_click, submit
from casework.errors import GuardRefused, InputRefused
from casework.placements.tig import codes
from casework.placements.tig.actions import attendance, incidents, plans
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.forms import acts as forms
from casework.placements.tig.reads import placements as reads
from casework.placements.tig.reads import weeks
from casework.placements.tig.reads.weeks import Line, Week

UNPROCESSABLE = 422
NOTHING = "Rien de nouveau à enregistrer : indiquez la présence sur une ligne, ou choisissez « Comme prévu »."


def _line_form(request: AgentRequest, line: Line) -> forms.LineForm:
    return forms.LineForm(
        request.POST if request.method == "POST" else None, prefix=str(line.id),
        initial={
            "outcome": line.outcome, "starts_at": line.starts_at, "ends_at": line.ends_at,
            "break_minutes": line.break_minutes,
        },
    )  # fmt: skip


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Type the signed week sheet of a post: « comme prévu », then the exceptions; all the lines or none."""
    day = days.in_address(request.GET.get("semaine", ""), localdate(request.now))
    found = weeks.week(request.viewer, pk, day, request.now)
    lines = [(line, _line_form(request, line)) for line in found.lines]
    here = reverse("tig:sheet", args=[pk]) + f"?semaine={found.monday.isoformat()}"
    if request.method == "POST":
        try:
            entries = _entries(request, found, lines)
            if entries and not any(form.errors for _, form in lines):
                answer = once.run(request, lambda: _record(request, entries), to=here)
                messages.success(
                    request, f"{fr.plural(len(entries), 'demi-journée inscrite', 'demi-journées inscrites')}."
                )
                return answer
            if not entries and not any(form.errors for _, form in lines):
                messages.warning(request, NOTHING)
        except InputRefused as refusal:
            form = next((form for line, form in lines if str(line.id) == refusal.field), None)
            if form is None:
                messages.error(request, refusal.message)
            else:
                form.add_error(None, refusal.message)
        except GuardRefused as refusal:
            messages.error(request, refusal.message)
    context = {
        "week": found,
        "lines": lines,
        "here": here,
        "sheets": weeks.sheets(request.viewer, found, request.now),
        "today": localdate(request.now),
        "signed": request.method == "GET" or "signed" in request.POST,
    }
    return render(request, "tig/sheet.html", context, status=UNPROCESSABLE if request.method == "POST" else 200)


def _record(request: AgentRequest, entries: list[Entry]) -> None:
    attendance.record(
        by=request.viewer, entries=entries, mode=codes.Mode.PAPER, signed_by_both="signed" in request.POST,
        now=request.now,
    )  # fmt: skip


def _entries(request: AgentRequest, found: Week, lines: list[tuple[Line, forms.LineForm]]) -> list[Entry]:
    """Return what changed: « comme prévu » fills the lines that wait and are over."""
    as_planned = "as_planned" in request.POST
    entries = []
    for line, form in lines:
        if not form.is_valid():
            continue
        data = form.cleaned_data
        outcome = data["outcome"]
        if not outcome and as_planned and line.day <= localdate(request.now):
            outcome = codes.Outcome.WORKED
        same = (
            outcome == line.outcome and data["starts_at"] == line.starts_at and data["ends_at"] == line.ends_at
            and (data["break_minutes"] or 0) == line.break_minutes
        )  # fmt: skip
        if outcome and not same:
            entries.append(
                Entry(half_day_id=line.id, outcome=outcome, starts_at=data["starts_at"], ends_at=data["ends_at"],
                      break_minutes=data["break_minutes"] or 0)
            )  # fmt: skip
    return entries


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_POST
def remove_half_day(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a half-day to come out of the plan."""
    back = request.POST.get("back", "")
    to = back if back.startswith(reverse("tig:list")) else reverse("tig:list")
    return one_click(request, lambda: plans.remove_half_day(by=request.viewer, half_day_id=pk, now=request.now), to=to)


@member(Action.VIEW, DataClass.PLACEMENT_INCIDENT)
@require_http_methods(["GET", "POST"])
def incident(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Read an incident and answer it, as the officer."""
    row = incidents.find(request.viewer, pk, request.now)
    found = reads.page(request.viewer, row.placement, request.now)
    line = next(each for each in found.incidents if each.id == pk)
    back = reverse("tig:page", args=[row.placement_id])
    form = forms.choice_form("decision", "Votre réponse", list(codes.IncidentAnswer.choices))(request.POST or None)
    done = submit(
        request, form,
        lambda: incidents.answer(
            by=request.viewer, incident=row, decision=form.cleaned_data["decision"], now=request.now
        ),
        to=back,
    )  # fmt: skip
    context: dict[str, Any] = {"form": form, "line": line, "page": found, "back": back, "today": localdate(request.now)}
    return done or render(request, "tig/incident.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.CHANGE, DataClass.PLACEMENT_INCIDENT)
@require_POST
def declared(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note that an accident was declared."""
    row = incidents.find(request.viewer, pk, request.now)
    back = reverse("tig:page", args=[row.placement_id])
    return one_click(
        request, lambda: incidents.declare_accident(by=request.viewer, incident=row, now=request.now), to=back
    )


patterns = [
    path("demi-journees/<uuid:pk>/retirer/", remove_half_day, name="remove_half_day"),
    path("semaines/<uuid:pk>/", sheet, name="sheet"),
    path("incidents/<uuid:pk>/", incident, name="incident"),
    path("incidents/<uuid:pk>/declare/", declared, name="declared"),
]
