"""The watch rules: what the data protection officer should look at (security.md §3.10, LOG-01, LOG-06).

Plain functions over the events of one day of one log. They see pseudonyms and codes; what a rule must know of the
records (who was on an agenda, who bears the agent's surname) is given, as references. They serve security, never
the evaluation of staff: an alert is a question, not a finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.audit.codes import OPENING_ACTS, SITTING_PURPOSES, Act
from casework.audit.journal import ONE_FILE
from casework.audit.models import AuditAlert, AuditEvent

NIGHT_FROM, NIGHT_TO = 22, 6
FILES_AN_HOUR = 20
SERVICES_A_DAY = 3
MISSES_A_DAY = 10
AGENDA_BEFORE, AGENDA_AFTER = timedelta(days=15), timedelta(days=45)
_KEPT_REFS = 60


class Rule(StrEnum):
    """What is watched."""

    NIGHT = "night"
    MANY_FILES = "many_files"
    THREE_SERVICES = "three_services"
    OUTSIDE_AGENDA = "outside_agenda"
    OWN_NAME = "own_name"
    REVEAL = "reveal"
    MISSES = "misses"
    CAP = "read_cap"
    FORGED = "forged"
    BREAK_GLASS = "break_glass_late"


@dataclass(frozen=True)
class Finding:
    """One thing to look at on one day."""

    rule: Rule
    actor_id: UUID | None
    org_id: UUID | None
    refs: tuple[bytes, ...]
    n: int


@dataclass(frozen=True)
class Known:
    """What the rules may know of the records, as references."""

    zone: str = "Europe/Paris"
    coordinators: frozenset[str] = frozenset({"coordinator"})
    agenda: frozenset[tuple[bytes, date]] = frozenset()
    own_name: frozenset[tuple[UUID, bytes]] = field(default_factory=frozenset)
    """(agent, person) pairs of one surname."""


def findings(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    """Return what one day of one log gives to look at, every rule asked."""
    return [item for rule in _RULES for item in rule(events, known)]


def openings(events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, bytes]]:
    """Return (event, person) for each file that somebody opened by itself: lists and jobs left out."""
    return [
        (event, ref)
        for event in events
        if event.act in OPENING_ACTS and event.outcome == "ok" and event.actor_id is not None and event.n <= ONE_FILE
        for ref in sorted(event.refs())
    ]


def _alone(events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, bytes]]:
    """Return the openings outside a meeting, where everybody opens the same files one after the other."""
    return [(event, ref) for event, ref in openings(events) if event.purpose not in SITTING_PURPOSES]


def _by_agent(rule: Rule, pairs: Iterable[tuple[AuditEvent, bytes]]) -> list[Finding]:
    """Return one finding per agent, with the files in the order they were opened."""
    seen: dict[tuple[UUID | None, UUID | None], dict[bytes, None]] = defaultdict(dict)
    for event, ref in pairs:
        seen[event.actor_id, event.org_id][ref] = None
    return [
        Finding(rule, actor, organisation, tuple(files)[:_KEPT_REFS], len(files))
        for (actor, organisation), files in seen.items()
    ]


def _night(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    zone = ZoneInfo(known.zone)
    return _by_agent(
        Rule.NIGHT,
        (
            (event, ref)
            for event, ref in openings(events)
            if not NIGHT_TO <= _moment(event).astimezone(zone).hour < NIGHT_FROM
        ),
    )


def _many_files(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    by_agent: dict[tuple[UUID | None, UUID | None], list[tuple[datetime, bytes]]] = defaultdict(list)
    for event, ref in _alone(events):
        by_agent[event.actor_id, event.org_id].append((_moment(event), ref))
    found = []
    for (actor, organisation), opened in by_agent.items():
        most: tuple[bytes, ...] = ()
        start = 0
        for end, (at, _) in enumerate(opened):
            while opened[start][0] <= at - timedelta(hours=1):
                start += 1
            files = tuple(dict.fromkeys(ref for _, ref in opened[start : end + 1]))
            most = max(most, files, key=len)
        if len(most) > FILES_AN_HOUR:
            found.append(Finding(Rule.MANY_FILES, actor, organisation, most[:_KEPT_REFS], len(most)))
    return found


def _three_services(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    services: dict[bytes, dict[UUID, None]] = defaultdict(dict)
    for event, ref in _alone(events):
        if event.org_id is not None and (ref, _day(event, known)) not in known.agenda:
            services[ref][event.org_id] = None
    return [
        Finding(Rule.THREE_SERVICES, None, None, (ref,), len(found))
        for ref, found in services.items()
        if len(found) >= SERVICES_A_DAY
    ]


def _outside_agenda(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    worked = {
        (event.actor_id, ref)
        for event in events
        if event.act in (Act.CREATE, Act.CHANGE, Act.MOVE, Act.GRANT) and event.outcome == "ok"
        for ref in event.refs()
    }
    days: dict[bytes, list[date]] = defaultdict(list)
    for ref, day in known.agenda:
        days[ref].append(day)

    def heard(ref: bytes, day: date) -> bool:
        return any(day - AGENDA_AFTER <= meeting <= day + AGENDA_BEFORE for meeting in days[ref])

    return _by_agent(
        Rule.OUTSIDE_AGENDA,
        (
            (event, ref)
            for event, ref in _alone(events)
            if event.role not in known.coordinators
            and (event.actor_id, ref) not in worked
            and not heard(ref, _day(event, known))
        ),
    )


def _own_name(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    pairs = ((event, ref) for event, ref in openings(events) if (event.actor_id, ref) in known.own_name)
    return _by_agent(Rule.OWN_NAME, pairs)


def _reveal(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    """Every showing of an address to protect."""
    pairs = (
        (event, ref)
        for event, ref in openings(events)
        if event.act == Act.REVEAL and any(name.startswith(("vif_", "protected_")) for name in event.classes)
    )
    return _by_agent(Rule.REVEAL, pairs)


def _counted(rule: Rule, events: Iterable[AuditEvent], least: int) -> list[Finding]:
    counts: dict[tuple[UUID | None, UUID | None], int] = defaultdict(int)
    for event in events:
        counts[event.actor_id, event.org_id] += 1
    return [Finding(rule, actor, org, (), n) for (actor, org), n in counts.items() if n >= least]


def _misses(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    return _counted(Rule.MISSES, (event for event in events if event.act == Act.MISS), MISSES_A_DAY)


def _cap(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    return _counted(Rule.CAP, (event for event in events if event.why == "read_cap"), 1)


def _forged(events: Sequence[AuditEvent], known: Known) -> list[Finding]:
    return _counted(Rule.FORGED, (event for event in events if event.act == Act.INTEGRITY_FAIL), 1)


_RULES: tuple[Callable[[Sequence[AuditEvent], Known], list[Finding]], ...] = (
    _night, _many_files, _three_services, _outside_agenda, _own_name, _reveal, _misses, _cap, _forged,
)  # fmt: skip


def _moment(event: AuditEvent) -> datetime:
    if event.ts is None:
        raise ValueError("this event was emptied")
    return event.ts


def _day(event: AuditEvent, known: Known) -> date:
    return _moment(event).astimezone(ZoneInfo(known.zone)).date()


def keep(log: str, day: date, found: Iterable[Finding], now: datetime) -> int:
    """Write the findings of a finished day, each once; return how many are new."""
    told = {
        (row.rule, row.actor_id, bytes(row.subject_refs) if row.actor_id is None else b"")
        for row in AuditAlert.objects.filter(log=log, day=day)
    }
    rows = [
        AuditAlert(
            log=log, rule=item.rule.value, day=day, actor_id=item.actor_id, org_id=item.org_id,
            subject_refs=b"".join(item.refs), n=item.n, made_at=now,
        )
        for item in found
        if (item.rule.value, item.actor_id, b"".join(item.refs) if item.actor_id is None else b"") not in told
    ]  # fmt: skip
    AuditAlert.objects.bulk_create(rows, batch_size=200)
    return len(rows)
