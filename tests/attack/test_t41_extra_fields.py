"""T-41: whatever is added to the body of a form, a protected attribute does not change.

Every column of every model of situations and meetings is posted with each act, with a value that exists and belongs to
somebody else: another town, another service, another function, another state, another year.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils import timezone

from casework.access.grants import GrantBase
from casework.minors.followups.models import Action, FollowUp, Notice, Referral
from casework.minors.sessions.models import GroupSession
from casework.sealing.fields import SealedField
from tests.followups.circle import followed, informed, rules_say, situation
from tests.followups.saisine_setting import typed
from tests.people import People, client_for

pytestmark = [pytest.mark.attack("T-41"), pytest.mark.django_db(databases="__all__")]

FAR = date(2071, 5, 4)
NUMBER = 9171
# One value of each closed list that no act below leads to.
CODES = {
    "state": "destroyed", "sorting": "out_of_scope", "origin": "landlord", "gateway": "csi_l132_2", "urgency": "at_once",
    "status": "withheld", "end_reason": "moved", "suspend_reason": "detained", "motive": "protected_address",
    "information_put_off": "protected_address", "result": "void", "outcome": "void", "act": "family_council",
    "prosecutor_opinion": "favourable", "involvement": "does_not", "basis": "session_window", "presence": "excused",
}  # fmt: skip


def rooms() -> list[type[models.Model]]:
    return [
        model
        for label in ("followups", "group_sessions")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]


def poison(people: People) -> dict[str, Any]:
    """Return a value for every clear column, that no honest act of this test writes."""
    values: dict[str, Any] = {}
    for model in rooms():
        for field in model._meta.local_fields:
            if field.primary_key or isinstance(field, SealedField):
                continue
            value = _foreign(field, people)
            if value is not None:
                values[field.name] = values[field.attname] = value
    return values


def _foreign(field: Any, people: People) -> Any:
    if field.name in CODES:
        return CODES[field.name]
    target = field.related_model.__name__ if field.related_model else ""
    if target in ("Territory", "Organisation", "Mandate"):
        return {
            "Territory": people.elsewhere.pk, "Organisation": people.organisations["probation"].pk,
            "Mandate": people.stranger.pk,
        }[target]  # fmt: skip
    if field.related_model is not None:
        return None
    if isinstance(field, models.UUIDField):
        return people.stranger.pk
    if isinstance(field, models.DateTimeField):
        return datetime.combine(FAR, time(12), timezone.get_current_timezone()).isoformat()
    if isinstance(field, models.DateField):
        return FAR.isoformat()
    if isinstance(field, models.IntegerField):
        return NUMBER
    return None


def taken(values: dict[str, Any]) -> list[str]:
    """Return the columns in which a value of the attacker is found, history and grants included."""
    found = []
    for model in rooms():
        rows: Any = model._base_manager
        for field in model._meta.local_fields:
            if isinstance(field, SealedField) or field.name not in values:
                continue
            if rows.filter(**{field.attname: values[field.name]}).exists():
                found.append(f"{model._meta.label}.{field.name}")
    return found


def refer(people: People) -> tuple[str, str, dict[str, Any]]:
    return "pjj", reverse("followups:refer"), typed(informed_on="")


def sort(people: People) -> tuple[str, str, dict[str, Any]]:
    row = Referral.objects.get(follow_up=situation(people))
    return "coordinator", reverse("followups:sort", args=[row.pk]), {"choice": "to_study", "revision": row.revision}


def decide(people: People) -> tuple[str, str, dict[str, Any]]:
    row = followed(people)
    return "mds_lead", reverse("followups:actions", args=[row.pk]), {
        "kind": "family_meeting", "owner": f"{people.mds_service.pk}", "precision": "", "after": "",
        "due_on": (timezone.localdate() + timedelta(days=9)).strftime("%d/%m/%Y"),
    }  # fmt: skip


def involve(people: People) -> tuple[str, str, dict[str, Any]]:
    row = followed(people)
    place = row.circle.get(organisation=people.mds_service)
    form = {"do": "say", "involvement": "intervenes", "revision": place.revision}
    return "mds_lead", reverse("followups:circle", args=[row.pk]), form


def inform(people: People) -> tuple[str, str, dict[str, Any]]:
    notice = Notice.objects.filter(follow_up=situation(people)).order_by("pk").first()
    assert notice is not None
    form = {
        "status": "informed", "informed_on": timezone.localdate().strftime("%d/%m/%Y"), "channel": "phone",
        "revision": notice.revision, "attempt_1": "", "attempt_2": "", "motive": "", "review_on": "",
    }  # fmt: skip
    return "mds_lead", reverse("followups:information", args=[notice.follow_up_id, notice.pk]), form


def suspend(people: People) -> tuple[str, str, dict[str, Any]]:
    row = followed(people)
    return "coordinator", reverse("followups:move", args=[row.pk, "suspend"]), {
        "reason": "absent", "revision": row.revision,
    }  # fmt: skip


def ask_mayor(people: People) -> tuple[str, str, dict[str, Any]]:
    row = followed(people)
    form = {"act": "mayor_warning", "gateway": "csi_l132_3", "ground": "incivility"}
    return "coordinator", reverse("followups:mayor_prepare", args=[row.pk]), form


def ask_services(people: People) -> tuple[str, str, dict[str, Any]]:
    rules_say(people, who_knows_enabled=True)
    form = {
        "follow_ups": str(informed(people).pk), "organisations": str(people.pjj_service.pk),
        "answer_by": (timezone.localdate() + timedelta(days=6)).strftime("%d/%m/%Y"),
    }  # fmt: skip
    return "coordinator", reverse("followups:who_knows_ask"), form


def meet(people: People) -> tuple[str, str, dict[str, Any]]:
    form = {
        "day": (timezone.localdate() + timedelta(days=14)).strftime("%d/%m/%Y"), "start": "14:00", "end": "16:00",
        "place": "Salle du conseil", "organisations": [str(people.pjj_service.pk)], "logistics": "",
    }  # fmt: skip
    return "coordinator", reverse("meetings:new"), form


ROUTES: list[Callable[[People], tuple[str, str, dict[str, Any]]]] = [
    refer, sort, decide, involve, inform, suspend, ask_mayor, ask_services, meet,
]  # fmt: skip


@pytest.mark.rule("ACL-01", "GDP-15")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_no_column_is_set_by_what_is_added_to_a_form(people: People, route: Any) -> None:
    who, url, form = route(people)
    # The form itself goes through first elsewhere; here only what it does not ask for is added.
    extra = {name: value for name, value in poison(people).items() if name not in (*form, "revision")}
    assert {"territory", "organisation", "territory_id", "author_mandate_id", "purge_check_on"} - set(form) <= set(
        extra
    )
    before = taken(extra)
    answer = client_for(people.mandates[who]).post(url, {"once": str(uuid.uuid4()), **extra, **form})
    assert answer.status_code == 302
    assert taken(extra) == before == []


def test_each_act_was_done(people: People) -> None:
    """The nine acts above write something: an answer that did nothing would prove nothing."""
    counts = {refer: FollowUp, decide: Action, meet: GroupSession}
    for route, model in counts.items():
        who, url, form = route(people)
        before = model.objects.count()
        assert client_for(people.mandates[who]).post(url, {"once": str(uuid.uuid4()), **form}).status_code == 302
        assert model.objects.count() == before + 1, route.__name__


def test_the_watch_sees_a_value_that_was_taken(people: People) -> None:
    row = followed(people)
    values = poison(people)
    assert len(values) > 80
    FollowUp.objects.filter(pk=row.pk).update(territory=people.elsewhere, lead_mandate_id=people.stranger.pk)
    assert {"followups.FollowUp.territory", "followups.FollowUp.lead_mandate_id"} <= set(taken(values))
    assert any(issubclass(model, GrantBase) for model in rooms())
