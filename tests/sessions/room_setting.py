"""A meeting ready to be held: two followed situations, a new one, a question without a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import referrals, stages, steps
from casework.minors.followups.codes import ActionType, SchemeState
from casework.minors.followups.data import PersonData, ReferralData
from casework.minors.followups.models import FollowUp, SchemeStatus
from casework.minors.sessions.actions import meeting, room
from casework.minors.sessions.codes import LineKind
from casework.minors.sessions.models import AgendaLine, AnonymousQuestion, GroupSession, Preparation, Review
from casework.sealing import keys
from tests.people import People, viewer_of

# Names that must never be on a projected page.
CANARIES = (("Yanis", "Zzbelkacem"), ("Léa", "Zzmartin"), ("Noé", "Zzduval"))
MEMBERS = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")


@dataclass
class Setting:
    """What the tests need of the meeting."""

    people: People
    by: Viewer
    now: datetime
    session: GroupSession
    lines: list[AgendaLine]
    followed: list[FollowUp]
    programme: LocalItem

    @property
    def line(self) -> AgendaLine:
        """Return the first line, as stored."""
        return AgendaLine.objects.get(pk=self.lines[0].pk)


def follow_up(people: People, first: str, last: str, now: datetime, *, who: str = "pjj_lead") -> FollowUp:
    """Return a sorted referral."""
    person = PersonData(last_name=last, first_name=first, birth_date=date(now.year - 15, 1, 3), sector="Maille 2")
    data = ReferralData(person=person, origin="pjj", gateway="csi_l132_5", reasons=("school_dropout",))
    row = referrals.refer(by=viewer_of(people.mandates[who], now=now), data=data, now=now)
    FollowUp.objects.filter(pk=row.pk).update(sorted_at=now)
    return FollowUp.objects.get(pk=row.pk)


def build(people: People, *, now: datetime | None = None, opened: bool = True, formation: str = "single") -> Setting:
    """Write the meeting, convened, and opened unless told otherwise."""
    now = now or timezone.now()
    before = now - timedelta(days=40)
    by = viewer_of(people.coordinator, now=now)
    programme, _ = LocalItem.objects.get_or_create(
        territory=people.territory, list_code=ListCode.PROGRAMME, label="Prévention de la délinquance des jeunes",
        defaults={"valid_from": before.date()},
    )  # fmt: skip
    scheme, _ = LocalItem.objects.get_or_create(
        territory=people.territory, list_code=ListCode.SCHEME, label="Mission locale",
        defaults={"valid_from": before.date()},
    )  # fmt: skip
    rows = [follow_up(people, first, last, before) for first, last in CANARIES]
    old = viewer_of(people.coordinator, now=before)
    for row in rows[:2]:
        stages.follow(
            by=old, follow_up=row, lead=people.pjj_service, programme=programme, put_off="unreachable",
            next_review_on=localdate(now), now=before,
        )  # fmt: skip
        steps.decide(
            by=old, follow_up=row, kind=ActionType.FAMILY_MEETING, owner=people.pjj_service,
            due_on=localdate(now) - timedelta(days=9), now=before, precision="rendez-vous au service",
        )  # fmt: skip
        keys.ensure(row.subject_id)
        with audit.writing(old, now=before) as w:
            status = SchemeStatus(
                subject_id=row.subject_id, territory=people.territory, follow_up=row, item=scheme,
                state=SchemeState.NOT_TRIED, since=before.date(),
            )  # fmt: skip
            status.save()
            w.note(audit.Act.CREATE, status)
    session = meeting.prepare(
        by=by,
        data=meeting.MeetingData(
            starts_at=now - timedelta(minutes=30), ends_at=now + timedelta(hours=2), place="Salle du conseil",
            organisation_ids=tuple(people.organisations[key].pk for key in MEMBERS),
        ),
        now=now,
    )  # fmt: skip
    session.formation = formation
    session.save()
    lines = [
        meeting.add_line(by=by, session=session, follow_up=FollowUp.objects.get(pk=row.pk), now=now) for row in rows
    ]
    lines.append(_question(people, session, len(lines) + 1, now))
    meeting.convene(by=by, session=session, now=now)
    session = GroupSession.objects.select_related("group", "territory").get(pk=session.pk)
    setting = Setting(people, by, now, session, lines, [FollowUp.objects.get(pk=row.pk) for row in rows], programme)
    if opened:
        room.start(
            by=by, session=session, now=now,
            presences={row.pk: "present" for row in session.members.filter(is_guest=False)},
        )  # fmt: skip
    return setting


def _question(people: People, session: GroupSession, n: int, now: datetime) -> AgendaLine:
    keys.ensure(session.pk)
    with audit.writing(viewer_of(people.aemo_lead, now=now), now=now) as w:
        question = AnonymousQuestion(
            id=uuid.uuid4(), subject_id=session.pk, territory=people.territory, group=people.group,
            organisation=people.aemo_service, author_mandate_id=people.aemo_lead.pk,
            content={"age_band": "13-15", "sector": "Centre", "topic": "school"}, advice="", asked_at=now,
        )  # fmt: skip
        question.save()
        line = AgendaLine(
            subject_id=session.pk, territory=people.territory, session=session, kind=LineKind.QUESTION,
            question=question, position=n, day_number=n, minutes=5, reasons=[],
        )  # fmt: skip
        line.save()
        w.note(audit.Act.CREATE, question)
    return line


def prepared(setting: Setting, line: AgendaLine, mandate: str, content: dict[str, object]) -> Preparation:
    """Return a preparation of one service on a line."""
    author = setting.people.mandates[mandate]
    keys.ensure(line.subject_id)
    with audit.writing(viewer_of(author, now=setting.now), now=setting.now) as w:
        row = Preparation(
            subject_id=line.subject_id, territory=setting.people.territory, line=line,
            organisation=author.organisation, author_mandate_id=author.pk, content=content, saved_at=setting.now,
        )  # fmt: skip
        row.save()
        w.note(audit.Act.CREATE, row)
    return row


def url(this: Setting, name: str, *more: object) -> str:
    """Return the address of a page or an act of the meeting."""
    return reverse(f"meetings:{name}", args=[this.session.pk, *more])


def token() -> dict[str, str]:
    """Return what makes a form count once."""
    return {"once": str(uuid.uuid4())}


def bring(this: Setting, n: int = 0) -> AgendaLine:
    """Open the n-th situation, and return its line."""
    return room.open_line(by=this.by, session=this.session, line_id=this.lines[n].pk, now=this.now)


def steps_of(this: Setting, review: Review) -> Any:
    """Return the coded answers of a review, opened as the meeting does."""
    row = Review.objects.get(pk=review.pk)
    with audit.reading(
        this.by, subjects=[row.subject_id], classes=["youth_review"], purpose=audit.Purpose.SESSION
    ):  # fmt: skip
        return row.steps
