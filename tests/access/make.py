"""Viewers and facts for tests of the decision: the most permissive ones, each argument changes one thing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.access.matrix import DataClass
from casework.access.policy import Basis, Facts
from casework.access.viewer import Viewer
from casework.partners.codes import OrganisationKind, Role, TerritoryKind

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
TOWN = UUID(int=1)
OTHER_TOWN = UUID(int=2)
GROUP = UUID(int=3)
OTHER_GROUP = UUID(int=4)


def viewer(role: str = Role.PJJ, **changes: Any) -> Viewer:
    """Return a viewer under a running mandate, charter signed, whose service sits in GROUP."""
    values: dict[str, Any] = {
        "agent_id": UUID(int=10),
        "organisation_id": UUID(int=11),
        "mandate_id": UUID(int=12),
        "territory_id": TOWN,
        "territory_kind": TerritoryKind.COURT_DISTRICT,
        "role": role,
        "session_ref": "s",
        "request_id": "r",
        "net_prefix": "",
        "group_id": GROUP,
        "group_ids": frozenset({GROUP}),
        "organisation_kind": OrganisationKind.YOUTH_JUSTICE,
        "starts_at": NOW - timedelta(days=30),
        "ends_at": NOW + timedelta(days=30),
        "charter_signed": True,
        "is_service_lead": False,
    }
    return Viewer(**(values | changes))


def facts(data_class: DataClass = DataClass.YOUTH_IDENTITY, **changes: Any) -> Facts:
    """Return the facts of an open situation of TOWN and GROUP, rules in force, no grant."""
    values: dict[str, Any] = {
        "territory_id": TOWN,
        "group_id": GROUP,
        "data_class": data_class,
        "grants": frozenset(),
        "excluded": False,
        "rules_in_force": True,
        "state_open": True,
    }
    return Facts(**(values | changes))


def everything(data_class: DataClass, **changes: Any) -> Facts:
    """Return facts in which every door is open at once."""
    return facts(
        data_class,
        **(
            {
                "grants": frozenset(Basis),
                "is_author": True,
                "own_service": True,
                "break_open": True,
                "court_absent": True,
            }
            | changes
        ),
    )
