"""Reads a table of people line by line and says the truth about each line. Writes nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from casework.casefile.format import long_date, numeric_day, plural
from casework.casefile.matching import Candidate, Likeness, duplicates, normalise
from casework.casefile.retention import age_on, birthday, purge_date
from casework.minors.followups.codes import BirthPrecision, ReferralOrigin, ReferralReason, SchoolLevel, Sex
from casework.minors.followups.spreadsheet import cells, words
from casework.minors.followups.spreadsheet.cells import KnownNames, Precision
from casework.minors.followups.spreadsheet.columns import SEVERAL, Target, guess, letter, surname_comes_first
from casework.minors.followups.spreadsheet.files import Table, repeats_header
from casework.minors.followups.spreadsheet.report import (
    Column,
    Counts,
    Entry,
    EntryState,
    ImportReport,
    Level,
    Message,
    NarrativeColumn,
    PastAction,
    Representative,
    Row,
    Skipped,
    Status,
    Unknown,
)

AGE_LIMIT: Final = 25
_MAJORITY: Final = 18
# Longest values that the models take.
_LONGEST = {Target.LAST_NAME: 120, Target.FIRST_NAME: 120, Target.ADDRESS: 300, Target.EMAIL: 120, Target.SCHOOL: 120}


def read(
    table: Table,
    *,
    today: date,
    mapping: Mapping[int, Target] | None = None,
    choices: Mapping[str, str] | None = None,
    corrections: Mapping[int, Mapping[int, str]] | None = None,
    default_origin: str = "",
) -> ImportReport:
    """Return the report of `table`. The same arguments always give the same report.

    `mapping`: what each column holds (`guess` of the headers if None). `choices`: for values that fit no
    code, `Unknown.key` to a code, or to "" to leave the value out. `corrections`: line to column to text,
    typed by the user for a refused line. `default_origin`: ReferralOrigin for lines that say none.
    """
    width = len(table.headers)
    mapping = {n: one for n, one in (guess(table.headers) if mapping is None else mapping).items() if n < width}
    reader = _Reader(table, mapping, today, dict(choices or {}), corrections or {}, default_origin)
    return reader.report()


@dataclass
class _Line:
    """A line being read: its cells by target, what was said of it so far."""

    number: int
    cells: dict[Target, list[tuple[int, str]]]
    messages: list[Message] = field(default_factory=list)

    def get(self, target: Target) -> tuple[int | None, str]:
        """Return the column and the text of a target, tidied; (None, "") if there is no such column."""
        column, text = self.raw(target)
        return column, cells.tidy(text)

    def raw(self, target: Target) -> tuple[int | None, str]:
        """Return the column and the text as it is written."""
        return self.cells[target][0] if self.cells.get(target) else (None, "")

    def say(self, level: Level, code: str, text: str, target: Target | None = None, column: int | None = None) -> None:
        """Add a remark."""
        self.messages.append(Message(level, code, text, target, column))

    @property
    def is_refused(self) -> bool:
        """Whether something must be corrected."""
        return any(message.level is Level.REFUSED for message in self.messages)


@dataclass(frozen=True)
class _Birth:
    day: date | None
    precision: BirthPrecision = BirthPrecision.DAY


@dataclass(frozen=True)
class _Draft:
    """A line once read: where it stands before duplicates are looked for."""

    line: _Line
    candidate: Candidate
    status: Status
    entry: Entry | None


class _Reader:
    """One pass over one table."""

    def __init__(
        self,
        table: Table,
        mapping: dict[int, Target],
        today: date,
        choices: dict[str, str],
        corrections: Mapping[int, Mapping[int, str]],
        default_origin: str,
    ) -> None:
        self.table, self.mapping, self.today, self.choices = table, mapping, today, choices
        self.corrections = corrections
        self.skipped: list[Skipped] = []
        self.narrative: defaultdict[int, list[int]] = defaultdict(list)
        self.unknown: defaultdict[tuple[Target, str], list[int]] = defaultdict(list)
        self.spelling: dict[tuple[Target, str], str] = {}
        self.remarks: list[str] = []
        self.announced: int | None = None
        self.origin = default_origin or self._origin_of_the_whole_table()
        self.known = KnownNames()
        self.sectors: dict[str, str] = {}

    def report(self) -> ImportReport:
        lines = self._lines()
        self.known = self._learn(lines)
        self.sectors = _sectors([line.get(Target.SECTOR)[1] for line in lines])
        drafts = [self._draft(line) for line in lines]
        rows = _with_duplicates(drafts)
        counts = _counts(rows, len(self.skipped))
        return ImportReport(
            sheet=self.table.sheet,
            header_line=self.table.header_line,
            columns=tuple(
                Column(place, letter(place), cells.tidy(header), self.mapping.get(place, Target.IGNORED))
                for place, header in enumerate(self.table.headers)
            ),
            rows=rows,
            skipped=tuple(self.skipped),
            narrative=tuple(
                NarrativeColumn(
                    place, letter(place), cells.tidy(self.table.headers[place]), self.mapping[place], tuple(numbers)
                )
                for place, numbers in sorted(self.narrative.items())
            ),
            unknown=tuple(
                Unknown(target, self.spelling[target, value], f"{target}:{value}", tuple(numbers))
                for (target, value), numbers in sorted(self.unknown.items())
            ),
            counts=counts,
            other_sheets=self.table.other_sheets,
            remarks=tuple(self._all_remarks(rows)),
        )

    # Lines

    def _lines(self) -> list[_Line]:
        header = self.table.lines[self.table.header_line - 1]
        found: list[_Line] = []
        for number, raw in enumerate(self.table.lines, start=1):
            if number <= self.table.header_line:
                continue
            corrected = self.corrections.get(number, {})
            width = max([len(raw), *(place + 1 for place in corrected)])
            texts = [corrected.get(n, raw[n] if n < len(raw) else "") for n in range(width)]
            kind = self._kind(texts, header)
            if kind:
                self.skipped.append(Skipped(number, kind))
                continue
            found.append(self._line(number, texts))
        return found

    def _kind(self, texts: Sequence[str], header: Sequence[str]) -> str:
        """Return why a line is no person: blank, header, total, section; "" if it is one."""
        filled = [(place, cells.tidy(text)) for place, text in enumerate(texts) if cells.tidy(text)]
        if not filled:
            return "blank"
        if repeats_header(texts, header):
            return "header"
        if any(re.fullmatch(r"(?:sous )?totale?s?(?: general)?", normalise(text)) for _, text in filled):
            numbers = [int(text) for _, text in filled if text.isdigit()]
            self.announced = numbers[0] if len(numbers) == 1 else self.announced
            return "total"
        if len(filled) == 1 and not self._could_be_a_person(*filled[0]):
            return "section"
        return ""

    def _could_be_a_person(self, place: int, text: str) -> bool:
        """Return whether a line with this one cell may be somebody: two words or more under the names."""
        if self.mapping.get(place) not in (Target.FULL_NAME, Target.LAST_NAME):
            return False
        return not re.search(r"[-=*_.]{2,}|\d", text) and normalise(text).split()[:1] != ["secteur"]

    def _line(self, number: int, texts: Sequence[str]) -> _Line:
        by_target: dict[Target, list[tuple[int, str]]] = {}
        for place, text in enumerate(texts):
            target = self.mapping.get(place, Target.IGNORED)
            if target in (Target.NARRATIVE, Target.FORBIDDEN):
                if text.strip() == "…" or not cells.says_nothing(text):
                    self.narrative[place].append(number)
            elif target is not Target.IGNORED and (target in SEVERAL or target not in by_target):
                by_target.setdefault(target, []).append((place, text))
        return _Line(number, by_target)

    def _learn(self, lines: Sequence[_Line]) -> KnownNames:
        texts = [line.raw(Target.FULL_NAME)[1] for line in lines]
        return cells.learn_names(texts, surname_first=self._surname_first())

    def _surname_first(self) -> bool:
        header = next((self.table.headers[n] for n, one in self.mapping.items() if one is Target.FULL_NAME), "")
        return surname_comes_first(header)

    # One line

    def _draft(self, line: _Line) -> _Draft:
        last_name, first_name = self._name(line)
        referral_on, estimated = self._referral(line)
        birth = self._birth(line, referral_on)
        state, ended_on, ended_estimated = self._status(line, referral_on)
        candidate = Candidate(
            line.number, last_name, first_name, birth.day, year_only=birth.precision is BirthPrecision.YEAR
        )
        if birth.day and birthday(birth.day, AGE_LIMIT) <= self.today:
            return _Draft(self._set_aside(line, "over_25", "25 ans ou plus"), candidate, Status.OVER_25, None)
        if birth.day and state is EntryState.CLOSED and ended_on:
            purge_on = purge_date(born_on=birth.day, ended_on=ended_on)
            if purge_on <= self.today:
                line = self._set_aside(line, "purge_passed", "durée de conservation dépassée")
                return _Draft(line, candidate, Status.PURGE_PASSED, None)
        origin, reasons = self._origin(line), self._reasons(line)
        schemes, actions = self._schemes_and_actions(line)
        lead = self._lead(line)
        representatives = self._representatives(line, birth.day, last_name)
        contact = self._contact(line, birth.day)
        if line.is_refused or birth.day is None or state is None:
            return _Draft(line, candidate, Status.REFUSED, None)
        entry = Entry(
            last_name=last_name,
            first_name=first_name,
            birth_date=birth.day,
            birth_precision=birth.precision.value,
            representatives=representatives,
            origin=origin,
            referral_on=referral_on,
            referral_estimated=estimated,
            reasons=reasons,
            state=state,
            ended_on=ended_on,
            ended_estimated=ended_estimated,
            purge_on=purge_date(born_on=birth.day, ended_on=ended_on),
            lead=lead,
            schemes=schemes,
            actions=actions,
            **contact,
        )
        return _Draft(line, candidate, Status.OK, entry)

    @staticmethod
    def _set_aside(line: _Line, code: str, why: str) -> _Line:
        """Keep of a line that may not be written its number and the reason, nothing else."""
        line.messages = [Message(Level.INFO, code, f"Non reprise : {why}. Comptée seulement.")]
        return line

    def _name(self, line: _Line) -> tuple[str, str]:
        column, full = line.raw(Target.FULL_NAME)
        if column is not None and full.strip():
            cut = cells.split_full_name(full, surname_first=self._surname_first(), known=self.known)
            if cut is None:
                line.say(Level.REFUSED, "name", "Nom ou prénom manquant.", Target.FULL_NAME, column)
                return cells.proper_case(full), ""
            if not cut.sure:
                line.say(
                    Level.WARNING,
                    "name_order",
                    "Nom et prénom séparés par déduction : vérifiez.",
                    Target.FULL_NAME,
                    column,
                )
            last, first = cut.last_name, cut.first_name
        else:
            last = cells.proper_case(line.get(Target.LAST_NAME)[1])
            first = cells.proper_case(line.get(Target.FIRST_NAME)[1])
            if not _is_name(last) or not _is_name(first):
                line.say(Level.REFUSED, "name", "Nom ou prénom manquant.", Target.LAST_NAME)
        for target, value in ((Target.LAST_NAME, last), (Target.FIRST_NAME, first)):
            self._require_short(line, target, value)
        return last, first

    @staticmethod
    def _require_short(line: _Line, target: Target, value: str) -> None:
        if len(value) > _LONGEST[target]:
            line.say(Level.REFUSED, "too_long", f"{target.label} : texte trop long.", target, line.get(target)[0])

    def _birth(self, line: _Line, referral_on: date | None) -> _Birth:
        column, text = line.get(Target.BIRTH_DATE)
        # « 15 ans » was true when the line was written.
        seen_on = referral_on if referral_on and re.search(r"\bans?\b", text) else self.today
        found = cells.parse_date(text, today=seen_on, birth=True)

        def refuse(code: str, why: str) -> _Birth:
            line.say(Level.REFUSED, code, why, Target.BIRTH_DATE, column)
            return _Birth(None)

        if found.day is None:
            if found.readable:
                return refuse(
                    "birth_unknown", "Date de naissance inconnue : indiquez au moins une année, même estimée."
                )
            return refuse("birth_unreadable", "Date de naissance illisible : écrivez-la sous la forme 12/03/2011.")
        if found.day > self.today:
            return refuse("birth_future", "Date de naissance dans le futur.")
        if self.today.year - found.day.year > 100:
            return refuse("birth_implausible", "Date de naissance invraisemblable.")
        if found.month_first:
            line.say(
                Level.WARNING, "month_first", f"Jour et mois inversés, lu {long_date(found.day)} : vérifiez.",
                Target.BIRTH_DATE, column,
            )  # fmt: skip
        if found.precision is not Precision.DAY:
            line.say(
                Level.WARNING, "birth_estimated",
                f"Seule l’année est reprise ({found.day.year}) : complétez la date de naissance. "
                "D’ici là, la durée de conservation compte depuis le 1er janvier.",
                Target.BIRTH_DATE, column,
            )  # fmt: skip
            return _Birth(date(found.day.year, 1, 1), BirthPrecision.YEAR)
        if age_on(found.day, self.today) < 6:
            line.say(
                Level.WARNING,
                "very_young",
                "Moins de 6 ans : vérifiez la date de naissance.",
                Target.BIRTH_DATE,
                column,
            )
        return _Birth(found.day)

    def _referral(self, line: _Line) -> tuple[date | None, bool]:
        column, text = line.get(Target.REFERRAL_ON)
        found = cells.parse_date(text, today=self.today)

        def warn(code: str, why: str) -> None:
            line.say(Level.WARNING, code, why, Target.REFERRAL_ON, column)

        if found.day is None:
            if not found.readable:
                warn("referral_unreadable", "Date de saisine illisible : non reprise.")
            elif column is not None:
                warn("referral_unknown", "Date de saisine inconnue : le jour de la reprise sera inscrit.")
            return None, False
        if found.day > self.today:
            warn("referral_future", "Date de saisine dans le futur : non reprise.")
            return None, False
        if found.month_first:
            warn("month_first", f"Jour et mois inversés, lu {long_date(found.day)} : vérifiez.")
        if found.precision is not Precision.DAY:
            warn("referral_estimated", f"Date de saisine incomplète : {long_date(found.day)} est retenu.")
        return found.day, found.precision is not Precision.DAY

    def _status(self, line: _Line, referral_on: date | None) -> tuple[EntryState | None, date | None, bool]:
        """Return state, day of the end, and whether that day is only the earliest possible."""
        column, text = line.get(Target.STATUS)
        header = self.table.headers[column] if column is not None else ""
        found = words.status(text, header, today=self.today)
        end_column, end_text = line.get(Target.ENDED_ON)
        ended = cells.parse_date(end_text, today=self.today)
        if not ended.readable:
            line.say(
                Level.REFUSED, "ended_unreadable", "Date de fin illisible : écrivez-la sous la forme 12/03/2026.",
                Target.ENDED_ON, end_column,
            )  # fmt: skip
            return found.state, None, False
        if ended.day is None and found.ended is not None:
            ended, end_column = found.ended, column
        if found.state is None:
            line.say(
                Level.REFUSED, "status", "On ne sait pas si ce suivi est clos : écrivez « oui » ou « non ».",
                Target.STATUS, column,
            )  # fmt: skip
            return None, None, False
        state = found.state
        if ended.day and state is not EntryState.CLOSED:
            if text:
                line.say(
                    Level.REFUSED, "status_conflict", "Une date de fin, mais un suivi dit en cours : corrigez l’un ou l’autre.",
                    Target.ENDED_ON, end_column,
                )  # fmt: skip
                return state, None, False
            state = EntryState.CLOSED
        if state is not EntryState.CLOSED:
            return state, None, False
        return state, *self._end(line, ended.day, ended.precision, end_column, referral_on)

    def _end(
        self, line: _Line, ended_on: date | None, precision: Precision, column: int | None, referral_on: date | None
    ) -> tuple[date | None, bool]:
        target = (
            Target.STATUS
            if self.mapping.get(column if column is not None else -1) is Target.STATUS
            else Target.ENDED_ON
        )
        if ended_on is None:
            if referral_on is None:
                line.say(
                    Level.REFUSED, "end_unknown",
                    "Clos sans date de fin ni d’entrée : la durée de conservation ne peut pas être calculée.",
                    Target.STATUS, line.get(Target.STATUS)[0],
                )  # fmt: skip
                return None, False
            line.say(
                Level.WARNING, "end_estimated",
                f"Clos sans date de fin : celle d’entrée ({numeric_day(referral_on)}) est retenue, pour ne rien garder trop "
                "longtemps. Corrigez-la si vous la connaissez.",
                Target.STATUS, line.get(Target.STATUS)[0],
            )  # fmt: skip
            return referral_on, True
        if ended_on > self.today:
            line.say(
                Level.REFUSED, "end_future", f"Date de fin dans le futur ({numeric_day(ended_on)}) : ce suivi est-il clos ?",
                target, column,
            )  # fmt: skip
        elif referral_on and ended_on < referral_on and precision is Precision.DAY:
            line.say(Level.REFUSED, "end_before_start", "La date de fin précède la date de saisine.", target, column)
        elif precision is not Precision.DAY:
            line.say(
                Level.WARNING,
                "end_incomplete",
                f"Date de fin incomplète : {long_date(ended_on)} est retenu.",
                target,
                column,
            )
        return ended_on, precision is not Precision.DAY

    # Closed lists

    def _chosen(self, target: Target, text: str, line: _Line) -> str | None:
        """Return the code chosen by the user for a value that fits none; None, and noted as unknown, if no choice."""
        value = normalise(text)
        if f"{target}:{value}" in self.choices:
            return self.choices[f"{target}:{value}"]
        self.spelling.setdefault((target, value), text)
        numbers = self.unknown[target, value]
        if not numbers or numbers[-1] != line.number:
            numbers.append(line.number)
        return None

    def _origin_of_the_whole_table(self) -> str:
        """Return the origin of a table that has no such column: a list with classes comes from a school."""
        targets = set(self.mapping.values())
        if Target.ORIGIN in targets:
            return ""
        if Target.SCHOOL_LEVEL in targets:
            self.remarks.append(
                "Aucune colonne ne dit qui a saisi la cellule. Le tableau donne des classes : l’établissement scolaire est "
                "supposé pour toutes les lignes."
            )
            return ReferralOrigin.SCHOOL.value
        self.remarks.append(
            "Aucune colonne ne dit qui a saisi la cellule : choisissez une origine pour tout le tableau."
        )
        return ""

    def _origin(self, line: _Line) -> str:
        column, text = line.get(Target.ORIGIN)
        if cells.says_nothing(text):
            if not self.origin:
                line.say(Level.REFUSED, "origin", "Origine de la saisine manquante.", Target.ORIGIN, column)
            return self.origin
        code, sure = words.origin(text)
        if code and sure:
            return code
        key = f"{Target.ORIGIN}:{normalise(text)}"
        if code and key not in self.choices:
            line.say(
                Level.WARNING, "origin_unsure", f"« {text} » classé « {ReferralOrigin(code).label} » : vérifiez.",
                Target.ORIGIN, column,
            )  # fmt: skip
            self._chosen(Target.ORIGIN, text, line)
            return code
        chosen = self._chosen(Target.ORIGIN, text, line) or ""
        if not chosen:
            line.say(Level.REFUSED, "origin", f"Origine non reconnue : « {text} ».", Target.ORIGIN, column)
        return chosen

    def _reasons(self, line: _Line) -> tuple[str, ...]:
        found: list[str] = []
        unknown: list[str] = []
        for _, cell in line.cells.get(Target.REASONS, []):
            for value in words.split_values(cell):
                code = words.reason(value) or self._chosen(Target.REASONS, value, line)
                if code:
                    found.append(code)
                elif code is None:
                    unknown.append(value)
        column = line.get(Target.REASONS)[0]
        if unknown:
            said = ", ".join(f"« {value} »" for value in unknown)
            line.say(Level.WARNING, "reason_unknown", f"Motif sans code, non repris : {said}.", Target.REASONS, column)
        if not found:
            line.say(Level.REFUSED, "reason", "Aucun motif de la liste : choisissez-en un.", Target.REASONS, column)
        return tuple(dict.fromkeys(found))

    def _schemes_and_actions(self, line: _Line) -> tuple[tuple[str, ...], tuple[PastAction, ...]]:
        schemes: list[str] = []
        actions: list[PastAction] = []
        for target in (Target.SCHEMES, Target.ACTIONS):
            for column, cell in line.cells.get(target, []):
                for value in words.split_values(cell):
                    action = words.action(value) if target is Target.ACTIONS else ""
                    scheme = words.scheme(value)
                    if scheme:
                        schemes.append(scheme)
                    elif action:
                        actions.append(PastAction(action, words.is_done(value)))
                    else:
                        self._unknown_step(line, target, column, value, schemes, actions)
        return tuple(dict.fromkeys(schemes)), tuple(dict.fromkeys(actions))

    def _unknown_step(
        self, line: _Line, target: Target, column: int, value: str, schemes: list[str], actions: list[PastAction]
    ) -> None:
        chosen = self._chosen(target, value, line)
        if chosen and target is Target.SCHEMES:
            schemes.append(chosen)
        elif chosen:
            actions.append(PastAction(chosen, words.is_done(value)))
        elif chosen is None:
            line.say(Level.WARNING, f"{target}_unknown", f"Sans code, non repris : « {value} ».", target, column)

    def _lead(self, line: _Line) -> str:
        column, text = line.get(Target.LEAD)
        if cells.says_nothing(text):
            return ""
        code = words.lead(text)
        if code:
            if re.search(r"\(.*\)|\b(?:mme|m|mr|mlle)\b", normalise(text)) or "(" in text:
                line.say(
                    Level.INFO, "lead_person", "Référent : le service est repris, pas la mention de la personne.",
                    Target.LEAD, column,
                )  # fmt: skip
            return code
        chosen = self._chosen(Target.LEAD, text, line)
        if chosen is None:
            line.say(
                Level.WARNING,
                "lead_unknown",
                "Référent non reconnu : à désigner après la reprise.",
                Target.LEAD,
                column,
            )
        return chosen or ""

    # Contact

    def _contact(self, line: _Line, born_on: date | None) -> dict[str, str]:
        column, text = line.raw(Target.ADDRESS)
        address, is_address = cells.parse_address(text)
        if not is_address:
            line.say(
                Level.WARNING,
                "address",
                "Ce n’est pas une adresse (un proche est cité) : non reprise.",
                Target.ADDRESS,
                column,
            )
        elif address and not re.search(r"\d{5}|\b(?:rue|av|avenue|bd|boulevard|chemin|impasse|allees?|place|route|cours"
                                       r"|square|quai|montee|lotissement|cite)\b", normalise(address)):  # fmt: skip
            line.say(
                Level.INFO, "address_short", "Adresse incomplète : sans rue ni code postal.", Target.ADDRESS, column
            )
        phones = self._phones(line, Target.PHONE)
        email_column, email = line.get(Target.EMAIL)
        if cells.says_nothing(email):
            email = ""
        elif not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            line.say(
                Level.WARNING, "email", "Adresse électronique illisible : non reprise.", Target.EMAIL, email_column
            )
            email = ""
        school = line.get(Target.SCHOOL)[1]
        contact = {
            "address": address,
            "phone": phones[0] if phones else "",
            "email": email,
            "school": "" if cells.says_nothing(school) else school,
            "sector": self.sectors.get(_sector_key(line.get(Target.SECTOR)[1]), ""),
            "sex": self._sex(line),
            "school_level": self._school_level(line, born_on),
        }
        for target in (Target.ADDRESS, Target.EMAIL, Target.SCHOOL):
            self._require_short(line, target, contact[target.value])
        return contact

    def _phones(self, line: _Line, target: Target) -> tuple[str, ...]:
        column, text = line.raw(target)
        phones, understood = cells.parse_phones(text)
        if not understood:
            line.say(Level.WARNING, "phone", "Numéro de téléphone illisible : non repris.", target, column)
        elif len(phones) > 1:
            line.say(Level.WARNING, "phones", "Plusieurs numéros : le premier seul est repris.", target, column)
        elif phones and re.fullmatch(r"\s*[1-9]\d{8}\s*", text):
            line.say(Level.INFO, "phone_zero", "Zéro perdu au début du numéro : remis.", target, column)
        return phones

    def _sex(self, line: _Line) -> str:
        column, text = line.get(Target.SEX)
        code = words.sex(text)
        if code is None:
            line.say(Level.WARNING, "sex", "Sexe non reconnu : non repris.", Target.SEX, column)
        return code or Sex.UNKNOWN.value

    def _school_level(self, line: _Line, born_on: date | None) -> str:
        column, text = line.get(Target.SCHOOL_LEVEL)
        if cells.says_nothing(text):
            return SchoolLevel.UNKNOWN.value
        level = words.school_level(text)
        if level == SchoolLevel.UNKNOWN.value:
            line.say(Level.WARNING, "school_level", "Classe non reconnue : non reprise.", Target.SCHOOL_LEVEL, column)
        elif level in words.MIDDLE_SCHOOL and born_on and age_on(born_on, self.today) >= _MAJORITY:
            line.say(
                Level.WARNING, "school_age", "Majeur et au collège : vérifiez la classe et la date de naissance.",
                Target.SCHOOL_LEVEL, column,
            )  # fmt: skip
        return level

    def _representatives(self, line: _Line, born_on: date | None, last_name: str) -> tuple[Representative, ...]:
        phones = self._phones(line, Target.REPRESENTATIVE_PHONE)
        named = [
            (column, cells.tidy(text))
            for column, text in line.cells.get(Target.REPRESENTATIVE, [])
            if not cells.says_nothing(text)
        ]
        if not phones and not named:
            return ()
        place = named[0][0] if named else line.get(Target.REPRESENTATIVE_PHONE)[0]
        target = Target.REPRESENTATIVE if named else Target.REPRESENTATIVE_PHONE
        if born_on and age_on(born_on, self.today) >= _MAJORITY:
            line.say(Level.INFO, "adult", "Personne majeure : les parents ne sont pas repris.", target, place)
            return ()
        found = [self._representative(line, column, text, last_name) for column, text in named]
        phone = phones[0] if phones else ""
        if not found:
            relation = words.relation(self.table.headers[place] if place is not None else "")
            line.say(
                Level.INFO, "representative_name", "Téléphone sans nom de parent : nom à compléter.", target, place
            )
            return (Representative("", "", relation, phone),)
        return (replace(found[0], phone=phone), *found[1:])

    def _representative(self, line: _Line, column: int, text: str, last_name: str) -> Representative:
        relation = words.relation(f"{self.table.headers[column]} {text}")
        if re.search(r"\b(?:m|mr|monsieur) (?:ou|et) (?:mme|madame)\b|\bparents\b", normalise(text)):
            line.say(
                Level.INFO, "two_holders", "Deux parents sur une ligne : à séparer, chacun est informé à part.",
                Target.REPRESENTATIVE, column,
            )  # fmt: skip
        name = re.sub(
            r"(?i)\b(?:m|mr|mme|mlle|monsieur|madame|ou|et|mère|père|tuteur|tutrice|parents?)\b\.?\s*", " ", text
        )
        name = re.sub(r"\([^)]*\)|[\d.:]{2,}", " ", name)
        cut = cells.split_full_name(name, surname_first=True, known=KnownNames(frozenset((normalise(last_name),))))
        if cut is None or normalise(name) == normalise(last_name):
            return Representative(cells.proper_case(name), "", relation, "")
        return Representative(cut.last_name, cut.first_name, relation, "")

    # Whole table

    def _all_remarks(self, rows: Sequence[Row]) -> list[str]:
        remarks = list(self.remarks)
        if self.announced is not None and self.announced != len(rows):
            remarks.append(
                f"Le tableau annonce un total de {self.announced} ; {plural(len(rows), 'ligne lue', 'lignes lues')}."
            )
        if self.table.other_sheets:
            names = ", ".join(f"« {name} »" for name in self.table.other_sheets)
            remarks.append(f"Autres feuilles du classeur, non lues : {names}.")
        if Target.STATUS not in self.mapping.values() and Target.ENDED_ON not in self.mapping.values():
            remarks.append("Aucune colonne ne dit si le suivi est clos : toutes les lignes sont lues comme ouvertes.")
        if Target.FORBIDDEN in self.mapping.values():
            remarks.append("Des colonnes contiennent des données interdites (CNIL) : elles ne sont jamais reprises.")
        return remarks


def _is_name(text: str) -> bool:
    return any(sign.isalpha() for sign in text)


def _sector_key(text: str) -> str:
    return "" if cells.says_nothing(text) else normalise(text).replace(" ", "")


def _sectors(texts: Sequence[str]) -> dict[str, str]:
    """Return one spelling per neighbourhood, the commonest: « Maille2 », « MAILLE 2 » and « Maille 2 » are one."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        if key := _sector_key(text):
            spaced = re.sub(r"([^\W\d_])(\d)", r"\1 \2", text)
            spellings[key][cells.proper_case(spaced) if spaced.isupper() else spaced[:1].upper() + spaced[1:]] += 1
    return {key: counted.most_common(1)[0][0][:60] for key, counted in spellings.items()}


