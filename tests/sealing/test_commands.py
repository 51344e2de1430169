"""keys_init prepares, keys_status counts and refuses to be happy while something old remains."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from casework.partners.models import Agent, TotpDevice
from casework.sealing import format as fmt
from casework.sealing import keyring, keys, providers
from casework.sealing.models import KekEpoch, SubjectKey
from casework.sealing.status import EMPTY, NO_KEY, status

pytestmark = pytest.mark.django_db(databases="__all__")
LABEL = "partners.totp_device.seed"


@pytest.fixture
def device():
    agent = Agent.objects.create_agent("agent@ville.example", first_name="A", last_name="B")
    keys.ensure(agent.id)
    return TotpDevice.objects.create(user=agent, subject_id=agent.id, seed="x", name="x")


def counts():
    return {key: n for key, n in status().values.items() if key[0] == LABEL}


def test_keys_init_is_idempotent(capsys):
    call_command("keys_init")
    call_command("keys_init")
    assert KekEpoch.objects.count() == 1
    assert "créée" in capsys.readouterr().out


def test_keys_init_says_why_it_fails(settings):
    settings.KEK_PROVIDER = "cloud"
    with pytest.raises(CommandError, match="cloud"):
        call_command("keys_init")
    providers._made.clear()


def test_all_is_well(device, capsys):
    assert counts() == {(LABEL, "1.1", "< 1 mois"): 1}
    assert status().problems == []
    call_command("keys_status")
    out = capsys.readouterr().out
    assert f"{LABEL} | 1.1 | < 1 mois | 1" in out
    assert "1 | live | 2 | " in out


@pytest.mark.parametrize(("days", "age", "bad"), [(40, "< 6 mois", 0), (200, "< 12 mois", 0), (400, "≥ 12 mois", 1)])
def test_age(device, days, age, bad):
    SubjectKey.objects.update(created_at=timezone.now() - timedelta(days=days))
    assert counts() == {(LABEL, "1.1", age): 1}
    assert len(status().problems) == bad


def fails():
    with pytest.raises(SystemExit) as caught:
        call_command("keys_status")
    return caught.value.code


def test_a_replaced_key(device):
    old = SubjectKey.objects.get(subject_id=device.subject_id, drawer="content")
    dek = bytes(32)
    kid = fmt.key_id(dek)
    SubjectKey.objects.filter(pk=old.pk).update(state="rotating")
    SubjectKey.objects.create(
        subject_id=device.subject_id, drawer="content", kid=kid, kek_epoch=old.kek_epoch,
        wrapped=keyring.wrap(device.subject_id, "content", dek, kid, 1),
    )  # fmt: skip
    assert counts() == {(LABEL, "1.1", "< 1 mois, remplacée"): 1}
    assert fails() == 1


def test_an_old_epoch(device):
    KekEpoch.objects.update(state="rotating")
    KekEpoch.objects.create(number=2, search_key=b"x")
    assert fails() == 1


def test_a_value_whose_key_is_gone(device):
    keys.erase(device.subject_id)
    assert counts() == {(LABEL, "1.1", NO_KEY): 1}
    assert fails() == 1


def test_another_format(device, capsys):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE partners_totpdevice SET seed = %s", [b"CW\x02\x01" + bytes(108)])
    assert next(iter(counts()))[1] == "illisible"
    assert fails() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partners_totpdevice SET seed = %s", [b""])
    assert next(iter(counts()))[1:] == (EMPTY, EMPTY)
    assert "seed" not in capsys.readouterr().err


def test_status_opens_nothing(device, monkeypatch):
    monkeypatch.setattr(keyring, "unwrap", lambda *a: pytest.fail("opened a key"))
    assert status().values
    assert uuid4() != device.subject_id
