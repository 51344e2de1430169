"""What the pages of hosts and posts share: the lists of the town, the page of a form, an act by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.casefile import reads as lists
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.casefile.codes import ListCode
from casework.errors import AccessRefused
from casework.placements.hosts import forms as house
from casework.placements.hosts.models import Accreditation, HostStructure, Post

POSTS = DataClass.TIG_POSTS


def local_lists(viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return the sectors and activities of the town that a form offers today."""
    today = localdate(now)
    return {
        "sectors": lists.choices(viewer.territory_id, ListCode.PLACE_SECTOR, today),
        "activities": lists.choices(viewer.territory_id, ListCode.ACTIVITY_SECTOR, today),
    }


class Step(NamedTuple):
    """One act of a page: its title, its button, what its form asks, the action."""

    title: str
    button: str
    run: Callable[..., object]
    asks: tuple[str, ...] = ()
    reasons: type[TextChoices] | None = None
    named: Mapping[str, str] = {}


def post_url(found: Post) -> str:
    """Return the address of a post."""
    return reverse("hosts:post", args=[found.pk])


def host_url(found: HostStructure) -> str:
    """Return the address of a host."""
    return reverse("hosts:host", args=[found.pk])


def step_page(
    request: AgentRequest, step: Step | None, about: Mapping[str, Post | HostStructure | Accreditation], *, back: str,
    crumb: str, lead: str = "",
) -> HttpResponse:  # fmt: skip
    """Show the form of one act, or carry it out. Raises AccessRefused for an act that is none."""
    if step is None:
        raise AccessRefused(code="act")
    reasons = step.reasons.choices if step.reasons else ()
    form = house.ActForm(
        request.POST or None, asks=step.asks, reasons=reasons, initial={"decided_on": localdate(request.now)}
    )

    def act() -> None:
        typed = form.cleaned_data if step.asks else {}
        given: dict[str, str | date] = {step.named.get(name, name): value for name, value in typed.items()}
        step.run(by=request.viewer, now=request.now, **about, **given)

    if request.method == "POST" and not step.asks:
        return one_click(request, act, to=back)
    fields = {action: name for name, action in step.named.items()} | {
        "suspend_reason": "reason", "strike_reason": "reason",
    }  # fmt: skip
    done = submit(request, form, act, to=back, fields=fields)
    return done or form_page(request, form, step.title, back=back, crumb=crumb, lead=lead, button=step.button)


def form_page(
    request: AgentRequest, form: forms.Form, title: str, *, back: str, crumb: str, lead: str = "", button: str = "Enregistrer",
    row: Post | HostStructure | None = None, empty: str = "", host: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    """Show a form; `row`: what it changes, whose revision travels with it, `empty`: why there is nothing to choose."""
    context = {
        "form": form, "title": title, "back": back, "crumb": crumb, "lead": lead, "button": button, "empty": empty,
        "revision": None if row is None else request.POST.get(revision.FIELD) or row.revision, "host": host,
    }  # fmt: skip
    return render(request, "hosts/form.html", context, status=422 if form.is_bound else 200)
