"""Pages of the dashboard: few questions put to the database, however long the lists; what a form keeps."""

from __future__ import annotations

import re

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.casefile import drafts
from tests.consistency.test_queries import LIMIT, MARKS, _forget_subject_keys
from tests.indicators.quarters.setting import BODIES, ONCE, REVISION, send
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def asked(mandate, page):
    """Return how many queries a page makes, as after signing in."""
    client = client_for(mandate)
    _forget_subject_keys()
    with CaptureQueriesContext(connections["default"]) as one, CaptureQueriesContext(connections["keystore"]) as two:
        answer = client.get(page)
    assert answer.status_code == 200, page
    return len([each for each in (*one, *two) if not each["sql"].startswith(MARKS)])


@pytest.mark.parametrize("who", ["coordinator", "mayor"])
def test_pages_ask_little_and_no_more_for_more_partners_and_more_quarters(town, who):
    mandate = town.people.mandates[who]

    def counts(quarter):
        pages = [reverse("quarters:index"), reverse("quarters:page", args=[quarter.pk])]
        if who == "coordinator":
            pages += [reverse("quarters:contributors"), reverse("quarters:describe", args=[open_.pk]),
                      reverse("quarters:page", args=[open_.pk]), reverse("quarters:enter", args=[town.asked(open_).pk])]  # fmt: skip
        return [asked(mandate, page) for page in pages]

    open_ = town.opened("police", period=town.last)
    first = town.published(period=town.last.back(1))
    few = counts(first)
    for key in BODIES:
        if key != "police":
            town.add(key)
    for back in range(2, 6):
        town.published(period=town.last.back(back))
    from casework.indicators.quarters.actions import asking

    asking.ask_newcomers(by=town.viewer(), quarter=open_, now=town.now)
    many = counts(first)
    assert all(n <= LIMIT for n in many), many
    assert all(now <= before + 2 for before, now in zip(few, many, strict=True)), (few, many)


def test_what_was_typed_in_a_contributor_is_kept_beside_its_error(town):
    client = client_for(town.people.coordinator)
    page = reverse("quarters:contributor_new")
    answer = send(client, page, name="Habitat du Sud", giver="landlord", email="gestion@")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="Habitat du Sud"' in text
    assert 'value="gestion@"' in text
    assert "Cette adresse n’est pas complète" in text


def test_the_same_click_opens_one_quarter(town):
    town.add("police")
    client = client_for(town.people.coordinator)
    index = reverse("quarters:index")
    once = client.get(index).content.decode().split('name="once" value="')[1].split('"')[0]
    answers = [client.post(reverse("quarters:open"), {"once": once, "period": town.last.code}) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]


@pytest.mark.parametrize("period", ["", "2026", "2031-1", "1999-1", "x"])
def test_a_quarter_that_cannot_be_opened_says_why_on_the_list(town, period):
    client = client_for(town.people.coordinator)
    answer = send(client, reverse("quarters:index"), to=reverse("quarters:open"), period=period)
    assert answer["Location"] == reverse("quarters:index")
    text = client.get(answer["Location"]).content.decode()
    assert "n’est pas commencé" in text or "trop ancien" in text or "de la liste" in text


@pytest.mark.attack("T-19")
def test_a_reader_finds_no_page_of_the_coordinator(town):
    quarter = town.opened()
    row = town.asked(quarter)
    client = client_for(town.people.mayor)
    for page in (
        reverse("quarters:page", args=[quarter.pk]), reverse("quarters:file", args=[quarter.pk, "pdf"]),
        reverse("quarters:describe", args=[quarter.pk]), reverse("quarters:group", args=[quarter.pk]),
        reverse("quarters:enter", args=[row.pk]), reverse("quarters:contributors"),
        reverse("quarters:contributor", args=[row.contributor_id]), reverse("quarters:contributor_new"),
    ):  # fmt: skip
        assert client.get(page).status_code == 404, page


def typed(client, page):
    """Return what a form that was opened sends besides its fields."""
    found = client.get(page).content.decode()
    return {"once": ONCE.search(found).group(1), "revision": REVISION.search(found).group(1)}


@pytest.mark.attack("R-06")
@pytest.mark.parametrize("about", ["", "?sur=burglary"])
def test_two_windows_on_one_comment_show_both_versions_and_lose_none(town, about):
    """The second one is asked which it keeps; its choice goes back to the same comment, and not to the quarter’s."""
    page = reverse("quarters:describe", args=[town.opened().pk]) + about
    client = client_for(town.people.coordinator)
    one, two = typed(client, page), typed(client, page)
    client.post(page, {"words": "La gare est calme.", **one})
    answer = client.post(page, {"words": "Le marché est calme.", **two})
    assert answer.status_code == 409
    both = answer.content.decode()
    assert "La gare est calme." in both
    assert "Le marché est calme." in both
    action = re.search(r'<form method="post" action="([^"]*/mots[^"]*)"', both).group(1)
    assert action == page
    kept = {"once": ONCE.search(both).group(1), "revision": REVISION.search(both).group(1)}
    client.post(action, {"words": "Le marché est calme.", **kept})
    assert "Le marché est calme." in client.get(page).content.decode()


@pytest.mark.attack("R-06")
def test_two_windows_on_the_same_counts_show_both(town):
    quarter = town.opened("police")
    page = reverse("quarters:enter", args=[town.asked(quarter).pk])
    client = client_for(town.people.coordinator)
    one, two = typed(client, page), typed(client, page)
    html = client.get(page).content.decode()
    boxes = [re.search(r'name="([^"]+)"', box).group(1) for box in re.findall(r"<input[^>]*inputmode[^>]*>", html)]
    assert boxes
    assert client.post(page, dict.fromkeys(boxes, "6") | one).status_code == 302
    answer = client.post(page, dict.fromkeys(boxes, "9") | two)
    assert answer.status_code == 409
    assert "Deux versions" in answer.content.decode()


def test_what_is_done_is_said(town):
    """A contributor added, counts typed, a comment kept: the page that follows says so."""
    client = client_for(town.people.coordinator)
    send(client, reverse("quarters:contributor_new"), name="Habitat du Sud", giver="landlord", email="")
    assert "Le contributeur est ajouté" in client.get(reverse("quarters:contributors")).content.decode()
    quarter = town.opened()
    page = reverse("quarters:describe", args=[quarter.pk])
    send(client, page, words="Trimestre calme.")
    assert (
        "La note et le commentaire sont enregistrés"
        in client.get(reverse("quarters:page", args=[quarter.pk])).content.decode()
    )


def test_what_was_typed_of_a_meeting_comes_back_the_next_day(town):
    """Nothing lost: the long forms keep their draft as they are typed."""
    quarter = town.opened()
    viewer = town.viewer()
    page = reverse("quarters:group", args=[quarter.pk])
    client = client_for(town.people.coordinator)
    assert f'data-autosave="trimestre.{quarter.pk}.groupe"' in client.get(page).content.decode()
    payload = {"said_0": ["Passages le dimanche."], "points": ["joyrides", "noise"], "revision": ["0"]}
    drafts.save(viewer, f"trimestre.{quarter.pk}.groupe", payload, now=town.now)
    html = client.get(page).content.decode()
    assert "Passages le dimanche." in html
    assert len(re.findall(r'name="points"[^>]*checked', html)) == 2
    drafts.save(viewer, f"trimestre.{quarter.pk}.mots", {"words": ["Soirées difficiles."]}, now=town.now)
    assert "Soirées difficiles." in client.get(reverse("quarters:describe", args=[quarter.pk])).content.decode()
