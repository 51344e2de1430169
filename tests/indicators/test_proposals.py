"""Preparing an edition, on screen: looked at, proposed, read by the second person, published; or taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access import approvals
from casework.access.approvals.models import Approval
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import Release
from tests.indicators.setting import Town, only_pupils
from tests.people import People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def town(people: People, monkeypatch: pytest.MonkeyPatch) -> Town:
    only_pupils(monkeypatch)
    found = Town(people, timezone.now())
    found.freeze()
    return found


def text(client: Any, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return str(answer.content.decode())


def press(client: Any, html: str, name: str, *args: Any, **given: Any) -> Any:
    """Send the form of the page whose action is this address, with its hidden fields."""
    url = reverse(name, args=args)
    form = re.search(rf'<form[^>]*action="{re.escape(url)}"[^>]*>(.*?)</form>', html, re.S)
    assert form, url
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(1)))
    return client.post(url, hidden | given)


def shown(html: str) -> str:
    """What a page says of figures, without what belongs to one request or to one reader."""
    return html[html.index("<section") : html.rindex("</section>")]


@pytest.mark.rule("ACL-11", "SDC-05")
def test_from_the_look_to_the_publication_two_persons_read_the_same_tables(town: Town) -> None:
    desk, dpo = client_for(town.people.coordinator), client_for(town.people.dpo)
    assert "Préparer l’édition" in text(desk, "releases:index")
    before = text(desk, "releases:prepare")
    assert "Voir ce qui serait affiché" in before
    assert "élèves" not in before
    look = text(desk, "releases:prepare", voir="1", annee=str(town.year))
    assert "64 élèves" in look
    proposed = press(desk, look, "releases:propose")
    row = Release.objects.get()
    assert proposed["Location"] == reverse("releases:proposal", args=[row.pk])
    assert "En attente du second accord" in text(desk, "releases:proposal", row.pk)
    assert "Aucun chiffre n’est encore publié" in text(client_for(town.people.mayor), "releases:index")

    asked = Approval.objects.get()
    request = text(dpo, "approvals:page", asked.pk)
    assert reverse("releases:proposal", args=[row.pk]) in request
    # Reasons and files are those of an act on somebody's file: figures have neither.
    assert "terme atteint" not in (request + text(dpo, "approvals:list")).lower()
    read = text(dpo, "releases:proposal", row.pk)
    assert shown(read) == shown(text(desk, "releases:proposal", row.pk))
    assert reverse("approvals:page", args=[asked.pk]) in read
    assert "Retirer la proposition" not in read

    approvals.approve(by=viewer_of(town.people.dpo), approval_id=asked.pk, now=timezone.now())
    agreed = text(desk, "releases:proposal", row.pk)
    assert "a donné son accord" in agreed
    assert "L’accord donné est perdu" in agreed
    published = press(desk, agreed, "releases:publish", row.pk)
    assert published["Location"] == f"{reverse('releases:index')}?annee={town.year}"
    row.refresh_from_db()
    assert row.state == ReleaseState.PUBLISHED
    assert "64 élèves" in text(client_for(town.people.mayor), "releases:index")
    assert "Publiée" in text(desk, "releases:proposal", row.pk)


def test_a_proposal_is_taken_back_with_its_request(town: Town) -> None:
    row, desk = town.propose(), client_for(town.people.coordinator)
    assert "Une édition est proposée" in text(desk, "releases:prepare")
    press(desk, text(desk, "releases:proposal", row.pk), "releases:withdraw", row.pk)
    row.refresh_from_db()
    assert row.state == ReleaseState.WITHDRAWN
    assert desk.get(reverse("releases:proposal", args=[row.pk])).status_code == 404
    assert Approval.objects.get().state == "withdrawn"


def test_what_was_refused_is_said_and_may_be_taken_back(town: Town) -> None:
    row = town.propose()
    approvals.refuse(by=town.viewer("dpo"), approval_id=Approval.objects.get().pk, now=town.now)
    html = text(client_for(town.people.coordinator), "releases:proposal", row.pk)
    assert "a refusé" in html
    assert "Retirer la proposition" in html
    assert "Publier l’édition" not in html


@pytest.mark.rule("ACL-11")
@pytest.mark.parametrize(("who", "reads"), [("dpo", True), ("valideur", True), ("mayor", False), ("pjj", False)])
def test_before_the_second_agreement_nobody_else_reads_a_proposal(town: Town, who: str, reads: bool) -> None:
    row = town.propose()
    client = client_for(town.people.mandates[who])
    assert client.get(reverse("releases:proposal", args=[row.pk])).status_code == (200 if reads else 404)
    assert client.get(reverse("releases:prepare")).status_code == 404
    for name in ("publish", "withdraw"):
        answer = client.post(reverse(f"releases:{name}", args=[row.pk]), {"revision": row.revision})
        assert answer.status_code == 404
    row.refresh_from_db()
    assert row.state == ReleaseState.PROPOSED


def test_nothing_is_published_before_it_is_agreed_to(town: Town) -> None:
    row, desk = town.propose(), client_for(town.people.coordinator)
    html = text(desk, "releases:proposal", row.pk)
    assert "Publier l’édition" not in html
    once = re.search(r'name="once" value="([^"]+)"', html)
    assert once
    desk.post(reverse("releases:publish", args=[row.pk]), {"once": once.group(1), "revision": row.revision})
    row.refresh_from_db()
    assert row.state == ReleaseState.PROPOSED


def test_only_years_that_are_over_are_prepared(town: Town) -> None:
    desk = client_for(town.people.coordinator)
    for year in (town.year + 1, town.year - 9):
        assert desk.get(reverse("releases:prepare"), {"annee": str(year)}).status_code == 404
    empty = text(desk, "releases:prepare", voir="1", annee=str(town.year - 3))
    assert "Rien de nouveau à proposer" in empty
    assert "Pas encore de chiffres comptés" in empty
