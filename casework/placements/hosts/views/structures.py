"""Hosts: the list, the page, prospecting and agreement, tutors, accreditations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.access.viewer import Viewer
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.errors import AccessRefused
from casework.placements.hosts import codes, documents, facts
from casework.placements.hosts import forms as house
from casework.placements.hosts.actions import accreditations, structures
from casework.placements.hosts.reads import structures as host_reads
from casework.placements.hosts.reads import trainings
from casework.placements.hosts.views.common import (
    POSTS,
    Step,
    form_page,
    host_url,
    local_lists,
    step_page,
)

_A = Action


@member(_A.LIST, POSTS)
@require_GET
def hosts(request: AgentRequest) -> HttpResponse:
    """List the hosts: those that receive, those being prospected, those that said no."""
    funding = request.GET.get("financement", "")
    found = host_reads.listing(request.viewer, request.GET.get("etape", ""), request.now, funding=funding)
    context = {
        "found": found, "today": localdate(request.now), "filter": house.FundingForm(request.GET), "funding": funding,
    }  # fmt: skip
    return render(request, "hosts/hosts.html", context)


@member(_A.VIEW, POSTS)
@require_GET
def host(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one host: contact, accreditations with their clock, tutors, posts."""
    found = facts.find_host(request.viewer, pk, request.now)
    shown = host_reads.page(request.viewer, found, request.now)
    return render(request, "hosts/host.html", {"host": shown, "today": localdate(request.now)})


def _host_lists(viewer: Viewer, now: datetime) -> dict[str, Any]:
    accounts = [(row.pk, row.name) for row in structures.accounts(viewer.territory_id)]
    return {"sectors": local_lists(viewer, now)["sectors"], "accounts": accounts}


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def host_new(request: AgentRequest) -> HttpResponse:
    """Put a possible host on the list of prospects."""
    viewer, now = request.viewer, request.now
    form = house.HostForm(request.POST or None, **_host_lists(viewer, now))

    def act() -> str:
        return host_url(structures.inscribe(by=viewer, data=form.host(), now=now))

    done = submit(request, form, act, to="")
    return done or form_page(
        request, form, "Inscrire une structure", back=reverse("hosts:hosts"), crumb="Structures d’accueil"
    )


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def host_edit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a host; from the host itself, the change is reported (HOST-05)."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_on_host(viewer, found, _A.CHANGE, now)
    initial = host_reads.as_typed(viewer, found, now) if request.method == "GET" else None
    form = house.HostForm(
        request.POST or None, initial=initial, by_service=facts.manages(viewer, found, now), **_host_lists(viewer, now)
    )
    done = submit(
        request,
        form,
        lambda: structures.correct(
            by=viewer, host=found, data=form.host(), expected=revision.expected(request.POST), now=now
        ),
        to=host_url(found),
    )
    return done or form_page(request, form, "Modifier la structure", back=host_url(found), crumb=found.name, row=found)


def _host_move(stage: codes.HostStage) -> Callable[..., None]:
    return partial(structures.move, to=stage)


HOST_STEPS: dict[str, Step] = {
    "contacter": Step("Contact pris", "Noter le contact", _host_move(codes.HostStage.CONTACTED)),
    "interessee": Step("Structure intéressée", "Noter son intérêt", _host_move(codes.HostStage.INTERESTED)),
    "recontacter": Step("Recontacter", "Remettre dans la liste", _host_move(codes.HostStage.TO_CONTACT)),
    "fin": Step("Fin de la convention", "Mettre fin à la convention", _host_move(codes.HostStage.ENDED)),
    "refus": Step(
        "Refus de la structure", "Noter le refus", _host_move(codes.HostStage.DECLINED), ("reason",),
        codes.DeclineReason, {"reason": "decline_reason"},
    ),
    "convention": Step(
        "Convention", "Enregistrer la convention", _host_move(codes.HostStage.AGREED), ("agreement_from", "agreement_to")
    ),
    "vu": Step("Changement signalé", "J’en ai pris note", structures.take_note),
}  # fmt: skip


