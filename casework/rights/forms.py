"""Forms of the register of violations. Their texts are guarded: the register names nobody."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from casework.access.days import FrenchDateField
from casework.casefile.guarded import GuardedForm
from casework.rights import codes

NO_NAME = "Sans nom, ni prénom, ni adresse."


def _words(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=1000, required=required, help_text=f"{help_text} {NO_NAME}",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class NoteForm(GuardedForm):
    """What is known at once."""

    guarded: ClassVar[tuple[str, ...]] = ("facts",)
    discovered_on = FrenchDateField(label="Découverte le", help_text="Les 72 heures partent de cet instant.")
    discovered_at = forms.TimeField(
        label="Heure de la découverte", help_text="Par exemple 14:30.", widget=forms.TimeInput(attrs={"type": "time"})
    )
    breach = forms.ChoiceField(label="Ce qui est touché", choices=codes.Breach.choices, widget=forms.RadioSelect)
    cause = forms.ChoiceField(label="Cause", choices=[("", "Choisir"), *codes.Cause.choices])
    persons = forms.ChoiceField(label="Personnes concernées", choices=codes.Persons.choices)
    facts = _words("Ce qui s’est passé", "Quoi, où, depuis quand.")


class AssessForm(GuardedForm):
    """What persons risk, what is done."""

    guarded: ClassVar[tuple[str, ...]] = ("effects", "measures")
    risk = forms.ChoiceField(label="Risque pour les personnes", choices=codes.Risk.choices, widget=forms.RadioSelect)
    persons = forms.ChoiceField(label="Personnes concernées", choices=codes.Persons.choices)
    effects = _words("Conséquences possibles", "Ce qui pourrait leur arriver.", required=False)
    measures = _words("Mesures prises", "Ce qui est fait pour arrêter, réparer, éviter la prochaine fois.")


class NotifyForm(forms.Form):
    """When the CNIL was told, and why late."""

    notified_on = FrenchDateField(label="Notifiée à la CNIL le")
    notified_at = forms.TimeField(label="Heure de la notification", widget=forms.TimeInput(attrs={"type": "time"}))
    late_reason = forms.ChoiceField(
        label="Motif du retard", required=False, choices=[("", "Aucun retard"), *codes.LateReason.choices],
        help_text="Demandé au-delà de 72 heures.",
    )  # fmt: skip


class CloseForm(forms.Form):
    """Whether the persons were told."""

    informed_on = FrenchDateField(label="Personnes informées le", required=False)
    not_informed = forms.ChoiceField(
        label="ou pourquoi elles ne le sont pas", required=False, choices=[("", "—"), *codes.NotInformed.choices]
    )
