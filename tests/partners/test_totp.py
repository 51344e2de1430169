"""The second factor: vectors of RFC 6238, one step of tolerance, each code once, a sealed seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from casework.errors import AccessRefused, InputRefused, Unaudited
from casework.partners import actions, credentials, reads, totp
from casework.partners.models import RecoveryCode, TotpDevice
from tests.partners.helpers import by_self, code, seed_of, with_account
from tests.people import TOTP_SEED, device_of

NOON = datetime(2026, 12, 8, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_follow_rfc_6238(moment, expected):
    assert totp.code_at(TOTP_SEED, moment // 30) == expected


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_before_or_after_is_forgiven(steps, accepted):
    typed = totp.code_at(TOTP_SEED, totp.step_at(NOON) + steps)
    assert (totp.matching_step(TOTP_SEED, typed, now=NOON, after=-1) is not None) is accepted


@pytest.mark.parametrize("typed", ["123 456", " 123456", "123-456", "12 34 56"])
def test_spaces_are_forgiven(typed):
    assert totp.tidy(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_not_six_digits_never_matches(typed):
    assert totp.matching_step(TOTP_SEED, typed, now=NOON, after=-1) is None


@pytest.mark.django_db(databases="__all__")
@pytest.mark.attack("T-45")
def test_a_code_serves_once(people):
    agent = people.pjj.agent
    device = device_of(agent)
    with time_machine.travel(NOON, tick=False):
        typed = code()
        assert credentials.check_code(device, agent, typed, by_self(agent))
        assert not credentials.check_code(device, agent, typed, by_self(agent))
        assert not credentials.check_code(device, agent, code(steps=-1), by_self(agent))
    with time_machine.travel(NOON + timedelta(seconds=90), tick=False):
        assert credentials.check_code(device, agent, code(), by_self(agent))


@pytest.mark.django_db(databases="__all__")
def test_wrong_codes_slow_the_next_ones_down(people):
    agent = people.pjj.agent
    device = device_of(agent)
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            assert not credentials.check_code(device, agent, "000000", by_self(agent))
            clock.shift(timedelta(seconds=10))
        assert not credentials.check_code(device, agent, "000000", by_self(agent))
        assert credentials.code_wait(TotpDevice.objects.get(pk=device.pk)) > 0
        assert not credentials.check_code(device, agent, code(), by_self(agent)), "right, but too early"
        clock.shift(timedelta(seconds=60))
        assert credentials.check_code(device, agent, code(), by_self(agent))


@pytest.mark.django_db(databases="__all__")
@pytest.mark.attack("T-45")
def test_the_seed_is_sealed_and_opens_under_the_gate_only(people):
    agent = people.pjj.agent
    device = actions.enrol_totp(by=by_self(agent), agent=agent, now=timezone.now())
    seed = seed_of(TotpDevice.objects.get(pk=device.pk), agent)
    assert len(seed) == 32
    with pytest.raises(Unaudited):
        _ = TotpDevice.objects.get(pk=device.pk).seed
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM partners_totpdevice")
        assert seed.encode() not in b"|".join(str(bytes(v) if isinstance(v, memoryview) else v).encode()
                                              for row in cursor.fetchall() for v in row)  # fmt: skip


@pytest.mark.django_db(databases="__all__")
def test_a_confirmed_phone_never_shows_its_key_again(people):
    agent = people.pjj.agent
    with pytest.raises(ValueError, match="new device"):
        credentials.enrolment(device_of(agent), agent, by_self(agent))


@pytest.mark.django_db(databases="__all__")
def test_the_old_phone_works_until_the_new_one_is_confirmed(people):
    agent = people.pjj.agent
    old = with_account(agent)
    new = actions.enrol_totp(by=by_self(agent), agent=agent, now=timezone.now())
    assert reads.device(agent) == old
    with pytest.raises(InputRefused):
        actions.confirm_enrolment(by=by_self(agent), agent=agent, device=new, typed="000000", now=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        new.refresh_from_db()
        actions.confirm_enrolment(
            by=by_self(agent), agent=agent, device=new, typed=code(seed_of(new, agent)), now=timezone.now()
        )
    assert reads.device(agent) == new
    assert not TotpDevice.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(databases="__all__")
def test_nobody_touches_anothers_second_factor(people):
    agent, other = people.pjj.agent, by_self(people.aemo.agent)
    device = actions.enrol_totp(by=by_self(agent), agent=agent, now=timezone.now())
    for act in (
        lambda: actions.enrol_totp(by=other, agent=agent, now=timezone.now()),
        lambda: actions.regenerate_recovery_codes(by=other, agent=agent, now=timezone.now()),
        lambda: actions.confirm_enrolment(
            by=other, agent=agent, device=device, typed=code(seed_of(device, agent)), now=timezone.now()
        ),
    ):
        with pytest.raises(AccessRefused):
            act()


@pytest.mark.django_db(databases="__all__")
def test_a_recovery_code_serves_once_however_it_is_typed(people):
    agent = people.pjj.agent
    codes = actions.regenerate_recovery_codes(by=by_self(agent), agent=agent, now=timezone.now())
    typed = codes[3].lower().replace("-", " ")
    assert actions.use_recovery_code(by=by_self(agent), agent=agent, typed=typed, now=timezone.now())
    assert not actions.use_recovery_code(by=by_self(agent), agent=agent, typed=typed, now=timezone.now())
    assert not actions.use_recovery_code(by=by_self(agent), agent=agent, typed="22222-22222", now=timezone.now())
    assert reads.recovery_codes_left(agent) == 7
    actions.regenerate_recovery_codes(by=by_self(agent), agent=agent, now=timezone.now())
    assert not actions.use_recovery_code(by=by_self(agent), agent=agent, typed=codes[0], now=timezone.now())
    assert RecoveryCode.objects.filter(agent=agent).count() == 8
