"""The coordinator's old spreadsheet: what is read, what is refused, and that each line is told the truth about."""

from __future__ import annotations

from datetime import date

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile import workbook as opening
from casework.errors import InputRefused
from casework.minors.followups.codes import ReferralOrigin, ReferralReason
from casework.minors.followups.spreadsheet import (
    EntryState,
    ImportReport,
    Level,
    PastAction,
    Status,
    Table,
    Target,
    files,
    guess,
    open_file,
    read,
)
from casework.partners.codes import OrganisationKind
from tests.followups.spreadsheet_setting import FOLLOW_UP, SAMPLES, SCHOOL_LIST, TODAY, codes, one, report_of, table

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
@settings(max_examples=150)
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
