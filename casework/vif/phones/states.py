"""The lifecycles of a device and of an allocation (10.5, TGD-19). Their `apply` are the only writers of `state`."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localdate

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.vif.phones import facts
from casework.vif.phones.codes import ENDED, DeviceState, How, State, Withdrawal

_OFFICER = frozenset({Role.APERS_VICTIM})
_PROSECUTOR = frozenset({Role.PROSECUTOR})
_BOTH = _OFFICER | _PROSECUTOR

NOT_YOURS = "Le parquet décide sur sa page : cette décision ne s’écrit pas à sa place."


def conditions_are_met(allocation: Any, context: Context) -> None:
    """Refuse what the law does not allow (TGD-01, 04, 05, 06): the action checked each condition and its proof."""
    if not context.changes.get("conditions"):
        raise GuardRefused("Vérifiez les conditions de la loi avant de demander la décision.")


def prosecutor_decides(allocation: Any, context: Context) -> None:
    """Refuse a decision written by somebody else, while the court has an account of its own (TGD-02).

    An oral decision, in urgency, is noted by the association; the court writes it within two working days.
    """
    if facts.is_court(context.by) or context.changes.get("decision_how") == How.ORAL:
        return
    if facts.court_has_account(allocation.territory_id, context.now):
        raise GuardRefused(NOT_YOURS)


def device_is_named(allocation: Any, context: Context) -> None:
    """Refuse a hand-over without a device and a term."""
    if allocation.device_id is None or allocation.ends_on is None:
        raise GuardRefused("Choisissez l’appareil remis.")


def consent_is_renewed(allocation: Any, context: Context) -> None:
    """Refuse a renewal without her agreement, given again (TGD-04)."""
    if allocation.renewal_consent_on is None:
        raise GuardRefused("Son accord au renouvellement n’est pas encore recueilli.")


def reason_is_lawful(allocation: Any, context: Context) -> None:
    """Refuse an end without one of its grounds; misuse is the prosecutor's to say (TGD-05, TGD-11)."""
    reason = (context.changes.get("ending") or {}).get("reason")
    if reason not in Withdrawal.values:
        raise GuardRefused("Indiquez pourquoi le téléphone est rendu.")
    if reason == Withdrawal.MISUSE and not facts.is_court(context.by):
        prosecutor_decides(allocation, context)


def device_is_wiped(allocation: Any, context: Context) -> None:
    """Refuse to close while the device still holds her data (TGD-16)."""
    device = allocation.device
    if device is not None and device.state in (DeviceState.ALLOCATED, DeviceState.RETURNED):
        raise GuardRefused("Confirmez d’abord que l’appareil est effacé.")
    if allocation.kept_until is None or allocation.kept_until < localdate(context.now):
        raise GuardRefused("Indiquez jusqu’à quand dure l’interdiction : la fiche disparaît ce jour-là.")


def _move(name: str, label: str, rule: str, *guards: lifecycle.Guard, who: frozenset[str] = _OFFICER) -> Move:
    return Move(name=name, label=label, who=who, rule=rule, guards=guards)


LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, State.SIGNALLED): _move("signal", "demander l’évaluation", "TGD-09", who=_BOTH),
            (State.SIGNALLED, State.ASSESSING): _move("assess", "évaluer le danger", "TGD-10"),
            (State.ASSESSING, State.ASSESSING): _move("assess_again", "revoir l’évaluation", "TGD-10"),
            (State.ASSESSING, State.ELIGIBLE): _move("eligible", "demander la décision", "TGD-06", conditions_are_met),
            (State.ASSESSING, State.NOT_ELIGIBLE): _move("not_eligible", "conditions non réunies", "TGD-06"),
            (State.ELIGIBLE, State.ASSESSING): _move("reassess", "reprendre l’évaluation", "TGD-10"),
            (State.ELIGIBLE, State.DECIDED_YES): _move(
                "decide_yes", "accorder", "TGD-02", prosecutor_decides, who=_BOTH
            ),
            (State.ELIGIBLE, State.DECIDED_NO): _move(
                "decide_no", "refuser", "TGD-02", prosecutor_decides, who=_BOTH
            ),
            (State.DECIDED_YES, State.HANDED_OVER): _move("hand_over", "remettre", "TGD-03", device_is_named),
            (State.DECIDED_YES, State.CLOSED): _move("not_taken", "elle n’en veut plus", "TGD-04"),
            (State.HANDED_OVER, State.RENEWED): _move(
                "renew", "renouveler", "TGD-03", prosecutor_decides, consent_is_renewed, who=_BOTH
            ),
            (State.RENEWED, State.RENEWED): _move(
                "renew_again", "renouveler", "TGD-03", prosecutor_decides, consent_is_renewed, who=_BOTH
            ),
            (State.HANDED_OVER, State.WITHDRAWAL_PENDING): _move(
                "withdraw", "mettre fin", "TGD-11", reason_is_lawful, who=_BOTH
            ),
            (State.RENEWED, State.WITHDRAWAL_PENDING): _move(
                "withdraw_renewed", "mettre fin", "TGD-11", reason_is_lawful, who=_BOTH
            ),
            (State.WITHDRAWAL_PENDING, State.RETURNED): _move("return", "noter la restitution", "TGD-12", who=_BOTH),
            (State.RETURNED, State.CLOSED): _move("close", "terminer", "TGD-16", device_is_wiped),
        },
        name="phones.allocation",
        title="Téléphone grave danger",
        states=State,
        final=ENDED,
    )
)  # fmt: skip

_D = DeviceState
DEVICES = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, _D.IN_STOCK): _move("receive", "ajouter au parc", "TGD-19", who=_PROSECUTOR | {lifecycle.SYSTEM}),
            (_D.IN_STOCK, _D.ALLOCATED): _move("allocate", "remettre", "TGD-03"),
            (_D.ALLOCATED, _D.RETURNED): _move("give_back", "restituer", "TGD-12", who=_BOTH),
            # Its holder's file was erased before it came back: nothing says whose it was.
            (_D.ALLOCATED, _D.TO_RECOVER): _move("left_out", "à récupérer", "TGD-19", who=frozenset({lifecycle.SYSTEM})),
            (_D.TO_RECOVER, _D.RETURNED): _move("recover", "restitué, à effacer", "TGD-12", who=_BOTH),
            (_D.TO_RECOVER, _D.LOST): _move("not_recovered", "perdu ou volé", "TGD-19", who=_BOTH),
            (_D.RETURNED, _D.WIPED): _move("wipe", "effacement confirmé", "TGD-16", who=_BOTH),
            (_D.WIPED, _D.IN_STOCK): _move("restock", "remettre en réserve", "TGD-19", who=_BOTH),
            (_D.ALLOCATED, _D.LOST): _move("lose", "perdu ou volé", "TGD-19", who=_BOTH),
            (_D.ALLOCATED, _D.BROKEN): _move("break", "en panne", "TGD-19", who=_BOTH),
            (_D.IN_STOCK, _D.BROKEN): _move("break_in_stock", "en panne", "TGD-19", who=_BOTH),
            (_D.LOST, _D.RETURNED): _move("find", "retrouvé", "TGD-19", who=_BOTH),
            (_D.BROKEN, _D.RETURNED): _move("repair", "réparé, à effacer", "TGD-19", who=_BOTH),
            (_D.IN_STOCK, _D.RETIRED): _move("retire", "retirer du parc", "TGD-19", who=_PROSECUTOR),
            (_D.WIPED, _D.RETIRED): _move("retire_wiped", "retirer du parc", "TGD-19", who=_PROSECUTOR),
            (_D.LOST, _D.RETIRED): _move("retire_lost", "retirer du parc", "TGD-19", who=_PROSECUTOR),
            (_D.BROKEN, _D.RETIRED): _move("retire_broken", "retirer du parc", "TGD-19", who=_PROSECUTOR),
        },
        name="phones.device",
        title="Appareil",
        states=DeviceState,
        final=frozenset({DeviceState.RETIRED}),
    )
)  # fmt: skip
