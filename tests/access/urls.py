"""The site, plus routes that answer what a test asks of the middleware."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import include, path

from casework import audit
from casework.access import grants
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, require
from casework.access.queryset import viewable
from casework.access.routes import member, public, signed_in
from casework.errors import (
    AccessRefused,
    AlreadyDone,
    ConflictRefused,
    GuardRefused,
    IntegrityFault,
    KeystoreUnavailable,
    Shredded,
    StepUpRequired,
    Unaudited,
)
from casework.partners.models import Territory
from config import urls as site
from tests.access.probe import Probe, ProbeGrant

CLASSES = (DataClass.YOUTH_CARD, DataClass.YOUTH_IDENTITY)
RAISED: dict[str, Exception] = {
    "absent": Http404("Yanis Belkacem"),
    "access": AccessRefused(code="grant"),
    "permission": PermissionDenied("Yanis Belkacem"),
    "shredded": Shredded(),
    "guard": GuardRefused("Désignez un référent."),
    "conflict": ConflictRefused("La fiche a changé.", current_revision=3),
    "keystore": KeystoreUnavailable(),
    "unaudited": Unaudited(),
    "integrity": IntegrityFault(),
    "step_up": StepUpRequired(),
    "done": AlreadyDone("/probe/open/"),
    "done_elsewhere": AlreadyDone("https://elsewhere.example/"),
    "fault": ValueError("Yanis Belkacem"),
}


@public
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@signed_in
def signed_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("signed")


@signed_in(passive=True)
def pulse(request: HttpRequest) -> HttpResponse:
    return HttpResponse("7")


@member(Action.VIEW, DataClass.YOUTH_CARD)
def detail(request: AgentRequest, pk: UUID) -> HttpResponse:
    mine = Q(excluded_mandate=request.viewer.mandate_id)
    rows = viewable(
        Probe.objects.all(), request.viewer, request.now,
        grant_model=ProbeGrant, classes=CLASSES, rules_in_force=all_rows(), gone=gone(), excluded=mine,
    )  # fmt: skip
    probe = rows.filter(pk=pk).first()
    if probe is None:
        raise AccessRefused(code="probe")
    held = grants.bases(ProbeGrant, request.viewer, [probe.pk], request.now).get(probe.pk, frozenset())
    known = Facts(
        territory_id=probe.territory_id,
        group_id=probe.group_id,
        data_class=DataClass.YOUTH_CARD,
        grants=held,
        excluded=False,
        rules_in_force=True,
        state_open=True,
    )
    require(request.viewer, Action.VIEW, known, request.now)
    return HttpResponse("seen")


def all_rows() -> Any:

    return Q(pk__isnull=False)


def gone() -> Any:

    return Q(state="gone")


@member(Action.VIEW, DataClass.VIF_VICTIM)
def victim(request: AgentRequest, pk: UUID) -> HttpResponse:
    return HttpResponse("victim")


@member(Action.LIST, DataClass.YOUTH_IDENTITY)
def names(request: AgentRequest) -> HttpResponse:
    return HttpResponse("names")


@member(Action.VIEW, DataClass.YOUTH_CARD)
def raising(request: AgentRequest, kind: str) -> HttpResponse:
    with audit.writing(request.viewer, now=request.now) as w:
        Territory.objects.create(kind="commune", name="Fantôme", prefix="FAN")
        w.note(audit.Act.CHANGE, None, object_type="probe")
        raise RAISED[kind]


@member(Action.VIEW, DataClass.YOUTH_CARD)
def answers_404(request: AgentRequest) -> HttpResponse:
    return HttpResponseNotFound("Yanis Belkacem")


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("no policy")


probes = [
    path("open/", open_page, name="open"),
    path("signed/", signed_page, name="signed"),
    path("pulse/", pulse, name="pulse"),
    path("names/", names, name="names"),
    path("forgotten/", forgotten, name="forgotten"),
    path("answers-404/", answers_404, name="answers_404"),
    path("raise/<str:kind>/", raising, name="raise"),
    path("victim/<uuid:pk>/", victim, name="victim"),
    path("<uuid:pk>/", detail, name="detail"),
]

urlpatterns = [path("probe/", include((probes, "probe"))), *site.urlpatterns]
handler404 = site.handler404
handler500 = site.handler500
