"""The lifecycle of a violation of personal data (GDP-18). Its `apply` is the only writer of `state`."""

from __future__ import annotations

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.rights.codes import IncidentState as State
from casework.rights.codes import Risk
from casework.rights.models import SecurityIncident

_OFFICERS = frozenset({Role.COORDINATOR, Role.DPO})


def risk_is_said(incident: SecurityIncident, context: Context) -> None:
    """Refuse an assessment that does not say the risk: all that follows depends on it."""
    if not incident.risk:
        raise GuardRefused("Dites d’abord quel risque courent les personnes.")


def lateness_is_explained(incident: SecurityIncident, context: Context) -> None:
    """Refuse a late notification without its motive (RGPD 33, 1°)."""
    told = incident.notified_at
    if told is not None and told > incident.notice_due_at and not incident.late_reason:
        raise GuardRefused("Plus de 72 heures ont passé : la CNIL demande le motif du retard.")


def nobody_is_at_risk(incident: SecurityIncident, context: Context) -> None:
    """Refuse to tell nobody where somebody may be harmed (RGPD 33, 1°)."""
    if incident.risk != Risk.NONE:
        raise GuardRefused("Un risque est possible : cette violation se notifie à la CNIL.")


def persons_are_answered(incident: SecurityIncident, context: Context) -> None:
    """Refuse to close a high risk while the persons were neither told nor the reason given (RGPD 34)."""
    if incident.risk == Risk.HIGH and incident.informed_on is None and not incident.not_informed:
        raise GuardRefused(
            "Le risque est élevé : dites quand les personnes ont été informées, ou pourquoi elles ne le sont pas."
        )


LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, State.NOTED): Move(name="note", label="consigner", who=_OFFICERS, rule="GDP-18"),
            (State.NOTED, State.ASSESSED): Move(
                name="assess", label="évaluer le risque", who=_OFFICERS, guards=(risk_is_said,), rule="GDP-18"
            ),
            (State.ASSESSED, State.ASSESSED): Move(
                name="reassess", label="évaluer à nouveau", who=_OFFICERS, guards=(risk_is_said,), rule="GDP-18"
            ),
            (State.KEPT, State.ASSESSED): Move(
                name="reassess", label="évaluer à nouveau", who=_OFFICERS, guards=(risk_is_said,), rule="GDP-18"
            ),
            (State.NOTIFIED, State.NOTIFIED): Move(
                name="complete", label="compléter", who=_OFFICERS, guards=(risk_is_said, lateness_is_explained), rule="GDP-18",
            ),
            (State.ASSESSED, State.NOTIFIED): Move(
                name="notify", label="noter la notification à la CNIL", who=_OFFICERS, guards=(lateness_is_explained,), rule="DL-04",
            ),
            (State.ASSESSED, State.KEPT): Move(
                name="keep", label="garder au registre seul", who=_OFFICERS, guards=(nobody_is_at_risk,), rule="GDP-18",
            ),
            (State.NOTIFIED, State.CLOSED): Move(
                name="close", label="clore", who=_OFFICERS, guards=(persons_are_answered,), rule="GDP-18"
            ),
            (State.KEPT, State.CLOSED): Move(name="close", label="clore", who=_OFFICERS, rule="GDP-18"),
        },
        name="rights.security_incident",
        title="Violation de données",
        states=State,
        final={State.CLOSED},
    )
)  # fmt: skip
