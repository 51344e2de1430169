"""The pages of réparations, walked as each of those who use them, and as those who may not (rows 16 to 18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import grants
from casework.access.exclusions import Exclusion
from casework.access.policy import Basis
from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.casefile import deadlines, work
from casework.casefile.retention import months_after
from casework.errors import AccessRefused
from casework.placements.reparation import documents, facts, law
from casework.placements.reparation.actions import agreements, files, follow
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import Reparation, ReparationGrant
from casework.placements.reparation.reads import lists
from tests.casefile.pdf_text import text as pdf_text
from tests.instants import noon
from tests.people import client_for
from tests.placements.reparation.setting import VICTIM, YOUNG, Setting, fresh, paper

pytestmark = pytest.mark.django_db(databases="__all__")

SECRETS = ("Zzcanari faits", "Zzcanari dossier", "Zzcanari Parents", VICTIM, "Zzcanari conclusion", "0639980011")
OUTSIDERS = ["sah", "pjj_lead", "spip", "aemo", "coordinator", "mayor", "outreach", "stranger", "sysadmin", "dpo"]


def client(town: Setting, who: str, now: Any = None) -> Any:
    return client_for(town.people.mandates[who], now=now or town.now)


def post(client: Any, name: str, data: dict[str, Any], *args: Any) -> Any:
    return client.post(reverse(f"reparation:{name}", args=args), data | {"once": str(uuid4())})


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("accord.png", paper().content)


# The educator’s whole part


@pytest.mark.rule("REP-01", "REP-04", "REP-05", "REP-06", "REP-10", "REP-11", "10.3")
@pytest.mark.parametrize("who", ["pjj", "sah"])
def test_an_educator_goes_from_the_order_to_the_outcome_in_the_browser(town: Setting, who: str) -> None:
    now = timezone.now()
    browser = client(town, who, now)
    form = browser.get(reverse("reparation:new", args=["alternative"]))
    assert form.status_code == 200
    order = town.order()
    sent = {
        "young_id": str(uuid4()), "authority": "prosecutor", "ordered_on": order.ordered_on.isoformat(),
        "term_on": order.term_on.isoformat(), "last_name": YOUNG, "first_name": "Lina",
        "born_on": order.born_on.isoformat(), "facts_on": order.facts_on.isoformat(), "goals": ["activity"],
    }  # fmt: skip
    refused = post(browser, "new", sent | {"term_on": "2020-01-01", "last_name": "<b>é</b>"}, "alternative")
    assert refused.status_code == 422
    assert "&lt;b&gt;é" in refused.content.decode(), "nothing typed is lost"
    opened = post(browser, "new", sent, "alternative")
    row = Reparation.objects.get()
    assert opened["Location"] == reverse("reparation:page", args=[row.pk])
    for party in ("minor", "parents"):
        given = {"party": party, "answer": "agreed", "said_on": str(town.today), "file": upload()}
        if party == "parents":
            given["summoned_on"] = str(town.today)
        assert post(browser, "act_accord", given, row.pk).status_code == 302
    assert fresh(row).state == State.AGREED
    assert town.post.nature in browser.get(reverse("reparation:places", args=[row.pk])).content.decode()
    page = browser.get(reverse("reparation:place", args=[row.pk, town.post.pk])).content.decode()
    slot = page.split('name="slots" value="')[1].split('"')[0]
    given = {"how": "agreed", "slots": [slot], "host_agreed_on": str(town.today), "revision": fresh(row).revision}
    assert post(browser, "place", given, row.pk, town.post.pk).status_code == 302
    assert post(browser, "act_commencer", {"revision": fresh(row).revision}, row.pk).status_code == 302
    goal = row.goals.get()
    assert post(browser, "rate", {f"goal-{goal.pk}": "partly"}, row.pk).status_code == 302
    given = {"reported_on": str(town.today), "conclusion": "", "revision": fresh(row).revision}
    assert post(browser, "act_rapport", given, row.pk).status_code == 302
    given = {"outcome": "dismissed", "closed_on": str(town.today), "revision": fresh(row).revision}
    assert post(browser, "act_clore", given, row.pk).status_code == 302
    assert fresh(row).state == State.CLOSED_SUCCESS
    over = browser.get(reverse("reparation:page", args=[row.pk])).content.decode()
    assert "Classement après réparation" in over
    assert YOUNG in browser.get(reverse("reparation:index")).content.decode()


def test_what_should_not_stand_in_the_facts_is_said_once_when_a_file_is_opened(town: Setting) -> None:
    browser, order = client(town, "pjj"), town.order()
    sent = {
        "young_id": str(uuid4()), "authority": "prosecutor", "ordered_on": order.ordered_on.isoformat(),
        "term_on": order.term_on.isoformat(), "last_name": YOUNG, "first_name": "Lina", "goals": ["activity"],
        "born_on": order.born_on.isoformat(), "facts_on": order.facts_on.isoformat(), "facts": "Il suit un traitement psychiatrique",
    }  # fmt: skip
    warned = post(browser, "new", sent, "alternative")
    assert warned.status_code == 422
    assert "envoyez à nouveau" in warned.content.decode()
    mark = warned.content.decode().split('name="confirm_text" value="')[1].split('"')[0]
    assert post(browser, "new", sent | {"confirm_text": mark}, "alternative").status_code == 302


@pytest.mark.rule("REP-08")
def test_a_term_in_another_age_is_asked_again(town: Setting) -> None:
    row = town.received()
    given = {"term_on": "2099-12-31", "revision": row.revision}
    refused = post(client(town, "pjj"), "act_terme", given, row.pk)
    assert (refused.status_code, "Vérifiez l’année du terme" in refused.content.decode()) == (422, True)


def test_what_is_refused_comes_back_beside_its_field(town: Setting) -> None:
    row = town.received()
    browser = client(town, "pjj")
    given = {"party": "parents", "answer": "agreed", "said_on": str(town.today), "signatories": "M. et Mme <i>"}
    page = post(browser, "act_accord", given, row.pk)
    assert page.status_code == 422
    body = page.content.decode()
    assert "convoqués" in body
    assert "M. et Mme &lt;i&gt;" in body


def test_the_same_form_twice_is_one_act(town: Setting) -> None:
    row = town.running()
    browser, once = client(town, "pjj"), str(uuid4())
    url = reverse("reparation:act_seance", args=[row.pk])
    day = town.today + timedelta(days=40)
    sent = {"kind": "review", "day": str(day), "starts_at": "10:00", "ends_at": "11:00", "once": once}
    assert browser.post(url, sent)["Location"] == browser.post(url, sent)["Location"]
    assert row.sessions.filter(kind="review").count() == 1


@pytest.mark.attack("R-06")
def test_a_move_from_an_older_page_is_refused(town: Setting) -> None:
    row = town.assigned()
    page = post(client(town, "pjj"), "act_commencer", {"revision": row.revision - 1}, row.pk)
    assert page.status_code == 422
    assert fresh(row).state == State.ASSIGNED


# The victim


@pytest.mark.rule("REP-07")
def test_the_victim_has_a_page_of_its_own_that_says_nothing_of_the_young_person(town: Setting) -> None:
    row, victim = town.waiting()
    browser = client(town, "pjj")
    page = browser.get(reverse("reparation:victims", args=[row.pk])).content.decode()
    assert VICTIM in page
    assert YOUNG not in page
    assert VICTIM not in browser.get(reverse("reparation:page", args=[row.pk])).content.decode()
    given = {"answer": "refused", "answered_on": str(town.today), "revision": 1}
    assert post(browser, "victim_answer", given, victim.pk).status_code == 302
    assert (fresh(row).state, fresh(row).form) == (State.ASSIGNED, "community")
    assert "n’a pas donné suite" in browser.get(reverse("reparation:page", args=[row.pk])).content.decode()


@pytest.mark.rule("REP-07", "ACL-08")
def test_reading_the_victim_tells_the_victim_and_not_the_young_person(town: Setting) -> None:
    row, _ = town.waiting()
    client(town, "pjj").get(reverse("reparation:victims", args=[row.pk]))
    told = [event for event in AuditEvent.objects.filter(act=Act.VIEW) if "reparation_victim" in event.classes]
    assert [(event.n, list(event.classes)) for event in told] == [(1, ["reparation_victim"])]


# The host


@pytest.mark.rule("REP-16", "ACL-04")
def test_the_host_reads_name_dates_activity_educator_and_nothing_else(town: Setting) -> None:
    row = town.running("module")
    browser = client(town, "host")
    body = browser.get(reverse("reparation:index")).content.decode()
    for seen in (YOUNG, town.post.nature, "Sonia Haddad"):
        assert seen in body
    for secret in (*SECRETS, row.reference, "module", "Module", "juge"):
        assert secret not in body, secret
    for name, args in (
        ("page", [row.pk]), ("victims", [row.pk]), ("report", [row.pk]), ("history", [row.pk]), ("who_opened", [row.pk]),
        ("places", [row.pk]),
    ):  # fmt: skip
        assert browser.get(reverse(f"reparation:{name}", args=args)).status_code == 404, name
    file = files.AttachedFile.objects.first()
    assert browser.get(reverse("reparation:file", args=[file.pk])).status_code == 404


@pytest.mark.rule("REP-16")
def test_the_host_writes_presence_and_nothing_else(town: Setting) -> None:
    row = town.assigned()
    session = row.sessions.first()
    then = noon(town.today + timedelta(days=12))
    browser = client(town, "host", then)
    import time_machine

    with time_machine.travel(then, tick=False):
        browser = client(town, "host", then)
        done = post(browser, "presence", {"presence": "late", "parents": "", "revision": 1}, session.pk)
        assert done["Location"] == reverse("reparation:index")
        assert (fresh(row).state, row.sessions.get(pk=session.pk).presence) == (State.IN_PROGRESS, "late")
        other = row.sessions.last()
        post(browser, "presence", {"presence": "present", "parents": "present", "revision": 1}, other.pk)
        assert row.sessions.get(pk=other.pk).parents == "", "the family is not the host’s"
        for name in ("cancel",):
            assert post(browser, name, {}, session.pk).status_code == 404
        for name in ("act_commencer", "act_rapport", "act_seance", "rate", "act_piece"):
            assert post(browser, name, {"revision": 1}, row.pk).status_code == 404


@pytest.mark.rule("REP-16")
def test_the_host_reads_no_interview_with_the_educator(town: Setting) -> None:
    row = town.running()
    by = town.viewer("pjj")
    from datetime import time

    from casework.placements.reparation.actions import activity

    interview = activity.plan(
        by=by, reparation=row, kind="preparation", day=town.today + timedelta(days=30), starts_at=time(14),
        ends_at=time(15), now=town.now,
    )  # fmt: skip
    with pytest.raises(AccessRefused):
        follow.find_session(town.viewer("host"), interview.pk, town.now)
    (one,) = lists.received(town.viewer("host"), town.now)
    assert interview.pk not in {session.id for session in one.sessions}


@pytest.mark.rule("REP-16")
def test_a_host_left_behind_reads_nothing_more(town: Setting) -> None:
    row = town.running()
    other_host = town.catalogue.host("Ressourcerie", kind="public")
    other = town.catalogue.listed(other_host, audience="minors")
    assert facts.visible_to(town.viewer("host"), town.now).filter(pk=row.pk).exists()
    grants_before = ReparationGrant.objects.on([row.pk]).filter(mandate=town.people.host).count()
    town.place(row, post=other, slots=town.slots(1, first=5))
    then = town.now + timedelta(seconds=1)
    held = ReparationGrant.objects.on([row.pk]).filter(mandate=town.people.host).live(then)
    assert grants_before == 1
    assert held.count() == (1 if other_host.supervisors.filter(mandate_id=town.people.host.pk).exists() else 0)


# Who knows only that they exist


@pytest.mark.rule("ACL-01")
@pytest.mark.parametrize("who", ["coordinator", "mayor", "spip", "aemo", "outreach", "education", "dpo", "sysadmin"])
def test_no_page_at_all_for_who_has_no_cell(town: Setting, who: str) -> None:
    town.received()
    assert client(town, who).get(reverse("reparation:index")).status_code == 404


# Outsiders


@pytest.mark.attack("T-19", "T-33", "T-40")
@pytest.mark.rule("ACL-01", "ACL-03", "REP-09")
@pytest.mark.parametrize("who", OUTSIDERS)
def test_another_service_another_educator_and_an_adults_service_find_nothing(town: Setting, who: str) -> None:
    row, victim = town.waiting()
    placed = town.assigned()
    session, file = placed.sessions.first(), files.AttachedFile.objects.filter(record_id=row.pk).first()
    browser = client(town, who)
    for name, pk, parts in (
        ("page", row.pk, []), ("report", row.pk, []), ("history", row.pk, []), ("who_opened", row.pk, []),
        ("victims", row.pk, []), ("places", row.pk, []), ("place", row.pk, [town.post.pk]), ("file", file.pk, []),
        ("notice", row.pk, [uuid4()]),
    ):  # fmt: skip
        known = browser.get(reverse(f"reparation:{name}", args=[pk, *parts]))
        absent = browser.get(reverse(f"reparation:{name}", args=[uuid4(), *parts]))
        assert known.status_code == absent.status_code == 404, name
        assert not any(secret in known.content.decode() for secret in (*SECRETS, YOUNG, row.reference))
    for name, pk in (
        ("act_commencer", row.pk), ("rate", row.pk), ("act_clore", row.pk), ("presence", session.pk),
        ("cancel", session.pk), ("victim_answer", victim.pk), ("victims", row.pk), ("act_confier", row.pk),
    ):  # fmt: skip
        assert post(browser, name, {"revision": 1, "presence": "present"}, pk).status_code == 404, name
    assert fresh(row).state == State.VICTIM_PENDING


@pytest.mark.rule("ACL-01")
def test_the_prosecutor_reads_and_changes_nothing(town: Setting) -> None:
    row = town.running()
    browser = client(town, "prosecutor")
    assert YOUNG in browser.get(reverse("reparation:page", args=[row.pk])).content.decode()
    assert post(browser, "act_difficulte", {"revision": row.revision}, row.pk).status_code == 404


@pytest.mark.attack("T-36")
def test_a_grant_written_by_sql_opens_nothing(town: Setting) -> None:
    row = town.received()
    with audit.writing(town.viewer("pjj"), now=town.now) as w:
        grant = grants.give(
            w, ReparationGrant, mandate=town.people.pjj_lead, obj=row, basis=Basis.CIRCLE,
            starts_at=town.now - timedelta(days=2), ends_at=town.now - timedelta(days=1), reason="test", by=None,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reparation_reparationgrant SET ends_at = NULL WHERE id = %s", [grant.pk.hex])
    with pytest.raises(AccessRefused):
        facts.find(town.viewer("pjj_lead"), row.pk, town.now)
    assert lists.own(town.viewer("pjj_lead"), town.now) == []


@pytest.mark.attack("T-39")
def test_who_is_shut_out_of_the_young_person_finds_nothing(town: Setting) -> None:
    row = town.received()
    Exclusion(
        subject_id=row.subject_id, territory_id=row.territory_id, ground="kin", starts_at=town.now - timedelta(hours=1),
        agent_id=None, organisation_id=town.people.pjj.organisation_id, set_by=town.people.dpo.agent_id,
        set_as=town.people.dpo.pk, words="",
    ).save(force_insert=True)  # fmt: skip
    assert client(town, "pjj").get(reverse("reparation:page", args=[row.pk])).status_code == 404
    assert lists.own(town.viewer("pjj"), town.now) == []


# Lists, dates, papers


@pytest.mark.rule("REP-01")
def test_a_list_asks_the_same_questions_for_one_and_for_ten(town: Setting) -> None:
    def asked(who: str) -> int:
        read = lists.own if who == "pjj" else lists.received
        with CaptureQueriesContext(connection) as seen:
            read(town.viewer(who), town.now)
        return len(seen)

    town.assigned()
    few = asked("pjj"), asked("host")
    for n in range(1, 3):
        town.assigned(slots=town.slots(2, first=2 * n))
    assert (asked("pjj"), asked("host")) == few


@pytest.mark.rule("DL-13", "REP-10")
def test_the_date_of_the_report_is_watched_without_a_name(town: Setting) -> None:
    row = town.running("module")
    due = law.report_due_on(track="module", term_on=row.term_on)
    by = town.viewer("pjj")
    (date,) = [each for each in deadlines.for_viewer(by, town.now) if each.rule == "DL-13"]
    assert (date.due, date.warn, date.state) == (due, due - timedelta(days=30), "ok")
    assert YOUNG not in date.label
    assert not [item for item in work.for_viewer(by, town.now) if item.rule == "DL-13"]
    then = noon(due - timedelta(days=30))
    later = town.viewer("pjj", then)
    assert [item.reference for item in work.for_viewer(later, then) if item.rule == "DL-13"] == [row.reference]
    assert not [each for each in deadlines.for_viewer(town.viewer("sah"), town.now) if each.rule == "DL-13"]
    feed = client(town, "pjj").get(reverse("desk:calendar"))
    assert row.reference in feed.content.decode()
    assert YOUNG not in feed.content.decode()


@pytest.mark.rule("DL-14")
def test_the_half_yearly_report_is_watched(town: Setting) -> None:
    start = town.today - timedelta(days=170)
    town.received("module", measure_from=start, measure_to=start + timedelta(days=700))
    (date,) = [each for each in deadlines.for_viewer(town.viewer("pjj"), town.now) if each.rule == "DL-14"]
    assert date.due == months_after(start, 6)
    assert [item for item in work.for_viewer(town.viewer("pjj"), town.now) if item.rule == "DL-14"]


def test_mon_travail_says_what_comes_next_to_each(town: Setting) -> None:
    town.received()
    town.waiting()
    labels = {item.label for item in work.for_viewer(town.viewer("pjj"), town.now)}
    assert "Réparation : accords du jeune et des parents à recueillir" in labels
    assert "Réparation : accord de la victime attendu" in labels
    town.assigned()
    then = noon(town.today + timedelta(days=14))
    (line,) = [item for item in work.for_viewer(town.viewer("host", then), then) if item.rule == "REP-16"]
    assert line.label.startswith("Réparation : 2")
    assert not line.reference


@pytest.mark.rule("REP-10", "REP-15")
def test_the_papers_are_built_from_what_was_recorded_and_name_no_victim(town: Setting) -> None:
    row, victim = town.waiting()
    agreements.answer_of_victim(
        by=town.viewer("pjj"), victim=victim, answer="agreed", answered_on=town.today, now=town.now, expected=1,
        upload=paper(),
    )  # fmt: skip
    row = fresh(row)
    follow.start(by=town.viewer("pjj"), reparation=row, now=town.now, expected=None)
    told = follow.tell_magistrate(
        by=town.viewer("pjj"), reparation=fresh(row), kind="absences", told_on=town.today, precision="", now=town.now,
        expected=None,
    )  # fmt: skip
    text = pdf_text(documents.report(town.viewer("pjj"), row.pk, town.now))
    assert "absences répétées" in text
    assert "Projet" in text
    assert "Date et signature" in text
    letter = pdf_text(documents.notice(town.viewer("pjj"), row.pk, told.pk, town.now))
    assert "absences répétées" in letter
    assert VICTIM not in text + letter
    prints = [each for each in AuditEvent.objects.filter(act=Act.PRINT) if "reparation_content" in each.classes]
    assert len(prints) == 2


@pytest.mark.rule("ACL-08", "ACL-10")
def test_each_opening_is_told_and_shown_by_service(town: Setting) -> None:
    row = town.received()
    browser = client(town, "pjj")
    browser.get(reverse("reparation:page", args=[row.pk]))
    body = browser.get(reverse("reparation:history", args=[row.pk])).content.decode()
    assert "Accords à recueillir" in body
    shown = browser.get(reverse("reparation:who_opened", args=[row.pk]))
    assert shown.status_code in (200, 404)
