"""A month of the group: situations at every stage, the coordinator about to prepare the next meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate, localtime
from django.utils.timezone import now as clock

from casework.access.viewer import Viewer
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import referrals, stages, steps
from casework.minors.followups.codes import ActionType, Sorting
from casework.minors.followups.data import PersonData, ReferralData
from casework.minors.followups.models import Action, FollowUp, Referral
from casework.minors.sessions.actions import meeting
from casework.minors.sessions.models import GroupSession
from tests.people import People, viewer_of

SEATED = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")


@dataclass
class Month:
    """What the tests need."""

    people: People
    now: datetime
    by: Viewer
    session: GroupSession

    def viewer(self, key: str, now: datetime | None = None) -> Viewer:
        """Return somebody of the cast, now."""
        return viewer_of(self.people.mandates[key], now=now or self.now)

    def referred(self, last: str = "Zzcanari", *, who: str = "pjj_lead", sorting: str = Sorting.TO_STUDY) -> FollowUp:
        """Return a referral of forty days ago."""
        before = self.now - timedelta(days=40)
        person = PersonData(last_name=last, first_name="Yanis", birth_date=date(self.now.year - 15, 1, 3),
                            sector="Maille 2")  # fmt: skip
        data = ReferralData(person=person, origin="pjj", gateway="csi_l132_5", reasons=("school_dropout",))
        row = referrals.refer(by=viewer_of(self.people.mandates[who], now=before), data=data, now=before)
        Referral.objects.filter(follow_up=row).update(sorting=sorting)
        if sorting == Sorting.TO_STUDY:
            FollowUp.objects.filter(pk=row.pk).update(sorted_at=before)
        return FollowUp.objects.get(pk=row.pk)

    def followed(
        self, last: str = "Zzcanari", *, who: str = "pjj_lead", review_in: int = 200, **changes: Any
    ) -> FollowUp:
        """Return a followed situation, not to be reviewed soon unless told so."""
        row = self.referred(last, who=who)
        before = self.now - timedelta(days=40)
        programme, _ = LocalItem.objects.get_or_create(
            territory=self.people.territory, list_code=ListCode.PROGRAMME, label="Prévention",
            defaults={"valid_from": before.date()},
        )  # fmt: skip
        stages.follow(
            by=viewer_of(self.people.coordinator, now=before), follow_up=row, programme=programme, now=before,
            lead=self.people.mandates[who].organisation, put_off="unreachable",
            next_review_on=localdate(self.now) + timedelta(days=review_in),
        )  # fmt: skip
        FollowUp.objects.filter(pk=row.pk).update(**changes)
        return FollowUp.objects.get(pk=row.pk)

    def decision(self, row: FollowUp, *, due_in: int = -5, waited: int = 0, key: str = "pjj_service") -> Action:
        """Return an open decision of a service."""
        before = self.now - timedelta(days=30)
        action = steps.decide(
            by=viewer_of(self.people.coordinator, now=before), follow_up=row, kind=ActionType.FAMILY_MEETING,
            owner=self.people.organisations[key], due_on=localdate(self.now) + timedelta(days=due_in), now=before,
            precision="au service",
        )  # fmt: skip
        Action.objects.filter(pk=action.pk).update(waited_sessions=waited)
        return action

    def convened(self) -> GroupSession:
        """Send the invitation."""
        return meeting.convene(
            by=self.by, session=self.fresh(), now=self.now, link="https://casework.example/reunions/"
        )

    def fresh(self) -> GroupSession:
        """Return the meeting as stored."""
        return GroupSession.objects.select_related("group", "territory").get(pk=self.session.pk)

    def build(self) -> meeting.Built:
        """Build the agenda."""
        return meeting.build_agenda(by=self.by, session=self.fresh(), now=self.now)


def data(people: People, now: datetime, *, days: int = 7, minutes: int = 150, keys: tuple[str, ...] = SEATED):
    """Return a meeting in a week."""
    starts_at = localtime(now + timedelta(days=days)).replace(hour=14, minute=0, second=0, microsecond=0)
    return meeting.MeetingData(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), place="Salle du conseil",
        organisation_ids=tuple(people.organisations[key].pk for key in keys),
    )  # fmt: skip


def month(people: People, *, now: datetime | None = None, **options: Any) -> Month:
    """Return a meeting in preparation, its agenda not built yet."""
    now = now or clock()
    by = viewer_of(people.coordinator, now=now)
    session = meeting.prepare(by=by, data=data(people, now, **options), now=now)
    return Month(people, now, by, session)
