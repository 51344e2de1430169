"""Signed checkpoints: taken when something is new, continued, kept by a witness, printed as eight words."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from casework import audit
from casework.audit import Act, checkpoints, notes, verify, witness, words
from casework.audit.models import AuditCheckpoint
from tests.audit.bench import NADIA, TERRITORY, fill, head, rebuild, superuser

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-04")]

LOG = str(TERRITORY)


def command() -> tuple[int, str]:
    """Run `audit_checkpoint`; return its exit code and what it says."""
    out = StringIO()
    try:
        call_command("audit_checkpoint", stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_signed_when_something_is_new_and_only_then() -> None:
    fill(5)
    assert command() == (0, f"{LOG} : 5 événements, signé\n")
    assert command() == (0, "rien de nouveau\n")
    fill(2)
    assert command()[0] == 0
    kept = witness.kept(LOG)
    assert [item.size for item in kept] == [5, 7]
    assert all(notes.is_genuine(item) for item in kept)
    assert kept[-1].root == bytes(head().root)
    assert verify.verify(LOG, kept).ok


def test_the_witness_never_writes_a_file_twice() -> None:
    fill(3)
    made = checkpoints.take(LOG, timezone.now())
    assert made is not None
    with pytest.raises(FileExistsError):
        witness.keep(made)


def test_a_note_reads_back_and_its_signature_covers_every_line() -> None:
    made = notes.sign(LOG, 7, b"\1" * 32, timezone.now())
    (back,) = notes.parse_checkpoints(made.note())
    assert back == made
    assert notes.is_genuine(back)
    for changed in (
        made.note().replace("\n7\n", "\n8\n"), made.note().replace(LOG, LOG[:-1] + "0"),
        made.note().replace("date 2", "date 3"),
    ):  # fmt: skip
        (other,) = notes.parse_checkpoints(changed)
        assert not notes.is_genuine(other)


@pytest.mark.parametrize("text", ["x", "casework.audit/a\n1\nAAAA\n", "— k s\n", "casework.audit/a\n1\n"])
def test_nonsense_is_not_a_checkpoint(text: str) -> None:
    with pytest.raises(notes.BadCheckpoint):
        notes.parse_checkpoints(text)


def test_a_fork_is_never_signed() -> None:
    fill(6)
    assert command()[0] == 0
    fill(4)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 2")
    rebuild(LOG, 0, head=True)
    assert verify.verify(LOG).ok  # the log alone cannot tell
    code, said = command()
    assert code == 2
    assert "Rien n’est signé" in said
    assert [item.size for item in witness.kept(LOG)] == [6]


def test_a_fork_is_found_even_when_the_stored_frontier_was_forged_with_it() -> None:
    fill(6)
    assert command()[0] == 0
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 2")
    rebuild(LOG, 0, head=True)
    fill(1)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditcheckpoint SET frontier = %s", [bytes(head().frontier)[:64]])
    assert command()[0] == 2


def test_a_shorter_log_and_a_second_root_are_refused() -> None:
    fill(6)
    assert command()[0] == 0
    with superuser() as cursor:
        cursor.execute("UPDATE audit_audithead SET root = %s", [b"\7" * 32])
    assert command()[0] == 2
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_auditsubject")
        cursor.execute("DELETE FROM audit_auditevent WHERE idx > 3")
    rebuild(LOG, 0, head=True)
    assert command()[0] == 2


def test_a_log_that_disappeared_is_refused() -> None:
    fill(2)
    assert command()[0] == 0
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_auditsubject")
        cursor.execute("DELETE FROM audit_auditevent")
        cursor.execute("DELETE FROM audit_audithead")
    assert command()[0] == 2


def test_an_event_changed_since_the_last_checkpoint_is_refused() -> None:
    fill(3)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 2")
    assert command()[0] == 2


def test_an_emptied_witness_is_told(settings: object) -> None:
    fill(2)
    assert command()[0] == 0
    for path in Path(settings.AUDIT_WITNESS_DIR, LOG).iterdir():
        path.chmod(0o600)
        path.unlink()
    fill(1)
    assert command()[0] == 3


def test_a_witness_that_cannot_be_written_is_told(settings: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.AUDIT_WITNESS_DIR = tmp_path / "file"
    fill(2)
    assert command()[0] == 4


def test_a_forged_signature_in_the_witness_is_refused(settings: object) -> None:
    fill(2)
    assert command()[0] == 0
    (path,) = Path(settings.AUDIT_WITNESS_DIR, LOG).iterdir()
    path.chmod(0o600)
    path.write_text(path.read_text().replace("date 2", "date 3"))
    fill(1)
    assert command()[0] == 2
    with pytest.raises(CommandError) as refusal:
        call_command("audit_verify", stdout=StringIO())
    assert refusal.value.returncode == 2


def test_lateness_is_told_by_the_oldest_event_left_uncovered() -> None:
    now = timezone.now()
    with audit.pinned_clock(now - timedelta(minutes=61)):
        fill(1)
    with audit.pinned_clock(now):
        fill(1)
    assert checkpoints.late(now) == [LOG]
    checkpoints.take(LOG, now)
    assert checkpoints.late(now) == []
    with audit.pinned_clock(now):
        fill(1)
    assert checkpoints.late(now + timedelta(minutes=59)) == []


def test_a_document_always_prints_the_same_code_and_words() -> None:
    fill(3)
    now = timezone.now()
    first = checkpoints.paper_of(LOG, "group_sessions.minutes", "one", now)
    fill(3)
    again = checkpoints.paper_of(LOG, "group_sessions.minutes", "one", now + timedelta(days=1))
    other = checkpoints.paper_of(LOG, "group_sessions.minutes", "two", now)
    assert first == again
    assert first is not None
    assert other is not None
    assert (first.size, other.size) == (3, 6)
    assert len(first.words) == 8
    assert first.words != other.words
    assert AuditCheckpoint.objects.exclude(document_ref="").count() == 2
    (printed,) = notes.parse_checkpoints(first.code)
    assert verify.verify(LOG, [printed]).ok


def test_no_paper_for_a_fork() -> None:
    fill(3)
    assert checkpoints.paper_of(LOG, "x", "one", timezone.now()) is not None
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 1")
    rebuild(LOG, 0, head=True)
    assert checkpoints.paper_of(LOG, "x", "two", timezone.now()) is None


def test_words_are_apart_and_the_list_never_changes() -> None:
    assert len(words.french()) == 512
    assert len({word[:4] for word in words.french()}) == 512
    assert words.of("casework.audit/x\n1\nAAAA\n") == words.of("casework.audit/x\n1\nAAAA\n")
    # Papers already signed bear these words.
    assert " ".join(words.of("casework.audit/x\n1\nAAAA\n")) == (
        "volet zénith peinture escalier lisière couronne théâtre éponge"
    )


def test_production_warns_of_a_journal_that_nobody_signs(settings: object) -> None:
    from casework.audit.checks import journal_is_signed

    now = timezone.now()
    with audit.pinned_clock(now - timedelta(hours=2)):
        fill(1)
    assert journal_is_signed(databases=["default"]) == []  # elsewhere, nothing is asked
    settings.IS_PRODUCTION = True
    assert [found.id for found in journal_is_signed(databases=["default"])] == ["audit.W001"]
    assert journal_is_signed(databases=None) == []
    settings.IS_PRODUCTION = False  # production refuses the provider of the tests, which signs here
    checkpoints.take(LOG, now)
    settings.IS_PRODUCTION = True
    assert journal_is_signed(databases=["default"]) == []


NOT_WAITING = [
    pytest.param({"act": Act.GRANT}, id="grant"),
    pytest.param({"act": Act.REVOKE}, id="revoke"),
    pytest.param({"act": Act.PURGE}, id="purge"),
    pytest.param({"act": Act.REVEAL, "object_type": "access.episode"}, id="emergency-open"),
    pytest.param({"act": Act.CHANGE, "object_type": "access.episode"}, id="emergency-close"),
    pytest.param({"act": Act.DELETE, "object_type": "casefile.erasure", "why": "erase.end"}, id="erasure"),
    pytest.param({"act": Act.SYSTEM, "module": "sealing", "why": "keys.rotate"}, id="keys"),
]


def write(act: Act, **more: Any) -> None:
    """Commit one event of an act."""
    with audit.writing(NADIA, now=timezone.now()) as w:
        w.note(act, None, **more)


@pytest.mark.parametrize("what", NOT_WAITING)
def test_what_may_not_wait_reaches_the_witness_at_once(
    what: dict[str, Any], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(**what)
    assert [item.size for item in witness.kept(LOG)] == [head().size]
    assert verify.verify(LOG, witness.kept(LOG)).ok


def test_what_may_wait_is_left_to_the_job(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(Act.CHANGE)
    assert witness.kept(LOG) == []


def test_an_event_alone_is_signed_at_once_too(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        audit.record(NADIA, Act.SYSTEM, module="sealing", why="keys.rotate")
    assert [item.size for item in witness.kept(LOG)] == [1]


@pytest.mark.parametrize("fault", ["away", "empty"])
def test_the_act_is_done_even_while_the_witness_is_away(
    fault: str, settings, tmp_path: Path, django_capture_on_commit_callbacks, caplog
) -> None:
    fill(2)
    if fault == "away":
        settings.AUDIT_WITNESS_DIR = tmp_path / "file"
        settings.AUDIT_WITNESS_DIR.write_text("not a folder")
    else:
        checkpoints.take(LOG, timezone.now())
        settings.AUDIT_WITNESS_DIR = tmp_path / "another"
    with django_capture_on_commit_callbacks(execute=True):
        write(Act.GRANT)
    assert head().size == 3
    assert "audit.checkpoint_failed" in caplog.text
    assert command()[0] in (3, 4), "the job says it again, loudly"


def test_another_process_that_signs_meanwhile_is_no_fork(monkeypatch) -> None:
    """A head read before somebody else’s checkpoint would look shorter than it."""
    fill(2)
    last = checkpoints._last

    def slow(log: str) -> Any:
        found = last(log)
        fill(1)
        return found

    monkeypatch.setattr(checkpoints, "_last", slow)
    assert checkpoints.take(LOG, timezone.now()).size == 3


def test_a_witness_that_hangs_holds_an_answer_for_a_moment_only(
    monkeypatch, django_capture_on_commit_callbacks
) -> None:
    """A network folder may hang for ever: the act is answered, the next one does not even try, the job waits."""
    fill(1)
    let_go, looks = threading.Event(), []

    def hung(self: Path) -> bool:
        looks.append(self)
        return let_go.wait(30)

    monkeypatch.setattr(checkpoints, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(witness, "_hung_until", 0.0)
    with monkeypatch.context() as folder:
        folder.setattr(Path, "is_dir", hung)
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                write(Act.GRANT)
        let_go.set()
    assert len(looks) == 1
    assert head().size == 3
    assert command()[0] == 0
