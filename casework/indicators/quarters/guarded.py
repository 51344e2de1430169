"""Words about a quarter: a place, a number, a trade, never somebody. Unlike elsewhere they are refused, not warned about."""

from __future__ import annotations

from collections.abc import Iterable

from casework.casefile import textguard
from casework.casefile.textguard import WarningCode
from casework.errors import InputRefused

MOST = 300
# Facts and measures are what a dashboard is about; who did or underwent them is not.
REFUSED = frozenset(WarningCode) - {WarningCode.OFFENCE, WarningCode.JUDICIAL, WarningCode.OPINION}
NOBODY = (
    "Ce tableau ne parle de personne : ni nom, ni adresse, ni numéro, ni santé, ni origine. Un lieu s’écrit avec ce qu’il "
    "est (« place Gambetta », « gare »)."
)


def check(text: str, *, field: str, neutral: Iterable[str]) -> str:
    """Return the words, trimmed. `neutral`: names of sectors and bodies. Raises InputRefused beside `field`."""
    text = text.strip()
    if len(text) > MOST:
        raise InputRefused(f"Au plus {MOST} caractères.", field=field)
    if any(warning.code in REFUSED for warning in textguard.check(text, neutral=neutral)):
        raise InputRefused(NOBODY, field=field)
    return text
