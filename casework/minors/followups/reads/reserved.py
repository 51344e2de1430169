"""What the page shows of measures, sensitive elements and the assessment, each to the few who may (rows 6, 7, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.minors.followups.codes import JudicialMeasure, SensitiveKind, SocialDomain, SocialLevel
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import FollowUp, KnownJudicialMeasure, SensitiveElement
from casework.minors.followups.reads.parts import may
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """One measure, for the PJJ."""

    id: UUID
    label: str
    starts_on: date | None
    ends_on: date | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class JudicialPart:
    """The measures for the PJJ; for the coordinator only that one exists (`lines` is empty)."""

    follow_up_id: UUID
    exists_only: bool
    lines: tuple[MeasureLine, ...]
    may_write: bool


def judicial(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> JudicialPart | None:
    """Return row 7: all to the PJJ of the circle, « une mesure existe » to the coordinator, nothing to others."""
    rows = KnownJudicialMeasure.objects.filter(follow_up=follow_up)
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_JUDICIAL, now):
        if may(viewer, relation, Ask.EXISTS, DataClass.YOUTH_JUDICIAL, now) and rows.exists():
            return JudicialPart(follow_up_id=follow_up.pk, exists_only=True, lines=(), may_write=False)
        return None
    found = list(rows)
    labels = dict(JudicialMeasure.choices)
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_JUDICIAL], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(found, "kind", "starts_on", "ends_on")
        lines = tuple(
            MeasureLine(id=row.pk, label=str(labels.get(row.kind or "", "")), starts_on=row.starts_on,
                        ends_on=row.ends_on, revision=row.revision)
            for row in sorted(found, key=lambda row: row.starts_on or date.min, reverse=True)
        )  # fmt: skip
    return JudicialPart(
        follow_up_id=follow_up.pk, exists_only=False, lines=lines,
        may_write=may(viewer, relation, Ask.CREATE, DataClass.YOUTH_JUDICIAL, now),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SensitiveLine:
    """One element, why, until when."""

    id: UUID
    label: str
    necessity: str
    expires_on: date
    revision: int


@dataclass(frozen=True, kw_only=True)
class SensitivePart:
    """The elements in force."""

    follow_up_id: UUID
    lines: tuple[SensitiveLine, ...]
    may_write: bool


def sensitive(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> SensitivePart | None:
    """Return row 6 to the agents in charge; past its day an element is not read any more, job or no job."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_SENSITIVE, now):
        return None
    rows = list(SensitiveElement.objects.filter(follow_up=follow_up, expires_on__gt=localdate(now)))
    labels = dict(SensitiveKind.choices)
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_SENSITIVE], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "kind", "necessity")
        lines = tuple(
            SensitiveLine(id=row.pk, label=str(labels.get(row.kind or "", "")), necessity=row.necessity or "",
                          expires_on=row.expires_on, revision=row.revision)
            for row in sorted(rows, key=lambda row: row.expires_on)
        )  # fmt: skip
    return SensitivePart(
        follow_up_id=follow_up.pk, lines=lines,
        may_write=may(viewer, relation, Ask.CREATE, DataClass.YOUTH_SENSITIVE, now),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DomainLine:
    """Where one domain stands. Domains keep their order: nothing is ranked."""

    code: str
    label: str
    level: str
    level_label: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class AssessmentPart:
    """The coded assessment, one domain at a time, no total (BL-08, GDP-14)."""

    follow_up_id: UUID
    revision: int
    lines: tuple[DomainLine, ...]
    levels: tuple[tuple[str, str], ...]
    may_write: bool


def assessment(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> AssessmentPart | None:
    """Return the assessment where row 4 is open."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        known = dict(follow_up.assessment or {})
    lines = []
    for domain in SocialDomain:
        level = SocialLevel(known.get(domain.value, SocialLevel.UNKNOWN))
        kind = {SocialLevel.SUPPORT: "ok", SocialLevel.DIFFICULTY: "wait", SocialLevel.NEUTRAL: "info"}.get(
            level, "off"
        )
        lines.append(
            DomainLine(code=domain.value, label=str(domain.label), level=level.value, level_label=str(level.label),
                       kind=kind)
        )  # fmt: skip
    return AssessmentPart(
        follow_up_id=follow_up.pk, revision=follow_up.revision, lines=tuple(lines),
        levels=tuple((value, str(label)) for value, label in SocialLevel.choices),
        may_write=may(viewer, relation, Ask.CREATE, DataClass.YOUTH_REVIEW, now),
    )  # fmt: skip
