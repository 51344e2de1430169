"""One week of a host (or of a school): who is expected, on which half-day, for what; who came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.exclusions import facts
from casework.exclusions.actions.presence import RECORDED_IN
from casework.exclusions.codes import Half, Level, Presence, State, Theme
from casework.exclusions.models import ExclusionSupport, OpenHalfDay, SupportHalfDay
from casework.exclusions.reads import places
from casework.exclusions.reads.opened import full_name
from casework.partners.models import Mandate
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One half-day of one pupil. The family's numbers only beside an absence; `may_record`: it has begun."""

    id: UUID
    day: date
    half: Half
    revision: int
    support_id: UUID
    reference: str
    name: str
    initials: str
    level: str
    body: str
    state: State
    starts_at: time
    ends_at: time
    theme: str
    theme_code: str
    activity: str
    activity_id: UUID | None
    leader: str
    leader_id: UUID | None
    presence: str
    presence_code: str
    warned_at: datetime | None
    parent: str
    phones: tuple[str, ...]
    may_record: bool
    is_past: bool

    @property
    def is_due(self) -> bool:
        """Say whether a presence is waited for."""
        return self.may_record and not self.presence_code


@dataclass(frozen=True, kw_only=True)
class HalfDay:
    """Morning or afternoon of one day."""

    half: Half
    hours: str
    places: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Day:
    """One column of the week."""

    day: date
    is_today: bool
    has_class: bool
    halves: tuple[HalfDay, ...]


@dataclass(frozen=True, kw_only=True)
class Week:
    """Monday to Friday, and the days of the week-end on which somebody is expected or a place announced."""

    monday: date
    days: tuple[Day, ...]
    pupils: int
    is_this_week: bool

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.days[-1].day

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=7)

    @property
    def due(self) -> int:
        """How many presences are waited for."""
        return sum(cell.is_due for day in self.days for half in day.halves for cell in half.cells)


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def week(viewer: Viewer, day: date, now: datetime) -> Week:
    """Return the week of `day` for those whom the viewer may open. Constant queries, whatever the number of pupils."""
    today, monday = localdate(now), monday_of(day)
    sunday = monday + timedelta(days=6)
    rows = list(
        SupportHalfDay.objects.filter(
            support__in=facts.visible_to(viewer, now).exclude(state=State.CANCELLED).values("pk"),
            day__range=(monday, sunday),
        )
        .select_related("support__organisation", "support__host", "activity", "opening")
        .order_by("day", "half", "support__reference")
    )
    opened = list(OpenHalfDay.objects.filter(host_id=viewer.organisation_id, day__range=(monday, sunday)))
    calendar = places.calendar_of(viewer.territory_id)
    shown: dict[tuple[date, str], list[Cell]] = {}
    for row, cell in zip(rows, _cells(viewer, rows, today, now), strict=True):
        shown.setdefault((row.day, row.half), []).append(cell)
    announced = {(each.day, each.half): each for each in opened}
    days = [monday + timedelta(days=n) for n in range(7)]
    used = {key[0] for key in [*shown, *announced]}
    return Week(
        monday=monday, pupils=len({row.support_id for row in rows}), is_this_week=monday == monday_of(today),
        days=tuple(
            Day(
                day=each, is_today=each == today, has_class=calendar.is_school_day(each),
                halves=tuple(_half(each, half, announced, shown) for half in Half),
            )
            for each in days
            if each.weekday() < 5 or each in used
        ),
    )  # fmt: skip


def of_support(
    viewer: Viewer, support: ExclusionSupport, rows: Iterable[SupportHalfDay], now: datetime, *, may: bool = False,
    identity: Mapping[str, str] | None = None, contact: Mapping[str, str] | None = None,
    leaders: Mapping[UUID, str] | None = None,
) -> tuple[Cell, ...]:  # fmt: skip
    """Return half-days of one support, from what the caller opened; `may`: the viewer records presences."""
    return tuple(
        _cell(
            row, support, identity or {}, contact or {}, leaders or {}, localdate(now),
            body=_other(viewer, support), may=may,
        )
        for row in rows
    )  # fmt: skip


