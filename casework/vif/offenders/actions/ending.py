"""What ends a measure: the decision after the final report, or an order that stops it before (10.4, CJ-38)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.casefile import attached, mailer
from casework.casefile.attached import Upload
from casework.errors import InputRefused
from casework.sealing import keys
from casework.vif.offenders import facts
from casework.vif.offenders.actions import papers, team
from casework.vif.offenders.actions.counting import count
from casework.vif.offenders.codes import CONVICTED, JUDGMENTS, STOPS, PaperKind, State
from casework.vif.offenders.models import Measure, MeasureGrant
from casework.vif.offenders.states import LIFECYCLE


def judge(
    *, by: Viewer, measure: Measure, outcome: str, closed_on: date, now: datetime, expected: int | None,
    spip: UUID | None = None, judgment: Upload | None = None,
) -> None:  # fmt: skip
    """Record what was decided; after a conviction, the SPIP that takes over may be let in to read (row 19 « o »).

    `judgment`: its scan, joined in the same second: afterwards the file no longer changes.

    Raises AccessRefused, InputRefused, MoveRefused.
    """
    facts.require_on(by, measure, Action.MOVE, DataClass.VIF_PERSON, now)
    if outcome not in JUDGMENTS[measure.frame]:
        raise InputRefused("Choisissez ce qui a été décidé.", field="outcome")
    _check_day(measure, closed_on, now)
    taker = None
    if spip is not None:
        if outcome not in CONVICTED:
            raise InputRefused("Le SPIP ne prend le relais qu’après une condamnation.", field="spip")
        taker = team.one_of(team.probation_officers(by, measure.subject_id, now), spip, "spip")
        mailer.prepare()
    made = attached.look_at(judgment)
    if made is not None:
        keys.ensure(measure.subject_id)
    with audit.writing(by, now=now) as w:
        if made is not None:
            papers.keep(w, by=by, record=measure, kind=PaperKind.JUDGMENT, made=made, now=now)
        LIFECYCLE.apply(
            measure, State.JUDGED, w=w, by=by, now=now, expected_revision=expected, outcome=outcome, closed_on=closed_on
        )
        if taker is not None:
            grants.give(
                w, MeasureGrant, mandate=taker, obj=measure, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
                reason="takeover", by=by, sort_key=measure.reference,
            )  # fmt: skip
            tell([taker], subject=team.SUBJECT, line=team.WAITS, now=now)
        count(w, measure, f"end.{outcome}", now)


def stop(
    *, by: Viewer, measure: Measure, outcome: str, closed_on: date, now: datetime, expected: int | None
) -> None:  # fmt: skip
    """Stop before the end: lifted, or another service takes over (10.4). Raises AccessRefused, InputRefused."""
    facts.require_on(by, measure, Action.MOVE, DataClass.VIF_PERSON, now)
    to = STOPS.get(outcome)
    if to is None:
        raise InputRefused("Indiquez pourquoi la mesure s’arrête.", field="outcome")
    _check_day(measure, closed_on, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            measure, to, w=w, by=by, now=now, expected_revision=expected, outcome=outcome, closed_on=closed_on
        )
        count(w, measure, f"end.{outcome}", now)


def _check_day(measure: Measure, closed_on: date, now: datetime) -> None:
    if not measure.ordered_on <= closed_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="closed_on")
