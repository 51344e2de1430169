"""Demands without a place: counted once a month, of nobody, and shown so that no subtraction gives back a few."""

from __future__ import annotations

import itertools
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import small_counts
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, GuardRefused
from casework.placements.hosts.models import PostHalfDay, WithoutPlace
from casework.placements.hosts.reads import unplaced
from casework.placements.reparation.actions import activity
from casework.placements.reparation.actions import erasing as reparation_erasing
from casework.placements.tig.actions import demands, erasing
from tests.hosts import setting as hosts
from tests.people import client_for, viewer_of
from tests.placements.reparation.setting import Setting as Reparations
from tests.placements.tig import setting as tig
from tests.placements.tig.clicks import ONCE, text

pytestmark = pytest.mark.django_db(databases="__all__")
M = [date(2025, n, 1) for n in range(1, 13)]


@pytest.mark.rule("SDC-05", "SDC-07")
def test_months_follow_one_another_until_they_hold_enough_and_a_closed_period_never_changes():
    counts = {M[0]: 4, M[1]: 7, M[2]: 12, M[3]: 3}
    found, left = small_counts.periods(counts, k=11)
    assert found == [(M[0], M[1], 11), (M[2], M[2], 12)]
    assert left == M[3]
    later, _ = small_counts.periods(counts | {M[4]: 1, M[5]: 9}, k=11)
    assert later[:2] == found
    assert later[2] == (M[3], M[5], 13)
    assert small_counts.periods({}, k=11) == ([], None)


def test_no_page_less_an_earlier_page_gives_back_a_small_number():
    counts = {month: n for month, n in zip(M, (3, 0, 9, 2, 2, 30, 1, 1, 1, 1, 8, 5), strict=True) if n}
    shown = []
    for last in range(1, 13):
        found, _ = small_counts.periods({month: n for month, n in counts.items() if month < date(2025, last, 2)}, k=11)
        shown.append(sum(n for _, _, n in found))
    assert all(after - before == 0 or after - before >= 11 for before, after in itertools.pairwise(shown))


@pytest.fixture
def place(people):
    """The only post works outdoors."""
    return tig.build(people)


def demand(place):
    """Ask for a place for somebody who may not work outdoors."""
    return tig.demand(place, limits=["outdoors"])


def test_a_demand_that_no_post_fits_is_counted_once_a_month_by_its_officer(place):
    sector = LocalItem.objects.create(
        territory=place.people.territory, list_code=ListCode.PLACE_SECTOR, label="Centre", valid_from=date(2020, 1, 1)
    )
    placement = demand(place)
    client = client_for(place.people.spip)
    here = reverse("tig:find_post", args=[placement.pk])
    token = ONCE.findall(text(client.get(here)))[-1]
    to = reverse("tig:without_place", args=[placement.pk])
    assert client.post(to, {"once": token, "sector": str(sector.pk)}).status_code == 302
    row = WithoutPlace.objects.get()
    assert (row.audience, row.month, row.sector) == ("adults", localdate().replace(day=1), sector)
    with pytest.raises(GuardRefused):
        demands.count_without_place(by=place.viewer("spip"), placement=placement, sector=None, now=timezone.now())


def test_where_a_post_fits_nothing_is_counted(people):
    place = tig.build(people)
    placement = tig.demand(place)
    with pytest.raises(GuardRefused):
        demands.count_without_place(by=place.viewer("spip"), placement=placement, sector=None, now=timezone.now())


@pytest.mark.rule("REC-24")
def test_the_count_outlives_the_file_and_no_longer_knows_it(place):
    placement = demand(place)
    demands.count_without_place(by=place.viewer("spip"), placement=placement, sector=None, now=timezone.now())
    with audit.writing(audit.system_actor(place.people.territory.pk), now=timezone.now()) as w:
        erasing._clear(placement.subject_id, w, "test", timezone.now())
    assert WithoutPlace.objects.get().holder is None


def counted(people, month, n, sector=None):
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now()):
        for _ in range(n):
            WithoutPlace(
                territory=people.territory, audience="adults", month=month, holder=uuid4(), sector=sector
            ).save(force_insert=True)  # fmt: skip


