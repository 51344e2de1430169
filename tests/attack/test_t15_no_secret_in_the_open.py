"""T-15: no key, seed or password in the code, the migrations, the arguments of a process, a list of settings, a page."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.attack("T-15")
ROOT = Path(__file__).resolve().parents[2]
CODE = [path for folder in ("casework", "config", "scripts") for path in (ROOT / folder).rglob("*.py")]
SECRETS = {
    "SECRET_KEY": "canari-secret-key-of-fifty-signs-at-least-0123456789",
    "KEK_ENV_SEED": "canari-seed",
    "DATABASE_URL": "sqlite:////tmp/canari-db.sqlite3",
    "KEYSTORE_URL": "sqlite:////tmp/canari-keys.sqlite3",
    "EMAIL_HOST_PASSWORD": "canari-mail",
}


def test_no_key_material_in_the_code_nor_in_a_migration():
    found = []
    for path in CODE:
        text = path.read_text()
        if re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{30}", text):
            found.append(str(path))
        for node in ast.walk(ast.parse(text)):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, bytes) and len(value) >= 16 and not value.isascii():
                found.append(f"{path}:{node.lineno}")
            if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}|[A-Za-z0-9+/]{43}=", value):
                found.append(f"{path}:{node.lineno}")
    assert not found


def test_no_key_file_is_in_the_tree():
    names = [path.name for path in ROOT.rglob("*") if path.suffix in (".key", ".pem", ".p12", ".sqlite3", ".env")
             and ".venv" not in path.parts and "var" not in path.relative_to(ROOT).parts]  # fmt: skip
    assert not names


@pytest.mark.parametrize(
    "arguments", [["diffsettings"], ["diffsettings", "--all"], ["diffsettings", "--output", "unified"]]
)
def test_the_list_of_settings_shows_names_not_secrets(arguments, tmp_path):
    run = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | SECRETS | {"CASEWORK_MODE": "test", "CASEWORK_VAR": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "SECRET_KEY" in run.stdout
    assert "canari" not in run.stdout + run.stderr


def test_no_command_takes_a_secret_as_an_argument():
    """What is typed after a command is in the list of processes and in the history of the shell."""
    found = []
    for path in CODE:
        if "commands" in path.parts:
            found += re.findall(r'add_argument\(\s*"(--[\w-]*(?:password|secret|token|kek)[\w-]*)"', path.read_text())
    assert not found


def test_a_fault_of_the_keys_says_nothing_of_them(settings, tmp_path):
    from casework.errors import KeystoreUnavailable
    from casework.sealing.providers import FileProvider

    made = FileProvider(tmp_path / "kek")
    made.new_epoch()
    secret = (tmp_path / "kek" / "epoch-0001.key").read_bytes()
    (tmp_path / "kek").chmod(0o755)
    with pytest.raises(KeystoreUnavailable) as caught:
        made.wrap(1, bytes(32), b"")
    assert secret.hex() not in repr(caught.value)
    assert str(tmp_path) not in str(caught.value)
