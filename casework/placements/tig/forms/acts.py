"""One form per act. Hours are typed in hours and minutes, kept in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundWidget

from casework.access.days import FrenchDateField, RecentDateField
from casework.access.telephones import TelephoneField
from casework.casefile import format as fr
from casework.casefile.choosing import offer
from casework.casefile.guarded import PRECISION_HELP, GuardedForm
from casework.placements.hosts import forms as host_forms
from casework.placements.hosts.codes import Half, PostNeed
from casework.placements.tig import codes, legal
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.actions.demands import MAX_WEEKLY, DemandData, SentenceData
from casework.placements.tig.actions.incidents import PRECISION_MAX, AccidentSheet

WEEK = [(f"{day}-{half.value}", f"{fr.WEEKDAYS[day].capitalize()} {half.label}") for day in range(7) for half in Half]
CHOOSE = [("", "Choisir…")]


class HoursField(forms.IntegerField):
    """Whole hours, cleaned to minutes."""

    def clean(self, value: Any) -> int | None:
        """Return minutes."""
        hours: int | None = super().clean(value)
        return None if hours is None else hours * 60


def _time(label: str, *, required: bool = True) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class DemandForm(forms.Form):
    """« Demande de place »: everything in one screen, no name."""

    case_mark = forms.CharField(
        label="Votre référence de dossier", max_length=40,
        help_text="Celle de votre service, lue par vous seul. Pas de nom.",
    )  # fmt: skip
    measure = forms.ChoiceField(
        label="Mesure", choices=codes.Measure.choices, widget=forms.RadioSelect, initial=codes.Measure.TIG
    )
    hours = HoursField(label="Heures à faire ici", min_value=1, max_value=400)
    last_useful_on = FrenchDateField(label="Dernière date utile")
    weekly = forms.IntegerField(label="Demi-journées par semaine", min_value=1, max_value=MAX_WEEKLY, initial=2)
    availability = forms.MultipleChoiceField(
        label="Demi-journées possibles", choices=WEEK, widget=forms.CheckboxSelectMultiple
    )
    limits = forms.MultipleChoiceField(
        label="À éviter", choices=PostNeed.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Ce que la personne ne peut pas faire, sans dire pourquoi.",
    )  # fmt: skip
    away = forms.MultipleChoiceField(
        label="Lieux où ne pas l’envoyer", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Par exemple quelqu’un à ne pas croiser. Sans dire pourquoi ni qui : lu par vous seul, jamais par la structure.",
    )  # fmt: skip
    job_hours = HoursField(
        label="Heures d’emploi par semaine", min_value=0, max_value=48, required=False,
        help_text="Emploi et TIG ensemble : la semaine légale et 12 h au plus (CPEN R623-16).",
    )  # fmt: skip
    exam_stated = forms.BooleanField(
        label="Le texte demande une visite médicale pour cette personne", required=False,
        help_text="Sans dire pourquoi (CPEN R623-14).",
    )  # fmt: skip
    adult_on = FrenchDateField(label="Jour des 18 ans", required=False)

    def __init__(self, *args: Any, audience: str, places: Sequence[tuple[str, object]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "away", places)
        if not places:
            del self.fields["away"]
        if audience != codes.Audience.MINORS:
            del self.fields["adult_on"]
        else:
            del self.fields["exam_stated"]  # owed for every minor
            offer(self, "availability", WEEK[:12])

    def week(self) -> tuple[list[str], list[tuple[str, list[tuple[str, BoundWidget]]]]]:
        """Return the half-days as a grid: the days, then one line per half, each box with its day."""
        boxes = list(self["availability"])
        days = [name.capitalize() for name in fr.WEEKDAYS[: len(boxes) // 2]]
        return days, [
            (str(half.label).capitalize(), list(zip(days, boxes[n::2], strict=True))) for n, half in enumerate(Half)
        ]

    def demand(self) -> DemandData:
        """Return what was typed."""
        data = self.cleaned_data
        return DemandData(
            case_mark=data["case_mark"], minutes=data["hours"], last_useful_on=data["last_useful_on"],
            weekly=data["weekly"], availability=data["availability"], limits=data["limits"],
            job_minutes=data.get("job_hours") or 0, exam_stated=bool(data.get("exam_stated")),
            adult_on=data.get("adult_on"), measure=data["measure"], away=data.get("away") or (),
        )  # fmt: skip


class SentenceForm(forms.Form):
    """The sentence file, where the service keeps it here."""

    basis = forms.ChoiceField(label="Texte")
    court = forms.CharField(label="Juridiction", max_length=80)
    offence_code = forms.CharField(label="Code de l’infraction (NATINF)", max_length=20, required=False)
    hours = HoursField(label="Heures prononcées", min_value=1, max_value=400)
    months = forms.IntegerField(label="Délai, en mois", min_value=1, max_value=18)
    fallback = forms.BooleanField(label="Peine de substitution fixée par le tribunal", required=False)
    born_on = FrenchDateField(label="Date de naissance")
    facts_on = FrenchDateField(label="Date des faits")
    decided_on = FrenchDateField(label="Date de la décision")
    enforceable_on = FrenchDateField(label="Exécutoire depuis le")
    last_useful_on = FrenchDateField(
        label="Dernière date utile",
        help_text="Celle de la demande, à corriger si elle dépasse le délai de la décision.",
    )

    def __init__(self, *args: Any, audience: str, measure: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        composition = measure == codes.Measure.TNR
        offered = [each for each in legal.offered(audience, today) if each.composition == composition]
        texts = [(each.code, f"{each.label} ({each.ref})") for each in offered]
        offer(self, "basis", CHOOSE + texts)
        if audience == codes.Audience.MINORS:
            del self.fields["fallback"]  # TIGM-04

    def sentence(self) -> SentenceData:
        """Return what was typed."""
        data = self.cleaned_data
        return SentenceData(
            basis=data["basis"], court=data["court"], offence_code=data["offence_code"], minutes=data["hours"],
            months=data["months"], has_fallback=bool(data.get("fallback")), born_on=data["born_on"],
            facts_on=data["facts_on"], decided_on=data["decided_on"], enforceable_on=data["enforceable_on"],
            last_useful_on=data["last_useful_on"],
        )  # fmt: skip


class CallForm(forms.Form):
    """What is said on the telephone: no name."""

    post = forms.ChoiceField(label="Poste de la ville")
    officer = forms.EmailField(
        label="Adresse professionnelle du conseiller", help_text="Le lien de confirmation y est envoyé."
    )
    hours = HoursField(label="Heures à faire ici", min_value=1, max_value=400)
    weekly = forms.IntegerField(label="Demi-journées par semaine", min_value=1, max_value=MAX_WEEKLY, initial=2)
    last_useful_on = FrenchDateField(label="Dernière date utile")

    def __init__(self, *args: Any, posts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "post", CHOOSE + posts)


class ConfirmForm(forms.Form):
    """What the officer adds to a call that is theirs."""

    case_mark = forms.CharField(
        label="Votre référence de dossier", max_length=40,
        help_text="Celle de votre service, lue par vous seul. Pas de nom.",
    )  # fmt: skip
    limits = forms.MultipleChoiceField(
        label="À éviter", choices=PostNeed.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Ce que la personne ne peut pas faire, sans dire pourquoi.",
    )  # fmt: skip
    job_hours = HoursField(label="Heures d’emploi par semaine", min_value=0, max_value=48, required=False)
    exam = forms.BooleanField(
        label="Le texte demande une visite médicale pour cette personne", required=False,
        help_text="Sans dire pourquoi (CPEN R623-14).",
    )  # fmt: skip

    def clean_exam(self) -> bool:
        """Send to the ordinary door whoever must see a doctor first (ASG-05)."""
        if self.cleaned_data["exam"]:
            raise forms.ValidationError(
                "La visite vient d’abord : libérez les places, puis faites une demande de place."
            )
        return False


class SignedForm(forms.Form):
    """When the service's own controller signed."""

    signed_on = RecentDateField(
        label="Signé par votre responsable de traitement le",
        help_text="L’analyse d’impact et l’accord de votre administration, pas ceux de la commune.",
    )


