"""One support: its page, the acts of its school, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from casework.access.http import AgentRequest
from casework.casefile.acts import submit
from casework.exclusions import facts
from casework.exclusions.actions import team
from casework.exclusions.forms import school as kinds
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import page as reads
from casework.exclusions.views.common import looks, page_url, writes


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one support and what comes next."""
    return show(request, pk)


def _share(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> None:
    team.share(by=request.viewer, support=row, mandate_id=UUID(given["mandate"]), now=request.now)


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "partager": (kinds.ShareForm, _share),
}


def _form(request: AgentRequest, row: ExclusionSupport, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if kind is kinds.ShareForm:
        options["colleagues"] = [
            (str(each.pk), each.agent.full_name) for each in team.of_house(request.viewer, row, request.now)
        ]
    return kind(data, auto_id=f"{name}-%s", **options)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now)
    form = _form(request, row, name, request.POST, files=request.FILES)

    def carry_out() -> None:
        _ACTS[name][1](request, row, dict(form.cleaned_data))

    return submit(request, form, carry_out, to=page_url(pk)) or show(request, pk, bound={name: form})


def show(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    """Return the page of one support; `bound`: the form that was refused, shown with what was typed."""
    found = reads.page(request.viewer, pk, request.now)
    context: dict[str, Any] = {"page": found, "bound": next(iter(bound.values()), None) if bound else None}
    if found.may_change:
        row = facts.find(request.viewer, pk, request.now)
        offered = {name: _form(request, row, name) for name in _ACTS}
        context["forms"] = {key.replace("-", "_"): form for key, form in (offered | (bound or {})).items()}
    return render(request, "exclusion_support/page.html", context, status=422 if bound else 200)


@looks
@require_safe
def who_opened(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show who opened this file (row 30a)."""
    reference, lines = reads.who_opened(request.viewer, pk, request.now)
    return render(request, "exclusion_support/who_opened.html", {"pk": pk, "reference": reference, "lines": lines})


@looks
@require_safe
def history(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the earlier versions."""
    reference, versions = reads.history(request.viewer, pk, request.now)
    return render(request, "exclusion_support/history.html", {"pk": pk, "reference": reference, "versions": versions})


patterns = [
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _ACTS],
    path("<uuid:pk>/consultations/", who_opened, name="who_opened"),
    path("<uuid:pk>/historique/", history, name="history"),
]