@pytest.mark.rule("SDC-05", "SDC-06")
def test_a_list_of_one_shows_nothing_neither_by_month_nor_by_sector(people):
    year = localdate().year - 1
    sector = LocalItem.objects.create(
        territory=people.territory, list_code=ListCode.PLACE_SECTOR, label="Hameau", valid_from=date(2020, 1, 1)
    )
    counted(people, date(year, 3, 1), 1, sector)
    assert unplaced.figures(viewer_of(people.coordinator), timezone.now()).periods == ()
    counted(people, date(year, 5, 1), 24)
    found = unplaced.figures(viewer_of(people.coordinator), timezone.now())
    assert [n for _, n in found.periods] == [25]
    [shown] = found.years
    assert dict(shown.sectors) == {"Hameau": None, unplaced.NO_SECTOR: None}
    page = client_for(people.coordinator).get(reverse("hosts:without_place")).content.decode()
    assert "non affiché" in page
    assert "25" in page


def test_the_month_under_way_is_not_shown(people):
    counted(people, localdate().replace(day=1), 30)
    assert unplaced.figures(viewer_of(people.spip), timezone.now()).periods == ()


@pytest.mark.rule("ACL-11")
@pytest.mark.parametrize(
    ("key", "reads"),
    [
        ("coordinator", True),
        ("mayor", True),
        ("spip", True),
        ("pjj", True),
        ("sah", True),
        ("host", False),
        ("sysadmin", False),
    ],
)
def test_who_reads_the_counts(people, key, reads):
    if reads:
        unplaced.figures(viewer_of(people.mandates[key]), timezone.now())
    else:
        with pytest.raises(AccessRefused):
            unplaced.figures(viewer_of(people.mandates[key]), timezone.now())
    page = client_for(people.mandates[key]).get(reverse("hosts:without_place"))
    assert page.status_code == (200 if reads else 404)


def test_a_role_that_reads_no_post_has_no_such_page(people):
    assert client_for(people.outreach).get(reverse("hosts:without_place")).status_code == 404


# On the side of the réparations


@pytest.fixture
def closed_town(people):
    """A host open to minors whose post has no half-day left before the term."""
    catalogue = hosts.build(people)
    return Reparations(catalogue, catalogue.listed(audience="minors", places=3))


@pytest.mark.rule("TIGM-06")
def test_a_reparation_without_a_place_is_counted_once_a_month_and_names_nobody(closed_town):
    town, sector = closed_town, LocalItem.objects.filter(list_code=ListCode.PLACE_SECTOR).first()
    row = town.agreed()
    client = client_for(town.people.pjj)
    here, to = (reverse(f"reparation:{name}", args=[row.pk]) for name in ("places", "without_place"))
    assert to not in text(client.get(here)), "a place fits: there is nothing to count"
    with pytest.raises(GuardRefused):
        activity.count_without_place(by=town.viewer("pjj"), reparation=row, sector=None, now=town.now)
    PostHalfDay.objects.all().delete()
    token = ONCE.findall(text(client.get(here)))[-1]
    chosen = {"sector": str(sector.pk)} if sector else {}
    assert client.post(to, {"once": token, **chosen}).status_code == 302
    counted = WithoutPlace.objects.get()
    assert (counted.audience, counted.month, counted.sector) == ("minors", localdate().replace(day=1), sector)
    with pytest.raises(GuardRefused, match="déjà comptée"):
        activity.count_without_place(by=town.viewer("pjj"), reparation=row, sector=None, now=town.now)
    with audit.writing(audit.system_actor(town.people.territory.pk), now=town.now) as w:
        reparation_erasing._clear(row.subject_id, w, "test", town.now)
    assert WithoutPlace.objects.get().holder is None


@pytest.mark.rule("ACL-04")
@pytest.mark.parametrize("who", ["sah", "host", "spip", "coordinator"])
def test_nobody_but_the_service_in_charge_counts_a_reparation(closed_town, who):
    row = closed_town.agreed()
    PostHalfDay.objects.all().delete()
    url = reverse("reparation:without_place", args=[row.pk])
    assert client_for(closed_town.people.mandates[who]).post(url, {"once": str(uuid4())}).status_code == 404
    assert not WithoutPlace.objects.exists()


def test_a_reparation_that_waits_for_its_agreements_is_not_counted(closed_town):
    row = closed_town.received()
    PostHalfDay.objects.all().delete()
    with pytest.raises(GuardRefused, match="n’attend pas de lieu"):
        activity.count_without_place(by=closed_town.viewer("pjj"), reparation=row, sector=None, now=closed_town.now)
