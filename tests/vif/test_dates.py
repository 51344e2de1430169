"""What whoever holds the base, without keys, could lay side by side: the clear dates of both sides of the wall."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from casework.vif.victims.actions import notices
from casework.vif.victims.codes import Meeting
from casework.vif.victims.models import ProsecutorNotice
from casework.vif.victims.reads import page
from tests.people import People
from tests.vif.victims.setting import Setting

# Each is the day of an act of that side's own officer, or a term counted from one: the journal tells the day of each act
# anyway. None is the day of what happened between two persons, nor of a hearing that both attend.
REVIEWED = {
    "vif_offenders": {
        "ObligationType": {"valid_from", "valid_to"},
        "ReportTemplate": {"written_at"},
        "Measure": {"ordered_on", "term_on", "hearing_on", "received_at", "notified_on", "contact_on", "closed_on"},
        "Obligation": {"starts_on", "ended_on", "rated_on"},
        "Appointment": {"day"},
        "Proof": {"day"},
        "Course": {"starts_on", "ends_on"},
        "Lodging": {"asked_on", "answered_on"},
        "Orientation": {"sent_on"},
        "Report": {"opened_at", "read_at", "sent_on", "called_at", "answer_by", "answered_on"},
        "Addendum": {"sent_on"},
        "MeasureGrant": {"granted_at", "starts_at", "ends_at"},
    },
    "vif_victims": {
        "VictimSupport": {"received_on", "opened_at", "closed_on"},
        "Whereabouts": {"added_at"},
        "Consent": {"said_on", "replaced_at"},
        "Orientation": {"sent_on"},
        "Appointment": {"day"},
        "ProtectionOrder": {"asked_at", "hearing_on", "given_on", "ends_on"},
        "ProsecutorNotice": {"called_at", "noted_on", "answer_by", "answered_on"},
        "RemovalOpinion": {"asked_on", "told_on"},
        "PassedNote": {"passed_on"},
        "SupportGrant": {"granted_at", "starts_at", "ends_at"},
    },
}


@pytest.mark.rule("VIC-01", "VIC-03")
@pytest.mark.parametrize("side", sorted(REVIEWED))
def test_each_clear_date_of_a_side_is_of_its_own_acts(side: str) -> None:
    found = {}
    for model in apps.get_app_config(side).get_models():
        if getattr(model, "is_sealed_history", False):
            continue
        dates = {field.name for field in model._meta.concrete_fields if isinstance(field, models.DateField)}
        if dates:
            found[model.__name__] = dates
    assert found == REVIEWED[side], (
        "a new clear date: is it only of this side? Else seal it (CONTRIBUTING, « A new column »)"
    )


@pytest.mark.rule("VIC-01")
@pytest.mark.django_db(databases="__all__")
def test_the_day_of_a_forbidden_contact_is_sealed(people: People) -> None:
    side = Setting(people, timezone.now())
    day = side.today - timedelta(days=5)
    row = notices.tell(by=side.viewer(), support=side.opened(), data=side.call(happened_on=day), now=side.now)
    for found in (ProsecutorNotice.objects.filter(pk=row.pk), ProsecutorNotice.history.filter(id=row.pk)):
        (stored,) = found.values()
        assert not [name for name, value in stored.items() if str(value).startswith(day.isoformat())]
    assert page.page(side.viewer(), row.support_id, side.now).notices[0].happened_on == day


@pytest.mark.rule("VIC-01")
def test_no_meeting_of_hers_says_in_clear_that_it_is_a_hearing() -> None:
    """The day of his trial stands in clear on the other side: « au tribunal », the same day, would name her file."""
    assert not [meeting for meeting in Meeting if "tribunal" in meeting.label or "audience" in meeting.label]
