"""An agent or a service shut out of one subject: a conflict declared, the order of a judge, kin. It beats everything.

`shut(viewer, now)` is what facts ask; nothing else reads the table to decide. The one who is shut out is never told:
the record is absent, as if it had never been.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from casework.access.exclusions.codes import Ground

if TYPE_CHECKING:
    from casework.access.exclusions.models import Exclusion
    from casework.access.exclusions.reads import is_shut, shut

__all__ = ["Exclusion", "Ground", "is_shut", "shut"]


def __getattr__(name: str) -> Any:
    """Return a public name from the module that holds it: models exist only once Django is ready."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"casework.access.exclusions.{'models' if name == 'Exclusion' else 'reads'}"), name)
