"""« Mon travail »: grouped by when, one click to the act, other functions counted and never mixed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.casefile import deadlines, work
from casework.casefile.deadlines import Deadline
from casework.casefile.registry import Sources
from casework.casefile.work import WorkItem
from casework.desk.work import calendar, grouped, to_do, week_end
from casework.partners.codes import Role
from casework.partners.models import Mandate
from tests.people import at_court, client_for, client_of

THURSDAY = date(2026, 12, 3)


def item(days=None, kind="mine", label="Rendez-vous", **more):
    when = None if days is None else THURSDAY + timedelta(days=days)
    return WorkItem(group_when=when, kind=kind, reference="MIR-2026-K7QF", label=label, url="/s/", **more)


def codes(items):
    return {group.code: len(group.items) for group in grouped(items, THURSDAY)}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (item(-1), "late"),
        (item(0), "week"),
        (item(3), "week"),
        (item(4), "ahead"),
        (item(None), "ahead"),
        (item(-5, "waiting"), "waiting"),
        (item(None, "info"), "info"),
        (item(0, "done"), "done"),
        (item(-7, "done"), "done"),
    ],
)
def test_a_line_goes_where_it_matters(line, code):
    assert codes([line]) == {code: 1}


@pytest.mark.parametrize("line", [item(-8, "done"), item(None, "done"), item(1, "done")])
def test_what_was_done_longer_ago_is_not_shown(line):
    assert codes([line]) == {}


def test_groups_come_in_the_order_of_the_page():
    lines = [item(-1, "done"), item(None, "info"), item(9), item(1), item(-3), item(2, "waiting")]
    assert list(codes(lines)) == ["late", "week", "ahead", "waiting", "info", "done"]


def test_only_my_late_and_this_week_lines_are_counted():
    lines = [item(-2), item(1), item(30), item(None), item(-1, "waiting"), item(0, "info"), item(0, "done")]
    assert to_do(lines, THURSDAY) == 2


@pytest.mark.parametrize(
    ("today", "sunday"),
    [
        (date(2026, 11, 30), date(2026, 12, 6)),  # Monday
        (date(2026, 12, 4), date(2026, 12, 6)),  # Friday
        (date(2026, 12, 5), date(2026, 12, 13)),  # Saturday: the week that comes
        (date(2026, 12, 6), date(2026, 12, 13)),
    ],
)
def test_a_week_ends_on_sunday(today, sunday):
    assert week_end(today) == sunday


@pytest.fixture
def sources(monkeypatch):
    """Empty registers, for the time of a test."""
    lines, dates = Sources(), Sources()
    monkeypatch.setattr(work, "_SOURCES", lines)
    monkeypatch.setattr(deadlines, "_SOURCES", dates)
    return lines, dates


@pytest.mark.django_db(databases="__all__")
class TestPage:
    def test_everything_done_is_said(self, people, sources):
        answer = client_for(people.pjj).get("/mon-travail/")
        assert "Tout est à jour." in answer.content.decode()

    @pytest.mark.parametrize(
        ("who", "said", "act"),
        [
            ("spip", "Vos demandes de place", "/tig/affectations/"),
            ("sah", "Vos mesures de réparation", "/reparations/"),
            ("host", "Les personnes que vous accueillez aujourd’hui", "/tig/aujourdhui/"),
            ("apers_victim", "Les personnes que vous accompagnez", "/victimes/"),
            ("apers_offender", "Les mesures que vous suivez", "/mesures-vif/"),
            ("mayor", "Aucun document à lire.", ""),
            ("municipal_police", "Vous adressez ici des saisines", "/saisines/nouvelle/"),
            ("sysadmin", "Votre fonction n’ouvre aucune fiche.", "/partenaires/"),
        ],
    )
    def test_an_empty_day_says_what_the_function_does_here(self, people, sources, who, said, act):
        cast = at_court(people) if who.startswith("apers") else people
        html = client_for(cast.mandates[who]).get("/mon-travail/").content.decode()
        assert said in html
        assert "Tout est à jour." not in html
        main = html[html.index("<main") : html.index("</main>")]
        assert f'href="{act}"' in main if act else "btn-primary" not in main

    @pytest.mark.parametrize("who", ["apers_victim", "apers_offender"])
    def test_in_a_commune_who_follows_couple_violence_is_sent_to_the_ressort(self, people, sources, who):
        html = client_for(people.mandates[who]).get("/mon-travail/").content.decode()
        assert "Votre suivi se tient dans le ressort du tribunal." in html
        assert "/victimes/" not in html
        assert "/mesures-vif/" not in html

    def test_a_line_leads_to_the_act_in_one_click(self, people, sources):
        with time_machine.travel(datetime(2026, 12, 3, 9, tzinfo=ZoneInfo("Europe/Paris")), tick=False):
            sources[0].register(lambda viewer, now: [item(-12, act_label="Fait", act_url="/s/fait/")])
            client = client_for(people.pjj, now=timezone.now())
            html = client.get("/mon-travail/").content.decode()
        assert 'href="/s/fait/"' in html
        assert "MIR-2026-K7QF" in html

    def test_the_menu_counts_by_itself(self, people, sources):
        sources[0].register(
            lambda viewer, now: [
                WorkItem(group_when=timezone.localdate(now), kind="mine", reference="", label="Trier", url="/t/")
            ]
        )
        client = client_for(people.pjj)
        assert client.get("/mon-travail/compte").content == b"1"
        assert 'hx-get="/mon-travail/compte"' in client.get("/mon-travail/").content.decode()

    def test_other_functions_are_counted_and_never_mixed(self, people, sources):
        second = Mandate(
            agent=people.pjj.agent, organisation=people.mds_service, territory=people.territory, role=Role.MDS,
            starts_at=people.since, charter_signed_at=people.since, charter_version=1,
        )  # fmt: skip
        Mandate.objects.bulk_create([second])

        @sources[0].register
        def source(viewer, now):
            today = timezone.localdate(now)
            return [
                WorkItem(group_when=today, kind="mine", reference="", label=f"Ligne de {viewer.role}", url="/t/")
            ] * (2 if viewer.role == Role.MDS else 1)

        html = client_for(people.pjj).get("/mon-travail/").content.decode()
        assert "Ligne de pjj" in html
        assert "Ligne de mds" not in html
        assert "MDS – MDS : 2" in html

    def test_without_function_or_charter_nothing_is_asked(self, people, sources):
        sources[0].register(lambda viewer, now: 1 / 0)
        idle = client_of(people.idle).get("/mon-travail/").content.decode()
        assert "Aucune fonction en cours" in idle
        unsigned = client_for(people.unsigned).get("/mon-travail/").content.decode()
        assert "charte" in unsigned
        assert client_of(people.idle).get("/mon-travail/compte").content == b""
        assert client_of(people.idle).get("/mon-travail/echeances.ics").status_code == 404

    def test_deadlines_leave_as_a_file_and_the_journal_knows(self, people, sources):
        due = timezone.localdate() + timedelta(days=3)
        sources[1].register(lambda viewer, now: [deadline(due)])
        answer = client_for(people.pjj).get("/mon-travail/echeances.ics")
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="echeances.ics"'
        assert AuditEvent.objects.filter(act=Act.EXPORT).count() == 1


def deadline(due, label="Information de la famille : MIR-2026-K7QF"):
    return Deadline(rule="DL-02", label=label, due=due, warn=due, object_id=uuid4(), url="/s/", state="soon")


@pytest.mark.rule("DL-02")
def test_the_calendar_file_holds_days_and_opaque_ids():
    made = Calendar.from_ical(calendar([deadline(THURSDAY)], now=timezone.now()))
    (event,) = made.walk("VEVENT")
    assert event.decoded("dtstart") == THURSDAY
    assert event.decoded("dtend") == THURSDAY + timedelta(days=1)
    assert "URL" not in event
    assert "DESCRIPTION" not in event
    assert "ATTENDEE" not in event
