"""The host is asked: its yes gives the half-days, its no or its silence frees them (REP-11, REP-16, peers C6)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.exclusions import Exclusion
from casework.casefile import work
from casework.casefile.calendar import add_working_days
from casework.casefile.models import AttachedFile, OutboxMail
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.placements.hosts.actions import requests
from casework.placements.hosts.models import Booking, HostStructure, PostGrant
from casework.placements.reparation import facts
from casework.placements.reparation.actions import activity, agreements, files, follow, hosting, opening
from casework.placements.reparation.codes import STOPS, State
from casework.placements.reparation.models import PlaceRequest, Reparation, ReparationGrant
from casework.placements.reparation.reads import asked, page
from tests.instants import noon
from tests.people import client_for
from tests.placements.reparation.setting import YOUNG, Setting, fresh, paper

pytestmark = pytest.mark.django_db(databases="__all__")


def client(town: Setting, who: str) -> Client:
    return client_for(town.people.mandates[who], now=town.now)


def post(browser: Client, name: str, data: dict[str, Any], *args: Any) -> Any:
    return browser.post(reverse(f"reparation:{name}", args=args), data | {"once": str(uuid4())})


def say(town: Setting, request: PlaceRequest, accepts: bool = True, reason: str = "") -> None:
    hosting.answer(by=town.viewer("host"), request=request, accepts=accepts, reason=reason, now=town.now)


def held(holder: Any) -> list[str]:
    return list(Booking.objects.filter(holder=holder.pk).values_list("state", flat=True))


@pytest.mark.rule("REP-11", "REP-16")
@pytest.mark.parametrize("track", ["alternative", "module"])
def test_the_yes_of_the_host_gives_the_half_days_and_the_name(town: Setting, track: str) -> None:
    row = town.agreed(track)
    request = town.ask(row)
    assert held(request) == ["reserved", "reserved"]
    assert fresh(row).state == row.state, "nothing moves before the yes"
    assert not facts.visible_to(town.viewer("host"), town.now).exists(), "nor is anything read"
    say(town, request)
    row = fresh(row)
    assert (row.state, row.form, row.post_id, row.host_agreed_on) == (
        State.ASSIGNED, "community", town.post.pk, town.today,
    )  # fmt: skip
    assert (held(row), held(request)) == (["used", "used"], [])
    assert row.sessions.count() == 2
    assert facts.visible_to(town.viewer("host"), town.now).get() == row
    with pytest.raises(AccessRefused):
        say(town, request, accepts=False, reason="closed")


@pytest.mark.rule("REP-11")
def test_the_no_of_the_host_frees_the_half_days_and_says_why(town: Setting) -> None:
    row = town.agreed()
    request = town.ask(row)
    with pytest.raises(InputRefused) as refusal:
        say(town, request, accepts=False, reason="he looks bad")
    assert refusal.value.field == "reason"
    say(town, request, accepts=False, reason="no_supervisor")
    assert (fresh(row).state, held(request)) == (State.AGREED, [])
    assert "pas de tuteur disponible" in page.page(town.viewer("pjj"), row.pk, town.now).host_said
    town.ask(fresh(row))  # another may be asked at once


@pytest.mark.rule("REP-11", "10.3")
def test_no_answer_by_the_date_frees_the_places_and_is_never_a_yes(town: Setting) -> None:
    row = town.agreed()
    request = town.ask(row)
    late = noon(request.answer_by + timedelta(days=1))
    # Said by the request itself: the reservation, whose own time is over too, would refuse in other words.
    with pytest.raises(GuardRefused, match="date de réponse est passée"):
        hosting.answer(by=town.viewer("host", late), request=request, accepts=True, reason="", now=late)
    assert requests.release_unanswered(town.now) == 0
    assert requests.release_unanswered(late) == 1
    assert requests.release_unanswered(late) == 0
    assert (fresh(row).state, held(request), fresh(row).sessions.count()) == (State.AGREED, [], 0)
    assert PlaceRequest.objects.get().answer == "no_answer"
    assert "n’a pas répondu" in page.page(town.viewer("pjj"), row.pk, town.now).host_said


@pytest.mark.rule("REP-11")
def test_the_managers_are_reminded_the_working_day_before(town: Setting) -> None:
    request = town.ask(town.agreed())
    assert requests.remind(town.now) == 0
    OutboxMail.objects.all().delete()
    day = add_working_days(request.answer_by, -1)
    assert requests.remind(noon(day)) == 1
    assert OutboxMail.objects.get().to == town.people.host.agent.email


@pytest.mark.rule("REP-16")
def test_the_host_is_asked_without_a_name_nor_a_reference(town: Setting) -> None:
    row = town.agreed("module")
    request = town.ask(row)
    browser = client(town, "host")
    for url in (
        reverse("reparation:index"), reverse("reparation:host_answer", args=[request.pk]), reverse("desk:work"),
    ):  # fmt: skip
        body = browser.get(url).content.decode()
        assert town.post.nature in body, url
        for secret in (YOUNG, "Lina", row.reference, "Zzcanari", "module", "juge"):
            assert secret not in body, (url, secret)
    for mail in OutboxMail.objects.all():
        assert "Zzcanari" not in mail.subject
    refused = post(browser, "host_answer", {"answer": "no"}, request.pk)
    assert refused.status_code == 422
    assert post(browser, "host_answer", {"answer": "yes"}, request.pk).status_code == 302
    assert YOUNG in browser.get(reverse("reparation:index")).content.decode()


@pytest.mark.attack("T-19", "T-35", "T-40")
@pytest.mark.parametrize("who", ["spip", "pjj_lead", "sah", "coordinator", "mayor", "dpo", "prosecutor", "sysadmin"])
def test_nobody_answers_for_the_host(town: Setting, who: str) -> None:
    request = town.ask(town.agreed())
    assert not facts.requests_to(town.viewer(who), town.now).exists()
    with pytest.raises(AccessRefused):
        hosting.answer(by=town.viewer(who), request=request, accepts=True, reason="", now=town.now)
    browser = client(town, who)
    for pk in (request.pk, uuid4()):
        assert browser.get(reverse("reparation:host_answer", args=[pk])).status_code == 404


@pytest.mark.attack("T-36")
def test_a_manager_written_by_sql_answers_nothing(town: Setting) -> None:
    request = town.ask(town.agreed())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hosts_postgrant SET reason = 'other', ends_at = NULL")
    assert PostGrant.objects.exists()
    assert asked.waiting(town.viewer("host"), town.now) == []
    with pytest.raises(AccessRefused):
        say(town, request)


@pytest.mark.attack("T-39")
def test_a_manager_shut_out_of_the_young_person_is_asked_nothing(town: Setting) -> None:
    row = town.agreed()
    request = town.ask(row)
    Exclusion(
        subject_id=row.subject_id, territory_id=row.territory_id, ground="kin", starts_at=town.now - timedelta(hours=1),
        agent_id=town.people.host.agent_id, organisation_id=None, set_by=town.people.dpo.agent_id,
        set_as=town.people.dpo.pk, words="",
    ).save(force_insert=True)  # fmt: skip
    assert asked.waiting(town.viewer("host"), town.now) == []
    with pytest.raises(AccessRefused):
        say(town, request)


# A host without an account


def _link(town: Setting, row: Reparation) -> tuple[PlaceRequest, str]:
    """Ask a host whose managers have no account; return the request and the path of its link."""
    _no_account(town, email="contact@regie.example")
    request = town.ask(row)
    return request, _path(town)


def _no_account(town: Setting, *, email: str) -> None:
    host = HostStructure.objects.get(pk=town.post.host_id)
    host.email = email
    host.save()
    PostGrant._base_manager.all().delete()


def _path(town: Setting) -> str:
    mail = OutboxMail.objects.order_by("-queued_at", "-pk").first()
    with audit.reading(
        audit.system_actor(town.people.territory.pk), subjects=[mail.subject_id], classes=["outbox"],
        purpose=audit.Purpose.SYSTEM, act=audit.Act.SYSTEM, object_type="outbox", object_ids=[mail.pk],
    ):  # fmt: skip
        found = re.search(r"/tig/accueils/repondre/[\w-]+/", mail.body or "")
    assert found, mail.body
    return found.group()


@pytest.mark.rule("REP-11", "REP-16")
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_host_without_an_account_answers_once_by_a_link(town: Setting, answer: str) -> None:
    row = town.agreed()
    request, path = _link(town, row)
    body = Client().get(path).content.decode()
    assert town.post.nature in body
    assert "Zzcanari" not in body
    assert row.reference not in body
    sent = {"answer": answer, "reason": "closed" if answer == "no" else "", "once": str(uuid4())}
    assert Client().post(path, sent).status_code == 302
    assert fresh(row).state == (State.ASSIGNED if answer == "yes" else State.AGREED)
    assert len(held(row)) == (2 if answer == "yes" else 0)
    assert held(request) == []
    assert Client().get(path).status_code == 410
    assert Client().post(path, sent | {"once": str(uuid4())}).status_code == 410


@pytest.mark.rule("REP-11")
def test_a_reminder_without_an_account_is_a_new_link_and_the_first_dies(town: Setting) -> None:
    request, path = _link(town, town.agreed())
    day = add_working_days(request.answer_by, -1)
    assert requests.remind(noon(day)) == 1
    again = _path(town)
    assert again != path
    assert Client().get(path).status_code == 410
    assert Client().get(again).status_code == 200


def test_nobody_to_ask_is_said_at_once(town: Setting) -> None:
    _no_account(town, email="")
    with pytest.raises(GuardRefused, match="appelez-la"):
        town.ask(town.agreed())
    assert not Booking.objects.exists()


# What is refused, what is taken back


def test_half_days_before_the_answer_one_host_at_a_time_and_no_stale_page(town: Setting) -> None:
    row = town.agreed()
    with pytest.raises(InputRefused) as refusal:
        town.ask(row, slots=[(town.catalogue.weekday(0), town.slots()[0][1])], answer_by=town.catalogue.weekday(0))
    assert refusal.value.field == "slots"
    with pytest.raises(InputRefused) as refusal:
        town.ask(row, answer_by=town.today)
    assert refusal.value.field == "answer_by"
    town.ask(row)
    with pytest.raises(GuardRefused, match="déjà demandée"):
        town.ask(fresh(row))
    other = town.agreed(who="sah")
    with pytest.raises(ConflictRefused):
        hosting.ask(
            by=town.viewer("sah"), reparation=other, data=hosting.AskData(post_id=town.post.pk, slots=town.slots(first=9)),
            now=town.now, expected=other.revision - 1,
        )  # fmt: skip


@pytest.mark.rule("REP-04", "REP-06")
def test_no_host_is_asked_before_the_young_person_was_heard(town: Setting) -> None:
    with pytest.raises(GuardRefused, match="observations"):
        town.ask(town.received("module"))
    with pytest.raises(GuardRefused, match="étape"):
        town.ask(town.received())


@pytest.mark.attack("R-06")
def test_the_last_place_asked_is_taken(town: Setting) -> None:
    last = town.catalogue.listed(town.post.host, audience="minors")
    town.ask(town.agreed(), post=last)
    with pytest.raises(GuardRefused, match="prise"):
        town.ask(town.agreed(who="sah"), "sah", post=last)


def test_a_request_is_taken_back_by_the_educator_or_by_what_comes_next(town: Setting) -> None:
    row = town.agreed("module")
    first = town.ask(row)
    hosting.withdraw(by=town.viewer("pjj"), reparation=fresh(row), now=town.now)
    assert (held(first), PlaceRequest.objects.get(pk=first.pk).answer) == ([], "withdrawn")
    second = town.ask(fresh(row))
    activity.assign_towards_victim(
        by=town.viewer("pjj"), reparation=fresh(row), form="victim", mediator="", accredited=False, now=town.now,
        expected=None,
    )  # fmt: skip
    assert (held(second), PlaceRequest.objects.get(pk=second.pk).answer) == ([], "withdrawn")
    with pytest.raises(AccessRefused):
        say(town, second)


def test_another_host_asked_in_the_course_of_it_changes_nothing_before_its_yes(town: Setting) -> None:
    row = town.running()
    other = town.catalogue.listed(town.post.host, audience="minors")
    request = town.ask(row, post=other)
    assert (fresh(row).post_id, len(held(row)), len(held(request))) == (town.post.pk, 2, 2)
    say(town, request)
    assert (fresh(row).state, fresh(row).post_id) == (State.IN_PROGRESS, other.pk)
    assert set(Booking.objects.filter(holder=row.pk).values_list("post_id", flat=True)) == {other.pk}


def test_mon_travail_waits_with_the_educator_and_asks_the_host(town: Setting) -> None:
    row = town.agreed()
    town.ask(row)
    (mine,) = [item for item in work.for_viewer(town.viewer("pjj"), town.now) if item.reference == row.reference]
    assert (mine.kind, mine.label) == ("waiting", "Réparation : réponse de la structure attendue")
    (line,) = [item for item in work.for_viewer(town.viewer("host"), town.now) if item.rule == "REP-11"]
    assert (line.act_label, line.reference) == ("Répondre", "")


def test_requests_are_listed_in_the_same_number_of_questions(town: Setting) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            asked.waiting(town.viewer("host"), town.now)
        return len(seen)

    town.ask(town.agreed())
    few = count()
    town.ask(town.agreed(), slots=town.slots(first=11))
    assert count() == few


# Ends before the end, corrections, documents


@pytest.mark.rule("10.3")
@pytest.mark.parametrize("outcome", sorted(STOPS))
@pytest.mark.parametrize("stage", ["received", "agreed", "running"])
def test_it_stops_without_object_or_for_another_service(town: Setting, stage: str, outcome: str) -> None:
    row = getattr(town, stage)()
    request = town.ask(row) if stage == "agreed" else None
    follow.stop(
        by=town.viewer("pjj"), reparation=fresh(row), outcome=outcome, closed_on=town.today, now=town.now, expected=None
    )
    row = fresh(row)
    assert (row.state, row.closed_on) == (STOPS[outcome], town.today)
    assert not Booking.objects.filter(holder__in=[row.pk, request.pk if request else row.pk]).exists()
    then = town.now + timedelta(seconds=1)
    assert not ReparationGrant.objects.on([row.pk]).live(then).filter(mandate=town.people.host).exists()
    with pytest.raises(AccessRefused):
        follow.set_goals(by=town.viewer("pjj"), reparation=row, goals=["harm"], now=town.now)


@pytest.mark.rule("10.3")
@pytest.mark.parametrize(("outcome", "field"), [("dismissed", "outcome"), ("moved", "closed_on")])
def test_it_does_not_stop_by_an_outcome_of_the_report_nor_to_come(town: Setting, outcome: str, field: str) -> None:
    row = town.received()
    with pytest.raises(InputRefused) as refusal:
        follow.stop(
            by=town.viewer("pjj"), reparation=row, outcome=outcome, closed_on=town.today + timedelta(days=1),
            now=town.now, expected=None,
        )  # fmt: skip
    assert refusal.value.field == field


@pytest.mark.rule("MIN-01", "MIN-02", "MIN-05")
def test_a_wrong_birth_date_is_corrected_and_the_law_asked_again(town: Setting) -> None:
    row = town.assigned()
    by = town.viewer("pjj")
    shown = page.page(by, row.pk, town.now)
    given = {name: getattr(shown, name) for name in opening.Correction.__dataclass_fields__}

    def correct(**changes: Any) -> None:
        data = opening.Correction(**(given | changes))
        opening.correct(by=by, reparation=fresh(row), data=data, now=town.now, expected=None)

    with pytest.raises(InputRefused) as refusal:
        correct(born_on=_years(town.today, -12))
    assert refusal.value.field == "discernment_seen"
    correct(last_name="Zzcanari Corrigé")
    assert page.page(by, row.pk, town.now).age_at_facts == shown.age_at_facts
    correct(born_on=_years(town.today, -14), phone="")
    again = page.page(by, row.pk, town.now)
    assert (again.age_at_facts, again.phone, again.authority) == (13, "", shown.authority)
    assert row.history.count() >= 3, "what was written before stays in the history"


def _years(day: date, n: int) -> date:
    from casework.casefile.retention import years_after

    return years_after(day, n)


def test_the_host_reads_the_corrected_name_and_corrects_nothing(town: Setting) -> None:
    row = town.assigned()
    given = {
        "last_name": "Zzautrenom", "first_name": "Lina", "born_on": "2011-01-01", "facts_on": str(town.today - timedelta(days=80)),
        "revision": row.revision,
    }  # fmt: skip
    assert post(client(town, "host"), "act_corriger", given, row.pk).status_code == 404
    assert post(client(town, "pjj"), "act_corriger", given, row.pk).status_code == 302
    assert "Zzautrenom" in client(town, "host").get(reverse("reparation:index")).content.decode()


@pytest.mark.rule("REP-06")
def test_a_document_joined_by_mistake_goes_and_a_proof_stays(town: Setting) -> None:
    row = town.agreed()
    by = town.viewer("pjj")
    wrong = files.join(by=by, reparation=row, kind="report", upload=paper(), now=town.now)
    proof = AttachedFile.objects.filter(record_id=row.pk, kind="agreement").first()
    body = client(town, "pjj").get(reverse("reparation:page", args=[row.pk])).content.decode()
    assert reverse("reparation:file_withdraw", args=[wrong.pk]) in body
    assert reverse("reparation:file_withdraw", args=[proof.pk]) not in body
    with pytest.raises(GuardRefused, match="repose"):
        files.withdraw(by=by, file_id=proof.pk, now=town.now)
    with pytest.raises(AccessRefused):
        files.withdraw(by=town.viewer("host"), file_id=wrong.pk, now=town.now)
    files.withdraw(by=by, file_id=wrong.pk, now=town.now)
    assert not AttachedFile.objects.filter(pk=wrong.pk).exists()


@pytest.mark.rule("REP-06")
def test_the_decision_of_a_module_and_the_yes_of_a_victim_stay(town: Setting) -> None:
    row, victim = town.waiting("module")
    agreements.answer_of_victim(
        by=town.viewer("pjj"), victim=victim, answer="agreed", answered_on=town.today, now=town.now, expected=1,
        upload=paper(),
    )  # fmt: skip
    for kind, record in (("decision", row), ("victim", victim)):
        file = AttachedFile.objects.get(record_id=record.pk, kind=kind)
        with pytest.raises(GuardRefused, match="repose"):
            files.withdraw(by=town.viewer("pjj"), file_id=file.pk, now=town.now)
    assert localdate(town.now) == town.today
