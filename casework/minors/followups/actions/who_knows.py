"""« Qui connaît ? » : chosen services are asked whether they know, four fields, four equal answers (CLV-29).

A switch of the group rules, off by default. The question itself is the right: while it is open, whoever holds
the seat of the asked service lists surname, first name, birth date and sector, and nothing else. Nothing in it
asks for a measure or a mandate. It closes at the meeting: silence until then counts as « ne se prononce pas ».
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import get_current_timezone, localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import Basis, decide
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts, meetings
from casework.minors.followups.codes import NoticeStatus, Stage, WhoKnowsAnswer
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import CircleMembership, FollowUp, FollowUpQuerySet, Notice, WhoKnows
from casework.partners import reads as partners
from casework.partners.models import Organisation
from casework.sealing import keys

MAX_DAYS = 31
LONGEST = timedelta(days=92)  # whatever becomes of the meeting
# These two close the four fields the same second.
CLOSING = (WhoKnowsAnswer.UNKNOWN, WhoKnowsAnswer.NO_STATEMENT)
STAGES = (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED)


def enabled(group_id: UUID, now: datetime) -> bool:
    """Say whether the group rules in force allow the question."""
    rules = partners.group_rules(group_id, localdate(now))
    return rules is not None and rules.who_knows_enabled


def askable(viewer: Viewer, now: datetime) -> FollowUpQuerySet:
    """Return the situations the coordinator may ask about: notice given, or put off with a motive (SIT-07)."""
    notices = Notice.objects.filter(follow_up=OuterRef("pk"))
    told = notices.filter(
        Q(status=NoticeStatus.INFORMED, confirmed_at__isnull=False) | (Q(status=NoticeStatus.WITHHELD) & ~Q(motive=""))
    )
    rows = facts.visible_to(viewer, now).filter(state__in=STAGES, sorted_at__isnull=False)
    return rows.filter(Q(Exists(told)) | ~Q(information_put_off=""))


def ask(
    *,
    by: Viewer,
    follow_up_ids: Iterable[UUID],
    organisation_ids: Iterable[UUID],
    now: datetime,
    answer_by: date | None = None,
) -> list[WhoKnows]:
    """Ask each chosen service about each chosen situation; one already asked, or in the circle, is left alone.

    The question closes when the next meeting of the group begins; `answer_by` counts where none is planned.
    Raises AccessRefused; GuardRefused (rules, notice neither given nor put off, service without a seat);
    InputRefused (nothing chosen, no meeting planned and a day behind or over a month ahead).
    """
    follow_ups = [facts.find(by, pk, now) for pk in dict.fromkeys(follow_up_ids)]
    organisations = list(
        Organisation.objects.filter(pk__in=list(organisation_ids), territory_id=by.territory_id, is_active=True)
    )
    if not follow_ups:
        raise InputRefused("Choisissez au moins une situation.", field="follow_ups")
    if not organisations:
        raise InputRefused("Choisissez au moins un service.", field="organisations")
    ready = set(askable(by, now).filter(pk__in=[row.pk for row in follow_ups]).values_list("pk", flat=True))
    for follow_up in follow_ups:
        facts.require_on(by, follow_up, Ask.MANAGE, DataClass.YOUTH_IDENTITY, now)
        _guard(follow_up, organisations, ready, now)
    planned = {key: next_meeting(key, now) for key in {row.group_id for row in follow_ups}}
    ends = {key: start or _end_of(answer_by, now) for key, start in planned.items()}
    keys.ensure(*(row.subject_id for row in follow_ups))
    asked: list[WhoKnows] = []
    with audit.writing(by, now=now) as w:
        for follow_up in follow_ups:
            for organisation in _not_yet(follow_up, organisations):
                row = WhoKnows(
                    subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up,
                    organisation=organisation, asked_at=now, asked_by=by.mandate_id, answer="",
                    closes_at=ends[follow_up.group_id],
                    until_meeting=planned[follow_up.group_id] is not None,
                )  # fmt: skip
                row.save()
                w.note(
                    Act.GRANT, row, subjects=[follow_up.subject_id],
                    classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD], why="asked",
                )  # fmt: skip
                asked.append(row)
    return asked


def next_meeting(group_id: UUID, now: datetime) -> datetime | None:
    """Return when the next meeting planned for the group begins."""
    return next(iter(meetings.starts(group_id, now)), None)


def _end_of(day: date | None, now: datetime) -> datetime:
    today = localdate(now)
    if day is None or not today < day <= today + timedelta(days=MAX_DAYS):
        raise InputRefused("Choisissez un jour à venir, dans le mois.", field="answer_by")
    return datetime.combine(day + timedelta(days=1), time.min, get_current_timezone())


def closings(rows: Collection[WhoKnows]) -> dict[UUID, datetime]:
    """Return when each question closes: one query for each group.

    At the first meeting after it was asked, wherever that meeting is moved; where none was planned then, on the day
    chosen or at the meeting that came before it.
    """
    since: dict[UUID, datetime] = {}
    for row in rows:
        group_id = row.follow_up.group_id
        since[group_id] = min(row.asked_at, since.get(group_id, row.asked_at))
    begin = {group_id: meetings.starts(group_id, after) for group_id, after in since.items()}
    found = {}
    for row in rows:
        meeting = next((each for each in begin[row.follow_up.group_id] if each > row.asked_at), row.closes_at)
        end = meeting if row.until_meeting else min(meeting, row.closes_at)
        found[row.pk] = min(end, row.asked_at + LONGEST)
    return found


def _guard(follow_up: FollowUp, organisations: Sequence[Organisation], ready: set[UUID], now: datetime) -> None:
    if not enabled(follow_up.group_id, now):
        raise GuardRefused("Le règlement intérieur n’autorise pas « Qui connaît ? ».")
    if follow_up.pk not in ready:
        raise GuardRefused(
            f"{follow_up.reference} : informez d’abord la famille, ou indiquez le motif pour lequel c’est reporté."
        )
    seated = {row.pk for row in partners.member_organisations(follow_up.group, now)}
    if any(organisation.pk not in seated for organisation in organisations):
        raise GuardRefused("Seuls les services qui siègent dans le groupe peuvent être interrogés.")


def _not_yet(follow_up: FollowUp, organisations: Sequence[Organisation]) -> list[Organisation]:
    known = set(WhoKnows.objects.filter(follow_up=follow_up).values_list("organisation_id", flat=True))
    known |= set(
        CircleMembership.objects.filter(follow_up=follow_up, ends_at=None).values_list("organisation_id", flat=True)
    )
    return [row for row in organisations if row.pk not in known]


def open_questions(viewer: Viewer, now: datetime) -> list[WhoKnows]:
    """Return the questions open to the viewer, who holds the seat of the asked service now (CLV-24, CLV-26).

    Whatever is refused by `decide` is absent: rules ended, switch off, service gone, record gone. Each row carries in
    `closes_at` when it really closes; it is not to be saved.
    """
    rows = list(
        WhoKnows.objects.filter(
            organisation_id=viewer.organisation_id, territory_id=viewer.territory_id, fields_closed_at=None,
            asked_at__lte=now, asked_at__gt=now - LONGEST, follow_up__state__in=STAGES,
        )
        .select_related("follow_up__person", "follow_up__group", "organisation")
        .order_by("follow_up__reference")
    )  # fmt: skip
    ends = closings(rows)
    for row in rows:
        row.closes_at = ends[row.pk]
    rows = sorted((row for row in rows if row.closes_at > now), key=lambda row: row.closes_at)
    groups = {row.follow_up.group_id: row for row in rows}
    seated = {key for key, row in groups.items() if enabled(key, now) and _holds_seat(viewer, row, now)}
    found = [row for row in rows if row.follow_up.group_id in seated and _may_list(viewer, row.follow_up, now)]
    over = facts.past_purge({row.follow_up_id: row.follow_up for row in found}.values(), now)
    return [row for row in found if row.follow_up_id not in over]


def _holds_seat(viewer: Viewer, row: WhoKnows, now: datetime) -> bool:
    group = row.follow_up.group
    holders = [*partners.seat_holders(group, row.organisation, now), *partners.deputies(group, row.organisation, now)]
    return viewer.mandate_id in {mandate.pk for mandate in holders}


def _may_list(viewer: Viewer, follow_up: FollowUp, now: datetime) -> bool:
    relation = Relation(
        territory_id=follow_up.territory_id, group_id=follow_up.group_id, grants=frozenset({Basis.ASKED}),
        rules_in_force=facts.rules_run(follow_up.group_id, now), stage=follow_up.state,
    )  # fmt: skip
    return all(
        decide(viewer, Ask.LIST, relation.facts(data_class), now).allow
        for data_class in (DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD)
    )


def answer(*, by: Viewer, question_id: UUID, answer: str, now: datetime) -> WhoKnows:
    """Give one of the four answers; « inconnu » and « ne se prononce pas » close the four fields at once.

    Until then an answer may be changed. Raises AccessRefused (not asked, closed, no seat), InputRefused.
    """
    question = next((row for row in open_questions(by, now) if row.pk == question_id), None)
    if question is None:
        raise AccessRefused(code="who_knows")
    if answer not in WhoKnowsAnswer.values:
        raise InputRefused("Choisissez une des quatre réponses.", field="answer")
    keys.ensure(question.subject_id)
    with audit.writing(by, now=now) as w:
        row = WhoKnows.objects.select_for_update().get(pk=question_id)
        if row.fields_closed_at is not None:
            raise AccessRefused(code="who_knows")
        row.answer, row.answered_at, row.answered_by = answer, now, by.mandate_id
        if answer in CLOSING:
            row.fields_closed_at = now
        row.revision += 1
        row.save()
        # The same event for the four answers: the journal does not say which.
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REVIEW], why="answered")
    return row
