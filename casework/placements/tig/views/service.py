"""A judicial service’s own settings, for its head: the sentence file kept here, or not."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile.acts import one_click, submit
from casework.placements.tig.actions import service as actions
from casework.placements.tig.forms import acts as forms

UNPROCESSABLE = 422


@member(Action.MANAGE, DataClass.OWN_SERVICE)
@require_http_methods(["GET", "POST"])
def sentence_file(request: AgentRequest) -> HttpResponse:
    """Show since when the service keeps its sentence file here, and switch it on with the date of the signature."""
    periods = actions.history(request.viewer, request.now)
    form = forms.SignedForm(request.POST or None)
    done = submit(
        request, form,
        lambda: actions.keep_here(by=request.viewer, signed_on=form.cleaned_data["signed_on"], now=request.now),
        to=reverse("tig:sentence_file"),
    )  # fmt: skip
    context = {"form": form, "periods": periods, "running": actions.running(request.viewer, request.now)}
    return done or render(request, "tig/sentence_file.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.MANAGE, DataClass.OWN_SERVICE)
@require_POST
def stop_sentence_file(request: AgentRequest) -> HttpResponse:
    """Switch it off."""
    return one_click(
        request, lambda: actions.keep_no_longer(by=request.viewer, now=request.now), to=reverse("tig:sentence_file"),
        done="Plus aucune peine ne s’enregistre ici.",
    )  # fmt: skip


patterns = [
    path("service/dossier-de-peine/", sentence_file, name="sentence_file"),
    path("service/dossier-de-peine/arreter/", stop_sentence_file, name="stop_sentence_file"),
]
