"""T-32: any column of a protected row changed by SQL is named; no row is written without leaving its digest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Field, Model
from django.utils import timezone

from casework import audit
from casework.audit import Act, digests, refs, rows, verify
from casework.audit.models import AuditEvent
from casework.minors.followups.models import FollowUp
from casework.minors.sessions.actions import minutes
from casework.minors.sessions.models import AgendaLine, MinutesItem
from tests.people import People
from tests.sessions.room_setting import Setting
from tests.sessions.test_minutes import held, submitted  # noqa: F401 a meeting held, with its minutes

pytestmark = [pytest.mark.attack("T-32"), pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def town(held: Setting) -> Setting:  # noqa: F811
    """A meeting held, its minutes approved."""
    submitted(held)
    minutes.approve_silent(held.now + timedelta(days=30))
    return held


def faults() -> set[tuple[str, str, str]]:
    """Return (model, row, fault) of every row at fault."""
    return {(fault.object_type, fault.object_ref, fault.code) for fault in verify.verify_rows()[1]}


def new(before: set[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Return (model, fault) of the rows at fault since then: the setting writes some past its actions."""
    return {(label, code) for label, _, code in faults() - before}


def test_every_protected_model_has_its_columns_in_the_register() -> None:
    assert digests.missing() == [], "run manage.py digests_register"
    labels = {model._meta.label_lower for model in digests.protected()}
    assert labels <= set(digests.register())
    assert "followups.followup" in labels
    assert "followups.followupgrant" in labels
    assert len(labels) > 20


def other(field: Field[Any, Any], value: Any) -> Iterator[Any]:
    """Yield values that this column does not hold now, as the database takes them."""
    if value is None:
        yield FILLED.get(field.get_internal_type(), b"\1" * 60)
        return
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value + 1000
    elif isinstance(value, datetime | date):
        yield value - timedelta(days=1)
        yield value + timedelta(days=1)
    elif isinstance(value, UUID):
        yield uuid4()
    elif isinstance(value, list | dict):
        yield [{"reason": "x", "n": 9}]
    elif isinstance(value, str):
        yield f"{value[:3]}x"
        choices = [key for key, _ in field.flatchoices if key != value]
        yield from choices[:8]
    else:
        blob = bytes(getattr(value, "blob", value) or b"")
        yield blob[:-1] + bytes([blob[-1] ^ 1]) if blob else b"\1" * 60
    if field.null:
        yield None


FILLED = {
    "UUIDField": uuid4(), "ForeignKey": uuid4(), "DateField": date(2026, 1, 2), "IntegerField": 1, "CharField": "x",
    "DateTimeField": datetime(2026, 1, 2, tzinfo=UTC), "PositiveIntegerField": 1, "PositiveSmallIntegerField": 1,
    "BooleanField": True, "OneToOneField": uuid4(),
}  # fmt: skip


def put(model: type[Model], pk: object, field: Field[Any, Any], value: Any) -> bool:
    """Write a column by SQL; say whether the database took it."""
    if field.get_internal_type() == "JSONField" and value is not None:
        prepared = field.get_db_prep_save(value, connection)
    elif isinstance(value, bytes):
        prepared = value
    else:
        prepared = field.get_db_prep_value(value, connection)
    if not isinstance(prepared, str | int | float | bytes | None) and connection.vendor == "sqlite":
        prepared = str(prepared)
    key = model._meta.pk.get_db_prep_value(pk, connection)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE "id" = %s', [prepared, key]
            )
            return cursor.rowcount == 1
    except DatabaseError:
        return False  # a constraint was faster


class Undo(Exception):
    """Takes the change back."""


def test_any_column_of_any_protected_row(town: Setting) -> None:
    assert town
    seen, columns = set(), 0
    for label in digests.register():
        model = verify._model(label)
        row = model._base_manager.order_by("pk").first() if model else None
        if model is None or row is None:
            continue
        last = AuditEvent.objects.filter(object_ref=refs.object_ref(label, row.pk)).exclude(state_digest=b"").last()
        assert last is not None, label
        stored = model._base_manager.filter(pk=row.pk).values().get()
        for field in model._meta.concrete_fields:
            if field.primary_key:
                continue
            for value in other(field, stored[field.attname]):
                taken = False
                with suppress(Undo), transaction.atomic():
                    taken = put(model, row.pk, field, value)
                    if taken:
                        _, now = digests.stored_digests(model, [row.pk], last.columns_version)
                        assert now[row.pk] != bytes(last.state_digest), (label, field.name)
                        columns += 1
                    raise Undo
                if taken:
                    break
        seen.add(label)
    assert len(seen) > 10, seen
    assert columns > 150


