"""What forms of hosts and posts accept: closed lists, hours, date order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from casework.access.days import FrenchDateField, RecentDateField
from casework.access.telephones import TelephoneField
from casework.casefile import format as fr
from casework.casefile.choosing import offer
from casework.casefile.guarded import GuardedForm
from casework.placements.hosts import codes
from casework.placements.hosts.codes import Half
from casework.placements.hosts.data import HalfDayData, HostData, Narrowed, OutOfUseData, PostData
from casework.placements.hosts.reads.search import Criteria

Choices = Sequence[tuple[Any, str]]
HOURS = {Half.AM: (time(8, 30), time(12)), Half.PM: (time(13, 30), time(17))}
HALF_DAYS = [
    (f"{weekday}-{half.value}", f"{fr.WEEKDAYS[weekday]} {half.label}") for weekday in range(7) for half in Half
]
PLACE_HELP = "Rien qui permette de reconnaître une personne accueillie."


def _uuid(value: str) -> UUID | None:
    return UUID(value) if value else None


def _pick(label: str, *, required: bool = False, help_text: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, required=required, coerce=_uuid, empty_value=None, help_text=help_text)


def _give(form: forms.Form, name: str, choices: Choices, empty: str) -> None:
    offer(form, name, [("", empty), *((str(key), label) for key, label in choices)])


class SearchForm(forms.Form):
    """Filters of the list of posts; all of them optional, kept in the address: nothing in them is about anybody."""

    audience = forms.ChoiceField(label="Public", required=False, choices=[("", "tous"), *codes.AccreditedFor.choices])
    sector = _pick("Secteur")
    activity = _pick("Activité")
    groupe = forms.BooleanField(label="Activités de groupe seulement", required=False)
    half_days = forms.MultipleChoiceField(
        label="Demi-journées", required=False, choices=HALF_DAYS, widget=forms.CheckboxSelectMultiple
    )
    limits = forms.MultipleChoiceField(
        label="Sans", required=False, choices=codes.PostNeed.choices, widget=forms.CheckboxSelectMultiple
    )
    hours = forms.IntegerField(label="Heures à faire", required=False, min_value=1, max_value=400)
    before = FrenchDateField(label="Avant le", required=False)

    def __init__(self, *args: Any, sectors: Choices, activities: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        _give(self, "sector", sectors, "tous")
        _give(self, "activity", activities, "toutes")

    def criteria(self) -> Criteria:
        """Return what is asked; what cannot be read asks nothing."""
        asked = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        audience = asked.get("audience") or ""
        halves = ((pick.split("-")) for pick in asked.get("half_days") or ())
        return Criteria(
            audience=codes.AccreditedFor(audience) if audience else None, sector=asked.get("sector"),
            activity=asked.get("activity"), half_days=frozenset((int(day), Half(half)) for day, half in halves),
            limits=frozenset(asked.get("limits") or ()), minutes=60 * (asked.get("hours") or 0),
            collective=bool(asked.get("groupe")),
            ends_on=asked.get("before"),
        )  # fmt: skip

    @property
    def grid(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Return the half-days as a grid: (half, [(value, full name, ticked)])."""
        ticked = set(self["half_days"].value() or ())
        return [
            (half.label, [(value, label, value in ticked) for value, label in HALF_DAYS if value.endswith(half.value)])
            for half in Half
        ]


