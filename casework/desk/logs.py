"""Logs that cannot leak: JSON lines holding allow-listed keys only.

A log message is written only when it is a code of ours (« mail.sent »); anything else could hold a name,
an address or a query string, so its text, its arguments and the text of its exception are dropped.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\Z")
WORD = re.compile(r"[A-Za-z0-9_.:<>/\[\]-]{1,120}\Z")
# Keys a caller may give in `extra`; every value must be a number, a yes or no, or one plain word.
ALLOWED = ("request_id", "code", "count", "duration_ms", "release", "territory", "job", "step", "status")
PROJECT = Path(__file__).resolve().parents[2]


def where(traceback: TracebackType | None) -> tuple[str, int]:
    """Return file and line of the innermost frame of our code, else of the innermost frame at all."""
    found, ours = ("", 0), ("", 0)
    while traceback is not None:
        path = Path(traceback.tb_frame.f_code.co_filename)
        if path.is_relative_to(PROJECT) and "site-packages" not in path.parts:
            ours = (str(path.relative_to(PROJECT)), traceback.tb_lineno)
        found = (path.name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return ours if ours[1] else found


class AllowListFormatter(logging.Formatter):
    """Format a record as one JSON line; unknown keys and free text never pass."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, then what is allowed."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if isinstance(record.msg, str) and not record.args and EVENT.match(record.msg):
            line["event"] = record.msg
        for key in ALLOWED:
            value = getattr(record, key, None)
            if _plain(value):
                line[key] = value
        line.update(_request(record))
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            file, number = where(record.exc_info[2])
            line["where"] = f"{file}:{number}"
        return json.dumps(line, ensure_ascii=False)


def _plain(value: object) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and bool(WORD.match(value)))


def _request(record: logging.LogRecord) -> dict[str, object]:
    """Return method, route pattern (never the path) and status of a Django request record."""
    found: dict[str, object] = {}
    if isinstance(status := getattr(record, "status_code", None), int):
        found["status"] = status
    request = getattr(record, "request", None)
    if method := getattr(request, "method", None):
        found["method"] = str(method)
    if match := getattr(request, "resolver_match", None):
        found["route"] = match.route
    if (reference := getattr(request, "request_id", None)) and _plain(reference):
        found["request_id"] = reference
    return found