def _with_duplicates(drafts: Sequence[_Draft]) -> tuple[Row, ...]:
    """Return the rows, one kept per person; the others refused, and doubts said on both sides."""
    looked = [draft for draft in drafts if draft.status in (Status.OK, Status.REFUSED)]
    pairs = [(looked[i], looked[j], likeness) for i, j, likeness in duplicates([draft.candidate for draft in looked])]
    group = {draft.line.number: draft.line.number for draft in looked}
    for one, other, likeness in pairs:
        if likeness is Likeness.SAME and one.entry and other.entry:
            old, new = group[other.line.number], group[one.line.number]
            group = {number: new if leader == old else leader for number, leader in group.items()}
    members: defaultdict[int, list[_Draft]] = defaultdict(list)
    for draft in looked:
        if draft.entry:
            members[group[draft.line.number]].append(draft)
    kept_for: dict[int, int] = {}
    also: defaultdict[int, set[int]] = defaultdict(set)
    for same in members.values():
        _settle(same, kept_for, also)
    for one, other, likeness in pairs:
        for here, there in ((one, other), (other, one)):
            if there.line.number not in also[here.line.number]:
                _doubt(here, there, likeness, kept_for)
                also[here.line.number].add(there.line.number)
    return tuple(_row(draft, kept_for, also) for draft in drafts)


