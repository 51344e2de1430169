"""What a browser reads and sends on the pages of TIG."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from casework.placements.tig.models import HalfDay

ONCE = re.compile(r'name="once" value="([^"]+)"')
REVISION = re.compile(r'name="revision" value="(\d+)"')


def text(response: Any) -> str:
    """Return the words of an answer."""
    return str(response.content.decode())


def send(client: Any, url: str, **data: Any) -> Any:
    """Fill the form of a page and send it; return the answer."""
    found = text(client.get(url))
    data["once"] = ONCE.search(found).group(1)
    if match := REVISION.search(found):
        data["revision"] = match.group(1)
    return client.post(url, data)


def finished(row: HalfDay, **changes: Any) -> dict[str, Any]:
    """Return what the telephone sends at the end of a half-day, confirmed by both."""
    values = {
        "outcome": "worked", "starts_at": f"{row.starts_at:%H:%M}", "ends_at": f"{row.ends_at:%H:%M}",
        "break_minutes": "0", "person_signs": "on", "tutor_signs": "on",
    }  # fmt: skip
    return {f"{row.pk}-{key}": value for key, value in (values | changes).items() if value}


def morning(row: HalfDay, hour: int, minute: int = 0) -> datetime:
    """Return that hour, on the day of a half-day."""
    return datetime.combine(row.day, time(hour, minute), ZoneInfo("Europe/Paris"))
