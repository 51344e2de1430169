"""PDF documents: what they say, what their metadata says, and what never shows (T-40, T-49)."""

from __future__ import annotations

import copy
import tempfile
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile import documents
from casework.casefile.documents import DocumentFailed, Template, printable, render, response
from tests.casefile.document_samples import ALL, LETTER, LETTERS, MINUTES
from tests.casefile.pdf_text import runs, text

ON = date(2026, 12, 8)


def made(template: str, data=None, title: str = "Document") -> bytes:
    return render(template, data or ALL[Template(template)], on=ON, title=title)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("letter", ["Ville de Miramont", "Madame Belkacem", "Miramont, le 8 décembre 2026", "MIR-2026-K7QF",
                    "Objet : information", "Monsieur Nguyễn", "9 avenue Иван-Petrov", "La coordinatrice du CLSPD"]),
        ("minutes", ["Document", "Exemplaire de la PJJ", "4. Y. B. · 2011 · Maille 2", "ADDAP 13",
                     "rencontre avec la famille", "Situation retirée (durée atteinte)", "Suite : poursuivre",
                     "15 décembre 2026. Situation 4", "aube · canal", "page 1 / 1", "mardi 8 décembre 2026"]),
        ("agenda", ["Maison du projet, salle 2", "De 14 h à 14 h 40", "décision en retard, 2e réunion",
                    "mesure finie dans 30 jours", "26 min sur 2 h 30", "M. C. · 10-12 ans"]),
        ("sheet", ["A ADDAP 13 · P PJJ", "1. Y. B. · 15 ans · Maille 2", "rencontre avec la famille",
                   "Rien de décidé la dernière fois.", "☐ on garde", "Présents : A P M"]),
        ("attendance", ["PJJ – milieu ouvert", "Mme Vidal", "assistant social", "Signature"]),
        ("mayor_page", ["Rappel à l’ordre", "incivilités", "Belkacem Yanis", "Belkacem Nadia",
                        "favorable, le 2 décembre 2026", "☐ sans objet", "Pris connaissance"]),
        ("statement", ["avoir détruit toutes les copies", "Lignes reprises 112", "Coordination du CLSPD",
                       "Délégué à la protection des données"]),
    ],
)  # fmt: skip
def test_each_template_says_what_it_is_given(template, expected):
    said = text(made(template))
    for one in expected:
        assert one in said


@pytest.mark.attack("T-49")
@pytest.mark.parametrize("template", list(Template))
def test_metadata_are_fixed_and_accessible(template):
    pdf = made(template, title="Relevé de décisions")
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.Root.Lang).lower().startswith("fr")
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        info = {key: str(value) for key, value in document.docinfo.items()}
        assert set(info) <= {"/Title", "/Creator", "/CreationDate", "/ModDate"}
        assert info["/Title"] == "Relevé de décisions"
        assert info["/Creator"].startswith("Typst")
        assert info["/CreationDate"].startswith("D:20261208")
        meta = document.open_metadata()
        assert meta["pdfuaid:part"] == "1"
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        fonts = {
            str(font.BaseFont).split("+")[-1]
            for page in document.pages
            for font in page.obj.Resources.get("/Font", {}).values()
        }
        assert {name.split("-")[0] for name in fonts} <= {"AtkinsonHyperlegible", "DejaVuSans"}
        assert not document.Root.get("/Names", {}).get("/EmbeddedFiles")
    assert pdf == made(template, title="Relevé de décisions"), "the same act gives the same bytes"
    assert pdf != render(template, ALL[template], on=date(2026, 12, 9), title="Relevé de décisions")


@pytest.mark.parametrize("template", list(Template))
def test_what_is_given_is_not_changed(template):
    before = copy.deepcopy(ALL[template])
    made(template)
    assert ALL[template] == before


@pytest.mark.attack("T-08")
@pytest.mark.parametrize(
    "hostile",
    ["#panic(\"x\")", "#read(\"/etc/passwd\")", "*gras* _x_ $ y $", "= Titre", "#import \"house.typ\"", "\\ \\u{41}",
     "<label> @ref", "\"}], \"situations\": []", "{{ x }}", "https://example.org", "// rien", "`raw`", "'--'..."],
)  # fmt: skip
def test_text_stays_text(hostile):
    minutes = {**MINUTES, "general": [hostile]}
    assert " ".join(hostile.split()) in " ".join(text(made("minutes", minutes)).split())


# Letters


WINDOW_LEFT, WINDOW_TOP, WINDOW_BOTTOM = 90, 34, 99  # millimetres, the paper having slipped in the envelope


@pytest.mark.rule("SIT-09")
def test_only_the_addressee_shows_through_the_envelope():
    long_address = [f"{n} " + "Résidence des Très Longs Peupliers Noirs " * 2 for n in range(6)]
    pdf = made("letter", {**LETTERS, "letters": [*LETTERS["letters"], {**LETTER, "addressee": long_address}]})
    expected = [letter["addressee"] for letter in LETTERS["letters"]] + [long_address]
    for page, addressee in enumerate(expected):
        seen = [
            run.text
            for run in runs(pdf)
            if run.page == page and run.end > WINDOW_LEFT and WINDOW_TOP < run.y < WINDOW_BOTTOM
        ]
        assert "".join(seen).replace(" ", "") == "".join(addressee).replace(" ", "")
        assert all(
            run.x > WINDOW_LEFT + 10 and run.end < 195
            for run in runs(pdf)
            if run.page == page and WINDOW_TOP < run.y < WINDOW_BOTTOM and run.end > WINDOW_LEFT
        )


