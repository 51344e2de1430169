"""What the free-text guard sees, and what it leaves alone (SIT-04, SIT-05, BL-01 to BL-09)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.casefile.textguard import MESSAGES, WarningCode, check

NAME, TEL, MAIL, ADDR = WarningCode.NAME, WarningCode.PHONE, WarningCode.EMAIL, WarningCode.ADDRESS
FACT, LAW, CARE, VIEW = WarningCode.OFFENCE, WarningCode.JUDICIAL, WarningCode.HEALTH, WarningCode.OPINION

LOGISTICS = [
    "RDV mission locale mardi 14 h",
    "contact famille avant les vacances",
    "Contact famille avant les vacances de Noël",
    "Relance du collège lundi",
    "Appel au lycée Jean Cocteau avant vendredi",
    "Voir avec le collège La Carraire",
    "RDV MDS le 12/03 à 9 h 30",
    "ADDAP 13 passe au gymnase mercredi",
    "inscription au centre social, dossier à retirer",
    "Stage sport été : 3 places demandées",
    "1 place en internat demandée",
    "Dossier PRE déposé, réponse en janvier",
    "visite à domicile avec l’AEMO",
    "Point avec la PJJ et la MDS d’ici la prochaine réunion",
    "rencontre avec la mère et le jeune",
    "RAPPEL : DOSSIER À RENDRE AVANT LE 15 JANVIER",
    "Bilan de stage avec le CFA de Marseille",
    "Permanence de l’aide aux victimes le jeudi",
    "groupe de travail prévention de la délinquance",
    "Transport : carte de bus à demander",
    "Rentrée le 5 janvier, 8 h, hall du lycée",
    "Le jeune préfère le matin",
    "Retour au collège préparé avec le CPE",
    "rappel à l’ordre proposé",
    "Budget 12000 euros pour le chantier",
    "voir le psychologue scolaire pour l’orientation",
    "Atelier de soutien scolaire : 2 séances par semaine",
    "à peine deux semaines avant l’examen",
    "rue des Ormes : point de rendez-vous du bus",
    "Entretien d’accueil, salle 2, bâtiment à droite",
    "Quartier Maille 2, permanence à 17 h",
    "Prévoir un interprète",
    "E2C : réunion d’information le 3 février",
    "",
]

FOUND = [
    ("Voir Yanis avant vendredi", [(NAME, "Yanis")]),
    ("voir yanis avant vendredi", [(NAME, "yanis")]),
    ("RDV avec Yanis Belkacem mardi", [(NAME, "Yanis Belkacem")]),
    ("RDV avec BELKACEM mardi", [(NAME, "BELKACEM")]),
    ("contact avec M. Benali et Mme D’Angelo", [(NAME, "Benali"), (NAME, "D’Angelo")]),
    ("Mme Roche rappelle", [(NAME, "Roche")]),
    ("appeler l’oncle de Jean-Baptiste", [(NAME, "Jean-Baptiste")]),
    ("le collège de Mehdi", [(NAME, "Mehdi")]),
    ("vu avec Attoumani au stade", [(NAME, "Attoumani")]),
    ("joindre la mère au 06 12 34 56 78", [(TEL, "06 12 34 56 78")]),
    ("tel : 0612345678 ou +33 6 12 34 56 78", [(TEL, "0612345678"), (TEL, "+33 6 12 34 56 78")]),
    ("écrire à nadia.b@example.org", [(MAIL, "nadia.b@example.org")]),
    ("passer au 12 bis rue des Ormes", [(ADDR, "12 bis rue des Ormes")]),
    ("bât C3 appt 12", [(ADDR, "bât C3"), (ADDR, "appt 12")]),
    ("courrier 13140 Miramont", [(ADDR, "13140 Miramont")]),
    ("NIR 1 11 03 13 055 123 45", [(WarningCode.NIR, "1 11 03 13 055 123 45")]),
    ("placé en garde à vue lundi", [(FACT, "garde à vue")]),
    ("GAV mardi pour stups", [(FACT, "GAV"), (FACT, "stups")]),
    ("a volé, vole ou voleur", [(FACT, "volé"), (FACT, "vole"), (FACT, "voleur")]),
    ("interpellé devant le collège", [(FACT, "interpellé")]),
    ("fiché au TAJ", [(FACT, "TAJ")]),
    ("deal au pied de la tour", [(FACT, "deal")]),
    ("a été victime d’une agression", [(FACT, "victime"), (FACT, "agression")]),
    ("guetteur le soir", [(FACT, "guetteur")]),
    ("convocation du juge des enfants", [(LAW, "juge des enfants")]),
    ("sous contrôle judiciaire", [(LAW, "contrôle judiciaire")]),
    ("suivi en pédopsychiatrie au CMP", [(CARE, "pédopsychiatrie"), (CARE, "CMP")]),
    ("sous traitement pour TDAH", [(CARE, "sous traitement"), (CARE, "TDAH")]),
    ("propos suicidaires", [(CARE, "suicidaires")]),
    ("hospitalisée depuis lundi", [(CARE, "hospitalisée")]),
    ("dossier MDPH en cours", [(CARE, "MDPH")]),
    ("jeune ingérable et agressif", [(VIEW, "ingérable"), (VIEW, "agressif")]),
    ("mère dépassée, père absent", [(VIEW, "mère dépassée"), (VIEW, "père absent")]),
    ("Semble aller mieux", [(VIEW, "Semble")]),
    ("je pense que ça ira", [(VIEW, "je pense")]),
    ("mauvaises fréquentations", [(VIEW, "mauvaises fréquentations")]),
    ("famille musulmane", [(WarningCode.SENSITIVE, "musulmane")]),
    ("de nationalité étrangère", [(WarningCode.SENSITIVE, "nationalité"), (WarningCode.SENSITIVE, "étrangère")]),
    ("vu sur Snapchat", [(WarningCode.ACCOUNT, "Snapchat")]),
    ("compte @yanis_du_13", [(WarningCode.ACCOUNT, "@yanis_du_13")]),
    ("scooter AB-123-CD", [(WarningCode.ACCOUNT, "AB-123-CD")]),
]  # fmt: skip


@pytest.mark.rule("SIT-05")
@pytest.mark.parametrize("text", LOGISTICS)
def test_usual_logistics_are_left_alone(text):
    assert [(one.code, text[one.start : one.end]) for one in check(text, neutral=["Miramont", "Maille 2"])] == []


@pytest.mark.rule("SIT-04", "SIT-05", "BL-01", "BL-03", "BL-04", "BL-05", "BL-07", "BL-09")
@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_should_not_be_written_is_seen(text, expected):
    assert [(one.code, text[one.start : one.end]) for one in check(text)] == expected


def test_enough_phrases_are_tried():
    assert len(LOGISTICS) + len(FOUND) >= 40


@pytest.mark.rule("BL-06")
@pytest.mark.parametrize("text", ["voir belkacem", "VOIR BELKAÇEM", "chez les Belkacem", "ait-oufella absent"])
def test_known_names_are_seen_in_any_writing(text):
    assert [one.code for one in check(text, names=["Belkacem Yanis", "Aït Oufella"])][:1] == [NAME]


def test_known_places_are_not_persons():
    assert check("passer par Garouvin", neutral=["le Garouvin"]) == []
    assert [one.code for one in check("passer par Garouvin")] == [NAME]


def test_every_warning_says_where_it_goes_instead():
    assert set(MESSAGES) == set(WarningCode)
    for text, _ in FOUND:
        for one in check(text):
            assert one.message == MESSAGES[one.code]
            assert one.excerpt_range == (one.start, one.end)
            # The message itself never repeats what was typed.
            assert text[one.start : one.end] not in one.message


@given(
    text=st.text(max_size=80) | st.text("aàbcdeilmnorst ÉYM.’'-0123456789@", max_size=80),
    names=st.lists(st.text(max_size=8), max_size=2),
)
@settings(max_examples=80)
def test_any_text_is_read(text, names):
    found = check(text, names=names)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert found == check(text, names=names)
