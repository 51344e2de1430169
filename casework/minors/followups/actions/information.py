"""The information of the person and of each holder of parental authority (SIT-07, SIT-09, DL-02, GDP-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile import revision
from casework.casefile.retention import age_on
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import stages
from casework.minors.followups.codes import NoticeChannel, NoticeStatus, Stage, WithholdMotive
from casework.minors.followups.models import FollowUp, LegalRepresentative, Notice
from casework.minors.followups.states import LIFECYCLE
from casework.sealing import keys, sweep

ADULT_AGE = 18
MIN_ATTEMPTS = 2
MAX_WITHHELD_DAYS = 180
PARENTS_ERASED_AFTER_DAYS = 30
PAGE = 200


@dataclass(frozen=True, kw_only=True)
class NoticeData:
    """What is recorded of one recipient. `attempts` are the days of failed tries."""

    status: str
    informed_on: date | None = None
    channel: str = ""
    attempts: tuple[date, ...] = ()
    motive: str = ""
    review_on: date | None = None


def record(
    *, by: Viewer, notice_id: UUID, follow_up: FollowUp, data: NoticeData, now: datetime, expected: int | None = None
) -> Notice:
    """Record how one recipient was informed, or why not. A service of the circle may; the coordinator confirms.

    Recorded by the coordinator, it is confirmed at once. Raises AccessRefused, InputRefused, ConflictRefused.
    """
    relation = facts.require_on(by, follow_up, Action.VIEW, DataClass.YOUTH_REPRESENTATIVES, now)
    if not relation.facts(DataClass.YOUTH_REPRESENTATIVES).state_open:
        raise AccessRefused(code="closed")
    _check(data, localdate(now))
    confirmed = may_withhold(relation, by, now)
    if data.status == NoticeStatus.WITHHELD and not confirmed:
        raise GuardRefused("Seule la coordination peut décider de ne pas informer.")
    keys.ensure(follow_up.subject_id)
    with stages.guard_gate(by, follow_up), audit.writing(by, now=now) as w:
        notice = revision.lock(Notice.objects.filter(follow_up=follow_up), notice_id, expected)
        informed = data.status == NoticeStatus.INFORMED
        withheld = data.status == NoticeStatus.WITHHELD
        revision.save(
            notice,
            status=NoticeStatus(data.status),
            informed_on=data.informed_on if informed else None,
            channel=data.channel if informed else "",
            informed_by_id=by.organisation_id if informed else None,
            attempts=[day.isoformat() for day in data.attempts],
            motive=data.motive if withheld else "",
            decided_by=by.mandate_id if withheld else None,
            review_on=data.review_on if withheld else None,
            confirmed_at=now if confirmed else None,
            confirmed_by=by.mandate_id if confirmed else None,
        )
        _note(w, notice, follow_up)
        if confirmed:
            advance(w, by=by, follow_up=follow_up, now=now)
    return notice


def may_withhold(relation: facts.Relation, viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer decides not to inform, and confirms what a service recorded: who manages the class."""
    return decide(viewer, Action.MANAGE, relation.facts(DataClass.YOUTH_REPRESENTATIVES), now).allow


def _check(data: NoticeData, today: date) -> None:
    if data.status not in NoticeStatus.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="status")
    if data.status == NoticeStatus.INFORMED:
        if data.informed_on is None:
            raise InputRefused("Indiquez la date.", field="informed_on")
        if data.informed_on > today:
            raise InputRefused("Cette date est dans le futur.", field="informed_on")
        if data.channel not in NoticeChannel.values:
            raise InputRefused("Indiquez comment.", field="channel")
    if data.status == NoticeStatus.NOT_REACHED and len(data.attempts) < MIN_ATTEMPTS:
        raise InputRefused("Indiquez les dates de deux essais.", field="attempts")
    if any(day > today for day in data.attempts):
        raise InputRefused("Un essai ne peut pas être dans le futur.", field="attempts")
    if data.status == NoticeStatus.WITHHELD:
        if data.motive not in WithholdMotive.values:
            raise InputRefused("Choisissez le motif.", field="motive")
        if data.review_on is None or data.review_on <= today:
            raise InputRefused("Indiquez quand cette décision sera revue.", field="review_on")
        if data.review_on > today + timedelta(days=MAX_WITHHELD_DAYS):
            raise InputRefused("Cette décision se revoit au plus tard dans six mois.", field="review_on")


def confirm(*, by: Viewer, notice_id: UUID, follow_up: FollowUp, now: datetime, expected: int | None = None) -> Notice:
    """Confirm what a service recorded (coordinator). The situation becomes « famille informée » by itself."""
    facts.require_on(by, follow_up, Action.MANAGE, DataClass.YOUTH_REPRESENTATIVES, now)
    with stages.guard_gate(by, follow_up), audit.writing(by, now=now) as w:
        notice = revision.lock(Notice.objects.filter(follow_up=follow_up), notice_id, expected)
        if notice.status == NoticeStatus.TO_DO:
            raise GuardRefused("Rien n’est encore enregistré pour cette personne.")
        revision.save(notice, confirmed_at=now, confirmed_by=by.mandate_id)
        _note(w, notice, follow_up)
        advance(w, by=by, follow_up=follow_up, now=now)
    return notice


def _note(w: Writing, notice: Notice, follow_up: FollowUp) -> None:
    w.note(
        Act.CHANGE, notice, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REPRESENTATIVES],
        why=str(notice.status),
    )  # fmt: skip


