"""The cast stands: every role is there, and those who must not pass do not."""

from __future__ import annotations

import pytest
from django.utils import timezone

from casework.partners.codes import Role
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import Mandate
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def test_every_role_has_an_agent_in_function(people):
    live = set(Mandate.objects.live(timezone.now()).values_list("role", flat=True))
    assert live == set(Role)


def test_every_mandate_is_genuine_after_a_reload(people):
    assert all(mandate_is_genuine(mandate) for mandate in Mandate.objects.all())


def test_those_who_must_not_pass(people):
    now = timezone.now()
    assert not viewer_of(people.ended).live(now)
    assert not viewer_of(people.not_yet).live(now)
    assert not viewer_of(people.unsigned).charter_signed
    assert viewer_of(people.stranger).territory_id != people.territory.pk
    assert not people.idle.mandates.exists()


def test_the_group_is_made_of_five_services(people):
    assert viewer_of(people.pjj).sits_in(people.group.pk)
    assert not viewer_of(people.education).sits_in(people.group.pk)
    assert not viewer_of(people.stranger).sits_in(people.group.pk)


def test_a_signed_in_browser_acts_under_the_mandate(people):
    from django.test import RequestFactory

    from casework.access.middleware import attach_viewer
    from casework.partners import session_state

    client = client_for(people.pjj)
    assert session_state.mandate_id(client.session) == people.pjj.pk
    request = RequestFactory().get("/")
    request.session, request.now, request.request_id, request.net_prefix = client.session, timezone.now(), "r", ""
    request.user = people.pjj.agent
    request.user.is_verified = lambda: True
    attach_viewer(request)
    assert request.viewer.mandate_id == people.pjj.pk
