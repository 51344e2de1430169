"""`{% chart picture %}`: a chart of `casefile.charts` inside a page."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe

from casework.casefile import charts

register = template.Library()
_drawn = lru_cache(maxsize=256)(charts.drawn)  # what is published never changes


@register.simple_tag
def chart(picture: charts.Chart) -> SafeString:
    """Return the SVG: `charts.drawn` escapes every word it is given."""
    return mark_safe(_drawn(picture))  # nosec B308 B703  # noqa: S308 our own SVG, its words escaped


@register.filter
def said(n: int | None) -> str:
    """Return a published number, or « non affiché »."""
    return charts.said(n)
