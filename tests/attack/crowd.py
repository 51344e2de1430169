"""Many browsers at the same instant, on real files or a real server.

SQLite tests live in the memory of one process, where nobody waits for anybody: there, `run` starts this
module again on database files of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = 20


def at_once(acts: list[Callable[[], str]]) -> list[str]:
    """Do every act in a thread of its own, all released together; return what each answered."""
    from django.db import connections

    gate, answers = threading.Barrier(len(acts)), [""] * len(acts)

    def browse(number: int) -> None:
        gate.wait()
        try:
            answers[number] = acts[number]()
        except Exception as error:  # noqa: BLE001 - what went wrong is the answer
            answers[number] = type(error).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=browse, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def edits() -> dict[str, Any]:
    """Twenty browsers send a form about one record, all opened on its first revision."""
    from casework import audit
    from casework.audit.models import AuditEvent
    from casework.casefile import revision
    from casework.errors import ConflictRefused
    from tests.casefile.support import NADIA, NOW, Parcel, State

    box = Parcel.objects.create(state=State.PACKED)

    def edit(number: int) -> str:
        try:
            with audit.writing(NADIA, now=NOW) as w:
                row = revision.lock(Parcel.objects.all(), box.pk, 1)
                revision.save(row, note=f"browser {number}")
                w.note(audit.Act.CHANGE, row)
        except ConflictRefused as refusal:
            return f"conflict {refusal.current_revision}"
        return f"browser {number}"

    answers = at_once([lambda n=number: edit(n) for number in range(BROWSERS)])  # type: ignore[misc]
    box.refresh_from_db()
    return {
        "answers": Counter(answer for answer in answers if not answer.startswith("browser")),
        "saved": [answer for answer in answers if answer.startswith("browser")],
        "stored": [box.note, box.revision],
        "events": AuditEvent.objects.filter(act="change").count(),
    }


def submits() -> dict[str, Any]:
    """One form sent twenty times at once."""
    from casework import audit
    from casework.audit.models import AuditEvent
    from casework.casefile import once
    from tests.casefile.support import NADIA, NOW, Parcel, State, post

    def pack() -> str:
        with audit.writing(NADIA, now=NOW) as w:
            box = Parcel.objects.create(state=State.PACKED)
            w.note(audit.Act.CREATE, box)
        return f"/colis/{box.pk}"

    def send() -> str:
        answer = once.run(post(once="12345678-1234-4234-8234-123456789abc"), pack)
        return f"{answer.status_code} {answer['Location']}"

    before = Parcel.objects.count()
    answers = at_once([send] * BROWSERS)
    return {
        "answers": sorted(set(answers)),
        "rows": Parcel.objects.count() - before,
        "events": AuditEvent.objects.filter(act="create").count(),
    }


def run(name: str) -> dict[str, Any]:
    """Run a scene on the database of the test, or on files of its own where that one is in memory."""
    from django.db import connection

    if connection.vendor != "sqlite":
        from tests.casefile.support import Parcel, make_table

        make_table()
        try:
            return dict(json.loads(json.dumps(_SCENES[name]())))
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {Parcel._meta.db_table}")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CASEWORK_VAR": folder, "CASEWORK_MODE": "test"}
        environment.pop("DATABASE_URL", None)
        environment.pop("KEYSTORE_URL", None)
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "tests.attack.crowd", name],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(name: str) -> None:
    """Make the tables in fresh files, play the scene, write what happened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.apps import apps
    from django.conf import settings

    django.setup()
    settings.MIGRATION_MODULES = dict.fromkeys(config.label for config in apps.get_app_configs())
    from django.core.management import call_command

    for alias in ("default", "keystore"):
        call_command("migrate", run_syncdb=True, database=alias, verbosity=0)
    from tests.casefile.support import make_table

    make_table()
    sys.stdout.write(json.dumps(_SCENES[name]()) + "\n")


_SCENES = {"edits": edits, "submits": submits}

if __name__ == "__main__":
    main(sys.argv[1])
