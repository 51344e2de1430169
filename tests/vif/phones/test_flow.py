"""A phone from the signal to its deletion (10.5): who may do what, what refuses, what the database holds by itself."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from casework import audit
from casework.audit.models import AuditEvent
from casework.audit.refs import subjects_by_ref
from casework.casefile import erasure, work
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.partners.models import Mandate
from casework.vif.phones import documents
from casework.vif.phones.actions import assessing, deciding, holding, nightly, sheets, stock
from casework.vif.phones.codes import DeviceState, State
from casework.vif.phones.law import Condition
from casework.vif.phones.models import Allocation, Decision, Device, DeviceTest, Sending
from casework.vif.phones.reads import lists
from casework.vif.phones.reads import page as reads
from casework.vif.phones.reads import stock as stock_reads
from casework.vif.victims.actions import follow
from tests.casefile import pdf_text
from tests.people import viewer_of
from tests.vif.phones.setting import COURT, MAGISTRATE, OFFICER, SERIAL, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def _close_court(town: Setting) -> None:
    """The court has no account any more."""
    mandate = Mandate.objects.get(pk=town.people.prosecutor.pk)
    mandate.ends_at = town.now
    mandate.save()  # not update(): the row carries a seal


@pytest.mark.rule("TGD-02", "TGD-03", "TGD-09", "TGD-10", "TGD-12", "TGD-13", "TGD-16", "TGD-19")
def test_the_whole_life_of_one_phone(town: Setting) -> None:
    row = town.used()
    assert row.state == State.HANDED_OVER
    assert row.device.state == DeviceState.ALLOCATED
    assert row.device.mark == "TEL-01"
    town.test(row)
    row = town.consent(row, town.on(150))
    row = town.decide(row, kind="renew", now=town.on(151), decided_on=localdate(town.on(151)))
    assert row.state == State.RENEWED
    assert row.renewal_consent_on is None  # it served: the next renewal asks for another
    page = reads.page(town.by(), row.pk, town.now)
    assert [each.kind for each in page.decisions] == ["attribution", "renouvellement"]
    made = sheets.make(by=town.by(), allocation=row, lines=[{"code": "term", "label": "A", "value": "B"}], now=town.now)
    sheets.sent(
        by=town.by(), allocation=row, sheet_id=made.pk, recipients=["operator"], channel="secure_mail", sent_on=town.today,
        now=town.now,
    )  # fmt: skip
    row = town.close(town.back(town.ending(row)))
    assert row.state == State.CLOSED
    device = Device.objects.get(pk=row.device_id)
    assert device.state == DeviceState.IN_STOCK
    states = list(Device.history.order_by("history_date", "history_id").values_list("state", flat=True))
    assert states[-3:] == ["returned", "wiped", "in_stock"]  # wiped before any other use
    stock.say(by=town.by(COURT), device=device, to="broken", now=town.now, expected=device.revision)
    with pytest.raises(AccessRefused):  # the stock is the court's
        stock.say(by=town.by(), device=device, to="returned", now=town.now, expected=device.revision)
    # TGD-16: the day the ban ends everything of it goes, history too; her support and the device stay.
    assert nightly.delete_over(town.on(29)) == 0
    assert nightly.delete_over(town.on(30)) == 1
    for model in (Allocation, Decision, DeviceTest, Sending):
        assert not model.objects.exists()
        assert not model.history.exists()
    assert Device.objects.get().state == DeviceState.BROKEN
    assert follow.end(
        by=town.by(), support=row.support, reason="done", closed_on=town.today, now=town.now, expected=None
    ) is None  # fmt: skip


@pytest.mark.rule("TGD-02")
def test_the_prosecutor_decides_and_nobody_in_his_place(town: Setting) -> None:
    """While the court has an account, no writing is entered for it; an oral decision is, then its writing is the court's."""
    row = town.asked()
    with pytest.raises(GuardRefused):
        town.decide(row, OFFICER, how="written", channel="letter")
    with pytest.raises(InputRefused):  # an officer has no page of its own to decide on
        town.decide(row, OFFICER, how="page")
    row = town.decide(row, OFFICER, how="oral", said_at=town.now)
    assert row.state == State.DECIDED_YES
    assert row.written_by is not None
    assert row.written_by > town.today
    with pytest.raises(AccessRefused):
        deciding.write_down(
            by=town.by(), allocation=row, written_on=town.today, channel="letter", now=town.now, expected=row.revision
        )
    deciding.write_down(
        by=town.by(COURT), allocation=row, written_on=town.today, channel="", now=town.now, expected=row.revision
    )
    assert fresh(row).written_by is None
    assert Decision.objects.get().written_on == town.today


