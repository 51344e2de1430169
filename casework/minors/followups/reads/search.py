"""Search: open what the viewer may see, match in memory, store nothing (design.md §5, security.md §3.7)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import matching, references
from casework.minors.followups import facts
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads.situations import KINDS, Card, card_of, full_name
from casework.sealing import sweep

CAP = 20
MIN_LETTERS = 2
SCAN_LIMIT = 20_000
# What is compared or shown; thousands of rows come, so nothing else does.
_COMPARED = (
    "subject_id", "territory_id", "group_id", "reference", "state", "purge_check_on", "purge_on",
    "person__subject_id", "person__last_name", "person__first_name", "person__card",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One situation found."""

    id: object
    reference: str
    name: str
    card: Card
    stage_label: str
    stage_kind: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the search says. There is never a count of what is not shown (T-21)."""

    hits: tuple[Hit, ...] = ()
    too_short: bool = False
    too_wide: bool = False


def find(viewer: Viewer, term: str, *, now: datetime) -> Answer:
    """Return at most twenty situations whose name or reference matches, among what the viewer may see.

    Names are compared only where identity is open to the viewer; a reference is matched on every visible
    situation, however it is typed. Who reached the purge date is not found (RET-03). One audit event, with the subjects opened and never the term.
    """
    if len("".join(char for char in term if char.isalnum())) < MIN_LETTERS:
        return Answer(too_short=True)
    rows = list(facts.visible_to(viewer, now).select_related("person").only(*_COMPARED)[: SCAN_LIMIT + 1])
    if len(rows) > SCAN_LIMIT:
        return Answer(too_wide=True)
    named = facts.those_open(viewer, rows, DataClass.YOUTH_IDENTITY, now)
    classes = {DataClass.YOUTH_CARD, *({DataClass.YOUTH_IDENTITY} if named else ())}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=classes, purpose=Purpose.SEARCH,
        act=Act.SEARCH, object_type="follow_up",
    ):  # fmt: skip
        gone = facts.reached(rows, localdate(now))
        rows, named = _without(rows, gone), _without(named, gone)
        sweep.open_many([row.person for row in named], "last_name", "first_name")
        candidates = [
            matching.Candidate(
                id=row.pk, surname=row.person.last_name or "", first_name=row.person.first_name or ""
            )
            for row in named
        ]  # fmt: skip
        by_key: dict[Hashable, FollowUp] = {row.pk: row for row in rows}
        wanted = references.read_reference(term) or term.upper().replace(" ", "")
        found = [row for row in rows if wanted in row.reference]
        for match in matching.find(term, candidates, cap=CAP):
            row = by_key[match.id]
            if row not in found:
                found.append(row)
        kept = found[:CAP]
    # What is shown is told apart from what was compared: « who opened this file » lists the former.
    with audit.reading(
        viewer, subjects=[row.subject_id for row in kept], classes=classes, purpose=Purpose.SEARCH, act=Act.LIST,
        object_type="follow_up",
    ):  # fmt: skip
        sweep.open_many([row.person for row in kept], "card")
        open_names = {row.pk for row in named}
        return Answer(hits=tuple(_hit(row, row.pk in open_names, now) for row in kept))


def _without(rows: list[FollowUp], gone: frozenset[UUID]) -> list[FollowUp]:
    return [row for row in rows if row.pk not in gone]


def _hit(row: FollowUp, named: bool, now: datetime) -> Hit:
    stage = Stage(row.state)
    return Hit(
        id=row.pk, reference=row.reference, name=full_name(row.person) if named else "",
        card=card_of(row.person.card, localdate(now)), stage_label=str(stage.label),
        stage_kind=KINDS.get(stage, "off"),
    )  # fmt: skip
