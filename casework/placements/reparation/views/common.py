"""What the views of réparations share."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from casework.access.http import AgentRequest
from casework.casefile import once
from casework.errors import ConflictRefused, GuardRefused, InputRefused, MoveRefused


def submit(request: AgentRequest, form: forms.Form, act: Callable[[], object], *, to: str) -> HttpResponse | None:
    """Carry out the act of a form once; None when the form is to be shown, a refusal beside its field."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return once.run(request, act, to=to)
    except (InputRefused, GuardRefused, MoveRefused, ConflictRefused) as refusal:
        name = getattr(refusal, "field", None)
        form.add_error(name if name in form.fields else None, refusal.message)
    return None


def one_click(request: AgentRequest, act: Callable[[], object], *, to: str) -> HttpResponse:
    """Carry out an act of a few clicks once and come back; a refusal is said at the top of the page."""
    try:
        return once.run(request, act, to=to)
    except (InputRefused, GuardRefused, MoveRefused, ConflictRefused) as refusal:
        messages.error(request, refusal.message)
    return redirect(to)


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one réparation, at one of its parts."""
    return reverse("reparation:page", args=[pk]) + (f"#{anchor}" if anchor else "")
