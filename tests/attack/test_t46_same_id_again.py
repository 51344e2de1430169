"""T-46: a record deleted and made again with the same id inherits no right and no key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.errors import Shredded
from casework.minors.followups import facts
from casework.minors.followups.models import FollowUp, FollowUpGrant
from casework.sealing import keys
from casework.sealing.fields import stored_values
from tests.followups.saisine_setting import refer
from tests.people import People, viewer_of

pytestmark = [pytest.mark.attack("T-46"), pytest.mark.django_db(databases="__all__")]


def test_no_right_comes_back_with_the_id(people: People) -> None:
    now = timezone.now()
    row = refer(people, by="mds_lead", now=now - timedelta(days=1))
    viewer = viewer_of(people.mds_lead, now=now)
    assert facts.visible_to(viewer, now).filter(pk=row.pk).exists()
    with stored_values():
        again = FollowUp.objects.get(pk=row.pk)
        values = {field.attname: getattr(again, field.attname) for field in FollowUp._meta.concrete_fields}
    FollowUp.objects.filter(pk=row.pk).delete()
    assert not FollowUpGrant.objects.filter(content_object_id=row.pk).exists()
    values["purge_on"] = now.date() + timedelta(days=900)
    FollowUp(**values).save(force_insert=True)
    assert FollowUp.objects.filter(pk=row.pk).exists()
    assert not facts.visible_to(viewer, now).filter(pk=row.pk).exists()


def test_no_key_comes_back_with_the_id(people: People) -> None:
    row = refer(people, by="mds_lead")
    keys.erase(row.subject_id)
    with pytest.raises(Shredded):
        keys.ensure(row.subject_id)
