"""Point restreint: two to four services of the circle on one situation, between two meetings.

It is told at the next meeting (« fait depuis »): `tabled_in` stays empty until then, which is a reason of the agenda.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import steps
from casework.minors.followups.codes import ActionType, PointChannel
from casework.minors.followups.models import CircleMembership, FollowUp, RestrictedPoint
from casework.partners.models import Organisation
from casework.sealing import keys

LEAST, MOST = 2, 4
OLDEST = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided, and by whom it will be done."""

    kind: str
    owner_id: UUID
    due_on: date
    precision: str = ""


def hold(
    *,
    by: Viewer,
    follow_up: FollowUp,
    organisation_ids: Sequence[UUID],
    held_at: datetime,
    channel: str,
    now: datetime,
    precision: str = "",
    decisions: Sequence[Decision] = (),
) -> RestrictedPoint:
    """Record a point restreint and its decisions, all or none; the caller's own service takes part.

    Raises AccessRefused; GuardRefused (stage, a service outside the circle); InputRefused (two to four services,
    time ahead or over sixty days ago, precision over 100 characters, a value out of its list).
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.YOUTH_REVIEW, now)
    if not steps.open_stage(follow_up):
        raise GuardRefused("Cette situation n’est plus suivie : aucun point ne peut être enregistré.")
    organisations = _check(by, follow_up, organisation_ids, held_at, channel, precision, now)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        point = RestrictedPoint(
            subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
            held_at=held_at, channel=channel, called_by=by.mandate_id, precision=precision.strip(),
        )  # fmt: skip
        point.save()
        point.organisations.set(organisations)
        w.note(Act.CREATE, point, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], why=channel)
        for decision in decisions:
            owner = next((row for row in organisations if row.pk == decision.owner_id), None)
            if owner is None or decision.kind not in ActionType.values:
                raise InputRefused("Choisissez une action et un service présent.", field="owner")
            steps.add(
                w, by=by, follow_up=follow_up, kind=decision.kind, owner=owner, due_on=decision.due_on, now=now,
                precision=decision.precision,
            )  # fmt: skip
    return point


def _check(
    by: Viewer,
    follow_up: FollowUp,
    organisation_ids: Sequence[UUID],
    held_at: datetime,
    channel: str,
    precision: str,
    now: datetime,
) -> list[Organisation]:
    """Return the services that took part, the caller's own included."""
    if channel not in PointChannel.values:
        raise InputRefused("Indiquez comment.", field="channel")
    if held_at > now:
        raise InputRefused("Cette date est dans le futur.", field="held_on")
    if held_at < now - OLDEST:
        raise InputRefused("Un point restreint s’enregistre dans les soixante jours.", field="held_on")
    if len(precision.strip()) > steps.PRECISION_MAX:
        raise InputRefused(f"La précision tient en {steps.PRECISION_MAX} caractères.", field="precision")
    wanted = {*organisation_ids, by.organisation_id}
    inside = set(
        CircleMembership.objects.filter(follow_up=follow_up, ends_at=None).values_list("organisation_id", flat=True)
    )
    if wanted - inside - {by.organisation_id}:
        raise GuardRefused("Un service n’est pas dans le cercle : il ne peut pas parler de cette situation.")
    if not LEAST <= len(wanted) <= MOST:
        raise InputRefused("Un point restreint réunit de deux à quatre services.", field="organisations")
    return list(Organisation.objects.filter(pk__in=wanted))
