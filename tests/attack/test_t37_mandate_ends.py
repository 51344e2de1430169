"""T-37 on real pages: at the second a mandate or a place in the circle ends, the open session opens nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from casework.minors.followups.actions import circle
from casework.minors.followups.codes import CircleEnd
from tests.attack.hamlet import Hamlet, build
from tests.people import client_for

pytestmark = [pytest.mark.attack("T-37"), pytest.mark.django_db(databases="__all__")]

SECOND = timedelta(seconds=1)


def doors(hamlet: Hamlet) -> list[str]:
    """Return real pages that a member of the circle reads."""
    followed, convened, held = hamlet.follow_ups["followed"].pk, hamlet.convened.pk, hamlet.held.pk
    return [
        reverse("followups:list"), reverse("followups:page", args=[followed]),
        reverse("meetings:page", args=[convened]), reverse("meetings:agenda", args=[convened]),
        reverse("meetings:prepare", args=[convened]), reverse("meetings:follow", args=[convened]),
        reverse("meetings:pulse", args=[convened]), reverse("meetings:minutes", args=[held]),
        reverse("meetings:minutes_pdf", args=[held]),
    ]  # fmt: skip


@pytest.mark.rule("ACL-02", "CLV-24")
def test_every_page_closes_at_the_second_the_mandate_ends(people: Any) -> None:
    hamlet = build(people)
    end = hamlet.now + timedelta(minutes=2)
    people.pjj_lead.ends_at = end
    people.pjj_lead.save()
    client = client_for(people.pjj_lead)
    with time_machine.travel(end - SECOND, tick=False):
        for url in doors(hamlet):
            assert client.get(url).status_code in (200, 204), url
    for after in (0 * SECOND, SECOND):
        with time_machine.travel(end + after, tick=False):
            for url in doors(hamlet):
                assert client.get(url).status_code == 404, url
            assert client.post(reverse("followups:search"), {"q": "Zzqkanari"}).status_code == 404


@pytest.mark.rule("ACL-02", "CLV-24")
def test_leaving_the_circle_closes_the_situation_at_once(people: Any) -> None:
    hamlet = build(people)
    row = hamlet.follow_ups["followed"]
    client, page = client_for(people.outreach_lead), reverse("followups:page", args=[row.pk])
    assert client.get(page).status_code == 200
    place = row.circle.get(organisation=people.outreach_service, ends_at=None)
    circle.leave(
        by=hamlet.viewer("coordinator"), membership_id=place.pk, follow_up=row, reason=CircleEnd.values[0],
        now=hamlet.now,
    )  # fmt: skip
    answer = client.get(page)
    still_asked = hamlet.convened.lines.get(follow_up=row).asked.filter(pk=people.outreach_service.pk).exists()
    if answer.status_code == 200:  # convened on it: the card and the referral, until the minutes are approved
        assert still_asked
        assert "Zzqkanarirevue" not in answer.content.decode()
        assert "Zzqkanariparent" not in answer.content.decode()
    else:
        assert answer.status_code == 404
