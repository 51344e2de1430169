"""The page of a single-use link: a host without an account says yes or no."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from casework.access.http import SignedInRequest
from casework.access.routes import public
from casework.casefile.acts import submit
from casework.partners import throttle
from casework.placements.tig.actions import links as actions
from casework.placements.tig.forms import acts as forms
from casework.placements.tig.reads import link as reads

GONE, TOO_MANY, UNPROCESSABLE = 410, 429, 422


@public
@require_http_methods(["GET", "POST"])
def answer_link(request: SignedInRequest, token: str) -> HttpResponse:
    """Answer one request of a place: half-days, hours, limits in plain words; no name, and nothing afterwards."""
    counters = throttle.keys("", f"accueil {request.net_prefix}")
    if throttle.wait(counters, request.now):
        return _no_store(render(request, "tig/link_dead.html", {"busy": True}, status=TOO_MANY))
    proposal = actions.find(token, request.now)
    if proposal is None:
        if request.GET.get("fait"):
            return _no_store(render(request, "tig/link_dead.html", {"done": True}))
        throttle.failed(counters, request.now)
        return _no_store(render(request, "tig/link_dead.html", status=GONE))
    form = forms.AnswerForm(request.POST or None, tutors=[])
    del form.fields["supervisor"]

    def act() -> None:
        data = form.cleaned_data
        actions.answer(
            proposal=proposal, accepts=data["answer"] == "yes", reason=data["reason"], now=request.now,
            request_id=request.request_id, net_prefix=request.net_prefix,
        )  # fmt: skip

    done = submit(request, form, act, to=request.path + "?fait=1")  # type: ignore[arg-type]  # nobody signed in here
    context: dict[str, Any] = {"form": form, "asked": reads.asked(proposal), "today": localdate(request.now)}
    return _no_store(done or render(request, "tig/link.html", context, status=UNPROCESSABLE if form.is_bound else 200))


def _no_store(response: HttpResponse) -> HttpResponse:
    """Keep the address out of other sites' logs and the page out of caches."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


patterns = [path("accueils/repondre/<str:token>/", answer_link, name="answer_link")]
