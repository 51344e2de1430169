"""The list of réparations, cut for who asks; receiving a new one."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.routes import member
from casework.casefile import drafts, once
from casework.errors import InputRefused
from casework.placements.reparation import facts
from casework.placements.reparation.actions import opening
from casework.placements.reparation.codes import Presence, Track
from casework.placements.reparation.forms import OrderForm
from casework.placements.reparation.reads import asked, lists
from casework.placements.reparation.views.common import page_url

TRACKS = {"alternative": Track.ALTERNATIVE, "module": Track.MODULE}


@member(Action.LIST, DataClass.REPARATION_ACTIVITY)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List one's own cases; for a host, whom it receives."""
    viewer, now = request.viewer, request.now
    if ceiling(viewer.role, Action.LIST, DataClass.REPARATION_CONTENT):
        lines = lists.own(viewer, now)
        context = {
            "lines": [line for line in lines if not line.is_over], "over": [line for line in lines if line.is_over],
            "may_create": ceiling(viewer.role, Action.CREATE, DataClass.REPARATION_CONTENT),
        }  # fmt: skip
        return render(request, "reparation/list.html", context)
    context = {
        "people": lists.received(viewer, now), "requests": asked.waiting(viewer, now), "presences": Presence.choices
    }  # fmt: skip
    return render(request, "reparation/received.html", context)


@member(Action.CREATE, DataClass.REPARATION_CONTENT)
@require_http_methods(["GET", "POST"])
def receive(request: AgentRequest, track: str) -> HttpResponse:
    """Receive an order; what is typed is kept as a draft under the new person's key."""
    if track not in TRACKS:
        raise Http404
    facts.require_creation(request.viewer, request.now)
    key = f"reparation-{track}"
    if request.method == "POST":
        form = OrderForm(request.POST, track=TRACKS[track])
        if form.is_valid():
            made: list[str] = []

            def act() -> str:
                row = opening.receive(
                    by=request.viewer, data=form.order(), now=request.now, young_id=form.cleaned_data["young_id"]
                )
                made.append(page_url(row.pk))
                return made[0]

            try:
                return once.run(request, act, draft=key)
            except InputRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _new(request, form, track, key, form.data.get("young_id", ""), None)
    draft = drafts.load(request.viewer, key, now=request.now)
    if draft is not None:
        form = OrderForm(initial=draft.as_initial(["goals"]) | {"young_id": draft.subject_id}, track=TRACKS[track])
        return _new(request, form, track, key, str(draft.subject_id), draft)
    young_id = uuid.uuid4()
    today = localdate(request.now)
    form = OrderForm(
        initial={"young_id": young_id, "ordered_on": today, "goals": ["responsibility", "activity"]},
        track=TRACKS[track],
    )
    return _new(request, form, track, key, str(young_id), None)


def _new(
    request: AgentRequest, form: OrderForm, track: str, key: str, young_id: str, draft: drafts.SavedDraft | None
) -> HttpResponse:
    try:
        subject = uuid.UUID(str(young_id))
    except ValueError:
        subject = uuid.uuid4()
    context = {
        "form": form, "track": TRACKS[track], "draft_key": key, "young_id": subject,
        "saved_at": draft.saved_at if draft else None,
        "optional": [form[name] for name in form.OPTIONAL],
        "measure": [form[name] for name in form.MEASURE if name in form.fields],
    }  # fmt: skip
    return render(request, "reparation/new.html", context, status=422 if form.is_bound else 200)


patterns = [
    path("", index, name="index"),
    path("nouvelle/<str:track>/", receive, name="new"),
]
