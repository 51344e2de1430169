"""Group activities: their size, who leads, when they take place, how many are expected; works dated from a day to another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts.actions import posts
from casework.placements.hosts.codes import AccreditedFor, Half
from casework.placements.hosts.models import Post
from casework.placements.hosts.reads import calendar
from casework.placements.hosts.reads import posts as reads
from casework.placements.hosts.reads.search import Criteria, PostMatch, find
from tests.casefile import pdf_text
from tests.hosts.setting import Catalogue
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def match(catalogue: Catalogue, post: Post, minutes: int = 0) -> PostMatch:
    criteria = Criteria(audience=AccreditedFor.ADULTS, minutes=minutes)
    return next(each for each in find(catalogue.viewer("spip"), criteria, catalogue.now) if each.post.id == post.pk)


def dated(catalogue: Catalogue, first: int, last: int, **changes: object) -> Post:
    """A post on the list that runs from the `first` to the `last` working day to come."""
    return catalogue.listed(
        runs_from=catalogue.weekday(first), runs_to=catalogue.weekday(last), places=4, collective=True, **changes
    )


def test_the_finder_says_that_it_is_a_group_and_its_size(catalogue: Catalogue) -> None:
    group = catalogue.listed(places=6, collective=True)
    assert "Activité de groupe, jusqu’à 6 ensemble" in match(catalogue, group).why
    alone = catalogue.listed(catalogue.host("Verger"))
    assert not any("groupe" in line for line in match(catalogue, alone).why)
    page = client_for(catalogue.people.spip).get(reverse("hosts:posts") + "?groupe=on").content.decode()
    assert "Pas une activité de groupe" in page


@pytest.mark.rule("HOST-07")
def test_a_dated_post_receives_between_its_days_and_never_outside(catalogue: Catalogue) -> None:
    post = dated(catalogue, 5, 8)
    first, last = catalogue.weekday(5), catalogue.weekday(8)
    days = {
        day for day, _ in calendar.places([post.pk], first - timedelta(days=40), last + timedelta(days=40))[post.pk]
    }
    assert (min(days), max(days)) == (first, last)
    catalogue.hold(post, [(first, Half.AM)])
    with pytest.raises(GuardRefused):
        catalogue.hold(post, [(catalogue.weekday(4), Half.AM)])
    with pytest.raises(GuardRefused):
        catalogue.hold(post, [(catalogue.weekday(9), Half.AM)])


@pytest.mark.rule("ASG-03")
def test_the_finder_counts_the_days_of_a_dated_post_alone(catalogue: Catalogue) -> None:
    post = dated(catalogue, 0, 1)
    found = match(catalogue, post)
    assert found.fits
    assert any(line.startswith("A lieu du ") for line in found.why)
    assert found.minutes == 2 * (210 + 210), "two working days, two half-days of three hours and a half"
    too_long = match(catalogue, post, minutes=found.minutes + 60)
    assert not too_long.fits
    for half in Half:
        for _ in range(4):
            catalogue.hold(post, [(catalogue.weekday(n), half) for n in (0, 1)])
    assert not match(catalogue, post).fits, "all places are held"


def test_a_post_whose_days_are_over_fits_nobody(catalogue: Catalogue) -> None:
    today = localdate(catalogue.now)
    post = catalogue.listed(runs_from=today - timedelta(days=30), runs_to=today - timedelta(days=10))
    assert not match(catalogue, post).fits


def test_the_last_day_follows_the_first(catalogue: Catalogue) -> None:
    host = catalogue.host()
    with pytest.raises(InputRefused) as refusal:
        posts.describe(
            by=catalogue.viewer("spip"), host=host, half_days=(), now=catalogue.now,
            data=catalogue.post_data(runs_from=catalogue.weekday(3), runs_to=catalogue.weekday(1)),
        )  # fmt: skip
    assert refusal.value.field == "runs_to"


def test_the_page_shows_the_group_by_counts_and_who_leads_it(catalogue: Catalogue) -> None:
    post = dated(catalogue, 1, 3)
    catalogue.hold(post, [(catalogue.weekday(1), Half.AM)])
    found = reads.page(catalogue.viewer("spip"), post, catalogue.now)
    assert [(each.day, each.half, each.expected, each.asked, each.size, each.free) for each in found.group[:2]] == [
        (catalogue.weekday(1), "matin", 0, 1, 4, 3), (catalogue.weekday(1), "après-midi", 0, 0, 4, 4),
    ]  # fmt: skip
    assert len(found.group) == 6
    for who in ("spip", "host", "coordinator"):
        page = client_for(catalogue.people.mandates[who]).get(reverse("hosts:post", args=[post.pk])).content.decode()
        assert "Le groupe, les prochaines fois" in page
        assert "0 sur 4" in page
    paper = client_for(catalogue.people.spip).get(reverse("hosts:post_sheet", args=[post.pk]))
    text = pdf_text.text(b"".join(paper) if paper.streaming else paper.content)
    assert "en groupe" in text
    assert "Dates" in text


def test_a_post_for_one_person_shows_no_group(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    assert reads.page(catalogue.viewer("spip"), post, catalogue.now).group == ()
