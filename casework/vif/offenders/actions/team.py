"""Who holds a measure: the officer in charge, a colleague asked to read a report, the SPIP that takes over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from casework import audit
from casework.access import grants, people
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Actor, Writing
from casework.casefile import mailer
from casework.errors import InputRefused
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.vif.offenders import facts
from casework.vif.offenders.models import Measure, MeasureGrant

WAITS = "Un élément vous attend dans « Mon travail »."
SUBJECT = "Quelque chose vous attend"
READER_DAYS = 7
"""Days for which a colleague asked to read a report opens the measure."""


def put_in_charge(w: Writing, *, by: Actor, measure: Measure, mandate: Mandate, now: datetime) -> None:
    """Give an officer the measure, without an end."""
    grants.give(
        w, MeasureGrant, mandate=mandate, obj=measure, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
        reason="in_charge", by=by, sort_key=measure.reference,
    )  # fmt: skip


def let_reader_in(w: Writing, *, by: Actor, measure: Measure, mandate: Mandate, now: datetime) -> None:
    """Give a colleague the measure for the days of a reading."""
    grants.give(
        w, MeasureGrant, mandate=mandate, obj=measure, basis=Basis.DEPUTY, starts_at=now,
        ends_at=now + timedelta(days=READER_DAYS), reason="reader", by=by, sort_key=measure.reference,
    )  # fmt: skip


def let_reader_out(w: Writing, *, measure: Measure, mandate_id: UUID, now: datetime) -> None:
    """End what a colleague reads once the report is read."""
    rows = MeasureGrant.objects.on([measure.pk]).filter(mandate_id=mandate_id, basis=Basis.DEPUTY)
    for row in grants.valid(rows.live(now).select_related("content_object")):
        grants.close(w, row, at=now, reason="read")


def in_charge(measure_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Mandate]]:
    """Return the officers in charge of each measure; one query."""
    rows = MeasureGrant.objects.on(measure_ids).live(now).filter(
        mandate__role=Role.APERS_OFFENDER, basis=Basis.CIRCLE
    )  # fmt: skip
    found: dict[UUID, list[Mandate]] = {}
    for row in grants.valid(rows.select_related("mandate__agent", "mandate__organisation").order_by("starts_at", "id")):
        found.setdefault(row.content_object_id, []).append(row.mandate)
    return found


def colleagues(viewer: Viewer, subject_id: UUID, now: datetime) -> list[Mandate]:
    """Return who of the same service and function could take the measure over or read a report.

    The other side of the same association is another function: it is never offered (VIC-07).
    """
    return people.colleagues(viewer, subject_id, now)


def one_of(offered: Iterable[Mandate], pk: UUID | None, field: str) -> Mandate:
    """Return the person chosen among those offered. Raises InputRefused."""
    found = next((row for row in offered if row.pk == pk), None)
    if found is None:
        raise InputRefused("Choisissez une personne de la liste.", field=field)
    return found


def probation_officers(viewer: Viewer, subject_id: UUID, now: datetime) -> list[Mandate]:
    """Return the agents of the SPIP who may take over after a conviction (row 19 « o », CJ-38)."""
    return people.not_shut(people.holding(viewer.territory_id, [Role.SPIP], now), subject_id, now)


def hand_over(*, by: Viewer, measure: Measure, to: UUID, now: datetime) -> None:
    """Give the measure to a colleague of the same service; one's own access ends that second.

    Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, measure, Action.CHANGE, DataClass.VIF_PERSON, now)
    mandate = one_of(colleagues(by, measure.subject_id, now), to, "to")
    mine = MeasureGrant.objects.on([measure.pk]).of(by).live(now).select_related("content_object")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        put_in_charge(w, by=by, measure=measure, mandate=mandate, now=now)
        grants.close_many(w, MeasureGrant, grants.valid(mine), at=now, reason="handed_over")
        tell([mandate], subject=SUBJECT, line=WAITS, now=now)
