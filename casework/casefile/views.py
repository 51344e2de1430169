"""Drafts, local lists, school holidays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest, SignedInRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, signed_in
from casework.access.viewer import Viewer
from casework.casefile import actions, drafts, once, reads
from casework.casefile.codes import ListCode, SchoolZone
from casework.casefile.forms import AddItemForm, RenameItemForm, SchoolHolidayForm
from casework.errors import AccessRefused, AlreadyDone, InputRefused, Shredded

_manages = member(Action.MANAGE, DataClass.ACCOUNTS)


@signed_in
@require_http_methods(["GET", "POST"])
def draft(request: SignedInRequest, form_key: str) -> HttpResponse:
    """Keep or give back the viewer's own draft of one form (JSON)."""
    viewer = request.viewer
    if viewer is None or not viewer.live(request.now):
        raise AccessRefused
    response = _save_draft(request, viewer, form_key) if request.method == "POST" else None
    if response is None:
        found = drafts.load(viewer, form_key, now=request.now)
        fields = {name: list(values) for name, values in found.fields.items()} if found else {}
        saved_at = _hour(found.saved_at) if found else ""
        response = JsonResponse({"found": found is not None, "at": saved_at, "fields": fields})
    response["Cache-Control"] = "no-store"
    return response


def _save_draft(request: SignedInRequest, viewer: Viewer, form_key: str) -> HttpResponse:
    try:
        fields, signed = _posted(request)
        payload = drafts.payload_of(fields)
        token = next((str(values[-1]) for name, values in fields if name == once.FIELD and values), "")
        if once.just_sent(viewer.mandate_id, token, request.now):
            return _sent()
        subject_id = drafts.subject_of(viewer, form_key, signed)
        drafts.save(viewer, form_key, payload, now=request.now, subject_id=subject_id)
        if once.just_sent(viewer.mandate_id, token, request.now):
            # The form was carried out between the first look and the draft.
            drafts.discard(viewer, form_key)
            return _sent()
    except AlreadyDone:
        return _sent()
    except InputRefused as refusal:
        return JsonResponse({"saved": False, "message": refusal.message}, status=422)
    except Shredded:
        return JsonResponse({"saved": False, "message": "Ce texte ne peut plus être gardé."}, status=410)
    at = _hour(request.now)
    return JsonResponse({"saved": True, "at": at, "message": f"Brouillon enregistré à {at}"})


def _sent() -> HttpResponse:
    """Answer an autosave whose form is carried out already: nothing is wrong, and the page tries again later."""
    return JsonResponse({"saved": False, "sent": True})


def _posted(request: SignedInRequest) -> tuple[list[tuple[str, list[Any]]], str]:
    """Return the fields sent, as a form or as one JSON object, and the signed handle among them."""
    if request.content_type != "application/json":
        return list(request.POST.lists()), request.POST.get(drafts.HANDLE_FIELD, "")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise InputRefused("Ce brouillon ne peut pas être lu.") from None
    if not isinstance(body, dict):
        raise InputRefused("Ce brouillon ne peut pas être lu.")
    fields = [(str(k), v if isinstance(v, list) else [v]) for k, v in body.items()]
    return fields, str(body.get(drafts.HANDLE_FIELD, ""))


def _hour(moment: Any) -> str:
    return localtime(moment).strftime("%H:%M")


@_manages
def local_lists(request: AgentRequest) -> HttpResponse:
    """Show the lists of the territory."""
    return _lists_page(request)


@_manages
@require_POST
def add_item(request: AgentRequest) -> HttpResponse:
    """Add a line."""
    form = AddItemForm(request.POST)
    if not form.is_valid():
        return _lists_page(request, form)
    code, label = ListCode(form.cleaned_data["list_code"]), form.cleaned_data["label"]
    territory_id = request.viewer.territory_id
    if territory_id is None:
        raise AccessRefused
    return _carry_out(
        request, form, lambda: actions.add_item(territory_id, code, label, by=request.viewer, now=request.now)
    )


@_manages
@require_POST
def rename_item(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Rename a line."""
    form = RenameItemForm(request.POST)
    if not form.is_valid():
        return _lists_page(request, form)
    label = form.cleaned_data["label"]
    return _carry_out(request, form, lambda: actions.rename_item(pk, label, by=request.viewer, now=request.now))


@_manages
@require_POST
def change_item(request: AgentRequest, pk: UUID, act: str) -> HttpResponse:
    """Close, reopen, move up or down a line."""
    acts: dict[str, Callable[[], None]] = {
        "fermer": lambda: actions.close_item(pk, by=request.viewer, now=request.now),
        "rouvrir": lambda: actions.reopen_item(pk, by=request.viewer, now=request.now),
        "monter": lambda: actions.move_item(pk, -1, by=request.viewer, now=request.now),
        "descendre": lambda: actions.move_item(pk, 1, by=request.viewer, now=request.now),
    }
    if act not in acts:
        raise AccessRefused
    return _carry_out(request, Form(request.POST), acts[act])


def _carry_out(request: AgentRequest, form: Form, act: Callable[[], object]) -> HttpResponse:
    """Carry out one change of a list; a refused value comes back beside its field."""
    page = reverse("casefile:local_lists")
    try:
        return once.run(request, act, to=page)
    except InputRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _lists_page(request, form)


def _lists_page(request: AgentRequest, form: Form | None = None) -> HttpResponse:
    context = {"lists": reads.local_lists(request.viewer, request.now), "form": form}
    return render(request, "casefile/lists.html", context, status=422 if form else 200)


@_manages
@require_http_methods(["GET", "POST"])
def school_holidays(request: AgentRequest) -> HttpResponse:
    """Show the school holidays, add some."""
    form = SchoolHolidayForm(request.POST or None, initial={"zone": reads.school_zone(request.viewer)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"zone": SchoolZone(form.cleaned_data["zone"])}
        try:
            return once.run(
                request,
                lambda: actions.add_school_holiday(**values, by=request.viewer, now=request.now),
                to=reverse("casefile:school_holidays"),
            )
        except InputRefused as refusal:
            form.add_error(refusal.field, refusal.message)
    context = {"holidays": reads.school_holidays(request.now), "form": form}
    return render(request, "casefile/school_holidays.html", context, status=422 if form.errors else 200)


@_manages
@require_POST
def delete_school_holiday(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Remove school holidays."""
    return once.run(
        request,
        lambda: actions.delete_school_holiday(pk, by=request.viewer, now=request.now),
        to=reverse("casefile:school_holidays"),
    )
