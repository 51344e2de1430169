"""The words and small parts every template may use; a builtin library, no `{% load %}` needed."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.core.exceptions import ValidationError
from django.forms import DateField
from django.forms.utils import flatatt
from django.template import loader
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from casework.casefile import format as words
from casework.casefile import once as once_only
from casework.desk.icons import ICONS

register = template.Library()

# A state is said by a word and a shape first, by a colour last.
STATES = {"ok": "check", "wait": "clock", "late": "alert", "off": "dash", "info": "info"}


def _as_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def day(value: Any) -> str:
    """Return « lundi 8 décembre 2026 » for a date or an instant; nothing for nothing."""
    found = _as_day(value)
    return "" if found is None else words.day(found)


@register.filter
def weekday(value: Any) -> str:
    """Return « lundi 1er décembre »."""
    found = _as_day(value)
    return "" if found is None else words.weekday(found)


@register.filter
def short_day(value: Any) -> str:
    """Return « 8 déc. »."""
    found = _as_day(value)
    return "" if found is None else words.short_day(found)


@register.filter
def when(value: Any, today: Any = None) -> str:
    """Return « dans 3 jours » or « en retard de 12 jours », counted from `today`."""
    found = _as_day(value)
    return "" if found is None else words.when(found, _as_day(today) or timezone.localdate())


@register.filter
def numeric_day(value: Any) -> str:
    """Return « 08/12/2026 »."""
    found = _as_day(value)
    return "" if found is None else words.numeric_day(found)


@register.filter
def ago(value: Any, today: Any = None) -> str:
    """Return « hier » or « il y a 12 jours », counted from `today`."""
    found = _as_day(value)
    return "" if found is None else words.ago(found, _as_day(today) or timezone.localdate())


@register.filter
def hour(value: Any) -> str:
    """Return « 14:05 » in the local time of the request."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return "" if value is None or not hasattr(value, "strftime") else str(value.strftime("%H:%M"))


@register.filter
def duration(minutes: Any) -> str:
    """Return « 35 h 30 » for 2130 minutes."""
    return "" if minutes in (None, "") else words.duration(int(minutes))


@register.filter
def plural(count: Any, noun: str) -> str:
    """Return « 3 situations »: the count and its noun; « action en retard,actions en retard » says both forms."""
    single, _, many = noun.partition(",")
    return words.plural(int(count or 0), single, many or None)


@register.filter
def counted(count: Any, most: Any) -> str:
    """Return « 412 », or « plus de 1 000 » above `most`: what was not counted further."""
    return words.counted(int(count), int(most))


@register.filter
def age(born_on: Any, on: Any = None) -> str:
    """Return the age in whole years on a day, as « 15 ans »."""
    born = _as_day(born_on)
    if born is None:
        return ""
    return words.age(born, _as_day(on) or timezone.localdate())


@register.filter
def nb(text: Any) -> str:
    """Return the text with the narrow no-break spaces of French typography."""
    return words.nb(str(text))


@register.simple_tag
@cache
def page_head() -> SafeString:
    """Return what the head of every page holds, but its title: names of files, drawn once by each process."""
    return loader.render_to_string("shell_head.html")


@register.simple_tag
def icon(name: str, label: str = "", size: int = 20) -> SafeString:
    """Return the SVG of one icon: silent beside a word, or named by `label` when it stands alone.

    Raises KeyError for an unknown name, so that a typing mistake is seen at once.
    """
    if label:
        return format_html(
            '<svg class="cw-icon" width="{}" height="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
            size,
            size,
            label,
            _shape(name),
        )
    return _silent_icon(name, size)


@cache
def _silent_icon(name: str, size: int) -> SafeString:
    """Return the SVG of an icon that says nothing: the menu alone draws forty on every page."""
    return format_html(
        '<svg class="cw-icon" width="{}" height="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        size,
        size,
        _shape(name),
    )


def _shape(name: str) -> SafeString:
    return mark_safe(ICONS[name])  # noqa: S308 - our own constants


@register.simple_tag
def state(label: Any, kind: str = "info") -> SafeString:
    """Return a badge: a word and a shape. Kinds: ok, wait, late, off, info."""
    return format_html(
        '<span class="cw-state cw-state-{}">{}<span>{}</span></span>', kind, icon(STATES[kind], size=16), label
    )


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """Return a key or keys as <kbd>, hidden on small screens where there is no keyboard."""
    return format_html('<kbd class="cw-kbd">{}</kbd>', keys)


@register.simple_tag
def widget_attrs(widget: dict[str, Any], css: str = "") -> SafeString:
    """Return the attributes of a form widget with our class added, and `is-invalid` on an error."""
    attrs: dict[str, Any] = dict(widget.get("attrs", {}))
    classes = [css, str(attrs.pop("class", "") or "")]
    if str(attrs.get("aria-invalid", "")) == "true":
        classes.append("is-invalid")
    joined = " ".join(part for part in classes if part)
    if joined:
        attrs["class"] = joined
    return flatatt({key: (str(value) if value is not True else True) for key, value in attrs.items()
                    if value is not False and value is not None})  # fmt: skip


@register.filter
def iso_day(value: Any) -> str:
    """Return the ISO form of what a date widget shows, or nothing if it is not a date."""
    try:
        found = DateField(required=False).to_python(value)
    except ValidationError:
        return ""
    return found.isoformat() if found else ""


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """Return the hidden once-only token of a form: a double click gives one result (R-07)."""
    return once_only.hidden_field(context.get("request"))
