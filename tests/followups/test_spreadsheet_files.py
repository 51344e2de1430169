"""The old spreadsheet as a file: every usual dress is read, what is no table and what would explode is refused."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from datetime import date

import pytest
import xlsxwriter

from casework.casefile import workbook as opening
from casework.errors import InputRefused
from casework.minors.followups.spreadsheet import (
    Level,
    Table,
    open_file,
    read,
)
from tests.followups.spreadsheet_setting import FOLLOW_UP, TODAY, codes


def workbook(*lines, sheets: dict | None = None) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    for name, rows in (sheets or {"Feuille 1": lines}).items():
        sheet = book.add_worksheet(name)
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    book.close()
    return content.getvalue()


def archive(members: dict[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return content.getvalue()


def ods(rows: list[list[str]]) -> dict[str, str]:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = "".join(f"<table:table-row>{''.join(cell.format(text) for text in row)}</table:table-row>" for row in rows)
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "content.xml": '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Suivi">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>",
    }


HEADER = ["Nom", "Prénom", "Né(e) le", "Motif", "Signalé par"]
PERSON = ["BELKACEM", "Yanis", "12/03/2011", "fugue", "PM"]


def test_an_ods_is_read_like_the_others():
    report = read(open_file(archive(ods([HEADER, PERSON]))), today=TODAY)
    assert [(row.entry.last_name, row.entry.origin) for row in report.rows] == [("Belkacem", "municipal_police")]


def test_numbers_days_and_booleans_of_a_workbook_keep_their_meaning():
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [*HEADER, "Tél", "Clos"])
    sheet.write_row(1, 0, ["Belkacem", "Yanis", date(2011, 3, 12), "fugue", "PM", 612345678, True])
    sheet.write_row(2, 0, ["Martin", "Zoé", 40614, "fugue", "PM", "0612345679", False])
    book.close()
    rows = read(open_file(content.getvalue()), today=TODAY).rows
    assert codes(rows[0], Level.REFUSED) == ["end_unknown"]
    assert (rows[1].entry.birth_date, rows[1].entry.phone) == (date(2011, 3, 12), "06 12 34 56 79")
    fixed = read(open_file(content.getvalue()), today=TODAY, corrections={2: {6: "non"}}).rows[0].entry
    assert (fixed.birth_date, fixed.phone) == (date(2011, 3, 12), "06 12 34 56 78")


def test_the_sheet_of_people_is_found_and_can_be_changed():
    content = workbook(
        sheets={"notes": [["a", "b"]], "2025": [HEADER, PERSON], "2026": [["x"], HEADER, PERSON, PERSON]}
    )
    opened = open_file(content)
    assert (opened.sheet, opened.header_line, opened.other_sheets) == ("2025", 1, ("2026", "notes"))
    other = open_file(content, sheet="2026")
    assert (other.sheet, other.header_line, len(other.lines)) == ("2026", 2, 4)
    with pytest.raises(InputRefused) as caught:
        open_file(content, sheet="2024")
    assert caught.value.code == "no_sheet"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_in_any_usual_dress(encoding, separator):
    text = "\r\n".join(
        separator.join(row) for row in (HEADER, ["CŒUR-NOËL", "Zoé", "12/03/2011", "fugue", "PM"], PERSON)
    )
    rows = read(open_file(text.encode(encoding)), today=TODAY).rows
    assert rows[0].entry.last_name == "Cœur-Noël"


def test_csv_with_quotes_line_ends_and_excel_s_own_first_line():
    content = (
        b'sep=;\nNom;Pr\xe9nom;N\xe9(e) le;Motif;Signal\xe9 par\n"BEN ALI";Lina;12/03/2011;"fugue\nincivilit\xe9s";PM\n'
    )
    opened = open_file(content)
    assert opened.header_line == 2
    (row,) = read(opened, today=TODAY).rows
    assert (row.line, row.entry.last_name, row.entry.reasons) == (3, "Ben Ali", ("runaway", "incivility"))


REFUSED = {
    "empty": b" \r\n ",
    "too_big": b"Nom;Motif\n" + b"x" * opening.MAX_BYTES,
    "pdf": b"%PDF-1.7 ...",
    "old_excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    "not_a_spreadsheet": b"\x89PNG\r\n\x1a\n\x00\x00",
    "damaged": b"PK\x03\x04 then nothing",
    "text_document": archive({"word/document.xml": "<x/>"}),
    "no_header": b"a;b\nc;d\ne;f\n",
    "no_rows": b"Nom;Motif\n;\n;\n",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_no_table_is_refused_clearly(code):
    with pytest.raises(InputRefused) as caught:
        open_file(REFUSED[code])
    assert caught.value.code == code
    assert caught.value.message.endswith((".", ")."))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive({"a.txt": "x"}), "not_a_spreadsheet"),
        (archive({"mimetype": "application/vnd.oasis.opendocument.text"}), "text_document"),
        (archive({**ods([HEADER]), "META-INF/manifest.xml": "<manifest:encryption-data/>"}), "password"),
        (archive({"xl/workbook.xml": "<broken"}), "damaged"),
        (b"{\\rtf1 x}", "text_document"),
        (b"Nom;Motif\n\x81\x8d;x\n", "not_a_spreadsheet"),
        (b"Bonjour,\nvoici la liste, comme promis,\nmerci\n", "not_a_spreadsheet"),
        (b'Nom;Motif\n"' + b"x" * 200_000 + b";y\n", "not_a_spreadsheet"),
    ],
)
def test_other_files_that_are_refused(content, code):
    with pytest.raises(InputRefused) as caught:
        open_file(content)
    assert caught.value.code == code


def test_five_thousand_lines_pass_and_one_more_does_not():
    lines = [f"NOM{n};Zoé;12/03/2011;fugue;PM".encode() for n in range(5000)]
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par".encode()
    opened = open_file(b"\n".join([header, *lines, b"", b""]))
    assert read(opened, today=TODAY).counts.total == 5000
    with pytest.raises(InputRefused) as caught:
        open_file(b"\n".join([header, *lines, lines[0]]))
    assert caught.value.code == "too_big"


def _far_corner() -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Nom")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    return content.getvalue()


def _one_long_string_everywhere() -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    for n in range(60_000):
        sheet.write_string(n // 100, n % 100, "x" * 32_000)
    book.close()
    return content.getvalue()


def _repeating() -> bytes:
    parts = ods([HEADER, PERSON])
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row></table:table>'
    return archive({**parts, "content.xml": parts["content.xml"].replace("</table:table>", row)})


@pytest.mark.attack("R-07")
@pytest.mark.parametrize("bomb", [_far_corner, _repeating, _one_long_string_everywhere])
def test_a_bomb_goes_off_elsewhere_and_is_refused(bomb):
    with pytest.raises(InputRefused) as caught:
        open_file(bomb())
    assert caught.value.code in ("too_big", "damaged")


@pytest.mark.attack("T-49")
def test_a_file_is_read_without_touching_the_disk_or_quoting_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    open_file(FOLLOW_UP.read_bytes())
    for content in (b"Belkacem, Yanis\nBelkacem, Lina, x", b"Belkacem;Yanis\nRossi;Lina\n"):
        with pytest.raises(InputRefused) as caught:
            open_file(content)
        assert "Belkacem" not in str(caught.value) + caught.value.message
        assert caught.value.__cause__ is None
    assert list(tmp_path.rglob("*")) == []


def test_a_table_can_be_kept_between_two_requests():
    opened = open_file(FOLLOW_UP.read_bytes())
    kept = opened.to_json()
    assert Table.from_json(json.loads(json.dumps(kept))) == opened
    assert {type(cell) for line in kept["lines"] for cell in line} == {str}
