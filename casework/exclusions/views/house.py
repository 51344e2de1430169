"""What a host announces, of no pupil: its weeks and its catalogue."""

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
from casework.casefile import format as fr
from casework.casefile.acts import one_click, submit
from casework.errors import InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import houses
from casework.exclusions.forms import host as forms
from casework.exclusions.reads import announced as reads
from casework.exclusions.views.common import looks, writes


@looks
@require_http_methods(["GET", "POST"])
def weeks(request: AgentRequest) -> HttpResponse:
    """Announce the half-days of one week, and the same for those that follow."""
    if request.method == "POST":
        facts.require_lead(request.viewer, request.now)
    day = days.in_address(request.GET.get("du", ""), localdate(request.now))
    found = reads.weeks(request.viewer, day, request.now)
    data = request.POST if request.method == "POST" else None
    lines = [(each, [forms.OpeningForm(data, announced=half) for half in each.halves]) for each in found.days]
    repeat = forms.RepeatForm(data)
    every = [form for _, halves in lines for form in halves]
    here = reverse("exclusion_support:weeks") + f"?du={found.monday.isoformat()}"

    def act() -> None:
        stands = houses.announce(
            by=request.viewer, monday=found.monday, weeks=repeat.cleaned_data["weeks"],
            half_days=[form.half_day() for form in every], now=request.now,
        )  # fmt: skip
        messages.success(request, f"{fr.plural(stands, 'demi-journée annoncée', 'demi-journées annoncées')}.")

    wrong = [form for form in every if not form.is_valid()]  # each says what is wrong, not the first alone
    valid = data is not None and not wrong
    done = submit(request, repeat, act, to=here) if valid else None
    context = {
        "weeks": found,
        "lines": lines,
        "repeat": repeat,
        "here": here,
        "has_errors": data is not None and not valid,
    }
    return done or render(request, "exclusion_support/weeks.html", context, status=200 if data is None else 422)


@looks
@require_http_methods(["GET", "POST"])
def catalogue(request: AgentRequest) -> HttpResponse:
    """Show the activities under the four themes; the lead adds one."""
    if request.method == "POST":
        facts.require_lead(request.viewer, request.now)
    found = reads.catalogue(request.viewer, request.now)
    form = forms.ActivityForm(request.POST or None, initial={"theme": request.GET.get("theme", "")})

    def act() -> None:
        houses.add_activity(by=request.viewer, now=request.now, **form.cleaned_data)

    done = submit(request, form, act, to=reverse("exclusion_support:catalogue"))
    context: dict[str, Any] = {
        "themes": found,
        "form": form,
        "may_change": facts.leads_here(request.viewer, request.now),
    }
    return done or render(
        request, "exclusion_support/catalogue.html", context, status=422 if request.method == "POST" else 200
    )


@writes
@require_POST
def switch(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Offer an activity, or no more."""
    facts.require_lead(request.viewer, request.now)
    said = request.POST.get("offered", "")

    def act() -> None:
        if said not in ("0", "1"):
            raise InputRefused("Choisissez une réponse.")
        houses.switch_activity(by=request.viewer, activity_id=pk, is_active=said == "1", now=request.now)

    return one_click(request, act, to=reverse("exclusion_support:catalogue"))


patterns = [
    path("semaines/", weeks, name="weeks"),
    path("activites/", catalogue, name="catalogue"),
    path("activites/<uuid:pk>", switch, name="activity_switch"),
]
