"""The yearly page: closed years only, posts and places, nothing small, the same on screen and on paper; of no person."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile import charts
from casework.errors import AccessRefused
from casework.placements.hosts.codes import BookingState, Half
from casework.placements.hosts.models import Booking
from casework.placements.partnership import documents, reads
from casework.placements.returns.codes import Kind
from tests.casefile.pdf_text import text
from tests.hosts.setting import build
from tests.people import client_for, viewer_of
from tests.placements.returns.setting import ended

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def year():
    return localdate().year - 1


@pytest.mark.rule("SDC-07")
def test_only_closed_years_are_shown(people, year):
    viewer = viewer_of(people.coordinator)
    assert reads.page(viewer, None, timezone.now()).year == year
    for asked in (year + 1, year - 4, 1):
        with pytest.raises(AccessRefused):
            reads.page(viewer, asked, timezone.now())
    assert client_for(people.coordinator).get(reverse("partnership:index") + f"?annee={year + 1}").status_code == 404


@pytest.mark.rule("ACL-11", "SDC-10")
def test_no_table_of_it_counts_people(people, year):
    """What becomes of people is published by two persons, in « Indicateurs »: this page does not move with them."""
    viewer = viewer_of(people.coordinator)
    before = reads.page(viewer, year, timezone.now())
    ended(people, "probation", year, 40)
    ended(people, "pjj_service", year, 30, kind=Kind.REPARATION)
    assert reads.page(viewer, year, timezone.now()) == before
    assert reverse("releases:index") in (
        client_for(people.coordinator).get(reverse("partnership:index")).content.decode()
    )


@pytest.mark.rule("SDC-05")
def test_the_half_days_of_few_people_are_not_said_nor_what_they_leave_free(people, year):
    """A year in which one person worked would give that person's half-days, and the dashboard hides them."""
    post = build(people).listed(places=9)

    def said(holders: int, days: int) -> tuple[str, ...]:
        Booking.objects.all().delete()
        for slot in range(holders):
            holder = uuid4()
            for day in range(1, days + 1):
                Booking(
                    territory_id=post.territory_id, subject_id=post.subject_id, post=post, day=date(year, 3, day),
                    half=Half.AM, slot=slot, state=BookingState.USED, holder=holder, service=people.probation,
                ).save(force_insert=True)  # fmt: skip
        page = reads.page(viewer_of(people.coordinator), year, timezone.now())
        return next(each.rows[0] for each in page.tables if each.heading.startswith("Places"))

    assert said(1, 12)[:2] == (charts.HIDDEN, charts.HIDDEN)
    assert said(5, 3)[0] == "20", "to the ten: a quarter of few people is not the rest of the year"
    assert said(0, 0)[0] == "0"


def test_the_paper_and_the_screen_say_the_same_and_nothing_more(people, year):
    viewer = viewer_of(people.coordinator)
    page = reads.page(viewer, year, timezone.now())
    words = text(documents.yearly(viewer, year, timezone.now()))
    screen = client_for(people.coordinator).get(reverse("partnership:index")).content.decode()
    for each in page.tables:
        assert each.heading in screen
        assert each.heading.split(",")[0].split(" ")[0] in words
        for row in each.rows:
            assert all(cell in screen for cell in row)


@pytest.mark.rule("ACL-11")
@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("coordinator", 200), ("mayor", 200), ("spip", 200), ("pjj_lead", 200), ("sah", 200), ("host", 404),
        ("sysadmin", 404), ("outreach", 404), ("municipal_police", 404),
    ],
)  # fmt: skip
def test_who_reads_the_page(people, key, status):
    client = client_for(people.mandates[key])
    assert client.get(reverse("partnership:index")).status_code == status
    assert client.get(reverse("partnership:paper")).status_code == status


def test_the_page_asks_as_many_questions_whatever_it_counts(people, year, django_assert_max_num_queries):
    ended(people, "probation", year, 40)
    with django_assert_max_num_queries(30):
        reads.page(viewer_of(people.coordinator), year, timezone.now())
