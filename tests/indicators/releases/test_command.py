"""`stats_release ANNÉE --dry-run`: what would be hidden, which merge hides less; no number, nothing written."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from casework.indicators.releases import catalogue
from casework.indicators.releases.models import Release
from tests.indicators.setting import LARGE, Town, only_pupils
from tests.people import People

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def town(people: People, monkeypatch: pytest.MonkeyPatch) -> Town:
    only_pupils(monkeypatch)
    return Town(people, timezone.now())


def said(town: Town, *options: str) -> str:
    out = StringIO()
    call_command(
        "stats_release", str(town.year), "--dry-run", "--territory", town.people.territory.name, *options, stdout=out
    )
    return out.getvalue()


def test_it_publishes_nothing_and_says_so(town: Town):
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("stats_release", str(town.year))
    town.freeze()
    assert "retenue" in said(town)
    assert not Release.objects.exists()


@pytest.mark.attack("T-53")
def test_it_tells_which_cells_and_how_wide_and_no_number(town: Town, monkeypatch: pytest.MonkeyPatch):
    # As they are counted: what is put together hides nothing of these.
    monkeypatch.setattr(catalogue, "TABLES", tuple(replace(table, merges=()) for table in catalogue.TABLES))
    for back in (1, 2, 3):
        town.freeze(LARGE | {("yes", "held"): 1, ("yes", "not_held"): 0}, period=town.year - back)
    words = said(town)
    assert "non affiché : avec une nouvelle exclusion" in words
    assert re.search(r"intervalle : \d+", words)
    # The years and widths are all the numbers there are: neither the hidden 3, nor the 54 hidden with it.
    assert not re.search(r"\b(147|90|54)\b", words)


def test_what_is_not_counted_yet_is_said(town: Town):
    assert "pas encore comptée" in said(town)


def test_what_is_published_is_said(town: Town):
    town.freeze()
    town.edition()
    assert "déjà publiée" in said(town)


def test_an_unknown_town(town: Town):
    with pytest.raises(CommandError, match="Aucune commune"):
        call_command("stats_release", "2025", "--dry-run", "--territory", "Atlantide")
