"""The page of a single-use link: a partner without an account gives its counts of a quarter."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from casework.access.http import SignedInRequest
from casework.access.routes import public
from casework.casefile.acts import submit
from casework.indicators.quarters.actions import asking as actions
from casework.indicators.quarters.forms import CountsForm
from casework.indicators.quarters.reads import answers as reads
from casework.partners import throttle

GONE, TOO_MANY, UNPROCESSABLE = 410, 429, 422


@public
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, token: str) -> HttpResponse:
    """Give the counts of one contributor, once; then only the day on which they were given."""
    counters = throttle.keys("", f"chiffres {request.net_prefix}")
    if throttle.wait(counters, request.now):
        return render(request, "quarters/link_dead.html", {"busy": True}, status=TOO_MANY)
    found = actions.find(token, request.now)
    if found is None:
        throttle.failed(counters, request.now)
        return render(request, "quarters/link_dead.html", status=GONE)
    if sent := reads.sent(found):
        return render(request, "quarters/link_sent.html", {"sent": sent, "thanks": "fait" in request.GET})
    question = reads.by_link(found, request.now)
    form = CountsForm(request.POST or None, wanted=question.wanted)

    def act() -> None:
        actions.answer_by_link(
            asking=found, answer=form.counts(), remark=form.cleaned_data["remark"], now=request.now,
            request_id=request.request_id, net_prefix=request.net_prefix,
        )  # fmt: skip

    done = submit(request, form, act, to=request.path + "?fait=1")  # type: ignore[arg-type]  # nobody signed in here
    context = {"form": form, "question": question}
    return done or render(request, "quarters/link.html", context, status=UNPROCESSABLE if form.is_bound else 200)


patterns = [path("repondre/<str:token>/", answer, name="counts_link")]
