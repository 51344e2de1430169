"""The school finds a place, holds it without a name, then names the pupil; what waits for a place."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import drafts, once, revision
from casework.casefile import format as fr
from casework.casefile.acts import one_click, submit
from casework.errors import GuardRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.actions import holding, houses, notice
from casework.exclusions.actions.holding import HoldData
from casework.exclusions.codes import ENDED, Since, State
from casework.exclusions.forms import school as kinds
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import offers
from casework.exclusions.reads import page as reads
from casework.exclusions.reads import since as reads_since
from casework.exclusions.views.common import page_url, sends, writes

LOOK, HOLD, NAME, WAIT = "voir", "tenir", "nommer", "attendre"
ASKS = {HOLD: ("level", "half_days"), NAME: ("level", "half_days"), WAIT: ("level", "starts_on", "ends_on")}
"""What each button cannot do without."""


@sends
@require_http_methods(["GET", "POST"])
def receive(request: AgentRequest) -> HttpResponse:
    """Show which hosts can take a pupil and when; hold half-days without a name, then go on with it or not."""
    facts.require_creation(request.viewer, request.now)
    asked = request.POST.get("go", LOOK) if request.method == "POST" else LOOK
    typed = request.POST if request.method == "POST" else request.GET
    looked = kinds.SearchForm(typed or None)
    found = _search(request, looked)
    offered = _offered(found)
    form = kinds.HoldForm(typed or None, offered=offered, asks=ASKS.get(asked, ()))
    if request.method == "POST" and asked in (HOLD, NAME) and form.is_valid():
        if done := _hold(request, form, to_name=asked == NAME):
            return done
        found = _search(request, looked)  # a place has just gone: show what is left
    if request.method == "POST" and asked == WAIT and form.is_valid() and (done := _wait(request, form)):
        return done
    refused = request.method == "POST" and asked != LOOK
    context = {
        "form": form, "found": found, "refused": refused, "look": LOOK,
        "chosen": set(typed.getlist("half_days")) if typed else set(),
    }  # fmt: skip
    return render(request, "exclusion_support/receive.html", context, status=422 if refused else 200)


def _search(request: AgentRequest, form: kinds.SearchForm) -> offers.Search:
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    first, last = offers.window(given.get("starts_on"), given.get("ends_on"), request.now)
    return offers.search(request.viewer, given.get("kind") or "exclusion", first, last, request.now)


def _offered(found: offers.Search) -> dict[UUID, UUID]:
    """Return the convention of each half-day with a free place."""
    return {
        cell.place.id: offer.convention_id
        for offer in found.offers for week in offer.weeks for _, cells in week.rows for cell in cells
        if cell.place and cell.place.free
    }  # fmt: skip


def _hold(request: AgentRequest, form: kinds.HoldForm, *, to_name: bool) -> HttpResponse | None:
    given = form.cleaned_data

    def act() -> str:
        if form.convention is None:
            raise InputRefused("Choisissez au moins une demi-journée.", field="half_days")
        data = HoldData(
            convention=form.convention, kind=given["kind"], level=given["level"], half_days=given["half_days"]
        )
        support = holding.hold(by=request.viewer, data=data, now=request.now)
        return reverse("exclusion_support:notice", args=[support.pk]) if to_name else page_url(support.pk)

    return _once(request, form, act)


def _wait(request: AgentRequest, form: kinds.HoldForm) -> HttpResponse | None:
    given = form.cleaned_data

    def act() -> str:
        for name in ("starts_on", "ends_on"):
            if given[name] is None:
                raise InputRefused("Indiquez les jours cherchés.", field=name)
        houses.wait(
            by=request.viewer, kind=given["kind"], level=given["level"], starts_on=given["starts_on"],
            ends_on=given["ends_on"], now=request.now,
        )  # fmt: skip
        return reverse("exclusion_support:waiting")

    return _once(request, form, act)


def _once(request: AgentRequest, form: kinds.HoldForm, act: Any) -> HttpResponse | None:
    try:
        return once.run(request, act)
    except (InputRefused, GuardRefused) as refusal:
        field = getattr(refusal, "field", None) or "half_days"
        form.add_error(field if field in form.fields else None, refusal.message)
        return None


@sends
@require_http_methods(["GET", "POST"])
def name_pupil(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Put a name on a held place; the same name as earlier this year asks once whether it is the same pupil."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.MOVE, facts.PUPIL, request.now)
    if row.state != State.PLACE_HELD and request.method != "POST":
        return HttpResponseRedirect(page_url(pk))
    key = f"annonce-{pk}"
    draft = drafts.load(request.viewer, key, now=request.now) if request.method != "POST" else None
    days = list(row.half_days.values_list("day", flat=True))
    first = {"starts_on": days[0], "ends_on": days[-1], "decided_on": localdate(request.now)} if days else {}
    initial: dict[str, Any] = first | (draft.as_initial() if draft else {})
    form = kinds.NoticeForm(request.POST if request.method == "POST" else None, kind=row.kind, initial=initial)
    if request.method == "POST" and form.is_valid() and (earlier := _earlier(request, row, form)):
        form = kinds.NoticeForm(request.POST, kind=row.kind, earlier=earlier)

    def act() -> None:
        notice.notify(
            by=request.viewer, support=row, data=form.notice(), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, act, to=page_url(pk, "famille"), draft=key)
    context = {
        "form": form, "row": reads.head(row), "days": days, "draft_key": key, "saved_at": draft.saved_at if draft else None,
        "host": row.host.name, "kind": row.get_kind_display(),
    }  # fmt: skip
    return done or render(request, "exclusion_support/notice.html", context, status=422 if form.is_bound else 200)


def _earlier(request: AgentRequest, row: ExclusionSupport, form: kinds.NoticeForm) -> list[tuple[str, str]]:
    found = notice.same_pupil(request.viewer, row.school_year, form.notice(), request.now)
    return [(str(each.pk), f"Oui, celui qui a été annoncé {_dates(each.starts_on, each.ends_on)}") for each in found]


def _dates(first: date | None, last: date | None) -> str:
    return f"du {fr.day(first)} au {fr.day(last)}" if first and last else "sans dates"


@sends
@require_http_methods(["GET", "POST"])
def correct(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Correct what the school wrote of the pupil, the sanction or the family."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.CHANGE, facts.REASON, request.now)
    page = reads.page(request.viewer, pk, request.now)
    family = page.family
    initial = {
        "last_name": page.last_name, "first_name": page.first_name, "starts_on": page.starts_on,
        "ends_on": page.ends_on, "procedure_on": page.procedure_on, "decided_on": page.decided_on,
        "suspended_until": page.suspended_until, "reason": page.reason_code, "is_adult": page.is_adult,
        "parent": family.parent if family else "", "phone": family.phone if family else "",
        "other_phone": family.other_phone if family else "",
    }  # fmt: skip
    form = kinds.NoticeForm(request.POST if request.method == "POST" else None, kind=row.kind, initial=initial)

    def act() -> None:
        notice.correct(
            by=request.viewer, support=row, data=form.notice(), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, act, to=page_url(pk))
    context = {
        "form": form, "row": reads.head(row), "days": [each.day for each in page.half_days], "host": page.host,
        "kind": page.kind.label, "is_correction": True,
    }  # fmt: skip
    return done or render(request, "exclusion_support/notice.html", context, status=422 if form.is_bound else 200)


@sends
@require_http_methods(["GET", "POST"])
def half_days(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add half-days of the same host to a support, or give some back."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.CHANGE, facts.PUPIL, request.now)
    if row.state in ENDED and request.method != "POST":
        return HttpResponseRedirect(page_url(pk))
    taken = list(row.half_days.select_related("opening"))
    start, end = offers.window(row.starts_on, row.ends_on, request.now)
    offer = offers.of_convention(row.convention, row.kind, start, end)
    mine = {each.opening_id for each in taken}
    free = [
        cell.place.id
        for week in offer.weeks for _, cells in week.rows for cell in cells
        if cell.place and cell.place.free and cell.place.id not in mine
    ]  # fmt: skip
    back = request.POST.get("go") == "rendre"
    given_back = [each.pk for each in taken if not each.presence]
    form = kinds.HalfDaysForm(request.POST if request.method == "POST" else None, offered=given_back if back else free)

    def act() -> None:
        run = holding.give_back if back else holding.add_half_days
        run(
            by=request.viewer, support=row, half_days=form.cleaned_data["half_days"], now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, act, to=page_url(pk, "demi-journees"))
    context = {
        "form": form, "row": reads.head(row), "offer": offer, "mine": mine, "has_free": bool(free),
        "chosen": set(request.POST.getlist("half_days")), "host": row.host.name,
        "taken": [
            reads.Taken(id=each.pk, day=each.day, half=each.get_half_display(), is_recorded=bool(each.presence))
            for each in taken
        ],
    }  # fmt: skip
    return done or render(request, "exclusion_support/half_days.html", context, status=422 if form.is_bound else 200)


@sends
@require_http_methods(["GET", "POST"])
def other_host(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask another host for a pupil already named, where the first said no."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.CHANGE, facts.PUPIL, request.now)
    if not row.host_no and request.method != "POST":
        return HttpResponseRedirect(page_url(pk))
    first, last = offers.window(row.starts_on, row.ends_on, request.now)
    found = offers.search(request.viewer, row.kind, first, last, request.now)
    form = kinds.HoldForm(request.POST if request.method == "POST" else None, offered=_offered(found))

    def act() -> None:
        if form.convention is None:
            raise InputRefused("Choisissez au moins une demi-journée.", field="half_days")
        holding.ask_another(
            by=request.viewer, support=row, convention=form.convention, half_days=form.cleaned_data["half_days"],
            now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, act, to=page_url(pk))
    context = {
        "form": form, "row": reads.head(row), "found": found, "chosen": set(request.POST.getlist("half_days")),
        "said_no": row.host.name,
    }  # fmt: skip
    return done or render(request, "exclusion_support/other_host.html", context, status=422 if form.is_bound else 200)


@member(Action.LIST, DataClass.EXCLUSION)
@require_safe
def waiting(request: AgentRequest) -> HttpResponse:
    """List the needs that found no place: to a school its own, to a host those of the schools that it signed with."""
    is_school = facts.sends(request.viewer.role)
    find = offers.needs if is_school else offers.needs_around
    context = {"needs": find(request.viewer, request.now), "is_school": is_school}
    return render(request, "exclusion_support/waiting.html", context)


@sends
@require_POST
def wait_no_more(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Withdraw a need."""

    def act() -> None:
        houses.wait_no_more(by=request.viewer, need_id=pk, now=request.now)

    return one_click(request, act, to=reverse("exclusion_support:waiting"), done="La demande est retirée.")


