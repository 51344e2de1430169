"""Forms of the reflex sheet."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.access.days import FrenchDateField
from casework.vif.reflex.actions import LONGEST, MOST_PEOPLE
from casework.vif.reflex.codes import Audience, Part


class SheetForm(forms.Form):
    """One text for each part: short lines, no name of a person."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in Part:
            self.fields[part.value] = forms.CharField(
                label=part.label, max_length=LONGEST, required=part is Part.DANGER,
                widget=forms.Textarea(attrs={"rows": 4}),
            )  # fmt: skip


class SessionForm(forms.Form):
    """An awareness session, in numbers."""

    held_on = FrenchDateField(label="Le")
    audience = forms.ChoiceField(
        label="Public",
        choices=[("", "Choisir"), *((value, label[:1].upper() + label[1:]) for value, label in Audience.choices)],
    )
    people = forms.IntegerField(label="Personnes", min_value=1, max_value=MOST_PEOPLE)
