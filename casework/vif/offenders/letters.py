"""How a report is addressed and laid out: what a service chose for a frame, and for one court of it.

What a court's letter leaves empty is the frame's; what the frame's leaves empty is the usual (prose.py). A letter is a
version: a change writes the next one, and a report that left keeps the words with which it left, sealed with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from casework.vif.offenders import prose
from casework.vif.offenders.codes import Section
from casework.vif.offenders.models import ReportTemplate

TEXTS = ("letterhead", "addressee", "opening", "closing")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The words around the parts, their titles and their order; empty: the usual ones. `named`: which template."""

    letterhead: str = ""
    addressee: str = ""
    opening: str = ""
    closing: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    named: str = ""

    def parts(self, kind: str) -> tuple[Section, ...]:
        """Return the parts of a report of this kind, in the order of the letter."""
        rank = {code: n for n, code in enumerate(self.order)}
        return tuple(sorted(prose.PARTS[kind], key=lambda section: rank.get(section, len(rank))))

    def heading(self, kind: str, section: Section) -> str:
        """Return the title of a part; what one kind of report calls otherwise keeps its name."""
        return prose.HEADINGS.get((kind, section)) or self.titles.get(section) or str(section.label)

    def kept(self) -> dict[str, Any]:
        """Return what is sealed with a report that leaves."""
        return asdict(self) | {"order": list(self.order), "titles": dict(self.titles)}


def of_kept(words: Any) -> Letter:
    """Return the letter with which a report left; the usual one where none was kept."""
    if not isinstance(words, dict):
        return Letter()
    given = {name: str(words.get(name, "")) for name in (*TEXTS, "named")}
    return Letter(**given, titles=dict(words.get("titles") or {}), order=tuple(words.get("order") or ()))


def key_of(court: str) -> str:
    """Return the name of a court as it is compared: accents, capitals, spaces and signs make no other court."""
    plain = unicodedata.normalize("NFKD", court).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain.casefold()).strip()


def chosen(organisation_id: UUID, frame: str, court: str) -> Letter:
    """Return the letter in force for a frame and a court. One query."""
    key = key_of(court)
    rows = ReportTemplate.objects.filter(organisation_id=organisation_id, frame=frame, court_key__in={"", key})
    last: dict[str, ReportTemplate] = {row.court_key: row for row in rows.order_by("version")}
    return merged([row for row in (last.get(""), last.get(key) if key else None) if row is not None])


def seen_from(row: ReportTemplate) -> Letter:
    """Return what one version gives today: over the last general one of its frame, where it is of one court. One query."""
    rows = ReportTemplate.objects.filter(organisation_id=row.organisation_id, frame=row.frame, court_key="")
    general = rows.order_by("-version").first() if row.court_key else None
    return merged([general, row] if general is not None else [row])


def merged(rows: Sequence[ReportTemplate]) -> Letter:
    """Return the words of the most precise of these that says something, the general one first."""
    texts: dict[str, Any] = {}
    titles: dict[str, str] = {}
    order: tuple[str, ...] = ()
    named = ""
    for row in rows:
        words = row.words
        texts |= {name: words[name] for name in TEXTS if words.get(name)}
        titles |= {code: title for code, title in words.get("titles", {}).items() if title}
        order = tuple(words.get("order") or order)
        named = f"{row.court or 'toutes juridictions'}, version {row.version}"
    return Letter(**texts, titles=titles, order=order, named=named)