def advance(w: Writing, *, by: Viewer, follow_up: FollowUp, now: datetime) -> None:
    """Move to « famille informée » once nothing is left to do and somebody was informed (SIT-07)."""
    notices = list(Notice.objects.filter(follow_up=follow_up))
    waiting = [row for row in notices if row.status == NoticeStatus.TO_DO or row.confirmed_at is None]
    informed = any(row.status == NoticeStatus.INFORMED for row in notices)
    row = FollowUp.objects.get(pk=follow_up.pk)
    if informed and not waiting and row.state == Stage.REFERRED and row.sorted_at is not None:
        LIFECYCLE.apply(row, Stage.INFORMED, w=w, by=by, now=now)
        follow_up.state, follow_up.revision = row.state, row.revision


def put_off(*, by: Viewer, follow_up: FollowUp, motive: str, now: datetime, expected: int | None = None) -> FollowUp:
    """Record a coded motive for putting the information off; DL-02 keeps running (SIT-07)."""
    facts.require_on(by, follow_up, Action.MANAGE, DataClass.YOUTH_REPRESENTATIVES, now)
    if motive not in WithholdMotive.values:
        raise InputRefused("Choisissez le motif.", field="motive")
    with audit.writing(by, now=now) as w:
        row = revision.lock(FollowUp.objects.all(), follow_up.pk, expected)
        revision.save(row, information_put_off=motive)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REPRESENTATIVES], why=motive)
    return row


def close_parents_at_majority(*, follow_up: FollowUp, now: datetime) -> int:
    """On the 18th birthday the parents' rows close for everyone (SIT-09). Returns how many were closed.

    Run by the nightly job for open situations; screens compare the birth date themselves, so that access
    ends on the day even if the job is late.
    """
    actor = audit.system_actor(follow_up.territory_id)
    with audit.reading(
        actor, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_IDENTITY], purpose=Purpose.RETENTION,
        act=Act.SYSTEM, object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        born_on = follow_up.person.birth_date
    if born_on is None or age_on(born_on, localdate(now)) < ADULT_AGE:
        return 0
    with audit.writing(actor, now=now) as w:
        rows = LegalRepresentative.objects.select_for_update(of=("self",)).filter(
            person_id=follow_up.person_id, closed_at=None
        )
        closed = 0
        for row in rows:
            revision.save(row, closed_at=now)
            w.note(
                Act.CHANGE, row, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REPRESENTATIVES],
                why="majority",
            )  # fmt: skip
            closed += 1
    return closed


def erase_closed_parents(*, follow_up: FollowUp, now: datetime) -> int:
    """Erase parents' rows closed 30 days ago, with their notices and history (SIT-09)."""
    limit = now - timedelta(days=PARENTS_ERASED_AFTER_DAYS)
    rows = list(LegalRepresentative.objects.filter(person_id=follow_up.person_id, closed_at__lt=limit))
    if not rows:
        return 0
    with audit.writing(audit.system_actor(follow_up.territory_id), now=now) as w:
        for row in rows:
            for notice in row.notices.all():
                w.note(Act.DELETE, notice, subjects=[follow_up.subject_id], why="majority")
                key = notice.pk
                notice.delete()
                Notice.history.filter(id=key).delete()
            w.note(Act.DELETE, row, subjects=[follow_up.subject_id], why="majority")
            key = row.pk
            row.delete()
            LegalRepresentative.history.filter(id=key).delete()
    return len(rows)


def majority(now: datetime) -> int:
    """Close the parents' rows of everybody who turned 18, then erase those closed 30 days ago (nightly, SIT-09).

    Birth dates are opened a page at a time under one event of comparison; only those of age get an event of theirs.
    Returns how many rows were closed or erased.
    """
    touched = 0
    rows = FollowUp.objects.exclude(state__in=facts.GONE).filter(person__representatives__closed_at=None)
    keys_by_territory: dict[UUID, list[UUID]] = {}
    for pk, territory_id in (
        rows.filter(person__representatives__isnull=False).distinct().values_list("pk", "territory_id")
    ):
        keys_by_territory.setdefault(territory_id, []).append(pk)
    for territory_id, ids in keys_by_territory.items():
        for start in range(0, len(ids), PAGE):
            page = list(FollowUp.objects.filter(pk__in=ids[start : start + PAGE]).select_related("person"))
            for follow_up in _of_age(page, territory_id, localdate(now)):
                touched += close_parents_at_majority(follow_up=follow_up, now=now)
    limit = now - timedelta(days=PARENTS_ERASED_AFTER_DAYS)
    for follow_up in FollowUp.objects.filter(person__representatives__closed_at__lt=limit).distinct():
        touched += erase_closed_parents(follow_up=follow_up, now=now)
    return touched


def _of_age(page: list[FollowUp], territory_id: UUID, today: date) -> list[FollowUp]:
    with audit.reading(
        audit.system_actor(territory_id), subjects=[row.subject_id for row in page], classes=[DataClass.YOUTH_IDENTITY],
        purpose=Purpose.RETENTION, act=Act.SEARCH, object_type="follow_up",
    ):  # fmt: skip
        sweep.open_many([row.person for row in page], "birth_date")
        return [
            row for row in page
            if row.person.birth_date is not None and age_on(row.person.birth_date, today) >= ADULT_AGE
        ]  # fmt: skip
