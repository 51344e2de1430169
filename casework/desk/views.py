"""Pages of the desk: Mon travail, help, legal pages, faults, and the pages of errors."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import connections
from django.db.utils import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from casework import audit
from casework.access import refusals
from casework.access.attach import attach_if_open
from casework.access.http import AgentRequest, SignedInRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, public, signed_in
from casework.casefile import deadlines, mailer
from casework.desk import actions, faults, reads, system, who_sees, work

# What a database says when it cannot serve now; psycopg calls a read-only one « internal ».
UNAVAILABLE = (OperationalError, InterfaceError, InternalError)


@signed_in
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Send to the day's work."""
    return HttpResponseRedirect(reverse("desk:work"))


@signed_in
@require_safe
def my_work(request: SignedInRequest) -> HttpResponse:
    """Show what is late, due, waiting, under the current function."""
    viewer = request.viewer
    if viewer is None or not viewer.charter_signed:
        return render(request, "desk/no_function.html", {"viewer": viewer})
    return render(request, "desk/work.html", {"page": reads.my_work(viewer, request.now)})


@signed_in(passive=True)
@require_GET
def work_count(request: SignedInRequest) -> HttpResponse:
    """Return the number beside « Mon travail » in the menu; nothing when there is none."""
    viewer = request.viewer
    count = reads.waiting_now(viewer, request.now) if viewer and viewer.charter_signed else 0
    return HttpResponse(str(count) if count else "", content_type="text/plain; charset=utf-8")


@signed_in
@require_GET
def calendar(request: SignedInRequest) -> HttpResponse:
    """Give the deadlines as a file for one's own calendar: no name in it."""
    viewer = request.viewer
    if viewer is None or not viewer.charter_signed:
        raise Http404
    found = deadlines.for_viewer(viewer, request.now)
    audit.record(viewer, audit.Act.EXPORT, object_type="deadlines", n=len(found))
    response = HttpResponse(work.calendar(found, now=request.now), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="echeances.ics"'
    return response


@signed_in
@require_POST
def hide_names(request: SignedInRequest) -> HttpResponse:
    """Keep the choice « Masquer les noms », then come back to the page."""
    actions.hide_names(request.user, hide=request.POST.get("hide") == "1")
    back = request.POST.get("next", "")
    if not back:
        return HttpResponse(status=204)
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe else reverse("desk:work"))


@signed_in
@require_POST
def presence(request: SignedInRequest) -> HttpResponse:
    """Hear that somebody is typing or reading: the idle clock starts again."""
    return HttpResponse(status=204)


@public
@require_safe
def sent_messages(request: HttpRequest) -> HttpResponse:
    """Show the messages of the fictitious town; absent elsewhere."""
    if not settings.IS_DEMO:
        raise Http404
    _show_shell(request)
    return render(request, "desk/sent_messages.html", {"messages_sent": mailer.messages(limit=100)})


@member(Action.VIEW, DataClass.KEYS)
@require_safe
def errors(request: AgentRequest) -> HttpResponse:
    """Show the faults to the system administrator: places in the code, nothing of anybody."""
    return render(request, "desk/errors.html", {"faults": reads.faults()})


@member(Action.VIEW, DataClass.KEYS)
@require_safe
def system_state(request: AgentRequest) -> HttpResponse:
    """Show jobs, keys, journals, mail and subjects: whether the installation does what it must."""
    return render(request, "desk/system.html", {"page": system.page(request.now)})


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Explain the month, the words and the keys."""
    _show_shell(request)
    return render(request, "desk/help.html")


@public
@require_safe
def help_who_sees(request: HttpRequest) -> HttpResponse:
    """Say who sees what, from the access matrix itself."""
    _show_shell(request)
    heads, lines = who_sees.table()
    return render(request, "desk/help_who_sees.html", {"heads": heads, "lines": lines})


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Inform the public about the file (CNL-21, collective information)."""
    return render(request, "desk/privacy.html")


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the pages are, and whom to write to."""
    return render(request, "desk/accessibility.html")


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask search engines to leave."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether both databases answer; words only, no detail of a failure."""
    ready = True
    for alias in ("default", "keystore"):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            ready = False
    return HttpResponse(
        "ok\n" if ready else "indisponible\n", status=200 if ready else 503, content_type="text/plain; charset=utf-8"
    )


def _show_shell(request: HttpRequest) -> None:
    """Let a page open to all show the menu to an agent whose session is open."""
    attach_if_open(request)


# Pages of errors: named in config/urls.py and settings. ---------------------------------------------------------


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the one page for what is unknown, forbidden or erased (T-19)."""
    return refusals.not_found(request)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return a plain page for a request that no browser of ours sends."""
    return HttpResponse(
        render_to_string("refused.html", {"title": "Cette demande n’est pas lisible", "message": ""}), status=400
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page of a form kept open too long: nothing was done, go back and send again."""
    return HttpResponse(render_to_string("csrf_failure.html"), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Keep a trace of the fault, then show a page with its reference. Touches no template context of ours.

    A database that is away, full, read-only or too busy answers 503 and « come back in a moment » (R-04, R-11).
    """
    faults.report(request, now=timezone.now())
    if isinstance(sys.exception(), UNAVAILABLE):
        return refusals.unavailable(request)
    reference = getattr(request, "request_id", "")
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
