"""Prospecting, accreditation and listing: every pair tried, each guard in its place (HOST-01 to HOST-08)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from casework.casefile.retention import months_after
from casework.errors import AccessRefused, GuardRefused, InputRefused, MoveRefused
from casework.placements.hosts.actions import accreditations, posts, structures
from casework.placements.hosts.codes import AccreditationState, HostStage, LegalKind, PostState
from casework.placements.hosts.data import HostData
from casework.placements.hosts.models import Accreditation, HostStructure, Post, PostGrant
from casework.placements.hosts.states import (
    ACCREDITATION,
    HOST,
    POST,
    end_of_accreditation,
    is_accredited,
)
from tests.casefile.lifecycles import assert_every_pair
from tests.hosts.setting import Catalogue
from tests.instants import noon

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("HOST-01", "HOST-03", "HOST-06", "HOST-08")
@pytest.mark.parametrize("table", [HOST, ACCREDITATION, POST], ids=lambda table: table.name)
def test_every_pair_is_in_the_table_or_refused(table) -> None:
    assert_every_pair(table)


@pytest.mark.rule("HOST-01")
def test_the_four_kinds_of_the_law_may_be_hosts(catalogue: Catalogue) -> None:
    assert set(LegalKind.values) == {"public", "private_public_service", "association", "ess"}
    with pytest.raises(InputRefused, match="nature"):
        structures.inscribe(
            by=catalogue.viewer("coordinator"), data=HostData(name="Société", legal_kind="company"), now=catalogue.now
        )


@pytest.mark.rule("HOST-01")
def test_the_coordinator_prospects_from_the_first_call_to_the_agreement(catalogue: Catalogue) -> None:
    by, now = catalogue.viewer("coordinator"), catalogue.now
    host = structures.inscribe(by=by, data=HostData(name="Emmaüs", legal_kind="association"), now=now)
    structures.move(by=by, host=host, to=HostStage.CONTACTED, now=now)
    with pytest.raises(InputRefused, match="motif"):
        structures.move(by=by, host=host, to=HostStage.DECLINED, now=now)
    structures.move(by=by, host=host, to=HostStage.DECLINED, now=now, decline_reason="not_now")
    structures.move(by=by, host=host, to=HostStage.TO_CONTACT, now=now)
    structures.move(by=by, host=host, to=HostStage.INTERESTED, now=now)
    with pytest.raises(InputRefused, match="début de la convention"):
        structures.move(by=by, host=host, to=HostStage.AGREED, now=now)
    structures.move(by=by, host=host, to=HostStage.AGREED, now=now, agreement_from=localdate(now))
    found = HostStructure.objects.get(pk=host.pk)
    assert (found.stage, found.decline_reason, found.stage_on) == ("agreed", "", localdate(now))


@pytest.mark.parametrize("who", ["mayor", "sah", "prosecutor", "host", "aemo", "education"])
def test_nobody_else_prospects(catalogue: Catalogue, who: str) -> None:
    with pytest.raises(AccessRefused):
        structures.inscribe(by=catalogue.viewer(who), data=HostData(name="Emmaüs", legal_kind="ess"), now=catalogue.now)


def test_a_host_is_on_the_list_once(catalogue: Catalogue) -> None:
    catalogue.host("Emmaüs")
    with pytest.raises(InputRefused, match="déjà dans la liste"):
        structures.inscribe(
            by=catalogue.viewer("pjj"), data=HostData(name="emmaüs ", legal_kind="ess"), now=catalogue.now
        )


# Accreditation


def asked(catalogue: Catalogue, *, days_ago: int, audience: str = "adults") -> Accreditation:
    who = "pjj_lead" if audience == "minors" else "spip"
    then = catalogue.before(days_ago)
    host = catalogue.host("Ressourcerie", kind="association")
    row = accreditations.ask(by=catalogue.viewer(who, then), host=host, audience=audience, now=then)
    accreditations.ask_opinions(by=catalogue.viewer(who, then), accreditation=row, now=then)
    return row


@pytest.mark.rule("HOST-02")
def test_a_public_body_needs_no_accreditation(catalogue: Catalogue) -> None:
    host = catalogue.host("Commune", kind="public")
    assert is_accredited(host, "adults", localdate(catalogue.now))
    with pytest.raises(GuardRefused, match="droit public"):
        accreditations.ask(by=catalogue.viewer("spip"), host=host, audience="adults", now=catalogue.now)


@pytest.mark.rule("HOST-03", "DL-10")
def test_without_the_opinions_the_decision_waits_one_month(catalogue: Catalogue) -> None:
    row, today = asked(catalogue, days_ago=20), localdate(catalogue.now)

    def decide(day):
        accreditations.grant(
            by=catalogue.viewer("spip", day), accreditation=row, decided_on=localdate(day), number="H-1", now=day
        )

    with pytest.raises(GuardRefused, match="qu’à partir du"):
        decide(catalogue.now)
    first = months_after(today - timedelta(days=20), 1)
    with pytest.raises(GuardRefused):
        decide(noon(first - timedelta(days=1)))
    decide(noon(first))
    assert Accreditation.objects.get(pk=row.pk).state == AccreditationState.GRANTED


@pytest.mark.rule("HOST-03", "HOST-04")
def test_with_both_opinions_the_decision_comes_at_once_and_lasts_five_years(catalogue: Catalogue) -> None:
    row, by, now = asked(catalogue, days_ago=1), catalogue.viewer("spip"), catalogue.now
    accreditations.receive_opinions(by=by, accreditation=row, now=now)
    accreditations.grant(by=by, accreditation=row, decided_on=localdate(now), number="H-1", now=now)
    host, last = row.host, end_of_accreditation(localdate(now))
    assert last == months_after(localdate(now), 60) - timedelta(days=1)
    assert is_accredited(host, "adults", last)
    assert not is_accredited(host, "adults", last + timedelta(days=1))
    assert not is_accredited(host, "minors", localdate(now))


@pytest.mark.rule("HOST-03", "TIGM-06")
def test_the_spip_decides_for_adults_and_the_pjj_for_minors(catalogue: Catalogue) -> None:
    host, now = catalogue.host("Ressourcerie", kind="association"), catalogue.now
    with pytest.raises(GuardRefused, match="la PJJ"):
        accreditations.ask(by=catalogue.viewer("spip"), host=host, audience="minors", now=now)
    with pytest.raises(AccessRefused):  # row 11: « W (minors) »
        accreditations.ask(by=catalogue.viewer("pjj"), host=host, audience="adults", now=now)
    assert accreditations.ask(by=catalogue.viewer("pjj"), host=host, audience="minors", now=now).audience == "minors"


@pytest.mark.rule("HOST-05")
def test_a_withdrawal_hears_the_host_first(catalogue: Catalogue) -> None:
    host, by, now = catalogue.host("Ressourcerie", kind="association"), catalogue.viewer("spip"), catalogue.now
    catalogue.accredit(host)
    row = host.accreditations.get()
    with pytest.raises(InputRefused, match="observations"):
        accreditations.withdraw(by=by, accreditation=row, observations_on=None, now=now)
    accreditations.withdraw(by=by, accreditation=row, observations_on=localdate(now), now=now)
    assert not is_accredited(host, "adults", localdate(now))


@pytest.mark.rule("HOST-05")
def test_what_the_host_changes_in_its_file_is_reported_until_somebody_takes_note(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    host = HostStructure.objects.get(pk=post.host_id)
    data = HostData(name=host.name, legal_kind=host.legal_kind, phone="0639980002", organisation=host.organisation_id)
    structures.correct(by=catalogue.viewer("host"), host=host, data=data, expected=host.revision, now=catalogue.now)
    host.refresh_from_db()
    assert host.change_reported_on == localdate(catalogue.now)
    with pytest.raises(AccessRefused):
        structures.take_note(by=catalogue.viewer("host"), host=host, now=catalogue.now)
    structures.take_note(by=catalogue.viewer("spip"), host=host, now=catalogue.now)
    host.refresh_from_db()
    assert host.change_reported_on is None


# The list


@pytest.mark.rule("HOST-07")
def test_opinions_are_asked_on_a_post_that_is_described(catalogue: Catalogue) -> None:
    host = catalogue.host()
    post = catalogue.draft(host)
    with pytest.raises(GuardRefused, match="un responsable"):
        posts.ask_opinions(by=catalogue.viewer("spip"), post=post, now=catalogue.now)
    manager = catalogue.supervisor(host)
    posts.set_managers(by=catalogue.viewer("spip"), post=post, supervisors=[manager.pk], now=catalogue.now)
    post.refresh_from_db()
    posts.set_half_days(by=catalogue.viewer("spip"), post=post, half_days=[], expected=post.revision, now=catalogue.now)
    with pytest.raises(GuardRefused, match="une demi-journée"):
        posts.ask_opinions(by=catalogue.viewer("spip"), post=post, now=catalogue.now)


def waiting(catalogue: Catalogue, *, days_ago: int, host: HostStructure | None = None) -> Post:
    host = host or catalogue.host()
    post, then = catalogue.draft(host), catalogue.before(days_ago)
    manager = catalogue.supervisor(host)
    posts.set_managers(by=catalogue.viewer("spip"), post=post, supervisors=[manager.pk], now=then)
    posts.ask_opinions(by=catalogue.viewer("spip", then), post=post, now=then)
    return post


@pytest.mark.rule("HOST-06", "DL-10")
def test_without_the_opinions_a_post_enters_the_list_ten_days_later(catalogue: Catalogue) -> None:
    post, by, now = waiting(catalogue, days_ago=9), catalogue.viewer("spip"), catalogue.now
    with pytest.raises(GuardRefused, match="qu’à partir du"):
        posts.enlist(by=by, post=post, now=now)
    tomorrow = noon(localdate(now) + timedelta(days=1))
    posts.enlist(by=catalogue.viewer("spip", tomorrow), post=post, now=tomorrow)
    assert Post.objects.get(pk=post.pk).state == PostState.LISTED


@pytest.mark.rule("HOST-06")
def test_with_both_opinions_it_enters_at_once_and_the_council_was_told(catalogue: Catalogue) -> None:
    post, by, now = waiting(catalogue, days_ago=1), catalogue.viewer("spip"), catalogue.now
    posts.consult_council(by=catalogue.viewer("coordinator"), post=post, now=now)
    with pytest.raises(AccessRefused):
        posts.receive_opinions(by=catalogue.viewer("coordinator"), post=post, now=now)
    posts.receive_opinions(by=by, post=post, now=now)
    posts.enlist(by=by, post=post, now=now)
    found = Post.objects.get(pk=post.pk)
    assert (found.listed_adults_on, found.listed_minors_on) == (localdate(now), None)
    assert found.council_consulted_on == localdate(now)


@pytest.mark.rule("TIGM-06")
def test_each_authority_lists_for_its_own_public(catalogue: Catalogue) -> None:
    host = catalogue.host()
    adults, both, now = catalogue.listed(host, audience="adults"), catalogue.listed(host), catalogue.now
    with pytest.raises(AccessRefused):
        posts.enlist(by=catalogue.viewer("pjj"), post=adults, now=now)
    posts.enlist(by=catalogue.viewer("pjj"), post=both, now=now)
    with pytest.raises(GuardRefused, match="déjà inscrit"):
        posts.enlist(by=catalogue.viewer("pjj"), post=both, now=now)
    assert Post.objects.listed_for("minors").get() == both
    minors = catalogue.draft(host, audience="minors", who="pjj")
    with pytest.raises(GuardRefused, match="public que vous inscrivez"):
        posts.ask_opinions(by=catalogue.viewer("spip"), post=minors, now=now)


@pytest.mark.rule("HOST-02", "HOST-06")
def test_the_post_of_a_private_host_waits_for_the_accreditation(catalogue: Catalogue) -> None:
    host = catalogue.host("Ressourcerie", kind="association")
    post = waiting(catalogue, days_ago=20, host=host)
    with pytest.raises(GuardRefused, match="habilitation en cours pour les majeurs"):
        posts.enlist(by=catalogue.viewer("spip"), post=post, now=catalogue.now)
    catalogue.accredit(host)
    posts.enlist(by=catalogue.viewer("spip"), post=post, now=catalogue.now)


@pytest.mark.rule("HOST-08")
@pytest.mark.parametrize(("who", "other"), [("spip", "host"), ("host", "spip"), ("pjj", "spip")])
def test_whoever_suspends_a_post_puts_it_back(catalogue: Catalogue, who: str, other: str) -> None:
    post, now = catalogue.listed(), catalogue.now
    with pytest.raises(InputRefused, match="motif"):
        posts.suspend(by=catalogue.viewer(who), post=post, reason="", now=now)
    posts.suspend(by=catalogue.viewer(who), post=post, reason="safety", now=now)
    with pytest.raises(GuardRefused, match="qui a suspendu"):
        posts.resume(by=catalogue.viewer(other), post=post, now=now)
    posts.resume(by=catalogue.viewer(who), post=post, now=now)
    assert Post.objects.get(pk=post.pk).state == PostState.LISTED


@pytest.mark.rule("HOST-08")
def test_a_post_leaves_the_list_by_the_procedure_by_which_it_came(catalogue: Catalogue) -> None:
    post, by, now = catalogue.listed(), catalogue.viewer("spip"), catalogue.now
    with pytest.raises(GuardRefused, match="Demandez d’abord"):
        posts.strike_off(by=by, post=post, reason="activity", now=now)
    posts.ask_strike_opinions(by=by, post=post, now=now)
    with pytest.raises(GuardRefused, match="qu’à partir du"):
        posts.strike_off(by=by, post=post, reason="activity", now=now)
    later = noon(localdate(now) + timedelta(days=10))
    posts.strike_off(by=catalogue.viewer("spip", later), post=post, reason="activity", now=later)
    with pytest.raises((AccessRefused, MoveRefused)):
        posts.enlist(by=by, post=post, now=later)


def test_a_host_does_not_leave_with_posts_on_the_list(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    with pytest.raises(GuardRefused, match="radiez-les"):
        structures.move(by=catalogue.viewer("spip"), host=post.host, to=HostStage.ENDED, now=catalogue.now)


# Managers


@pytest.mark.rule("ACL-02")
def test_a_manager_with_an_account_gets_the_right_on_the_post_and_loses_it_that_second(catalogue: Catalogue) -> None:
    host, by, now = catalogue.host(), catalogue.viewer("spip"), catalogue.now
    manager = catalogue.supervisor(host, account=True)
    post = catalogue.draft(host)
    posts.set_managers(by=by, post=post, supervisors=[manager.pk], now=now)
    assert PostGrant.objects.of(catalogue.viewer("host")).live(now).count() == 1
    structures.end_supervisor(by=by, supervisor=manager, now=now)
    assert not PostGrant.objects.of(catalogue.viewer("host")).live(now).exists()
    assert not post.managers.exists()


def test_a_tutor_follows_a_training_once(catalogue: Catalogue) -> None:
    manager, by, today = catalogue.supervisor(catalogue.host()), catalogue.viewer("spip"), localdate(catalogue.now)
    structures.add_training(by=by, supervisor=manager, held_on=today, topic="minors", now=catalogue.now)
    with pytest.raises(InputRefused, match="déjà notée"):
        structures.add_training(by=by, supervisor=manager, held_on=today, topic="minors", now=catalogue.now)
    with pytest.raises(InputRefused, match="une fois suivie"):
        structures.add_training(
            by=by, supervisor=manager, held_on=today + timedelta(days=1), topic="law", now=catalogue.now
        )
