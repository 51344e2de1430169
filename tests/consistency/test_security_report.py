"""The page for the data protection officer never says more than the tests do."""

from __future__ import annotations

import pytest

from scripts import security_report as report

XML = """<testsuites><testsuite timestamp="2026-12-08T10:00:00+00:00">
<testcase name="a" classname="tests.attack.test_t09_outside_the_gate"><properties><property name="proves" value="T-09"/></properties></testcase>
<testcase name="b"><properties><property name="proves" value="T-22"/></properties><failure/></testcase>
<testcase name="c"><properties><property name="proves" value="T-22"/></properties></testcase>
<testcase name="d"><properties><property name="proves" value="T-26"/></properties><skipped/></testcase>
</testsuite></testsuites>"""


def test_every_promise_names_tests_and_files_that_exist():
    assert report.problems(report.read("promises.toml")["promise"], report.read("asvs.toml")["item"]) == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"text": "x", "control": "y", "tests": ["T-99"]}, "no test T-99"),
        ({"text": "x", "control": "y", "tests": ["T-09"], "where": ["casework/absent.py"]}, "no file"),
        ({"text": "x", "control": "y"}, "nothing proves it"),
        ({"text": "x", "control": "y", "by": "gap"}, "a gap needs its reason"),
    ],
)
def test_a_promise_without_its_test_is_a_failure(item, said):
    assert any(said in line for line in report.problems([item], []))


@pytest.fixture
def went(tmp_path):
    path = tmp_path / "last.xml"
    path.write_text(XML)
    return report.results(path)


def test_the_worst_result_is_the_one_shown(went):
    assert [went.of(name) for name in ("T-09", "T-22", "T-26", "T-33")] == [
        report.PASSED, report.FAILED, report.SKIPPED, report.NOT_RUN,
    ]  # fmt: skip
    rows = report.lines([{"text": "x", "control": "y", "tests": ["T-09", "T-22"]}], went)
    assert (rows[0].result, rows[0].tests) == (report.FAILED, "T-09 (1), T-22 (2)")
    assert went.of("tests/attack/test_t09_outside_the_gate.py") == report.PASSED
    assert went.at == "08/12/2026 à 11:00"


def test_a_line_says_what_it_rests_on(went):
    items = [
        {"id": "V10.1.1", "what": "a", "files": ["tests/attack/test_t09_outside_the_gate.py", "pyproject.toml"]},
        {"id": "V2.1.1", "what": "b", "by": "gap", "why": "parce que"},
        {"id": "V2.1.2", "what": "c", "by": "host"},
        {"id": "V2.2.1", "what": "d", "files": ["pyproject.toml"]},
    ]
    assert [(row.text, row.tests, row.result) for row in report.lines(items, went)] == [
        ("V2.1.1", "parce que", report.GAP), ("V2.1.2", "", report.BY_HOST),
        ("V2.2.1", "pyproject.toml", report.BY_READING),
        ("V10.1.1", "tests/attack/test_t09_outside_the_gate.py (1), pyproject.toml", report.PASSED),
    ]  # fmt: skip


def test_the_page_and_the_pdf_are_made(went, tmp_path):
    rows = report.lines([{"text": "<b>x</b>", "control": "y", "tests": ["T-22"]}], went)
    rows += report.lines([{"id": "V1.1.1", "what": "le mot `eval`", "by": "gap", "why": "parce que"}], went)
    made = report.Report([("Réussis", "1")], rows, ["z"], rows, [("T-22", "Tout est dit.")])
    page = report.html(made)
    assert "&lt;b&gt;" in page
    assert "class=bad" in page
    assert "<li>V1.1.1 – le mot <code>eval</code>. parce que</li>" in page
    assert report.pdf(made).startswith(b"%PDF")


def test_a_red_test_makes_the_command_fail(tmp_path, monkeypatch, capsys):
    path = tmp_path / "last.xml"
    path.write_text(XML)
    monkeypatch.setattr("sys.argv", ["report", "--results", str(path), "--out", str(tmp_path / "out")])
    assert report.main() == 1
    assert (tmp_path / "out" / "index.html").exists()
    monkeypatch.setattr(report, "problems", lambda *args: ["x: no test T-99"])
    assert report.main() == 2
