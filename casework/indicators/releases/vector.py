"""What may be printed, and nothing else: the published vector. Pages, files and papers read it, never a count.

It carries its own words: what was published once is read the same for ever, whatever the catalogue says later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.indicators.releases.tables import TOTAL, Dimension


@dataclass(frozen=True, kw_only=True)
class Number:
    """One cell: codes by dimension (`TOTAL`: the whole), and the number; None: not shown."""

    key: tuple[str, ...]
    n: int | None


@dataclass(frozen=True, kw_only=True)
class PublishedTable:
    """One table as it is printed. `first`, `last`: the years counted, both included. `why_none`: nothing is shown, why.

    `parts`: for each dimension, which codes of the population each printed code holds, so that all that was ever
    published can be attacked together.
    """

    key: str
    population: str
    title: str
    unit: str
    k: int
    first: int
    last: int
    school: bool
    dimensions: tuple[Dimension, ...]
    parts: tuple[Mapping[str, tuple[str, ...]], ...]
    numbers: tuple[Number, ...]
    definition: str
    warning: str
    merged: str
    why_none: str
    rate_of: tuple[str, ...]
    rate_words: str
    unknown: tuple[str, ...]
    source: str

    @property
    def by_key(self) -> Mapping[tuple[str, ...], int | None]:
        """Return the numbers by key."""
        return {each.key: each.n for each in self.numbers}

    @property
    def total(self) -> int | None:
        """Return the whole, None where it is not shown."""
        return self.by_key.get((TOTAL,) * len(self.dimensions))

    @property
    def period(self) -> str:
        """Return the years as a reader says them: « 2025 », « 2023 à 2025 », « 2025-2026 » for a school year."""
        if self.school:
            return f"{self.first}-{self.last + 1}"
        return str(self.last) if self.first == self.last else f"{self.first} à {self.last}"

    def stored(self) -> dict[str, Any]:
        """Return the table as JSON keeps it."""
        return {
            "key": self.key, "population": self.population, "title": self.title, "unit": self.unit, "k": self.k, "first": self.first,
            "last": self.last, "school": self.school, "definition": self.definition, "warning": self.warning,
            "merged": self.merged, "why_none": self.why_none, "rate_of": list(self.rate_of),
            "rate_words": self.rate_words, "unknown": list(self.unknown), "source": self.source,
            "dimensions": [[each.key, each.label, [list(code) for code in each.codes]] for each in self.dimensions],
            "parts": [{code: list(held) for code, held in each.items()} for each in self.parts],
            "numbers": [[list(each.key), each.n] for each in self.numbers],
        }  # fmt: skip


def read_table(stored: Mapping[str, Any]) -> PublishedTable:
    """Return a table from what JSON kept."""
    plain = {name: stored[name] for name in _PLAIN}
    return PublishedTable(
        **plain, rate_of=tuple(stored["rate_of"]), unknown=tuple(stored["unknown"]),
        dimensions=tuple(
            Dimension(key=key, label=label, codes=tuple((code, words) for code, words in codes))
            for key, label, codes in stored["dimensions"]
        ),
        parts=tuple({code: tuple(held) for code, held in each.items()} for each in stored["parts"]),
        # The first editions kept a third value, never set.
        numbers=tuple(Number(key=tuple(key), n=n) for key, n, *_ in stored["numbers"]),
    )  # fmt: skip


_PLAIN = (
    "key", "population", "title", "unit", "k", "first", "last", "school", "definition", "warning", "merged", "why_none",
    "rate_words", "source",
)  # fmt: skip


def stored(tables: Sequence[PublishedTable]) -> list[dict[str, Any]]:
    """Return the vector as JSON keeps it."""
    return [table.stored() for table in tables]


def read(kept: Sequence[Mapping[str, Any]]) -> tuple[PublishedTable, ...]:
    """Return the tables of a vector."""
    return tuple(read_table(each) for each in kept)


def digest(kept: Sequence[Mapping[str, Any]]) -> str:
    """Return the hash of a vector (hex, SHA-256 over its canonical JSON): what the second person agrees to."""
    return hashlib.sha256(
        json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
