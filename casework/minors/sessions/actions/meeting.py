"""A meeting before it is held: prepare, agenda, convene, cancel (CLV-21, CLV-26). `room` opens and closes it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils.timezone import localdate, localtime

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, require
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import calendar, mailer, revision
from casework.casefile import format as fr
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.models import CircleMembership, FollowUp, FollowUpGrant
from casework.minors.sessions import agenda, candidates, facts
from casework.minors.sessions.codes import AgendaReason, LineKind, LineState, Presence, SessionState
from casework.minors.sessions.models import AgendaLine, AgendaRequest, GroupSession, SessionMember
from casework.minors.sessions.states import LIFECYCLE
from casework.partners import reads as partners
from casework.partners.codes import Formation
from casework.partners.models import Mandate, Organisation, WatchGroup
from casework.sealing import keys

WINDOW_WORKING_DAYS = 15
MAX_MINUTES = 240
BEFORE = (SessionState.PREPARED, SessionState.CONVENED)


@dataclass(frozen=True, kw_only=True)
class MeetingData:
    """When, where, who. `organisation_ids` are the services invited."""

    starts_at: datetime
    ends_at: datetime
    place: str
    organisation_ids: tuple[UUID, ...]
    logistics: str = ""


def prepare(*, by: Viewer, data: MeetingData, now: datetime) -> GroupSession:
    """Prepare a meeting of the viewer's group; its rules give the formation and the minimum presence.

    Raises AccessRefused, InputRefused (dates, no service), GuardRefused (no group rules).
    """
    if by.group_id is None:
        raise GuardRefused("Aucun groupe de travail n’est ouvert sur ce territoire.")
    group = WatchGroup.objects.select_related("territory").get(pk=by.group_id)
    session = GroupSession(id=uuid.uuid4(), group=group, territory=group.territory, state=SessionState.PREPARED)
    session.subject_id = session.pk
    require(by, Action.CREATE, facts.session_facts(session, DataClass.SESSION_MINUTES, now), now)
    _check(data, now)
    rules = partners.group_rules(group, localdate(now))
    if rules is None:
        raise GuardRefused("Aucun règlement intérieur n’est en vigueur : adoptez-le avant de préparer une réunion.")
    session.starts_at, session.ends_at, session.place = data.starts_at, data.ends_at, data.place.strip()
    session.logistics = data.logistics.strip()
    session.minimum_presence, session.formation = rules.minimum_presence, rules.formation
    session.created_by = by.mandate_id
    keys.ensure(session.pk)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(session, SessionState.PREPARED, w=w, by=by, now=now)
        set_members(w, session, data.organisation_ids, now)
    return session


def change(
    *, by: Viewer, session: GroupSession, data: MeetingData, now: datetime, expected: int | None, link: str = ""
) -> None:
    """Change date, place or services of a meeting not held yet; those already invited are told of the new hour."""
    facts.require_on(by, session, Action.CHANGE, now)
    if session.state not in (SessionState.PREPARED, SessionState.CONVENED):
        raise GuardRefused("Cette réunion a déjà eu lieu.")
    _check(data, now)
    keys.ensure(session.pk)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.select_related("group", "territory"), session.pk, expected)
        moved = (row.starts_at, row.place) != (data.starts_at, data.place.strip())
        revision.save(
            row, starts_at=data.starts_at, ends_at=data.ends_at, place=data.place.strip(),
            logistics=data.logistics.strip(),
        )  # fmt: skip
        set_members(w, row, data.organisation_ids, now)
        if row.state == SessionState.CONVENED:
            row.window_ends_at = window_end(row, now)
            row.save()
            lines = list(row.lines.filter(kind=LineKind.SITUATION).select_related("follow_up"))
            close_windows(w, session=row, follow_ups=_situations(row), at=now)
            open_windows(w, session=row, lines=lines, by=by, now=now)
        schedule(row)
        if moved and row.state == SessionState.CONVENED:
            _tell(row, first=f"La réunion de la cellule est déplacée : elle a lieu {_when(row)}.", link=link, now=now)
        w.note(Act.CHANGE, row)
    session.refresh_from_db()


def _check(data: MeetingData, now: datetime) -> None:
    if data.ends_at <= data.starts_at:
        raise InputRefused("L’heure de fin doit suivre l’heure de début.", field="ends_at")
    if data.ends_at - data.starts_at > timedelta(hours=12):
        raise InputRefused("Une réunion dure au plus une journée.", field="ends_at")
    if data.ends_at <= now:
        raise InputRefused("Cette date est déjà passée.", field="starts_at")
    if data.starts_at > now + timedelta(days=366):
        raise InputRefused("Cette date est à plus d’un an.", field="starts_at")
    if not data.place.strip():
        raise InputRefused("Indiquez le lieu.", field="place")
    if not data.organisation_ids:
        raise InputRefused("Choisissez au moins un service.", field="organisations")


def set_members(w: Writing, session: GroupSession, organisation_ids: Iterable[UUID], now: datetime) -> None:
    """Invite exactly these services of the group; keep what is already known of the others' presence."""
    seated = {row.pk for row in partners.member_organisations(session.group, now)}
    wanted = set(organisation_ids) & seated
    held = {row.organisation_id: row for row in session.members.filter(is_guest=False)}
    SessionMember.objects.bulk_create(
        SessionMember(session=session, organisation_id=organisation_id)
        for organisation_id in sorted(wanted - held.keys())
    )
    gone = held.keys() - wanted
    session.members.filter(is_guest=False, organisation_id__in=gone).delete()
    AgendaLine.asked.through.objects.filter(agendaline__session=session, organisation__in=gone).delete()


