"""What is opened of one réparation, under the read gate."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.placements.reparation.codes import Goal, GoalResult
from casework.placements.reparation.models import Reparation
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class GoalLine:
    """One expected outcome."""

    id: UUID
    code: str
    label: str
    result: str
    result_code: str
    rated_at: datetime | None


def gate(
    viewer: Viewer, reparation: Reparation, classes: Iterable[str], *, purpose: Purpose = Purpose.REVIEW,
    act: Act = Act.VIEW, subjects: Iterable[UUID] = (),
) -> AbstractContextManager[None]:  # fmt: skip
    """Return the read gate of one réparation, or of the victims named by `subjects`."""
    return audit.reading(
        viewer, subjects=list(subjects) or [reparation.subject_id], classes=list(classes), purpose=purpose, act=act,
        module="placements", object_type=reparation._meta.label_lower, object_ids=[reparation.pk],
        territory_id=reparation.territory_id,
    )  # fmt: skip


def goals(viewer: Viewer, reparation: Reparation) -> tuple[GoalLine, ...]:
    """Return the expected outcomes of one réparation; the caller asked decide() for row 17."""
    rows = list(reparation.goals.all())
    if not rows:
        return ()
    with gate(viewer, reparation, [DataClass.REPARATION_CONTENT]):
        sweep.open_many(rows, "goal", "result")
        return tuple(
            GoalLine(
                id=row.pk, code=row.goal or "", label=fr.label(Goal, row.goal), result_code=row.result or "",
                result=fr.label(GoalResult, row.result), rated_at=row.rated_at,
            )
            for row in rows
        )  # fmt: skip
