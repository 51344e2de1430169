"""Sign in: password, then second factor; first sign-in by a one-time link; lock; sign out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_otp
import segno
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp.models import Device

from casework import audit
from casework.access import step_up
from casework.access.accounts import demo, factors, flow
from casework.access.accounts.forms import CodeForm, PasskeyForm, PasswordForm, RecoveryForm, SignInForm, UnlockForm
from casework.access.http import SignedInRequest
from casework.access.routes import public, signed_in
from casework.audit import Act
from casework.errors import AccessRefused, InputRefused
from casework.partners import actions, credentials, passkeys, reads, session_state, throttle
from casework.partners.codes import InvitationKind
from casework.partners.models import Agent, TotpDevice

UNKNOWN = "Adresse ou mot de passe inconnu. Vérifiez les majuscules et réessayez."
UNFINISHED = (
    "Votre première connexion n’est pas terminée : ouvrez de nouveau le lien de votre invitation, ou demandez-en un "
    "autre à votre responsable de service ou à la coordination."
)
WRONG_PASSWORD = "Ce n’est pas le bon mot de passe."  # noqa: S105 a message
DEAD_LINK = 410


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: SignedInRequest) -> HttpResponse:
    """Ask for e-mail and password; the answer is the same, for the same work, whoever is known."""
    back = flow.safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method == "GET":
        if flow.verified(request):
            return HttpResponseRedirect(back or flow.home())
        if closed := session_state.closed_elsewhere(request.session):
            messages.warning(
                request,
                f"Quelqu’un s’est connecté avec votre compte sur un autre poste à {localtime(closed):%H:%M} : votre session "
                "ici a été fermée. Si ce n’était pas vous, prévenez tout de suite la coordination.",
            )
        return _sign_in_page(request, SignInForm(), back)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, back)
    email, password = form.cleaned_data["email"], form.cleaned_data["password"]
    counters = throttle.keys(email, request.net_prefix)
    if left := throttle.wait(counters, request.now):
        form.add_error(None, f"Trop d’essais. Réessayez dans {factors.seconds(int(left.total_seconds()) + 1)}.")
        return _sign_in_page(request, form, back)
    agent = authenticate(request, email=email, password=password)
    if not isinstance(agent, Agent):
        throttle.failed(counters, request.now)
        audit.record(None, Act.SIGN_IN_FAILED, outcome="denied", why="password", object_type="partners.agent")
        form.add_error(None, UNKNOWN)
        return _sign_in_page(request, form, back)
    if not reads.has_factor(agent):
        form.add_error(None, UNFINISHED)
        return _sign_in_page(request, form, back)
    flow.wait_for(request, agent, flow.CODE, back=back)
    return HttpResponseRedirect(reverse("partners:second_factor"))


def _sign_in_page(request: SignedInRequest, form: SignInForm, back: str) -> HttpResponse:
    status = 200 if not form.errors else 422
    places = demo.entrances(request.now) if demo.is_on() else []
    real = request.GET.get("vraie") == "1" or request.method == "POST" or not places
    context = {"form": form, "next": back, "places": places, "real": real, "demo": demo.hint() if places else None}
    return render(request, "accounts/sign_in.html", context, status=status)


@public
@require_POST
def demo_sign_in(request: SignedInRequest, agent_id: UUID) -> HttpResponse:
    """Enter the fictitious town as one of its accounts; absent everywhere else."""
    if not demo.is_on():
        raise Http404
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
    if agent is None:
        raise Http404
    device = demo.prepare(agent, request.now)
    flow.complete(request, agent, device, why="demo")
    return HttpResponseRedirect(flow.home())


@public
@require_http_methods(["GET", "POST"])
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Ask for the code of the app once the password is given (MFA-01)."""
    expected = flow.pending(request, flow.CODE)
    if expected is None:
        return HttpResponseRedirect(flow.home() if flow.verified(request) else reverse("partners:sign_in"))
    agent = expected.agent
    with_recovery = "secours" in request.GET or request.POST.get("with") == "recovery"
    form = (RecoveryForm if with_recovery else CodeForm)(request.POST if request.method == "POST" else None)
    device: Device | None = reads.device(agent)
    if request.method == "POST" and (answer := request.POST.get("passkey", "")):
        error, used = factors.check_passkey(request, agent, answer, factors.SIGN_IN)
        if used is not None:
            return _factor_given(request, used, expected, with_recovery=False)
        form = CodeForm({"code": ""})
        form.errors.clear()
        form.add_error(None, error)
    elif request.method == "POST" and form.is_valid():
        error = factors.check(request, agent, form.cleaned_data["code"], with_recovery=with_recovery)
        device = device or next(iter(reads.passkeys(agent)), None)  # a recovery code replaces either
        if not error and device is not None:
            return _factor_given(request, device, expected, with_recovery=with_recovery)
        form.add_error("code", error)
    context = {
        "form": form,
        "with_recovery": with_recovery,
        "passkey": "" if with_recovery else factors.passkey_options(request, agent, factors.SIGN_IN),
        "phone": reads.device(agent) is not None,
        "demo_code": demo.current_code(reads.device(agent), agent, flow.actor_for(request, agent)),
    }
    return render(request, "accounts/second_factor.html", context, status=422 if form.errors else 200)


