"""The controls of the journal that we take away (T-03, T-22 to T-32, T-44)."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

JOURNAL: tuple[Sabotage, ...] = (
    Sabotage(
        name="write-without-its-events",
        control="a write whose events cannot be written persists nothing",
        file="casework/audit/actions.py",
        find="            append(work.entries())\n",
        replace="            work.entries()\n",
        tests=("tests/attack/test_t23_the_journal_cannot_write.py", "tests/attack/test_t26_writers_killed.py"),
    ),
    Sabotage(
        name="leaf-recomputed",
        control="an event edited by SQL is found",
        file="casework/audit/verify.py",
        find="    if leaf != told:\n",
        replace="    if False:\n",
        tests=("tests/attack/test_t24_tampering_with_the_journal.py",),
    ),
    Sabotage(
        name="consistency-before-signing",
        control="a journal that does not continue what was signed is never signed",
        file="casework/audit/checkpoints.py",
        find="    if frontier.size != size or frontier.root() != root:\n",
        replace="    if False:\n",
        tests=("tests/audit/test_checkpoints.py",),
    ),
    Sabotage(
        name="witness-never-rewritten",
        control="the witness never writes a file twice",
        file="casework/audit/witness.py",
        find="os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW",
        replace="os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW",
        tests=("tests/audit/test_checkpoints.py",),
    ),
    Sabotage(
        name="checkpoints-of-the-witness",
        control="a journal rebuilt from end to end contradicts the witness",
        file="tools/verify_journal.py",
        find="            if root != tree.root():\n",
        replace="            if False:\n",
        tests=("tests/audit/test_export.py",),
    ),
    Sabotage(
        name="purge-of-what-is-fresh",
        control="a row emptied before its term is found, whoever signed",
        file="casework/audit/verify.py",
        find="if item is None or not old), default=None)",
        replace="if item is None), default=None)",
        tests=("tests/attack/test_t27_purge_of_the_journal.py",),
    ),
    Sabotage(
        name="purge-signature",
        control="a forged purge event covers nothing",
        file="casework/audit/verify.py",
        find="if says and waited and statement.is_genuine() else None",
        replace="if says and waited else None",
        tests=("tests/attack/test_t27_purge_of_the_journal.py",),
    ),
    Sabotage(
        name="purge-by-two",
        control="nothing is emptied without the agreement of two persons",
        file="casework/audit/purge.py",
        find="        if row.asked_by != row.agreed_by and notes.genuine_bytes(message, bytes(row.signature)):\n",
        replace="        if message:\n",
        tests=("tests/attack/test_t27_purge_of_the_journal.py",),
    ),
    Sabotage(
        name="index-of-persons-emptied",
        control="the index of persons forgets what was emptied",
        file="casework/audit/purge.py",
        find="index._raw_delete(index.db)",
        replace="index.count()",
        tests=("tests/attack/test_t27_purge_of_the_journal.py",),
    ),
    Sabotage(
        name="events-of-a-failed-act",
        control="an act rolled back leaves no event",
        file="casework/audit/actions.py",
        find="        transaction.atomic(durable=True),\n        history",
        replace="        history",
        tests=("tests/attack/test_t28_rolled_back_acts.py", "tests/attack/test_t23_the_journal_cannot_write.py"),
    ),
    Sabotage(
        name="one-encoding",
        control="no text of an event plays another part of it",
        file="casework/audit/encoding.py",
        find='    return b"".join(struct.pack(">I", len(item)) + item for item in items)\n',
        replace='    return b"".join(items)\n',
        tests=("tests/attack/test_t29_strings_in_events.py", "tests/audit/test_encoding.py"),
    ),
    Sabotage(
        name="clock-of-the-server",
        control="the caller does not date an event",
        file="casework/audit/actions.py",
        find="            append(work.entries())\n",
        replace=(
            "            from casework.audit.append import pinned_clock\n"
            "            with pinned_clock(now):\n"
            "                append(work.entries())\n"
        ),
        tests=("tests/attack/test_t30_nobody_sets_an_event.py",),
    ),
    Sabotage(
        name="inclusion-proof",
        control="an event that is not in the signed journal is not proved",
        file="tools/verify_journal.py",
        find="    return last == 0 and found == root\n",
        replace="    return last == 0\n",
        tests=("tests/audit/test_export.py",),
    ),
    Sabotage(
        name="every-row-leaves-its-digest",
        control="a row written without a note leaves its digest all the same",
        file="casework/audit/actions.py",
        find="        connection.execute_wrapper(work.touched),\n",
        replace="",
        tests=("tests/attack/test_t32_any_column.py",),
    ),
    Sabotage(
        name="row-compared-with-its-event",
        control="a row changed or rolled back by SQL is named",
        file="casework/audit/verify.py",
        find="                    if found.get(pk) != digest and not _caught_up(model, pk, named[pk]):\n",
        replace="                    if False:\n",
        tests=("tests/attack/test_t32_any_column.py", "tests/attack/test_t03_older_sealed_value_put_back.py"),
    ),
    Sabotage(
        name="browsing-cap",
        control="whoever opens file after file is stopped",
        file="casework/audit/gate.py",
        find="            _refuse_browsing(actor, wanted, act, purpose, lately)\n",
        replace="",
        tests=("tests/attack/test_t44_mass_browsing.py",),
    ),
    Sabotage(
        name="journal-told-first",
        control="whoever reads the Journal is in it",
        file="casework/desk/journal/reads.py",
        find='        viewer, Act.WHO_READ, module="audit", object_type="journal", classes=["journal"],\n        subjects=[filters',
        replace='        None, Act.SYSTEM, module="audit", object_type="journal", classes=["journal"],\n        subjects=[filters',
        tests=("tests/desk/test_journal.py",),
    ),
)
