"""The forms of the directory: closed lists first, days as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms

from casework.access.days import FrenchDateField
from casework.access.telephones import TelephoneField
from casework.partners.codes import (
    LEADLESS_ROLES,
    RESSORT_COORDINATION,
    SERVER_ROLES,
    Formation,
    MandateEnd,
    OrganisationKind,
    Role,
    TerritoryKind,
    roles_of,
)
from casework.partners.hooks import Entrusted
from casework.partners.models import Organisation


class ServiceForm(forms.Form):
    """A service of the directory."""

    kind = forms.ChoiceField(label="Nature", choices=OrganisationKind.choices)
    name = forms.CharField(label="Nom complet", max_length=120)
    short_name = forms.CharField(
        label="Nom court", max_length=30, required=False, help_text="Celui que l’on dit en réunion : PJJ, AEMO…"
    )
    letter = forms.CharField(
        label="Lettre en réunion",
        max_length=1,
        required=False,
        help_text="Une lettre suffit pour écrire qui fait quoi.",
    )


class ChangeServiceForm(forms.Form):
    """What may change in a service; its nature may not."""

    name = forms.CharField(label="Nom complet", max_length=120)
    short_name = forms.CharField(label="Nom court", max_length=30, required=False)
    letter = forms.CharField(label="Lettre en réunion", max_length=1, required=False)
    is_active = forms.BooleanField(label="Ce service travaille avec nous", required=False)


class InviteForm(forms.Form):
    """Who joins a service, in which role, from when to when."""

    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
    email = forms.EmailField(label="Adresse électronique professionnelle", max_length=254)
    phone = TelephoneField(label="Téléphone professionnel", required=False)
    role = forms.ChoiceField(label="Rôle")
    job_title = forms.CharField(
        label="Fonction", max_length=80, required=False, help_text="Par exemple : milieu ouvert, éducatrice de rue."
    )
    starts_on = FrenchDateField(label="À partir du")
    ends_on = FrenchDateField(
        label="Jusqu’au (inclus)", help_text="Un an au plus d’ordinaire : les accès se revoient chaque année."
    )

    def __init__(self, *args: Any, organisation: Organisation, as_lead: bool, role: str, today: date, **kwargs: Any):
        """Offer the roles that the inviter may give: those of the service, or one's own for a lead."""
        super().__init__(*args, **kwargs)
        kind = organisation.territory.kind
        offered = [item for item in roles_of(kind, organisation.kind) if item not in SERVER_ROLES]
        if not as_lead:
            offered = [item for item in offered if item == role]
        field = self.fields["role"]
        if isinstance(field, forms.ChoiceField):
            of_ressort = {Role.COORDINATOR: RESSORT_COORDINATION} if kind == TerritoryKind.COURT_DISTRICT else {}
            field.choices = [(item.value, of_ressort.get(item, item.label)) for item in offered]
        if len(offered) == 1:
            field.widget = forms.HiddenInput()
            field.initial = offered[0].value
        self.fields["starts_on"].initial = today
        self.fields["ends_on"].initial = today + timedelta(days=365)

    @staticmethod
    def makes_lead(role: str, *, as_lead: bool) -> bool:
        """Say whether the person becomes the service's lead: what the coordinator appoints, where there is one."""
        return as_lead and role not in LEADLESS_ROLES


class AgentForm(forms.Form):
    """What may be corrected in an account."""

    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
    phone = TelephoneField(label="Téléphone professionnel", required=False)


class EndForm(forms.Form):
    """Why a function ends. Handing over has its own form."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[choice for choice in MandateEnd.choices if choice[0] != MandateEnd.HANDED_OVER],
        widget=forms.RadioSelect,
    )


class RenewForm(forms.Form):
    """Until when a function goes on."""

    ends_on = FrenchDateField(label="Jusqu’au (inclus)")


class HandOverForm(forms.Form):
    """To whom a function passes, and the situations that go to somebody else."""

    agent = forms.ChoiceField(
        label="Confier la fonction à", help_text="Cette personne reçoit tout, sauf ce que vous donnez ci-dessous."
    )

    def __init__(self, *args: Any, agents: list[tuple[str, str]], cases: Sequence[Entrusted], **kwargs: Any):
        """Offer the colleagues of the service, for all and for each situation."""
        super().__init__(*args, **kwargs)
        field = self.fields["agent"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choisir une personne"), *agents]
        self.cases = cases
        for case in cases:
            self.fields[f"to-{case.object_id}"] = forms.ChoiceField(
                label=f"{case.reference} à", required=False, choices=[("", "la même personne"), *agents]
            )

    def shares(self) -> dict[UUID, str]:
        """Return the situations that go to somebody else: id, agent."""
        chosen = {case.object_id: self.cleaned_data.get(f"to-{case.object_id}") or "" for case in self.cases}
        return {case: agent for case, agent in chosen.items() if agent}

    def lines(self) -> list[tuple[Entrusted, forms.BoundField]]:
        """Return each situation with its choice."""
        return [(case, self[f"to-{case.object_id}"]) for case in self.cases]


class DeputyForm(forms.Form):
    """From when to when somebody stands in."""

    mandate = forms.UUIDField(widget=forms.HiddenInput)
    from_day = FrenchDateField(label="Du")
    to_day = FrenchDateField(label="Au (inclus)")


class RulesForm(forms.Form):
    """A version of the règlement intérieur."""

    adopted_on = FrenchDateField(label="Adopté le")
    valid_from = FrenchDateField(label="En vigueur à partir du")
    formation = forms.ChoiceField(
        label="Qui entend quoi en réunion",
        choices=[
            (Formation.BY_CIRCLE, "Par cercle : chaque service entend ses situations"),
            (Formation.SINGLE, "Formation unique : tous entendent tout (note du DPO nécessaire)"),
        ],
        widget=forms.RadioSelect,
    )
    dpo_note_on = FrenchDateField(
        label="Note du DPO datée du", required=False, help_text="Nécessaire pour la formation unique."
    )
    who_knows_enabled = forms.BooleanField(
        label="Autoriser « Qui connaît ? »",
        required=False,
        help_text="La coordination peut demander à des services choisis s’ils connaissent un jeune. Quatre réponses "
        "égales, et rien n’est gardé des services qui ne le connaissent pas.",
    )
    minimum_presence = forms.IntegerField(
        label="Présence minimale (services)", required=False, min_value=1, max_value=20
    )
    prosecutor_opinion_required = forms.BooleanField(
        label="Avis préalable du parquet avant un rappel à l’ordre", required=False
    )
    silence_days = forms.IntegerField(
        label="Le relevé est approuvé sans réponse après (jours ouvrés)", min_value=1, max_value=20, initial=5
    )


class GroupForm(forms.Form):
    """A working group of the CLSPD."""

    name = forms.CharField(label="Nom du groupe", max_length=120, initial="Cellule de veille préventive")


class CharterForm(forms.Form):
    """A version of the charter."""

    adopted_on = FrenchDateField(label="Adoptée le")
    text = forms.CharField(label="Texte de la charte", widget=forms.Textarea(attrs={"rows": 16}), max_length=30000)
