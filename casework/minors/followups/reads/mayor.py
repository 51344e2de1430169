"""The mayor's page, one at a time; the list is the coordinator's (row 9, ACL-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents, papers
from casework.casefile import format as fr
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import mayor as acts
from casework.minors.followups.codes import MayorGround, MayorOutcome, ProsecutorOpinion
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp, MayorDisclosure
from casework.minors.followups.reads.parts import may
from casework.partners.models import Organisation

OUTCOMES = tuple((value, str(label)) for value, label in MayorOutcome.choices)


@dataclass(frozen=True, kw_only=True)
class DisclosureLine:
    """One disclosure without a word about the person."""

    id: UUID
    follow_up_id: UUID
    reference: str
    act: str
    state: str
    kind: str
    on: date | None
    opinion: str
    may_send: bool
    may_close: bool
    needs_opinion: bool
    revision: int


def _line(row: MayorDisclosure, now: datetime) -> DisclosureLine:
    needs = acts.opinion_required(row.follow_up, now) and row.prosecutor_opinion_on is None
    refused = row.prosecutor_opinion == ProsecutorOpinion.UNFAVOURABLE
    if row.outcome:
        state, kind, on = (
            f"close : {row.get_outcome_display()}",
            "ok" if row.outcome == "done" else "off",
            row.outcome_on,
        )
    elif row.acknowledged_at:
        state, kind, on = "reçue par le maire", "info", localdate(row.acknowledged_at)
    elif row.sent_at:
        state, kind, on = "transmise, à lire", "wait", localdate(row.sent_at)
    elif refused:
        state, kind, on = "avis du parquet défavorable", "off", row.prosecutor_opinion_on
    else:
        state, kind, on = ("avis du parquet attendu" if needs else "à transmettre"), "wait", None
    return DisclosureLine(
        id=row.pk, follow_up_id=row.follow_up_id, reference=row.reference, act=row.get_act_display(), state=state,
        kind=kind, on=on, opinion=_opinion(row), may_send=row.sent_at is None and not (row.outcome or needs or refused),
        may_close=not row.outcome, needs_opinion=row.sent_at is None and not row.outcome and row.prosecutor_opinion == "",
        revision=row.revision,
    )  # fmt: skip


def _opinion(row: MayorDisclosure) -> str:
    if row.prosecutor_opinion_on is None:
        return ""
    return f"{row.get_prosecutor_opinion_display()}, le {fr.numeric_day(row.prosecutor_opinion_on)}"


@dataclass(frozen=True, kw_only=True)
class MayorPart:
    """The disclosures of one situation, for the coordinator."""

    follow_up_id: UUID
    lines: tuple[DisclosureLine, ...]
    opinions: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str], ...]
    may_prepare: bool


def part(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> MayorPart | None:
    """Return the disclosures of a situation to who may list them: the coordinator."""
    if not may(viewer, relation, Ask.LIST, DataClass.MAYOR_DISCLOSURE, now):
        return None
    rows = MayorDisclosure.objects.filter(follow_up=follow_up).select_related("follow_up").order_by("-pk")
    lines = tuple(_line(row, now) for row in sorted(rows, key=lambda row: bool(row.outcome)))
    may_prepare = may(viewer, relation, Ask.CREATE, DataClass.MAYOR_DISCLOSURE, now) and follow_up.state in acts.STAGES
    return MayorPart(
        follow_up_id=follow_up.pk, lines=lines, outcomes=OUTCOMES, may_prepare=may_prepare,
        opinions=tuple((value, str(label)) for value, label in ProsecutorOpinion.choices),
    )  # fmt: skip


def listing(viewer: Viewer, now: datetime) -> tuple[DisclosureLine, ...]:
    """Return every disclosure of the territory to the coordinator, open ones first; no name."""
    visible = facts.visible_to(viewer, now)
    rows = MayorDisclosure.objects.filter(follow_up__in=visible).select_related("follow_up").order_by("-sent_at")
    relations = facts.relations(viewer, [row.follow_up for row in rows], now)
    over = facts.past_purge({row.follow_up_id: row.follow_up for row in rows}.values(), now)
    kept = [
        row for row in rows
        if row.follow_up_id not in over
        and may(viewer, relations[row.follow_up_id], Ask.LIST, DataClass.MAYOR_DISCLOSURE, now)
    ]  # fmt: skip
    return tuple(_line(row, now) for row in sorted(kept, key=lambda row: bool(row.outcome)))


def situation_of(viewer: Viewer, pk: UUID, now: datetime) -> FollowUp:
    """Return the situation a disclosure is about. Raises AccessRefused, absent or refused alike."""
    row = MayorDisclosure.objects.filter(pk=pk, territory_id=viewer.territory_id).first()
    if row is None:
        raise AccessRefused(code="mayor_disclosure")
    return facts.find(viewer, row.follow_up_id, now)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The one page."""

    id: UUID
    reference: str
    act: str
    law: str
    ground: str
    opinion: str
    sent_on: date
    name: str
    born_on: date | None
    address: str
    parents: tuple[dict[str, str], ...]
    acknowledged: bool
    revision: int


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one page that was sent, opened under its own event. Raises AccessRefused."""
    row = acts.find_sent(viewer, pk, now)
    return _open(viewer, row, Act.VIEW)


def _open(viewer: Viewer, row: MayorDisclosure, act: Act) -> Page:
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DataClass.MAYOR_DISCLOSURE], purpose=Purpose.DOCUMENT, act=act,
        object_type="mayor_disclosure", object_ids=[row.pk],
    ):  # fmt: skip
        identity: dict[str, Any] = row.identity or {}
        ground = row.ground or ""
    born = identity.get("birth_date")
    return Page(
        id=row.pk, reference=row.reference, act=row.get_act_display(), law=row.get_gateway_display(),
        ground=fr.label(MayorGround, ground), opinion=_opinion(row),
        sent_on=localdate(row.sent_at) if row.sent_at else date.min,
        name=f"{identity.get('first_name', '')} {identity.get('last_name', '')}".strip(),
        born_on=date.fromisoformat(born) if born else None, address=str(identity.get("address", "")),
        parents=tuple(identity.get("representatives", ())), acknowledged=row.acknowledged_at is not None,
        revision=row.revision,
    )  # fmt: skip


def pdf(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the page on paper, for who may print it: the coordinator. Raises AccessRefused."""
    row = acts.find_sent(viewer, pk, now)
    facts.require_on(viewer, row.follow_up, Ask.PRINT, DataClass.MAYOR_DISCLOSURE, now)
    content = _open(viewer, row, Act.PRINT)
    person: list[papers.Pair] = [{"label": "Nom et prénom", "value": content.name}]
    if content.born_on:
        person.append({"label": "Né le", "value": fr.numeric_day(content.born_on)})
    if content.address:
        person.append({"label": "Adresse", "value": content.address})
    data: papers.MayorPageData = {
        "commune": row.follow_up.territory.name, "act": content.act, "ground": content.ground, "law": content.law,
        "asked_by": str(Organisation.objects.get(pk=viewer.organisation_id)), "opinion": content.opinion,
        "person": person,
        "parents": [_parent(parent) for parent in content.parents],
    }  # fmt: skip
    return documents.render("mayor_page", data, on=content.sent_on, title="Information du maire")


def _parent(parent: dict[str, str]) -> list[papers.Pair]:
    pairs: list[papers.Pair] = [{"label": parent["relation"].capitalize() or "Parent", "value": parent["name"]}]
    if parent.get("address"):
        pairs.append({"label": "Adresse", "value": parent["address"]})
    return pairs
