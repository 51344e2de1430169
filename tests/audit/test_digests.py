"""Pseudonyms and digests of rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType

from casework import audit
from casework.audit import digests, refs
from casework.sealing.fields import Sealed

SUBJECT = UUID("33333333-3333-4333-8333-333333333333")


@pytest.fixture
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refs, "_key", lambda: b"k" * 32)


@pytest.mark.rule("LOG-05")
@pytest.mark.usefixtures("_key")
def test_pseudonyms_say_nothing_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    one = audit.subject_ref(SUBJECT)
    assert one == audit.subject_ref(SUBJECT) != audit.subject_ref(UUID(int=1))
    assert len(bytes.fromhex(one)) == 16
    assert one not in {SUBJECT.hex, audit.object_ref("subject", SUBJECT)}
    monkeypatch.setattr(refs, "_key", lambda: b"j" * 32)
    assert audit.subject_ref(SUBJECT) != one


@pytest.mark.usefixtures("_key")
def test_the_same_id_of_two_types_has_two_references() -> None:
    assert audit.object_ref("a.b", SUBJECT) != audit.object_ref("a.c", SUBJECT)
    assert audit.object_ref("a", "bc") != audit.object_ref("ab", "c")


@pytest.mark.django_db(databases="__all__")
def test_the_key_is_the_installations_and_lasts() -> None:
    assert audit.subject_ref(SUBJECT) == audit.subject_ref(SUBJECT)


def test_no_two_values_have_the_same_digest() -> None:
    values = [
        None, True, False, 0, 1, "", "1", "0", b"", b"1", SUBJECT, str(SUBJECT), SUBJECT.bytes, date(2026, 12, 8),
        datetime(2026, 12, 8, tzinfo=UTC), "2026-12-08", Decimal("1"), Decimal("1.5"), [], {}, [1], {"a": 1}, "[]",
        Sealed(b"one"), Sealed(b"two"),
    ]  # fmt: skip
    assert len({digests.digest("m", ["c"], [value]) for value in values}) == len(values)


def test_the_digest_covers_the_model_and_the_names_of_columns() -> None:
    base = digests.digest("m", ["a", "b"], [1, 2])
    assert base != digests.digest("n", ["a", "b"], [1, 2])
    assert base != digests.digest("m", ["a", "c"], [1, 2])
    assert base != digests.digest("m", ["a", "b"], [2, 1])


def test_known_answer() -> None:
    assert digests.digest("m", ["a"], ["é"]).hex() == "7372f5ec897fc5faf647e74095e749d2e2220183d9351073043d90143d5e29aa"


def test_equal_numbers_and_instants_have_one_encoding() -> None:
    assert digests.digest("m", ["c"], [Decimal("1.50")]) == digests.digest("m", ["c"], [Decimal("1.5")])
    assert digests.digest("m", ["c"], [{"b": 1, "a": 2}]) == digests.digest("m", ["c"], [{"a": 2, "b": 1}])


def test_the_register_is_read_and_the_last_version_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    register = tmp_path / "digests.txt"
    register.write_text("# comment\n\ncontenttypes.contenttype 1 model\ncontenttypes.contenttype 2 app_label,model\n")
    monkeypatch.setattr(digests, "REGISTER", register)
    digests.register.cache_clear()
    try:
        assert digests.columns(ContentType) == (2, ("app_label", "model"))
        assert digests.columns(ContentType, 1) == (1, ("model",))
        assert digests.columns(ContentType, 0) == (0, ("app_label", "id", "model"))
        with pytest.raises(LookupError):
            digests.columns(ContentType, 3)
    finally:
        digests.register.cache_clear()
