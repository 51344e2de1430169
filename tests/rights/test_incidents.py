"""The register of violations: 72 hours to tell the CNIL, who keeps it, what it refuses (GDP-18, DL-04)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.casefile import deadlines, work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused, MoveRefused, Unaudited
from casework.rights import actions, reads
from casework.rights.codes import Breach, Cause, IncidentState, LateReason, NotInformed, Persons, Risk
from casework.rights.models import SecurityIncident
from casework.rights.states import LIFECYCLE
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.rule("GDP-18"), pytest.mark.django_db(databases="__all__")]

WORDS = "Une feuille de route est restée dans le bus."


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def noted(people: People, now: datetime, who: str = "coordinator", **changes: Any) -> SecurityIncident:
    """Note a violation discovered an hour ago."""
    values: dict[str, Any] = {
        "breach": Breach.CONFIDENTIALITY, "cause": Cause.LOST_PAPER, "discovered_at": now - timedelta(hours=1),
        "facts": WORDS,
    }  # fmt: skip
    return actions.note(by=viewer_of(people.mandates[who], now=now), data=actions.Noted(**(values | changes)), now=now)


def assessed(people: People, now: datetime, risk: str, **changes: Any) -> SecurityIncident:
    incident = noted(people, now, **changes)
    actions.assess(
        by=viewer_of(people.dpo, now=now), incident=incident, risk=risk, persons=Persons.FEW, effects="Moqueries.",
        measures="Le conducteur a rendu la feuille.", now=now,
    )  # fmt: skip
    return incident


@pytest.mark.parametrize("who", ["coordinator", "dpo"])
def test_those_who_keep_the_register_note_and_read(people: People, now: datetime, who: str) -> None:
    incident = noted(people, now, who)
    page = reads.page(viewer_of(people.dpo, now=now), incident.pk, now)
    assert (page.state, page.facts, page.hours_left) == (IncidentState.NOTED, WORDS, 71)


@pytest.mark.parametrize("who", ["pjj", "mayor", "valideur", "sysadmin", "education", "spip", "host"])
def test_nobody_else_notes_or_reads(people: People, now: datetime, who: str) -> None:
    incident = noted(people, now)
    with pytest.raises(AccessRefused):
        noted(people, now, who)
    with pytest.raises(AccessRefused):
        reads.page(viewer_of(people.mandates[who], now=now), incident.pk, now)
    client = client_for(people.mandates[who], now=now)
    absent = client.get(reverse("rights:incident", args=[uuid4()]))
    assert client.get(reverse("rights:incident", args=[incident.pk])).status_code == absent.status_code == 404


def test_its_words_are_sealed_and_its_reading_is_told(people: People, now: datetime) -> None:
    incident = noted(people, now)
    with pytest.raises(Unaudited):
        str(SecurityIncident.objects.get().facts)
    before = AuditEvent.objects.filter(act=Act.VIEW).count()
    reads.page(viewer_of(people.dpo, now=now), incident.pk, now)
    assert AuditEvent.objects.filter(act=Act.VIEW).count() == before + 1


def test_the_dpo_is_told_at_once_and_the_message_says_nothing(people: People, now: datetime) -> None:
    noted(people, now)
    (mail,) = OutboxMail.objects.all()
    assert mail.to == people.dpo.agent.email
    assert "bus" not in mail.subject
    OutboxMail.objects.all().delete()
    noted(people, now, "dpo")
    assert not OutboxMail.objects.exists()  # one does not write to oneself


@pytest.mark.rule("DL-04")
@pytest.mark.parametrize(
    ("after", "state"), [(timedelta(hours=71, minutes=59), "soon"), (timedelta(hours=72, seconds=1), "late")]
)
def test_the_clock_of_the_cnil_runs_from_the_discovery(
    people: People, now: datetime, after: timedelta, state: str
) -> None:
    noted(people, now, discovered_at=now)
    then = now + after
    viewer = viewer_of(people.dpo, now=now)
    (date,) = [each for each in deadlines.for_viewer(viewer, then) if each.rule == "DL-04"]
    assert (date.state, date.due) == (state, localdate(now + timedelta(hours=72)))
    assert [item.reference for item in work.for_viewer(viewer, then) if item.rule == "DL-04"] != []
    assert not [item for item in work.for_viewer(viewer_of(people.pjj, now=now), then) if item.rule == "DL-04"]


@pytest.mark.rule("DL-04")
def test_telling_the_cnil_late_asks_why(people: People, now: datetime) -> None:
    by = viewer_of(people.dpo, now=now)
    incident = assessed(people, now, Risk.RISK, discovered_at=now - timedelta(hours=80))
    with pytest.raises(GuardRefused):
        actions.notify(by=by, incident=incident, notified_at=now, now=now)
    actions.notify(by=by, incident=incident, notified_at=now, late_reason=LateReason.OVERSIGHT, now=now)
    assert incident.late_reason == LateReason.OVERSIGHT
    assert not [item for item in work.for_viewer(by, now) if item.rule == "DL-04"]


def test_in_time_no_motive_is_kept(people: People, now: datetime) -> None:
    incident = assessed(people, now, Risk.RISK)
    actions.notify(
        by=viewer_of(people.dpo, now=now), incident=incident, notified_at=now, late_reason=LateReason.OVERSIGHT, now=now
    )
    assert (incident.state, incident.late_reason) == (IncidentState.NOTIFIED, "")


def test_a_risk_is_never_kept_in_the_register_alone(people: People, now: datetime) -> None:
    by = viewer_of(people.dpo, now=now)
    with pytest.raises(GuardRefused):
        actions.keep(by=by, incident=assessed(people, now, Risk.RISK), now=now)
    without = assessed(people, now, Risk.NONE)
    actions.keep(by=by, incident=without, now=now)
    actions.close(by=by, incident=without, now=now)
    assert without.state == IncidentState.CLOSED


def test_a_high_risk_is_closed_once_persons_are_told_or_the_reason_given(people: People, now: datetime) -> None:
    by = viewer_of(people.dpo, now=now)
    incident = assessed(people, now, Risk.HIGH)
    actions.notify(by=by, incident=incident, notified_at=now, now=now)
    with pytest.raises(GuardRefused):
        actions.close(by=by, incident=incident, now=now)
    with pytest.raises(InputRefused):
        actions.close(by=by, incident=incident, informed_on=localdate(now), not_informed=NotInformed.MASTERED, now=now)
    actions.close(by=by, incident=incident, informed_on=localdate(now), now=now)
    assert incident.state == IncidentState.CLOSED
    with pytest.raises((AccessRefused, GuardRefused)):
        actions.assess(by=by, incident=incident, risk=Risk.NONE, persons=Persons.ONE, effects="", measures="", now=now)


@pytest.mark.parametrize("moment", [timedelta(hours=-2), timedelta(hours=2)])
def test_absurd_dates_of_notification_are_refused(people: People, now: datetime, moment: timedelta) -> None:
    incident = assessed(people, now, Risk.RISK)
    with pytest.raises(InputRefused):
        actions.notify(by=viewer_of(people.dpo, now=now), incident=incident, notified_at=now + moment, now=now)


def test_a_discovery_to_come_is_refused_and_the_database_holds_the_order(people: People, now: datetime) -> None:
    with pytest.raises(InputRefused):
        noted(people, now, discovered_at=now + timedelta(minutes=1))
    incident = noted(people, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        SecurityIncident._base_manager.filter(pk=incident.pk).update(notified_at=now - timedelta(days=1))


def test_two_officers_do_not_overwrite_each_other(people: People, now: datetime) -> None:
    incident = assessed(people, now, Risk.NONE)
    with pytest.raises(ConflictRefused):
        actions.keep(by=viewer_of(people.dpo, now=now), incident=incident, now=now, expected=1)


@pytest.mark.parametrize("pair", LIFECYCLE.pairs())
def test_only_the_moves_of_the_table_exist(pair: Any) -> None:
    if pair in LIFECYCLE.moves:
        assert LIFECYCLE.find(*pair).rule in ("GDP-18", "DL-04")
    else:
        with pytest.raises(MoveRefused):
            LIFECYCLE.find(*pair)


def test_from_the_screen_what_is_typed_comes_back_with_its_warning(people: People, now: datetime) -> None:
    client = client_for(people.dpo, now=now)
    hour = localtime(now - timedelta(hours=1))
    sent = {
        "once": str(uuid4()), "discovered_on": hour.strftime("%d/%m/%Y"), "discovered_at": hour.strftime("%H:%M"),
        "breach": Breach.CONFIDENTIALITY, "cause": Cause.LOST_PAPER, "persons": Persons.ONE, "facts": "<b>é 🚌</b>" * 200,
    }  # fmt: skip
    refused = client.post(reverse("rights:incident_new"), sent)
    assert refused.status_code == 422
    assert "&lt;b&gt;é 🚌" in refused.content.decode()
    done = client.post(reverse("rights:incident_new"), sent | {"facts": WORDS})
    (incident,) = SecurityIncident.objects.all()
    assert done["Location"] == reverse("rights:incident", args=[incident.pk])
    again = client.post(reverse("rights:incident_new"), sent | {"facts": WORDS})
    assert (again["Location"], SecurityIncident.objects.count()) == (done["Location"], 1)
    page = client.get(done["Location"])
    assert WORDS in page.content.decode()
