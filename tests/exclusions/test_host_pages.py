"""The host's pages: its week with presence in place, its answers, its announced weeks, its catalogue (EXC-16, EXC-18)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.casefile.models import SchoolHoliday
from casework.exclusions import return_note
from casework.exclusions.actions import houses
from casework.exclusions.codes import Presence, State, Theme
from casework.exclusions.models import CatalogueActivity, OpenHalfDay
from casework.exclusions.reads import returned
from tests.exclusions.setting import EDUCATOR, HOST_LEAD, NAME, PHONE, SCHOOL, WORDS, Setting, fresh
from tests.exclusions.test_hosting import half_days, on_monday
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def client(town: Setting, who: str, now: Any = None) -> Any:
    return client_for(town.people.mandates[who], now=now or town.now)


def url(name: str, *args: Any) -> str:
    return reverse(f"exclusion_support:{name}", args=args)


def post(browser: Any, name: str, data: dict[str, Any], *args: Any, query: str = "") -> Any:
    return browser.post(url(name, *args) + query, data | {"once": str(uuid4())})


def of_week(town: Setting, browser: Any) -> str:
    return str(browser.get(url("week") + f"?du={town.monday.isoformat()}").content.decode())


# The answer


@pytest.mark.rule("EXC-16")
def test_a_host_answers_before_it_knows_a_name(town: Setting) -> None:
    support = town.notified()
    lead = client(town, HOST_LEAD)
    for name, args in (("asked", ()), ("answer", (support.pk,))):
        page = lead.get(url(name, *args)).content.decode()
        assert "4e" in page
        for word in (NAME, "Ilan", PHONE, WORDS, "Insultes"):
            assert word not in page
    answer = post(lead, "answer", {"answer": "no", "reason": ""}, support.pk)
    assert answer.status_code == 422
    assert "Indiquez pourquoi" in answer.content.decode()
    assert post(lead, "answer", {"answer": "yes"}, support.pk).status_code == 302
    assert fresh(support).host_accepted_at is not None
    assert lead.get(url("answer", support.pk)).status_code == 404


def test_what_is_asked_waits_in_mon_travail_of_the_lead_alone(town: Setting) -> None:
    support = town.held()
    for who, waits in ((HOST_LEAD, True), (EDUCATOR, False), ("other_host_lead", False)):
        page = client(town, who).get("/mon-travail/").content.decode()
        assert (url("answer", support.pk) in page) is waits, who


@pytest.mark.attack("T-19")
@pytest.mark.parametrize("who", [EDUCATOR, "host_colleague", "other_host_lead", SCHOOL, "outreach_lead", "coordinator"])
def test_nobody_else_is_asked(town: Setting, who: str) -> None:
    support = town.held()
    browser = client(town, who)
    assert browser.get(url("answer", support.pk)).status_code == 404
    assert post(browser, "answer", {"answer": "yes"}, support.pk).status_code == 404
    assert fresh(support).host_accepted_at is None


def test_a_no_gives_the_half_days_back(town: Setting) -> None:
    support = town.held()
    assert post(client(town, HOST_LEAD), "answer", {"answer": "no", "reason": "staff"}, support.pk).status_code == 302
    assert (fresh(support).state, fresh(support).host_no) == (State.FREED, "staff")


# The week


def test_the_week_shows_initials_theme_and_nothing_of_a_family(town: Setting) -> None:
    support = town.agreed()
    page = of_week(town, client(town, HOST_LEAD))
    assert NAME in page  # under the initials, hidden with the names
    assert "I. Z." in page
    assert PHONE not in page
    assert WORDS not in page
    assert str(support.pk) in page


@pytest.mark.attack("T-19")
@pytest.mark.parametrize(
    "who", ["host_colleague", EDUCATOR, "other_host_lead", "other_school_lead", "coordinator", "mayor"]
)
def test_nobody_else_finds_a_pupil_in_a_week(town: Setting, who: str) -> None:
    support = town.agreed()
    page = of_week(town, client(town, who))
    assert NAME not in page
    assert str(support.pk) not in page
    row = half_days(support)[0]
    answer = post(client(town, who), "presence", {"presence": "present", "revision": row.revision}, row.pk)
    assert answer.status_code in (403, 404)
    assert half_days(support)[0].presence == ""


def test_absent_in_one_tap_shows_the_family_s_number_and_that_the_school_is_told(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    with time_machine.travel(on_monday(town)):
        lead = client(town, HOST_LEAD, on_monday(town))
        page = of_week(town, lead)
        assert PHONE not in page
        assert page.count('class="ex-taps"') == 2  # Monday's two half-days, not Tuesday's
        answer = post(lead, "presence", {"presence": "absent", "revision": row.revision, "on": "week"}, row.pk)
        assert answer.status_code == 302
        assert answer["Location"].endswith(f"#d-{row.pk}")
        page = of_week(town, lead)
    assert f"tel:{PHONE}" in page
    assert "Vie scolaire prévenue à" in page
    assert half_days(support)[0].presence == Presence.ABSENT


def test_a_tap_on_an_old_page_is_told_and_changes_nothing(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    with time_machine.travel(on_monday(town)):
        lead = client(town, HOST_LEAD, on_monday(town))
        post(lead, "presence", {"presence": "present", "revision": row.revision}, row.pk)
        post(lead, "presence", {"presence": "absent", "revision": row.revision}, row.pk)
    assert half_days(support)[0].presence == Presence.PRESENT


def test_a_week_asks_as_many_questions_for_one_pupil_as_for_two(town: Setting) -> None:
    def asked() -> int:
        browser = client(town, HOST_LEAD)
        of_week(town, browser)
        with CaptureQueriesContext(connection) as seen:
            of_week(town, browser)
        return len(seen)

    town.agreed()
    first = asked()
    town.agreed(town.notified(last_name="Zzautre"))
    assert asked() == first
    assert first <= 25


# What is announced


def test_a_host_announces_a_week_and_takes_a_half_day_back(town: Setting) -> None:
    lead = client(town, HOST_LEAD)
    monday = town.monday + timedelta(weeks=5)
    query = f"?du={monday.isoformat()}"
    given = {"weeks": "2", "0-am-starts_at": "09:00", "0-am-ends_at": "12:00", "0-am-places": "3"}
    assert post(lead, "weeks", given, query=query).status_code == 302
    host = town.people.organisations["host_body"]
    found = OpenHalfDay.objects.filter(host=host, day__gte=monday)
    assert sorted(found.values_list("day", "half", "places")) == [
        (monday, "am", 3), (monday + timedelta(days=7), "am", 3)
    ]  # fmt: skip
    page = lead.get(url("weeks") + query).content.decode()
    assert 'value="3"' in page
    assert post(lead, "weeks", {"weeks": "1"}, query=query).status_code == 302
    assert list(found.values_list("day", flat=True)) == [monday + timedelta(days=7)]


def test_a_half_day_typed_wrong_is_told_at_its_field_and_kept(town: Setting) -> None:
    lead = client(town, HOST_LEAD)
    query = f"?du={town.monday.isoformat()}"
    given = {"weeks": "1", "0-am-starts_at": "12:00", "0-am-ends_at": "09:00", "0-am-places": "7"}
    answer = post(lead, "weeks", given, query=query)
    assert answer.status_code == 422
    assert "L’heure de fin doit suivre" in answer.content.decode()
    assert 'value="7"' in answer.content.decode()


def test_no_place_is_taken_back_under_a_pupil(town: Setting) -> None:
    town.agreed()
    lead = client(town, HOST_LEAD)
    answer = post(lead, "weeks", {"weeks": "1"}, query=f"?du={town.monday.isoformat()}")
    assert answer.status_code == 422
    assert "Des élèves sont attendus le" in answer.content.decode()


def test_days_without_class_are_said_and_left_out(town: Setting) -> None:
    first = town.monday + timedelta(weeks=6)
    SchoolHoliday.objects.create(
        zone=town.people.territory.school_zone, label="Vacances", starts_on=first, ends_on=first + timedelta(days=6)
    )
    lead = client(town, HOST_LEAD)
    monday = first - timedelta(weeks=1)
    given = {"weeks": "2", "0-am-starts_at": "09:00", "0-am-ends_at": "12:00", "0-am-places": "3"}
    post(lead, "weeks", given, query=f"?du={monday.isoformat()}")
    rows = OpenHalfDay.objects.filter(host=town.people.organisations["host_body"], day__gte=monday)
    assert list(rows.values_list("day", flat=True)) == [monday]
    assert "pas de classe" in lead.get(url("weeks") + f"?du={first.isoformat()}").content.decode()


@pytest.mark.parametrize("who", [EDUCATOR, "other_host_lead", SCHOOL, "coordinator", "outreach"])
def test_the_lead_announces_nobody_else(town: Setting, who: str) -> None:
    browser = client(town, who)
    before = OpenHalfDay.objects.filter(host=town.people.organisations["host_body"]).count()
    answer = post(browser, "weeks", {"weeks": "1"}, query=f"?du={town.monday.isoformat()}")
    assert answer.status_code in ((302,) if who == "other_host_lead" else (403, 404))
    assert OpenHalfDay.objects.filter(host=town.people.organisations["host_body"]).count() == before


@pytest.mark.rule("EXC-18")
def test_the_catalogue_stands_under_the_four_themes(town: Setting) -> None:
    lead = client(town, HOST_LEAD)
    assert post(lead, "catalogue", {"theme": "self", "name": "Atelier voix"}).status_code == 302
    again = post(lead, "catalogue", {"theme": "self", "name": "Atelier voix"})
    assert again.status_code == 422
    assert "déjà dans le catalogue" in again.content.decode()
    row = CatalogueActivity.objects.get()
    page = lead.get(url("catalogue")).content.decode()
    for theme in Theme:
        assert str(theme.label)[1:] in page
    assert post(lead, "activity_switch", {"offered": "0"}, row.pk).status_code == 302
    row.refresh_from_db()
    assert not row.is_active
    other = houses.add_activity(by=town.viewer("other_host_lead"), theme=Theme.ACT, name="Ailleurs", now=town.now)
    post(lead, "activity_switch", {"offered": "0"}, other.pk)
    other.refresh_from_db()
    assert other.is_active
    assert client(town, EDUCATOR).get(url("catalogue")).status_code == 200
    assert post(client(town, EDUCATOR), "catalogue", {"theme": "self", "name": "X"}).status_code in (403, 404)
    assert client(town, SCHOOL).get(url("catalogue")).status_code in (403, 404)


# The page of one pupil: programme, educator, return


def programme_of(town: Setting, support: Any, **chosen: str) -> dict[str, Any]:
    """The programme as the form sends it: `chosen` by position, « what0 » and « leader0 »."""
    data: dict[str, Any] = {}
    for n, row in enumerate(half_days(support)):
        data[str(row.pk)] = chosen.get(f"what{n}", "")
        data[f"leader-{row.pk}"] = chosen.get(f"leader{n}", "")
        data[f"rev-{row.pk}"] = row.revision
    return data


@pytest.mark.rule("EXC-18")
def test_the_programme_is_arranged_on_one_form_and_exchanged_by_list(town: Setting) -> None:
    support = town.agreed()
    workshop = houses.add_activity(by=town.viewer(HOST_LEAD), theme=Theme.SELF, name="Atelier voix", now=town.now)
    lead = client(town, HOST_LEAD)
    leader = str(town.people.mandates["host_colleague"].pk)
    data = programme_of(town, support, what0=f"self:{workshop.pk}", leader0=leader, what1="act")
    assert post(lead, "act_programme", data, support.pk).status_code == 302
    rows = half_days(support)
    assert (rows[0].theme, rows[0].activity_id, str(rows[0].leader_id)) == ("self", workshop.pk, leader)
    assert rows[1].theme == "act"
    page = lead.get(url("page", support.pk)).content.decode()
    assert 'draggable="true"' in page
    assert "programme.js" in page

    given = {"half_day": str(rows[0].pk), "to": str(rows[1].pk)}
    assert post(lead, "act_deplacer", given, support.pk).status_code == 302
    assert [row.theme for row in half_days(support)[:2]] == ["act", "self"]
    assert post(lead, "act_programme", data, support.pk).status_code == 422  # opened before the exchange


def test_the_school_reads_the_programme_and_arranges_nothing(town: Setting) -> None:
    support = town.agreed()
    school = client(town, SCHOOL)
    page = school.get(url("page", support.pk)).content.decode()
    for word in ("draggable", "programme.js", "Préparer le programme", "act_educateur"):
        assert word not in page
    data = programme_of(town, support, what0="act")
    assert post(school, "act_programme", data, support.pk).status_code in (404, 422)
    assert half_days(support)[0].theme == ""


def test_the_lead_names_the_educator_on_the_page(town: Setting) -> None:
    support = town.agreed()
    lead = client(town, HOST_LEAD)
    page = lead.get(url("page", support.pk)).content.decode()
    assert "Aucun éducateur référent n’est nommé" in page
    assert "Insultes" not in page
    given = {"mandate": str(town.people.mandates[EDUCATOR].pk), "revision": fresh(support).revision}
    assert post(lead, "act_educateur", given, support.pk).status_code == 302
    assert fresh(support).educator_id == town.people.mandates[EDUCATOR].pk
    assert client(town, EDUCATOR).get(url("page", support.pk)).status_code == 200


@pytest.mark.rule("EXC-18", "EXC-20")
def test_the_return_goes_from_its_day_to_the_note_and_the_end(town: Setting) -> None:
    support = town.agreed()
    with time_machine.travel(on_monday(town)):
        now = on_monday(town)
        lead = client(town, HOST_LEAD, now)
        row = half_days(support)[0]
        post(lead, "presence", {"presence": "present", "revision": row.revision}, row.pk)

        def act(name: str, **data: Any) -> Any:
            return post(lead, f"act_{name}", data | {"revision": fresh(support).revision}, support.pk)

        day = town.monday + timedelta(days=7)
        assert act("retour", day=day.isoformat(), at="08:30", attendees=["pupil", "cpe"]).status_code == 302
        assert lead.get(url("return_note", support.pk)).status_code == 404
        assert act("rencontre", held_on=town.monday.isoformat(), attendees=["pupil"]).status_code == 302
        unread = act("convenu", agreed=["tutor"], feedback="Il a bien parlé.")
        assert unread.status_code == 422
        assert "relu avec la famille" in unread.content.decode()
        assert "Il a bien parlé." in unread.content.decode()
        assert act("convenu", agreed=["tutor"], feedback="Il a bien parlé.", family_read="on").status_code == 302
        note = lead.get(url("return_note", support.pk))
        assert (note.status_code, note["Content-Type"]) == (200, "application/pdf")
        assert act("clore").status_code == 302
        assert fresh(support).state == State.CLOSED
        page = lead.get(url("page", support.pk)).content.decode()
        assert "Il a bien parlé." in page
        assert "cw-form-foot" not in page


@pytest.mark.rule("EXC-20")
def test_the_note_says_what_was_done_never_why_the_pupil_was_there(town: Setting) -> None:
    support = town.agreed()
    back = returned.Return(
        at=None, held_on=town.monday, attendees=("l’élève",), attendee_codes=("pupil",), agreed=("fiche de suivi",),
        agreed_codes=("follow_up",), feedback="Bien.", is_concluded=True, none_because="", may_plan=False,
        may_hold=False, may_conclude=False, may_close=False,
    )  # fmt: skip
    said = json.dumps(return_note.note_data(support, "Ilan Zz", back, half_days(support)), ensure_ascii=False)
    assert "Ilan Zz" in said
    assert "fiche de suivi" in said
    for word in ("insult", "exclu", "sanction", "Motif", "motif", WORDS, PHONE):
        assert word not in said


def test_a_text_that_names_health_is_asked_again_once(town: Setting) -> None:
    support = town.agreed()
    with time_machine.travel(on_monday(town)):
        lead = client(town, HOST_LEAD, on_monday(town))
        row = half_days(support)[0]
        post(lead, "presence", {"presence": "present", "revision": row.revision}, row.pk)

        def act(name: str, **data: Any) -> Any:
            return post(lead, f"act_{name}", data | {"revision": fresh(support).revision}, support.pk)

        act("rencontre", held_on=town.monday.isoformat(), attendees=["pupil"])
        given = {"agreed": ["tutor"], "feedback": "Il suit un traitement psychiatrique.", "family_read": "on"}
        answer = act("convenu", **given)
        assert answer.status_code == 422
        assert "envoyez à nouveau" in answer.content.decode()
    assert fresh(support).feedback_at is None


def test_the_page_of_a_pupil_asks_few_questions(town: Setting) -> None:
    support = town.agreed()
    lead = client(town, HOST_LEAD)
    lead.get(url("page", support.pk))
    with CaptureQueriesContext(connection) as seen:
        lead.get(url("page", support.pk))
    assert len(seen) <= 40, len(seen)
