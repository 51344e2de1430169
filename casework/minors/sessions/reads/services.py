"""The services of a meeting: one letter each, who is there, who may lead, who may come as a guest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from casework.casefile.codes import ListCode
from casework.casefile.matching import normalise
from casework.casefile.models import LocalItem
from casework.minors.sessions.codes import Presence
from casework.minors.sessions.models import GroupSession, SessionMember
from casework.partners.codes import OrganisationKind
from casework.partners.models import Organisation

# Keys of the room that no service may take as its letter.
RESERVED = frozenset("GNS")
_NO_LEAD_BY_DEFAULT = OrganisationKind.STREET_OUTREACH


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service in the room, under one letter of the day."""

    id: UUID
    letter: str
    name: str
    here: bool = False
    hosts: bool = False  # the commune holds the pen: it never leaves the room


@dataclass(frozen=True, kw_only=True)
class Member:
    """A service on the presence list."""

    id: UUID
    name: str
    presence: str
    presence_label: str
    is_guest: bool


def present_rows(session: GroupSession) -> list[SessionMember]:
    """Return every row of the presence list with its service, guests included."""
    return list(session.members.select_related("organisation").order_by("organisation__name"))


def services_of(session: GroupSession, rows: Sequence[SessionMember] | None = None) -> tuple[Service, ...]:
    """Return the services of the meeting, each under one letter of its own, as written or chosen for the day."""
    found = present_rows(session) if rows is None else rows
    return letters([(row.organisation, row.presence == Presence.PRESENT) for row in found if not row.is_guest])


def letters(rows: Sequence[tuple[Organisation, bool]]) -> tuple[Service, ...]:
    """Give each service one letter: its own, else the first free one of its name, else the alphabet's."""
    taken: dict[str, UUID] = {}
    given: dict[UUID, str] = {}
    own = [(row, row.letter.upper()) for row, _ in rows if row.letter]
    others = [(row, "") for row, _ in rows if not row.letter]
    for row, letter in (*own, *others):
        names = normalise(f"{row.short_name} {row.name}").upper()
        wanted = [letter, *names, *"ABCDEFHIJKLMOPQRSTUVWXYZ"]
        free = next(
            (one for one in wanted if len(one) == 1 and "A" <= one <= "Z" and one not in taken and one not in RESERVED),
            "?",
        )
        taken[free], given[row.pk] = row.pk, free
    found = [
        Service(
            id=row.pk,
            letter=given[row.pk],
            name=row.short_name or row.name,
            here=here,
            hosts=row.kind == OrganisationKind.MUNICIPALITY,
        )
        for row, here in rows
    ]
    return tuple(sorted(found, key=lambda service: service.letter))


def owners(services: Iterable[Service]) -> dict[str, UUID]:
    """Return what may be typed for « who »: letters and short names, folded."""
    rows = list(services)
    return {normalise(row.name): row.id for row in rows} | {row.letter.lower(): row.id for row in rows}


def members(session: GroupSession) -> tuple[Member, ...]:
    """Return the presence list, guests last."""
    rows = session.members.select_related("organisation").order_by("is_guest", "organisation__name")
    return tuple(
        Member(
            id=row.pk, name=str(row.organisation), presence=row.presence,
            presence_label=str(row.get_presence_display()), is_guest=row.is_guest,
        )
        for row in rows
        if not row.is_guest or row.presence == Presence.PRESENT
    )  # fmt: skip


def guest_choices(session: GroupSession) -> list[tuple[str, str]]:
    """Return the organisations of the territory a guest may come from."""
    rows = Organisation.objects.filter(territory_id=session.territory_id, is_active=True).order_by("name")
    return [(str(row.pk), str(row)) for row in rows]


def leads(session: GroupSession) -> list[tuple[str, str]]:
    """Return who may be référent de parcours; street outreach comes last, never proposed by default."""
    return leads_among(present_rows(session))


def leads_among(rows: Iterable[SessionMember]) -> list[tuple[str, str]]:
    """Return who may lead, among rows already read."""
    found = [row.organisation for row in rows if not row.is_guest]
    found.sort(key=lambda row: (row.kind == _NO_LEAD_BY_DEFAULT, row.name))
    return [(str(row.pk), str(row)) for row in found]


def programmes(session: GroupSession, today: date) -> list[tuple[str, str]]:
    """Return the programmes of the territory (WL-13)."""
    rows = LocalItem.objects.of(session.territory_id, ListCode.PROGRAMME).valid_on(today)
    return [(str(row.pk), row.label) for row in rows]
