"""Twelve months of the cellule, told through the same acts as on screen, each at its own instant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer, viewer_for
from casework.casefile.calendar import is_working_day, next_working_day
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.desk.demo.directory import Town
from casework.desk.demo.people import Inventor
from casework.errors import Refused
from casework.minors.followups import codes
from casework.minors.followups.actions import circle, information, referrals, schemes, sorting, steps
from casework.minors.followups.data import FamilyInformed, ReferralData
from casework.minors.followups.models import Action, FollowUp, Notice, Referral
from casework.minors.sessions.actions import meeting, minutes, preparation, room
from casework.minors.sessions.codes import PreparationState, Presence
from casework.minors.sessions.models import AgendaLine, GroupSession
from casework.partners.models import Organisation

ZONE = ZoneInfo("Europe/Paris")
PRECISIONS = (
    "avant les vacances", "rendez-vous au collège", "passage à la maison lundi", "point par téléphone", "atelier du mercredi",
    "dossier à déposer", "rencontre à la MDS", "essai de deux semaines", "avec la référente de la Mission locale", "",
)  # fmt: skip
TABLE = ("addap", "pjj", "aemo", "mds")
KINDS = (
    codes.ActionType.FAMILY_MEETING, codes.ActionType.SCHOOL_RETURN, codes.ActionType.OUTREACH_CONTACT,
    codes.ActionType.SOCIAL_SERVICE_CONTACT, codes.ActionType.TRAINING_OR_JOB, codes.ActionType.LEISURE_OR_SPORT,
)  # fmt: skip


@dataclass
class Story:
    """The telling: the town, its luck, and what has been told so far."""

    town: Town
    inventor: Inventor
    today: date
    luck: random.Random
    follow_ups: list[FollowUp] = field(default_factory=list)
    born: dict[UUID, date] = field(default_factory=dict)

    def at(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        """Return an instant of a day, local time."""
        return datetime.combine(day, time(hour, minute), ZONE)

    def viewer(self, key: str, now: datetime) -> Viewer:
        """Return one of the cast acting at `now`."""
        mandate = self.town.mandates[key]
        return viewer_for(mandate, session_ref=f"demo-{key}", request_id="demo", net_prefix="", now=now)

    @contextmanager
    def moment(self, key: str, now: datetime) -> Iterator[Viewer]:
        """Act as somebody at an instant; the journal writes that instant."""
        with audit.pinned_clock(now):
            yield self.viewer(key, now)

    def items(self, list_code: ListCode) -> list[LocalItem]:
        """Return the local list of the town."""
        return list(LocalItem.objects.filter(territory=self.town.territory, list_code=list_code))


def receive(story: Story, day: date) -> FollowUp:
    """Let a service bring one situation on `day`."""
    luck = story.luck
    child = story.inventor.person()
    key = luck.choices(("addap", "pjj", "mds", "aemo", "coordinator"), weights=(5, 2, 3, 2, 5))[0]
    origin, gateway = {
        "addap": (codes.ReferralOrigin.STREET_OUTREACH, codes.Gateway.PERSON_AGREEMENT),
        "pjj": (codes.ReferralOrigin.PJJ, codes.Gateway.CSI_L132_5),
        "mds": (codes.ReferralOrigin.SOCIAL_SERVICE, codes.Gateway.CASF_L121_6_2),
        "aemo": (codes.ReferralOrigin.AEMO, codes.Gateway.CSI_L132_5),
        "coordinator": (luck.choice((codes.ReferralOrigin.SCHOOL, codes.ReferralOrigin.LANDLORD,
                                     codes.ReferralOrigin.MUNICIPAL_POLICE)), codes.Gateway.CSI_L132_3),
    }[key]  # fmt: skip
    now = story.at(day, luck.randrange(9, 17), luck.randrange(60))
    informed = None
    if luck.random() < 0.4:
        informed = FamilyInformed(
            on=day, channel=codes.NoticeChannel.PHONE, organisation_id=story.town.mandates[key].organisation_id
        )
    data = ReferralData(
        person=child,
        representatives=story.inventor.parents(child),
        origin=origin,
        gateway=gateway,
        reasons=tuple(luck.sample(codes.ReferralReason.values, k=luck.choice((1, 1, 2)))),
        urgency=luck.choices(codes.Urgency.values, weights=(8, 3, 1))[0],
        organisation_id=story.town.mandates[key].organisation_id,
        informed=informed,
    )
    with story.moment(key, now) as viewer:
        follow_up = referrals.refer(by=viewer, data=data, now=now)
    story.follow_ups.append(follow_up)
    story.born[follow_up.pk] = child.birth_date
    return follow_up


def sort(story: Story, follow_up: FollowUp, day: date, outcome: str = codes.Sorting.TO_STUDY) -> None:
    """Let the coordinator sort a referral."""
    now = story.at(day, 9, 30)
    referral = Referral.objects.filter(follow_up=follow_up).latest("received_at")
    redirect = story.items(ListCode.REDIRECT)
    with story.moment("coordinator", now) as viewer:
        sorting.sort(
            by=viewer, referral_id=referral.pk, choice=outcome, now=now,
            redirect_to=story.luck.choice(redirect).pk if outcome == codes.Sorting.REDIRECTED else None,
        )  # fmt: skip
    follow_up.refresh_from_db()


def inform(story: Story, follow_up: FollowUp, day: date) -> None:
    """Let the coordinator record and confirm every recipient's information."""
    now = story.at(day, 11)
    for notice in Notice.objects.filter(follow_up=follow_up, confirmed_at=None):
        data = information.NoticeData(
            status=codes.NoticeStatus.INFORMED, informed_on=day,
            channel=story.luck.choice((codes.NoticeChannel.PHONE, codes.NoticeChannel.LETTER,
                                       codes.NoticeChannel.MEETING)),
        )  # fmt: skip
        with story.moment("coordinator", now) as viewer:
            information.record(by=viewer, notice_id=notice.pk, follow_up=follow_up, data=data, now=now)
    follow_up.refresh_from_db()


