"""What a refused person sees, and what the journal keeps of it.

Unknown, forbidden, excluded and erased give the same page, the same headers and one `miss` event
each (design.md §4, T-19, ACL-05).
"""

from __future__ import annotations

import logging
from collections.abc import Container
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import loader
from django.urls import reverse
from django.utils.http import urlencode

from casework import audit
from casework.access.attach import attach_if_open
from casework.access.viewer import Viewer
from casework.partners import session_state

logger = logging.getLogger("casework.access")

RETRY_AFTER = "30"
_MARK = "_casework_refusal"


def actor_of(request: HttpRequest) -> audit.Actor | None:
    """Return who acts in events: the viewer, else the signed-in agent without a mandate, else nobody."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is not None:
        return viewer
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return audit.Actor(
        agent_id=user.pk if isinstance(user.pk, UUID) else None,
        organisation_id=None,
        mandate_id=None,
        territory_id=None,
        role="",
        session_ref=session_state.reference(request.session),
        request_id=getattr(request, "request_id", ""),
        net_prefix=getattr(request, "net_prefix", ""),
    )


def route_and_id(request: HttpRequest) -> tuple[str, str]:
    """Return the route's name and what identified the object in it; the journal keeps their HMAC only."""
    match = request.resolver_match
    if match is None:
        return "unresolved", request.path
    values = [*match.args, *match.kwargs.values()]
    return match.view_name, "/".join(str(value) for value in values)


def not_found(request: HttpRequest, *, no_function: bool = False) -> HttpResponse:
    """Return the one 404 page after its `miss` event (none for a visitor who is not signed in).

    `no_function`: the agent's own function ended or has not begun, whatever the address; the page says so.
    If the event cannot be written, nothing is said about the object: 503.
    """
    attach_if_open(request)
    actor = actor_of(request)
    if actor is not None:
        route, identifier = route_and_id(request)
        try:
            audit.record(actor, audit.Act.MISS, outcome="denied", object_type=route, object_ids=(identifier,))
        except Exception:  # noqa: BLE001 whatever the journal's fault, the page says the same
            logger.warning("journal.unavailable")
            return unavailable(request)
    return _page(request, "404.html", 404, {"no_function": no_function})


def refused(request: HttpRequest, message: str) -> HttpResponse:
    """Return the plain page « Ce n’est pas possible pour le moment », with its reason and a way back."""
    return _page(
        request,
        "refused.html",
        409,
        {
            "title": "Ce n’est pas possible pour le moment",
            "message": message or "Cette action n’est pas possible dans l’état actuel.",
            "back": way_back(request),
        },
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the page shown while keys or journal cannot be reached: 503, nothing lost, try again.

    Made without the request: its session is sealed too, and may be what cannot be opened.
    """
    response = mark(HttpResponse(loader.render_to_string("unavailable.html"), status=503))
    response["Retry-After"] = RETRY_AFTER
    return response


def stopped(request: HttpRequest, message: str) -> HttpResponse:
    """Return the page of an installation that only reads for now (503): why, what was typed, and a button to send it again.

    A fragment gets the sentence alone: its form stays on the screen as it is.
    """
    if wants_page(request):
        kept = [] if "password" in request.POST else carried(request)  # a password stays out of any page
        context = {
            "message": message, "kept": kept, "shown": [value for _, value in kept if " " in value.strip()],
            "files": bool(request.FILES), "action": request.get_full_path(), "back": way_back(request),
        }  # fmt: skip
        response = _page(request, "stopped.html", 503, context)
    else:
        response = mark(HttpResponse(message, status=503, content_type="text/plain; charset=utf-8"))
    response["Retry-After"] = RETRY_AFTER
    return response


def carried(request: HttpRequest, without: Container[str] = ()) -> list[tuple[str, str]]:
    """Return what the form held, to be sent again by another page, without the token of the page it came from."""
    fields = ((name, str(value)) for name, values in request.POST.lists() for value in values)
    return [(name, value) for name, value in fields if name != "csrfmiddlewaretoken" and name not in without]


def note(request: HttpRequest, act: audit.Act, *, outcome: str, why: str, obj: Model | None = None) -> bool:
    """Append one event about a refused or failed request, on `obj` or on the route asked for.

    Return whether it could be written.
    """
    route, identifier = route_and_id(request)
    try:
        if obj is not None:
            audit.record(actor_of(request), act, obj=obj, outcome=outcome, why=why)
        else:
            audit.record(actor_of(request), act, outcome=outcome, why=why, object_type=route, object_ids=(identifier,))
    except Exception:  # noqa: BLE001 the answer to the person must not depend on it
        logger.warning("journal.unavailable")
        return False
    return True


def wants_page(request: HttpRequest) -> bool:
    """Say whether the browser is navigating (a redirect is followed), not fetching a fragment."""
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return False
    if request.headers.get("X-Requested-With"):
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def send_to(request: HttpRequest, name: str, *, passive: bool = False) -> HttpResponse:
    """Send the person to a sign-in page `name`, to come back here afterwards.

    A navigation is redirected; a fragment gets 401 and `HX-Redirect`; a poll gets 401 and the event
    `cw:locked`, so that a projected meeting never turns into a sign-in form.
    """
    url = reverse(name)
    back = way_back(request)
    if back != "/":
        url = f"{url}?{urlencode({'next': back})}"
    if wants_page(request) and not passive:
        return mark(redirect(url))
    response = HttpResponse(status=401)
    response["HX-Trigger" if passive else "HX-Redirect"] = "cw:locked" if passive else url
    return mark(response)


def way_back(request: HttpRequest) -> str:
    """Return the path of the page the person is on, never one of another site; "/" when unknown."""
    if request.method in ("GET", "HEAD") and wants_page(request):
        return request.get_full_path()
    current = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    origin = f"{request.scheme}://{request.get_host()}/"
    return f"/{current.removeprefix(origin)}" if current.startswith(origin) else "/"


def mark(response: HttpResponse) -> HttpResponse:
    """Note that `response` is a refusal already recorded."""
    setattr(response, _MARK, True)
    return response


def is_marked(response: object) -> bool:
    """Say whether `mark` was called on it."""
    return bool(getattr(response, _MARK, False))


def _page(request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    body = loader.render_to_string(template, context or {}, request=request)
    return mark(HttpResponse(body, status=status))
