"""Chromium for the journeys: Debian's binary, French, no background calls; pages fail on a console error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings

from tests.people import client_for


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give SQLite files: in memory, two requests of one page lock each other out instead of waiting."""
    from tests.databases import put_in_files

    put_in_files(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the installed Chromium, whatever Playwright would download."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return {
        **browser_type_launch_args,
        "executable_path": found,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """An office PC in a town hall."""
    return {
        **browser_context_args,
        "viewport": {"width": 1366, "height": 768},
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
    }


@pytest.fixture
def console(page: Any) -> list[str]:
    """Collect what the browser complains about: a CSP violation, a script error, a missing file."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def enter(browser: Any, browser_context_args: dict[str, Any], live_server: Any, console: list[str]) -> Iterator[Any]:
    """Return a way to sit down at the PC of somebody: each has an own browser."""
    contexts: list[Any] = []

    @contextmanager
    def sit(mandate: Any, **options: Any) -> Iterator[Any]:
        context = browser.new_context(**{**browser_context_args, **options})
        contexts.append(context)
        cookie = client_for(mandate).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: console.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: console.append(str(error)))
        yield page
        context.close()
        contexts.remove(context)

    yield sit
    for context in contexts:
        context.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if "/tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True, databases="__all__"))