def add_line(
    *,
    by: Viewer,
    session: GroupSession,
    follow_up: FollowUp,
    reasons: Sequence[agenda.Reason] = (agenda.Reason(AgendaReason.ADDED),),
    minutes: int = agenda.DEFAULT_MINUTES,
    now: datetime,
) -> AgendaLine:
    """Put one situation on the agenda by hand. Raises GuardRefused when it is already there."""
    facts.require_on(by, session, Action.CHANGE, now)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        line = put_line(w, by=by, session=session, follow_up=follow_up, reasons=reasons, minutes=minutes, now=now)
        _take_requests(session, [follow_up.pk])
        schedule(session)
    return line


def put_line(
    w: Writing,
    *,
    by: Actor,
    session: GroupSession,
    follow_up: FollowUp,
    reasons: Sequence[agenda.Reason],
    minutes: int,
    now: datetime,
) -> AgendaLine:
    """Write one line inside a transaction already open; the services of the circle are asked by default."""
    if session.lines.filter(follow_up=follow_up).exists():
        raise GuardRefused("Cette situation est déjà à l’ordre du jour.")
    last = session.lines.aggregate(position=Max("position"), number=Max("day_number"))
    line = AgendaLine(
        subject_id=follow_up.subject_id,
        territory_id=session.territory_id,
        session=session,
        kind=LineKind.SITUATION,
        follow_up=follow_up,
        position=(last["position"] or 0) + 1,
        day_number=(last["number"] or 0) + 1,
        minutes=minutes,
        reasons=[{"reason": str(reason.code), "n": reason.n} for reason in reasons],
    )
    line.save()
    invited = session.members.filter(is_guest=False).values("organisation_id")
    line.asked.set(
        Organisation.objects.filter(
            pk__in=follow_up.circle.filter(ends_at=None, organisation__in=invited).values("organisation_id")
        )
    )
    w.note(Act.CREATE, line, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why="agenda")
    if session.state in (SessionState.CONVENED, SessionState.OPEN):
        open_windows(w, session=session, lines=[line], by=by, now=now)
    return line


@dataclass(frozen=True)
class Built:
    """What a build of the agenda changed: lines put on it, lines whose reasons are gone."""

    added: int
    removed: int


