"""Acts about who may see a situation: a conflict declared, an address protected, the day on duty."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from casework import audit
from casework.access.exclusions import actions as exclusions
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.protection import actions as protection
from casework.access.routes import member, stepped_up
from casework.audit import Act, Purpose
from casework.casefile import once
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.reads import access as reads
from casework.minors.followups.reads import situations


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


@member(Action.CHANGE, DataClass.YOUTH_IDENTITY)
@require_POST
def protect(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Set or lift « adresse à ne pas communiquer », by the coordinator or whoever typed it; no reason is asked."""
    row = facts.find(request.viewer, pk, request.now)
    relation = facts.relation(request.viewer, row, request.now)
    if not reads.may_protect(request.viewer, row, relation, request.now):
        raise AccessRefused(code="protect")

    def act() -> None:
        if request.POST.get("do") == "lift":
            protection.unprotect(by=request.viewer, person_id=row.subject_id, now=request.now)
        else:
            protection.protect(
                by=request.viewer, person_id=row.subject_id, territory_id=row.territory_id, now=request.now
            )

    return once.run(request, act, to=reverse("followups:page", args=[pk]) + "?onglet=famille")


@member(Action.VIEW, DataClass.YOUTH_IDENTITY)
@stepped_up
@require_safe
def whereabouts(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show address, phone and school to the agent on duty, with a fresh second factor, under an event of their own."""
    row = facts.find(request.viewer, pk, request.now)
    relation = facts.require_on(request.viewer, row, Action.VIEW, DataClass.YOUTH_IDENTITY, request.now)
    if facts.withheld(request.viewer, row, relation) != facts.ON_DUTY:
        raise AccessRefused(code="whereabouts")
    with audit.reading(
        request.viewer, subjects=[row.subject_id], classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_OCCUPATION],
        purpose=Purpose.REVIEW, act=Act.REVEAL, object_type="follow_up", object_ids=[row.pk],
    ):  # fmt: skip
        found = situations.identity(request.viewer, row)
    context = {"identity": found, "reference": row.reference, "follow_up_id": row.pk}
    return render(request, "followups/whereabouts.html", context)


patterns = [
    path("situations/<uuid:pk>/je-connais", declare, name="declare_conflict"),
    path("situations/<uuid:pk>/adresse-protegee", protect, name="protect"),
    path("situations/<uuid:pk>/coordonnees", whereabouts, name="whereabouts"),
]
