"""The board, the tests of the day, the decisions that wait; the devices of the stock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action, reachable
from casework.access.routes import member, stepped_up
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.vif.phones import documents, facts
from casework.vif.phones.actions import holding, stock
from casework.vif.phones.codes import Result
from casework.vif.phones.forms import DeviceForm
from casework.vif.phones.reads import lists
from casework.vif.phones.reads import stock as stock_reads
from casework.vif.phones.views.common import lists as lists_door
from casework.vif.phones.views.common import reveals, stock_looks, writes


@stock_looks
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show the board to who works with phones."""
    viewer, now = request.viewer, request.now
    context: dict[str, Any] = {"stock": stock_reads.stock(viewer, now), "is_court": facts.is_court(viewer)}
    context["may_write_model"] = facts.of_paper(viewer, Action.CHANGE, now)
    if reachable(viewer, Action.LIST, DataClass.TGD):
        context["board"] = lists.board(viewer, now)
    return render(request, "phones/board.html", context)


@writes
@require_safe
def tests(request: AgentRequest) -> HttpResponse:
    """List the devices to test: how to reach her first, then three buttons."""
    lines = lists.to_test(request.viewer, request.now)
    return render(request, "phones/tests.html", {"lines": lines, "results": Result.choices})


@writes
@require_POST
def test(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record one test in one click; come back to the list."""
    row = facts.find(request.viewer, pk, request.now)

    def carry_out() -> None:
        holding.test(by=request.viewer, allocation=row, result=request.POST.get("result", ""), now=request.now)

    return one_click(request, carry_out, to=reverse("phones:tests"), done="L’essai est inscrit.")


@lists_door
@require_safe
def decisions(request: AgentRequest) -> HttpResponse:
    """Show « Décisions attendues »: what waits for the prosecutor, to decide there where the court has an account."""
    board = lists.board(request.viewer, request.now)
    context = {
        "board": board, "is_court": facts.is_court(request.viewer),
        "to_write": [line for line in (*board.to_hand, *board.in_use) if line.written_by],
        "alerts": [line for line in board.in_use if line.is_missed or line.term_is_past],
    }  # fmt: skip
    return render(request, "phones/decisions.html", context)


@member(Action.CREATE, DataClass.TGD_STOCK)
@require_http_methods(["GET", "POST"])
def add_device(request: AgentRequest) -> HttpResponse:
    """Add a device to the stock."""
    facts.require_stock(request.viewer, Action.CREATE, request.now)
    initial = {"received_on": localdate(request.now)}
    form = DeviceForm(request.POST if request.method == "POST" else None, initial=initial)

    def carry_out() -> None:
        stock.receive(by=request.viewer, now=request.now, **form.cleaned_data)

    done = submit(request, form, carry_out, to=reverse("phones:index") + "#parc")
    return done or render(request, "phones/add_device.html", {"form": form}, status=422 if form.is_bound else 200)


@stock_looks
@require_safe
def device(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one device, its serial closed."""
    return render(request, "phones/device.html", {"device": stock_reads.device(request.viewer, pk, request.now)})


@stepped_up
@reveals
@require_safe
def serial(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one serial, on a fresh second factor."""
    shown = stock_reads.serial(request.viewer, pk, request.now)
    found = stock_reads.device(request.viewer, pk, request.now, serial=shown)
    return render(request, "phones/device.html", {"device": found})


@stock_looks
@require_safe
def device_certificate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the certificate of return of a device whose holder's file is gone."""
    return pdf.response(documents.device_certificate(request.viewer, pk, request.now), "certificat")


@member(Action.CHANGE, DataClass.TGD_STOCK)
@require_POST
def say(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record what became of a device that nobody holds."""
    row = facts.find_device(request.viewer, pk, request.now)

    def carry_out() -> None:
        stock.say(
            by=request.viewer, device=row, to=request.POST.get("to", ""), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return one_click(request, carry_out, to=reverse("phones:device", args=[pk]))


patterns = [
    path("", index, name="index"),
    path("essais/", tests, name="tests"),
    path("essais/<uuid:pk>", test, name="test"),
    path("decisions/", decisions, name="decisions"),
    path("appareils/nouveau/", add_device, name="add_device"),
    path("appareils/<uuid:pk>/", device, name="device"),
    path("appareils/<uuid:pk>/serie/", serial, name="serial"),
    path("appareils/<uuid:pk>/etat", say, name="say"),
    path("appareils/<uuid:pk>/certificat.pdf", device_certificate, name="device_certificate"),
]
