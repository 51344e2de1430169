"""The sentence file of a service: off until its head dates the signature of its own controller."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act, object_ref
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, GuardRefused
from casework.placements.tig.actions import demands, service
from casework.placements.tig.models import SentenceFile
from tests.people import client_for
from tests.placements.tig.clicks import ONCE, send, text
from tests.placements.tig.setting import demand, sentence

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_service_without_its_sentence_file_here_is_offered_none_and_may_record_none(place):
    placement = demand(place)
    here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "peine"])
    assert act in text(client_for(place.people.spip).get(here))
    service.keep_no_longer(by=place.head("spip"), now=timezone.now())
    client = client_for(place.people.spip)
    assert act not in text(client.get(here))
    assert client.get(act).status_code == 404
    with pytest.raises(GuardRefused):
        demands.record_sentence(by=place.viewer("spip"), placement=placement, data=sentence(), now=timezone.now())
    young = demand(place, "pjj")  # the other service keeps its own
    assert reverse("tig:act", args=[young.pk, "peine"]) in text(
        client_for(place.people.pjj).get(reverse("tig:page", args=[young.pk]))
    )


def test_the_sentence_file_is_off_until_the_head_of_the_service_dates_the_signature_on_screen(place):
    lead = place.people.mandates["pjj_lead"]
    service.keep_no_longer(by=place.head("pjj"), now=timezone.now())
    client, url = client_for(lead), reverse("tig:sentence_file")
    assert "non tenu ici" in text(client.get(url))
    assert url in text(client.get(reverse("tig:list")))
    response = send(client, url, signed_on=str(localdate() + timedelta(days=1)))
    assert (response.status_code, "pas encore passée" in text(response)) == (422, True)
    assert send(client, url, signed_on=str(localdate() - timedelta(days=3))).status_code == 302
    assert service.keeps_sentences(place.viewer("pjj"), timezone.now())
    row = SentenceFile.objects.get(organisation=lead.organisation, ends_at=None)
    assert AuditEvent.objects.filter(object_ref=object_ref("tig.sentencefile", row.pk), act=Act.GRANT).exists()
    page = text(client.get(url))
    client.post(reverse("tig:stop_sentence_file"), {"once": ONCE.search(page).group(1)})
    assert not service.keeps_sentences(place.viewer("pjj"), timezone.now() + timedelta(seconds=1))


@pytest.mark.parametrize("who", ["pjj", "spip", "coordinator", "dpo", "host", "mayor", "sysadmin", "outreach_lead"])
def test_nobody_but_the_head_of_a_judicial_service_switches_it(place, who):
    if who in place.people.mandates:
        assert client_for(place.people.mandates[who]).get(reverse("tig:sentence_file")).status_code == 404
        by = place.viewer(who)
    else:
        by = place.head("outreach")
    with pytest.raises(AccessRefused):
        service.keep_here(by=by, signed_on=localdate(), now=timezone.now())


@pytest.mark.attack("T-36")
def test_a_switch_written_by_sql_switches_nothing_on(place):
    service.keep_no_longer(by=place.head("spip"), now=timezone.now())
    SentenceFile.objects.filter(organisation=place.people.spip.organisation).update(ends_at=None)
    assert not service.keeps_sentences(place.viewer("spip"), timezone.now())