@pytest.mark.rule("TGD-02")
def test_without_an_account_a_written_decision_comes_by_a_recorded_way(town: Setting) -> None:
    row = town.asked()
    _close_court(town)
    with pytest.raises(InputRefused):
        town.decide(row, OFFICER, how="written")
    row = town.decide(row, OFFICER, how="written", channel="secure_mail", kind="refuse")
    assert row.state == State.DECIDED_NO
    line = reads.page(town.by(), row.pk, town.now).decisions[0]
    assert (line.magistrate, line.channel) == (MAGISTRATE, "messagerie sécurisée")


@pytest.mark.rule("TGD-04", "TGD-05", "TGD-06")
def test_no_question_without_the_conditions_and_they_stay_written(town: Setting) -> None:
    row = town.assess(town.signalled())
    together = town.checked(apart=Condition(met=False, proof="said"))
    common = {"by": town.by(), "allocation": row, "now": town.now, "expected": row.revision}
    with pytest.raises(InputRefused) as refusal:
        assessing.ask_decision(checked=together, **common)
    assert refusal.value.field == "apart"
    with pytest.raises(GuardRefused):  # all is met: this is not for the association to stop
        assessing.set_aside(checked=town.checked(), **common)
    assessing.set_aside(checked=together, **common)
    assert fresh(row).state == State.NOT_ELIGIBLE
    assert not reads.page(town.by(), row.pk, town.now).conditions[1].met
    # Nothing runs any more: somebody may ask again.
    assert town.signalled(row.support).state == State.SIGNALLED


@pytest.mark.rule("TGD-03", "TGD-04", "DL-15")
def test_a_renewal_asks_for_her_agreement_each_time_and_its_absence_switches_nothing_off(town: Setting) -> None:
    row = town.used()
    with pytest.raises(GuardRefused):
        town.decide(row, kind="renew")
    late = town.on(200)
    OutboxMail.objects.all().delete()
    assert nightly.tell_terms(town.on(150)) == 0
    assert nightly.tell_terms(late) == 1
    assert nightly.tell_terms(late) == 0  # told once
    assert OutboxMail.objects.count() == 2  # the court and the officer
    row = fresh(row)
    assert row.state == State.HANDED_OVER
    assert row.device.state == DeviceState.ALLOCATED
    row = town.consent(row, late)
    row = town.decide(row, kind="renew", now=late, decided_on=localdate(late))
    assert row.ends_on is not None
    assert row.ends_on > localdate(late) + timedelta(days=175)


@pytest.mark.rule("TGD-13", "DL-16")
def test_two_misses_in_a_row_tell_the_prosecutor_once_without_a_name(town: Setting) -> None:
    row = town.used()
    OutboxMail.objects.all().delete()
    for day, result in enumerate(("not_reached", "passed", "failed")):
        town.test(row, result, town.on(day))
    assert not OutboxMail.objects.exists()
    town.test(row, "not_reached", town.on(4))
    assert OutboxMail.objects.count() == 1
    town.test(row, "not_reached", town.on(5))
    assert OutboxMail.objects.count() == 1
    assert lists.board(town.by(COURT), town.on(6)).in_use[0].misses == 3
    with pytest.raises(InputRefused):
        town.test(row, "ringing")
    with pytest.raises(GuardRefused):
        town.test(town.ending(fresh(row)))


@pytest.mark.rule("TGD-05", "TGD-11", "TGD-12", "TGD-16")
def test_a_phone_ends_for_a_lawful_reason_and_closes_once_wiped(town: Setting) -> None:
    row = town.used()
    for who, reason, refusal in ((OFFICER, "", InputRefused), (OFFICER, "misuse", GuardRefused)):
        with pytest.raises(refusal):
            town.ending(row, who, reason)
    row = town.ending(row, COURT, "misuse")
    with pytest.raises(MoveRefused):
        town.close(row)
    row = town.back(row)
    with pytest.raises(GuardRefused):
        town.close(row, wiped=False)
    assert follow_refused(town, row)
    with pytest.raises(InputRefused):
        town.close(row, kept_until=town.today - timedelta(days=1))
    assert town.close(row).state == State.CLOSED


def follow_refused(town: Setting, row: Allocation) -> bool:
    """Say whether her support refuses to end while a phone runs."""
    with pytest.raises(GuardRefused):
        follow.end(by=town.by(), support=row.support, reason="done", closed_on=town.today, now=town.now, expected=None)
    return True


