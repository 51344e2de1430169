"""Open an archived record, one at a time, with a reason."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import once
from casework.errors import InputRefused
from casework.minors.followups import codes
from casework.minors.followups.actions import archives as actions


class ArchiveForm(forms.Form):
    """A reference and a coded reason."""

    reference = forms.CharField(
        label="Référence de la fiche", max_length=30, help_text="Comme MIR-2026-K7QF ; elle figure sur les relevés."
    )
    reason = forms.ChoiceField(label="Motif", choices=codes.ArchiveReason.choices, widget=forms.RadioSelect)


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
def index(request: AgentRequest) -> HttpResponse:
    """Ask for the reference and the reason, then lead to the record."""
    actions.check_right(by=request.viewer, now=request.now)
    form = ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            return once.run(
                request,
                lambda: reverse(
                    "followups:page",
                    args=[
                        actions.open_archive(
                            by=request.viewer, reference=data["reference"], reason=data["reason"], now=request.now
                        ).pk
                    ],
                ),
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field, refusal.message)
    return render(
        request, "followups/archives.html", {"form": form, "minutes": actions.OPEN_MINUTES},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


patterns = [
    path("situations/archives/", index, name="archives"),
]
