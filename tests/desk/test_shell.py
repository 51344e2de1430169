"""The frame of every page: the function always in sight, the menu cut to the role, names that hide."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest
from django.contrib.messages.storage.session import SessionStorage
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from casework.access import approvals
from casework.access.approvals import ApprovalAct, ApprovalReason
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import navigation
from casework.casefile.navigation import Entry
from casework.desk.context import Shell
from casework.partners import session_state
from tests.people import at_court, client_for, client_of, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def page(client, path="/mon-travail/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_function_acted_under_is_in_sight(people):
    html = page(client_for(people.pjj))
    assert "Au titre de" in html
    assert "PJJ – PJJ" in html
    assert "Mireval" in html


def test_the_menu_is_drawn_once_for_wide_and_narrow_screens(people):
    answer = client_for(people.pjj).get("/mon-travail/")
    assert [template.name for template in answer.templates].count("shell_nav.html") == 1
    assert answer.content.decode().count('<ul class="cw-nav">') == 2


def test_the_head_is_drawn_once_for_everybody(people):
    """It names files and holds nothing of a person; each frame has it."""
    client, names = client_for(people.pjj), ("casework/casework.css", "casework/casework.js", "htmx", "noindex")
    client.get("/mon-travail/")
    for answer in (client.get("/mon-travail/"), client_for(people.mayor).get("/aide/"), Client().get("/connexion/")):
        assert "shell_head.html" not in [template.name for template in answer.templates]
        assert all(name in answer.content.decode().split("<title>")[0] for name in names)


def shell_for(mandate):
    request = RequestFactory().get("/mon-travail/")
    request.viewer = viewer_of(mandate)
    request.user = mandate.agent
    request.now = timezone.now()
    return Shell(request)


@pytest.fixture
def entries(monkeypatch):
    """A menu with one entry for files and one for keys."""
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    for label, url_name, data_class, order in (
        ("Fiches", "desk:help", DataClass.YOUTH_CARD, 20),
        ("Clés", "desk:errors", DataClass.KEYS, 980),
        ("Fermé", "nowhere:index", None, 30),
    ):
        action = Action.LIST if data_class is DataClass.YOUTH_CARD else Action.VIEW
        navigation.register(
            Entry(label=label, url_name=url_name, icon="task", order=order, action=action, data_class=data_class)
        )


@pytest.mark.rule("ACL-01")
@pytest.mark.parametrize(
    ("who", "menu", "administration"),
    [
        ("coordinator", ["Fiches"], []),
        ("pjj", ["Fiches"], []),
        ("mayor", [], []),
        ("municipal_police", [], []),
        ("sysadmin", [], ["Clés"]),
        ("unsigned", [], []),
    ],
)
def test_the_menu_shows_what_the_role_may_open(people, entries, who, menu, administration):
    shell = shell_for(people.mandates[who])
    assert [line.label for line in shell.navigation] == menu
    assert [line.label for line in shell.administration] == administration


def pages_of(shell):
    """Every page of the menu, whatever line it stands under."""
    return {page.label: page.url for line in (*shell.navigation, *shell.administration) for page in line.pages}


def test_a_service_that_sits_nowhere_has_no_caseload_in_its_menu(people):
    assert "Situations du service" in pages_of(shell_for(people.mds_lead))
    school = shell_for(people.education)
    school.request.viewer = replace(school.viewer, is_service_lead=True)
    elsewhere = pages_of(Shell(school.request))
    assert "Mon service" in elsewhere
    assert "Situations du service" not in elsewhere


def menu_of(mandate):
    return pages_of(shell_for(mandate))


COORDINATOR = [
    "Mon travail",
    "Saisines",
    "Situations",
    "Réunions",
    "Postes et accueils",
    "Indicateurs",
    "Droits et durées",
    "Partenaires",
]


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        ("coordinator", COORDINATOR),
        (
            "pjj",
            ["Mon travail", "Saisines", "Situations", "Réunions", "Postes et accueils", "Indicateurs", "Fiche réflexe"],
        ),
        ("sah", ["Mon travail", "Postes et accueils", "Indicateurs", "Fiche réflexe"]),
        ("host", ["Mon travail", "Aujourd’hui", "Fiche réflexe"]),  # a tutor: it manages no post
        (
            "pjj_lead",
            [
                "Mon travail",
                "Saisines",
                "Situations",
                "Réunions",
                "Postes et accueils",
                "Mon service",
                "Indicateurs",
                "Fiche réflexe",
            ],
        ),
        ("education", ["Mon travail", "Saisines", "Accueil d’élèves exclus", "Indicateurs", "Fiche réflexe"]),
        ("municipal_police", ["Mon travail", "Saisines", "Indicateurs", "Fiche réflexe"]),
        ("spip", ["Mon travail", "Postes et accueils", "Indicateurs", "Fiche réflexe"]),
        ("mayor", ["Mon travail", "Postes et accueils", "Indicateurs", "Partenaires"]),
        ("dpo", ["Mon travail", "Postes et accueils", "Indicateurs", "Droits et durées", "Journal", "Partenaires"]),
        ("apers_offender", ["Mon travail", "Indicateurs", "Fiche réflexe"]),
        ("apers_victim", ["Mon travail", "Indicateurs", "Fiche réflexe"]),
        ("valideur", ["Mon travail", "Demandes à deux"]),
        ("sysadmin", ["Mon travail", "Partenaires", "Serveur"]),
    ],
)
def test_the_menu_of_each_role_is_short_and_by_task(people, who, lines):
    """A tired person reads nine lines at most, « Aide » included."""
    shell = shell_for(people.mandates[who])
    assert [line.label for line in (*shell.navigation, *shell.administration)] == lines
    assert len(lines) + 1 <= 9


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        ("dpo", ["Mon travail", "Téléphones", "Droits et durées", "Journal", "Partenaires"]),
        (
            "prosecutor",
            ["Mon travail", "Mesures VIF", "Personnes accompagnées", "Téléphones", "Demandes à deux", "Fiche réflexe"],
        ),
        ("apers_offender", ["Mon travail", "Mesures VIF", "Fiche réflexe"]),
        ("apers_victim", ["Mon travail", "Personnes accompagnées", "Téléphones", "Fiche réflexe"]),
    ],
)
def test_couple_violence_stands_in_the_menu_of_a_ressort_alone(people, who, lines):
    shell = shell_for(at_court(people).mandates[who])
    assert [line.label for line in (*shell.navigation, *shell.administration)] == lines


def test_who_keeps_a_ressort_finds_neither_the_cellule_nor_school_in_the_directory(people):
    def pages(kept):
        shell = shell_for(kept.mandates["coordinator"])
        return {page.label for line in (*shell.navigation, *shell.administration) for page in line.pages}

    of_towns = {"Groupe et règlement", "Vacances scolaires", "Accueil d’élèves : conventions", "Postes"}
    assert of_towns <= pages(people)
    found = pages(at_court(people))
    assert not of_towns & found
    assert {"Services", "Charte", "Comptes", "Fiche navette : modèle"} <= found


@pytest.mark.rule("ACL-03", "ACL-04")
@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("spip", ["Affectations"]),
        ("pjj", ["Affectations"]),
        ("prosecutor", ["Affectations"]),
        ("host", ["Aujourd’hui"]),
        ("coordinator", ["TIG et réparations en chiffres"]),
        ("mayor", []),
        ("sah", []),
        ("dpo", []),
    ],
)
def test_tig_stands_in_the_menu_in_the_words_of_each(people, who, pages):
    """The host says « accueil », the service « affectation »; who reads no name gets counts (row 12 e)."""
    shown = menu_of(people.mandates[who])
    assert [
        label
        for label in shown
        if label in {"Aujourd’hui", "Accueils", "Affectations", "TIG et réparations en chiffres"}
    ] == pages


def test_pages_of_one_task_are_tabs_of_each_other(people):
    html = page(client_for(people.coordinator), reverse("followups:letters"))
    tabs = re.search(r'<nav class="cw-pages" aria-label="Situations">(.*?)</nav>', html).group(1)
    assert re.findall(r">([^<]+)</a>", tabs) == [
        "Situations", "Qui connaît ?", "Courriers d’information", "Demandes au maire", "Demander l’accès",
    ]  # fmt: skip
    assert re.search(r'aria-current="page">([^<]+)<', tabs).group(1) == "Courriers d’information"
    assert re.findall(r'aria-current="page">.*?<span>([^<]+)<', html.split("</nav>")[0]) == ["Situations"]


def test_a_page_alone_of_its_task_has_no_tabs_and_a_page_below_none_either(people):
    assert "cw-pages" not in page(client_for(people.valideur), reverse("approvals:list"))
    assert "cw-pages" not in page(client_for(people.coordinator), reverse("followups:refer"))


def test_requests_of_two_stand_in_the_menu_of_those_they_concern(people):
    for who in ("coordinator", "dpo", "valideur"):
        assert "Demandes à deux" in menu_of(people.mandates[who])
    for who in ("spip", "pjj", "education", "municipal_police", "mayor"):
        assert "Demandes à deux" not in menu_of(people.mandates[who])
    approvals.ask(
        by=viewer_of(people.pjj), act=ApprovalAct.EXCLUSION_REMOVAL, target_id=uuid.uuid4(), reference="MIR-2026-K7QF",
        content={"n": 1}, count=1, reason=ApprovalReason.SERVICE_NEED, now=timezone.now(),
    )  # fmt: skip
    assert reverse("approvals:list") in page(client_for(people.pjj))
    assert reverse("approvals:list") not in page(client_for(people.spip))


def test_every_line_of_every_menu_opens(people):
    """A line that leads to « Page introuvable » teaches people that the tool is broken."""
    dead = []
    for who in ("coordinator", "pjj", "pjj_lead", "education", "municipal_police", "spip", "host", "sah", "mayor", "dpo", "prosecutor",
                "sysadmin"):  # fmt: skip
        client = client_for(people.mandates[who])
        opened = {label: client.get(url, follow=True) for label, url in menu_of(people.mandates[who]).items()}
        dead += [(who, label, page.status_code) for label, page in opened.items() if page.status_code != 200]
    assert dead == []


def test_lists_and_holidays_are_reached_from_the_menu(people):
    assert {"Listes locales", "Vacances scolaires"} <= set(menu_of(people.coordinator))
    assert not {"Listes locales", "Vacances scolaires"} & set(menu_of(people.pjj))


def test_the_shell_costs_two_queries_at_most(people, django_assert_max_num_queries):
    shell = shell_for(people.pjj)
    with django_assert_max_num_queries(2):
        for name in ("navigation", "administration", "mandates", "town", "mandate_label", "agent_name", "hide_names"):
            getattr(shell, name)


def test_a_page_without_shell_costs_nothing(people, django_assert_num_queries):
    shell = shell_for(people.pjj)
    with django_assert_num_queries(0):
        assert (shell.demo, shell.here, shell.layout) == (False, "/mon-travail/", "base.html")


def test_names_hide_and_come_back(people):
    client = client_for(people.pjj)
    assert "cw-names-hidden" not in page(client)
    answer = client.post("/masquer-les-noms", {"hide": "1", "next": "/aide/"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/aide/"
    assert re.search(r'<body class="[^"]*cw-names-hidden', page(client))
    assert client.post("/masquer-les-noms", {"hide": "0"}).status_code == 204
    assert "cw-names-hidden" not in page(client)


@pytest.mark.parametrize("target", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)"])
def test_hiding_names_never_leads_elsewhere(people, target):
    answer = client_for(people.pjj).post("/masquer-les-noms", {"hide": "1", "next": target})
    assert answer.headers["Location"] == "/mon-travail/"


def test_the_screen_knows_when_it_will_lock(people):
    assert 'data-idle="900"' in page(client_for(people.pjj))
    client = client_for(people.pjj)
    session = client.session
    session_state.open_meeting(session, timezone.now() + timezone.timedelta(hours=2))
    session.save()
    assert 'data-idle="2700"' in page(client)


def test_the_menu_does_not_keep_a_session_awake(people):
    client = client_for(people.pjj)
    session = client.session
    before = session[session_state.SEEN_AT] = session[session_state.SEEN_AT] - 120
    session.save()
    client.get("/mon-travail/compte")
    assert client.session[session_state.SEEN_AT] == before
    client.post("/presence")
    assert client.session[session_state.SEEN_AT] > before


def test_public_pages_know_who_reads_only_while_the_session_is_open(people):
    client = client_for(people.pjj)
    assert "Au titre de" in page(client, "/aide/")
    session = client.session
    session_state.lock(session)
    session.save()
    assert "Au titre de" not in page(client, "/aide/")
    assert "Au titre de" not in page(Client(), "/aide/")


@pytest.mark.attack("T-45")
def test_messages_stay_on_the_server(people):
    from django.conf import settings

    assert settings.MESSAGE_STORAGE.endswith(SessionStorage.__name__)
    answer = client_of(people.idle).get("/mon-travail/")
    assert "messages" not in answer.cookies


def test_the_tab_names_neither_person_nor_act(people):
    for path in ("/mon-travail/", "/aide/"):
        title = re.search(r"<title>(.*?)</title>", page(client_for(people.pjj), path)).group(1)
        assert title in ("Mon travail · Casework", "Aide · Casework")
