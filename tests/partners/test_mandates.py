"""Who acts for whom: who may appoint, when access ends, who represents and stands in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.partners import actions, hooks, reads
from casework.partners.codes import MandateEnd, Role, SeatFunction
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import Agent, AgentSession, Mandate, Seat
from tests.partners.helpers import by, events, is_in, sign_in, with_account
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)


def newcomer(email: str = "venue@mireval.example") -> Agent:
    return Agent.objects.create_agent(email, first_name="Nora", last_name="Veil")


# ---------------------------------------------------------------- who may appoint (rows 31, 31a)


@pytest.mark.parametrize(
    ("who", "service", "role", "lead", "allowed"),
    [
        ("coordinator", "aemo_service", Role.AEMO, True, True),
        ("coordinator", "aemo_service", Role.AEMO, False, False),  # leads only
        ("coordinator", "town_police", Role.MUNICIPAL_POLICE, False, True),  # a role without lead
        ("coordinator", "municipality", Role.DPO, False, False),
        ("coordinator", "municipality", Role.SYSADMIN, False, False),
        ("coordinator", "supervision", Role.APERS_VICTIM, True, False),  # a second person is needed
        ("aemo_lead", "aemo_service", Role.AEMO, False, True),
        ("aemo_lead", "aemo_service", Role.AEMO, True, False),  # no lead makes a lead
        ("aemo_lead", "pjj_service", Role.PJJ, False, False),
        ("aemo", "aemo_service", Role.AEMO, False, False),
        ("sysadmin", "aemo_service", Role.AEMO, True, False),
        ("dpo", "aemo_service", Role.AEMO, True, False),
        ("mayor", "municipality", Role.COORDINATOR, False, False),
        ("stranger", "aemo_service", Role.AEMO, False, False),
        ("ended", "pjj_service", Role.PJJ, False, False),
        ("not_yet", "mds_service", Role.MDS, False, False),
    ],
)
def test_who_appoints_whom(people, who, service, role, lead, allowed):
    def act() -> Mandate:
        return actions.appoint(
            by=by(people.mandates[who]), agent=newcomer(), organisation=people.organisations[service], role=role,
            is_service_lead=lead, now=timezone.now(),
        )  # fmt: skip

    if allowed:
        assert mandate_is_genuine(Mandate.objects.get(pk=act().pk))
        assert events(Act.GRANT).count() == 1
    else:
        with pytest.raises((AccessRefused, GuardRefused)):
            act()
        assert not Mandate.objects.filter(agent__email="venue@mireval.example").exists()


def test_a_lead_whose_charter_is_unsigned_appoints_nobody(people):
    lead = people.aemo_lead
    lead.charter_signed_at = None
    lead.save()
    with pytest.raises(AccessRefused):
        actions.appoint(
            by=by(lead), agent=newcomer(), organisation=people.aemo_service, role=Role.AEMO, now=timezone.now()
        )


@pytest.mark.rule("CLV-02")
def test_the_coordinator_is_an_agent_of_the_commune(people):
    for service in ("aemo_service", "pjj_service", "school", "state_police"):
        with pytest.raises(InputRefused, match="Ce rôle n’existe pas"):
            actions.appoint(
                by=by(people.coordinator), agent=newcomer(f"{service}@x.example"), role=Role.COORDINATOR,
                organisation=people.organisations[service], now=timezone.now(),
            )  # fmt: skip
    made = actions.appoint(
        by=by(people.coordinator), agent=newcomer(), organisation=people.municipality, role=Role.COORDINATOR,
        now=timezone.now(),
    )  # fmt: skip
    assert made.appointed_by == people.coordinator.pk


@pytest.mark.rule("ACL-06")
def test_nobody_acts_on_both_sides(people):
    from casework.audit import system_actor

    with pytest.raises(InputRefused, match="deux côtés"):
        actions.appoint(
            by=system_actor(people.territory.pk), agent=people.apers_offender.agent, role=Role.APERS_VICTIM,
            organisation=people.supervision, now=timezone.now(),
        )  # fmt: skip


def test_dates_out_of_order_are_refused_by_the_action_and_by_the_base(people):
    now = timezone.now()
    with pytest.raises(InputRefused):
        actions.appoint(
            by=by(people.aemo_lead), agent=newcomer(), organisation=people.aemo_service, role=Role.AEMO, now=now,
            ends_at=now - timedelta(days=1),
        )  # fmt: skip
    people.aemo.ends_at = people.aemo.starts_at - timedelta(seconds=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.aemo.save()


# ---------------------------------------------------------------- the end (CLV-24, T-37)


@pytest.mark.rule("CLV-24")
@pytest.mark.attack("T-37")
def test_access_ends_at_the_very_second(people):
    end = NOW
    people.aemo_lead.ends_at = end
    people.aemo_lead.starts_at = end - timedelta(days=10)
    people.aemo_lead.save()
    page = "/partenaires/mon-service/"
    with time_machine.travel(end - timedelta(minutes=5), tick=False) as clock:
        client = client_for(people.aemo_lead)
        assert client.get(page).status_code == 200
        clock.move_to(end - timedelta(seconds=1))
        assert client.get(page).status_code == 200
        clock.move_to(end)
        assert client.get(page).status_code == 404
        clock.move_to(end + timedelta(seconds=1))
        assert client.get(page).status_code == 404
        clock.move_to(end - timedelta(seconds=1))
        assert client.get(page).status_code == 200, "the control: only the clock decides"


@pytest.mark.rule("CLV-24")
@pytest.mark.parametrize(("seconds", "live"), [(-1, False), (0, True), (1, True)])
def test_a_mandate_starts_at_its_second(people, seconds, live):
    people.aemo.starts_at = NOW
    people.aemo.save()
    moment = NOW + timedelta(seconds=seconds)
    assert people.aemo.runs(moment) is live
    assert Mandate.objects.live(moment).filter(pk=people.aemo.pk).exists() is live


@pytest.mark.rule("CLV-24")
@pytest.mark.parametrize(("seconds", "live"), [(-1, True), (0, False), (1, False)])
def test_a_mandate_ends_at_its_second_for_lists_and_for_one(people, seconds, live):
    people.aemo.ends_at = NOW
    people.aemo.starts_at = NOW - timedelta(days=1)
    people.aemo.save()
    moment = NOW + timedelta(seconds=seconds)
    assert people.aemo.runs(moment) is live
    assert Mandate.objects.live(moment).filter(pk=people.aemo.pk).exists() is live


@pytest.mark.attack("T-37")
def test_ending_a_mandate_closes_an_open_session(people):
    with_account(people.aemo.agent)
    client = sign_in(people.aemo.agent)
    assert is_in(client)
    actions.end_mandate(by=by(people.aemo_lead), mandate_id=people.aemo.pk, reason=MandateEnd.LEFT, now=timezone.now())
    assert not is_in(client)
    assert not AgentSession.objects.filter(agent_id=people.aemo.agent_id).exists()


def test_an_agent_with_another_function_stays_signed_in(people):
    actions.appoint(
        by=by(people.mds_lead), agent=people.aemo.agent, organisation=people.mds_service, role=Role.MDS,
        now=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    client = client_for(people.aemo)
    actions.end_mandate(by=by(people.aemo_lead), mandate_id=people.aemo.pk, reason=MandateEnd.LEFT, now=timezone.now())
    assert is_in(client)
    assert client.get("/compte/").wsgi_request.viewer.mandate_id != people.aemo.pk


def test_ending_needs_a_reason_of_the_list_and_happens_once(people):
    lead = by(people.aemo_lead)
    with pytest.raises(InputRefused):
        actions.end_mandate(by=lead, mandate_id=people.aemo.pk, reason="parce que", now=timezone.now())
    actions.end_mandate(by=lead, mandate_id=people.aemo.pk, reason=MandateEnd.CHARTER_BREACH, now=timezone.now())
    ended = Mandate.objects.get(pk=people.aemo.pk)
    assert ended.end_reason == "charter_breach"
    assert mandate_is_genuine(ended)
    with pytest.raises(GuardRefused):
        actions.end_mandate(by=lead, mandate_id=people.aemo.pk, reason=MandateEnd.LEFT, now=timezone.now())
    with pytest.raises(GuardRefused):
        actions.renew(by=lead, mandate_id=people.aemo.pk, ends_at=None, now=timezone.now())


def test_a_stale_page_changes_nothing(people):
    lead = by(people.aemo_lead)
    until = timezone.now() + timedelta(days=100)
    actions.renew(by=lead, mandate_id=people.aemo.pk, ends_at=until, expected=1, now=timezone.now())
    with pytest.raises(ConflictRefused):
        actions.end_mandate(by=lead, mandate_id=people.aemo.pk, reason=MandateEnd.LEFT, expected=1, now=timezone.now())
    assert Mandate.objects.get(pk=people.aemo.pk).ends_at == until


@pytest.mark.attack("T-36")
@pytest.mark.parametrize(
    "change", ["ends_at = NULL", "role = 'pjj'", "is_service_lead = 1", "charter_signed_at = starts_at"]
)
def test_a_mandate_changed_by_sql_gives_nothing_and_is_never_sealed_again(people, change):
    victim = people.unsigned if "charter" in change else people.aemo
    if change.startswith("ends_at"):
        actions.renew(
            by=by(people.aemo_lead),
            mandate_id=victim.pk,
            ends_at=timezone.now() + timedelta(days=1),
            now=timezone.now(),
        )
    change = change.replace("= 1", "= true") if connection.vendor == "postgresql" else change
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE partners_mandate SET {change} WHERE id = %s", [_db(victim.pk)])
    forged = Mandate.objects.get(pk=victim.pk)
    assert not mandate_is_genuine(forged)
    for act in (
        lambda: actions.renew(by=by(people.aemo_lead), mandate_id=forged.pk, ends_at=None, now=timezone.now()),
        lambda: actions.sign_charter(
            by=by(forged), mandate_id=forged.pk, charter_id=people.charter.pk, now=timezone.now()
        ),
        lambda: actions.create_agent(
            by=by(forged), email="a@b.example", first_name="A", last_name="B", now=timezone.now()
        ),
    ):
        with pytest.raises(AccessRefused):
            act()
    actions.adopt_charter(
        by=by(people.coordinator), territory=people.territory, text="Charte. " * 20, adopted_on=localdate(),
        now=timezone.now(),
    )  # fmt: skip
    assert not mandate_is_genuine(Mandate.objects.get(pk=victim.pk))


def _db(pk):
    return pk.hex if connection.vendor == "sqlite" else pk


# ---------------------------------------------------------------- handing over


def test_handing_over_moves_the_function_the_seat_and_the_cases(people):
    told = []

    def listener(w, old, new, actor, now, only):
        told.append((old.pk, new.agent_id, actor.mandate_id))
        return 3

    hooks.on_hand_over("test", listener)
    try:
        new, count = actions.hand_over(
            by=by(people.coordinator), mandate_id=people.aemo_lead.pk, to_agent=newcomer(), now=timezone.now()
        )
    finally:
        hooks._hand_over.pop("test")
    assert count == 3
    assert told == [(people.aemo_lead.pk, new.agent_id, people.coordinator.pk)]
    assert new.is_service_lead
    assert new.charter_signed_at is None
    old = Mandate.objects.get(pk=people.aemo_lead.pk)
    assert old.end_reason == MandateEnd.HANDED_OVER
    later = timezone.now()
    assert [mandate.pk for mandate in reads.seat_holders(people.group, people.aemo_service, later)] == [new.pk]


def test_handing_over_fails_whole_when_a_case_cannot_follow(people):
    def listener(w, old, new, actor, now, only):
        raise GuardRefused("Non.")

    hooks.on_hand_over("test", listener)
    try:
        with pytest.raises(GuardRefused):
            actions.hand_over(
                by=by(people.aemo_lead), mandate_id=people.aemo.pk, to_agent=newcomer(), now=timezone.now()
            )
    finally:
        hooks._hand_over.pop("test")
    assert Mandate.objects.get(pk=people.aemo.pk).ends_at is None
    assert not Mandate.objects.filter(agent__email="venue@mireval.example").exists()


# ---------------------------------------------------------------- seats and stand-ins


def test_a_deputy_runs_from_its_first_day_to_the_end_of_its_last(people):
    with time_machine.travel(NOW, tick=False):
        actions.switch_deputy_on(
            by=by(people.aemo_lead), membership=people.memberships["aemo_service"], mandate_id=people.aemo.pk,
            from_day=localdate(NOW) + timedelta(days=1), to_day=localdate(NOW) + timedelta(days=3), now=NOW,
        )  # fmt: skip
    # Days of Paris: the 9th begins on the 8th at 23:00 UTC.
    for moment, expected in (
        (datetime(2026, 12, 8, 22, 59, 59, tzinfo=UTC), []),
        (datetime(2026, 12, 8, 23, 0, tzinfo=UTC), [people.aemo.pk]),
        (datetime(2026, 12, 11, 22, 59, 59, tzinfo=UTC), [people.aemo.pk]),
        (datetime(2026, 12, 11, 23, 0, tzinfo=UTC), []),
    ):
        found = reads.deputies(people.group, people.aemo_service, moment)
        assert [mandate.pk for mandate in found] == expected, moment


@pytest.mark.rule("CLV-25")
def test_nobody_stands_in_without_having_signed(people):
    with pytest.raises(GuardRefused, match="charte"):
        actions.switch_deputy_on(
            by=by(people.aemo_lead), membership=people.memberships["aemo_service"], mandate_id=people.unsigned.pk,
            from_day=localdate(), to_day=localdate(), now=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize("who", ["aemo", "pjj_lead", "coordinator", "dpo", "stranger"])
def test_only_the_lead_of_the_service_names_its_seats(people, who):
    with pytest.raises(AccessRefused):
        actions.name_seat(
            by=by(people.mandates[who]), membership=people.memberships["aemo_service"], mandate_id=people.aemo.pk,
            now=timezone.now(),
        )  # fmt: skip
    assert not Seat.objects.filter(mandate=people.aemo).exists()


def test_a_seat_is_for_people_of_the_service(people):
    for outsider in (people.pjj, people.ended, people.stranger):
        with pytest.raises(InputRefused):
            actions.name_seat(
                by=by(people.aemo_lead), membership=people.memberships["aemo_service"], mandate_id=outsider.pk,
                now=timezone.now(),
            )  # fmt: skip


def test_switching_a_deputy_off_is_at_once_and_listeners_are_told(people):
    told = []
    hooks.on_seat_change("test", lambda organisation, actor, now: told.append(organisation.pk))
    try:
        now = timezone.now()
        seat = actions.switch_deputy_on(
            by=by(people.aemo_lead), membership=people.memberships["aemo_service"], mandate_id=people.aemo.pk,
            from_day=localdate(now), to_day=localdate(now) + timedelta(days=5), now=now,
        )  # fmt: skip
        assert seat.function == SeatFunction.DEPUTY
        later = now + timedelta(seconds=5)
        actions.end_seat(by=by(people.aemo_lead), seat_id=seat.pk, now=later)
    finally:
        hooks._seat_change.pop("test")
    assert reads.deputies(people.group, people.aemo_service, later) == []
    assert told == [people.aemo_service.pk] * 2


def test_a_representative_whose_mandate_ended_represents_nobody(people):
    now = timezone.now()
    assert reads.seat_holders(people.group, people.aemo_service, now)
    actions.end_mandate(by=by(people.coordinator), mandate_id=people.aemo_lead.pk, reason=MandateEnd.TERM, now=now)
    assert reads.seat_holders(people.group, people.aemo_service, now) == []
    assert reads.representatives(people.memberships["aemo_service"], now) == []