@pytest.mark.rule("TGD-12", "TGD-19")
def test_a_lost_device_is_replaced_and_the_term_does_not_move(town: Setting) -> None:
    row = town.used()
    term, old, new = row.ends_on, row.device_id, town.device("Zzcanariautre")
    holding.replace(by=town.by(), allocation=row, device_id=new.pk, loss="lost", now=town.now, expected=row.revision)
    row = fresh(row)
    assert (row.ends_on, row.device_id, row.state) == (term, new.pk, State.HANDED_OVER)
    assert Device.objects.get(pk=old).state == DeviceState.LOST
    # At the end there is nothing to give back: it is said, and it ends all the same.
    row = town.close(town.back(town.ending(row), is_lost=True), wiped=False)
    assert row.state == State.CLOSED
    assert Device.objects.get(pk=new.pk).state == DeviceState.LOST


@pytest.mark.rule("TGD-19")
@pytest.mark.attack("R-06")
def test_the_database_holds_one_open_allocation_per_device_and_per_victim(town: Setting) -> None:
    first = town.used()
    with pytest.raises(GuardRefused):
        town.signalled(first.support)
    second = town.allowed()
    with pytest.raises(GuardRefused):
        town.hand(second, first.device)
    held = {
        "state": State.HANDED_OVER.value, "device": first.device, "handed_on": town.today,
        "ends_on": town.today + timedelta(days=9),
    }  # fmt: skip
    # Past every action, the two constraints alone: another holder of her device; another phone of hers.
    twin = {"subject_id": first.subject_id, "state": State.SIGNALLED.value}
    for row, values in ((second, held), (second, twin)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Allocation.objects.filter(pk=row.pk).update(**values)


@pytest.mark.rule("DL-24")
def test_the_prosecutor_sets_the_day_of_an_evaluation(town: Setting) -> None:
    row = town.signalled()
    day = town.today + timedelta(days=2)
    common = {"allocation": row, "evaluate_by": day, "now": town.now, "expected": row.revision}
    with pytest.raises(AccessRefused):
        assessing.set_day(by=town.by(), **common)
    assessing.set_day(by=town.by(COURT), **common)
    assert fresh(row).evaluate_by == day
    with pytest.raises(ConflictRefused):
        assessing.set_day(by=town.by(COURT), **common)


@pytest.mark.rule("TGD-14", "VIC-07")
@pytest.mark.attack("T-35")
def test_an_officer_works_on_the_phones_of_its_own_files_only(town: Setting) -> None:
    row, colleague = town.used(), _colleague(town)
    for ask in (
        lambda: reads.page(colleague, row.pk, town.now),
        lambda: holding.test(by=colleague, allocation=row, result="passed", now=town.now),
        lambda: holding.withdraw(
            by=colleague, allocation=row, reason="her_wish", withdrawn_on=town.today, now=town.now, expected=None
        ),
        lambda: reads.page(town.by("apers_offender"), row.pk, town.now),
    ):  # fmt: skip
        with pytest.raises(AccessRefused):
            ask()
    assert lists.board(colleague, town.now).is_empty


def _colleague(town: Setting):
    """Another officer of the same side and service, who holds no file."""
    mandate = town.people.apers_victim
    twin = Mandate.objects.get(pk=mandate.pk)
    twin.pk, twin._state.adding = uuid4(), True
    twin.save()
    return viewer_of(twin, now=town.now)


@pytest.mark.rule("TGD-10")
def test_the_waiting_list_goes_by_urgency_then_by_date(town: Setting) -> None:
    for urgency, days in (("usual", 9), ("now", 1), ("now", 4)):
        row = town.signalled(signalled_on=town.today - timedelta(days=days))
        row = town.assess(row, urgency=urgency)
        assessing.ask_decision(
            by=town.by(), allocation=row, checked=town.checked(), now=town.now, expected=row.revision
        )
    waiting = lists.board(town.by(COURT), town.now).waiting
    assert [(line.urgency, (town.today - line.signalled_on).days) for line in waiting] == [
        ("now", 4), ("now", 1), ("usual", 9),
    ]  # fmt: skip


@pytest.mark.rule("TGD-14", "LOG-09")
def test_the_serial_is_sealed_under_the_device_and_its_showing_is_told(town: Setting) -> None:
    row = town.used()
    assert row.device.subject_id == row.device.pk != row.subject_id
    before = AuditEvent.objects.filter(act=audit.Act.REVEAL).count()
    assert stock_reads.serial(town.by(), row.device.pk, town.now) == SERIAL
    assert AuditEvent.objects.filter(act=audit.Act.REVEAL).count() == before + 1
    spare = town.device()
    with pytest.raises(AccessRefused):  # nobody holds it: it is the court's alone
        stock_reads.serial(town.by(), spare.pk, town.now)
    assert stock_reads.serial(town.by(COURT), spare.pk, town.now) == SERIAL
    with pytest.raises(AccessRefused):
        stock_reads.serial(town.by("dpo"), spare.pk, town.now)


@pytest.mark.rule("TGD-19")
def test_devices_of_a_court_without_an_account_come_by_a_command(town: Setting, monkeypatch, capsys) -> None:
    """Serials by the standard input, marks in return; while the court has an account, it alone adds its devices."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SERIAL}1\n\n{SERIAL}2\n"))
    with pytest.raises(CommandError):
        call_command("phones_receive", territory=town.people.territory.name)
    _close_court(town)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SERIAL}1\n\n{SERIAL}2\n"))
    call_command("phones_receive", territory=town.people.territory.name)
    assert capsys.readouterr().out.split() == ["TEL-01", "TEL-02"]
    with pytest.raises(AccessRefused):
        stock.receive(by=town.by(), serial=SERIAL, received_on=town.today, now=town.now)


@pytest.mark.rule("TGD-19", "TGD-16", "VIC-01")
def test_a_device_whose_holder_is_erased_is_to_be_recovered_and_says_nobody(town: Setting) -> None:
    row = town.used()
    other = town.used()
    erasure.begin_due([(row.subject_id, row.territory_id)], reason="victims_term", now=town.now)
    erasure.nightly(town.now)
    assert not Allocation.objects.filter(pk=row.pk).exists()
    later = town.on(1)
    assert nightly.mark_left_out(later) == 1
    assert nightly.mark_left_out(later) == 0
    device = Device.objects.get(pk=row.device_id)
    assert device.state == DeviceState.TO_RECOVER
    assert Device.objects.get(pk=other.device_id).state == DeviceState.ALLOCATED, "she has hers"
    told = AuditEvent.objects.filter(why="left_out")
    assert [event.classes for event in told] == [[]]
    assert not set(subjects_by_ref([row.subject_id])) & {ref for event in told for ref in event.refs()}
    shown = stock_reads.stock(town.by(COURT), later)
    assert shown.to_recover == (device.mark,)
    lines = [line for line in work.for_viewer(town.by(COURT, later), later) if line.rule == "TGD-19"]
    assert [line.reference for line in lines] == [device.mark]
    for to in ("returned", "wiped", "in_stock"):
        stock.say(by=town.by(COURT), device=device, to=to, now=later, expected=device.revision)
        device.refresh_from_db()
    assert device.state == DeviceState.IN_STOCK
    assert not stock_reads.stock(town.by(COURT), later).to_recover


@pytest.mark.rule("TGD-19", "TGD-12", "TGD-16", "TGD-02")
def test_a_device_to_recover_is_noted_by_an_officer_only_where_the_court_has_no_account(town: Setting) -> None:
    row = town.used()
    erasure.begin_due([(row.subject_id, row.territory_id)], reason="victims_term", now=town.now)
    erasure.nightly(town.now)
    later = town.on(1)
    nightly.mark_left_out(later)
    device = Device.objects.get(pk=row.device_id)
    officer = town.by(OFFICER, later)

    def say(to: str) -> None:
        stock.say(by=officer, device=device, to=to, now=later, expected=device.revision)
        device.refresh_from_db()

    with pytest.raises(AccessRefused):  # nobody writes in the place of a court that has an account
        say("returned")
    assert not stock_reads.stock(officer, later).may_change
    assert not [line for line in work.for_viewer(officer, later) if line.rule == "TGD-19"]
    with pytest.raises(AccessRefused):  # it is not back
        documents.device_certificate(officer, device.pk, later)
    _close_court(town)
    lines = [line for line in work.for_viewer(officer, later) if line.rule == "TGD-19"]
    assert [line.reference for line in lines] == [device.mark]
    assert [to for to, _ in stock_reads.device(officer, device.pk, later).moves] == ["returned", "lost"]
    say("returned")
    event = AuditEvent.objects.filter(act="move", mandate_id=officer.mandate_id).latest("id")
    assert event.why == "recover"
    paper = pdf_text.text(documents.device_certificate(officer, device.pk, later))
    assert device.mark in paper
    assert "ne nomme personne" in paper
    assert SERIAL not in paper
    say("wiped")
    say("in_stock")
    with pytest.raises(AccessRefused):  # what leaves the stock for good is the court's
        say("retired")
    with pytest.raises(AccessRefused):
        documents.device_certificate(officer, device.pk, later)
    assert not stock_reads.stock(officer, later).may_add


@pytest.mark.rule("TGD-12")
def test_a_certificate_without_a_name_is_never_that_of_a_known_person(town: Setting) -> None:
    row = town.back(town.ending(town.used()))
    with pytest.raises(AccessRefused):
        documents.device_certificate(town.by(), row.device_id, town.now)
