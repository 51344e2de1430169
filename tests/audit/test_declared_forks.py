"""R-02: a restore lowers a log under the eyes of its witness, by two, or is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from casework import audit
from casework.audit import checkpoints, export, forks, notes, restored, witness
from casework.audit.append import append, entry
from casework.audit.models import AuditCheckpoint, AuditEvent
from tests.audit.bench import TERRITORY, events, fill, head, rebuild, superuser
from tests.audit.verifier import check

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("R-02", "T-25")]

LOG = str(TERRITORY)
TWO = ("a1" * 8, "b2" * 8)


def back_to(size: int) -> None:
    """Put the log back to what an older copy of the base held."""
    with superuser() as cursor:
        cursor.execute(
            "DELETE FROM audit_auditsubject WHERE event_id IN (SELECT id FROM audit_auditevent WHERE idx >= %s)", [size]
        )
        cursor.execute("DELETE FROM audit_auditevent WHERE idx >= %s", [size])
        cursor.execute("DELETE FROM audit_auditcheckpoint WHERE size > %s", [size])
    rebuild(LOG, size, head=True)


def sign() -> None:
    checkpoints.take_all(timezone.now())


@pytest.fixture
def lost() -> None:
    """A log of twelve witnessed events, put back to the eight of the last copy."""
    fill(5)
    sign()
    fill(3)
    sign()
    fill(4)
    sign()
    back_to(8)


def verified() -> tuple[int, str]:
    """Run `audit_verify`; return its exit code and what it says."""
    out = StringIO()
    try:
        call_command("audit_verify", stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def exported(tmp_path: Path, settings: Any) -> tuple[int, str]:
    """Export the log and check it with the stand-alone verifier, beside the witness."""
    out = tmp_path / "out.jsonl"
    out.write_text("".join(f"{line}\n" for line in export.lines(LOG, timezone.now())))
    return check(out, "--witness", settings.AUDIT_WITNESS_DIR)


def test_a_restore_that_nobody_declared_is_never_signed_and_is_found(lost: None, tmp_path: Path, settings: Any) -> None:
    assert restored.tell(LOG, by=None) is None
    told = events()[-1]
    assert (told.act, told.n, bytes(told.state_digest)) == ("restore", 8, bytes(events()[7].root))
    for more in (0, 1, 9):
        fill(more)
        with pytest.raises(checkpoints.Fork):
            sign()
        assert verified()[0] == 2
        assert exported(tmp_path, settings)[0] == 2


def test_a_declared_one_goes_on_and_is_said(lost: None, tmp_path: Path, settings: Any) -> None:
    fork = restored.tell(LOG, by=TWO)
    assert fork is not None
    assert (fork.old_size, fork.size, fork.by) == (12, 8, TWO)
    assert fork.root == bytes(events()[7].root)
    for more in (0, 1, 9):  # shorter than what was seen, as long, longer
        fill(more)
        sign()
        last = witness.last(LOG)
        assert last is not None
        assert (last.size, last.root) == (head().size, bytes(head().root))
        code, said = verified()
        assert code == 0, said
        assert "reprise après 8 événements au lieu de 12" in said
        assert TWO[0] in said
        code, said = exported(tmp_path, settings)
        assert code == 0, said
        assert "reprend après 8 événements au lieu de 12" in said
    assert [item.size for item in witness.kept(LOG)] == [5, 8, 9, 10, 12, 19], "what was given up stays at the witness"


def test_a_fork_excuses_nothing_but_what_it_gave_up(lost: None, tmp_path: Path, settings: Any) -> None:
    """What came before the fork, and what the witness saw after it, still may not change."""
    restored.tell(LOG, by=TWO)
    fill(6)
    sign()
    fill(1)
    for idx in (2, 10):
        why = events()[idx].why
        with superuser() as cursor:
            cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = %s", [idx])
        rebuild(LOG, 0, head=True)
        assert verified()[0] == 2, idx
        assert exported(tmp_path, settings)[0] == 2, idx
        with superuser() as cursor:
            cursor.execute("UPDATE audit_auditevent SET why = %s WHERE idx = %s", [why, idx])
        rebuild(LOG, 0, head=True)
    assert verified()[0] == 0


def test_the_witness_takes_note_of_nothing_else(lost: None) -> None:
    now = timezone.now().replace(microsecond=0)
    root = bytes(head().root)
    seen = witness.highest(LOG)
    assert seen is not None
    good = forks.Declaration(LOG, seen.size, seen.root, 8, root, TWO, now).signed()
    for bad in (
        replace(good, signature=notes.signature_of("something else")),
        replace(good, by=("c3" * 8, TWO[1])),  # changed after it was signed
        replace(good, by=(TWO[0], TWO[0])).signed(),
        replace(good, old_size=11).signed(),
        replace(good, old_root=b"\7" * 32).signed(),
        replace(good, size=12).signed(),
        replace(good, log="22222222-2222-4222-8222-222222222222").signed(),
    ):
        with pytest.raises(witness.WitnessRefuses):
            witness.declare(bad)
    assert witness.declarations(LOG) == []
    witness.declare(good)
    assert witness.declarations(LOG) == [good]


def test_declared_to_the_witness_but_not_told_by_the_log(lost: None) -> None:
    seen = witness.highest(LOG)
    assert seen is not None
    fork = forks.Declaration(LOG, seen.size, seen.root, 8, bytes(head().root), TWO, timezone.now()).signed()
    witness.declare(fork)
    fill(2)
    with pytest.raises(checkpoints.Fork, match="undeclared"):
        sign()
    assert verified()[0] == 2


def test_told_by_the_log_but_not_declared_to_the_witness(lost: None, tmp_path: Path, settings: Any) -> None:
    """Whoever holds the base and the stolen key still has to write to the witness."""
    seen = witness.highest(LOG)
    assert seen is not None
    fork = forks.Declaration(LOG, seen.size, seen.root, 8, bytes(head().root), TWO, timezone.now()).signed()
    item = entry(audit.system_actor(TERRITORY), audit.Act.RESTORE, territory_id=TERRITORY)
    append([replace(item, state_digest=fork.note().encode())])
    with pytest.raises(checkpoints.Fork):
        sign()
    assert verified()[0] == 2
    assert exported(tmp_path, settings)[0] == 2


def test_the_same_copy_restored_again_and_an_older_one_after_it(lost: None, tmp_path: Path, settings: Any) -> None:
    restored.tell(LOG, by=TWO)
    fill(9)
    sign()
    for size in (8, 3):
        back_to(size)
        fork = restored.tell(LOG, by=TWO)
        assert fork is not None
        assert (fork.old_size, fork.size) == (18, size)
        fill(1)
        sign()
        assert verified()[0] == 0
        assert exported(tmp_path, settings)[0] == 0
    assert len(witness.declarations(LOG)) == 3


def test_a_paper_printed_before_the_fork_is_of_what_was_given_up(lost: None, tmp_path: Path, settings: Any) -> None:
    old = witness.highest(LOG)
    assert old is not None
    (tmp_path / "paper.txt").write_text(old.paper())
    restored.tell(LOG, by=TWO)
    fill(9)
    sign()
    out = tmp_path / "out.jsonl"
    out.write_text("".join(f"{line}\n" for line in export.lines(LOG, timezone.now())))
    (fork,) = Path(settings.AUDIT_WITNESS_DIR, LOG).glob("*.fork")
    assert check(out, "--checkpoint", tmp_path / "paper.txt")[0] == 2
    code, said = check(out, "--checkpoint", tmp_path / "paper.txt", "--checkpoint", fork)
    assert "Restauration déclarée" in said
    assert code == 3, "it agrees with nothing that was given, and says so"


def test_a_proof_of_before_and_one_of_after_both_stand(lost: None, tmp_path: Path, settings: Any) -> None:
    restored.tell(LOG, by=TWO)
    fill(3)
    with audit.pinned_clock(timezone.now() + timedelta(minutes=1)):
        checkpoints.take(LOG, timezone.now() + timedelta(minutes=1))  # twelve again, another root
    last = witness.last(LOG)
    assert last is not None
    assert last.size == 12
    proof = tmp_path / "proof.json"
    proof.write_text(export.proof(list(AuditEvent.objects.filter(log=LOG, idx=2)), last))
    assert check(proof, "--witness", settings.AUDIT_WITNESS_DIR)[0] == 0
    (fork,) = Path(settings.AUDIT_WITNESS_DIR, LOG).glob("*.fork")
    fork.rename(tmp_path / "away.fork")
    assert check(proof, "--witness", settings.AUDIT_WITNESS_DIR)[0] == 2


def test_a_log_that_the_copy_does_not_know_begins_again(tmp_path: Path, settings: Any) -> None:
    fill(4)
    sign()
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_auditsubject")
        cursor.execute("DELETE FROM audit_auditevent")
        cursor.execute("DELETE FROM audit_audithead")
        cursor.execute("DELETE FROM audit_auditcheckpoint")
    assert restored.tell(LOG, by=TWO) is not None
    sign()
    assert verified()[0] == 0
    assert exported(tmp_path, settings)[0] == 0
    assert AuditCheckpoint.objects.filter(log=LOG, size=1).exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("fork/1", "fork/2"),
        lambda text: text.replace("\nold ", "\nold  "),
        lambda text: text + "\n",
        lambda text: text.replace("\nby ", "\nby x "),
        lambda text: text.split("\n\n")[0],
        lambda text: text.replace("old 12", "old 012"),
    ],
)
def test_a_declaration_reads_one_way_only(change: Any) -> None:
    good = forks.Declaration(LOG, 12, b"\1" * 32, 8, b"\2" * 32, TWO, timezone.now().replace(microsecond=0)).signed()
    assert forks.parse(good.note()) == good
    with pytest.raises(notes.BadCheckpoint):
        forks.parse(change(good.note()))


@pytest.mark.rule("LOG-02")
def test_what_a_restore_declared_stays_at_its_term(lost: None) -> None:
    from casework.audit import purge

    long_ago = timezone.now() - timedelta(days=800)
    with audit.pinned_clock(long_ago):
        restored.tell(LOG, by=None)
        fill(1)
    assert not purge._expired(LOG, 10, timezone.now()).filter(act="restore").exists()
