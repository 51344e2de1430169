"""The list, the request of a place, the page of one placement, the search of a post, the host's answer."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework import audit
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once
from casework.casefile.acts import one_click, submit
from casework.errors import InputRefused
from casework.placements.hosts import forms as host_forms
from casework.placements.hosts.reads import unplaced
from casework.placements.tig import facts
from casework.placements.tig.actions import demands, proposals, team
from casework.placements.tig.forms import acts as forms
from casework.placements.tig.reads import placements as reads
from casework.placements.tig.reads import plain, search
from casework.placements.tig.views import table

UNPROCESSABLE = 422


def placement_url(pk: UUID) -> str:
    """Return the address of a placement."""
    return reverse("tig:page", args=[pk])


@member(Action.LIST, DataClass.PLACEMENT)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """List the placements that the viewer may see; filters stay in the URL, never a name."""
    kind = request.GET.get("etat", "en-cours")
    number = request.GET.get("page", "1")
    found = reads.listing(request.viewer, now=request.now, kind=kind, page=int(number) if number.isdecimal() else 1)
    context = {
        "listing": found, "kind": kind if kind in reads.FILTERS else "en-cours", "today": localdate(request.now),
        "is_host": facts.hosts(request.viewer.role), "may_open": request.viewer.role in facts.FOLLOWS,
        "leads": request.viewer.role in facts.FOLLOWS and request.viewer.is_service_lead,
    }  # fmt: skip
    return render(request, "tig/list.html", context)


@member(Action.CREATE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def demand(request: AgentRequest) -> HttpResponse:
    """Ask for a place in one screen: no name."""
    audience = facts.require_creation(request.viewer, request.now)
    form = forms.DemandForm(request.POST or None, audience=audience, places=search.places(request.viewer, request.now))
    if request.method == "POST" and form.is_valid():
        try:
            return once.run(
                request,
                lambda: placement_url(
                    demands.open_demand(by=request.viewer, data=form.demand(), now=request.now).pk
                ),
                to=reverse("tig:list"),
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    context = {"form": form, "audience": audience.label, "back": reverse("tig:list")}
    return render(request, "tig/demand.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.VIEW, DataClass.PLACEMENT)
@require_GET
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one placement: the bar first, what comes next, then the rest."""
    placement = facts.find(request.viewer, pk, request.now)
    found = reads.page(request.viewer, placement, request.now)
    context = {
        "page": found, "today": localdate(request.now),
        "acts": table.offered(request.viewer, placement, found, request.now),
    }  # fmt: skip
    return render(request, "tig/page.html", context)


@member(Action.PRINT, DataClass.SENTENCE)
@require_GET
def copy(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the placement as plain text, to paste in the service's own tool: its officer alone, told in the journal."""
    placement = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, placement, Action.PRINT, DataClass.SENTENCE, request.now)
    found = reads.page(request.viewer, placement, request.now)
    audit.record(
        request.viewer, audit.Act.PRINT, obj=placement, classes=[DataClass.PLACEMENT, DataClass.SENTENCE], why="copy"
    )
    context = {"page": found, "plain": plain.text(found, localdate(request.now)), "back": placement_url(pk)}
    return render(request, "tig/copy.html", context)


