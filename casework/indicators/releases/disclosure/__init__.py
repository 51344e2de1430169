"""Disclosure control: which numbers of a release may be printed beside everything printed before (security.md §3.14).

Pure: no database, no clock, no chance. The same numbers in any order give the same answer on any machine.
"""

from casework.indicators.releases.disclosure.cells import (
    Cell,
    Finding,
    Known,
    Place,
    Protected,
    TooLarge,
    Why,
    cell_id,
)  # fmt: skip
from casework.indicators.releases.disclosure.protect import audit, protect

__all__ = ("Cell", "Finding", "Known", "Place", "Protected", "TooLarge", "Why", "audit", "cell_id", "protect")
