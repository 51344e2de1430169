"""What comes from elsewhere: the articles of law with their dates, the official list of TIG 360°."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.access.routes import member
from casework.access.viewer import Viewer
from casework.casefile import once
from casework.casefile.acts import one_click, submit
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts import extract
from casework.placements.hosts import forms as house
from casework.placements.hosts.actions import imports
from casework.placements.hosts.actions import legal as legal_acts
from casework.placements.hosts.reads import legal as legal_reads
from casework.placements.hosts.views.common import (
    POSTS,
    form_page,
)

_A = Action


@member(_A.LIST, POSTS)
@require_GET
def legal(request: AgentRequest) -> HttpResponse:
    """List the articles that screens and documents quote, with their dates (DL-23)."""
    return render(request, "hosts/legal.html", {"rows": legal_reads.lines(request.viewer, request.now)})


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def legal_replace(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the article that follows another one."""
    found = legal_reads.find(request.viewer, pk, request.now)
    form = house.LegalForm(request.POST or None)
    back = reverse("hosts:legal")
    done = submit(
        request, form,
        lambda: legal_acts.replace(by=request.viewer, reference=found, now=request.now, **form.cleaned_data), to=back,
    )  # fmt: skip
    return done or form_page(request, form, "Nouvel article", back=back, crumb="Références légales", lead=found.label)


# The TIG 360° extract


@member(_A.CREATE, POSTS)
@require_http_methods(["GET", "POST"])
def take_over(request: AgentRequest) -> HttpResponse:
    """Take over the official list: hand in the extract, say what each column is, read each line, write (ATG-04)."""
    viewer, now, here = request.viewer, request.now, reverse("hosts:take_over")
    imports.require_right(viewer, now)
    if request.method == "POST" and request.POST.get("act") == "discard":
        return one_click(request, partial(imports.discard, by=viewer, now=now), to=here)
    found = imports.deposited(viewer, now)
    if found is None:
        form = house.ExtractForm(request.POST or None, request.FILES or None)
        done = submit(
            request,
            form,
            lambda: imports.deposit(by=viewer, content=form.cleaned_data["file"].read(), now=now),
            to=here,
        )
        return done or render(request, "hosts/take_over.html", {"form": form}, status=422 if form.is_bound else 200)
    values = request.POST.getlist("column") or [column.value for column in extract.guess(found.headers).values()]
    error, lines = "", []
    try:
        mapping = imports.mapping_of(values)
        if request.method == "POST" and request.POST.get("act") == "write":
            return once.run(request, lambda: _write(viewer, found, mapping, now), draft=imports.FORM)
        lines = imports.report(by=viewer, found=found, mapping=mapping, now=now)
    except (InputRefused, GuardRefused) as refusal:
        error = refusal.message
    columns = [
        (header or "(sans titre)", values[place] if place < len(values) else "ignored", _example(found, place))
        for place, header in enumerate(found.headers)
    ]
    context = {
        "columns": columns, "targets": [(each.value, each.label) for each in extract.Column], "error": error,
        "lines": lines, "valid": sum(not line.refused for line in lines),
    }  # fmt: skip
    return render(request, "hosts/take_over.html", context, status=422 if error else 200)


def _example(found: extract.Table, place: int) -> str:
    return next((cells[place] for _, cells in found.lines if cells[place]), "")


def _write(viewer: Viewer, found: extract.Table, mapping: Mapping[int, extract.Column], now: datetime) -> str:
    imports.carry_out(by=viewer, found=found, mapping=mapping, now=now)
    return reverse("hosts:posts")


patterns = [
    path("postes/reprendre", take_over, name="take_over"),
    path("references/", legal, name="legal"),
    path("references/<uuid:pk>/suite", legal_replace, name="legal_replace"),
]
