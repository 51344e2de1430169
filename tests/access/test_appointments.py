"""Appointments that nobody makes alone: leads of couple-violence services (31a), a change of side (VIC-07, ACL-06)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access import appointments
from casework.access.approvals import Approval, approve
from casework.audit import system_actor
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import actions
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate, Organisation
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.attack("T-43"), pytest.mark.django_db(databases="__all__")]
SECOND = timedelta(seconds=1)


def newcomer() -> Agent:
    return Agent.objects.create_agent("venue@mireval.example", first_name="Nora", last_name="Veil")


def lead(people: People, now: datetime, who: str = "coordinator", **changes: Any) -> Mandate:
    """Appoint the lead of the victims’ side."""
    values: dict[str, Any] = {
        "role": Role.APERS_VICTIM, "organisation": people.supervision, "is_service_lead": True,
        "agent": Agent.objects.filter(email="venue@mireval.example").first() or newcomer(),
    }  # fmt: skip
    return actions.appoint(by=viewer_of(people.mandates[who], now=now), now=now, **(values | changes))


def ask(people: People, now: datetime, act: str = "vif_lead", who: str = "coordinator", **changes: Any) -> Approval:
    values: dict[str, Any] = {
        "organisation": people.supervision, "name": "Nora Veil", "email": "venue@mireval.example",
        "role": Role.APERS_VICTIM, "is_service_lead": True, "ends_at": None,
    }  # fmt: skip
    return appointments.ask(by=viewer_of(people.mandates[who], now=now), act=act, now=now, **(values | changes))


def agree(people: People, approval: Approval, who: str) -> None:
    now = approval.asked_at
    approve(by=viewer_of(people.mandates[who], now=now), approval_id=approval.pk, now=now)


@pytest.mark.parametrize("second", ["dpo", "prosecutor"])
def test_a_lead_of_these_services_needs_the_officer_or_the_prosecutor(people: People, second: str) -> None:
    now = timezone.now()
    with pytest.raises(GuardRefused, match="ou du parquet") as refused:
        lead(people, now)
    assert refused.value.code == "vif_lead"
    agree(people, ask(people, now), second)
    assert lead(people, now).is_service_lead
    with pytest.raises(InputRefused, match="déjà cette fonction"):
        lead(people, now)


@pytest.mark.parametrize("second", ["valideur", "mayor", "coordinator"])
def test_nobody_else_agrees_to_it(people: People, second: str) -> None:
    asked = ask(people, timezone.now())
    with pytest.raises(AccessRefused):
        agree(people, asked, second)


@pytest.mark.parametrize(
    "other", [{"role": Role.APERS_OFFENDER}, {"ends_at": datetime(2031, 1, 1, tzinfo=UTC)}, {"agent": None}]
)
def test_the_agreement_holds_for_this_very_appointment(people: People, other: dict[str, Any]) -> None:
    now = timezone.now()
    agree(people, ask(people, now), "dpo")
    if "agent" in other:
        other = {"agent": Agent.objects.create_agent("autre@mireval.example", first_name="Léo", last_name="Sand")}
    with pytest.raises(GuardRefused):
        lead(people, now, **other)


@pytest.mark.parametrize("who", ["pjj_lead", "dpo", "apers_victim", "sysadmin"])
def test_who_may_not_appoint_may_not_ask(people: People, who: str) -> None:
    with pytest.raises(AccessRefused):
        ask(people, timezone.now(), who=who)


def test_a_lead_is_not_renewed_by_one_but_may_be_ended_by_one(people: People) -> None:
    now = timezone.now()
    agree(people, ask(people, now), "dpo")
    held = lead(people, now)
    coordinator = viewer_of(people.coordinator, now=now)
    with pytest.raises(GuardRefused, match="parquet"):
        actions.renew(by=coordinator, mandate_id=held.pk, ends_at=now + timedelta(days=9), now=now)
    actions.end_mandate(by=coordinator, mandate_id=held.pk, reason="left", now=now + SECOND)
    assert Mandate.objects.get(pk=held.pk).ends_at == now + SECOND


# ---------------------------------------------------------------- a change of side


ENDED = datetime(2025, 3, 3, 11, 0, tzinfo=UTC)


@pytest.fixture
def offender_side(people: People) -> Mandate:
    """Return the function that a professional held on the offender's side until a known instant."""
    held = people.apers_offender
    held.starts_at, held.ends_at = ENDED - timedelta(days=700), ENDED
    held.save()
    return held


def cross(people: People, held: Mandate, begin: datetime) -> Mandate:
    """Appoint that person on the victims' side, from `begin`; a command, so that only the wait is asked about."""
    return actions.appoint(
        by=system_actor(people.territory.pk), agent=held.agent, organisation=people.supervision,
        role=Role.APERS_VICTIM, starts_at=begin, now=begin,
    )  # fmt: skip