class FundingForm(forms.Form):
    """Which funding line the list of hosts is narrowed to."""

    financement = forms.ChoiceField(
        label="Financement", required=False, choices=[("", "tous"), *codes.FundingLine.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing of what is optional: a filter is."""
        super().__init__(*args, **kwargs)
        self.hide_optional = True


class NextStepForm(forms.Form):
    """What comes next with a possible host."""

    step = forms.ChoiceField(
        label="Prochaine étape",
        required=False,
        choices=[("", "aucune"), *codes.NextStep.choices],
        help_text="Un code. Ce qui s’est dit avec la structure se note en une ligne sur sa page.",
    )
    on = FrenchDateField(label="Pour le", required=False)


class NoteForm(GuardedForm):
    """One line on an exchange with a possible host."""

    guarded: ClassVar[tuple[str, ...]] = ("text",)
    text = forms.CharField(
        label="Ce qui s’est dit", max_length=200,
        help_text="Une ligne sur la structure : qui rappelle, ce qu’elle propose. Rien sur une personne à accueillir.",
    )  # fmt: skip


class SectorForm(forms.Form):
    """Where a place is missing."""

    sector = _pick("Secteur souhaité")

    def __init__(self, *args: Any, sectors: Choices, **kwargs: Any) -> None:
        """Offer the sectors of posts."""
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        _give(self, "sector", sectors, "indifférent")


class HostForm(forms.Form):
    """A host."""

    name = forms.CharField(label="Nom de la structure", max_length=120)
    legal_kind = forms.ChoiceField(label="Nature", choices=[("", "choisir"), *codes.LegalKind.choices])
    contact = forms.CharField(label="Personne à contacter", max_length=120, required=False)
    phone = TelephoneField(required=False)
    email = forms.EmailField(label="Adresse électronique", max_length=120, required=False)
    address = forms.CharField(label="Adresse", max_length=200, required=False)
    sector = _pick("Secteur")
    funding_line = forms.ChoiceField(
        label="Financement", choices=codes.FundingLine.choices, initial=codes.FundingLine.NONE
    )
    organisation = _pick(
        "Son compte dans l’outil", help_text="Pour que ses responsables tiennent leurs postes eux-mêmes."
    )

    OF_SERVICES: ClassVar[tuple[str, ...]] = ("legal_kind", "funding_line", "organisation")
    """What a manager of the host reads and does not choose."""

    def __init__(self, *args: Any, sectors: Choices, accounts: Choices, by_service: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _give(self, "sector", sectors, "non précisé")
        _give(self, "organisation", accounts, "aucun")
        if not by_service:
            for name in self.OF_SERVICES:
                del self.fields[name]

    def host(self) -> HostData:
        """Return what the action takes."""
        return HostData(**self.cleaned_data)


class PostForm(GuardedForm):
    """A post (HOST-07)."""

    guarded: ClassVar[tuple[str, ...]] = ("nature", "method", "access_note")

    nature = forms.CharField(label="Travail à faire", max_length=120)
    activity = _pick("Activité", required=True)
    audience = forms.ChoiceField(label="Public", choices=codes.Audience.choices, widget=forms.RadioSelect)
    collective = forms.BooleanField(
        label="Activité de groupe", required=False,
        help_text="Plusieurs personnes travaillent ensemble. Les places de la demi-journée sont la taille du groupe.",
    )  # fmt: skip
    runs_from = FrenchDateField(
        label="A lieu à partir du", required=False, help_text="Pour un chantier daté. Vide : toute l’année."
    )
    runs_to = FrenchDateField(label="Jusqu’au (inclus)", required=False)
    method = forms.CharField(
        label="Manière de travailler", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=PLACE_HELP,
    )  # fmt: skip
    address = forms.CharField(label="Lieu", max_length=200, required=False)
    sector = _pick("Secteur")
    access_note = forms.CharField(
        label="Accès", max_length=200, required=False, help_text="Portail, bus, rendez-vous du matin."
    )
    needs = forms.MultipleChoiceField(
        label="Ce que le travail demande", required=False, choices=codes.PostNeed.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    risks = forms.MultipleChoiceField(
        label="Risques particuliers", required=False, choices=codes.PostRisk.choices,
        widget=forms.CheckboxSelectMultiple, help_text="Chacun demande un examen médical avant l’affectation.",
    )  # fmt: skip
    tig360_number = forms.CharField(label="Numéro TIG 360°", max_length=40, required=False)

    def __init__(self, *args: Any, sectors: Choices, activities: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _give(self, "sector", sectors, "non précisé")
        _give(self, "activity", activities, "choisir")

    def post_data(self) -> PostData:
        """Return what the action takes."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "confirm_text"}
        return PostData(**values | {"needs": tuple(values["needs"]), "risks": tuple(values["risks"])})


@dataclass(frozen=True)
class WeekCell:
    """The three fields of one half-day, drawn in a cell of the week."""

    weekday: int
    half: str
    label: str
    places: Any
    starts_at: Any
    ends_at: Any


class WeekForm(forms.Form):
    """The week of a post: places and hours of each half-day; no place, not offered."""

    def __init__(self, *args: Any, week: Iterable[HalfDayData] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {(each.weekday, each.half): each for each in week}
        for weekday in range(7):
            for half in Half:
                now, (starts, ends) = known.get((weekday, half)), HOURS[half]
                name = f"{fr.WEEKDAYS[weekday]} {half.label}"
                key = f"{weekday}-{half.value}"
                self.fields[f"places-{key}"] = forms.IntegerField(
                    label=f"Places, {name}", min_value=0, max_value=50, required=False,
                    initial=now.places if now else None,
                )  # fmt: skip
                for part, label, default in (("starts", "Début", starts), ("ends", "Fin", ends)):
                    initial = getattr(now, f"{part}_at") if now else default
                    self.fields[f"{part}-{key}"] = forms.TimeField(
                        label=f"{label}, {name}", required=False, initial=f"{initial:%H:%M}",
                        widget=forms.TimeInput(attrs={"type": "time"}),
                    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse a half-day that ends before it starts."""
        cleaned: dict[str, Any] = super().clean() or {}
        for key, name in HALF_DAYS:
            starts, ends = cleaned.get(f"starts-{key}"), cleaned.get(f"ends-{key}")
            if not cleaned.get(f"places-{key}"):
                continue
            if starts is None or ends is None:
                self.add_error(f"starts-{key}", f"Donnez les heures du {name}.")
            elif ends <= starts:
                self.add_error(f"ends-{key}", f"La fin du {name} doit suivre son début.")
        return cleaned

    def half_days(self) -> list[HalfDayData]:
        """Return the half-days offered."""
        found = []
        for key, _ in HALF_DAYS:
            weekday, half = key.split("-")
            if places := self.cleaned_data.get(f"places-{key}"):
                found.append(
                    HalfDayData(
                        weekday=int(weekday), half=Half(half), starts_at=self.cleaned_data[f"starts-{key}"],
                        ends_at=self.cleaned_data[f"ends-{key}"], places=places,
                    )
                )  # fmt: skip
        return found

    @property
    def rows(self) -> list[tuple[str, list[WeekCell]]]:
        """Return the fields by day."""
        return [
            (
                fr.WEEKDAYS[weekday],
                [
                    WeekCell(
                        weekday, half.value, half.label, self[f"places-{weekday}-{half.value}"],
                        self[f"starts-{weekday}-{half.value}"], self[f"ends-{weekday}-{half.value}"],
                    )
                    for half in Half
                ],
            )
            for weekday in range(7)
        ]  # fmt: skip


class OutOfUseForm(forms.Form):
    """Places not offered for some days."""

    starts_on = FrenchDateField(label="Du")
    ends_on = FrenchDateField(label="Au (inclus)")
    half = forms.ChoiceField(label="Demi-journée", required=False, choices=[("", "les deux"), *Half.choices])
    places = forms.IntegerField(label="Places", required=False, min_value=1, max_value=50, help_text="Vide : toutes.")
    reason = forms.ChoiceField(label="Motif", choices=[("", "choisir"), *codes.OutReason.choices])

    def period(self) -> OutOfUseData:
        """Return what the action takes."""
        return OutOfUseData(**self.cleaned_data)


class ManagersForm(forms.Form):
    """Who manages a post."""

    supervisors = forms.TypedMultipleChoiceField(
        label="Responsables du poste", required=False, coerce=_uuid, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "supervisors", [(str(pk), name) for pk, name in choices])


class SupervisorForm(forms.Form):
    """A tutor of a host."""

    name = forms.CharField(label="Nom et prénom", max_length=120)
    is_manager = forms.BooleanField(label="Peut être responsable d’un poste", required=False)
    mandate = _pick("Son compte")

    def __init__(self, *args: Any, accounts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _give(self, "mandate", accounts, "sans compte")


class TrainingForm(forms.Form):
    """A training that a tutor followed."""

    held_on = RecentDateField(years=20, label="Suivie le")
    topic = forms.ChoiceField(label="Sujet", choices=[("", "choisir"), *codes.TrainingTopic.choices])
    given_by = forms.ChoiceField(
        label="Donnée par", choices=[("", "non précisé"), *codes.TrainingGivenBy.choices], required=False
    )


class TrainingFilterForm(forms.Form):
    """What the list of tutors is narrowed to; nothing in it is about anybody."""

    voir = forms.ChoiceField(
        label="Tuteurs", required=False,
        choices=[("", "tous"), ("jamais", "jamais formés"), ("formes", "formés")],
    )  # fmt: skip
    sujet = forms.ChoiceField(label="Sujet", required=False, choices=[("", "tous"), *codes.TrainingTopic.choices])
    structure = _pick("Structure")

    def __init__(self, *args: Any, hosts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hide_optional = True
        _give(self, "structure", hosts, "toutes")

    def asked(self) -> Narrowed:
        """Return what is asked; what cannot be read asks nothing."""
        data = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Narrowed(kind=data.get("voir") or "", topic=data.get("sujet") or "", host=data.get("structure"))


class AccreditationForm(forms.Form):
    """A request of accreditation, or a decision made elsewhere."""

    audience = forms.ChoiceField(label="Public", choices=codes.AccreditedFor.choices)
    decided_on = RecentDateField(
        years=20, label="Décision du", required=False, help_text="Seulement pour reprendre une décision déjà prise."
    )
    number = forms.CharField(label="Numéro", max_length=40, required=False)
    is_national = forms.BooleanField(label="Habilitation nationale (ministère)", required=False)

    def __init__(self, *args: Any, audiences: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "audience", audiences)


class ActForm(forms.Form):
    """What one act on a host, a post or an accreditation asks for: the fields that it names, no other."""

    reason = forms.ChoiceField(label="Motif")
    decided_on = RecentDateField(years=20, label="Date de la décision")
    number = forms.CharField(label="Numéro", max_length=40, required=False)
    observations_on = RecentDateField(label="Observations de la structure, le")
    agreement_from = FrenchDateField(label="Convention à partir du")
    agreement_to = FrenchDateField(label="Jusqu’au", required=False)

    def __init__(self, *args: Any, asks: Sequence[str] = (), reasons: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if name not in asks]:
            del self.fields[name]
        if "reason" in self.fields:
            offer(self, "reason", [("", "choisir"), *reasons])


class ExtractForm(forms.Form):
    """The TIG 360° extract, read in memory."""

    file = forms.FileField(
        label="L’extrait de TIG 360° (.xlsx, .ods ou .csv)",
        help_text="Rien n’est écrit avant votre accord. Ne déposez aucun tableau qui nomme des personnes.",
        error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
    )


class LegalForm(forms.Form):
    """A new version of a legal reference."""

    ref = forms.CharField(label="Nouvel article", max_length=120)
    valid_from = FrenchDateField(label="En vigueur le")


class AnswerForm(forms.Form):
    """The host's answer to a request of places: yes, or no with a reason."""

    answer = forms.ChoiceField(
        label="Votre réponse", choices=[("yes", "Nous accueillons"), ("no", "Nous ne pouvons pas")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.ChoiceField(
        label="Si vous ne pouvez pas", choices=[("", "Choisir"), *codes.NoPlace.choices], required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a no."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") == "no" and not cleaned.get("reason"):
            self.add_error("reason", "Choisissez un motif de la liste.")
        return cleaned
