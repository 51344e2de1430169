"""Words written around figures: a place, a number, a trade, never somebody. Unlike elsewhere they are refused, not warned about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from casework.casefile import textguard
from casework.casefile.textguard import WarningCode
from casework.errors import InputRefused

# Facts and measures are what figures are about; who did or underwent them is not.
REFUSED: Final = frozenset(WarningCode) - {WarningCode.OFFENCE, WarningCode.JUDICIAL, WarningCode.OPINION}


def check(text: str, *, field: str, most: int, neutral: Iterable[str], refusal: str) -> str:
    """Return the words, trimmed.

    `most`: characters. `neutral`: names that are nobody's (sectors, bodies). Raises InputRefused beside `field`, with
    `refusal` where somebody is meant.
    """
    text = text.strip()
    if len(text) > most:
        raise InputRefused(f"Au plus {most} caractères.", field=field)
    if any(warning.code in REFUSED for warning in textguard.check(text, neutral=neutral)):
        raise InputRefused(refusal, field=field)
    return text
