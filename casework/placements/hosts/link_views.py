"""The page of a single-use link: a host without an account says yes or no."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from casework.access.http import SignedInRequest
from casework.access.routes import public
from casework.casefile.acts import submit
from casework.partners import throttle
from casework.placements.hosts import forms
from casework.placements.hosts.actions import requests

GONE, TOO_MANY, UNPROCESSABLE = 410, 429, 422


@public
@require_http_methods(["GET", "POST"])
def answer_link(request: SignedInRequest, token: str) -> HttpResponse:
    """Answer one request of places: half-days and limits in plain words; no name, and nothing afterwards."""
    counters = throttle.keys("", f"accueil {request.net_prefix}")
    if throttle.wait(counters, request.now):
        return _no_store(render(request, "hosts/answer_link_dead.html", {"busy": True}, status=TOO_MANY))
    found = requests.find(token, request.now)
    if found is None:
        if request.GET.get("fait"):
            return _no_store(render(request, "hosts/answer_link_dead.html", {"done": True}))
        throttle.failed(counters, request.now)
        return _no_store(render(request, "hosts/answer_link_dead.html", status=GONE))
    form = forms.AnswerForm(request.POST or None)

    def act() -> None:
        data = form.cleaned_data
        requests.answer_by_link(
            request=found, accepts=data["answer"] == "yes", reason=data["reason"], now=request.now,
            request_id=request.request_id, net_prefix=request.net_prefix,
        )  # fmt: skip

    done = submit(request, form, act, to=request.path + "?fait=1")  # type: ignore[arg-type]  # nobody signed in here
    context = {"form": form, "asked": requests.asked(found)}
    page = render(request, "hosts/answer_link.html", context, status=UNPROCESSABLE if form.is_bound else 200)
    return _no_store(done or page)


def _no_store(response: HttpResponse) -> HttpResponse:
    """Keep the address out of other sites' logs and the page out of caches."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


patterns = [path("accueils/repondre/<str:token>/", answer_link, name="answer_link")]
