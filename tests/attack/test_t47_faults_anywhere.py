"""T-47: a fault inside any page or any job of the night says its kind, and nothing of what it was handling."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.handlers.base import BaseHandler
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.casefile import daily
from casework.desk.logs import AllowListFormatter
from tests.attack.crawl import leftovers
from tests.attack.hamlet import TOKEN, build, needles
from tests.databases import let_take_its_time, some
from tests.people import People, client_for

pytestmark = [pytest.mark.attack("T-47"), pytest.mark.django_db(databases="__all__")]

ROLES = some(("coordinator", "pjj_lead", "mayor", "dpo", "sysadmin", "valideur"))


def fall(*_: Any, **__: Any) -> NoReturn:
    """Fail as code does while it handles a name: in a local variable, and in the words of the error."""
    name = f"{TOKEN} Belkacem"
    raise ValueError(f"cannot handle {name}")


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Return the lines of the log as a server writes them."""
    lines = AllowListFormatter()
    return "\n".join(lines.format(each) for each in caplog.records if not each.name.startswith("django.db"))


@pytest.mark.rule("LOG-05")
def test_a_fault_in_any_page(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    let_take_its_time()
    town = build(people)
    doors = [(name, url) for name, url, _ in town.urls() if name != "partners:sign_out"]
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(BaseHandler, "make_view_atomic", lambda *_: fall)
    fallen: set[str] = set()
    for role in ROLES:
        client = client_for(people.mandates[role], raise_request_exception=False)
        for name, url in doors:
            for send in (client.get, lambda url, client=client: client.post(url, {"q": TOKEN, "last_name": TOKEN})):
                answer = send(url)
                if answer.status_code == 500:
                    fallen.add(name)
                said = b"".join(answer.streaming_content) if answer.streaming else answer.content
                assert TOKEN not in said.decode("utf-8", "replace") + repr(answer.headers), (role, name)
    assert len(fallen) > 100, sorted({name for name, _ in doors} - fallen)
    assert "ValueError" in written(caplog)
    assert TOKEN not in written(caplog)
    assert set(AuditEvent.objects.filter(act="error").values_list("why", flat=True)) == {"ValueError"}
    words = needles()
    assert not [where for where, raw in leftovers(tmp_path) if any(word in raw for word in words)]


@pytest.mark.rule("LOG-05")
def test_a_fault_in_any_job_of_the_night(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    names = daily.steps()
    assert len(names) > 5
    monkeypatch.setattr(daily, "_STEPS", dict.fromkeys(names, fall))
    assert {done.state for done in daily.run(timezone.now())} == {"failed"}
    assert written(caplog).count("daily.failed") == len(names)
    assert TOKEN not in written(caplog)
