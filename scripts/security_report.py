"""`make security-report`: what the software promises, what holds it, and how the tests went, in French.

    python -m scripts.security_report [--results FILE] [--out FOLDER]

Runs the tests that the promises name (or reads the XML of an earlier run), then writes one HTML page and one PDF.
Fails when a promise or a requirement names a test or a file that does not exist, or when a test that it names failed.
"""

from __future__ import annotations

import argparse
import os
import re
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
NOT_RUN, BY_HOST, BY_READING, GAP = "non lancé", "exploitant", "à lire", "écart"
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
    """How each id and each file of tests went, and when."""

    by_id: Mapping[str, Counter[str]]
    at: str
    total: Counter[str]

    def of(self, name: str) -> str:
        """Return the worst result of an id or a file; a skipped test beside passed ones is another engine's."""
        seen = self.by_id.get(name, Counter())
        if seen[FAILED]:
            return FAILED
        return PASSED if seen[PASSED] else SKIPPED if seen[SKIPPED] else NOT_RUN


def read(name: str) -> dict[str, Any]:
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
        if item.get("by") == "gap" and not item.get("why"):
            found.append(f"{name}: a gap needs its reason")
        if not (item.get("tests") or item.get("files") or item.get("by") in ("host", "gap")):
            found.append(f"{name}: nothing proves it")
    found += [f"{item['text']}: a promise needs a test" for item in promises if not item.get("tests")]
    told = read("tests.toml")["tests"]
    attacks = {name for name in register if name[:2] in ("T-", "R-")}
    found += [f"{name}: not in tests.toml and docs/rules.txt alike" for name in sorted(attacks ^ set(told))]
    ids = Counter(item["id"] for item in asvs)
    return [*found, *(f"{name} is there twice" for name, count in ids.items() if count > 1)]


def named_tests(item: Mapping[str, Any]) -> list[str]:
    """Return the ids and the files of tests that a line names."""
    return [*item.get("tests", []), *(path for path in item.get("files", []) if Path(path).name.startswith("test_"))]


def run_tests(names: set[str], target: Path) -> None:
    """Run the test files of these ids, and these files; the XML goes to `target`. Red is for the report to say."""
    files = {path for name, paths in proven().items() if name in names for path in paths}
    files |= {name for name in names if name.endswith(".py")}
    chosen = sorted(path for path in files if "/browser/" not in path)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "-n", "auto", "-m", "not browser", f"--junitxml={target}", *chosen],
        cwd=ROOT, env=os.environ | {"CASEWORK_MODE": "test"}, check=False,
    )  # fmt: skip


