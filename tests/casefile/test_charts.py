"""Pictures: what is not shown is nowhere in them, what is shown is read without colour and without eyes."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from casework.casefile import charts
from casework.casefile import documents as pdf

SVG = "{http://www.w3.org/2000/svg}"


def _read(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)  # noqa: S314 drawn by our own charts, nothing from outside


def bars(*values, key="ends"):
    return charts.Bars(
        key=key, title="Mesures terminées", unit="personnes",
        bars=tuple(charts.Bar(label=f"Fin n° {rank}", n=n) for rank, n in enumerate(values)),
    )  # fmt: skip


EVERY = [
    bars(12, None, 0),
    charts.Stacks(
        key="by-age", title="Par âge", parts=("menée à son terme", "interrompue"),
        stacks=(charts.Stack(label="TIG", parts=(30, None)), charts.Stack(label="Réparation", parts=(14, 12))),
    ),
    charts.Lines(
        key="years", title="Par an", years=("2023", "2024", "2025"),
        series=(charts.Series(label="TIG", values=(20, None, 31)), charts.Series(label="TNR", values=(12, None, 15))),
    ),
    charts.Shares(
        key="known", title="Part", shares=(
            charts.Share(label="TIG", percent=35, low=25, high=45), charts.Share(label="Réparation", percent=None),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("chart", EVERY, ids=lambda chart: type(chart).__name__)
def test_each_picture_says_what_it_shows_to_whoever_does_not_see_it(chart):
    drawn = _read(charts.drawn(chart))
    assert drawn.get("role") == "img"
    named = {each.get("id"): each.text for each in drawn if each.tag in (f"{SVG}title", f"{SVG}desc")}
    title, desc = (named[name] for name in drawn.get("aria-labelledby").split())
    assert title == chart.title
    assert "non affiché" in desc


@pytest.mark.parametrize("chart", EVERY, ids=lambda chart: type(chart).__name__)
def test_a_picture_holds_neither_style_nor_script(chart):
    """The pages’ policy allows none, and paper knows none (T-51)."""
    for each in _read(charts.drawn(chart)).iter():
        assert each.tag not in (f"{SVG}style", f"{SVG}script")
        assert "style" not in each.attrib
        assert not [name for name in each.attrib if name.startswith("on")]


@pytest.mark.rule("ACL-11")
@pytest.mark.attack("T-57")
def test_what_is_not_shown_has_one_drawing_whatever_it_hides():
    """The mark of a hidden bar has one length and one place: nothing is scaled on a number that nobody reads."""
    drawn = charts.drawn(bars(12, None, 40))
    assert "non affiché" in drawn
    marks = [each for each in _read(drawn).iter(f"{SVG}rect") if each.get("stroke-dasharray")]
    assert [mark.get("width") for mark in marks] == ["22"]


def test_parts_are_told_apart_by_pattern_and_lines_by_mark():
    stacks, lines = charts.drawn(EVERY[1]), charts.drawn(EVERY[2])
    assert 'fill="url(#by-age-p1)"' in stacks
    assert 'id="by-age-p1"' in stacks
    marks = [each.get("d") for each in _read(lines).iter(f"{SVG}path") if each.get("fill") != "none"]
    assert len({mark.split("m", 1)[1] for mark in marks}) == 2


def test_a_year_that_is_not_shown_breaks_the_line():
    drawn = _read(charts.drawn(EVERY[2]))
    strokes = [each.get("d") for each in drawn.iter(f"{SVG}path") if each.get("stroke-width") == "2"]
    assert not [d for d in strokes if "L" in d]
    assert "affiché" in [each.text for each in drawn.iter(f"{SVG}text")]


def test_words_are_escaped_and_a_key_is_an_identifier():
    chart = charts.Bars(key="x", title="<b>&", bars=(charts.Bar(label="<script>", n=3),))
    assert "<script>" not in charts.drawn(chart)
    with pytest.raises(ValueError, match="key"):
        charts.drawn(charts.Bars(key='x"', title="", bars=()))
    with pytest.raises(TypeError):
        charts.drawn("svg")


def test_the_same_picture_stands_in_a_page_and_in_a_pdf():
    page = Template("{% load charts %}{% chart one %}{{ 1234|said }} {{ none|said }}").render(
        Context({"one": EVERY[0], "none": None})
    )
    assert page == f"{charts.drawn(EVERY[0])}1\u202f234 non affiché"
    data = {
        "commune": "Mireval", "paragraphs": [], "signatories": [], "notes": [],
        "tables": [
            {"heading": "", "columns": ["Fin", "Personnes"], "rows": [], "note": "",
             "pictures": [{"svg": charts.drawn(one), "alt": charts.told(one)} for one in EVERY]}
        ],
    }  # fmt: skip
    assert pdf.render(pdf.Template.TABLES, data, on=date(2026, 3, 2), title="Chiffres").startswith(b"%PDF")
