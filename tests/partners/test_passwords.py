"""Passwords: the three recipes of the CNIL, argon2id, said in French."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.errors import InputRefused
from casework.partners import actions
from casework.partners.models import Agent, RecoveryCode
from casework.partners.passwords import StrengthValidator, is_strong
from tests.partners.helpers import PHRASE, by_self


@pytest.mark.rule("PWD-01")
@pytest.mark.parametrize(
    ("password", "strong"),
    [
        ("Abcdef-12345", True),  # 12 signs of four kinds
        ("Abcdef-1234", False),  # 11
        ("Abcdefg12345", False),  # 12 of three kinds
        ("Abcdefghi12345", True),  # 14 of three kinds
        ("abcdefghi12345", False),  # 14 of two kinds
        ("un deux trois quatre cinq six sept", True),  # seven words
        ("un deux trois quatre cinq six", False),
        ("mot mot mot mot mot mot mot", False),  # one word said seven times
        ("Aa1!Aa1!Aa1!", False),  # four signs said three times
        ("", False),
    ],
)
def test_a_password_holds_eighty_bits_or_is_refused(password, strong):
    assert is_strong(password) is strong


def test_the_refusal_and_the_hint_are_french():
    with pytest.raises(ValidationError, match="trop facile à deviner"):
        StrengthValidator().validate("motdepasse")
    assert "7 mots" in StrengthValidator().get_help_text()


@pytest.mark.django_db(databases="__all__")
@pytest.mark.rule("PWD-04")
def test_only_slow_salted_hashes_are_kept(people):
    agent = people.aemo.agent
    actions.change_password(by=by_self(agent), agent=agent, password=PHRASE, keep_session="", now=timezone.now())
    codes = actions.regenerate_recovery_codes(by=by_self(agent), agent=agent, now=timezone.now())
    stored = Agent.objects.get(pk=agent.pk).password
    assert identify_hasher(stored).algorithm == "argon2"
    assert "argon2id" in stored
    hashes = list(RecoveryCode.objects.filter(agent=agent).values_list("code_hash", flat=True))
    assert all("argon2id" in value for value in hashes)
    assert len(set(hashes)) == len(codes) == 8
    assert not any(code in value for code in codes for value in [*hashes, stored])


@pytest.mark.django_db(databases="__all__")
def test_a_password_like_ones_name_is_refused(people):
    agent = people.aemo.agent
    with pytest.raises(InputRefused):
        actions.change_password(
            by=by_self(agent), agent=agent, password=f"{agent.email}A1!", keep_session="", now=timezone.now()
        )