class AskForm(forms.Form):
    """Which post, from when, and until when the host answers."""

    post = forms.UUIDField(widget=forms.HiddenInput)
    start = FrenchDateField(label="Commencer à partir du", required=False)
    answer_by = FrenchDateField(
        label="Réponse attendue avant le", required=False, help_text="Cinq jours ouvrés sans précision."
    )


class ExamForm(forms.Form):
    """The result of the exam, and nothing else (ASG-06)."""

    result = forms.ChoiceField(label="Résultat", choices=CHOOSE + codes.FitnessResult.choices)
    seen_on = RecentDateField(label="Date de la visite")
    certificate_seen = forms.BooleanField(label="Certificat vu", required=False)
    limits = forms.MultipleChoiceField(
        label="Limites", choices=PostNeed.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Seulement pour « apte avec des limites ». Ni diagnostic ni traitement.",
    )  # fmt: skip


class DecisionForm(forms.Form):
    """The decision and the name, which the host reads from then on."""

    author = forms.ChoiceField(label="Décision prise par")
    decided_on = RecentDateField(label="Le")
    last_name = forms.CharField(label="Nom", max_length=80)
    first_name = forms.CharField(label="Prénom", max_length=80)
    phone = TelephoneField(required=False)

    def __init__(self, *args: Any, audience: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "author", [(each.value, each.label) for each in codes.AUTHORS[audience]])


