"""« Qui connaît ? » : one page of names for the asked services; the coordinator asks and reads the answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.days import FrenchDateField
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import once
from casework.casefile.calendar import add_working_days
from casework.casefile.choosing import offer
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import who_knows as actions
from casework.minors.followups.reads import who_knows as reads
from casework.minors.followups.views.acts import _uuid, plain


class AskForm(forms.Form):
    """Which situations, which services; until when, where no meeting is planned."""

    follow_ups = forms.MultipleChoiceField(
        label="Situations", widget=forms.CheckboxSelectMultiple(attrs={"class": "cw-columns"})
    )
    organisations = forms.MultipleChoiceField(
        label="Services interrogés", widget=forms.CheckboxSelectMultiple(attrs={"class": "cw-choices-inline"})
    )
    answer_by = FrenchDateField(
        label="Réponses attendues jusqu’au", help_text="Sans réponse ce jour-là : « ne se prononce pas »."
    )

    def __init__(self, data: Any, *, desk: reads.Desk, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(
            self,
            "follow_ups",
            [
                (
                    str(row.id),
                    format_html(
                        '<span class="cw-name" data-short="{}">{}</span> · {}', row.short, row.name, row.reference
                    ),
                )
                for row in desk.situations
            ],
        )
        if desk.meeting is not None:
            del self.fields["answer_by"]
        offer(self, "organisations", [(str(key), name) for key, name in desk.services])


@member(Ask.LIST, DataClass.YOUTH_CARD)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Show the names asked about; to the coordinator, the question and the answers."""
    if facts.coordinates(request.viewer):
        return _desk(request)
    return render(
        request, "followups/who_knows.html",
        {"questions": reads.questions(request.viewer, request.now), "answers": reads.ANSWERS},
    )  # fmt: skip


def _desk(request: AgentRequest, form: AskForm | None = None, status: int = 200) -> HttpResponse:
    desk = reads.desk(request.viewer, request.now)
    due = add_working_days(localdate(request.now), 5)
    form = form or AskForm(None, desk=desk, initial={"answer_by": due})
    return render(request, "followups/who_knows_desk.html", {"desk": desk, "form": form}, status=status)


@member(Ask.MANAGE, DataClass.YOUTH_IDENTITY)
@require_POST
def ask(request: AgentRequest) -> HttpResponse:
    """Ask the chosen services about the chosen situations."""
    form = AskForm(request.POST, desk=reads.desk(request.viewer, request.now))
    if form.is_valid():
        data = form.cleaned_data
        try:
            return once.run(
                request,
                lambda: actions.ask(
                    by=request.viewer, follow_up_ids=[_uuid(key) for key in data["follow_ups"]],
                    organisation_ids=[_uuid(key) for key in data["organisations"]], answer_by=data.get("answer_by"),
                    now=request.now,
                ),
                to=reverse("followups:who_knows"),
            )  # fmt: skip
        except (GuardRefused, InputRefused) as refusal:
            field = getattr(refusal, "field", None)
            form.add_error(field if field in form.fields else None, refusal.message)
    return _desk(request, form, 422)


@member(Ask.LIST, DataClass.YOUTH_IDENTITY)
@require_POST
def answer(request: AgentRequest) -> HttpResponse:
    """Give one of the four answers, in one click."""
    return plain(
        request,
        lambda: actions.answer(
            by=request.viewer, question_id=_uuid(request.POST.get("question", "")),
            answer=request.POST.get("answer", ""), now=request.now,
        ),
        back=reverse("followups:who_knows"), title="Qui connaît ?",
    )  # fmt: skip


patterns = [
    path("qui-connait/", index, name="who_knows"),
    path("qui-connait/demander/", ask, name="who_knows_ask"),
    path("qui-connait/repondre/", answer, name="who_knows_answer"),
]
