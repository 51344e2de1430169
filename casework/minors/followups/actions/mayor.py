"""One page for the mayor, nothing of the session (MAY-04 to MAY-06, domain.md §11 row 9).

The coordinator prepares, the prosecutor's prior opinion is dated where the group rules ask for it, the page is
sent; the mayor opens it one at a time, acknowledges it and closes it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import require
from casework.access.protection import actions as protection
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import revision
from casework.casefile.references import new_reference
from casework.casefile.retention import age_on
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import (
    MAYOR_GATEWAYS,
    WARNING_GROUNDS,
    Gateway,
    MayorAct,
    MayorGround,
    MayorOutcome,
    ProsecutorOpinion,
    Relation,
    Stage,
    WithholdMotive,
)
from casework.minors.followups.models import FollowUp, MayorDisclosure, Notice
from casework.partners import reads as partners
from casework.sealing import keys, sweep

ADULT_AGE = 18
STAGES = (Stage.INFORMED, Stage.FOLLOWED, Stage.SUSPENDED)


def opinion_required(follow_up: FollowUp, now: datetime) -> bool:
    """Say whether the group rules in force ask for the prosecutor's prior opinion."""
    rules = partners.group_rules(follow_up.group_id, localdate(now))
    return rules is not None and rules.prosecutor_opinion_required


def prepare(*, by: Viewer, follow_up: FollowUp, act: str, gateway: str, ground: str, now: datetime) -> MayorDisclosure:
    """Prepare the page from a situation: act, gateway, coded ground, identity as it is today.

    The parents are on it for a minor only, their address never where it must not be told. Raises AccessRefused,
    InputRefused (codes; a gateway that does not allow this ground, the exchange of the group allows none), GuardRefused (not followed, one of the kind already open, CDDF of an adult).
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.MAYOR_DISCLOSURE, now)
    for value, known, field in (
        (act, MayorAct.values, "act"), (gateway, [str(key) for key in MAYOR_GATEWAYS], "gateway"),
        (ground, MayorGround.values, "ground"),
    ):  # fmt: skip
        if value not in known:
            raise InputRefused("Choisissez une valeur de la liste.", field=field)
    if ground not in MAYOR_GATEWAYS[Gateway(gateway)]:
        raise InputRefused("Ce cadre légal ne permet pas de parler de ce motif au maire.", field="gateway")
    if act == MayorAct.WARNING and ground not in WARNING_GROUNDS:
        raise InputRefused("Ce motif relève du CDDF, pas d’un rappel à l’ordre.", field="ground")
    if follow_up.state not in STAGES:
        raise GuardRefused("La famille doit d’abord être informée.")
    if MayorDisclosure.objects.filter(follow_up=follow_up, act=act, outcome="").exists():
        raise GuardRefused("Une demande de cette nature est déjà en cours pour cette situation.")
    keys.ensure(follow_up.subject_id)
    with audit.reading(
        by, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_REPRESENTATIVES],
        purpose=Purpose.DOCUMENT, object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        identity, minor = _snapshot(follow_up, localdate(now))
    if act == MayorAct.CDDF and not minor:
        raise GuardRefused("Le CDDF s’adresse aux parents d’un mineur : cette personne est majeure.")
    with audit.writing(by, now=now) as w:
        row = MayorDisclosure(
            subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
            reference=_free_reference(follow_up, now), act=act, gateway=gateway, ground=ground, identity=identity,
            created_by=by.mandate_id,
        )  # fmt: skip
        row.save()
        w.note(Act.CREATE, row, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], why=act)
    return row


def _snapshot(follow_up: FollowUp, today: date) -> tuple[dict[str, Any], bool]:
    """Return the identity to disclose and whether the person is a minor; the caller holds the gate."""
    person = follow_up.person
    born = person.birth_date
    minor = born is None or age_on(born, today) < ADULT_AGE
    secret = Notice.objects.filter(follow_up=follow_up, motive=WithholdMotive.PROTECTED_ADDRESS)
    hidden = set(secret.values_list("representative_id", flat=True))
    kept = bool(protection.protected([follow_up.subject_id]))  # the mayor is no setter
    ties = dict(Relation.choices)
    parents = []
    if minor:
        rows = list(person.representatives.filter(closed_at=None).order_by("position"))
        sweep.open_many(rows, "last_name", "first_name", "relation", "holds_authority", "address")
        parents = [
            {"name": f"{row.first_name} {row.last_name}".strip(), "relation": str(ties.get(row.relation or "", "")),
             "address": "" if kept or row.pk in hidden else (row.address or "")}
            for row in rows if row.holds_authority
        ]  # fmt: skip
    identity = {
        "last_name": person.last_name or "", "first_name": person.first_name or "",
        "birth_date": born.isoformat() if born else "",
        "address": "" if kept or hidden else (person.address or ""), "representatives": parents,
    }  # fmt: skip
    return identity, minor


def _free_reference(follow_up: FollowUp, now: datetime) -> str:
    while True:
        reference = new_reference(follow_up.territory.prefix, localdate(now).year)
        if not MayorDisclosure.objects.filter(reference=reference).exists():
            return reference


def _locked(follow_up: FollowUp, disclosure_id: UUID, expected: int | None) -> MayorDisclosure:
    return revision.lock(MayorDisclosure.objects.filter(follow_up=follow_up), disclosure_id, expected)


def record_opinion(
    *, by: Viewer, follow_up: FollowUp, disclosure_id: UUID, opinion: str, on: date, now: datetime,
    expected: int | None = None,
) -> None:  # fmt: skip
    """Date the prosecutor's opinion, before the page is sent. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, follow_up, Ask.CHANGE, DataClass.MAYOR_DISCLOSURE, now)
    if opinion not in ProsecutorOpinion.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="opinion")
    if on > localdate(now):
        raise InputRefused("Cette date est dans le futur.", field="on")
    with audit.writing(by, now=now) as w:
        row = _locked(follow_up, disclosure_id, expected)
        if row.sent_at is not None:
            raise GuardRefused("La demande est déjà transmise : l’avis devait la précéder.")
        revision.save(row, prosecutor_opinion=opinion, prosecutor_opinion_on=on)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], why="opinion")