@writes
@require_POST
def free(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give a held place back."""
    row = facts.find(request.viewer, pk, request.now)

    def act() -> None:
        holding.free(by=request.viewer, support=row, now=request.now, expected=revision.expected(request.POST))

    return one_click(request, act, to=reverse("exclusion_support:index"), done="La place est rendue.")


@sends
@require_http_methods(["GET", "POST"])
def since(request: AgentRequest) -> HttpResponse:
    """Ask, of each pupil received this year, whether a new exclusion came since; answered in one go."""
    lines = reads_since.lines(request.viewer, request.now)
    form = kinds.EmptyForm(request.POST if request.method == "POST" else None)
    typed = {line.id: request.POST.get(f"since-{line.id}", "") for line in lines} if request.method == "POST" else {}

    def act() -> None:
        given = {line.id: typed[line.id] for line in lines if typed[line.id] and typed[line.id] != line.said}
        again = {line.id: typed[line.id] for line in lines if line.is_to_say and typed[line.id]}
        if not given | again:
            raise InputRefused("Choisissez au moins une réponse.")
        notice.say_since_of(by=request.viewer, answers=given | again, now=request.now)
        messages.success(request, "Merci : c’est noté.")

    done = submit(request, form, act, to=reverse("exclusion_support:since"))
    context = {
        "form": form, "lines": [(line, typed.get(line.id) or line.said) for line in lines],
        "answers": [(value, label) for value, label in Since.choices if value],
        "to_say": sum(line.is_to_say for line in lines), "next_ask": law.next_ask(localdate(request.now)),
    }  # fmt: skip
    return done or render(request, "exclusion_support/since.html", context, status=422 if form.is_bound else 200)


patterns = [
    path("depuis/", since, name="since"),
    path("accueillir/", receive, name="receive"),
    path("sans-place/", waiting, name="waiting"),
    path("sans-place/<uuid:pk>/retirer", wait_no_more, name="wait_no_more"),
    path("<uuid:pk>/annoncer/", name_pupil, name="notice"),
    path("<uuid:pk>/corriger/", correct, name="correct"),
    path("<uuid:pk>/demi-journees/", half_days, name="half_days"),
    path("<uuid:pk>/autre-structure/", other_host, name="other_host"),
    path("<uuid:pk>/rendre", free, name="free"),
]