def build_agenda(*, by: Viewer, session: GroupSession, now: datetime) -> Built:
    """Bring the agenda up to the rule (CLV-21): new lines with their reasons, reasons of the others refreshed.

    The order made by hand and the lines added by hand stay. A line that no rule asks for any more leaves, as long
    as nobody has been told of it. On the first build « par cercle », lines are put in blocks.
    Raises AccessRefused, GuardRefused (the meeting has been held).
    """
    facts.require_on(by, session, Action.CHANGE, now)
    if session.state not in BEFORE:
        raise GuardRefused("L’ordre du jour ne change plus : la réunion a commencé.")
    day = localdate(session.starts_at)
    found = candidates.of(session, day)
    proposals = {row.follow_up_id: row for row in agenda.build(found, day)}
    rows = FollowUp.objects.filter(pk__in=proposals)
    situations = {row.pk: row for row in followup_facts.not_over(rows, now)}
    proposals = {key: row for key, row in proposals.items() if key in situations}
    with audit.writing(by, now=now) as w:
        lines = list(session.lines.select_for_update(of=("self",)).filter(kind=LineKind.SITUATION))
        gone = [line for line in lines if _may_leave(session, line) and line.follow_up_id not in proposals]
        for line in gone:
            w.note(Act.DELETE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="agenda")
        session.lines.filter(pk__in=[line.pk for line in gone]).delete()
        known = [
            (line, proposal)
            for line in lines
            if line.follow_up_id and (proposal := proposals.pop(line.follow_up_id, None)) is not None
        ]
        _refresh(known)
        new = [(situations[key], proposal) for key, proposal in proposals.items()]
        put_lines(w, by=by, session=session, new=new, now=now)
        _take_requests(session, [follow_up.pk for follow_up, _ in new] + [line.follow_up_id for line in lines])
        if not lines and session.formation == Formation.BY_CIRCLE:
            _arrange(session)
        elif gone and session.state == SessionState.PREPARED:
            _renumber(session)
        schedule(session)
        w.note(Act.CHANGE, session, why="agenda", n=len(new))
    return Built(len(new), len(gone))


def _may_leave(session: GroupSession, line: AgendaLine) -> bool:
    by_hand = any(row.get("reason") == AgendaReason.ADDED for row in line.reasons)
    return session.state == SessionState.PREPARED and not by_hand and line.state == LineState.WAITING


def _refresh(known: Iterable[tuple[AgendaLine, agenda.Proposal]]) -> None:
    """Write the reasons of today on the lines that stay, those put by hand kept."""
    changed = []
    for line, proposal in known:
        by_hand = [row for row in line.reasons if row.get("reason") == AgendaReason.ADDED]
        reasons = [{"reason": str(reason.code), "n": reason.n} for reason in proposal.reasons] + by_hand
        if reasons != line.reasons:
            line.reasons, line.revision = reasons, line.revision + 1
            changed.append(line)
    AgendaLine.objects.bulk_update(changed, ["reasons", "revision"])


def _take_requests(session: GroupSession, follow_up_ids: Iterable[UUID | None]) -> None:
    """Mark what services asked for as taken by this meeting."""
    AgendaRequest.objects.filter(follow_up_id__in=[pk for pk in follow_up_ids if pk]).update(taken_in=session.pk)


def put_lines(
    w: Writing,
    *,
    by: Actor,
    session: GroupSession,
    new: Sequence[tuple[FollowUp, agenda.Proposal]],
    now: datetime,
) -> list[AgendaLine]:
    """Write many lines at once after the others; the services of each circle that are invited are asked."""
    last = session.lines.aggregate(position=Max("position"), number=Max("day_number"))
    position, number = last["position"] or 0, last["number"] or 0
    lines = [
        AgendaLine(
            subject_id=follow_up.subject_id,
            territory_id=session.territory_id,
            session=session,
            kind=LineKind.SITUATION,
            follow_up=follow_up,
            position=position + rank,
            day_number=number + rank,
            minutes=proposal.minutes,
            reasons=[{"reason": str(reason.code), "n": reason.n} for reason in proposal.reasons],
        )
        for rank, (follow_up, proposal) in enumerate(new, start=1)
    ]
    AgendaLine.objects.bulk_create(lines)
    by_situation = {line.follow_up_id: line for line in lines}
    invited = session.members.filter(is_guest=False).values("organisation_id")
    circle = CircleMembership.objects.filter(follow_up__in=by_situation, ends_at=None, organisation__in=invited)
    through = AgendaLine.asked.through
    through.objects.bulk_create(
        through(agendaline_id=by_situation[follow_up_id].pk, organisation_id=organisation_id)
        for follow_up_id, organisation_id in circle.values_list("follow_up_id", "organisation_id")
    )
    for line in lines:
        w.note(Act.CREATE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="agenda")
    if session.state in (SessionState.CONVENED, SessionState.OPEN):
        open_windows(w, session=session, lines=lines, by=by, now=now)
    return lines


