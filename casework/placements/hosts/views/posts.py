"""Posts: the search, the page, what changes it, the demands that found none."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.placements.hosts import codes, documents, facts
from casework.placements.hosts import forms as house
from casework.placements.hosts.actions import posts
from casework.placements.hosts.reads import posts as post_reads
from casework.placements.hosts.reads import search, unplaced
from casework.placements.hosts.reads import structures as host_reads
from casework.placements.hosts.views.common import (
    POSTS,
    Step,
    form_page,
    host_url,
    local_lists,
    post_url,
    step_page,
)

_A = Action


@member(_A.LIST, POSTS)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Find a post: filters at left, posts at right, those that do not fit with why not."""
    viewer = request.viewer
    form = house.SearchForm(request.GET or None, **local_lists(viewer, request.now))
    criteria = form.criteria() if form.is_bound else search.Criteria()
    found = search.find(viewer, criteria, request.now)
    start, end = criteria.span(request.now)
    context = {
        "form": form, "fits": [match for match in found if match.fits],
        "others": [match for match in found if not match.fits], "asked": form.is_bound, "start": start, "end": end,
        "may_take_over": viewer.role in codes.LISTS_FOR,
    }  # fmt: skip
    return render(request, "hosts/posts.html", context)


@member(_A.VIEW, POSTS)
@require_GET
def post(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one post: what it is, where it stands, twelve months of places."""
    found = facts.find_post(request.viewer, pk, request.now)
    shown = post_reads.page(request.viewer, found, request.now)
    return render(request, "hosts/post.html", {"post": shown, "today": localdate(request.now)})


@member(_A.PRINT, POSTS)
@require_safe
def post_sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the sheet of a post as PDF."""
    return pdf.response(documents.sheet(request.viewer, pk, request.now), "fiche-de-poste")


@member(_A.CREATE, POSTS)
@require_http_methods(["GET", "POST"])
def post_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Describe a new post of a host; its week comes next."""
    viewer, now = request.viewer, request.now
    host = facts.find_host(viewer, pk, now)
    form = house.PostForm(request.POST or None, initial={"audience": "adults"}, **local_lists(viewer, now))

    def act() -> str:
        made = posts.describe(by=viewer, host=host, data=form.post_data(), half_days=(), now=now)
        messages.success(request, "Le poste est décrit. Donnez maintenant ses demi-journées.")
        return reverse("hosts:post_week", args=[made.pk])

    done = submit(request, form, act, to="")
    return done or form_page(request, form, "Décrire un poste", back=host_url(host), crumb=host.name, lead=host.name)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_edit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a post."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    initial = host_reads.post_as_typed(viewer, found, now) if request.method == "GET" else None
    form = house.PostForm(request.POST or None, initial=initial, **local_lists(viewer, now))
    done = submit(
        request,
        form,
        lambda: posts.correct(
            by=viewer, post=found, data=form.post_data(), expected=revision.expected(request.POST), now=now
        ),
        to=post_url(found),
    )
    return done or form_page(
        request, form, "Modifier le poste", back=post_url(found), crumb=found.reference, row=found, lead=found.nature
    )


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_week(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say on which half-days a post receives, how many, at what hours."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    form = house.WeekForm(request.POST or None, week=post_reads.week(found.pk))
    done = submit(
        request,
        form,
        lambda: posts.set_half_days(
            by=viewer, post=found, half_days=form.half_days(), expected=revision.expected(request.POST), now=now
        ),
        to=post_url(found),
    )
    context = {
        "form": form,
        "post": found.reference,
        "nature": found.nature,
        "back": post_url(found),
        "revision": found.revision,
    }
    return done or render(request, "hosts/week.html", context, status=422 if form.is_bound else 200)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_managers(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say who manages a post (HOST-07)."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_managers(viewer, found, now)
    choices = host_reads.managers(viewer, found, now)
    initial = {"supervisors": [str(pk) for pk in found.managers.values_list("pk", flat=True)]}
    form = house.ManagersForm(request.POST or None, choices=choices, initial=initial)
    done = submit(
        request,
        form,
        lambda: posts.set_managers(by=viewer, post=found, supervisors=form.cleaned_data["supervisors"], now=now),
        to=post_url(found),
    )
    return done or form_page(
        request, form, "Responsables du poste", back=post_url(found), crumb=found.reference, lead=found.nature,
        empty="" if choices else "Aucun tuteur n’est encore inscrit pour cette structure.", host=found.host_id,
    )  # fmt: skip


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def out_of_use(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that places are out of use for some days."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    form = house.OutOfUseForm(request.POST or None)
    done = submit(
        request,
        form,
        lambda: posts.close_places(by=viewer, post=found, data=form.period(), now=now),
        to=post_url(found),
    )
    return done or form_page(
        request, form, "Places hors service", back=post_url(found), crumb=found.reference, lead=found.nature
    )


@member(_A.CHANGE, POSTS)
@require_POST
def out_of_use_end(request: AgentRequest, pk: UUID, period_id: UUID) -> HttpResponse:
    """Take back a period out of use."""
    found = facts.find_post(request.viewer, pk, request.now)
    act = partial(posts.reopen_places, by=request.viewer, post=found, period_id=period_id, now=request.now)
    return one_click(request, act, to=post_url(found), done="Les places sont de nouveau proposées.")


POST_STEPS: dict[str, Step] = {
    "avis": Step("Demander les avis", "Demander les avis", posts.ask_opinions),
    "avis-recus": Step("Avis reçus", "Noter les avis reçus", posts.receive_opinions),
    "clspd": Step("CLSPD consulté", "Noter la consultation", posts.consult_council),
    "inscrire": Step("Inscrire sur la liste", "Inscrire", posts.enlist),
    "rouvrir": Step("Rouvrir le poste", "Rouvrir", posts.resume),
    "demander-radiation": Step("Demander la radiation", "Demander les avis", posts.ask_strike_opinions),
    "suspendre": Step("Suspendre le poste", "Suspendre", posts.suspend, ("reason",), codes.SuspendReason),
    "radier": Step("Radier le poste", "Radier", posts.strike_off, ("reason",), codes.StrikeReason),
}


@member(_A.MOVE, POSTS)
@require_http_methods(["GET", "POST"])
def post_act(request: AgentRequest, pk: UUID, act: str) -> HttpResponse:
    """Move a post: opinions, list, suspension, striking off (HOST-06, HOST-08)."""
    found = facts.find_post(request.viewer, pk, request.now)
    facts.require_on_post(request.viewer, found, _A.MOVE, request.now)
    return step_page(
        request, POST_STEPS.get(act), {"post": found}, back=post_url(found), crumb=found.reference, lead=found.nature
    )


@member(_A.LIST, POSTS)
@require_GET
def without_place(request: AgentRequest) -> HttpResponse:
    """Show how many demands found no place: by period, and by sector for the years that are over."""
    context = {"found": unplaced.figures(request.viewer, request.now), "least": unplaced.LEAST}
    return render(request, "hosts/without_place.html", context)


patterns = [
    path("postes/", index, name="posts"),
    path("postes/<uuid:pk>/", post, name="post"),
    path("postes/<uuid:pk>/fiche.pdf", post_sheet, name="post_sheet"),
    path("postes/<uuid:pk>/modifier", post_edit, name="post_edit"),
    path("postes/<uuid:pk>/semaine", post_week, name="post_week"),
    path("postes/<uuid:pk>/responsables", post_managers, name="post_managers"),
    path("postes/<uuid:pk>/hors-service", out_of_use, name="out_of_use"),
    path("postes/<uuid:pk>/hors-service/<uuid:period_id>/reprendre", out_of_use_end, name="out_of_use_end"),
    path("postes/<uuid:pk>/acte/<slug:act>", post_act, name="post_act"),
    path("postes/demandes-sans-place", without_place, name="without_place"),
    path("accueils/<uuid:pk>/postes/decrire", post_new, name="post_new"),
]
