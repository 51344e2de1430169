"""Requests of access: mine, and those for the files that I answer for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from casework.access import inbox, subjects
from casework.access.asking.models import AccessRequest, RequestState
from casework.access.exclusions.reads import shut
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.partners import genuine
from casework.partners.codes import Role

WAITS = timedelta(days=30)
MOST = 100
_SHAPE = re.compile(r"[A-Z][A-Z0-9]{0,3}-?20\d\d-?[A-Z0-9]{4}")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One request. To the one who asked, a file that does not exist and one that is refused look alike."""

    id: UUID
    reference: str
    who: str
    reason: str
    asked_at: datetime
    granted: bool


def tidy(reference: str) -> str:
    """Return what was typed if it has the shape of a reference, "" otherwise: nobody's name is kept here."""
    bare = re.sub(r"[\s–—_./]", "", reference).upper()
    return bare if _SHAPE.fullmatch(bare) else ""


def mine(viewer: Viewer, now: datetime) -> list[Line]:
    """Return what this function asked for lately."""
    rows = AccessRequest.objects.filter(mandate_id=viewer.mandate_id, asked_at__gt=now - WAITS)
    kept = genuine.kept(
        rows.select_related("mandate__agent", "mandate__organisation").order_by("-asked_at", "id")[:MOST]
    )
    gone = shut(viewer, now)
    return [_line(row, granted=row.state == RequestState.GRANTED and row.target_subject not in gone) for row in kept]


def waiting(viewer: Viewer, now: datetime) -> list[tuple[Line, str]]:
    """Return the requests for files that this person answers for, each with the page of the file."""
    if viewer.role != Role.COORDINATOR:
        return []
    rows = _open(viewer, now).exclude(target_subject__in=shut(viewer, now))
    kept = genuine.kept(
        rows.select_related("mandate__agent", "mandate__organisation").order_by("asked_at", "id")[:MOST]
    )
    known = subjects.by_subjects(viewer, {row.target_subject for row in kept if row.target_subject})
    found = [(row, known[row.target_subject]) for row in kept if row.target_subject in known]
    return [
        (_line(row, granted=False), target.url)
        for row, target in found
        if subjects.room(target.module).owns(viewer, target, now)
    ]


def find(viewer: Viewer, request_id: UUID, now: datetime) -> tuple[AccessRequest, Target]:
    """Return one waiting request for a file that this person answers for. Raises AccessRefused."""
    row = next(iter(genuine.kept(_open(viewer, now).filter(pk=request_id))), None)
    if row is None or row.target_subject is None or row.target_subject in shut(viewer, now):
        raise AccessRefused(code="request")
    target = subjects.by_subjects(viewer, [row.target_subject]).get(row.target_subject)
    if target is None or not subjects.room(target.module).owns(viewer, target, now):
        raise AccessRefused(code="request")
    return row, target


def _open(viewer: Viewer, now: datetime) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(
        territory_id=viewer.territory_id, state=RequestState.ASKED, target_id__isnull=False, asked_at__gt=now - WAITS
    )


def _probe(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    return _open(viewer, now) if viewer.role == Role.COORDINATOR else AccessRequest.objects.none()


inbox.probe("requests", _probe)


def _line(row: AccessRequest, *, granted: bool) -> Line:
    return Line(
        id=row.pk, reference=row.reference, who=f"{row.mandate.agent.full_name} ({row.mandate.label})",
        reason=row.get_reason_display(), asked_at=row.asked_at, granted=granted,
    )  # fmt: skip
