"""One support: its page, its acts, its history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.casefile import documents as pdf
from casework.casefile import drafts, revision
from casework.casefile.acts import submit
from casework.casefile.calendar import add_working_days
from casework.vif.victims import documents, facts, law
from casework.vif.victims import forms as kinds
from casework.vif.victims.actions import follow, notices, opening, orders, parts, team, whereabouts
from casework.vif.victims.models import Appointment, Orientation, ProsecutorNotice, ProtectionOrder, VictimSupport
from casework.vif.victims.reads import page as reads
from casework.vif.victims.views.common import looks, page_url, writes


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one support and what comes next."""
    return _page(request, pk)


def _common(request: AgentRequest, row: VictimSupport) -> dict[str, Any]:
    return {"by": request.viewer, "support": row, "now": request.now}


def _plain(act: Callable[..., object]) -> Callable[..., object]:
    return lambda request, row, given: act(**_common(request, row), **given)


def _consent(request: AgentRequest, row: VictimSupport, given: dict[str, Any]) -> None:
    follow.record_consent(**_common(request, row), **given | {"agreed": given["agreed"] == "yes"})


def _ask_order(request: AgentRequest, row: VictimSupport, given: dict[str, Any]) -> None:
    moment = timezone.make_aware(datetime.combine(given.pop("day"), given.pop("at")))
    orders.ask(**_common(request, row), asked_at=moment, **given)


def _hand_over(request: AgentRequest, row: VictimSupport, given: dict[str, Any]) -> None:
    team.hand_over(**_common(request, row), to=UUID(given["to"]))


def _end(request: AgentRequest, row: VictimSupport, given: dict[str, Any]) -> None:
    follow.end(**_common(request, row), expected=revision.expected(request.POST), **given)


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "accord": (kinds.ConsentForm, _consent),
    "rendez-vous": (kinds.AppointmentForm, _plain(follow.plan)),
    "orientation": (kinds.OrientationForm, _plain(follow.orient)),
    "ordonnance-demandee": (kinds.AskedOrderForm, _ask_order),
    "avis": (kinds.OpinionForm, _plain(follow.record_opinion)),
    "note-remise": (kinds.PassedForm, _plain(whereabouts.pass_note)),
    "adresse": (kinds.KeepForm, _plain(whereabouts.keep)),
    "confier": (kinds.HandOverForm, _hand_over),
    "terminer": (kinds.EndForm, _end),
}


def _form(request: AgentRequest, row: VictimSupport, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if kind is kinds.HandOverForm:
        options["colleagues"] = [
            (str(each.pk), each.agent.full_name) for each in team.colleagues(request.viewer, row, request.now)
        ]
    return kind(data, auto_id=f"{name}-%s", **options)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now)
    form = _form(request, row, name, request.POST)

    def carry_out() -> None:
        _ACTS[name][1](request, row, kinds.typed(form))

    to = page_url(pk) if name != "confier" else reverse("desk:work")
    return submit(request, form, carry_out, to=to) or _page(request, pk, bound={name: form})


# Each part whose outcome is recorded: the route, the form, the action and its argument.
_PARTS: dict[str, tuple[type[forms.Form], Callable[..., VictimSupport], str]] = {
    "rendez-vous": (kinds.OutcomeForm, follow.record_appointment, "appointment_id"),
    "orientations": (kinds.OrientationOutcomeForm, follow.record_orientation, "orientation_id"),
    "ordonnances": (kinds.OrderEndForm, orders.end, "order_id"),
    "transmise": (kinds.NotedForm, notices.note_left, "notice_id"),
    "repondu": (kinds.AnswerForm, notices.answered, "notice_id"),
}


