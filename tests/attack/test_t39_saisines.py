"""T-39: the queue of the coordination and the possible duplicates follow exclusions too."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.exclusions import Ground, actions
from casework.minors.followups.access_room import target_of
from casework.minors.followups.models import PossibleDuplicate
from casework.minors.followups.reads import queue
from tests.followups.circle import situation
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.attack("T-39"), pytest.mark.django_db(databases="__all__")]


@pytest.mark.rule("ACL-05")
def test_a_saisine_still_to_sort_and_a_possible_duplicate_are_absent_too(people: People) -> None:
    now = timezone.now()
    viewer = viewer_of(people.coordinator, now=now)
    older, newer = situation(people, last_name="Xantippe"), situation(people, last_name="Xantippe", author="aemo_lead")
    pages = [reverse("followups:queue"), reverse("followups:duplicates")]
    before = queue.counts(viewer, now)
    assert all("Xantippe" in client_for(people.coordinator).get(page).content.decode() for page in pages)
    actions.shut_out(
        by=viewer_of(people.dpo, now=now), target=target_of(newer), ground=Ground.KIN, now=now,
        agent_id=people.coordinator.agent_id,
    )  # fmt: skip
    after = queue.counts(viewer_of(people.coordinator, now=now), now)
    assert (after["waiting"], after["duplicates"]) == (before["waiting"] - 1, before["duplicates"] - 1)
    shown = [client_for(people.coordinator).get(page).content.decode() for page in (*pages, reverse("desk:work"))]
    assert not any(newer.reference in page for page in shown)
    assert older.reference not in shown[1]
    pair = PossibleDuplicate.objects.get(newer=newer, older=older)
    for keep in ("both", str(older.pk)):
        url = reverse("followups:duplicate", args=[pair.pk])
        assert client_for(people.coordinator).post(url, {"keep": keep, "once": str(uuid.uuid4())}).status_code == 404
    pair.refresh_from_db()
    assert pair.resolved_at is None
