"""T-16, at the level of sealing: two people alike share no value in any column."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connections

from casework.sealing import format as fmt
from tests.sealing.world import MODELS, new_person, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-16"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]
# Closed lists, dates of the act and counters: the same for everybody.
ALLOWED = {"state", "history_type", "history_date", "history_change_reason", "history_mandate", "history_id"}
KEYSTORE_ALLOWED = {"drawer", "kek_epoch", "state", "created_at"}


def columns(alias, table):
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        names = [each[0] for each in cursor.description]
        rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
    return {name: [row[i] for row in rows if row[i] is not None] for i, name in enumerate(names)}


def test_twins_share_nothing():
    same = {"surname": "Belkacem", "first_name": "Yanis", "birth": date(2010, 3, 9), "note": "Absences",
            "facts": {"école": "Camus"}, "flat": "3 rue des Lilas"}  # fmt: skip
    twins = [new_person(**same), new_person(**same)]
    for model in MODELS[:2]:
        table = columns("default", model._meta.db_table)
        for name in set(table) - ALLOWED:
            values = table[name]
            assert len(values) in (0, 2), name
            assert len(set(values)) == len(values), name
    for name, values in columns("keystore", "sealing_subjectkey").items():
        if name not in KEYSTORE_ALLOWED and name != "subject_id":
            assert len(set(values)) == len(values), name
    assert twins[0].id != twins[1].id


def test_no_two_sealed_cells_share_key_nonce_or_body():
    for _ in range(2):
        new_person(surname="Dupont", first_name="Dupont", note="Dupont", flat="Dupont")
    table = columns("default", MODELS[0]._meta.db_table)
    blobs = [v for name, values in table.items() for v in values if isinstance(v, bytes)]
    assert len(blobs) == 12
    assert len({blob[20:32] for blob in blobs}) == len(blobs)
    assert len({blob[32:] for blob in blobs}) == len(blobs)
    assert len({blob[4:20] for blob in blobs}) == 2 * 3  # one key per person and drawer


def test_one_label_under_one_key_is_not_another_label():
    dek = bytes(32)
    nonce, data, aad = bytes(12), bytes(64), b""
    sealed = {fmt.field_cipher(dek, label).encrypt(nonce, data, aad) for label in (b"a.b.c", b"a.b.d")}
    assert len(sealed) == 2
