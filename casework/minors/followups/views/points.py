"""Recording a point restreint: one short form, three minutes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import get_current_timezone, localtime

from casework.access.days import FrenchDateField
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile.acts import submit
from casework.casefile.choosing import offer
from casework.casefile.guarded import PRECISION_HELP, GuardedForm
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import points as actions
from casework.minors.followups.actions.steps import PRECISION_MAX
from casework.minors.followups.reads import points as reads
from casework.minors.followups.views.acts import situation_url
from casework.partners.models import Organisation

DECISIONS = 2


class PointForm(GuardedForm):
    """Who, when, how, and up to two decisions."""

    guarded = ("precision", "precision_1", "precision_2")
    organisations = forms.MultipleChoiceField(label="Avec", widget=forms.CheckboxSelectMultiple)
    held_on = FrenchDateField(label="Le")
    held_time = forms.TimeField(label="À", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    channel = forms.ChoiceField(label="Comment", choices=codes.PointChannel.choices, widget=forms.RadioSelect)
    precision = forms.CharField(
        label="Ce qui a été convenu", max_length=PRECISION_MAX, required=False,
        help_text=PRECISION_HELP,
    )  # fmt: skip

    def __init__(self, data: Any, *, others: list[Organisation], own: Organisation, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self, "organisations", [(str(row.pk), str(row)) for row in others])
        owners = [(str(own.pk), str(own)), *((str(row.pk), str(row)) for row in others)]
        for n in range(1, DECISIONS + 1):
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=f"Décision {n}", choices=[("", "—"), *codes.ActionType.choices], required=False
            )
            self.fields[f"owner_{n}"] = forms.ChoiceField(label="Par", choices=owners, required=False)
            self.fields[f"due_{n}"] = FrenchDateField(label="Pour le", required=False)
            self.fields[f"precision_{n}"] = forms.CharField(label="Précision", max_length=PRECISION_MAX, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the date of each decision that was chosen."""
        cleaned = super().clean()
        for n in range(1, DECISIONS + 1):
            if cleaned.get(f"kind_{n}") and not cleaned.get(f"due_{n}") and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "Indiquez une date.")
        return cleaned

    def rows(self) -> list[list[forms.BoundField]]:
        """Return the decisions, one line each."""
        return [
            [self[f"{name}_{n}"] for name in ("kind", "owner", "due", "precision")] for n in range(1, DECISIONS + 1)
        ]

    def held_at(self) -> datetime:
        """Return the instant typed, in local time."""
        moment: time = self.cleaned_data["held_time"]
        return datetime.combine(self.cleaned_data["held_on"], moment, get_current_timezone())

    def decisions(self) -> list[actions.Decision]:
        """Return the decisions that were chosen."""
        data = self.cleaned_data
        return [
            actions.Decision(kind=data[f"kind_{n}"], owner_id=UUID(data[f"owner_{n}"]), due_on=data[f"due_{n}"],
                             precision=data.get(f"precision_{n}") or "")
            for n in range(1, DECISIONS + 1) if data.get(f"kind_{n}")
        ]  # fmt: skip


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
def point(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record a point restreint."""
    follow_up = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, follow_up, Ask.CREATE, DataClass.YOUTH_REVIEW, request.now)
    here = localtime(request.now)
    form = PointForm(
        request.POST if request.method == "POST" else None, others=reads.partners_of(request.viewer, follow_up),
        own=Organisation.objects.get(pk=request.viewer.organisation_id),
        initial={"held_on": here.date(), "held_time": here.strftime("%H:%M"), "channel": codes.PointChannel.PHONE},
    )  # fmt: skip
    back = situation_url(pk, anchor="points")
    done = submit(
        request, form,
        lambda: actions.hold(
            by=request.viewer, follow_up=follow_up, held_at=form.held_at(),
            organisation_ids=[UUID(key) for key in form.cleaned_data["organisations"]],
            channel=form.cleaned_data["channel"], precision=form.cleaned_data["precision"],
            decisions=form.decisions(), now=request.now,
        ),
        to=back, fields={"due_on": "due_1"},
    )  # fmt: skip
    return done or render(
        request, "followups/point.html",
        {"form": form, "reference": follow_up.reference, "back": back},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


patterns = [path("situations/<uuid:pk>/point/", point, name="point")]
