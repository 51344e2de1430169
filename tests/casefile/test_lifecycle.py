"""Transition tables: every pair tried, the row locked and compared, the guards heard, the journal told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import lifecycle
from casework.casefile.lifecycle import Lifecycle, Move
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, MoveRefused
from tests.casefile.lifecycles import assert_every_pair
from tests.casefile.support import HANDLERS, MOVES, NADIA, NOW, PARCELS, SAMIR, Parcel, State, make_table

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _table():
    make_table()


def parcel(state=State.PACKED, **fields):
    return Parcel.objects.create(state=state, **fields)


def apply(obj, to, *, by=NADIA, **kwargs):
    with audit.writing(by, now=NOW) as w:
        PARCELS.apply(obj, to, w=w, by=by, now=NOW, **kwargs)


def stored(obj):
    return Parcel.objects.get(pk=obj.pk)


def test_every_pair_of_the_table():
    assert_every_pair(PARCELS, parcel, by=NADIA, now=NOW)


def test_an_allowed_move_saves_state_changes_and_one_revision_more():
    box = parcel()
    apply(box, State.SENT, address="3 rue des Lilas", expected_revision=1)
    row = stored(box)
    assert (row.state, row.address, row.revision) == (State.SENT, "3 rue des Lilas", 2)
    assert (box.state, box.address, box.revision) == (State.SENT, "3 rue des Lilas", 2)


@pytest.mark.rule("LOG-01")
def test_a_move_tells_the_journal_its_name_and_its_object():
    box = parcel(address="ici")
    apply(box, State.SENT)
    event = AuditEvent.objects.get(act="move")
    assert (event.why, event.object_ref) == ("send", audit.object_ref("depot.parcel", box.pk))


def test_creating_is_a_move_too():
    box = Parcel(address="ici")
    apply(box, State.PACKED)
    assert (stored(box).state, stored(box).revision) == (State.PACKED, 1)
    assert AuditEvent.objects.get().act == "create"
    with pytest.raises(MoveRefused):
        apply(Parcel(), State.DELIVERED)


def create_many(boxes, to, *, by=NADIA, table=PARCELS):
    with audit.writing(by, now=NOW) as w:
        table.create_many(boxes, to, w=w, by=by, now=NOW)


def test_rows_created_together_enter_as_each_would_alone():
    boxes = [Parcel(address=str(number)) for number in range(3)]
    create_many(boxes, State.PACKED)
    assert [(stored(box).state, stored(box).revision) for box in boxes] == [(State.PACKED, 1)] * 3
    told = AuditEvent.objects.filter(act="create", why="pack").values_list("object_ref", flat=True)
    assert set(told) == {audit.object_ref("depot.parcel", box.pk) for box in boxes}


def test_rows_created_together_meet_the_table_the_role_and_the_guard_of_each():
    asked = []

    def has_note(box, context):
        context.once("asked", lambda: asked.append(1))
        if not box.note:
            raise GuardRefused("Écrivez une note.")

    noted = {**MOVES, (None, State.PACKED): replace(MOVES[None, State.PACKED], guards=(has_note,))}
    table = Lifecycle("state", noted, name="noted", title="Colis", states=State, final={State.DELIVERED})
    with pytest.raises(GuardRefused):
        create_many([Parcel(note="a"), Parcel(note="b"), Parcel()], State.PACKED, table=table)
    assert len(asked) == 1, "what does not depend on the row is asked once"
    with pytest.raises(MoveRefused):
        create_many([Parcel()], State.DELIVERED)
    with pytest.raises(AccessRefused):
        create_many([Parcel()], State.PACKED, by=SAMIR)
    assert not Parcel.objects.exists()


def test_a_guard_sees_the_row_as_it_would_be_and_refuses_in_french():
    box = parcel()
    with pytest.raises(GuardRefused, match="Indiquez une adresse"):
        apply(box, State.SENT, note="fragile")
    assert (stored(box).state, stored(box).note, stored(box).revision) == (State.PACKED, "", 1)
    assert box.state == State.PACKED
    assert not AuditEvent.objects.filter(act="move").exists()


def test_a_move_that_is_not_in_the_table_is_refused_with_both_labels():
    with pytest.raises(MoveRefused, match="« emballé » ne peut pas devenir « livré »"):
        apply(parcel(), State.DELIVERED)


def test_a_role_outside_the_row_may_not_move():
    box = parcel(address="ici")
    with pytest.raises(AccessRefused):
        apply(box, State.SENT, by=SAMIR)
    with pytest.raises(AccessRefused):
        apply(box, State.SENT, by=audit.system_actor())
    assert stored(box).state == State.PACKED


def test_the_system_moves_what_its_row_allows():
    box = parcel(State.SENT)
    apply(box, State.DELIVERED, by=audit.system_actor())
    assert stored(box).state == State.DELIVERED


@pytest.mark.attack("R-06")
def test_a_form_opened_on_an_older_revision_conflicts():
    box = parcel(address="ici")
    Parcel.objects.filter(pk=box.pk).update(revision=4)
    with pytest.raises(ConflictRefused) as refusal:
        apply(box, State.SENT, expected_revision=1)
    assert refusal.value.current_revision == 4
    assert stored(box).state == State.PACKED


@pytest.mark.attack("R-06")
def test_the_row_is_read_again_so_a_stale_object_writes_nothing_stale():
    box = parcel(address="ici", note="old")
    Parcel.objects.filter(pk=box.pk).update(note="written by another")
    apply(box, State.SENT)
    assert stored(box).note == "written by another"
    assert box.note == "written by another"


def test_the_state_is_judged_on_the_row_not_on_the_object():
    box = parcel(address="ici")
    Parcel.objects.filter(pk=box.pk).update(state=State.DELIVERED)
    with pytest.raises(MoveRefused):
        apply(box, State.SENT)


def test_a_row_that_is_gone_is_refused_as_absent():
    box = parcel()
    Parcel.objects.filter(pk=box.pk).delete()
    with pytest.raises(AccessRefused):
        apply(box, State.SENT)


def test_the_row_is_asked_for_under_lock(monkeypatch):
    box, asked = parcel(address="ici"), []
    get = QuerySet.get

    def spy(rows, *args, **kwargs):
        asked.append(rows.query)
        return get(rows, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "get", spy)
    apply(box, State.SENT)
    asked = [query for query in asked if query.model is Parcel]
    assert asked
    assert all(query.select_for_update and query.select_for_update_of == ("self",) for query in asked)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row lock: its writers queue")
def test_the_row_is_locked():
    box = parcel(address="ici")
    with CaptureQueriesContext(connection) as queries:
        apply(box, State.SENT)
    assert any("FOR UPDATE" in query["sql"] for query in queries)


def test_when_the_journal_fails_the_move_is_undone(monkeypatch):
    def broken(entries):
        raise RuntimeError("journal")

    box = parcel(address="ici")
    monkeypatch.setattr("casework.audit.actions.append", broken)
    with pytest.raises(RuntimeError, match="journal"):
        apply(box, State.SENT)
    assert stored(box).state == State.PACKED


def test_buttons_are_those_of_the_role():
    assert [move.name for _, move in PARCELS.offered(State.SENT, "system")] == ["deliver"]
    assert PARCELS.offered(State.PACKED, SAMIR.role) == []
    assert PARCELS.exits(State.DELIVERED) == frozenset()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"final": set()}, "has no exit"),
        ({"final": set(State)}, "is final and has an exit"),
        ({"moves": {k: v for k, v in MOVES.items() if k != (State.SENT, State.LOST)}}, "is never reached"),
        (
            {"moves": MOVES | {(None, State.PACKED): Move(name="pack", label="", who=HANDLERS, rule="D")}},
            "lacks a name",
        ),
    ],
)
def test_an_unsound_table_is_refused_when_it_is_read(change, says):
    wanted = {"moves": MOVES, "final": {State.DELIVERED}} | change
    with pytest.raises(ValueError, match=says):
        Lifecycle("state", wanted["moves"], name="x", title="x", states=State, final=wanted["final"])


def test_moves_need_the_transaction_of_the_act():
    with pytest.raises(transaction.TransactionManagementError):
        _outside_any_transaction()


def _outside_any_transaction():
    from unittest import mock

    with mock.patch.object(connection, "in_atomic_block", False):
        lifecycle.revision.lock(Parcel.objects.all(), parcel().pk, None)


def test_an_actor_who_lost_the_role_between_two_requests_may_not_move():
    with pytest.raises(AccessRefused):
        apply(parcel(address="ici"), State.SENT, by=replace(NADIA, role=""))