def arrange(*, by: Viewer, session: GroupSession, now: datetime) -> None:
    """Put the lines in blocks so that each service arrives and leaves once (formation par cercle)."""
    facts.require_on(by, session, Action.CHANGE, now)
    if session.state not in BEFORE:
        raise GuardRefused("L’ordre du jour ne change plus : la réunion a commencé.")
    with audit.writing(by, now=now) as w:
        _arrange(session)
        schedule(session)
        w.note(Act.CHANGE, session, why="blocks")


def _arrange(session: GroupSession) -> None:
    slots = agenda.in_blocks(slots_of(session))
    lines = {line.pk: line for line in session.lines.select_for_update(of=("self",))}
    _place([lines[slot.key] for slot in slots])
    if session.state == SessionState.PREPARED:
        _renumber(session)


def _place(lines: Sequence[AgendaLine]) -> None:
    """Give locked lines these places. The order is no content: a form open on a line keeps its revision."""
    moved = []
    for position, line in enumerate(lines, start=1):
        if line.position != position:
            line.position = position
            moved.append(line)
    AgendaLine.objects.bulk_update(moved, ["position"])


def slots_of(session: GroupSession) -> list[agenda.Slot]:
    """Return the lines in order, with the services asked; whoever prepares the meeting is always there."""
    host = host_of(session)
    lines = session.lines.order_by("position", "day_number").prefetch_related("asked")
    return [
        agenda.Slot(line.pk, frozenset(row.pk for row in line.asked.all() if row.pk != host), line.minutes)
        for line in lines
    ]


def host_of(session: GroupSession) -> UUID | None:
    """Return the service that holds the meeting: the one of whoever prepared it."""
    if session.created_by is None:
        return None
    return Mandate.objects.filter(pk=session.created_by).values_list("organisation_id", flat=True).first()


def schedule(session: GroupSession) -> None:
    """Write when each service is expected: par cercle, at its first situation; else at the start."""
    host = host_of(session)
    found = agenda.presences(slots_of(session)) if session.formation == Formation.BY_CIRCLE else {}
    changed = []
    for member in session.members.filter(is_guest=False):
        at: datetime | None = session.starts_at
        if session.formation == Formation.BY_CIRCLE and member.organisation_id != host:
            presence = found.get(member.organisation_id)
            at = session.starts_at + timedelta(minutes=presence.arrives) if presence else None
        if member.arrives_at != at:
            member.arrives_at, member.revision = at, member.revision + 1
            changed.append(member)
    SessionMember.objects.bulk_update(changed, ["arrives_at", "revision"])


def ask_for(*, by: Viewer, follow_up: FollowUp, now: datetime) -> AgendaRequest:
    """Ask that a situation of the viewer's circle be put on the next agenda (reason « demandée par un partenaire »).

    Raises AccessRefused (not in the circle), GuardRefused (asked already, or a state never examined).
    """
    followup_facts.require_on(by, follow_up, Action.CREATE, DataClass.YOUTH_REVIEW, now)
    if follow_up.state not in candidates.STAGES:
        raise GuardRefused("Cette situation ne peut pas être examinée dans son état actuel.")
    with audit.writing(by, now=now) as w:
        FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
        if follow_up.agenda_requests.filter(organisation_id=by.organisation_id, taken_in=None).exists():
            raise GuardRefused("Votre service a déjà demandé l’examen de cette situation.")
        request = AgendaRequest(
            subject_id=follow_up.subject_id,
            territory_id=follow_up.territory_id,
            follow_up=follow_up,
            organisation_id=by.organisation_id,
            asked_by=by.mandate_id,
            asked_at=now,
        )
        request.save(force_insert=True)
        w.note(Act.CREATE, request, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why="asked")
    return request


