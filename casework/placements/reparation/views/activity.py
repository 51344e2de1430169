"""The host and its half-days, sessions and presence, the victim's page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action, ceiling
from casework.access.routes import member
from casework.casefile import attached, revision
from casework.casefile import format as fr
from casework.casefile.acts import one_click, submit
from casework.errors import AccessRefused, InputRefused
from casework.placements.hosts.codes import Half
from casework.placements.hosts.forms import AnswerForm as HostAnswerForm
from casework.placements.hosts.forms import SectorForm
from casework.placements.hosts.models import Post
from casework.placements.hosts.reads import calendar, unplaced
from casework.placements.reparation import facts
from casework.placements.reparation.actions import activity, agreements, follow, half_days, hosting
from casework.placements.reparation.actions.activity import PlaceData
from casework.placements.reparation.actions.hosting import AskData
from casework.placements.reparation.forms import PlaceForm, PresenceForm, VictimAnswerForm, VictimForm
from casework.placements.reparation.models import Reparation
from casework.placements.reparation.reads import asked
from casework.placements.reparation.reads import page as reads
from casework.placements.reparation.reads import places as reads_places
from casework.placements.reparation.views.common import page_url

writes = member(Action.CHANGE, DataClass.REPARATION_CONTENT)
WEEKS_SHOWN = timedelta(weeks=8)


@writes
@require_safe
def places(request: AgentRequest, pk: UUID) -> HttpResponse:
    """List the posts open to minors until the term: those that fit, why, and why not the others."""
    row = _open(request, pk)
    found = reads_places.for_reparation(request.viewer, row, request.now)
    context = {
        "pk": pk, "reference": row.reference, "term_on": row.term_on,
        "fitting": [match for match in found if match.fits], "others": [match for match in found if not match.fits],
        "may_count": row.state in activity.READY, "closed": hosting.asked_already(row),
        "sector_form": SectorForm(sectors=unplaced.sectors(request.viewer, request.now)),
    }  # fmt: skip
    return render(request, "reparation/places.html", context)


@writes
@require_POST
def without_place(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Count a réparation for which no place fits."""
    row = _open(request, pk)
    form = SectorForm(request.POST, sectors=unplaced.sectors(request.viewer, request.now))

    def act() -> None:
        if not form.is_valid():
            raise InputRefused("Choisissez le secteur dans la liste.", field="sector")
        activity.count_without_place(
            by=request.viewer, reparation=row, sector=form.cleaned_data["sector"], now=request.now
        )

    done = "C’est compté : la coordination verra, sans nom, qu’il manque des places pour les mineurs."
    return one_click(request, act, to=reverse("reparation:places", args=[pk]), done=done)


@writes
@require_http_methods(["GET", "POST"])
def place(request: AgentRequest, pk: UUID, post_pk: UUID) -> HttpResponse:
    """Take half-days at one host."""
    row = _open(request, pk)
    post = half_days.open_to_minors(request.viewer, post_pk, request.now)
    slots = _free(post, row, request.now)
    same = row.post_id == post_pk and row.sessions.filter(post=post).exists()
    form = PlaceForm(request.POST or None, slots=slots, same=same)

    def act() -> None:
        given = form.cleaned_data
        chosen = [_slot(each) for each in given["slots"]]
        common: dict[str, Any] = {"by": request.viewer, "reparation": row, "now": request.now}
        expected = revision.expected(request.POST)
        if same:
            activity.add_half_days(**common, slots=chosen)
        elif given["how"] == "agreed":
            data = PlaceData(post_id=post_pk, slots=chosen, host_agreed_on=given["host_agreed_on"])
            activity.assign_community(**common, data=data, expected=expected)
        else:
            ask = AskData(post_id=post_pk, slots=chosen, answer_by=given["answer_by"])
            hosting.ask(**common, data=ask, expected=expected)

    done = submit(request, form, act, to=page_url(pk, "suite"))
    context = {
        "form": form, "pk": pk, "reference": row.reference, "revision": row.revision, "nature": post.nature,
        "host": post.host.name, "is_same": same, "has_slots": bool(slots),
    }  # fmt: skip
    return done or render(request, "reparation/place.html", context, status=422 if form.is_bound else 200)


def _open(request: AgentRequest, pk: UUID) -> Reparation:
    row = facts.find(request.viewer, pk, request.now, DataClass.REPARATION_CONTENT)
    facts.require_on(request.viewer, row, Action.CHANGE, DataClass.REPARATION_CONTENT, request.now)
    return row


def _free(post: Post, row: Reparation, now: datetime) -> list[tuple[str, str]]:
    """Return the half-days with a place, from tomorrow to the term, eight weeks at most, this person's own left out."""
    start = localdate(now) + timedelta(days=1)
    end = min(row.term_on, start + WEEKS_SHOWN)
    if end < start:
        return []
    mine = set(row.sessions.values_list("day", "half"))
    found = calendar.places([post.pk], start, end, now=now)[post.pk]
    return [
        (f"{day.isoformat()}-{half.value}", f"{fr.WEEKDAYS[day.weekday()]} {fr.short_day(day)}, {half.label}")
        for (day, half), counted in sorted(found.items())
        if counted.free and (day, half.value) not in mine
    ]


