"""Reads a table of people line by line and says the truth about each line. Writes nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from casework.casefile.format import long_date, numeric_day, plural
from casework.casefile.matching import Candidate, normalise
from casework.casefile.retention import AGE_LIMIT, age_on, birthday, purge_date
from casework.minors.followups.codes import ActionType, BirthPrecision, ReferralOrigin, ReferralReason
from casework.minors.followups.spreadsheet import cells, words
from casework.minors.followups.spreadsheet.cells import KnownNames, Precision
from casework.minors.followups.spreadsheet.columns import SEVERAL, Target, guess, letter, surname_comes_first
from casework.minors.followups.spreadsheet.contact import contact, representatives, sectors_of
from casework.minors.followups.spreadsheet.files import Table, repeats_header
from casework.minors.followups.spreadsheet.lines import Birth, Draft, Line
from casework.minors.followups.spreadsheet.people import rows_of
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
    Row,
    Skipped,
    Status,
    Unknown,
)
from casework.partners.codes import OrganisationKind

# Codes that a choice may give, by target. A scheme's is a line of the territory's own list: the caller's to check.
_CODES: Final = {
    Target.ORIGIN: frozenset(ReferralOrigin.values),
    Target.REASONS: frozenset(ReferralReason.values),
    Target.ACTIONS: frozenset(ActionType.values),
    Target.LEAD: frozenset(OrganisationKind.values),
}


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
        self.sectors = sectors_of([line.get(Target.SECTOR)[1] for line in lines])
        drafts = [self._draft(line) for line in lines]
        rows = rows_of(drafts)
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

    def _lines(self) -> list[Line]:
        header = self.table.lines[self.table.header_line - 1]
        found: list[Line] = []
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
            numbers = [int(text) for _, text in filled if text.isdecimal()]
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

    def _line(self, number: int, texts: Sequence[str]) -> Line:
        by_target: dict[Target, list[tuple[int, str]]] = {}
        for place, text in enumerate(texts):
            target = self.mapping.get(place, Target.IGNORED)
            if target in (Target.NARRATIVE, Target.FORBIDDEN):
                if text.strip() == "…" or not cells.says_nothing(text):
                    self.narrative[place].append(number)
            elif target is not Target.IGNORED and (target in SEVERAL or target not in by_target):
                by_target.setdefault(target, []).append((place, text))
        return Line(number, by_target)

    def _learn(self, lines: Sequence[Line]) -> KnownNames:
        texts = [line.raw(Target.FULL_NAME)[1] for line in lines]
        return cells.learn_names(texts, surname_first=self._surname_first())

    def _surname_first(self) -> bool:
        header = next((self.table.headers[n] for n, one in self.mapping.items() if one is Target.FULL_NAME), "")
        return surname_comes_first(header)

    # One line

    def _draft(self, line: Line) -> Draft:
        last_name, first_name = self._name(line)
        referral_on, estimated = self._referral(line)
        birth = self._birth(line, referral_on)
        state, ended_on, ended_estimated = self._status(line, referral_on)
        candidate = Candidate(
            line.number, last_name, first_name, birth.day, year_only=birth.precision is BirthPrecision.YEAR
        )
        if birth.day and birthday(birth.day, AGE_LIMIT) <= self.today:
            return Draft(self._set_aside(line, "over_25", "25 ans ou plus"), candidate, Status.OVER_25, None)
        if birth.day and state is EntryState.CLOSED and ended_on:
            purge_on = purge_date(born_on=birth.day, ended_on=ended_on)
            if purge_on <= self.today:
                line = self._set_aside(line, "purge_passed", "durée de conservation dépassée")
                return Draft(line, candidate, Status.PURGE_PASSED, None)
        origin, reasons = self._origin(line), self._reasons(line)
        schemes, actions = self._schemes_and_actions(line)
        lead = self._lead(line)
        parents = representatives(line, birth.day, last_name, today=self.today, headers=self.table.headers)
        where = contact(line, birth.day, today=self.today, sectors=self.sectors)
        if line.is_refused or birth.day is None or state is None:
            return Draft(line, candidate, Status.REFUSED, None)
        entry = Entry(
            last_name=last_name,
            first_name=first_name,
            birth_date=birth.day,
            birth_precision=birth.precision.value,
            representatives=parents,
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
            **where,
        )
        return Draft(line, candidate, Status.OK, entry)

    @staticmethod
    def _set_aside(line: Line, code: str, why: str) -> Line:
        """Keep of a line that may not be written its number and the reason, nothing else."""
        line.messages = [Message(Level.INFO, code, f"Non reprise : {why}. Comptée seulement.")]
        return line

    def _name(self, line: Line) -> tuple[str, str]:
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
            line.require_short(target, value)
        return last, first

    def _birth(self, line: Line, referral_on: date | None) -> Birth:
        column, text = line.get(Target.BIRTH_DATE)
        # « 15 ans » was true when the line was written.
        seen_on = referral_on if referral_on and re.search(r"\bans?\b", text) else self.today
        found = cells.parse_date(text, today=seen_on, birth=True)

        def refuse(code: str, why: str) -> Birth:
            line.say(Level.REFUSED, code, why, Target.BIRTH_DATE, column)
            return Birth(None)

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
            return Birth(date(found.day.year, 1, 1), BirthPrecision.YEAR)
        if age_on(found.day, self.today) < 6:
            line.say(
                Level.WARNING,
                "very_young",
                "Moins de 6 ans : vérifiez la date de naissance.",
                Target.BIRTH_DATE,
                column,
            )
        return Birth(found.day)

    def _referral(self, line: Line) -> tuple[date | None, bool]:
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

    def _status(self, line: Line, referral_on: date | None) -> tuple[EntryState | None, date | None, bool]:
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
        self, line: Line, ended_on: date | None, precision: Precision, column: int | None, referral_on: date | None
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

    def _chosen(self, target: Target, text: str, line: Line) -> str | None:
        """Return the code chosen by the user for a value that fits none; None, and noted as unknown, if no choice."""
        value = normalise(text)
        chosen = self.choices.get(f"{target}:{value}")
        if chosen is not None and (not chosen or chosen in _CODES.get(target, {chosen})):
            return chosen
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

    def _origin(self, line: Line) -> str:
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

    def _reasons(self, line: Line) -> tuple[str, ...]:
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

    def _schemes_and_actions(self, line: Line) -> tuple[tuple[str, ...], tuple[PastAction, ...]]:
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
        self, line: Line, target: Target, column: int, value: str, schemes: list[str], actions: list[PastAction]
    ) -> None:
        chosen = self._chosen(target, value, line)
        if chosen and target is Target.SCHEMES:
            schemes.append(chosen)
        elif chosen:
            actions.append(PastAction(chosen, words.is_done(value)))
        elif chosen is None:
            line.say(Level.WARNING, f"{target}_unknown", f"Sans code, non repris : « {value} ».", target, column)

    def _lead(self, line: Line) -> str:
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
