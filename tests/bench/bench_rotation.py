"""New keys for everybody, against a rewrite of the same tables by the database alone.

Size 1 is 20 000 people with two keys and four sealed values each. The database alone gives every row new random bytes
in one statement and commits. Memory is the peak of a process that does nothing else; it must not grow with the number
of people (`--size 50` is a million of them).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, connections, transaction
from django.utils import timezone

from tests.bench.measure import Budget, Result

PEOPLE = 20_000
ROUNDS = 3
NAMES = ("surname", "first_name", "note", "open_null")


def run(size: float) -> Iterator[Result]:
    """Yield rotation, re-encryption and memory."""
    from casework.sealing import reseal, rotation
    from tests.sealing.world import Person

    people = max(200, int(PEOPLE * size))
    build(people)
    yield _against("master key: every wrapped key", rotation.rotate, _rewrite_keys, 3)
    yield _against(
        "re-encryption: every value",
        lambda: reseal.run(reseal.Wanted(afresh=True), models=[Person]),
        lambda: _rewrite(Person._meta.db_table, "default", dict.fromkeys(NAMES, "length({0})")),
        6,
    )
    peak = _memory(people)
    yield Result("peak memory of both, alone (MB)", peak, None, peak, 0, None, Budget(milliseconds=130))


def build(people: int) -> None:
    """Write people with sealed values, past the ORM, a page at a time."""
    from casework.sealing import format as fmt
    from casework.sealing import keyring, keys
    from casework.sealing.models import KekEpoch, SubjectKey
    from tests.sealing.world import MODELS, Person

    existing = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in MODELS:
            if model._meta.db_table not in existing:
                editor.create_model(model)
    keys.initialise()
    epoch = KekEpoch.objects.get(state="live").number
    fields = [Person._meta.get_field(name) for name in NAMES]
    columns = ("id", "subject_id", "state", *NAMES, "birth", "facts", "flat")
    held = ("subject_id", "drawer", "kid", "kek_epoch", "wrapped", "state", "created_at")
    now = timezone.now()
    for start in range(0, people, 1000):
        rows, wrapped = [], []
        for _ in range(min(1000, people - start)):
            subject = uuid4()
            stored = subject if connection.features.has_native_uuid_field else subject.hex
            deks = {drawer: os.urandom(32) for drawer in ("identity", "content")}
            for drawer, dek in deks.items():
                kid = fmt.key_id(dek)
                wrapped.append(
                    (stored, drawer, kid, epoch, keyring.wrap(subject, drawer, dek, kid, epoch), "live", now)
                )  # fmt: skip
            values = []
            for field in fields:
                dek = deks[field.drawer]
                cipher = fmt.field_cipher(dek, field.label_bytes)
                values.append(field.seal(cipher, fmt.key_id(dek), subject, subject, b"Belkacem-Lefebvre"))
            rows.append((stored, stored, "new", *values, b"", b"", b""))
        _insert("keystore", SubjectKey._meta.db_table, held, wrapped)
        _insert("default", Person._meta.db_table, columns, rows)
    keys.forget()


def _insert(alias: str, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)


def _against(name: str, ours: Callable[[], object], plain: Callable[[], float], budget: float) -> Result:
    """Time both in turn. `plain` times itself: what it spoils is put back before ours goes on."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        started = _clock()
        ours()
        mine.append((_clock() - started) * 1000)
        theirs.append(plain())
    spent = statistics.median(mine)
    return Result(name, spent, statistics.median(theirs), spent, 0, None, Budget(ratio=budget))


def _clock() -> float:
    """Processor time where the database works in our process, else the time on the wall."""
    return time.process_time() if connection.vendor == "sqlite" else time.perf_counter()


def _rewrite_keys() -> float:
    table = "sealing_subjectkey"
    with connections["keystore"].cursor() as cursor:
        cursor.execute(f"SELECT max(kek_epoch), min(number) FROM {table}, sealing_kekepoch")
        live, other = cursor.fetchone()
    elsewhere = str(other if other != live else live)
    return _rewrite(table, "keystore", {"wrapped": "60"}, f", kek_epoch = {elsewhere}")


def _rewrite(table: str, alias: str, sizes: dict[str, str], more: str = "") -> float:
    """Return the milliseconds that one UPDATE of every row takes, commit included; then put the rows back."""
    database = connections[alias]
    fresh = "randomblob({0})"
    if database.vendor == "postgresql":
        fresh = "substr(decode(repeat(md5(random()::text), 20), 'hex'), 1, ({0})::int)"
    put = ", ".join(f"{name} = {fresh.format(size.format(name))}" for name, size in sizes.items()) + more
    kept = ", ".join(("id", *sizes, *(["kek_epoch"] if more else [])))
    with database.cursor() as cursor:
        cursor.execute(f'CREATE TEMPORARY TABLE bench_kept AS SELECT {kept} FROM "{table}"')
        started = _clock()
        with transaction.atomic(using=alias):
            cursor.execute(f'UPDATE "{table}" SET {put}')
        spent = (_clock() - started) * 1000
        back = ", ".join(f"{name} = k.{name}" for name in kept.split(", ")[1:])
        cursor.execute(f'UPDATE "{table}" SET {back} FROM bench_kept k WHERE k.id = "{table}".id')
        cursor.execute("DROP TABLE bench_kept")
    return spent


# Memory, in a process of its own with files of its own


def _memory(people: int) -> float:
    """Return the peak of a process that rotates and re-encrypts, in megabytes."""
    with tempfile.TemporaryDirectory(prefix="casework-bench-") as folder:
        environment = os.environ | {"CASEWORK_MODE": "test", "CASEWORK_VAR": folder}
        for name in ("DATABASE_URL", "KEYSTORE_URL"):
            environment.pop(name, None)
        base = [sys.executable, "-m", "tests.bench.bench_rotation"]
        subprocess.run(  # noqa: S603
            [*base, "build", str(people)], env=environment, check=True
        )
        done = subprocess.run(  # noqa: S603
            [*base, "rotate"], env=environment, check=True, capture_output=True, text=True
        )
    return float(done.stdout)


def main() -> None:
    """Build, or rotate and print the peak in megabytes."""
    import django

    django.setup()
    from django.core.management import call_command

    from casework.sealing import reseal, rotation
    from tests.sealing.world import Person

    if sys.argv[1] == "build":
        call_command("migrate", "sealing", database="keystore", verbosity=0)
        build(int(sys.argv[2]))
        return
    rotation.rotate(destroy=True)
    reseal.run(reseal.Wanted(afresh=True), models=[Person])
    print(_peak())


def _peak() -> float:
    """Return the most memory that this program held, in megabytes.

    Not `ru_maxrss`: it counts what the process that launched us held before the program was replaced.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
