"""« Adresse à ne pas communiquer »: kept from all but whoever set it, in this subject alone."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.protection import actions
from casework.access.protection.models import ProtectedAddress
from casework.minors.followups.actions import circle
from casework.minors.followups.actions import people as identity
from casework.minors.followups.codes import CircleReason, SchoolLevel
from casework.minors.followups.data import PersonData
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads import letters
from tests.followups.saisine_setting import YOUTH, opened, refer
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.attack("T-40"), pytest.mark.django_db(databases="__all__")]

ADDRESS, PHONE, SCHOOL = "12 rue des Ormes", "06 39 98 12 34", "Collège des Embruns"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def row(people: People, now: datetime) -> FollowUp:
    found = refer(
        people, by="mds_lead", now=now - timedelta(days=2), address=ADDRESS, phone=PHONE, school=SCHOOL,
        school_level=SchoolLevel.values[1],
    )  # fmt: skip
    circle.enter(
        by=viewer_of(people.coordinator, now=now), follow_up=found, organisation=people.aemo_service,
        reason=CircleReason.KNOWS, now=now,
    )  # fmt: skip
    return FollowUp.objects.select_related("person").get(pk=found.pk)


def shown(people: People, who: str, row: FollowUp) -> list[str]:
    """Return what the family tab and the form of identity let through."""
    client = client_for(people.mandates[who])
    text = client.get(reverse("followups:page", args=[row.pk]) + "?onglet=famille").content.decode()
    text += client.get(reverse("followups:identity", args=[row.pk])).content.decode()
    return [word for word in (ADDRESS, PHONE, SCHOOL) if word in text]


def protect(people: People, row: FollowUp, now: datetime, who: str = "coordinator") -> None:
    """Set it."""
    actions.protect(
        by=viewer_of(people.mandates[who], now=now), person_id=row.subject_id, territory_id=row.territory_id, now=now
    )


def test_kept_from_all_but_the_setter(people: People, row: FollowUp, now: datetime) -> None:
    assert shown(people, "aemo_lead", row) == shown(people, "mds_lead", row) == [ADDRESS, PHONE, SCHOOL]
    url = reverse("followups:protect", args=[row.pk])
    sent = {"do": "set", "once": str(uuid.uuid4())}
    assert client_for(people.aemo_lead).post(url, sent).status_code == 404
    assert client_for(people.coordinator).post(url, sent).status_code == 302
    assert shown(people, "coordinator", row) == [ADDRESS, PHONE, SCHOOL]
    assert shown(people, "aemo_lead", row) == shown(people, "mds_lead", row) == []
    client_for(people.coordinator).post(url, {"do": "lift", "once": str(uuid.uuid4())})
    assert shown(people, "aemo_lead", row) == [ADDRESS, PHONE, SCHOOL]


def test_the_protection_of_one_is_not_lifted_by_another(people: People, row: FollowUp, now: datetime) -> None:
    protect(people, row, now, who="mds_lead")
    actions.unprotect(by=viewer_of(people.coordinator, now=now), person_id=row.subject_id, now=now)
    assert shown(people, "coordinator", row) == []
    protect(people, row, now)
    assert shown(people, "coordinator", row) == [ADDRESS, PHONE, SCHOOL]
    assert shown(people, "mds_lead", row) == [ADDRESS, PHONE, SCHOOL]
    assert shown(people, "aemo_lead", row) == []


def test_correcting_a_name_does_not_erase_what_is_not_shown(people: People, row: FollowUp, now: datetime) -> None:
    protect(people, row, now)
    data = PersonData(last_name="Belkacem", first_name="Yanice", birth_date=YOUTH.birth_date, sector="Maille 2")
    identity.change(by=viewer_of(people.mds_lead, now=now), follow_up=row, data=data, now=now)
    row = FollowUp.objects.select_related("person").get(pk=row.pk)
    with opened(row):
        person = row.person
        assert (person.first_name, person.address, person.phone) == ("Yanice", ADDRESS, PHONE)
        assert person.school == SCHOOL


def test_letters_and_the_page_of_the_mayor_do_not_say_it(people: People, row: FollowUp, now: datetime) -> None:
    coordinator = viewer_of(people.coordinator, now=now)
    protect(people, row, now, who="mds_lead")
    rows = list(row.notices.select_related("follow_up__person", "representative"))
    with opened(row):
        found = letters.recipients(coordinator, rows, now)
        assert all(not one.address and not one.shared and "main propre" in one.caution for one in found.values())
        actions.unprotect(by=viewer_of(people.mds_lead, now=now), person_id=row.subject_id, now=now)
        assert any(one.address for one in letters.recipients(coordinator, rows, now).values())


def test_nothing_propagates_and_nothing_says_why(people: People, row: FollowUp, now: datetime) -> None:
    other = refer(people, by="mds_lead", now=now, last_name="Autre", address=ADDRESS)
    protect(people, row, now)
    assert actions.hidden(viewer_of(people.mds_lead, now=now), [row.subject_id, other.subject_id]) == {row.subject_id}
    assert not {field.name for field in ProtectedAddress._meta.fields} & {"reason", "words", "motive"}


@pytest.mark.attack("T-36")
def test_an_end_written_by_sql_shows_nothing(people: People, row: FollowUp, now: datetime) -> None:
    protect(people, row, now)
    ProtectedAddress.objects.update(ended_at=now)
    assert shown(people, "aemo_lead", row) == []
    ProtectedAddress.objects.all().delete()
    forged = ProtectedAddress(
        person_id=row.subject_id, territory=people.territory, set_by=people.mds_lead.agent_id, set_as=people.dpo.pk,
        set_at=now,
    )  # fmt: skip
    forged.save()
    ProtectedAddress.objects.update(set_by=people.aemo_lead.agent_id)
    assert shown(people, "aemo_lead", row) == []
