"""What the register of violations shows: lines without words, one violation under the read gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, decide, require
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.rights import facts
from casework.rights.codes import IncidentState, Risk
from casework.rights.models import SecurityIncident

WAITING = (IncidentState.NOTED, IncidentState.ASSESSED)
"""States in which the clock of the CNIL still runs."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One violation on the list."""

    id: UUID
    reference: str
    state: IncidentState
    cause: str
    discovered_at: datetime
    notice_due_at: datetime
    hours_left: int
    """Whole hours until the CNIL must be told; below zero when late, and 0 once the clock stopped."""
    clock_runs: bool

    @property
    def is_late(self) -> bool:
        """Say whether the 72 hours have passed while nothing was decided."""
        return self.clock_runs and self.hours_left < 0


@dataclass(frozen=True, kw_only=True)
class Page(Line):
    """One violation, opened."""

    revision: int
    breach: str
    risk: str
    risk_code: str
    persons: str
    persons_code: str
    notified_at: datetime | None
    late_reason: str
    informed_on: date | None
    not_informed: str
    closed_at: datetime | None
    facts: str
    effects: str
    measures: str
    may_change: bool

    @property
    def must_tell_persons(self) -> bool:
        """Say whether closing asks about the persons concerned (RGPD 34)."""
        return self.risk_code == Risk.HIGH


def lines(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the violations of the territory, those whose clock runs first. Raises AccessRefused. One query."""
    require(viewer, Action.LIST, facts.of(viewer.territory_id), now)
    rows = SecurityIncident.objects.filter(territory_id=viewer.territory_id).order_by("-discovered_at", "id")
    found = [Line(**_line(row, now)) for row in rows]
    return sorted(found, key=lambda line: (not line.clock_runs, line.hours_left if line.clock_runs else 0))


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one violation with its words. Raises AccessRefused, absent or refused alike."""
    row = facts.find(viewer, pk, now)
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DataClass.RIGHTS], purpose=Purpose.RIGHTS, module="rights",
        object_type="rights.securityincident", object_ids=[row.pk],
    ):  # fmt: skip
        words: dict[str, Any] = {"facts": row.facts or "", "effects": row.effects or "", "measures": row.measures or ""}
    is_open = row.state != IncidentState.CLOSED
    return Page(
        **_line(row, now), **words, revision=row.revision, breach=row.get_breach_display(), risk=row.get_risk_display(),
        risk_code=row.risk, persons=row.get_persons_display(), persons_code=row.persons, notified_at=row.notified_at,
        late_reason=row.get_late_reason_display(), informed_on=row.informed_on,
        not_informed=row.get_not_informed_display(), closed_at=row.closed_at,
        may_change=decide(viewer, Action.CHANGE, facts.of(row.territory_id, is_open=is_open), now).allow,
    )  # fmt: skip


def _line(row: SecurityIncident, now: datetime) -> dict[str, Any]:
    runs = row.state in WAITING
    left = int((row.notice_due_at - now).total_seconds() // 3600) if runs else 0
    return {
        "id": row.pk, "reference": row.reference, "state": IncidentState(row.state), "cause": row.get_cause_display(),
        "discovered_at": row.discovered_at, "notice_due_at": row.notice_due_at, "hours_left": left, "clock_runs": runs,
    }  # fmt: skip
