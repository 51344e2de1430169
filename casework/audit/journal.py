"""Pages of the journal for whoever controls it: filtered, newest first, by keyset; and the events of one person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework.audit import refs
from casework.audit.codes import INSTALLATION, Act
from casework.audit.models import AuditAlert, AuditCheckpoint, AuditEvent, AuditHead, AuditSubject

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is looked for. None and empty: everything."""

    subject_id: UUID | None = None
    agent_id: UUID | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    acts: frozenset[str] = frozenset()
    outcome: str = ""
    before: int | None = None
    """Only what was written before this event: the next page."""


def page(log: str, staff: Iterable[UUID], filters: Filters) -> tuple[list[AuditEvent], int | None]:
    """Return up to 50 events of a log, newest first, and from where the next page starts: one query.

    The log of the installation is read for the `staff` of the territory only (sign-in, refusals).
    """
    rows = AuditEvent.objects.filter(
        Q(log=log) | Q(log=INSTALLATION, actor_id__in=list(staff)), purged_by__isnull=True, ts__isnull=False
    ).exclude(act=Act.ROW)
    if filters.subject_id is not None:
        ref = bytes.fromhex(refs.subject_ref(filters.subject_id))
        rows = rows.filter(Exists(AuditSubject.objects.filter(event=OuterRef("pk"), subject_ref=ref)))
    for name, value in (
        ("actor_id", filters.agent_id), ("org_id", filters.organisation_id), ("ts__gte", filters.since),
        ("ts__lt", filters.until), ("pk__lt", filters.before), ("outcome", filters.outcome or None),
        ("act__in", sorted(filters.acts) or None),
    ):  # fmt: skip
        if value is not None:
            rows = rows.filter(**{name: value})
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def events_about(subject_id: UUID, *, limit: int = 2000) -> list[AuditEvent]:
    """Return the events of one person that were carried out, newest first: what a rights request is told."""
    ref = bytes.fromhex(refs.subject_ref(subject_id))
    rows: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        pk__in=AuditSubject.objects.filter(subject_ref=ref).values("event_id"), outcome="ok", purged_by__isnull=True
    )
    return list(rows.order_by("-pk")[:limit])


def alerts(log: str, *, limit: int = 200, since: datetime | None = None) -> list[AuditAlert]:
    """Return the alerts of the watch rules, newest day first."""
    rows = AuditAlert.objects.filter(log=log)
    if since is not None:
        rows = rows.filter(made_at__gte=since)
    return list(rows.order_by("-day", "rule", "id")[:limit])


def day_of(log: str, start: datetime, end: datetime) -> list[AuditEvent]:
    """Return the events of a day, oldest first: what the watch rules look at."""
    rows = AuditEvent.objects.filter(log=log, ts__gte=start, ts__lt=end, purged_by__isnull=True)
    return list(rows.exclude(act=Act.ROW).order_by("pk"))


@dataclass(frozen=True)
class Standing:
    """Where one log stands: how long it is, what was last signed."""

    log: str
    size: int
    signed_size: int
    signed_at: datetime | None


def standing(log: str) -> Standing:
    """Return where a log stands."""
    size = AuditHead.objects.filter(pk=log).values_list("size", flat=True).first() or 0
    last = AuditCheckpoint.objects.filter(log=log).order_by("-size", "-id").first()
    return Standing(log, size, last.size if last else 0, last.signed_at if last else None)


def last_checkpoint(log: str) -> AuditCheckpoint | None:
    """Return the last signed checkpoint of a log."""
    return AuditCheckpoint.objects.filter(log=log).order_by("-size", "-id").first()


def opened_lately(agent_id: UUID, now: datetime, within: timedelta) -> int:
    """Return how many different people's files an agent opened one by one since a moment ago (T-44)."""
    from casework.audit.codes import OPENING_ACTS, SITTING_PURPOSES

    rows = AuditSubject.objects.filter(
        event__actor_id=agent_id, event__ts__gt=now - within, event__act__in=sorted(OPENING_ACTS),
        event__outcome="ok", event__n__lte=ONE_FILE,
    ).exclude(event__purpose__in=sorted(SITTING_PURPOSES))  # fmt: skip
    return rows.values("subject_ref").distinct().count()


ONE_FILE = 2
"""An event on so few people opens one file (a person, and one more at a merge); a list tells all of its page."""
