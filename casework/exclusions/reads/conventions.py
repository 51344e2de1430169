"""Conventions: those of one's own body with its contacts, all of the town as bodies and dates to who counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.exclusions import facts
from casework.exclusions.codes import Kind, Theme
from casework.exclusions.models import Convention
from casework.sealing import sweep

NAMES = ("contact", "phone", "email")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One convention: two bodies, dates, where it stands. `waits_for_me`: the viewer's body has to confirm it."""

    id: UUID
    school: str
    host: str
    starts_on: date
    last_day: date
    state: str
    is_over: bool
    waits_for_me: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """One convention with the contacts of both sides."""

    line: Line
    revision: int
    signed_on: date
    ends_on: date
    ended_on: date | None
    kinds: tuple[str, ...]
    themes: tuple[str, ...]
    places: int
    accepts_at_once: bool
    proposed_by: str
    confirmed_on: date | None
    document_id: UUID | None
    school_contacts: dict[str, str]
    host_contacts: dict[str, str]
    is_school: bool
    may_write: bool

    @property
    def own_contacts(self) -> dict[str, str]:
        """The contacts that the viewer's body writes."""
        return self.school_contacts if self.is_school else self.host_contacts


def lines(viewer: Viewer, now: datetime) -> tuple[Line, ...]:
    """Return the conventions that the viewer reads, those to confirm first, those over last; one query."""
    made = [_line(row, viewer, now) for row in facts.conventions(viewer, now)]
    return tuple(sorted(made, key=lambda one: (one.is_over, not one.waits_for_me, one.host, one.school, one.starts_on)))


def to_confirm(viewer: Viewer, now: datetime) -> QuerySet[Convention]:
    """Return the conventions that wait for the yes of the body for which the viewer speaks."""
    rows = facts.conventions(viewer, now).filter(confirmed_at=None)
    return rows.exclude(proposed_by_id=viewer.organisation_id) if facts.leads_here(viewer, now) else rows.none()


def page(viewer: Viewer, pk: UUID, now: datetime, *, act: Act = Act.VIEW) -> Page:
    """Return one convention of the viewer's own body. Raises AccessRefused, absent or refused alike."""
    row = facts.find_convention(viewer, pk, now)
    contacts = contacts_of(viewer, row, act=act)
    return Page(
        line=_line(row, viewer, now), revision=row.revision, signed_on=row.signed_on, ends_on=row.ends_on,
        ended_on=row.ended_on, kinds=tuple(Kind(each).label for each in Kind.values if each in row.kinds),
        themes=tuple(Theme(each).label for each in Theme.values if each in row.themes), places=row.places,
        accepts_at_once=row.accepts_at_once, proposed_by=row.proposed_by.name,
        confirmed_on=localdate(row.confirmed_at) if row.confirmed_at else None, document_id=row.document_id,
        school_contacts=_side(contacts, "school_"), host_contacts=_side(contacts, "host_"),
        is_school=facts.sends(viewer.role), may_write=facts.leads_here(viewer, now),
    )  # fmt: skip


def contacts_of(viewer: Viewer, row: Convention, *, act: Act = Act.VIEW) -> dict[str, str]:
    """Return the contacts of both bodies, opened under the read gate; the caller found the convention by `facts`."""
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[facts.PUPIL],
        purpose=Purpose.DOCUMENT if act is Act.PRINT else Purpose.REVIEW, act=act, module="exclusions",
        object_type=row._meta.label_lower, object_ids=[row.pk], territory_id=row.territory_id,
    ):  # fmt: skip
        sweep.open_many([row], "contacts")
        return {str(key): str(said) for key, said in (row.contacts or {}).items()}


def _side(contacts: dict[str, str], prefix: str) -> dict[str, str]:
    return {name: contacts[prefix + name] for name in NAMES if contacts.get(prefix + name)}


def _line(row: Convention, viewer: Viewer, now: datetime) -> Line:
    today = localdate(now)
    over = row.last_day < today
    if row.confirmed_at is None:
        state = "à confirmer"
    elif over:
        state = "terminée"
    else:
        state = "en vigueur" if row.starts_on <= today else "à venir"
    waits = row.confirmed_at is None and row.proposed_by_id != viewer.organisation_id
    return Line(
        id=row.pk, school=row.school.name, host=row.host.name, starts_on=row.starts_on, last_day=row.last_day,
        state=state, is_over=over, waits_for_me=waits and facts.works_here(viewer, now),
    )  # fmt: skip
