"""No name slips into a log line: keys are allow-listed, free text is dropped."""

from __future__ import annotations

import json
import logging
import sys
from types import SimpleNamespace

import pytest

from casework.desk.logs import AllowListFormatter, where

CANARY = "Yanis Belkacem"


def line(message, *args, level=logging.INFO, exc_info=None, **extra):
    record = logging.LogRecord("casework.test", level, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    text = AllowListFormatter().format(record)
    assert "\n" not in text
    return json.loads(text), text


def fault():
    try:
        raise ValueError(f"unexpected {CANARY}")
    except ValueError:
        return sys.exc_info()


@pytest.mark.attack("T-47")
@pytest.mark.rule("LOG-05")
@pytest.mark.parametrize(
    ("message", "args", "extra"),
    [
        ("opened %s", (CANARY,), {}),
        (f"opened {CANARY}", (), {}),
        ("mail.sent", (), {"person": CANARY}),
        ("mail.sent", (), {"code": CANARY}),
        ("mail.sent", (), {"step": [CANARY]}),
        ("%(name)s", ({"name": CANARY},), {}),
    ],
)
def test_a_name_never_passes(message, args, extra):
    assert CANARY not in line(message, *args, **extra)[1]


def test_a_code_and_allowed_words_pass():
    found, _ = line("mail.sent", count=3, code="retry", job="daily")
    assert found["event"] == "mail.sent"
    assert (found["count"], found["code"], found["job"]) == (3, "retry", "daily")


@pytest.mark.attack("T-47")
def test_a_fault_says_where_and_never_what():
    found, text = line("x", exc_info=fault())
    assert found["exception"] == "ValueError"
    assert found["where"].startswith("tests/desk/test_logs.py:")
    assert CANARY not in text
    assert "unexpected" not in text


def test_a_request_is_named_by_its_route_and_not_by_its_path():
    request = SimpleNamespace(
        method="GET",
        path=f"/situations/{CANARY}",
        resolver_match=SimpleNamespace(route="situations/<uuid:pk>/"),
        request_id="ab12",
    )
    found, text = line("Not Found: %s", request.path, request=request, status_code=404)
    assert found["route"] == "situations/<uuid:pk>/"
    assert (found["status"], found["method"], found["request_id"]) == (404, "GET", "ab12")
    assert CANARY not in text


def test_where_prefers_our_own_code():
    try:
        json.loads("{")
    except ValueError:
        file, number = where(sys.exc_info()[2])
    assert file == "tests/desk/test_logs.py"
    assert number > 0
    assert where(None) == ("", 0)
