"""The lifecycle of a réparation (domain.md §10.3). Its `apply` is the only writer of `state`.

Guards read the row and what hangs on it, never a sealed value.
"""

from __future__ import annotations

from typing import Any

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.casefile.models import AttachedFile
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.placements.reparation.codes import (
    CLOSES,
    ENDED,
    STOPS,
    TOWARDS_VICTIM,
    VICTIM_SAYS_NO,
    VICTIM_SAYS_YES,
    Answer,
    FileKind,
    Form,
    Party,
    State,
    Track,
)

_OFFICERS = frozenset({Role.PJJ, Role.SAH})
_HOST = frozenset({Role.HOST})
# The yes of a host moves the file by itself: on its account, or by its link.
_ANSWERS = _OFFICERS | _HOST | {lifecycle.SYSTEM}
S = State
ACTIVE = tuple(state for state in State if state not in ENDED)


def _given(row: Any, context: Context, name: str) -> Any:
    return context.changes.get(name, getattr(row, name))


def is_alternative(reparation: Any, context: Context) -> None:
    """Refuse agreements to a module: the court orders it (REP-04)."""
    if reparation.track != Track.ALTERNATIVE:
        raise GuardRefused("Un module est ordonné : il ne se propose pas.")


def is_module(reparation: Any, context: Context) -> None:
    """Refuse to order an alternative: it is proposed (REP-02)."""
    if reparation.track != Track.MODULE:
        raise GuardRefused("Une alternative aux poursuites est proposée : elle ne s’ordonne pas.")


def agreements_are_joined(reparation: Any, context: Context) -> None:
    """Refuse without the signed agreement of the minor and of the parents, who were summoned (REP-04 to REP-06)."""
    rows = {row.party: row for row in reparation.agreements.filter(replaced_at__isnull=True)}
    for party in Party:
        row = rows.get(party)
        if row is None or row.answer != Answer.AGREED:
            who = "du jeune" if party == Party.MINOR else "des parents"
            raise GuardRefused(f"L’accord {who} n’est pas encore recueilli (CJPM L422-1).")
        if not row.document_id:
            raise GuardRefused("L’accord signé n’est pas encore joint au dossier (CJPM D422-3).")
    if rows[Party.PARENTS].summoned_on is None:
        raise GuardRefused("Indiquez quand les parents ont été convoqués (CJPM L422-2).")


def somebody_refused(reparation: Any, context: Context) -> None:
    """Refuse to give the file back while nobody has refused."""
    if not reparation.agreements.filter(replaced_at__isnull=True, answer=Answer.REFUSED).exists():
        raise GuardRefused("Aucun refus n’est enregistré.")


def observations_are_heard(reparation: Any, context: Context) -> None:
    """Refuse an activity before the minor was heard, the parents where possible, the decision joined (REP-04 to 06)."""
    check_heard(reparation)


def check_heard(reparation: Any) -> None:
    """Raise GuardRefused where a module lacks what must be heard before any activity (CJPM L112-8)."""
    if reparation.track != Track.MODULE:
        return
    heard = dict(reparation.agreements.filter(replaced_at__isnull=True).values_list("party", "answer"))
    if heard.get(Party.MINOR) != Answer.HEARD:
        raise GuardRefused("Les observations du jeune ne sont pas encore recueillies (CJPM L112-8).")
    if Party.PARENTS not in heard:
        raise GuardRefused("Dites si les parents ont pu être entendus (CJPM L112-8).")
    if not AttachedFile.objects.filter(record_id=reparation.pk, kind=FileKind.DECISION).exists():
        raise GuardRefused("La décision n’est pas encore jointe au dossier (CJPM L112-8).")


def activity_is_found(reparation: Any, context: Context) -> None:
    """Refuse without what is done: an activity, and for the community a host (REP-11)."""
    form = _given(reparation, context, "form")
    if not form:
        raise GuardRefused("Choisissez d’abord la forme de la réparation.")
    if form == Form.COMMUNITY and _given(reparation, context, "post") is None:
        raise GuardRefused("Choisissez d’abord le lieu d’accueil.")


def is_towards_victim(reparation: Any, context: Context) -> None:
    """Refuse to wait for a victim where the activity goes to the community (REP-07)."""
    if _given(reparation, context, "form") not in TOWARDS_VICTIM:
        raise GuardRefused("Cette activité n’attend pas l’accord d’une victime.")


def is_for_community(reparation: Any, context: Context) -> None:
    """Refuse to begin towards a victim who was not asked (REP-07)."""
    if reparation.form != Form.COMMUNITY:
        raise GuardRefused("L’accord de la victime vient d’abord (CJPM L112-9).")


def victims_agreed(reparation: Any, context: Context) -> None:
    """Refuse to begin while a victim has not said yes: silence is no agreement (REP-07)."""
    answers = [row.answer for row in reparation.victims.all()]
    if not answers or any(answer not in VICTIM_SAYS_YES for answer in answers):
        raise GuardRefused("La victime n’a pas donné son accord (CJPM L112-9).")


