"""What the forms of the host accept. Its few words are guarded: no story of what happened (EXC-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.timezone import get_current_timezone

from casework.access.days import FrenchDateField
from casework.casefile import format as fr
from casework.casefile.choosing import Choices, capital, offer
from casework.casefile.guarded import GuardedForm
from casework.exclusions import codes
from casework.exclusions.actions.houses import WEEKS_AHEAD, HalfDayData
from casework.exclusions.actions.meeting import FEEDBACK_LENGTH
from casework.exclusions.actions.programme import Plan
from casework.exclusions.forms.school import CHOOSE
from casework.exclusions.models import CatalogueActivity
from casework.exclusions.reads.announced import Announced
from casework.exclusions.reads.week import Cell

BAD_TIME = "Tapez l’heure comme 14:30."
YES, NO = "yes", "no"
USUAL = {codes.Half.MORNING: (time(9), time(12)), codes.Half.AFTERNOON: (time(14), time(17))}


def _time(label: str, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": BAD_TIME}, **kwargs,
    )  # fmt: skip


class AnswerForm(forms.Form):
    """The host says yes or no; a no says why, never about the pupil."""

    answer = forms.ChoiceField(
        label="Votre réponse", choices=[(YES, "Oui, nous accueillons"), (NO, "Non, pas cette fois")],
        widget=forms.RadioSelect, error_messages={"required": "Choisissez oui ou non."},
    )  # fmt: skip
    reason = forms.ChoiceField(
        label="Si c’est non, pourquoi", required=False, choices=[CHOOSE, *capital(codes.HostNo.choices)]
    )


class EducatorForm(forms.Form):
    """Who accompanies the pupil."""

    mandate = forms.ChoiceField(label="Éducateur référent")

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "mandate", [CHOOSE, *members])


class ActivityForm(forms.Form):
    """A new activity of the catalogue."""

    theme = forms.ChoiceField(label="Thème", choices=[CHOOSE, *capital(codes.Theme.choices)])
    name = forms.CharField(label="Activité", max_length=80)


class OpeningForm(forms.Form):
    """One half-day of the announced week: no place, no reception."""

    starts_at = _time("Début", required=False)
    ends_at = _time("Fin", required=False)
    places = forms.IntegerField(
        label="Places", required=False, min_value=0, max_value=30,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"max_value": "De 0 à 30 places.", "min_value": "De 0 à 30 places."},
    )  # fmt: skip

    def __init__(self, data: Any, *, announced: Announced) -> None:
        usual = USUAL[announced.half]
        super().__init__(
            data, prefix=f"{announced.day.weekday()}-{announced.half}",
            initial={
                "starts_at": announced.starts_at or usual[0], "ends_at": announced.ends_at or usual[1],
                "places": announced.places or None,
            },
        )  # fmt: skip
        self.announced = announced

    def clean(self) -> dict[str, Any]:
        """Ask for both hours of a half-day with places, in order."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("places") and not self.errors:
            if not (given.get("starts_at") and given.get("ends_at")):
                self.add_error("starts_at", "Indiquez le début et la fin.")
            elif given["ends_at"] <= given["starts_at"]:
                self.add_error("ends_at", "L’heure de fin doit suivre l’heure de début.")
        return given

    def half_day(self) -> HalfDayData:
        """Return what was typed; a half-day left empty is taken back."""
        usual, given = USUAL[self.announced.half], self.cleaned_data
        places = given.get("places") or 0
        return HalfDayData(
            weekday=self.announced.day.weekday(), half=self.announced.half, places=places,
            starts_at=given["starts_at"] if places else usual[0], ends_at=given["ends_at"] if places else usual[1],
        )  # fmt: skip


class RepeatForm(forms.Form):
    """For how many weeks the same half-days stand."""

    weeks = forms.IntegerField(
        label="Pendant combien de semaines", min_value=1, max_value=WEEKS_AHEAD, initial=1,
        help_text="1 : cette semaine seulement. Les jours sans classe sont laissés de côté.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "max_value": f"{WEEKS_AHEAD} semaines au plus.", "min_value": "Une semaine au moins.",
            "required": "Indiquez un nombre de semaines.",
        },
    )  # fmt: skip


def _attendees(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=capital(codes.Attendee.choices), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une personne."},
    )  # fmt: skip


class MeetingForm(forms.Form):
    """Day and hour of the return, and who is to come."""

    day = FrenchDateField(label="Jour")
    at = _time("Heure")
    attendees = _attendees("Qui vient")


def moment(day: date, at: time) -> datetime:
    """Return the instant, in the town's time."""
    return datetime.combine(day, at, tzinfo=get_current_timezone())


