"""The lifecycle of a placement (domain.md §10.2). Its `apply` is the only writer of `state`.

What a guard needs from elsewhere (hours done, accreditation) the action works out and gives in `changes` of its own or
refuses before: a guard here reads the row and what hangs on it, never a sealed value.
"""

from __future__ import annotations

from typing import Any

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.placements.tig.codes import ENDED, Audience, Measure, State
from casework.placements.tig.reads import hours

_OFFICERS = frozenset({Role.SPIP, Role.PJJ})
_HOST = frozenset({Role.HOST})
_SYSTEM = frozenset({lifecycle.SYSTEM})
S = State

ACTIVE = tuple(state for state in State if state not in ENDED)


def has_post(placement: Any, context: Context) -> None:
    """Refuse without a post (ASG-02)."""
    if context.changes.get("post", placement.post) is None:
        raise GuardRefused("Choisissez d’abord un poste.")


def was_accepted(placement: Any, context: Context) -> None:
    """Refuse a decision that the host has not agreed to: its silence is never a yes."""
    proposal = placement.proposals.order_by("-asked_at").first()
    if proposal is None or proposal.answer != "accepted" or proposal.post_id != placement.post_id:
        raise GuardRefused("La structure n’a pas encore accepté cet accueil.")


def supervisor_is_named(placement: Any, context: Context) -> None:
    """Refuse the first hours without a tuteur (HOST-09)."""
    if context.changes.get("supervisor", placement.supervisor) is None:
        raise GuardRefused("Désignez d’abord le tuteur qui encadre cette personne (CPEN R623-19).")


def hours_are_done(placement: Any, context: Context) -> None:
    """Refuse the end before the last minute (TIG-08, HOST-12)."""
    if hours.done(placement) < placement.minutes_here:
        raise GuardRefused("Toutes les heures ne sont pas encore faites.")


def is_certified(placement: Any, context: Context) -> None:
    """Refuse the end without the certificate of the host (HOST-12)."""
    if context.changes.get("certified_on", placement.certified_on) is None:
        raise GuardRefused("L’attestation de fin n’est pas encore établie.")


def is_adult(placement: Any, context: Context) -> None:
    """Refuse day fines for a minor (ASG-11, TIGM-11)."""
    if placement.audience != Audience.ADULTS:
        raise GuardRefused("Les jours-amende ne s’appliquent pas aux mineurs (CJPM L121-1).")


def is_a_sentence(placement: Any, context: Context) -> None:
    """Refuse what only a sentence has: nothing is converted nor executed of a composition pénale (ASG-10, TNR-01)."""
    if placement.measure != Measure.TIG:
        raise GuardRefused("Une composition pénale n’a ni conversion ni peine de substitution (CPP 41-2).")


def ends_with_a_reason(placement: Any, context: Context) -> None:
    """Refuse an end without its coded reason."""
    if not context.changes.get("end_reason"):
        raise GuardRefused("Indiquez pourquoi l’affectation n’a plus d’objet.")


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard, who: frozenset[str] = _OFFICERS) -> Move:
    return Move(name=name, label=label, who=who, rule=rule, guards=guards)


LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, S.RECEIVED): _move("receive", "recevoir la demande", "TIG-08"),
            (S.RECEIVED, S.MATCHING): _move("search", "chercher un poste", "TIGM-01"),
            (S.MATCHING, S.MEDICAL_PENDING): _move("ask_exam", "demander la visite médicale", "ASG-05"),
            (S.MEDICAL_PENDING, S.MATCHING): _move("search_again", "chercher un autre poste", "ASG-05"),
            (S.MATCHING, S.PROPOSED): _move("propose", "réserver et demander l’accueil", "HOST-09", has_post),
            (S.MEDICAL_PENDING, S.PROPOSED): _move("propose", "réserver et demander l’accueil", "HOST-09", has_post),
            (S.PROPOSED, S.MATCHING): _move("release", "libérer la place", "10.2", who=_OFFICERS | _HOST | _SYSTEM),
            (S.PROPOSED, S.ASSIGNED): _move("decide", "enregistrer la décision", "ASG-01", has_post, was_accepted),
            (S.ASSIGNED, S.IN_PROGRESS): _move(
                "start", "commencer", "HOST-09", supervisor_is_named, who=_OFFICERS | _HOST
            ),
            (S.IN_PROGRESS, S.WORK_SUSPENDED): _move(
                "stop_work", "suspendre le travail", "HOST-11", who=_OFFICERS | _HOST
            ),
            **{
                (state, S.CLOCK_SUSPENDED): _move("stop_clock", "suspendre le délai", "TIG-09")
                for state in (S.ASSIGNED, S.IN_PROGRESS)
            },
            **{
                (state, S.IN_PROGRESS): _move("resume", "reprendre", "ASG-02", has_post)
                for state in (S.WORK_SUSPENDED, S.CLOCK_SUSPENDED, S.BREACH_REPORTED)
            },
            **{
                (state, S.MATCHING): _move("change_post", "changer de poste", "ASG-02")
                for state in (S.ASSIGNED, S.IN_PROGRESS, S.WORK_SUSPENDED, S.CLOCK_SUSPENDED, S.BREACH_REPORTED)
            },
            (S.IN_PROGRESS, S.COMPLETED): _move("complete", "terminer", "HOST-12", hours_are_done, is_certified),
            **{
                (state, S.BREACH_REPORTED): _move("report_breach", "faire rapport au magistrat", "ASG-09")
                for state in ACTIVE
                if state not in (S.RECEIVED, S.BREACH_REPORTED)
            },
            (S.BREACH_REPORTED, S.CONVERTED): _move(
                "convert", "convertir en jours-amende", "ASG-11", is_adult, is_a_sentence
            ),
            (S.BREACH_REPORTED, S.FALLBACK_EXECUTED): _move(
                "fall_back", "exécuter la peine de substitution", "ASG-10", is_a_sentence
            ),
            (S.BREACH_REPORTED, S.PROSECUTED): _move("prosecute", "poursuivre", "ASG-10"),
            **{(state, S.TRANSFERRED): _move("transfer", "transférer", "TIGM-09") for state in ACTIVE},
            **{(state, S.VOID): _move("void", "constater sans objet", "10.2", ends_with_a_reason) for state in ACTIVE},
        },
        name="tig.placement",
        title="Affectation en TIG",
        states=State,
        final=ENDED,
    )
)
