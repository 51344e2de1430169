"""One allocation: its page, its acts, its papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import submit
from casework.errors import AccessRefused
from casework.vif.phones import court_paper, documents, facts
from casework.vif.phones import forms as kinds
from casework.vif.phones.actions import assessing, deciding, holding, sheets
from casework.vif.phones.codes import DecisionKind, State
from casework.vif.phones.models import Allocation
from casework.vif.phones.reads import page as reads
from casework.vif.phones.reads.page import Page
from casework.vif.phones.views.common import looks, page_url, writes
from casework.vif.victims import facts as victims

Given = dict[str, Any]


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one allocation and what comes next."""
    return _page(request, pk)


@member(Action.CREATE, DataClass.TGD)
@require_http_methods(["GET", "POST"])
def signal(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record that somebody asks for her danger to be assessed."""
    support = victims.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, support, Action.CREATE, request.now)
    initial = {"signalled_on": localdate(request.now)}
    form = kinds.SignalForm(request.POST if request.method == "POST" else None, initial=initial)

    def carry_out() -> str:
        return page_url(assessing.signal(by=request.viewer, support=support, now=request.now, **form.cleaned_data).pk)

    done = submit(request, form, carry_out, to=page_url(pk))
    context = {"pk": support.pk, "reference": support.reference, "form": form}
    return done or render(request, "phones/signal.html", context, status=422 if form.is_bound else 200)


def _common(request: AgentRequest, row: Allocation) -> Given:
    return {
        "by": request.viewer, "allocation": row, "now": request.now, "expected": revision.expected(request.POST),
    }  # fmt: skip


def _plain(act: Callable[..., object]) -> Callable[..., object]:
    return lambda request, row, found, form: act(**_common(request, row), **form.cleaned_data)


def _assess(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    assessing.assess(**_common(request, row), data=form.assessment(), origin=found.origin_code)


def _decides(kind: DecisionKind) -> Callable[..., object]:
    return lambda request, row, found, form: deciding.decide(**_common(request, row), data=form.decision(kind))


def _oral(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    kind = DecisionKind.RENEW if found.is_in_use else DecisionKind.ALLOT
    deciding.decide(**_common(request, row), data=form.decision(kind))


def _transmitted(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    deciding.decide(**_common(request, row), data=form.decision())


def _give_back(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    holding.give_back(**_common(request, row), reason=found.reason_code, **form.cleaned_data)


def _sheet(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    paper = court_paper.in_force(row.territory_id, request.now)
    sheets.make(by=request.viewer, allocation=row, lines=documents.sheet_lines(found, paper), now=request.now)


def _sent(request: AgentRequest, row: Allocation, found: Page, form: Any) -> None:
    if not found.sheets:
        raise AccessRefused(code="sheet")
    sheets.sent(by=request.viewer, allocation=row, sheet_id=found.sheets[-1].id, now=request.now, **form.cleaned_data)


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "delai": (kinds.DayForm, _plain(assessing.set_day)),
    "evaluation": (kinds.AssessmentForm, _assess),
    "reprendre": (kinds.EmptyForm, _plain(assessing.reassess)),
    "accorder": (kinds.CourtForm, _decides(DecisionKind.ALLOT)),
    "refuser": (kinds.CourtForm, _decides(DecisionKind.REFUSE)),
    "renouveler": (kinds.CourtForm, _decides(DecisionKind.RENEW)),
    "de-vive-voix": (kinds.OralForm, _oral),
    "ecrit-transmis": (kinds.TransmittedForm, _transmitted),
    "ecrit": (kinds.WrittenForm, _plain(deciding.write_down)),
    "remettre": (kinds.HandOverForm, _plain(holding.hand_over)),
    "sans-suite": (kinds.EmptyForm, _plain(holding.not_taken)),
    "accord": (kinds.ConsentForm, _plain(deciding.record_consent)),
    "remplacer": (kinds.ReplaceForm, _plain(holding.replace)),
    "fin": (kinds.WithdrawForm, _plain(holding.withdraw)),
    "restitution": (kinds.ReturnForm, _give_back),
    "terminer": (kinds.CloseForm, _plain(holding.close)),
    "fiche": (kinds.EmptyForm, _sheet),
    "envoi": (kinds.SendingForm, _sent),
}
_WITH_DEVICE = ("remettre", "remplacer")


def _form(request: AgentRequest, found: Page, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if name in _WITH_DEVICE:
        options["devices"] = reads.free_devices(request.viewer, request.now)
    if kind is kinds.TransmittedForm:
        options["renewal"] = found.is_in_use
    return kind(data, **options)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now)
    found = reads.page(request.viewer, pk, request.now)
    form = _form(request, found, name, request.POST)

    def carry_out() -> None:
        _ACTS[name][1](request, row, found, form)

    fields = {"said_at": "at", "decided_on": "day"} if name == "de-vive-voix" else {}
    return submit(request, form, carry_out, to=page_url(pk), fields=fields) or _page(request, pk, bound={name: form})


@writes
@require_http_methods(["GET", "POST"])
def conditions(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Check the conditions of the law; ask the prosecutor, or set aside what is not met."""
    row = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, row.support, Action.CHANGE, request.now)
    found = reads.page(request.viewer, pk, request.now)
    if found.state != State.ASSESSING:
        raise AccessRefused(code="conditions")
    form = kinds.ChecklistForm(
        request.POST if request.method == "POST" else None,
        initial=kinds.ChecklistForm.typed(found.typed),
        asks="set_aside" not in request.POST,
    )

    def carry_out() -> None:
        to = assessing.set_aside if "set_aside" in request.POST else assessing.ask_decision
        to(**_common(request, row), checked=form.checklist())

    done = submit(request, form, carry_out, to=page_url(pk))
    context = {"page": found, "form": form}
    return done or render(request, "phones/conditions.html", context, status=422 if form.is_bound else 200)


