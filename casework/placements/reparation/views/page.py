"""One réparation: its page, its acts, its documents, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import attached, revision
from casework.casefile import documents as pdf
from casework.casefile.acts import one_click, submit
from casework.errors import InputRefused
from casework.placements.reparation import documents, facts
from casework.placements.reparation import forms as kinds
from casework.placements.reparation.actions import activity, agreements, files, follow, hosting, opening, team
from casework.placements.reparation.codes import GoalResult, ParentsPart, Presence
from casework.placements.reparation.models import Reparation
from casework.placements.reparation.reads import opened
from casework.placements.reparation.reads import page as reads
from casework.placements.reparation.views.common import page_url

writes = member(Action.CHANGE, DataClass.REPARATION_CONTENT)
looks = member(Action.VIEW, DataClass.REPARATION_CONTENT)


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one réparation and what comes next."""
    return _page(request, pk)


def _common(request: AgentRequest, row: Reparation) -> dict[str, Any]:
    return {"by": request.viewer, "reparation": row, "now": request.now}


def _moved(request: AgentRequest, row: Reparation) -> dict[str, Any]:
    return _common(request, row) | {"expected": revision.expected(request.POST)}


def _record_agreement(request: AgentRequest, row: Reparation, given: dict[str, Any]) -> None:
    agreements.record(**_common(request, row), upload=given.pop("file", None), **given)


def _join(request: AgentRequest, row: Reparation, given: dict[str, Any]) -> None:
    files.join(**_common(request, row), kind=given["kind"], upload=given["file"])


def _hand_over(request: AgentRequest, row: Reparation, given: dict[str, Any]) -> None:
    try:
        to = UUID(given["to"])
    except ValueError:
        raise InputRefused("Choisissez une personne de votre service.", field="to") from None
    team.hand_over(**_common(request, row), to=to)


def _correct(request: AgentRequest, row: Reparation, given: dict[str, Any]) -> None:
    opening.correct(**_moved(request, row), data=opening.Correction(**given))


def _moving(act: Callable[..., object]) -> Callable[..., object]:
    """Return an act that moves the file, from the revision that its form was opened on."""
    return lambda request, row, given: act(**_moved(request, row), **given)


def _plain(act: Callable[..., object]) -> Callable[..., object]:
    return lambda request, row, given: act(**_common(request, row), **given)


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "accord": (kinds.AgreementForm, _record_agreement),
    "rendre": (kinds.DayForm, _moving(agreements.give_back)),
    "victime-choisie": (kinds.TowardsVictimForm, _moving(activity.assign_towards_victim)),
    "commencer": (kinds.EmptyForm, _moving(follow.start)),
    "seance": (kinds.PlanForm, _plain(activity.plan)),
    "resultats": (kinds.GoalsForm, _plain(follow.set_goals)),
    "difficulte": (kinds.DifficultyForm, _moving(follow.tell_magistrate)),
    "reponse": (kinds.AnswerForm, _moving(follow.record_answer)),
    "rapport": (kinds.ReportForm, _moving(follow.report)),
    "semestriel": (kinds.HalfYearlyForm, _plain(follow.send_half_yearly)),
    "clore": (kinds.CloseForm, _moving(follow.close)),
    "terme": (kinds.TermForm, _moving(opening.change_term)),
    "confier": (kinds.HandOverForm, _hand_over),
    "piece": (kinds.FileForm, _join),
    "retirer-demande": (kinds.EmptyForm, _plain(hosting.withdraw)),
    "corriger": (kinds.CorrectionForm, _correct),
    "arreter": (kinds.StopForm, _moving(follow.stop)),
}  # fmt: skip
_OF_TRACK = (kinds.AgreementForm, kinds.TowardsVictimForm, kinds.CloseForm)


def _form(request: AgentRequest, row: Reparation, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if kind in _OF_TRACK:
        options["track"] = row.track
    if kind is kinds.HandOverForm:
        options["colleagues"] = [
            (str(each.pk), each.agent.full_name) for each in team.colleagues(request.viewer, row, request.now)
        ]
    return kind(data, **options)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now, DataClass.REPARATION_CONTENT)
    form = _form(request, row, name, request.POST, files=request.FILES)
    attached.check_weight(request, form)

    def carry_out() -> None:
        given = {key: value for key, value in form.cleaned_data.items() if key != "confirm_text"}
        _ACTS[name][1](request, row, given)

    to = page_url(pk) if name != "confier" else "/mon-travail/"
    return submit(request, form, carry_out, to=to) or _page(request, pk, bound={name: form})


