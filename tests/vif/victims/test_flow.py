"""The support of a victim, act by act: contact rules, orders, the call to the prosecutor, the end (domain.md §6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casework.access import subjects
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.audit import purge
from casework.audit.models import AuditEvent
from casework.casefile import deadlines as casefile_deadlines
from casework.casefile import retention, work
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.sealing.models import SubjectKey
from casework.vif.victims import extras, facts
from casework.vif.victims.actions import erasing, follow, notices, opening, orders, team, whereabouts
from casework.vif.victims.actions.opening import ContactData
from casework.vif.victims.models import Consent, ProtectionOrder, VictimSupport
from casework.vif.victims.reads import lists, page
from casework.vif.victims.states import LIFECYCLE, ORDERS
from tests.instants import noon
from tests.people import viewer_of
from tests.vif.victims.setting import NAME, PHONE, PLACE, WORDS, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("VIC-01", "VIC-04")
def test_a_support_is_opened_by_its_officer_alone_and_tells_no_address(side: Setting) -> None:
    row = side.opened()
    shown = page.page(side.viewer(), row.pk, side.now)
    assert shown.name == f"Ana {NAME}"
    assert shown.contact.phone == PHONE
    assert row.reference.startswith("ACC-")
    for who in ("apers_offender", "coordinator", "mayor", "spip", "pjj", "national_police"):
        with pytest.raises(AccessRefused):
            opening.open_support(by=side.viewer(who), data=side.data(), now=side.now)
        with pytest.raises(AccessRefused):
            page.page(side.viewer(who), row.pk, side.now)
        assert lists.visible(side.viewer(who), side.now) == []
    assert [line.reference for line in lists.visible(side.viewer("prosecutor"), side.now)] == [row.reference]


@pytest.mark.rule("VIC-01")
@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({"channels": ()}, "channels"),
        ({"channels": ("never", "call"), "phone": PHONE}, "channels"),
        ({"channels": ("call",)}, "phone"),
        ({"channels": ("email",)}, "email"),
        ({"channels": ("through",)}, "through"),
    ],
)
def test_contact_rules_leave_nobody_guessing(side: Setting, contact: dict[str, Any], field: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        side.opened(contact=ContactData(**contact))
    assert refusal.value.field == field


@pytest.mark.rule("VIC-01")
def test_the_rules_are_words_and_the_first_forbids_the_voice_mail(side: Setting) -> None:
    shown = page.page(side.viewer(), side.opened().pk, side.now).contact
    assert shown.rules[0] == "Ne jamais laisser de message vocal."
    assert f"« {WORDS} convenu »" in shown.rules[1]
    assert "de 9 h à 11 h" in shown.rules[2]
    never = side.opened(contact=ContactData(channels=("never",)))
    said = page.page(side.viewer(), never.pk, side.now).contact
    assert said.rules == ("Ne pas la joindre : c’est elle qui appelle.",)
    assert not said.may_call


@pytest.mark.rule("OP-01", "OP-02", "BAR-02", "DL-17")
def test_an_order_runs_within_the_law_and_is_asked_again_before_its_end(side: Setting) -> None:
    support = side.opened()
    asked = orders.ask(
        by=side.viewer(), support=support, kind="immediate", asked_at=side.now, hearing_on=None, now=side.now
    )
    (due,) = casefile_deadlines.for_viewer(side.viewer(), side.now)
    assert (due.rule, due.due) == ("OP-02", side.today + timedelta(days=1))
    data = {"given_on": side.today, "terms": ("no_contact",), "elected": "", "bar_until": None}
    too_long = orders.OrderData(ends_on=retention.months_after(side.today, 12) + timedelta(days=1), **data)  # type: ignore[arg-type]  # a few words
    with pytest.raises(InputRefused) as refusal:
        orders.decide(by=side.viewer(), order_id=asked.pk, data=too_long, now=side.now, expected=asked.revision)
    assert refusal.value.field == "ends_on"
    bar = orders.OrderData(
        given_on=side.today, ends_on=retention.months_after(side.today, 12), terms=("bar",),
        bar_until=retention.months_after(side.today, 7),
    )  # fmt: skip
    with pytest.raises(InputRefused) as refusal:
        orders.decide(by=side.viewer(), order_id=asked.pk, data=bar, now=side.now, expected=asked.revision)
    assert refusal.value.field == "bar_until"
    good = orders.OrderData(ends_on=retention.months_after(side.today, 12), **data)  # type: ignore[arg-type]  # a few words
    orders.decide(by=side.viewer(), order_id=asked.pk, data=good, now=side.now, expected=asked.revision)
    (due,) = casefile_deadlines.for_viewer(side.viewer(), side.now)
    assert (due.rule, due.due, due.due - due.warn) == ("DL-17", good.ends_on, timedelta(days=30))


@pytest.mark.rule("OP-03", "OP-05", "BAR-03")
def test_an_order_says_where_domicile_is_elected_and_of_the_bracelet_only_until_when(side: Setting) -> None:
    support = side.opened()
    with pytest.raises(InputRefused) as refusal:
        side.order(support, terms=("hidden", "elected"))
    assert refusal.value.field == "elected"
    until = side.today + timedelta(days=90)
    side.order(support, terms=("elected", "bar"), elected="lawyer", bar_until=until)
    (shown,) = page.page(side.viewer(), support.pk, side.now).orders
    assert shown.terms[0] == "domicile élu chez son avocat"
    assert shown.terms[1].startswith("bracelet anti-rapprochement jusqu’au")
    stored = ProtectionOrder._meta
    assert not {field.name for field in stored.get_fields()} & {"distance", "device", "alert", "position"}
    follow.record_consent(
        by=side.viewer(), support=support, kind="mayor", agreed=True, said_on=side.today, now=side.now
    )
    assert "liste électorale" in page.page(side.viewer(), support.pk, side.now).consents[0].kind


@pytest.mark.rule("OP-01", "VIC-07")
@pytest.mark.parametrize("table", [LIFECYCLE, ORDERS], ids=["support", "order"])
def test_no_move_stands_outside_the_tables_and_only_this_side_moves(table: Any) -> None:
    assert table.problems() == []
    assert {who for move in table.moves.values() for who in move.who} == {"apers_victim"}


@pytest.mark.rule("OP-07")
def test_the_prosecutor_is_called_first_then_written_to_then_answers(side: Setting) -> None:
    support = side.opened()
    for field in ("magistrate", "instruction", "facts"):
        with pytest.raises(InputRefused) as refusal:
            notices.tell(by=side.viewer(), support=support, data=side.call(**{field: " "}), now=side.now)
        assert refusal.value.field == field
    later = side.call(called_at=side.now + timedelta(hours=1))
    with pytest.raises(InputRefused) as refusal:
        notices.tell(by=side.viewer(), support=support, data=later, now=side.now)
    assert refusal.value.field == "called_at"
    row = side.told(support)
    assert [item.label for item in work.for_viewer(side.viewer(), side.now)] == [
        "Accompagnement : note au parquet à transmettre"
    ]
    assert work.for_viewer(side.viewer("prosecutor"), side.now) == []
    notices.note_left(by=side.viewer(), notice_id=row.pk, noted_on=side.today, now=side.now, expected=row.revision)
    assert [item.label for item in work.for_viewer(side.viewer("prosecutor"), side.now)] == [
        "Accompagnement : note à lire"
    ]
    row.refresh_from_db()
    notices.answered(
        by=side.viewer(), notice_id=row.pk, answer="inquiry", answered_on=side.today, now=side.now,
        expected=row.revision,
    )  # fmt: skip
    assert work.for_viewer(side.viewer("prosecutor"), side.now) == []
    for who in ("apers_offender", "spip", "coordinator"):
        assert not [item for item in work.for_viewer(side.viewer(who), side.now) if "ACC-" in item.reference]


@pytest.mark.rule("VIC-05", "CJ-39")
def test_her_opinion_is_written_only_for_the_magistrate_who_asks(side: Setting) -> None:
    support = side.opened()
    common: dict[str, Any] = {
        "by": side.viewer(), "support": support, "asked_on": side.today, "opinion": "for", "words": WORDS,
        "told_on": None, "now": side.now,
    }  # fmt: skip
    with pytest.raises(InputRefused) as refusal:
        follow.record_opinion(asked_by="", **common)
    assert refusal.value.field == "asked_by"
    follow.record_opinion(asked_by="sentence_judge", **common)
    (said,) = page.page(side.viewer(), support.pk, side.now).opinions
    assert (said.opinion, said.words) == ("elle la demande", WORDS)


@pytest.mark.rule("GDP-10")
def test_a_consent_taken_back_follows_the_one_given(side: Setting) -> None:
    support = side.opened()
    for agreed in (True, False):
        follow.record_consent(
            by=side.viewer(), support=support, kind="contact", agreed=agreed, said_on=side.today, now=side.now
        )
    assert [line.agreed for line in page.page(side.viewer(), support.pk, side.now).consents] == [False]
    assert Consent.objects.filter(support=support).count() == 2


@pytest.mark.rule("VIC-04", "ACL-02")
def test_a_colleague_of_this_side_takes_over_and_the_other_side_is_never_offered(side: Setting) -> None:
    support = side.opened()
    offered = {mandate.pk for mandate in team.colleagues(side.viewer(), support, side.now)}
    assert side.people.apers_offender.pk not in offered
    with pytest.raises(InputRefused):
        team.hand_over(by=side.viewer(), support=support, to=side.people.apers_offender.pk, now=side.now)


@pytest.mark.rule("RET-07")
def test_an_ended_support_stays_six_months_read_only_then_goes(side: Setting) -> None:
    support = side.ended()
    assert facts.find(side.viewer(), support.pk, side.now)
    with pytest.raises(AccessRefused):
        follow.plan(by=side.viewer(), support=support, kind="office", day=side.today, at=side.now.time(), now=side.now)
    term = retention.months_after(side.today, 6)
    last, over = noon(term - timedelta(days=1)), noon(term)
    officer = viewer_of(side.people.apers_victim, now=last)
    assert facts.find(officer, support.pk, last)
    for who in ("apers_victim", "prosecutor"):
        with pytest.raises(AccessRefused):
            facts.find(viewer_of(side.people.mandates[who], now=over), support.pk, over)
    assert erasing.erase_closed(last) == 0
    assert erasing.erase_closed(over) == 1
    assert not VictimSupport.objects.filter(pk=support.pk).exists()
    assert not SubjectKey.objects.filter(subject_id=support.subject_id).exclude(state="shredded").exists()


@pytest.mark.rule("RET-07")
def test_what_another_room_still_holds_of_her_keeps_the_support_open(side: Setting, monkeypatch: Any) -> None:
    support = side.opened()
    monkeypatch.setitem(extras._HOLDS, "test", lambda row, now: "Un appareil est encore chez elle.")
    with pytest.raises(GuardRefused, match="encore chez elle"):
        follow.end(
            by=side.viewer(), support=support, reason="done", closed_on=side.today, now=side.now,
            expected=support.revision,
        )  # fmt: skip
    assert fresh(support).state == "open"


@pytest.mark.rule("VIC-07", "LOG-04")
def test_the_reference_is_spoken_of_to_this_side_the_prosecutor_and_the_dpo(side: Setting) -> None:
    support = side.opened()
    for who, mandate in side.people.mandates.items():
        if mandate.territory_id != side.people.territory.pk:
            continue
        found = subjects.by_reference(side.viewer(who), support.reference, side.now)
        assert (found is not None) is (who in ("apers_victim", "prosecutor", "dpo")), who
    room = subjects.room("victims")
    assert [target.object_id for target in room.of_service(side.viewer(), side.now)] == [support.pk]
    assert room.of_service(side.viewer("apers_offender"), side.now) == []


@pytest.mark.rule("VIC-01")
def test_places_are_written_by_the_officer_and_counted_only(side: Setting) -> None:
    support = side.opened()
    place = side.place(support)
    assert page.page(side.viewer(), support.pk, side.now).places == 1
    assert PLACE not in repr(page.page(side.viewer(), support.pk, side.now))
    assert facts.find_place(side.viewer(), place.pk, side.now)
    link = facts.relation(side.viewer("dpo"), support, side.now)
    assert not any(link.may(side.viewer("dpo"), action, DataClass.VIF_LOCATION, side.now) for action in Action)


@pytest.mark.rule("LOG-09")
def test_the_mark_on_her_address_is_told_as_vif_and_kept_thirty_six_months(side: Setting) -> None:
    support = side.opened()
    for on in (True, False):
        whereabouts.keep(by=side.viewer(), support=support, on=on, now=side.now)
    marks = AuditEvent.objects.filter(why__in=("address_protected", "address_unprotected"))
    assert [event.classes for event in marks] == [["vif_location"]] * 2
    log = marks[0].log
    after_a_year = purge._expired(log, AuditEvent.objects.count(), side.now + timedelta(days=366))
    assert not set(after_a_year.values_list("pk", flat=True)) & set(marks.values_list("pk", flat=True))
    after_three = purge._expired(log, AuditEvent.objects.count() + 1, side.now + timedelta(days=3 * 365 + 1))
    assert set(marks.values_list("pk", flat=True)) <= set(after_three.values_list("pk", flat=True))
