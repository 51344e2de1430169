"""Where she is: each place shown alone, on a fresh second factor."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.routes import stepped_up
from casework.casefile.acts import one_click, submit
from casework.vif.victims import facts
from casework.vif.victims.actions import whereabouts
from casework.vif.victims.forms import PlaceForm
from casework.vif.victims.reads import places as reads
from casework.vif.victims.views.common import places_writes, reveals


@reveals
@require_http_methods(["GET", "POST"])
def places(request: AgentRequest, pk: UUID) -> HttpResponse:
    """List the closed lines; write down one more place."""
    found = reads.places(request.viewer, pk, request.now)
    form = PlaceForm(request.POST if request.method == "POST" else None)

    def carry_out() -> None:
        row = facts.find(request.viewer, pk, request.now)
        whereabouts.add(by=request.viewer, support=row, now=request.now, **form.cleaned_data)

    done = submit(request, form, carry_out, to=reverse("victims:places", args=[pk]))
    return done or render(
        request, "victims/places.html", {"found": found, "form": form}, status=422 if form.is_bound else 200
    )


@stepped_up
@reveals
@require_safe
def show(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one place."""
    support_id, shown = reads.reveal(request.viewer, pk, request.now)
    found = reads.places(request.viewer, support_id, request.now, shown=shown)
    return render(request, "victims/places.html", {"found": found, "form": PlaceForm()})


@stepped_up
@places_writes
@require_POST
def remove(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete a place where she is no more."""
    support_id = facts.find_place(request.viewer, pk, request.now).support_id

    def carry_out() -> None:
        whereabouts.remove(by=request.viewer, place_id=pk, now=request.now)

    return one_click(request, carry_out, to=reverse("victims:places", args=[support_id]), done="Ce lieu est retiré.")


patterns = [
    path("<uuid:pk>/lieux/", places, name="places"),
    path("lieux/<uuid:pk>/", show, name="place"),
    path("lieux/<uuid:pk>/retirer", remove, name="place_remove"),
]
