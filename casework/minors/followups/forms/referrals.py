"""The saisine: ninety seconds, codes before words (SIT-01, SIT-02, SIT-08, WL-01 to WL-10)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework.access.days import FrenchDateField
from casework.casefile.choosing import offer
from casework.minors.followups import codes
from casework.minors.followups.data import FamilyInformed, PersonData, ReferralData, RepresentativeData
from casework.partners.codes import OrganisationKind

OLDEST = date(1990, 1, 1)

# Which origin an organisation's own referrals have: one click less, one mistake less.
ORIGIN_OF_KIND: dict[str, codes.ReferralOrigin] = {
    OrganisationKind.MUNICIPALITY: codes.ReferralOrigin.MUNICIPAL_SERVICE,
    OrganisationKind.STREET_OUTREACH: codes.ReferralOrigin.STREET_OUTREACH,
    OrganisationKind.YOUTH_JUSTICE: codes.ReferralOrigin.PJJ,
    OrganisationKind.HOME_EDUCATIONAL_SUPPORT: codes.ReferralOrigin.AEMO,
    OrganisationKind.SOCIAL_SERVICE: codes.ReferralOrigin.SOCIAL_SERVICE,
    OrganisationKind.SCHOOL: codes.ReferralOrigin.SCHOOL,
    OrganisationKind.NATIONAL_POLICE: codes.ReferralOrigin.NATIONAL_POLICE,
    OrganisationKind.MUNICIPAL_POLICE: codes.ReferralOrigin.MUNICIPAL_POLICE,
    OrganisationKind.LANDLORD: codes.ReferralOrigin.LANDLORD,
    OrganisationKind.PROBATION: codes.ReferralOrigin.SPIP,
    OrganisationKind.COURT: codes.ReferralOrigin.PROSECUTOR,
}


class PersonFields(forms.Form):
    """Identity and occupation, on the whitelist only (WL-01 to WL-05, WL-07)."""

    last_name = forms.CharField(label="Nom", max_length=120)
    first_name = forms.CharField(label="Prénom", max_length=120)
    birth_date = FrenchDateField(label="Date de naissance", required=False)
    birth_year = forms.IntegerField(
        label="ou année de naissance estimée", required=False, min_value=1995, max_value=2100,
        help_text="L’une des deux suffit.",
    )  # fmt: skip
    sex = forms.ChoiceField(label="Sexe", choices=codes.Sex.choices, required=False, initial=codes.Sex.UNKNOWN)
    sector = forms.ChoiceField(label="Secteur", required=False)
    address = forms.CharField(label="Adresse", max_length=300, required=False)
    phone = forms.CharField(label="Téléphone du jeune", max_length=30, required=False)
    email = forms.EmailField(label="Adresse électronique", max_length=120, required=False)
    school_level = forms.ChoiceField(
        label="Niveau scolaire", choices=codes.SchoolLevel.choices, required=False, initial=codes.SchoolLevel.UNKNOWN
    )
    school = forms.CharField(label="Établissement", max_length=120, required=False)
    occupation_status = forms.ChoiceField(
        label="Situation", choices=codes.OccupationStatus.choices, required=False,
        initial=codes.OccupationStatus.UNKNOWN,
    )  # fmt: skip

    def __init__(self, *args: Any, sectors: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "sector", [("", "non précisé"), *((name, name) for name in sectors)])

    def clean(self) -> dict[str, Any]:
        """Ask for a birth date or a year, one of them."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "birth_date" in self.fields and not self.errors.get("birth_date") and not self.errors.get("birth_year"):
            if not cleaned.get("birth_date") and not cleaned.get("birth_year"):
                self.add_error("birth_date", "Indiquez la date de naissance, ou une année estimée.")
            elif cleaned.get("birth_date") and cleaned["birth_date"] < OLDEST:
                self.add_error("birth_date", "Vérifiez l’année de naissance.")
        return cleaned

    def person(self) -> PersonData:
        """Return the person typed; an estimated year counts from 1 January (design.md §11)."""
        data = self.cleaned_data
        born = data["birth_date"]
        return PersonData(
            last_name=data["last_name"],
            first_name=data["first_name"],
            birth_date=born or date(data["birth_year"], 1, 1),
            birth_precision=codes.BirthPrecision.DAY if born else codes.BirthPrecision.YEAR,
            sex=data.get("sex") or codes.Sex.UNKNOWN,
            address=data.get("address", ""),
            phone=data.get("phone", ""),
            email=data.get("email", ""),
            sector=data.get("sector", ""),
            school_level=data.get("school_level") or codes.SchoolLevel.UNKNOWN,
            school=data.get("school", ""),
            occupation_status=data.get("occupation_status") or codes.OccupationStatus.UNKNOWN,
        )


