"""R-06: fifty officers want the last place at the same instant; exactly one has it, the others are told."""

from __future__ import annotations

from collections import Counter
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.utils import timezone

from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import GuardRefused
from casework.exclusions.actions import holding
from casework.exclusions.models import ExclusionSupport, SupportHalfDay
from casework.placements.hosts.codes import Half
from casework.placements.hosts.models import Booking
from casework.vif.phones.models import Allocation
from tests.exclusions import setting as exclusions
from tests.hosts.setting import Catalogue, build
from tests.people import build as cast
from tests.vif.phones.setting import Setting as Phones

pytestmark = [pytest.mark.attack("R-06"), pytest.mark.django_db(databases="__all__", transaction=True)]
OFFICERS = 50


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: nothing to race")
@pytest.mark.parametrize("places", [1, 3])
def test_the_last_places_are_taken_once_each(places: int) -> None:
    catalogue = build(cast())
    assert LocalItem.objects.filter(list_code=ListCode.PLACE_SECTOR).exists()
    post, day = catalogue.listed(places=places), catalogue.weekday(3)
    seen: Counter[str] = Counter()
    start = Barrier(OFFICERS)

    def reserve() -> None:
        try:
            start.wait()
            seen[_try(catalogue, post, day)] += 1
        finally:
            connections.close_all()

    threads = [Thread(target=reserve) for _ in range(OFFICERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"held": places, "refused": OFFICERS - places}
    assert sorted(Booking.objects.values_list("slot", flat=True)) == list(range(1, places + 1))


def _try(catalogue: Catalogue, post, day) -> str:
    try:
        catalogue.hold(post, [(day, Half.AM)], holder=uuid4())
    except GuardRefused:
        return "refused"
    except Exception as fault:  # noqa: BLE001 the count says which
        return type(fault).__name__
    return "held"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: nothing to race")
@pytest.mark.rule("TGD-19")
def test_one_device_is_handed_to_one_person() -> None:
    """Fifty hand-overs of the same telephone, each for somebody else, at the same instant."""
    town = Phones(cast(), timezone.now())
    device = town.device()
    rows = [town.allowed() for _ in range(OFFICERS)]
    seen: Counter[str] = Counter()
    start = Barrier(OFFICERS)

    def hand(row: Allocation) -> None:
        try:
            start.wait()
            town.hand(row, device)
        except GuardRefused:
            seen["refused"] += 1
        except Exception as fault:  # noqa: BLE001 the count says which
            seen[type(fault).__name__] += 1
        else:
            seen["held"] += 1
        finally:
            connections.close_all()

    threads = [Thread(target=hand, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"held": 1, "refused": OFFICERS - 1}
    assert Allocation.objects.filter(device=device).count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time: nothing to race")
@pytest.mark.rule("EXC-16")
@pytest.mark.parametrize("places", [1, 3])
def test_the_last_places_for_pupils_are_held_once_each(places: int) -> None:
    """Fifty times the last places of one half-day of a host, at the same instant."""
    town = exclusions.build(cast(), timezone.now())
    exclusions.announce(town, places=places)
    data = town.hold_data(half_days=town.half_days(1))
    viewer = town.viewer(town.school)
    seen: Counter[str] = Counter()
    start = Barrier(OFFICERS)

    def hold() -> None:
        try:
            start.wait()
            holding.hold(by=viewer, data=data, now=town.now)
        except GuardRefused:
            seen["refused"] += 1
        except Exception as fault:  # noqa: BLE001 the count says which
            seen[type(fault).__name__] += 1
        else:
            seen["held"] += 1
        finally:
            connections.close_all()

    threads = [Thread(target=hold) for _ in range(OFFICERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"held": places, "refused": OFFICERS - places}
    assert sorted(SupportHalfDay.objects.values_list("slot", flat=True)) == list(range(1, places + 1))
    assert ExclusionSupport.objects.count() == places
