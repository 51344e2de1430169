"""What forms of known returns accept: whole numbers that add up, closed lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from casework.access.days import RecentDateField
from casework.casefile import format as fr
from casework.casefile.calendar import month_of
from casework.casefile.choosing import offer
from casework.placements.returns.codes import HEADS, Answer, CorrectionReason
from casework.placements.returns.cohorts import months_later
from casework.placements.returns.reads.sheets import Row

MOST = 9_999


class SheetForm(forms.Form):
    """The counts of a sheet, one row of numbers for each cohort; an empty box is a zero."""

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        """Make the boxes of the rows that are typed."""
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.hide_optional = True
        for row in rows:
            if not row.is_typed:
                continue
            of = f"{row.kind}, fin en {row.years}, {row.horizon}"
            self._box(f"ended_{row.number}", f"Personnes : {of}", row.ended or None)
            for answer, (label, count) in zip(Answer, row.answers, strict=True):
                self._box(f"{answer}_{row.number}", f"{label.capitalize()} : {of}", count or None)

    def _box(self, name: str, label: str, initial: int | None) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, required=False, min_value=0, max_value=MOST, initial=initial,
            widget=forms.NumberInput(attrs={"class": "form-control re-count", "inputmode": "numeric"}),
        )  # fmt: skip

    def boxes(self) -> Iterator[tuple[Row, list[tuple[str, forms.BoundField]]]]:
        """Yield each row with its boxes, each under its heading: how many ended, then one for each answer.

        A row that is not typed has none.
        """
        for row in self.rows:
            names = {"Personnes": f"ended_{row.number}"} | {
                HEADS[answer]: f"{answer}_{row.number}" for answer in Answer
            }
            yield row, [(head, self[name]) for head, name in names.items()] if row.is_typed else []

    def typed(self) -> list[tuple[int, Mapping[Answer, int]]]:
        """Return what the action takes."""
        read = self.cleaned_data
        return [
            (
                read.get(f"ended_{row.number}") or 0,
                {answer: read.get(f"{answer}_{row.number}") or 0 for answer in Answer},
            )
            for row in self.rows
        ]


class CorrectForm(forms.Form):
    """Why a signed sheet is filled again."""

    reason = forms.ChoiceField(
        label="Pourquoi corriger", choices=[("", "choisir"), *CorrectionReason.choices],
        help_text="La feuille signée reste lisible, et en vigueur jusqu’à la signature de la nouvelle.",
    )  # fmt: skip


class SwitchForm(forms.Form):
    """The impact assessment that lets a service ask person by person."""

    assessed_on = RecentDateField(label="Date de l’analyse d’impact qui le permet")


class EntrustForm(forms.Form):
    """Who takes the questions that nobody holds."""

    mandate = forms.ChoiceField(label="À qui les confier")

    def __init__(self, *args: Any, people: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        """Offer the colleagues given."""
        super().__init__(*args, **kwargs)
        offer(self, "mandate", [("", "choisir"), *((str(pk), name) for pk, name in people)])


class AnswerForm(forms.Form):
    """What is known since the end: one answer, and the month of what is known."""

    code = forms.ChoiceField(
        label="Depuis la fin de la mesure, le service connaît", choices=Answer.choices, widget=forms.RadioSelect
    )
    month = forms.TypedChoiceField(
        label="Mois de la nouvelle procédure", required=False, coerce=date.fromisoformat, empty_value=None,
        help_text="Seulement s’il y en a une. Le mois suffit : ni le jour, ni les faits.",
    )  # fmt: skip

    def __init__(self, *args: Any, since: date, today: date, **kwargs: Any) -> None:
        """Offer the months from the end of the measure to today, latest first."""
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        months, month = [], month_of(today)
        while month >= since:
            months.append((month.isoformat(), fr.month(month)))
            month = months_later(month, -1)
        offer(self, "month", [("", "aucun"), *months])