def inform_the_others(story: Story, day: date) -> None:
    """Let the coordinator reach, a month later, those whose information is still to give."""
    waiting = FollowUp.objects.filter(
        territory=story.town.territory, sorted_at__isnull=False, received_at__lt=story.at(day),
        state__in=(codes.Stage.REFERRED, codes.Stage.INFORMED, codes.Stage.FOLLOWED, codes.Stage.SUSPENDED),
        notices__status=codes.NoticeStatus.TO_DO,
    )  # fmt: skip
    for follow_up in waiting.distinct().order_by("reference"):
        inform(story, follow_up, day)


def mobilise(story: Story, follow_up: FollowUp, day: date) -> None:
    """Say of a few schemes whether they are active, asked for, refused or not tried; bring services in."""
    now = story.at(day, 15)
    luck = story.luck
    inside = set(follow_up.circle.filter(ends_at=None).values_list("organisation_id", flat=True))
    with story.moment("coordinator", now) as viewer:
        for item in luck.sample(story.items(ListCode.SCHEME), k=luck.randrange(2, 5)):
            state = luck.choices(codes.SchemeState.values, weights=(4, 3, 1, 3))[0]
            ends_on = None
            if state == codes.SchemeState.ACTIVE and luck.random() < 0.3:
                ends_on = story.today + timedelta(days=luck.randrange(5, 120))
            schemes.set_state(by=viewer, follow_up=follow_up, item=item, state=state, now=now, ends_on=ends_on)
        for key in luck.sample(TABLE, k=luck.choice((1, 2, 2, 3))):
            organisation = story.town.organisations[key]
            if organisation.pk not in inside:
                circle.enter(
                    by=viewer, follow_up=follow_up, organisation=organisation, reason=codes.CircleReason.KNOWS,
                    now=now,
                )  # fmt: skip


