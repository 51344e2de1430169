"""Asking person by person: decided by the head of a service, by whole years, dated, told to the journal (SDC-05a)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import GuardRefused, InputRefused
from casework.partners import genuine
from casework.placements.returns import facts
from casework.placements.returns.actions import watches
from casework.placements.returns.codes import IN_COHORT
from casework.placements.returns.models import EndedMeasure, ReturnWatch, WaitingEnd, WatchSwitch


def current(organisation_id: UUID) -> WatchSwitch | None:
    """Return what runs, or will, for a service."""
    rows = WatchSwitch.objects.filter(organisation_id=organisation_id, ends_on__isnull=True)
    return next(iter(genuine.kept(rows)), None)


def first_day(organisation_id: UUID, today: date) -> date:
    """Return the 1 January from which a service may be asked one by one: this year's while nothing ended in it."""
    ended = any(
        model._default_manager.filter(
            organisation_id=organisation_id, result__in=IN_COHORT, month__year=today.year
        ).exists()
        for model in (EndedMeasure, WaitingEnd)
    )
    return date(today.year + 1 if ended else today.year, 1, 1)


def switch_on(*, by: Viewer, assessed_on: date, now: datetime) -> WatchSwitch:
    """Ask about the measures that end from the next whole year on.

    `assessed_on`: the day of the impact assessment that allows it. Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_lead(by, now)
    today = localdate(now)
    if assessed_on > today:
        raise InputRefused("Cette date n’est pas encore passée.", field="assessed_on")
    assert by.organisation_id is not None  # noqa: S101 who leads a service has one
    with audit.writing(by, now=now) as w:
        if current(by.organisation_id) is not None:
            raise GuardRefused("Le suivi personne par personne est déjà décidé pour ce service.")
        row = WatchSwitch(
            territory_id=by.territory_id, organisation_id=by.organisation_id,
            starts_on=first_day(by.organisation_id, today), assessed_on=assessed_on, decided_by=by.mandate_id,
            decided_at=now,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, why="switched_on")
    return row


def switch_off(*, by: Viewer, now: datetime) -> None:
    """Stop: no measure leaves a watch any more, and those of the year under way, whose cohort is broken, are destroyed.

    Raises AccessRefused, GuardRefused.
    """
    facts.require_lead(by, now)
    assert by.organisation_id is not None  # noqa: S101 who leads a service has one
    today = localdate(now)
    with audit.writing(by, now=now) as w:
        row = WatchSwitch.objects.select_for_update(of=("self",)).filter(
            organisation_id=by.organisation_id, ends_on__isnull=True
        ).first()  # fmt: skip
        if row is None:
            raise GuardRefused("Le suivi personne par personne n’est pas en cours.")
        if not genuine.kept([row]):
            raise GuardRefused("Le suivi personne par personne n’est pas en cours.")
        row.ends_on, row.ended_by = max(today, row.starts_on), by.mandate_id
        row.save()
        w.note(Act.CHANGE, row, why="switched_off")
    broken = ReturnWatch.objects.filter(organisation_id=by.organisation_id, month__year=today.year)
    watches.begin_destruction(broken, now)
