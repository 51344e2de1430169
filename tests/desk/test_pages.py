"""Help, legal pages, health, and the pages of errors."""

from __future__ import annotations

import pytest
from django.test import Client

from casework.access.matrix import Cell, DataClass, cell
from casework.desk import who_sees
from casework.desk.models import ErrorReport
from casework.partners.codes import Role
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")
CANARY = "Yanis Belkacem"


@pytest.mark.parametrize(
    "path", ["/aide/", "/aide/qui-voit-quoi/", "/confidentialite/", "/accessibilite/", "/robots.txt"]
)
def test_anybody_may_read(path):
    assert Client().get(path).status_code == 200


@pytest.mark.rule("CNL-21", "GDP-10")
def test_the_public_is_informed():
    text = Client().get("/confidentialite/").content.decode()
    for word in ("L. 132-5", "6.1.e", "25 ans", "délégué à la protection des données", "CNIL", "trente jours"):
        assert word in text


@pytest.mark.rule("ACL-01")
def test_who_sees_what_is_the_matrix_itself():
    heads, lines = who_sees.table()
    roles = [role for role, _ in who_sees.ROLES]
    assert len(heads) == len(roles)
    for (data_class, label), line in zip(who_sees.KINDS, lines, strict=True):
        assert line.label == label
        for role, answer in zip(roles, line.answers, strict=True):
            assert (answer.word, answer.kind) == who_sees.WORDS[cell(role, data_class)]
    assert set(who_sees.WORDS) == set(Cell)
    mayor = roles.index(Role.MAYOR)
    kinds = [data_class for data_class, _ in who_sees.KINDS]
    assert lines[kinds.index(DataClass.YOUTH_IDENTITY)].answers[mayor].word == "non"


def test_the_address_of_a_button_opens_a_page_that_says_so(people):
    answer = client_for(people.pjj).get("/masquer-les-noms")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Cette adresse ne s’ouvre pas seule" in answer.content.decode()


def test_health():
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/readyz").status_code == 200


def test_not_ready_without_keystore(monkeypatch):
    from django.db import connections
    from django.db.utils import OperationalError

    def broken():
        raise OperationalError("password=secret")

    monkeypatch.setattr(connections["keystore"], "cursor", broken)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert b"secret" not in answer.content


@pytest.mark.attack("T-19")
def test_absent_pages_are_alike_signed_in_or_not(people):
    client = client_for(people.pjj)
    one, two = client.get("/nulle-part/"), client.get("/administration/incidents/")
    assert one.status_code == two.status_code == 404
    assert "Cette page n’est pas disponible" in one.content.decode()
    assert strip(one) == strip(two)


def strip(answer):
    """Leave out what differs from one answer to the next: form tokens, the page's own path."""
    import re

    text = answer.content.decode()
    text = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


def test_the_desk_sends_visitors_to_sign_in():
    answer = Client().get("/")
    assert answer.status_code == 302
    assert "connexion" in answer.headers["Location"]


def test_home_leads_to_the_work(people):
    assert client_for(people.pjj).get("/").headers["Location"] == "/mon-travail/"


def test_messages_of_the_town_are_shown_in_the_demo_only(people, settings):
    from django.utils import timezone

    from casework.casefile import mailer

    mailer.queue(to="a@mireval.example", subject="Réunion", body="Voir http://localhost:8000/x", now=timezone.now())
    assert Client().get("/messages-envoyes/").status_code == 404
    settings.IS_DEMO = True
    html = Client().get("/messages-envoyes/").content.decode()
    assert "a@mireval.example" in html
    assert '<a href="http://localhost:8000/x"' in html


def test_a_form_kept_too_long_says_what_to_do(people):
    client = client_for(people.pjj, enforce_csrf_checks=True)
    answer = client.post("/masquer-les-noms", {"hide": "1"})
    assert answer.status_code == 403
    assert "Ce formulaire a expiré" in answer.content.decode()


class TestFaults:
    @pytest.fixture
    def broken(self, people, monkeypatch):
        def fail(*args):
            name = CANARY
            raise LookupError(f"no row for {name}")

        monkeypatch.setattr("casework.desk.reads.my_work", fail)
        client = client_for(people.pjj)
        client.raise_request_exception = False
        return client

    @pytest.mark.rule("LOG-05")
    def test_a_fault_leaves_its_place_and_not_its_words(self, broken, caplog):
        answer = broken.get("/mon-travail/", {"q": CANARY})
        assert answer.status_code == 500
        (report,) = ErrorReport.objects.all()
        assert report.exception == "LookupError"
        assert report.file == "tests/desk/test_pages.py"
        assert report.route == "mon-travail/"
        assert report.request_id in answer.content.decode()
        stored = " ".join(str(value) for value in ErrorReport.objects.values_list().get())
        assert CANARY not in stored
        assert CANARY not in answer.content.decode()

    def test_only_the_last_faults_are_kept(self, broken, monkeypatch):
        monkeypatch.setattr("casework.desk.faults.KEPT", 3)
        for _ in range(5):
            broken.get("/mon-travail/")
        assert ErrorReport.objects.count() == 3

    def test_a_dead_database_still_gives_the_page(self, broken, monkeypatch):
        from django.db.utils import OperationalError

        def dead(**fields):
            raise OperationalError

        monkeypatch.setattr(ErrorReport.objects, "create", dead)
        assert "Revenir à mon travail" in broken.get("/mon-travail/").content.decode()

    @pytest.mark.rule("ACL-01")
    def test_the_system_administrator_alone_reads_them(self, people):
        ErrorReport.objects.create(
            at=people.since, request_id="ab12", exception="KeyError", file="casework/x.py", line=7, release="0"
        )
        html = client_for(people.sysadmin).get("/administration/incidents/").content.decode()
        assert "casework/x.py:7" in html
        for who in ("coordinator", "pjj", "dpo", "mayor", "unsigned"):
            assert client_for(people.mandates[who]).get("/administration/incidents/").status_code != 200
