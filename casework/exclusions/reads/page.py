"""One support as the school and the host read it: each part where decide() opens it (rows 26 to 27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached, openings
from casework.casefile import format as fr
from casework.casefile.attached import Paper
from casework.casefile.openings import OpeningLine
from casework.exclusions import facts, law
from casework.exclusions.actions import team
from casework.exclusions.codes import (
    ENDED,
    Cancel,
    FileKind,
    Half,
    HostNo,
    Kind,
    Level,
    Presence,
    Reason,
    Since,
    State,
    Theme,
)
from casework.exclusions.models import ExclusionSupport, SchoolWork
from casework.exclusions.reads import lists, opened, returned, week
from casework.exclusions.reads.returned import Return
from casework.exclusions.reads.week import Cell
from casework.partners.models import Mandate
from casework.sealing import sweep

_CLASSES = (facts.PUPIL, facts.FAMILY, facts.REASON, facts.RETURN)


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a form about one support says of it: no word of the pupil."""

    id: UUID
    subject_id: UUID
    reference: str
    revision: int
    starts_on: date | None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One half-day that may be given back, unless its presence is written."""

    id: UUID
    day: date
    half: str
    is_recorded: bool


def head(row: ExclusionSupport) -> Head:
    """Return what forms say of a support, from its clear columns."""
    return Head(
        id=row.pk, subject_id=row.subject_id, reference=row.reference, revision=row.revision, starts_on=row.starts_on
    )


@dataclass(frozen=True, kw_only=True)
class HalfDayLine:
    """One half-day: hours, theme, activity, presence."""

    id: UUID
    day: date
    half: str
    starts_at: time
    ends_at: time
    theme: str
    activity: str
    presence: str
    presence_code: str
    is_past: bool


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """Work sent by the teachers."""

    id: UUID
    subject: str
    content: str
    sent_on: date
    done_on: date | None
    document_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Family:
    """The legal representative and what was agreed (row 26a)."""

    parent: str
    phone: str
    other_phone: str
    pupil_agreed_on: date | None
    parents_agreed_on: date | None
    copy_given_on: date | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One support, opened. `family` and `reason` are None where the viewer may not read them."""

    id: UUID
    revision: int
    reference: str
    kind: Kind
    state: State
    level: str
    level_code: str
    name: str
    last_name: str
    first_name: str
    is_adult: bool
    school: str
    host: str
    convention_id: UUID
    contacts: dict[str, str]
    held_until: date | None
    host_accepted_on: date | None
    host_no: str
    procedure_on: date | None
    decided_on: date | None
    starts_on: date | None
    ends_on: date | None
    suspended_until: date | None
    erased_on: date | None
    family: Family | None
    reason: str | None
    reason_code: str
    educator: str
    team: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    back: Return | None
    half_days: tuple[HalfDayLine, ...]
    works: tuple[WorkLine, ...]
    signed: tuple[Paper, ...]
    """The agreement sheets that were joined."""
    return_at: datetime | None
    cancelled_for: str
    closed_on: date | None
    gone_on: date
    since: str
    waits_for: str
    may_change: bool
    may_share: bool
    is_school: bool
    is_host: bool

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is done."""
        return self.state in ENDED

    @property
    def is_held(self) -> bool:
        """Say whether the place is held without a name."""
        return self.state == State.PLACE_HELD

    @property
    def is_notified(self) -> bool:
        """Say whether agreements are to be gathered."""
        return self.state == State.NOTIFIED

    @property
    def is_to_begin(self) -> bool:
        """Say whether the reception may still be cancelled."""
        return self.state in (State.NOTIFIED, State.AGREED)


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one support with what the viewer may read of it. Raises AccessRefused, absent or refused alike."""
    return of(viewer, facts.find(viewer, pk, now), now)


