"""What the forms of measures accept. Reports are free prose: only health and an address are pointed at (BL-04, VIC-01)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.timezone import make_aware

from casework.access.days import FrenchDateField
from casework.access.telephones import TelephoneField
from casework.casefile.attached import PaperField
from casework.casefile.choosing import Choices, capital, offer
from casework.casefile.guarded import GuardedForm
from casework.casefile.textguard import WarningCode
from casework.vif.offenders import codes, prose
from casework.vif.offenders.actions.opening import OrderData, PersonData
from casework.vif.offenders.actions.reports import MOST, WRITTEN, IncidentData
from casework.vif.offenders.actions.templates import LONGEST, TITLE
from casework.vif.offenders.letters import TEXTS, Letter

CHOOSE = ("", "Choisir")
NOT_HERE = frozenset({WarningCode.HEALTH, WarningCode.ADDRESS, WarningCode.PHONE, WarningCode.NIR})
NEITHER = "Ni santé, ni adresse ou téléphone de qui que ce soit."


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Tapez l’heure comme 14:30."},
    )  # fmt: skip


class _Person(forms.Form):
    """Who the person under measure is, who ordered."""

    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60)
    born_on = FrenchDateField(label="Naissance")
    authority = forms.ChoiceField(label="Décidée par")
    court = forms.CharField(label="Juridiction", max_length=80, required=False)
    magistrate = forms.CharField(label="Magistrat", max_length=80, required=False)
    case_mark = forms.CharField(
        label="Référence du service",
        max_length=40,
        required=False,
        help_text="Votre numéro, non celui de la procédure.",
    )
    phone = TelephoneField(max_length=20, required=False)
    email = forms.EmailField(label="Adresse électronique", max_length=80, required=False)
    address = forms.CharField(
        label="Adresse de la personne sous mesure", max_length=160, required=False,
        help_text="La sienne seulement, jamais celle d’une victime.",
    )  # fmt: skip
    MORE: ClassVar[tuple[str, ...]] = ("court", "magistrate", "case_mark", "phone", "email", "address")

    def __init__(self, *args: Any, frame: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(each.value, str(each.label)) for each in codes.ORDERS[frame]]
        if len(offered) == 1:
            self.fields["authority"].initial = offered[0][0]
        else:
            offered = [CHOOSE, *offered]
        offer(self, "authority", capital(offered))

    def person(self) -> PersonData:
        """Return who was typed, for the action."""
        return PersonData(**{name: self.cleaned_data[name] for name in PersonData.__dataclass_fields__})


class OrderForm(_Person):
    """A new measure of one frame. Six lines are asked, and the obligations; the rest may wait."""

    ordered_on = FrenchDateField(label="Décidée le")
    term_on = FrenchDateField(label="Terme de la mesure")
    hearing_on = FrenchDateField(label="Audience le", required=False, help_text="Le rapport final est dû avant.")
    obligations = forms.MultipleChoiceField(
        label="Obligations de la décision", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une obligation de la décision."},
    )  # fmt: skip
    bracelet = forms.BooleanField(label="Un bracelet anti-rapprochement est ordonné", required=False)
    bracelet_until = FrenchDateField(
        label="Bracelet jusqu’au", required=False, help_text="Rien d’autre n’est gardé du bracelet."
    )
    person_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, frame: str, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, frame=frame, **kwargs)
        self.frame = frame
        offer(self, "obligations", offered)
        if frame not in codes.HEARD:
            del self.fields["hearing_on"]

    def order(self) -> OrderData:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        return OrderData(
            frame=self.frame, person=self.person(), ordered_on=given["ordered_on"], term_on=given["term_on"],
            hearing_on=given.get("hearing_on"), obligations=given["obligations"], bracelet=given["bracelet"],
            bracelet_until=given["bracelet_until"],
        )  # fmt: skip


class CorrectionForm(_Person):
    """What was typed of the person."""


class DatesForm(forms.Form):
    """Term, hearing, bracelet."""

    hearing_on = FrenchDateField(label="Audience le", required=False)
    term_on = FrenchDateField(label="Terme de la mesure")
    bracelet = forms.BooleanField(label="Un bracelet anti-rapprochement est ordonné", required=False)
    bracelet_until = FrenchDateField(label="Bracelet jusqu’au", required=False)


class ObligationsForm(forms.Form):
    """The obligations in force from a day."""

    obligations = forms.MultipleChoiceField(
        label="Obligations", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une obligation de la décision."},
    )  # fmt: skip
    on = FrenchDateField(label="À compter du")

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "obligations", offered)


class ExplainedForm(forms.Form):
    """New obligations were explained."""

    on = FrenchDateField(label="Expliquées le")


class EmptyForm(forms.Form):
    """Nothing to say: one click."""


class PlanForm(forms.Form):
    """An appointment."""

    kind = forms.ChoiceField(label="Nature")
    day = FrenchDateField(label="Jour")
    at = _time("Heure")

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [each for each in codes.Meeting if (each == codes.Meeting.FIRST) is first]
        offer(self, "kind", capital((each.value, str(each.label)) for each in kinds))
        if first:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = codes.Meeting.FIRST


class AddressForm(forms.Form):
    """A check of the address: seen or not."""

    seen = forms.ChoiceField(
        label="Justificatif d’adresse", choices=capital(codes.Seen.choices), widget=forms.RadioSelect
    )
    day = FrenchDateField(label="Le")


class CourseForm(forms.Form):
    """A course."""

    kind = forms.ChoiceField(label="Nature", choices=capital(codes.CourseKind.choices))
    starts_on = FrenchDateField(label="Du")
    ends_on = FrenchDateField(label="Au")
    agreed = forms.BooleanField(
        label="Le projet de stage est validé par le procureur", required=False,
        help_text="Demandé pour un stage de responsabilisation, d’un mois au plus, aux frais de la personne.",
    )  # fmt: skip


class LodgingForm(forms.Form):
    """A lodging asked for."""

    asked_of = forms.CharField(label="Demandé à", max_length=120, help_text="Le service, non l’adresse.")
    asked_on = FrenchDateField(label="Demandé le")


class OrientationForm(GuardedForm):
    """A letter to a specialised association."""

    guarded: ClassVar[tuple[str, ...]] = ("why",)
    looked_for = NOT_HERE
    to = forms.CharField(label="Association", max_length=120)
    why = forms.CharField(
        label="Ce qui est demandé, en une ou deux lignes", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Exemple : un entretien d’accueil, puis l’inscription au groupe de parole.",
    )  # fmt: skip
    sent_on = FrenchDateField(label="Courrier du")


class JudgeForm(forms.Form):
    """What was decided."""

    outcome = forms.ChoiceField(label="Décision", widget=forms.RadioSelect)
    closed_on = FrenchDateField(label="Rendue le")
    spip = forms.ChoiceField(
        label="Ouvrir ce dossier au SPIP qui prend le relais", required=False,
        help_text="Après une condamnation. Il lit, pendant six mois, et n’écrit rien.",
    )  # fmt: skip

    file = PaperField("Le jugement, numérisé", required=False)

    def __init__(self, *args: Any, frame: str, officers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "outcome", capital((each.value, str(each.label)) for each in codes.JUDGMENTS[frame]))
        if officers and any(each in codes.CONVICTED for each in codes.JUDGMENTS[frame]):
            offer(self, "spip", [("", "Personne"), *officers])
        else:
            del self.fields["spip"]


class PaperForm(forms.Form):
    """A decision, scanned."""

    kind = forms.ChoiceField(
        label="Nature", widget=forms.RadioSelect,
        choices=capital((each.value, str(each.label)) for each in (codes.PaperKind.ORDER, codes.PaperKind.JUDGMENT)),
    )  # fmt: skip
    file = PaperField("Le document, numérisé")


class ReceiptForm(forms.Form):
    """What proves that a report arrived."""

    file = PaperField("L’accusé de réception")


class StopForm(forms.Form):
    """The measure stops before its end."""

    outcome = forms.ChoiceField(
        label="Pourquoi", widget=forms.RadioSelect,
        choices=capital((code, str(codes.Outcome(code).label)) for code in codes.STOPS),
    )  # fmt: skip
    closed_on = FrenchDateField(label="Depuis le")


class HandOverForm(forms.Form):
    """A colleague takes over."""

    to = forms.ChoiceField(label="Confier à")

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", [CHOOSE, *colleagues])


class IncidentForm(GuardedForm):
    """The call first, then a few lines."""

    guarded: ClassVar[tuple[str, ...]] = ("instruction", "story")
    looked_for = NOT_HERE
    called_on = FrenchDateField(label="Permanence appelée le")
    called_time = _time("à")
    called_name = forms.CharField(label="Qui a répondu", max_length=80)
    instruction = forms.CharField(label="Instruction reçue", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    what = forms.ChoiceField(label="Ce qui n’a pas été respecté")
    story = forms.CharField(
        label="Les faits, en quelques lignes", max_length=MOST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=NEITHER,
    )  # fmt: skip
    answer_by = FrenchDateField(label="Réponse attendue avant le")

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "what", [CHOOSE, *offered])

    def incident(self) -> IncidentData:
        """Return what was typed, for the action."""
        given = self.cleaned_data
        called_at = make_aware(datetime.combine(given["called_on"], given["called_time"]))
        return IncidentData(
            called_at=called_at, called_name=given["called_name"], instruction=given["instruction"], what=given["what"],
            story=given["story"], answer_by=given["answer_by"],
        )  # fmt: skip


class ReportForm(GuardedForm):
    """The parts of a report that the officer writes."""

    looked_for = NOT_HERE
    hide_optional = True

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in prose.PARTS[kind]:
            if section in WRITTEN:
                self.fields[section.value] = forms.CharField(
                    label=Letter().heading(kind, section), max_length=MOST, required=False, help_text=NEITHER,
                    widget=forms.Textarea(attrs={"rows": 5}),
                )  # fmt: skip
        self.guarded = tuple(name for name in self.fields if name != "confirm_text")  # type: ignore[misc]  # one form serves each kind of report

    def sections(self) -> dict[str, str]:
        """Return what was typed, by part."""
        return {name: self.cleaned_data[name] for name in self.guarded}


class AskReadingForm(forms.Form):
    """Who reads a report before it leaves."""

    reader = forms.ChoiceField(label="Relu par")

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "reader", [CHOOSE, *colleagues])


class TransmitForm(forms.Form):
    """The report leaves."""

    recipient = forms.ChoiceField(label="À")
    channel = forms.ChoiceField(label="Par", choices=capital(codes.Channel.choices))
    sent_on = FrenchDateField(label="Transmis le")

    def __init__(self, *args: Any, frame: str, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "recipient", capital((each.value, str(each.label)) for each in codes.recipients(frame, kind)))


class AnswerForm(forms.Form):
    """What the magistrate decides after an incident."""

    answer = forms.ChoiceField(label="Réponse", choices=capital(codes.BreachAnswer.choices), widget=forms.RadioSelect)
    answered_on = FrenchDateField(label="Reçue le")


class AddendumForm(GuardedForm):
    """What is added once it has left."""

    guarded: ClassVar[tuple[str, ...]] = ("text",)
    looked_for = NOT_HERE
    text = forms.CharField(
        label="Ce qui s’ajoute", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), help_text=NEITHER
    )
    channel = forms.ChoiceField(label="Par", choices=capital(codes.Channel.choices))
    sent_on = FrenchDateField(label="Transmis le")


def _text(label: str, name: str, rows: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=LONGEST[name], help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class TemplateForm(forms.Form):
    """How the reports of a frame are addressed, to every court or to one. What is left empty is the usual."""

    hide_optional = True
    version = forms.IntegerField(widget=forms.HiddenInput)
    court = forms.CharField(
        label="Juridiction", max_length=120, required=False,
        help_text="Comme elle s’écrit dans les mesures. Vide : toutes les juridictions.",
    )  # fmt: skip
    letterhead = _text("En-tête", "letterhead", 4, "Cinq lignes au plus : association, adresse du service, téléphone.")
    addressee = _text("Destinataire", "addressee", 3, "Quatre lignes au plus. Vide : le magistrat et sa juridiction.")
    opening = _text("Formule du début", "opening", 2, "Par exemple « Madame, Monsieur, ».")
    closing = _text("Formule de la fin", "closing", 3, "Avant la signature.")

    def __init__(self, *args: Any, has_court: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_court:
            del self.fields["court"]
        for n, section in enumerate(codes.Section, start=1):
            self.fields[f"rank_{section}"] = forms.IntegerField(
                label="Rang", min_value=1, max_value=len(codes.Section), initial=n
            )
            self.fields[f"title_{section}"] = forms.CharField(
                label=f"Titre de « {section.label} »", max_length=TITLE, required=False
            )

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rank and the title of each part, as the page shows them."""
        return [(self[f"rank_{section}"], self[f"title_{section}"]) for section in codes.Section]

    @staticmethod
    def typed(words: dict[str, Any]) -> dict[str, Any]:
        """Return a version as the form shows it."""
        order = list(words.get("order") or codes.Section.values)
        return {
            **{name: words.get(name, "") for name in TEXTS},
            **{f"rank_{code}": order.index(code) + 1 for code in codes.Section.values},
            **{f"title_{code}": words.get("titles", {}).get(code, "") for code in codes.Section.values},
        }

    def words(self) -> dict[str, Any]:
        """Return what was typed, for the action. Two parts of the same rank: no order, and the action says so."""
        given = self.cleaned_data
        ranks = {given[f"rank_{code}"]: code for code in codes.Section.values}
        return {
            "texts": {name: given[name] for name in TEXTS},
            "titles": {code: given[f"title_{code}"] for code in codes.Section.values},
            "order": [ranks[rank] for rank in sorted(ranks)],
        }


class SettingForm(forms.Form):
    """What the service decides for itself."""

    silence_days = forms.IntegerField(label="Revenir sur une mesure sans contact depuis (jours)")
    second_reader = forms.BooleanField(
        label="Chaque rapport est relu par une deuxième personne avant de partir", required=False
    )
