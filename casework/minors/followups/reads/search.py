"""Search: open what the viewer may see, match in memory, store nothing (design.md §5, security.md §3.7)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import cast
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.raw import RawRows, id_of
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import matching, references
from casework.minors.followups import facts
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowedPerson, FollowUp
from casework.minors.followups.reads.situations import KINDS, Card, card_of, full_name
from casework.sealing import sweep

CAP = 20
MIN_LETTERS = 2
SCAN_LIMIT = 20_000
# What is compared; thousands of rows come, so nothing else does.
_COMPARED = (
    "id", "subject_id", "territory_id", "group_id", "reference", "state", "purge_check_on", "purge_on", "person_id",
    "person__subject_id", "person__last_name", "person__first_name",
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
    found = RawRows(facts.visible_to(viewer, now).values_list(*_COMPARED)[: SCAN_LIMIT + 1])
    if len(found.rows) > SCAN_LIMIT:
        return Answer(too_wide=True)
    loaded = _loaded(found)
    rows = [row for row, _ in loaded]
    named = facts.those_open(viewer, rows, DataClass.YOUTH_IDENTITY, now)
    classes = {DataClass.YOUTH_CARD, *({DataClass.YOUTH_IDENTITY} if named else ())}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=classes, purpose=Purpose.SEARCH,
        act=Act.SEARCH, object_type="follow_up",
    ):  # fmt: skip
        gone = facts.reached(rows, localdate(now))
        if gone:
            rows, named = _without(rows, gone), _without(named, gone)
        open_names = {row.id for row in named}
        kept = _matching(term, rows, [pair for pair in loaded if pair[0].id in open_names])
    # What is shown is told apart from what was compared: « who opened this file » lists the former.
    with audit.reading(
        viewer, subjects=[row.subject_id for row in kept], classes=classes, purpose=Purpose.SEARCH, act=Act.LIST,
        object_type="follow_up",
    ):  # fmt: skip
        shown = FollowedPerson.objects.only("subject_id", "card", "last_name", "first_name")
        people = shown.in_bulk([row.person_id for row in kept])
        sweep.open_many(people.values(), "card")
        return Answer(hits=tuple(_hit(row, people[row.person_id], row.id in open_names, now) for row in kept))


def _loaded(found: RawRows) -> list[tuple[FollowUp, FollowedPerson]]:
    """Return the situations to compare, each with its person, sealed."""
    one = lru_cache(maxsize=None)(id_of)  # nearly all have the same
    day = lru_cache(maxsize=None)(partial(found.value, _COMPARED.index("purge_check_on")))
    loaded: list[tuple[FollowUp, FollowedPerson]] = []
    for key, subject, territory, group, reference, state, check_on, purge_on, person, owner, last, first in found.rows:
        subject_id = id_of(subject)
        row = sweep.bare(
            FollowUp, id=id_of(key), subject_id=subject_id, territory_id=one(territory), group_id=one(group),
            reference=reference, state=state, purge_check_on=day(check_on), purge_on=purge_on,
            person_id=subject_id if person == subject else id_of(person),
        )  # fmt: skip
        whose = sweep.bare(
            FollowedPerson, id=row.person_id, subject_id=subject_id if owner == subject else id_of(owner),
            last_name=last, first_name=first,
        )  # fmt: skip
        loaded.append((row, whose))
    return loaded


def _matching(term: str, rows: list[FollowUp], named: list[tuple[FollowUp, FollowedPerson]]) -> list[FollowUp]:
    """Return at most twenty of `rows` by reference, then by name where names are open; the caller holds the gate."""
    sweep.open_many([person for _, person in named], "last_name", "first_name")
    candidates = [
        matching.Candidate(id=row, surname=person.last_name or "", first_name=person.first_name or "")
        for row, person in named
    ]
    wanted = references.read_reference(term) or term.upper().replace(" ", "")
    found: dict[Hashable, None] = dict.fromkeys(row for row in rows if wanted in row.reference)
    found.update(dict.fromkeys(match.id for match in matching.find(term, candidates, cap=CAP)))
    return list(cast("dict[FollowUp, None]", found))[:CAP]


def _without(rows: list[FollowUp], gone: frozenset[UUID]) -> list[FollowUp]:
    return [row for row in rows if row.pk not in gone]


def _hit(row: FollowUp, person: FollowedPerson, named: bool, now: datetime) -> Hit:
    stage = Stage(row.state)
    return Hit(
        id=row.pk, reference=row.reference, name=full_name(person) if named else "",
        card=card_of(person.card, localdate(now)), stage_label=str(stage.label),
        stage_kind=KINDS.get(stage, "off"),
    )  # fmt: skip
