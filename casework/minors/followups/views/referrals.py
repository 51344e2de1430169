"""A saisine by a member or the coordinator."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import drafts, once
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import referrals as actions
from casework.minors.followups.data import ReferralData
from casework.minors.followups.forms.referrals import ReferralForm
from casework.partners.models import Territory

DRAFT = "saisine"


@member(Action.CREATE, DataClass.YOUTH_REFERRAL)
def refer(request: AgentRequest) -> HttpResponse:
    """Show the form, or receive the saisine once; what is typed is kept as a draft under the new person's key."""
    viewer = request.viewer
    sectors = Territory.objects.values_list("sectors", flat=True).get(pk=viewer.territory_id)
    common = {"kind": viewer.organisation_kind, "today": localdate(request.now), "sectors": sectors}
    if request.method == "POST":
        form = ReferralForm(request.POST, **common)
        if form.is_valid():
            data = form.referral(viewer.organisation_id)
            try:
                return once.run(request, lambda: _refer(request, data), draft=DRAFT)
            except InputRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            except GuardRefused as refusal:
                form.add_error(None, refusal.message)
        return render(request, "followups/refer.html", _context(form, form.data.get("person_id", "")), status=422)
    draft = drafts.load(viewer, DRAFT, now=request.now)
    if draft is not None:
        form = ReferralForm(initial=draft.as_initial(["reasons"]), **common)
        for part in form.representative_forms:
            part.initial = dict(part.initial) | {
                name.removeprefix(f"{part.prefix}-"): values[-1]
                for name, values in draft.fields.items()
                if values and name.startswith(f"{part.prefix}-")
            }
        return render(request, "followups/refer.html", _context(form, str(draft.subject_id), draft))
    person_id = uuid.uuid4()
    form = ReferralForm(initial={"person_id": person_id}, **common)
    return render(request, "followups/refer.html", _context(form, str(person_id)))


def _refer(request: AgentRequest, data: ReferralData) -> str:
    """Receive the saisine; return the page to go to: the situation, or the status list for who only sends."""
    follow_up = actions.refer(by=request.viewer, data=data, now=request.now)
    messages.success(request, "La saisine est enregistrée.")
    if facts.visible_to(request.viewer, request.now).filter(pk=follow_up.pk).exists():
        return reverse("followups:page", args=[follow_up.pk])
    return reverse("followups:queue")


def _context(form: ReferralForm, person_id: str, draft: drafts.SavedDraft | None = None) -> dict[str, object]:
    try:
        subject = uuid.UUID(str(person_id))
    except ValueError:
        subject = uuid.uuid4()
    return {"form": form, "person_id": subject, "draft_key": DRAFT, "saved_at": draft.saved_at if draft else None}


patterns = [
    path("saisines/nouvelle/", refer, name="refer"),
]
