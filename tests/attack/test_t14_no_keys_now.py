"""T-14: KEK missing, wrong, provider down or slow: a clean 503, nothing half written, no word in clear, then back."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager

import pytest
from django.test import Client
from django.urls import reverse

from casework.errors import KeystoreUnavailable
from casework.minors.followups.models import FollowedPerson, FollowUp, Referral
from casework.sealing import keys, providers
from casework.sealing.providers import FileProvider, provider
from tests.followups.saisine_setting import refer
from tests.people import client_for

pytestmark = [pytest.mark.attack("T-14"), pytest.mark.django_db(databases="__all__")]


@pytest.fixture(autouse=True)
def file_keys(settings, tmp_path):
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    yield
    keys.forget()


@contextmanager
def missing():
    """The directory of keys is not there."""
    home = provider()._dir
    home.rename(home.with_name("away"))
    try:
        yield
    finally:
        home.with_name("away").rename(home)


@contextmanager
def wrong():
    """Somebody mounted the keys of another installation."""
    home = provider()._dir
    with missing():
        try:
            FileProvider(home).new_epoch()
            yield
        finally:
            shutil.rmtree(home)


@contextmanager
def down():
    """The provider answers nothing, for a reason of its own."""

    def gone(self, epoch):
        raise KeystoreUnavailable(providers.UNAVAILABLE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileProvider, "_kek", gone)
        yield


OUTAGES = {"missing": missing, "wrong": wrong, "down": down}


@pytest.fixture(params=OUTAGES)
def outage(request):
    return OUTAGES[request.param]


@pytest.mark.parametrize("warm", [True, False], ids=["a process at work", "a process just started"])
def test_pages_answer_503_and_come_back_by_themselves(people, outage, warm):
    follow_up = refer(people)
    client: Client = client_for(people.coordinator)
    url = reverse("followups:page", args=[follow_up.pk])
    assert client.get(url).status_code == 200
    with outage():
        if warm:
            keys.new_generation()
        else:
            keys.forget()
        answer = client.get(url)
        assert answer.status_code == 503
        assert "Belkacem" not in answer.content.decode()
        assert "epoch" not in answer.content.decode()
    assert "Belkacem" in client.get(url).content.decode()


def test_a_write_leaves_nothing(people, outage):
    refer(people)
    before = (FollowUp.objects.count(), FollowedPerson.objects.count(), Referral.objects.count())
    keys.forget()
    with outage(), pytest.raises(KeystoreUnavailable):
        refer(people, last_name="Martin")
    assert (FollowUp.objects.count(), FollowedPerson.objects.count(), Referral.objects.count()) == before
    assert refer(people, last_name="Martin").pk


def test_slow_is_only_slow(people, monkeypatch):
    real = FileProvider._read
    monkeypatch.setattr(FileProvider, "_read", lambda self, path: time.sleep(0.01) or real(self, path))
    keys.forget()
    follow_up = refer(people)
    page = client_for(people.coordinator).get(reverse("followups:page", args=[follow_up.pk]))
    assert page.status_code == 200
