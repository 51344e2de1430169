"""The directory on screen: each one sees its part, and does it in a few clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act
from casework.partners import reads
from casework.partners.models import Agent, Mandate
from tests.partners.helpers import events
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = ("services", "rules", "charter")


@pytest.mark.parametrize("who", ["coordinator", "dpo"])
def test_the_coordinator_and_the_dpo_read_the_directory(people, who):
    client = client_for(people.mandates[who])
    assert client.get(reverse("directory:index")).url == reverse("directory:services")
    for page in (*PAGES, "accounts"):
        assert client.get(reverse(f"directory:{page}")).status_code == 200, page
    assert client.get(reverse("directory:service", args=[people.aemo_service.pk])).status_code == 200
    assert client.get(reverse("directory:function", args=[people.aemo.pk])).status_code == 200


def test_the_dpo_changes_nothing(people):
    client = client_for(people.dpo)
    for name, args in (
        ("add_service", []),
        ("adopt_charter", []),
        ("adopt_rules", [people.group.pk]),
        ("change_service", [people.aemo_service.pk]),
        ("invite", [people.aemo_service.pk]),
    ):
        assert client.get(reverse(f"directory:{name}", args=args)).status_code == 404, name
    assert client.post(reverse("directory:end_rules", args=[people.group.pk])).status_code == 404
    assert client.post(reverse("directory:end", args=[people.aemo.pk]), {"reason": "left"}).status_code == 404
    body = client.get(reverse("directory:rules")).content.decode()
    assert "Adopter une" not in body


def test_the_administrator_sees_accounts_only(people):
    client = client_for(people.sysadmin)
    assert client.get(reverse("directory:index")).url == reverse("directory:accounts")
    body = client.get(reverse("directory:accounts")).content.decode()
    assert people.pjj.agent.email in body
    for page in PAGES:
        assert client.get(reverse(f"directory:{page}")).status_code == 404, page
    assert client.get(reverse("directory:function", args=[people.aemo.pk])).status_code == 404
    assert client.get(reverse("directory:service", args=[people.aemo_service.pk])).status_code == 404
    assert client.post(reverse("directory:end", args=[people.aemo.pk]), {"reason": "left"}).status_code == 404


@pytest.mark.parametrize("who", ["aemo", "pjj", "education", "mayor", "national_police", "ended", "stranger"])
def test_everybody_else_finds_nothing(people, who):
    client = client_for(people.mandates[who])
    for page in ("index", *PAGES, "accounts", "my_service"):
        assert client.get(reverse(f"directory:{page}")).status_code == 404, page
    assert client.get(reverse("directory:service", args=[people.aemo_service.pk])).status_code == 404
    assert client.post(reverse("directory:new_link", args=[people.pjj.agent_id])).status_code == 404
    assert Mandate.objects.get(pk=people.aemo.pk).ends_at is None


def test_a_lead_sees_its_own_service_and_no_other(people):
    client = client_for(people.aemo_lead)
    assert client.get(reverse("directory:index")).url == reverse("directory:my_service")
    body = client.get(reverse("directory:my_service")).content.decode()
    assert people.aemo.agent.full_name in body
    assert people.pjj.agent.full_name not in body
    assert client.get(reverse("directory:function", args=[people.aemo.pk])).status_code == 200
    for pk in (people.pjj.pk, people.stranger.pk, people.coordinator.pk):
        assert client.get(reverse("directory:function", args=[pk])).status_code == 404
    assert client.get(reverse("directory:invite", args=[people.pjj_service.pk])).status_code == 404


def test_a_lead_invites_a_colleague_and_the_link_shows_once(people):
    client = client_for(people.aemo_lead)
    url = reverse("directory:invite", args=[people.aemo_service.pk])
    today = localdate()
    answer = client.post(
        url,
        {
            "first_name": "Nora", "last_name": "Veil", "email": "Nora.Veil@aemo.example", "role": "aemo",
            "job_title": "éducatrice", "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=365)).isoformat(),
        },
    )  # fmt: skip
    body = answer.content.decode()
    assert "/connexion/invitation/" in body
    assert len(mail.outbox) == 1
    mandate = Mandate.objects.get(agent__email="nora.veil@aemo.example")
    assert not mandate.is_service_lead
    assert mandate.ends_at.date() == today + timedelta(days=365), "local midnight after the last day"
    page = client.get(reverse("directory:function", args=[mandate.pk])).content.decode()
    assert "Invitation envoyée" in page
    assert "/connexion/invitation/" not in page


def test_what_is_missing_is_said_and_kept(people):
    client = client_for(people.aemo_lead)
    answer = client.post(
        reverse("directory:invite", args=[people.aemo_service.pk]),
        {"first_name": "Nora", "last_name": "Veil", "email": "pas-une-adresse", "role": "aemo"},
    )
    assert answer.status_code == 422
    assert 'value="Nora"' in answer.content.decode()
    assert not Agent.objects.filter(first_name="Nora").exists()


def test_a_role_of_another_service_cannot_be_posted(people):
    client = client_for(people.aemo_lead)
    today = localdate()
    answer = client.post(
        reverse("directory:invite", args=[people.aemo_service.pk]),
        {
            "first_name": "Nora", "last_name": "Veil", "email": "nora@x.example", "role": "clspd_coordinator",
            "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat(),
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert not Agent.objects.filter(email="nora@x.example").exists()


def test_a_stand_in_is_switched_on_in_two_clicks(people):
    client = client_for(people.aemo_lead)
    page = client.get(reverse("directory:my_service")).content.decode()
    today = localdate()
    assert f'name="from_day" value="{today.isoformat()}"' in page, "dates are proposed: one click opens, one activates"
    client.post(
        reverse("directory:switch_deputy"),
        {
            "membership": people.memberships["aemo_service"].pk, "mandate": str(people.aemo.pk),
            "from_day": today.isoformat(), "to_day": (today + timedelta(days=14)).isoformat(),
        },
    )  # fmt: skip
    assert [row.pk for row in reads.deputies(people.group, people.aemo_service, timezone.now())] == [people.aemo.pk]


def test_seats_of_other_services_are_out_of_reach(people):
    client = client_for(people.aemo_lead)
    other = people.memberships["pjj_service"]
    answer = client.post(
        reverse("directory:name_representative"), {"membership": other.pk, "mandate": str(people.aemo.pk)}
    )
    assert answer.status_code == 404
    (seat,) = reads.seats(people.group, people.pjj_service, timezone.now())
    assert client.post(reverse("directory:end_seat", args=[seat.pk])).status_code == 404
    assert reads.seats(people.group, people.pjj_service, timezone.now()) == [seat]


def test_ending_and_prolonging_from_the_page(people):
    client = client_for(people.aemo_lead)
    until = localdate() + timedelta(days=30)
    client.post(reverse("directory:renew", args=[people.aemo.pk]), {"ends_on": until.isoformat(), "revision": "1"})
    assert Mandate.objects.get(pk=people.aemo.pk).ends_at.date() == until
    stale = client.post(
        reverse("directory:end", args=[people.aemo.pk]), {"reason": "left", "revision": "1"}, follow=True
    )
    assert "modifiée entre-temps" in stale.content.decode()
    client.post(reverse("directory:end", args=[people.aemo.pk]), {"reason": "left", "revision": "2"})
    assert not Mandate.objects.get(pk=people.aemo.pk).runs(timezone.now())
    assert events(Act.REVOKE, "left").count() == 1


def test_the_rules_page_says_what_is_in_force(people):
    client = client_for(people.coordinator)
    assert "En vigueur" in client.get(reverse("directory:rules")).content.decode()
    client.post(reverse("directory:end_rules", args=[people.group.pk]))
    body = client.get(reverse("directory:rules")).content.decode()
    assert "Aucun règlement en vigueur" in body
    today = localdate().isoformat()
    answer = client.post(
        reverse("directory:adopt_rules", args=[people.group.pk]),
        {
            "adopted_on": today, "valid_from": today, "formation": "by_circle", "silence_days": "5",
            "who_knows_enabled": "on",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert reads.group_rules(people.group, localdate()).who_knows_enabled


def test_pages_cost_the_same_whatever_their_length(people, django_assert_max_num_queries):
    client = client_for(people.coordinator)
    client.get(reverse("directory:accounts"))
    for page in ("services", "accounts", "charter"):
        with django_assert_max_num_queries(25):
            client.get(reverse(f"directory:{page}"))
    with django_assert_max_num_queries(25):
        client.get(reverse("directory:service", args=[people.aemo_service.pk]))