class HeldForm(forms.Form):
    """The return was held."""

    held_on = FrenchDateField(label="Elle a eu lieu le")
    attendees = _attendees("Qui était là")


class AgreedForm(GuardedForm):
    """What was agreed: codes, then a few words read over with the family."""

    guarded: ClassVar[tuple[str, ...]] = ("feedback",)
    agreed = forms.MultipleChoiceField(
        label="Ce qui a été convenu", choices=capital(codes.Agreed.choices), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un point."},
    )  # fmt: skip
    feedback = forms.CharField(
        label="Retour sur l’accueil", max_length=FEEDBACK_LENGTH, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Deux ou trois phrases, avec les mots de la famille. Jamais ce qui s’est passé avant.",
    )  # fmt: skip
    family_read = forms.BooleanField(label="L’élève et la famille ont relu ces lignes", required=False)


class NoMeetingForm(forms.Form):
    """Why there was no meeting."""

    reason = forms.ChoiceField(label="Pourquoi", choices=[CHOOSE, *capital(codes.NoReturn.choices)])


class ProgrammeForm(forms.Form):
    """What each half-day holds and who leads it: one line a half-day, all saved at once."""

    def __init__(
        self, data: Any = None, *, cells: Sequence[Cell], activities: Sequence[CatalogueActivity],
        themes: Sequence[codes.Theme], leaders: Choices, auto_id: str = "id_%s",
    ) -> None:  # fmt: skip
        super().__init__(data, auto_id=auto_id)
        self.cells = list(cells)
        what = [("", "À prévoir"), *(_of_theme(theme, activities) for theme in themes)]
        for cell in self.cells:
            label = f"{fr.day(cell.day)}, {cell.half.label}"
            offered, who = list(what), list(leaders)
            now = _what(cell.theme_code, cell.activity_id)
            if now and now not in _values(what):  # no longer offered: it stays where it was planned
                offered.append((now, cell.activity or cell.theme.capitalize()))
            if cell.leader_id and str(cell.leader_id) not in _values(who):
                who.append((str(cell.leader_id), cell.leader))
            self.fields[str(cell.id)] = forms.ChoiceField(
                label=f"Programme, {label}", choices=offered, required=False, initial=now
            )
            self.fields[f"leader-{cell.id}"] = forms.ChoiceField(
                label=f"Qui mène, {label}", choices=[("", "À prévoir"), *who], required=False,
                initial=str(cell.leader_id or ""),
            )  # fmt: skip
            self.fields[f"rev-{cell.id}"] = forms.IntegerField(widget=forms.HiddenInput, initial=cell.revision)

    def lines(self) -> list[tuple[Cell, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return each half-day with its three fields."""
        return [(cell, self[str(cell.id)], self[f"leader-{cell.id}"], self[f"rev-{cell.id}"]) for cell in self.cells]


def plans(given: Mapping[str, Any]) -> dict[UUID, Plan]:
    """Return what was chosen on a programme, by half-day."""
    ids = [name.removeprefix("rev-") for name in given if name.startswith("rev-")]
    return {UUID(each): _plan(given[each], given[f"leader-{each}"], given[f"rev-{each}"]) for each in ids}


def _plan(what: str, leader: str, expected: int) -> Plan:
    theme, _, activity = what.partition(":")
    return Plan(
        theme=theme, activity=UUID(activity) if activity else None, leader=UUID(leader) if leader else None,
        expected=expected,
    )  # fmt: skip


class MoveForm(forms.Form):
    """A half-day gives what it holds to another, in exchange."""

    half_day = forms.ChoiceField(label="Déplacer le programme du")
    to = forms.ChoiceField(label="Vers le")

    def __init__(self, data: Any = None, *, cells: Sequence[Cell], auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        free = [(str(cell.id), f"{fr.day(cell.day)}, {cell.half.label}") for cell in cells if not cell.presence_code]
        offer(self, "half_day", [CHOOSE, *free])
        offer(self, "to", [CHOOSE, *free])


def _of_theme(theme: codes.Theme, activities: Sequence[CatalogueActivity]) -> tuple[str, Choices]:
    label = f"{theme.label[:1].upper()}{theme.label[1:]}"
    mine = [(_what(theme, each.pk), each.name) for each in activities if each.theme == theme]
    return label, [(str(theme), f"{label}, sans activité précise"), *mine]


def _what(theme: str, activity: UUID | None) -> str:
    return f"{theme}:{activity}" if activity else str(theme)


def _values(choices: Sequence[tuple[str, Any]]) -> set[str]:
    """Return the values of a list of choices, groups opened."""
    found: set[str] = set()
    for value, label in choices:
        found |= _values(label) if isinstance(label, list) else {value}
    return found