# The fields that start with today.
_INITIAL = (
    "decided_on", "written_on", "handed_on", "said_on", "withdrawn_on", "returned_on", "kept_until", "sent_on", "day",
)  # fmt: skip


def _page(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    found = reads.page(request.viewer, pk, request.now)
    context: Given = {
        "page": found, "bound": next(iter(bound.values()), None) if bound else None,
        "is_court": facts.is_court(request.viewer),
    }  # fmt: skip
    if found.may_change and not found.is_over:
        here = localtime(request.now)
        initial = dict.fromkeys(_INITIAL, here.date()) | {"at": f"{here:%H:%M}", "evaluate_by": found.evaluate_by}
        if found.typed.get("ban_ends_on"):
            initial["kept_until"] = max(here.date().isoformat(), found.typed["ban_ends_on"])
        if found.sheets:
            initial["recipients"] = list(court_paper.in_force(found.territory_id, request.now).recipients)
        if found.may_decide:
            initial["magistrate"] = reads.own_name(request.viewer)
        offered = {name: _form(request, found, name, initial=initial) for name in _ACTS}
        context["forms"] = {key.replace("-", "_"): form for key, form in (offered | (bound or {})).items()}
    return render(request, "phones/page.html", context, status=422 if bound else 200)


@stepped_up
@looks
@require_safe
def sheet(request: AgentRequest, pk: UUID, sheet: UUID) -> HttpResponse:
    """Give one version of the « fiche navette »: an export, on a fresh second factor."""
    return pdf.response(documents.sheet(request.viewer, pk, sheet, request.now), "fiche")


@looks
@require_safe
def decision(request: AgentRequest, pk: UUID, decision: UUID) -> HttpResponse:
    """Give one decision, to sign."""
    return pdf.response(documents.decision(request.viewer, pk, decision, request.now), "decision")


@looks
@require_safe
def certificate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the certificate of return."""
    return pdf.response(documents.certificate(request.viewer, pk, request.now), "certificat")


patterns = [
    path("personne/<uuid:pk>/", signal, name="signal"),
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _ACTS],
    path("<uuid:pk>/conditions/", conditions, name="conditions"),
    path("<uuid:pk>/fiche-navette/<uuid:sheet>.pdf", sheet, name="sheet"),
    path("<uuid:pk>/decision/<uuid:decision>.pdf", decision, name="decision"),
    path("<uuid:pk>/certificat.pdf", certificate, name="certificate"),
]
