"""Find a post: those that fit with why, those that do not with why not (ASG-03, TIGM-06)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from casework.placements.hosts.actions import posts
from casework.placements.hosts.codes import AccreditedFor, Half
from casework.placements.hosts.data import OutOfUseData
from casework.placements.hosts.models import Post
from casework.placements.hosts.reads import calendar
from casework.placements.hosts.reads.search import Criteria, PostMatch, find
from tests.hosts.setting import Catalogue

pytestmark = pytest.mark.django_db(databases="__all__")
ADULTS, MINORS = AccreditedFor.ADULTS, AccreditedFor.MINORS


def one(catalogue: Catalogue, post: Post, who: str = "spip", **asked: Any) -> PostMatch:
    found = find(catalogue.viewer(who), Criteria(**asked), catalogue.now)
    return next(match for match in found if match.post.id == post.pk)


@pytest.mark.rule("ASG-03")
def test_a_listed_post_with_free_places_fits_and_says_why(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    match = one(catalogue, post, audience=ADULTS, half_days=frozenset({(1, Half.AM)}))
    assert match.fits
    assert match.why_not == []
    assert match.why == ["Inscrit pour les majeurs", "Places libres : mardi matin"]
    assert [each.asked for each in match.half_days].count(True) == 1


@pytest.mark.rule("ASG-03")
@pytest.mark.parametrize(
    ("asked", "why_not"),
    [
        ({"audience": MINORS}, "Pas inscrit pour les mineurs"),
        ({"half_days": frozenset({(5, Half.AM)})}, "N’accueille pas sur ces demi-journées"),
        ({"limits": frozenset({"heavy_loads"})}, "Le travail demande : port de charges"),
        ({"collective": True}, "Pas une activité de groupe"),
        ({"minutes": 60_000}, "possibles d’ici le"),
    ],
)
def test_a_post_that_does_not_fit_says_why_not(catalogue: Catalogue, asked: dict[str, object], why_not: str) -> None:
    post = catalogue.listed(needs=("heavy_loads",), audience="adults")
    match = one(catalogue, post, **asked)
    assert not match.fits
    assert any(why_not in each for each in match.why_not), match.why_not


@pytest.mark.rule("ASG-03")
def test_another_sector_is_shown_greyed_with_its_name(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    match = one(catalogue, post, sector=catalogue.sectors["Maille 2"].pk)
    assert (match.fits, match.why_not) == (False, ["Autre secteur : Centre"])


@pytest.mark.rule("HOST-02", "HOST-04")
def test_a_private_host_without_a_running_accreditation_does_not_fit(catalogue: Catalogue) -> None:
    host = catalogue.host("Ressourcerie", kind="association")
    catalogue.accredit(host, days_ago=365 * 5 - 30)
    post = catalogue.listed(host)
    assert one(catalogue, post, audience=ADULTS).fits
    in_three_months = localdate(catalogue.now) + timedelta(days=90)
    late = one(catalogue, post, audience=ADULTS, starts_on=in_three_months)
    assert late.why_not == ["Habilitation de la structure absente ou expirée"]


@pytest.mark.rule("ASG-05")
def test_special_risks_say_that_the_exam_comes_first(catalogue: Catalogue) -> None:
    match = one(catalogue, catalogue.listed(risks=("machines",)))
    assert "Examen médical d’abord : machines ou outils dangereux" in match.why


@pytest.mark.rule("TIGM-06")
def test_the_pjj_lists_the_posts_open_to_minors_only(catalogue: Catalogue) -> None:
    host = catalogue.host()
    adults, both = catalogue.listed(host, audience="adults"), catalogue.listed(host)
    minors = catalogue.listed(host, audience="minors")
    seen = {match.post.id for match in find(catalogue.viewer("pjj"), Criteria(), catalogue.now)}
    assert seen == {both.pk, minors.pk}
    assert adults.pk in {match.post.id for match in find(catalogue.viewer("spip"), Criteria(), catalogue.now)}


def test_the_week_counts_the_same_places_as_the_calendar(catalogue: Catalogue) -> None:
    post = catalogue.listed(places=2)
    start = catalogue.weekday(0)
    end = start + timedelta(weeks=8)
    for n in (1, 1, 6, 11, 12):
        catalogue.hold(post, [(catalogue.weekday(n), Half.AM)])
    away = OutOfUseData(starts_on=catalogue.weekday(5), ends_on=catalogue.weekday(9), reason="closed")
    posts.close_places(by=catalogue.viewer("spip"), post=post, data=away, now=catalogue.now)
    partly = OutOfUseData(starts_on=catalogue.weekday(11), ends_on=catalogue.weekday(12), places=1, reason="works")
    posts.close_places(by=catalogue.viewer("spip"), post=post, data=partly, now=catalogue.now)
    match = one(catalogue, post, starts_on=start, ends_on=end)
    days = calendar.places([post.pk], start, end, now=catalogue.now)[post.pk]
    for each in match.half_days:
        free = [p.free for (day, half), p in days.items() if (day.weekday(), half) == (each.weekday, each.half)]
        assert (each.free, each.weeks) == (sum(n > 0 for n in free), len(free))


def test_a_search_asks_the_same_questions_for_three_posts_and_for_twelve(catalogue: Catalogue) -> None:
    host = catalogue.host()
    viewer = catalogue.viewer("spip")

    def asked(n: int) -> int:
        while Post.objects.count() < n:
            catalogue.listed(host)
        with CaptureQueriesContext(connection) as seen:
            find(viewer, Criteria(audience=ADULTS), catalogue.now)
        return len(seen)

    asked(1)  # the event of the list is told once
    assert asked(3) == asked(12) <= 12
