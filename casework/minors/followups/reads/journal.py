"""What situations tell the journal and its watch rules (casefile.watch): references, and surnames to a job only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Actor, Purpose
from casework.casefile.references import read_reference
from casework.casefile.watch import Record
from casework.minors.followups.models import FollowedPerson, FollowUp
from casework.sealing import sweep

Agenda = Callable[[UUID, date, date], set[tuple[UUID, date]]]
_agendas: list[Agenda] = []


def lend_agenda(source: Agenda) -> None:
    """Let the meetings, one room up, say who was on which agenda."""
    if source not in _agendas:
        _agendas.append(source)


class Situations:
    """The room of young people followed."""

    module = "minors"

    def records(self, territory_id: UUID) -> list[Record]:
        """Return every situation of the territory, closed ones included."""
        rows = FollowUp.objects.filter(territory_id=territory_id).values_list("subject_id", "pk", "reference")
        return [Record(*row) for row in rows]

    def subject_of(self, territory_id: UUID, reference: str) -> Record | None:
        """Return the situation of a reference as people write it."""
        wanted = read_reference(reference)
        rows = FollowUp.objects.filter(territory_id=territory_id, reference=wanted or "")
        found = rows.values_list("subject_id", "pk", "reference").first()
        return Record(*found) if found else None

    def surnames(self, actor: Actor, territory_id: UUID, subject_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return the surnames of these people, under one audited gate."""
        wanted = set(subject_ids)
        people = list(FollowedPerson.objects.filter(pk__in=wanted, territory_id=territory_id))
        if not people:
            return {}
        with audit.reading(
            actor, subjects=[person.pk for person in people], classes=[DataClass.YOUTH_IDENTITY],
            purpose=Purpose.SYSTEM, act=Act.SYSTEM, module="minors", object_type="journal.watch",
            territory_id=territory_id,
        ):  # fmt: skip
            sweep.open_many(people, "last_name")
            return {person.pk: person.last_name or "" for person in people}

    def on_agenda(self, territory_id: UUID, since: date, until: date) -> set[tuple[UUID, date]]:
        """Return who was on the agenda of which meeting."""
        return {pair for source in _agendas for pair in source(territory_id, since, until)}