def _settle(same: Sequence[_Draft], kept_for: dict[int, int], also: Mapping[int, set[int]]) -> None:
    """Keep one line of a person: an open one rather than a closed one, then the latest, then the first."""
    if len(same) < 2:
        return
    kept = min(same, key=_preference)
    others = [draft for draft in same if draft is not kept]
    for draft in same:
        also[draft.line.number].update(one.line.number for one in same if one is not draft)
    for draft in others:
        kept_for[draft.line.number] = kept.line.number
        draft.line.say(
            Level.REFUSED, "duplicate",
            f"Même personne que la ligne {kept.line.number}, qui est reprise : une seule fiche par personne.",
        )  # fmt: skip
    numbers = " et ".join(str(draft.line.number) for draft in others)
    missing = _reasons_left(kept, others)
    said = f" Motifs qui n’y sont pas repris : {', '.join(missing)}." if missing else ""
    which = "la ligne" if len(others) == 1 else "les lignes"
    kept.line.say(Level.WARNING, "kept", f"Même personne que {which} {numbers} : cette ligne seule est reprise.{said}")


def _preference(draft: _Draft) -> tuple[bool, int, int]:
    entry = draft.entry
    if entry is None:
        raise ValueError("only lines that can be written are settled")
    began = entry.referral_on.toordinal() if entry.referral_on else 0
    return entry.state is EntryState.CLOSED, -began, draft.line.number


