"""How the half-days of a post are drawn: a week of seven columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from casework.casefile import format as fr
from casework.placements.hosts.codes import Half

register = template.Library()


@register.filter
def as_week(half_days: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return (half, seven cells) from half-days that know their weekday; None where nothing is offered."""
    known = {(each.weekday, each.half): each for each in half_days}
    return [(half.label, [known.get((weekday, half)) for weekday in range(7)]) for half in Half]


@register.filter
def weekday(number: int) -> str:
    """Return « lundi » for 0."""
    return fr.WEEKDAYS[number]
