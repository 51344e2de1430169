"""The reflex sheet: read by every trade, written by the coordinator and the lead of the victim's side, about nobody."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.errors import AccessRefused, ConflictRefused, InputRefused
from casework.vif.reflex import actions, reads
from casework.vif.reflex.codes import STARTING
from casework.vif.reflex.models import AwarenessSession, ReflexSheet
from tests.casefile import pdf_text
from tests.people import People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")

READERS = ("mayor", "pjj", "sah", "aemo", "mds", "outreach", "education", "spip", "apers_offender", "host",
           "national_police", "municipal_police", "prosecutor", "dpo")  # fmt: skip


@pytest.mark.rule("VIC-07", "ACL-01")
def test_every_trade_reads_it_and_two_write_it(people: People) -> None:
    now = timezone.now()
    for who in READERS:
        found = reads.sheet(viewer_of(people.mandates[who], now=now), now)
        assert "Appelez le 17" in found.parts[0].lines[0]
        assert not found.may_write, who
        with pytest.raises(AccessRefused):
            actions.write(by=viewer_of(people.mandates[who], now=now), parts=STARTING, now=now, expected=0)
    with pytest.raises(AccessRefused):
        reads.sheet(viewer_of(people.sysadmin, now=now), now)
    with pytest.raises(AccessRefused):  # an agent of the victim's side reads; its lead writes
        actions.write(by=viewer_of(people.apers_victim, now=now), parts=STARTING, now=now, expected=0)
    people.apers_victim.is_service_lead = True
    people.apers_victim.save()
    for n, who in enumerate(("coordinator", "apers_victim")):
        actions.write(
            by=viewer_of(people.mandates[who], now=now),
            parts={**STARTING, "danger": f"Le 17. {n}"},
            now=now,
            expected=n,
        )
    with pytest.raises(ConflictRefused):
        actions.write(by=viewer_of(people.coordinator, now=now), parts=STARTING, now=now, expected=1)
    assert ReflexSheet.objects.count() == 2


@pytest.mark.rule("VIC-07")
def test_it_is_changed_printed_and_counts_people_without_a_name(people: People) -> None:
    now = timezone.now()
    client = client_for(people.coordinator, now=now)
    typed: dict[str, Any] = dict(STARTING) | {"after": "Permanence du jeudi : 04 00 00 00 00", "version": 0}
    empty = client.post(reverse("reflex:edit"), typed | {"danger": "", "once": str(uuid4())})
    assert empty.status_code == 422
    assert "Permanence du jeudi" in empty.content.decode(), "nothing typed is lost"
    assert client.post(reverse("reflex:edit"), typed | {"once": str(uuid4())}).status_code == 302
    day = localdate(now).strftime("%d/%m/%Y")
    session = {"held_on": day, "audience": "school", "people": 14, "once": str(uuid4())}
    assert client.post(reverse("reflex:session"), session).status_code == 302
    page = client_for(people.municipal_police, now=now).get(reverse("reflex:sheet")).content.decode()
    assert "Permanence du jeudi" in page
    assert "14 personnes" in page
    assert "Noter une séance" not in page
    paper = client_for(people.host, now=now).get(reverse("reflex:paper"))
    assert "Permanence du jeudi" in pdf_text.text(paper.content)
    assert {field.name for field in AwarenessSession._meta.fields} == {
        "id", "territory", "held_on", "audience", "people", "recorded_by"
    }  # fmt: skip
    with pytest.raises(InputRefused):
        actions.record_session(
            by=viewer_of(people.coordinator, now=now), held_on=localdate(now), audience="school", people=0, now=now
        )
