"""The figures of the years before, published by two persons as a town would that took up its old sheets last spring."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from casework.access import approvals
from casework.access.approvals.models import Approval
from casework.desk.demo.story import Story
from casework.indicators.releases.actions import editions

YEARS: Final = 4
"""How many editions: enough for a line over the years."""


def tell(story: Story) -> None:
    """Publish the editions of the last closed years, oldest first, a week apart in April."""
    last = story.today.year - 1
    # Before mid-May of this year the story has no spring to tell them in.
    day = min(date(story.today.year, 4, 7), story.today - timedelta(days=7 * YEARS))
    for back in range(YEARS - 1, -1, -1):
        proposed, agreed, out = (story.at(day, hour) for hour in (10, 14, 16))
        with story.moment("coordinator", proposed) as viewer:
            release = editions.propose(by=viewer, year=last - back, now=proposed)
        with story.moment("dpo", agreed) as viewer:
            asked = Approval.objects.get(target_id=release.pk)
            approvals.approve(by=viewer, approval_id=asked.pk, now=agreed)
        with story.moment("coordinator", out) as viewer:
            editions.publish(by=viewer, release=release, expected=release.revision, now=out)
        day += timedelta(days=7)
