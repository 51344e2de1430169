"""Reports to the magistrate, change of post, certificate, and every way a placement ends (10.2, ASG-09 to ASG-11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import ages, mailer, revision
from casework.casefile.retention import years_after
from casework.errors import GuardRefused, InputRefused
from casework.placements.returns.actions import ends as returns
from casework.placements.returns.actions import watches
from casework.placements.returns.actions.ends import Ended
from casework.placements.returns.actions.watches import Known
from casework.placements.returns.codes import Kind, Result
from casework.placements.tig import facts, legal
from casework.placements.tig.actions import incidents, proposals, reports, team
from casework.placements.tig.codes import EndReason, ReportKind, State
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import hours
from casework.placements.tig.states import LIFECYCLE

# How each end is told to the anonymous lines: coarse enough to name nobody.
RESULTS: dict[str, Result] = {
    State.COMPLETED: Result.DONE, State.CONVERTED: Result.NOT_DONE, State.FALLBACK_EXECUTED: Result.NOT_DONE,
    State.PROSECUTED: Result.NOT_DONE, State.TRANSFERRED: Result.TRANSFERRED, State.VOID: Result.VOID,
}  # fmt: skip
# What the magistrate may decide after a report (ASG-10, ASG-11).
OUTCOMES = (State.IN_PROGRESS, State.MATCHING, State.CONVERTED, State.FALLBACK_EXECUTED, State.PROSECUTED)


def report_breach(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Refer to the magistrate: the plan to come is dropped, and the report is owed the same day (HOST-10, ASG-09, TNR-05)."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        asked = placement.state == State.PROPOSED
        LIFECYCLE.apply(placement, State.BREACH_REPORTED, w=w, by=by, now=now)
        _drop_to_come(w, placement, now)
        if asked:
            for row in placement.proposals.filter(answer=""):
                row.answer, row.answered_at, row.answered_by = "withdrawn", now, by.mandate_id
                row.revision += 1
                row.save()
                w.note(Act.CHANGE, row, why="withdrawn")
            team.let_host_out(w, placement=placement, at=now, reason="breach")
        reports.owe(w, by=by, placement=placement, kind=ReportKind.BREACH, due_on=localdate(now))
        team.tell(team.hosts(placement, now), now=now)


def magistrate_decided(*, by: Viewer, placement: TigPlacement, outcome: str, now: datetime) -> None:
    """Record what the magistrate decided after a report. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    if placement.state != State.BREACH_REPORTED or outcome not in OUTCOMES:
        raise InputRefused("Choisissez une décision de la liste.", field="outcome")
    to = State(outcome)
    if to is State.IN_PROGRESS:
        incidents.resume(by=by, placement=placement, now=now)
    elif to is State.MATCHING:
        change_post(by=by, placement=placement, now=now)
    else:
        if to is State.CONVERTED:
            _check_convertible(by, placement)
        _end(by=by, placement=placement, to=to, now=now)


def _check_convertible(by: Viewer, placement: TigPlacement) -> None:
    """Refuse day fines where the text of the sentence has none (ASG-11), when the sentence file is kept here."""
    sentence = getattr(placement, "sentence", None)
    if sentence is None:
        return
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.SENTENCE], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        if not legal.basis(sentence.basis).can_convert:
            raise GuardRefused("Ce texte ne permet pas la conversion en jours-amende (CPP 733-1).")


