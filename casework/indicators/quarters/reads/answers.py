"""What the form of counts shows: the lines asked of one contributor, and what it gave the quarter before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Purpose
from casework.indicators.quarters import counts
from casework.indicators.quarters.codes import BY_CODE
from casework.indicators.quarters.models import Asking
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Box:
    """One number to type."""

    name: str
    place: str
    before: int | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One indicator asked."""

    code: str
    label: str
    definition: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one contributor is asked."""

    id: UUID
    revision: int
    quarter_id: UUID
    label: str
    commune: str
    contributor: str
    first: date
    last: date
    is_over: bool
    answer_by: date
    before: str
    """The quarter whose numbers stand beside, "" where there is none."""
    wanted: tuple[Wanted, ...]
    initial: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a second opening of a link says: when, and nothing of what."""

    on: date
    label: str
    by_telephone: bool


def sent(asking: Asking) -> Sent | None:
    """Return when the counts of a link were given, None while they are waited for."""
    if asking.answered_at is None:
        return None
    return Sent(
        on=localdate(asking.answered_at), label=asking.quarter.period.label, by_telephone=asking.entered_by is not None
    )


def by_link(asking: Asking, now: datetime) -> Question:
    """Return the form of a link that `asking.find` found open."""
    return _question(audit.system_actor(asking.territory_id), asking, now, Purpose.SYSTEM, Act.SYSTEM)


def by_keeper(viewer: Viewer, asking: Asking, now: datetime) -> Question:
    """Return the same form for the coordinator, with what was received."""
    return _question(viewer, asking, now, Purpose.REVIEW, Act.VIEW)


def _question(by: Actor, asking: Asking, now: datetime, purpose: Purpose, act: Act) -> Question:
    quarter = asking.quarter
    previous = quarter.period.back(1)
    last = list(
        Asking.objects.filter(
            contributor_id=asking.contributor_id, answered_at__isnull=False, quarter__year=previous.year,
            quarter__number=previous.number,
        )
    )  # fmt: skip
    rows = [asking, *last]
    with audit.reading(
        by, subjects={row.subject_id for row in rows}, classes=[DataClass.EVALUATION], purpose=purpose, act=act,
        module="indicators", object_type="quarters.asking", object_ids=[asking.pk], territory_id=asking.territory_id,
    ):  # fmt: skip
        sweep.open_many(rows, "counts")
        before = (last[0].counts or {}) if last else {}
        given = asking.counts or {}
    return Question(
        id=asking.pk, revision=asking.revision, quarter_id=quarter.pk, label=quarter.period.label,
        commune=asking.territory.name, contributor=asking.contributor.name, first=quarter.period.first,
        last=quarter.period.last, is_over=quarter.period.is_over(localdate(now)), answer_by=asking.answer_by,
        before=previous.label if last else "",
        wanted=tuple(_wanted(code, quarter.sectors, before) for code in asking.indicators),
        initial=_initial(given, quarter.sectors) | {"remark": asking.remark},
    )  # fmt: skip


def name_of(code: str, n: int) -> str:
    """Return how the form calls the box of one place."""
    return f"{code}_{n}"


def _wanted(code: str, sectors: list[str], before: Mapping[str, Any]) -> Wanted:
    cells = before.get(code) or {}
    return Wanted(
        code=code, label=BY_CODE[code].label, definition=BY_CODE[code].definition,
        boxes=tuple(
            Box(name=name_of(code, n), place=place, before=cells.get(place))
            for n, place in enumerate(counts.places(code, sectors))
        ),
    )  # fmt: skip


def _initial(given: Mapping[str, Any], sectors: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code, cells in given.items():
        if cells is None:
            found[f"unknown_{code}"] = True
        else:
            found |= {name_of(code, n): cells.get(place) for n, place in enumerate(counts.places(code, sectors))}
    return found
