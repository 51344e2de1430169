"""Pages of hosts and posts: fetch by reads, or validate and call one action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.access.viewer import Viewer
from casework.casefile import documents as pdf
from casework.casefile import once, revision
from casework.casefile import reads as lists
from casework.casefile.acts import one_click, submit
from casework.casefile.codes import ListCode
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts import codes, documents, extract, facts
from casework.placements.hosts import forms as house
from casework.placements.hosts.actions import accreditations, imports, posts, structures
from casework.placements.hosts.actions import legal as legal_acts
from casework.placements.hosts.models import Accreditation, HostStructure, Post
from casework.placements.hosts.reads import legal as legal_reads
from casework.placements.hosts.reads import posts as post_reads
from casework.placements.hosts.reads import search, unplaced
from casework.placements.hosts.reads import structures as host_reads

POSTS = DataClass.TIG_POSTS
_A = Action


def _lists(viewer: Viewer, now: datetime) -> dict[str, Any]:
    today = localdate(now)
    return {
        "sectors": lists.choices(viewer.territory_id, ListCode.PLACE_SECTOR, today),
        "activities": lists.choices(viewer.territory_id, ListCode.ACTIVITY_SECTOR, today),
    }


# Posts


@member(_A.LIST, POSTS)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Find a post: filters at left, posts at right, those that do not fit with why not."""
    viewer = request.viewer
    form = house.SearchForm(request.GET or None, **_lists(viewer, request.now))
    criteria = form.criteria() if form.is_bound else search.Criteria()
    found = search.find(viewer, criteria, request.now)
    start, end = criteria.span(request.now)
    context = {
        "form": form, "fits": [match for match in found if match.fits],
        "others": [match for match in found if not match.fits], "asked": form.is_bound, "start": start, "end": end, "may_take_over": viewer.role in codes.LISTS_FOR,

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
    form = house.PostForm(request.POST or None, initial={"audience": "adults"}, **_lists(viewer, now))

    def act() -> str:
        made = posts.describe(by=viewer, host=host, data=form.post_data(), half_days=(), now=now)
        messages.success(request, "Le poste est décrit. Donnez maintenant ses demi-journées.")
        return reverse("hosts:post_week", args=[made.pk])

    done = submit(request, form, act, to="")
    return done or _form(request, form, "Décrire un poste", back=_host_url(host), crumb=host.name, lead=host.name)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_edit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a post."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    initial = host_reads.post_as_typed(viewer, found, now) if request.method == "GET" else None
    form = house.PostForm(request.POST or None, initial=initial, **_lists(viewer, now))
    act = lambda: posts.correct(  # noqa: E731 one act, bound to this request
        by=viewer, post=found, data=form.post_data(), expected=revision.expected(request.POST), now=now
    )
    done = submit(request, form, act, to=_post_url(found))
    return done or _form(
        request, form, "Modifier le poste", back=_post_url(found), crumb=found.reference, row=found, lead=found.nature
    )


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_week(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say on which half-days a post receives, how many, at what hours."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    form = house.WeekForm(request.POST or None, week=post_reads.week(found.pk))
    act = lambda: posts.set_half_days(  # noqa: E731 one act, bound to this request
        by=viewer, post=found, half_days=form.half_days(), expected=revision.expected(request.POST), now=now
    )
    done = submit(request, form, act, to=_post_url(found))
    context = {
        "form": form,
        "post": found.reference,
        "nature": found.nature,
        "back": _post_url(found),
        "revision": found.revision,
    }
    return done or render(request, "hosts/week.html", context, status=422 if form.is_bound else 200)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def post_managers(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say who manages a post (HOST-07)."""
    viewer, now = request.viewer, request.now
    found = facts.find_post(viewer, pk, now)
    facts.require_on_post(viewer, found, _A.CHANGE, now)
    choices = host_reads.managers(viewer, found, now)
    initial = {"supervisors": [str(pk) for pk in found.managers.values_list("pk", flat=True)]}
    form = house.ManagersForm(request.POST or None, choices=choices, initial=initial)
    act = lambda: posts.set_managers(  # noqa: E731 one act, bound to this request
        by=viewer, post=found, supervisors=form.cleaned_data["supervisors"], now=now
    )
    done = submit(request, form, act, to=_post_url(found))
    return done or _form(
        request, form, "Responsables du poste", back=_post_url(found), crumb=found.reference, lead=found.nature,
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
    act = lambda: posts.close_places(by=viewer, post=found, data=form.period(), now=now)  # noqa: E731 one act, bound to this request
    done = submit(request, form, act, to=_post_url(found))
    return done or _form(
        request, form, "Places hors service", back=_post_url(found), crumb=found.reference, lead=found.nature
    )


@member(_A.CHANGE, POSTS)
@require_POST
def out_of_use_end(request: AgentRequest, pk: UUID, period_id: UUID) -> HttpResponse:
    """Take back a period out of use."""
    found = facts.find_post(request.viewer, pk, request.now)
    act = partial(posts.reopen_places, by=request.viewer, post=found, period_id=period_id, now=request.now)
    return one_click(request, act, to=_post_url(found), done="Les places sont de nouveau proposées.")


class Step(NamedTuple):
    """One act of a page: its title, its button, what its form asks, the action."""

    title: str
    button: str
    run: Callable[..., object]
    asks: tuple[str, ...] = ()
    reasons: type[TextChoices] | None = None
    named: Mapping[str, str] = {}


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
    return _step(
        request, POST_STEPS.get(act), {"post": found}, back=_post_url(found), crumb=found.reference, lead=found.nature
    )


@member(_A.LIST, POSTS)
@require_GET
def without_place(request: AgentRequest) -> HttpResponse:
    """Show how many demands found no place: by period, and by sector for the years that are over."""
    context = {"found": unplaced.figures(request.viewer, request.now), "least": unplaced.LEAST}
    return render(request, "hosts/without_place.html", context)


# Hosts


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
    return {"sectors": _lists(viewer, now)["sectors"], "accounts": accounts}


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def host_new(request: AgentRequest) -> HttpResponse:
    """Put a possible host on the list of prospects."""
    viewer, now = request.viewer, request.now
    form = house.HostForm(request.POST or None, **_host_lists(viewer, now))

    def act() -> str:
        return _host_url(structures.inscribe(by=viewer, data=form.host(), now=now))

    done = submit(request, form, act, to="")
    return done or _form(
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
    form = house.HostForm(request.POST or None, initial=initial, **_host_lists(viewer, now))
    act = lambda: structures.correct(  # noqa: E731 one act, bound to this request
        by=viewer, host=found, data=form.host(), expected=revision.expected(request.POST), now=now
    )
    done = submit(request, form, act, to=_host_url(found))
    return done or _form(request, form, "Modifier la structure", back=_host_url(found), crumb=found.name, row=found)


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
    return _step(request, HOST_STEPS.get(act), {"host": found}, back=_host_url(found), crumb=found.name)


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def host_step(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say what comes next with a possible host."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_on_host(viewer, found, _A.MANAGE, now)
    form = house.NextStepForm(request.POST or None, initial={"step": found.next_step, "on": found.next_on})
    act = lambda: structures.plan_step(  # noqa: E731 one act, bound to this request
        by=viewer, host=found, step=form.cleaned_data["step"], on=form.cleaned_data["on"], now=now,
        expected=revision.expected(request.POST),
    )  # fmt: skip
    done = submit(request, form, act, to=_host_url(found))
    return done or _form(request, form, "Prochaine étape", back=_host_url(found), crumb=found.name, row=found)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def supervisor_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Name a tutor of a host."""
    viewer, now = request.viewer, request.now
    found = facts.find_host(viewer, pk, now)
    facts.require_on_host(viewer, found, _A.CHANGE, now)
    form = house.SupervisorForm(request.POST or None, accounts=host_reads.accounts(found, now))
    act = lambda: structures.add_supervisor(  # noqa: E731 one act, bound to this request
        by=viewer, host=found, name=form.cleaned_data["name"], is_manager=form.cleaned_data["is_manager"],
        mandate_id=form.cleaned_data["mandate"], now=now,
    )  # fmt: skip
    done = submit(request, form, act, to=_host_url(found))
    return done or _form(request, form, "Inscrire un tuteur", back=_host_url(found), crumb=found.name)


@member(_A.CHANGE, POSTS)
@require_http_methods(["GET", "POST"])
def training_new(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note a training that a tutor followed."""
    viewer, now = request.viewer, request.now
    found = structures.find_supervisor(viewer, pk, now)
    facts.require_on_host(viewer, found.host, _A.CHANGE, now)
    form = house.TrainingForm(request.POST or None)
    act = lambda: structures.add_training(by=viewer, supervisor=found, now=now, **form.cleaned_data)  # noqa: E731 one act, bound to this request
    done = submit(request, form, act, to=_host_url(found.host))
    return done or _form(request, form, "Formation suivie", back=_host_url(found.host), crumb=found.host.name)


@member(_A.CHANGE, POSTS)
@require_POST
def supervisor_end(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note that a tutor left."""
    found = structures.find_supervisor(request.viewer, pk, request.now)
    act = partial(structures.end_supervisor, by=request.viewer, supervisor=found, now=request.now)
    return one_click(request, act, to=_host_url(found.host), done="Ce tuteur ne figure plus dans la liste.")


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
    return one_click(request, act, to=_host_url(found.host), done=done)


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

    done = submit(request, form, act, to=_host_url(found), fields={"asked_on": "decided_on"})
    return done or _form(request, form, "Habilitation", back=_host_url(found), crumb=found.name)


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
    return _step(
        request, ACCREDITATION_STEPS.get(act), {"accreditation": found}, back=_host_url(found.host), crumb=found.host.name,
        lead=f"{found.host.name} · {codes.AccreditedFor(found.audience).label}",
    )  # fmt: skip


# Legal references


@member(_A.LIST, POSTS)
@require_GET
def legal(request: AgentRequest) -> HttpResponse:
    """List the articles that screens and documents quote, with their dates (DL-23)."""
    return render(request, "hosts/legal.html", {"rows": legal_reads.lines(request.viewer, request.now)})


@member(_A.MANAGE, POSTS)
@require_http_methods(["GET", "POST"])
def legal_replace(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the article that follows another one."""
    found = legal_reads.find(request.viewer, pk, request.now)
    form = house.LegalForm(request.POST or None)
    act = lambda: legal_acts.replace(by=request.viewer, reference=found, now=request.now, **form.cleaned_data)  # noqa: E731 one act, bound to this request
    back = reverse("hosts:legal")
    done = submit(request, form, act, to=back)
    return done or _form(request, form, "Nouvel article", back=back, crumb="Références légales", lead=found.label)


# The TIG 360° extract


@member(_A.CREATE, POSTS)
@require_http_methods(["GET", "POST"])
def take_over(request: AgentRequest) -> HttpResponse:
    """Take over the official list: hand in the extract, say what each column is, read each line, write (ATG-04)."""
    viewer, now, here = request.viewer, request.now, reverse("hosts:take_over")
    imports.require_right(viewer, now)
    if request.method == "POST" and request.POST.get("act") == "discard":
        return one_click(request, partial(imports.discard, by=viewer, now=now), to=here)
    found = imports.deposited(viewer, now)
    if found is None:
        form = house.ExtractForm(request.POST or None, request.FILES or None)
        act = lambda: imports.deposit(by=viewer, content=form.cleaned_data["file"].read(), now=now)  # noqa: E731 one act, bound to this request
        done = submit(request, form, act, to=here)
        return done or render(request, "hosts/take_over.html", {"form": form}, status=422 if form.is_bound else 200)
    values = request.POST.getlist("column") or [column.value for column in extract.guess(found.headers).values()]
    error, lines = "", []
    try:
        mapping = imports.mapping_of(values)
        if request.method == "POST" and request.POST.get("act") == "write":
            return once.run(request, lambda: _write(viewer, found, mapping, now), draft=imports.FORM)
        lines = imports.report(by=viewer, found=found, mapping=mapping, now=now)
    except (InputRefused, GuardRefused) as refusal:
        error = refusal.message
    columns = [
        (header or "(sans titre)", values[place] if place < len(values) else "ignored", _example(found, place))
        for place, header in enumerate(found.headers)
    ]
    context = {
        "columns": columns, "targets": [(each.value, each.label) for each in extract.Column], "error": error,
        "lines": lines, "valid": sum(not line.refused for line in lines),
    }  # fmt: skip
    return render(request, "hosts/take_over.html", context, status=422 if error else 200)


def _example(found: extract.Table, place: int) -> str:
    return next((cells[place] for _, cells in found.lines if cells[place]), "")


def _write(viewer: Viewer, found: extract.Table, mapping: Mapping[int, extract.Column], now: datetime) -> str:
    imports.carry_out(by=viewer, found=found, mapping=mapping, now=now)
    return reverse("hosts:posts")


# What the pages share


def _post_url(found: Post) -> str:
    return reverse("hosts:post", args=[found.pk])


def _host_url(found: HostStructure) -> str:
    return reverse("hosts:host", args=[found.pk])


def _step(
    request: AgentRequest, step: Step | None, about: Mapping[str, Post | HostStructure | Accreditation], *, back: str,
    crumb: str, lead: str = "",
) -> HttpResponse:  # fmt: skip
    """Show the form of one act, or carry it out. Raises AccessRefused for an act that is none."""
    if step is None:
        raise AccessRefused(code="act")
    reasons = step.reasons.choices if step.reasons else ()
    form = house.ActForm(
        request.POST or None, asks=step.asks, reasons=reasons, initial={"decided_on": localdate(request.now)}
    )

    def act() -> None:
        typed = form.cleaned_data if step.asks else {}
        given: dict[str, str | date] = {step.named.get(name, name): value for name, value in typed.items()}
        step.run(by=request.viewer, now=request.now, **about, **given)

    if request.method == "POST" and not step.asks:
        return one_click(request, act, to=back)
    fields = {action: name for name, action in step.named.items()} | {
        "suspend_reason": "reason", "strike_reason": "reason",
    }  # fmt: skip
    done = submit(request, form, act, to=back, fields=fields)
    return done or _form(request, form, step.title, back=back, crumb=crumb, lead=lead, button=step.button)


def _form(
    request: AgentRequest, form: forms.Form, title: str, *, back: str, crumb: str, lead: str = "", button: str = "Enregistrer",
    row: Post | HostStructure | None = None, empty: str = "", host: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "title": title, "back": back, "crumb": crumb, "lead": lead, "button": button, "empty": empty,
        "revision": None if row is None else request.POST.get(revision.FIELD) or row.revision, "host": host,
    }  # fmt: skip
    return render(request, "hosts/form.html", context, status=422 if form.is_bound else 200)


patterns = [
    path("postes/", index, name="posts"),
    path("postes/reprendre", take_over, name="take_over"),
    path("postes/<uuid:pk>/", post, name="post"),
    path("postes/<uuid:pk>/fiche.pdf", post_sheet, name="post_sheet"),
    path("postes/<uuid:pk>/modifier", post_edit, name="post_edit"),
    path("postes/<uuid:pk>/semaine", post_week, name="post_week"),
    path("postes/<uuid:pk>/responsables", post_managers, name="post_managers"),
    path("postes/<uuid:pk>/hors-service", out_of_use, name="out_of_use"),
    path("postes/<uuid:pk>/hors-service/<uuid:period_id>/reprendre", out_of_use_end, name="out_of_use_end"),
    path("postes/<uuid:pk>/acte/<slug:act>", post_act, name="post_act"),
    path("postes/demandes-sans-place", without_place, name="without_place"),
    path("accueils/", hosts, name="hosts"),
    path("accueils/inscrire", host_new, name="host_new"),
    path("accueils/<uuid:pk>/", host, name="host"),
    path("accueils/<uuid:pk>/modifier", host_edit, name="host_edit"),
    path("accueils/<uuid:pk>/etape", host_step, name="host_step"),
    path("accueils/<uuid:pk>/acte/<slug:act>", host_act, name="host_act"),
    path("accueils/<uuid:pk>/postes/decrire", post_new, name="post_new"),
    path("accueils/<uuid:pk>/tuteurs", supervisor_new, name="supervisor_new"),
    path("accueils/<uuid:pk>/habilitations", accreditation_new, name="accreditation_new"),
    path("accueils/tuteurs/<uuid:pk>/formation", training_new, name="training_new"),
    path("accueils/tuteurs/<uuid:pk>/telephone", supervisor_phone, name="supervisor_phone"),
    path("accueils/tuteurs/<uuid:pk>/depart", supervisor_end, name="supervisor_end"),
    path("references/", legal, name="legal"),
    path("references/<uuid:pk>/suite", legal_replace, name="legal_replace"),
    path("accueils/habilitations/<uuid:pk>/<slug:act>", accreditation_act, name="accreditation_act"),
]
