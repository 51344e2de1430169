"""Counts as files: the same numbers in three formats, no formula, the same bytes at any hour."""

from __future__ import annotations

import csv
from datetime import date

import pytest
import time_machine

from casework.casefile import charts, spreadsheets, workbook
from casework.casefile.spreadsheets import Sheet

ON = date(2026, 3, 10)
SHEETS = [
    Sheet(
        name="Mesures : selon [la] fin / et le reste d’un long titre", above=("Mesures terminées", "En 2025"),
        columns=("Fin", "Personnes"), rows=(("=1+1", 12), ("+33", "non affiché"), ("Ensemble", 64)), below=("Définition.",),
    )
] * 2  # fmt: skip


def lines(made: bytes, suffix: str) -> list[list[str]]:
    if suffix == "csv":
        return list(csv.reader(made.decode("utf-8-sig").splitlines(), delimiter=";"))
    return [line for each in workbook.read_sheets(made).values() for line in each]


@pytest.mark.attack("T-49")
@pytest.mark.parametrize("suffix", spreadsheets.WRITERS)
def test_each_format_holds_the_table_and_what_is_said_of_it(suffix: str) -> None:
    found = [[cell for cell in line if cell] for line in lines(spreadsheets.WRITERS[suffix](SHEETS, ON), suffix)]
    for wanted in (["Mesures terminées"], ["Fin", "Personnes"], ["Ensemble", "64"], ["Définition."]):
        assert found.count(wanted) == 2, wanted


@pytest.mark.attack("T-49")
def test_no_cell_is_read_as_a_formula() -> None:
    cells = [cell for line in lines(spreadsheets.as_csv(SHEETS, ON), "csv") for cell in line]
    assert "'=1+1" in cells
    assert "'+33" in cells
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


@pytest.mark.attack("T-49")
@pytest.mark.parametrize("typed", [" =1+1", "\n=1+1", "＝1+1", "＠SUM(A1)", "\t-2", "\r+1"])
def test_nor_behind_a_blank_nor_in_wide_letters(typed: str) -> None:
    assert spreadsheets.guarded(typed) == f"'{typed}"


@pytest.mark.attack("T-49")
@pytest.mark.parametrize("suffix", spreadsheets.WRITERS)
def test_a_sign_pasted_from_elsewhere_blocks_no_file(suffix: str) -> None:
    """A vertical tab comes with a text pasted from slides: XML holds none."""
    odd = Sheet(name="a\x0bb", above=("x\x01y",), columns=("c\x1f",), rows=(("\x0b=1", 1),), below=("<b>&\ufffe",))
    assert ["x▯y"] in [
        [cell for cell in line if cell] for line in lines(spreadsheets.WRITERS[suffix]([odd], ON), suffix)
    ]


@pytest.mark.attack("T-57")
@pytest.mark.parametrize("suffix", spreadsheets.WRITERS)
def test_the_same_tables_are_the_same_bytes_at_any_hour(suffix: str) -> None:
    with time_machine.travel("2026-03-10 09:00"):
        first = spreadsheets.WRITERS[suffix](SHEETS, ON)
    with time_machine.travel("2027-08-01 18:30"):
        assert spreadsheets.WRITERS[suffix](SHEETS, ON) == first


def test_a_printed_number_is_a_number_again() -> None:
    assert [spreadsheets.cell(words) for words in (charts.said(1234), charts.said(0), charts.said(None), "12 %")] == [
        1234, 0, "non affiché", "12 %",
    ]  # fmt: skip
