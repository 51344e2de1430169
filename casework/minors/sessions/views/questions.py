"""« Question sans nom »: asked by any member, taken back by its author, never a person row (SEC-09)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once
from casework.errors import GuardRefused, InputRefused
from casework.minors.sessions.actions import questions as acts
from casework.minors.sessions.forms.questions import QuestionForm
from casework.minors.sessions.reads import questions as reads
from casework.minors.sessions.reads.meetings import meeting_of
from casework.minors.sessions.views.meetings import carry_out
from casework.partners.models import Territory


@member(Action.CREATE, DataClass.YOUTH_REFERRAL)
@require_http_methods(["GET", "POST"])
def new(request: AgentRequest) -> HttpResponse:
    """Ask a question without a name at the next meeting, and see one's own."""
    viewer = request.viewer
    mine = reads.mine(viewer, now=request.now)
    sectors = Territory.objects.values_list("sectors", flat=True).get(pk=viewer.territory_id)
    form = QuestionForm(request.POST or None, sectors=sectors)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return once.run(request, lambda: _ask(request, form), to=reverse("meetings:question_new"))
            except (GuardRefused, InputRefused) as refusal:
                form.add_error(None, refusal.message)
        status = 422
    session = acts.next_session(viewer.group_id, request.now)
    return render(
        request, "meetings/question.html", {"form": form, "mine": mine, "session": meeting_of(session) if session else None}, status=status
    )  # fmt: skip


def _ask(request: AgentRequest, form: QuestionForm) -> None:
    acts.ask(by=request.viewer, data=form.question(), now=request.now)
    messages.success(request, "La question est inscrite à la prochaine réunion.")


@member(Action.CREATE, DataClass.YOUTH_REFERRAL)
@require_POST
def withdraw(request: AgentRequest, question_id: UUID) -> HttpResponse:
    """Take back one's own question before the meeting opens it."""
    return carry_out(
        request,
        lambda: acts.withdraw(by=request.viewer, question_id=question_id, now=request.now),
        to=reverse("meetings:question_new"),
    )


patterns = [
    path("question/", new, name="question_new"),
    path("question/<uuid:question_id>/retirer", withdraw, name="question_withdraw"),
]
