"""What forms of the dashboard accept: whole numbers, closed lists, short words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from casework.access.days import RecentDateField
from casework.casefile.choosing import offer
from casework.casefile.format import NARROW
from casework.indicators.quarters import codes
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.quarters.actions.meeting import MOST as MOST_CONCLUSIONS
from casework.indicators.quarters.actions.meeting import MeetingData
from casework.indicators.quarters.actions.words import MOST as MOST_WORDS
from casework.indicators.quarters.codes import ELSEWHERE, INDICATORS, PARTNERS, Conclusion, Remark, Tone
from casework.indicators.quarters.counts import MOST
from casework.indicators.quarters.reads.answers import Box, Wanted

SPACES = re.compile(r"[\s\u00a0\u202f]+")
MISSING = "Un nombre, 0 s’il n’y en a pas, ou cochez « je n’ai pas ce chiffre »."
BOTH = "Décochez « je n’ai pas ce chiffre », ou effacez les nombres."
# A count five times the one before, and not small: read over once.
SURPRISING, TIMES = 20, 5
_COLUMNS = forms.CheckboxSelectMultiple(attrs={"class": "cw-columns"})
NO_NAME = "Un lieu, un fait, un nombre : jamais quelqu’un."


class CountField(forms.IntegerField):
    """A whole number as people type it, blanks of thousands included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, min_value=0, max_value=MOST,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "12", "class": "form-control"}),
            error_messages={
                "invalid": "Un nombre entier, en chiffres.", "min_value": "Un nombre ne peut pas être négatif.",
                "max_value": f"Ce nombre est trop grand{NARROW}: au plus {MOST}.",
            },
            **kwargs,
        )  # fmt: skip

    def to_python(self, value: Any) -> int | None:
        """Return the number. Raises ValidationError on anything but ASCII digits."""
        text = SPACES.sub("", str(value or ""))
        if text and not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        found: int | None = super().to_python(text)
        return found


class CountsForm(forms.Form):
    """The counts of one contributor for one quarter: each line has its numbers, or is said not to be known."""

    remark = forms.ChoiceField(label="Remarque", required=False, choices=[("", "aucune"), *Remark.choices])
    confirm_counts = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, wanted: Sequence[Wanted], **kwargs: Any) -> None:
        """Make the boxes of what is asked."""
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.hide_optional = True
        made: dict[str, forms.Field] = {}
        for each in wanted:
            for box in each.boxes:
                made[box.name] = CountField(label=f"{each.label}, {box.place}" if box.place else each.label)
            made[f"unknown_{each.code}"] = forms.BooleanField(label="Je n’ai pas ce chiffre", required=False)
        self.fields = made | self.fields

    def lines(self) -> Iterator[tuple[Wanted, list[tuple[Box, forms.BoundField]], forms.BoundField]]:
        """Yield each indicator with its boxes and its « je n’ai pas ce chiffre »."""
        for each in self.wanted:
            yield each, [(box, self[box.name]) for box in each.boxes], self[f"unknown_{each.code}"]

    def clean(self) -> dict[str, Any]:
        """Ask for each line a number or « je n’ai pas ce chiffre »; read a surprising one over once."""
        read: dict[str, Any] = super().clean() or {}
        for each in self.wanted:
            typed = [box for box in each.boxes if read.get(box.name) is not None]
            if read.get(f"unknown_{each.code}"):
                if typed:
                    self.add_error(f"unknown_{each.code}", BOTH)
                continue
            for box in each.boxes:
                if box.name in self.errors or read.get(box.name) is not None:
                    continue
                if box.place == ELSEWHERE:
                    read[box.name] = 0
                else:
                    self.add_error(box.name, MISSING)
        if not self.errors:
            self._read_over(read)
        return read

    def _read_over(self, read: Mapping[str, Any]) -> None:
        odd = [
            box
            for each in self.wanted
            for box in each.boxes
            if (n := read.get(box.name)) is not None and box.before and n > SURPRISING and n > TIMES * box.before
        ]
        mark = hashlib.sha256(repr([(box.name, read[box.name]) for box in odd]).encode()).hexdigest()[:16]
        if not odd or read.get("confirm_counts") == mark:
            return
        for box in odd:
            self.add_error(
                box.name,
                f"{read[box.name]}, contre {box.before} le trimestre précédent. Si c’est exact, envoyez à nouveau.",
            )
        data = QueryDict(mutable=True)
        for name, values in self.data.lists():  # type: ignore[attr-defined]  # a QueryDict
            data.setlist(name, values)
        data["confirm_counts"] = mark
        self.data = data

    def counts(self) -> dict[str, dict[str, int] | None]:
        """Return what the action takes."""
        read = self.cleaned_data
        return {
            each.code: None
            if read.get(f"unknown_{each.code}")
            else {box.place: read[box.name] for box in each.boxes}
            for each in self.wanted
        }  # fmt: skip


