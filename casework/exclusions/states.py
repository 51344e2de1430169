"""The lifecycle of an exclusion support (domain.md §10.6). Its `apply` is the only writer of `state`.

Guards read the row and what hangs on it, never a sealed value.
"""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localdate

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.exclusions.codes import CAME, ENDED, Cancel, Kind, NoReturn, State
from casework.partners.codes import Role

S = State
_SCHOOL = frozenset({Role.EDUCATION})
_HOST = frozenset({Role.HOST, Role.OUTREACH})
_BOTH = _SCHOOL | _HOST


def convention_covers(support: Any, context: Context) -> None:
    """Refuse a reception without a convention in force, of this kind, on each day (EXC-06, EXC-16)."""
    convention = support.convention
    if convention.school_id != support.organisation_id or convention.host_id != support.host_id:
        raise GuardRefused("Cette convention lie d’autres structures.")
    if support.kind not in convention.kinds:
        raise GuardRefused("La convention avec cette structure ne prévoit pas ce type d’accueil.")
    if convention.confirmed_at is None:
        raise GuardRefused("La convention n’est pas encore confirmée par les deux structures (R511-13).")
    days = [row.day for row in support.half_days.all()] if support.pk and not support._state.adding else []
    days += [day for day in (support.starts_on, support.ends_on) if day]
    last = convention.last_day
    if any(day < convention.starts_on or day > last for day in days):
        raise GuardRefused("Aucune convention n’est en vigueur sur tous ces jours (R511-13).")


def has_half_days(support: Any, context: Context) -> None:
    """Refuse to name a pupil while no half-day is taken."""
    if not support.half_days.exists():
        raise GuardRefused("Choisissez d’abord les demi-journées.")


def host_accepted(support: Any, context: Context) -> None:
    """Refuse to go on while the host has not said yes (EXC-16)."""
    if support.host_accepted_at is None:
        raise GuardRefused("La structure d’accueil n’a pas encore répondu.")


def family_agreed(support: Any, context: Context) -> None:
    """Refuse without the agreement of the pupil and, for a minor, of the parents (EXC-07)."""
    if support.pupil_agreed_on is None:
        raise GuardRefused("L’accord de l’élève n’est pas encore recueilli.")
    if support.parents_agreed_on is None and not support.is_adult:
        raise GuardRefused("L’accord des parents n’est pas encore recueilli.")
    if support.copy_given_on is None and support.kind == Kind.RESPONSIBILITY:
        raise GuardRefused("Une copie de la convention est remise à l’élève et à ses parents (R511-13 II).")


def came_once(support: Any, context: Context) -> None:
    """Refuse to begin before a presence is written: the pupil came, on a half-day of the sanction."""
    if not support.half_days.filter(presence__in=[str(each) for each in CAME]).exists():
        raise GuardRefused("Inscrivez d’abord une présence.")


def return_is_held(support: Any, context: Context) -> None:
    """Refuse a return meeting that has no day, or is to come."""
    if support.return_held_on is None:
        raise GuardRefused("Indiquez le jour où la rencontre de retour a eu lieu.")
    if support.return_held_on > localdate(context.now):
        raise GuardRefused("Cette rencontre est à venir.")


def feedback_is_coded(support: Any, context: Context) -> None:
    """Refuse to close before what was agreed is said (EXC-20)."""
    if support.feedback_at is None:
        raise GuardRefused("Dites d’abord ce qui a été convenu.")


def no_return_is_coded(support: Any, context: Context) -> None:
    """Refuse to close without a meeting and without its reason (10.6)."""
    if support.no_return not in NoReturn.values:
        raise GuardRefused("Indiquez pourquoi il n’y a pas eu de rencontre de retour.")


def cancel_is_coded(support: Any, context: Context) -> None:
    """Refuse to cancel without a reason."""
    if support.cancelled_for not in Cancel.values:
        raise GuardRefused("Indiquez pourquoi l’accueil est annulé.")


def end_is_dated(support: Any, context: Context) -> None:
    """Refuse an end without its day."""
    if support.closed_on is None:
        raise GuardRefused("Indiquez la date de fin.")


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard, who: frozenset[str] = _SCHOOL) -> Move:
    return Move(name=name, label=label, who=who, rule=rule, guards=guards)


_NOTIFY = _move("notify", "annoncer l’élève", "EXC-16", convention_covers, has_half_days)
_CANCEL = _move("cancel", "annuler l’accueil", "10.6", cancel_is_coded, end_is_dated)

LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, S.PLACE_HELD): _move("hold", "tenir une place", "10.6", convention_covers),
            (S.PLACE_HELD, S.NOTIFIED): _NOTIFY,
            (S.PLACE_HELD, S.FREED): _move(
                "free", "rendre la place", "10.6", end_is_dated, who=_BOTH | {lifecycle.SYSTEM}
            ),
            (S.NOTIFIED, S.AGREED): _move(
                "agree", "constater les accords", "EXC-07", host_accepted, family_agreed, who=_BOTH
            ),
            (S.NOTIFIED, S.DECLINED): _move("decline", "la famille refuse", "10.6", end_is_dated),
            (S.NOTIFIED, S.CANCELLED): _CANCEL,
            (S.AGREED, S.HOSTED): _move("receive", "commencer l’accueil", "EXC-02", came_once, who=_BOTH),
            (S.AGREED, S.CANCELLED): _CANCEL,
            (S.HOSTED, S.RETURN_MEETING): _move(
                "meet", "tenir la rencontre de retour", "EXC-18", return_is_held, who=_BOTH
            ),
            (S.HOSTED, S.CLOSED): _move(
                "close_without", "clore sans rencontre", "10.6", no_return_is_coded, end_is_dated, who=_BOTH
            ),
            (S.RETURN_MEETING, S.CLOSED): _move("close", "clore", "EXC-20", feedback_is_coded, end_is_dated, who=_BOTH),
        },
        name="exclusion_support.support",
        title="Accueil d’un élève exclu",
        states=State,
        final=ENDED,
    )
)
