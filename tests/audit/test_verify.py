"""`audit_verify`: what it answers when nothing is wrong, and its exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils import timezone

from casework import audit
from casework.audit import Act, digests, verify
from tests.audit.bench import NADIA, OTHER_TERRITORY, SAMIR, TERRITORY, events, fill, superuser

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)


def run(*options: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it says."""
    out = StringIO()
    try:
        call_command("audit_verify", *options, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_an_empty_journal_and_a_whole_one_are_fine() -> None:
    assert run()[0] == 0
    fill(3)
    fill(2, territory_id=OTHER_TERRITORY)
    code, said = run("--json")
    assert code == 0
    answer = json.loads(said)
    assert [(log["log"], log["size"], log["ok"]) for log in answer["logs"]] == [
        (str(TERRITORY), 3, True),
        (str(OTHER_TERRITORY), 2, True),
    ]


def test_events_longer_than_a_page_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_CHUNK", 4)
    fill(13)
    assert verify.verify(str(TERRITORY)).size == 13
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET n = 9 WHERE idx = 11")
    assert verify.verify(str(TERRITORY)).fault == verify.Fault("leaf", 11)


def test_tampering_of_one_log_leaves_the_others_fine() -> None:
    fill(3)
    fill(3, SAMIR, territory_id=OTHER_TERRITORY)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'x' WHERE idx = 1 AND log = %s", [str(TERRITORY)])
    code, said = run("--json")
    assert code == 2
    assert [(log["ok"], log["first_bad_index"]) for log in json.loads(said)["logs"]] == [(False, 1), (True, None)]
    code, said = run()
    assert code == 2
    assert "ALTÉRÉ à partir de 1 (événement modifié)" in said


def test_a_checkpoint_that_is_missing_or_unreadable(tmp_path: Path) -> None:
    fill(1)
    assert run("--since", str(tmp_path / "absent"))[0] == 3
    kept = tmp_path / "kept"
    kept.write_text("\n")
    assert run("--since", str(kept))[0] == 3
    for text in ("casework.audit/x\n1\nAAAA\n", "casework.audit/x\nun\n", "autre/x\n1\n" + "A" * 43 + "=\n"):
        kept.write_text(text)
        assert run("--since", str(kept))[0] == 4
    kept.write_bytes(b"\xff\xfe")
    assert run("--since", str(kept))[0] == 4


def test_checkpoints_of_the_past_are_accepted(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    texts = []
    for _ in range(3):
        fill(2)
        texts.append(verify.checkpoint(str(TERRITORY)).text() + "\n— witness Zm9v\n\n")
    kept.write_text("".join(texts))
    assert len(verify.parse_checkpoints(kept.read_text())) == 3
    assert run("--since", str(kept))[0] == 0


def test_without_a_database_it_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(verify, "verify_all", broken)
    assert run()[0] == 4


def test_a_clock_set_back_is_said_but_is_not_tampering() -> None:
    for minutes in (0, 10, 5, 6):
        with audit.pinned_clock(NOON + timedelta(minutes=minutes)):
            fill(1)
    report = verify.verify(str(TERRITORY))
    assert report.ok
    assert report.clock_steps == [2]


def row(model: str) -> ContentType:
    """Write any row under the journal."""
    with audit.writing(NADIA, now=timezone.now()) as w:
        made = ContentType.objects.create(app_label="bench", model=model)
        w.note(Act.CREATE, made)
    return made


@pytest.mark.attack("T-32")
def test_rows_changed_or_deleted_behind_the_journal_are_named() -> None:
    kept, changed, deleted, removed = (row(name) for name in ("kept", "changed", "deleted", "removed"))
    with audit.writing(NADIA, now=timezone.now()) as w:
        kept.model = "kept-well"
        kept.save()
        w.note(Act.CHANGE, kept)
        w.note(Act.DELETE, removed)
        removed.delete()
    assert verify.verify_rows() == (3, [])
    ContentType.objects.filter(pk=changed.pk).update(model="sneaky")
    ContentType.objects.filter(pk=deleted.pk).delete()
    compared, faults = verify.verify_rows()
    label = "contenttypes.contenttype"
    assert compared == 2
    assert {(fault.object_ref, fault.code, fault.idx) for fault in faults} == {
        (audit.object_ref(label, changed.pk), "changed", 1),
        (audit.object_ref(label, deleted.pk), "missing", 2),
    }
    code, said = run("--rows", "--json")
    assert code == 2
    assert len(json.loads(said)["row_faults"]) == 2
    assert run()[0] == 0


def test_a_new_column_does_not_cry_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    label = "contenttypes.contenttype"
    monkeypatch.setattr(digests, "register", lambda: {label: {1: ("model",)}})
    made = row("old")
    assert events()[0].columns_version == 1
    monkeypatch.setattr(digests, "register", lambda: {label: {1: ("model",), 2: ("app_label", "model")}})
    assert {fault.code for fault in verify.verify_rows()[1]} <= {"unknown"}
    ContentType.objects.filter(pk=made.pk).update(model="new")
    assert "changed" in {fault.code for fault in verify.verify_rows()[1]}


def test_registered_models_have_no_row_without_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    label = "contenttypes.contenttype"
    monkeypatch.setattr(digests, "register", lambda: {label: {1: ("app_label", "model")}})
    row("told")
    untold = ContentType.objects.create(app_label="bench", model="untold")
    _, faults = verify.verify_rows()
    assert audit.object_ref(label, untold.pk) in {fault.object_ref for fault in faults if fault.code == "unknown"}


def test_a_row_that_outlives_its_deletion_is_named() -> None:
    made = row("outlives")
    with audit.writing(NADIA, now=timezone.now()) as w:
        w.note(Act.DELETE, made)
    assert [fault.code for fault in verify.verify_rows()[1]] == ["changed"]


def test_a_row_written_while_we_look_is_not_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    made = row("before")
    lasts = verify._last_events

    def then_write(label: str) -> Any:
        found = lasts(label)
        with audit.writing(NADIA, now=timezone.now()) as w:
            made.model = "after"
            made.save()
            w.note(Act.CHANGE, made)
        return found

    monkeypatch.setattr(verify, "_last_events", then_write)
    assert verify.verify_rows() == (1, [])
