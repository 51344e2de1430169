"""Miramont, from its services to this week's meeting."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.timezone import now as clock

from casework.casefile.calendar import month_of, next_working_day
from casework.desk.demo import (
    affectations,
    dashboards,
    directory,
    editions,
    evaluations,
    hosts,
    measures,
    moments,
    phones,
    pupils,
    reparations,
    returns,
    story,
    supports,
    years,
)
from casework.desk.demo.people import Inventor
from casework.minors.followups.codes import Sorting
from casework.minors.followups.models import FollowUp
from casework.minors.sessions.models import GroupSession
from casework.placements.partnership import actions as partnership


@dataclass(frozen=True)
class Built:
    """What was written."""

    situations: int
    meetings: int


def build(*, seed: int, size: int, meetings: int) -> Built:
    """Build the town as of today; the same seed and day give the same town."""
    now = clock()
    today = localdate(now)
    since = directory.midnight(today - timedelta(days=420))
    town = directory.build(since=since, today=today)
    tale = story.Story(
        town=town,
        inventor=Inventor(seed, today),
        today=today,
        luck=random.Random(seed),  # noqa: S311 a story
    )
    if "placements" in settings.SUBJECTS:
        hosts.receive(tale)
        affectations.tell(tale, size=size)
    days = story.meeting_days(today, meetings)
    fresh = max(6, size // 9)
    per_meeting = max(1, (size - fresh) // max(1, len(days)))
    for day in days:
        _month(tale, day, per_meeting)
    _this_week(tale, today, size)
    if "placements" in settings.SUBJECTS:
        reparations.tell(tale, size)
        returns.tell(tale)
        partnership.count_month(tale.at(month_of(today), 3))
    if "vif" in settings.SUBJECTS:
        supports.tell(tale, size)
        measures.tell(tale, size)
        phones.tell(tale)
    if "exclusions" in settings.SUBJECTS:
        pupils.tell(tale, size)
    years.tell(tale)
    editions.tell(tale)
    dashboards.tell(tale)
    evaluations.tell(tale)
    return Built(situations=FollowUp.objects.count(), meetings=GroupSession.objects.count())


def _month(tale: story.Story, day: date, arrivals: int) -> None:
    """One month: situations arrive, are sorted and informed, the meeting is held, work goes on."""
    story.inform_the_others(tale, day - timedelta(days=28))
    for number in range(arrivals):
        arrived = day - timedelta(days=tale.luck.randrange(12, 27))
        follow_up = story.receive(tale, arrived)
        outcome = Sorting.TO_STUDY
        if number and tale.luck.random() < 0.08:
            outcome = tale.luck.choice((Sorting.REDIRECTED, Sorting.OUT_OF_SCOPE))
        story.sort(tale, follow_up, arrived + timedelta(days=2), outcome)
        if outcome == Sorting.TO_STUDY:
            story.mobilise(tale, follow_up, arrived + timedelta(days=3))
            if tale.luck.random() < 0.85:
                story.inform(tale, follow_up, arrived + timedelta(days=5))
    story.work_between(tale, day - timedelta(days=3))
    session = story.prepare(tale, day, tale.at(day - timedelta(days=9)))
    story.convene(tale, session, tale.at(day - timedelta(days=8), 11))
    story.prepare_services(tale, session, tale.at(day - timedelta(days=2), 17))
    session.refresh_from_db()
    story.hold(tale, session)
    story.approve(tale, session)


def _this_week(tale: story.Story, today: date, size: int) -> None:
    """New referrals at every stage of sorting, and a meeting this week, half prepared."""
    fresh = max(6, size - FollowUp.objects.count())
    for number in range(fresh):
        arrived = today - timedelta(days=tale.luck.randrange(1, 6) if number < 4 else tale.luck.randrange(5, 13))
        follow_up = story.receive(tale, arrived)
        if number < 4:
            continue
        story.sort(tale, follow_up, arrived + timedelta(days=1))
        story.mobilise(tale, follow_up, arrived + timedelta(days=1))
        if number % 2:
            story.inform(tale, follow_up, arrived + timedelta(days=2))
    story.work_between(tale, today - timedelta(days=1))
    day = next_working_day(today + timedelta(days=2))
    session = story.prepare(tale, day, tale.at(today - timedelta(days=4), 9), lines=16)
    story.convene(tale, session, tale.at(today - timedelta(days=3), 10))
    story.prepare_services(tale, session, tale.at(today - timedelta(days=1), 17), share=0.55)
    moments.tell(tale)
