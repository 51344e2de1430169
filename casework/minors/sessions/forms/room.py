"""What is typed in the room: who in one letter, what by a few letters, when as people write it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.timezone import localdate

from casework.casefile import format as fr
from casework.casefile import textguard
from casework.casefile.choosing import offer
from casework.casefile.matching import normalise
from casework.minors.followups.codes import (
    ActionType,
    EndReason,
    Outcome,
    StepOne,
    StepThree,
    StepTwo,
    SuspendReason,
    WithholdMotive,
)
from casework.minors.sessions.codes import QuestionAdvice

NOT_A_DAY = "Date non comprise. Écrivez par exemple +2s (deux semaines), +1m (un mois) ou 8/12."
FAR_DAYS = 731
_SPAN = re.compile(r"^\+?\s*(\d{1,3})\s*(j|jours?|s|sem|semaines?|m|mois)$")
_DAY = re.compile(r"^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{2}|\d{4}))?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_WORDS = re.compile(r"^(\d{1,2}|1er)\s+([a-zéèûô.]+)(?:\s+(\d{4}))?$")


def parse_day(text: str, today: date) -> date:
    """Return the day meant by « +1m », « +2s », « 8/12 », « 8 décembre »; without a year, the next such day.

    Raises ValueError with a French message: « avant les vacances » is not a date.
    """
    typed = " ".join(text.strip().lower().split())
    try:
        found = _span(typed, today) or _written(typed, today)
    except ValueError:
        raise ValueError("Ce jour n’existe pas dans le calendrier.") from None
    if found is None:
        raise ValueError(NOT_A_DAY)
    if abs((found - today).days) > FAR_DAYS:
        raise ValueError("Cette date est à plus de deux ans.")
    return found


def _span(typed: str, today: date) -> date | None:
    found = _SPAN.match(typed)
    if found is None:
        return None
    n, unit = int(found[1]), found[2][0]
    if unit == "j":
        return today + timedelta(days=n)
    if unit == "s":
        return today + timedelta(weeks=n)
    months = today.month - 1 + n
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def _written(typed: str, today: date) -> date | None:
    if found := _ISO.match(typed):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY.match(typed):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif found := _WORDS.match(typed):
        day, month, year = int(found[1].removesuffix("er")), _month(found[2]), found[3]
        if not month:
            return None
    else:
        return None
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this_year = date(today.year, month, day) if (month, day) != (2, 29) else _next_leap_day(today)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _next_leap_day(today: date) -> date:
    year = today.year
    while not calendar.isleap(year) or date(year, 2, 29) < today:
        year += 1
    return date(year, 2, 29)


def _month(word: str) -> int:
    wanted = normalise(word.rstrip("."))
    found = [n for n, name in enumerate(fr.MONTHS, start=1) if len(wanted) >= 3 and normalise(name).startswith(wanted)]
    return found[0] if len(found) == 1 else 0


class FrenchDay(forms.CharField):
    """A day typed as people say it."""

    def __init__(self, *, today: date | None = None, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.today = today or localdate()

    def clean(self, value: Any) -> Any:
        """Return the day, or None when nothing is typed and nothing is asked."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_day(text, self.today)
        except ValueError as refusal:
            raise forms.ValidationError(str(refusal)) from None


def find_code(text: str, choices: Iterable[tuple[str, str]]) -> list[str]:
    """Return the codes meant by a few letters: the exact label alone, else those where each word begins one."""
    pairs = [(code, label, normalise(str(label))) for code, label in choices]
    wanted = normalise(text)
    exact = [code for code, label, folded in pairs if folded == wanted or code == text.strip()]
    if exact or not wanted:
        return exact
    parts = wanted.split()
    return [
        code
        for code, _, folded in pairs
        if all(any(word.startswith(part) for word in folded.split()) for part in parts)
    ]


