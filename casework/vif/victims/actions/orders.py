"""Protection orders: asked, given with their terms, prolonged, over (OP-01 to OP-07, DL-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.errors import InputRefused
from casework.vif.victims import facts, law
from casework.vif.victims.actions import parts
from casework.vif.victims.codes import Elected, OrderKind, OrderState, Term
from casework.vif.victims.models import ProtectionOrder, VictimSupport
from casework.vif.victims.states import ORDERS

NO_TERMS: dict[str, Any] = {"terms": [], "elected": "", "bar_until": ""}


@dataclass(frozen=True, kw_only=True)
class OrderData:
    """What the judge decided. `bar_until`: the bracelet, a yes and its last day, nothing more (BAR-03)."""

    given_on: date
    ends_on: date | None
    terms: Sequence[str]
    elected: str = ""
    bar_until: date | None = None


def ask(
    *, by: Viewer, support: VictimSupport, kind: str, asked_at: datetime, hearing_on: date | None, now: datetime
) -> ProtectionOrder:
    """Record that an order is asked of the judge. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    _check_kind(kind)
    if asked_at > now:
        raise InputRefused("Cette date est à venir.", field="asked_at")
    if hearing_on is not None and hearing_on < localdate(asked_at):
        raise InputRefused("L’audience vient après la demande : vérifiez les dates.", field="hearing_on")
    with audit.writing(by, now=now) as w:
        row = _new(by, support, kind, asked_at=asked_at, hearing_on=hearing_on, terms=dict(NO_TERMS))
        ORDERS.apply(row, OrderState.ASKED, w=w, by=by, now=now)
    return row


def record(*, by: Viewer, support: VictimSupport, kind: str, data: OrderData, now: datetime) -> ProtectionOrder:
    """Record an order given before she came. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.VICTIM, now)
    _check_kind(kind)
    _check(data, kind, now)
    with audit.writing(by, now=now) as w:
        row = _new(by, support, kind, asked_at=now)
        ORDERS.apply(
            row, OrderState.GIVEN, w=w, by=by, now=now, given_on=data.given_on, ends_on=data.ends_on, terms=_terms(data)
        )
    return row


def decide(*, by: Viewer, order_id: UUID, data: OrderData, now: datetime, expected: int | None) -> VictimSupport:
    """Record the order that the judge gave or prolonged, with its terms. Raises AccessRefused, InputRefused, GuardRefused."""
    row = parts.find(by, ProtectionOrder, order_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    _check(data, row.kind, now)
    with audit.writing(by, now=now) as w:
        ORDERS.apply(
            row, OrderState.GIVEN, w=w, by=by, now=now, expected_revision=expected, given_on=data.given_on,
            ends_on=data.ends_on, terms=_terms(data),
        )  # fmt: skip
    return row.support


def end(*, by: Viewer, order_id: UUID, to: str, now: datetime, expected: int | None) -> VictimSupport:
    """Record that an order is refused, or over. Raises AccessRefused, InputRefused, MoveRefused."""
    row = parts.find(by, ProtectionOrder, order_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.VICTIM, now)
    if to not in (OrderState.REFUSED, OrderState.OVER):
        raise InputRefused("Choisissez une réponse de la liste.", field="to")
    with audit.writing(by, now=now) as w:
        ORDERS.apply(row, OrderState(to), w=w, by=by, now=now, expected_revision=expected)
    return row.support


def _new(by: Viewer, support: VictimSupport, kind: str, **values: Any) -> ProtectionOrder:
    return ProtectionOrder(
        subject_id=support.subject_id, territory_id=support.territory_id, support=support, kind=kind,
        recorded_by=by.mandate_id, **values,
    )  # fmt: skip


def _check_kind(kind: str) -> None:
    if kind not in OrderKind.values:
        raise InputRefused("Choisissez la nature de l’ordonnance.", field="kind")


def _check(data: OrderData, kind: str, now: datetime) -> None:
    parts.not_to_come(data.given_on, now, "given_on")
    if not data.terms or not set(data.terms) <= set(Term.values):
        raise InputRefused("Cochez ce que dit l’ordonnance.", field="terms")
    if Term.ELECTED in data.terms and data.elected not in Elected.values:
        raise InputRefused("Indiquez où le domicile est élu (code civil 515-11).", field="elected")
    if Term.BAR in data.terms and data.bar_until is None:
        raise InputRefused("Indiquez jusqu’à quand le bracelet est ordonné.", field="bar_until")
    problem = law.order_problem(
        given_on=data.given_on, ends_on=data.ends_on, bar_until=data.bar_until if Term.BAR in data.terms else None,
        immediate=kind == OrderKind.IMMEDIATE,
    )  # fmt: skip
    if problem:
        raise InputRefused(problem, field="bar_until" if "bracelet" in problem else "ends_on")


def _terms(data: OrderData) -> dict[str, Any]:
    return {
        "terms": [code for code in Term.values if code in set(data.terms)],
        "elected": data.elected if Term.ELECTED in data.terms else "",
        "bar_until": data.bar_until.isoformat() if Term.BAR in data.terms and data.bar_until else "",
    }  # fmt: skip