def test_the_command_names_the_row_that_was_changed_deleted_or_slipped_in(people: People, town: Setting) -> None:
    before = faults()
    row = FollowUp.objects.get(pk=town.followed[0].pk)
    ref = refs.object_ref("followups.followup", row.pk)
    with connection.cursor() as cursor:
        key = row.pk.hex if connection.vendor == "sqlite" else row.pk
        cursor.execute("UPDATE followups_followup SET revision = revision + 1 WHERE id = %s", [key])
    assert new(before) == {("followups.followup", "changed")}
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("audit_verify", "--rows", stdout=out)
    assert refusal.value.returncode == 2
    assert ref in out.getvalue()
    item = MinutesItem.objects.first()
    assert item is not None
    MinutesItem.objects.filter(pk=item.pk).delete()  # as SQL would: outside any act
    assert ("group_sessions.minutesitem", "missing") in new(before)
    item.pk = uuid4()
    item.position += 100
    MinutesItem.objects.bulk_create([item])
    assert ("group_sessions.minutesitem", "unknown") in new(before)


# ---------------------------------------------------------------- rows written without a note


def last_digest(row: Model) -> bytes:
    """Return the digest that the last event of a row bears."""
    ref = refs.object_ref(row._meta.label_lower, row.pk)
    return bytes(AuditEvent.objects.filter(object_ref=ref).exclude(state_digest=b"").latest("pk").state_digest)


def now_digest(row: Model) -> bytes:
    """Return the digest of a row as it is."""
    return digests.stored_digests(type(row), [row.pk])[1][row.pk]


@pytest.mark.parametrize("how", ["save", "bulk_update", "update", "update_by_relation", "filtered"])
def test_a_row_written_in_any_way_leaves_its_digest(town: Setting, how: str) -> None:
    line = town.lines[0]
    line.refresh_from_db()
    with audit.writing(town.by, now=timezone.now()):
        if how == "save":
            line.minutes += 1
            line.save()
        elif how == "bulk_update":
            lines = list(AgendaLine.objects.filter(session=town.session))
            for each in lines:
                each.minutes += 1
            AgendaLine.objects.bulk_update(lines, ["minutes"])
        elif how == "update":
            AgendaLine.objects.filter(pk=line.pk).update(minutes=F("minutes") + 1)
        elif how == "update_by_relation":
            AgendaLine.objects.filter(session__group=town.session.group).update(minutes=F("minutes") + 1)
        else:
            AgendaLine.objects.filter(minutes__gt=0).update(minutes=F("minutes") + 1)
    line.refresh_from_db()
    assert last_digest(line) == now_digest(line)
    told = AuditEvent.objects.filter(object_ref=refs.object_ref(line._meta.label_lower, line.pk)).latest("pk")
    assert (told.act, bytes(told.subject_refs), told.classes) == (Act.ROW, b"", [])


def test_an_insert_in_bulk_and_a_deletion_are_told_too(town: Setting) -> None:
    items = list(MinutesItem.objects.order_by("position"))
    before = faults()
    with audit.writing(town.by, now=timezone.now()):
        MinutesItem.objects.filter(pk__in=[item.pk for item in items[:2]]).delete()
    assert new(before) == set()
    ref = refs.object_ref("group_sessions.minutesitem", items[0].pk)
    assert AuditEvent.objects.filter(object_ref=ref).latest("pk").act == Act.DELETE


def test_what_a_note_tells_is_not_told_twice(town: Setting) -> None:
    line = AgendaLine.objects.get(pk=town.lines[0].pk)
    ref = refs.object_ref(line._meta.label_lower, line.pk)
    before = AuditEvent.objects.filter(object_ref=ref).count()
    with audit.writing(town.by, now=timezone.now()) as w:
        line.minutes += 1
        line.save()
        w.note(Act.CHANGE, line)
    assert AuditEvent.objects.filter(object_ref=ref).count() == before + 1


def test_a_row_taken_back_with_its_act_leaves_nothing(town: Setting) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(ValueError, match="no"), audit.writing(town.by, now=timezone.now()):  # noqa: PT012
        AgendaLine.objects.filter(pk=town.lines[0].pk).update(minutes=F("minutes") + 1)
        raise ValueError("no")
    assert AuditEvent.objects.count() == before


def test_digests_alone_are_no_line_of_the_journal_nor_of_a_file(people: People, town: Setting) -> None:
    from casework.audit import journal
    from casework.audit.journal import Filters

    log = str(people.territory.pk)
    assert AuditEvent.objects.filter(act=Act.ROW).exists()
    shown, _ = journal.page(log, [], Filters())
    assert Act.ROW not in {event.act for event in shown}
    assert Act.ROW not in {opening.act for opening in audit.who_opened(town.followed[0].subject_id)}


def test_the_watch_reads_the_statements_that_django_writes() -> None:
    pk = uuid4()
    for sql, params in (
        ('UPDATE "t" SET "a" = %s WHERE "t"."id" = %s', [1, pk]),
        ('UPDATE "t" SET "a" = %s, "b" = %s WHERE "t"."id" IN (%s)', [1, 2, pk]),
        ('DELETE FROM "t" WHERE "t"."id" IN (%s)', [pk]),
        ('INSERT INTO "t" ("a", "id") VALUES (%s, %s)', [1, pk.hex]),
    ):
        assert list(rows._keys(AgendaLine, sql, params)) == [pk], sql
