"""What a form that was already carried out gets, sent once more: its first answer, whatever has become of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from casework.casefile import once
from casework.errors import AccessRefused


class OnceMiddleware:
    """Answer a form sent again before its view looks: by then the act is often offered no more, or the page is gone.

    After the middleware that opens the door and asks for a second factor, so that nobody is answered who may not pass.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Return the stored answer of a form, None where it is new or no form of ours."""
        return once.answered(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the stored answer where the first send was committed while the second was on its way."""
        return once.answered(request) if isinstance(exception, AccessRefused) else None
