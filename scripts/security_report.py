"""`make security-report`: what the software promises, what holds it, and how the tests went, in French.

    python -m scripts.security_report [--results FILE] [--out FOLDER]

Runs the tests that the promises name (or reads the XML of an earlier run), then writes one HTML page and one PDF.
Fails when a promise or a requirement names a test or a file that does not exist, or when a test that it names failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scripts.rules import ROOT, proven, read_register

DATA = ROOT / "docs" / "security"
PASSED, FAILED, SKIPPED = "réussi", "échec", "sauté"
NOT_RUN, BY_HOST, BY_READING = "non lancé", "exploitant", "à lire"
_ORDER = (FAILED, NOT_RUN, SKIPPED, PASSED)


@dataclass(frozen=True)
class Line:
    """One promise or requirement, ready to print."""

    text: str
    control: str
    tests: str
    result: str


@dataclass(frozen=True)
class Results:
    """How each id went, and when."""

    by_id: Mapping[str, Counter[str]]
    at: str

    def of(self, name: str) -> str:
        """Return the worst result of the tests of an id; a skipped one beside passed ones is another engine's."""
        seen = self.by_id.get(name, Counter())
        if seen[FAILED]:
            return FAILED
        return PASSED if seen[PASSED] else SKIPPED if seen[SKIPPED] else NOT_RUN


def read(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return one of the checked-in lists."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def problems(promises: Sequence[Mapping[str, Any]], asvs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the lists name and nobody finds: ids without a test, files that are not there, lines without proof."""
    register, tests = read_register(), proven()
    found = []
    for item in (*promises, *asvs):
        name = item.get("id") or item["text"]
        for one in item.get("tests", []):
            if one not in register or one not in tests:
                found.append(f"{name}: no test {one}")
        for path in (*item.get("files", []), *item.get("where", [])):
            if not (ROOT / path).exists():
                found.append(f"{name}: no file {path}")
        if not (item.get("tests") or item.get("files") or item.get("by") == "host"):
            found.append(f"{name}: nothing proves it")
    found += [f"{item['text']}: a promise needs a test" for item in promises if not item.get("tests")]
    ids = Counter(item["id"] for item in asvs)
    return [*found, *(f"{name} is there twice" for name, count in ids.items() if count > 1)]


def run_tests(names: set[str], target: Path) -> None:
    """Run every test file that proves one of these ids; its XML goes to `target`. Red is for the report to say."""
    files = sorted({path for name, paths in proven().items() if name in names for path in paths})
    files = [path for path in files if "/browser/" not in path]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "-n", "auto", "-m", "attack and not browser", f"--junitxml={target}", *files],
        cwd=ROOT, env=os.environ | {"CASEWORK_MODE": "test"}, check=False,
    )  # fmt: skip