class DecisionForm(forms.Form):
    """One line: who, what, precision, when. `owners` maps letters and short names (folded) to services."""

    who = forms.CharField(label="Qui", max_length=60, error_messages={"required": "Qui s’en charge ?"})
    what = forms.CharField(label="Quoi", max_length=80, error_messages={"required": "Choisissez une décision."})
    precision = forms.CharField(label="Précision (facultatif)", max_length=100, required=False)
    due = FrenchDay(label="Pour le", error_messages={"required": "Pour quand ? Par exemple +2s ou 8/12."})
    confirm_text = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, owners: Mapping[str, UUID], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        self.today = today
        self.fields["due"].today = today  # type: ignore[attr-defined]
        self.warnings: list[str] = []

    def clean_who(self) -> UUID:
        """Return the service of this letter or short name."""
        found = self.owners.get(normalise(self.cleaned_data["who"]))
        if found is None:
            letters = ", ".join(sorted(key.upper() for key in self.owners if len(key) == 1))
            raise forms.ValidationError(f"Service inconnu. Les lettres du jour : {letters}.")
        return found

    def clean_what(self) -> str:
        """Return the code of the decision."""
        typed = self.cleaned_data["what"]
        if typed.isdecimal() and 1 <= int(typed) <= len(ActionType.values):
            return ActionType.values[int(typed) - 1]  # the numbers printed on the paper sheet
        found = find_code(typed, ActionType.choices)
        if len(found) == 1:
            return found[0]
        labels = [str(ActionType(code).label) for code in found]
        if not found:
            raise forms.ValidationError("Cette décision n’est pas dans la liste.")
        raise forms.ValidationError(f"Plusieurs décisions possibles : {', '.join(labels)}.")

    def clean_due(self) -> date:
        """Refuse a day already behind."""
        due: date = self.cleaned_data["due"]
        if due < self.today:
            raise forms.ValidationError("Cette date est déjà passée.")
        return due

    def asks_again(self, names: Callable[[], Iterable[str]]) -> bool:
        """Say whether the precision should be read again before it is kept: warned once, never refused.

        `names`: the person's own, opened only when there is something to compare.
        """
        text = self.cleaned_data.get("precision", "")
        if not text or self.cleaned_data.get("confirm_text"):
            return False
        self.warnings = list(dict.fromkeys(warning.message for warning in textguard.check(text, names=names())))
        return bool(self.warnings)


# What is asked only where this may follow.
_NEEDED_BY = {
    "lead": Outcome.FOLLOW,
    "programme": Outcome.FOLLOW,
    "put_off": Outcome.FOLLOW,
    "end_reason": Outcome.END,
    "suspend_reason": Outcome.SUSPEND,
}


class ReviewForm(forms.Form):
    """The three coded answers and what follows (CLV-23)."""

    step1 = forms.ChoiceField(label="Les dispositifs sont", choices=StepOne.choices)
    step2 = forms.ChoiceField(label="Les actions", choices=StepTwo.choices)
    step3 = forms.ChoiceField(label="Ce qu’on adapte", choices=StepThree.choices)
    outcome = forms.ChoiceField(label="Suite")
    # Left empty, the situation comes back at the next meeting: the act says so, whatever the screen proposed.
    review_on = FrenchDay(
        label="À revoir le", required=False, widget=forms.TextInput(attrs={"placeholder": "prochaine réunion"})
    )
    lead = forms.ChoiceField(label="Référent de parcours", required=False)
    programme = forms.ChoiceField(label="Programme", required=False)
    put_off = forms.ChoiceField(label="Famille non informée : motif", required=False)
    end_reason = forms.ChoiceField(label="Motif de fin", required=False)
    suspend_reason = forms.ChoiceField(label="Motif de suspension", required=False)

    def __init__(
        self, *args: Any, outcomes: Sequence[Outcome], leads: Sequence[tuple[str, str]],
        programmes: Sequence[tuple[str, str]], today: date, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        choose = [("", "Choisir…")]
        self.today = today
        for name, choices in (
            ("outcome", [(code.value, str(code.label)) for code in outcomes]),
            ("lead", [*choose, *leads]),
            ("programme", [*choose, *programmes]),
            ("put_off", [("", "Sans objet : famille informée"), *WithholdMotive.choices]),
            ("end_reason", [*choose, *(pair for pair in EndReason.choices if pair[0] != EndReason.PURGE)]),
            ("suspend_reason", [*choose, *SuspendReason.choices]),
        ):
            offer(self, name, choices)
        self.fields["review_on"].today = today  # type: ignore[attr-defined]
        for name, outcome in _NEEDED_BY.items():
            if outcome not in outcomes:
                del self.fields[name]

    def clean_review_on(self) -> date | None:
        """Refuse a day that is not ahead."""
        day: date | None = self.cleaned_data["review_on"]
        if day is not None and day <= self.today:
            raise forms.ValidationError("Choisissez un jour à venir.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen outcome needs."""
        data = super().clean() or {}
        needed: dict[str, tuple[tuple[str, str], ...]] = {
            Outcome.FOLLOW: (("lead", "Désignez le référent de parcours."), ("programme", "Choisissez le programme.")),
            Outcome.END: (("end_reason", "Choisissez un motif de fin."),),
            Outcome.SUSPEND: (("suspend_reason", "Choisissez un motif de suspension."),),
        }
        for name, message in needed.get(data.get("outcome", ""), ()):
            if not data.get(name):
                self.add_error(name, message)
        return data


class AdviceForm(forms.Form):
    """One coded advice to a question without a name (SEC-09)."""

    advice = forms.ChoiceField(label="Conseil", choices=QuestionAdvice.choices, widget=forms.RadioSelect)