def _factor_given(
    request: SignedInRequest, device: Device, expected: flow.Pending, *, with_recovery: bool
) -> HttpResponse:
    flow.complete(request, expected.agent, device, why="recovery_code" if with_recovery else "")
    if with_recovery:
        left = reads.recovery_codes_left(expected.agent)
        messages.warning(
            request,
            f"Codes de secours restants : {left}. Si votre téléphone est perdu, reliez le nouveau ci-dessous.",
        )
        return HttpResponseRedirect(reverse("partners:account"))
    return HttpResponseRedirect(expected.next or flow.home())


@signed_in
@require_http_methods(["GET", "POST"])
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask a signed-in agent for the second factor again, then go back where they were."""
    back = flow.safe_next(request, request.POST.get("next") or request.GET.get("next")) or flow.home()
    # The middleware has checked what was given: a POST that arrives here with a fresh factor is a good one.
    if request.method == "POST" and session_state.factor_is_fresh(request.session, request.now):
        return HttpResponseRedirect(back)
    return step_up.page(request, carried=[("next", back)])


@public
@require_GET
def open_invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """Take the token out of the address bar, then ask for a password. Opening the link uses nothing up."""
    request.session[flow.INVITATION] = credentials.token_hash(token)
    return HttpResponseRedirect(reverse("partners:choose_password"))


@public
@require_http_methods(["GET", "POST"])
def choose_password(request: SignedInRequest) -> HttpResponse:
    """Choose a password with a one-time link; unknown, used, revoked and expired links look the same."""
    hashed = str(request.session.get(flow.INVITATION, ""))
    invitation = credentials.open_invitation(hashed, request.now)
    if invitation is None:
        return render(request, "accounts/dead_link.html", status=DEAD_LINK)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    agent = invitation.agent
    if request.method == "POST" and form.is_valid():
        try:
            _, device = actions.accept_invitation(
                by=flow.actor_for(request, agent),
                hashed=hashed,
                password=form.cleaned_data["password"],
                now=request.now,
            )
        except InputRefused as refusal:
            form.add_error("password", refusal.message)
        except AccessRefused:
            return render(request, "accounts/dead_link.html", status=DEAD_LINK)
        else:
            if device is not None:
                flow.wait_for(request, agent, flow.ENROL, invitation=hashed)
                return HttpResponseRedirect(reverse("partners:enrol"))
            request.session.flush()
            messages.success(request, "Votre nouveau mot de passe est enregistré. Connectez-vous.")
            return HttpResponseRedirect(reverse("partners:sign_in"))
    context = {"form": form, "agent": agent, "first": invitation.kind == InvitationKind.FIRST_SIGN_IN}
    return render(request, "accounts/choose_password.html", context, status=422 if form.errors else 200)


@public
@require_http_methods(["GET", "POST"])
def enrol(request: SignedInRequest) -> HttpResponse:
    """Link the agent's phone: QR code or typed key, then its first code; recovery codes are shown once."""
    expected = flow.pending(request, flow.ENROL)
    agent = expected.agent if expected else flow.verified(request)
    device = reads.device(agent, confirmed=False) if agent else None
    if agent is None or device is None:
        return HttpResponseRedirect(reverse("partners:account" if agent else "partners:sign_in"))
    actor = flow.actor_for(request, agent)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = _confirm(request, expected, agent, device, form.cleaned_data["code"])
        except InputRefused as refusal:
            form.add_error("code", refusal.message)
        except AccessRefused:
            return render(request, "accounts/dead_link.html", status=DEAD_LINK)
        else:
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "first": expected is not None})
    shown = credentials.enrolment(device, agent, actor)
    context = {
        "form": form,
        "typed_key": shown.typed_key,
        "qr": segno.make(shown.uri, error="m").svg_data_uri(scale=5, border=3, dark="#0d2b2c", light="#ffffff"),
        "first": expected is not None,
    }
    return render(request, "accounts/enrol.html", context, status=422 if form.errors else 200)


