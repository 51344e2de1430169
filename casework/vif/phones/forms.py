"""Forms about phones: codes and days, no place, no number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from casework.access.days import FrenchDateField
from casework.casefile.attached import PaperField
from casework.casefile.choosing import capital, offer
from casework.vif.phones import codes, law
from casework.vif.phones.actions.assessing import AssessmentData
from casework.vif.phones.actions.court_papers import LONGEST, TITLE
from casework.vif.phones.actions.deciding import DecisionData
from casework.vif.phones.actions.totals import MOST
from casework.vif.phones.law import Checklist, Condition
from casework.vif.phones.models import SheetTemplate
from casework.vif.victims.forms import CHOOSE

YES, NO = "yes", "no"
ANSWERS = [(YES, "Oui"), (NO, "Non")]


def _choice(label: str, kind: Any, *, radio: bool = False, required: bool = True, but: Sequence[str] = ()) -> Any:
    offered = [each for each in capital(kind.choices) if each[0] not in but]
    if radio:
        return forms.ChoiceField(label=label, choices=offered, widget=forms.RadioSelect, required=required)
    return forms.ChoiceField(label=label, choices=[CHOOSE, *offered], required=required)


def _answer(label: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=ANSWERS, widget=forms.RadioSelect, required=False, help_text=help_text
    )


class DeviceForm(forms.Form):
    """A device that the court received."""

    serial = forms.CharField(
        label="Numéro de série", max_length=40, help_text="Gardé scellé ; une étiquette suffit ensuite."
    )
    received_on = FrenchDateField(label="Reçu le")


class PaperForm(forms.Form):
    """The decision as the court signed it, scanned."""

    file = PaperField("La décision, numérisée")


class TotalsForm(forms.Form):
    """The totals that a ressort kept on another server sent on paper."""

    ressort = forms.CharField(label="Ressort", max_length=120, help_text="Par exemple : tribunal judiciaire d’Aix.")
    counted_on = FrenchDateField(label="Comptés le")
    allotted = forms.IntegerField(label="Appareils attribués au ressort", min_value=0, max_value=MOST)
    in_use = forms.IntegerField(
        label="En usage", min_value=0, required=False, help_text="Vide si la page reçue dit « moins de 11 »."
    )


class SignalForm(forms.Form):
    """Who asks that her danger be assessed."""

    origin = _choice("Évaluation demandée par", codes.Origin)
    signalled_on = FrenchDateField(label="Le")


class DayForm(forms.Form):
    """The day by which the court wants the evaluation."""

    evaluate_by = FrenchDateField(label="Évaluation attendue avant le")


class AssessmentForm(forms.Form):
    """The danger, coded."""

    assessed_by = _choice("Évalué par", codes.Assessor, radio=True)
    urgency = _choice("Urgence", codes.Urgency, radio=True)
    danger = forms.MultipleChoiceField(
        label="Ce qui rend le danger grave", choices=capital(codes.Danger.choices),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def assessment(self) -> AssessmentData:
        """Return what was typed, for the action."""
        return AssessmentData(**self.cleaned_data)


class ChecklistForm(forms.Form):
    """The conditions of CPP 41-3-1, each with what it was seen in. What is missing is said beside its field."""

    ground = _choice("Elle est victime de", codes.Ground, required=False)
    ground_proof = _choice("Vu dans", codes.Proof, required=False)
    apart = _answer("Ils ne vivent pas ensemble")
    apart_proof = _choice("Vu dans", codes.Proof, required=False)
    ban = _choice("Ce qui interdit le contact, ou le danger imminent", codes.Ban, required=False)
    ban_proof = _choice("Vu dans", codes.Proof, required=False, but=(codes.Proof.SIGNED, codes.Proof.SAID))
    ban_ends_on = FrenchDateField(label="Interdiction jusqu’au", required=False)
    consent = _answer("Elle accepte expressément le téléphone")
    consent_proof = forms.ChoiceField(
        label="Accord recueilli par", required=False,
        choices=[CHOOSE, (codes.Proof.SIGNED.value, "Écrit signé par elle"), (codes.Proof.SAID.value, "Ce qu’elle déclare")],
    )  # fmt: skip
    location = _answer(
        "Elle accepte d’être localisée lors d’une alerte", "Demandé à part. Un non n’empêche pas le téléphone."
    )

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        """`asks`: the question is put to the prosecutor, and all that lacks is said at once."""
        super().__init__(*args, **kwargs)
        self.asks = asks
        for name, field in self.fields.items():
            field.required = name != "ban_ends_on"

    def clean(self) -> None:
        """Say each condition that is not met beside its field; the action refuses the first one anyhow."""
        if self.asks and not self.errors:
            for name, sentence in law.missing(self.checklist()):
                self.add_error(name, sentence)

    def full_clean(self) -> None:
        """Leave to the law what is missing: its own sentence says why. On screen each is asked for all the same."""
        asked = [field for name, field in self.fields.items() if name != "ban_ends_on"]
        for field in asked:
            field.required = False
        super().full_clean()
        for field in asked:
            field.required = True

    def checklist(self) -> Checklist:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        location = given["location"]
        return Checklist(
            ground=given["ground"], ground_proof=given["ground_proof"],
            apart=Condition(met=given["apart"] == YES, proof=given["apart_proof"]), ban=given["ban"],
            ban_proof=given["ban_proof"], ban_ends_on=given["ban_ends_on"],
            consent=Condition(met=given["consent"] == YES, proof=given["consent_proof"]),
            location=None if location == "" else location == YES,
        )  # fmt: skip

    @staticmethod
    def typed(kept: dict[str, Any]) -> dict[str, Any]:
        """Return what the form shows of a checklist already kept."""
        yes: dict[str, Any] = {
            name: YES if kept[name] else NO for name in ("apart", "consent", "location") if name in kept
        }
        return {**kept, **yes}


class CourtForm(forms.Form):
    """The prosecutor's agent decides."""

    magistrate = forms.CharField(label="Magistrat", max_length=80)
    decided_on = FrenchDateField(label="Décidé le")

    def decision(self, kind: str) -> DecisionData:
        """Return what was typed, for the action."""
        return DecisionData(kind=kind, how=codes.How.PAGE, **self.cleaned_data)


