"""The list of supports; receiving somebody."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action, reachable
from casework.access.routes import member
from casework.casefile import drafts, once
from casework.errors import InputRefused
from casework.vif.victims import facts
from casework.vif.victims.actions import opening
from casework.vif.victims.forms import SupportForm
from casework.vif.victims.reads import lists
from casework.vif.victims.views.common import page_url

DRAFT = "victims-new"


@member(Action.LIST, DataClass.VIF_VICTIM)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List the supports that the viewer may open."""
    lines = lists.visible(request.viewer, request.now)
    context = {
        "lines": [line for line in lines if not line.is_over], "over": [line for line in lines if line.is_over],
        "may_create": reachable(request.viewer, Action.CREATE, DataClass.VIF_VICTIM),
    }  # fmt: skip
    return render(request, "victims/list.html", context)


@member(Action.CREATE, DataClass.VIF_VICTIM)
@require_http_methods(["GET", "POST"])
def receive(request: AgentRequest) -> HttpResponse:
    """Receive somebody; what is typed is kept as a draft under her own key."""
    facts.require_creation(request.viewer, request.now)
    if request.method == "POST":
        form = SupportForm(request.POST)
        if form.is_valid():

            def act() -> str:
                row = opening.open_support(
                    by=request.viewer, data=form.support(), now=request.now, victim_id=form.cleaned_data["victim_id"]
                )
                return page_url(row.pk)

            try:
                return once.run(request, act, draft=DRAFT)
            except InputRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _new(request, form, form.data.get("victim_id", ""), None)
    draft = drafts.load(request.viewer, DRAFT, now=request.now)
    if draft is not None:
        initial = draft.as_initial(["channels"]) | {"victim_id": draft.subject_id}
        return _new(request, SupportForm(initial=initial), str(draft.subject_id), draft)
    victim_id = uuid.uuid4()
    form = SupportForm(initial={"victim_id": victim_id, "received_on": localdate(request.now)})
    return _new(request, form, str(victim_id), None)


def _new(request: AgentRequest, form: SupportForm, victim_id: str, draft: drafts.SavedDraft | None) -> HttpResponse:
    try:
        subject = uuid.UUID(str(victim_id))
    except ValueError:
        subject = uuid.uuid4()
    context = {
        "form": form, "draft_key": DRAFT, "victim_id": subject, "saved_at": draft.saved_at if draft else None,
        "more": [form[name] for name in form.MORE],
    }  # fmt: skip
    return render(request, "victims/new.html", context, status=422 if form.is_bound else 200)


patterns = [
    path("", index, name="index"),
    path("nouvel-accompagnement/", receive, name="new"),
]