def change_post(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Go back to the search of a post; the hours done are kept (ASG-02). Raises AccessRefused, MoveRefused."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        managers = team.hosts(placement, now)
        LIFECYCLE.apply(placement, State.MATCHING, w=w, by=by, now=now, post=None, supervisor=None)
        _drop_to_come(w, placement, now)
        incidents._close_suspensions(w, placement, now)
        team.let_host_out(w, placement=placement, at=now, reason="change_post")
        team.tell(managers, now=now)


def certify(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Give the certificate of completion, as the host, once the last minute is done: the placement ends (HOST-12)."""
    facts.require_held(by, placement, now)
    if hours.done(placement) < placement.minutes_here:
        raise GuardRefused("Toutes les heures ne sont pas encore faites.")
    if placement.state != State.IN_PROGRESS:
        raise GuardRefused("L’attestation se donne à la fin d’un accueil en cours.")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = revision.lock(TigPlacement.objects.all(), placement.pk, None)
        revision.save(row, certified_on=localdate(now))
        w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT], why="certificate")
        team.tell(team.officers(placement, now), now=now)
    placement.certified_on, placement.revision = row.certified_on, row.revision


def complete(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Close a placement whose hours are done and certified (TIG-08, HOST-12). Raises GuardRefused otherwise."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    _end(by=by, placement=placement, to=State.COMPLETED, now=now)


def transfer(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Hand the case to another service, outside this installation or at majority (TIGM-09, ASG-03)."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    _end(by=by, placement=placement, to=State.TRANSFERRED, now=now)


def void(*, by: Viewer, placement: TigPlacement, reason: str, now: datetime) -> None:
    """Close what has no object any more, with a coded reason."""
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    if reason not in EndReason.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")
    _end(by=by, placement=placement, to=State.VOID, now=now, end_reason=reason)


def _end(*, by: Viewer, placement: TigPlacement, to: State, now: datetime, end_reason: str = "") -> None:
    mailer.prepare()
    ended = Ended(
        territory_id=placement.territory_id, organisation_id=placement.organisation_id, kind=Kind.TIG,
        result=RESULTS[to], received_on=localdate(placement.received_at), on=localdate(now), minutes=max(0, hours.done(placement)),
    )  # fmt: skip
    ended, known = _opened(by, placement, ended)
    watch_id = watches.make_key() if known else None
    with audit.writing(by, now=now) as w:
        managers = team.hosts(placement, now)
        for row in placement.proposals.filter(answer=""):
            row.answer, row.answered_at, row.answered_by = "withdrawn", now, by.mandate_id
            row.revision += 1
            row.save()
            w.note(Act.CHANGE, row, why="withdrawn")
        LIFECYCLE.apply(
            placement, to, w=w, by=by, now=now, ended_on=localdate(now),
            end_reason=end_reason,
        )  # fmt: skip
        returns.record(w, ended)
        if known and watch_id:
            officers = team.officers(placement, now)
            watches.leave(w, watch_id=watch_id, ended=ended, known=known, officers=officers, by=by, now=now)
        proposals.drop_plan(w, placement, from_day=date.min if to is State.VOID else localdate(now), now=now)
        kept = to is State.COMPLETED
        team.let_host_out(
            w, placement=placement, at=now + team.HOST_KEEPS if kept else now, reason=str(to),
        )  # fmt: skip
        team.tell(managers, now=now)


def _opened(by: Viewer, placement: TigPlacement, ended: Ended) -> tuple[Ended, Known | None]:
    """Return the end with its age band (SDC-09), and, where the service's switch lets a watch stay, how it knows the person."""
    watched = watches.is_watched(ended)
    classes = [DataClass.SENTENCE, *([DataClass.PLACEMENT] if watched else [])]
    with audit.reading(
        by, subjects=[placement.subject_id], classes=classes, purpose=Purpose.REVIEW, module="placements",
        object_type="tig.tigplacement", object_ids=[placement.pk],
    ):  # fmt: skip
        ended = replace(ended, age_band=ages.band(_born_on(placement), ended.on))
        if not watched:
            return ended, None
        name = placement.identity or {}
        return ended, Known(
            last_name=name.get("last_name", ""), first_name=name.get("first_name", ""), mark=placement.case_mark or ""
        )


def _born_on(placement: TigPlacement) -> date | None:
    """Return the birth date that the service gave, or that the majority of a minor tells; None where neither is known."""
    sentence = getattr(placement, "sentence", None)
    if sentence is not None and sentence.born_on is not None:
        born: date = sentence.born_on
        return born
    adult_on = (placement.situation or {}).get("adult_on")
    return years_after(date.fromisoformat(adult_on), -legal.MAJORITY) if adult_on else None


def _drop_to_come(w: audit.Writing, placement: TigPlacement, now: datetime) -> None:
    proposals.drop_plan(w, placement, from_day=localdate(now) + timedelta(days=1), now=now)
