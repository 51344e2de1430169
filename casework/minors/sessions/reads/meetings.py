"""The meetings of the group, and the hub of one: where it stands, and the next act of this role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.minors.sessions import facts
from casework.minors.sessions.codes import Presence, SessionState
from casework.minors.sessions.models import GroupSession, Preparation, SessionMember
from casework.partners.codes import Formation

KINDS = {
    SessionState.PREPARED: "wait",
    SessionState.CONVENED: "info",
    SessionState.OPEN: "late",
    SessionState.CLOSED: "wait",
    SessionState.APPROVED: "ok",
    SessionState.CANCELLED: "off",
}
AHEAD = (SessionState.PREPARED, SessionState.CONVENED, SessionState.OPEN)
PAST = 24


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """What the pages of a meeting say of the meeting itself: when, where, how far it is."""

    id: UUID
    revision: int
    starts_at: datetime
    place: str
    state: str
    pulse: int
    minimum_presence: int | None


def meeting_of(session: GroupSession) -> Meeting:
    """Return what a page shows of a meeting: a page never holds its row."""
    return Meeting(
        id=session.pk,
        revision=session.revision,
        starts_at=session.starts_at,
        place=session.place,
        state=session.state,
        pulse=session.pulse,
        minimum_presence=session.minimum_presence,
    )


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """One meeting in the list."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    state: str
    state_label: str
    state_kind: str
    lines: int
    done: int
    planned: int
    room_minutes: int
    prepared: int
    services: int

    @property
    def is_over(self) -> bool:
        """Say whether more is planned than the meeting lasts."""
        return self.planned > self.room_minutes


@dataclass(frozen=True, kw_only=True)
class Meetings:
    """The list: those ahead, nearest first, and those behind."""

    ahead: tuple[MeetingRow, ...]
    past: tuple[MeetingRow, ...]
    may_prepare: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the stepper."""

    label: str
    state: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A service at the meeting: expected when, come or excused."""

    id: UUID
    organisation_id: UUID
    revision: int
    name: str
    presence: str
    presence_label: str
    presence_kind: str
    arrives_at: datetime | None
    waits: int = 0


@dataclass(frozen=True, kw_only=True)
class Hub:
    """One meeting as this viewer meets it."""

    row: MeetingRow
    revision: int
    logistics: str
    formation: str
    minimum_presence: int | None
    members: tuple[MemberRow, ...]
    steps: tuple[Step, ...]
    act: Step | None
    may_change: bool
    is_ahead: bool
    convened_at: datetime | None
    window_ends_at: datetime | None


def may_change(viewer: Viewer, session: GroupSession, now: datetime) -> bool:
    """Say whether this viewer prepares the meeting (row 8, W)."""
    return decide(
        viewer, Action.CHANGE, facts.session_facts(session, DataClass.SESSION_MINUTES, now), now
    ).allow  # fmt: skip


