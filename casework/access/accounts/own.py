"""One's own account: functions, charter, second factor, recovery codes, password, sessions."""

from __future__ import annotations

from uuid import UUID

import django_otp
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.accounts import flow
from casework.access.accounts.forms import ChangePasswordForm, PasskeyNameForm
from casework.access.http import SignedInRequest
from casework.access.routes import signed_in, stepped_up
from casework.errors import AccessRefused, GuardRefused, InputRefused, Refused
from casework.partners import actions, reads, session_state, throttle
from casework.partners.session_store import stored_key


@signed_in
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Show the agent's functions, second factor, recovery codes and open sessions."""
    agent = flow.signed_in_agent(request)
    key = stored_key(request.session.session_key or "")
    held = request.viewer.mandate_id if request.viewer else None
    context = {
        "agent": agent,
        "mandates": [(row, row.pk == held) for row in reads.live_mandates(agent, request.now)],
        "device": reads.device(agent),
        "passkeys": [
            (row, PasskeyNameForm(initial={"name": row.name}, prefix=str(row.pk)[:8])) for row in reads.passkeys(agent)
        ],
        "codes_left": reads.recovery_codes_left(agent),
        "sessions": reads.sessions(agent, key, request.now),
    }
    return render(request, "accounts/account.html", context)


@signed_in
@require_POST
def switch_mandate(request: SignedInRequest) -> HttpResponse:
    """Act under another of one's own functions, in one click; always from the day's work, never mid-page."""
    try:
        chosen = UUID(request.POST.get("mandate", ""))
    except ValueError:
        raise Http404 from None
    actor = flow.actor_for(request, request.user)
    mandate = actions.use_mandate(by=actor, agent=flow.signed_in_agent(request), mandate_id=chosen, now=request.now)
    session_state.choose_mandate(request.session, mandate.pk)
    return HttpResponseRedirect(flow.home())


@signed_in
@require_http_methods(["GET", "POST"])
def charter(request: SignedInRequest) -> HttpResponse:
    """Read the charter of the territory and sign it for the current function (CLV-25)."""
    viewer = request.viewer
    if viewer is None or viewer.territory_id is None or viewer.mandate_id is None:
        raise Http404
    current = reads.current_charter(viewer.territory_id)
    mandate = reads.mandate(viewer.territory_id, viewer.mandate_id)
    refusal = ""
    if request.method == "POST" and current is not None:
        try:
            actions.sign_charter(
                by=viewer,
                mandate_id=viewer.mandate_id,
                charter_id=int(request.POST.get("charter", "0") or 0),
                now=request.now,
            )
        except AccessRefused:
            raise
        except (Refused, ValueError) as error:
            refusal = error.message if isinstance(error, Refused) else "Relisez la charte avant de signer."
        else:
            messages.success(request, "Merci, votre signature est enregistrée.")
            return HttpResponseRedirect(flow.home())
    signed_at = reads.signed_at(current, viewer.mandate_id) if current is not None else None
    context = {"charter": current, "mandate": mandate, "signed_at": signed_at, "refusal": refusal}
    return render(request, "accounts/charter.html", context, status=409 if refusal else 200)


@stepped_up
@signed_in
@require_POST
def new_phone(request: SignedInRequest) -> HttpResponse:
    """Start linking another phone; the one in use works until the new one is confirmed."""
    actions.enrol_totp(by=flow.actor_for(request, request.user), agent=flow.signed_in_agent(request), now=request.now)
    return HttpResponseRedirect(reverse("partners:enrol"))


@stepped_up
@signed_in
@require_POST
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Make new recovery codes and show them, once."""
    codes = actions.regenerate_recovery_codes(
        by=flow.actor_for(request, request.user), agent=flow.signed_in_agent(request), now=request.now
    )
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "first": False})


@signed_in
@require_POST
def rename_passkey(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Call one of one's own keys otherwise."""
    form = PasskeyNameForm(request.POST, prefix=str(pk)[:8])
    if form.is_valid():
        agent = flow.signed_in_agent(request)
        actions.rename_passkey(
            by=flow.actor_for(request, agent),
            agent=agent,
            passkey_id=pk,
            name=form.cleaned_data["name"],
            now=request.now,
        )
        messages.success(request, "La clé a son nouveau nom.")
    else:
        messages.error(request, "Donnez un nom à cette clé : rien n’a été changé.")
    return HttpResponseRedirect(reverse("partners:account"))


@stepped_up
@signed_in
@require_POST
def remove_passkey(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take one of one's own keys away; the last factor stays."""
    agent = flow.signed_in_agent(request)
    try:
        actions.remove_passkey(
            by=flow.actor_for(request, agent),
            agent=agent,
            passkey_id=pk,
            keep_session=request.session.session_key or "",
            now=request.now,
        )
    except GuardRefused as refusal:
        messages.error(request, refusal.message)
    else:
        if (left := reads.device(agent) or next(iter(reads.passkeys(agent)), None)) is not None:
            django_otp.login(request, left)  # the session may have named the key that is gone
        messages.success(request, "La clé est retirée. Vos autres sessions sont fermées.")
    return HttpResponseRedirect(reverse("partners:account"))


@signed_in
@require_POST
def close_sessions(request: SignedInRequest) -> HttpResponse:
    """Close the agent's sessions on other machines."""
    actions.close_sessions(
        by=flow.actor_for(request, request.user),
        agent=flow.signed_in_agent(request),
        keep_session=request.session.session_key or "",
        now=request.now,
    )
    messages.success(request, "Vos autres sessions sont fermées.")
    return HttpResponseRedirect(reverse("partners:account"))


@signed_in
@require_http_methods(["GET", "POST"])
def password(request: SignedInRequest) -> HttpResponse:
    """Change one's own password."""
    agent = flow.signed_in_agent(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        counters = throttle.keys(agent.email, request.net_prefix)
        if throttle.wait(counters, request.now):
            form.add_error("current", "Trop d’essais. Attendez quelques minutes.")
        elif not agent.check_password(form.cleaned_data["current"]):
            throttle.failed(counters, request.now)
            form.add_error("current", "Ce n’est pas votre mot de passe actuel.")
        else:
            try:
                actions.change_password(
                    by=flow.actor_for(request, agent),
                    agent=agent,
                    password=form.cleaned_data["password"],
                    keep_session=request.session.session_key or "",
                    now=request.now,
                )
            except InputRefused as refusal:
                form.add_error("password", refusal.message)
            else:
                from django.contrib.auth import update_session_auth_hash

                update_session_auth_hash(request, agent)
                messages.success(request, "Votre mot de passe est changé. Vos autres sessions sont fermées.")
                return HttpResponseRedirect(reverse("partners:account"))
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)
