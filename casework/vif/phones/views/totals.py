"""Two pages about numbers: what the ressort passes on, what a commune received."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile.acts import one_click, submit
from casework.vif.phones import facts
from casework.vif.phones.actions import totals
from casework.vif.phones.forms import TotalsForm
from casework.vif.phones.reads import totals as reads
from casework.vif.phones.views.common import stock_looks


@member(Action.LIST, DataClass.TGD_TOTALS)
@require_safe
def numbers(request: AgentRequest) -> HttpResponse:
    """Show the coordinator and the mayor the totals received, and nothing else (row 24a)."""
    return render(request, "phones/numbers.html", {"received": reads.received(request.viewer, request.now)})


@member(Action.CREATE, DataClass.TGD_TOTALS)
@require_http_methods(["GET", "POST"])
def copy_down(request: AgentRequest) -> HttpResponse:
    """Copy the totals of a ressort kept on another server."""
    facts.require_totals(request.viewer, Action.CREATE, request.now)
    form = TotalsForm(request.POST if request.method == "POST" else None)

    def carry_out() -> None:
        totals.copy_down(by=request.viewer, now=request.now, **form.cleaned_data)

    done = submit(request, form, carry_out, to=reverse("phones:numbers"))
    return done or render(request, "phones/copy_down.html", {"form": form}, status=422 if form.is_bound else 200)


@stock_looks
@require_safe
def told(request: AgentRequest) -> HttpResponse:
    """Show in the ressort what it passed on: the page is printed for a commune kept on another server."""
    return render(request, "phones/totals.html", {"told": reads.told(request.viewer, request.now)})


@member(Action.CREATE, DataClass.TGD_STOCK)
@require_POST
def pass_on(request: AgentRequest) -> HttpResponse:
    """Count and pass on, in one click."""

    def carry_out() -> None:
        totals.pass_on(by=request.viewer, now=request.now)

    return one_click(request, carry_out, to=reverse("phones:totals"), done="Les nombres sont transmis.")


patterns = [
    path("attribues/", numbers, name="numbers"),
    path("attribues/inscrire/", copy_down, name="copy_down"),
    path("communes/", told, name="totals"),
    path("communes/transmettre", pass_on, name="pass_on"),
]
