"""Who opened one file, as its own page says it (row 30a): by day, organisation and role, never an agent's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import journal_words
from casework.partners.codes import Role
from casework.partners.models import Organisation

SOFTWARE = "le logiciel"


@dataclass(frozen=True)
class OpeningLine:
    """One day on which a service opened or changed the file."""

    day: date
    organisation: str
    role: str
    act: str
    purpose: str


def lines(subject_id: UUID) -> tuple[OpeningLine, ...]:
    """Return who opened the file of a person, latest first, the same line once. The caller decides who reads it."""
    found = audit.who_opened(subject_id)
    asked = {item.organisation_id for item in found if item.organisation_id}
    names: dict[UUID | None, str] = {row.pk: str(row) for row in Organisation.objects.filter(pk__in=asked)}
    roles = dict(Role.choices)
    told = [
        OpeningLine(
            item.day, names.get(item.organisation_id, SOFTWARE), str(roles.get(item.role, "traitement automatique")),
            journal_words.act(str(item.act)), journal_words.purpose(str(item.purpose)),
        )
        for item in found
    ]  # fmt: skip
    # An act told later keeps the day on which it happened.
    return tuple(dict.fromkeys(sorted(told, key=lambda line: line.day, reverse=True)))


def page(viewer: Viewer, row: Any, *, module: str) -> tuple[OpeningLine, ...]:
    """Return the same for a page of its own, this reading told first. The caller asked decide()."""
    audit.record(viewer, Act.WHO_READ, obj=row, classes=[DataClass.WHO_OPENED], module=module)
    return lines(row.subject_id)
