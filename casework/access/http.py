"""The request as our views receive it, typed."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from casework.access.viewer import Viewer
from casework.partners.models import Agent


class AgentRequest(HttpRequest):
    """A request under `@member`: the viewer is known, its mandate is live, its charter is signed.

    Under `@signed_in` the viewer may be None: use `SignedInRequest` there.
    """

    now: datetime
    viewer: Viewer
    user: Agent
    htmx: HtmxDetails
    request_id: str
    net_prefix: str


class SignedInRequest(HttpRequest):
    """A request under `@signed_in`: a verified agent, with or without a mandate."""

    now: datetime
    viewer: Viewer | None
    user: Agent
    htmx: HtmxDetails
    request_id: str
    net_prefix: str
