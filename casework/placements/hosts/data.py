"""What the actions of hosts and posts take: frozen values, already validated by a form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from casework.placements.hosts.codes import Half


@dataclass(frozen=True, kw_only=True)
class HostData:
    """A host, as typed."""

    name: str
    legal_kind: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    sector: UUID | None = None
    funding_line: str = "none"
    organisation: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class HalfDayData:
    """A half-day of the week on which a post receives."""

    weekday: int
    half: Half
    starts_at: time
    ends_at: time
    places: int


@dataclass(frozen=True, kw_only=True)
class PostData:
    """A post, as typed (HOST-07)."""

    nature: str
    activity: UUID
    audience: str
    method: str = ""
    sector: UUID | None = None
    collective: bool = False
    runs_from: date | None = None
    runs_to: date | None = None
    needs: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    address: str = ""
    access_note: str = ""
    tig360_number: str = ""


@dataclass(frozen=True, kw_only=True)
class OutOfUseData:
    """Places not offered, from a day to another (included)."""

    starts_on: date
    ends_on: date
    reason: str
    half: str = ""
    places: int | None = None


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """What the list of tutors is narrowed to: `kind` is « jamais », « formes » or empty."""

    kind: str = ""
    topic: str = ""
    host: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request of places as a host reads it: `work` says in a line what is asked, `half_days` when."""

    post: str
    host: str
    service: str
    work: str
    answer_by: date
    limits: tuple[str, ...]
    half_days: tuple[tuple[date, str, time, time], ...]
