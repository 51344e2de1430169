"""The list of situations, the search, the page of one situation."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.minors.followups import facts, sections
from casework.minors.followups.reads import caseload
from casework.minors.followups.reads import search as searching
from casework.minors.followups.reads import situations as reads


@member(Action.LIST, DataClass.YOUTH_CARD)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """List the situations the viewer may see; filters stay in the URL, never a name."""
    kind = request.GET.get("etat", "suivies")
    number = request.GET.get("page", "1")
    listing = reads.listing(request.viewer, now=request.now, kind=kind, page=int(number) if number.isdecimal() else 1)
    return render(
        request,
        "followups/list.html",
        {
            "listing": listing,
            "kind": kind if kind in reads.FILTERS else "suivies",
            "may_open_caseload": not request.viewer.is_service_lead
            and caseload.represents(request.viewer, request.now),
            "today": localdate(request.now),
        },
    )


@member(Action.LIST, DataClass.YOUTH_CARD)
@require_http_methods(["POST"])
def search(request: AgentRequest) -> HttpResponse:
    """Search by name or reference among what the viewer may see. POST only: the term is never stored (T-17)."""
    term = request.POST.get("q", "").strip()
    answer = searching.find(request.viewer, term, now=request.now)
    return render(request, "followups/search.html", {"answer": answer, "term": term})


@member(Action.VIEW, DataClass.YOUTH_CARD)
@require_GET
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one situation, one tab at a time."""
    follow_up = facts.find(request.viewer, pk, request.now)
    relation = facts.relation(request.viewer, follow_up, request.now)
    tab = request.GET.get("onglet", "suivi")
    tab = tab if tab in sections.TABS else "suivi"
    # One event for the page, whatever the number of its parts.
    with reads.whole_page(request.viewer, follow_up, relation, tab, request.now):
        header = reads.header(request.viewer, follow_up, relation, request.now)
        built = sections.build(tab, request.viewer, follow_up, relation, request.now)
    return render(
        request,
        "followups/page.html",
        {
            "header": header,
            "sections": built,
            "tabs": sections.TABS.items(),
            "tab": tab,
            "today": localdate(request.now),
        },
    )


patterns = [
    path("situations/", index, name="list"),
    path("situations/recherche/", search, name="search"),
    path("situations/<uuid:pk>/", page, name="page"),
]
