"""What a form offers when it is not known beforehand: the lists of a town, the colleagues of somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from casework.casefile import format as fr

Choices = list[tuple[str, str]]


def capital(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Return choices as a list shows them: a capital first."""
    return [(str(value), fr.capital(str(label))) for value, label in choices]


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a field of choices what it offers: (value, label) pairs, or groups of them."""
    field = cast("forms.ChoiceField", form.fields[name])
    field.choices = list(choices)
