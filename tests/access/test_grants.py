"""Grants: written by one module, sealed, dated; a row from elsewhere gives nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework import audit
from casework.access import grants
from casework.access.policy import Basis
from casework.access.queryset import granted_subquery
from casework.access.raw import RawRows
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, CaseworkError
from casework.minors.followups.models import FollowUpGrant
from casework.partners.models import Mandate
from tests.access.probe import Probe, ProbeGrant
from tests.people import People, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("probe_tables")]

DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def probe(people: People) -> Probe:
    return Probe.objects.create(territory_id=people.territory.pk, group_id=people.group.pk)


def _give(people: People, probe: Probe, now: datetime, **changes: Any) -> ProbeGrant:
    values: dict[str, Any] = {
        "mandate": people.pjj,
        "obj": probe,
        "basis": Basis.CIRCLE,
        "starts_at": now,
        "ends_at": None,
        "reason": "circle",
    } | changes
    coordinator = viewer_of(people.coordinator, now=now)
    with audit.writing(coordinator, now=now) as w:
        return grants.give(w, ProbeGrant, by=coordinator, **values)


def _held(people: People, probe: Probe, at: datetime, mandate: Mandate | None = None) -> frozenset[Basis]:
    who = viewer_of(mandate or people.pjj, now=at)
    return grants.bases(ProbeGrant, who, [probe.pk], at).get(probe.pk, frozenset())


def _ids(people: People, at: datetime) -> set[Any]:
    return set(granted_subquery(ProbeGrant, viewer_of(people.pjj, now=at), at, Basis))


@pytest.mark.rule("CLV-26", "GDP-15")
def test_a_grant_opens_one_object_to_one_mandate(people: People, probe: Probe, now: datetime) -> None:
    _give(people, probe, now)
    other = Probe.objects.create(territory_id=people.territory.pk, group_id=people.group.pk)
    assert _held(people, probe, now) == {Basis.CIRCLE}
    assert _held(people, other, now) == frozenset()
    assert _held(people, probe, now, people.pjj_lead) == frozenset(), "a colleague of the same service"
    assert _ids(people, now) == {probe.pk}


@pytest.mark.rule("LOG-01")
def test_giving_and_closing_are_written_down(people: People, probe: Probe, now: datetime) -> None:
    grant = _give(people, probe, now)
    with audit.writing(viewer_of(people.coordinator, now=now), now=now) as w:
        grants.close(w, grant, at=now + DAY, reason="left")
    assert list(AuditEvent.objects.filter(act__in=["grant", "revoke"]).values_list("act", "why")) == [
        ("grant", "circle"),
        ("revoke", "left"),
    ]


@pytest.mark.attack("T-37")
@pytest.mark.rule("CLV-24")
def test_a_grant_opens_and_closes_to_the_second(people: People, probe: Probe, now: datetime) -> None:
    second = timedelta(seconds=1)
    start, end = now + DAY, now + 2 * DAY
    _give(people, probe, now, starts_at=start, ends_at=end)
    for at, opens in (
        (start - second, False),
        (start, True),
        (end - second, True),
        (end, False),
        (end + second, False),
    ):
        assert bool(_held(people, probe, at)) is opens
        assert (probe.pk in _ids(people, at)) is opens
        assert grants.live(ProbeGrant.objects.all(), at).exists() is opens


@pytest.mark.rule("CLV-24", "ACL-02")
def test_closing_ends_access_that_second(people: People, probe: Probe, now: datetime) -> None:
    grant = _give(people, probe, now - DAY)
    with audit.writing(viewer_of(people.coordinator, now=now), now=now) as w:
        grants.close(w, grant, at=now, reason="left")
    assert _held(people, probe, now - timedelta(microseconds=1)) == {Basis.CIRCLE}
    assert _held(people, probe, now) == frozenset()
    assert grants.is_genuine(ProbeGrant.objects.get())
    with audit.writing(viewer_of(people.coordinator, now=now), now=now) as w:
        grants.close(w, grant, at=now + DAY, reason="left")
    assert _held(people, probe, now) == frozenset(), "closing later does not open again"


def test_a_second_open_grant_is_the_first(people: People, probe: Probe, now: datetime) -> None:
    assert _give(people, probe, now).pk == _give(people, probe, now).pk
    assert ProbeGrant.objects.count() == 1


@pytest.mark.attack("T-36")
@pytest.mark.parametrize("mac", [b"", b"\0" * 32])
def test_a_row_inserted_by_sql_gives_nothing_and_is_reported(
    people: People, probe: Probe, now: datetime, mac: bytes, django_capture_on_commit_callbacks: Any
) -> None:
    genuine = _give(people, probe, now)
    target = Probe.objects.create(territory_id=people.territory.pk, group_id=people.group.pk)
    columns = [field.column for field in ProbeGrant._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO access_probe_probegrant ({', '.join(columns)}) SELECT "
            + ", ".join({"id": "%s", "content_object_id": "%s", "mac": "%s"}.get(name, name) for name in columns)
            + " FROM access_probe_probegrant",
            [
                {"id": _pk(uuid4()), "content_object_id": _pk(target.pk), "mac": mac or bytes(genuine.mac)}[name]
                for name in columns
                if name in ("id", "content_object_id", "mac")
            ],
        )
    assert ProbeGrant.objects.filter(content_object=target).count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert _held(people, target, now) == frozenset()
        assert _held(people, probe, now) == {Basis.CIRCLE}
    assert AuditEvent.objects.filter(act="integrity_fail").count() == 1


def _pk(value: Any) -> str:
    return Probe._meta.pk.get_db_prep_value(value, connection)


@pytest.mark.attack("T-36")
@pytest.mark.parametrize(
    "change",
    ["ends_at = NULL", "starts_at = '2020-01-01'", "basis = 'deputy'", "reason = 'x'", "granted_by = NULL"],
)
def test_a_row_changed_by_sql_gives_nothing(people: People, probe: Probe, now: datetime, change: str) -> None:
    _give(people, probe, now, ends_at=now + DAY)
    assert _held(people, probe, now)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE access_probe_probegrant SET {change}")
    assert _held(people, probe, now) == frozenset()


@pytest.mark.attack("T-36")
def test_a_forged_row_is_never_sealed_by_closing_it(people: People, probe: Probe, now: datetime) -> None:
    grant = _give(people, probe, now, ends_at=now + DAY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_probe_probegrant SET ends_at = NULL")
    with audit.writing(viewer_of(people.coordinator, now=now), now=now) as w:
        grants.close(w, grant, at=now + 900 * DAY, reason="left")
    assert _held(people, probe, now) == frozenset()
    _give(people, probe, now)
    assert _held(people, probe, now) == {Basis.CIRCLE}


@pytest.mark.attack("T-36")
def test_a_forged_open_row_does_not_stand_in_the_way(people: People, probe: Probe, now: datetime) -> None:
    _give(people, probe, now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_probe_probegrant SET reason = 'x'")
    _give(people, probe, now)
    assert _held(people, probe, now) == {Basis.CIRCLE}


@pytest.mark.attack("T-36")
def test_a_seal_is_worth_nothing_in_another_table(people: People, probe: Probe, now: datetime) -> None:
    grant = _give(people, probe, now)
    values = {field.attname: getattr(grant, field.attname) for field in ProbeGrant._meta.concrete_fields}
    assert grants.is_genuine(ProbeGrant(**values))
    assert not grants.is_genuine(FollowUpGrant(**values))


def test_nobody_else_writes_grants(people: People, probe: Probe, now: datetime) -> None:
    grant = _give(people, probe, now)
    grant.ends_at = now + 900 * DAY
    for write in (
        grant.save,
        lambda: ProbeGrant.objects.update(ends_at=None),
        lambda: ProbeGrant.objects.bulk_create([grant]),
        lambda: ProbeGrant.objects.bulk_update([grant], ["ends_at"]),
        lambda: ProbeGrant.objects.create(content_object=probe),
    ):
        with pytest.raises(CaseworkError):
            write()


def test_a_seat_is_not_a_grant(people: People, probe: Probe, now: datetime) -> None:
    with pytest.raises(CaseworkError):
        _give(people, probe, now, basis=Basis.SEATED)


def test_the_database_keeps_one_open_row(people: People, probe: Probe, now: datetime) -> None:
    first = _give(people, probe, now)
    twin = ProbeGrant.objects.get()
    twin.pk = uuid4()
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        QuerySet(ProbeGrant).bulk_create([twin])
    assert ProbeGrant.objects.get().pk == first.pk


def test_a_page_of_objects_costs_one_query(
    people: People, probe: Probe, now: datetime, django_assert_num_queries: Any
) -> None:
    _give(people, probe, now)
    who = viewer_of(people.pjj, now=now)
    with django_assert_num_queries(1):
        grants.bases(ProbeGrant, who, [probe.pk, *(uuid4() for _ in range(49))], now)


def test_many_doors_open_and_close_like_one_in_as_many_queries(people: People, now: datetime) -> None:
    by = viewer_of(people.coordinator, now=now)
    asked: list[list[str]] = []
    for n in (2, 12):
        probes = [Probe.objects.create(territory_id=people.territory.pk, group_id=people.group.pk) for _ in range(n)]
        doors = [
            grants.Door(mandate=people.pjj, obj=one, basis=Basis.CIRCLE, starts_at=now, ends_at=None)
            for one in (*probes, probes[0])
        ]
        with CaptureQueriesContext(connection) as captured:
            with audit.writing(by, now=now) as w:
                given = grants.give_many(w, ProbeGrant, doors, reason="circle", by=by)
            with audit.writing(by, now=now) as w:
                grants.close_many(w, ProbeGrant, given, at=now + DAY, reason="left")
        asked.append([query["sql"].split("(")[0] for query in captured])
        assert given[0] is given[-1], "the same door twice is one row"
        assert {_held(people, one, now) for one in probes} == {frozenset({Basis.CIRCLE})}
        assert not any(_held(people, one, now + DAY) for one in probes)
        assert all(grants.is_genuine(row) for row in ProbeGrant.objects.all())
        acts = AuditEvent.objects.filter(act__in=["grant", "revoke"])
        assert acts.count() == 2 * ProbeGrant.objects.count()
        assert not acts.filter(state_digest=b"").exists()
    assert len(asked[1]) <= len(asked[0])


@pytest.mark.attack("T-36")
@pytest.mark.rule("CLV-24")
@pytest.mark.parametrize(
    "change",
    [
        "role = 'clspd_coordinator'",
        "ends_at = NULL",
        "is_service_lead = NOT is_service_lead",
        "charter_signed_at = starts_at",
    ],
)
def test_a_mandate_changed_by_sql_gives_no_viewer(people: People, change: str) -> None:
    mandate = people.unsigned if "charter" in change else people.ended
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE partners_mandate SET {change} WHERE id = %s", [_pk(mandate.pk)])
    with pytest.raises(AccessRefused) as refusal:
        viewer_of(Mandate.objects.get(pk=mandate.pk))
    assert refusal.value.code == "mandate_seal"


@pytest.mark.rule("CLV-24", "ACL-02")
def test_the_seat_of_the_service_is_read_at_the_instant(people: People, now: datetime) -> None:
    seat = people.memberships["pjj_service"]
    seat.ends_at = now
    seat.save()
    assert viewer_of(people.pjj, now=now - timedelta(seconds=1)).group_id == people.group.pk
    assert viewer_of(people.pjj, now=now).group_ids == frozenset()
    assert viewer_of(people.coordinator, now=now).group_id == people.group.pk


@pytest.mark.rule("CLV-24")
@pytest.mark.parametrize("switched_off", ["agent", "organisation"])
def test_an_inactive_agent_or_service_gives_no_viewer(people: People, switched_off: str) -> None:
    row = getattr(people.pjj, switched_off)
    row.is_active = False
    row.save()
    with pytest.raises(AccessRefused):
        viewer_of(Mandate.objects.get(pk=people.pjj.pk))


def test_rows_as_the_driver_gives_them_carry_the_same_seal(people: People, now: datetime) -> None:
    ends: list[datetime | None] = [None, now + DAY, now + 2 * DAY]
    for ends_at in ends:
        probe = Probe.objects.create(territory_id=people.territory.pk, group_id=people.group.pk)
        _give(people, probe, now, ends_at=ends_at)
        system = audit.system_actor(people.territory.pk)
        with audit.writing(system, now=now) as w:
            grants.give(
                w, ProbeGrant, by=None, mandate=people.pjj, obj=probe, basis=Basis.INVITED, starts_at=now,
                ends_at=ends_at, reason="invited",
            )  # fmt: skip
    field = ProbeGrant._meta.get_field("mac")
    found = RawRows(ProbeGrant.objects.order_by("pk").values_list(*field.over, "mac"))
    seal = field.sealer(found.value)
    rows = list(ProbeGrant.objects.order_by("pk"))
    assert [bytes(row[-1]) for row in found.rows] == [field.seal(row) for row in rows]
    assert [seal(row[:-1]) for row in found.rows] == [field.seal(row) for row in rows]
    for at, name in enumerate(field.over):
        changed = list(found.rows[0][:-1])
        others = [row[at] for row in found.rows if row[at] != changed[at]]
        if others:
            changed[at] = others[0]
            assert seal(changed) != field.seal(rows[0]), name


def test_no_row_at_all(people: People) -> None:
    assert RawRows(ProbeGrant.objects.none().values_list("id")).rows == []
