"""The pages of measures, walked by who uses them, and by those who may not (rows 19 to 21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import grants, subjects
from casework.access.exclusions import Exclusion
from casework.access.exclusions import reads as exclusions
from casework.access.policy import Basis
from casework.audit.models import AuditEvent
from casework.casefile import drafts, navigation
from casework.casefile.endings import facts as endings
from casework.casefile.endings import holds
from casework.casefile.endings import reads as ending_reads
from casework.errors import AccessRefused, InputRefused
from casework.vif.offenders.actions import setting
from casework.vif.offenders.models import Measure, MeasureGrant, Report
from casework.vif.offenders.reads import lists
from tests.people import client_for
from tests.vif.offenders.setting import OFFICER, PERSON, Setting, fresh, stored

pytestmark = pytest.mark.django_db(databases="__all__")

OUTSIDERS = ("apers_victim", "measure_colleague", "measure_lead", "coordinator", "mayor", "spip", "pjj", "host", "dpo",
             "sysadmin", "stranger", "national_police")  # fmt: skip


def client(side: Setting, who: str = OFFICER, now: Any = None) -> Any:
    return client_for(side.people.mandates[who], now=now or side.now)


def post(browser: Any, name: str, data: dict[str, Any], *args: Any) -> Any:
    return browser.post(reverse(f"measures:{name}", args=args), data | {"once": str(uuid4())})


@pytest.mark.rule("CJ-05", "CJ-33", "CJ-36", "CJ-38", "10.4")
def test_an_officer_goes_from_the_order_to_the_decision_in_the_browser(side: Setting) -> None:
    browser = client(side, now=timezone.now())
    assert "Nouvelle mesure" in browser.get(reverse("measures:index")).content.decode()
    assert browser.get(reverse("measures:choose")).status_code == 200
    assert browser.get(reverse("measures:new", args=["supervision"])).status_code == 200
    sent = {
        "person_id": str(uuid4()), "last_name": PERSON, "first_name": "Malik", "born_on": "1990-03-12",
        "authority": "liberty_judge", "ordered_on": str(side.day(-40)), "term_on": str(side.day(90)),
        "hearing_on": str(side.day(30)), "obligations": ["contact", "care"],
    }  # fmt: skip
    refused = post(browser, "new", sent | {"term_on": "2020-01-01", "court": "<b>é</b>"}, "supervision")
    assert refused.status_code == 422
    assert "&lt;b&gt;é" in refused.content.decode(), "nothing typed is lost"
    undialled = post(browser, "new", sent | {"phone": "06 12"}, "supervision")
    assert "Tapez un numéro de téléphone" in undialled.content.decode()
    assert post(browser, "new", sent, "supervision").status_code == 302
    row = Measure.objects.get()
    page = reverse("measures:page", args=[row.pk])

    def act(name: str, **data: Any) -> None:
        given = {"revision": fresh(row).revision, **data}
        answer = post(browser, f"act_{name}", given, row.pk)
        assert answer.status_code == 302, answer.content.decode()[-3000:]

    act("rendez_vous", kind="first", day=str(side.day(-30)), at="09:30")
    appointment = row.appointments.get()
    assert post(browser, "outcome", {"came": "present", "revision": 1}, appointment.pk).status_code == 302
    assert fresh(row).state == "notified"

    def report(kind: str) -> Report:
        answer = post(browser, "open_report", {"kind": kind}, row.pk)
        made = Report.objects.get(kind=kind)
        assert answer["Location"] == reverse("measures:report", args=[made.pk])
        return made

    def transmit(made: Report) -> Any:
        given = {
            "sent_on": str(side.today),
            "channel": "hand",
            "recipient": "prosecutor",
            "revision": stored(made).revision,
        }
        return post(browser, "transmit", given, made.pk)

    notice = report("taking_charge")
    assert "expliquées" in browser.get(reverse("measures:report", args=[notice.pk])).content.decode()
    assert transmit(notice).status_code == 302
    assert fresh(row).state == "active"

    obligation = row.obligations.first()
    assert post(browser, "proof", {"seen": "not_seen"}, row.pk, obligation.pk).status_code == 302
    act("adresse", seen="seen", day=str(side.today))
    act("hebergement", asked_of="SIAO", asked_on=str(side.today))
    lodging = row.lodgings.get()
    assert post(browser, "lodging", {"answer": "obtained", "revision": 1}, lodging.pk).status_code == 302
    act("stage", kind="group", starts_on=str(side.day(-9)), ends_on=str(side.day(-2)))
    assert post(browser, "course", {"state": "done", "revision": 1}, row.courses.get().pk).status_code == 302
    act("orientation", to="Zzcanari Association", why="Un entretien d’accueil.", sent_on=str(side.today))
    letter = browser.get(reverse("measures:letter", args=[row.pk, row.orientations.get().pk]))
    assert letter.content.startswith(b"%PDF")

    incident = reverse("measures:incident", args=[row.pk])
    form = browser.get(f"{incident}?de={obligation.pk}").content.decode()
    assert "selected" in form, "what failed is already chosen"
    called = {
        "called_on": str(side.today), "called_time": "00:01", "called_name": "Mme Aubert", "instruction": "Écrire",
        "what": "Autre", "story": "Il est sous traitement pour une dépression.", "answer_by": str(side.day(8)),
    }  # fmt: skip
    warned = post(browser, "incident", called, row.pk)
    assert warned.status_code == 422, "a diagnosis is pointed at, once (BL-04)"
    assert "santé" in warned.content.decode()
    assert post(browser, "incident", called | {"story": "Il n’est pas venu."}, row.pk).status_code == 302
    note = Report.objects.get(kind="incident")
    assert transmit(note).status_code == 302
    answer = {"answer": "continue", "answered_on": str(side.today), "revision": stored(note).revision}
    assert post(browser, "answer", answer, note.pk).status_code == 302

    final = report("final")
    body = browser.get(reverse("measures:report", args=[final.pk])).content.decode()
    assert "Il manque encore" in body
    stopped = transmit(final)
    assert stopped.status_code == 422
    assert "Dites d’abord" in stopped.content.decode() or "conclusion est vide" in stopped.content.decode()
    given = {f"rate-{each.pk}": "met" for each in row.obligations.all()}
    assert post(browser, "rate", given, row.pk).status_code == 302
    words = {"situation": "Il travaille.", "position": "Il reconnaît.", "conclusion": "Rien à signaler."}
    written = post(browser, "report", words | {"revision": stored(final).revision}, final.pk)
    assert written.status_code == 302
    assert browser.get(reverse("measures:paper", args=[final.pk])).content.startswith(b"%PDF")
    assert transmit(final).status_code == 302
    act("decision", outcome="probation", closed_on=str(side.today))
    shown = browser.get(page).content.decode()
    assert "Le dossier disparaît" in shown
    assert "?suite=" in shown, "a new frame opens a new measure (CJ-38)"
    again = browser.get(reverse("measures:new", args=["probation"]) + f"?suite={row.pk}").content.decode()
    assert PERSON in again
    assert "auteur" not in shown.lower()
    for name in ("who_opened", "history"):
        assert browser.get(reverse(f"measures:{name}", args=[row.pk])).status_code == 200


def test_a_refusal_comes_back_beside_its_field_and_an_older_page_is_refused(side: Setting) -> None:
    row = side.active()
    browser = client(side)
    dates = {"term_on": str(side.day(-90)), "hearing_on": "", "revision": row.revision}
    refused = post(browser, "act_dates", dates, row.pk)
    assert refused.status_code == 422
    assert "vérifiez les dates" in refused.content.decode()
    stale = post(browser, "act_dates", dates | {"term_on": str(side.day(80)), "revision": row.revision - 1}, row.pk)
    assert stale.status_code == 422
    assert fresh(row).term_on == side.day(100)


@pytest.mark.attack("T-19", "T-40")
@pytest.mark.rule("ACL-01", "ACL-05", "VIC-07")
def test_nobody_else_finds_a_measure_nor_a_report_by_any_way(side: Setting) -> None:
    row = side.active()
    report = side.send(side.incident(row))
    for who in OUTSIDERS:
        browser = client(side, who)
        absent = browser.get(reverse("measures:page", args=[uuid4()]))
        for name, pk in (
            ("page", row.pk),
            ("history", row.pk),
            ("report", report.pk),
            ("paper", report.pk),
            ("text", report.pk),
        ):
            answer = browser.get(reverse(f"measures:{name}", args=[pk]))
            assert answer.status_code == 404, (who, name)
        assert absent.status_code == 404
        for url in (reverse("desk:work"), reverse("desk:home"), reverse("measures:index")):
            body = browser.get(url, follow=True).content.decode()
            assert PERSON not in body, (who, url)
            assert row.reference not in body, (who, url)
        if who not in ("measure_colleague", "measure_lead", "spip"):
            assert browser.get(reverse("measures:index")).status_code == 404, who
    shown = {
        who: "Mesures VIF" in client(side, who).get(reverse("desk:work")).content.decode()
        for who in (OFFICER, "prosecutor", "apers_victim", "coordinator", "spip", "pjj")
    }
    assert shown == {
        OFFICER: True, "prosecutor": True, "apers_victim": False, "coordinator": False, "spip": False, "pjj": False,
    }  # fmt: skip
    assert navigation.entries()


@pytest.mark.rule("VIC-07", "ACL-09")
def test_a_reference_is_spoken_of_to_its_own_side_alone(side: Setting) -> None:
    row = side.active()
    for who in (OFFICER, "prosecutor", "dpo"):
        assert subjects.by_reference(side.viewer(who), row.reference, side.now), who
    for who in ("apers_victim", "coordinator", "mayor", "spip", "pjj"):
        assert subjects.by_reference(side.viewer(who), row.reference, side.now) is None, who
    # The coordinator ends, keeps and shuts out of files of the town: of this one it learns nothing.
    assert endings.by_reference(side.viewer("dpo"), row.reference, side.now).subject_id == row.subject_id
    with pytest.raises(InputRefused):
        endings.by_reference(side.viewer("coordinator"), row.reference, side.now)
    with pytest.raises(AccessRefused):
        endings.by_subject(side.viewer("coordinator"), row.subject_id, side.now)
    holds.impose(by=side.viewer("dpo"), subject_id=row.subject_id, reason="court", now=side.now)
    kept = [ending_reads.kept(side.viewer(who), side.now)[0].reference for who in ("dpo", "coordinator")]
    assert kept == [row.reference, ""]
    born = side.order().person.born_on
    for who, is_found in (("dpo", True), ("apers_victim", False), ("coordinator", False)):
        found = subjects.by_identity(side.viewer(who), PERSON, "Malik", born, side.now)
        assert (found is not None) is is_found, who
    room = subjects.room("measure")
    assert [each.object_id for each in room.of_service(side.viewer("measure_lead"), side.now)] == [row.pk]
    assert room.of_service(side.viewer("apers_victim"), side.now) == [], "of my service asks for the role too"


@pytest.mark.attack("T-36", "T-39")
def test_a_forged_grant_or_an_exclusion_opens_nothing(side: Setting) -> None:
    row = side.active()
    with audit.writing(side.viewer(), now=side.now) as w:
        grant = grants.give(
            w, MeasureGrant, mandate=side.people.mandates["measure_colleague"], obj=row, basis=Basis.CIRCLE,
            starts_at=side.now - timedelta(days=2), ends_at=side.now - timedelta(days=1), reason="test", by=None,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vif_offenders_measuregrant SET ends_at = NULL WHERE id = %s", [grant.pk.hex])
    url = reverse("measures:page", args=[row.pk])
    assert client(side, "measure_colleague").get(url).status_code == 404
    assert client(side).get(url).status_code == 200
    Exclusion(
        subject_id=row.subject_id, territory_id=row.territory_id, ground="kin", starts_at=side.now - timedelta(hours=1),
        agent_id=side.people.mandates[OFFICER].agent_id, organisation_id=None, set_by=side.people.dpo.agent_id,
        set_as=side.people.dpo.pk, words="",
    ).save(force_insert=True)  # fmt: skip
    assert client(side).get(url).status_code == 404
    assert lists.own(side.viewer(), side.now) == []
    shown = [len(exclusions.lines(side.viewer(who), side.now)) for who in ("dpo", "coordinator")]
    assert shown == [1, 0], "that somebody is shut out of a measure is not for the town to read"


@pytest.mark.rule("LOG-09", "ACL-08")
def test_each_reading_is_told_as_vif_and_kept_for_long(side: Setting) -> None:
    row = side.active()
    before = AuditEvent.objects.count()
    client(side).get(reverse("measures:page", args=[row.pk]))
    told = AuditEvent.objects.order_by("idx")[before:]
    read = [event for event in told if "vif_person" in event.classes]
    assert read
    assert {event.module for event in read} == {"vif"}, "thirty-six months: audit.purge keeps what is of VIF"
    for event in AuditEvent.objects.filter(module="vif"):
        assert PERSON not in str(event.__dict__)


def test_the_list_and_the_page_ask_the_same_questions_for_one_and_for_more(side: Setting) -> None:
    def asked(url: str, who: str = OFFICER) -> int:
        browser = client(side, who)
        browser.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len([each for each in seen if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))])

    urls = [
        (reverse("measures:index"), OFFICER),
        (reverse("measures:index"), "prosecutor"),
        (reverse("desk:work"), OFFICER),
    ]
    row = side.active()
    side.send(side.incident(row))
    few = [asked(*each) for each in urls]
    for _ in range(2):
        side.meet(row, days=-3 - Measure.objects.count())
        side.send(side.incident(side.active()))
    assert [asked(*each) for each in urls] == few
    assert max(few) <= 25
    assert asked(reverse("measures:page", args=[row.pk])) <= 25


@pytest.mark.rule("CJ-36")
def test_the_head_of_the_service_decides_who_reads_reports(side: Setting) -> None:
    browser = client(side, "measure_lead")
    assert post(browser, "settings", {"silence_days": "3"}).status_code == 422
    assert post(browser, "settings", {"silence_days": "20", "second_reader": "on"}).status_code == 302
    assert client(side).get(reverse("measures:settings")).status_code == 404
    row = side.active()
    report = side.write(side.begun(row, "periodic"))
    mine, theirs = client(side), client(side, "measure_colleague")
    assert "Demander la relecture" in mine.get(reverse("measures:report", args=[report.pk])).content.decode()
    given = {"reader": str(side.people.mandates["measure_colleague"].pk), "revision": report.revision}
    assert post(mine, "ask_reading", given, report.pk).status_code == 302
    assert post(theirs, "read_over", {"agreed": "1", "revision": stored(report).revision}, report.pk).status_code == 302
    assert stored(report).state == "read"
    assert post(mine, "take_back", {"revision": stored(report).revision}, report.pk).status_code == 302
    setting.decide(by=side.viewer("measure_lead"), silence_days=30, second_reader=False, now=side.now)
    assert client(side).get(reverse("measures:review")).status_code == 200


@pytest.mark.rule("CJ-36", "10.4")
def test_an_incident_is_offered_where_it_can_be_told_and_one_at_a_time(side: Setting) -> None:
    row = side.active()
    page, link = reverse("measures:page", args=[row.pk]), reverse("measures:incident", args=[row.pk])
    assert link in client(side).get(page).content.decode()
    report = side.incident(row)
    assert link not in client(side).get(page).content.decode(), "the one under way is finished first"
    side.send(report)
    assert link in client(side).get(page).content.decode()
    side.answered(report, "modified")
    assert link not in client(side).get(page).content.decode()
    court = client(side, "prosecutor")
    shown = court.get(page).content.decode()
    for name in ("history", "who_opened"):
        there = reverse(f"measures:{name}", args=[row.pk])
        assert (there in shown) is (court.get(there).status_code == 200), "no link to a page that answers 404"


@pytest.mark.rule("CJ-36")
def test_words_typed_and_not_saved_hold_the_report_back(side: Setting) -> None:
    """What is kept as a draft would not leave with the report: it says so, and the words are still there."""
    row = side.active()
    report = side.write(side.begun(row, "periodic"))
    browser, typed = client(side), "Zzcanari dernier mot"
    words = {"situation": [typed], "position": [""], "conclusion": ["Fin."]}
    drafts.save(side.viewer(), f"measure-report-{report.pk}", words, now=side.now, subject_id=row.subject_id)
    given = {"sent_on": str(side.today), "channel": "hand", "recipient": "prosecutor", "revision": report.revision}
    held = post(browser, "transmit", given, report.pk)
    assert held.status_code == 422
    assert "enregistré" in held.content.decode()
    assert typed in held.content.decode()
    assert stored(report).state == "draft"
    sent = {"situation": typed, "position": "", "conclusion": "Fin.", "revision": report.revision}
    assert post(browser, "report", sent, report.pk).status_code == 302
    assert post(browser, "transmit", given | {"revision": stored(report).revision}, report.pk).status_code == 302
