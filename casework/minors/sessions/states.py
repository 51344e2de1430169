"""The lifecycle of a meeting. Its `apply` is the only writer of `state`."""

from __future__ import annotations

from django.utils.timezone import localdate

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.minors.sessions.codes import LineState, Presence, SessionState
from casework.minors.sessions.models import GroupSession
from casework.partners import reads as partners
from casework.partners.codes import Role

_COORDINATOR = frozenset({Role.COORDINATOR})


def rules_in_force(session: GroupSession, context: Context) -> None:
    """Refuse without group rules in force: no nominative exchange (CLV-06)."""
    if partners.group_rules(session.group, localdate(context.now)) is None:
        raise GuardRefused("Aucun règlement intérieur n’est en vigueur : la réunion ne peut pas avoir lieu.")


def somebody_is_invited(session: GroupSession, context: Context) -> None:
    """Refuse to convene nobody."""
    if not session.members.exists():
        raise GuardRefused("Aucun service n’est invité.")


def minimum_presence_is_reached(session: GroupSession, context: Context) -> None:
    """Refuse to open below the minimum presence, where the group rules set one."""
    if not session.minimum_presence:
        return
    present = session.members.filter(presence=Presence.PRESENT, is_guest=False).count()
    if present < session.minimum_presence:
        raise GuardRefused(
            f"La présence minimale du règlement intérieur n’est pas atteinte : {present} service(s) présent(s) "
            f"sur {session.minimum_presence}."
        )


def no_line_is_open(session: GroupSession, context: Context) -> None:
    """Refuse to close while a situation is on the table."""
    if session.lines.filter(state=LineState.OPENED).exists():
        raise GuardRefused("Une situation est encore ouverte : terminez-la ou reportez-la.")


LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, SessionState.PREPARED): Move(
                name="prepare", label="préparer la réunion", who=_COORDINATOR, rule="CLV-21"
            ),
            (SessionState.PREPARED, SessionState.CONVENED): Move(
                name="convene",
                label="envoyer l’invitation et l’ordre du jour",
                guards=(rules_in_force, somebody_is_invited),
                who=_COORDINATOR,
                rule="CLV-26",
            ),
            (SessionState.PREPARED, SessionState.CANCELLED): Move(
                name="cancel", label="annuler la réunion", who=_COORDINATOR, rule="CLV-21"
            ),
            (SessionState.CONVENED, SessionState.CANCELLED): Move(
                name="cancel", label="annuler la réunion", who=_COORDINATOR, rule="CLV-21"
            ),
            (SessionState.CONVENED, SessionState.OPEN): Move(
                name="open",
                label="ouvrir la réunion",
                guards=(rules_in_force, minimum_presence_is_reached),
                who=_COORDINATOR,
                rule="CLV-23",
            ),
            (SessionState.OPEN, SessionState.CLOSED): Move(
                name="close",
                label="clore la réunion",
                guards=(no_line_is_open,),
                who=_COORDINATOR,
                rule="SIT-05",
            ),
            (SessionState.CLOSED, SessionState.APPROVED): Move(
                name="approve",
                label="approuver le relevé de décisions",
                who=_COORDINATOR | {lifecycle.SYSTEM},
                rule="SIT-05",
            ),
        },
        name="group_sessions.group_session",
        title="Réunion de la cellule",
        states=SessionState,
        final=frozenset({SessionState.APPROVED, SessionState.CANCELLED}),
    )
)