def _other(viewer: Viewer, support: ExclusionSupport) -> str:
    return (support.organisation if facts.receives(viewer.role) else support.host).short_name


def _half(
    day: date,
    half: Half,
    announced: Mapping[tuple[date, str], OpenHalfDay],
    shown: Mapping[tuple[date, str], list[Cell]],
) -> HalfDay:
    opening, cells = announced.get((day, half)), shown.get((day, half), [])
    first = opening or (cells[0] if cells else None)
    hours = f"{first.starts_at:%H:%M} – {first.ends_at:%H:%M}" if first else ""
    return HalfDay(half=half, hours=hours, places=opening.places if opening else 0, cells=tuple(cells))


def _cells(viewer: Viewer, rows: list[SupportHalfDay], today: date, now: datetime) -> list[Cell]:
    if not rows:
        return []
    supports = {row.support_id: row.support for row in rows}
    links = facts.relations(viewer, supports.values(), now)
    changes = {pk for pk, link in links.items() if link.may(viewer, Action.CHANGE, facts.PUPIL, now)}
    absent = {row.support_id for row in rows if row.presence == Presence.ABSENT}
    with_family = [
        supports[pk] for pk in absent if links[pk].may(viewer, Action.VIEW, facts.FAMILY, now)
    ]  # fmt: skip
    leaders = _names({row.leader_id for row in rows if row.leader_id})
    with audit.reading(
        viewer, subjects=[row.subject_id for row in supports.values()],
        classes=[facts.PUPIL, *([facts.FAMILY] if with_family else [])], purpose=Purpose.LISTING, act=Act.LIST,
        module="exclusions", object_type=ExclusionSupport._meta.label_lower, object_ids=list(supports),
    ):  # fmt: skip
        named = [row for row in supports.values() if row.state != State.PLACE_HELD]
        sweep.open_many(named, "identity")
        sweep.open_many(with_family, "contact")
        identities = {row.pk: row.identity or {} for row in named}
        contacts = {row.pk: row.contact or {} for row in with_family}
    return [
        _cell(
            row, row.support, identities.get(row.support_id, {}), contacts.get(row.support_id, {}), leaders, today,
            body=_other(viewer, row.support), may=row.support_id in changes,
        )
        for row in rows
    ]  # fmt: skip


def _cell(
    row: SupportHalfDay, support: ExclusionSupport, identity: Mapping[str, str], contact: Mapping[str, str], leaders: Mapping[UUID, str],
    today: date, *, body: str, may: bool,
) -> Cell:  # fmt: skip
    absent = row.presence == Presence.ABSENT
    phones = (contact.get("phone", ""), contact.get("other_phone", "")) if absent else ()
    return Cell(
        id=row.pk, day=row.day, half=Half(row.half), revision=row.revision, support_id=support.pk, reference=support.reference, name=full_name(identity),
        initials=fr.initials(identity.get("first_name", ""), identity.get("last_name", "")) if identity else "",
        level=Level(support.level).label, body=body, state=State(support.state), starts_at=row.opening.starts_at,
        ends_at=row.opening.ends_at, theme=fr.label(Theme, row.theme), theme_code=row.theme,
        activity=row.activity.name if row.activity else "", activity_id=row.activity_id, leader_id=row.leader_id,
        leader=leaders.get(row.leader_id, "") if row.leader_id else "",
        presence=fr.label(Presence, row.presence), presence_code=row.presence, warned_at=row.school_warned_at,
        parent=contact.get("name", "") if absent else "", phones=tuple(each for each in phones if each),
        may_record=may and row.day <= today and support.state in RECORDED_IN, is_past=row.day < today,
    )  # fmt: skip


def _names(mandates: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of professionals, by function; no query for nobody."""
    wanted = list(mandates)
    if not wanted:
        return {}
    return {row.pk: row.agent.full_name for row in Mandate.objects.filter(pk__in=wanted).select_related("agent")}