def _reasons_left(kept: _Draft, others: Sequence[_Draft]) -> list[str]:
    there = {reason for draft in others if draft.entry for reason in draft.entry.reasons}
    here = set(kept.entry.reasons) if kept.entry else set()
    return [str(reason.label) for reason in ReferralReason if reason.value in there - here]


def _doubt(here: _Draft, there: _Draft, likeness: Likeness, kept_for: Mapping[int, int]) -> None:
    number = there.line.number
    if here.line.number in kept_for or number in kept_for:
        # The line kept for that person says it already.
        return
    words_for = "Même personne que" if likeness is Likeness.SAME else "Peut-être la même personne que"
    here.line.say(Level.WARNING, "possible_duplicate", f"{words_for} la ligne {number} : vérifiez.")


def _row(draft: _Draft, kept_for: Mapping[int, int], also: Mapping[int, set[int]]) -> Row:
    number = draft.line.number
    status, entry = draft.status, draft.entry
    if number in kept_for:
        status, entry = Status.REFUSED, None
    elif status is Status.OK and any(message.level is Level.WARNING for message in draft.line.messages):
        status = Status.WARNING
    return Row(
        line=number,
        status=status,
        messages=tuple(draft.line.messages),
        entry=entry,
        duplicate_of=kept_for.get(number),
        also=tuple(sorted(also.get(number, ()))),
    )


def _counts(rows: Sequence[Row], skipped: int) -> Counts:
    by_status = Counter(row.status for row in rows)
    return Counts(
        total=len(rows),
        ok=by_status[Status.OK],
        warning=by_status[Status.WARNING],
        refused=by_status[Status.REFUSED],
        over_25=by_status[Status.OVER_25],
        purge_passed=by_status[Status.PURGE_PASSED],
        duplicates=sum(row.duplicate_of is not None for row in rows),
        skipped=skipped,
    )
