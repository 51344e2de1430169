"""The lifecycles of a support and of a protection order (OP-01, OP-02). Their `apply` are the only writers of `state`."""

from __future__ import annotations

from datetime import date
from typing import Any

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.vif.victims import extras, law
from casework.vif.victims.codes import CLOSES, ENDED, OrderKind, OrderState, State

_OFFICER = frozenset({Role.APERS_VICTIM})


def end_is_said(support: Any, context: Context) -> None:
    """Refuse an end without its day and its reason: the file goes six months after it."""
    if context.changes.get("closed_on") is None:
        raise GuardRefused("Indiquez le jour de la fin.")
    if CLOSES.get(str(context.changes.get("end_reason") or "")) != context.to:
        raise GuardRefused("Indiquez pourquoi l’accompagnement se termine.")


def nothing_runs(support: Any, context: Context) -> None:
    """Refuse to end while a room built on this one still holds something of hers."""
    for message in extras.holding(support, context.now):
        raise GuardRefused(message)


def dates_are_lawful(order: Any, context: Context) -> None:
    """Refuse an order longer than the law lets it be (OP-01)."""
    given_on = context.changes.get("given_on", order.given_on)
    if given_on is None:
        raise GuardRefused("Indiquez le jour de la décision.")
    problem = law.order_problem(
        given_on=given_on, ends_on=context.changes.get("ends_on", order.ends_on), bar_until=_bar(context),
        immediate=order.kind == OrderKind.IMMEDIATE,
    )  # fmt: skip
    if problem:
        raise GuardRefused(problem)


def _bar(context: Context) -> date | None:
    said = (context.changes.get("terms") or {}).get("bar_until")
    return date.fromisoformat(said) if said else None


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard) -> Move:
    return Move(name=name, label=label, who=_OFFICER, rule=rule, guards=guards)


LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, State.OPEN): _move("open", "ouvrir l’accompagnement", "VIC-07"),
            (State.OPEN, State.CLOSED): _move(
                "close", "terminer l’accompagnement", "RET-07", end_is_said, nothing_runs
            ),
            (State.OPEN, State.HANDED_ON): _move(
                "hand_on", "passer le relais à un autre service", "RET-07", end_is_said, nothing_runs
            ),
        },
        name="victims.support",
        title="Accompagnement d’une victime",
        states=State,
        final=ENDED,
    )
)

ORDERS = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, OrderState.ASKED): _move("ask_order", "noter la demande", "OP-01"),
            (None, OrderState.GIVEN): _move(
                "record_order", "noter une ordonnance déjà rendue", "OP-01", dates_are_lawful
            ),
            (OrderState.ASKED, OrderState.GIVEN): _move("order_given", "noter l’ordonnance", "OP-01", dates_are_lawful),
            (OrderState.ASKED, OrderState.REFUSED): _move("order_refused", "noter le refus", "OP-01"),
            (OrderState.GIVEN, OrderState.GIVEN): _move(
                "extend_order", "noter la prolongation", "OP-01", dates_are_lawful
            ),
            (OrderState.GIVEN, OrderState.OVER): _move("order_over", "noter la fin", "OP-01"),
        },
        name="victims.order",
        title="Ordonnance de protection",
        states=OrderState,
        final=frozenset({OrderState.REFUSED, OrderState.OVER}),
    )
)