@writes
@require_POST
def rate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say of each expected outcome whether it is reached, in part, or not."""
    row = facts.find(request.viewer, pk, request.now, DataClass.REPARATION_CONTENT)

    def carry_out() -> None:
        ids = {goal.id for goal in opened.goals(request.viewer, row)}
        results = {goal: request.POST[f"goal-{goal}"] for goal in ids if request.POST.get(f"goal-{goal}")}
        if not results:
            raise InputRefused("Dites d’au moins un résultat s’il est atteint.")
        follow.rate(by=request.viewer, reparation=row, results=results, now=request.now)

    return one_click(request, carry_out, to=page_url(pk, "resultats"))


def _page(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    found = reads.page(request.viewer, pk, request.now)
    context: dict[str, Any] = {
        "page": found, "results": GoalResult.choices, "presences": Presence.choices, "parts": ParentsPart.choices,
        "bound": next(iter(bound.values()), None) if bound else None,
    }  # fmt: skip
    if found.may_change:
        row = facts.find(request.viewer, pk, request.now, DataClass.REPARATION_CONTENT)
        today = localdate(request.now)
        dates = dict.fromkeys(
            ("said_on", "closed_on", "told_on", "answered_on", "reported_on", "sent_on", "day"), today
        )
        initial = dates | {
            "goals": [goal.code for goal in found.goals], "term_on": found.term_on, "conclusion": found.conclusion,
            **{name: getattr(found, name) for name in opening.Correction.__dataclass_fields__},
        }  # fmt: skip
        offered = {name: _form(request, row, name, initial=initial) for name in _ACTS}
        context["forms"] = {key.replace("-", "_"): form for key, form in (offered | (bound or {})).items()}
    return render(request, "reparation/page.html", context, status=422 if bound else 200)


@looks
@require_safe
def report(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the report, built from the sessions, as PDF."""
    return pdf.response(documents.report(request.viewer, pk, request.now), "rapport")


@looks
@require_safe
def notice(request: AgentRequest, pk: UUID, difficulty: UUID) -> HttpResponse:
    """Give the notice of a difficulty, to sign."""
    return pdf.response(documents.notice(request.viewer, pk, difficulty, request.now), "difficulte")


@looks
@require_safe
def download(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one document as an attachment: the browser never shows it itself."""
    return attached.response(files.download(by=request.viewer, file_id=pk, now=request.now))


@writes
@require_POST
def withdraw_file(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete one document joined by mistake."""
    _, row = files.found(request.viewer, pk, request.now)

    def carry_out() -> None:
        files.withdraw(by=request.viewer, file_id=pk, now=request.now)

    return one_click(request, carry_out, to=page_url(row.pk, "documents"), done="Le document est retiré.")


@looks
@require_safe
def who_opened(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show who opened this file (row 30a)."""
    reference, lines = reads.who_opened(request.viewer, pk, request.now)
    return render(request, "reparation/who_opened.html", {"pk": pk, "reference": reference, "lines": lines})


@looks
@require_safe
def history(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the earlier versions."""
    reference, versions = reads.history(request.viewer, pk, request.now)
    return render(request, "reparation/history.html", {"pk": pk, "reference": reference, "versions": versions})


patterns = [
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _ACTS],
    path("<uuid:pk>/evaluer", rate, name="rate"),
    path("<uuid:pk>/rapport.pdf", report, name="report"),
    path("<uuid:pk>/difficultes/<uuid:difficulty>.pdf", notice, name="notice"),
    path("pieces/<uuid:pk>/", download, name="file"),
    path("pieces/<uuid:pk>/retirer", withdraw_file, name="file_withdraw"),
    path("<uuid:pk>/consultations/", who_opened, name="who_opened"),
    path("<uuid:pk>/historique/", history, name="history"),
]
