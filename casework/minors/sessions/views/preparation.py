"""« Ma préparation »: one page, a few clicks for each situation, saved at each click."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.sessions import facts
from casework.minors.sessions.actions import preparation as acts
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.forms.preparation import PreparationForm
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads import preparation as reads


def _forms(request: AgentRequest, page: reads.PreparationPage) -> list[PreparationForm]:
    data = request.POST if request.method == "POST" else None
    return [
        PreparationForm(None if line.locked else data, line=line, facts_enabled=page.facts_enabled)
        for line in page.lines
    ]


@member(Action.CHANGE, DataClass.YOUTH_PREPARATION)
@require_http_methods(["GET", "POST"])
def prepare(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the situations my service may prepare, or keep all of them at once (without script)."""
    session = facts.find(request.viewer, pk, request.now)
    page = reads.page(request.viewer, session, now=request.now)
    forms = _forms(request, page)
    here = reverse("meetings:prepare", args=[pk])
    status = 200
    if request.method == "POST":
        live = [form for form in forms if form.is_bound]
        if all([form.is_valid() for form in live]):  # noqa: C419  every form shows its own errors
            try:
                return once.run(request, lambda: _save(request, session, live), to=here)
            except (GuardRefused, InputRefused) as refusal:
                messages.error(request, refusal.message)
        status = 422
    return render(request, "meetings/prepare.html", _context(request, session, page, forms), status=status)


def _save(request: AgentRequest, session: GroupSession, forms: list[PreparationForm]) -> None:
    lines = {form.line.id: form.preparation() for form in forms}
    acts.save(by=request.viewer, session=session, now=request.now, lines=lines)
    messages.success(request, "Votre préparation est enregistrée.")


def _context(
    request: AgentRequest, session: GroupSession, page: reads.PreparationPage, forms: list[PreparationForm]
) -> dict[str, object]:
    return {
        "session": meetings.meeting_of(session),
        "page": page,
        "forms": forms,
        "is_open": session.state in (SessionState.CONVENED, SessionState.OPEN),
        "today": localdate(request.now),
    }


@member(Action.CHANGE, DataClass.YOUTH_PREPARATION)
@require_POST
def prepare_line(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Keep one situation as soon as it is clicked; the answer says when, or what is not accepted."""
    session = facts.find(request.viewer, pk, request.now)
    page = reads.page(request.viewer, session, now=request.now)
    found = next((line for line in page.lines if line.id == line_id), None)
    if found is None:
        raise AccessRefused(code="line")
    form = PreparationForm(request.POST, line=found, facts_enabled=page.facts_enabled)
    error = ""
    if not form.is_valid():
        error = str(next(iter(form.errors.values()))[0])
    else:
        try:
            data = form.preparation()
            acts.save(by=request.viewer, session=session, lines={line_id: data}, now=request.now)
        except (GuardRefused, InputRefused) as refusal:
            error = refusal.message
    context = {"line_id": line_id, "error": error, "saved_at": None if error else localtime(request.now)}
    return render(request, "meetings/_saved.html", context, status=422 if error else 200)


patterns = [
    path("<uuid:pk>/preparation/", prepare, name="prepare"),
    path("<uuid:pk>/preparation/<uuid:line_id>", prepare_line, name="prepare_line"),
]
