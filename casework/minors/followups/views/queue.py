"""The queue of saisines: sorting by the coordinator, status for who referred, a school's list, possible duplicates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import once, revision
from casework.casefile import reads as lists
from casework.casefile.codes import ListCode
from casework.casefile.files import left_out
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import duplicates as duplicate_actions
from casework.minors.followups.actions import merge as merge_actions
from casework.minors.followups.actions import referrals as referral_actions
from casework.minors.followups.actions import sorting
from casework.minors.followups.codes import Gateway, ReferralOrigin
from casework.minors.followups.forms.queue import SchoolListForm, SortForm, lines_of
from casework.minors.followups.forms.referrals import ORIGIN_OF_KIND
from casework.minors.followups.models import Referral
from casework.minors.followups.reads import queue as reads
from casework.partners.codes import OrganisationKind
from casework.partners.models import Organisation

REFERRAL = DataClass.YOUTH_REFERRAL


@member(Action.CREATE, REFERRAL)
@require_GET
def queue(request: AgentRequest) -> HttpResponse:
    """Show the coordinator what is to be sorted; anybody else, the status of what they sent."""
    viewer = request.viewer
    if not facts.coordinates(viewer):
        return render(
            request,
            "followups/own_referrals.html",
            {"rows": reads.own(viewer, now=request.now), "may_list": _may_list(viewer.organisation_kind)},
        )
    facts.require_coordination(viewer, request.now)
    asked = request.GET.get("liste") == "complement"
    return render(
        request,
        "followups/queue.html",
        {
            "rows": reads.queue(viewer, now=request.now, asked=asked),
            "counts": reads.counts(viewer, request.now),
            "asked": asked,
            "today": localdate(request.now),
            "redirections": lists.choices(viewer.territory_id, ListCode.REDIRECT, localdate(request.now)),
            "form": SortForm(),
        },
    )


@member(Action.CREATE, REFERRAL)
@require_GET
def referral(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one saisine: to the coordinator in full, to its author its status and what its rights open."""
    return _referral_page(request, _visible(request, pk))


def _visible(request: AgentRequest, pk: UUID) -> Referral:
    """Return a saisine this viewer may know of: the coordinator's territory, or what this function sent."""
    viewer, row = request.viewer, sorting.find(request.viewer, pk)
    if facts.coordinates(viewer):
        follow_up = facts.find(viewer, row.follow_up_id, request.now)
        facts.require_on(viewer, follow_up, Action.VIEW, REFERRAL, request.now)
    elif row.author_mandate_id != viewer.mandate_id:
        raise AccessRefused(code="referral")
    return row


def _referral_page(
    request: AgentRequest, row: Referral, form: SortForm | None = None, warnings: list[str] | None = None,
    error: str = "",
) -> HttpResponse:  # fmt: skip
    viewer = request.viewer
    context: dict[str, object] = {"today": localdate(request.now), "form": form, "warnings": warnings, "error": error}
    status = 422 if error or warnings else 200
    if facts.coordinates(viewer):
        context |= {
            "row": reads.one(viewer, row, request.now),
            "waits": row.sorting in sorting.WAITS,
            "form": form or SortForm(),
            "redirections": lists.choices(viewer.territory_id, ListCode.REDIRECT, localdate(request.now)),
        }
        return render(request, "followups/referral.html", context, status=status)
    status_now = sorting.outside_status(row)
    relation = facts.relation(viewer, row.follow_up, request.now)
    opens = REFERRAL in relation.classes(viewer, request.now) and not facts.past_purge([row.follow_up], request.now)
    context |= {
        "referral": {"pk": row.pk, "received_at": row.received_at},
        "status": status_now.label,
        "status_kind": reads.STATUS_KINDS[status_now],
        "asked": reads.asked_of(viewer, row) if opens and row.sorting == "more_asked" else None,
        "page_url": reverse("followups:page", args=[row.follow_up_id]) if opens else "",
    }
    return render(request, "followups/own_referral.html", context, status=status)