def test_each_letter_has_its_page_and_nothing_of_another():
    batch = {
        **LETTERS,
        "letters": [{**LETTER, "addressee": [f"Famille {n}", "13140 MIRAMONT"]} for n in range(1, 6)],
    }
    pdf = made("letter", batch)
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == 5
    for page in range(5):
        said = text(pdf, page)
        assert [n for n in range(1, 6) if f"Famille {n}" in said] == [page + 1]


@pytest.mark.parametrize(
    "wrong",
    [{"paragraphs": ["Trop long. " * 900]}, {"addressee": ["x"] * 7}],
    ids=["two pages", "seven lines"],
)
def test_a_letter_that_would_spill_is_refused(wrong):
    with pytest.raises(DocumentFailed):
        made("letter", {**LETTERS, "letters": [{**LETTER, **wrong}, LETTER]})


@pytest.mark.rule("SIT-05")
def test_an_adult_has_no_heading_for_parents():
    data = {**ALL[Template.MAYOR_PAGE], "parents": [], "opinion": ""}
    said = text(made("mayor_page", data))
    assert "Représentants" not in said
    assert "Avis du parquet" not in said


def test_empty_lists_make_a_document_too():
    for template, empty in (
        ("minutes", {"attendance": [], "situations": [], "general": [], "addenda": [], "proof": None}),
        ("agenda", {"blocks": [], "intro": [], "total": ""}),
        ("sheet", {"services": [], "codes": [], "situations": []}),
        ("attendance", {"people": [], "blanks": 0}),
    ):
        assert "Ville de Miramont" in text(made(template, {**ALL[Template(template)], **empty}))


def test_long_minutes_number_their_pages():
    pdf = made("minutes", {**MINUTES, "situations": MINUTES["situations"] * 20})
    with pikepdf.open(BytesIO(pdf)) as document:
        pages = len(document.pages)
    assert pages > 3
    assert f"page {pages} / {pages}" in text(pdf, pages - 1)


# Odd names and failures


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("Œuvrard Élie Müller", "Œuvrard Élie Müller"),
        ("Nguyễn Łukasz Đorđe Иван", "Nguyễn Łukasz Đorđe Иван"),
        ("محمد", "محمد"),
        ("李小龙", "▯▯▯"),
        ("Zoé 😀", "Zoé ▯"),
        ("e\u0301", "é"),
        ("a\u202eb\u200bc\u00add", "abcd"),
        ("a\x00b\x1bc", "a▯b▯c"),
        ("a\tb\r\nc\rd", "a b\nc\nd"),
        ("\ud800", "▯"),
        ("\ue000\uffff", "▯▯"),
        ("« 14\u202fh »\u00a0!", "« 14\u202fh »\u00a0!"),
        ("", ""),
    ],
)
def test_signs_that_no_font_draws_are_replaced(given_text, shown):
    assert printable(given_text) == shown


@pytest.mark.attack("R-06")
@given(odd=st.text(max_size=60))
@settings(max_examples=60)
def test_no_name_blocks_the_minutes(odd):
    situation = {**MINUTES["situations"][0], "card": odd}
    made("minutes", {**MINUTES, "situations": [situation], "lead": [odd], "general": [odd]}, title=f"Relevé {odd}")


def test_without_the_replacement_an_odd_name_would_block_the_minutes(monkeypatch):
    monkeypatch.setattr(documents, "printable", lambda one: one)
    with pytest.raises(DocumentFailed):
        made("minutes", {**MINUTES, "general": ["李小龙"]})


@pytest.mark.parametrize(
    ("template", "data"),
    [
        ("minutes", {"commune": "Belkacem Yanis"}),  # keys are missing
        ("minutes", {**MINUTES, "general": [object()]}),
        ("unknown-Belkacem", MINUTES),
        ("letter", {**LETTERS, "letters": [{**LETTER, "addressee": ["Belkacem"] * 7}]}),
    ],
)
def test_a_failure_says_nothing_of_what_was_in_the_document(template, data):
    with pytest.raises(DocumentFailed) as caught:
        render(template, data, on=ON, title="x")
    error = caught.value
    assert str(error) == ""
    assert error.code == "document"
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.attack("T-49")
def test_nothing_is_written_on_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made("minutes")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.attack("T-49")
def test_the_answer_is_not_kept_and_its_name_says_nothing():
    first, second = response(b"%PDF", "minutes"), response(b"%PDF", "minutes", inline=True)
    assert first["Cache-Control"] == "no-store"
    assert first["Content-Type"] == "application/pdf"
    assert first["X-Content-Type-Options"] == "nosniff"
    assert first["Content-Disposition"].startswith('attachment; filename="minutes-')
    assert second["Content-Disposition"].startswith('inline; filename="minutes-')
    assert first["Content-Disposition"].split("-")[-1] != second["Content-Disposition"].split("-")[-1]
    for wrong in ("", "Belkacem Yanis", 'x"; y', "é", "x" * 40):
        with pytest.raises(ValueError, match="kind"):
            response(b"%PDF", wrong)
