"""The same rows in plain Django: a few tables without sealing, audit or grants, and views that read them.

Nothing else is taken away. The browser signs in as ours does: session, agent, device of the second factor, idle lock,
running functions with service and town, seats, rules of the group, all asked of the same tables, their seals
unread. The view then asks the database for what the page shows, works out from its rows the values that the template
needs (names, ages, labels, dates, counts, forms) and fills the very template of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, include, path

# Ours, but the two that apply grants and write refusals down; in their place, what the sign-in asks anywhere.
MIDDLEWARE = [
    *(each for each in settings.MIDDLEWARE if not each.startswith("casework.access.")),
    "tests.bench.plain_sign_in.SignIn",
]


class Situation(models.Model):  # noqa: DJ008
    """Person and situation in one clear row."""

    reference = models.CharField(max_length=20, unique=True)
    last_name = models.CharField(max_length=120)
    first_name = models.CharField(max_length=120)
    birth_date = models.DateField()
    sector = models.CharField(max_length=60)
    address = models.CharField(max_length=300)
    school = models.CharField(max_length=120)
    state = models.CharField(max_length=20, db_index=True)
    lead = models.CharField(max_length=120)
    next_review_on = models.DateField(db_index=True)
    agent = models.IntegerField(db_index=True)

    class Meta:
        app_label = "bench"


class Step(models.Model):  # noqa: DJ008
    """A decision, a scheme, a service of the circle: whatever hangs on a situation."""

    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="steps")
    nature = models.CharField(max_length=20, db_index=True)
    owner = models.CharField(max_length=120)
    text = models.CharField(max_length=100)
    due_on = models.DateField()
    result = models.CharField(max_length=20)

    class Meta:
        app_label = "bench"


class Line(models.Model):  # noqa: DJ008
    """A line of an agenda."""

    meeting = models.IntegerField(db_index=True)
    situation = models.ForeignKey(Situation, on_delete=models.CASCADE)
    position = models.IntegerField()
    reasons = models.JSONField(default=list)

    class Meta:
        app_label = "bench"


MODELS = (Situation, Step, Line)
# Asks, and returns what the template gets from the rows found; what it leaves out comes from the answer of ours.
Ask = Callable[[], Mapping[str, Any] | None]
_PAGES: dict[str, tuple[Ask, str, dict[str, Any]]] = {}
_OURS = ("request", "shell", "user", "perms", "messages", "csrf_token", "True", "False", "None", "block")


def make_tables() -> None:
    """Create the plain tables."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def drop_tables() -> None:
    """Drop them."""
    with connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)


@login_required
def show(request: HttpRequest, name: str) -> HttpResponse:
    """Ask what the page shows, then fill the template."""
    ask, template, context = _PAGES[name]
    return render(request, template, {**context, **(ask() or {})})


urlpatterns: list[URLPattern | URLResolver] = [path("plain/<slug:name>", show), path("", include("config.urls"))]


def page(name: str, template: str, answer: Any, ask: Ask) -> str:
    """Keep what a plain page asks and shows, from an answer of ours to the same; return its address."""
    context = {key: value for key, value in answer.context[0].flatten().items() if key not in _OURS}
    _PAGES[name] = (ask, template, context)
    return f"/plain/{name}"


def get(browser: Client, url: str) -> None:
    """Load a plain page, which must be there."""
    answer = browser.get(url)
    if answer.status_code != 200:
        raise AssertionError(f"{url}: {answer.status_code}")


def client(mandate: Any) -> Client:
    """Return a browser signed in with both factors, in the plain way."""
    from tests.people import client_for

    found = client_for(mandate)
    with override_settings(MIDDLEWARE=MIDDLEWARE):
        found.handler.load_middleware()
    return found
