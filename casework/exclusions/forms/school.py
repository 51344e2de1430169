"""What the forms of the school accept."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.casefile.choosing import offer

Choices = list[tuple[str, str]]
CHOOSE = ("", "Choisir")


def capital(choices: Any) -> Choices:
    """Return choices as a list shows them: a capital first."""
    return [(str(value), f"{label[:1].upper()}{label[1:]}") for value, label in choices]


class EmptyForm(forms.Form):
    """Nothing to say: one click."""


class ShareForm(forms.Form):
    """A colleague who reads and writes this support too."""

    mandate = forms.ChoiceField(label="Collègue")

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "mandate", [CHOOSE, *colleagues])
