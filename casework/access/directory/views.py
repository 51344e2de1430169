"""Partenaires: services, functions, accounts. Each view finds what the viewer may see and calls one action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access import appointments, step_up
from casework.access.directory import facts
from casework.access.directory.forms import (
    AgentForm,
    ChangeServiceForm,
    EndForm,
    HandOverForm,
    InviteForm,
    RenewForm,
    ServiceForm,
)
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.partners import actions, hooks, reads
from casework.partners.codes import InvitationKind, roles_of
from casework.partners.models import Organisation, Territory

ACCOUNTS, OWN = DataClass.ACCOUNTS, DataClass.OWN_SERVICE
Shown = (GuardRefused, InputRefused, ConflictRefused)


@member(Action.LIST, ACCOUNTS, (Action.LIST, OWN))
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Send each one to the page of its part: services, accounts, own service."""
    viewer = request.viewer
    if facts.may_open_directory(viewer, Action.LIST, request.now):
        return redirect("directory:services")
    if facts.accounts_only(viewer):
        return redirect("directory:accounts")
    facts.own_service(viewer, request.now, Action.VIEW)
    return redirect("directory:my_service")


# ---------------------------------------------------------------- services


@member(Action.LIST, ACCOUNTS)
@require_safe
def services(request: AgentRequest) -> HttpResponse:
    """List the services of the territory."""
    territory_id = facts.require_directory(request.viewer, Action.LIST, request.now)
    context = {
        "services": reads.organisations(territory_id, request.now),
        "may_change": facts.may_open_directory(request.viewer, Action.CREATE, request.now),
    }
    return render(request, "directory/services.html", context)


@member(Action.CREATE, ACCOUNTS)
@require_http_methods(["GET", "POST"])
def add_service(request: AgentRequest) -> HttpResponse:
    """Add a service."""
    territory_id = facts.require_directory(request.viewer, Action.CREATE, request.now)
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organisation(
                by=request.viewer, territory=Territory(pk=territory_id), now=request.now, **form.cleaned_data
            )
        except InputRefused as refusal:
            form.add_error(_known(form, refusal.field), refusal.message)
        else:
            return redirect("directory:service", made.pk)
    return render(request, "directory/service_form.html", {"form": form}, status=_status(form))


