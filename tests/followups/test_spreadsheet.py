"""The coordinator's old spreadsheet: what is read, what is refused, and that each line is told the truth about."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile import workbook as opening
from casework.errors import InputRefused
from casework.minors.followups.codes import ActionType, ReferralOrigin, ReferralReason, SchoolLevel
from casework.minors.followups.spreadsheet import (
    EntryState,
    ImportReport,
    Level,
    PastAction,
    Row,
    Status,
    Table,
    Target,
    cells,
    files,
    guess,
    open_file,
    read,
    words,
)
from casework.partners.codes import OrganisationKind

TODAY = date(2026, 11, 22)
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
FOLLOW_UP = SAMPLES / "suivi_cellule_2025-2026.xlsx"
SCHOOL_LIST = SAMPLES / "signalements_college.csv"


def report_of(path: Path, **options) -> ImportReport:
    return read(open_file(path.read_bytes()), today=TODAY, **options)


def table(*lines: str, header: str = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?") -> Table:
    return open_file("\r\n".join([header, *lines, "Z;Z;01/01/2012;fugue;PM;01/01/2026;"]).encode())


def one(line: str, **options) -> Row:
    """Return what is said of one line under the usual headers."""
    header = options.pop("header", "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?")
    opened = open_file("\r\n".join([header, line, ""]).encode())
    return read(opened, today=TODAY, **options).rows[0]


def codes(row: Row, level: Level | None = None) -> list[str]:
    return [message.code for message in row.messages if level in (None, message.level)]


# The real-life samples, line by line


@pytest.fixture(scope="module")
def follow_up() -> ImportReport:
    return report_of(FOLLOW_UP)


@pytest.fixture(scope="module")
def raw() -> dict[int, list]:
    """The workbook as another reader gives it: line number to cells."""
    book = python_calamine.CalamineWorkbook.from_path(str(FOLLOW_UP))
    lines = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return dict(enumerate(lines, start=1))


def test_the_columns_of_the_coordinator_s_table_are_guessed(follow_up):
    assert follow_up.header_line == 4
    assert {column.header: column.target for column in follow_up.columns} == {
        "N°": Target.IGNORED,
        "NOM Prénom": Target.FULL_NAME,
        "né(e) le": Target.BIRTH_DATE,
        "Quartier": Target.SECTOR,
        "Adresse": Target.ADDRESS,
        "Tél. parents": Target.REPRESENTATIVE_PHONE,
        "Signalé par": Target.ORIGIN,
        "Motif(s)": Target.REASONS,
        "Entrée": Target.REFERRAL_ON,
        "Référent": Target.LEAD,
        "Actions": Target.ACTIONS,
        "Observations": Target.NARRATIVE,
        "Clos ?": Target.STATUS,
    }


def test_each_line_is_accounted_for_once(follow_up, raw):
    told = [row.line for row in follow_up.rows] + [one.line for one in follow_up.skipped]
    assert sorted(told) == list(range(5, 133))
    assert [(one.line, one.kind) for one in follow_up.skipped] == [
        (5, "section"), (19, "blank"), (37, "blank"), (39, "section"), (71, "section"), (103, "section"),
        (113, "blank"), (131, "blank"), (132, "total"),
    ]  # fmt: skip
    assert follow_up.counts.total == raw[132][2] == 119
    counts = follow_up.counts
    assert (counts.ok, counts.warning, counts.refused, counts.duplicates) == (53, 53, 13, 8)
    assert (counts.over_25, counts.purge_passed) == (0, 0)
    assert counts.importable == len(follow_up.importable) == 106
    assert follow_up.remarks == ("Autres feuilles du classeur, non lues : « légende ».",)


def test_the_refused_lines_and_why(follow_up):
    refused = {
        row.line: [message.code for message in row.messages if message.level is Level.REFUSED]
        for row in follow_up.rows
        if row.status is Status.REFUSED
    }
    assert refused == {
        14: ["end_unknown"], 43: ["birth_unknown"], 73: ["birth_unknown"], 121: ["birth_unknown"],
        98: ["end_future"], 58: ["duplicate"], 61: ["duplicate"], 77: ["duplicate"], 94: ["duplicate"],
        102: ["duplicate"], 111: ["duplicate"], 116: ["duplicate"], 119: ["duplicate"],
    }  # fmt: skip
    assert {row.line: row.duplicate_of for row in follow_up.rows if row.duplicate_of} == {
        58: 129, 61: 35, 77: 25, 94: 80, 102: 66, 111: 99, 116: 25, 119: 124,
    }  # fmt: skip
    assert all(row.entry is None for row in follow_up.rows if row.status is Status.REFUSED)


def test_what_the_raw_cells_say_is_what_the_report_says(follow_up, raw):
    for row in follow_up.rows:
        cell = raw[row.line]
        said = codes(row)
        assert ("birth_unknown" in said) is (cell[2] == "?"), row.line
        assert ("birth_estimated" in said) is isinstance(cell[2], float), row.line
        assert ("referral_unknown" in said) is (cell[8] == "?"), row.line
        assert ("referral_estimated" in said) is isinstance(cell[8], float), row.line
        assert ("phone_zero" in said) is isinstance(cell[5], float), row.line
        assert ("address" in said) is (cell[4] == "chez la grand-mère"), row.line
        assert ("origin_unsure" in said) is (cell[6] == "centre social"), row.line
        bare_yes = str(cell[12]).strip() in ("x", "oui")
        assert ({"end_estimated", "end_unknown"} & set(said) != set()) is bare_yes, row.line
        if row.entry:
            closed = bare_yes or str(cell[12]).startswith("OUI")
            assert (row.entry.state is EntryState.CLOSED) is closed, row.line
            assert (row.entry.ended_on is not None) is closed, row.line
            if isinstance(cell[2], date):
                assert row.entry.birth_date == cell[2]
            if isinstance(cell[8], date):
                assert row.entry.referral_on == cell[8]
            letters = sorted(normalised(row.entry.last_name + row.entry.first_name))
            assert letters == sorted(normalised(cell[1])), row.line


def normalised(text: str) -> str:
    return files.normalise(text).replace(" ", "")


def test_some_lines_read_by_hand(follow_up):
    rows = {row.line: row.entry for row in follow_up.rows}
    names = {n: (rows[n].last_name, rows[n].first_name) for n in (6, 7, 9, 16, 31, 32, 38, 52, 60, 63, 72, 126)}
    assert names == {
        6: ("D’Angelo", "Sarah"), 7: ("Aït Oufella", "Ilyès"), 9: ("De la Cruz", "Louane"), 16: ("Mhamdi", "Océane"),
        31: ("Aït Oufella", "Stéphane"), 32: ("Saïd Ahmed", "Élie"), 38: ("Ferri", "Marie-Lou"),
        52: ("Œuvrard", "Margaux"), 60: ("Petit-Jean", "Yanis"), 63: ("Aït Oufella", "Noémie"), 72: ("Le Goff", "Loïc"),
        126: ("Da Silva", "Walid"),
    }  # fmt: skip
    first = rows[6]
    assert (first.birth_date, first.birth_precision) == (date(2013, 11, 9), "day")
    assert (first.referral_on, first.ended_on, first.purge_on) == (
        date(2026, 5, 2),
        date(2026, 8, 30),
        date(2029, 8, 30),
    )
    assert first.reasons == ("dangerous_riding", "incivility")
    assert (first.origin, first.lead, first.schemes, first.actions) == (
        "school",
        "social_service",
        ("mission_locale",),
        (),
    )
    assert (first.representatives[0].phone, first.address) == ("06 70 06 52 79", "")
    assert rows[16].birth_precision == "year"
    assert rows[16].purge_on == date(2038, 1, 1)
    assert rows[9].reasons == ("runaway", "incivility", "return_after_measure")
    assert rows[56].reasons == ("runaway", "group_disturbance", "street_presence")
    assert rows[22].lead == OrganisationKind.HOME_EDUCATIONAL_SUPPORT
    assert rows[53].actions == (PastAction("referral_to_crip_done", done=True),)
    assert rows[7].representatives == (), "of age: no parent is taken over (SIT-09)"
    assert rows[27].referral_on == date(2024, 12, 7)
    assert rows[18].ended_estimated
    assert {rows[n].sector for n in (11, 13, 16, 24, 38)} == {"Maille 2", "Centre-ville", "Maille 3"}


@pytest.mark.rule("SIT-04", "BL-09")
def test_observations_are_listed_for_coding_and_read_nowhere(follow_up, raw):
    (narrative,) = follow_up.narrative
    assert (narrative.letter, narrative.header) == ("L", "Observations")
    assert list(narrative.lines) == [
        row.line for row in follow_up.rows if str(raw[row.line][11]).strip() not in ("", "?")
    ]
    everything = repr(follow_up)
    for told in {str(raw[row.line][11]) for row in follow_up.rows} - {"", "?"}:
        assert told not in everything
    opened = open_file(FOLLOW_UP.read_bytes())
    blank = opened.without_narrative(guess(opened.headers))
    assert "père absent" not in repr(blank)
    assert read(blank, today=TODAY) == follow_up


def test_homonyms_are_kept_apart_and_doubts_are_told(follow_up):
    rows = {row.line: row for row in follow_up.rows}
    assert rows[8].also == rows[56].also == ()  # Masson Thaïs, born 2014 and 2009
    assert rows[62].also == rows[118].also == ()  # Œuvrard Amine, December and September 2012
    assert rows[121].also == (108,)  # Müller Adam, one without birth date
    assert rows[25].also == (77, 116)
    kept = next(message for message in rows[25].messages if message.code == "kept")
    assert "77 et 116" in kept.text
    assert "fugue" in kept.text


def test_the_school_s_list_line_by_line():
    report = report_of(SCHOOL_LIST)
    assert {column.header: column.target for column in report.columns} == {
        "Nom": Target.LAST_NAME, "Prénom": Target.FIRST_NAME, "Date de naissance": Target.BIRTH_DATE,
        "Classe": Target.SCHOOL_LEVEL, "Responsable légal": Target.REPRESENTATIVE, "Motif": Target.REASONS,
        "Date": Target.REFERRAL_ON,
    }  # fmt: skip
    assert {row.line: row.status.value for row in report.rows} == {
        2: "ok", 3: "warning", 4: "ok", 5: "ok", 6: "ok", 7: "ok", 8: "warning", 9: "ok", 10: "ok", 11: "warning",
        12: "warning", 13: "ok", 14: "refused", 15: "warning", 16: "ok", 17: "ok", 18: "ok",
    }  # fmt: skip
    rows = {row.line: row for row in report.rows}
    assert rows[14].duplicate_of == 12
    assert "school_age" in codes(rows[11])
    entry = rows[9].entry
    assert (entry.last_name, entry.first_name, entry.origin) == ("N’Diaye", "Anaïs", "school")
    assert (entry.reasons, entry.school_level, entry.state) == (("school_dropout",), "3e", EntryState.OPEN)
    assert [one.last_name for one in entry.representatives] == ["N’Diaye"]
    assert "two_holders" in codes(rows[9])
    assert len(report.remarks) == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [("pas_un_tableur.xlsx", "not_a_spreadsheet"), ("protege_par_mot_de_passe.xlsx", "password")],
)
def test_the_samples_that_must_be_refused(name, code):
    with pytest.raises(InputRefused) as caught:
        open_file((SAMPLES / name).read_bytes())
    assert (caught.value.code, caught.value.field) == (code, "file")
    assert caught.value.message == opening.refused(code).message


# Files


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


# Columns


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("NOM", "last_name"), ("Nom de famille", "last_name"), ("Prénom(s)", "first_name"), ("Nom et Prénom", "full_name"),
        ("Jeune", "full_name"), ("PRÉNOM NOM", "full_name"), ("DDN", "birth_date"), ("Né(e) le", "birth_date"),
        ("Date de naissance", "birth_date"), ("Âge", "birth_date"), ("Né(e) à", "forbidden"), ("Nationalité", "forbidden"),
        ("N° sécurité sociale", "forbidden"), ("Lieu de naissance", "forbidden"), ("Sexe", "sex"), ("F/G", "sex"),
        ("Genre", "sex"), ("Adresse", "address"), ("Téléphone", "phone"), ("Tél. parents", "representative_phone"),
        ("Portable de la mère", "representative_phone"), ("Responsable légal", "representative"),
        ("Parents", "representative"), ("E-mail", "email"), ("Établissement", "school"), ("Classe", "school_level"),
        ("Date de saisine", "referral_on"), ("Entrée", "referral_on"), ("Date", "referral_on"), ("Signalé par", "origin"),
        ("Origine", "origin"), ("Motif(s)", "reasons"), ("Motif de la saisine", "reasons"), ("Statut", "status"),
        ("Suivi en cours ?", "status"), ("Clos ?", "status"), ("Date de clôture", "ended_on"), ("Sortie le", "ended_on"),
        ("Référent", "lead"), ("Suivi par", "lead"), ("Dispositifs", "schemes"), ("Actions", "actions"),
        ("Observations", "narrative"), ("Situation familiale", "narrative"), ("Commentaires / divers", "narrative"),
        ("Faits", "narrative"), ("Quartier", "sector"), ("N°", "ignored"), ("", "ignored"), ("Colonne1", "ignored"),
    ],
)  # fmt: skip
def test_headers_are_guessed(header, target):
    assert guess([header]) == {0: Target(target)}


def test_a_second_column_of_the_same_kind_is_left_out_or_added():
    assert guess(["Nom", "Nom", "Motif 1", "Motif 2", "Notes", "Remarques"]) == {
        0: Target.LAST_NAME, 1: Target.IGNORED, 2: Target.REASONS, 3: Target.REASONS, 4: Target.NARRATIVE,
        5: Target.NARRATIVE,
    }  # fmt: skip


def test_every_target_has_a_french_name():
    assert all(target.label for target in Target)
    assert all(status.label for status in Status)


def test_the_user_s_mapping_wins():
    opened = table("Belkacem;Yanis;12/03/2011;fugue;PM;01/06/2026;non")
    mapping = {**guess(opened.headers), 0: Target.FIRST_NAME, 1: Target.LAST_NAME, 4: Target.IGNORED}
    row = read(opened, today=TODAY, mapping=mapping, default_origin="pjj").rows[0]
    assert (row.entry.last_name, row.entry.first_name, row.entry.origin) == ("Yanis", "Belkacem", "pjj")


# Cells


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/03/2011", date(2011, 3, 12)), ("12.3.11", date(2011, 3, 12)), ("12-03-2011 ", date(2011, 3, 12)),
        ("12 03 2011", date(2011, 3, 12)), ("2011-03-12", date(2011, 3, 12)), ("2011-03-12 00:00:00", date(2011, 3, 12)),
        ("12 mars 2011", date(2011, 3, 12)), ("1er mai 2012", date(2012, 5, 1)), ("2 mai. 2026", date(2026, 5, 2)),
        ("7 déce. 2024", date(2024, 12, 7)), ("25 avri. 2025", date(2025, 4, 25)), ("9 nove. 2025", date(2025, 11, 9)),
        ("30 sept. 2025", date(2025, 9, 30)), ("22 juil. 2011", date(2011, 7, 22)), ("22 AOÛT 2011", date(2011, 8, 22)),
        ("3 fév 12", date(2012, 2, 3)), ("samedi 12 mars 2011", date(2011, 3, 12)), ("le 12/03/2011", date(2011, 3, 12)),
        ("né le 12/03/2011", date(2011, 3, 12)), ("née le 1er mars 2011", date(2011, 3, 1)), ("40614", date(2011, 3, 12)),
        ("12032011", date(2011, 3, 12)), ("12mars2011", date(2011, 3, 12)), ("29/02/2012", date(2012, 2, 29)),
        ("31/02/2012", None), ("29/02/2011", None), ("00/01/2011", None), ("45/45/2011", None), ("12 jui 2011", None),
        ("12 brumaire 2011", None), ("bientôt", None), ("12/03", None), ("?", None), ("", None), ("-", None),
        ("NC", None), ("inconnue", None), ("\u0000", None), ("٣/٣/٢٠١١", date(2011, 3, 3)),
    ],
)  # fmt: skip
def test_days_in_all_their_forms(text, expected):
    assert cells.parse_date(text, today=TODAY).day == expected


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2011", date(2011, 1, 1), "year"), ("né en 2011", date(2011, 1, 1), "year"), ("mars 2011", date(2011, 3, 1), "month"),
        ("03/2011", date(2011, 3, 1), "month"), ("vers 2011", date(2011, 1, 1), "year"), ("fin 2011", date(2011, 1, 1), "year"),
        ("15 ans", date(2011, 1, 1), "year"), ("avr. 09", date(2009, 4, 1), "month"),
    ],
)  # fmt: skip
def test_dates_known_in_part(text, day, precision):
    found = cells.parse_date(text, today=TODAY, birth=True)
    assert (found.day, found.precision) == (day, precision)


def test_two_digit_years_and_swapped_months():
    assert cells.parse_date("01/01/05", today=TODAY, birth=True).day == date(2005, 1, 1)
    assert cells.parse_date("01/01/98", today=TODAY, birth=True).day == date(1998, 1, 1)
    assert cells.parse_date("01/01/27", today=TODAY).day == date(2027, 1, 1)
    swapped = cells.parse_date("03/25/2011", today=TODAY)
    assert (swapped.day, swapped.month_first) == (date(2011, 3, 25), True)


@given(day=st.dates(date(1990, 1, 1), date(2026, 11, 22)), shape=st.sampled_from(
    ["{d:02d}/{m:02d}/{y}", "{d}.{m}.{y}", "{d:02d}-{m:02d}-{y2}", "{d} {month} {y}", "{y}-{m:02d}-{d:02d}", "{serial}"]))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_a_written_day_is_read_back(day, shape):
    text = shape.format(d=day.day, m=day.month, y=day.year, y2=f"{day.year % 100:02d}",
                        month=cells.MONTHS[day.month - 1], serial=(day - date(1899, 12, 30)).days)  # fmt: skip
    assert cells.parse_date(text, today=TODAY, birth=True).day == day


@pytest.mark.parametrize(
    ("written", "proper"),
    [
        ("BELKACEM", "Belkacem"), ("DE LA CRUZ", "De la Cruz"), ("D'ANGELO", "D’Angelo"), ("N'DIAYE", "N’Diaye"),
        ("SAINT-MARTIN", "Saint-Martin"), ("LE GOFF", "Le Goff"), ("ŒUVRARD", "Œuvrard"), ("AÏT OUFELLA", "Aït Oufella"),
        ("jean-baptiste", "Jean-Baptiste"), ("McDonald", "McDonald"), ("VAN DEN BERG", "Van den Berg"), ("L’HOSTIS", "L’Hostis"),
        ("  MÜLLER ", "Müller"), ("ÉLIE", "Élie"), ("", ""),
    ],
)  # fmt: skip
def test_names_in_proper_case(written, proper):
    assert cells.proper_case(written) == proper


KNOWN = cells.learn_names(["DA SILVA Mehdi", "AÏT OUFELLA Noémie", "MASSON Léa"], surname_first=True)


@pytest.mark.parametrize(
    ("cell", "last_name", "first_name", "sure"),
    [
        ("BELKACEM Yanis", "Belkacem", "Yanis", True), ("Yanis BELKACEM", "Belkacem", "Yanis", True),
        (" DE LA CRUZ  LOUANE ", "De la Cruz", "Louane", True), ("Thaïs DE LA CRUZ", "De la Cruz", "Thaïs", True),
        ("de LA TOUR Zoé", "De la Tour", "Zoé", True), ("Élie SAÏD AHMED", "Saïd Ahmed", "Élie", True),
        ("Belkacem, Yanis", "Belkacem", "Yanis", True), ("Masson Thaïs", "Masson", "Thaïs", True),
        ("Da Silva Walid", "Da Silva", "Walid", True), ("Aït Oufella Ilyès", "Aït Oufella", "Ilyès", True),
        ("Léa Masson", "Masson", "Léa", False), ("Le Goff Loïc", "Le Goff", "Loïc", True),
        ("SAINT-MARTIN François-Xavier", "Saint-Martin", "François-Xavier", True), ("BELKACEM YANIS", "Belkacem", "Yanis", True),
        ("Garcia Lopez Maria", "Garcia Lopez", "Maria", False), ("BELKACEM Yanis (frère)", "Belkacem", "Yanis", True),
        ("MARTIN Jean Luc", "Martin", "Jean Luc", True),
    ],
)  # fmt: skip
def test_a_full_name_is_cut_in_two(cell, last_name, first_name, sure):
    cut = cells.split_full_name(cell, surname_first=True, known=KNOWN)
    assert (cut.last_name, cut.first_name, cut.sure) == (last_name, first_name, sure)


def test_a_full_name_with_the_first_name_ahead():
    cut = cells.split_full_name("Walid Da Silva", surname_first=False)
    assert (cut.last_name, cut.first_name) == ("Da Silva", "Walid")
    assert cells.split_full_name("Yanis Belkacem", surname_first=False).last_name == "Belkacem"


@pytest.mark.parametrize("cell", ["Belkacem", "", "?", "12", "  ", "- -"])
def test_what_is_no_full_name(cell):
    assert cells.split_full_name(cell, surname_first=True) is None


@pytest.mark.parametrize(
    ("text", "phones", "understood"),
    [
        ("612345678", ("06 12 34 56 78",), True), ("06.12.34.56.78", ("06 12 34 56 78",), True),
        ("+33 612345678", ("06 12 34 56 78",), True), ("0033 6 12 34 56 78", ("06 12 34 56 78",), True),
        ("+33 (0)6 12 34 56 78", ("06 12 34 56 78",), True), ("06 12 34 56 78 / 0712345678", ("06 12 34 56 78", "07 12 34 56 78"), True),
        ("mère : 06 12 34 56 78", ("06 12 34 56 78",), True), ("06 12 34", (), False), ("?", (), True), ("", (), True),
        ("0612345678\n0612345678", ("06 12 34 56 78",), True), ("12345678901234", (), False),
    ],
)  # fmt: skip
def test_phones(text, phones, understood):
    assert cells.parse_phones(text) == (phones, understood)


@pytest.mark.rule("BL-06")
@pytest.mark.parametrize(
    ("text", "address", "is_address"),
    [
        ("9 rue des Ormes", "9 rue des Ormes", True),
        ("bât C3\nappt 12", "bât C3, appt 12", True),
        ("?", "", True),
        ("chez la grand-mère", "", False),
        ("Chez sa tante", "", False),
        ("domicile du père", "", False),
        ("12 rue du Père-Lachaise", "12 rue du Père-Lachaise", True),
    ],
)
def test_addresses_name_no_relative(text, address, is_address):
    assert cells.parse_address(text) == (address, is_address)


# Words


@pytest.mark.rule("SIT-02")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fugue", "runaway"), ("fugues répétées", "runaway"), ("insultes", "incivility"), ("Incivilités", "incivility"),
        ("décrochage scolaire", "school_dropout"), ("ABSENTÉISME", "school_dropout"),
        ("traîne sur la voie publique pendant les cours", "street_presence"), ("regroupement", "group_disturbance"),
        ("nuisances", "group_disturbance"), ("exposition à la délinquance", "exposure_to_offending"),
        ("sortie de mesure", "return_after_measure"), ("dégradations", "damage"), ("rodéo quad", "dangerous_riding"),
        ("vol", ""), ("stups", ""), ("radicalisation", ""), ("autre", ""),
    ],
)  # fmt: skip
def test_reasons_become_codes(text, code):
    assert words.reason(text) == code
    assert code in {"", *ReferralReason.values}


def test_all_codes_of_the_lists_can_be_read():
    assert {words.reason(str(one.label)) for one in ReferralReason} == set(ReferralReason.values)
    assert {words.origin(str(one.label))[0] for one in ReferralOrigin} == set(ReferralOrigin.values)


@pytest.mark.rule("SIT-01")
@pytest.mark.parametrize(
    ("text", "code", "sure"),
    [
        ("PM", "municipal_police", True), ("PN", "national_police", True), ("police municipale", "municipal_police", True),
        ("collège La Carraire", "school", True), ("Lycée", "school", True), ("Bailleur", "landlord", True),
        ("MDS", "social_service", True), ("ADDAP 13", "street_outreach", True), ("AEMO", "aemo", True), ("PJJ", "pjj", True),
        ("parents", "family", True), ("mairie", "municipal_service", True), ("centre social", "municipal_service", False),
        ("un voisin", "", False), ("anonyme", "", False),
    ],
)  # fmt: skip
def test_origins_become_codes(text, code, sure):
    assert words.origin(text) == (code, sure)


@pytest.mark.parametrize(
    ("text", "header", "state", "ended"),
    [
        ("oui", "Clos ?", EntryState.CLOSED, None), ("x", "Clos ?", EntryState.CLOSED, None),
        ("OUI le 30/08/2026", "Clos ?", EntryState.CLOSED, date(2026, 8, 30)), ("non", "Clos ?", EntryState.OPEN, None),
        ("", "Clos ?", EntryState.OPEN, None), ("30/08/2026", "Clos", EntryState.CLOSED, date(2026, 8, 30)),
        ("clos", "Statut", EntryState.CLOSED, None), ("Clôturé en juin 2025", "Statut", EntryState.CLOSED, date(2025, 6, 1)),
        ("suivi en cours", "Statut", EntryState.OPEN, None), ("en attente", "Statut", EntryState.WAITING, None),
        ("oui", "Suivi en cours ?", EntryState.OPEN, None), ("non", "Suivi en cours", EntryState.CLOSED, None),
        ("pas clos", "Statut", EntryState.OPEN, None), ("à revoir", "Statut", EntryState.WAITING, None),
        ("???!", "Clos ?", EntryState.OPEN, None), ("peut-être", "Clos ?", None, None),
    ],
)  # fmt: skip
def test_statuses(text, header, state, ended):
    found = words.status(text, header, today=TODAY)
    assert (found.state, found.ended.day if found.ended else None) == (state, ended)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("3ème A", "3e"), ("4°C", "4e"), ("5e B", "5e"), ("6EME", "6e"), ("SEGPA 4", "segpa"), ("2nde", "2de"), ("1ère STMG", "1re"),
        ("Terminale", "terminale"), ("CAP cuisine", "vocational"), ("CM2", "primary"), ("déscolarisé", "none"), ("?", "unknown"),
    ],
)  # fmt: skip
def test_classes(text, level):
    assert words.school_level(text) == level
    assert level in SchoolLevel.values


@pytest.mark.parametrize(
    ("text", "scheme", "action"),
    [
        ("mission locale", "mission_locale", ""), ("soutien scolaire", "clas", ""), ("inscription centre social", "social_centre", ""),
        ("RDV famille", "", "family_meeting"), ("retour au collège préparé", "", "school_return"),
        ("contact éducateur", "", "outreach_contact"), ("stage sport été", "", "leisure_or_sport"),
        ("rappel à l'ordre proposé", "", "mayor_warning_proposed"), ("signalement CRIP fait", "", "referral_to_crip_done"),
        ("voir", "", ""),
    ],
)  # fmt: skip
def test_schemes_and_actions(text, scheme, action):
    assert (words.scheme(text), words.action(text)) == (scheme, action)
    assert action in {"", *ActionType.values}


# Lines


def test_a_plain_line_is_ready():
    row = one("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2026;non")
    assert (row.status, row.messages) == (Status.OK, ())
    assert row.importable


@pytest.mark.parametrize(
    ("line", "level", "code"),
    [
        (";Yanis;12/03/2011;fugue;PM;01/06/2026;", "refused", "name"),
        ("BELKACEM;;12/03/2011;fugue;PM;01/06/2026;", "refused", "name"),
        ("B" * 130 + ";Yanis;12/03/2011;fugue;PM;01/06/2026;", "refused", "too_long"),
        ("BELKACEM;Yanis;?;fugue;PM;01/06/2026;", "refused", "birth_unknown"),
        ("BELKACEM;Yanis;hier;fugue;PM;01/06/2026;", "refused", "birth_unreadable"),
        ("BELKACEM;Yanis;12/03/2027;fugue;PM;01/06/2026;", "refused", "birth_future"),
        ("BELKACEM;Yanis;12/03/1811;fugue;PM;01/06/2026;", "refused", "birth_implausible"),
        ("BELKACEM;Yanis;2011;fugue;PM;01/06/2026;", "warning", "birth_estimated"),
        ("BELKACEM;Yanis;03/25/2011;fugue;PM;01/06/2026;", "warning", "month_first"),
        ("BELKACEM;Yanis;12/03/2023;fugue;PM;01/06/2026;", "warning", "very_young"),
        ("BELKACEM;Yanis;12/03/2011;;PM;01/06/2026;", "refused", "reason"),
        ("BELKACEM;Yanis;12/03/2011;vol;PM;01/06/2026;", "refused", "reason"),
        ("BELKACEM;Yanis;12/03/2011;fugue, vol;PM;01/06/2026;", "warning", "reason_unknown"),
        ("BELKACEM;Yanis;12/03/2011;fugue;;01/06/2026;", "refused", "origin"),
        ("BELKACEM;Yanis;12/03/2011;fugue;un voisin;01/06/2026;", "refused", "origin"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;?;", "warning", "referral_unknown"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2027;", "warning", "referral_future"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;été;", "warning", "referral_unreadable"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2026;peut-être", "refused", "status"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2026;oui", "warning", "end_estimated"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;?;oui", "refused", "end_unknown"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2026;oui le 01/06/2027", "refused", "end_future"),
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2026;oui le 01/05/2026", "refused", "end_before_start"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(line, level, code):
    row = one(line)
    assert (level, code) in {(message.level.value, message.code) for message in row.messages}
    assert row.status.value == level
    assert row.importable is (level == "warning")
    assert all(message.text.endswith((".", "?")) for message in row.messages)


@pytest.mark.rule("RET-02", "RET-03", "RET-05")
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("BELKACEM;Yanis;22/11/2001;fugue;PM;01/06/2020;non", Status.OVER_25),  # 25 today
        ("BELKACEM;Yanis;23/11/2001;fugue;PM;01/06/2020;non", Status.OK),
        ("BELKACEM;Yanis;2001;fugue;PM;01/06/2020;non", Status.OVER_25),  # since 1 January
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2020;oui le 22/11/2023", Status.PURGE_PASSED),  # three years today
        ("BELKACEM;Yanis;12/03/2011;fugue;PM;01/06/2020;oui le 23/11/2023", Status.OK),
        ("BELKACEM;Yanis;12/03/2011;vol;un voisin;01/06/2020;oui", Status.PURGE_PASSED),  # entered over three years ago
    ],
)
def test_lines_past_their_date_are_counted_only(line, status):
    row = one(line)
    assert row.status is status
    if status is not Status.OK:
        assert row.entry is None
        assert "elkacem" not in repr(row).lower()
        assert "voisin" not in repr(row)


def test_over_age_and_purged_lines_are_counted_apart():
    report = read(
        table("A;A;12/03/1990;fugue;PM;;", "B;B;12/03/2011;fugue;PM;01/06/2019;oui", "C;C;?;fugue;PM;;", "D;D;1/1/2010;fugue;PM;1/1/26;"),
        today=TODAY,
    )  # fmt: skip
    counts = report.counts
    assert (counts.over_25, counts.purge_passed, counts.refused, counts.ok, counts.total) == (1, 1, 1, 2, 5)
    assert report.counts.importable == 2


def test_an_end_date_column_closes_and_contradicts():
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Statut;Date de fin"
    closed = one("B;Y;12/03/2011;fugue;PM;01/06/2025;clos;03/02/2026", header=header)
    assert (closed.entry.state, closed.entry.ended_on, closed.status) == (
        EntryState.CLOSED,
        date(2026, 2, 3),
        Status.OK,
    )
    silent = one("B;Y;12/03/2011;fugue;PM;01/06/2025;;03/02/2026", header=header)
    assert silent.entry.ended_on == date(2026, 2, 3)
    torn = one("B;Y;12/03/2011;fugue;PM;01/06/2025;en cours;03/02/2026", header=header)
    assert codes(torn) == ["status_conflict"]
    odd = one("B;Y;12/03/2011;fugue;PM;01/06/2025;clos;bientôt", header=header)
    assert codes(odd) == ["ended_unreadable"]
    waiting = one("B;Y;12/03/2011;fugue;PM;01/06/2025;en attente;", header=header)
    assert (waiting.entry.state, waiting.status) == (EntryState.WAITING, Status.OK)


def test_other_cells_of_a_line():
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Sexe;Tél;E-mail;École;Parents;Tél. mère;Référent;Dispositifs;Actions"
    row = one(
        "B;Y;12/03/2011;fugue;PM;01/06/2025;F;612345678;y@example.org;Jean Moulin;Mme BELKACEM Nadia;0712345678;"
        "Mme Roche (MDS);PRE + danse;RDV famille fait",
        header=header,
    )
    entry = row.entry
    assert (entry.sex, entry.phone, entry.email, entry.school) == (
        "f",
        "06 12 34 56 78",
        "y@example.org",
        "Jean Moulin",
    )
    assert [(one.last_name, one.first_name, one.phone) for one in entry.representatives] == [
        ("Belkacem", "Nadia", "07 12 34 56 78")
    ]
    assert (entry.lead, entry.schemes) == ("social_service", ("pre",))
    assert entry.actions == (PastAction("family_meeting", done=True),)
    assert codes(row) == ["schemes_unknown", "lead_person", "phone_zero"]
    assert "Roche" not in repr(row), "the service is taken over, not the agent's name"


@pytest.mark.rule("SIT-09")
def test_an_adult_s_parents_are_not_taken_over():
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Parents;Tél. parents"
    child = one("B;Y;23/11/2008;fugue;PM;01/06/2025;Mme B;0712345678", header=header)
    adult = one("B;Y;22/11/2008;fugue;PM;01/06/2025;Mme B;0712345678", header=header)
    assert len(child.entry.representatives) == 1
    assert adult.entry.representatives == ()
    assert "adult" in codes(adult)


@pytest.mark.rule("BL-01")
def test_forbidden_columns_are_never_read():
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par;Nationalité;N° sécurité sociale"
    opened = open_file(f"{header}\nB;Y;12/03/2011;fugue;PM;belge;1110313055123\n".encode())
    report = read(opened, today=TODAY)
    assert "belge" not in repr(report)
    assert "1110313055123" not in repr(report)
    assert "belge" not in repr(opened.without_narrative(guess(opened.headers)))
    assert [column.target for column in report.narrative] == [Target.FORBIDDEN, Target.FORBIDDEN]
    assert any("interdites" in remark for remark in report.remarks)


def test_unknown_values_are_listed_once_and_mapped_for_all():
    lines = ["A;A;1/1/2010;guet, fugue;voisin;1/1/26;", "B;B;1/1/2011;Guet;Voisin;1/1/26;"]
    report = read(table(*lines), today=TODAY)
    assert [(one.key, one.lines) for one in report.unknown] == [("origin:voisin", (2, 3)), ("reasons:guet", (2, 3))]
    assert report.counts.refused == 2
    choices = {"origin:voisin": "family", "reasons:guet": "exposure_to_offending"}
    mapped = read(table(*lines), today=TODAY, choices=choices)
    assert mapped.unknown == ()
    assert [row.entry.reasons for row in mapped.rows[:2]] == [
        ("exposure_to_offending", "runaway"),
        ("exposure_to_offending",),
    ]
    left_out = read(table(*lines), today=TODAY, choices=choices | {"reasons:guet": ""})
    assert [row.status for row in left_out.rows[:2]] == [Status.OK, Status.REFUSED]
    forged = read(table(*lines), today=TODAY, choices={"origin:voisin": "Robert", "reasons:guet": "vol"})
    assert forged == report, "a choice that is no code is no choice"


def test_corrections_are_read_like_cells():
    opened = table("BELKACEM;Yanis;?;fugue;PM;01/06/2026;non")
    assert read(opened, today=TODAY).rows[0].status is Status.REFUSED
    row = read(opened, today=TODAY, corrections={2: {2: "né en 2011"}}).rows[0]
    assert (row.status, row.entry.birth_date) == (Status.WARNING, date(2011, 1, 1))


def test_headers_that_come_back_totals_and_titles_are_no_people():
    report = read(
        table("A;A;1/1/2010;fugue;PM;1/1/26;", "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?", ";;;;;;", "SECTEUR NORD;;;;;;",
              "TOTAL;12;;;;;"),
        today=TODAY,
    )  # fmt: skip
    assert [(one.line, one.kind) for one in report.skipped] == [
        (3, "header"),
        (4, "blank"),
        (5, "section"),
        (6, "total"),
    ]
    assert "Le tableau annonce un total de 12 ; 2 lignes lues." in report.remarks


def test_a_name_alone_is_a_person_to_correct_not_a_title():
    report = read(table("BELKACEM Yanis;;;;;;"), today=TODAY)
    assert report.rows[0].status is Status.REFUSED


@pytest.mark.rule("SIT-03")
def test_of_one_person_the_open_then_latest_line_is_kept():
    lines = [
        "TRAORÉ;Margaux;21/07/2010;fugue;PM;01/01/2026;oui le 01/02/2026",
        "TRAORE;margaux;21/07/2010;insultes;PM;01/03/2025;non",
        "Margaux;Traoré;21/07/2010;dégradations;PM;01/06/2025;non",
        "TRAORÉ;Margot;21/07/2010;fugue;PM;01/01/2026;non",
    ]
    rows = read(table(*lines), today=TODAY).rows
    assert [row.duplicate_of for row in rows] == [4, 4, None, None, None]
    assert rows[2].also == (2, 3, 5)
    assert "fugue" in next(message.text for message in rows[2].messages if message.code == "kept")
    assert codes(rows[3]) == ["possible_duplicate"]
    assert (rows[3].status, rows[3].also) == (Status.WARNING, (2, 3, 4))


CELLS = st.sampled_from(
    ["", "?", "BELKACEM", "Yanis", "Da Silva Walid", "12/03/2011", "2011", "1990", "31/02/2012", "fugue / vol", "PM", "voisin",
     "oui", "non", "x", "OUI le 01/01/2027", "TOTAL", "--- SECTEUR ---", "…", "²", "0612345678", "chez sa mère", "\n", "é" * 40]
) | st.text(max_size=12)  # fmt: skip


@given(
    lines=st.lists(st.lists(CELLS, max_size=9), min_size=1, max_size=8),
    mapping=st.dictionaries(st.integers(0, 8), st.sampled_from(list(Target)), max_size=9),
)
@settings(max_examples=150, deadline=None)
def test_any_table_under_any_mapping_is_told_the_truth_about(lines, mapping):
    opened = Table("", (("Nom", "Prénom"), *(tuple(line) for line in lines)), 1)
    report = read(opened, today=TODAY, mapping=mapping, default_origin="pjj")
    assert report == read(opened, today=TODAY, mapping=mapping, default_origin="pjj")
    assert sorted([row.line for row in report.rows] + [one.line for one in report.skipped]) == [
        *range(2, len(lines) + 2)
    ]
    counts = report.counts
    assert counts.total == len(report.rows)
    assert counts.total == counts.ok + counts.warning + counts.refused + counts.over_25 + counts.purge_passed
    for row in report.rows:
        assert row.importable is (row.status in (Status.OK, Status.WARNING))
        assert (Level.REFUSED in {message.level for message in row.messages}) is (row.status is Status.REFUSED)
        if row.entry:
            assert row.entry.last_name
            assert row.entry.first_name
            assert row.entry.reasons
            assert set(row.entry.reasons) <= set(ReferralReason.values)
            assert row.entry.origin in ReferralOrigin.values
            assert row.entry.birth_date <= TODAY < row.entry.purge_on
            assert (row.entry.ended_on is not None) is (row.entry.state is EntryState.CLOSED)
