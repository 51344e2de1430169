"""Sorting, single-use links, a school's list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError

from casework.access.days import FrenchDateField
from casework.casefile import textguard
from casework.casefile.choosing import offer
from casework.errors import InputRefused
from casework.minors.followups import codes
from casework.minors.followups.actions.links import VALID_DAYS
from casework.minors.followups.actions.referrals import MAX_LIST
from casework.minors.followups.actions.sorting import MAX_ASKED
from casework.minors.followups.data import FamilyInformed, PersonData, ReferralData, RepresentativeData
from casework.minors.followups.forms.referrals import ReferralForm
from casework.minors.followups.spreadsheet import Target, guess, open_file
from casework.minors.followups.spreadsheet.cells import Precision, parse_date

CHOICES = [
    (codes.Sorting.TO_STUDY.value, codes.Sorting.TO_STUDY.label),
    (codes.Sorting.MORE_ASKED.value, codes.Sorting.MORE_ASKED.label),
    (codes.Sorting.REDIRECTED.value, codes.Sorting.REDIRECTED.label),
    (codes.Sorting.OUT_OF_SCOPE.value, codes.Sorting.OUT_OF_SCOPE.label),
]


class SortForm(forms.Form):
    """One click, and what two of the four choices ask for."""

    choice = forms.ChoiceField(choices=CHOICES)
    redirect_to = forms.UUIDField(label="Vers", required=False)
    asked = forms.MultipleChoiceField(
        label="Ce qui manque", choices=codes.MoreAsked.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    words = forms.CharField(
        label="Précision", max_length=MAX_ASKED, required=False,
        help_text="200 signes au plus. Ni nom, ni faits, ni santé.",
    )  # fmt: skip
    confirm_text = forms.CharField(required=False, widget=forms.HiddenInput)

    def warnings(self) -> list[str]:
        """Return what the words should not say, once: a second submit of the same words passes."""
        words = self.cleaned_data.get("words", "") if self.is_valid() else ""
        if not words or self.cleaned_data["choice"] != codes.Sorting.MORE_ASKED:
            return []
        if self.cleaned_data.get("confirm_text") == words:
            return []
        return list(dict.fromkeys(warning.message for warning in textguard.check(words)))


class LinkForm(forms.Form):
    """A new single-use link."""

    organisation = forms.ChoiceField(label="Service")
    email = forms.EmailField(
        label="Adresse du professionnel", required=False, max_length=254,
        help_text="Le message ne dit pas de quoi il s’agit. Sans adresse, donnez le lien vous-même.",
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label="Valable", coerce=int, choices=[(days, f"{days} jours") for days in VALID_DAYS], initial=VALID_DAYS[1]
    )

    def __init__(self, *args: Any, services: Iterable[tuple[UUID, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", [(str(key), name) for key, name in services])


class LinkReferralForm(ReferralForm):
    """A saisine without an account: origin, service and legal gateway come from the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("person_id", "origin", "gateway"):
            del self.fields[name]

    def data_for(self, organisation_id: UUID) -> ReferralData:
        """Return the saisine typed; the action sets what the link decides. The person's id is ours."""
        self.cleaned_data |= {
            "person_id": uuid4(),
            "origin": codes.ReferralOrigin.SCHOOL,
            "gateway": codes.Gateway.CSI_L132_5,
        }
        return self.referral(organisation_id)


# --------------------------------------------------------------- a school's list

_COLUMNS = (
    Target.LAST_NAME, Target.FIRST_NAME, Target.BIRTH_DATE, Target.SCHOOL_LEVEL, Target.REPRESENTATIVE,
    Target.REPRESENTATIVE_PHONE,
)  # fmt: skip
_LEVELS = {str(label).casefold(): value for value, label in codes.SchoolLevel.choices}


@dataclass(frozen=True)
class ListLine:
    """One line of the list: what was typed, and why it is refused ("" when it is not)."""

    number: int
    text: str
    refusal: str
    person: PersonData | None
    parent: RepresentativeData | None


