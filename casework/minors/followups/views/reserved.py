"""Forms of what few may write: judicial measures, sensitive elements, the coded assessment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from casework.access.days import FrenchDateField
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import revision
from casework.casefile.acts import submit
from casework.casefile.guarded import GuardedForm
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import reserved as actions
from casework.minors.followups.models import FollowUp
from casework.minors.followups.views.acts import _uuid, plain, situation_url

DEFAULT_DAYS = 90


class MeasureForm(forms.Form):
    """A code and two dates."""

    kind = forms.ChoiceField(label="Mesure", choices=codes.JudicialMeasure.choices)
    starts_on = FrenchDateField(label="Depuis le")
    ends_on = FrenchDateField(label="Jusqu’au", required=False)


class SensitiveForm(GuardedForm):
    """A code, why it is indispensable, when it goes."""

    guarded = ("necessity",)
    kind = forms.ChoiceField(label="Élément", choices=codes.SensitiveKind.choices, widget=forms.RadioSelect)
    necessity = forms.CharField(
        label="Pourquoi c’est indispensable à l’accompagnement", max_length=actions.NECESSITY_MAX,
        help_text="Une ligne. Ni diagnostic, ni traitement, ni contenu des soins. La personne peut lire ce texte.",
    )  # fmt: skip
    expires_on = FrenchDateField(label="Effacé le", help_text="Au plus tard dans six mois.")


@member(Ask.CREATE, DataClass.YOUTH_JUDICIAL)
def measure(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record a measure: the PJJ only."""
    follow_up = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, follow_up, Ask.CREATE, DataClass.YOUTH_JUDICIAL, request.now)
    form = MeasureForm(request.POST if request.method == "POST" else None)
    return _form(
        request, follow_up, form, "Mesure judiciaire connue",
        "Seule la PJJ lit ce qui est écrit ici. La coordination sait seulement qu’une mesure existe.",
        lambda: actions.record_measure(by=request.viewer, follow_up=follow_up, now=request.now, **form.cleaned_data),
        "mesures",
    )  # fmt: skip


@member(Ask.CREATE, DataClass.YOUTH_SENSITIVE)
def sensitive(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record a sensitive element."""
    follow_up = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, follow_up, Ask.CREATE, DataClass.YOUTH_SENSITIVE, request.now)
    initial = {"expires_on": localdate(request.now) + timedelta(days=DEFAULT_DAYS)}
    form = SensitiveForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> None:
        data = form.cleaned_data
        actions.record_sensitive(
            by=request.viewer, follow_up=follow_up, kind=data["kind"], necessity=data["necessity"],
            expires_on=data["expires_on"], now=request.now,
        )  # fmt: skip

    return _form(
        request, follow_up, form, "Élément sensible",
        "Seulement s’il est indispensable ; jamais recueilli par principe. Lu par les intervenants du cercle.", act,
        "sensible",
    )  # fmt: skip


def _form(
    request: AgentRequest, follow_up: FollowUp, form: forms.Form, title: str, lead: str, act: Callable[[], object],
    anchor: str,
) -> HttpResponse:  # fmt: skip
    back = situation_url(follow_up.pk, "famille", anchor)
    return submit(request, form, act, to=back) or render(
        request, "followups/reserved.html",
        {"form": form, "title": title, "lead": lead, "reference": follow_up.reference, "back": back},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@member(Ask.CHANGE, DataClass.YOUTH_JUDICIAL)
@require_POST
def measure_off(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a measure off."""
    follow_up = facts.find(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.remove_measure(
            by=request.viewer, follow_up=follow_up, measure_id=_uuid(request.POST.get("measure", "")), now=request.now,
            expected=revision.expected(request.POST),
        ),
        back=situation_url(pk, "famille", "mesures"), title="Retirer une mesure",
    )  # fmt: skip


@member(Ask.CHANGE, DataClass.YOUTH_SENSITIVE)
@require_POST
def sensitive_off(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Erase a sensitive element."""
    follow_up = facts.find(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.remove_sensitive(
            by=request.viewer, follow_up=follow_up, element_id=_uuid(request.POST.get("element", "")),
            now=request.now, expected=revision.expected(request.POST),
        ),
        back=situation_url(pk, "famille", "sensible"), title="Effacer un élément",
    )  # fmt: skip


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
@require_POST
def assess(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say in one click where one domain stands."""
    follow_up = facts.find(request.viewer, pk, request.now)
    return plain(
        request,
        lambda: actions.assess(
            by=request.viewer, follow_up=follow_up, domain=request.POST.get("domain", ""),
            level=request.POST.get("level", ""), now=request.now, expected=revision.expected(request.POST),
        ),
        back=situation_url(pk, "famille", "appreciation"), title="Appréciation",
    )  # fmt: skip


patterns = [
    path("situations/<uuid:pk>/mesures/", measure, name="measure"),
    path("situations/<uuid:pk>/mesures/retirer/", measure_off, name="measure_off"),
    path("situations/<uuid:pk>/sensible/", sensitive, name="sensitive"),
    path("situations/<uuid:pk>/sensible/effacer/", sensitive_off, name="sensitive_off"),
    path("situations/<uuid:pk>/appreciation/", assess, name="assess"),
]
