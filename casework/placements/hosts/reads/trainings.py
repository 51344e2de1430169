"""Tutors across hosts and what they were trained to (seed action 8): names for some, counts for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.placements.hosts import facts
from casework.placements.hosts.codes import HostStage, TrainingGivenBy, TrainingTopic
from casework.placements.hosts.data import Narrowed
from casework.placements.hosts.models import HostStructure, Supervisor, Training
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class TutorLine:
    """One tutor with the trainings followed, latest first."""

    id: UUID
    name: str
    host_id: UUID
    host: str
    trainings: tuple[tuple[date, str], ...]


@dataclass(frozen=True, kw_only=True)
class HostCount:
    """One host: its tutors, and how many were never trained."""

    id: UUID
    name: str
    tutors: int
    never: int


@dataclass(frozen=True, kw_only=True)
class Tutors:
    """The list: `lines` for whoever reads names, `counts` by host for all."""

    named: bool
    lines: tuple[TutorLine, ...]
    counts: tuple[HostCount, ...]
    tutors: int
    never: int


def words(training: Training) -> str:
    """Return « cadre légal et confidentialité (SPIP) »."""
    topic = fr.label(TrainingTopic, training.topic)
    return f"{topic} ({fr.label(TrainingGivenBy, training.given_by)})" if training.given_by else topic


def _hosts(viewer: Viewer, now: datetime) -> QuerySet[HostStructure]:
    return facts.visible_hosts(viewer, now, Action.LIST).exclude(stage=HostStage.ENDED)


def hosts(viewer: Viewer, now: datetime) -> list[tuple[UUID, str]]:
    """Return the hosts that have a tutor, by name, for the filter."""
    rows = _hosts(viewer, now).filter(supervisors__left_on=None, supervisors__isnull=False)
    return list(rows.distinct().order_by("name").values_list("pk", "name"))


def listing(viewer: Viewer, asked: Narrowed, now: datetime, *, act: Act = Act.LIST) -> Tutors:
    """Return the tutors of the hosts that the viewer lists; two queries and one event whatever their number.

    With a topic, « never » means never trained to it.
    """
    rows = Supervisor.objects.filter(left_on=None, host__in=_hosts(viewer, now).values("pk"))
    if asked.host:
        rows = rows.filter(host_id=asked.host)
    found = list(rows.select_related("host").prefetch_related("trainings"))
    followed = {row.pk: _followed(row, asked.topic) for row in found}
    named = facts.names_tutors(viewer)
    lines: list[TutorLine] = []
    shown = [row for row in found if asked.kind != ("formes" if not followed[row.pk] else "jamais")]
    if named and found:
        purpose = Purpose.LISTING if act is Act.LIST else Purpose.DOCUMENT
        with audit.reading(
            viewer, subjects={row.subject_id for row in found}, classes=[DataClass.TIG_POSTS], purpose=purpose,
            act=act, module="placements", object_type="hosts.supervisor",
        ):  # fmt: skip
            sweep.open_many(shown, "name")
            lines = [
                TutorLine(
                    id=row.pk, name=row.name or "", host_id=row.host_id, host=row.host.name, trainings=followed[row.pk]
                )
                for row in shown
            ]  # fmt: skip
    return Tutors(
        named=named, lines=tuple(sorted(lines, key=lambda line: (line.host, line.name))), counts=_counts(found, followed),
        tutors=len(found), never=sum(not each for each in followed.values()),
    )  # fmt: skip


def _followed(row: Supervisor, topic: str) -> tuple[tuple[date, str], ...]:
    kept = (each for each in row.trainings.all() if not topic or each.topic == topic)
    return tuple(sorted(((each.held_on, words(each)) for each in kept), reverse=True))


def _counts(rows: Iterable[Supervisor], followed: dict[UUID, tuple[tuple[date, str], ...]]) -> tuple[HostCount, ...]:
    names: dict[UUID, str] = {}
    tutors: Counter[UUID] = Counter()
    never: Counter[UUID] = Counter()
    for row in rows:
        names[row.host_id] = row.host.name
        tutors[row.host_id] += 1
        never[row.host_id] += not followed[row.pk]
    return tuple(
        HostCount(id=pk, name=name, tutors=tutors[pk], never=never[pk])
        for pk, name in sorted(names.items(), key=lambda pair: pair[1])
    )
