"""What the browser receives is ours, vendored and whole; nothing is stored there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "casework/desk/static"
VENDOR = STATIC / "vendor"
SUMS = re.findall(r"^([0-9a-f]{64})  (\S+)$", (VENDOR / "README.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("digest", "name"), SUMS, ids=[name for _, name in SUMS])
def test_a_vendored_file_is_the_one_recorded(digest, name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_every_vendored_file_is_recorded():
    files = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.suffix in (".css", ".js", ".woff2")}
    assert files == {name for _, name in SUMS}
    assert {path.parent.name for path in VENDOR.rglob("LICENSE")} == {"bootstrap-5.3.9", "atkinson-hyperlegible"}


def test_no_dangling_source_map():
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        assert "sourceMappingURL" not in path.read_text(), path


def test_our_sheet_asks_nothing_from_elsewhere():
    sheet = (STATIC / "casework/casework.css").read_text()
    for url in re.findall(r"url\(\"([^\"]+)\"\)", sheet):
        assert url.startswith(("data:", "../vendor/")), url
        if not url.startswith("data:"):
            assert (STATIC / "casework" / url).resolve().is_file(), url
    assert "@import" not in sheet


@pytest.mark.attack("T-52")
def test_our_script_writes_nothing_to_the_browser():
    script = (STATIC / "casework/casework.js").read_text()
    for word in ("localStorage", "setItem", "indexedDB", "document.cookie", "caches", "eval(", "innerHTML",
                 "http://", "https://"):  # fmt: skip
        assert word not in script, word
