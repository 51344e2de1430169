"""R-05, R-11: an hour without its witness, or nearly no room: people read and sign in, nothing else is written."""

from __future__ import annotations

import re
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.audit import standing, witness
from casework.audit.models import AuditEvent
from casework.casefile import drafts
from casework.desk import system
from casework.errors import WritesStopped
from casework.minors.followups.models import FollowUp
from tests.attack import walk
from tests.audit.bench import NADIA
from tests.followups.saisine_setting import refer, typed
from tests.partners.helpers import OTHER, PASSWORD, is_in, sign_in, with_account
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True)]
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
TYPED = "Il passe ses soirées au city-stade avec des plus grands."
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def required(settings):
    settings.AUDIT_WITNESS_REQUIRED = True


@pytest.fixture
def follow_up(people):
    return refer(people)


@pytest.fixture
def away(required, follow_up, monkeypatch):
    """The last checkpoint was taken, then the witness went away, and what followed waits for more than an hour."""
    call_command("audit_checkpoint")
    audit.record(NADIA, audit.Act.MISS)
    monkeypatch.setattr(standing, "clock", lambda: timezone.now() + timedelta(minutes=61))
    standing.forget()


def disk(monkeypatch, **left_mb):
    """Answer for each watched folder, by its name, how many MB are left."""
    monkeypatch.setattr(standing.shutil, "disk_usage", lambda path: Usage(1 << 50, 0, left_mb[Path(path).name] << 20))
    standing.forget()


@pytest.fixture
def volumes(settings, tmp_path):
    """Three volumes of their own: data, keys, journal."""
    settings.FREE_SPACE_DIRS = [tmp_path / name for name in ("data", "keystore", "log")]
    settings.FREE_SPACE_FLOOR_MB, settings.FREE_SPACE_WARN_MB = 512, 5120


def write(people):
    return refer(people, last_name="Martin")


@pytest.mark.attack("R-05")
def test_an_hour_without_its_witness_stops_writes_and_nothing_else(people, away, follow_up):
    events = AuditEvent.objects.count()
    with pytest.raises(WritesStopped):
        write(people)
    assert AuditEvent.objects.count() == events
    page = client_for(people.coordinator).get(reverse("followups:page", args=[follow_up.pk]))
    assert page.status_code == 200
    assert "lecture seule depuis le" in page.content.decode()
    assert AuditEvent.objects.filter(act="view").exists(), "reading is still told"


@pytest.mark.attack("R-05")
def test_within_the_hour_and_elsewhere_than_in_production_work_goes_on(people, away, settings, monkeypatch):
    monkeypatch.setattr(standing, "clock", lambda: timezone.now() + timedelta(minutes=59))
    standing.forget()
    assert write(people)
    monkeypatch.setattr(standing, "clock", lambda: timezone.now() + timedelta(days=9))
    settings.AUDIT_WITNESS_REQUIRED = False
    standing.forget()
    assert write(people)


@pytest.mark.attack("R-05")
def test_it_comes_back_by_itself_when_the_witness_answers(people, away):
    with pytest.raises(WritesStopped):
        write(people)
    call_command("audit_checkpoint")
    standing.forget()
    assert write(people)


@pytest.mark.attack("R-05")
def test_the_administrator_reads_since_when_and_what_to_do(people, away):
    text = client_for(people.sysadmin).get(reverse("desk:system")).content.decode()
    assert "Lecture seule depuis le" in text
    assert "audit_checkpoint" in text
    call_command("audit_checkpoint")
    standing.forget()
    assert "Lecture seule" not in client_for(people.sysadmin).get(reverse("desk:system")).content.decode()


@pytest.mark.attack("R-05")
def test_people_sign_in_and_keep_what_they_type(people, away):
    agent = people.pjj.agent
    with_account(agent)
    assert is_in(sign_in(agent))
    viewer = viewer_of(people.coordinator)
    drafts.save(viewer, "followups.new", {"reason": [TYPED]}, now=timezone.now())
    assert drafts.load(viewer, "followups.new", now=timezone.now()).as_initial() == {"reason": TYPED}


