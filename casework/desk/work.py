"""« Mon travail »: lines of every subject, grouped by when they matter, not by where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from casework.casefile.deadlines import Deadline
from casework.casefile.work import WorkItem

DONE_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Group:
    """A heading of the page and its lines. `kind` gives shape and colour; `folded` ones start closed."""

    code: str
    title: str
    kind: str
    items: tuple[WorkItem, ...]
    folded: bool = False


def week_end(today: date) -> date:
    """Return the Sunday of this week; on Saturday and Sunday, that of the week that comes."""
    ahead = 6 - today.weekday()
    return today + timedelta(days=ahead + 7 if ahead < 2 else ahead)


def grouped(items: Iterable[WorkItem], today: date) -> tuple[Group, ...]:
    """Return the groups that hold something, in the order of the page."""
    late: list[WorkItem] = []
    week: list[WorkItem] = []
    ahead: list[WorkItem] = []
    others: dict[str, list[WorkItem]] = {"waiting": [], "info": [], "done": []}
    for item in items:
        if item.kind in others:
            if item.kind != "done" or _recent(item, today):
                others[item.kind].append(item)
        elif item.group_when is not None and item.group_when < today:
            late.append(item)
        elif item.group_when is not None and item.group_when <= week_end(today):
            week.append(item)
        else:
            ahead.append(item)
    others["done"].reverse()
    groups = (
        Group(code="late", title="En retard", kind="late", items=tuple(late)),
        Group(code="week", title="Cette semaine", kind="wait", items=tuple(week)),
        Group(code="ahead", title="À venir", kind="off", items=tuple(ahead)),
        Group(code="waiting", title="En attente d’un autre", kind="wait", items=tuple(others["waiting"])),
        Group(code="info", title="Pour information", kind="info", items=tuple(others["info"])),
        Group(code="done", title="Fait ces 7 jours", kind="ok", items=tuple(others["done"]), folded=True),
    )
    return tuple(group for group in groups if group.items)


def _recent(item: WorkItem, today: date) -> bool:
    return item.group_when is not None and timedelta(0) <= today - item.group_when <= timedelta(days=DONE_DAYS)


def to_do(items: Iterable[WorkItem], today: date) -> int:
    """Return how many lines are late or due this week."""
    return sum(
        1
        for item in items
        if item.kind not in ("waiting", "info", "done")
        and item.group_when is not None
        and item.group_when <= week_end(today)
    )


def calendar(deadlines: Iterable[Deadline], *, now: datetime) -> bytes:
    """Return the deadlines as an .ics file: labels without names, opaque identifiers, all-day events."""
    made = Calendar()
    made.add("prodid", "-//Casework//FR")
    made.add("version", "2.0")
    for deadline in deadlines:
        event = Event()
        event.add("uid", f"{deadline.rule}-{deadline.object_id}@casework".lower())
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", deadline.due)
        event.add("dtend", deadline.due + timedelta(days=1))
        event.add("summary", deadline.label)
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        made.add_component(event)
    return bytes(made.to_ical())
