"""The question about one person, for its officer; what a service decided about asking; the answers of a cohort."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.partners import genuine
from casework.partners.models import Mandate
from casework.placements.returns import cohorts, facts
from casework.placements.returns.actions import switch, watches
from casework.placements.returns.codes import Answer, Horizon, Kind
from casework.placements.returns.cohorts import Cohort
from casework.placements.returns.models import ReturnAnswer, ReturnWatch, WatchSwitch
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page of a question shows."""

    id: UUID
    revision: int
    name: str
    mark: str
    kind: str
    month: date
    horizon: Horizon | None
    destroyed_on: date


def question(viewer: Viewer, pk: UUID, now: datetime) -> Question:
    """Return the question about one person, its identity opened under the read gate. Raises AccessRefused."""
    row = facts.find_watch(viewer, pk, now)
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DataClass.KNOWN_RETURN], purpose=Purpose.REVIEW,
        module="placements", object_type="returns.returnwatch", object_ids=[row.pk],
    ):  # fmt: skip
        sweep.open_many([row], "identity")
        known = row.identity or {}
    return Question(
        id=row.pk, revision=row.revision, name=f"{known.get('first_name', '')} {known.get('last_name', '')}".strip(),
        mark=known.get("mark", ""), kind=str(Kind(row.kind).label), month=row.month,
        horizon=cohorts.due(row.month, row.answered, localdate(now)),
        destroyed_on=cohorts.months_later(row.month, cohorts.KEPT_MONTHS + 1),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whether a service asks one by one, since when; what nobody holds, and who could."""

    starts_on: date | None
    assessed_on: date | None
    could_start_on: date
    watched: int
    unheld: int
    colleagues: tuple[tuple[UUID, str], ...]


def asking(viewer: Viewer, now: datetime) -> Asking:
    """Return what the head of a service decides about asking. Raises AccessRefused."""
    facts.require_lead(viewer, now)
    if viewer.organisation_id is None:
        raise ValueError("a head has a service")
    running = switch.current(viewer.organisation_id)
    kept = ReturnWatch.objects.filter(organisation_id=viewer.organisation_id).exclude(facts.gone(now)).count()
    left = len(watches.unheld(viewer, now)) if kept else 0
    people = Mandate.objects.live(now).filter(
        organisation_id=viewer.organisation_id, territory_id=viewer.territory_id, role=viewer.role
    )
    return Asking(
        starts_on=running.starts_on if running else None, assessed_on=running.assessed_on if running else None,
        could_start_on=switch.first_day(viewer.organisation_id, localdate(now)), watched=kept, unheld=left,
        colleagues=tuple((row.pk, row.agent.full_name) for row in people.select_related("agent")) if left else (),
    )  # fmt: skip


def covers(organisation_id: UUID, cohort: Cohort) -> bool:
    """Say whether every measure of a cohort was watched: the switch ran over all of its years, without a break."""
    first, after = date(cohort.first, 1, 1), date(cohort.last + 1, 1, 1)
    rows = WatchSwitch.objects.filter(organisation_id=organisation_id, starts_on__lte=first)
    return bool(genuine.kept(rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=after))))


def answers(viewer: Viewer, organisation_id: UUID, cohort: Cohort) -> Counter[Answer]:
    """Return how many of each answer were given about a cohort, opened under the read gate. No person is behind."""
    rows = list(
        ReturnAnswer.objects.filter(
            organisation_id=organisation_id, kind=cohort.kind, horizon=cohort.horizon, month__year__gte=cohort.first,
            month__year__lte=cohort.last,
        )
    )  # fmt: skip
    with audit.reading(
        viewer, subjects=[organisation_id], classes=[DataClass.KNOWN_RETURN], purpose=Purpose.REVIEW,
        module="placements", object_type="returns.returnanswer",
    ):  # fmt: skip
        sweep.open_many(rows, "said")
        return Counter(Answer((row.said or {})["answer"]) for row in rows)
