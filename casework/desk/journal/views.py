"""Journal: read, watch, answer a person, check. Every page opened here is itself an event."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework import audit
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.audit import Act, export
from casework.casefile import documents as papers
from casework.casefile import once
from casework.desk.journal import actions, documents, facts, reads
from casework.desk.journal.forms import FilterForm, RecordForm
from casework.errors import GuardRefused
from casework.partners.models import Territory

JOURNAL = DataClass.JOURNAL


@member(Action.LIST, JOURNAL)
@require_http_methods(["GET", "POST"])
def index(request: AgentRequest) -> HttpResponse:
    """Show what was done, newest first; filters come by POST."""
    territory_id = facts.require_journal(request.viewer, Action.LIST, request.now)
    people = reads.staff(territory_id)
    form = FilterForm(request.POST if request.method == "POST" else {}, territory_id=territory_id, people=people)
    if not form.is_valid():
        return render(request, "journal/index.html", {"form": form}, status=422)
    filters = form.filters(reads.zone_of(territory_id))
    page = reads.page(request.viewer, territory_id, filters, people)
    kept = [(name, request.POST.get(name, "")) for name in form.fields if name != "before"]
    context = {
        "form": form, "page": page, "kept": [pair for pair in kept if pair[1]],
        "filtered": any(value for _, value in kept),
    }  # fmt: skip
    return render(request, "journal/index.html", context)


@member(Action.LIST, JOURNAL)
@require_safe
def alerts(request: AgentRequest) -> HttpResponse:
    """Show what the watch rules saw."""
    territory_id = facts.require_journal(request.viewer, Action.LIST, request.now)
    audit.record(request.viewer, Act.WHO_READ, module="audit", object_type="journal", classes=["journal"], why="alerts")
    lines = reads.alerts(territory_id, reads.staff(territory_id))
    return render(request, "journal/alerts.html", {"lines": lines, "rules": reads.RULES.values()})


@member(Action.LIST, JOURNAL)
@require_http_methods(["GET", "POST"])
def openings(request: AgentRequest) -> HttpResponse:
    """Show who opened one file, found by its reference."""
    territory_id = facts.require_journal(request.viewer, Action.VIEW, request.now)
    form = RecordForm(request.POST if request.method == "POST" else None, territory_id=territory_id)
    if not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "journal/openings.html", {"form": form}, status=status)
    found = reads.openings(
        request.viewer,
        territory_id,
        form.cleaned_data["reference"],
        reads.staff(territory_id),
        request.now,
        Act.WHO_READ,
    )
    return render(request, "journal/openings.html", {"form": form, "found": found})


@stepped_up
@member(Action.PRINT, JOURNAL)
@require_POST
def openings_pdf(request: AgentRequest) -> HttpResponse:
    """Print who opened one file, for whoever asks."""
    found = _found(request, Act.PRINT)
    if found is None:
        return HttpResponseRedirect(reverse("journal:openings"))
    commune = Territory.objects.values_list("name", flat=True).get(pk=request.viewer.territory_id)
    return papers.response(documents.openings_pdf(found, commune, request.now), "consultations")


@stepped_up
@member(Action.EXPORT, JOURNAL)
@require_POST
def openings_proof(request: AgentRequest) -> HttpResponse:
    """Give the file that proves each line against the printed checkpoint, without the software."""
    found = _found(request, Act.EXPORT)
    if found is None or found.checkpoint is None:
        return HttpResponseRedirect(reverse("journal:openings"))
    return HttpResponse(
        export.proof(found.events, found.checkpoint),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="preuve-{secrets.token_hex(4)}.json"',
            "Cache-Control": "no-store",
        },
    )


def _found(request: AgentRequest, act: Act) -> reads.Openings | None:
    territory_id = facts.require_journal(request.viewer, Action.VIEW, request.now)
    form = RecordForm(request.POST, territory_id=territory_id)
    if not form.is_valid():
        return None
    return reads.openings(
        request.viewer, territory_id, form.cleaned_data["reference"], reads.staff(territory_id), request.now, act
    )


@member(Action.LIST, JOURNAL)
@require_safe
def integrity(request: AgentRequest) -> HttpResponse:
    """Show where the log stands, what was signed, and what reaches its term."""
    territory_id: UUID = facts.require_journal(request.viewer, Action.LIST, request.now)
    audit.record(
        request.viewer, Act.WHO_READ, module="audit", object_type="journal", classes=["journal"], why="integrity"
    )
    context = {
        "state": reads.integrity(territory_id, request.now),
        "may_ask": facts.may_decide_on_terms(request.viewer, request.now),
        "agreed": actions.agreed(by=request.viewer, now=request.now),
        "asked": actions.asked(by=request.viewer, now=request.now),
    }
    return render(request, "journal/integrity.html", context)


@stepped_up
@member(Action.VIEW, JOURNAL)
@require_POST
def terms(request: AgentRequest) -> HttpResponse:
    """Ask for the purge at its term, or put in force what a second person agreed to."""
    facts.require_journal(request.viewer, Action.VIEW, request.now)

    def act() -> str:
        if actions.agreed(by=request.viewer, now=request.now):
            actions.put_in_force(by=request.viewer, now=request.now)
        else:
            actions.ask(by=request.viewer, now=request.now)
        return reverse("journal:integrity")

    try:
        return once.run(request, act)
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(reverse("journal:integrity"))


app_name = "journal"
urlpatterns = [
    path("", index, name="index"),
    path("alertes/", alerts, name="alerts"),
    path("consultations/", openings, name="openings"),
    path("consultations.pdf", openings_pdf, name="openings_pdf"),
    path("consultations/preuve", openings_proof, name="openings_proof"),
    path("integrite/", integrity, name="integrity"),
    path("integrite/duree", terms, name="terms"),
]
