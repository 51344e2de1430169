"""What the host does: the programme, who came, the school warned, the day of return, the end (EXC-18, EXC-20, 10.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from casework.casefile import mailer
from casework.casefile.calendar import end_instant
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.exclusions import facts
from casework.exclusions.actions import holding, houses, meeting, notice, presence, programme, team
from casework.exclusions.actions.programme import Plan
from casework.exclusions.codes import Kind, Presence, State, Theme
from casework.exclusions.models import ExclusionGrant, ExclusionSupport, SupportHalfDay
from casework.exclusions.states import LIFECYCLE
from tests.casefile.lifecycles import assert_every_pair
from tests.exclusions.setting import BODY_PHONE, HOST_LEAD, NAME, SCHOOL, Setting, convention, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def on_monday(town: Setting, days: int = 0) -> datetime:
    """The end of the Monday on which the pupil is first expected, or of a day after."""
    return end_instant(town.monday + timedelta(days=days)) - timedelta(hours=6)


def half_days(support: ExclusionSupport) -> list[SupportHalfDay]:
    return list(support.half_days.order_by("day", "half"))


def record(town: Setting, row: SupportHalfDay, said: str, *, who: str = HOST_LEAD, days: int = 0) -> bool:
    now = on_monday(town, days)
    viewer = town.viewer(who, now)
    found = facts.find_half_day(viewer, row.pk, now)
    return presence.record(by=viewer, half_day=found, presence=said, now=now, expected=None)


def hosted(town: Setting) -> ExclusionSupport:
    support = town.agreed()
    record(town, half_days(support)[0], Presence.PRESENT)
    return fresh(support)


def met(town: Setting) -> ExclusionSupport:
    support = hosted(town)
    now = on_monday(town)
    meeting.hold(
        by=town.viewer(HOST_LEAD, now), support=support, held_on=town.monday, attendees=["pupil", "cpe"], now=now,
        expected=None,
    )  # fmt: skip
    return fresh(support)


def concluded(town: Setting, **changes: Any) -> ExclusionSupport:
    support = met(town)
    now = on_monday(town)
    given: dict[str, Any] = {"agreed": ["tutor"], "feedback": "Bonne participation.", "family_read": True}
    meeting.conclude(by=town.viewer(HOST_LEAD, now), support=support, now=now, expected=None, **(given | changes))
    return fresh(support)


@pytest.mark.rule("10.6")
def test_every_pair_of_the_table_is_a_move_or_refused() -> None:
    assert_every_pair(LIFECYCLE)


# The programme


@pytest.mark.rule("EXC-18")
def test_each_half_day_holds_a_theme_an_activity_and_a_leader(town: Setting) -> None:
    support = town.agreed()
    first, second = half_days(support)[:2]
    workshop = houses.add_activity(by=town.viewer(HOST_LEAD), theme=Theme.SELF, name="Atelier voix", now=town.now)
    leader = town.people.mandates["host_colleague"]
    plans = {
        first.pk: Plan(theme=Theme.SELF, activity=workshop.pk, leader=leader.pk),
        second.pk: Plan(theme=Theme.SCHOOL_WORK),
    }
    programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans=plans, now=town.now)

    first, second = half_days(support)[:2]
    assert (first.theme, first.activity_id, first.leader_id) == (Theme.SELF, workshop.pk, leader.pk)
    assert (second.theme, second.activity_id) == (Theme.SCHOOL_WORK, None)
    # Who leads a half-day reads the support, the reason apart.
    colleague = town.viewer("host_colleague")
    assert facts.find(colleague, support.pk, town.now).pk == support.pk
    with pytest.raises(AccessRefused):
        facts.require_on(colleague, support, facts.Action.VIEW, facts.REASON, town.now)


def _leads(town: Setting, support: ExclusionSupport, *led: int, who: str = "host_colleague") -> None:
    """Let one person lead these half-days, by their place in the programme, and no other."""
    leader = town.people.mandates[who].pk
    plans = {
        row.pk: Plan(theme=row.theme, activity=row.activity_id, leader=leader if n in led else None)
        for n, row in enumerate(half_days(support))
    }
    programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans=plans, now=town.now)


@pytest.mark.rule("EXC-18", "EXC-20", "ACL-02")
def test_who_leads_a_half_day_reads_until_that_evening_and_no_longer(town: Setting) -> None:
    support = town.agreed()
    first, last = half_days(support)[0], half_days(support)[-1]
    assert first.day < last.day

    def reads(at: datetime) -> bool:
        return facts.visible_to(town.viewer("host_colleague", at), at).filter(pk=support.pk).exists()

    second = timedelta(seconds=1)
    _leads(town, support, 0)
    over = end_instant(first.day)
    assert (reads(over - second), reads(over)) == (True, False)
    # The programme moves: so does the reading.
    _leads(town, support, 0, len(half_days(support)) - 1)
    assert (reads(over), reads(end_instant(last.day))) == (True, False)
    programme.swap(
        by=town.viewer(HOST_LEAD), support=support, half_day=last.pk, to=half_days(support)[1].pk, now=town.now
    )
    assert not reads(end_instant(half_days(support)[1].day))
    # Nobody asked any more: it ends at once.
    _leads(town, support)
    assert not reads(town.now)
    assert ExclusionGrant.objects.filter(reason="leader", ends_at=None).count() == 0
    # Named educator, one reads to the end, whoever leads what.
    _leads(town, support, 0)
    row = fresh(support)
    chosen = town.people.mandates["host_colleague"].pk
    team.name_educator(by=town.viewer(HOST_LEAD), support=row, mandate_id=chosen, now=town.now, expected=row.revision)
    assert reads(end_instant(last.day) + timedelta(days=3))
    _leads(town, support)
    assert reads(town.now)


@pytest.mark.rule("EXC-18")
def test_only_the_themes_of_the_convention_and_the_catalogue_of_the_host(town: Setting) -> None:
    narrow = convention(town, themes=[Theme.SCHOOL_WORK, Theme.RETURN])
    support = town.accepted(holding_named(town, narrow.pk))
    row = half_days(support)[0]
    other = houses.add_activity(by=town.viewer("other_host_lead"), theme=Theme.RETURN, name="Dehors", now=town.now)
    mine = houses.add_activity(by=town.viewer(HOST_LEAD), theme=Theme.RETURN, name="Lettre au retour", now=town.now)
    for plan in (
        Plan(theme=Theme.SELF),
        Plan(theme="cooking"),
        Plan(theme=Theme.RETURN, activity=other.pk),
        Plan(theme=Theme.SCHOOL_WORK, activity=mine.pk),
        Plan(theme=Theme.RETURN, leader=town.people.mandates["other_host_lead"].pk),
        Plan(theme=Theme.RETURN, leader=town.people.mandates["education"].pk),
    ):
        with pytest.raises(InputRefused) as refusal:
            programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans={row.pk: plan}, now=town.now)
        assert refusal.value.field == str(row.pk)
    houses.switch_activity(by=town.viewer(HOST_LEAD), activity_id=mine.pk, is_active=False, now=town.now)
    plans = {row.pk: Plan(theme=Theme.RETURN, activity=mine.pk)}
    with pytest.raises(InputRefused):
        programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans=plans, now=town.now)
    assert half_days(support)[0].theme == ""


def holding_named(town: Setting, convention_id: Any, **changes: Any) -> ExclusionSupport:
    return town.named(town.hold_data(convention=convention_id, **changes), town.notice_data())


@pytest.mark.rule("EXC-18")
def test_a_precautionary_measure_never_works_on_the_act(town: Setting) -> None:
    held = town.held(kind=Kind.PRECAUTIONARY)
    notice.notify(by=town.viewer(SCHOOL), support=held, data=town.notice_data(reason=""), now=town.now, expected=None)
    support = town.accepted(fresh(held))
    row = half_days(support)[0]
    assert Theme.ACT not in programme.themes(support)
    with pytest.raises(InputRefused):
        programme.arrange(
            by=town.viewer(HOST_LEAD), support=support, plans={row.pk: Plan(theme=Theme.ACT)}, now=town.now
        )


def test_what_two_half_days_hold_is_exchanged_until_somebody_came(town: Setting) -> None:
    support = town.agreed()
    first, second = half_days(support)[:2]
    programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans={first.pk: Plan(theme=Theme.ACT)}, now=town.now)
    programme.swap(by=town.viewer(HOST_LEAD), support=support, half_day=first.pk, to=second.pk, now=town.now)
    assert [row.theme for row in half_days(support)[:2]] == ["", Theme.ACT]
    with pytest.raises(InputRefused):
        programme.swap(by=town.viewer(HOST_LEAD), support=support, half_day=first.pk, to=uuid4(), now=town.now)

    record(town, first, Presence.PRESENT)
    with pytest.raises(GuardRefused):
        programme.swap(by=town.viewer(HOST_LEAD), support=support, half_day=second.pk, to=first.pk, now=town.now)


def test_the_host_arranges_the_programme_nobody_else(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    for who in (SCHOOL, "host_colleague", "other_host_lead", "coordinator"):
        with pytest.raises(AccessRefused):
            programme.arrange(by=town.viewer(who), support=support, plans={row.pk: Plan(theme=Theme.ACT)}, now=town.now)
        with pytest.raises(AccessRefused):
            programme.swap(by=town.viewer(who), support=support, half_day=row.pk, to=row.pk, now=town.now)


def test_of_two_people_who_arrange_the_same_half_day_the_second_is_told(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    plan = Plan(theme=Theme.ACT, expected=row.revision)
    programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans={row.pk: plan}, now=town.now)
    late = Plan(theme=Theme.SELF, expected=row.revision)
    with pytest.raises(ConflictRefused):
        programme.arrange(by=town.viewer(HOST_LEAD), support=support, plans={row.pk: late}, now=town.now)


def test_nobody_arranges_another_pupil_s_half_day(town: Setting) -> None:
    mine, other = town.agreed(), town.agreed(town.notified(last_name="Zzautre"))
    plans = {half_days(other)[0].pk: Plan(theme=Theme.ACT)}
    with pytest.raises(AccessRefused):
        programme.arrange(by=town.viewer(HOST_LEAD), support=mine, plans=plans, now=town.now)


# Presence


@pytest.mark.rule("10.6", "EXC-20")
@pytest.mark.parametrize(("said", "state"), [
    (Presence.PRESENT, State.HOSTED), (Presence.LATE, State.HOSTED),
    (Presence.EXCUSED, State.AGREED), (Presence.ABSENT, State.AGREED),
])  # fmt: skip
def test_the_first_presence_begins_the_reception(town: Setting, said: Presence, state: State) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    record(town, row, said)
    assert fresh(support).state == state
    assert half_days(support)[0].presence == said


def test_a_correction_leaves_what_it_was_in_the_history(town: Setting) -> None:
    support = hosted(town)
    row = half_days(support)[0]
    record(town, row, Presence.LATE, who=SCHOOL)
    assert half_days(support)[0].presence == Presence.LATE
    assert list(row.history.order_by("-history_id").values_list("presence", flat=True))[:2] == ["late", "present"]
    with pytest.raises(InputRefused):
        record(town, row, "sick")


def test_no_presence_on_a_day_to_come_nor_before_the_agreement(town: Setting) -> None:
    support = town.agreed()
    with pytest.raises(InputRefused):
        record(town, half_days(support)[2], Presence.PRESENT)  # Tuesday
    early = town.accepted(town.notified(last_name="Zzautre"))
    with pytest.raises(GuardRefused):
        record(town, half_days(early)[0], Presence.PRESENT)


def test_nobody_else_records_a_presence(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    for who in ("host_colleague", "other_host_lead", "other_school_lead", "school_colleague", "coordinator", "mayor"):
        with pytest.raises(AccessRefused):
            record(town, row, Presence.PRESENT, who=who)


def test_an_absence_warns_the_school_once_in_words_that_name_nobody(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    before = {mail.pk for mail in OutboxMail.objects.all()}
    assert record(town, row, Presence.ABSENT)
    assert not record(town, row, Presence.ABSENT)  # the same tap again

    sent = [mail for mail in mailer.messages() if mail.id not in before]
    school = {town.people.mandates[who].agent.email for who in ("education", "school_lead")}
    assert {mail.to for mail in sent} == school | {"vie.scolaire@college.example"}
    assert len(sent) == 3
    for mail in sent:
        assert BODY_PHONE in mail.body  # the host's own, to call back
        for word in (NAME, "Ilan", "absent", support.reference, "4e"):
            assert word not in mail.body + mail.subject
    assert half_days(support)[0].school_warned_at == on_monday(town)


def test_who_comes_after_all_is_told_to_the_school_too(town: Setting) -> None:
    support = town.agreed()
    row = half_days(support)[0]
    record(town, row, Presence.ABSENT)
    assert record(town, row, Presence.LATE)
    assert not record(town, row, Presence.PRESENT)
    assert fresh(support).state == State.HOSTED


def test_the_school_is_not_warned_of_what_it_wrote_itself(town: Setting) -> None:
    support = town.agreed()
    assert not record(town, half_days(support)[0], Presence.ABSENT, who=SCHOOL)
    assert half_days(support)[0].school_warned_at is None


# The day of return


@pytest.mark.rule("EXC-18", "10.6")
def test_the_return_is_planned_held_concluded_and_closed(town: Setting) -> None:
    support = hosted(town)
    now = on_monday(town)
    host = town.viewer(HOST_LEAD, now)
    meeting.plan(
        by=host, support=support, return_at=now + timedelta(days=5), attendees=["cpe", "pupil"], now=now, expected=None
    )
    support = fresh(support)
    assert support.return_at == now + timedelta(days=5)
    with pytest.raises(GuardRefused):  # nothing is agreed before the meeting
        meeting.conclude(
            by=host, support=support, agreed=["tutor"], feedback="", family_read=False, now=now, expected=None
        )
    support = concluded_from(town, support)
    meeting.close(by=host, support=support, now=now, expected=None)
    assert (fresh(support).state, fresh(support).closed_on) == (State.CLOSED, town.monday)
    # What was still to come is given back.
    assert {row.presence for row in half_days(support)} == {Presence.PRESENT}


def concluded_from(town: Setting, support: ExclusionSupport) -> ExclusionSupport:
    now = on_monday(town)
    host = town.viewer(HOST_LEAD, now)
    meeting.hold(by=host, support=support, held_on=town.monday, attendees=["pupil"], now=now, expected=None)
    meeting.conclude(
        by=host, support=fresh(support), agreed=["tutor"], feedback="", family_read=False, now=now, expected=None
    )
    return fresh(support)


@pytest.mark.rule("EXC-20")
def test_nothing_closes_before_what_was_agreed_is_said_as_codes(town: Setting) -> None:
    support = met(town)
    now = on_monday(town)
    host = town.viewer(HOST_LEAD, now)
    with pytest.raises(GuardRefused):
        meeting.close(by=host, support=support, now=now, expected=None)
    for given, field in (
        ({"agreed": []}, "agreed"),
        ({"agreed": ["prison"]}, "agreed"),
        ({"feedback": "a" * 301}, "feedback"),
        ({"family_read": False}, "family_read"),
    ):
        values: dict[str, Any] = {"agreed": ["tutor"], "feedback": "Bien.", "family_read": True} | given
        with pytest.raises(InputRefused) as refusal:
            meeting.conclude(by=host, support=support, now=now, expected=None, **values)
        assert refusal.value.field == field


@pytest.mark.rule("10.6")
def test_an_end_without_a_meeting_says_why(town: Setting) -> None:
    support = hosted(town)
    now = on_monday(town)
    host = town.viewer(HOST_LEAD, now)
    with pytest.raises(InputRefused):
        meeting.close_without(by=host, support=support, reason="", now=now, expected=None)
    meeting.close_without(by=host, support=support, reason="stopped", now=now, expected=None)
    assert fresh(support).state == State.CLOSED
    with pytest.raises((AccessRefused, MoveRefused, GuardRefused)):
        meeting.close_without(by=host, support=fresh(support), reason="stopped", now=now, expected=None)


def test_a_meeting_is_not_planned_yesterday_nor_held_tomorrow(town: Setting) -> None:
    support = hosted(town)
    now = on_monday(town)
    host = town.viewer(HOST_LEAD, now)
    for planned in (now - timedelta(hours=1), now + timedelta(days=400)):
        with pytest.raises(InputRefused) as refusal:
            meeting.plan(by=host, support=support, return_at=planned, attendees=["pupil"], now=now, expected=None)
        assert refusal.value.field == "return_at"
    for held_on in (town.monday + timedelta(days=1), town.monday - timedelta(days=1)):
        with pytest.raises(InputRefused) as refusal:
            meeting.hold(by=host, support=support, held_on=held_on, attendees=["pupil"], now=now, expected=None)
        assert refusal.value.field == "held_on"


def test_the_school_and_the_host_write_the_return_nobody_else(town: Setting) -> None:
    support = hosted(town)
    now = on_monday(town)
    for who in ("host_colleague", "other_host_lead", "other_school_lead", "coordinator", "outreach_lead"):
        with pytest.raises(AccessRefused):
            meeting.plan(
                by=town.viewer(who, now), support=support, return_at=now + timedelta(days=5), attendees=["pupil"],
                now=now, expected=None,
            )  # fmt: skip
    meeting.plan(
        by=town.viewer(SCHOOL, now), support=support, return_at=now + timedelta(days=5), attendees=["pupil"], now=now,
        expected=None,
    )  # fmt: skip


def test_a_host_that_says_no_says_why_and_the_place_is_free(town: Setting) -> None:
    support = town.held()
    with pytest.raises(InputRefused):
        holding.answer(by=town.viewer(HOST_LEAD), support=support, accepts=False, now=town.now)
    holding.answer(by=town.viewer(HOST_LEAD), support=support, accepts=False, reason="full", now=town.now)
    assert fresh(support).state == State.FREED
    # The record is closed to everybody from now on: the message itself says what happened, of nobody.
    last = [mail for mail in mailer.messages() if mail.to.startswith(SCHOOL)][-1]
    assert "est rendue" in last.body
    assert support.reference not in last.body