@pytest.mark.attack("R-05", "R-11")
def test_the_page_of_a_refusal_keeps_what_was_typed_and_sends_it_again(people, away):
    client = client_for(people.mds)
    form = typed(origin="social_service", detail=TYPED)
    before = FollowUp.objects.count()
    answer = client.post(reverse("followups:refer"), form)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    text = answer.content.decode()
    assert "lecture seule" in text
    assert TYPED in text
    assert AuditEvent.objects.filter(act="denied", why="stopped.witness").count() == 1
    assert FollowUp.objects.count() == before
    call_command("audit_checkpoint")
    standing.forget()
    again = dict(HIDDEN.findall(text))
    assert client.post(reverse("followups:refer"), again).status_code == 302
    assert FollowUp.objects.count() == before + 1


@pytest.mark.attack("R-05")
def test_a_fragment_gets_the_sentence_and_its_form_stays(people, away):
    client = client_for(people.mds)
    answer = client.post(reverse("followups:refer"), typed(origin="social_service"), headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("text/plain")
    assert "lecture seule" in answer.content.decode()


@pytest.mark.attack("R-05")
def test_a_password_is_never_carried_by_a_page(people, away):
    with_account(people.pjj.agent)
    form = {"current": PASSWORD, "password": OTHER, "again": OTHER}
    answer = client_for(people.pjj).post(reverse("partners:password"), form)
    assert answer.status_code == 503
    assert OTHER not in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


@pytest.mark.attack("R-05")
@pytest.mark.parametrize("who", ["coordinator", "pjj", "dpo", "sysadmin"])
def test_every_page_still_opens(people, away, who):
    """A page that wrote on its way would answer 503."""
    client = client_for(getattr(people, who))
    urls = [url for found in walk.discover(client).values() for url in found]
    assert len(urls) > 5
    assert [url for url in urls if client.get(url).status_code >= 500] == []


@pytest.mark.attack("R-05")
def test_a_restore_still_erases_again_whoever_came_back(people, away):
    seen = witness.highest(str(people.territory.pk))
    with standing.repairing():
        assert write(people)
        audit.record(viewer_of(people.coordinator), audit.Act.GRANT)
    assert witness.highest(str(people.territory.pk)) == seen, "it may be a drill: the witness hears of nothing"
    with pytest.raises(WritesStopped):
        write(people)


@pytest.mark.attack("R-11")
@pytest.mark.parametrize("name", ["data", "keystore", "log"])
def test_writes_stop_before_any_volume_is_full_and_come_back(people, follow_up, volumes, monkeypatch, name):
    room = {"data": 9000, "keystore": 9000, "log": 9000}
    disk(monkeypatch, **room | {name: 511})
    before = FollowUp.objects.count()
    answer = client_for(people.mds).post(reverse("followups:refer"), typed(origin="social_service"))
    assert answer.status_code == 503
    assert "presque plus de place" in answer.content.decode()
    assert FollowUp.objects.count() == before
    page = reverse("followups:page", args=[follow_up.pk])
    assert client_for(people.coordinator).get(page).status_code == 200
    assert AuditEvent.objects.filter(act="view").exists()
    disk(monkeypatch, **room | {name: 512})
    assert write(people)


@pytest.mark.attack("R-11")
def test_the_room_is_asked_at_most_every_five_seconds(people, volumes, monkeypatch):
    asked = []
    monkeypatch.setattr(standing.shutil, "disk_usage", lambda path: asked.append(path) or Usage(1 << 50, 0, 9000 << 20))
    for _ in range(10):
        standing.require()
    assert len(asked) == 3
    monkeypatch.setattr(standing, "_FRESH_SECONDS", -1.0)
    standing.require()
    assert len(asked) == 6


@pytest.mark.attack("R-11")
def test_the_administrator_and_the_night_are_told_well_before(people, volumes, monkeypatch):
    def line():
        (found,) = [each for each in system.page(timezone.now()).rest if each.what.endswith("keystore")]
        return found.kind, found.state

    room = {"data": 9000, "log": 9000}
    disk(monkeypatch, **room, keystore=6000)
    assert line() == ("ok", "5,9 Go")
    call_command("daily")
    disk(monkeypatch, **room, keystore=5000)
    assert line()[0] == "wait"
    standing.require()  # work goes on
    with pytest.raises(SystemExit):
        call_command("daily")
    disk(monkeypatch, **room, keystore=100)
    assert line() == ("late", "100 Mo")
    monkeypatch.setattr(standing.shutil, "disk_usage", gone)
    standing.forget()
    assert line() == ("late", "Inconnue")
    standing.require()  # a folder that cannot be asked is told, and stops nothing


def gone(path):
    raise FileNotFoundError(path)
