"""What is said of a quarter: a comment, a comment on one indicator, the « note d’ambiance » by sector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.indicators.quarters import facts
from casework.indicators.quarters.codes import BY_CODE, Tone
from casework.indicators.quarters.models import Contributor, Quarter
from casework.indicators.quarters.reads import kept
from casework.indicators.releases import guarded

Mood = Mapping[str, tuple[str, str]]
"""Sector -> tone, words."""

MOST = 300
"""Characters of a comment."""
NOBODY = (
    "Ce tableau ne parle de personne : ni nom, ni adresse, ni numéro, ni santé, ni origine. Un lieu s’écrit avec ce qu’il "
    "est (« place Gambetta », « gare »)."
)


def checked(text: str, *, field: str, neutral: Iterable[str]) -> str:
    """Return words about a quarter, trimmed. Raises InputRefused beside `field`."""
    return guarded.check(text, field=field, most=MOST, neutral=neutral, refusal=NOBODY)


def neutral(quarter: Quarter) -> list[str]:
    """Return the names that are nobody’s: the town, its sectors, its contributors."""
    names = Contributor.objects.filter(territory_id=quarter.territory_id).values_list("name", flat=True)
    return [quarter.territory.name, *quarter.sectors, *names]


def describe(*, by: Viewer, quarter: Quarter, words: str, mood: Mood, expected: int | None, now: datetime) -> None:
    """Write the comment of the quarter and how each sector feels; a sector without a tone says nothing.

    Raises AccessRefused, InputRefused (fields `words`, `tone_<n>`, `mood_<n>`), GuardRefused, ConflictRefused.
    """
    facts.require_keeper(by, now)
    allowed = neutral(quarter)
    said: dict[str, Any] = {"quarter": checked(words, field="words", neutral=allowed), "mood": {}}
    for n, sector in enumerate(quarter.sectors):
        tone, text = mood.get(sector, ("", ""))
        text = checked(text, field=f"mood_{n}", neutral=allowed)
        if not tone and not text:
            continue
        if tone not in Tone.values:
            raise InputRefused("Choisissez : calme, tendu ou à surveiller.", field=f"tone_{n}")
        said["mood"][sector] = [tone, text]
    _write(by, quarter, said, expected, now)


def comment(*, by: Viewer, quarter: Quarter, code: str, words: str, expected: int | None, now: datetime) -> None:
    """Write, or take off, the comment of one indicator. Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused."""
    facts.require_keeper(by, now)
    if code not in BY_CODE:
        raise InputRefused("Choisissez un indicateur de la liste.", field="words")
    text = checked(words, field="words", neutral=neutral(quarter))
    about = dict(kept.words(by, quarter).get("about", {}))
    about.pop(code, None)
    _write(by, quarter, {"about": about | ({code: text} if text else {})}, expected, now)


def _write(by: Viewer, quarter: Quarter, said: Mapping[str, Any], expected: int | None, now: datetime) -> None:
    standing = kept.words(by, quarter)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Quarter.objects.filter(territory_id=by.territory_id), quarter.pk, expected)
        if row.published_at is not None:
            raise GuardRefused("Le tableau de bord de ce trimestre est publié : il ne change plus.")
        revision.check(row, quarter.revision)  # what was read above is what is written over
        revision.save(row, words={**standing, **said})
        w.note(Act.CHANGE, row, classes=[DataClass.EVALUATION], why="words")
