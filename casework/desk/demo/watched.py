"""Some readings that the watch rules question, so that the Journal of the town has something to look at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Purpose
from casework.casefile.calendar import is_working_day
from casework.desk.demo.story import Story
from casework.desk.journal import jobs
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowUp


def watched(story: Story) -> None:
    """Tell a late reading, an hour of many files and a file that three services opened; then watch and sign."""
    days = (story.today - timedelta(days=ago) for ago in range(1, 7))
    day = next(day for day in days if is_working_day(day, story.town.territory.holiday_set))
    rows = FollowUp.objects.filter(group=story.town.group, state=Stage.FOLLOWED).order_by("reference")
    own = list(rows.filter(circle__organisation=story.town.mandates["pjj"].organisation, circle__ends_at=None)[:2])
    _read(story, "pjj", own, story.at(day, 23, 12))
    _read(story, "coordinator", rows[:24], story.at(day, 14, 5))
    shared = next(
        (row for row in rows if row.circle.filter(ends_at=None).values("organisation").distinct().count() > 2), None
    )
    if shared is not None:
        holders = {
            mandate.organisation_id: key for key, mandate in story.town.mandates.items() if mandate.is_service_lead
        }
        members = shared.circle.filter(ends_at=None).values_list("organisation_id", flat=True).distinct()
        for hour, organisation_id in enumerate(members, 9):
            if organisation_id in holders:
                _read(story, holders[organisation_id], [shared], story.at(day, hour, 20))
    now = timezone.now()
    jobs.look(now)
    jobs.sign(now)


def _read(story: Story, key: str, rows: Iterable[FollowUp], start: datetime) -> None:
    """Let one agent open these files, a minute and a half apart."""
    for number, row in enumerate(rows):
        with (
            story.moment(key, start + timedelta(seconds=90 * number)) as viewer,
            audit.reading(
                viewer, subjects=[row.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
                object_type="followups.followup", object_ids=[row.pk],
            ),
        ):  # fmt: skip
            pass