@member(Action.VIEW, ACCOUNTS)
@require_safe
def service(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a service and the people who act for it."""
    found = facts.service(request.viewer, pk, request.now)
    lines = reads.mandate_lines(request.now, territory_id=found.territory_id, organisation_id=found.pk)
    context = {
        "service": found,
        "current": [line for line in lines if line.ends_at is None or line.ends_at > request.now],
        "ended": [line for line in lines if line.ends_at is not None and line.ends_at <= request.now],
        "groups": [row.group for row in reads.memberships_of(found.pk, request.now)],
        "may_change": facts.may_open_directory(request.viewer, Action.CHANGE, request.now),
        "has_roles": bool(roles_of(found.territory.kind, found.kind)),
    }
    return render(request, "directory/service.html", context)


@member(Action.CHANGE, ACCOUNTS)
@require_http_methods(["GET", "POST"])
def change_service(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Correct or close a service."""
    facts.require_directory(request.viewer, Action.CHANGE, request.now)
    found = facts.service(request.viewer, pk, request.now, Action.MANAGE)
    initial = {
        "name": found.name,
        "short_name": found.short_name,
        "letter": found.letter,
        "is_active": found.is_active,
    }
    form = ChangeServiceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_organisation(
                by=request.viewer, organisation_id=found.pk, now=request.now, **form.cleaned_data
            )
        except (InputRefused, GuardRefused) as refusal:
            form.add_error(_known(form, getattr(refusal, "field", None)), refusal.message)
        else:
            messages.success(request, "Le service est enregistré.")
            return redirect("directory:service", found.pk)
    return render(request, "directory/service_form.html", {"form": form, "service": found}, status=_status(form))


# ---------------------------------------------------------------- people and functions


@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_http_methods(["GET", "POST"])
def invite(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Appoint a person in a service and let them in; the link is shown once."""
    viewer = request.viewer
    found = facts.service(viewer, pk, request.now, Action.MANAGE)
    _confirm_outside(request, found)
    as_lead = facts.may_open_directory(viewer, Action.MANAGE, request.now)
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        organisation=found,
        as_lead=as_lead,
        role=viewer.role,
        today=localdate(request.now),
    )
    needs = ""  # the act that a second person must agree to first
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        starts_on, ends_on = given.pop("starts_on"), given.pop("ends_on")
        as_service_lead = form.makes_lead(given["role"], as_lead=as_lead)
        try:
            if asked := request.POST.get("ask", ""):
                appointments.ask(
                    by=viewer, act=asked, organisation=found, name=f"{given['first_name']} {given['last_name']}",
                    email=given["email"], role=given["role"], is_service_lead=as_service_lead,
                    ends_at=_after_day(ends_on, found), now=request.now,
                )  # fmt: skip
                messages.success(
                    request, "Votre demande part. Une fois l’accord donné, envoyez de nouveau cette invitation."
                )
                return redirect("approvals:list")
            invited = actions.invite(
                by=viewer,
                organisation=found,
                starts_at=_from_day(starts_on, found, request.now),
                ends_at=_after_day(ends_on, found),
                is_service_lead=as_service_lead,
                now=request.now,
                **given,
            )
        except (InputRefused, GuardRefused) as refusal:
            form.add_error(_known(form, getattr(refusal, "field", None)), refusal.message)
            needs = refusal.code if refusal.code in appointments.ACTS else ""
        else:
            back = _service_page(request, found)
            return _show_link(request, invited, InvitationKind.FIRST_SIGN_IN, back=back)
    context = {
        "form": form,
        "service": found,
        "as_lead": as_lead,
        "no_role": not form.fields["role"].choices,  # type: ignore[attr-defined]
        "back": _service_page(request, found),
        "needs": needs,
    }
    return render(request, "directory/invite.html", context, status=_status(form))


@member(Action.VIEW, ACCOUNTS, (Action.VIEW, OWN))
@require_safe
def function(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one function: dates, charter, account, and what may be done with it."""
    found = facts.function(request.viewer, pk, request.now)
    line = reads.mandate_line(found, request.now)
    manages = facts.may_manage_service(request.viewer, found.organisation, request.now)
    until = found.ends_at or request.now
    context = {
        "line": line,
        "agent": found.agent,
        "service": found.organisation,
        "back": _service_page(request, found.organisation),
        "manages": manages and found.pk != request.viewer.mandate_id,
        "coming_end": found.ends_at - timedelta(seconds=1) if found.ends_at else None,
        "renew": RenewForm(initial={"ends_on": localdate(max(until, request.now)) + timedelta(days=365)}),
        "end": EndForm(),
        "cases": len(hooks.entrusted(found, request.viewer, request.now)) if manages else 0,
    }
    return render(request, "directory/function.html", context)


@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_POST
def renew(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Prolong a function."""
    found = facts.function(request.viewer, pk, request.now, Action.MANAGE)
    _confirm_outside(request, found.organisation)
    form = RenewForm(request.POST)

    def act() -> str:
        actions.renew(
            by=request.viewer,
            mandate_id=found.pk,
            ends_at=_after_day(form.cleaned_data["ends_on"], found.organisation),
            expected=_revision(request),
            now=request.now,
        )
        return "La fonction est prolongée."

    return _do(request, form.is_valid(), act, reverse("directory:function", args=[pk]))


@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_POST
def end(request: AgentRequest, pk: UUID) -> HttpResponse:
    """End a function now, with its reason."""
    found = facts.function(request.viewer, pk, request.now, Action.MANAGE)
    form = EndForm(request.POST)

    def act() -> str:
        actions.end_mandate(
            by=request.viewer,
            mandate_id=found.pk,
            reason=form.cleaned_data["reason"],
            expected=_revision(request),
            now=request.now,
        )
        return "La fonction est terminée : l’accès est fermé."

    return _do(request, form.is_valid(), act, reverse("directory:function", args=[pk]))


@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_http_methods(["GET", "POST"])
def hand_over(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Somebody leaves: their function and situations pass on, by reference, to whom one says, in one act."""
    found = facts.function(request.viewer, pk, request.now, Action.MANAGE)
    _confirm_outside(request, found.organisation)
    agents = {str(row.agent_id): row.agent for row in reads.takers(found, request.now)}
    cases = hooks.entrusted(found, request.viewer, request.now)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        agents=[(key, agent.full_name) for key, agent in agents.items()],
        cases=cases,
    )
    if request.method == "POST" and form.is_valid():
        try:
            new, count = actions.hand_over(
                by=request.viewer,
                mandate_id=found.pk,
                to_agent=agents[form.cleaned_data["agent"]],
                shares={case: agents[chosen] for case, chosen in form.shares().items()},
                expected=_revision(request),
                now=request.now,
            )
        except Shown as refusal:
            form.add_error(_known(form, getattr(refusal, "field", None)), refusal.message)
        else:
            many = count > 1
            passed = f" {count} situation{'s ont' if many else ' a'} suivi." if count else ""
            signed = "" if new.charter_signed_at else " La charte reste à signer."
            messages.success(request, f"La fonction est confiée.{passed}{signed}")
            return HttpResponseRedirect(_service_page(request, found.organisation))
    context = {
        "form": form,
        "line": reads.mandate_line(found, request.now),
        "service": found.organisation,
        "cases": form.lines(),
        "alone": not agents,
    }
    return render(request, "directory/hand_over.html", context, status=_status(form))


# ---------------------------------------------------------------- accounts


@member(Action.LIST, ACCOUNTS)
@require_safe
def accounts(request: AgentRequest) -> HttpResponse:
    """List the accounts of the territory: all that the technical administration sees."""
    if request.viewer.territory_id is None:
        raise AccessRefused(code="territory")
    context = {
        "accounts": reads.accounts(request.viewer.territory_id, request.now),
        "may_change": facts.may_change_accounts(request.viewer, request.now),
    }
    return render(request, "directory/accounts.html", context)


@member(Action.MANAGE, ACCOUNTS)
@require_http_methods(["GET", "POST"])
def change_account(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Correct the name or telephone of an agent."""
    agent = facts.account(request.viewer, agent_id, request.now)
    initial = {"first_name": agent.first_name, "last_name": agent.last_name, "phone": agent.phone}
    form = AgentForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_agent(by=request.viewer, agent=agent, now=request.now, **form.cleaned_data)
        except InputRefused as refusal:
            form.add_error(_known(form, refusal.field), refusal.message)
        else:
            messages.success(request, "Le compte est corrigé.")
            return redirect("directory:accounts")
    return render(request, "directory/account_form.html", {"form": form, "agent": agent}, status=_status(form))


@stepped_up
@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_POST
def new_link(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Make a new one-time link; the former one dies. The technical administration never sees it."""
    agent = facts.account(request.viewer, agent_id, request.now)
    invited = actions.renew_invitation(by=request.viewer, agent=agent, now=request.now)
    kind = InvitationKind.RESET if reads.has_factor(agent) else InvitationKind.FIRST_SIGN_IN
    return _show_link(request, invited, kind, back=_back(request), hidden=facts.accounts_only(request.viewer))


@stepped_up
@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_POST
def start_again(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Lost phone and lost codes: start the account again. The link goes to its owner only."""
    agent = facts.account(request.viewer, agent_id, request.now)
    invited = actions.reissue_access(by=request.viewer, agent=agent, now=request.now)
    return _show_link(request, invited, InvitationKind.FIRST_SIGN_IN, back=_back(request), hidden=True)


@member(Action.MANAGE, ACCOUNTS, (Action.MANAGE, OWN))
@require_POST
def revoke_link(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Make the open link of an account useless."""
    agent = facts.account(request.viewer, agent_id, request.now)
    _, link = reads.account_states({agent.pk}, request.now)[agent.pk]

    def act() -> str:
        if link is None:
            raise GuardRefused("Aucun lien n’est ouvert.")
        actions.revoke_invitation(by=request.viewer, invitation_id=link, now=request.now)
        return "Le lien est annulé."

    return _do(request, True, act, _back(request))


@member(Action.MANAGE, ACCOUNTS)
@require_POST
def close_account(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Close an account at once."""
    agent = facts.account(request.viewer, agent_id, request.now)

    def act() -> str:
        actions.close_account(by=request.viewer, agent=agent, now=request.now)
        return "Le compte est fermé, ses sessions aussi."

    return _do(request, True, act, _back(request))


@stepped_up
@member(Action.MANAGE, ACCOUNTS)
@require_POST
def reopen_account(request: AgentRequest, agent_id: UUID) -> HttpResponse:
    """Open an account again."""
    agent = facts.account(request.viewer, agent_id, request.now)

    def act() -> str:
        actions.reopen_account(by=request.viewer, agent=agent, now=request.now)
        return "Le compte est rouvert. Les fonctions terminées le restent."

    return _do(request, True, act, _back(request))


# ---------------------------------------------------------------- small helpers


def _confirm_outside(request: AgentRequest, organisation: Organisation) -> None:
    """Ask for a fresh second factor before an access is given in a service that is not one's own (security.md §3.11)."""
    if request.method == "POST" and organisation.pk != request.viewer.organisation_id:
        step_up.require(request)


def _do(request: AgentRequest, valid: bool, act: Callable[[], str], back: str) -> HttpResponse:
    """Carry out a one-button act and come back with what happened, refusal included."""
    if not valid:
        messages.error(request, "Il manque une réponse : rien n’a été changé.")
        return HttpResponseRedirect(back)
    try:
        messages.success(request, act())
    except Shown as refusal:
        messages.error(request, refusal.message)
    return HttpResponseRedirect(back)


def _show_link(
    request: AgentRequest, invited: actions.Invited, kind: str, *, back: str, hidden: bool = False
) -> HttpResponse:
    """Send the link by mail and show it, once. `hidden`: only its owner receives it."""
    link, sent = "", False
    if invited.token is not None:
        link = request.build_absolute_uri(reverse("partners:invitation", args=[invited.token]))
        sent = actions.send_invitation_mail(agent=invited.agent, link=link, kind=kind)
    context = {
        "agent": invited.agent,
        "link": "" if hidden else link,
        "known": invited.token is None,
        "sent": sent,
        "hidden": hidden,
        "reset": kind == InvitationKind.RESET,
        "back": back,
    }
    return render(request, "directory/link.html", context)


def _service_page(request: AgentRequest, organisation: Organisation) -> str:
    """Return the page a manager comes from: the service, or « Mon service » for its lead."""
    if facts.may_open_directory(request.viewer, Action.VIEW, request.now):
        return reverse("directory:service", args=[organisation.pk])
    return reverse("directory:my_service")


def _back(request: AgentRequest) -> str:
    """Return the page named by the form: a function seen from here, else the list of accounts or services."""
    try:
        pk = UUID(request.POST.get("function", ""))
    except ValueError:
        return reverse("directory:accounts" if facts.accounts_only(request.viewer) else "directory:index")
    return reverse("directory:function", args=[pk])


def _revision(request: AgentRequest) -> int | None:
    value = request.POST.get("revision", "")
    return int(value) if value.isdigit() else None


def _from_day(day: date, organisation: Organisation, now: datetime) -> datetime:
    """Return the first instant of a day, now for today."""
    return now if day == localdate(now) else reads.local_midnight(day, organisation.territory.time_zone)


def _after_day(day: date, organisation: Organisation) -> datetime:
    """Return the first instant after a day: the day itself is included."""
    return reads.local_midnight(day + timedelta(days=1), organisation.territory.time_zone)


def _known(form: object, field: str | None) -> str | None:
    return field if field in getattr(form, "fields", {}) else None


def _status(form: object) -> int:
    return 422 if getattr(form, "errors", None) else 200