def _slot(value: str) -> tuple[date, Half]:
    day, _, half = value.rpartition("-")
    return date.fromisoformat(day), Half(half)


@member(Action.CHANGE, DataClass.REPARATION_ACTIVITY)
@require_http_methods(["GET", "POST"])
def host_answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Answer a request, as the host: half-days and the service that asks, no name."""
    found = hosting.find_open(request.viewer, pk, request.now)
    form = HostAnswerForm(request.POST or None)

    def act() -> None:
        given = form.cleaned_data
        hosting.answer(
            by=request.viewer, request=found, accepts=given["answer"] == "yes", reason=given["reason"], now=request.now
        )

    done = submit(request, form, act, to=reverse("reparation:index"))
    if done:
        messages.success(request, "Votre réponse est transmise au service.")
    context = {"form": form, "asked": asked.by_link(found)}
    return done or render(request, "reparation/host_answer.html", context, status=422 if form.is_bound else 200)


@member(Action.CHANGE, DataClass.REPARATION_ACTIVITY)
@require_POST
def presence(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write who came: all that a host writes (REP-16)."""
    session = follow.find_session(request.viewer, pk, request.now)
    form = PresenceForm(request.POST)
    form.is_valid()

    def act() -> None:
        follow.record_presence(
            by=request.viewer, session=session, presence=form.cleaned_data.get("presence", ""),
            parents=form.cleaned_data.get("parents", ""), now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip

    is_officer = ceiling(request.viewer.role, Action.VIEW, DataClass.REPARATION_CONTENT)
    to = page_url(session.reparation_id, "seances") if is_officer else reverse("reparation:index")
    return one_click(request, act, to=to)


@writes
@require_POST
def cancel(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a session to come off the plan."""
    session = follow.find_session(request.viewer, pk, request.now)

    def act() -> None:
        activity.cancel(by=request.viewer, session=session, now=request.now)

    return one_click(request, act, to=page_url(session.reparation_id, "seances"))


@member(Action.VIEW, DataClass.REPARATION_VICTIM)
@require_http_methods(["GET", "POST"])
def victims(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the victims of one réparation, apart; ask another."""
    form = VictimForm(request.POST or None, initial={"asked_on": localdate(request.now)})
    row = facts.find(request.viewer, pk, request.now, DataClass.REPARATION_VICTIM)

    def act() -> None:
        agreements.add_victim(by=request.viewer, reparation=row, now=request.now, **form.cleaned_data)

    to = reverse("reparation:victims", args=[pk])
    return submit(request, form, act, to=to) or _victims(request, pk, form)


def _victims(
    request: AgentRequest, pk: UUID, form: VictimForm, *, answered: tuple[UUID, VictimAnswerForm] | None = None
) -> HttpResponse:
    found = reads.victims(request.viewer, pk, request.now)
    today = localdate(request.now)
    lines = [
        (
            line,
            answered[1] if answered and answered[0] == line.id
            else VictimAnswerForm(initial={"answered_on": today}, mediation=found.is_mediation, prefix=""),
        )
        for line in found.lines
    ]  # fmt: skip
    status = 422 if form.is_bound or answered else 200
    return render(request, "reparation/victims.html", {"found": found, "lines": lines, "form": form}, status=status)


@member(Action.CHANGE, DataClass.REPARATION_VICTIM)
@require_POST
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record what a victim says."""
    victim = facts.find_victim(request.viewer, pk, request.now)
    mediation = victim.reparation.form == "mediation"
    form = VictimAnswerForm(request.POST, request.FILES, mediation=mediation)
    attached.check_weight(request, form)

    def act() -> None:
        given = form.cleaned_data
        agreements.answer_of_victim(
            by=request.viewer, victim=victim, answer=given["answer"], answered_on=given["answered_on"],
            upload=given["file"], now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip

    if not facts.relation(request.viewer, victim.reparation, request.now).may(
        request.viewer, Action.CHANGE, DataClass.REPARATION_VICTIM, request.now
    ):
        raise AccessRefused(code="victim")
    done = submit(request, form, act, to=page_url(victim.reparation_id))
    return done or _victims(
        request, victim.reparation_id, VictimForm(initial={"asked_on": localdate(request.now)}), answered=(pk, form)
    )


patterns = [
    path("<uuid:pk>/lieu/", places, name="places"),
    path("<uuid:pk>/lieu/<uuid:post_pk>/", place, name="place"),
    path("<uuid:pk>/sans-place", without_place, name="without_place"),
    path("demandes/<uuid:pk>/", host_answer, name="host_answer"),
    path("seances/<uuid:pk>/presence", presence, name="presence"),
    path("seances/<uuid:pk>/retirer", cancel, name="cancel"),
    path("<uuid:pk>/victime/", victims, name="victims"),
    path("victimes/<uuid:pk>/reponse", answer, name="victim_answer"),
]