@member(_A.MOVE, POSTS)
@require_http_methods(["GET", "POST"])
def host_act(request: AgentRequest, pk: UUID, act: str) -> HttpResponse:
    """Move a host: prospecting, agreement; or take note of what it reported."""
    found = facts.find_host(request.viewer, pk, request.now)
    facts.require_on_host(request.viewer, found, _A.MOVE, request.now)
    return step_page(request, HOST_STEPS.get(act), {"host": found}, back=host_url(found), crumb=found.name)


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def host_step(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say what comes next with a possible host."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_on_host(viewer, found, _A.MANAGE, now)
    form = house.NextStepForm(request.POST or None, initial={"step": found.next_step, "on": found.next_on})
    done = submit(
        request,
        form,
        lambda: structures.plan_step(
            by=viewer,
            host=found,
            step=form.cleaned_data["step"],
            on=form.cleaned_data["on"],
            now=now,
            expected=revision.expected(request.POST),
        ),
        to=host_url(found),
    )
    return done or form_page(request, form, "Prochaine étape", back=host_url(found), crumb=found.name, row=found)


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def note_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note an exchange with a possible host."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_notes(viewer, found, now)
    form = house.NoteForm(request.POST or None)
    done = submit(
        request,
        form,
        lambda: structures.add_note(by=viewer, host=found, text=form.cleaned_data["text"], now=now),
        to=host_url(found),
    )
    return done or form_page(request, form, "Noter un échange", back=host_url(found), crumb=found.name)


@member(_A.MANAGE, POSTS)
@require_POST
def note_remove(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete a note for good."""
    found = structures.find_note(request.viewer, pk, request.now)
    act = partial(structures.remove_note, by=request.viewer, note=found, now=request.now)
    return one_click(request, act, to=host_url(found.host), done="La note est effacée.")


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def supervisor_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Name a tutor of a host."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_tutors(viewer, found, now)
    form = house.SupervisorForm(request.POST or None, accounts=host_reads.accounts(found, now))
    done = submit(
        request,
        form,
        lambda: structures.add_supervisor(
            by=viewer,
            host=found,
            name=form.cleaned_data["name"],
            is_manager=form.cleaned_data["is_manager"],
            mandate_id=form.cleaned_data["mandate"],
            now=now,
        ),
        to=host_url(found),
    )
    return done or form_page(request, form, "Inscrire un tuteur", back=host_url(found), crumb=found.name)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def training_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note a training that a tutor followed."""
    viewer, now = request.viewer, request.now
    found = structures.find_supervisor(viewer, pk, now)
    facts.require_tutors(viewer, found.host, now)
    form = house.TrainingForm(request.POST or None)
    done = submit(
        request,
        form,
        lambda: structures.add_training(by=viewer, supervisor=found, now=now, **form.cleaned_data),
        to=host_url(found.host),
    )
    return done or form_page(request, form, "Formation suivie", back=host_url(found.host), crumb=found.host.name)


def _narrowed(request: AgentRequest) -> house.TrainingFilterForm:
    return house.TrainingFilterForm(request.GET, hosts=trainings.hosts(request.viewer, request.now))


@member(_A.LIST, POSTS)
@require_GET
def tutors(request: AgentRequest) -> HttpResponse:
    """List the tutors of all hosts with their trainings; counts for whoever reads no name."""
    form = _narrowed(request)
    found = trainings.listing(request.viewer, form.asked(), request.now)
    context = {"found": found, "filter": form, "query": request.GET.urlencode(), "today": localdate(request.now)}
    return render(request, "hosts/tutors.html", context)


@member(_A.PRINT, POSTS)
@require_GET
def tutors_paper(request: AgentRequest) -> HttpResponse:
    """Give the same list as PDF."""
    asked = _narrowed(request).asked()
    return pdf.response(documents.tutors(request.viewer, asked, request.now), "formations-des-tuteurs")


@member(_A.CHANGE, POSTS)
@require_POST
def supervisor_end(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note that a tutor left."""
    found = structures.find_supervisor(request.viewer, pk, request.now)
    act = partial(structures.end_supervisor, by=request.viewer, supervisor=found, now=request.now)
    return one_click(request, act, to=host_url(found.host), done="Ce tuteur ne figure plus dans la liste.")


@member(_A.CHANGE, POSTS)
@require_POST
def supervisor_phone(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Let a tutor use a telephone, or take it back."""
    found = structures.find_supervisor(request.viewer, pk, request.now)
    allowed = request.POST.get("allowed") == "1"
    act = partial(structures.set_phone, by=request.viewer, supervisor=found, allowed=allowed, now=request.now)
    done = (
        "Ce tuteur note les présences du jour sur son téléphone."
        if allowed
        else "Le téléphone de ce tuteur n’ouvre plus rien."
    )
    return one_click(request, act, to=host_url(found.host), done=done)


# Accreditations


@member(_A.CREATE, DataClass.HOST_ACCREDITATION)
@require_http_methods(["GET", "POST"])
def accreditation_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record a request of accreditation, or a decision made elsewhere (HOST-03, ATG-04)."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    public = codes.LISTS_FOR.get(viewer.role)
    if public is None:
        raise AccessRefused(code="authority")
    facts.require_accreditation(viewer, found, public, _A.CREATE, now)
    form = house.AccreditationForm(
        request.POST or None, audiences=[(public.value, public.label)], initial={"audience": public.value}
    )

    def act() -> None:
        asked = form.cleaned_data
        if asked["decided_on"]:
            accreditations.record(by=viewer, host=found, now=now, **asked)
        else:
            accreditations.ask(by=viewer, host=found, audience=asked["audience"], now=now)

    done = submit(request, form, act, to=host_url(found), fields={"asked_on": "decided_on"})
    return done or form_page(request, form, "Habilitation", back=host_url(found), crumb=found.name)


ACCREDITATION_STEPS: dict[str, Step] = {
    "avis": Step("Demander les avis", "Demander les avis", accreditations.ask_opinions),
    "avis-recus": Step("Avis reçus", "Noter les avis reçus", accreditations.receive_opinions),
    "accorder": Step(
        "Accorder l’habilitation", "Accorder pour cinq ans", accreditations.grant, ("decided_on", "number")
    ),
    "refuser": Step("Refuser l’habilitation", "Refuser", accreditations.refuse, ("decided_on",)),
    "retirer": Step("Retirer l’habilitation", "Retirer", accreditations.withdraw, ("observations_on",)),
}


@member(_A.MOVE, DataClass.HOST_ACCREDITATION)
@require_http_methods(["GET", "POST"])
def accreditation_act(request: AgentRequest, pk: UUID, act: str) -> HttpResponse:
    """Move an accreditation: opinions, decision, withdrawal (HOST-03 to HOST-05)."""
    found = facts.find_accreditation(request.viewer, pk, request.now)
    facts.require_accreditation(request.viewer, found.host, found.audience, _A.MOVE, request.now)
    return step_page(
        request, ACCREDITATION_STEPS.get(act), {"accreditation": found}, back=host_url(found.host), crumb=found.host.name,
        lead=f"{found.host.name} · {codes.AccreditedFor(found.audience).label}",
    )  # fmt: skip


patterns = [
    path("accueils/", hosts, name="hosts"),
    path("accueils/tuteurs/", tutors, name="tutors"),
    path("accueils/tuteurs/liste.pdf", tutors_paper, name="tutors_paper"),
    path("accueils/inscrire", host_new, name="host_new"),
    path("accueils/<uuid:pk>/", host, name="host"),
    path("accueils/<uuid:pk>/modifier", host_edit, name="host_edit"),
    path("accueils/<uuid:pk>/etape", host_step, name="host_step"),
    path("accueils/<uuid:pk>/note", note_new, name="note_new"),
    path("accueils/notes/<uuid:pk>/effacer", note_remove, name="note_remove"),
    path("accueils/<uuid:pk>/acte/<slug:act>", host_act, name="host_act"),
    path("accueils/<uuid:pk>/tuteurs", supervisor_new, name="supervisor_new"),
    path("accueils/<uuid:pk>/habilitations", accreditation_new, name="accreditation_new"),
    path("accueils/tuteurs/<uuid:pk>/formation", training_new, name="training_new"),
    path("accueils/tuteurs/<uuid:pk>/telephone", supervisor_phone, name="supervisor_phone"),
    path("accueils/tuteurs/<uuid:pk>/depart", supervisor_end, name="supervisor_end"),
    path("accueils/habilitations/<uuid:pk>/<slug:act>", accreditation_act, name="accreditation_act"),
]