@member(Action.MOVE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def find_post(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Find a post: those that fit with why, the others with why not; reserve and ask in one click."""
    placement = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, placement, Action.MOVE, DataClass.SENTENCE, request.now)
    form = forms.AskForm(request.POST or None)
    done = submit(
        request, form,
        lambda: proposals.ask(
            by=request.viewer, placement=placement, post_id=form.cleaned_data["post"],
            start=form.cleaned_data["start"] or localdate(request.now), answer_by=form.cleaned_data["answer_by"],
            now=request.now, expected=None,
        ),
        to=placement_url(pk),
    )  # fmt: skip
    if done:
        return done
    found = search.for_placement(request.viewer, placement, request.now)
    context = {
        "form": form, "found": found, "reference": placement.reference, "back": placement_url(pk),
        "sector_form": host_forms.SectorForm(sectors=unplaced.sectors(request.viewer, request.now)), "pk": pk,
        "suits": [(each, _ask_form(form, each.post.id)) for each in found.matches if each.fits],
        "others": [each for each in found.matches if not each.fits],
        "closed": proposals.not_searching(placement),
    }  # fmt: skip
    return render(request, "tig/find_post.html", context, status=UNPROCESSABLE if form.is_bound else 200)


def _ask_form(sent: forms.AskForm, post_id: UUID) -> forms.AskForm:
    """Return the form of one post: the one that was sent, with its errors and what was typed, or a new one."""
    if sent.is_bound and sent["post"].value() == str(post_id):
        return sent
    return forms.AskForm(initial={"post": post_id}, auto_id=f"{post_id}-%s")


@member(Action.MOVE, DataClass.PLACEMENT)
@require_POST
def without_place(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Count a demand for which no post fits."""
    placement = facts.find(request.viewer, pk, request.now)
    form = host_forms.SectorForm(request.POST, sectors=unplaced.sectors(request.viewer, request.now))
    if not form.is_valid():
        messages.error(request, "Choisissez le secteur dans la liste.")
        return redirect("tig:find_post", pk=pk)
    act = partial(
        demands.count_without_place, by=request.viewer, placement=placement, sector=form.cleaned_data["sector"],
        now=request.now,
    )  # fmt: skip
    done = "C’est compté : la coordination verra, sans nom, qu’il manque des places."
    return one_click(request, act, to=reverse("tig:find_post", args=[pk]), done=done)


@member(Action.MOVE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Answer a request, as the host: half-days, hours and limits in plain words; no name, no sentence."""
    proposal = proposals.find_open(request.viewer, pk, request.now)
    tutors = search.tutors(request.viewer, proposal.post)
    form = forms.AnswerForm(request.POST or None, tutors=tutors)
    back = placement_url(proposal.placement_id)

    def act() -> str:
        data = form.cleaned_data
        if data["answer"] == "yes":
            proposals.accept(
                by=request.viewer, proposal=proposal,
                supervisor_id=UUID(data["supervisor"]) if data["supervisor"] else None, now=request.now,
            )  # fmt: skip
            return back
        proposals.decline(by=request.viewer, proposal=proposal, reason=data["reason"], now=request.now)
        return reverse("tig:list")

    done = submit(request, form, act, to=back)
    if done:
        messages.success(request, "Votre réponse est transmise au service.")
        return done
    found = reads.page(request.viewer, proposal.placement, request.now)
    context = {"form": form, "page": found, "back": back, "today": localdate(request.now)}
    return render(request, "tig/answer.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.CHANGE, DataClass.PLACEMENT)
@require_http_methods(["GET", "POST"])
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the table, by its own form; what is not offered is refused by its action."""
    placement = facts.find(request.viewer, pk, request.now)
    found = reads.page(request.viewer, placement, request.now)
    one = table.find(request.viewer, placement, found, name, request.now)
    form = one.form(request, placement, found)
    back = placement_url(pk)
    done = submit(request, form, lambda: one.run(request, placement, form), to=back)
    if done:
        messages.success(request, f"{one.label} : c’est fait.")
        return done
    call = team.to_call(placement, request.now) if one.urgent and found.is_host else []
    context = {"form": form, "act": one, "page": found, "back": back, "call": call}
    return render(request, "tig/act.html", context, status=UNPROCESSABLE if form.is_bound else 200)


patterns = [
    path("affectations/", index, name="list"),
    path("accueils/personnes/", index, name="received"),
    path("affectations/demande/", demand, name="demand"),
    path("affectations/<uuid:pk>/", page, name="page"),
    path("affectations/<uuid:pk>/copie/", copy, name="copy"),
    path("affectations/<uuid:pk>/poste/", find_post, name="find_post"),
    path("affectations/<uuid:pk>/sans-place", without_place, name="without_place"),
    path("affectations/<uuid:pk>/<slug:name>/", act, name="act"),
    path("accueils/demandes/<uuid:pk>/", answer, name="answer"),
]
