"""Acts about who may see a situation: declaring that one knows the person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from casework.access.exclusions import actions as exclusions
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of


@member(Action.VIEW, DataClass.YOUTH_CARD)
@require_POST
def declare(request: AgentRequest, pk: UUID) -> HttpResponse:
    """« Je connais cette personne »: the situation closes for the one who says so, at once."""
    row = facts.find(request.viewer, pk, request.now)

    def act() -> None:
        exclusions.declare(
            by=request.viewer, target=target_of(row), ground=request.POST.get("ground", ""), now=request.now
        )
        messages.success(
            request,
            "C’est noté, merci. Cette situation ne s’ouvre plus pour vous ; la coordination la confie à quelqu’un "
            "d’autre.",
        )

    return once.run(request, act, to=reverse("desk:work"))


patterns = [path("situations/<uuid:pk>/je-connais", declare, name="declare_conflict")]