class ContributorForm(forms.Form):
    """A body that gives counts."""

    name = forms.CharField(label="Nom", max_length=120, help_text="Le service ou l’organisme, pas une personne.")
    giver = forms.ChoiceField(
        label="Nature", choices=[("", "choisir"), *((each.value, str(each.label)) for each in PARTNERS)]
    )
    organisation = forms.ChoiceField(
        label="Service inscrit ici", required=False, help_text="S’il a des comptes dans ce logiciel."
    )
    email = forms.CharField(
        label="Adresse électronique", required=False, max_length=120, widget=forms.EmailInput,
        help_text="Une adresse de service de préférence. Sans adresse, vous saisirez ses chiffres.",
    )  # fmt: skip
    indicators = forms.MultipleChoiceField(
        label="Chiffres demandés", required=False, widget=_COLUMNS,
        choices=[
            (str(giver.label).capitalize(), [(each.code, each.label) for each in codes.of_giver(giver)])
            for giver in PARTNERS
        ],
        help_text="Rien de coché : tous ceux de sa nature.",
    )  # fmt: skip

    def __init__(self, *args: Any, bodies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the bodies of the town."""
        super().__init__(*args, **kwargs)
        offer(self, "organisation", [("", "aucun"), *bodies])

    def given(self) -> ContributorData:
        """Return what the action takes."""
        read = self.cleaned_data
        picked = read["indicators"] or [each.code for each in codes.of_giver(read["giver"])]
        return ContributorData(
            giver=read["giver"], name=read["name"], email=read["email"], indicators=picked,
            organisation_id=UUID(read["organisation"]) if read["organisation"] else None,
        )  # fmt: skip


class OpenForm(forms.Form):
    """Which quarter to open."""

    period = forms.ChoiceField(label="Trimestre")

    def __init__(self, *args: Any, periods: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the quarters that are not open yet."""
        super().__init__(*args, **kwargs)
        offer(self, "period", periods)


def _words(label: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 3}), **kwargs
    )


class WordsForm(forms.Form):
    """The comment of the quarter and how each sector feels."""

    words = _words("Commentaire du trimestre", help_text=NO_NAME)

    def __init__(self, *args: Any, sectors: Sequence[str], **kwargs: Any) -> None:
        """Make a tone and a text for each sector."""
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        self.sectors = sectors
        for n, sector in enumerate(sectors):
            self.fields[f"tone_{n}"] = forms.ChoiceField(
                label=f"Ambiance, {sector}", required=False, choices=[("", "non dite"), *Tone.choices]
            )
            self.fields[f"mood_{n}"] = forms.CharField(
                label=f"En quelques mots, {sector}", required=False, max_length=MOST_WORDS,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    def mood(self) -> dict[str, tuple[str, str]]:
        """Return what the action takes."""
        read = self.cleaned_data
        return {sector: (read[f"tone_{n}"], read[f"mood_{n}"]) for n, sector in enumerate(self.sectors)}


class CommentForm(forms.Form):
    """The comment of one indicator."""

    words = _words("Commentaire", help_text=f"{NO_NAME} Vide : aucun commentaire.")
    hide_optional = True


class MeetingForm(forms.Form):
    """The meeting of the analysis group."""

    held_on = RecentDateField(label="Date de la réunion")
    invited = forms.MultipleChoiceField(label="Services invités", required=False, widget=_COLUMNS)
    points = forms.MultipleChoiceField(
        label="Points à discuter", required=False, widget=_COLUMNS,
        choices=[(each.code, each.label) for each in INDICATORS],
    )  # fmt: skip
    next_on = RecentDateField(label="Prochaine réunion", required=False)

    def __init__(self, *args: Any, bodies: Sequence[str], **kwargs: Any) -> None:
        """Offer who may be invited; make the lines of conclusions."""
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        offer(self, "invited", [(name, name) for name in bodies])
        last = self.fields.pop("next_on")
        for n in range(MOST_CONCLUSIONS):
            self.fields[f"code_{n}"] = forms.ChoiceField(
                label=f"Conclusion {n + 1}", required=False, choices=[("", "aucune"), *Conclusion.choices]
            )
            self.fields[f"said_{n}"] = forms.CharField(
                label=f"En quelques mots ({n + 1})", required=False, max_length=MOST_WORDS,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        self.fields["next_on"] = last

    def given(self) -> MeetingData:
        """Return what the action takes."""
        read = self.cleaned_data
        return MeetingData(
            held_on=read["held_on"], next_on=read["next_on"], invited=read["invited"], points=read["points"],
            conclusions=[(read[f"code_{n}"], read[f"said_{n}"]) for n in range(MOST_CONCLUSIONS)],
        )  # fmt: skip


def begun(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a meeting begins with."""
    said = {key: value for key, value in content.items() if key != "conclusions"}
    for n, (code, text) in enumerate(content.get("conclusions", ())):
        said |= {f"code_{n}": code, f"said_{n}": text}
    return said
