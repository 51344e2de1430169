"""A year after its end a placement is read by nobody and erased, history and key with it (RET-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile.retention import months_after
from casework.placements.tig.models import TigPlacement
from casework.sealing import keys
from tests.instants import noon
from tests.placements.tig.setting import asked, demand, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("10.2")
def test_a_year_after_the_end_nobody_opens_it_any_more(place):
    from casework.placements.tig import facts
    from casework.placements.tig.actions import ends

    placement, now = demand(place), timezone.now()
    ends.void(by=place.viewer("spip", now), placement=placement, reason="withdrawn", now=now)
    for days, seen in ((364, 1), (366, 0)):
        then = noon(localdate(now) + timedelta(days=days))
        viewer = place.viewer("spip", then)
        assert facts.visible_to(viewer, then).count() == seen
        assert facts.relation(viewer, fresh(placement), then).gone is not bool(seen)


@pytest.mark.rule("RET-07", "10.2")
def test_a_placement_is_erased_a_year_after_its_end_however_long_ago_it_was_asked_for(place):
    from casework.errors import Shredded
    from casework.placements.tig.actions import ends, erasing

    now = timezone.now()
    long, kept = demand(place), demand(place)
    ended_on = localdate(now) + timedelta(days=300)
    year_on = noon(ended_on)
    ends.void(by=place.viewer("spip", year_on), placement=long, reason="withdrawn", now=year_on)
    # A year after the request, the end is two months old: nothing goes.
    assert erasing.erase_ended(noon(localdate(now) + timedelta(days=366))) == 0
    gone_on = months_after(ended_on, 12)
    assert erasing.erase_ended(noon(gone_on - timedelta(days=1))) == 0
    late = noon(gone_on)
    assert erasing.erase_ended(late) == 1
    assert list(TigPlacement.objects.values_list("pk", flat=True)) == [kept.pk]  # never ended: never erased by itself
    assert not TigPlacement.history.filter(subject_id=long.subject_id).exists()
    with pytest.raises(Shredded):
        keys.ensure(long.subject_id)
    assert erasing.erase_ended(late) == 0


def test_a_legal_hold_keeps_an_ended_placement(place):
    from casework.casefile.endings import holds
    from casework.placements.tig.actions import ends, erasing

    placement = demand(place)
    now = timezone.now()
    ends.void(by=place.viewer("spip", now), placement=placement, reason="withdrawn", now=now)
    holds.impose(by=place.viewer("dpo"), subject_id=placement.subject_id, reason="court", now=now)
    assert erasing.erase_ended(now + timedelta(days=400)) == 0
    assert TigPlacement.objects.exists()


@pytest.mark.rule("RET-07")
def test_erasure_finds_a_placement_by_its_reference_and_gives_its_places_back(place):
    from casework.casefile import erasers
    from casework.placements.hosts.models import Booking

    placement = asked(place)
    found = erasers.find(placement.territory_id, placement.reference)
    assert found.subject_id == placement.subject_id
    from casework import audit

    with audit.writing(audit.system_actor(placement.territory_id), now=timezone.now()) as w:
        erasers._ERASERS["placements.tig"].clear(placement.subject_id, w, "erasure", timezone.now())
    assert not Booking.objects.filter(holder=placement.pk).exists()