@pytest.mark.rule("ACL-06")
@pytest.mark.rule("VIC-07")
@pytest.mark.parametrize(("late", "allowed"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_a_change_of_side_waits_twelve_months_to_the_second(
    people: People, offender_side: Mandate, late: timedelta, allowed: bool
) -> None:
    begin = ENDED.replace(year=2026) + late
    if allowed:
        assert cross(people, offender_side, begin).role == Role.APERS_VICTIM
        return
    with pytest.raises(GuardRefused) as refused:
        cross(people, offender_side, begin)
    assert refused.value.code == "side_change"
    assert refused.value.message == (
        "Cette personne est intervenue de l’autre côté jusqu’au 03/03/2025 : elle change de côté à partir du "
        "03/03/2026, ou plus tôt avec l’accord du parquet."
    )


@pytest.mark.parametrize(
    ("ended", "free"),
    [
        (datetime(2028, 2, 29, 9, tzinfo=UTC), datetime(2029, 3, 1, 9, tzinfo=UTC)),
        # Noon in Paris is noon in Paris, on both sides of a change of clocks.
        (datetime(2025, 3, 29, 11, tzinfo=UTC), datetime(2026, 3, 29, 10, tzinfo=UTC)),
    ],
)
def test_twelve_months_are_months_of_the_calendar(
    people: People, offender_side: Mandate, ended: datetime, free: datetime
) -> None:
    offender_side.ends_at = ended
    offender_side.save()
    with pytest.raises(GuardRefused):
        cross(people, offender_side, free - SECOND)
    assert cross(people, offender_side, free)


@pytest.mark.rule("VIC-07")
def test_the_prosecutor_alone_shortens_the_wait(people: People, offender_side: Mandate) -> None:
    now = timezone.now()
    offender_side.ends_at = now - timedelta(days=30)
    offender_side.save()
    boss = people.apers_victim
    boss.is_service_lead = True
    boss.save()

    def appoint() -> Mandate:
        return actions.appoint(
            by=viewer_of(boss, now=now), agent=offender_side.agent, organisation=people.supervision,
            role=Role.APERS_VICTIM, now=now,
        )  # fmt: skip

    with pytest.raises(GuardRefused, match="accord du parquet"):
        appoint()
    asked = ask(
        people, now, act="side_change", who="apers_victim", email=offender_side.agent.email, is_service_lead=False
    )
    for second in ("dpo", "valideur", "coordinator"):
        with pytest.raises(AccessRefused):
            agree(people, asked, second)
    agree(people, asked, "prosecutor")
    assert appoint().role == Role.APERS_VICTIM


@pytest.mark.attack("T-36")
def test_an_end_written_by_sql_shortens_no_wait(people: People, offender_side: Mandate) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_mandate SET ends_at = %s WHERE role = 'apers_offender'", [ENDED - timedelta(days=600)]
        )
    with pytest.raises(GuardRefused):
        cross(people, offender_side, ENDED.replace(year=2026) - SECOND)


@pytest.mark.rule("ACL-06", "VIC-07")
def test_another_territory_shortens_no_wait(people: People, offender_side: Mandate) -> None:
    """A ressort and its communes, or two ressorts, know the same couple (ADR 37)."""
    there = Organisation.objects.create(
        territory=people.elsewhere, kind=people.supervision.kind, name="Association", short_name="Asso"
    )

    def appoint(now: datetime) -> Mandate:
        return actions.appoint(
            by=system_actor(there.territory_id), agent=offender_side.agent, organisation=there,
            role=Role.APERS_VICTIM, now=now,
        )  # fmt: skip

    with pytest.raises(InputRefused, match="deux côtés"):
        appoint(ENDED - SECOND)
    with pytest.raises(GuardRefused) as refused:
        appoint(ENDED.replace(year=2026) - SECOND)
    assert refused.value.code == "side_change"
    assert appoint(ENDED.replace(year=2026)).territory_id == people.elsewhere.pk


@pytest.mark.rule("ACL-06")
def test_a_renewal_never_reaches_into_the_other_side(people: People, offender_side: Mandate) -> None:
    now = ENDED - timedelta(days=1)
    Mandate.objects.create(
        agent=offender_side.agent, organisation=people.supervision, territory=people.territory,
        role=Role.APERS_VICTIM, starts_at=ENDED + timedelta(days=400),
    )  # fmt: skip
    by = system_actor(people.territory.pk)
    for end in (None, ENDED + timedelta(days=401)):
        with pytest.raises(InputRefused, match="deux côtés"):
            actions.renew(by=by, mandate_id=offender_side.pk, ends_at=end, now=now)
    actions.renew(by=by, mandate_id=offender_side.pk, ends_at=ENDED + timedelta(days=2), now=now)


# ---------------------------------------------------------------- on screen


def test_the_page_of_an_invitation_asks_then_invites(people: People) -> None:
    client = client_for(people.coordinator)
    where = reverse("directory:invite", args=[people.supervision.pk])
    today = localdate()
    sent = {
        "first_name": "Nora", "last_name": "Veil", "email": "venue@mireval.example", "phone": "", "job_title": "",
        "role": Role.APERS_VICTIM, "starts_on": today.strftime("%d/%m/%Y"),
        "ends_on": (today + timedelta(days=300)).strftime("%d/%m/%Y"),
    }  # fmt: skip
    answer = client.post(where, sent)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "ou du parquet" in said
    assert 'value="vif_lead"' in said
    assert client.post(where, sent | {"ask": "vif_lead"}).url == reverse("approvals:list")
    asked = Approval.objects.get()
    assert "Nora Veil" in client_for(people.dpo).get(reverse("approvals:page", args=[asked.pk])).content.decode()
    approve(by=viewer_of(people.dpo), approval_id=asked.pk, now=timezone.now())
    assert client.post(where, sent).status_code == 200
    assert Mandate.objects.get(agent__email="venue@mireval.example").is_service_lead
