"""What every answer carries: a strict content policy, no cache, no index (T-51, T-52).

The referrer stays on our own site: with `no-referrer` browsers send `Origin: null` with every form, and the
protection of forms refuses it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

# Powers that no page of ours needs.
DENIED_POWERS = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip
BUTTON_TITLE = "Cette adresse ne s’ouvre pas seule"
BUTTON_TEXT = "C’est celle d’un bouton : revenez à la page où il se trouve."
SIGN_OUT_ROUTE = "partners:sign_out"


def content_policy() -> str:
    """Return the Content-Security-Policy header made from settings.SECURE_CSP."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())


class SecurityHeadersMiddleware:
    """Name the request, then put the protective headers on its answer, whatever it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.fixed = {
            "Content-Security-Policy": content_policy(),
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{power}=()" for power in DENIED_POWERS),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex, nofollow",
            "Cache-Control": "no-store, private",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer with our headers. Static files are served before this middleware."""
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and isinstance(response, HttpResponse):
            # The address of a button, come back to after the lock or a reload: a page, not the browser's fault.
            response.headers["Content-Type"] = "text/html; charset=utf-8"
            response.content = render_to_string("refused.html", {"title": BUTTON_TITLE, "message": BUTTON_TEXT})
            response.headers["Content-Length"] = str(len(response.content))
        for name, value in self.fixed.items():
            response.headers[name] = value
        if _signed_out(request):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _signed_out(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.view_name == SIGN_OUT_ROUTE
