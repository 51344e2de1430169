"""Telephone calls of the SPIP: noted by the town's référent, confirmed by the officer from the link."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile.acts import one_click, submit
from casework.placements.tig.actions import calls as actions
from casework.placements.tig.forms import acts as forms

UNPROCESSABLE = 422


@member(Action.CREATE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def calls(request: AgentRequest) -> HttpResponse:
    """Note a call, and see what became of the others."""
    posts = actions.posts(request.viewer, request.now)
    form = forms.CallForm(
        request.POST or None, posts=[(str(post.pk), f"{post.nature}, {post.host.name}") for post in posts]
    )

    def act() -> None:
        data = form.cleaned_data
        actions.record(
            by=request.viewer, now=request.now,
            data=actions.CallData(
                post_id=UUID(data["post"]), officer=data["officer"], minutes=data["hours"], weekly=data["weekly"],
                last_useful_on=data["last_useful_on"],
            ),
        )  # fmt: skip

    done = submit(request, form, act, to=reverse("tig:calls"))
    if done:
        messages.success(request, "L’appel est noté : les places sont tenues, le conseiller a reçu le lien.")
        return done
    context = {
        "form": form, "posts": bool(posts), "calls": actions.of_town(request.viewer, request.now),
        "today": localdate(request.now),
    }  # fmt: skip
    return render(request, "tig/calls.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.CREATE, DataClass.PLACEMENT)
@require_POST
def withdraw_call(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a call back: its places are free at once."""
    return one_click(
        request, lambda: actions.withdraw(by=request.viewer, call_id=pk, now=request.now), to=reverse("tig:calls"),
        done="L’appel est retiré, les places sont libres.",
    )  # fmt: skip


@member(Action.CREATE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def confirm_call(request: AgentRequest, token: str) -> HttpResponse:
    """Confirm one's call from the link, or say that it is not one's own."""
    call = actions.find(token, request.viewer, request.now)
    if "not_mine" in request.POST:
        return one_click(
            request, lambda: actions.refuse(by=request.viewer, call=call, now=request.now), to=reverse("tig:list"),
            done="C’est noté : les places sont libérées.",
        )  # fmt: skip
    form = forms.ConfirmForm(request.POST or None)

    def act() -> str:
        data = form.cleaned_data
        pk = actions.confirm(
            by=request.viewer, call=call, case_mark=data["case_mark"], limits=data["limits"],
            job_minutes=data["job_hours"] or 0, now=request.now,
        )  # fmt: skip
        return reverse("tig:page", args=[pk])

    done = submit(request, form, act, to=reverse("tig:list"))
    context = {"form": form, "call": call, "today": localdate(request.now)}
    return done or render(request, "tig/confirm_call.html", context, status=UNPROCESSABLE if form.is_bound else 200)


patterns = [
    path("appels/", calls, name="calls"),
    path("appels/<uuid:pk>/retirer/", withdraw_call, name="withdraw_call"),
    path("appels/confirmer/<str:token>/", confirm_call, name="confirm_call"),
]
