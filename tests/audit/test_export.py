"""An export that another hand can check, with a verifier that knows nothing of us."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.utils import timezone

from casework import audit
from casework.audit import checkpoints, export
from casework.audit.tree import leaf_hash, root_of
from tests.audit.bench import NADIA, TERRITORY, events, fill, rebuild, superuser
from tests.audit.verifier import check

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-04")]

LOG = str(TERRITORY)
Line = dict[str, Any]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An export of eleven events of one log."""
    fill(9)
    audit.record(NADIA, audit.Act.MISS, outcome="denied", object_type="followups:page", object_ids=["é"])
    audit.record(None, audit.Act.SYSTEM, territory_id=TERRITORY)
    call_command("audit_export", tmp_path / "out", "--log", LOG, stdout=StringIO())
    return tmp_path / "out" / f"{LOG}.jsonl"


def test_a_whole_export_is_intact_and_every_event_is_told(exported: Path) -> None:
    code, said = check(exported)
    assert code == 0
    assert "11 événements" in said
    assert "clé lue dans le fichier" in said


def test_the_export_is_an_event(exported: Path) -> None:
    (told,) = events("installation")
    assert (told.act, told.object_type) == ("export", "audit.log")


def test_against_the_witness(exported: Path, settings: Any) -> None:
    checkpoints.take_all(timezone.now())
    assert check(exported, "--witness", settings.AUDIT_WITNESS_DIR)[0] == 0
    assert "1 points de contrôle concordants" in check(exported, "--witness", settings.AUDIT_WITNESS_DIR)[1]


def change(path: Path, act: Callable[[list[Line]], object]) -> None:
    """Rewrite an export as a forger would."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    act(lines)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


TAMPERINGS: dict[str, Callable[[list[Line]], object]] = {
    "edit": lambda lines: lines[4].update(act="list"),
    "edit and leaf": lambda lines: lines[4].update(act="list", leaf="00" * 32),
    "actor": lambda lines: lines[4].update(actor_id=None),
    "time": lambda lines: lines[4].update(ts=lines[4]["ts"] + 1),
    "subjects": lambda lines: lines[4].update(subject_refs="00" * 16),
    "delete": lambda lines: lines.pop(5),
    "delete the last": lambda lines: lines.pop(11),
    "swap": lambda lines: lines.insert(3, lines.pop(4)),
    "twice": lambda lines: lines.insert(4, dict(lines[4])),
    "no checkpoint": lambda lines: lines.pop(),
    "smaller size": lambda lines: lines[-1].update(checkpoint=lines[-1]["checkpoint"].replace("\n11\n", "\n10\n")),
    "other date": lambda lines: lines[-1].update(checkpoint=lines[-1]["checkpoint"].replace("date 2", "date 3")),
    "emptied": lambda lines: [lines[2].pop(name) for name in ("salt", "ts", "act")],
    "emptied under a name": lambda lines: [lines[2].pop("salt"), lines[2].update(purged_by=9)],
    "another log": lambda lines: lines[0].update(log="22222222-2222-4222-8222-222222222222"),
}


@pytest.mark.attack("T-24")
@pytest.mark.parametrize("act", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_changed_export_is_altered(exported: Path, act: Callable[[list[Line]], object]) -> None:
    change(exported, act)
    assert check(exported)[0] == 2


def test_nonsense_cannot_run(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    assert check(tmp_path / "x")[0] == 4
    assert check(tmp_path / "absent")[0] == 4


@pytest.mark.attack("T-25")
def test_a_log_rebuilt_and_signed_with_the_stolen_key_is_betrayed_by_the_witness(tmp_path: Path, settings: Any) -> None:
    fill(6)
    checkpoints.take_all(timezone.now())
    fill(3)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 2")
    rebuild(LOG, 0, head=True)
    out = tmp_path / "forged.jsonl"
    out.write_text("".join(f"{line}\n" for line in export.lines(LOG, timezone.now())))  # signed by the real key
    assert check(out)[0] == 0  # alone, nothing can tell
    code, said = check(out, "--witness", settings.AUDIT_WITNESS_DIR)
    assert code == 2
    assert "taille 6" in said


@pytest.mark.attack("T-25")
def test_an_old_paper_is_enough(tmp_path: Path) -> None:
    fill(4)
    paper = checkpoints.paper_of(LOG, "group_sessions.minutes", "one", timezone.now())
    assert paper is not None
    (tmp_path / "paper.txt").write_text(paper.code)
    fill(3)
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 2")
    out = tmp_path / "out.jsonl"
    before = tmp_path / "before.jsonl"
    rebuild(LOG, 0, head=True)
    out.write_text("".join(f"{line}\n" for line in export.lines(LOG, timezone.now())))
    assert check(out, "--checkpoint", tmp_path / "paper.txt")[0] == 2
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = '' WHERE idx = 2")
    rebuild(LOG, 0, head=True)
    before.write_text("".join(f"{line}\n" for line in export.lines(LOG, timezone.now())))
    assert check(before, "--checkpoint", tmp_path / "paper.txt")[0] == 0


@pytest.mark.attack("T-25")
def test_another_key_is_not_the_key_of_the_witness(exported: Path, settings: Any) -> None:
    checkpoints.take_all(timezone.now())
    other = Ed25519PrivateKey.generate()
    public = b"\x01" + other.public_key().public_bytes_raw()
    stamp = hashlib.sha256(b"casework.audit\n" + public).digest()[:4]

    def forge(lines: list[Line]) -> None:
        lines[0]["key"] = f"casework.audit+{stamp.hex()}+{base64.b64encode(public).decode()}"
        text = lines[-1]["checkpoint"].split("\n\n")[0] + "\n"
        blob = base64.b64encode(stamp + other.sign(text.encode())).decode()
        lines[-1]["checkpoint"] = f"{text}\n— casework.audit {blob}\n"

    change(exported, forge)
    assert check(exported)[0] == 0
    assert check(exported, "--witness", settings.AUDIT_WITNESS_DIR)[0] == 2


@pytest.mark.attack("T-31")
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 11, 16, 21])
def test_proofs_of_every_event_for_many_sizes(size: int, tmp_path: Path) -> None:
    fill(size)
    checkpoint = checkpoints.take(LOG, timezone.now())
    assert checkpoint is not None
    rows = events()
    path = tmp_path / "proof.json"
    path.write_text(export.proof(rows, checkpoint))
    assert check(path)[0] == 0
    whole = json.loads(path.read_text())
    assert len(whole["events"]) == size
    for act in (
        lambda p: p["events"][size // 2].update(act="list"),
        lambda p: p["events"][size // 2].update(idx=size // 2 + 1),
        lambda p: p["events"][0].update(path=[*p["events"][0]["path"], "00" * 32]),
        lambda p: p["events"][0].update(path=["00" * 32] * len(p["events"][0]["path"]) or ["00" * 32]),
    ):
        forged = json.loads(path.read_text())
        act(forged)
        (tmp_path / "forged.json").write_text(json.dumps(forged))
        assert check(tmp_path / "forged.json")[0] == 2


def test_the_tree_of_the_proofs_is_the_tree_of_the_log() -> None:
    from casework.audit.proofs import Tree

    for size in range(40):
        leaves = [leaf_hash(bytes([n])) for n in range(size)]
        assert Tree(leaves).root() == root_of(leaves)