def _confirm(
    request: SignedInRequest, expected: flow.Pending | None, agent: Agent, device: TotpDevice, typed: str
) -> list[str]:
    """Confirm the phone; on first sign-in, use the link up and sign in."""
    invitation = None
    if expected is not None:
        invitation = credentials.open_invitation(expected.invitation, request.now)
        if invitation is None or invitation.agent_id != agent.pk:
            raise AccessRefused(code="invitation")
    if left := credentials.code_wait(device):
        raise InputRefused(f"Trop d’essais. Réessayez dans {factors.seconds(left)}.", field="code")
    codes = actions.confirm_enrolment(
        by=flow.actor_for(request, agent),
        agent=agent,
        device=device,
        typed=typed,
        invitation=invitation,
        keep_session=request.session.session_key or "",
        now=request.now,
    )
    device.refresh_from_db()
    if expected is not None:
        flow.complete(request, agent, device, why="first")
    else:
        django_otp.login(request, device)  # the session named the former device
        session_state.factor_given(request.session, request.now)
    return codes


@public
@require_http_methods(["GET", "POST"])
def add_passkey(request: SignedInRequest) -> HttpResponse:
    """Add a security key: on first sign-in in the place of the phone, later beside it (fresh second factor)."""
    expected = flow.pending(request, flow.ENROL)
    agent = expected.agent if expected else flow.verified(request)
    if agent is None:
        return HttpResponseRedirect(reverse("partners:sign_in"))
    if expected is None and not step_up.is_fresh(request):
        return HttpResponseRedirect(f"{reverse('partners:confirm')}?next={request.path}")
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = _add_passkey(request, expected, agent, form.cleaned_data)
        except InputRefused as refusal:
            form.add_error("name", refusal.message)
        except AccessRefused:
            return render(request, "accounts/dead_link.html", status=DEAD_LINK)
        else:
            if codes:
                return render(request, "accounts/recovery_codes.html", {"codes": codes, "first": True})
            messages.success(request, "La clé est reliée à votre compte. Vos autres sessions sont fermées.")
            return HttpResponseRedirect(reverse("partners:account"))
    context = {
        "form": form,
        "passkey": factors.new_passkey_options(request, agent),
        "first": expected is not None,
    }
    return render(request, "accounts/add_passkey.html", context, status=422 if form.errors else 200)


