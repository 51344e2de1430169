"""Controls of copies, of trouble around the server, and of sealed columns."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_R01 = "tests/reliability/test_r01_backup_and_restore.py"

_STOP = "tests/reliability/test_r05_r11_read_only.py"

PROOF: tuple[Sabotage, ...] = (
    Sabotage(
        name="read-only-at-the-door",
        control="no write passes while the installation only reads",
        file="casework/audit/actions.py",
        find="    if not even_stopped:\n        standing.require()\n",
        replace="",
        tests=(
            f"{_STOP}::test_an_hour_without_its_witness_stops_writes_and_nothing_else",
            f"{_STOP}::test_writes_stop_before_any_volume_is_full_and_come_back",
        ),
    ),
    Sabotage(
        name="read-only-without-witness",
        control="an hour without the witness stops writes",
        file="casework/audit/standing.py",
        find="_room() or _witness()",
        replace="_room()",
        tests=(f"{_STOP}::test_an_hour_without_its_witness_stops_writes_and_nothing_else",),
    ),
    Sabotage(
        name="read-only-every-volume",
        control="each watched volume stops writes before it is full",
        file="casework/audit/standing.py",
        find="    return Stop(Reason.ROOM) if any(",
        replace="    return Stop(Reason.ROOM) if all(",
        tests=(f"{_STOP}::test_writes_stop_before_any_volume_is_full_and_come_back",),
    ),
    Sabotage(
        name="read-only-loses-nothing",
        control="what was typed is on the page of the refusal",
        file="casework/access/refusals.py",
        find='        kept = [] if "password" in request.POST else carried(request)',
        replace="        kept: list[tuple[str, str]] = []",
        tests=(f"{_STOP}::test_the_page_of_a_refusal_keeps_what_was_typed_and_sends_it_again",),
    ),
    Sabotage(
        name="copy-signature",
        control="a copy that this installation did not sign is refused",
        file="casework/desk/backup/manifest.py",
        find="    if not notes.genuine_bytes(_CONTEXT + body, signature):\n",
        replace="    if False:\n",
        tests=(f"{_R01}::test_a_copy_made_by_somebody_else_is_refused",),
    ),
    Sabotage(
        name="copy-schema",
        control="a copy of an older schema is refused before a row is written",
        file="casework/desk/backup/restore.py",
        find="    if ours - set(says.migrations):\n",
        replace="    if False:\n",
        tests=(f"{_R01}::test_another_schema_engine_or_age_is_refused",),
    ),
    Sabotage(
        name="copy-one-recipient",
        control="data and keys never go to one person",
        file="casework/desk/backup/make.py",
        find="    if box.fingerprint(found[Kind.DATA]) == box.fingerprint(found[Kind.KEYSTORE]):\n",
        replace="    if False:\n",
        tests=(f"{_R01}::test_one_person_or_one_folder_never_holds_both",),
    ),
    Sabotage(
        name="copy-last-chunk",
        control="a copy cut between two chunks is refused",
        file="casework/sealing/box.py",
        find='    return rank.to_bytes(11, "big") + bytes([last])\n',
        replace='    return rank.to_bytes(11, "big") + bytes([0])\n',
        tests=("tests/sealing/test_box.py::test_what_is_not_whole_does_not_open",),
    ),
    Sabotage(
        name="copy-kind",
        control="keys given in the place of data are refused",
        file="casework/sealing/box.py",
        find="    if kind_of(source) is not kind:\n",
        replace="    if kind_of(source) is None:\n",
        tests=("tests/sealing/test_box.py::test_another_key_or_another_kind",),
    ),
    Sabotage(
        name="database-away",
        control="a database that cannot serve is answered by a clean 503",
        file="casework/desk/views.py",
        find="    if isinstance(sys.exception(), UNAVAILABLE):\n",
        replace="    if False:\n",
        tests=(
            "tests/reliability/test_r04_r11_database_away.py::test_a_database_that_restarts_in_a_loop",
            "tests/reliability/test_r04_r11_database_away.py"
            "::test_no_room_to_write_means_nothing_read_and_nothing_written",
        ),
    ),
    Sabotage(
        name="witness-late",
        control="a journal that its witness has not seen for an hour is said late",
        file="casework/audit/checkpoints.py",
        find="    return since is not None and since < now - LATE\n",
        replace="    return False\n",
        tests=("tests/reliability/test_r05_neighbours_down.py",),
    ),
    Sabotage(
        name="lock-timeout",
        control="nobody waits for ever behind a lock",
        file="config/settings.py",
        find="LOCK_MS, IDLE_MS = 3_000, 30_000\n",
        replace="LOCK_MS, IDLE_MS = 0, 0\n",
        tests=("tests/reliability/test_r09_locks.py",),
    ),
    Sabotage(
        name="durable-sqlite",
        control="an event is on disk before the first byte",
        file="config/settings.py",
        find="PRAGMA synchronous=FULL;",
        replace="PRAGMA synchronous=NORMAL;",
        tests=("tests/reliability/test_r09_locks.py",),
    ),
    Sabotage(
        name="one-daily",
        control="two schedulers do not run one day twice",
        file="casework/casefile/daily.py",
        find="    with locks.alone(JOB):\n",
        replace="    if JOB:\n",
        tests=("tests/attack/test_r14_jobs_once.py",),
    ),
    Sabotage(
        name="sealed-lookups",
        control="nothing is looked up on a sealed column",
        file="casework/sealing/fields.py",
        find='        if lookup_name != "isnull":\n',
        replace="        if False:\n",
        tests=("tests/attack/test_t07_queries_on_sealed_fields.py",),
    ),
    Sabotage(
        name="sealed-bytes-as-text",
        control="sealed bytes are never taken for a text",
        file="casework/sealing/fields.py",
        find='        self.wrong_type("a str")\n',
        replace="        return value\n",
        tests=("tests/attack/test_t08_pasted_ciphertext.py",),
    ),
    Sabotage(
        name="fresh-nonce",
        control="two equal texts are never the same bytes",
        file="casework/sealing/format.py",
        find="    header = PREFIX + kid + (nonce or os.urandom(12))\n",
        replace="    header = PREFIX + kid + (nonce or bytes(12))\n",
        tests=("tests/attack/test_t16_twins.py", "tests/attack/test_t05_lengths_and_repeats.py"),
    ),
    Sabotage(
        name="document-date",
        control="the metadata of a document hold the date of the act, not of the printing",
        file="casework/casefile/typst/house.typ",
        find="date: act-date())",
        replace="date: auto)",
        tests=("tests/casefile/test_tools_documents.py::test_metadata_are_fixed_and_accessible",),
    ),
    Sabotage(
        name="secret-as-an-argument",
        control="no secret is typed after a command",
        file="casework/sealing/management/commands/keys_init.py",
        find="class Command(BaseCommand):\n",
        replace='class Command(BaseCommand):\n    def add_arguments(self, parser):\n        parser.add_argument("--secret")\n\n',
        tests=("tests/attack/test_t15_no_secret_in_the_open.py::test_no_command_takes_a_secret_as_an_argument",),
    ),
)
