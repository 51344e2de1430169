"""The relevé de décisions: read, answer, correct, print."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.audit import Act, Purpose, checkpoints
from casework.audit.codes import log_of
from casework.casefile import documents as papers
from casework.casefile import once
from casework.casefile.guarded import GuardedForm
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.sessions import codes, documents, facts
from casework.minors.sessions.actions import minutes as actions
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads import minutes as reads


class AnswerForm(forms.Form):
    """Approve, or ask for a coded correction."""

    approval = forms.ChoiceField(label="Votre réponse", choices=codes.Approval.choices, widget=forms.RadioSelect)
    objection = forms.ChoiceField(
        label="La rectification porte sur", choices=[("", "—"), *codes.ObjectionKind.choices], required=False
    )
    day_number = forms.IntegerField(label="Situation n°", min_value=1, max_value=200, required=False)


class AddendumForm(GuardedForm):
    """A correction after approval; the approved text stays."""

    guarded = ("correction",)

    item = forms.UUIDField(widget=forms.HiddenInput)
    objection = forms.ChoiceField(label="La correction porte sur", choices=codes.ObjectionKind.choices)
    correction = forms.CharField(
        label="Correction", max_length=actions.ADDENDUM_MAX,
        help_text="Une décision, un porteur, une date. Ni nom, ni récit.",
    )  # fmt: skip


@member(Ask.VIEW, DataClass.SESSION_MINUTES)
@require_GET
def show(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the minutes as this reader may see them, or what to do before they exist."""
    return _show(request, pk, AnswerForm(), AddendumForm())


def _show(request: AgentRequest, pk: UUID, form: AnswerForm, addendum: AddendumForm, status: int = 200) -> HttpResponse:
    session = facts.find(request.viewer, pk, request.now)
    today = localdate(request.now)
    if reads.of_session(session) is None:
        may_submit = session.state == SessionState.CLOSED and meetings.may_change(request.viewer, session, request.now)
        context = {"session_id": pk, "starts_at": session.starts_at, "may_submit": may_submit, "today": today}
        return render(request, "meetings/minutes_none.html", context)
    page = reads.page(request.viewer, session, request.now)
    return render(
        request, "meetings/minutes.html", {"page": page, "form": form, "addendum": addendum, "today": today},
        status=status,
    )  # fmt: skip


def _act(request: AgentRequest, pk: UUID, act: object, form: forms.Form | None = None) -> HttpResponse:
    """Carry out one act once; a refusal comes back on the minutes, beside what was typed."""
    try:
        return once.run(request, act, to=reverse("meetings:minutes", args=[pk]))  # type: ignore[arg-type]
    except (InputRefused, GuardRefused) as refusal:
        field = getattr(refusal, "field", None)
        answer = form if isinstance(form, AnswerForm) else AnswerForm()
        addendum = form if isinstance(form, AddendumForm) else AddendumForm()
        target = form if form is not None else answer
        target.errors  # noqa: B018 runs the validation that add_error needs
        if not target.is_bound:
            target.is_bound, target.cleaned_data = True, {}
        target.add_error(field if field in target.fields else None, refusal.message)
        return _show(request, pk, answer, addendum, status=422)


@member(Ask.CREATE, DataClass.SESSION_MINUTES)
@require_POST
def submit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Assemble the minutes of a closed meeting and submit them."""
    session = facts.find(request.viewer, pk, request.now)
    return _act(request, pk, lambda: actions.submit(by=request.viewer, session=session, now=request.now))


@member(Ask.CREATE, DataClass.SESSION_MINUTES)
@require_POST
def resubmit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Assemble again after a correction in the records."""
    session = facts.find(request.viewer, pk, request.now)
    minutes = reads.of_session(session)
    if minutes is None:
        raise AccessRefused(code="no_minutes")
    return _act(request, pk, lambda: actions.resubmit(by=request.viewer, minutes=minutes, now=request.now))


@member(Ask.VIEW, DataClass.SESSION_MINUTES)
@require_POST
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Approve or ask for a correction, for one's service."""
    session = facts.find(request.viewer, pk, request.now)
    minutes = reads.of_session(session)
    if minutes is None:
        raise AccessRefused(code="no_minutes")
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, form, AddendumForm(), status=422)
    data = form.cleaned_data
    return _act(
        request, pk,
        lambda: actions.answer(
            by=request.viewer, minutes=minutes, approval=data["approval"], objection=data["objection"],
            day_number=data["day_number"], now=request.now,
        ),
        form,
    )  # fmt: skip


@member(Ask.CREATE, DataClass.SESSION_MINUTES)
@require_POST
def correct(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add a correction to approved minutes."""
    facts.find(request.viewer, pk, request.now)
    form = AddendumForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, AnswerForm(), form, status=422)
    data = form.cleaned_data
    return _act(
        request, pk,
        lambda: actions.add_addendum(
            by=request.viewer, item_id=data["item"], objection=data["objection"], correction=data["correction"],
            now=request.now,
        ),
        form,
    )  # fmt: skip


@member(Ask.PRINT, DataClass.SESSION_MINUTES)
@require_GET
def minutes_pdf(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Print the minutes, cut for this reader."""
    session = facts.find(request.viewer, pk, request.now)
    page = reads.page(request.viewer, session, request.now, purpose=Purpose.DOCUMENT, act=Act.PRINT)
    proof = None
    if page.approved_at:
        log = log_of(session.territory_id)
        proof = checkpoints.paper_of(log, "group_sessions.minutes", page.session_id, request.now)
    return papers.response(documents.minutes_pdf(page, proof), "releve", inline=True)


@member(Ask.PRINT, DataClass.SESSION_MINUTES)
@require_GET
def attendance_pdf(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Print the attendance sheet (coordinator): services and representatives, no situation."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Ask.CHANGE, request.now)
    return papers.response(documents.attendance_pdf(session), "presence", inline=True)


patterns = [
    path("<uuid:pk>/releve/", show, name="minutes"),
    path("<uuid:pk>/releve/soumettre/", submit, name="minutes_submit"),
    path("<uuid:pk>/releve/refaire/", resubmit, name="minutes_resubmit"),
    path("<uuid:pk>/releve/repondre/", answer, name="minutes_answer"),
    path("<uuid:pk>/releve/corriger/", correct, name="minutes_correct"),
    path("<uuid:pk>/releve.pdf", minutes_pdf, name="minutes_pdf"),
    path("<uuid:pk>/presence.pdf", attendance_pdf, name="attendance_pdf"),
]