class SchoolListForm(forms.Form):
    """Up to thirty pupils at once: a file, or lines typed or pasted from a spreadsheet."""

    file = forms.FileField(
        label="Fichier (.xlsx, .ods ou .csv)", required=False,
        help_text="Il n’est pas conservé. Ses lignes s’affichent ci-dessous, à relire avant l’envoi.",
    )  # fmt: skip
    lines = forms.CharField(
        label="Élèves, un par ligne", required=False, strip=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="Nom ; prénom ; date de naissance ; classe ; nom du parent ; téléphone du parent."
        " Vous pouvez coller les cases d’un tableau.",
    )  # fmt: skip
    reasons = forms.MultipleChoiceField(
        label="Motifs, pour toute la liste", choices=codes.ReferralReason.choices,
        widget=forms.CheckboxSelectMultiple, initial=[codes.ReferralReason.SCHOOL_DROPOUT],
        error_messages={"required": "Choisissez au moins un motif."},
    )  # fmt: skip
    referred_by = forms.CharField(label="Professionnel qui saisit", max_length=120, required=False)
    informed_on = FrenchDateField(label="Familles prévenues le", required=False)
    informed_channel = forms.ChoiceField(
        label="Comment", choices=[("", "—"), *codes.NoticeChannel.choices], required=False
    )

    def __init__(self, *args: Any, today: date, school: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.school = today, school
        self.rows: list[ListLine] = []

    def clean_informed_on(self) -> date | None:
        """Refuse a day ahead."""
        day: date | None = self.cleaned_data["informed_on"]
        if day is not None and day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        return day

    def clean(self) -> dict[str, Any]:
        """Read every line; one refused line refuses the whole list, and says which."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("informed_on") and not cleaned.get("informed_channel"):
            self.add_error("informed_channel", "Indiquez comment les familles ont été prévenues.")
        if cleaned.get("file"):
            return cleaned
        self.rows = read_lines(cleaned.get("lines", ""), today=self.today, school=self.school)
        if not self.rows:
            self.add_error("lines", "Écrivez au moins une ligne, ou choisissez un fichier.")
        elif len(self.rows) > MAX_LIST:
            self.add_error("lines", f"{len(self.rows)} lignes : une liste compte au plus {MAX_LIST} élèves.")
        elif refused := [row for row in self.rows if row.refusal]:
            count = "Une ligne est refusée" if len(refused) == 1 else f"{len(refused)} lignes sont refusées"
            self.add_error("lines", f"{count} : rien n’est encore envoyé. Corrigez-les ci-dessous.")
        return cleaned

    def referrals(self, *, organisation_id: UUID, origin: str, gateway: str) -> list[ReferralData]:
        """Return the saisines of a valid list."""
        data = self.cleaned_data
        informed = None
        if data.get("informed_on"):
            informed = FamilyInformed(
                on=data["informed_on"], channel=data["informed_channel"], organisation_id=organisation_id
            )
        return [
            ReferralData(
                person=row.person, origin=origin, gateway=gateway, reasons=tuple(data["reasons"]),
                referred_by=data.get("referred_by", ""), organisation_id=organisation_id,
                representatives=(row.parent,) if row.parent is not None else (), informed=informed,
            )
            for row in self.rows if row.person is not None
        ]  # fmt: skip


def lines_of(content: bytes) -> str:
    """Return the lines of a file as the form shows them, its columns recognised by their headers.

    Raises InputRefused, field `file`: no spreadsheet, no names, too many lines.
    """
    table = open_file(content)
    mapping = {target: column for column, target in guess(table.headers).items()}
    if Target.LAST_NAME not in mapping:
        raise InputRefused("Aucune colonne « Nom » n’a été trouvée dans ce fichier.", field="file")
    body = [line for line in table.lines[table.header_line :] if any(cell.strip() for cell in line)]
    if len(body) > MAX_LIST:
        raise InputRefused(f"{len(body)} lignes : une liste compte au plus {MAX_LIST} élèves.", field="file")
    return "\n".join(
        " ; ".join(_cell(line, mapping.get(target)).replace(";", ",") for target in _COLUMNS).rstrip(" ;")
        for line in body
    )


def _cell(line: tuple[str, ...], column: int | None) -> str:
    return " ".join(line[column].split()) if column is not None and column < len(line) else ""


def read_lines(text: str, *, today: date, school: str = "") -> list[ListLine]:
    """Return each typed line with what it says, or why it is refused."""
    found = []
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.strip(" ;\t"):
            found.append(_line(number, raw, today, school))
    return found


def _line(number: int, raw: str, today: date, school: str) -> ListLine:
    cells = [cell.strip() for cell in raw.split("\t" if "\t" in raw else ";")]
    cells += [""] * (len(_COLUMNS) - len(cells))
    last_name, first_name, born_text, level, parent_name, phone = cells[: len(_COLUMNS)]
    try:
        if len(cells) > len(_COLUMNS):
            raise InputRefused("il y a plus de six cases")
        if not last_name or not first_name:
            raise InputRefused("le nom ou le prénom manque")
        if max(len(last_name), len(first_name), len(parent_name)) > 120 or len(phone) > 30:
            raise InputRefused("une case est trop longue")
        born = parse_date(born_text, today=today, birth=True)
        if born.day is None:
            raise InputRefused("la date de naissance manque ou ne se lit pas")
        if phone and not parent_name:
            raise InputRefused("un téléphone sans le nom du parent")
        exact = born.precision == Precision.DAY
        person = PersonData(
            last_name=last_name, first_name=first_name,
            birth_date=born.day if exact else date(born.day.year, 1, 1),
            birth_precision=codes.BirthPrecision.DAY if exact else codes.BirthPrecision.YEAR,
            school_level=_LEVELS.get(level.casefold(), codes.SchoolLevel.UNKNOWN), school=school,
            occupation_status=codes.OccupationStatus.SCHOOL,
        )  # fmt: skip
        person.check_age(today)
    except InputRefused as refusal:
        return ListLine(number, raw.strip(), refusal.message, None, None)
    parent = RepresentativeData(last_name=parent_name, phone=phone) if parent_name else None
    return ListLine(number, raw.strip(), "", person, parent)
