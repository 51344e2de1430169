"""The tree of refusals and faults. Messages shown to people are French; codes are stable.

CaseworkError
├── Refused                  somebody may not, or not now: becomes a page
│   ├── AccessRefused        404, same page as absence
│   ├── StepUpRequired       asks for the second factor again
│   ├── MoveRefused          this state has no such move
│   ├── GuardRefused         the move exists, a condition is missing (French message)
│   ├── InputRefused         a value is not acceptable (French message, field name)
│   ├── TooManyReads         too many files opened in a few minutes: wait
│   ├── ConflictRefused      somebody else changed the record meanwhile
│   └── AlreadyDone          this form was already carried out
├── WritesStopped            the installation only reads for now: 503, with what was typed
└── SealingError             one public message, no detail
    ├── IntegrityFault       bytes were changed, moved or cut
    ├── Shredded             the key was destroyed
    ├── KeystoreUnavailable  no key now: 503
    └── Unaudited            opened outside a read gate
"""

from __future__ import annotations


class CaseworkError(Exception):
    """Root of our errors. Carries a stable code, never personal data."""

    code = "error"


class Refused(CaseworkError):
    """A person may not do this, or not now."""

    code = "refused"

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class AccessRefused(Refused):
    """Unknown, forbidden and erased look the same."""

    code = "access"


class StepUpRequired(Refused):
    """A fresh second factor is needed."""

    code = "step_up"


class MoveRefused(Refused):
    """The lifecycle table has no such move."""

    code = "move"


class GuardRefused(Refused):
    """A condition of the move is missing; `message` says which, in French."""

    code = "guard"


class InputRefused(Refused):
    """A value is not acceptable; `field` names the form field, `message` is French."""

    code = "input"

    def __init__(self, message: str = "", *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class TooManyReads(Refused):
    """Too many different files opened one by one in a few minutes (T-44)."""

    code = "read_cap"


class ConflictRefused(Refused):
    """The record changed since the form was opened; `current_revision` is the new one."""

    code = "conflict"

    def __init__(self, message: str = "", *, current_revision: int = 0) -> None:
        super().__init__(message)
        self.current_revision = current_revision


class AlreadyDone(Refused):
    """The once-only token was used; `result` is the stored answer (a URL path)."""

    code = "already_done"

    def __init__(self, result: str = "") -> None:
        super().__init__("")
        self.result = result


class WritesStopped(CaseworkError):
    """Nothing may be written for now, by anybody; `message` says why and since when, in French (R-05, R-11)."""

    code = "stopped"

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class SealingError(CaseworkError):
    """A sealed value could not be opened or written."""

    code = "sealing"


class IntegrityFault(SealingError):
    """Bytes were changed, moved or cut."""

    code = "integrity"


class Shredded(SealingError):
    """The key of this subject was destroyed."""

    code = "shredded"


class KeystoreUnavailable(SealingError):
    """Keys cannot be reached now."""

    code = "keystore"


class Unaudited(SealingError):
    """A sealed value was asked for outside a read gate."""

    code = "unaudited"
