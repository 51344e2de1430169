"""What the coordinator types: a comment by chapter, an indicator that this system does not hold."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.indicators.evaluation.actions import MOST


class CommentForm(forms.Form):
    """The comment of one chapter."""

    words = forms.CharField(
        label="Votre commentaire", required=False, max_length=MOST, widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Lu en Conseil plénier. Aucun nom, rien qui désigne quelqu’un.",
    )  # fmt: skip


class LineForm(forms.Form):
    """One indicator of an action that is not in this system."""

    action = forms.CharField(label="Action", max_length=200, help_text="« Action 2 : médiation sociale »")
    indicator = forms.CharField(label="Indicateur", max_length=200, help_text="« Permanences tenues »")
    value = forms.CharField(label="Valeur", max_length=60, help_text="Un nombre, ou quelques mots")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