def _add_passkey(
    request: SignedInRequest, expected: flow.Pending | None, agent: Agent, given: dict[str, Any]
) -> list[str]:
    """Check what the key signed and keep it; on first sign-in, use the link up and sign in."""
    invitation = None
    if expected is not None:
        invitation = credentials.open_invitation(expected.invitation, request.now)
        if invitation is None or invitation.agent_id != agent.pk:
            raise AccessRefused(code="invitation")
    challenge = factors.asked_challenge(request, given["passkey"], factors.ADD)
    if challenge is None:
        raise InputRefused(passkeys.UNREADABLE)
    passkey, codes = actions.add_passkey(
        by=flow.actor_for(request, agent),
        agent=agent,
        name=given["name"],
        material=passkeys.registered(given["passkey"], origin=factors.origin(request), challenge=challenge),
        invitation=invitation,
        keep_session=request.session.session_key or "",
        now=request.now,
    )
    if expected is not None:
        flow.complete(request, agent, passkey, why="first")
    return codes


@signed_in(while_locked=True)
@require_http_methods(["GET", "POST"])
def lock(request: SignedInRequest) -> HttpResponse:
    """Lock the screen (POST), or show it locked: nothing typed is lost, drafts were kept."""
    back = flow.safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST":
        if flow.is_open(request):
            session_state.lock(request.session)
            audit.record(flow.actor_for(request, request.user), Act.LOCK)
        query = f"?{urlencode({'next': back})}" if back else ""
        return HttpResponseRedirect(reverse("partners:lock") + query)
    if flow.is_open(request):
        return HttpResponseRedirect(back or flow.home())
    return _lock_page(request, None, back)


@signed_in(while_locked=True)
@require_POST
def unlock(request: SignedInRequest) -> HttpResponse:
    """Reopen with the password alone; in a meeting, with the code of the phone alone (no password typed in public)."""
    back = flow.safe_next(request, request.POST.get("next"))
    if flow.is_open(request):
        return HttpResponseRedirect(back or flow.home())
    agent = flow.signed_in_agent(request)
    form = _unlock_form(request)(request.POST)
    answer = request.POST.get("passkey", "") if isinstance(form, CodeForm) else ""
    if answer or form.is_valid():
        if answer:
            error, _ = factors.check_passkey(request, agent, answer, factors.UNLOCK)
            form.errors.clear()
        else:
            error = _unlock_error(request, agent, form.cleaned_data)
        if not error:
            session_state.unlock(request.session, request.now)
            return HttpResponseRedirect(back or flow.home())
        form.add_error(None, error)
    return _lock_page(request, form, back)


def _unlock_form(request: SignedInRequest) -> type[CodeForm | UnlockForm]:
    return CodeForm if session_state.meeting_runs(request.session, request.now) else UnlockForm


def _unlock_error(request: SignedInRequest, agent: Agent, given: dict[str, Any]) -> str:
    if "code" in given:
        return factors.check(request, agent, given["code"], with_recovery=False)
    counters = throttle.keys(agent.email, request.net_prefix)
    if left := throttle.wait(counters, request.now):
        return f"Trop d’essais. Réessayez dans {factors.seconds(int(left.total_seconds()) + 1)}."
    if not agent.check_password(given["password"]):
        throttle.failed(counters, request.now)
        audit.record(flow.actor_for(request, agent), Act.SIGN_IN_FAILED, obj=agent, outcome="denied", why="unlock")
        return WRONG_PASSWORD
    throttle.succeeded(counters)
    return ""


def _lock_page(request: SignedInRequest, form: Any, back: str) -> HttpResponse:
    shown = form or _unlock_form(request)()
    context = {
        "form": shown,
        "next": back,
        "agent": request.user,
        "meeting": isinstance(shown, CodeForm),
        "passkey": factors.passkey_options(request, flow.signed_in_agent(request), factors.UNLOCK)
        if isinstance(shown, CodeForm)
        else "",
        "demo": demo.unlock_hint(request.user, meeting=isinstance(shown, CodeForm)),
    }
    return render(request, "accounts/lock.html", context, status=422 if form is not None else 200)


@signed_in(while_locked=True)
@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    """Close the session here."""
    audit.record(flow.actor_for(request, request.user), Act.SIGN_OUT, obj=request.user)
    logout(request)
    messages.success(request, "Vous êtes déconnecté.")
    return HttpResponseRedirect(reverse("partners:sign_in"))
