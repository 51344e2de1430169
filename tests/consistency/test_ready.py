"""A base is taken from before only when it is the base of this very code (tests/ready.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ready


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(ready.FOLDER, raising=False)
    for name in ("casework/partners/migrations/0001_first.py", "casework/audit/triggers.py", "config/settings.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1\n")
    return tmp_path


def test_the_same_code_finds_the_same_base(tree: Path) -> None:
    assert ready.folder(tree) == ready.folder(tree)


@pytest.mark.parametrize(
    "name", ["casework/partners/migrations/0001_first.py", "casework/audit/triggers.py", "config/settings.py"]
)
def test_one_changed_character_makes_another_base(tree: Path, name: str) -> None:
    before = ready.folder(tree)
    (tree / name).write_text("a = 2\n")
    assert ready.folder(tree) != before


def test_a_new_migration_makes_another_base(tree: Path) -> None:
    before = ready.folder(tree)
    (tree / "casework/partners/migrations/0002_second.py").write_text("")
    assert ready.folder(tree) != before


def test_the_drill_names_its_own(tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ready.FOLDER, str(tmp_path / "drill"))
    assert ready.folder(tree) == tmp_path / "drill"