def take_back(*, by: Viewer, follow_up: FollowUp, now: datetime) -> None:
    """Take back one's own request, as long as no meeting took it."""
    followup_facts.require_on(by, follow_up, Action.CREATE, DataClass.YOUTH_REVIEW, now)
    with audit.writing(by, now=now) as w:
        for request in follow_up.agenda_requests.filter(organisation_id=by.organisation_id, taken_in=None):
            w.note(Act.DELETE, request, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why="asked")
            request.delete()


def _tell(session: GroupSession, *, first: str, link: str, now: datetime) -> None:
    """Queue one neutral message for each representative: that a meeting is held, when, where to look; no more."""
    members = session.members.filter(is_guest=False).exclude(presence=Presence.EXCUSED)
    for member in members.select_related("organisation"):
        lines = ["Bonjour,", "", first]
        if member.arrives_at is not None and member.arrives_at != session.starts_at:
            lines.append(f"Votre service est attendu à partir de {fr.hour(localtime(member.arrives_at))}.")
        if link:
            lines += ["", "Le détail se lit dans l’application, après connexion :", link]
        for mandate in partners.seat_holders(session.group, member.organisation, now):
            mailer.queue(to=mandate.agent.email, subject="Réunion de la cellule", body="\n".join(lines) + "\n", now=now)


def _when(session: GroupSession) -> str:
    return f"le {fr.day(localdate(session.starts_at))} à {fr.hour(localtime(session.starts_at))}, {session.place}"


