"""The old spreadsheet cell by cell: headers, days, names, telephones, words become targets, values, codes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.minors.followups.codes import ActionType, ReferralOrigin, ReferralReason, SchoolLevel
from casework.minors.followups.spreadsheet import (
    EntryState,
    Status,
    Target,
    cells,
    guess,
    read,
    words,
)
from tests.followups.spreadsheet_setting import TODAY, table

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
@settings(max_examples=80)
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
