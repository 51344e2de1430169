"""Who is shut out of what. A row changed by SQL still shuts out: only a genuine end opens again (T-36)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework import audit
from casework.access import inbox, memo, subjects
from casework.access.approvals.actions import is_agreed
from casework.access.approvals.codes import ApprovalAct
from casework.access.exclusions.codes import Ground
from casework.access.exclusions.models import Exclusion
from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, decide, require
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.errors import AccessRefused
from casework.partners import genuine
from casework.partners.models import Mandate

TOLD_DAYS = timedelta(days=14)


def is_known_to() -> Exists:
    """Return the condition, on mandates, that some row shuts out the agent or the service: most have none."""
    return Exists(
        Exclusion.objects.filter(Q(agent_id=OuterRef("agent_id")) | Q(organisation_id=OuterRef("organisation_id")))
    )


def shut(viewer: Viewer | None, now: datetime) -> frozenset[UUID]:
    """Return the subjects that `viewer` is shut out of at `now`; one query, or none for whoever has no row.

    A forged row counts (nobody gains by it) and is reported; an end forged by SQL ends nothing.
    """
    if viewer is None or not viewer.may_be_shut_out:
        return frozenset()
    held = viewer

    def ask() -> frozenset[UUID]:
        rows = list(Exclusion.objects.filter(_of(held)))
        good = {row.pk for row in genuine.kept(rows)}
        return frozenset(row.subject_id for row in rows if row.runs(now) or row.pk not in good)

    return memo.once(("shut", viewer.agent_id, viewer.organisation_id, now), ask)


def is_shut(viewer: Viewer | None, subject_id: UUID, now: datetime) -> bool:
    """Say whether `viewer` is shut out of one subject."""
    return subject_id in shut(viewer, now)


def each_shut(mandates: Iterable[Mandate], now: datetime) -> list[frozenset[UUID]]:
    """Return, for each of these functions, the subjects that its holder is shut out of; one query for all."""
    held = list(mandates)
    mine = Q(agent_id__in=[row.agent_id for row in held]) | Q(organisation_id__in=[row.organisation_id for row in held])
    rows = list(Exclusion.objects.filter(mine)) if held else []
    good = {row.pk for row in genuine.kept(rows)}
    closing = [row for row in rows if row.runs(now) or row.pk not in good]
    return [
        frozenset(
            row.subject_id
            for row in closing
            if mandate.agent_id == row.agent_id or mandate.organisation_id == row.organisation_id
        )
        for mandate in held
    ]


def _of(viewer: Viewer) -> Q:
    return Q(agent_id=viewer.agent_id) | Q(organisation_id=viewer.organisation_id)


# ---------------------------------------------------------------- the screens of the coordinator and of the DPO


@dataclass(frozen=True, kw_only=True)
class Line:
    """One exclusion, by reference."""

    id: UUID
    reference: str
    who: str
    ground: str
    is_declared: bool
    starts_at: datetime
    ends_at: datetime | None
    runs: bool
    agreed: bool = False
    words: str = ""


def facts(viewer: Viewer, subject_id: UUID | None, now: datetime) -> Facts:
    """Return the facts for managing exclusions of one subject (row 32), or in general."""
    return Facts(
        territory_id=viewer.territory_id, data_class=DataClass.RIGHTS,
        excluded=subject_id is not None and is_shut(viewer, subject_id, now), rules_in_force=True, state_open=True,
    )  # fmt: skip


def may_manage(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer decides exclusions: the coordinator and the DPO."""
    return decide(viewer, Action.MANAGE, facts(viewer, None, now), now).allow


def require_manager(viewer: Viewer, subject_id: UUID | None, now: datetime) -> None:
    """Raise AccessRefused to anybody else, and to a manager who is shut out of that very subject."""
    require(viewer, Action.MANAGE, facts(viewer, subject_id, now), now)


def lines(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the exclusions of the territory, running first; never those of a subject shut to the viewer."""
    require_manager(viewer, None, now)
    rows = Exclusion.objects.filter(territory_id=viewer.territory_id).exclude(subject_id__in=shut(viewer, now))
    kept = genuine.kept(rows.select_related("agent", "organisation").order_by("-starts_at", "id"))
    known = subjects.by_subjects(viewer, {row.subject_id for row in kept})
    found = [_line(row, known[row.subject_id], now) for row in kept if row.subject_id in known]
    return sorted(found, key=lambda line: not line.runs)


def one(viewer: Viewer, exclusion_id: UUID, now: datetime) -> Line:
    """Return one exclusion with its words, opened under the read gate. Raises AccessRefused."""
    row, target = find(viewer, exclusion_id, now)
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DataClass.RIGHTS], purpose=Purpose.RIGHTS, module="access",
        object_type="access.exclusion", object_ids=[row.pk],
    ):  # fmt: skip
        words = row.words or ""
    agreed = is_agreed(by=viewer, act=ApprovalAct.EXCLUSION_REMOVAL, target_id=row.pk, content=removal_of(row), now=now)
    return _line(row, target, now, words=words, agreed=agreed)


def find(viewer: Viewer, exclusion_id: UUID, now: datetime) -> tuple[Exclusion, subjects.Target]:
    """Return one genuine exclusion of the territory that the viewer manages. Raises AccessRefused."""
    rows = Exclusion.objects.filter(pk=exclusion_id, territory_id=viewer.territory_id)
    row = next(iter(genuine.kept(rows.select_related("agent", "organisation"))), None)
    if row is None:
        raise AccessRefused(code="exclusion")
    require_manager(viewer, row.subject_id, now)
    target = subjects.by_subjects(viewer, [row.subject_id]).get(row.subject_id)
    if target is None:
        raise AccessRefused(code="exclusion")
    return row, target


def removal_of(row: Exclusion) -> dict[str, object]:
    """Return the exact content of « lift this exclusion », for the agreement of a second person."""
    return {
        "exclusion": row.pk, "subject": row.subject_id, "agent": row.agent_id, "organisation": row.organisation_id,
        "ground": row.ground, "since": row.starts_at,
    }  # fmt: skip


def told(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the conflicts declared lately, for whoever hands the situation to somebody else."""
    return [line for line in lines(viewer, now) if line.is_declared and line.runs and line.starts_at > now - TOLD_DAYS]


def _probe(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    rows = Exclusion.objects.filter(
        territory_id=viewer.territory_id, ground=Ground.DECLARED, ends_at=None, starts_at__gt=now - TOLD_DAYS
    )
    return rows if may_manage(viewer, now) else rows.none()


inbox.probe("exclusions", _probe)


def _line(row: Exclusion, target: subjects.Target, now: datetime, *, words: str = "", agreed: bool = False) -> Line:
    who = row.agent.full_name if row.agent is not None else str(row.organisation)
    return Line(
        id=row.pk, reference=target.reference, who=who, ground=row.get_ground_display(),
        is_declared=row.ground == Ground.DECLARED, starts_at=row.starts_at, ends_at=row.ends_at, runs=row.runs(now),
        agreed=agreed, words=words,
    )  # fmt: skip
