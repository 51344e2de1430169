"""How a view carries out the act of a form or of a button: once, its refusal where it can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from casework.access.http import AgentRequest
from casework.casefile import conflict, once
from casework.errors import ConflictRefused, GuardRefused, InputRefused, MoveRefused


def submit(
    request: AgentRequest,
    form: forms.Form,
    act: Callable[[], object],
    *,
    to: str,
    fields: Mapping[str, str] | None = None,
    draft: str = "",
    current: Mapping[str, Any] | None = None,
    done: str = "",
) -> HttpResponse | None:
    """Carry out the act of a form once; None when the form is to be shown, a refusal beside its field.

    `fields`: the form's name of a field, where the action calls it otherwise. `draft`: the draft that it ends.
    `current`: the fields as they stand now, by name: what was changed meanwhile is then shown beside what was typed.
    `done`: said once it is carried out.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        response = once.run(request, act, to=to, draft=draft)
    except (InputRefused, GuardRefused, MoveRefused, ConflictRefused) as refusal:
        if isinstance(refusal, ConflictRefused) and current is not None:
            return conflict.resolve(request, form, refusal, current=current, back=to)
        name = getattr(refusal, "field", None) or ""
        name = (fields or {}).get(name, name)
        form.add_error(name if name in form.fields else None, refusal.message)
        return None
    if done:
        messages.success(request, done)
    return response


def one_click(request: AgentRequest, act: Callable[[], object], *, to: str, done: str = "") -> HttpResponse:
    """Carry out an act of one button once; a refusal comes back as a message on the page it was asked from."""
    try:
        response = once.run(request, act, to=to)
    except ConflictRefused:
        messages.warning(request, "La fiche a changé entre-temps : relisez-la, puis recommencez.")
    except MoveRefused:
        messages.warning(request, "C’est déjà fait, ou ce n’est plus possible : relisez la page.")
    except (GuardRefused, InputRefused) as refusal:
        messages.error(request, refusal.message)
    else:
        if done:
            messages.success(request, done)
        return response
    return HttpResponseRedirect(to)