def send(
    *, by: Viewer, follow_up: FollowUp, disclosure_id: UUID, now: datetime, expected: int | None = None
) -> MayorDisclosure:
    """Put the page before the mayor. Raises GuardRefused without the opinion that the rules ask for."""
    facts.require_on(by, follow_up, Ask.MOVE, DataClass.MAYOR_DISCLOSURE, now)
    with audit.writing(by, now=now) as w:
        row = _locked(follow_up, disclosure_id, expected)
        if row.sent_at is not None:
            raise GuardRefused("Cette demande est déjà transmise.")
        if row.outcome:
            raise GuardRefused("Cette demande est close.")
        if row.prosecutor_opinion == ProsecutorOpinion.UNFAVOURABLE:
            raise GuardRefused("L’avis du parquet est défavorable : la demande ne peut pas être transmise.")
        if opinion_required(follow_up, now) and row.prosecutor_opinion_on is None:
            raise GuardRefused("Le règlement demande l’avis préalable du parquet : datez-le d’abord.")
        revision.save(row, sent_at=now)
        w.note(Act.MOVE, row, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], why="sent")
    return row


def find_sent(viewer: Viewer, pk: UUID, now: datetime) -> MayorDisclosure:
    """Return one page put before the mayor and not closed, for whoever may read it. Raises AccessRefused."""
    row = (
        MayorDisclosure.objects.filter(pk=pk, territory_id=viewer.territory_id, sent_at__isnull=False, outcome="")
        .select_related("follow_up__group", "follow_up__territory")
        .first()
    )
    if row is None or facts.past_purge([row.follow_up], now):
        raise AccessRefused(code="mayor_disclosure")
    relation = facts.relation(viewer, row.follow_up, now)
    require(viewer, Ask.VIEW, relation.facts(DataClass.MAYOR_DISCLOSURE), now)
    return row


def acknowledge(*, by: Viewer, disclosure_id: UUID, now: datetime, expected: int | None = None) -> None:
    """Say that the page was received, by whoever reads it. Raises AccessRefused, GuardRefused."""
    found = find_sent(by, disclosure_id, now)
    with audit.writing(by, now=now) as w:
        row = _locked(found.follow_up, disclosure_id, expected)
        if row.acknowledged_at is not None:
            raise GuardRefused("La réception est déjà enregistrée.")
        revision.save(row, acknowledged_at=now, acknowledged_by=by.mandate_id)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], why="acknowledged")


def close(*, by: Viewer, disclosure_id: UUID, outcome: str, now: datetime, expected: int | None = None) -> None:
    """Close the page: fait, refusé, sans objet. It leaves the mayor's screen the same second.

    A page never sent is closed by the coordinator. Raises AccessRefused, InputRefused, GuardRefused.
    """
    if outcome not in MayorOutcome.values:
        raise InputRefused("Choisissez une suite.", field="outcome")
    draft = MayorDisclosure.objects.filter(pk=disclosure_id, sent_at=None, territory_id=by.territory_id)
    waiting = draft.select_related("follow_up__group").first()
    if waiting is not None:
        follow_up = waiting.follow_up
        facts.require_on(by, follow_up, Ask.MOVE, DataClass.MAYOR_DISCLOSURE, now)
    else:
        follow_up = find_sent(by, disclosure_id, now).follow_up
    with audit.writing(by, now=now) as w:
        row = _locked(follow_up, disclosure_id, expected)
        if row.outcome:
            raise GuardRefused("Cette demande est déjà close.")
        changes: dict[str, Any] = {"outcome": outcome, "outcome_on": localdate(now)}
        if row.sent_at is not None and row.acknowledged_at is None:
            changes |= {"acknowledged_at": now, "acknowledged_by": by.mandate_id}
        revision.save(row, **changes)
        w.note(Act.MOVE, row, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], why=outcome)
