"""One's own questions without a name, with the advice of the meeting (SEC-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.minors.sessions.actions.questions import require_member
from casework.minors.sessions.codes import AgeBand, LineState, QuestionAdvice, QuestionTopic
from casework.minors.sessions.models import AnonymousQuestion
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class OwnQuestion:
    """A question this mandate asked, until the minutes of its meeting are approved."""

    id: UUID
    topic: str
    age_band: str
    sector: str
    advice: str
    may_refer: bool  # the advice is to refer with the youth's agreement
    asked_at: datetime
    may_withdraw: bool


def mine(viewer: Viewer, *, now: datetime) -> tuple[OwnQuestion, ...]:
    """Return the questions asked under this mandate, last first. Raises AccessRefused outside the group."""
    require_member(viewer, now)
    rows = list(
        AnonymousQuestion.objects.filter(
            author_mandate_id=viewer.mandate_id, territory_id=viewer.territory_id, group_id__in=viewer.group_ids
        )
        .prefetch_related("lines")
        .order_by("-asked_at")[:50]
    )
    if not rows:
        return ()
    with audit.reading(
        viewer, subjects={row.subject_id for row in rows}, classes=[DataClass.YOUTH_CARD], purpose=Purpose.PREPARATION,
        act=Act.LIST, object_type="anonymous_question", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "content", "advice")
        return tuple(_mine(row) for row in rows)


def _mine(row: AnonymousQuestion) -> OwnQuestion:
    content = row.content or {}
    advice = row.advice or ""
    band = content.get("age_band", "")
    return OwnQuestion(
        id=row.pk,
        topic=str(QuestionTopic(content["topic"]).label),
        age_band=str(AgeBand(band).label) if band else "",
        sector=content.get("sector", ""),
        advice=str(QuestionAdvice(advice).label) if advice else "",
        may_refer=advice == QuestionAdvice.REFER_WITH_AGREEMENT,
        asked_at=row.asked_at,
        may_withdraw=all(line.state == LineState.WAITING for line in row.lines.all()),
    )
