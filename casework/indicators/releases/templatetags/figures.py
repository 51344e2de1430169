"""`{% theme_of_edition theme year %}`: one theme of the first page of figures, rendered once for everybody."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from casework.indicators.releases.reads.published import ThemePage

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def theme_of_edition(theme: ThemePage, year: int) -> SafeString:
    """Return the section: all readers read the same, and what is published never changes."""
    return render_to_string("releases/_theme.html", {"theme": theme, "year": year})
