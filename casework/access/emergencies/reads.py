"""Openings in an emergency: those to be told of, those to review, what suspends the right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from casework import audit
from casework.access import inbox, memo, subjects
from casework.access.approvals import reads as approvals
from casework.access.approvals.codes import ApprovalAct, ApprovalState
from casework.access.approvals.models import Approval
from casework.access.emergencies.codes import MISSES, EmergencyReason
from casework.access.emergencies.models import DATA_CLASS, EmergencyMiss, Episode
from casework.access.exclusions.reads import may_manage, require_manager, shut
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.errors import AccessRefused
from casework.partners import genuine
from casework.partners.codes import Role
from casework.partners.macs import row_is_genuine
from casework.partners.models import Agent, Organisation

TOLD = timedelta(days=7)
MOST = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """One opening, by reference."""

    id: UUID
    reference: str
    who: str
    service: str
    reason: str
    opened_at: datetime
    ends_at: datetime
    runs: bool
    review_due_at: datetime
    late: bool
    verdict: str
    is_mine: bool
    may_review: bool
    url: str = ""
    words: str = ""
    duress: bool = False


def misses(agent_id: UUID, territory_id: UUID) -> int:
    """Return how many openings were not granted to an agent since two persons last restored its right."""
    return len(uncleared(territory_id, agent_id))


def uncleared(territory_id: UUID, agent_id: UUID | None = None) -> list[EmergencyMiss]:
    """Return the misses that count, of one agent or of all, oldest first.

    One is cleared by the genuine, used agreement of two persons about that agent: by nothing that SQL writes (T-36).
    """
    rows = EmergencyMiss.objects.filter(territory_id=territory_id)
    rows = rows.filter(agent_id=agent_id) if agent_id else rows
    found = list(rows.order_by("at", "id"))
    agreed = {(row.pk, row.target_id) for row in _restorations(territory_id)} if found else set()
    return [row for row in found if (row.cleared_by, row.agent_id) not in agreed]


def _restorations(territory_id: UUID) -> list[Approval]:
    rows = Approval.objects.filter(
        territory_id=territory_id, act=ApprovalAct.BREAK_GLASS_RESUME, state=ApprovalState.USED
    )
    return genuine.kept(rows.order_by("-used_at", "id"))


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """One right suspended by three misses, and this manager's request to restore it."""

    agent_id: UUID
    who: str
    count: int
    since: datetime
    is_me: bool
    asked: approvals.Line | None


@dataclass(frozen=True, kw_only=True)
class Restored:
    """One right that two persons restored."""

    who: str
    at: datetime
    asker: str
    second: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Suspensions:
    """What « Droits suspendus » shows: by misses, by late reviews, and what was restored."""

    by_misses: list[Suspended]
    by_reviews: list[Line]
    restored: list[Restored]


def suspensions(viewer: Viewer, now: datetime) -> Suspensions:
    """Return the rights suspended in the territory and those restored. Raises AccessRefused (coordinator, DPO only)."""
    require_manager(viewer, None, now)
    counted: dict[UUID, list[EmergencyMiss]] = {}
    for miss in uncleared(viewer.territory_id):
        counted.setdefault(miss.agent_id, []).append(miss)
    stopped = {agent_id: rows for agent_id, rows in counted.items() if len(rows) >= MISSES}
    past = _restorations(viewer.territory_id)[:MOST]
    concerned = {*stopped, *(row.target_id for row in past)}
    concerned |= {row.asked_by for row in past} | {row.decided_by for row in past if row.decided_by}
    names = {row.pk: row.full_name for row in Agent.objects.filter(pk__in=concerned)}
    asked = approvals.mine_on(viewer, ApprovalAct.BREAK_GLASS_RESUME, stopped, now)
    return Suspensions(
        by_misses=[
            Suspended(
                agent_id=agent_id, who=names.get(agent_id, ""), count=len(rows), since=rows[MISSES - 1].at,
                is_me=agent_id == viewer.agent_id, asked=asked.get(agent_id),
            )
            for agent_id, rows in stopped.items()
        ],
        by_reviews=[line for line in lines(viewer, now) if line.late],
        restored=[
            Restored(
                who=names.get(row.target_id, ""), at=row.used_at or row.asked_at, asker=names.get(row.asked_by, ""),
                second=names.get(row.decided_by, "") if row.decided_by else "", reason=row.get_reason_display(),
            )
            for row in past
        ],
    )  # fmt: skip


def late_between(territory_id: UUID, since: datetime, until: datetime) -> list[Episode]:
    """Return the openings whose review fell due between two instants and is still not made: for the journal's watch."""
    rows = Episode.objects.filter(
        territory_id=territory_id, reviewed_at=None, review_due_at__gte=since, review_due_at__lt=until
    )
    return [row for row in rows.order_by("review_due_at", "id") if row_is_genuine(row)]


def overdue(organisation_id: UUID, now: datetime) -> bool:
    """Say whether a review is late in this organisation: nobody there opens anything more until it is done."""
    rows = Episode.objects.filter(organisation_id=organisation_id, reviewed_at=None, review_due_at__lte=now)
    return rows.exists()


def target_of(row: Episode) -> Target:
    """Return the record that was opened."""
    return Target(
        module=row.module, object_id=row.target_id, subject_id=row.target_subject, territory_id=row.territory_id,
        reference=row.reference, url="",
    )  # fmt: skip


