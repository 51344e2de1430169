"""What the forms of réparations accept. Their few words are guarded: no health, no opinion, no victim's name."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from casework.access.days import FrenchDateField
from casework.access.telephones import TelephoneField
from casework.casefile.attached import PaperField
from casework.casefile.choosing import Choices, capital, offer
from casework.casefile.guarded import GuardedForm
from casework.placements.reparation import codes
from casework.placements.reparation.actions.opening import OrderData

CHOOSE = ("", "Choisir")


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": "Tapez l’heure comme 14:30."},
    )  # fmt: skip


class OrderForm(GuardedForm):
    """A new réparation of one track. Seven lines are asked; the rest may wait."""

    guarded: ClassVar[tuple[str, ...]] = ("facts",)
    authority = forms.ChoiceField(label="Décidée par")
    ordered_on = FrenchDateField(label="Décidée le")
    term_on = FrenchDateField(label="Terme")
    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60)
    born_on = FrenchDateField(label="Né(e) le")
    facts_on = FrenchDateField(label="Faits commis le", help_text="L’âge à cette date règle le dossier.")
    discernment_seen = forms.BooleanField(
        label="Le discernement ressort du dossier",
        required=False,
        help_text="Demandé si le jeune avait moins de 13 ans.",
    )
    goals = forms.MultipleChoiceField(
        label="Résultats attendus", choices=capital(codes.Goal.choices), widget=forms.CheckboxSelectMultiple,
        required=False, help_text="Trois ou quatre suffisent. Le rapport dira de chacun s’il est atteint.",
    )  # fmt: skip
    case_mark = forms.CharField(label="Référence du service", max_length=40, required=False)
    facts = forms.CharField(
        label="Faits, en une ligne", max_length=300, required=False,
        help_text="Sans le nom de la victime : elle a sa page. Le lieu d’accueil ne lit jamais cette ligne.",
    )  # fmt: skip
    phone = TelephoneField(label="Téléphone du jeune", max_length=20, required=False)
    parents = forms.CharField(label="Parents ou représentants légaux", max_length=120, required=False)
    parents_phone = TelephoneField(label="Téléphone des parents", max_length=20, required=False)
    measure_from = FrenchDateField(label="Mesure éducative judiciaire depuis le", required=False)
    measure_to = FrenchDateField(label="Mesure éducative judiciaire jusqu’au", required=False)
    guilt_on = FrenchDateField(label="Audience sur la culpabilité", required=False)
    sanction_on = FrenchDateField(label="Audience sur la sanction", required=False)
    young_id = forms.UUIDField(widget=forms.HiddenInput)
    OPTIONAL: ClassVar[tuple[str, ...]] = ("case_mark", "facts", "phone", "parents", "parents_phone")
    MEASURE: ClassVar[tuple[str, ...]] = ("measure_from", "measure_to", "guilt_on", "sanction_on")

    def __init__(self, *args: Any, track: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.track = track
        offered = [(each.value, str(each.label)) for each in codes.ORDERS[track]]
        if len(offered) == 1:
            self.fields["authority"].initial = offered[0][0]
        else:
            offered = [CHOOSE, *offered]
        offer(self, "authority", capital(offered))
        if track == codes.Track.ALTERNATIVE:
            for name in self.MEASURE:
                del self.fields[name]

    def order(self) -> OrderData:
        """Return what was typed, for the action."""
        given = {key: value for key, value in self.cleaned_data.items() if key not in ("young_id", "confirm_text")}
        return OrderData(track=self.track, **given)


class AgreementForm(forms.Form):
    """What the minor or the parents say."""

    party = forms.ChoiceField(label="Qui", choices=capital(codes.Party.choices), widget=forms.RadioSelect)
    answer = forms.ChoiceField(label="Réponse", widget=forms.RadioSelect)
    summoned_on = FrenchDateField(label="Parents convoqués le", required=False)
    said_on = FrenchDateField(label="Recueilli le")
    signatories = forms.CharField(label="Signataires", max_length=120, required=False)
    file = PaperField(required=False, help_text="L’accord signé se joint au dossier ; 5 Mo au plus.")

    def __init__(self, *args: Any, track: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = dict.fromkeys(each for (of, _), answers in codes.ANSWERS.items() if of == track for each in answers)
        offer(self, "answer", capital((each.value, str(each.label)) for each in said))
        if track == codes.Track.MODULE:
            del self.fields["summoned_on"]


class DayForm(forms.Form):
    """One day."""

    closed_on = FrenchDateField(label="Rendue le")


class TowardsVictimForm(forms.Form):
    """An activity towards the victim, or a mediation."""

    form = forms.ChoiceField(label="Forme", widget=forms.RadioSelect)
    mediator = forms.CharField(label="Structure de médiation", max_length=120, required=False)
    accredited = forms.BooleanField(label="Cette structure est habilitée à la médiation", required=False)

    def __init__(self, *args: Any, track: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [each for each in codes.FORMS[track] if each in codes.TOWARDS_VICTIM]
        offer(self, "form", capital((each.value, str(each.label)) for each in offered))
        if track == codes.Track.ALTERNATIVE:
            self.fields["form"].initial = codes.Form.VICTIM
            del self.fields["mediator"], self.fields["accredited"]


class EmptyForm(forms.Form):
    """Nothing to say: one click."""


class PlanForm(forms.Form):
    """A session with the educator."""

    kind = forms.ChoiceField(label="Nature", choices=capital(codes.SessionKind.choices))
    day = FrenchDateField(label="Jour")
    starts_at = _time("De")
    ends_at = _time("à")


class GoalsForm(forms.Form):
    """What is expected."""

    goals = forms.MultipleChoiceField(
        label="Résultats attendus", choices=capital(codes.Goal.choices), widget=forms.CheckboxSelectMultiple
    )


class DifficultyForm(GuardedForm):
    """A difficulty, in a code and a line."""

    kind = forms.ChoiceField(label="Difficulté", choices=[CHOOSE, *capital(codes.Difficulty.choices)])
    told_on = FrenchDateField(label="Magistrat informé le")
    precision = forms.CharField(
        label="Précision", max_length=200, required=False, help_text="Une ligne. Ni santé, ni nom de la victime."
    )


class AnswerForm(forms.Form):
    """What the magistrate answers."""

    answer = forms.ChoiceField(
        label="Réponse", choices=capital(codes.DifficultyAnswer.choices), widget=forms.RadioSelect
    )
    answered_on = FrenchDateField(label="Répondu le")


class ReportForm(GuardedForm):
    """The report leaves."""

    guarded: ClassVar[tuple[str, ...]] = ("conclusion",)
    reported_on = FrenchDateField(label="Rapport remis le")
    conclusion = forms.CharField(
        label="Conclusion", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Quelques lignes. Ni santé, ni nom de la victime.",
    )  # fmt: skip


class HalfYearlyForm(forms.Form):
    """A report of the mesure éducative left."""

    sent_on = FrenchDateField(label="Remis le")


class CloseForm(forms.Form):
    """What the magistrate decided."""

    outcome = forms.ChoiceField(label="Décision du magistrat", widget=forms.RadioSelect)
    closed_on = FrenchDateField(label="Décidé le")

    def __init__(self, *args: Any, track: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [outcome for of, outcome in codes.CLOSES if of == track]
        offer(self, "outcome", capital((code, str(codes.Outcome(code).label)) for code in offered))


class StopForm(forms.Form):
    """The réparation stops before its end."""

    outcome = forms.ChoiceField(
        label="Pourquoi", widget=forms.RadioSelect,
        choices=capital((code, str(codes.Outcome(code).label)) for code in codes.STOPS),
    )  # fmt: skip
    closed_on = FrenchDateField(label="Depuis le")


class CorrectionForm(GuardedForm):
    """What was typed of the young person."""

    guarded: ClassVar[tuple[str, ...]] = ("facts",)
    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60)
    born_on = FrenchDateField(label="Né(e) le")
    facts_on = FrenchDateField(label="Faits commis le", help_text="L’âge à cette date règle le dossier.")
    discernment_seen = forms.BooleanField(label="Le discernement ressort du dossier", required=False)
    case_mark = forms.CharField(label="Référence du service", max_length=40, required=False)
    facts = forms.CharField(
        label="Faits, en une ligne", max_length=300, required=False, help_text="Sans le nom de la victime."
    )
    phone = TelephoneField(label="Téléphone du jeune", max_length=20, required=False)
    parents = forms.CharField(label="Parents ou représentants légaux", max_length=120, required=False)
    parents_phone = TelephoneField(label="Téléphone des parents", max_length=20, required=False)


class TermForm(forms.Form):
    """The term moved by the magistrate."""

    term_on = FrenchDateField(label="Nouveau terme")


class HandOverForm(forms.Form):
    """A colleague takes over."""

    to = forms.ChoiceField(label="Confier à")

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", [CHOOSE, *colleagues])


class FileForm(forms.Form):
    """A document of the file."""

    kind = forms.ChoiceField(
        label="Nature", choices=capital(
            (each.value, str(each.label)) for each in codes.FileKind if each != codes.FileKind.VICTIM
        ),
    )  # fmt: skip
    file = PaperField("Fichier")


class PlaceForm(forms.Form):
    """Half-days at a host."""

    slots = forms.MultipleChoiceField(
        label="Demi-journées libres", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une demi-journée."},
    )  # fmt: skip
    how = forms.ChoiceField(
        label="La structure", initial="ask", widget=forms.RadioSelect,
        choices=[("ask", "Lui demander : elle répond par son compte, ou par un lien"), ("agreed", "Elle a déjà dit oui, au téléphone")],
    )  # fmt: skip
    answer_by = FrenchDateField(
        label="Réponse avant le", required=False,
        help_text="Cinq jours ouvrés sans précision. Sans réponse à cette date, les demi-journées sont libérées.",
    )  # fmt: skip
    host_agreed_on = FrenchDateField(label="Si elle a déjà dit oui : le", required=False)

    def __init__(self, *args: Any, slots: Choices, same: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "slots", slots)
        if same:
            for name in ("how", "answer_by", "host_agreed_on"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a yes by telephone."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("how") == "agreed" and not cleaned.get("host_agreed_on"):
            self.add_error("host_agreed_on", "Indiquez le jour de son accord.")
        return cleaned


class VictimForm(forms.Form):
    """A victim who is asked."""

    last_name = forms.CharField(label="Nom", max_length=60)
    first_name = forms.CharField(label="Prénom", max_length=60, required=False)
    phone = TelephoneField(max_length=20, required=False)
    asked_on = FrenchDateField(label="Sollicitée le")


class VictimAnswerForm(forms.Form):
    """What the victim says."""

    answer = forms.ChoiceField(label="Réponse", widget=forms.RadioSelect)
    answered_on = FrenchDateField(label="Répondu le")
    file = PaperField("Accord signé", required=False, help_text="Demandé pour un accord ; 5 Mo au plus.")

    def __init__(self, *args: Any, mediation: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {codes.VictimAnswer.PENDING} | (set() if mediation else {codes.VictimAnswer.REQUESTED})
        offer(
            self,
            "answer",
            capital((each.value, str(each.label)) for each in codes.VictimAnswer if each not in left_out),
        )


class PresenceForm(forms.Form):
    """Who came."""

    presence = forms.ChoiceField(choices=codes.Presence.choices)
    parents = forms.ChoiceField(choices=[("", ""), *codes.ParentsPart.choices], required=False)
