"""T-37: links die with what made them, to the second; nights of clock change and a clock set back open nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.partners import actions, reads
from casework.partners.models import Invitation
from tests.partners.helpers import by, choose_password, invited, is_in, open_link, with_account
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-37")]

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(("seconds", "status"), [(-1, 302), (0, 410), (1, 410)])
def test_a_link_dies_at_its_second(people, seconds, status):
    now = timezone.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        link = invited(people)
    with time_machine.travel(now + timedelta(days=7, seconds=seconds), tick=False):
        assert choose_password(open_link(link.token or "")).status_code == status


@pytest.mark.parametrize("why", ["account_closed", "revoked", "replaced", "used"])
def test_a_link_dies_with_what_made_it(people, why):
    agent = people.aemo.agent
    with_account(agent)
    lead, now = by(people.aemo_lead), timezone.now()
    link = actions.renew_invitation(by=lead, agent=agent, now=now)
    if why == "account_closed":
        actions.close_account(by=by(people.coordinator), agent=agent, now=now)
        actions.reopen_account(by=by(people.coordinator), agent=agent, now=now)
    elif why == "revoked":
        actions.revoke_invitation(by=lead, invitation_id=link.invitation_id, now=now)  # type: ignore[arg-type]
    elif why == "replaced":
        actions.renew_invitation(by=lead, agent=agent, now=now)
    else:
        assert choose_password(open_link(link.token or "")).status_code == 302
    assert choose_password(open_link(link.token or "")).status_code == 410


def test_a_link_half_followed_dies_too(people):
    """The page of the password is open when the link is revoked."""
    link = invited(people)
    client = open_link(link.token or "")
    assert client.get(reverse("partners:choose_password")).status_code == 200
    Invitation.objects.get(pk=link.invitation_id)
    actions.revoke_invitation(by=by(people.aemo_lead), invitation_id=link.invitation_id, now=timezone.now())  # type: ignore[arg-type]
    assert choose_password(client).status_code == 410


@pytest.mark.parametrize(
    "last_day", [datetime(2026, 10, 24, tzinfo=PARIS), datetime(2026, 10, 25, tzinfo=PARIS),
                 datetime(2027, 3, 27, tzinfo=PARIS), datetime(2027, 3, 28, tzinfo=PARIS)],
)  # fmt: skip
def test_a_function_lasts_the_whole_of_its_last_day_on_nights_of_clock_change(people, last_day):
    end = reads.local_midnight((last_day + timedelta(days=1)).date(), "Europe/Paris")
    people.aemo.starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    people.aemo.ends_at = end
    people.aemo.save()
    assert viewer_of(people.aemo, now=end - timedelta(days=5)).live(end - timedelta(seconds=1))
    assert not viewer_of(people.aemo, now=end - timedelta(days=5)).live(end)
    assert end.astimezone(PARIS).hour == 0
    assert (end.astimezone(PARIS) - timedelta(hours=1)).date() == last_day.date()


def test_a_clock_set_back_locks_the_screen(people):
    client = client_for(people.pjj)
    assert is_in(client)
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False):
        assert not is_in(client)


@pytest.mark.rule("PWD-03")
def test_an_old_password_is_not_asked_to_change(people):
    from tests.partners.helpers import sign_in

    agent = people.pjj.agent
    with_account(agent)
    type(agent).objects.filter(pk=agent.pk).update(created_at=timezone.now() - timedelta(days=4000))
    client = sign_in(agent)
    for name in ("desk:work", "partners:account"):
        page = client.get(reverse(name), follow=True)
        assert page.status_code == 200
        assert "expir" not in page.content.decode().lower()
