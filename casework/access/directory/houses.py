"""Partenaires: a lead's own service; the groups, their rules and members; the charter."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.directory import facts
from casework.access.directory.forms import CharterForm, DeputyForm, GroupForm, RulesForm
from casework.access.directory.views import ACCOUNTS, OWN, _do, _known, _status
from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import actions, reads
from casework.partners.charter import MODEL_TEXT
from casework.partners.codes import MEMBER_KINDS
from casework.partners.models import GroupMembership, GroupRules, Organisation, Territory, WatchGroup

# ---------------------------------------------------------------- my service


@member(Action.VIEW, OWN)
@require_safe
def my_service(request: AgentRequest) -> HttpResponse:
    """Show a lead its service: who represents it, who stands in and when, who works in it."""
    found = facts.own_service(request.viewer, request.now, Action.VIEW)
    today = localdate(request.now)
    lines = reads.mandate_lines(
        request.now, territory_id=found.territory_id, organisation_id=found.pk, role=request.viewer.role
    )  # another side of the same service is another service (row 31a, VIC-04)
    current = [line for line in lines if line.ends_at is None or line.ends_at > request.now]
    tables = [
        {
            "membership": row,
            "seats": reads.seat_lines(row, request.now),
            "holders": {seat.mandate_id for seat in reads.seat_lines(row, request.now) if not seat.is_deputy},
        }
        for row in reads.memberships_of(found.pk, request.now)
    ]
    context = {
        "service": found,
        "current": current,
        "ended": [line for line in lines if line not in current],
        "tables": tables,
        "today": today,
        "deputy": DeputyForm(initial={"from_day": today, "to_day": today + timedelta(days=14)}),
        "own": request.viewer.mandate_id,
    }
    return render(request, "directory/my_service.html", context)


@member(Action.MANAGE, OWN)
@require_POST
def name_representative(request: AgentRequest) -> HttpResponse:
    """Name a representative of the service in a group."""
    return _seat(request, deputy=False)


@member(Action.MANAGE, OWN)
@require_POST
def switch_deputy(request: AgentRequest) -> HttpResponse:
    """Switch a stand-in on, from one day to another."""
    return _seat(request, deputy=True)


def _seat(request: AgentRequest, *, deputy: bool) -> HttpResponse:
    found = facts.own_service(request.viewer, request.now, Action.MANAGE)
    membership = _own_membership(request, found)
    form = DeputyForm(request.POST)
    mandate_id = _uuid(request.POST.get("mandate", ""))

    def act() -> str:
        if deputy:
            actions.switch_deputy_on(
                by=request.viewer,
                membership=membership,
                mandate_id=mandate_id,
                from_day=form.cleaned_data["from_day"],
                to_day=form.cleaned_data["to_day"],
                now=request.now,
            )
            return "La suppléance est enregistrée ; elle s’arrêtera d’elle-même."
        actions.name_seat(by=request.viewer, membership=membership, mandate_id=mandate_id, now=request.now)
        return "La personne représente le service."

    return _do(request, form.is_valid() if deputy else True, act, reverse("directory:my_service"))


@member(Action.MANAGE, OWN)
@require_POST
def end_seat(request: AgentRequest, seat_id: UUID) -> HttpResponse:
    """End a representation, or switch a stand-in off."""
    found = facts.own_service(request.viewer, request.now, Action.MANAGE)
    rows = [
        seat.id for row in reads.memberships_of(found.pk, request.now) for seat in reads.seat_lines(row, request.now)
    ]
    if seat_id not in rows:
        raise AccessRefused(code="absent")

    def act() -> str:
        actions.end_seat(by=request.viewer, seat_id=seat_id, now=request.now)
        return "C’est terminé."

    return _do(request, True, act, reverse("directory:my_service"))


def _own_membership(request: AgentRequest, found: Organisation) -> GroupMembership:
    wanted = request.POST.get("membership", "")
    rows = {str(row.pk): row for row in reads.memberships_of(found.pk, request.now)}
    if wanted not in rows:
        raise AccessRefused(code="absent")
    return rows[wanted]


# ---------------------------------------------------------------- groups, members, rules


@member(Action.LIST, ACCOUNTS)
@require_safe
def rules(request: AgentRequest) -> HttpResponse:
    """Show each working group: its members, its rules, in force or not (CLV-03, CLV-06)."""
    territory_id = facts.require_directory(request.viewer, Action.LIST, request.now)
    today = localdate(request.now)
    found = []
    for group in reads.groups(territory_id):
        members = reads.memberships(group, request.now)
        seated = {row.organisation_id for row in members}
        found.append(
            {
                "group": group,
                "current": reads.group_rules(group, today),
                "versions": reads.rules_versions(group),
                "members": members,
                "candidates": [
                    row
                    for row in Organisation.objects.filter(
                        territory_id=territory_id, is_active=True, kind__in=MEMBER_KINDS
                    ).order_by("name")
                    if row.pk not in seated
                ],
            }
        )
    context = {
        "groups": found,
        "today": today,
        "may_change": facts.may_open_directory(request.viewer, Action.CHANGE, request.now),
        "form": GroupForm(),
    }
    return render(request, "directory/rules.html", context)


@member(Action.CREATE, ACCOUNTS)
@require_POST
def add_group(request: AgentRequest) -> HttpResponse:
    """Create a working group (CLV-03)."""
    territory_id = facts.require_directory(request.viewer, Action.CREATE, request.now)
    form = GroupForm(request.POST)

    def act() -> str:
        actions.create_group(
            by=request.viewer, territory=Territory(pk=territory_id), name=form.cleaned_data["name"], now=request.now
        )
        return "Le groupe est créé. Adoptez son règlement intérieur : rien ne s’échange sans lui."

    return _do(request, form.is_valid(), act, reverse("directory:rules"))


@member(Action.CREATE, ACCOUNTS)
@require_http_methods(["GET", "POST"])
def adopt_rules(request: AgentRequest, group_id: UUID) -> HttpResponse:
    """Record a new version of the rules; the form starts from the one in force."""
    group = _group(request, group_id)
    today = localdate(request.now)
    form = RulesForm(request.POST if request.method == "POST" else None, initial=_rules_initial(group, today))
    if request.method == "POST" and form.is_valid():
        try:
            actions.adopt_group_rules(by=request.viewer, group=group, now=request.now, **form.cleaned_data)
        except (InputRefused, GuardRefused) as refusal:
            form.add_error(_known(form, getattr(refusal, "field", None)), refusal.message)
        else:
            messages.success(request, "La nouvelle version est enregistrée.")
            return redirect("directory:rules")
    return render(request, "directory/rules_form.html", {"form": form, "group": group}, status=_status(form))


@member(Action.CHANGE, ACCOUNTS)
@require_POST
def end_rules(request: AgentRequest, group_id: UUID) -> HttpResponse:
    """Take the rules out of force today: nominative exchange stops (CLV-06)."""
    group = _group(request, group_id)
    current = reads.group_rules(group, localdate(request.now))

    def act() -> str:
        if current is None:
            raise GuardRefused("Aucun règlement n’est en vigueur.")
        actions.end_group_rules(by=request.viewer, rules_id=current.pk, now=request.now)
        return "Le règlement n’est plus en vigueur : plus aucun échange nominatif n’est possible."

    return _do(request, True, act, reverse("directory:rules"))


@stepped_up
@member(Action.MANAGE, ACCOUNTS)
@require_POST
def join(request: AgentRequest, group_id: UUID) -> HttpResponse:
    """Seat a service in the group."""
    group = _group(request, group_id)
    organisation = reads.organisation(group.territory_id, _uuid(request.POST.get("organisation", "")))
    if organisation is None:
        raise AccessRefused(code="absent")

    def act() -> str:
        actions.join_group(by=request.viewer, group=group, organisation=organisation, now=request.now)
        return "Le service siège dans le groupe."

    return _do(request, True, act, reverse("directory:rules"))


@member(Action.MANAGE, ACCOUNTS)
@require_POST
def leave(request: AgentRequest, group_id: UUID) -> HttpResponse:
    """End the seat of a service: its access ends at once (CLV-24)."""
    group = _group(request, group_id)
    wanted = request.POST.get("membership", "")
    found = next((row for row in reads.memberships(group, request.now) if str(row.pk) == wanted), None)
    if found is None:
        raise AccessRefused(code="absent")

    def act() -> str:
        actions.leave_group(by=request.viewer, membership_id=found.pk, now=request.now)
        return "Le service ne siège plus : ses accès sont fermés."

    return _do(request, True, act, reverse("directory:rules"))


def _group(request: AgentRequest, group_id: UUID) -> WatchGroup:
    territory_id = facts.require_directory(request.viewer, Action.CHANGE, request.now)
    found = next((row for row in reads.groups(territory_id) if row.pk == group_id), None)
    if found is None:
        raise AccessRefused(code="absent")
    return found


def _rules_initial(group: WatchGroup, today: date) -> dict[str, object]:
    current: GroupRules | None = reads.group_rules(group, today)
    if current is None:
        return {"adopted_on": today, "valid_from": today, "formation": "by_circle", "silence_days": 5}
    names = (
        "formation",
        "dpo_note_on",
        "who_knows_enabled",
        "minimum_presence",
        "prosecutor_opinion_required",
        "silence_days",
    )
    return {"adopted_on": today, "valid_from": today} | {name: getattr(current, name) for name in names}


# ---------------------------------------------------------------- charter


@member(Action.LIST, ACCOUNTS)
@require_safe
def charter(request: AgentRequest) -> HttpResponse:
    """Show the versions of the charter and who has signed (CLV-25); the annual review date (CLV-27)."""
    territory_id = facts.require_directory(request.viewer, Action.LIST, request.now)
    versions = reads.charters(territory_id)
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == wanted), versions[0] if versions else None)
    signatures = reads.signatures(shown, request.now) if shown else []
    context = {
        "versions": versions,
        "shown": shown,
        "is_current": bool(versions) and shown == versions[0],
        "signatures": signatures,
        "missing": sum(line.signed_at is None for line in signatures),
        "review_on": _a_year_after(versions[0].adopted_on) if versions else None,
        "today": localdate(request.now),
        "may_change": facts.may_open_directory(request.viewer, Action.CREATE, request.now),
    }
    return render(request, "directory/charter.html", context)


@member(Action.CREATE, ACCOUNTS)
@require_http_methods(["GET", "POST"])
def adopt_charter(request: AgentRequest) -> HttpResponse:
    """Adopt a new version: everybody signs it before opening a record again."""
    territory_id = facts.require_directory(request.viewer, Action.CREATE, request.now)
    current = reads.current_charter(territory_id)
    initial = {"text": current.text if current else MODEL_TEXT, "adopted_on": localdate(request.now)}
    form = CharterForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.adopt_charter(
                by=request.viewer, territory=Territory(pk=territory_id), now=request.now, **form.cleaned_data
            )
        except InputRefused as refusal:
            form.add_error(_known(form, refusal.field), refusal.message)
        else:
            messages.success(request, "La nouvelle version est adoptée. Signez-la à votre tour.")
            return HttpResponseRedirect(reverse("partners:charter"))
    return render(request, "directory/charter_form.html", {"form": form}, status=_status(form))


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise AccessRefused(code="absent") from None
