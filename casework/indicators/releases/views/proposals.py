"""Preparing an edition: look, propose, wait for the second person, publish or take back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import in_function, member
from casework.casefile import revision
from casework.casefile.acts import one_click
from casework.casefile.calendar import read_year
from casework.indicators.releases import facts
from casework.indicators.releases.actions import editions as actions
from casework.indicators.releases.reads import proposals as reads
from casework.indicators.releases.views.published import asked_year


@member(Action.CREATE, DataClass.EVALUATION)
@require_safe
def prepare(request: AgentRequest) -> HttpResponse:
    """Show what the edition of a year would print; drawn on demand, because it takes a while."""
    drawn = request.GET.get("voir") == "1"
    page = reads.prepare(request.viewer, asked_year(request), request.now, drawn=drawn)
    return render(request, "releases/prepare.html", {"page": page})


@member(Action.CREATE, DataClass.EVALUATION)
@require_POST
def propose(request: AgentRequest) -> HttpResponse:
    """Propose the edition, and ask for the second agreement."""
    year = read_year(request.POST.get("year", ""))
    if year is None:
        return redirect("releases:prepare")

    def act() -> str:
        return reverse("releases:proposal", args=[actions.propose(by=request.viewer, year=year, now=request.now).pk])

    return one_click(
        request, act, to=f"{reverse('releases:prepare')}?annee={year}",
        done="L’édition est proposée. La seconde personne en est avertie.",
    )  # fmt: skip


@in_function
@require_safe
def proposal(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a proposal to the two persons: exactly what would be published."""
    page = reads.proposal(request.viewer, pk, request.now)
    return render(request, "releases/proposal.html", {"page": page})


@member(Action.CHANGE, DataClass.EVALUATION)
@require_POST
def publish(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Publish what was agreed to."""
    release = facts.find_release(request.viewer, pk, request.now)
    expected = revision.expected(request.POST)
    return one_click(
        request, lambda: actions.publish(by=request.viewer, release=release, expected=expected, now=request.now),
        to=f"{reverse('releases:index')}?annee={release.year}", done=f"L’édition {release.year} est publiée.",
    )  # fmt: skip


@member(Action.CHANGE, DataClass.EVALUATION)
@require_POST
def withdraw(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a proposal back."""
    release = facts.find_release(request.viewer, pk, request.now)
    expected = revision.expected(request.POST)
    return one_click(
        request, lambda: actions.withdraw(by=request.viewer, release=release, expected=expected, now=request.now),
        to=f"{reverse('releases:prepare')}?annee={release.year}", done="La proposition est retirée.",
    )  # fmt: skip


patterns = [
    path("preparer/", prepare, name="prepare"),
    path("preparer/proposer", propose, name="propose"),
    path("propositions/<uuid:pk>/", proposal, name="proposal"),
    path("propositions/<uuid:pk>/publier", publish, name="publish"),
    path("propositions/<uuid:pk>/retirer", withdraw, name="withdraw"),
]