class PlanForm(forms.Form):
    """All that is left, in one click."""

    weekly = forms.IntegerField(label="Demi-journées par semaine", min_value=1, max_value=MAX_WEEKLY)
    start = FrenchDateField(label="À partir du", required=False)


class HalfDayForm(forms.Form):
    """One half-day by hand."""

    day = FrenchDateField(label="Jour")
    half = forms.ChoiceField(label="Demi-journée", choices=Half.choices, widget=forms.RadioSelect)


class AdjustForm(forms.Form):
    """Minutes added or taken away."""

    sign = forms.ChoiceField(
        label="Sens", choices=[("+", "Ajouter"), ("-", "Retirer")], widget=forms.RadioSelect, initial="+"
    )
    hours = forms.IntegerField(label="Heures", min_value=0, max_value=400, required=False)
    minutes = forms.IntegerField(label="Minutes", min_value=0, max_value=59, required=False)
    reason = forms.ChoiceField(label="Motif", choices=CHOOSE + codes.AdjustmentReason.choices)
    on = RecentDateField(label="Au titre du")

    def total(self) -> int:
        """Return the minutes, signed."""
        data = self.cleaned_data
        found = (data.get("hours") or 0) * 60 + (data.get("minutes") or 0)
        return -found if data["sign"] == "-" else found


class IncidentForm(GuardedForm):
    """What the host reports at once."""

    kind = forms.ChoiceField(
        label="Ce qui s’est passé",
        choices=CHOOSE + [each for each in codes.IncidentKind.choices if each[0] != codes.IncidentKind.ACCIDENT],
    )
    occurred_on = FrenchDateField(label="Le")
    precision = forms.CharField(label="Précision", max_length=PRECISION_MAX, required=False, help_text=PRECISION_HELP)
    stop_work = forms.BooleanField(
        label="Suspendre le travail tout de suite", required=False,
        help_text="En cas de danger immédiat ou de faute grave (CPEN R623-22).",
    )  # fmt: skip


class AccidentForm(GuardedForm):
    """The facts of an accident: what its declaration asks for, and no diagnosis."""

    guarded = ("where", "task")
    occurred_on = FrenchDateField(label="Le")
    at = _time("À quelle heure")
    where = forms.CharField(label="Lieu précis", max_length=80)
    task = forms.CharField(label="Tâche en cours", max_length=80, required=False)
    emergency = forms.BooleanField(label="Les secours ont été appelés", required=False)
    witness = forms.BooleanField(label="Une autre personne était présente", required=False)
    stop_work = forms.BooleanField(label="Suspendre le travail tout de suite", required=False)

    def sheet(self) -> AccidentSheet:
        """Return the facts."""
        data = self.cleaned_data
        return AccidentSheet(
            at=data["at"].strftime("%H:%M"), where=data["where"], task=data["task"], emergency=data["emergency"],
            witness=data["witness"],
        )  # fmt: skip


