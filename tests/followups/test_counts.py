"""What was received is counted on the day it comes, by the group of its origin, whatever becomes of the file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.minors.followups.actions import counts, merge, retention
from casework.minors.followups.anonymous_codes import ORIGIN_GROUPS, RECEIVED, CountKind, OriginGroup
from casework.minors.followups.codes import ReferralOrigin
from casework.minors.followups.models import AnonymousCount, FollowUp, PossibleDuplicate
from tests.followups.saisine_setting import refer
from tests.followups.test_retention import sort_out
from tests.people import viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("REC-24")]


def received() -> dict[str, int]:
    return dict(AnonymousCount.objects.filter(kind__startswith="received_", total__gt=0).values_list("kind", "total"))


def test_every_origin_has_its_group_and_every_group_its_count():
    assert set(ORIGIN_GROUPS) == set(ReferralOrigin)
    assert set(RECEIVED) == set(OriginGroup) == set(ORIGIN_GROUPS.values())


def test_a_saisine_sorted_out_and_erased_was_received_all_the_same(people):
    follow_up = refer(people)
    sort_out(people, follow_up)
    retention.erase_sorted_out(timezone.now() + timedelta(days=31))
    assert not FollowUp.objects.exists()
    assert received() == {CountKind.RECEIVED_JUSTICE: 1}


@pytest.mark.attack("T-20")
@pytest.mark.parametrize(("years_before", "left"), [(0, 1), (1, 2)])
def test_a_person_received_twice_in_a_year_is_counted_once(people, years_before, left):
    first, second = refer(people), refer(people, by="mds_lead", origin=ReferralOrigin.PJJ)
    earlier = first.received_at - timedelta(days=366 * years_before)
    FollowUp.objects.filter(pk=first.pk).update(received_at=earlier)
    pair = PossibleDuplicate.objects.filter(resolved_at=None).first()
    merge.merge(by=viewer_of(people.coordinator), duplicate_id=pair.pk, keep_id=first.pk, now=timezone.now())
    assert received() == {CountKind.RECEIVED_JUSTICE: left}
    assert second.pk != first.pk


def test_a_count_never_goes_under_nothing(people):
    first, second = refer(people), refer(people, last_name="Martin")
    AnonymousCount.objects.all().delete()
    counts.received_once(None, second, first)
    assert received() == {}
