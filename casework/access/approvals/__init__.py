"""Acts that need two persons: one asks, another agrees to that very content, and only then is it done (T-43).

    approvals.ask(by=viewer, act=Act.EXCLUSION_REMOVAL, target_id=..., content={...}, reason=Reason.ERROR, now=now)
    approvals.approve(by=other, approval_id=..., now=now)
    with audit.writing(viewer, now=now) as w:
        approvals.take(w=w, act=Act.EXCLUSION_REMOVAL, target_id=..., content={...}, now=now)
        ...the act itself, in the same transaction...

The second sees the act, how many records, the coded reason, a reference and the print of the content: no record.
Names are loaded on first use, since models exist only once Django is ready.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from casework.access.approvals.codes import ApprovalAct, ApprovalReason, ApprovalState

if TYPE_CHECKING:
    from casework.access.approvals.actions import approve, ask, refuse, remind_deputies, take, withdraw
    from casework.access.approvals.models import Approval

__all__ = [
    "Approval", "ApprovalAct", "ApprovalReason", "ApprovalState", "approve", "ask", "refuse", "remind_deputies",
    "take", "withdraw",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a public name from the module that holds it."""
    if name not in __all__:
        raise AttributeError(name)
    home = "models" if name == "Approval" else "actions"
    return getattr(import_module(f"casework.access.approvals.{home}"), name)
