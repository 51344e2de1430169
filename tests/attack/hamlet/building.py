"""The whole hamlet, in order."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from casework.minors.followups.models import FollowUp
from tests.attack.hamlet import files, situations
from tests.attack.hamlet.town import STAGES, Hamlet
from tests.people import People, at_court


def build(people: People, *, now: datetime | None = None) -> Hamlet:
    """Write the hamlet."""
    # In a ressort everything can be written, couple violence too: everybody of every role is there with all of it.
    hamlet = Hamlet(at_court(people), now or timezone.now())
    people.rules.who_knows_enabled = True
    people.rules.save()  # not update(): the row carries a seal
    situations.items(hamlet)
    for stage in STAGES:
        hamlet.follow_ups[stage] = situations.arrive(hamlet, stage)
    situations.twins(hamlet)
    situations.rich(hamlet)
    situations.move_on(hamlet)
    situations.held(hamlet)
    situations.convene(hamlet)
    situations.around(hamlet)
    files.placed(hamlet)
    files.hosted(hamlet)
    files.repaired(hamlet)
    files.returned(hamlet)
    files.asked(hamlet)
    files.supported(hamlet)
    files.measured(hamlet)
    files.phoned(hamlet)
    files.taken_in(hamlet)
    files.counted(hamlet)
    for key, row in hamlet.follow_ups.items():
        hamlet.follow_ups[key] = FollowUp.objects.select_related("person").get(pk=row.pk)
    return hamlet
