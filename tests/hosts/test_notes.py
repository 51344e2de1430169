"""Exchanges with a possible host: one line each, of those who prospect, gone with the record (seed action 8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from casework import audit
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts.actions import erasing, posts, structures
from casework.placements.hosts.codes import HostStage
from casework.placements.hosts.models import HostStructure, ProspectNote
from casework.placements.hosts.reads import structures as reads
from tests.hosts.setting import Catalogue
from tests.hosts.test_erasing import is_gone, prospect
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")
ONCE = re.compile(r'name="once" value="([^"]+)"')
LINE = "Rappeler le 12, la direction y tient"


def page_of(catalogue: Catalogue, who: str, host: HostStructure) -> str:
    return client_for(catalogue.people.mandates[who]).get(reverse("hosts:host", args=[host.pk])).content.decode()


@pytest.mark.parametrize("who", ["coordinator", "spip", "pjj"])
def test_whoever_prospects_notes_an_exchange_and_reads_it_with_its_author(catalogue: Catalogue, who: str) -> None:
    host = prospect(catalogue)
    client = client_for(catalogue.people.mandates[who])
    url = reverse("hosts:note_new", args=[host.pk])
    token = ONCE.search(client.get(url).content.decode())
    assert token
    sent = {"once": token.group(1), "text": f"  {LINE} "}
    assert client.post(url, sent).status_code == 302
    client.post(url, sent)  # a second click writes nothing
    assert ProspectNote.objects.count() == 1
    page = page_of(catalogue, who, host)
    assert LINE in page
    assert catalogue.people.mandates[who].agent.full_name in page


def test_the_host_and_those_who_only_read_see_none(catalogue: Catalogue) -> None:
    """A host that was prospected, now with an account and a post: its manager reads its page, never what was said."""
    host = prospect(catalogue)
    by, now = catalogue.viewer("spip"), catalogue.now
    note = structures.add_note(by=by, host=host, text=LINE, now=now)
    host.refresh_from_db()
    with audit.writing(by, now=now):
        host.organisation = catalogue.people.host_body
        host.save()
    tutor = catalogue.supervisor(host, account=True)
    post = catalogue.draft(host)
    posts.set_managers(by=by, post=post, supervisors=[tutor.pk], now=now)
    for who in ("host", "mayor"):
        page = page_of(catalogue, who, host)
        assert "Ludothèque" in page
        assert "Rappeler" not in page
        viewer = catalogue.viewer(who)
        with pytest.raises(AccessRefused):
            structures.add_note(by=viewer, host=host, text="x", now=now)
        with pytest.raises(AccessRefused):
            structures.find_note(viewer, note.pk, now)
        with pytest.raises(AccessRefused):
            structures.remove_note(by=viewer, note=note, now=now)


def test_a_note_is_read_over_once_and_never_empty(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    client = client_for(catalogue.people.coordinator)
    url = reverse("hosts:note_new", args=[host.pk])
    token = ONCE.search(client.get(url).content.decode())
    assert token
    warned = client.post(url, {"once": token.group(1), "text": "Il est suivi pour dépression"})
    assert warned.status_code == 422
    assert "envoyez à nouveau" in warned.content.decode()
    assert "Il est suivi" in warned.content.decode(), "nothing typed is lost"
    assert client.post(url, {"once": token.group(1), "text": "x" * 201}).status_code == 422
    with pytest.raises(InputRefused):
        structures.add_note(by=catalogue.viewer("spip"), host=host, text="  ", now=catalogue.now)
    assert not ProspectNote.objects.exists()


def test_a_note_is_deleted_for_good(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    note = structures.add_note(by=catalogue.viewer("spip"), host=host, text=LINE, now=catalogue.now)
    client = client_for(catalogue.people.coordinator)
    token = ONCE.search(page_of(catalogue, "coordinator", host))
    assert token
    assert client.post(reverse("hosts:note_remove", args=[note.pk]), {"once": token.group(1)}).status_code == 302
    assert not ProspectNote.objects.exists()
    assert LINE not in page_of(catalogue, "coordinator", host)


def test_a_host_under_agreement_takes_no_more_notes_and_keeps_those_it_has(catalogue: Catalogue) -> None:
    host = catalogue.host()
    with pytest.raises(GuardRefused):
        structures.add_note(by=catalogue.viewer("spip"), host=host, text=LINE, now=catalogue.now)
    other = prospect(catalogue)
    structures.add_note(by=catalogue.viewer("spip"), host=other, text=LINE, now=catalogue.now)
    structures.move(
        by=catalogue.viewer("spip"), host=other, to=HostStage.DECLINED, now=catalogue.now, decline_reason="not_now"
    )
    shown = reads.page(catalogue.viewer("spip"), HostStructure.objects.get(pk=other.pk), catalogue.now)
    assert [line.text for line in shown.notes] == [LINE]
    assert not shown.may_note


@pytest.mark.rule("RET-07")
def test_a_note_counts_as_the_last_exchange_and_goes_with_the_host(catalogue: Catalogue) -> None:
    host = prospect(catalogue)
    later = catalogue.now + timedelta(days=100)
    structures.add_note(by=catalogue.viewer("spip", later), host=host, text=LINE, now=later)
    assert erasing.erase_over(catalogue.now + timedelta(days=3 * 366)) == 0
    assert erasing.erase_over(later + timedelta(days=3 * 366)) == 1
    assert is_gone(host)
    assert not ProspectNote.objects.exists()


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "'; DROP TABLE hosts_prospectnote; --", "🙂 d’accord ✔", "x" * 200]
)
def test_what_is_typed_is_shown_as_typed(catalogue: Catalogue, typed: str) -> None:
    host = prospect(catalogue)
    client = client_for(catalogue.people.coordinator)
    url = reverse("hosts:note_new", args=[host.pk])
    token = ONCE.search(client.get(url).content.decode())
    assert token
    assert client.post(url, {"once": token.group(1), "text": typed}).status_code == 302
    page = page_of(catalogue, "coordinator", host)
    assert escape(typed) in page
    assert "<script>alert" not in page
