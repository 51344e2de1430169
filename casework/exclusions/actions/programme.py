"""What is done on each half-day: theme, activity of the host's catalogue, who leads (EXC-18). The host arranges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access.people import not_shut, tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import team
from casework.exclusions.codes import ENDED, Kind, Theme
from casework.exclusions.models import CatalogueActivity, ExclusionSupport, SupportHalfDay
from casework.partners.models import Mandate


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one half-day is to hold; `expected`: the revision that the form was opened on."""

    theme: str = ""
    activity: UUID | None = None
    leader: UUID | None = None
    expected: int | None = None


def themes(support: ExclusionSupport) -> list[Theme]:
    """Return the themes that the convention provides for; never « l’acte » while nothing is decided."""
    kept = [theme for theme in Theme if theme in support.convention.themes]
    return [theme for theme in kept if theme != Theme.ACT or support.kind != Kind.PRECAUTIONARY]


def activities(support: ExclusionSupport) -> list[CatalogueActivity]:
    """Return the activities of the host's catalogue under these themes, those no longer offered left out."""
    rows = CatalogueActivity.objects.filter(host_id=support.host_id, theme__in=themes(support), is_active=True)
    return list(rows.order_by("theme", "name"))


def leaders(support: ExclusionSupport, now: datetime) -> list[Mandate]:
    """Return who of the host may lead a half-day; those shut out of the pupil are left out."""
    return not_shut(team.members(support.host_id, facts.HOSTS, now), support.subject_id, now)


def arrange(*, by: Viewer, support: ExclusionSupport, plans: Mapping[UUID, Plan], now: datetime) -> None:
    """Set what some half-days of one pupil hold, all or none; who leads one reads the support until that evening.

    Raises AccessRefused, InputRefused with the half-day's id as field, GuardRefused, ConflictRefused.
    """
    _require_host(by, support, now)
    known = {row.pk: row for row in support.half_days.select_related("activity")}
    if not set(plans) <= set(known):
        raise AccessRefused(code="half_day")
    allowed = themes(support)
    offered = {row.pk: row for row in activities(support)}
    team_of = {row.pk: row for row in leaders(support, now)}
    for pk, plan in plans.items():
        _check(known[pk], plan, allowed, offered, team_of)
    with audit.writing(by, now=now) as w:
        for pk, plan in sorted(plans.items()):
            row = revision.lock(SupportHalfDay.objects.all(), pk, plan.expected)
            if (row.theme, row.activity_id, row.leader_id) == (plan.theme, plan.activity, plan.leader):
                continue
            revision.save(row, theme=plan.theme, activity_id=plan.activity, leader_id=plan.leader)
            w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="programme")
        new = team.settle_leaders(w, support, by=by, now=now)
    tell(new, subject=team.SUBJECT, line=team.WAITS, now=now, but=by.agent_id)


def swap(*, by: Viewer, support: ExclusionSupport, half_day: UUID, to: UUID, now: datetime) -> None:
    """Move what one half-day holds to another of the same pupil, which gives what it held in exchange.

    Raises AccessRefused, InputRefused, GuardRefused where somebody already came or did not.
    """
    _require_host(by, support, now)
    if half_day == to:
        return
    with audit.writing(by, now=now) as w:
        rows = {
            row.pk: row
            for row in support.half_days.select_for_update(of=("self",)).filter(pk__in=[half_day, to]).order_by("pk")
        }
        if set(rows) != {half_day, to}:
            raise InputRefused("Choisissez une demi-journée de cet accueil.", field="to")
        if any(row.presence for row in rows.values()):
            raise GuardRefused("Une présence est déjà inscrite : ce programme ne se déplace plus.")
        first, second = rows[half_day], rows[to]
        for row, (theme, activity_id, leader_id) in ((first, _held(second)), (second, _held(first))):
            revision.save(row, theme=theme, activity_id=activity_id, leader_id=leader_id)
            w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="moved")
        team.settle_leaders(w, support, by=by, now=now)


def _held(row: SupportHalfDay) -> tuple[str, UUID | None, UUID | None]:
    return row.theme, row.activity_id, row.leader_id


def _check(
    row: SupportHalfDay, plan: Plan, allowed: list[Theme], offered: Mapping[UUID, CatalogueActivity],
    team_of: Mapping[UUID, Mandate],
) -> None:  # fmt: skip
    field = str(row.pk)
    if plan.theme and plan.theme not in allowed:
        raise InputRefused("La convention ne prévoit pas ce thème pour cet accueil.", field=field)
    if plan.activity:
        # What left the catalogue since stays where it was planned.
        activity = row.activity if plan.activity == row.activity_id else offered.get(plan.activity)
        if activity is None or activity.theme != plan.theme:
            raise InputRefused("Choisissez une activité du catalogue, sous son thème.", field=field)
    if plan.leader and plan.leader != row.leader_id and plan.leader not in team_of:
        raise InputRefused("Choisissez une personne de votre équipe.", field=field)


def _require_host(by: Viewer, support: ExclusionSupport, now: datetime) -> None:
    facts.require_on(by, support, Action.CHANGE, facts.PUPIL, now)
    if support.host_id != by.organisation_id or not facts.receives(by.role):
        raise AccessRefused(code="exclusion_support")
    if support.state in ENDED:
        raise GuardRefused("Cet accueil est terminé.")