@writes
@require_POST
def outcome(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Record what became of one part of a support; refused, its form comes back with all that was typed."""
    kind, action, argument = _PARTS[name]
    support_id = _of(request, name, pk)
    form = kind(request.POST)

    def carry_out() -> None:
        common = {"by": request.viewer, "now": request.now, "expected": revision.expected(request.POST)}
        action(**common, **{argument: pk}, **kinds.typed(form))

    return submit(request, form, carry_out, to=page_url(support_id)) or _page(request, support_id, part=(pk, form))


_MODELS: dict[str, Any] = {
    "rendez-vous": Appointment, "orientations": Orientation, "ordonnances": ProtectionOrder,
    "transmise": ProsecutorNotice, "repondu": ProsecutorNotice,
}  # fmt: skip


def _of(request: AgentRequest, name: str, pk: UUID) -> UUID:
    """Return the support of one part that the viewer may open. Raises AccessRefused."""
    found: UUID = parts.find(request.viewer, _MODELS[name], pk, request.now).support_id
    return found


def _next_of(line: reads.NoticeLine, today: date) -> forms.Form:
    """Return what a notice waits for: its note on its way, then the answer."""
    if line.noted_on is None:
        return kinds.NotedForm(initial={"noted_on": today})
    return kinds.AnswerForm(initial={"answered_on": today})


def _page(
    request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None,
    part: tuple[UUID, forms.Form] | None = None,
) -> HttpResponse:  # fmt: skip
    row = facts.find(request.viewer, pk, request.now)
    found = reads.page_of(request.viewer, row, request.now)
    refused = part[1] if part else next(iter(bound.values()), None) if bound else None
    context: dict[str, Any] = {"page": found, "bound": refused}

    def of(line: reads.AppointmentLine | reads.NoticeLine, fresh: forms.Form, auto_id: str) -> forms.Form | None:
        if not found.may_change:
            return None
        form = part[1] if part and part[0] == line.id else fresh
        form.auto_id = auto_id
        return form

    today = localdate(request.now)
    context["meetings"] = [
        (line, of(line, kinds.OutcomeForm(), f"m{n}-%s")) for n, line in enumerate(found.appointments)
    ]
    context["notices"] = [(line, of(line, _next_of(line, today), f"n{n}-%s")) for n, line in enumerate(found.notices)]
    if found.may_change:
        initial = dict.fromkeys(("said_on", "sent_on", "day", "asked_on", "passed_on", "closed_on"), today)
        offered = {name: _form(request, row, name, initial=initial) for name in _ACTS}
        context["forms"] = {key.replace("-", "_"): form for key, form in (offered | (bound or {})).items()}
        context["outcome_form"] = kinds.OutcomeForm(auto_id="now-%s")
        context["orientation_form"] = kinds.OrientationOutcomeForm()
    return render(request, "victims/page.html", context, status=422 if refused else 200)


@writes
@require_http_methods(["GET", "POST"])
def correct(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Correct who she is and how she may be reached."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row, Action.CHANGE, facts.VICTIM, request.now)
    found = reads.page_of(request.viewer, row, request.now)
    typed = {
        name: getattr(found, name)
        for name in ("last_name", "first_name", "born_on", "received_on", "children", "lawyer")
    }
    initial = typed | found.typed_rules | {
        "origin": found.origin_code, "phone": found.contact.phone, "email": found.contact.email,
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = kinds.CorrectionForm(data, initial=initial, kept=found.address_is_kept)

    def carry_out() -> None:
        opening.correct(
            by=request.viewer, support=row, data=form.support(), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, carry_out, to=page_url(pk))
    context = {"page": found, "form": form, "more": [form[name] for name in form.MORE]}
    return done or render(request, "victims/correct.html", context, status=422 if form.is_bound else 200)


@writes
@require_http_methods(["GET", "POST"])
def call(request: AgentRequest, pk: UUID) -> HttpResponse:
    """« Informer le parquet »: the call first, then what the note will say."""
    row = facts.find(request.viewer, pk, request.now)
    found = reads.page_of(request.viewer, row, request.now)
    here = localtime(request.now)
    initial = {
        "day": here.date(), "at": f"{here:%H:%M}", "happened_on": here.date(),
        "answer_by": add_working_days(here.date(), law.ANSWER_DAYS, row.territory.holiday_set),
    }  # fmt: skip
    key = f"victims-call-{pk.hex[:12]}"
    draft = drafts.load(request.viewer, key, now=request.now) if request.method == "GET" else None
    initial |= draft.as_initial() if draft else {}
    form = kinds.CallForm(request.POST if request.method == "POST" else None, initial=initial)

    def carry_out() -> None:
        notices.tell(by=request.viewer, support=row, data=form.call(), now=request.now)

    done = submit(request, form, carry_out, to=page_url(pk, "parquet"), fields={"called_at": "at"}, draft=key)
    context = {
        "page": found, "form": form, "draft_key": key, "victim_id": row.subject_id,
        "saved_at": draft.saved_at if draft else None,
    }  # fmt: skip
    return done or render(request, "victims/call.html", context, status=422 if form.is_bound else 200)


@writes
@require_http_methods(["GET", "POST"])
def given_order(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record an order given before she came, with its terms."""
    row = facts.find(request.viewer, pk, request.now)
    form = kinds.GivenOrderForm(request.POST if request.method == "POST" else None)

    def carry_out() -> None:
        orders.record(
            by=request.viewer, support=row, kind=form.cleaned_data["kind"], data=form.order(), now=request.now
        )

    done = submit(request, form, carry_out, to=page_url(pk, "ordonnances"))
    context = {"pk": pk, "reference": row.reference, "form": form, "revision": None}
    return done or render(request, "victims/order.html", context, status=422 if form.is_bound else 200)


@writes
@require_http_methods(["GET", "POST"])
def order(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record the decision on an order that was asked, or its prolongation."""
    support_id = _of(request, "ordonnances", pk)
    found = reads.page(request.viewer, support_id, request.now)
    line = next(each for each in found.orders if each.id == pk)
    form = kinds.TermsForm(request.POST if request.method == "POST" else None)

    def carry_out() -> None:
        orders.decide(
            by=request.viewer, order_id=pk, data=form.order(), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    done = submit(request, form, carry_out, to=page_url(support_id, "ordonnances"))
    context = {
        "pk": support_id,
        "reference": found.reference,
        "form": form,
        "revision": line.revision,
        "kind": line.kind,
    }
    return done or render(request, "victims/order.html", context, status=422 if form.is_bound else 200)


@looks
@require_safe
def note(request: AgentRequest, pk: UUID, telling: UUID) -> HttpResponse:
    """Give the note to the prosecutor, to sign."""
    return pdf.response(documents.prosecutor_note(request.viewer, pk, telling, request.now), "note")


@writes
@require_safe
def address_note(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the note for whoever follows a child."""
    return pdf.response(documents.address_note(request.viewer, pk, request.now), "note")


@looks
@require_safe
def who_opened(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show who opened this file (row 30a)."""
    reference, lines = reads.who_opened(request.viewer, pk, request.now)
    return render(request, "victims/who_opened.html", {"pk": pk, "reference": reference, "lines": lines})


@looks
@require_safe
def history(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the earlier versions."""
    reference, versions = reads.history(request.viewer, pk, request.now)
    return render(request, "victims/history.html", {"pk": pk, "reference": reference, "versions": versions})


patterns = [
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _ACTS],
    *[path(f"{name}/<uuid:pk>", outcome, {"name": name}, name=f"part_{name.replace('-', '_')}") for name in _PARTS],
    path("<uuid:pk>/corriger/", correct, name="correct"),
    path("<uuid:pk>/informer-le-parquet/", call, name="call"),
    path("<uuid:pk>/ordonnance-rendue/", given_order, name="given_order"),
    path("ordonnances/<uuid:pk>/decision/", order, name="order"),
    path("<uuid:pk>/parquet/<uuid:telling>.pdf", note, name="note"),
    path("<uuid:pk>/adresse-a-ne-pas-communiquer.pdf", address_note, name="address_note"),
    path("<uuid:pk>/consultations/", who_opened, name="who_opened"),
    path("<uuid:pk>/historique/", history, name="history"),
]
