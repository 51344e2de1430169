"""What is done in the room, one situation at a time: open, decide, keep, review, go on (CLV-23).

The coordinator, or whoever opened the meeting for the group, types. Each act raises the pulse, so that
the members' screens follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import F
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile import revision
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem, LocalItemQuerySet
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups.actions import circle, schemes, stages, steps
from casework.minors.followups.codes import (
    OPEN_RESULTS,
    ActionResult,
    ActionType,
    CircleReason,
    EndReason,
    Outcome,
    SchemeState,
    Stage,
    StepOne,
    StepThree,
    StepTwo,
    SuspendReason,
)
from casework.minors.followups.models import Action, CircleMembership, FollowUp, RestrictedPoint, SchemeStatus
from casework.minors.followups.states import LIFECYCLE as FOLLOW_UP_LIFECYCLE
from casework.minors.sessions import facts
from casework.minors.sessions.codes import LineKind, LineState, Presence, QuestionAdvice, SessionState
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession, Review, SessionMember
from casework.minors.sessions.states import LIFECYCLE
from casework.partners import reads as partners
from casework.partners.codes import Formation, OrganisationKind
from casework.partners.models import Organisation
from casework.sealing import keys


@dataclass(frozen=True, kw_only=True)
class ReviewData:
    """The three coded answers and what follows. Codes only (SIT-06)."""

    step1: str = StepOne.UNKNOWN
    step2: str = StepTwo.NOTHING_NEW
    step3: str = StepThree.UNCHANGED
    outcome: str = Outcome.CONTINUE
    review_on: date | None = None
    reason: str = ""  # end or suspend reason
    lead_id: UUID | None = None
    programme_id: UUID | None = None
    put_off: str = ""

    def steps(self) -> dict[str, str]:
        """Return the sealed content of a review. Raises InputRefused on a code that is not in its list."""
        try:
            return {
                "step1": StepOne(self.step1).value,
                "step2": StepTwo(self.step2).value,
                "step3": StepThree(self.step3).value,
                "outcome": Outcome(self.outcome).value,
            }
        except ValueError:
            raise InputRefused("Choisissez une valeur de la liste.") from None


@dataclass(frozen=True, kw_only=True)
class DecisionData:
    """One decision: who, what, before when, at most 100 characters of precision."""

    kind: str
    owner_id: UUID
    due_on: date
    precision: str = ""
    after_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class SheetData:
    """What was written on the paper sheet for one situation: results, decisions, attendance, what follows."""

    review: ReviewData
    results: Mapping[UUID, str]
    decisions: Sequence[DecisionData] = ()
    present: Sequence[UUID] = ()


def start(*, by: Viewer, session: GroupSession, presences: Mapping[UUID, str], now: datetime) -> None:
    """Say who came and start the meeting, in one act: the timer runs, screens follow.

    Raises AccessRefused, GuardRefused (no rules in force, minimum presence), InputRefused (unknown presence).
    """
    facts.require_on(by, session, Ask.MOVE, now)
    with audit.writing(by, now=now) as w:
        _set_presences(session, presences, now)
        LIFECYCLE.apply(
            session, SessionState.OPEN, w=w, by=by, now=now, opened_at=now, opened_by=by.mandate_id,
            pulse=session.pulse + 1,
        )  # fmt: skip


def set_presences(*, by: Viewer, session: GroupSession, presences: Mapping[UUID, str], now: datetime) -> None:
    """Say who came, before or during the meeting."""
    facts.require_on(by, session, Ask.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        _set_presences(row, presences, now)
        _beat(row, session)
        w.note(Act.CHANGE, row, why="presence")


def _set_presences(session: GroupSession, presences: Mapping[UUID, str], now: datetime) -> None:
    """Write who came; the service's representative stands beside it on the attendance sheet."""
    members = session.members.select_for_update(of=("self",)).filter(pk__in=presences, is_guest=False)
    for member in members.select_related("organisation"):
        value = presences[member.pk]
        if value not in Presence.values:
            raise InputRefused("Choisissez une présence de la liste.")
        if member.presence != value:
            holders = partners.seat_holders(session.group, member.organisation, now)
            came = holders[0] if value == Presence.PRESENT and holders else None
            revision.save(member, presence=value, mandate=came)


