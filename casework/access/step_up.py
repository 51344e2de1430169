"""« Confirmez que c’est vous »: a fresh second factor before an export, a grant, an erasure (security.md §3.11).

Nothing typed is lost and nothing is stored: the page carries the form that was sent, as hidden fields, and sends it
again to the same address together with the code. The middleware checks the code, then the view runs as if nothing
had been asked. A page (GET) goes through `partners:confirm` and comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from casework import audit
from casework.access import refusals
from casework.access.accounts import demo, factors, flow
from casework.access.accounts.forms import ConfirmForm
from casework.access.http import SignedInRequest
from casework.access.routes import RoutePolicy
from casework.audit import Act
from casework.errors import StepUpRequired
from casework.partners import credentials, reads, session_state
from casework.partners.session_state import STEP_UP

CODE, PASSKEY = "confirm_code", "confirm_passkey"
_OURS = frozenset({CODE, PASSKEY})
ASKED = 401


def require(request: HttpRequest, *, minutes: float = 5) -> None:
    """Raise StepUpRequired unless the second factor was given less than `minutes` ago.

    For views where it depends on what is asked; elsewhere the decorator `stepped_up` says it. Call it before
    any write, outside a transaction.
    """
    if not is_fresh(request, timedelta(minutes=minutes)):
        raise StepUpRequired


def is_fresh(request: HttpRequest, within: timedelta = STEP_UP) -> bool:
    """Say whether the second factor of this session was given less than `within` ago."""
    return session_state.factor_is_fresh(request.session, cast(SignedInRequest, request).now, within)


def ask(request: HttpRequest, policy: RoutePolicy) -> HttpResponse | None:
    """Take the factor that came with this form, if any; return the page that asks for one when the route needs it."""
    given = request.method == "POST" and (CODE in request.POST or PASSKEY in request.POST)
    if given and not policy.while_locked:
        error = _take(cast(SignedInRequest, request))
        if error:
            return page(request, error=error)
    if policy.step_up is None or is_fresh(request, policy.step_up):
        return None
    return page(request)


def page(request: HttpRequest, *, error: str = "", carried: Iterable[tuple[str, str]] | None = None) -> HttpResponse:
    """Return « Confirmez que c’est vous », with all that was sent; a fragment is sent to the page itself."""
    if not refusals.wants_page(request):
        return refusals.send_to(request, "partners:confirm")
    if request.method != "POST" and carried is None:
        return refusals.send_to(request, "partners:confirm")
    if request.FILES:
        # A file does not travel in a hidden field: confirm first, then choose it again.
        return HttpResponseRedirect(f"{reverse('partners:confirm')}?next={refusals.way_back(request)}")
    asked = cast(SignedInRequest, request)
    agent = flow.signed_in_agent(asked)
    form = ConfirmForm(request.POST if error else None)
    if error:
        form.add_error(CODE, error)
    kept = list(carried) if carried is not None else refusals.carried(request, _OURS)
    context = {
        "form": form,
        "carried": kept,
        "action": request.get_full_path() if carried is None else reverse("partners:confirm"),
        "back": refusals.way_back(request),
        "passkey": factors.passkey_options(asked, agent, factors.CONFIRM),
        "demo_code": demo.current_code(reads.device(agent), agent, flow.actor_for(asked, agent)),
    }
    return refusals.mark(render(request, "accounts/confirm.html", context, status=422 if error else ASKED))


def _take(request: SignedInRequest) -> str:
    """Check what was given; return why it is refused, "" once the session is stepped up under a new key."""
    agent = flow.signed_in_agent(request)
    if answer := request.POST.get(PASSKEY, ""):
        error, _ = factors.check_passkey(request, agent, answer, factors.CONFIRM)
    else:
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            return "Recopiez le code affiché par votre téléphone."
        typed = form.cleaned_data[CODE]
        error = factors.check(request, agent, typed, with_recovery=credentials.looks_like_recovery_code(typed))
    if error:
        return error
    session_state.factor_given(request.session, request.now)
    request.session.cycle_key()
    audit.record(flow.actor_for(request, agent), Act.SIGN_IN, obj=agent, why="step_up")
    return ""
