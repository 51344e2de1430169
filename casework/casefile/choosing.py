"""What a form offers when it is not known beforehand: the lists of a town, the colleagues of somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a field of choices what it offers: (value, label) pairs, or groups of them."""
    field = cast("forms.ChoiceField", form.fields[name])
    field.choices = list(choices)
