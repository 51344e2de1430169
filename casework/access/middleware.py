"""Who is looking, at which instant, and through which door: applied to every request.

ViewerMiddleware reads the clock once, finds the viewer, and applies the policy declared by the
route (routes.py). RefusalMiddleware turns what was raised into a page and an event, after rollback.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from casework import audit
from casework.access import memo, refusals, step_up
from casework.access.attach import attach_viewer, client_address, net_prefix
from casework.access.policy import reachable
from casework.access.routes import Door, RoutePolicy, policy_of
from casework.access.viewer import Viewer
from casework.errors import (
    AccessRefused,
    AlreadyDone,
    IntegrityFault,
    KeystoreUnavailable,
    Refused,
    SealingError,
    Shredded,
    StepUpRequired,
    WritesStopped,
)
from casework.partners import genuine, session_state
from casework.partners.session_state import SessionState

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_ABSENT = (Http404, PermissionDenied, AccessRefused, Shredded)


class ViewerMiddleware:
    """Clock, viewer, idle lock, declared policy: in that order, before any view."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Prepare the request; the policy is applied once the route is known."""
        request.now = timezone.now()  # type: ignore[attr-defined]
        request.viewer = None  # type: ignore[attr-defined]
        request.net_prefix = net_prefix(client_address(request.META))  # type: ignore[attr-defined]  # AgentRequest from here on
        if not getattr(request, "request_id", ""):
            request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with memo.reading_request():
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Return the refusal of the declared policy, None to go on. A view without a policy is absent."""
        policy = policy_of(view)
        if policy is None:
            return refusals.not_found(request)
        if policy.door is Door.PUBLIC:
            return None
        try:
            return _signed(request, policy) or _allowed(request, policy) or step_up.ask(request, policy)
        except KeystoreUnavailable:
            # Sessions and grants are sealed too: without keys nobody can even be recognised (T-14).
            return refusals.unavailable(request)


def _signed(request: HttpRequest, policy: RoutePolicy) -> HttpResponse | None:
    """Return where to send a person who is not signed in, not verified, timed out or locked."""
    user: Any = request.user
    now: datetime = request.now  # type: ignore[attr-defined]
    if not user.is_authenticated:
        return refusals.send_to(request, "partners:sign_in", passive=policy.passive)
    if policy.door is Door.FIRST_FACTOR:
        return None
    if not user.is_verified() or genuine.checked(user.otp_device) is None:
        return refusals.send_to(request, "partners:second_factor", passive=policy.passive)
    state = session_state.state(request.session, now)
    if state is SessionState.OVER:
        logout(request)
        return refusals.send_to(request, "partners:sign_in", passive=policy.passive)
    if state is SessionState.LOCKED and not policy.while_locked:
        return refusals.send_to(request, "partners:lock", passive=policy.passive)
    if state is SessionState.OPEN and not policy.passive:
        session_state.touch(request.session, now)
    attach_viewer(request)
    return None


def _allowed(request: HttpRequest, policy: RoutePolicy) -> HttpResponse | None:
    """Return the refusal of a viewer whose mandate, charter or role cannot open this route at all."""
    if policy.door not in (Door.FUNCTION, Door.MEMBER):
        return None
    viewer: Viewer | None = request.viewer  # type: ignore[attr-defined]
    if viewer is None:
        return refusals.not_found(request, no_function=True)
    if not viewer.charter_signed:
        if request.method == "GET" and refusals.wants_page(request):
            return refusals.mark(HttpResponseRedirect(reverse("partners:charter")))
        return refusals.not_found(request)
    if policy.door is Door.FUNCTION:
        return None
    if not any(reachable(viewer, action, data_class) for action, data_class in policy.needs):
        return refusals.not_found(request)
    return None


class RefusalMiddleware:
    """Turn refusals and faults into pages, and write them down once the transaction is rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Give every 404 the one page: the unknown address, and a view that answered 404 by itself."""
        response = self.get_response(request)
        if response.status_code != 404 or refusals.is_marked(response):
            return response
        return refusals.not_found(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of what the view raised; None leaves a real fault to the 500 page."""
        if isinstance(exception, _ABSENT):
            return refusals.not_found(request)
        if isinstance(exception, SealingError):
            forged = isinstance(exception, IntegrityFault)
            act = audit.Act.INTEGRITY_FAIL if forged else audit.Act.ERROR
            refusals.note(request, act, outcome="error", why=exception.code)
            return refusals.unavailable(request)
        if isinstance(exception, AlreadyDone) and _is_ours(exception.result, request):
            return HttpResponseRedirect(exception.result)
        if isinstance(exception, StepUpRequired):
            return step_up.page(request)
        if isinstance(exception, WritesStopped):
            refusals.note(request, audit.Act.DENIED, outcome="denied", why=exception.code)
            return refusals.stopped(request, exception.message)
        if isinstance(exception, Refused):
            refusals.note(request, audit.Act.DENIED, outcome="denied", why=exception.code)
            return refusals.refused(request, exception.message)
        refusals.note(request, audit.Act.ERROR, outcome="error", why=type(exception).__name__[:60])
        return None


def _is_ours(url: str, request: HttpRequest) -> bool:
    return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()})
