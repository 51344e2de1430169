"""« Question sans nom »: three lists, no field where a name could be typed (SEC-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from casework.casefile.choosing import offer
from casework.minors.sessions.actions.questions import QuestionData
from casework.minors.sessions.codes import AgeBand, QuestionTopic


class QuestionForm(forms.Form):
    """Topic, age band or none, sector or none."""

    topic = forms.ChoiceField(label="La question", choices=QuestionTopic.choices, widget=forms.RadioSelect)
    age_band = forms.ChoiceField(label="Tranche d’âge", choices=AgeBand.choices, required=False)
    sector = forms.ChoiceField(label="Secteur", required=False)

    def __init__(self, *args: Any, sectors: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "sector", [("", "non précisé"), *((name, name) for name in sectors)])

    def question(self) -> QuestionData:
        """Return what the action takes."""
        return QuestionData(**self.cleaned_data)
