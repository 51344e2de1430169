"""Forms of the victim's side. Short, in her words; nothing here asks for anybody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from casework.access.days import FrenchDateField
from casework.access.telephones import TelephoneField
from casework.casefile.choosing import capital, offer
from casework.casefile.guarded import GuardedForm
from casework.casefile.textguard import WarningCode
from casework.vif.victims import codes
from casework.vif.victims.actions.notices import CallData
from casework.vif.victims.actions.opening import ContactData, SupportData
from casework.vif.victims.actions.orders import OrderData

CHOOSE = ("", "Choisir")
NO_DIAGNOSIS = "Des faits, vos mots. Aucun diagnostic ni traitement."
# What she tells may be written; her health, a place or a number have no room in words (BL-04, VIC-01).
NOT_HERE = frozenset({WarningCode.HEALTH, WarningCode.ADDRESS, WarningCode.PHONE, WarningCode.NIR})


def _choice(label: str, kind: Any, *, radio: bool = False, required: bool = True) -> forms.ChoiceField:
    offered = capital(kind.choices)
    if radio:
        return forms.ChoiceField(label=label, choices=offered, widget=forms.RadioSelect, required=required)
    return forms.ChoiceField(label=label, choices=[CHOOSE, *offered], required=required)


def _several(label: str, kind: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=capital(kind.choices), widget=forms.CheckboxSelectMultiple, **options
    )


def _hour(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": "Tapez l’heure comme 14:30."},
    )  # fmt: skip


def typed(form: forms.Form) -> dict[str, Any]:
    """Return what was typed, without the mark of words read over."""
    return {key: value for key, value in form.cleaned_data.items() if key != "confirm_text"}


def _moment(day: Any, at: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


class SupportForm(forms.Form):
    """Who she is and how she may be reached. Her address is asked on a page of its own."""

    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60, required=False)
    born_on = FrenchDateField(label="Née le", required=False)
    received_on = FrenchDateField(label="Accueillie le")
    origin = _choice("Adressée par", codes.Origin)
    channels = _several("La joindre par", codes.Channel, help_text="Rien d’autre ne sera utilisé.")
    phone = TelephoneField(label="Téléphone sûr", max_length=20, required=False)
    voicemail = forms.BooleanField(label="On peut laisser un message vocal", required=False)
    when = forms.CharField(
        label="Quand", max_length=80, required=False, help_text="Par exemple « en semaine, de 9 h à 11 h »."
    )
    code_word = forms.CharField(
        label="Mot convenu", max_length=40, required=False, help_text="Ce que l’on dit pour se présenter."
    )
    email = forms.EmailField(label="Adresse électronique sûre", max_length=120, required=False)
    through = forms.CharField(label="Personne de confiance", max_length=120, required=False)
    children = forms.IntegerField(label="Enfants à charge", required=False, min_value=0, max_value=20)
    lawyer = forms.CharField(label="Avocat", max_length=120, required=False)
    victim_id = forms.UUIDField(widget=forms.HiddenInput)
    MORE: ClassVar[tuple[str, ...]] = ("email", "through", "children", "lawyer")

    def support(self) -> SupportData:
        """Return what was typed, for the action."""
        given = {key: value for key, value in self.cleaned_data.items() if key != "victim_id"}
        names = ContactData.__dataclass_fields__
        contact = ContactData(**{key: given.pop(key) for key in names})
        return SupportData(contact=contact, **given)


class CorrectionForm(SupportForm):
    """The same, for somebody known. Where somebody else keeps her number, none is asked."""

    def __init__(self, *args: Any, kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["victim_id"]
        if kept:
            for name in ContactData.__dataclass_fields__:
                self.fields[name].required = False
                self.fields[name].widget = forms.HiddenInput()


class PlaceForm(forms.Form):
    """One place."""

    kind = _choice("Ce lieu est", codes.Place)
    address = forms.CharField(label="Adresse", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    note = forms.CharField(label="Précision", max_length=200, required=False, help_text="Étage, code, horaires…")


class ConsentForm(forms.Form):
    """What she agrees to."""

    kind = _choice("Objet", codes.ConsentKind)
    agreed = forms.ChoiceField(
        label="Sa réponse", choices=[("yes", "D’accord"), ("no", "Pas d’accord, ou plus d’accord")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    said_on = FrenchDateField(label="Recueilli le")


class OrientationForm(GuardedForm):
    """Where she is sent."""

    guarded: ClassVar[tuple[str, ...]] = ("reason",)
    looked_for = NOT_HERE
    to = forms.CharField(label="Service ou association", max_length=120)
    reason = forms.CharField(label="Pour", max_length=200, required=False, help_text=NO_DIAGNOSIS)
    sent_on = FrenchDateField(label="Orientée le")


class OrientationOutcomeForm(forms.Form):
    """What became of it."""

    outcome = _choice("Suite", codes.OrientationOutcome)


class AppointmentForm(forms.Form):
    """A meeting."""

    kind = _choice("Forme", codes.Meeting)
    day = FrenchDateField(label="Jour")
    at = _hour("Heure")


class OutcomeForm(GuardedForm):
    """What became of a meeting."""

    guarded: ClassVar[tuple[str, ...]] = ("note",)
    looked_for = NOT_HERE
    outcome = _choice("Le rendez-vous", codes.Outcome)
    note = forms.CharField(
        label="Quelques lignes", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_DIAGNOSIS,
    )  # fmt: skip


class AskedOrderForm(forms.Form):
    """An order is asked of the judge."""

    kind = _choice("Nature", codes.OrderKind, radio=True)
    day = FrenchDateField(label="Demandée le")
    at = _hour("À")
    hearing_on = FrenchDateField(
        label="Audience le", required=False, help_text="Le juge décide dans les six jours de la fixation."
    )


class TermsForm(forms.Form):
    """What the judge decided."""

    given_on = FrenchDateField(label="Rendue le")
    ends_on = FrenchDateField(
        label="Jusqu’au", required=False, help_text="Douze mois au plus ; vide pour une ordonnance provisoire."
    )
    terms = _several("Elle dit", codes.Term)
    elected = _choice("Domicile élu", codes.Elected, required=False)
    bar_until = FrenchDateField(label="Bracelet jusqu’au", required=False, help_text="Six mois au plus.")

    def order(self) -> OrderData:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        return OrderData(**{name: given[name] for name in OrderData.__dataclass_fields__})


class GivenOrderForm(TermsForm):
    """An order given before she came."""

    kind = _choice("Nature", codes.OrderKind, radio=True)
    field_order = ("kind",)


class OrderEndForm(forms.Form):
    """An order refused, or over."""

    to = forms.ChoiceField(choices=[("refused", "Refusée"), ("over", "Terminée")])


class CallForm(GuardedForm):
    """The call first, then what the note will say."""

    guarded: ClassVar[tuple[str, ...]] = ("instruction", "facts")
    looked_for = NOT_HERE
    day = FrenchDateField(label="Parquet appelé le")
    at = _hour("À")
    magistrate = forms.CharField(label="Magistrat de permanence", max_length=120)
    instruction = forms.CharField(
        label="Instruction reçue", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Les mots du magistrat, ou « aucune ».",
    )  # fmt: skip
    happened_on = FrenchDateField(label="Contact le")
    kind = _choice("Forme du contact", codes.Contact)
    facts = forms.CharField(
        label="Ce qui s’est passé", max_length=3000, widget=forms.Textarea(attrs={"rows": 7}),
        help_text="Pour la note. Ni adresse, ni numéro, ni diagnostic.",
    )  # fmt: skip
    answer_by = FrenchDateField(label="Réponse attendue avant le")

    def call(self) -> CallData:
        """Return what was typed, for the action."""
        given = typed(self)
        return CallData(called_at=_moment(given.pop("day"), given.pop("at")), **given)


class NotedForm(forms.Form):
    """The note left."""

    noted_on = FrenchDateField(label="Note transmise le")


class AnswerForm(forms.Form):
    """What the prosecutor answers."""

    answer = _choice("Réponse", codes.Answer)
    answered_on = FrenchDateField(label="Répondu le")


class OpinionForm(GuardedForm):
    """Her opinion, because a magistrate asks it."""

    guarded: ClassVar[tuple[str, ...]] = ("words",)
    looked_for = NOT_HERE
    asked_by = _choice("Demandé par", codes.Asker)
    asked_on = FrenchDateField(label="Demandé le")
    opinion = _choice("Son avis sur l’éloignement", codes.Opinion)
    words = forms.CharField(label="Ses mots", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    told_on = FrenchDateField(label="Transmis le", required=False)


class PassedForm(forms.Form):
    """The note was handed over."""

    to = forms.CharField(label="Remise à", max_length=120, help_text="La fonction suffit : « l’éducatrice référente ».")
    passed_on = FrenchDateField(label="Le")


class KeepForm(forms.Form):
    """Set or lift the mark."""

    on = forms.BooleanField(required=False)


class EndForm(forms.Form):
    """The end of the support."""

    reason = _choice("Pourquoi", codes.End, radio=True)
    closed_on = FrenchDateField(label="Depuis le")


class HandOverForm(forms.Form):
    """A colleague takes over."""

    to = forms.ChoiceField(label="Confier à")

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", [CHOOSE, *colleagues])
