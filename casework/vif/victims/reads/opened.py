"""What is opened of one support, under the read gate."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.vif.victims.models import VictimSupport


def gate(
    viewer: Viewer, support: VictimSupport, classes: Iterable[str], *, purpose: Purpose = Purpose.REVIEW,
    act: Act = Act.VIEW,
) -> AbstractContextManager[None]:  # fmt: skip
    """Return the read gate of one support."""
    return audit.reading(
        viewer, subjects=[support.subject_id], classes=list(classes), purpose=purpose, act=act, module="vif",
        object_type=support._meta.label_lower, object_ids=[support.pk], territory_id=support.territory_id,
    )  # fmt: skip


def full_name(identity: object) -> str:
    """Return first name and name of an opened identity."""
    found = identity if isinstance(identity, dict) else {}
    return f"{found.get('first_name', '')} {found.get('last_name', '')}".strip()