def results(path: Path) -> Results:
    """Read the XML of a run. Raises OSError, ElementTree.ParseError."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 written by our own run
    by_id: dict[str, Counter[str]] = {}
    total: Counter[str] = Counter()
    for case in root.iter("testcase"):
        bad = case.find("failure") is not None or case.find("error") is not None
        state = FAILED if bad else SKIPPED if case.find("skipped") is not None else PASSED
        total[state] += 1
        proves = {str(item.get("value")) for item in case.iter("property") if item.get("name") == "proves"}
        for name in (*proves, _file_of(case.get("classname", ""))):
            by_id.setdefault(name, Counter())[state] += 1
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    stamp = suite.get("timestamp", "") if suite is not None else ""
    moment = datetime.fromisoformat(stamp) if stamp else datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Results(by_id, moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%d/%m/%Y à %H:%M"), total)


def _file_of(classname: str) -> str:
    """Return the file of a test: `tests.desk.test_logs` or `tests.desk.test_logs.Class` is tests/desk/test_logs.py."""
    parts = classname.split(".")
    end = next((at for at, part in enumerate(parts) if part.startswith("test_")), len(parts) - 1)
    return "/".join(parts[: end + 1]) + ".py"


def lines(items: Sequence[Mapping[str, Any]], went: Results) -> list[Line]:
    """Return the lines of a table."""
    made = []
    for item in sorted(items, key=lambda item: _number(item.get("id", ""))):
        tests = named_tests(item)
        states = [went.of(name) for name in tests]
        by = {"host": BY_HOST, "gap": GAP}.get(item.get("by", ""), BY_READING)
        where = (
            [item["why"]]
            if "why" in item
            else [_told(name, went) for name in dict.fromkeys((*tests, *item.get("files", [])))]
        )
        made.append(
            Line(
                item.get("id") or item["text"], item.get("what") or item["control"], ", ".join(where),
                min(states, key=_ORDER.index) if states else by,
            )
        )  # fmt: skip
    return made


def _number(name: str) -> list[int]:
    """Return the parts of the number of a requirement; promises have none and keep their order."""
    return [int(part) for part in re.findall(r"\d+", name)]


def _told(name: str, went: Results) -> str:
    """Return an id with how many tests ran for it, or the name of a file."""
    ran = went.by_id.get(name, Counter())
    return f"{name} ({ran[PASSED] + ran[FAILED]})" if ran[PASSED] + ran[FAILED] else name


def _plain(text: str) -> str:
    return text.replace("`", "")


def _code(text: str) -> str:
    """Return the HTML of a text in which what is between ` ` is typed by a machine."""
    parts = escape(text).split("`")
    told = "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
    return re.sub(r"\b[TR]-\d\d(?: \(\d+\))?", r"<span>\g<0></span>", told)  # never cut at the end of a line


@dataclass(frozen=True)
class Report:
    """All that the page says."""

    facts: Sequence[tuple[str, str]]
    promised: Sequence[Line]
    not_promised: Sequence[str]
    asvs: Sequence[Line]
    tests: Sequence[tuple[str, str]]


def html(report: Report) -> str:
    """Return the page: one file, no script, nothing fetched."""
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c1b19}"
        "table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{text-align:left;vertical-align:top;"
        "padding:.45rem .6rem;border-bottom:1px solid #c9c3b5;overflow-wrap:anywhere}thead th{background:#f3ede2}"
        "tbody th{font-weight:700;padding-top:1rem}h1,h2{color:#0b4f52}code{font-size:.92em}td span{white-space:nowrap}"
        "dl{display:grid;grid-template-columns:4rem 1fr;gap:.2rem .6rem}dt{font-weight:700}dd{margin:0}"
        ".bad{font-weight:700;color:#8f1d14}.gap{font-weight:700}"
    )
    facts = "".join(f"<li>{escape(name)} : {escape(value)}</li>" for name, value in report.facts)
    holes = "".join(f"<li>{_code(text)}</li>" for text in report.not_promised)
    gaps = "".join(
        f"<li>{escape(row.text)} – {_code(row.control)}. {_code(row.tests)}</li>"
        for row in report.asvs
        if row.result == GAP
    )
    tests = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in report.tests)
    return (
        "<!doctype html>\n<html lang='fr'><head><meta charset='utf-8'><title>Ce que Casework promet</title>"
        f"<meta name='viewport' content='width=device-width'><style>{style}</style></head><body><main>"
        "<h1>Ce que Casework promet, et ce qui le tient</h1>"
        f"<p>{escape(LEAD)}</p><ul>{facts}</ul><h2>Ce qui est promis</h2>"
        + _table(
            ("Promesse", "Ce qui la tient", "Essais (nombre)", "Dernier résultat"), (31, 36, 20, 13), report.promised
        )
        + f"<h2>Ce qui n’est pas promis</h2><ul>{holes}</ul>"
        + (f"<h2>Écarts aux exigences de l’ASVS</h2><ul>{gaps}</ul>" if gaps else "")
        + f"<h2>Ce que font les essais</h2><dl>{tests}</dl>"
        + f"<h2>ASVS 5.0, niveaux 1 et 2</h2><p>{escape(LEGEND)}</p>"
        + _table(
            ("Exigence", "Ce qui est demandé", "Où c’est vérifié", "Dernier résultat"), (10, 38, 39, 13), report.asvs
        )
        + "</main></body></html>\n"
    )


LEAD = (
    "Chaque promesse est tenue par un contrôle, et chaque contrôle par des essais automatiques qui deviennent rouges "
    "quand on le retire (make drill). Ce que fait chaque essai T (attaque) ou R (accident) est dit plus bas."
)
LEGEND = (
    "« réussi » : les essais nommés à côté ont réussi, leur nombre entre parenthèses. « à lire » : aucun essai, le fichier "
    "nommé le montre. « exploitant » : à la charge de qui fait tourner le serveur. « écart » : non suivi, la raison est "
    "dite. « sauté » : ne se lance que sur l’autre moteur de base de données. Ne s’appliquent pas : jetons (V9), OAuth "
    "(V10), WebRTC (V17), GraphQL, WebSocket, LDAP, XPath, XML, éditeur de texte mis en forme, SMS, certificats de client, fédération "
    "d’identités, appels à d’autres services."
)


def _table(heads: Sequence[str], widths: Sequence[int], rows: Sequence[Line]) -> str:
    columns = "".join(f"<col style='width:{width}%'>" for width in widths)
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body, chapter = [], ""
    for row in rows:
        if (found := _CHAPTERS.get(row.text.split(".")[0], "")) != chapter:
            chapter = found
            body.append(f"<tr><th scope='rowgroup' colspan='{len(heads)}'>{escape(chapter)}</th></tr>")
        shown = {FAILED: " class=bad", NOT_RUN: " class=bad", GAP: " class=gap"}.get(row.result, "")
        body.append(
            f"<tr><td>{escape(row.text)}</td><td>{_code(row.control)}</td><td>{_code(row.tests)}</td>"
            f"<td{shown}>{escape(row.result)}</td></tr>"
        )
    return f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


# The chapters of ASVS 5.0.
_CHAPTERS = {
    "V1": "V1 Injections", "V2": "V2 Saisies et règles de métier", "V3": "V3 Navigateur", "V4": "V4 Requêtes",
    "V5": "V5 Fichiers", "V6": "V6 Authentification", "V7": "V7 Sessions", "V8": "V8 Droits d’accès",
    "V11": "V11 Cryptographie", "V12": "V12 Liaisons chiffrées", "V13": "V13 Réglages", "V14": "V14 Données",
    "V15": "V15 Code et bibliothèques", "V16": "V16 Journaux et erreurs",
}  # fmt: skip


def pdf(report: Report) -> bytes:
    """Return the same as an accessible PDF."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.utils.timezone import localdate

    from casework.casefile import documents, papers

    def rows(given: Sequence[Line]) -> list[papers.SecurityRow]:
        return [
            {"text": one.text, "control": _plain(one.control), "tests": _plain(one.tests), "result": one.result}
            for one in given
        ]

    def pairs(given: Sequence[tuple[str, str]]) -> list[papers.Pair]:
        return [{"label": name, "value": value} for name, value in given]

    data: papers.SecurityData = {
        "commune": "Casework",
        "paragraphs": [LEAD],
        "items": pairs(report.facts),
        "promises": rows(report.promised),
        "not_promised": [_plain(text) for text in report.not_promised],
        "tests": pairs(report.tests),
        "asvs": rows(report.asvs),
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
        run_tests({name for item in (*told["promise"], *asvs) for name in named_tests(item)}, source)
    try:
        went = results(source)
    except (OSError, ElementTree.ParseError) as fault:
        print(f"{source} cannot be read: {type(fault).__name__}")
        return 2
    promised, required = lines(told["promise"], went), lines(asvs, went)
    counted, asked = went.total, Counter(row.result for row in required)
    facts = [
        ("Essais lancés le", went.at),
        ("Réussis", str(counted[PASSED])), ("En échec", str(counted[FAILED])), ("Sautés", str(counted[SKIPPED])),
        ("Promesses tenues", f"{sum(row.result == PASSED for row in promised)} sur {len(promised)}"),
        (
            "Exigences ASVS applicables",
            f"{len(required)}, dont {asked[PASSED]} vérifiées par des essais, {asked[BY_READING]} à lire, "
            f"{asked[BY_HOST]} à la charge de l’exploitant, {asked[GAP]} écarts",
        ),
    ]  # fmt: skip
    holes = [item["text"] for item in told["not_promised"]]
    page = Report(facts, promised, holes, required, list(read("tests.toml")["tests"].items()))
    (options.out / "index.html").write_text(html(page), encoding="utf-8")
    (options.out / "securite.pdf").write_bytes(pdf(page))
    print(f"{options.out / 'index.html'}\n{options.out / 'securite.pdf'}")
    bad = [row for row in (*promised, *required) if row.result in (FAILED, NOT_RUN)]
    for row in bad:
        print(f"{row.result}: {row.text} ({row.tests})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