def may_review(viewer: Viewer, row: Episode, now: datetime) -> bool:
    """Say whether `viewer` reviews it: another organisation, neither the opener nor shut out of the subject.

    The coordinator and the DPO review what partners opened; the leads of member services review what the
    municipality opened. Behind a wall, the DPO and the prosecutor's agents review each other and the side itself.
    """
    if row.module in subjects.silent_to(viewer.role):
        return False
    if row.reviewed_at is not None or row.agent_id == viewer.agent_id or not viewer.live(now):
        return False
    if row.organisation_id == viewer.organisation_id or row.target_subject in shut(viewer, now):
        return False
    if row.reason == EmergencyReason.CONTROL and viewer.role == Role.COORDINATOR:
        return False
    return may_manage(viewer, now) or _judges(viewer, row.module) or (viewer.is_service_lead and bool(viewer.group_ids))


def _judges(viewer: Viewer, module: str) -> bool:
    """Say whether this viewer reviews the openings of a walled room: an agent of the prosecutor."""
    return viewer.role == Role.PROSECUTOR and module in subjects.silent_to(Role.COORDINATOR)


def _concerned(viewer: Viewer, now: datetime) -> QuerySet[Episode]:
    """Return the openings that this person may know of."""
    rows = Episode.objects.filter(territory_id=viewer.territory_id).exclude(target_subject__in=shut(viewer, now))
    rows = rows.exclude(module__in=subjects.silent_to(viewer.role))
    if viewer.role == Role.COORDINATOR:
        rows = rows.exclude(reason=EmergencyReason.CONTROL)
    if may_manage(viewer, now):
        return rows
    mine = Q(agent_id=viewer.agent_id) | Q(
        module__in=[each.module for each in subjects.rooms() if _judges(viewer, each.module)]
    )
    if viewer.is_service_lead and viewer.group_ids:
        mine |= Q(reviewed_at=None) & ~Q(organisation_id=viewer.organisation_id) | Q(reviewed_by=viewer.agent_id)
    return rows.filter(mine)


def lines(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the openings that this person may know of, latest first."""
    return _lines(viewer, genuine.kept(_concerned(viewer, now).order_by("-opened_at", "id")[:MOST]), now)


def to_review(viewer: Viewer, now: datetime) -> list[Line]:
    """Return those that wait for this person's review."""
    return [line for line in lines(viewer, now) if line.may_review]


def told(viewer: Viewer, now: datetime) -> list[Line]:
    """Return those of the week, for the coordinator, the DPO and whoever answers for the record."""
    if may_manage(viewer, now):
        recent = [line for line in lines(viewer, now) if line.opened_at > now - TOLD and not line.is_mine]
        return recent
    rows = Episode.objects.filter(territory_id=viewer.territory_id, opened_at__gt=now - TOLD).exclude(
        Q(agent_id=viewer.agent_id) | Q(target_subject__in=shut(viewer, now))
    )
    kept = [
        row
        for row in genuine.kept(rows.order_by("-opened_at", "id")[:MOST])
        if viewer.mandate_id in {held.pk for held in subjects.room(row.module).in_charge(target_of(row), now)}
    ]
    return _lines(viewer, kept, now)


def running(viewer: Viewer, now: datetime) -> list[Line]:
    """Return this person's openings that run now, for the red band; asked once a page."""

    def ask() -> list[Line]:
        rows = Episode.objects.filter(mandate_id=viewer.mandate_id, ends_at__gt=now, closed_at=None)
        return _lines(viewer, [row for row in genuine.kept(rows) if row.runs(now)], now)

    return memo.once(("emergencies", viewer.mandate_id, now), ask)


def one(viewer: Viewer, episode_id: UUID, now: datetime) -> Line:
    """Return one opening with its explanation, opened under the read gate. Raises AccessRefused."""
    row = _concerned(viewer, now).filter(pk=episode_id).first()
    if row is None or not row_is_genuine(row):
        raise AccessRefused(code="episode")
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DATA_CLASS], purpose=Purpose.ADMINISTRATION, module="access",
        object_type="access.episode", object_ids=[row.pk],
    ):  # fmt: skip
        words = row.words or ""
    return _lines(viewer, [row], now, words=words)[0]


def _lines(viewer: Viewer, rows: list[Episode], now: datetime, *, words: str = "") -> list[Line]:
    agents = {row.pk: row.full_name for row in Agent.objects.filter(pk__in={row.agent_id for row in rows})}
    services = dict(
        Organisation.objects.filter(pk__in={row.organisation_id for row in rows}).values_list("pk", "short_name")
    )
    known = subjects.by_subjects(viewer, {row.target_subject for row in rows})
    return [
        Line(
            id=row.pk, reference=row.reference, who=agents.get(row.agent_id, ""),
            service=services.get(row.organisation_id, ""), reason=row.get_reason_display(), opened_at=row.opened_at,
            ends_at=row.closed_at or row.ends_at, runs=row.runs(now), review_due_at=row.review_due_at,
            late=row.reviewed_at is None and row.review_due_at <= now, verdict=row.get_verdict_display(),
            is_mine=row.agent_id == viewer.agent_id, may_review=may_review(viewer, row, now),
            url=known[row.target_subject].url if row.target_subject in known else "", words=words,
            duress=row.reason == EmergencyReason.DURESS and row.agent_id != viewer.agent_id,
        )
        for row in rows
    ]  # fmt: skip


def _probe(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    return Episode.objects.filter(Q(opened_at__gt=now - TOLD) | Q(reviewed_at=None), territory_id=viewer.territory_id)


inbox.probe("emergencies", _probe)
