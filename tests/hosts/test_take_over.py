"""Taking over the TIG 360° extract: columns mapped on screen, each line told, all valid lines or none (ATG-04)."""

from __future__ import annotations

import uuid
from html import unescape
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework.errors import AccessRefused, InputRefused
from casework.placements.hosts import extract
from casework.placements.hosts.actions import imports
from casework.placements.hosts.codes import Audience
from casework.placements.hosts.extract import Column
from casework.placements.hosts.models import HostStructure, Post
from tests.hosts.setting import Catalogue
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

HEAD = [
    "N° de poste",
    "Structure d'accueil",
    "Nature juridique",
    "Intitulé du poste",
    "Domaine d'activité",
    "Public",
    "Commune",
]
ROWS = [
    ["T-001", "Régie des quais", "Association", "Jardin partagé", "Espaces verts", "Majeurs", "Centre"],
    ["T-002", "CCAS", "Collectivité", "Portage de repas", "Restauration collective", "", "Ailleurs"],
    ["", "CCAS", "Collectivité", "Sans numéro", "Espaces verts", "Majeurs", ""],
    ["T-003", "CCAS", "Collectivité", "Astronomie", "Étoiles", "Majeurs", ""],
    ["T-004", "CCAS", "Collectivité", "Lecture", "Espaces verts", "Mineurs", ""],
]


def workbook(rows: list[list[str]] = ROWS) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Extrait")
        sheet.write_row(0, 0, ["Extraction TIG 360°"])
        for number, row in enumerate([HEAD, *rows], start=2):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def hand_in(client, content: bytes = b""):
    file = SimpleUploadedFile("extrait.xlsx", content or workbook())
    return client.post(reverse("hosts:take_over"), {"once": str(uuid.uuid4()), "file": file})


@pytest.mark.rule("ATG-04")
def test_from_the_extract_to_the_list(catalogue: Catalogue) -> None:
    client, url = client_for(catalogue.people.spip), reverse("hosts:take_over")
    assert hand_in(client).status_code == 302
    page = unescape(client.get(url).content.decode())
    assert "2 lignes à reprendre sur 5" in page
    for why in ("Sans numéro TIG 360°", "Activité inconnue de la liste locale : Étoiles", "Pour l’autre public"):
        assert why in page
    assert not Post.objects.exists(), "nothing is written before the agreement"
    columns = [column.value for column in extract.guess(HEAD).values()]
    answer = client.post(url, {"once": str(uuid.uuid4()), "act": "write", "column": columns})
    assert answer.url == reverse("hosts:posts")
    assert set(Post.objects.values_list("tig360_number", "state", "audience", "sector__label")) == {
        ("T-001", "listed", "adults", "Centre"), ("T-002", "listed", "adults", None),
    }  # fmt: skip
    assert set(HostStructure.objects.values_list("name", "legal_kind", "stage")) == {
        ("Régie des quais", "association", "agreed"), ("CCAS", "public", "agreed"),
    }  # fmt: skip
    assert "Lire l’extrait" in client.get(url).content.decode(), "what was handed in is forgotten"
    hand_in(client)
    assert "Déjà repris" in unescape(client.get(url).content.decode())


@pytest.mark.rule("ATG-04")
def test_a_column_taken_for_another_is_corrected_on_screen(catalogue: Catalogue) -> None:
    client, url = client_for(catalogue.people.spip), reverse("hosts:take_over")
    hand_in(client)
    columns = [column.value for column in extract.guess(HEAD).values()]
    wrong = client.post(url, {"once": str(uuid.uuid4()), "act": "read", "column": [columns[1], *columns[1:]]})
    assert (wrong.status_code, "deux colonnes" in wrong.content.decode()) == (422, True)
    without = client.post(url, {"once": str(uuid.uuid4()), "act": "write", "column": ["ignored", *columns[1:]]})
    assert (without.status_code, "Il manque" in without.content.decode()) == (422, True)
    assert not Post.objects.exists()


@pytest.mark.rule("ATG-04")
def test_a_file_that_is_no_extract_is_refused_in_words(catalogue: Catalogue) -> None:
    client = client_for(catalogue.people.spip)
    answer = hand_in(client, b"%PDF-1.7 rien")
    assert (answer.status_code, "document PDF" in answer.content.decode()) == (422, True)
    out = hand_in(client, b"Nom;Age\nA;12\nB;13\n")
    assert "ne sont pas reconnues" in out.content.decode()


def test_only_the_authorities_take_over(catalogue: Catalogue) -> None:
    for who in ("coordinator", "mayor", "host", "aemo"):
        assert client_for(catalogue.people.mandates[who]).get(reverse("hosts:take_over")).status_code == 404
        with pytest.raises(AccessRefused):
            imports.require_right(catalogue.viewer(who), catalogue.now)


def test_the_first_column_of_a_kind_wins_and_the_unknown_are_left_out() -> None:
    found = extract.guess(["Référence", "Numéro", "Structure", "Taille des chaussures"])
    assert list(found.values()) == [Column.NUMBER, Column.IGNORED, Column.HOST, Column.IGNORED]
    with pytest.raises(InputRefused):
        extract.table({"": [["a", "b"], ["1", "2"]]})


def test_a_number_twice_in_the_extract_is_refused_twice() -> None:
    found = extract.Table(headers=("", "", ""), lines=((2, ("1", "A", "B")), (3, ("1", "A", "C"))))
    lines = extract.read(
        found, {0: Column.NUMBER, 1: Column.HOST, 2: Column.NATURE}, audience=Audience.ADULTS, activities=[], sectors=[],
        known_numbers=(), max_lengths=imports.LONGEST,
    )  # fmt: skip
    assert [line.refused for line in lines] == ["Sans activité"] * 2
