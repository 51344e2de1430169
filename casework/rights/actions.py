"""Note a violation, assess it, tell the CNIL and the persons, close it (RGPD 33 and 34)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.people import holding, tell
from casework.access.policy import Action, require
from casework.access.viewer import Viewer
from casework.casefile.references import new_reference
from casework.errors import GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.rights import facts
from casework.rights.codes import IncidentState, Persons
from casework.rights.models import SecurityIncident
from casework.rights.states import LIFECYCLE
from casework.sealing import keys

PREFIX = "VIO"


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What whoever discovers a violation can say at once."""

    breach: str
    cause: str
    discovered_at: datetime
    facts: str
    persons: str = Persons.UNKNOWN


def note(*, by: Viewer, data: Noted, now: datetime, pk: UUID | None = None) -> SecurityIncident:
    """Write a violation down; the 72 hours run from its discovery. The DPO is told, without a word of it.

    `data.discovered_at` is an aware instant, never after `now`. Raises AccessRefused, InputRefused.
    """
    require(by, Action.CREATE, facts.of(by.territory_id), now)
    if data.discovered_at > now:
        raise InputRefused("Cette date est à venir.", field="discovered_on")
    incident = SecurityIncident(
        id=pk or uuid.uuid4(), territory_id=by.territory_id, reference=new_reference(PREFIX, localdate(now).year),
        breach=data.breach, cause=data.cause, discovered_at=data.discovered_at, noted_at=now, noted_by=by.mandate_id,
        facts=data.facts, persons=data.persons,
    )  # fmt: skip
    incident.subject_id = incident.pk
    keys.ensure(incident.pk)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(incident, IncidentState.NOTED, w=w, by=by, now=now)
        tell(
            holding(by.territory_id, [Role.DPO], now), subject="Casework : une violation de données est à examiner",
            line="Une violation de données vient d’être consignée. Connectez-vous pour la lire.", now=now, but=by.agent_id,
        )  # fmt: skip
    return incident


def assess(
    *, by: Viewer, incident: SecurityIncident, risk: str, persons: str, effects: str, measures: str, now: datetime,
    expected: int | None = None,
) -> None:  # fmt: skip
    """Say what the persons risk and what is done; also later, when more is known. Raises AccessRefused, GuardRefused."""
    to = IncidentState.NOTIFIED if incident.state == IncidentState.NOTIFIED else IncidentState.ASSESSED
    _move(by, incident, to, now, expected, risk=risk, persons=persons, effects=effects, measures=measures)


def notify(
    *, by: Viewer, incident: SecurityIncident, notified_at: datetime, late_reason: str = "", now: datetime,
    expected: int | None = None,
) -> None:  # fmt: skip
    """Note that the CNIL was told, on its own site, at `notified_at` (DL-04).

    Raises AccessRefused, InputRefused (a date to come, or before the discovery), GuardRefused (late without motive).
    """
    if notified_at > now:
        raise InputRefused("Cette date est à venir.", field="notified_on")
    if notified_at < incident.discovered_at:
        raise InputRefused("La notification ne peut pas précéder la découverte.", field="notified_on")
    late = late_reason if notified_at > incident.notice_due_at else ""
    _move(by, incident, IncidentState.NOTIFIED, now, expected, notified_at=notified_at, late_reason=late)


def keep(*, by: Viewer, incident: SecurityIncident, now: datetime, expected: int | None = None) -> None:
    """Keep a violation without risk in the register alone. Raises AccessRefused, GuardRefused."""
    _move(by, incident, IncidentState.KEPT, now, expected)


def close(
    *, by: Viewer, incident: SecurityIncident, informed_on: date | None = None, not_informed: str = "", now: datetime,
    expected: int | None = None,
) -> None:  # fmt: skip
    """Close a violation; at high risk, once the persons were told or it is said why not (RGPD 34).

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    if informed_on is not None and not_informed:
        raise InputRefused("Choisissez : une date, ou un motif.", field="not_informed")
    if informed_on is not None and not localdate(incident.discovered_at) <= informed_on <= localdate(now):
        raise InputRefused("Cette date est avant la découverte, ou à venir.", field="informed_on")
    _move(
        by, incident, IncidentState.CLOSED, now, expected, informed_on=informed_on, not_informed=not_informed,
        closed_at=now,
    )  # fmt: skip


def _move(
    by: Viewer, incident: SecurityIncident, to: IncidentState, now: datetime, expected: int | None, **changes: Any
) -> None:
    facts.require_change(by, incident, now)
    if incident.state == IncidentState.CLOSED:
        raise GuardRefused("Cette violation est close.")
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(incident, to, w=w, by=by, now=now, expected_revision=expected, **changes)
