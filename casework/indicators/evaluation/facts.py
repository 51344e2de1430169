"""The facts about the evaluation handed to access.decide() (row 29a): the coordinator writes, the others read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.indicators.evaluation.codes import EvaluationState
from casework.indicators.evaluation.models import Evaluation
from casework.indicators.releases import facts as figures


def writes(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer writes the evaluation."""
    return figures.may(viewer, Action.CREATE, now)


def require_writer(viewer: Viewer, now: datetime) -> None:
    """Refuse whoever does not write the evaluation. Raises AccessRefused."""
    figures.require_evaluation(viewer, Action.CREATE, now)


def visible_to(viewer: Viewer, now: datetime) -> QuerySet[Evaluation]:
    """Return the evaluations that this viewer may open, latest first: a draft is its writer’s alone."""
    figures.require_evaluation(viewer, Action.LIST, now)
    rows = Evaluation.objects.filter(territory_id=viewer.territory_id)
    return rows if writes(viewer, now) else rows.filter(state=EvaluationState.FINISHED)


def find(viewer: Viewer, pk: UUID, now: datetime) -> Evaluation:
    """Return one evaluation. Raises AccessRefused, absent or refused alike."""
    found = visible_to(viewer, now).select_related("territory").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="evaluation")
    return found
