"""What is opened of one support, under the read gate."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.exclusions.models import ExclusionSupport


def gate(
    viewer: Viewer, support: ExclusionSupport, classes: Iterable[str], *, purpose: Purpose = Purpose.REVIEW,
    act: Act = Act.VIEW, with_bodies: bool = False,
) -> AbstractContextManager[None]:  # fmt: skip
    """Return the read gate of one pupil; `with_bodies`: of the contacts of its convention too."""
    subjects = [support.subject_id, *([support.convention.subject_id] if with_bodies else [])]
    return audit.reading(
        viewer, subjects=subjects, classes=list(classes), purpose=purpose, act=act, module="exclusions",
        object_type=support._meta.label_lower, object_ids=[support.pk], territory_id=support.territory_id,
    )  # fmt: skip


def full_name(identity: Any) -> str:
    """Return first name and name of an opened identity, "" while the place is held without a name."""
    found = identity if isinstance(identity, dict) else {}
    return f"{found.get('first_name', '')} {found.get('last_name', '')}".strip()
