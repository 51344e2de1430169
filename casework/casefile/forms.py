"""Forms of local lists and school holidays."""

from __future__ import annotations

from django import forms

from casework.access.days import FrenchDateField
from casework.casefile.actions import MAX_LABEL
from casework.casefile.codes import ListCode, SchoolZone


class AddItemForm(forms.Form):
    """A new line in a list."""

    list_code = forms.ChoiceField(choices=ListCode.choices, widget=forms.HiddenInput)
    label = forms.CharField(label="Nouvelle ligne", max_length=MAX_LABEL)


class RenameItemForm(forms.Form):
    """Another label for a line."""

    label = forms.CharField(label="Libellé", max_length=MAX_LABEL)


class SchoolHolidayForm(forms.Form):
    """School holidays of a zone, last day included."""

    zone = forms.ChoiceField(label="Zone", choices=SchoolZone.choices)
    label = forms.CharField(label="Vacances", max_length=60, help_text="Par exemple « Toussaint ».")
    starts_on = FrenchDateField(label="Premier jour")
    ends_on = FrenchDateField(label="Dernier jour (inclus)")