def victim_said_no(reparation: Any, context: Context) -> None:
    """Refuse to turn to the community while no victim has refused (REP-07)."""
    if not any(row.answer in VICTIM_SAYS_NO for row in reparation.victims.all()):
        raise GuardRefused("Aucun refus de la victime n’est enregistré.")
    if context.changes.get("form") != Form.COMMUNITY:
        raise GuardRefused("Après un refus de la victime, l’activité va à la collectivité.")


def goals_are_rated(reparation: Any, context: Context) -> None:
    """Refuse a report that does not say how far each expected outcome was reached (REP-10)."""
    goals = list(reparation.goals.all())
    if not goals:
        raise GuardRefused("Aucun résultat attendu n’est fixé.")
    if any(goal.rated_at is None for goal in goals):
        raise GuardRefused("Dites de chaque résultat attendu s’il est atteint, en partie ou non.")


def report_is_dated(reparation: Any, context: Context) -> None:
    """Refuse a report without its day."""
    if _given(reparation, context, "reported_on") is None:
        raise GuardRefused("Indiquez le jour où le rapport est remis.")


def outcome_is_coded(reparation: Any, context: Context) -> None:
    """Refuse to close without the magistrate's outcome, of this track and of this side (10.3)."""
    outcome = context.changes.get("outcome")
    if CLOSES.get((reparation.track, str(outcome or ""))) != context.to:
        raise GuardRefused("Choisissez ce que le magistrat a décidé.")


def stop_is_coded(reparation: Any, context: Context) -> None:
    """Refuse to stop without a reason of this side: without object, or another service."""
    if STOPS.get(str(context.changes.get("outcome") or "")) != context.to:
        raise GuardRefused("Indiquez pourquoi la réparation s’arrête.")


def end_is_dated(reparation: Any, context: Context) -> None:
    """Refuse an end without its day: the file goes six months after it."""
    if _given(reparation, context, "closed_on") is None:
        raise GuardRefused("Indiquez la date de la décision.")


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard, who: frozenset[str] = _OFFICERS) -> Move:
    return Move(name=name, label=label, who=who, rule=rule, guards=guards)


_ASSIGN = _move("assign", "enregistrer l’activité", "REP-11", observations_are_heard, activity_is_found, who=_ANSWERS)
_REPORT = _move("report", "remettre le rapport", "REP-10", goals_are_rated, report_is_dated)

LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, S.PROPOSED): _move("propose", "recevoir l’instruction du procureur", "REP-02", is_alternative),
            (None, S.ORDERED): _move("order", "recevoir la décision", "REP-02", is_module),
            (S.PROPOSED, S.AGREED): _move("agree", "constater les accords", "REP-06", agreements_are_joined),
            (S.PROPOSED, S.REFUSED): _move("give_back", "rendre au procureur", "10.3", somebody_refused, end_is_dated),
            (S.AGREED, S.ASSIGNED): _ASSIGN,
            (S.ORDERED, S.ASSIGNED): _ASSIGN,
            (S.ASSIGNED, S.ASSIGNED): _move(
                "change_activity", "changer d’activité", "REP-11", activity_is_found, who=_ANSWERS
            ),
            (S.ASSIGNED, S.VICTIM_PENDING): _move(
                "ask_victim", "recueillir l’accord de la victime", "REP-07", is_towards_victim
            ),
            (S.VICTIM_PENDING, S.ASSIGNED): _move(
                "turn_to_community", "passer à la collectivité", "REP-07", victim_said_no
            ),
            (S.ASSIGNED, S.IN_PROGRESS): _move(
                "start", "commencer", "10.3", is_for_community, activity_is_found, who=_OFFICERS | _HOST
            ),
            (S.VICTIM_PENDING, S.IN_PROGRESS): _move("start", "commencer", "REP-07", victims_agreed),
            (S.IN_PROGRESS, S.DIFFICULTY): _move("tell", "informer le magistrat", "REP-15"),
            (S.DIFFICULTY, S.IN_PROGRESS): _move("resume", "poursuivre", "REP-15"),
            (S.IN_PROGRESS, S.REPORTED): _REPORT,
            (S.DIFFICULTY, S.REPORTED): _REPORT,
            (S.REPORTED, S.CLOSED_SUCCESS): _move("close", "clore", "10.3", outcome_is_coded, end_is_dated),
            (S.REPORTED, S.CLOSED_FAILURE): _move("close", "clore", "10.3", outcome_is_coded, end_is_dated),
            **{
                (state, S.TRANSFERRED): _move("transfer", "transférer", "10.3", stop_is_coded, end_is_dated)
                for state in ACTIVE
            },
            **{
                (state, S.VOID): _move("void", "constater sans objet", "10.3", stop_is_coded, end_is_dated)
                for state in ACTIVE
            },
        },
        name="reparation.reparation",
        title="Réparation pénale",
        states=State,
        final=ENDED,
    )
)
