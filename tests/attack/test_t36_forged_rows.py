"""T-36: whoever writes the database without the keys gives nobody a right, and it is told.

Each row is written by SQL (`update`, `bulk_create` of a copied row): the seal is what is missing.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from guardian.models import UserObjectPermission

from casework.access.viewer import groups_of
from casework.audit import Act
from casework.partners import credentials, genuine, reads
from casework.partners.models import (
    Agent,
    GroupMembership,
    GroupRules,
    Invitation,
    Mandate,
    RecoveryCode,
    Seat,
    TotpDevice,
)
from tests.partners.helpers import (
    PASSWORD,
    by,
    choose_password,
    code,
    enrolled_codes,
    events,
    give_code,
    give_password,
    invited,
    is_in,
    open_link,
    sign_in,
    with_account,
)
from tests.people import client_for

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.attack("T-36")]


@pytest.fixture(autouse=True)
def told_again():
    genuine.forget_what_was_told()


def sql(row: Any, **values: Any) -> None:
    """Change a row as SQL does: no save, no seal."""
    assert type(row).objects.filter(pk=row.pk).update(**values) == 1


def insert(row: Any) -> None:
    """Insert a row as SQL does: its seal column holds what a forger can put there."""
    names = [field.column for field in row._meta.concrete_fields if field.column != "mac" and field.column != "id"]
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in row._meta.concrete_fields
        if field.column in names
    ]
    if isinstance(row._meta.pk.get_db_prep_save(row.pk, connection), (str, uuid.UUID)):
        names, values = [*names, "id"], [*values, row._meta.pk.get_db_prep_save(row.pk, connection)]
    columns = ", ".join(f'"{name}"' for name in [*names, "mac"])
    marks = ", ".join(["%s"] * (len(names) + 1))
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{row._meta.db_table}" ({columns}) VALUES ({marks})', [*values, b"\0" * 32])


def told(row: Any) -> bool:
    return bool(events(Act.INTEGRITY_FAIL).filter(object_type=row._meta.label_lower).exists())


@pytest.mark.parametrize("column", ["password", "email", "is_active", "revision", "mac"])
def test_an_account_changed_by_sql_lets_nobody_in(people, column):
    agent = people.pjj.agent
    with_account(agent)
    if column == "is_active":
        agent.is_active = False
        agent.save()
    mine = make_password("celui de l’intrus 2031 !")
    new = {"password": mine, "email": "intrus@mireval.example", "is_active": True, "revision": 9, "mac": b"\1" * 32}
    sql(agent, **{column: new[column]})
    typed = "celui de l’intrus 2031 !" if column == "password" else PASSWORD
    answer = give_password(Client(), new["email"] if column == "email" else agent.email, typed)
    assert answer.status_code == 422
    assert told(agent)


def test_an_open_session_ends_with_the_account_changed_by_sql(people):
    client = client_for(people.pjj)
    assert is_in(client)
    sql(people.pjj.agent, password=make_password("autre"))
    assert not is_in(client)


def test_a_forged_account_is_not_sealed_by_the_next_legitimate_write(people):
    from casework.errors import AccessRefused
    from casework.partners import actions

    agent = people.aemo.agent
    with_account(agent)
    sql(agent, email="intrus@mireval.example")
    with pytest.raises(AccessRefused):
        actions.reissue_access(by=by(people.aemo_lead), agent=Agent.objects.get(pk=agent.pk), now=timezone.now())
    assert give_password(Client(), "intrus@mireval.example").status_code == 422


def test_a_stronger_hash_of_the_right_password_is_sealed_in_the_same_write(people, settings):
    agent = people.pjj.agent
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with_account(agent)
    before = Agent.objects.get(pk=agent.pk)
    was, Argon2PasswordHasher.time_cost = Argon2PasswordHasher.time_cost, Argon2PasswordHasher.time_cost + 1
    try:
        assert give_password(Client(), agent.email).status_code == 302
    finally:
        Argon2PasswordHasher.time_cost = was
    after = Agent.objects.get(pk=agent.pk)
    assert after.password != before.password
    assert genuine.checked(after) is not None
    assert after.revision == before.revision + 1


def test_no_column_makes_a_superuser_and_no_row_of_others_tables_counts(people):
    assert not {"is_superuser", "is_staff"} & {field.name for field in Agent._meta.get_fields()}
    agent = people.spip.agent
    kind = ContentType.objects.get(app_label="followups", model="followup")
    right = Permission.objects.get_or_create(content_type=kind, codename="view_followup", defaults={"name": "x"})[0]
    Group.objects.create(name="tout").permissions.add(right)
    forged = UserObjectPermission(permission=right, content_type=kind, object_pk=str(uuid.uuid4()), user=agent)
    UserObjectPermission.objects.bulk_create([forged])
    assert client_for(people.spip).get(reverse("followups:list")).status_code == 404


@pytest.mark.parametrize(
    "column", ["role", "territory_id", "organisation_id", "ends_at", "charter_signed_at", "agent_id"]
)
def test_a_mandate_changed_by_sql_gives_no_function(people, column):
    mandate = people.spip if column != "ends_at" else people.ended
    client = client_for(mandate)
    new = {
        "role": "clspd_coordinator", "territory_id": people.elsewhere.pk, "organisation_id": people.municipality.pk,
        "ends_at": None, "charter_signed_at": timezone.now(), "agent_id": people.pjj.agent_id,
    }  # fmt: skip
    sql(mandate, **{column: new[column]})
    assert client.get(reverse("followups:list")).status_code == 404
    if column != "agent_id":  # given to somebody else: the former holder has none at all
        assert told(mandate)


def test_a_mandate_inserted_by_sql_gives_no_function(people):
    copy = Mandate.objects.get(pk=people.coordinator.pk)
    copy.pk, copy.agent = uuid.uuid4(), people.idle
    insert(copy)
    assert client_for(copy).get(reverse("followups:list")).status_code == 404
    assert told(copy)


def test_a_seat_of_a_service_inserted_by_sql_seats_nobody(people):
    row = GroupMembership(
        group=people.group, organisation=people.probation, starts_at=people.since, dated_facts_enabled=False
    )
    insert(row)
    assert groups_of(people.spip, timezone.now()) == ()
    assert people.probation not in reads.member_organisations(people.group, timezone.now())
    assert reads.membership(people.group, people.probation, timezone.now()) is None
    assert told(row)


def test_a_seat_prolonged_by_sql_is_no_seat(people):
    membership = people.memberships["aemo_service"]
    membership.ends_at = timezone.now() - timedelta(days=1)
    membership.save()
    sql(membership, ends_at=None)
    assert groups_of(people.aemo, timezone.now()) == ()


def test_a_representative_named_by_sql_represents_nobody(people):
    seat = Seat(
        id=uuid.uuid4(), membership=people.memberships["aemo_service"], mandate=people.aemo,
        function="representative", starts_at=people.since, ends_at=None,
    )  # fmt: skip
    insert(seat)
    now = timezone.now()
    assert reads.seat_holders(people.group, people.aemo_service, now) == [people.aemo_lead]
    assert [row.mandate for row in reads.seats(people.group, people.aemo_service, now)] == [people.aemo_lead]
    assert told(seat)


def test_rules_changed_by_sql_are_not_in_force(people):
    today = timezone.localdate()
    assert reads.group_rules(people.group, today) is not None
    sql(people.rules, who_knows_enabled=True)
    assert reads.group_rules(people.group, today) is None
    assert told(people.rules)


def test_rules_inserted_by_sql_do_not_replace_the_ones_in_force(people):
    today = timezone.localdate()
    row = GroupRules(
        group=people.group, version=2, adopted_on=today, valid_from=today, formation="by_circle", silence_days=5,
        who_knows_enabled=True, prosecutor_opinion_required=False,
    )  # fmt: skip
    insert(row)
    assert reads.group_rules(people.group, today) == people.rules


def test_a_phone_given_by_sql_opens_nothing(people):
    victim, intruder = people.pjj.agent, people.aemo.agent
    with_account(victim)
    device = with_account(intruder)
    sql(device, user=victim)
    client = Client()
    assert give_password(client, victim.email).status_code == 302
    TotpDevice.objects.filter(user=victim).exclude(pk=device.pk).delete()
    assert give_code(client, code()).status_code == 422
    assert told(device)


def test_a_used_code_is_not_made_good_again_by_sql(people):
    agent = people.pjj.agent
    device = with_account(agent)
    typed = code()
    client = Client()
    give_password(client, agent.email)
    assert give_code(client, typed).status_code == 302
    sql(device, last_step=-1)
    again = Client()
    give_password(again, agent.email)
    give_code(again, typed)
    assert not is_in(again)


def test_a_phone_half_set_up_is_not_confirmed_by_sql(people):
    from casework.partners import actions
    from tests.partners.helpers import by_self

    agent = people.pjj.agent
    with_account(agent)
    waiting = actions.enrol_totp(by=by_self(agent), agent=agent, now=timezone.now())
    sql(waiting, confirmed=True)
    assert reads.device(agent) != waiting
    assert told(waiting)


def test_an_open_session_ends_with_the_phone_changed_by_sql(people):
    client = sign_in_of(people.pjj.agent)
    assert is_in(client)
    sql(TotpDevice.objects.get(user=people.pjj.agent), last_step=-1)
    assert not is_in(client)


def sign_in_of(agent: Agent) -> Client:
    with_account(agent)
    return sign_in(agent)


def test_a_recovery_code_is_neither_revived_nor_inserted(people):
    agent = people.pjj.agent
    with_account(agent)
    kept = enrolled_codes(agent)
    client = Client()
    give_password(client, agent.email)
    assert give_code(client, kept[0], **{"with": "recovery"}).status_code == 302
    used = RecoveryCode.objects.get(agent=agent, used_at__isnull=False)
    sql(used, used_at=None)
    insert(RecoveryCode(agent=agent, code_hash=credentials.hash_recovery_code("AAAAA-BBBBB"), used_at=None))
    for typed in (kept[0], "AAAAA-BBBBB"):
        assert credentials.matching_recovery_code(agent, typed) is None
    assert credentials.matching_recovery_code(agent, kept[1]) is not None


def test_a_link_inserted_or_prolonged_by_sql_is_dead(people):
    token, hashed = credentials.new_token()
    row = Invitation(
        id=uuid.uuid4(), agent=people.pjj.agent, kind="reset", token_hash=hashed, created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    insert(row)
    assert choose_password(open_link(token)).status_code == 410
    assert told(row)
    good = invited(people)
    sql(Invitation.objects.get(pk=good.invitation_id), expires_at=timezone.now() + timedelta(days=900))
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        assert choose_password(open_link(good.token or "")).status_code == 410


def test_a_forged_row_met_at_each_page_is_told_once_an_hour(people):
    sql(people.rules, who_knows_enabled=True)
    for _ in range(3):
        reads.group_rules(people.group, timezone.localdate())
    assert events(Act.INTEGRITY_FAIL).filter(object_type="partners.grouprules").count() == 1