class RepresentativeFields(forms.Form):
    """One legal representative (WL-06). Left empty, it is not written."""

    last_name = forms.CharField(label="Nom", max_length=120, required=False)
    first_name = forms.CharField(label="Prénom", max_length=120, required=False)
    relation = forms.ChoiceField(label="Lien", choices=codes.Relation.choices, required=False)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)
    address = forms.CharField(label="Adresse, si elle est différente", max_length=300, required=False)

    def representative(self) -> RepresentativeData | None:
        """Return what was typed, None when the name is empty."""
        data = self.cleaned_data
        if not data.get("last_name"):
            return None
        return RepresentativeData(
            last_name=data["last_name"], first_name=data.get("first_name", ""),
            relation=data.get("relation") or codes.Relation.MOTHER, phone=data.get("phone", ""),
            address=data.get("address", ""),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse a phone or a first name without a name: nothing typed is dropped in silence."""
        cleaned: dict[str, Any] = super().clean() or {}
        typed = any(cleaned.get(name) for name in ("first_name", "phone", "address"))
        if typed and not cleaned.get("last_name"):
            self.add_error("last_name", "Indiquez le nom de cette personne.")
        return cleaned


class ReferralForm(PersonFields):
    """A saisine by a member, the coordinator, or through a single-use link."""

    person_id = forms.UUIDField(widget=forms.HiddenInput)
    reasons = forms.MultipleChoiceField(
        label="Motifs", choices=codes.ReferralReason.choices, widget=forms.CheckboxSelectMultiple,
        help_text="Un ou plusieurs motifs de la liste. Aucun récit de faits n’est enregistré.",
        error_messages={"required": "Choisissez au moins un motif."},
    )  # fmt: skip
    origin = forms.ChoiceField(label="Origine de la saisine", choices=codes.ReferralOrigin.choices)
    gateway = forms.ChoiceField(label="Cadre légal", choices=codes.Gateway.choices, initial=codes.Gateway.CSI_L132_5)
    urgency = forms.ChoiceField(
        label="Quand la regarder", choices=codes.Urgency.choices, initial=codes.Urgency.NORMAL,
        widget=forms.RadioSelect,
    )  # fmt: skip
    referred_by = forms.CharField(
        label="Professionnel qui saisit", max_length=120, required=False,
        help_text="Nom et fonction du professionnel, jamais d’un voisin ou d’un proche.",
    )  # fmt: skip
    informed_on = FrenchDateField(label="Famille prévenue le", required=False)
    informed_channel = forms.ChoiceField(
        label="Comment", choices=[("", "—"), *codes.NoticeChannel.choices], required=False
    )

    def __init__(
        self, *args: Any, kind: str = "", today: date | None = None, sectors: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, sectors=sectors, **kwargs)
        self.today = today
        self.origin_is_known = kind in ORIGIN_OF_KIND and kind != OrganisationKind.MUNICIPALITY
        if kind in ORIGIN_OF_KIND:
            self.fields["origin"].initial = ORIGIN_OF_KIND[kind]
        if self.origin_is_known:
            origin = ORIGIN_OF_KIND[kind]
            offer(self, "origin", [(origin.value, origin.label)])
        if kind == OrganisationKind.STREET_OUTREACH:
            self.fields["gateway"].initial = codes.Gateway.PERSON_AGREEMENT
        self.representative_forms = [
            RepresentativeFields(self.data if self.is_bound else None, prefix=f"rep{number}",
                                 initial={"relation": relation})
            for number, relation in ((1, codes.Relation.MOTHER), (2, codes.Relation.FATHER))
        ]  # fmt: skip

    def is_valid(self) -> bool:
        """Check the saisine and both representatives, so that every error shows at once."""
        own = super().is_valid()
        return all([own, *(form.is_valid() for form in self.representative_forms)])

    def clean_informed_on(self) -> date | None:
        """Refuse a day ahead, and a slip of the year."""
        day: date | None = self.cleaned_data["informed_on"]
        if day is not None and self.today is not None and day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        if day is not None and day < OLDEST:
            raise ValidationError("Vérifiez l’année.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask how the family was told once a day is given."""
        cleaned = super().clean()
        if cleaned.get("informed_on") and not cleaned.get("informed_channel"):
            self.add_error("informed_channel", "Indiquez comment la famille a été prévenue.")
        return cleaned

    def referral(self, organisation_id: uuid.UUID) -> ReferralData:
        """Return the saisine typed, for the action."""
        data = self.cleaned_data
        representatives = [form.representative() for form in self.representative_forms]
        informed = None
        if data.get("informed_on"):
            informed = FamilyInformed(
                on=data["informed_on"], channel=data["informed_channel"], organisation_id=organisation_id
            )
        return ReferralData(
            person=self.person(),
            person_id=data["person_id"],
            origin=data["origin"],
            gateway=data["gateway"],
            reasons=tuple(data["reasons"]),
            urgency=data["urgency"],
            referred_by=data.get("referred_by", ""),
            organisation_id=organisation_id,
            representatives=tuple(row for row in representatives if row is not None),
            informed=informed,
        )
