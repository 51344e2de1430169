"""The information of each recipient: record, confirm."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from casework.access.days import FrenchDateField
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import revision
from casework.casefile.acts import submit
from casework.casefile.choosing import offer
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import information as actions
from casework.minors.followups.views.acts import plain, situation_url


class NoticeForm(forms.Form):
    """How one recipient was informed, or why not (SIT-07, SIT-09)."""

    status = forms.ChoiceField(
        label="Où en est l’information", widget=forms.RadioSelect,
        choices=[row for row in codes.NoticeStatus.choices if row[0] != codes.NoticeStatus.TO_DO],
    )  # fmt: skip
    informed_on = FrenchDateField(label="Informé le", required=False)
    channel = forms.ChoiceField(label="Comment", choices=[("", "—"), *codes.NoticeChannel.choices], required=False)
    attempt_1 = FrenchDateField(label="Premier essai", required=False)
    attempt_2 = FrenchDateField(label="Deuxième essai", required=False)
    motive = forms.ChoiceField(
        label="Motif pour ne pas informer", choices=[("", "—"), *codes.WithholdMotive.choices], required=False
    )
    review_on = FrenchDateField(label="Décision à revoir le", required=False)

    def __init__(self, *args: Any, may_withhold: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_withhold:
            del self.fields["motive"], self.fields["review_on"]
            kept = [row for row in codes.NoticeStatus.choices if row[0] in ("informed", "not_reached")]
            offer(self, "status", kept)

    def notice(self) -> actions.NoticeData:
        """Return what was typed, for the action."""
        data = self.cleaned_data
        attempts: list[date] = [data[name] for name in ("attempt_1", "attempt_2") if data.get(name)]
        return actions.NoticeData(
            status=data["status"], informed_on=data.get("informed_on"), channel=data.get("channel", ""),
            attempts=tuple(attempts), motive=data.get("motive", ""), review_on=data.get("review_on"),
        )  # fmt: skip


@member(Ask.VIEW, DataClass.YOUTH_REPRESENTATIVES)
def record(request: AgentRequest, pk: UUID, notice_id: UUID) -> HttpResponse:
    """Record the information of one recipient."""
    follow_up = facts.find(request.viewer, pk, request.now)
    relation = facts.require_on(request.viewer, follow_up, Ask.VIEW, DataClass.YOUTH_REPRESENTATIVES, request.now)
    notice = follow_up.notices.filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    initial = {"status": notice.status, "informed_on": notice.informed_on, "channel": notice.channel,
               "motive": notice.motive, "review_on": notice.review_on}  # fmt: skip
    form = NoticeForm(
        request.POST or None, initial=initial, may_withhold=actions.may_withhold(relation, request.viewer, request.now)
    )
    back = situation_url(pk, "famille", "information")
    done = submit(
        request, form,
        lambda: actions.record(
            by=request.viewer, notice_id=notice_id, follow_up=follow_up, data=form.notice(), now=request.now,
            expected=revision.expected(request.POST),
        ),
        to=back, fields={"attempts": "attempt_2"},
    )  # fmt: skip
    return done or render(
        request, "followups/notice.html",
        {"form": form, "follow_up_id": pk, "reference": follow_up.reference, "revision": notice.revision,
         "is_youth": notice.representative_id is None, "back": back},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@member(Ask.MOVE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def confirm(request: AgentRequest, pk: UUID, notice_id: UUID) -> HttpResponse:
    """Confirm what a service recorded."""
    follow_up = facts.find(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.confirm(
            by=request.viewer, notice_id=notice_id, follow_up=follow_up, now=request.now,
            expected=revision.expected(request.POST),
        ),
        back=situation_url(pk, "famille", "information"), title="Confirmer l’information",
    )  # fmt: skip


patterns = [
    path("situations/<uuid:pk>/information/<uuid:notice_id>/", record, name="information"),
    path("situations/<uuid:pk>/information/<uuid:notice_id>/confirmer/", confirm, name="information_confirm"),
]
