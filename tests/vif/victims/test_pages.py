"""The pages of the victim's side, walked by its officer, read by the prosecutor's agent, absent for everybody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.audit.models import AuditEvent
from casework.vif.victims.actions import follow
from casework.vif.victims.actions.opening import ContactData
from casework.vif.victims.models import PassedNote, VictimSupport, Whereabouts
from tests.casefile import pdf_text
from tests.people import client_for, viewer_of
from tests.vif.victims.setting import NAME, PHONE, PLACE, WORDS, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def _client(side: Setting, who: str = "apers_victim") -> Client:
    return client_for(side.people.mandates[who], now=side.now)


def _send(client: Client, url: str, data: dict[str, Any]) -> Any:
    return client.post(url, data | {"once": str(uuid4())})


@pytest.mark.rule("VIC-01")
def test_somebody_is_received_followed_protected_and_let_go_without_leaving_the_pages(side: Setting) -> None:
    client = _client(side)
    new = client.get(reverse("victims:new"))
    typed = {
        "last_name": NAME, "first_name": "Ana", "received_on": side.today.strftime("%d/%m/%Y"), "origin": "herself",
        "channels": ["call"], "phone": PHONE, "when": "le matin", "victim_id": new.context["victim_id"],
    }  # fmt: skip
    refused = _send(client, reverse("victims:new"), typed | {"phone": ""})
    assert refused.status_code == 422
    assert "Indiquez le numéro" in refused.content.decode()
    assert NAME in refused.content.decode(), "nothing typed is lost"
    undialled = _send(client, reverse("victims:new"), typed | {"phone": "06 12"})
    assert "Tapez un numéro de téléphone" in undialled.content.decode()
    assert _send(client, reverse("victims:new"), typed).status_code == 302
    row = VictimSupport.objects.get()
    at = reverse("victims:page", args=[row.pk])
    day = side.today.strftime("%d/%m/%Y")
    for name, data in (
        ("act_accord", {"kind": "support", "agreed": "yes", "said_on": day}),
        ("act_rendez_vous", {"kind": "office", "day": day, "at": "09:00"}),
        ("act_orientation", {"to": "CIDFF", "reason": "", "sent_on": day}),
        ("act_ordonnance_demandee", {"kind": "order", "day": day, "at": "00:01", "hearing_on": day}),
        ("act_avis", {"asked_by": "court", "asked_on": day, "opinion": "none", "words": "", "told_on": ""}),
        ("act_note_remise", {"to": "l’éducatrice référente", "passed_on": day}),
    ):
        answer = _send(client, reverse(f"victims:{name}", args=[row.pk]), data)
        assert answer.status_code == 302, (name, answer.content.decode()[:2000])
    meeting, order = row.appointments.get(), row.orders.get()
    answer = _send(
        client, reverse("victims:part_rendez_vous", args=[meeting.pk]), {"outcome": "held", "note": "", "revision": 1}
    )
    assert answer.status_code == 302
    given = {
        "given_on": day, "ends_on": (side.today + timedelta(days=90)).strftime("%d/%m/%Y"), "terms": ["no_contact"],
        "revision": order.revision,
    }  # fmt: skip
    assert _send(client, reverse("victims:order", args=[order.pk]), given).status_code == 302
    called = {
        "day": day, "at": "00:01", "magistrate": "Mme Roux", "instruction": "aucune", "happened_on": day,
        "kind": "call", "facts": "Trois appels.", "answer_by": day,
    }  # fmt: skip
    assert _send(client, reverse("victims:call", args=[row.pk]), called).status_code == 302
    body = client.get(at).content.decode()
    for words in ("CIDFF", "Mme Roux", "l’éducatrice référente", "interdiction d’entrer en contact", "227-4-2"):
        assert words in body.replace("Interdiction", "interdiction")
    fresh_row = fresh(row)
    end = {"reason": "her_wish", "closed_on": day, "revision": fresh_row.revision}
    assert _send(client, reverse("victims:act_terminer", args=[row.pk]), end).status_code == 302
    assert "La fiche disparaît le" in client.get(at).content.decode()


@pytest.mark.rule("VIC-01")
def test_the_rules_stand_before_the_number_wherever_it_is_read(side: Setting) -> None:
    row = side.opened()
    body = _client(side).get(reverse("victims:page", args=[row.pk])).content.decode()
    assert 0 < body.index("Ne jamais laisser de message vocal") < body.index(PHONE)
    listed = _client(side).get(reverse("victims:index")).content.decode()
    assert "jamais de message vocal" in listed
    assert PHONE not in listed


@pytest.mark.attack("T-22")
@pytest.mark.rule("VIC-01", "OP-04", "ACL-08")
@pytest.mark.parametrize("who", ["apers_victim", "prosecutor"])
def test_a_place_is_shown_alone_on_a_fresh_second_factor_and_each_time_is_told(side: Setting, who: str) -> None:
    row = side.opened()
    first, second = side.place(row), side.place(row, f"{PLACE}autre", "home")
    url = reverse("victims:place", args=[first.pk])
    old = client_for(side.people.mandates[who], now=side.now - timedelta(minutes=9))
    assert old.get(url).status_code in (302, 401)
    client = _client(side, who)
    closed = client.get(reverse("victims:places", args=[row.pk])).content.decode()
    assert PLACE not in closed
    for _ in range(2):
        body = client.get(url).content.decode()
        assert PLACE in body
        assert f"{PLACE}autre" not in body, "one at a time"
    assert "ne peut la transmettre" in body
    told = [event for event in AuditEvent.objects.filter(act="reveal") if "vif_location" in event.classes]
    assert len(told) == 2
    assert all(event.module == "vif" for event in told)
    assert Whereabouts.objects.filter(pk=second.pk).exists()


@pytest.mark.rule("VIC-01")
def test_a_kept_address_is_read_by_who_keeps_it_alone(side: Setting) -> None:
    row = side.opened()
    place = side.place(row)
    client = _client(side)
    assert _send(client, reverse("victims:act_adresse", args=[row.pk]), {"on": "on"}).status_code == 302
    assert client.get(reverse("victims:place", args=[place.pk])).status_code == 200
    assert PHONE in client.get(reverse("victims:page", args=[row.pk])).content.decode()
    reader = _client(side, "prosecutor")
    assert reader.get(reverse("victims:place", args=[place.pk])).status_code == 404
    assert reader.get(reverse("victims:places", args=[row.pk])).status_code == 404
    shown = reader.get(reverse("victims:page", args=[row.pk])).content.decode()
    assert PHONE not in shown
    assert "garde ses coordonnées" in shown
    assert _send(client, reverse("victims:act_adresse", args=[row.pk]), {}).status_code == 302
    assert reader.get(reverse("victims:place", args=[place.pk])).status_code == 200


@pytest.mark.rule("OP-07", "VIC-01")
def test_the_papers_say_no_address_and_no_number_and_a_passed_note_is_recorded(side: Setting) -> None:
    row = side.full()
    client = _client(side)
    for url in (
        reverse("victims:note", args=[row.pk, row.notices.get().pk]),
        reverse("victims:address_note", args=[row.pk]),
    ):
        paper = client.get(url)
        assert paper["Content-Type"] == "application/pdf"
        text = pdf_text.text(paper.content)
        assert NAME in text
        assert PLACE not in text
        assert PHONE[:6] not in text.replace(" ", "")
    assert PassedNote.objects.filter(support=row).count() == 1


@pytest.mark.rule("VIC-01", "ACL-05")
def test_the_prosecutors_agent_reads_and_writes_nothing(side: Setting) -> None:
    row = side.full()
    client = _client(side, "prosecutor")
    body = client.get(reverse("victims:page", args=[row.pk])).content.decode()
    assert f"{WORDS} faits" in body
    assert 'method="post" action="/victimes' not in body
    for name in ("correct", "call", "given_order", "address_note"):
        assert client.get(reverse(f"victims:{name}", args=[row.pk])).status_code == 404
    assert _send(client, reverse("victims:act_adresse", args=[row.pk]), {"on": "on"}).status_code == 404
    assert _send(client, reverse("victims:places", args=[row.pk]), {"kind": "home", "address": "x"}).status_code == 404


@pytest.mark.rule("ACL-10")
def test_earlier_rules_and_who_opened_are_read_by_the_officer(side: Setting) -> None:
    row = side.opened()
    client = _client(side)
    client.get(reverse("victims:page", args=[row.pk]))
    assert "Ne jamais laisser" in client.get(reverse("victims:history", args=[row.pk])).content.decode()
    assert "aide aux victimes" in client.get(reverse("victims:who_opened", args=[row.pk])).content.decode()
    for name in ("history", "who_opened"):
        assert _client(side, "apers_offender").get(reverse(f"victims:{name}", args=[row.pk])).status_code == 404


@pytest.mark.rule("VIC-05", "LOG-09")
def test_an_opinion_is_read_by_who_asked_for_it_and_a_reading_of_openings_is_told(side: Setting) -> None:
    row = side.full()
    follow.record_opinion(
        by=side.viewer(), support=row, now=side.now, asked_by="prosecutor", asked_on=side.today, opinion="against",
        words=f"{WORDS} parquet", told_on=None,
    )  # fmt: skip
    own = _client(side).get(reverse("victims:page", args=[row.pk])).content.decode()
    court = _client(side, "prosecutor").get(reverse("victims:page", args=[row.pk])).content.decode()
    assert f"{WORDS} parquet" in court
    assert f"{WORDS} avis" in own
    assert f"{WORDS} avis" not in court, "asked for by another magistrate"
    for name in ("history", "who_opened"):
        link = reverse(f"victims:{name}", args=[row.pk])
        opens = _client(side, "prosecutor").get(link).status_code == 200
        assert (link in court) is opens, "no link to a page that answers 404"
    told = AuditEvent.objects.filter(act="who_read", module="vif")
    before = told.count()
    _client(side).get(reverse("victims:who_opened", args=[row.pk]))
    assert told.count() == before + 1


@pytest.mark.rule("BL-04", "VIC-01")
def test_health_and_places_are_asked_about_once_and_nothing_typed_is_lost(side: Setting) -> None:
    row = side.opened()
    meeting = side.meeting(row)
    client, url = _client(side), reverse("victims:part_rendez_vous", args=[meeting.pk])
    typed = {"outcome": "held", "note": "Elle habite 12 rue des Lilas.", "revision": meeting.revision}
    asked = _send(client, url, typed)
    assert asked.status_code == 422
    assert "12 rue des Lilas" in asked.content.decode()
    mark = re.search(r'name="confirm_text" value="(\w+)"', asked.content.decode())
    assert mark is not None
    assert _send(client, url, typed | {"confirm_text": mark[1]}).status_code == 302


@pytest.mark.rule("VIC-01")
def test_a_number_is_not_offered_where_she_is_the_one_who_calls(side: Setting) -> None:
    row = side.opened(contact=ContactData(channels=("never",), phone=PHONE))
    assert PHONE not in _client(side).get(reverse("victims:page", args=[row.pk])).content.decode()


def test_a_correction_keeps_what_was_typed_and_the_earlier_version(side: Setting) -> None:
    row = side.opened()
    client, url = _client(side), reverse("victims:correct", args=[row.pk])
    form = client.get(url)
    assert PHONE in form.content.decode()
    typed = {
        "last_name": "Autre", "received_on": side.today.strftime("%d/%m/%Y"), "origin": "police",
        "channels": ["never"], "revision": row.revision,
    }  # fmt: skip
    assert _send(client, url, typed).status_code == 302
    assert _send(client, url, typed).status_code == 422, "the form is older than the file"
    body = client.get(reverse("victims:page", args=[row.pk])).content.decode()
    assert "Autre" in body
    assert "elle qui appelle" in body
    assert viewer_of(side.people.apers_victim).role == "apers_victim"


def test_the_pages_stay_short_in_queries_and_the_list_constant(side: Setting) -> None:
    rows = [side.full() for _ in range(2)]
    counts: dict[str, int] = {}

    def look(name: str, who: str, url: str) -> None:
        client = _client(side, who)
        client.get(reverse("victims:new"))  # session and caches are warm
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        counts[name] = len([one for one in seen if "SAVEPOINT" not in one["sql"]])

    for who in ("apers_victim", "prosecutor"):
        look(f"list, two {who}", who, reverse("victims:index"))
        look(f"page {who}", who, reverse("victims:page", args=[rows[0].pk]))
        look(f"places {who}", who, reverse("victims:places", args=[rows[0].pk]))
        look(f"work, two {who}", who, reverse("desk:work"))
    for _ in range(4):
        side.full()
    for who in ("apers_victim", "prosecutor"):
        look(f"list, six {who}", who, reverse("victims:index"))
        look(f"work, six {who}", who, reverse("desk:work"))
        assert counts[f"list, six {who}"] == counts[f"list, two {who}"], counts
        assert counts[f"work, six {who}"] == counts[f"work, two {who}"], counts
    assert max(counts.values()) <= 25, counts
