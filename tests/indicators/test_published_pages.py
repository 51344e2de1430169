"""« Indicateurs »: a sentence, a picture, a table, a definition; from the published vector and nothing else."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.casefile import workbook
from casework.indicators.releases import documents, reading, reference_rates
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.tables import TOTAL
from casework.indicators.releases.vector import Number
from tests.indicators import editions
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

READERS = (
    "coordinator", "mayor", "pjj", "sah", "aemo", "mds", "outreach", "education", "spip", "apers_offender",
    "apers_victim", "national_police", "municipal_police", "prosecutor", "dpo",
)  # fmt: skip


def text(answer):
    return answer.content.decode()


def lines_of(content, suffix):
    if suffix == "csv":
        return list(csv.reader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
    return [line for each in workbook.read_sheets(content).values() for line in each]


def page(client, name="releases:index", *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.mark.rule("ACL-11", "SDC-10")
@pytest.mark.parametrize("who", READERS)
def test_whoever_reads_counts_reads_the_same_page(people, who):
    """Row 29: the coordinator, the mayor, the police and the services read one page, and nobody’s list hangs from it."""
    editions.edition(people.territory)
    html = page(client_for(people.mandates[who]))
    assert "64 personnes en 2025" in html
    assert "8 sur 10" in html


@pytest.mark.rule("ACL-01", "ACL-11")
@pytest.mark.parametrize("who", ["host", "sysadmin", "valideur", "ended", "unsigned"])
def test_nobody_else_opens_it(people, who):
    editions.edition(people.territory)
    client = client_for(people.mandates[who])
    for name, args in (("index", ()), ("table", ("measures_kind",)), ("returns", ()), ("file", ("csv",))):
        assert client.get(reverse(f"releases:{name}", args=args)).status_code in (302, 404)


def test_another_town_reads_its_own_editions(people):
    editions.edition(people.territory)
    assert "Aucun chiffre n’est encore publié" in page(client_for(people.stranger))


def test_before_the_first_edition_the_page_says_what_comes_next(people):
    editions.edition(people.territory, state=ReleaseState.PROPOSED, published_at=None, agreed_by=None)
    html = page(client_for(people.mayor))
    assert "Aucun chiffre n’est encore publié" in html
    assert "se prépare en mars" in html
    assert "64" not in re.sub(r"<[^>]+>", "", html)


@pytest.mark.rule("SDC-07")
def test_a_table_that_an_edition_lacks_is_named_with_the_last_that_holds_it(people):
    editions.edition(people.territory, 2024)
    editions.edition(people.territory, 2025, editions.measures(2025))
    html = page(client_for(people.mayor)).partition("Pas dans cette édition")[2]
    assert "Élèves accueillis pendant une exclusion, selon la suite" in html
    assert "édition 2024" in html
    assert "Suivis de la cellule terminés, selon la fin" in html
    assert "Mesures terminées, selon la mesure et sa fin" not in html


@pytest.mark.rule("REC-26", "SDC-09")
def test_each_table_says_its_definition_its_denominator_and_its_warning(people):
    editions.edition(people.territory)
    client = client_for(people.coordinator)
    for html in (page(client), page(client, "releases:table", "measures_kind")):
        for words in ("Définition", "Dénominateur", "Attention", "La comparaison ne dit pas l’effet", "Moins de 11"):
            assert words in html
        assert html.index("64 personnes en 2025") < html.index('class="cw-chart"')
    assert html.index('class="cw-chart"') < html.index("<table")


@pytest.mark.rule("REC-21", "SDC-09")
def test_the_first_page_says_in_a_minute_what_happened(people):
    """Kinds with their number, known returns on their whole with what is not known, and no grid: it is on its own page."""
    pair = {
        ("tig", TOTAL): 40, ("reparation", TOTAL): 24, (TOTAL, "done"): 51, (TOTAL, "not_done"): 13, (TOTAL, "void"): 0,
        (TOTAL, TOTAL): 64,
    }  # fmt: skip
    later = editions.known_returns(2022)
    editions.edition(
        people.territory, 2025, editions.table(pair), editions.known_returns(), replace(later, key="returns_tig_24")
    )
    html = page(client_for(people.mayor))
    brief = re.sub(r"<[^>]+>", " ", html[html.index("En bref") : html.index('class="in-cards"')])
    said = " ".join(brief.split())
    assert "64 Mesures terminées" in said
    assert "en 2025 (travail d’intérêt général : 40, réparation : 24)" in said
    assert said.count("17 sur 60") == 2
    assert "on ne sait pas pour 12" in said
    assert "jamais la récidive légale" in said
    assert "<table" not in html[html.index("<main") :]
    assert "Préparer" not in html


def test_a_brief_line_says_nothing_of_what_is_hidden():
    """A kind that is not shown takes the others out of the sentence; a hidden part leaves the whole; a hidden whole says so."""
    assert "(" not in reading.brief(editions.table({("tig", TOTAL): 40, (TOTAL, TOTAL): 64})).words
    part = reading.brief(replace(editions.known_returns(), numbers=(Number(key=(TOTAL,), n=60),)))
    assert (part.figure, part.words) == ("60", "Personnes de 2021 à 2023.")
    assert reading.brief(editions.ages()).figure == "non affiché"


def test_the_button_names_the_year_only_while_it_has_no_edition(people):
    last = timezone.localdate().year - 1
    client = client_for(people.coordinator)
    assert f"Préparer l’édition {last}" in page(client)
    editions.edition(people.territory, last, published_at=timezone.now())
    assert "Préparer une édition" in page(client)


@pytest.mark.rule("REC-21", "REC-22", "REC-23")
def test_known_returns_are_said_of_the_partners_and_never_as_recidivism(people):
    editions.edition(people.territory)
    html = page(client_for(people.mayor), "releases:returns")
    assert "Retours connus des partenaires" in html
    assert "retours connus des partenaires" in html
    assert "de 2021 à 2023" in html
    assert "On ne sait pas pour 12 personnes sur 60" in html
    assert "feuille annuelle du service" in html
    assert "3 années ensemble" in html
    assert "taux de récidive" not in html.lower()
    assert not re.search(r"(?<!jamais la )récidive légale", html)


@pytest.mark.rule("REF-01", "REF-03", "REF-04", "REF-05", "REF-06", "REF-07", "REF-08", "REC-06")
def test_rates_of_others_stand_apart_with_their_event_and_their_delay(people):
    html = page(client_for(people.mayor), "releases:returns")
    for each in reference_rates.REFERENCE_RATES:
        assert all(words in html for words in (each.ref, each.horizon, each.rate))
        assert each.event
    assert "ne se comparent ni entre eux" in html


def test_years_are_chosen_and_told_one_after_the_other(people):
    editions.edition(people.territory, 2024, editions.measures(2024, done=44))
    editions.edition(people.territory, 2025)
    client = client_for(people.coordinator)
    assert "57 personnes en 2024" in page(client, annee="2024")
    html = page(client, "releases:table", "measures_kind")
    assert "au fil des années" in html
    assert "2024\u202f: 57, 2025\u202f: 64" in html


@pytest.mark.rule("ACL-11")
def test_a_page_takes_no_filter_but_the_year_of_an_edition(people):
    editions.edition(people.territory)
    client = client_for(people.mayor)
    plain = re.sub(
        r'name="csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|data-csrf="[^"]+"', "", page(client)
    )
    for query in ({"kind": "tig"}, {"annee": "2025", "month": "3"}, {"sort": "n"}, {"annee": "deux mille"}):
        asked = client.get(reverse("releases:index"), query)
        assert "64 personnes en 2025" in text(asked)
        assert asked.content.decode().count("<svg") == plain.count("<svg")
    assert client.get(reverse("releases:index"), {"annee": "2019"}).status_code == 404
    assert client.get(reverse("releases:table", args=["measures_street"])).status_code == 404


@pytest.mark.rule("SDC-10", "ACL-11")
def test_no_link_leaves_a_number_for_a_person(people):
    """What a page of figures links to is figures: no list, no file, whoever looks (no drill-down)."""
    editions.edition(people.territory)
    html = page(client_for(people.coordinator))
    main = html[html.index("<main") : html.index("</main>")]
    for link in re.findall(r'href="([^"]+)"', main):
        assert link.startswith(("/indicateurs/", "#", "?annee=", "/telephones/attribues/")), link


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "ods"])
@pytest.mark.rule("ACL-11")
def test_files_hold_the_same_numbers_with_definition_and_warning(people, suffix):
    editions.edition(people.territory)
    client = client_for(people.mayor)
    for name, args in (("releases:table_file", ["measures_kind", suffix]), ("releases:file", [suffix])):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        lines = lines_of(answer.content, suffix)
        cells = [cell for line in lines for cell in line]
        assert ["Travail d’intérêt général", "30", "non affiché", "0", "34"] in [line[:5] for line in lines]
        assert any("Personnes dont la mesure" in cell for cell in cells)
        assert any("ne dit pas l’effet" in cell for cell in cells)


def test_the_pdf_is_made_from_the_same_vector(people):
    editions.edition(people.territory)
    client = client_for(people.mayor)
    first, second = (client.get(reverse("releases:file", args=["pdf"])).content for _ in range(2))
    assert first.startswith(b"%PDF")
    assert first == second
    assert client.get(reverse("releases:file", args=["exe"])).status_code == 404


def test_the_tab_of_each_sheet_tells_it_from_the_others(people):
    """A tab holds 28 letters: « Retours connus des partena 2 » would not say which delay it is."""
    from casework.indicators.releases import catalogue

    tabs = [reading.sheet(editions.table({}, title=each.title)).name[:28] for each in catalogue.TABLES]
    assert len(set(tabs)) == len(tabs), tabs
    assert "Retours connus, 12 mois aprè" in tabs


def test_the_paper_says_the_result_before_its_picture_and_why_there_is_none():
    paper = documents.counted(editions.measures())
    assert paper["lead"].startswith("64 personnes en 2025")
    assert paper["lead"] not in paper["note"]
    assert [each["caption"] for each in paper["pictures"]][1:] == [
        "Mesures menées à leur terme, part et intervalle de confiance"
    ]
    assert "rien n’est affiché" in documents.counted(editions.ages())["note"]


@pytest.mark.rule("SDC-08")
def test_a_share_is_said_only_on_twenty_people_and_two_parts_of_the_threshold():
    small = editions.table({("tig", "done"): 18, (editions.TOTAL, "done"): 18, (editions.TOTAL, editions.TOTAL): 19})
    assert "sur 10" not in reading.sentence(small)
    nearly_all = editions.table({(editions.TOTAL, "done"): 55, (editions.TOTAL, editions.TOTAL): 60})
    assert "sur 10" not in reading.sentence(nearly_all)
    hidden = editions.table({(editions.TOTAL, "done"): None, (editions.TOTAL, editions.TOTAL): 60})
    assert reading.sentence(hidden) == "60 personnes en 2025."


def test_a_table_of_holes_says_why():
    shown = reading.shown(editions.ages())
    assert shown.picture is None
    assert shown.rows == ()
    assert "rien n’est affiché" in shown.why_none
    assert reading.sentence(editions.ages()) == "Personnes en 2025\u202f: non affiché."