def results(path: Path) -> Results:
    """Read the XML of a run. Raises OSError, ElementTree.ParseError."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 written by our own run
    by_id: dict[str, Counter[str]] = {}
    for case in root.iter("testcase"):
        bad = case.find("failure") is not None or case.find("error") is not None
        state = FAILED if bad else SKIPPED if case.find("skipped") is not None else PASSED
        for item in case.iter("property"):
            if item.get("name") == "proves":
                by_id.setdefault(str(item.get("value")), Counter())[state] += 1
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    stamp = suite.get("timestamp", "") if suite is not None else ""
    moment = datetime.fromisoformat(stamp) if stamp else datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Results(by_id, moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%d/%m/%Y à %H:%M"))


def lines(items: Sequence[Mapping[str, Any]], went: Results) -> list[Line]:
    """Return the lines of a table."""
    made = []
    for item in items:
        tests = item.get("tests", [])
        states = [went.of(name) for name in tests]
        result = min(states, key=_ORDER.index) if states else BY_HOST if item.get("by") == "host" else BY_READING
        told = ", ".join(f"{name} ({sum(went.by_id[name].values())})" if name in went.by_id else name for name in tests)
        where = ", ".join(Path(path).name for path in item.get("files", []))
        made.append(Line(item.get("id") or item["text"], item.get("what") or item["control"], told or where, result))
    return made


def _plain(text: str) -> str:
    return text.replace("`", "")


def html(
    facts: Sequence[tuple[str, str]], promised: Sequence[Line], asvs: Sequence[Line], not_promised: Sequence[str]
) -> str:
    """Return the page: one file, no script, nothing fetched."""
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c1b19}"
        "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;"
        "border-bottom:1px solid #c9c3b5}th{background:#f3ede2}h1,h2{color:#0b4f52}td span{white-space:nowrap}.bad{font-weight:700;color:#8f1d14}"
    )
    told = "".join(f"<li>{escape(name)} : {escape(value)}</li>" for name, value in facts)
    holes = "".join(f"<li>{escape(text)}</li>" for text in not_promised)
    return (
        "<!doctype html>\n<html lang='fr'><head><meta charset='utf-8'><title>Ce que Casework promet</title>"
        f"<meta name='viewport' content='width=device-width'><style>{style}</style></head><body><main>"
        "<h1>Ce que Casework promet, et ce qui le tient</h1>"
        f"<p>{escape(LEAD)}</p><ul>{told}</ul><h2>Ce qui est promis</h2>"
        + _table(("Promesse", "Ce qui la tient", "Essais (nombre)", "Dernier résultat"), promised)
        + f"<h2>Ce qui n’est pas promis</h2><ul>{holes}</ul><h2>ASVS 5.0, niveaux 1 et 2</h2>"
        + _table(("Exigence", "Ce qui est demandé", "Où c’est vérifié", "Dernier résultat"), asvs)
        + f"<p>{escape(LEGEND)}</p></main></body></html>\n"
    )


LEAD = (
    "Chaque promesse est tenue par un contrôle, et chaque contrôle par des essais automatiques qui deviennent rouges "
    "quand on le retire (make drill). Les numéros T et R renvoient à docs/rules.txt."
)
LEGEND = (
    "« à lire » : vérifié par un essai ou un fichier sans numéro, nommé à côté. « exploitant » : à la charge de qui "
    "fait tourner le serveur. « sauté » : ne se lance que sur l’autre moteur de base de données. Les chapitres V9, V10 "
    "et V17 (jetons, OAuth, WebRTC) ne s’appliquent pas."
)


def _whole(tests: str) -> str:
    """Return the names of tests, none cut at the end of a line."""
    return ", ".join(f"<span>{escape(name)}</span>" for name in tests.split(", "))


def _table(heads: Sequence[str], rows: Sequence[Line]) -> str:
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><td>{escape(row.text)}</td><td>{escape(row.control)}</td><td>{_whole(row.tests)}</td>"
        f"<td{' class=bad' if row.result in (FAILED, NOT_RUN) else ''}>{escape(row.result)}</td></tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def pdf(
    facts: Sequence[tuple[str, str]], promised: Sequence[Line], asvs: Sequence[Line], not_promised: Sequence[str]
) -> bytes:
    """Return the same as an accessible PDF."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.utils.timezone import localdate

    from casework.casefile import documents

    def rows(given: Sequence[Line]) -> list[documents.SecurityRow]:
        return [{"text": one.text, "control": one.control, "tests": one.tests, "result": one.result} for one in given]

    data: documents.SecurityData = {
        "commune": "Casework",
        "paragraphs": [LEAD],
        "items": [{"label": name, "value": value} for name, value in facts],
        "promises": rows(promised),
        "not_promised": list(not_promised),
        "asvs": rows(asvs),
    }
    title = "Ce que Casework promet, et ce qui le tient"
    return documents.render(documents.Template.SECURITY, {**data, "notes": [LEGEND]}, on=localdate(), title=title)


def main() -> int:
    """Return 0 when every promise is held, 1 when a test is red or was not run, 2 when the lists are wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, help="XML of an earlier run: nothing is run")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "security-report")
    options = parser.parse_args()

    told, asvs = read("promises.toml"), read("asvs.toml")["item"]
    if wrong := problems(told["promise"], asvs):
        print("\n".join(wrong))
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    source = options.results or options.out / "last.xml"
    if options.results is None:
        run_tests({name for item in (*told["promise"], *asvs) for name in item.get("tests", [])}, source)
    try:
        went = results(source)
    except (OSError, ElementTree.ParseError) as fault:
        print(f"{source} cannot be read: {type(fault).__name__}")
        return 2
    promised, required = lines(told["promise"], went), lines(asvs, went)
    counted = Counter(state for seen in went.by_id.values() for state in seen.elements())
    facts = [
        ("Essais lancés le", went.at),
        ("Réussis", str(counted[PASSED])), ("En échec", str(counted[FAILED])), ("Sautés", str(counted[SKIPPED])),
        ("Promesses tenues", f"{sum(row.result == PASSED for row in promised)} sur {len(promised)}"),
        ("Exigences ASVS suivies", str(len(required))),
    ]  # fmt: skip
    holes = [_plain(item["text"]) for item in told["not_promised"]]
    (options.out / "index.html").write_text(html(facts, promised, required, holes), encoding="utf-8")
    (options.out / "securite.pdf").write_bytes(pdf(facts, promised, required, holes))
    print(f"{options.out / 'index.html'}\n{options.out / 'securite.pdf'}")
    bad = [row for row in (*promised, *required) if row.result in (FAILED, NOT_RUN)]
    for row in bad:
        print(f"{row.result}: {row.text} ({row.tests})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
