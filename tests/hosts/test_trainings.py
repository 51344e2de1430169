"""Tutors across hosts with their trainings (seed action 8): names for some, counts for the others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, InputRefused
from casework.placements.hosts import documents
from casework.placements.hosts.actions import posts, structures
from casework.placements.hosts.codes import HostStage
from casework.placements.hosts.data import Narrowed
from casework.placements.hosts.models import HostStructure, Supervisor, Training
from casework.placements.hosts.reads import trainings
from tests.casefile import pdf_text
from tests.hosts.setting import Catalogue
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")
ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture
def town(catalogue: Catalogue) -> Catalogue:
    """Two hosts: the Régie, whose agent manages a post, trained; the Ludothèque, whose tutor never was."""
    host = catalogue.host()
    trained = catalogue.supervisor(host, "Zzformé", account=True)
    post = catalogue.draft(host)
    by = catalogue.viewer("spip")
    posts.set_managers(by=by, post=post, supervisors=[trained.pk], now=catalogue.now)
    on = localdate(catalogue.now) - timedelta(days=30)
    structures.add_training(by=by, supervisor=trained, held_on=on, topic="minors", given_by="pjj", now=catalogue.now)
    catalogue.supervisor(catalogue.host("Ludothèque"), "Zzjamais")
    return catalogue


def names(town: Catalogue, who: str, asked: Narrowed | None = None) -> list[str]:
    found = trainings.listing(town.viewer(who), asked or Narrowed(), town.now)
    return [line.name for line in found.lines]


@pytest.mark.parametrize("who", ["spip", "pjj"])
def test_a_service_reads_all_tutors_with_what_they_followed(town: Catalogue, who: str) -> None:
    found = trainings.listing(town.viewer(who), Narrowed(), town.now)
    assert [line.name for line in found.lines] == ["Zzjamais", "Zzformé"]
    assert [words for _, words in found.lines[1].trainings] == ["accueillir un mineur (PJJ)"]
    assert (found.tutors, found.never) == (2, 1)


def test_the_list_is_narrowed_by_training_topic_and_host(town: Catalogue) -> None:
    assert names(town, "spip", Narrowed(kind="jamais")) == ["Zzjamais"]
    assert names(town, "spip", Narrowed(kind="formes")) == ["Zzformé"]
    assert names(town, "spip", Narrowed(kind="jamais", topic="law")) == ["Zzjamais", "Zzformé"]
    assert names(town, "spip", Narrowed(kind="formes", topic="law")) == []
    regie = HostStructure.objects.get(name="Régie des quais")
    assert names(town, "spip", Narrowed(host=regie.pk)) == ["Zzformé"]


def test_the_manager_of_a_host_reads_its_own_tutors_alone(town: Catalogue) -> None:
    assert names(town, "host") == ["Zzformé"]
    page = client_for(town.people.host).get(reverse("hosts:tutors")).content.decode()
    assert "Zzformé" in page
    assert "Zzjamais" not in page
    assert "Ludothèque" not in page


@pytest.mark.parametrize("who", ["coordinator", "mayor"])
def test_others_read_counts_and_no_name(town: Catalogue, who: str) -> None:
    page = client_for(town.people.mandates[who]).get(reverse("hosts:tutors")).content.decode()
    assert "Ludothèque" in page
    assert not re.search(r"\bZz[a-z]{3}", page)  # the token of a form may hold these two letters
    found = trainings.listing(town.viewer(who), Narrowed(), town.now)
    assert [(each.name, each.tutors, each.never) for each in found.counts] == [
        ("Ludothèque", 1, 1), ("Régie des quais", 1, 0),
    ]  # fmt: skip
    with pytest.raises(AccessRefused):
        documents.tutors(town.viewer(who), Narrowed(), town.now)


def test_who_left_and_whose_host_ended_is_not_listed(town: Catalogue) -> None:
    by = town.viewer("spip")
    left = Supervisor.objects.get(host__name="Ludothèque")
    structures.end_supervisor(by=by, supervisor=left, now=town.now)
    assert names(town, "spip") == ["Zzformé"]
    structures.move(by=by, host=HostStructure.objects.get(name="Régie des quais"), to=HostStage.ENDED, now=town.now)
    assert names(town, "spip") == []


def test_the_list_is_printed_and_told_as_a_print(town: Catalogue) -> None:
    response = client_for(town.people.spip).get(reverse("hosts:tutors_paper") + "?voir=jamais")
    assert response["Content-Type"] == "application/pdf"
    text = pdf_text.text(b"".join(response) if response.streaming else response.content)
    assert "Zzjamais" in text
    assert "Zzformé" not in text
    assert AuditEvent.objects.filter(act="print", object_type="hosts.supervisor").count() == 1


def test_a_training_is_noted_once_with_who_gave_it(town: Catalogue) -> None:
    tutor = Supervisor.objects.get(host__name="Ludothèque")
    client = client_for(town.people.spip)
    url = reverse("hosts:training_new", args=[tutor.pk])
    token = ONCE.search(client.get(url).content.decode())
    assert token
    sent = {"once": token.group(1), "held_on": str(localdate()), "topic": "safety", "given_by": "agency"}
    assert client.post(url, sent).status_code == 302
    client.post(url, sent)
    assert Training.objects.get(supervisor=tutor).given_by == "agency"
    with pytest.raises(InputRefused):
        structures.add_training(
            by=town.viewer("spip"), supervisor=tutor, held_on=localdate(), topic="law", given_by="me", now=town.now
        )


def test_the_queries_do_not_grow_with_the_tutors(town: Catalogue) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            trainings.listing(town.viewer("spip"), Narrowed(), town.now)
        return len(seen)

    few = count()
    host = town.host("Verger")
    for n in range(5):
        town.supervisor(host, f"Zz{n}")
    assert count() == few


@pytest.mark.parametrize("query", ["voir=x&sujet=%27%3B--&structure=nobody", "structure=" + "9" * 300, "voir=%00"])
def test_a_filter_that_means_nothing_asks_nothing(town: Catalogue, query: str) -> None:
    page = client_for(town.people.spip).get(reverse("hosts:tutors") + "?" + query)
    assert page.status_code == 200