def of(viewer: Viewer, row: ExclusionSupport, now: datetime) -> Page:
    """Return the same of a support that `facts.find` gave."""
    link = facts.relation(viewer, row, now)
    may = {each: link.may(viewer, Action.VIEW, each, now) for each in _CLASSES}
    half_days = list(row.half_days.select_related("opening", "activity"))
    works = list(row.works.all())
    signed = attached.of([row.pk], [FileKind.AGREEMENT]).get(row.pk, ()) if may[facts.FAMILY] else ()
    holders = team.in_charge([row.pk], now).get(row.pk, [])
    classes: list[str] = [each for each, opens in may.items() if opens]
    with opened.gate(viewer, row, classes, with_bodies=True):
        sweep.open_many([row], "identity", *_fields(may))
        sweep.open_many([row.convention], "contacts")
        sweep.open_many(works, "subject", "content")
        identity = row.identity or {}
        return Page(
            id=row.pk, revision=row.revision, reference=row.reference, kind=Kind(row.kind), state=State(row.state),
            level=Level(row.level).label, level_code=row.level, name=opened.full_name(identity),
            last_name=str(identity.get("last_name", "")), first_name=str(identity.get("first_name", "")),
            is_adult=row.is_adult, school=row.organisation.name, host=row.host.name, convention_id=row.convention_id,
            contacts={str(key): str(said) for key, said in (row.convention.contacts or {}).items()},
            held_until=row.held_until, host_accepted_on=localdate(row.host_accepted_at) if row.host_accepted_at else None,
            host_no=fr.label(HostNo, row.host_no), procedure_on=row.procedure_on, decided_on=row.decided_on,
            starts_on=row.starts_on, ends_on=row.ends_on, suspended_until=row.suspended_until,
            erased_on=law.erased_on(row.kind, row.decided_on) if row.decided_on else None,
            family=_family(row) if may[facts.FAMILY] else None,
            reason=fr.label(Reason, row.reason) if may[facts.REASON] else None,
            reason_code=(row.reason or "") if may[facts.REASON] else "",
            educator=next((each.agent.full_name for each in holders if each.pk == row.educator_id), ""),
            team=tuple((each.agent.full_name, each.organisation.short_name) for each in holders),
            cells=week.of_support(
                viewer, row, half_days, now, may=link.may(viewer, Action.CHANGE, facts.PUPIL, now), identity=identity,
                contact=row.contact if may[facts.FAMILY] else None,
                leaders={each.pk: each.agent.full_name for each in holders},
            ),
            back=returned.of(viewer, row, now),
            half_days=tuple(
                HalfDayLine(
                    id=each.pk, day=each.day, half=Half(each.half).label, starts_at=each.opening.starts_at,
                    ends_at=each.opening.ends_at, theme=fr.label(Theme, each.theme),
                    activity=each.activity.name if each.activity else "", presence=fr.label(Presence, each.presence),
                    presence_code=each.presence, is_past=each.day < localdate(now),
                )
                for each in half_days
            ),
            works=tuple(_work(each) for each in works),
            signed=signed,
            return_at=row.return_at, cancelled_for=fr.label(Cancel, row.cancelled_for), closed_on=row.closed_on,
            gone_on=law.year_end(row.school_year), since=fr.label(Since, row.since),
            waits_for=lists.waits_for(row, localdate(now)),
            may_change=link.may(viewer, Action.CHANGE, facts.PUPIL, now),
            may_share=link.may(viewer, Action.CHANGE, facts.PUPIL, now) and row.state not in ENDED,
            is_school=facts.sends(viewer.role), is_host=facts.receives(viewer.role),
        )  # fmt: skip


def _fields(may: dict[DataClass, bool]) -> list[str]:
    sealed = ((facts.FAMILY, "contact"), (facts.REASON, "reason"), (facts.RETURN, "meeting"))
    return [name for data_class, name in sealed if may[data_class]]


def _family(row: ExclusionSupport) -> Family:
    known = row.contact or {}
    return Family(
        parent=str(known.get("name", "")), phone=str(known.get("phone", "")),
        other_phone=str(known.get("other_phone", "")), pupil_agreed_on=row.pupil_agreed_on,
        parents_agreed_on=row.parents_agreed_on, copy_given_on=row.copy_given_on,
    )  # fmt: skip


def _work(row: SchoolWork) -> WorkLine:
    return WorkLine(
        id=row.pk, subject=row.subject or "", content=row.content or "", sent_on=localdate(row.sent_at),
        done_on=localdate(row.done_at) if row.done_at else None, document_id=row.document_id,
    )  # fmt: skip


def who_opened(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[OpeningLine, ...]]:
    """Return the reference and who opened this file (row 30a). Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.VIEW, DataClass.WHO_OPENED, now)
    return row.reference, openings.page(viewer, row, module="exclusions")


@dataclass(frozen=True)
class Version:
    """One earlier state of the file."""

    at: datetime
    state: str
    starts_on: date | None
    ends_on: date | None
    by: str


def history(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[Version, ...]]:
    """Return the reference and the earlier versions, latest first: same rights as the live row (ACL-10)."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.HISTORY, facts.PUPIL, now)
    with opened.gate(viewer, row, [facts.PUPIL], purpose=Purpose.HISTORY, act=Act.HISTORY):
        versions = list(row.history.order_by("-history_date", "-history_id"))
    asked = [each.history_mandate for each in versions if each.history_mandate]
    bodies = dict(Mandate.objects.filter(pk__in=asked).values_list("pk", "organisation__short_name"))
    return row.reference, tuple(
        Version(
            each.history_date, State(each.state).label, each.starts_on, each.ends_on,
            bodies.get(each.history_mandate, openings.SOFTWARE),
        )
        for each in versions
    )  # fmt: skip