def second_tuesday(year: int, month: int) -> date:
    """Return the usual day of the meeting, moved off public holidays."""
    first = date(year, month, 1)
    day = first + timedelta(days=(1 - first.weekday()) % 7 + 7)
    return day if is_working_day(day) else next_working_day(day)


def meeting_days(today: date, count: int) -> list[date]:
    """Return the days of the past meetings, oldest first."""
    days: list[date] = []
    year, month = today.year, today.month
    while len(days) < count:
        day = second_tuesday(year, month)
        if day < today - timedelta(days=8):
            days.append(day)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return sorted(days)


def prepare(story: Story, day: date, told: datetime, lines: int = 18) -> GroupSession:
    """Prepare the meeting of `day` and its agenda by rule."""
    organisations = [story.town.organisations[key] for key in TABLE]
    with story.moment("coordinator", told) as viewer:
        session = meeting.prepare(
            by=viewer, now=told,
            data=meeting.MeetingData(
                starts_at=story.at(day, 14), ends_at=story.at(day, 16, 30), place="Hôtel de ville, salle Frédéric-Mistral",
                organisation_ids=tuple(row.pk for row in organisations),
            ),
        )  # fmt: skip
        meeting.build_agenda(by=viewer, session=session, now=told)
        session.refresh_from_db()
        for extra in session.lines.order_by("-position")[: max(0, session.lines.count() - lines)]:
            meeting.remove_line(by=viewer, session=session, line_id=extra.pk, now=told)
    return session


def convene(story: Story, session: GroupSession, told: datetime) -> None:
    """Send the invitation."""
    with story.moment("coordinator", told) as viewer:
        meeting.convene(by=viewer, session=session, now=told)


def prepare_services(story: Story, session: GroupSession, told: datetime, share: float = 0.8) -> None:
    """Let services click their preparation, some of them and some of the lines."""
    for key in TABLE:
        if story.luck.random() > share:
            continue
        with story.moment(key, told) as viewer:
            chosen: dict[UUID, preparation.PreparationData] = {}
            for line in session.lines.filter(asked=viewer.organisation_id):
                if story.luck.random() < 0.85:
                    state = story.luck.choices(
                        (PreparationState.NOTHING_NEW, PreparationState.WILL_SPEAK, PreparationState.NOTHING_TO_SAY),
                        weights=(4, 4, 1),
                    )[0]
                    chosen[line.pk] = preparation.PreparationData(state=state)
            if chosen:
                preparation.save(by=viewer, session=session, lines=chosen, now=told)


def hold(story: Story, session: GroupSession) -> None:
    """Hold the meeting: one line after the other, decisions with owner and date."""
    day = localdate(session.starts_at)
    clock = session.starts_at + timedelta(minutes=3)
    with story.moment("coordinator", clock) as viewer:
        absent = story.luck.choice(list(session.members.all())) if story.luck.random() < 0.4 else None
        presences = {
            member.pk: Presence.EXCUSED if absent is not None and member.pk == absent.pk else Presence.PRESENT
            for member in session.members.all()
        }
        room.start(by=viewer, session=session, presences=presences, now=clock)
    for line in list(session.lines.order_by("position")):
        clock += timedelta(minutes=story.luck.randrange(4, 11))
        with story.moment("coordinator", clock) as viewer:
            _examine(story, viewer, session, line, day, clock)
    with story.moment("coordinator", clock) as viewer:
        room.close_session(by=viewer, session=session, now=clock)