class OralForm(forms.Form):
    """A decision said in urgency: who, at what hour."""

    magistrate = forms.CharField(label="Magistrat", max_length=80)
    day = FrenchDateField(label="Le")
    at = forms.TimeField(
        label="À", widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": "Tapez l’heure comme 14:30."},
    )  # fmt: skip

    def decision(self, kind: str) -> DecisionData:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        said: datetime = timezone.make_aware(datetime.combine(given["day"], given["at"]))
        return DecisionData(
            kind=kind, how=codes.How.ORAL, magistrate=given["magistrate"], decided_on=given["day"], said_at=said
        )


class TransmittedForm(forms.Form):
    """A written decision that came by a recorded way, where the court has no account."""

    kind = forms.ChoiceField(label="Décision", widget=forms.RadioSelect)
    magistrate = forms.CharField(label="Magistrat", max_length=80)
    decided_on = FrenchDateField(label="Décidé le")
    channel = _choice("Parvenu par", codes.Channel)

    def __init__(self, *args: Any, renewal: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [codes.DecisionKind.RENEW] if renewal else [codes.DecisionKind.ALLOT, codes.DecisionKind.REFUSE]
        offer(self, "kind", capital((each.value, str(each.label)) for each in kinds))
        if renewal:
            self.fields["kind"].initial = codes.DecisionKind.RENEW.value

    def decision(self) -> DecisionData:
        """Return what was typed, for the action."""
        return DecisionData(how=codes.How.WRITTEN, **self.cleaned_data)


class WrittenForm(forms.Form):
    """The writing that follows an oral decision."""

    written_on = FrenchDateField(label="Écrit le")
    channel = _choice("Parvenu par", codes.Channel, required=False)


class _DeviceChosen(forms.Form):
    device_id = forms.ChoiceField(label="Appareil")

    def __init__(self, *args: Any, devices: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "device_id", [CHOOSE, *devices])
        if not devices:
            self.fields["device_id"].help_text = "Aucun appareil n’est en réserve."

    def clean_device_id(self) -> UUID:
        """Return the device; the choices are ids."""
        return UUID(self.cleaned_data["device_id"])


class HandOverForm(_DeviceChosen):
    """A device handed to her."""

    handed_on = FrenchDateField(label="Remis le")


class ReplaceForm(_DeviceChosen):
    """Another device in its place."""

    loss = _choice("L’ancien est", codes.Loss, radio=True)
    field_order = ("loss", "device_id")


class ConsentForm(forms.Form):
    """Her agreement to a renewal."""

    said_on = FrenchDateField(label="Accord recueilli le")


class WithdrawForm(forms.Form):
    """The end of the use."""

    reason = _choice("Motif", codes.Withdrawal)
    withdrawn_on = FrenchDateField(label="Décidé le")


class ReturnForm(forms.Form):
    """The device given back."""

    returned_on = FrenchDateField(label="Restitué le")
    given_to = forms.CharField(
        label="Remis à", max_length=80, help_text="Le procureur, ou la personne qu’il a désignée."
    )
    present = forms.CharField(label="Présente pour l’association", max_length=80)
    is_lost = forms.BooleanField(label="Il n’y a rien à rendre : l’appareil est perdu ou volé", required=False)


class CloseForm(forms.Form):
    """The end: the device is wiped, until when the ban runs."""

    wiped = forms.BooleanField(label="L’appareil est effacé", required=False)
    kept_until = FrenchDateField(
        label="L’interdiction court jusqu’au",
        help_text="Ce qui est écrit ici disparaît ce jour-là. S’il n’y en a plus, mettez aujourd’hui.",
    )


class SendingForm(forms.Form):
    """To whom the sheet was sent."""

    recipients = forms.MultipleChoiceField(
        label="À", choices=capital(codes.Recipient.choices), widget=forms.CheckboxSelectMultiple
    )
    channel = _choice("Par", codes.Channel)
    sent_on = FrenchDateField(label="Le")


class CourtPaperForm(forms.Form):
    """How the court's own papers look. What is left empty is the usual; a line without a rank is not printed."""

    hide_optional = True
    letterhead = forms.CharField(
        label="En-tête", required=False, max_length=LONGEST["letterhead"], widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Six lignes au plus : tribunal, parquet ou service, adresse, téléphone.",
    )  # fmt: skip
    mention = forms.CharField(
        label="Mention en bas de page", required=False, max_length=LONGEST["mention"],
        help_text="Vide : « Document confidentiel ».",
    )  # fmt: skip
    recipients = forms.MultipleChoiceField(
        label="Destinataires habituels", required=False, choices=capital(codes.Recipient.choices),
        widget=forms.CheckboxSelectMultiple, help_text="Cochés d’avance quand un envoi est noté.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, line in enumerate(codes.SheetField, start=1):
            self.fields[f"rank_{line}"] = forms.IntegerField(
                label=f"Rang de « {line.label} »", min_value=1, max_value=99, initial=n, required=False
            )
            self.fields[f"title_{line}"] = forms.CharField(
                label=f"Titre de « {line.label} »", max_length=TITLE, required=False,
                widget=forms.TextInput(attrs={"placeholder": line.label}),
            )  # fmt: skip

    def clean(self) -> None:
        """Say beside the line itself that its rank is taken."""
        taken: set[int] = set()
        for code in codes.SheetField.values:
            rank = self.cleaned_data.get(f"rank_{code}")
            if rank in taken:
                self.add_error(f"rank_{code}", "Ce rang est déjà pris.")
            elif rank:
                taken.add(rank)

    def pairs(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return each line: its usual title, its rank, its title, as the page shows them."""
        return [(str(line.label), self[f"rank_{line}"], self[f"title_{line}"]) for line in codes.SheetField]

    @staticmethod
    def typed(row: SheetTemplate | None) -> dict[str, Any]:
        """Return a version as the form shows it; nothing where the court wrote none."""
        if row is None:
            return {}
        order = list(row.words.get("order", ()))
        return {
            **{name: row.words.get(name, "") for name in LONGEST}, "recipients": row.words.get("recipients", []),
            **{f"rank_{code}": order.index(code) + 1 if code in order else None for code in codes.SheetField.values},
            **{f"title_{code}": row.words.get("titles", {}).get(code, "") for code in codes.SheetField.values},
        }  # fmt: skip

    def words(self) -> dict[str, Any]:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        ranked = sorted((given[f"rank_{code}"], code) for code in codes.SheetField.values if given[f"rank_{code}"])
        return {
            "letterhead": given["letterhead"], "mention": given["mention"], "recipients": given["recipients"],
            "titles": {code: given[f"title_{code}"] for code in codes.SheetField.values},
            "order": [code for _, code in ranked],
        }  # fmt: skip


class EmptyForm(forms.Form):
    """Nothing to say: one click."""
