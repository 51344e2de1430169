"""Administration: numbers and dates for whoever keeps the installation running, and not one record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditHead
from casework.casefile import daily
from casework.casefile.models import OnceToken
from casework.desk import system
from casework.minors.followups.models import FollowUp
from casework.partners import genuine, reads
from casework.partners.models import Agent, GroupRules
from tests.attack import walk
from tests.followups.circle import followed
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("ACL-01", "ACL-12")
@pytest.mark.attack("T-34")
@pytest.mark.parametrize("who", ["coordinator", "mayor", "pjj_lead", "dpo", "valideur", "education"])
def test_the_state_of_the_system_is_for_the_technical_administration(people, who):
    assert client_for(getattr(people, who)).get(reverse("desk:system")).status_code == 404
    assert client_for(people.sysadmin).get(reverse("desk:system")).status_code == 200


@pytest.mark.rule("ACL-12", "ACL-01")
@pytest.mark.attack("T-34")
def test_the_administrator_reaches_no_record(people):
    """Every page met by following links, then every record asked for by its address."""
    follow_up = followed(people)
    client = client_for(people.sysadmin)
    urls = [url for found in walk.discover(client).values() for url in found]
    assert reverse("desk:system") in urls
    assert reverse("directory:accounts") in urls
    for url in urls:
        text = client.get(url).content.decode()
        for secret in ("Belkacem", "Yanis", follow_up.reference, str(follow_up.pk), str(follow_up.subject_id)):
            assert secret not in text, url
    for name in ("page", "circle"):
        assert client.get(reverse(f"followups:{name}", args=[follow_up.pk])).status_code in (404, 405)
    for name in ("followups:list", "meetings:list", "followups:queue", "followups:caseload"):
        assert client.get(reverse(name)).status_code == 404
    assert FollowUp.objects.count() == 1


def test_a_step_that_stopped_is_late(people):
    now = timezone.now()
    daily.run(now)
    assert {line.kind for line in system.page(now).jobs} == {"ok"}
    assert {line.kind for line in system.page(now + timedelta(days=1)).jobs} == {"ok"}
    late = system.page(now + timedelta(days=3)).jobs
    assert {line.kind for line in late} == {"late"}
    assert late[0].state == "Fait il y a 3 jours"
    OnceToken.objects.all().delete()
    assert system.page(now).jobs[0].state == "Pas depuis une semaine"
    assert "Rien n’a tourné" in client_for(people.sysadmin).get(reverse("desk:system")).content.decode()


def test_every_step_is_called_by_a_name_that_people_understand():
    assert {name for name in daily.steps() if name not in system.JOBS} == set()


def test_a_forged_row_is_shown(people, django_capture_on_commit_callbacks):
    genuine.forget_what_was_told()
    now = timezone.now()
    GroupRules.objects.filter(pk=people.rules.pk).update(who_knows_enabled=True)
    with django_capture_on_commit_callbacks(execute=True):
        reads.group_rules(people.group, timezone.localdate())
    line = next(each for each in system.page(now + timedelta(minutes=1)).rest if each.what.startswith("Lignes"))
    assert (line.state, line.kind) == ("1", "late")


def test_journals_and_keys_are_counted_not_named(people):
    followed(people)
    page = system.page(timezone.now())
    assert page.keys[0].state == "En service"
    assert len(page.journals) == AuditHead.objects.count() > 0
    assert "Mireval" in {line.what for line in page.journals}


def test_an_account_is_corrected_and_keeps_its_address(people):
    client, agent = client_for(people.sysadmin), people.pjj.agent
    to = reverse("directory:change_account", args=[agent.pk])
    assert agent.email in client.get(to).content.decode()
    given = {
        "first_name": "Sonia",
        "last_name": "Haddad-Roux",
        "phone": "04 90 00 00 00",
        "email": "intrus@example.org",
    }
    assert client.post(to, given).status_code == 302
    changed = Agent.objects.get(pk=agent.pk)
    assert (changed.last_name, changed.email) == ("Haddad-Roux", agent.email)
    assert client.post(to, given | {"last_name": " "}).status_code == 422
    own = reverse("directory:change_account", args=[people.sysadmin.agent_id])
    assert client.post(own, given).status_code == 404, "nobody for their own account"
    assert client_for(people.pjj_lead).get(to).status_code == 404
    assert viewer_of(people.pjj).agent_name