def _examine(story: Story, viewer: Viewer, session: GroupSession, line: AgendaLine, day: date, clock: datetime) -> None:
    luck = story.luck
    follow_up = line.follow_up
    if follow_up is None:
        return
    room.open_line(by=viewer, session=session, line_id=line.pk, now=clock)
    for action in Action.objects.filter(follow_up=follow_up, result__in=codes.OPEN_RESULTS, due_on__lt=day):
        if luck.random() < 0.5:
            result = luck.choices(("done", "failed", "refused"), weights=(7, 2, 1))[0]
            room.settle(by=viewer, session=session, line_id=line.pk, action_id=action.pk, result=result, now=clock)
    services = list(
        Organisation.objects.filter(pk__in=follow_up.circle.filter(ends_at=None).values("organisation_id"))
    ) or [story.town.organisations["town"]]
    if follow_up.state == codes.Stage.FOLLOWED and luck.random() < 0.3:
        room.keep(by=viewer, session=session, line_id=line.pk, now=clock)
        return
    for _ in range(luck.choice((1, 1, 2))):
        room.decide(
            by=viewer, session=session, line_id=line.pk, now=clock,
            data=room.DecisionData(
                kind=luck.choice(KINDS), owner_id=luck.choice(services).pk,
                due_on=day + timedelta(days=luck.randrange(10, 45)), precision=luck.choice(PRECISIONS),
            ),
        )  # fmt: skip
    room.review(by=viewer, session=session, line_id=line.pk, data=_outcome(story, follow_up, services, day), now=clock)


def _outcome(story: Story, follow_up: FollowUp, services: list[Organisation], day: date) -> room.ReviewData:
    luck = story.luck
    answers: dict[str, Any] = {
        "step1": luck.choice(codes.StepOne.values),
        "step2": codes.StepTwo.CHAINED,
        "step3": luck.choice(codes.StepThree.values),
    }
    review_on = day + timedelta(days=luck.choice((28, 56, 84)))
    if follow_up.state != codes.Stage.FOLLOWED:
        lead = luck.choice(services)
        programme = luck.choice(story.items(ListCode.PROGRAMME))
        put_off = "" if follow_up.state == codes.Stage.INFORMED else codes.WithholdMotive.UNREACHABLE
        return room.ReviewData(
            outcome=codes.Outcome.FOLLOW, review_on=review_on, lead_id=lead.pk, programme_id=programme.pk,
            put_off=put_off, **answers,
        )  # fmt: skip
    started = follow_up.started_on or day
    if (day - started).days > 120 and luck.random() < 0.45:
        reason = luck.choices(codes.EndReason.values[:5], weights=(6, 3, 1, 1, 1))[0]
        return room.ReviewData(outcome=codes.Outcome.END, reason=reason, **answers)
    if luck.random() < 0.04:
        return room.ReviewData(outcome=codes.Outcome.SUSPEND, reason=codes.SuspendReason.ABSENT, **answers)
    return room.ReviewData(outcome=codes.Outcome.CONTINUE, review_on=review_on, **answers)


def work_between(story: Story, day: date) -> None:
    """Let services finish some of their actions before the next meeting."""
    now = story.at(day, 16)
    open_actions = Action.objects.filter(territory=story.town.territory, result="", due_on__lte=day).select_related(
        "owner", "follow_up__group"
    )
    keys = {story.town.mandates[key].organisation_id: key for key in (*TABLE, "coordinator")}
    for action in open_actions:
        key = keys.get(action.owner_id)
        if key is None or story.luck.random() > 0.6:
            continue
        with story.moment(key, now) as viewer:
            try:
                steps.finish(by=viewer, action_id=action.pk, follow_up=action.follow_up, result="done", now=now)
            except Refused:
                continue


def approve(story: Story, session: GroupSession) -> None:
    """Submit and approve the minutes of a meeting held."""
    session.refresh_from_db()
    told = session.starts_at + timedelta(days=1)
    with story.moment("coordinator", told) as viewer:
        minutes.submit(by=viewer, session=session, now=told)
    later = session.starts_at + timedelta(days=9)
    if later < story.at(story.today):
        with audit.pinned_clock(later):
            minutes.approve_silent(later)
