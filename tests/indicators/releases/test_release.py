"""An edition leaves by two persons, on the very same numbers, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from casework.access import approvals
from casework.access.approvals.models import Approval
from casework.audit import verify
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.indicators.releases import building, disclosure, facts, insiders, tables, vector
from casework.indicators.releases.actions import editions
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.disclosure import Cell, Protected, Why
from casework.indicators.releases.models import Release
from tests.indicators.setting import LARGE, PUPILS, Town, only_pupils
from tests.people import People, client_for

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def town(people: People, monkeypatch: pytest.MonkeyPatch) -> Town:
    only_pupils(monkeypatch)
    return Town(people, timezone.now())


@pytest.fixture
def counted(town: Town) -> Town:
    town.freeze()
    return town


@pytest.mark.rule("EXC-19")
def test_an_edition_is_proposed_agreed_to_and_published(counted: Town):
    release = counted.propose()
    assert release.state == ReleaseState.PROPOSED
    assert facts.published(counted.viewer("mayor"), counted.now) == []
    counted.agree(release)
    assert editions.is_agreed(by=counted.viewer("coordinator"), release=release, now=counted.now)
    counted.publish(release)
    (found,) = facts.published(counted.viewer("mayor"), counted.now)
    since = vector.read(found.vector)[0]
    assert since.by_key[("no",)] == 30
    assert since.total == 64
    assert since.period == f"{counted.year - 1}-{counted.year}"


def test_nobody_publishes_alone(counted: Town):
    release = counted.propose()
    with pytest.raises(GuardRefused):
        counted.publish(release)
    asked = Approval.objects.get(target_id=release.pk)
    with pytest.raises(AccessRefused):
        approvals.approve(by=counted.viewer("coordinator"), approval_id=asked.pk, now=counted.now)


@pytest.mark.parametrize("who", ["mayor", "pjj_lead", "spip", "dpo", "valideur", "sysadmin", "education"])
def test_only_the_coordinator_proposes_and_publishes(counted: Town, who: str):
    with pytest.raises(AccessRefused):
        editions.propose(by=counted.viewer(who), year=counted.year, now=counted.now)
    release = counted.propose()
    counted.agree(release)
    for act in (editions.publish, editions.withdraw):
        with pytest.raises(AccessRefused):
            act(by=counted.viewer(who), release=release, expected=release.revision, now=counted.now)
    release.refresh_from_db()
    assert release.state == ReleaseState.PROPOSED


def test_the_valideur_agrees_too(counted: Town):
    release = counted.propose()
    counted.agree(release, who="valideur")
    assert counted.publish(release).state == ReleaseState.PUBLISHED


def test_numbers_changed_after_the_agreement_are_not_published(counted: Town):
    release = counted.propose()
    counted.agree(release)
    release.vector[0]["numbers"][0][1] += 1
    release.save()
    with pytest.raises(GuardRefused):
        counted.publish(release)
    release.digest = vector.digest(release.vector)
    release.save()
    with pytest.raises(GuardRefused):
        counted.publish(release)


def test_a_year_that_runs_is_not_published(counted: Town):
    with pytest.raises(InputRefused):
        editions.propose(by=counted.viewer("coordinator"), year=counted.now.year, now=counted.now)


def test_nothing_new_makes_no_edition(town: Town):
    with pytest.raises(GuardRefused, match="Rien de nouveau"):
        town.propose()
    assert not Approval.objects.exists()
    town.freeze()
    town.edition()
    with pytest.raises(GuardRefused, match="Rien de nouveau"):
        town.propose()


def test_one_proposal_waits_at_a_time(counted: Town):
    release = counted.propose()
    with pytest.raises(GuardRefused, match="attend déjà"):
        counted.propose()
    editions.withdraw(by=counted.viewer("coordinator"), release=release, expected=release.revision, now=counted.now)
    assert Approval.objects.get().state == "withdrawn"
    assert counted.propose().version == 2


@pytest.mark.attack("R-06")
def test_of_two_who_propose_at_the_same_instant_the_second_is_told_and_asks_nobody(counted: Town, monkeypatch):
    real, rivals = editions.agreements.ask, []

    def beside(**request):
        if not rivals:
            rivals.append(None)
            rivals[0] = counted.propose()
        return real(**request)

    monkeypatch.setattr(editions.agreements, "ask", beside)
    with pytest.raises(GuardRefused, match="vient d’inscrire"):
        counted.propose()
    stands = Release.objects.get()
    assert rivals == [stands]
    assert Approval.objects.get(target_id=stands.pk).state == "asked"
    assert Approval.objects.exclude(target_id=stands.pk).get().state == "withdrawn"


def test_a_settled_edition_is_neither_published_again_nor_withdrawn(counted: Town):
    release = counted.edition()
    for act in (editions.publish, editions.withdraw):
        with pytest.raises(GuardRefused):
            act(by=counted.viewer("coordinator"), release=release, expected=release.revision, now=counted.now)


def test_two_windows_on_one_proposal(counted: Town):
    release = counted.propose()
    counted.agree(release)
    with pytest.raises(ConflictRefused):
        editions.publish(
            by=counted.viewer("coordinator"), release=release, expected=release.revision + 1, now=counted.now
        )


@pytest.mark.attack("T-54")
def test_an_erasure_after_the_freezing_changes_nothing(counted: Town):
    """Frozen counts are not counted again: what was printed stays, whoever is erased since."""
    first = counted.edition()
    later = Town(counted.people, counted.now + timedelta(days=366))
    later.freeze({key: n + 30 for key, n in LARGE.items()})
    second = later.edition()
    former = {(each.key, each.first): each for each in vector.read(first.vector)}
    again = [each for row in Release.objects.filter(year=first.year) for each in vector.read(row.vector)]
    assert all(former[each.key, each.first] == each for each in again)
    assert second.year == first.year + 1


def test_the_journal_tells_each_step_and_no_number(counted: Town):
    counted.edition()
    told = list(AuditEvent.objects.filter(object_type="releases.release").values_list("why", flat=True))
    assert [each for each in told if each] == ["proposed", "published"]


@pytest.mark.attack("T-36")
def test_an_agreement_written_by_sql_publishes_nothing(counted: Town):
    release = counted.propose()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_approval SET state = 'approved', decided_by = asked_as, decided_as = asked_as")
    with pytest.raises(GuardRefused):
        counted.publish(release)


@pytest.mark.rule("SDC-10")
@pytest.mark.parametrize("who", ["host", "sysadmin"])
def test_who_has_no_right_to_counts_reads_none(counted: Town, who: str):
    counted.edition()
    with pytest.raises(AccessRefused):
        facts.published(counted.viewer(who), counted.now)


def test_the_town_next_door_reads_its_own_only(counted: Town):
    release = counted.edition()
    stranger = counted.viewer("stranger")
    assert facts.published(stranger, counted.now) == []
    with pytest.raises(AccessRefused):
        facts.find_release(stranger, release.pk, counted.now)


@pytest.mark.attack("T-53")
@pytest.mark.parametrize("fault", [disclosure.TooLarge("x"), ValueError("x")])
def test_what_cannot_be_judged_is_refused_in_words_everywhere(counted: Town, monkeypatch: pytest.MonkeyPatch, fault):
    release = counted.propose()
    counted.agree(release)

    def fails(*_args: object, **_kwargs: object) -> None:
        raise fault

    monkeypatch.setattr(disclosure, "audit", fails)
    monkeypatch.setattr(disclosure, "protect", fails)
    with pytest.raises(GuardRefused, match="Rien n’est publié"):
        counted.publish(release)
    editions.withdraw(by=counted.viewer("coordinator"), release=release, expected=release.revision, now=counted.now)
    with pytest.raises(GuardRefused, match="Rien n’est publié"):
        counted.propose()
    page = client_for(counted.people.coordinator).get(reverse("releases:prepare"), {"voir": "1"})
    assert page.status_code == 200
    assert "Rien n’est publié" in page.content.decode()
    with pytest.raises(CommandError, match="Rien n’est publié"):
        call_command("stats_release", str(counted.year), "--dry-run")
    assert facts.published(counted.viewer("mayor"), counted.now) == []


def careless(cells: Sequence[Cell], *_args: object, **_kwargs: object) -> Protected:
    """Hide small numbers alone."""
    one = {cell.place: Why.PRIMARY for cell in cells if 0 < cell.value < cell.k}
    return Protected(shown={cell.place: cell.value for cell in cells if cell.place not in one}, hidden=one)


@pytest.mark.attack("T-53")
def test_a_draft_that_says_too_much_is_not_even_proposed(town: Town, monkeypatch: pytest.MonkeyPatch):
    """Whatever drew it: one pupil, and beside it all that gives it back."""
    town.freeze(LARGE | {("yes", "held"): 1, ("yes", "not_held"): 0})
    monkeypatch.setattr(disclosure, "protect", careless)
    with pytest.raises(GuardRefused, match="diraient trop"):
        town.propose()
    assert not Approval.objects.exists()


@pytest.mark.attack("T-53", "T-54")
@pytest.mark.rule("SDC-01")
def test_a_draft_that_tells_a_service_of_a_few_of_the_others_is_not_even_proposed(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    """Whatever drew it: « avec : 11 », less the eight that one service received, would be three of another."""
    monkeypatch.setattr(tables, "_POPULATIONS", {"pupils": replace(PUPILS, service="return")})
    town.freeze(
        {("no", "held"): 30, ("no", "not_held"): 20, ("yes", "held"): 8, ("yes", "not_held"): 3, ("unknown", "held"): 6,
         ("unknown", "not_held"): 9}
    )  # fmt: skip
    monkeypatch.setattr(
        insiders, "protect",
        lambda cells, known, _services, universe: disclosure.protect(cells, known, universe=universe),
    )  # fmt: skip
    with pytest.raises(GuardRefused, match="diraient trop"):
        town.propose()
    assert not Approval.objects.exists()


@pytest.mark.attack("T-53", "T-58")
def test_a_draft_that_tells_one_pupil_of_the_others_is_not_even_proposed(town: Town, monkeypatch: pytest.MonkeyPatch):
    """Two hidden numbers add up to five: to anybody each may be none or five; one of the five knows that he is there."""
    town.freeze({("no", "held"): 20, ("no", "not_held"): 10, ("yes", "held"): 2, ("unknown", "held"): 3})
    monkeypatch.setattr(disclosure, "protect", careless)
    monkeypatch.setattr(building, "ENOUGH", 1.0)  # nothing is put together
    with pytest.raises(GuardRefused, match="diraient trop"):
        town.propose()


@pytest.mark.attack("T-53")
def test_numbers_changed_while_they_are_being_published_stay_in(counted: Town):
    """The page was opened on what was agreed to; the row holds something else by the time it is locked."""
    release = counted.propose()
    counted.agree(release)
    changed = [each | {"numbers": [[key, 1] for key, _ in each["numbers"]]} for each in release.vector]
    Release.objects.filter(pk=release.pk).update(vector=changed)
    with pytest.raises(GuardRefused, match="ont changé"):
        counted.publish(release)
    assert facts.published(counted.viewer("mayor"), counted.now) == []


@pytest.mark.attack("T-53", "T-36")
@pytest.mark.parametrize("column", ["vector", "digest", "state"])
def test_an_edition_changed_by_sql_is_found(counted: Town, column: str):
    release = counted.edition()
    changed = [each | {"numbers": [[key, 1] for key, _ in each["numbers"]]} for each in release.vector]
    values = {"vector": changed, "digest": vector.digest(changed), "state": ReleaseState.WITHDRAWN}
    assert not [fault for fault in verify.verify_rows()[1] if fault.object_type == "releases.release"]
    Release.objects.filter(pk=release.pk).update(**{column: values[column]})
    assert ("releases.release", "changed") in {(each.object_type, each.code) for each in verify.verify_rows()[1]}
