"""The pages about phones: walked by the officer and by the prosecutor's agent, absent for everybody else."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.access.routes import policy_of
from casework.audit.models import AuditEvent
from casework.casefile import work
from casework.partners.models import Mandate
from casework.vif.phones.codes import DeviceState, State
from casework.vif.phones.models import Allocation, Device
from casework.vif.phones.views import lists, page
from tests.casefile import pdf_text
from tests.people import client_for
from tests.vif.phones.setting import COURT, MAGISTRATE, OFFICER, SERIAL, Setting, fresh
from tests.vif.victims.setting import NAME, PHONE, WORDS

pytestmark = pytest.mark.django_db(databases="__all__")


def _client(town: Setting, who: str = OFFICER) -> Client:
    return client_for(town.people.mandates[who], now=town.now)


def _send(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, data | {"once": str(uuid4())})


def _act(client: Client, row: Allocation, name: str, **data: Any) -> Allocation:
    url = reverse(f"phones:act_{name}", args=[row.pk])
    answer = _send(client, url, revision=fresh(row).revision, **data)
    assert answer.status_code == 302, (name, answer.content.decode()[:3000])
    return fresh(row)


@pytest.mark.rule("TGD-02", "TGD-03", "TGD-12", "TGD-13", "VIC-01")
def test_the_officer_and_the_court_walk_one_phone_from_the_signal_to_its_end(town: Setting) -> None:
    support, officer, court = town.opened(), _client(town), _client(town, COURT)
    day = town.today.strftime("%d/%m/%Y")
    assert _send(court, reverse("phones:add_device"), serial=SERIAL, received_on=day).status_code == 302
    device = Device.objects.get()
    hers = officer.get(reverse("victims:page", args=[support.pk])).content.decode()
    assert reverse("phones:signal", args=[support.pk]) in hers
    assert (
        _send(officer, reverse("phones:signal", args=[support.pk]), origin="hospital", signalled_on=day).status_code
        == 302
    )
    row = Allocation.objects.get()
    row = _act(officer, row, "evaluation", assessed_by="association", urgency="now", danger=["threats"])
    checks = reverse("phones:conditions", args=[row.pk])
    typed = {
        "ground": "rape", "ground_proof": "police", "apart": "yes", "apart_proof": "said", "ban": "not_yet",
        "ban_proof": "police", "consent": "yes", "consent_proof": "signed", "revision": row.revision,
    }  # fmt: skip
    refused = _send(officer, checks, **typed)
    assert refused.status_code == 422
    assert "Demandez-lui à part" in refused.content.decode()
    assert _send(officer, checks, location="no", **typed).status_code == 302
    # The court finds it in its work and on its page, and decides there.
    assert "à décider" in court.get(reverse("desk:work")).content.decode()
    assert str(row.pk) in court.get(reverse("phones:decisions")).content.decode()
    row = _act(court, row, "accorder", magistrate=MAGISTRATE, decided_on=day)
    row = _act(officer, row, "remettre", device_id=str(device.pk), handed_on=day)
    assert _send(officer, reverse("phones:test", args=[row.pk]), result="passed").status_code == 302
    row = _act(officer, row, "fiche")
    row = _act(officer, row, "envoi", recipients=["operator"], channel="secure_mail", sent_on=day)
    assert "Téléassisteur" in officer.get(reverse("phones:page", args=[row.pk])).content.decode()
    for url in (
        reverse("phones:sheet", args=[row.pk, row.sheets.get().pk]),
        reverse("phones:decision", args=[row.pk, row.decisions.get().pk]),
    ):
        text = pdf_text.text(officer.get(url).content)
        assert NAME in text
    assert SERIAL in pdf_text.text(officer.get(reverse("phones:sheet", args=[row.pk, row.sheets.get().pk])).content)
    row = _act(officer, row, "fin", reason="danger_over", withdrawn_on=day)
    row = _act(officer, row, "restitution", returned_on=day, given_to=MAGISTRATE, present="Zzpresente")
    assert "trois jours" in pdf_text.text(officer.get(reverse("phones:certificate", args=[row.pk])).content)
    row = _act(officer, row, "terminer", wiped="on", kept_until=day)
    assert row.state == State.CLOSED
    assert "En panne" in court.get(reverse("phones:device", args=[device.pk])).content.decode()
    device.refresh_from_db()
    answer = _send(court, reverse("phones:say", args=[device.pk]), to="broken", revision=device.revision)
    assert answer.status_code == 302
    device.refresh_from_db()
    assert device.state == DeviceState.BROKEN


@pytest.mark.rule("TGD-02")
def test_without_an_account_of_the_court_the_officer_notes_what_came(town: Setting) -> None:
    row, officer = town.asked(), _client(town)
    url = reverse("phones:page", args=[row.pk])
    assert "ecrit-transmis" not in officer.get(url).content.decode()
    mandate = Mandate.objects.get(pk=town.people.prosecutor.pk)
    mandate.ends_at = town.now
    mandate.save()
    assert "ecrit-transmis" in officer.get(url).content.decode()
    day = town.today.strftime("%d/%m/%Y")
    row = _act(officer, row, "ecrit_transmis", kind="allot", magistrate=MAGISTRATE, decided_on=day, channel="letter")
    assert row.state == State.DECIDED_YES


@pytest.mark.rule("TGD-01", "TGD-04", "TGD-05", "TGD-06")
def test_each_condition_that_lacks_is_said_at_once_beside_its_field(town: Setting) -> None:
    row, officer = town.assess(town.signalled()), _client(town)
    url = reverse("phones:conditions", args=[row.pk])
    body = _send(officer, url, revision=row.revision, ground="rape").content.decode()
    for field in ("ground", "apart", "ban", "consent", "location"):
        assert re.search(rf'<a href="#id_{field}(_0)?">', body), field
    assert _send(officer, url, revision=row.revision, ground="rape", set_aside="1").status_code == 302
    assert fresh(row).state == State.NOT_ELIGIBLE


@pytest.mark.rule("TGD-13")
def test_a_sheet_is_offered_while_it_may_be_made(town: Setting) -> None:
    row, officer = town.used(), _client(town)
    page, act = (reverse(f"phones:{name}", args=[row.pk]) for name in ("page", "act_fiche"))
    assert act in officer.get(page).content.decode()
    town.back(town.ending(row))
    assert act not in officer.get(page).content.decode()


def test_what_is_missing_is_said_once_at_the_top_and_beside_its_field(town: Setting) -> None:
    officer, support = _client(town), town.opened()
    urls = [reverse("phones:signal", args=[support.pk]), reverse("phones:act_remettre", args=[town.allowed().pk])]
    for url in urls:
        answer = _send(officer, url)
        assert answer.status_code == 422
        assert answer.content.decode().count('class="cw-errors"') == 1, url


@pytest.mark.rule("TGD-13", "DL-16", "VIC-01")
def test_eight_devices_cost_what_two_cost_and_her_rules_stand_before_her_number(town: Setting) -> None:
    officer = _client(town)

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(url).status_code == 200
        return len(seen)

    pages = [reverse(name) for name in ("phones:tests", "phones:index", "phones:decisions", "desk:work")]
    for _ in range(2):
        town.used()
    few = [queries(url) for url in pages]
    assert max(few) <= 25, few
    for _ in range(6):
        town.used()
    assert [queries(url) for url in pages] == few
    body = officer.get(pages[0]).content.decode()
    rule, number = body.index(f"{WORDS} convenu"), body.index(PHONE)
    assert rule < number
    assert "<details" in body[rule:number], "the number is opened once the rules were read"


@pytest.mark.rule("DL-15", "DL-16", "DL-24", "TGD-13")
def test_the_work_of_the_day_by_reference(town: Setting) -> None:
    """At 45 days her agreement, at the term the prosecutor; a test two days before; never a name."""
    row = town.used()
    town.test(row)
    other = town.signalled()

    def lines(who: str, days: int) -> str:
        found = work.for_viewer(town.by(who, town.on(days)), town.on(days))
        return " ".join(f"{line.reference} {line.label}" for line in found)

    reference = row.support.reference
    assert "téléphone à essayer" not in lines(OFFICER, 10)
    assert "téléphone à essayer" in lines(OFFICER, 14)
    assert "évaluation du danger à rendre" in lines(OFFICER, 14)
    left = (row.ends_on - town.today).days
    assert "terme proche" not in lines(OFFICER, left - 46)
    for days in (45, 15, 3):
        assert "terme proche" in lines(OFFICER, left - days)
    past = lines(OFFICER, left + 2)
    assert "terme passé sans décision" in past
    assert "terme passé sans décision" in lines(COURT, left + 2)
    assert reference in past
    assert other.support.reference in past
    assert NAME not in past


@pytest.mark.rule("ACL-05", "VIC-02", "VIC-03", "VIC-04", "TGD-14", "TGD-15")
@pytest.mark.attack("T-19", "T-39")
def test_nobody_else_learns_that_a_phone_exists(town: Setting) -> None:
    """404 as for what never was, to the other side first; the coordinator and the mayor read a number, nothing else."""
    row = town.used()
    pages = [
        reverse("phones:tests"), reverse("phones:decisions"), reverse("phones:page", args=[row.pk]),
        reverse("phones:signal", args=[row.support_id]), reverse("phones:conditions", args=[row.pk]),
        reverse("phones:device", args=[row.device_id]), reverse("phones:serial", args=[row.device_id]),
        reverse("phones:add_device"), reverse("phones:certificate", args=[row.pk]),
    ]  # fmt: skip
    for who in ("apers_offender", "spip", "pjj", "coordinator", "mayor", "sysadmin"):
        client = _client(town, who)
        for url in pages:
            assert client.get(url).status_code == 404, (who, url)
        for url in (reverse("phones:act_fin", args=[row.pk]), reverse("phones:test", args=[row.pk])):
            assert _send(client, url, result="passed").status_code == 404, (who, url)
        assert client.get(reverse("phones:index")).status_code == 404, who
        assert "/telephones/" not in client.get(reverse("desk:work")).content.decode()


@pytest.mark.attack("T-22")
@pytest.mark.rule("TGD-14")
def test_serials_and_sheets_ask_for_a_fresh_second_factor_and_are_told(town: Setting) -> None:
    for view in (lists.serial, page.sheet):
        assert policy_of(view).step_up is not None  # type: ignore[union-attr]  # each has one
    for view in (lists.index, lists.tests, lists.test, page.page, page.act):
        assert policy_of(view).step_up is None  # type: ignore[union-attr]  # tests and states are made all day
    row = town.used()
    assert SERIAL in _client(town).get(reverse("phones:serial", args=[row.device_id])).content.decode()
    told = AuditEvent.objects.order_by("-id").filter(act="reveal").first()
    assert told is not None
    assert "vif_location" in told.classes


@pytest.mark.rule("VIC-01", "TGD-13")
def test_a_sheet_made_before_her_number_was_kept_no_longer_prints_it_for_another(town: Setting) -> None:
    row, officer = town.used(), _client(town)
    row = _act(officer, row, "fiche")
    url = reverse("phones:sheet", args=[row.pk, row.sheets.get().pk])
    assert PHONE in pdf_text.text(_client(town, COURT).get(url).content)
    assert _send(officer, reverse("victims:act_adresse", args=[row.support_id]), on="on").status_code == 302
    assert PHONE in pdf_text.text(officer.get(url).content)
    assert PHONE not in pdf_text.text(_client(town, COURT).get(url).content)
