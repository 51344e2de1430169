"""Single-use links: made by the coordinator, used once by a school, a landlord, the police, without an account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from casework.access.http import AgentRequest, SignedInRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, public
from casework.casefile import once
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import links as actions
from casework.minors.followups.forms.queue import LinkForm, LinkReferralForm
from casework.minors.followups.models import ReferralLink
from casework.minors.followups.reads import queue as reads
from casework.partners import throttle

GONE = 410
TOO_MANY = 429


@member(Action.MANAGE, DataClass.YOUTH_REFERRAL)
@require_http_methods(["GET", "POST"])
def links(request: AgentRequest) -> HttpResponse:
    """List the links and make one; its address is shown once, on this answer only."""
    facts.require_coordination(request.viewer, request.now)
    services = [(row.pk, row.name) for row in actions.organisations(request.viewer.territory_id)]
    form = LinkForm(request.POST or None, services=services)
    made: actions.NewLink | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made_now: list[actions.NewLink] = []
        try:
            # A refresh or a double click makes no second link: it comes back to the list.
            answer = once.run(
                request,
                lambda: made_now.append(
                    actions.create(
                        by=request.viewer, organisation_id=UUID(data["organisation"]), email=data["email"],
                        days=data["days"], now=request.now,
                    )
                ),
                to=reverse("followups:links"),
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            if not made_now:
                return answer
            made, form = made_now[0], LinkForm(services=services)
    context = {
        "form": form, "made": made, "sent": bool(request.POST.get("email")),
        "rows": reads.link_rows(request.viewer, now=request.now), "services": services,
    }  # fmt: skip
    return render(request, "followups/links.html", context, status=422 if form.is_bound and form.errors else 200)


@member(Action.MANAGE, DataClass.YOUTH_REFERRAL)
@require_POST
def revoke(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Make a link useless."""
    actions.revoke(by=request.viewer, link_id=pk, now=request.now)
    messages.success(request, "Le lien est annulé.")
    return HttpResponseRedirect(reverse("followups:links"))


@public
@require_http_methods(["GET", "POST"])
def link(request: SignedInRequest, token: str) -> HttpResponse:
    """Receive the one saisine of a link; afterwards say « reçue », « étudiée » or « close », nothing else."""
    counters = throttle.keys("", f"saisir {request.net_prefix}")
    if throttle.wait(counters, request.now):
        return _no_store(render(request, "followups/link_dead.html", {"busy": True}, status=TOO_MANY))
    found = actions.find(token)
    if found is None or (found.used_at is None and found.expires_at <= request.now):
        throttle.failed(counters, request.now)
        return _no_store(render(request, "followups/link_dead.html", status=GONE))
    if found.used_at is not None:
        return _no_store(_status(request, found))
    common = {"today": localdate(request.now), "sectors": found.territory.sectors}
    if request.method == "GET":
        return _no_store(_page(request, LinkReferralForm(**common), found))
    form = LinkReferralForm(request.POST, **common)
    if form.is_valid():
        data = form.data_for(found.organisation_id)
        try:
            return _no_store(
                once.run(
                    request,
                    lambda: actions.refer_by_link(
                        link=found, data=data, now=request.now, request_id=request.request_id,
                        net_prefix=request.net_prefix,
                    ),
                    to=request.path,
                )
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        except GuardRefused as refusal:
            form.add_error(None, refusal.message)
    return _no_store(_page(request, form, found, status=422))


def _page(request: SignedInRequest, form: LinkReferralForm, found: ReferralLink, status: int = 200) -> HttpResponse:
    context = {"form": form, "organisation": found.organisation.name, "expires_at": found.expires_at}
    return render(request, "followups/link.html", context, status=status)


def _status(request: SignedInRequest, found: ReferralLink) -> HttpResponse:
    status = actions.status(found)
    context = {"status": status.label, "kind": reads.STATUS_KINDS[status], "used_at": found.used_at}
    return render(request, "followups/link_status.html", context)


def _no_store(response: HttpResponse) -> HttpResponse:
    """Keep the address out of other sites' logs and the page out of caches."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


patterns = [
    path("saisines/liens/", links, name="links"),
    path("saisines/liens/<uuid:pk>/annuler/", revoke, name="revoke_link"),
    path("saisir/<str:token>/", link, name="link"),
]