def link(name: str, *args: object) -> str:
    """Return the address of a page, "" while that part is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def listing(viewer: Viewer, *, now: datetime) -> Meetings:
    """Return the meetings this viewer may see, with what waits in each, in four queries."""
    rows = list(facts.visible_to(viewer, now).order_by("-starts_at")[: PAST + 6])
    built = [(row, item) for row, item in zip(rows, _rows(rows), strict=True)]
    return Meetings(
        ahead=tuple(sorted((item for row, item in built if row.state in AHEAD), key=lambda item: item.starts_at)),
        past=tuple(item for row, item in built if row.state not in AHEAD),
        may_prepare=decide(
            viewer,
            Action.CREATE,
            facts.session_facts(
                GroupSession(territory_id=viewer.territory_id, group_id=viewer.group_id, state=SessionState.PREPARED),
                DataClass.SESSION_MINUTES,
                now,
            ),
            now,
        ).allow
        if viewer.group_id is not None
        else False,
    )


def _rows(sessions: Iterable[GroupSession]) -> list[MeetingRow]:
    rows = list(sessions)
    keys = [row.pk for row in rows]
    lines = {
        found["pk"]: found
        for found in GroupSession.objects.filter(pk__in=keys)
        .values("pk")
        .annotate(n=Count("lines"), done=Count("lines", filter=Q(lines__state="done")), planned=Sum("lines__minutes"))
    }
    services = dict(
        GroupSession.objects.filter(pk__in=keys)
        .annotate(n=Count("members", filter=Q(members__is_guest=False)))
        .values_list("pk", "n")
    )
    prepared = dict(
        Preparation.objects.filter(line__session__in=keys)
        .values("line__session")
        .annotate(n=Count("organisation", distinct=True))
        .values_list("line__session", "n")
    )
    return [
        MeetingRow(
            id=row.pk,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            place=row.place,
            state=row.state,
            state_label=str(row.get_state_display()),
            state_kind=KINDS[SessionState(row.state)],
            lines=lines[row.pk]["n"],
            done=lines[row.pk]["done"],
            planned=lines[row.pk]["planned"] or 0,
            room_minutes=int((row.ends_at - row.starts_at) / timedelta(minutes=1)),
            prepared=prepared.get(row.pk, 0),
            services=services[row.pk],
        )
        for row in rows
    ]


_PRESENCE = {Presence.EXPECTED: "wait", Presence.PRESENT: "ok", Presence.EXCUSED: "off", Presence.ABSENT: "late"}


def members_of(session: GroupSession, known: Iterable[SessionMember] | None = None) -> tuple[MemberRow, ...]:
    """Return the services invited, first to arrive first; `known`: the rows, with services, when already read."""
    found_rows = session.members.select_related("organisation") if known is None else known
    rows = [row for row in found_rows if not row.is_guest]
    found = [
        MemberRow(
            id=row.pk,
            organisation_id=row.organisation_id,
            revision=row.revision,
            name=str(row.organisation),
            presence=row.presence,
            presence_label=str(row.get_presence_display()),
            presence_kind=_PRESENCE[Presence(row.presence)],
            arrives_at=row.arrives_at,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: (row.arrives_at is None, row.arrives_at or session.starts_at, row.name)))


def hub(viewer: Viewer, session: GroupSession, *, now: datetime) -> Hub:
    """Return the page of one meeting."""
    changes = may_change(viewer, session, now)
    state = SessionState(session.state)
    with audit.reading(
        viewer, subjects=[session.subject_id], classes=[DataClass.SESSION_MINUTES],
        purpose=audit.Purpose.SESSION, object_type="group_session", object_ids=[session.pk],
    ):  # fmt: skip
        logistics = session.logistics or ""
    row = _rows([session])[0]
    return Hub(
        row=row,
        revision=session.revision,
        logistics=logistics,
        formation=str(Formation(session.formation).label),
        minimum_presence=session.minimum_presence,
        members=members_of(session),
        steps=_steps(session, state, changes),
        act=_act(session, state, row, now) if changes else _member_act(session, state),
        may_change=changes,
        is_ahead=state in (SessionState.PREPARED, SessionState.CONVENED),
        convened_at=session.convened_at,
        # An excluded midnight: the last good day is the one before.
        window_ends_at=session.window_ends_at - timedelta(seconds=1) if session.window_ends_at else None,
    )


def _steps(session: GroupSession, state: SessionState, changes: bool) -> tuple[Step, ...]:
    order = [SessionState.PREPARED, SessionState.CONVENED, SessionState.OPEN, SessionState.CLOSED]
    at = 4 if state == SessionState.APPROVED else order.index(state) if state in order else 0
    at = 2 if state == SessionState.CONVENED and localdate(session.starts_at) <= localdate() else at
    labels = ("Préparer", "Inviter", "Tenir", "Relevé")
    names = (
        "meetings:agenda",
        "meetings:agenda",
        "meetings:room" if changes else "meetings:follow",
        "meetings:minutes",
    )
    steps = []
    for index, (label, name) in enumerate(zip(labels, names, strict=True)):
        open_page = index < 2 or (index == 2 and at >= 1) or (index == 3 and at >= 3)
        if state == SessionState.CONVENED and index == 1:
            standing = "done"
        elif state == SessionState.CONVENED and index == 2:
            standing = "current"
        else:
            standing = "done" if index < at else "current" if index == at else "todo"
        steps.append(Step(label=label, state=standing, url=link(name, session.pk) if open_page else ""))
    return tuple(steps)


def _act(session: GroupSession, state: SessionState, row: MeetingRow, now: datetime) -> Step | None:
    if state == SessionState.PREPARED:
        label = "Revoir l’ordre du jour et inviter" if row.lines else "Construire l’ordre du jour"
        return Step(label=label, state="agenda", url=link("meetings:agenda", session.pk))
    if state == SessionState.CONVENED and localdate(session.starts_at) > localdate(now):
        return Step(label="Revoir l’ordre du jour", state="agenda", url=link("meetings:agenda", session.pk))
    if state in (SessionState.CONVENED, SessionState.OPEN):
        label = "Ouvrir la réunion" if state == SessionState.CONVENED else "Revenir dans la salle"
        return Step(label=label, state="room", url=link("meetings:room", session.pk))
    if state == SessionState.CLOSED:
        return Step(label="Relire le relevé de décisions", state="document", url=link("meetings:minutes", session.pk))
    if state == SessionState.APPROVED:
        return Step(label="Lire le relevé de décisions", state="document", url=link("meetings:minutes", session.pk))
    return None


def _member_act(session: GroupSession, state: SessionState) -> Step | None:
    if state == SessionState.CONVENED:
        return Step(label="Ma préparation", state="edit", url=link("meetings:prepare", session.pk))
    if state == SessionState.OPEN:
        return Step(label="Suivre la réunion", state="room", url=link("meetings:follow", session.pk))
    if state in (SessionState.CLOSED, SessionState.APPROVED):
        return Step(label="Lire le relevé de décisions", state="document", url=link("meetings:minutes", session.pk))
    return None


def last_of(viewer: Viewer, now: datetime) -> GroupSession | None:
    """Return the last meeting of the group not cancelled: what the next one is copied from."""
    rows = facts.visible_to(viewer, now).exclude(state=SessionState.CANCELLED)
    return rows.filter(group_id=viewer.group_id).select_related("group", "territory").order_by("-starts_at").first()