def add_guest(*, by: Viewer, session: GroupSession, organisation_id: UUID, now: datetime) -> None:
    """Let a guest without function sit in: no name can be shown while they are in the room."""
    facts.require_on(by, session, Ask.CHANGE, now)
    organisation = Organisation.objects.filter(
        pk=organisation_id, territory_id=session.territory_id, is_active=True
    ).first()
    if organisation is None:
        raise InputRefused("Choisissez un service.", field="organisation")
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        SessionMember.objects.create(session=row, organisation=organisation, presence=Presence.PRESENT, is_guest=True)
        _beat(row, session)
        w.note(Act.CHANGE, row, why="guest.in")


def guest_leaves(*, by: Viewer, session: GroupSession, member_id: UUID, now: datetime) -> None:
    """Note that a guest left the room; the row stays, for the attendance sheet."""
    facts.require_on(by, session, Ask.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        member = revision.lock(row.members.filter(is_guest=True), member_id, None)
        revision.save(member, presence=Presence.EXCUSED)
        _beat(row, session)
        w.note(Act.CHANGE, row, why="guest.out")


def open_line(*, by: Viewer, session: GroupSession, line_id: UUID, now: datetime) -> AgendaLine:
    """Bring one line on the table; the one before waits again unless it was settled.

    Attendance is carried over from the line before, else from who is present at the meeting.
    """
    _require_open(by, session, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        line = _bring(w, row, line_id, now)
        _beat(row, session)
    return line


def _bring(w: Writing, row: GroupSession, line_id: UUID, now: datetime) -> AgendaLine:
    """Open one line of a locked meeting."""
    for other in row.lines.select_for_update(of=("self",)).filter(state=LineState.OPENED).exclude(pk=line_id):
        _pause(other, now)
    line = revision.lock(row.lines.all(), line_id, None)
    if line.state == LineState.OPENED and row.current_line == line.pk:
        return line
    if line.opened_at is None:
        line.present.set(_attendance(row, line))
    # On and off the table is no change of content: a form typed before keeps its revision.
    line.state, line.opened_at = LineState.OPENED, now
    line.save()
    row.current_line = line.pk
    w.note(Act.VIEW, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="opened")
    return line


def _attendance(row: GroupSession, line: AgendaLine) -> list[Organisation]:
    """Return who is in the room for this line: by circle, the services asked and the commune; else as for the line before."""
    here = _present(row)
    if row.formation == Formation.BY_CIRCLE:
        asked = set(line.asked.values_list("pk", flat=True))
        if asked:
            return [one for one in here if one.pk in asked or one.kind == OrganisationKind.MUNICIPALITY]
    before = row.lines.filter(state__in=(LineState.DONE, LineState.POSTPONED), opened_at__isnull=False)
    last = before.order_by("-opened_at").first()
    return list(last.present.all()) if last else here


def _pause(line: AgendaLine, now: datetime) -> None:
    """Stop the timer of a line; one already settled goes back to what was settled."""
    spent = int((now - line.opened_at).total_seconds()) if line.opened_at else 0
    settled = Review.objects.filter(line=line).exists()
    state = LineState.DONE if settled else LineState.WAITING
    line.state, line.spent_seconds = state, line.spent_seconds + max(0, spent)
    line.save()


def _present(session: GroupSession) -> list[Organisation]:
    return [
        member.organisation
        for member in session.members.filter(presence=Presence.PRESENT, is_guest=False).select_related("organisation")
    ]


def _beat(row: GroupSession, session: GroupSession) -> None:
    row.pulse += 1
    row.save()
    session.pulse, session.current_line = row.pulse, row.current_line


def _require_open(by: Viewer, session: GroupSession, now: datetime) -> None:
    facts.require_on(by, session, Ask.MOVE, now)
    if session.state != SessionState.OPEN:
        raise GuardRefused("La réunion n’est pas ouverte.")


def _opened(session: GroupSession, line_id: UUID) -> AgendaLine:
    line = session.lines.select_related("follow_up__person", "follow_up__group").filter(pk=line_id).first()
    if line is None or line.state != LineState.OPENED:
        raise GuardRefused("Ouvrez d’abord cette situation.")
    return line


def _follow_up(line: AgendaLine) -> FollowUp:
    if line.follow_up is None:
        raise GuardRefused("Cette ligne est une question sans nom.")
    return line.follow_up


def set_attendance(
    *, by: Viewer, session: GroupSession, line_id: UUID, organisation_ids: Iterable[UUID], now: datetime
) -> None:
    """Say which services are in the room for this situation."""
    _require_open(by, session, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        line = revision.lock(row.lines.all(), line_id, None)
        line.present.set(Organisation.objects.filter(pk__in=set(organisation_ids), territory_id=row.territory_id))
        _beat(row, session)
        w.note(Act.CHANGE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="attendance")


def decide(*, by: Viewer, session: GroupSession, line_id: UUID, data: DecisionData, now: datetime) -> Action:
    """Record one decision of the meeting; a service not yet in the circle enters it by this decision.

    Raises AccessRefused, InputRefused (service, kind, date, precision), GuardRefused (line not open).
    """
    _require_open(by, session, now)
    follow_up = _follow_up(_opened(session, line_id))
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        action = _decide(w, by=by, row=row, follow_up=follow_up, data=data, now=now)
        _beat(row, session)
    return action


def _decide(
    w: Writing, *, by: Viewer, row: GroupSession, follow_up: FollowUp, data: DecisionData, now: datetime
) -> Action:
    owner = Organisation.objects.filter(pk=data.owner_id, territory_id=row.territory_id, is_active=True).first()
    if owner is None:
        raise InputRefused("Choisissez un service.", field="who")
    if data.kind not in ActionType.values:
        raise InputRefused("Choisissez une décision de la liste.", field="what")
    if not steps.open_stage(follow_up):
        raise GuardRefused("Aucune décision ne peut être prise sur cette situation dans son état actuel.")
    if not CircleMembership.objects.filter(follow_up=follow_up, organisation=owner, ends_at=None).exists():
        circle.add(w, by=by, follow_up=follow_up, organisation=owner, reason=CircleReason.DECISION, now=now)
    return steps.add(
        w, by=by, follow_up=follow_up, kind=data.kind, owner=owner, due_on=data.due_on, now=now,
        precision=data.precision, after_id=data.after_id, decided_in=row.pk,
    )  # fmt: skip


def settle(
    *,
    by: Viewer,
    session: GroupSession,
    line_id: UUID,
    action_id: UUID,
    result: str,
    now: datetime,
    expected: int | None = None,
) -> None:
    """Give a decision of last time its coded result, in the room."""
    _require_open(by, session, now)
    follow_up = _follow_up(_opened(session, line_id))
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        _settle(w, follow_up, action_id, result, now, expected)
        _beat(row, session)


def _settle(
    w: Writing, follow_up: FollowUp, action_id: UUID, result: str, now: datetime, expected: int | None = None
) -> None:
    if result not in ActionResult.values:
        raise InputRefused("Choisissez un résultat de la liste.")
    action = revision.lock(Action.objects.filter(follow_up=follow_up), action_id, expected)
    steps.settle(w, action, result=ActionResult(result), now=now)


def set_scheme(*, by: Viewer, session: GroupSession, line_id: UUID, item_id: UUID, state: str, now: datetime) -> None:
    """Say in one click where a scheme stands (question 1): one noted before, or one of the usual list never noted."""
    _require_open(by, session, now)
    follow_up = _follow_up(_opened(session, line_id))
    status = SchemeStatus.objects.filter(follow_up=follow_up, item=item_id).select_related("item", "owner").first()
    item = status.item if status is not None else usual_schemes(session, now).filter(pk=item_id).first()
    if item is None:
        raise InputRefused("Choisissez un dispositif de la liste.")
    ends_on = status.ends_on if status is not None else None
    runs_on = state == SchemeState.ACTIVE and ends_on is not None and ends_on >= localdate(now)
    schemes.set_state(
        by=by, follow_up=follow_up, item=item, owner=status.owner if status is not None else None, state=state, now=now,
        ends_on=ends_on if runs_on else None,
    )  # fmt: skip
    GroupSession.objects.filter(pk=session.pk).update(pulse=F("pulse") + 1)  # technical: tells the screens


def usual_schemes(session: GroupSession, now: datetime) -> LocalItemQuerySet:
    """Return the usual schemes of the territory: those asked about, noted or not."""
    return LocalItem.objects.of(session.territory_id, ListCode.SCHEME).valid_on(localdate(now))


def undo(*, by: Viewer, session: GroupSession, line_id: UUID, action_id: UUID, now: datetime) -> None:
    """Take back a decision just typed in this meeting, while its situation is still open."""
    _require_open(by, session, now)
    follow_up = _follow_up(_opened(session, line_id))
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        action = revision.lock(Action.objects.filter(follow_up=follow_up, decided_in=session.pk), action_id, None)
        w.note(Act.DELETE, action, subjects=[action.subject_id], classes=[DataClass.YOUTH_REVIEW], why="undo")
        action.delete()
        _beat(row, session)


def keep(
    *, by: Viewer, session: GroupSession, line_id: UUID, now: datetime, expected: int | None = None,
    go_on: UUID | None = None,
) -> Review:  # fmt: skip
    """« On garde »: open decisions stay as they are, those typed today are told, the situation is settled.

    `go_on`: the line to bring on the table in the same act.
    """
    line = session.lines.select_related("follow_up").filter(pk=line_id).first()
    follow_up = line.follow_up if line is not None else None
    outcome = Outcome.CONTINUE if follow_up is not None and follow_up.state == Stage.FOLLOWED else Outcome.POSTPONE
    running = SchemeStatus.objects.filter(follow_up=follow_up, state=SchemeState.ACTIVE).exists()
    added = Action.objects.filter(follow_up=follow_up, decided_in=session.pk).exists()
    data = ReviewData(
        step1=StepOne.ACTIVE if running else StepOne.UNKNOWN,
        step2=StepTwo.CHAINED if added else StepTwo.KEPT,
        step3=StepThree.ADDED if added else StepThree.UNCHANGED,
        outcome=outcome,
    )
    return review(
        by=by, session=session, line_id=line_id, data=data, now=now, expected=expected, go_on=go_on
    )  # fmt: skip


def review(
    *, by: Viewer, session: GroupSession, line_id: UUID, data: ReviewData, now: datetime,
    expected: int | None = None, go_on: UUID | None = None,
) -> Review:  # fmt: skip
    """Settle one situation: three coded steps, what follows, when it comes back. Its outcome moves the file.

    Raises AccessRefused, InputRefused, GuardRefused (a condition of the move is missing), ConflictRefused.
    """
    _require_open(by, session, now)
    line = _opened(session, line_id)
    follow_up = _follow_up(line)
    data.steps()
    keys.ensure(follow_up.subject_id)
    ends = data.outcome == Outcome.END
    with stages.guard_gate(by, follow_up, Purpose.SESSION, ends=ends), audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        locked = revision.lock(row.lines.all(), line_id, expected)
        record = _review(w, by=by, row=row, line=locked, follow_up=follow_up, data=data, now=now)
        if go_on is not None:
            _bring(w, row, go_on, now)
        _beat(row, session)
    return record


def _review(
    w: Writing, *, by: Viewer, row: GroupSession, line: AgendaLine, follow_up: FollowUp, data: ReviewData,
    now: datetime,
) -> Review:  # fmt: skip
    data = replace(data, review_on=_comes_back(row, follow_up, data, localdate(now)))
    _move(w, by=by, follow_up=follow_up, data=data, now=now)
    record = Review.objects.filter(line=line).first() or Review(
        subject_id=follow_up.subject_id, territory_id=row.territory_id, line=line, follow_up=follow_up
    )
    record.held_on, record.steps, record.review_on = localdate(now), data.steps(), data.review_on
    record.save()
    _pause(line, now)
    postponed = data.outcome == Outcome.POSTPONE
    revision.save(line, state=LineState.POSTPONED if postponed else LineState.DONE)
    row.current_line = None
    untabled = RestrictedPoint.objects.filter(follow_up=follow_up, tabled_in=None, held_at__lte=now)
    for point in untabled.select_for_update(of=("self",)):
        revision.save(point, tabled_in=row.pk)
    w.note(Act.CREATE, record, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW],
           why=str(data.outcome))  # fmt: skip
    return record


def _comes_back(row: GroupSession, follow_up: FollowUp, data: ReviewData, today: date) -> date | None:
    """Return when a situation that goes on is seen again: the day said, the one planned if still ahead, else next meeting.

    A review never leaves its own day behind it (domain.md §10.1: monthly). Raises InputRefused on a day not ahead.
    """
    if data.outcome not in (Outcome.CONTINUE, Outcome.FOLLOW):
        return None
    if data.review_on is not None and data.review_on <= today:
        raise InputRefused("Choisissez un jour à venir.", field="review_on")
    if data.review_on is None and follow_up.next_review_on is not None and follow_up.next_review_on > today:
        return follow_up.next_review_on
    return data.review_on or facts.next_meeting_day(row, today)


def from_sheet(*, by: Viewer, session: GroupSession, line_id: UUID, data: SheetData, now: datetime) -> Review:
    """Record what was written on paper for one situation, all or nothing: attendance, results, decisions, suite.

    Raises AccessRefused, InputRefused, GuardRefused (meeting not open, or situation already settled).
    """
    _require_open(by, session, now)
    line = session.lines.select_related("follow_up__person", "follow_up__group").filter(pk=line_id).first()
    if line is None or line.state in (LineState.DONE, LineState.POSTPONED):
        raise GuardRefused("Cette situation est déjà conclue.")
    follow_up = _follow_up(line)
    data.review.steps()
    keys.ensure(follow_up.subject_id)
    ends = data.review.outcome == Outcome.END
    with stages.guard_gate(by, follow_up, Purpose.SESSION, ends=ends), audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        locked = _bring(w, row, line_id, now)
        if data.present:
            locked.present.set(Organisation.objects.filter(pk__in=data.present, territory_id=row.territory_id))
        for action_id, result in data.results.items():
            _settle(w, follow_up, action_id, result, now)
        for decision in data.decisions:
            _decide(w, by=by, row=row, follow_up=follow_up, data=decision, now=now)
        record = _review(w, by=by, row=row, line=locked, follow_up=follow_up, data=data.review, now=now)
        _beat(row, session)
    return record


def advise(
    *, by: Viewer, session: GroupSession, line_id: UUID, advice: str, now: datetime, go_on: UUID | None = None,
    bring: bool = False,
) -> None:  # fmt: skip
    """Answer a question without a name by one coded advice; the line is settled (SEC-09).

    `bring`: put it on the table in the same act, when what was said on paper is typed.
    Raises AccessRefused, InputRefused (not in the list), GuardRefused (not a question, not open, settled).
    """
    _require_open(by, session, now)
    if advice not in QuestionAdvice.values:
        raise InputRefused("Choisissez un conseil de la liste.", field="advice")
    line = session.lines.select_related("question").filter(pk=line_id).first()
    if line is None or line.question is None:
        raise GuardRefused("Cette ligne n’est pas une question sans nom.")
    if bring and line.state in (LineState.DONE, LineState.POSTPONED):
        raise GuardRefused("Cette question a déjà son conseil.")
    if not bring and line.state != LineState.OPENED:
        raise GuardRefused("Ouvrez d’abord cette question.")
    keys.ensure(line.question.subject_id)
    with audit.writing(by, now=now) as w:
        row = revision.lock(GroupSession.objects.all(), session.pk, None)
        locked = _bring(w, row, line_id, now) if bring else revision.lock(row.lines.all(), line_id, None)
        question = revision.lock(AnonymousQuestion.objects.all(), line.question.pk, None)
        revision.save(question, advice=advice)
        _pause(locked, now)
        revision.save(locked, state=LineState.DONE)
        row.current_line = None
        if go_on is not None:
            _bring(w, row, go_on, now)
        _beat(row, session)
        w.note(Act.CHANGE, question, classes=[DataClass.YOUTH_CARD], why=advice)


def _move(w: Writing, *, by: Viewer, follow_up: FollowUp, data: ReviewData, now: datetime) -> None:
    """Carry the outcome into the lifecycle of the situation (domain.md §10.1)."""
    today = localdate(now)
    outcome = Outcome(data.outcome)
    if outcome == Outcome.FOLLOW:
        lead, programme = _lead_and_programme(follow_up, data)
        stages.start(
            w, by=by, follow_up=follow_up, lead=lead, programme=programme, next_review_on=data.review_on,
            now=now, put_off=data.put_off,
        )  # fmt: skip
    elif outcome == Outcome.CONTINUE and follow_up.state == Stage.FOLLOWED:
        FOLLOW_UP_LIFECYCLE.apply(
            follow_up, Stage.FOLLOWED, w=w, by=by, now=now, last_reviewed_on=today, sessions_missed=0,
            next_review_on=data.review_on,
        )  # fmt: skip
    elif outcome == Outcome.SUSPEND:
        FOLLOW_UP_LIFECYCLE.apply(
            follow_up, Stage.SUSPENDED, w=w, by=by, now=now,
            suspend_reason=_code(SuspendReason, data.reason), last_reviewed_on=today,
        )  # fmt: skip
    elif outcome == Outcome.END:
        stages.finish(w, by=by, follow_up=follow_up, reason=_code(EndReason, data.reason), now=now)
    elif outcome == Outcome.REJECT:
        FOLLOW_UP_LIFECYCLE.apply(follow_up, Stage.REJECTED, w=w, by=by, now=now, erase_on=stages.erase_day(now))
    elif outcome == Outcome.CONTINUE:
        raise InputRefused("Cette situation n’est pas encore suivie : « entrer en suivi », reporter ou ne pas suivre.")


def _code(codes: type[EndReason] | type[SuspendReason], value: str) -> str:
    try:
        return codes(value).value
    except ValueError:
        raise InputRefused("Choisissez un motif.", field="reason") from None


def _lead_and_programme(follow_up: FollowUp, data: ReviewData) -> tuple[Organisation, LocalItem]:
    services = Organisation.objects.filter(territory_id=follow_up.territory_id, is_active=True)
    lead = services.filter(pk__in=[data.lead_id]).first()
    if lead is None:
        raise InputRefused("Désignez le référent de parcours.", field="lead")
    programme = LocalItem.objects.filter(pk__in=[data.programme_id], territory_id=follow_up.territory_id).first()
    if programme is None:
        raise InputRefused("Choisissez le programme.", field="programme")
    return lead, programme


def close_session(*, by: Viewer, session: GroupSession, now: datetime, expected: int | None = None) -> None:
    """Close the meeting: what was not examined counts one meeting more, late decisions wait one more."""
    _require_open(by, session, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            session, SessionState.CLOSED, w=w, by=by, now=now, expected_revision=expected, closed_at=now,
            current_line=None, pulse=session.pulse + 1,
        )  # fmt: skip
        waiting = session.lines.filter(kind=LineKind.SITUATION, state=LineState.WAITING)
        waiting.update(state=LineState.POSTPONED, revision=F("revision") + 1)
        _count_waiting(session, now)


def _count_waiting(session: GroupSession, now: datetime) -> None:
    """Count one meeting more for each late open decision, and for each followed situation not examined."""
    late = (
        Action.objects.select_for_update(of=("self",))
        .filter(follow_up__group_id=session.group_id, result__in=OPEN_RESULTS, due_on__lte=localdate(now))
        .exclude(decided_in=session.pk)
    )
    for action in late:
        revision.save(action, waited_sessions=action.waited_sessions + 1)
    examined = session.lines.filter(state=LineState.DONE).values("follow_up_id")
    missed = (
        FollowUp.objects.select_for_update(of=("self",))
        .filter(group_id=session.group_id, state=Stage.FOLLOWED)
        .exclude(pk__in=examined)
    )
    for follow_up in missed:
        revision.save(follow_up, sessions_missed=follow_up.sessions_missed + 1)