def remove_line(*, by: Viewer, session: GroupSession, line_id: UUID, now: datetime) -> None:
    """Take a line off the agenda: what it opened closes at once (T-38)."""
    facts.require_on(by, session, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        line = revision.lock(session.lines.filter(state=LineState.WAITING), line_id, None)
        if line.follow_up is not None:
            close_windows(w, session=session, follow_ups=[line.follow_up], at=now)
            AgendaRequest.objects.filter(follow_up=line.follow_up, taken_in=session.pk).delete()
        w.note(Act.DELETE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="agenda")
        line.delete()
        schedule(session)


def reorder(*, by: Viewer, session: GroupSession, line_ids: Sequence[UUID], now: datetime) -> None:
    """Put the lines in this order. Raises InputRefused when the list is not exactly the agenda."""
    facts.require_on(by, session, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        lines = {line.pk: line for line in session.lines.select_for_update(of=("self",))}
        if set(lines) != set(line_ids) or len(line_ids) != len(lines):
            raise InputRefused("L’ordre du jour a changé entre-temps : rechargez la page.")
        _place([lines[line_id] for line_id in line_ids])
        if session.state == SessionState.PREPARED:
            _renumber(session)
        schedule(session)
        w.note(Act.CHANGE, session, why="order")


def _renumber(session: GroupSession) -> None:
    """Give day numbers in agenda order, as long as nobody has been told them."""
    lines = list(session.lines.order_by("position"))
    for offset in (1000, 0):  # two passes: the number is unique within the meeting
        for number, line in enumerate(lines, start=1):
            line.day_number = number + offset
        AgendaLine.objects.bulk_update(lines, ["day_number"])


def set_line(
    *,
    by: Viewer,
    session: GroupSession,
    line_id: UUID,
    minutes: int,
    asked: Iterable[UUID],
    now: datetime,
    expected: int | None = None,
) -> None:
    """Set the minutes of a line and the services asked on it; once convened, doors open or close at once."""
    facts.require_on(by, session, Action.CHANGE, now)
    if not 1 <= minutes <= MAX_MINUTES:
        raise InputRefused("Indiquez une durée en minutes.", field="minutes")
    with audit.writing(by, now=now) as w:
        line = revision.lock(session.lines.all(), line_id, expected)
        invited = set(session.members.filter(is_guest=False).values_list("organisation_id", flat=True))
        line.asked.set(Organisation.objects.filter(pk__in=invited & set(asked)))
        revision.save(line, minutes=minutes)
        schedule(session)
        w.note(Act.CHANGE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="asked")
        if session.state in (SessionState.CONVENED, SessionState.OPEN) and line.follow_up is not None:
            close_windows(w, session=session, follow_ups=[line.follow_up], at=now)
            open_windows(w, session=session, lines=[line], by=by, now=now)


def convene(
    *, by: Viewer, session: GroupSession, now: datetime, expected: int | None = None, link: str = ""
) -> GroupSession:
    """Send the invitation: opens to services asked identity and referral, to all invited the anonymous card.

    `link`: address of the meeting's page, written in the messages.

    The window ends at the approval of the minutes, at most 15 working days after the meeting (design.md §4).
    """
    facts.require_on(by, session, Action.MOVE, now)
    if session.ends_at <= now:
        raise GuardRefused("Cette réunion est déjà passée : changez sa date avant d’envoyer l’invitation.")
    window_ends_at = window_end(session, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            session, SessionState.CONVENED, w=w, by=by, now=now, expected_revision=expected,
            convened_at=now, window_ends_at=window_ends_at,
        )  # fmt: skip
        lines = list(session.lines.filter(kind=LineKind.SITUATION).select_related("follow_up"))
        open_windows(w, session=session, lines=lines, by=by, now=now)
        schedule(session)
        _tell(session, first=f"Une réunion de la cellule est prévue {_when(session)}.", link=link, now=now)
    return session


def window_end(session: GroupSession, now: datetime) -> datetime:
    """Return the last instant of the window: 15 working days after the meeting, local midnight."""
    territory = session.territory
    last = calendar.add_working_days(localdate(session.starts_at), WINDOW_WORKING_DAYS, territory.holiday_set)
    return calendar.end_instant(last, territory.time_zone)


def open_windows(w: Writing, *, session: GroupSession, lines: Sequence[AgendaLine], by: Actor, now: datetime) -> None:
    """Give INVITED to everybody invited and SESSION_WINDOW to the services asked, for each line."""
    holders = {
        member.organisation_id: partners.seats(session.group, member.organisation, now)
        for member in session.members.filter(is_guest=False).select_related("organisation")
    }
    asked: dict[UUID, set[UUID]] = defaultdict(set)
    through = AgendaLine.asked.through
    for line_id, organisation_id in through.objects.filter(agendaline__in=[line.pk for line in lines]).values_list(
        "agendaline_id", "organisation_id"
    ):
        asked[line_id].add(organisation_id)
    doors = [
        grants.Door(
            mandate=seat.mandate, obj=line.follow_up, basis=basis, starts_at=max(now, seat.starts_at),
            ends_at=_first(seat.ends_at, session.window_ends_at), sort_key=line.follow_up.reference,
        )
        for line in lines
        if line.follow_up is not None
        for organisation_id, seats in holders.items()
        for seat in seats
        for basis in (Basis.INVITED, *((Basis.SESSION_WINDOW,) if organisation_id in asked[line.pk] else ()))
    ]  # fmt: skip
    grants.give_many(w, FollowUpGrant, doors, reason="session", by=by)


def _first(*instants: datetime | None) -> datetime | None:
    known = [instant for instant in instants if instant is not None]
    return min(known) if known else None


def close_windows(w: Writing, *, session: GroupSession, follow_ups: Iterable[FollowUp], at: datetime) -> None:
    """Close what the meeting opened on these situations: approval, cancellation, or taken off the agenda."""
    rows = FollowUpGrant.objects.filter(
        content_object__in=list(follow_ups), basis__in=[str(Basis.INVITED), str(Basis.SESSION_WINDOW)]
    )
    grants.close_many(w, FollowUpGrant, grants.live(rows, at), at=at, reason="session")


def cancel(*, by: Viewer, session: GroupSession, now: datetime, expected: int | None = None) -> None:
    """Cancel a meeting not held: whatever it opened closes."""
    facts.require_on(by, session, Action.MOVE, now)
    convened = session.state == SessionState.CONVENED
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(session, SessionState.CANCELLED, w=w, by=by, now=now, expected_revision=expected)
        close_windows(w, session=session, follow_ups=_situations(session), at=now)
        AgendaRequest.objects.filter(taken_in=session.pk).update(taken_in=None)
        if convened:
            session.members.update(arrives_at=None)
            _tell(session, first=f"La réunion de la cellule prévue {_when(session)} est annulée.", link="", now=now)


def _situations(session: GroupSession) -> list[FollowUp]:
    return list(FollowUp.objects.filter(agenda_lines__session=session))
