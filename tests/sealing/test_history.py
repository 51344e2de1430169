"""History copies stored bytes, signs them with a mandate, and cannot be skipped."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connections, models, transaction
from django.test.utils import CaptureQueriesContext

from casework.errors import Shredded
from casework.sealing import keys
from casework.sealing.history import SealedHistory, acting
from tests.sealing.world import Note, Person, new_person, opened, overwrite, stored, tables  # noqa: F401

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("tables")]
History = Person.history.model
SEALED = ("surname", "first_name", "birth", "note", "facts", "flat", "open_null")


def history(person):
    return list(History._base_manager.filter(id=person.id).order_by("history_date", "history_id"))


def same_bytes(row, person):
    return all(stored(row, c) == stored(person, c) for c in SEALED)


def test_the_last_history_row_is_the_live_row():
    person = new_person(surname="Un", note="a", facts={"a": 1})
    assert [h.history_type for h in history(person)] == ["+"]
    assert same_bytes(history(person)[0], person)
    person.surname = "Deux"
    person.save()
    rows = history(person)
    assert [h.history_type for h in rows] == ["+", "~"]
    assert same_bytes(rows[1], person)
    assert stored(rows[0], "surname") != stored(rows[1], "surname")
    assert stored(rows[0], "note") == stored(rows[1], "note")


def test_the_past_opens_under_the_gate():
    person = new_person(surname="Un")
    person.surname = "Deux"
    person.save()
    with opened(person.id):
        assert [h.surname for h in history(person)] == ["Un", "Deux"]
        assert history(person)[0].instance.surname == "Un"


def test_copying_touches_no_key_and_opens_nothing():
    person = Person.objects.get(pk=new_person().pk)
    with CaptureQueriesContext(connections["keystore"]) as queries, opened(person.id):
        person.save()
        Person.objects.get(pk=person.pk).delete()
    assert len(queries) == 0
    assert [h.history_type for h in history(person)] == ["+", "~", "-"]


def test_an_open_gate_does_not_make_copies_clear_or_new():
    """getattr under a gate would give text, and history would seal it again."""
    person = Person.objects.get(pk=new_person(surname="Un", facts={"a": 1}).pk)
    with opened(person.id):
        assert person.surname == "Un"
        person.state = "seen"
        person.save()
    assert same_bytes(history(person)[-1], person)


def test_a_row_saved_in_part_copies_what_is_stored():
    person = new_person(surname="Un")
    person.surname, person.state = "Pas encore", "seen"
    person.save(update_fields=["state"])
    assert same_bytes(history(person)[-1], person)
    assert person.surname == "Pas encore"


def test_a_row_never_loaded_copies_what_is_stored():
    person = new_person(surname="Un", note="x")
    blind = Person(id=person.id, subject_id=person.id, state="seen")
    blind.surname = "Pas encore"
    blind._state.adding = False
    blind.save(update_fields=["state"])
    assert same_bytes(history(person)[-1], person)


def test_deferred_columns_are_copied_too():
    person = new_person(surname="Un", note="x")
    row = Person.objects.only("state").get(pk=person.pk)
    row.delete()
    last = history(person)[-1]
    assert stored(last, "surname") == stored(history(person)[0], "surname")
    with opened(person.id):
        assert last.note == "x"


def test_deleting_after_the_keys_are_gone():
    person = new_person()
    keys.erase(person.id)
    Person.objects.get(pk=person.pk).delete()
    last = history(person)[-1]
    assert last.history_type == "-"
    assert stored(last, "surname")
    with opened(person.id), pytest.raises(Shredded):
        _ = last.surname


def test_saving_a_clear_column_after_the_keys_are_gone():
    person = new_person()
    keys.erase(person.id)
    row = Person.objects.get(pk=person.pk)
    row.state = "erased"
    row.save()
    assert same_bytes(history(person)[-1], person)


def test_history_is_in_the_transaction_of_the_row():
    person = new_person()

    def fail():
        with transaction.atomic():
            person.save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert len(history(person)) == 1


def test_one_statement_more_than_without():
    person = Person.objects.get(pk=new_person().pk)
    with CaptureQueriesContext(connections["default"]) as queries:
        person.save()
    assert [q["sql"].split()[0] for q in queries] == ["UPDATE", "INSERT"]


def test_who_and_why():
    mandate = uuid4()
    with acting(mandate, "follow_up.end"):
        person = new_person()
        with acting(None, "retention"):
            person.save()
        person.save()
    person.save()
    assert [(h.history_mandate, h.history_change_reason) for h in history(person)] == [
        (mandate, "follow_up.end"),
        (None, "retention"),
        (mandate, "follow_up.end"),
        (None, ""),
    ]


@pytest.mark.parametrize("reason", ["Le père refuse", "a b", "É", "x" * 41, "ok\n"])
def test_a_reason_is_a_code(reason):
    with pytest.raises(ValueError), acting(uuid4(), reason):
        pass


def test_nothing_skips_history(settings):
    settings.SIMPLE_HISTORY_ENABLED = False
    person = new_person()
    person.skip_history_when_saving = True
    person.save()
    assert not hasattr(person, "save_without_historical_record")
    assert len(history(person)) == 2
    from casework.sealing.checks import check_history

    assert "sealing.E020" in {problem.id for problem in check_history(None)}


def test_the_shape_of_the_table():
    fields = {f.name: f for f in History._meta.fields}
    assert isinstance(fields["history_id"], models.BigAutoField)
    assert isinstance(fields["history_mandate"], models.UUIDField)
    assert fields["history_change_reason"].max_length == 40
    assert not any(f.is_relation for f in fields.values())
    assert fields["surname"].label == Person._meta.get_field("surname").label
    assert set(History.Confidentiality.clear) >= {n for n in fields if n.startswith("history_")}


def test_versions_of_one_instant_keep_their_order():
    person = new_person(surname="Un")
    when = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
    person._history_date = when
    for name in ("Deux", "Trois"):
        person.surname = name
        person.save()
    with opened(person.id):
        latest = History._base_manager.filter(history_date=when).order_by("history_date", "history_id")
        assert [h.surname for h in latest] == ["Deux", "Trois"]
    assert History._meta.ordering == ("-history_date", "-history_id")


def test_nothing_is_printed():
    person = new_person(surname="Kanarienvogel")
    with opened(person.id):
        row = history(person)[0]
        assert "Kanarienvogel" not in str(row) + repr(row) + repr(vars(row))
    assert str(row) == f"history {row.history_id}"


def test_a_model_of_the_project_has_this_history():
    from django.apps import apps

    from casework.sealing.labels import sealed_fields

    tracked = {f.model for f in sealed_fields() if hasattr(f.model._meta, "simple_history_manager_attribute")}
    for model in tracked:
        manager = getattr(model, model._meta.simple_history_manager_attribute)
        assert manager.model.is_sealed_history
        assert manager.model in apps.get_models()
    assert issubclass(SealedHistory, object)


def test_an_older_value_put_back_opens_and_is_for_the_journal_to_find():
    """The associated data does not stop a rollback (security.md §0, 5): the row digest of the journal does."""
    person = new_person(surname="Un")
    person.surname = "Deux"
    person.save()
    overwrite(person, "surname", stored(history(person)[0], "surname"))
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).surname == "Un"
    assert Note.objects.count() == 0
