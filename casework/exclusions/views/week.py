"""The week on one screen, presence in place; what schools ask without a name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access import days
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.exclusions import facts
from casework.exclusions.actions import holding, presence
from casework.exclusions.codes import Presence
from casework.exclusions.forms import host as forms
from casework.exclusions.reads import asked as asked_reads
from casework.exclusions.reads import week as reads
from casework.exclusions.views.common import page_url, writes

WARNED = "Inscrit. La vie scolaire est prévenue par message ; le numéro de la famille est sous le nom de l’élève."


@member(Action.LIST, DataClass.EXCLUSION)
@require_safe
def week(request: AgentRequest) -> HttpResponse:
    """Show who is expected each half-day of a week, and who came."""
    day = days.in_address(request.GET.get("du", ""), localdate(request.now))
    context = {
        "week": reads.week(request.viewer, day, request.now), "presences": Presence.choices,
        "is_host": facts.receives(request.viewer.role), "works_here": facts.works_here(request.viewer, request.now),
        "asked": facts.asked_of(request.viewer, request.now).count(),
    }  # fmt: skip
    return render(request, "exclusion_support/week.html", context)


@writes
@require_POST
def record(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record in one tap what happened on one half-day."""
    row = facts.find_half_day(request.viewer, pk, request.now)
    if request.POST.get("on") == "page":
        to = page_url(row.support_id, f"d-{pk}")
    else:
        to = f"{reverse('exclusion_support:week')}?du={reads.monday_of(row.day).isoformat()}#d-{pk}"

    def act() -> None:
        told = presence.record(
            by=request.viewer, half_day=row, presence=request.POST.get("presence", ""), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip
        if told:
            messages.success(request, WARNED)

    return one_click(request, act, to=to)


@writes
@require_safe
def asked(request: AgentRequest) -> HttpResponse:
    """List what schools ask of one's house."""
    lines = asked_reads.asked(request.viewer, request.now)
    return render(request, "exclusion_support/asked.html", {"lines": lines})


@writes
@require_http_methods(["GET", "POST"])
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say yes or no to one reception, before any name."""
    row = facts.find_asked(request.viewer, pk, request.now)
    line = next(each for each in asked_reads.asked(request.viewer, request.now) if each.id == pk)
    form = forms.AnswerForm(request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        accepts = given["answer"] == forms.YES
        holding.answer(by=request.viewer, support=row, accepts=accepts, reason=given["reason"], now=request.now)
        return page_url(pk) if accepts else reverse("exclusion_support:asked")

    done = submit(
        request, form, act, to=reverse("exclusion_support:asked"), done="L’établissement est prévenu de votre réponse."
    )
    return done or render(
        request, "exclusion_support/answer.html", {"line": line, "form": form}, status=422 if form.is_bound else 200
    )


patterns = [
    path("semaine/", week, name="week"),
    path("demi-journees/<uuid:pk>/presence", record, name="presence"),
    path("demandes/", asked, name="asked"),
    path("demandes/<uuid:pk>/", answer, name="answer"),
]
