"""Reads the TIG 360° extract: which column is what, and what each line would write. No database, no clock.

The official list lives in TIG 360° (ATG-04): the extract makes a local mirror of the posts of the town. Nothing in it is
about anybody: columns that name a person are not among what may be taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from casework.casefile.matching import normalise
from casework.errors import InputRefused
from casework.placements.hosts.codes import Audience, LegalKind

HEADER_WITHIN = 20


class Column(StrEnum):
    """What a column of the extract may be taken for."""

    NUMBER = "number"
    HOST = "host"
    LEGAL_KIND = "legal_kind"
    NATURE = "nature"
    ACTIVITY = "activity"
    AUDIENCE = "audience"
    SECTOR = "sector"
    ADDRESS = "address"
    IGNORED = "ignored"

    @property
    def label(self) -> str:
        """Return the French name."""
        return _LABELS[self]


_LABELS = {
    Column.NUMBER: "Numéro TIG 360°",
    Column.HOST: "Structure d’accueil",
    Column.LEGAL_KIND: "Nature de la structure",
    Column.NATURE: "Travail à faire",
    Column.ACTIVITY: "Activité",
    Column.AUDIENCE: "Public",
    Column.SECTOR: "Secteur",
    Column.ADDRESS: "Lieu",
    Column.IGNORED: "Ne pas reprendre",
}
NEEDED = (Column.NUMBER, Column.HOST, Column.NATURE)

_HEADERS: tuple[tuple[Column, str], ...] = (
    (
        Column.NUMBER,
        r"(?:n|no|numero|reference|ref|id|code)(?: (?:du |de l |de )?(?:poste|offre|fiche|tig.*))?|tig 360.*",
    ),
    (Column.LEGAL_KIND, r"(?:nature|statut|forme|type)(?: juridique)?(?: de la structure| de l organisme)?"),
    (Column.HOST, r"(?:nom de la )?structure.*|organisme.*|employeur|etablissement"),
    (Column.NATURE, r"(?:intitule|libelle|nature du travail|travail.*|missions?|poste|taches?|descriptif).*"),
    (Column.ACTIVITY, r"(?:domaine|secteur) d activite|activites?|domaine|metier"),
    (Column.AUDIENCE, r"public.*|majeurs?.*|mineurs?.*"),
    (Column.SECTOR, r"quartier|secteur(?: geographique)?|commune|ville"),
    (Column.ADDRESS, r"adresse.*|lieu.*"),
)
_COMPILED = tuple((column, re.compile(pattern)) for column, pattern in _HEADERS)
_KINDS = (
    (LegalKind.ASSOCIATION, r"association.*|asso"),
    (LegalKind.ESS, r".*(?:economie sociale|ess|cooperative|esus).*"),
    (LegalKind.PRIVATE_PUBLIC_SERVICE, r".*(?:mission de service public|service public|hopital|sem|bailleur).*"),
    (LegalKind.PUBLIC, r".*(?:public|commune|ville|mairie|collectivite|departement|region|etat|epci|ccas).*"),
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The extract as text: its headers, its lines with the number that a spreadsheet shows."""

    headers: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one line would write; `refused` says why it would not."""

    number: int
    tig360_number: str = ""
    host: str = ""
    legal_kind: str = ""
    nature: str = ""
    activity: str = ""
    audience: str = ""
    sector: str = ""
    address: str = ""
    refused: str = ""


def table(sheets: Mapping[str, Sequence[Sequence[str]]]) -> Table:
    """Return the sheet whose headers we know best. Raises InputRefused when none has a number, a host and a work."""
    best: tuple[int, Sequence[Sequence[str]], int] = (0, (), 0)
    for lines in sheets.values():
        for at, line in enumerate(lines[:HEADER_WITHIN]):
            known = set(guess(line).values())
            if known.issuperset(NEEDED) and len(known) > best[0]:
                best = (len(known), lines, at)
    known_columns, lines, at = best
    if not known_columns:
        raise InputRefused(
            "Les colonnes de l’extrait ne sont pas reconnues : il faut au moins le numéro du poste, la structure et le travail.",
            field="file",
        )
    width = max(map(len, lines))
    below = tuple(
        (number, tuple(cell.strip() for cell in line) + ("",) * (width - len(line)))
        for number, line in enumerate(lines[at + 1 :], start=at + 2)
        if any(cell.strip() for cell in line)
    )
    if not below:
        raise InputRefused("Ce tableau ne contient aucune ligne sous les en-têtes.", field="file")
    return Table(headers=tuple(lines[at]) + ("",) * (width - len(lines[at])), lines=below)


def guess(headers: Sequence[str]) -> dict[int, Column]:
    """Return what each column seems to hold; the second one of a kind, and what is unknown, is left out."""
    mapping: dict[int, Column] = {}
    for place, header in enumerate(headers):
        text = normalise(header.replace("°", " "))
        found = next((column for column, pattern in _COMPILED if pattern.fullmatch(text)), Column.IGNORED)
        mapping[place] = found if found not in mapping.values() else Column.IGNORED
    return mapping


def read(
    found: Table,
    mapping: Mapping[int, Column],
    *,
    audience: Audience,
    activities: Collection[str],
    sectors: Collection[str],
    known_numbers: Collection[str],
    max_lengths: Mapping[Column, int],
) -> list[Line]:
    """Return what each line would write, or why it would not.

    `audience`: what an empty public means. `activities`, `sectors`: the labels of the local lists; `known_numbers`: the
    posts that are there already.
    """
    place = {column: at for at, column in mapping.items() if column is not Column.IGNORED}
    by_activity = {normalise(label): label for label in activities}
    by_sector = {normalise(label): label for label in sectors}

    def cell(line: Sequence[str], column: Column) -> str:
        return " ".join(line[place[column]].split()) if column in place else ""

    lines = []
    for number, texts in found.lines:
        kind = normalise(cell(texts, Column.LEGAL_KIND))
        activity = cell(texts, Column.ACTIVITY)
        row = Line(
            number=number, tig360_number=cell(texts, Column.NUMBER), host=cell(texts, Column.HOST),
            legal_kind=next((code.value for code, pattern in _KINDS if re.fullmatch(pattern, kind)), ""),
            nature=cell(texts, Column.NATURE), activity=by_activity.get(normalise(activity), ""),
            audience=_audience(cell(texts, Column.AUDIENCE), audience),
            sector=by_sector.get(normalise(cell(texts, Column.SECTOR)), ""), address=cell(texts, Column.ADDRESS),
        )  # fmt: skip
        lines.append(replace(row, refused=_why_not(row, activity, known_numbers, max_lengths)))
    twice = Counter(line.tig360_number for line in lines if line.tig360_number)
    return [
        replace(line, refused="Ce numéro est deux fois dans l’extrait")
        if not line.refused and twice[line.tig360_number] > 1
        else line
        for line in lines
    ]


def _why_not(row: Line, activity: str, known: Collection[str], longest: Mapping[Column, int]) -> str:
    if not row.tig360_number:
        return "Sans numéro TIG 360°"
    if row.tig360_number in known:
        return "Déjà repris"
    if not row.host:
        return "Sans structure"
    if not row.nature:
        return "Sans travail décrit"
    for column, text in (
        (Column.NUMBER, row.tig360_number),
        (Column.HOST, row.host),
        (Column.NATURE, row.nature),
        (Column.ADDRESS, row.address),
    ):
        if len(text) > longest[column]:
            return f"{column.label} : plus de {longest[column]} signes"
    if not row.activity:
        return f"Activité inconnue de la liste locale : {activity}" if activity else "Sans activité"
    return ""


def _audience(text: str, empty: Audience) -> str:
    said = normalise(text)
    minors, adults = "mineur" in said, "majeur" in said or "adulte" in said
    if minors and adults:
        return Audience.BOTH.value
    if minors:
        return Audience.MINORS.value
    return Audience.ADULTS.value if adults else empty.value