def choice_form(name: str, label: str, choices: list[tuple[str, Any]]) -> type[forms.Form]:
    """Return a form of one closed list."""
    return type("ChoiceForm", (forms.Form,), {name: forms.ChoiceField(label=label, choices=CHOOSE + choices)})


class StopClockForm(forms.Form):
    """The legal time stopped."""

    reason = forms.ChoiceField(label="Motif", choices=CHOOSE + codes.ClockReason.choices)
    starts_on = RecentDateField(label="Depuis le")
    decided_on = FrenchDateField(
        label="Décision du juge du", required=False, help_text="Sauf détention ou assignation, suspendues par la loi."
    )
    work_goes_on = forms.BooleanField(
        label="La personne continue de travailler", required=False,
        help_text="Possible sous assignation, placement extérieur, semi-liberté ou bracelet (CP 131-22).",
    )  # fmt: skip


class DayForm(forms.Form):
    """One day."""

    on = FrenchDateField(label="À partir du")


class ReportForm(forms.Form):
    """A report that left for the magistrate."""

    kind = forms.ChoiceField(label="Rapport")
    sent_on = RecentDateField(label="Envoyé le")

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", kinds)


class AnswerForm(host_forms.AnswerForm):
    """The host's answer: yes with a tuteur, or no with a reason."""

    supervisor = forms.ChoiceField(label="Tuteur", required=False)

    def __init__(self, *args: Any, tutors: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["answer", "supervisor", "reason"])
        offer(self, "supervisor", [("", "À désigner plus tard"), *tutors])


class LineForm(forms.Form):
    """One line of the week sheet."""

    outcome = forms.ChoiceField(label="Présence", choices=[("", "—"), *codes.Outcome.choices], required=False)
    starts_at = _time("Arrivée", required=False)
    ends_at = _time("Départ", required=False)
    break_minutes = forms.IntegerField(label="Pause", min_value=0, max_value=240, required=False)


class _BothConfirm(forms.Form):
    """Two recorded acknowledgements stand for two signatures, each ticked by its own person."""

    person_signs = forms.BooleanField(label="La personne confirme ses heures", required=False)
    tutor_signs = forms.BooleanField(label="Le tuteur confirme", required=False)

    @property
    def signed(self) -> bool:
        """Say whether both did."""
        return bool(self.cleaned_data["person_signs"] and self.cleaned_data["tutor_signs"])

    def require_both(self) -> None:
        """Ask each for theirs, beside the box."""
        for name, who in (("person_signs", "la personne"), ("tutor_signs", "le tuteur")):
            if not self.cleaned_data.get(name):
                self.add_error(name, f"À cocher par {who}.")


class FinishForm(_BothConfirm):
    """The end of a half-day, on the telephone."""

    outcome = forms.ChoiceField(
        label="Présence",
        choices=[each for each in codes.Outcome.choices if each[0] in (*codes.WITH_HOURS, codes.Outcome.SENT_HOME)],
    )
    starts_at = _time("Arrivée")
    ends_at = _time("Fin")
    break_minutes = forms.IntegerField(label="Pause (min)", min_value=0, max_value=240, required=False)
    field_order = ("starts_at", "ends_at", "break_minutes", "outcome", "person_signs", "tutor_signs")

    def clean(self) -> dict[str, Any]:
        """Hours are confirmed by both; somebody sent home has none."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("outcome") in codes.WITH_HOURS:
            self.require_both()
        return cleaned

    def entry(self, half_day_id: UUID) -> Entry:
        """Return what was typed."""
        data = self.cleaned_data
        return Entry(
            half_day_id=half_day_id, outcome=data["outcome"], starts_at=data["starts_at"], ends_at=data["ends_at"],
            break_minutes=data["break_minutes"] or 0,
        )  # fmt: skip


class GroupForm(_BothConfirm):
    """The end of everybody's half-day in one go."""

    ends_at = _time("Fin pour tout le groupe")
    field_order = ("ends_at", "person_signs", "tutor_signs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person_signs"].label = "Chaque personne a confirmé ses heures"

    def clean(self) -> dict[str, Any]:
        """Everybody's hours are confirmed by both."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.require_both()
        return cleaned
