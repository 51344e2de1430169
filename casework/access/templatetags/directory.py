"""Words of the directory's templates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template

register = template.Library()


@register.filter
def last_day(ends_at: Any) -> Any:
    """Return the last moment included in a half-open period: its end at midnight is the day before."""
    return ends_at - timedelta(microseconds=1) if isinstance(ends_at, datetime) else ends_at