@member(Action.MOVE, REFERRAL)
@require_POST
def sort(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Sort one saisine in one click; words are looked at once before they pass."""
    facts.require_coordination(request.viewer, request.now)
    row = _visible(request, pk)
    form = SortForm(request.POST)
    if not form.is_valid():
        return _referral_page(request, row, form, error="Choisissez une valeur de la liste.")
    if warnings := form.warnings():
        return _referral_page(request, row, form, warnings=warnings)
    data = form.cleaned_data

    def act() -> None:
        sorting.sort(
            by=request.viewer, referral_id=pk, choice=data["choice"], now=request.now,
            redirect_to=data["redirect_to"], asked=data["asked"], words=data["words"],
            expected=revision.expected(request.POST),
        )  # fmt: skip
        messages.success(request, "La saisine est triée.")

    try:
        return once.run(request, act, to=reverse("followups:queue"))
    except (InputRefused, GuardRefused) as refusal:
        return _referral_page(request, row, form, error=refusal.message)


@member(Action.CREATE, REFERRAL)
@require_POST
def complete(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that what was asked has been brought."""
    row = _visible(request, pk)

    def act() -> None:
        sorting.complete(by=request.viewer, referral_id=pk, now=request.now, expected=revision.expected(request.POST))
        messages.success(request, "La coordination est prévenue.")

    try:
        return once.run(request, act, to=reverse("followups:queue"))
    except GuardRefused as refusal:
        return _referral_page(request, row, error=refusal.message)


# --------------------------------------------------------------- a school's list


def _may_list(kind: str) -> bool:
    return kind in (OrganisationKind.SCHOOL, OrganisationKind.MUNICIPALITY)


@member(Action.CREATE, REFERRAL)
@require_http_methods(["GET", "POST"])
def school_list(request: AgentRequest) -> HttpResponse:
    """Receive up to thirty pupils at once, all or none; a file only fills the lines, it is not kept."""
    viewer = request.viewer
    if not _may_list(viewer.organisation_kind):
        raise AccessRefused(code="school_list")
    own_school = viewer.organisation_kind == OrganisationKind.SCHOOL
    name = Organisation.objects.values_list("name", flat=True).get(pk=viewer.organisation_id) if own_school else ""
    common: dict[str, Any] = {"today": localdate(request.now), "school": name}
    if request.method == "GET":
        return render(request, "followups/school_list.html", {"form": SchoolListForm(**common)})
    form = SchoolListForm(request.POST, request.FILES, **common)
    valid = form.is_valid()
    if left_out(request):
        form.add_error("file", "Ce fichier est trop lourd pour une liste d’élèves.")
        return render(request, "followups/school_list.html", {"form": form}, status=422)
    if valid and form.cleaned_data["file"]:
        return _file_read(request, form, common)
    if valid:
        rows = form.referrals(
            organisation_id=viewer.organisation_id,
            origin=ORIGIN_OF_KIND.get(viewer.organisation_kind, ReferralOrigin.SCHOOL) if own_school
            else ReferralOrigin.SCHOOL,
            gateway=Gateway.CSI_L132_5,
        )  # fmt: skip

        def act() -> None:
            referral_actions.refer_list(by=viewer, rows=rows, now=request.now)
            messages.success(request, f"{len(rows)} saisines envoyées." if len(rows) > 1 else "Une saisine envoyée.")

        try:
            return once.run(request, act, to=reverse("followups:queue"))
        except (InputRefused, GuardRefused) as refusal:
            form.add_error(None, refusal.message)
    return render(request, "followups/school_list.html", {"form": form}, status=422)


def _file_read(request: AgentRequest, form: SchoolListForm, common: dict[str, Any]) -> HttpResponse:
    """Show the lines of the file, to be read again before they are sent."""
    try:
        text = lines_of(form.cleaned_data["file"].read())
    except InputRefused as refusal:
        form.add_error("file", refusal.message)
        return render(request, "followups/school_list.html", {"form": form}, status=422)
    data = request.POST.copy()
    data["lines"] = text
    again = SchoolListForm(data, **common)
    ready = again.is_valid()
    return render(request, "followups/school_list.html", {"form": again, "from_file": True, "ready": ready})


# --------------------------------------------------------------- possible duplicates


@member(Action.MOVE, DataClass.YOUTH_IDENTITY)
@require_GET
def duplicates(request: AgentRequest) -> HttpResponse:
    """Show the pairs that may be one person, side by side."""
    facts.require_coordination(request.viewer, request.now, DataClass.YOUTH_IDENTITY)
    return render(
        request,
        "followups/duplicates.html",
        {"pairs": reads.pairs(request.viewer, now=request.now), "counts": reads.counts(request.viewer, request.now)},
    )


@member(Action.MOVE, DataClass.YOUTH_IDENTITY)
@require_POST
def duplicate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that they are two persons, or put one file under the other."""
    facts.require_coordination(request.viewer, request.now, DataClass.YOUTH_IDENTITY)
    keep = request.POST.get("keep", "")

    def act() -> str:
        if keep == "both":
            duplicate_actions.dismiss(by=request.viewer, duplicate_id=pk, now=request.now)
            messages.success(request, "Ce sont deux personnes : la question ne sera plus posée.")
            return reverse("followups:duplicates")
        kept = merge_actions.merge(by=request.viewer, duplicate_id=pk, keep_id=_uuid(keep), now=request.now)
        messages.success(request, "Les deux fiches n’en font plus qu’une.")
        open_ = facts.visible_to(request.viewer, request.now).filter(pk=kept.pk).exists()
        return reverse("followups:page", args=[kept.pk]) if open_ else reverse("followups:duplicates")

    try:
        return once.run(request, act)
    except (InputRefused, GuardRefused) as refusal:
        context = {
            "pairs": reads.pairs(request.viewer, now=request.now),
            "counts": reads.counts(request.viewer, request.now),
            "error": refusal.message,
        }
        return render(request, "followups/duplicates.html", context, status=422)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InputRefused("Choisissez la fiche à garder.", field="keep") from None


patterns = [
    path("saisines/", queue, name="queue"),
    path("saisines/liste/", school_list, name="school_list"),
    path("saisines/doublons/", duplicates, name="duplicates"),
    path("saisines/doublons/<uuid:pk>/", duplicate, name="duplicate"),
    path("saisines/<uuid:pk>/", referral, name="referral"),
    path("saisines/<uuid:pk>/tri/", sort, name="sort"),
    path("saisines/<uuid:pk>/complement/", complete, name="complete"),
]
