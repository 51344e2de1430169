"""« Mon service » : the caseload by reference, and who follows what, in two clicks."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import revision
from casework.minors.followups.actions import handover
from casework.minors.followups.reads import caseload as reads
from casework.minors.followups.views.acts import _uuid, plain


# A representative is not always the lead: it holds the circle of its service, and so the card of its situations.
@member(Ask.VIEW, DataClass.OWN_SERVICE, (Ask.LIST, DataClass.YOUTH_CARD))
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Show the situations of the service, by reference only."""
    return render(request, "followups/caseload.html", {"caseload": reads.caseload(request.viewer, now=request.now)})


@member(Ask.MANAGE, DataClass.OWN_SERVICE, (Ask.LIST, DataClass.YOUTH_CARD))
@require_POST
def name(request: AgentRequest) -> HttpResponse:
    """Name the intervenant of one situation."""

    def act() -> None:
        chosen = request.POST.get("mandate", "")
        handover.name_in_charge(
            by=request.viewer, membership_id=_uuid(request.POST.get("membership", "")),
            mandate_id=_uuid(chosen) if chosen else None, now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip

    return plain(request, act, back=reverse("followups:caseload"), title="Désigner un intervenant")


patterns = [
    path("mon-service/situations/", index, name="caseload"),
    path("mon-service/situations/intervenant/", name, name="caseload_name"),
]
