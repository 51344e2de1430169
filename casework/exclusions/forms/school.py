"""What the forms of the school accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from casework.access.days import FrenchDateField, RecentDateField
from casework.access.telephones import TelephoneField
from casework.casefile.attached import PaperField
from casework.casefile.choosing import Choices, capital, offer
from casework.casefile.guarded import GuardedForm
from casework.exclusions import codes
from casework.exclusions.actions.houses import ConventionData
from casework.exclusions.actions.notice import NoticeData

CHOOSE = ("", "Choisir")
MISSING = {
    "level": "Choisissez la classe.", "half_days": "Choisissez au moins une demi-journée.",
    "starts_on": "Indiquez les jours cherchés.", "ends_on": "Indiquez les jours cherchés.",
    "reason": "Choisissez le motif.", "procedure_on": "Indiquez quand la famille a été informée de la procédure.",
    "suspended_until": "Indiquez jusqu’à quand court le sursis.", "parent": "Indiquez le représentant légal.",
    "phone": "Indiquez son téléphone.",
}  # fmt: skip


class EmptyForm(forms.Form):
    """Nothing to say: one click."""


class ShareForm(forms.Form):
    """A colleague who reads and writes this support too."""

    mandate = forms.ChoiceField(label="Collègue")

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "mandate", [CHOOSE, *colleagues])


class SearchForm(forms.Form):
    """Which places are looked for: no pupil is named."""

    hide_optional = True
    kind = forms.ChoiceField(
        label="Mesure", choices=capital(codes.Kind.choices), initial=codes.Kind.EXCLUSION, required=False
    )
    level = forms.ChoiceField(label="Classe", choices=[CHOOSE, *codes.Level.choices], required=False)
    starts_on = FrenchDateField(label="Premier jour, s’il est connu", required=False)
    ends_on = FrenchDateField(label="Dernier jour", required=False)

    def clean_kind(self) -> str:
        """Return the kind looked for: an exclusion where nothing was chosen."""
        return str(self.cleaned_data.get("kind") or codes.Kind.EXCLUSION)


class HoldForm(SearchForm):
    """Half-days of one host, and the class of the pupil."""

    half_days = forms.TypedMultipleChoiceField(
        label="Demi-journées", coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ces demi-journées ne sont plus proposées : choisissez à nouveau."},
    )  # fmt: skip

    def __init__(self, *args: Any, offered: dict[UUID, UUID], asks: Sequence[str] = (), **kwargs: Any) -> None:
        """`offered`: the convention of each half-day shown; `asks`: what the button pressed cannot do without."""
        super().__init__(*args, **kwargs)
        self.asks = asks
        self.offered = offered
        offer(self, "half_days", [(str(pk), "") for pk in offered])

    def clean_half_days(self) -> list[UUID]:
        """Return the half-days, of one host only: a pupil is received in one place."""
        chosen: list[UUID] = self.cleaned_data["half_days"]
        if len({self.offered[pk] for pk in chosen}) > 1:
            raise forms.ValidationError("Choisissez les demi-journées d’une seule structure.")
        return chosen

    def clean(self) -> None:
        """Say at once all that is missing."""
        for name in self.asks:
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, MISSING[name])

    @property
    def convention(self) -> UUID | None:
        """The convention of what was chosen."""
        chosen = self.cleaned_data.get("half_days") or []
        return self.offered[chosen[0]] if chosen else None


class HalfDaysForm(forms.Form):
    """Half-days to take, or to give back."""

    half_days = forms.TypedMultipleChoiceField(
        label="Demi-journées", coerce=UUID, widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins une demi-journée.",
            "invalid_choice": "Ces demi-journées ne sont plus proposées : choisissez à nouveau.",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Sequence[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "half_days", [(str(pk), "") for pk in offered])


class NoticeForm(forms.Form):
    """The pupil, the sanction, the family. What a kind does not ask is left out; the action says what is missing."""

    hide_optional = True
    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60)
    starts_on = FrenchDateField(label="Premier jour de la sanction")
    ends_on = FrenchDateField(label="Dernier jour (inclus)")
    procedure_on = RecentDateField(
        label="Famille informée de la procédure le", required=False,
        help_text="Deux jours ouvrables au moins pour répondre, avant la décision.",
    )  # fmt: skip
    decided_on = RecentDateField(label="Décidée le")
    suspended_until = FrenchDateField(label="Sursis jusqu’au", required=False)
    reason = forms.ChoiceField(
        label="Motif", choices=[CHOOSE, *capital(codes.Reason.choices)], required=False,
        help_text="Un mot, pas de récit : seul l’éducateur référent le lira, une fois les accords donnés.",
    )  # fmt: skip
    is_adult = forms.BooleanField(label="L’élève est majeur", required=False)
    parent = forms.CharField(label="Représentant légal", max_length=120, required=False)
    phone = TelephoneField(label="Son téléphone", max_length=20, required=False)
    other_phone = TelephoneField(label="Autre téléphone, s’il y en a un", max_length=20, required=False)
    same_as = forms.ChoiceField(label="Est-ce le même élève ?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, kind: str, earlier: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        """`earlier`: the supports of this year under the same name, asked about once."""
        super().__init__(*args, **kwargs)
        if kind == codes.Kind.PRECAUTIONARY:
            del self.fields["reason"], self.fields["procedure_on"]
            self.fields["starts_on"].label, self.fields["decided_on"].label = "Premier jour de la mesure", "Prise le"
        if kind == codes.Kind.RESPONSIBILITY:
            self.fields["starts_on"].label = "Premier jour de la mesure"
        if kind != codes.Kind.SUSPENDED:
            del self.fields["suspended_until"]
        if earlier:
            offer(self, "same_as", [*earlier, ("none", "Non, c’est un autre élève du même nom")])
            self.fields["same_as"].error_messages["required"] = (
                "Un élève de ce nom a déjà été accueilli cette année : dites si c’est lui."
            )
        else:
            del self.fields["same_as"]

    def clean(self) -> None:
        """Say at once all that is missing; the action says the rest."""
        asks = ["reason", "procedure_on", "suspended_until"]
        asks += [] if self.cleaned_data.get("is_adult") else ["parent", "phone"]
        for name in asks:
            if name in self.fields and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, MISSING[name])

    def notice(self) -> NoticeData:
        """Return what was typed, for the action."""
        given = dict(self.cleaned_data)
        same = given.pop("same_as", "none")
        return NoticeData(**given, same_as=None if same in ("", "none") else UUID(same))


class FamilyForm(forms.Form):
    """What the pupil and the parents say, with the sheet they signed."""

    party = forms.ChoiceField(label="Qui répond", widget=forms.RadioSelect)
    answer = forms.ChoiceField(
        label="Réponse", choices=capital(codes.FamilyAnswer.choices), widget=forms.RadioSelect,
        initial=codes.FamilyAnswer.AGREED,
    )  # fmt: skip
    said_on = RecentDateField(label="Répondu le")
    copy_given = forms.BooleanField(label="Une copie leur est remise", required=False, initial=True)
    file = PaperField("La feuille signée, numérisée", required=False)

    def __init__(self, *args: Any, is_adult: bool, may_refuse: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = [codes.Party.PUPIL] if is_adult else [codes.Party.BOTH, codes.Party.PUPIL, codes.Party.PARENTS]
        offer(self, "party", capital((each.value, str(each.label)) for each in parties))
        self.fields["party"].initial = parties[0]
        if not may_refuse:
            offer(self, "answer", capital([(codes.FamilyAnswer.AGREED.value, str(codes.FamilyAnswer.AGREED.label))]))


class SheetForm(forms.Form):
    """The signed sheet, joined afterwards."""

    file = PaperField("La feuille signée, numérisée")


class CancelForm(forms.Form):
    """Why a reception stops before it began."""

    reason = forms.ChoiceField(label="Pourquoi", choices=capital(codes.Cancel.choices), widget=forms.RadioSelect)


class WorkForm(GuardedForm):
    """Work sent by the teachers."""

    guarded: ClassVar[tuple[str, ...]] = ("content",)
    subject = forms.CharField(label="Matière", max_length=60)
    content = forms.CharField(
        label="À faire", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Le travail seul : rien sur l’élève ni sur ce qui s’est passé.",
    )  # fmt: skip
    file = PaperField("Document", required=False)


class ConventionForm(forms.Form):
    """What one's body signed with another: it is in force once the other confirms it."""

    other = forms.ChoiceField(label="Avec")
    signed_on = RecentDateField(label="Signée le")
    starts_on = FrenchDateField(label="En vigueur du")
    ends_on = FrenchDateField(label="au (inclus)")
    places = forms.IntegerField(
        label="Élèves de l’établissement par demi-journée", min_value=1, max_value=30, initial=2,
        help_text="Au plus, en même temps.",
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label="Accueils prévus", choices=capital(codes.Kind.choices), widget=forms.CheckboxSelectMultiple,
        initial=[codes.Kind.EXCLUSION],
        help_text="Une mesure de responsabilisation ou conservatoire n’est accueillie que si la convention la prévoit.",
    )  # fmt: skip
    themes = forms.MultipleChoiceField(
        label="Thèmes proposés", choices=capital(codes.Theme.choices), widget=forms.CheckboxSelectMultiple,
        initial=codes.Theme.values,
    )  # fmt: skip
    accepts_at_once = forms.BooleanField(
        label="Une place annoncée est acceptée d’avance", required=False,
        help_text="Sinon, la structure répond à chaque demande.",
    )  # fmt: skip
    contact = forms.CharField(label="Qui appeler chez vous", max_length=80, required=False)
    phone = TelephoneField(label="Son téléphone", max_length=20, required=False)
    email = forms.EmailField(label="Son adresse électronique", max_length=120, required=False)

    def __init__(self, *args: Any, partners: Choices, side: str, **kwargs: Any) -> None:
        """`side`: « school » or « host », whose contacts are typed."""
        super().__init__(*args, **kwargs)
        self.side = side
        offer(self, "other", [CHOOSE, *partners])
        if side == "school":
            self.fields["contact"].label = "Vie scolaire : qui appeler"

    def convention(self) -> ConventionData:
        """Return what was typed, for the action."""
        given = dict(self.cleaned_data)
        contacts = {f"{self.side}_{name}": given.pop(name) for name in ContactsForm.NAMES}
        return ConventionData(**given | {"other": UUID(given["other"])}, contacts=contacts)


class ContactsForm(forms.Form):
    """How one's own body is reached."""

    NAMES: ClassVar[tuple[str, ...]] = ("contact", "phone", "email")
    contact = forms.CharField(label="Qui appeler", max_length=80, required=False)
    phone = TelephoneField(label="Téléphone", max_length=20, required=False)
    email = forms.EmailField(label="Adresse électronique", max_length=120, required=False)


class LastDayForm(forms.Form):
    """A convention ends before its term."""

    last_day = FrenchDateField(label="Dernier jour")


class SignedForm(forms.Form):
    """The convention as both signed it."""

    file = PaperField("La convention signée")
