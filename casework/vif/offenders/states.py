"""The lifecycle of a measure (domain.md §10.4). Its `apply` is the only writer of `state`.

Guards read the row and what hangs on it, never a sealed value.
"""

from __future__ import annotations

from typing import Any

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.vif.offenders.codes import (
    ENDED,
    HEARD,
    MET_WITH,
    STOPS,
    BreachAnswer,
    Meeting,
    ReportKind,
    ReportState,
    State,
)

_OFFICERS = frozenset({Role.APERS_OFFENDER})
S = State
ACTIVE = tuple(state for state in State if state not in ENDED)


def _given(row: Any, context: Context, name: str) -> Any:
    return context.changes.get(name, getattr(row, name))


def obligations_are_written(measure: Any, context: Context) -> None:
    """Refuse to explain obligations of which none is written (CJ-33)."""
    if not measure.obligations.filter(ended_on__isnull=True).exists():
        raise GuardRefused("Aucune obligation n’est inscrite : relevez-les dans la décision.")


def first_interview_was_held(measure: Any, context: Context) -> None:
    """Refuse obligations explained without an interview at which the person came."""
    held = measure.appointments.filter(kind=Meeting.FIRST, came__in=[str(each) for each in MET_WITH])
    if not held.exists():
        raise GuardRefused("Le premier entretien n’est pas encore tenu.")
    if _given(measure, context, "notified_on") is None:
        raise GuardRefused("Indiquez le jour où les obligations ont été expliquées.")


def prosecutor_was_called(measure: Any, context: Context) -> None:
    """Refuse an incident without its report, which begins with the call (CJ-36)."""
    rows = measure.reports.filter(kind=ReportKind.INCIDENT, called_at__isnull=False, answer="")
    if not rows.exists():
        raise GuardRefused("Appelez d’abord la permanence du parquet, puis rédigez le rapport d’incident.")


def answer_is(wanted: BreachAnswer) -> lifecycle.Guard:
    """Return the guard that asks for this answer of the magistrate (CJ-35)."""

    def guard(measure: Any, context: Context) -> None:
        rows = measure.reports.filter(kind=ReportKind.INCIDENT, answered_on__isnull=False).order_by("-answered_on")
        last = rows.first()
        if last is None or last.answer != wanted:
            raise GuardRefused("Inscrivez d’abord la réponse du magistrat.")

    return guard


def final_report_was_sent(measure: Any, context: Context) -> None:
    """Refuse without the final report, transmitted (CJ-36)."""
    if not measure.reports.filter(kind=ReportKind.FINAL, state=ReportState.TRANSMITTED).exists():
        raise GuardRefused("Le rapport final n’est pas transmis.")


def obligations_are_rated(measure: Any, context: Context) -> None:
    """Refuse a final report that does not say of each obligation whether it was met (CJ-36)."""
    if measure.obligations.filter(ended_on__isnull=True, rated_on__isnull=True).exists():
        raise GuardRefused("Dites d’abord de chaque obligation si elle est respectée.")


def hearing_is_known(measure: Any, context: Context) -> None:
    """Refuse a final report whose hearing has no date, where there is one (DL-18)."""
    if measure.frame in HEARD and measure.hearing_on is None:
        raise GuardRefused("Inscrivez d’abord la date d’audience.")


def stop_is_coded(measure: Any, context: Context) -> None:
    """Refuse to stop without a reason of this side: lifted, or another service."""
    if STOPS.get(str(context.changes.get("outcome") or "")) != context.to:
        raise GuardRefused("Indiquez pourquoi la mesure s’arrête.")


def end_is_dated(measure: Any, context: Context) -> None:
    """Refuse an end without its day: the file goes six months after it."""
    if _given(measure, context, "closed_on") is None:
        raise GuardRefused("Indiquez la date de la décision.")


def outcome_is_coded(measure: Any, context: Context) -> None:
    """Refuse a judgment without what was decided (CJ-38)."""
    if not context.changes.get("outcome"):
        raise GuardRefused("Choisissez ce qui a été décidé.")


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard) -> Move:
    return Move(name=name, label=label, who=_OFFICERS, rule=rule, guards=guards)


_FINAL = _move(
    "file_report", "remettre le rapport final", "CJ-36", hearing_is_known, obligations_are_rated, final_report_was_sent
)

LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, S.MANDATED): _move("receive", "recevoir la mesure", "CJ-33"),
            (S.MANDATED, S.NOTIFIED): _move(
                "notify", "expliquer les obligations", "CJ-33", obligations_are_written, first_interview_was_held
            ),
            (S.NOTIFIED, S.ACTIVE): _move("begin", "commencer le suivi", "CJ-05"),
            (S.ACTIVE, S.BREACH_REPORTED): _move(
                "report_breach", "signaler un incident", "CJ-36", prosecutor_was_called
            ),
            (S.BREACH_REPORTED, S.ACTIVE): _move(
                "resume", "poursuivre la mesure", "CJ-35", answer_is(BreachAnswer.CONTINUE)
            ),
            (S.BREACH_REPORTED, S.MODIFIED): _move(
                "modify", "modifier les obligations", "CJ-35", answer_is(BreachAnswer.MODIFIED)
            ),
            (S.BREACH_REPORTED, S.REVOKED): _move(
                "revoke", "constater la révocation", "CJ-35", answer_is(BreachAnswer.REVOKED), end_is_dated
            ),
            (S.MODIFIED, S.ACTIVE): _move(
                "notify_again", "expliquer les nouvelles obligations", "CJ-35", obligations_are_written
            ),
            (S.ACTIVE, S.FINAL_REPORT_FILED): _FINAL,
            (S.BREACH_REPORTED, S.FINAL_REPORT_FILED): _FINAL,
            (S.FINAL_REPORT_FILED, S.JUDGED): _move(
                "judge", "inscrire la décision", "CJ-38", outcome_is_coded, end_is_dated
            ),
            **{
                (state, S.TRANSFERRED): _move("transfer", "confier à un autre service", "10.4", stop_is_coded, end_is_dated)
                for state in ACTIVE
            },
            **{
                (state, S.LIFTED): _move("lift", "constater la mainlevée", "10.4", stop_is_coded, end_is_dated)
                for state in ACTIVE
            },
        },
        name="vif_offenders.measure",
        title="Mesure de violences dans le couple, personne sous mesure",
        states=State,
        final=ENDED,
    )
)  # fmt: skip
