"""Conventions between a school and a host: proposed by one, confirmed by the other; of no pupil (EXC-06, EXC-16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import attached, revision
from casework.casefile import documents as pdf
from casework.casefile.acts import submit
from casework.exclusions import documents, facts, law
from casework.exclusions.actions import houses, papers
from casework.exclusions.forms import school as kinds
from casework.exclusions.models import Convention
from casework.exclusions.reads import conventions as reads
from casework.exclusions.views.common import looks, writes


def _url(pk: object) -> str:
    return reverse("exclusion_support:convention", args=[pk])


@member(Action.LIST, DataClass.EXCLUSION)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List the conventions of one's body."""
    return _list(request)


@member(Action.EXISTS, DataClass.EXCLUSION)
@require_safe
def of_the_town(request: AgentRequest) -> HttpResponse:
    """List, to who counts, all those of the town: bodies and dates only."""
    return _list(request)


def _list(request: AgentRequest) -> HttpResponse:
    context = {
        "lines": reads.lines(request.viewer, request.now), "works_here": facts.works_here(request.viewer, request.now),
        "may_write": facts.leads_here(request.viewer, request.now),
    }  # fmt: skip
    return render(request, "exclusion_support/conventions.html", context)


@writes
@require_http_methods(["GET", "POST"])
def propose(request: AgentRequest) -> HttpResponse:
    """Write what one's body signed."""
    facts.require_lead(request.viewer, request.now)
    today = localdate(request.now)
    side = "school" if facts.sends(request.viewer.role) else "host"
    partners = [(str(row.pk), row.name) for row in houses.partners_of(request.viewer)]
    initial = {"signed_on": today, "starts_on": today, "ends_on": law.year_end(law.school_year(today) + 1)}
    form = kinds.ConventionForm(
        request.POST if request.method == "POST" else None, partners=partners, side=side, initial=initial
    )

    def act() -> str:
        return _url(houses.propose(by=request.viewer, data=form.convention(), now=request.now).pk)

    done = submit(request, form, act, to=reverse("exclusion_support:conventions"))
    context = {"form": form, "has_partners": bool(partners), "side": side}
    return done or render(
        request, "exclusion_support/convention_new.html", context, status=422 if form.is_bound else 200
    )


def _moved(request: AgentRequest, row: Convention) -> dict[str, Any]:
    expected = revision.expected(request.POST)
    return {"by": request.viewer, "convention": row, "now": request.now, "expected": expected}


def _confirm(request: AgentRequest, row: Convention, given: dict[str, Any]) -> None:
    houses.confirm(**_moved(request, row))


def _take_back(request: AgentRequest, row: Convention, given: dict[str, Any]) -> str:
    houses.take_back(by=request.viewer, convention=row, now=request.now)
    return reverse("exclusion_support:conventions")


def _contacts(request: AgentRequest, row: Convention, given: dict[str, Any]) -> None:
    side = "school" if facts.sends(request.viewer.role) else "host"
    houses.set_contacts(**_moved(request, row), contacts={f"{side}_{name}": said for name, said in given.items()})


def _end(request: AgentRequest, row: Convention, given: dict[str, Any]) -> None:
    houses.end(**_moved(request, row), last_day=given["last_day"])


def _join(request: AgentRequest, row: Convention, given: dict[str, Any]) -> None:
    papers.join_convention(**_moved(request, row), upload=given["file"])


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "confirmer": (kinds.EmptyForm, _confirm),
    "retirer": (kinds.EmptyForm, _take_back),
    "contacts": (kinds.ContactsForm, _contacts),
    "denoncer": (kinds.LastDayForm, _end),
    "document": (kinds.SignedForm, _join),
}


@looks
@require_safe
def convention(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one convention and what its body may do."""
    return _show(request, pk)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act on a convention."""
    row = facts.find_convention(request.viewer, pk, request.now)
    facts.require_lead(request.viewer, request.now)
    form = _ACTS[name][0](request.POST, files=request.FILES, auto_id=f"{name}-%s")
    attached.check_weight(request, form)

    def carry_out() -> object:
        return _ACTS[name][1](request, row, dict(form.cleaned_data))

    return submit(request, form, carry_out, to=_url(pk)) or _show(request, pk, bound={name: form})


def _show(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    found = reads.page(request.viewer, pk, request.now)
    context: dict[str, Any] = {"page": found, "bound": next(iter(bound.values()), None) if bound else None}
    if found.may_write:
        initial = found.own_contacts | {"last_day": localdate(request.now) + timedelta(days=7)}
        offered = {name: kind(initial=initial, auto_id=f"{name}-%s") for name, (kind, _) in _ACTS.items()}
        context["forms"] = offered | (bound or {})
    return render(request, "exclusion_support/convention.html", context, status=422 if bound else 200)


@looks
@require_safe
def paper(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the convention on one page, as PDF."""
    return pdf.response(documents.convention(request.viewer, pk, request.now), "convention")


patterns = [
    path("conventions/ville/", of_the_town, name="town_conventions"),
    path("conventions/", index, name="conventions"),
    path("conventions/nouvelle/", propose, name="convention_new"),
    path("conventions/<uuid:pk>/", convention, name="convention"),
    path("conventions/<uuid:pk>/convention.pdf", paper, name="convention_paper"),
    *[path(f"conventions/<uuid:pk>/{name}", act, {"name": name}, name=f"convention_{name}") for name in _ACTS],
]
