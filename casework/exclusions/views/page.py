"""One support: its page, the acts of its school, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from casework.access.http import AgentRequest
from casework.casefile import attached, revision
from casework.casefile import documents as pdf
from casework.casefile.acts import one_click, submit
from casework.exclusions import documents, facts, return_note
from casework.exclusions.actions import notice, papers, school_work, team
from casework.exclusions.codes import FamilyAnswer
from casework.exclusions.forms import school as kinds
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import page as reads
from casework.exclusions.views import hosted
from casework.exclusions.views.common import looks, page_url, writes


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one support and what comes next."""
    return show(request, pk)


def _common(request: AgentRequest, row: ExclusionSupport) -> dict[str, Any]:
    return {"by": request.viewer, "support": row, "now": request.now}


def _share(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> None:
    team.share(**_common(request, row), mandate_id=UUID(given["mandate"]))


def _family(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> str:
    notice.record_family(
        **_common(request, row), party=given["party"], answer=given["answer"], said_on=given["said_on"],
        copy_given_on=given["said_on"] if given["copy_given"] else None, upload=given["file"],
        expected=revision.expected(request.POST),
    )  # fmt: skip
    if given["answer"] == FamilyAnswer.REFUSED:
        messages.success(request, "Le refus est noté. De l’élève, il ne reste qu’un nombre, sans nom.")
        return reverse("exclusion_support:index")
    return page_url(row.pk)


def _join_sheet(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> None:
    papers.join_agreement(**_common(request, row), upload=given["file"])


def _cancel(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> None:
    notice.cancel(**_common(request, row), reason=given["reason"], expected=revision.expected(request.POST))


def _send_work(request: AgentRequest, row: ExclusionSupport, given: dict[str, Any]) -> str:
    school_work.send(**_common(request, row), subject=given["subject"], content=given["content"], upload=given["file"])
    return page_url(row.pk, "travail")


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "partager": (kinds.ShareForm, _share),
    "famille": (kinds.FamilyForm, _family),
    "feuille": (kinds.SheetForm, _join_sheet),
    "annuler": (kinds.CancelForm, _cancel),
    "travail": (kinds.WorkForm, _send_work),
}
_EVERY = _ACTS | hosted.ACTS


def _form(request: AgentRequest, row: ExclusionSupport, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if kind is kinds.ShareForm:
        options["colleagues"] = [
            (str(each.pk), each.agent.full_name) for each in team.of_house(request.viewer, row, request.now)
        ]
    if kind is kinds.FamilyForm:
        options |= {"is_adult": row.is_adult, "may_refuse": facts.sends(request.viewer.role)}
    return kind(data, auto_id=f"{name}-%s", **options)


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now)
    if name in hosted.ACTS:
        form = hosted.form(request, row, name, request.POST)
    else:
        form = _form(request, row, name, request.POST, files=request.FILES)
    attached.check_weight(request, form)

    def carry_out() -> object:
        return _EVERY[name][1](request, row, dict(form.cleaned_data))

    return submit(request, form, carry_out, to=page_url(pk)) or show(request, pk, bound={name: form})


def show(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    """Return the page of one support; `bound`: the form that was refused, shown with what was typed."""
    row = facts.find(request.viewer, pk, request.now)
    found = reads.of(request.viewer, row, request.now)
    context: dict[str, Any] = {"page": found, "bound": next(iter(bound.values()), None) if bound else None}
    context |= hosted.context(request, row, found, bound)
    if found.may_change:
        initial = {"said_on": localdate(request.now)}
        offered = {name: _form(request, row, name, initial=initial) for name in _ACTS}
        context["forms"] = {key.replace("-", "_"): form for key, form in (offered | (bound or {})).items()}
    return render(request, "exclusion_support/page.html", context, status=422 if bound else 200)


@looks
@require_safe
def who_opened(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show who opened this file (row 30a)."""
    reference, lines = reads.who_opened(request.viewer, pk, request.now)
    return render(request, "exclusion_support/who_opened.html", {"pk": pk, "reference": reference, "lines": lines})


@looks
@require_safe
def history(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the earlier versions."""
    reference, versions = reads.history(request.viewer, pk, request.now)
    return render(request, "exclusion_support/history.html", {"pk": pk, "reference": reference, "versions": versions})


@looks
@require_safe
def agreement(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the sheet that the family reads, signs and keeps, as PDF."""
    return pdf.response(documents.agreement(request.viewer, pk, request.now), "accord")


@looks
@require_safe
def note(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the note of return to the school, as PDF."""
    return pdf.response(return_note.note(request.viewer, pk, request.now), "retour")


@looks
@require_safe
def download(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one joined paper, of a pupil or of a convention, as an attachment."""
    return attached.response(papers.download(by=request.viewer, file_id=pk, now=request.now))


@writes
@require_POST
def withdraw_file(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete a signed sheet joined by mistake."""
    _, row = papers.find_own(request.viewer, pk, request.now)

    def carry_out() -> None:
        papers.withdraw(by=request.viewer, file_id=pk, now=request.now)

    return one_click(request, carry_out, to=page_url(row.pk, "famille"), done="Le document est retiré.")


@writes
@require_POST
def tick_work(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that work is done, or not after all."""
    row = school_work.find(request.viewer, pk, request.now)

    def carry_out() -> None:
        school_work.tick(by=request.viewer, work_id=pk, done=request.POST.get("done") == "1", now=request.now)

    return one_click(request, carry_out, to=page_url(row.support_id, "travail"))


@writes
@require_POST
def take_work_back(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete work sent by mistake."""
    row = school_work.find(request.viewer, pk, request.now)

    def carry_out() -> None:
        school_work.take_back(by=request.viewer, work_id=pk, now=request.now)

    return one_click(request, carry_out, to=page_url(row.support_id, "travail"), done="Le travail est retiré.")


patterns = [
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _EVERY],
    path("<uuid:pk>/accord.pdf", agreement, name="agreement"),
    path("<uuid:pk>/retour.pdf", note, name="return_note"),
    path("pieces/<uuid:pk>/", download, name="file"),
    path("pieces/<uuid:pk>/retirer", withdraw_file, name="file_withdraw"),
    path("travail/<uuid:pk>/fait", tick_work, name="work_tick"),
    path("travail/<uuid:pk>/retirer", take_work_back, name="work_take_back"),
    path("<uuid:pk>/consultations/", who_opened, name="who_opened"),
    path("<uuid:pk>/historique/", history, name="history"),
]
