"""From the request to the certificate, and what each rule refuses on the way (10.2)."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import format as fr
from casework.casefile.calendar import add_working_days
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem, OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused, MoveRefused
from casework.placements.hosts.actions import requests
from casework.placements.hosts.codes import BookingState
from casework.placements.hosts.models import Accreditation, Booking, Post
from casework.placements.tig.actions import attendance, decisions, demands, ends, incidents, plans, proposals, reports
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.actions.demands import SentenceData
from casework.placements.tig.actions.incidents import AccidentSheet
from casework.placements.tig.clock import add_months
from casework.placements.tig.codes import (
    ClockReason,
    DecisionAuthor,
    IncidentAnswer,
    IncidentKind,
    Mode,
    Outcome,
    State,
    WorkSuspensionReason,
)
from casework.placements.tig.models import Fitness, HalfDay, TigGrant, TigPlacement
from casework.placements.tig.reads import hours, search
from casework.placements.tig.reads.placements import due_reports
from casework.placements.tig.states import ACTIVE, LIFECYCLE
from tests.casefile.lifecycles import assert_every_pair
from tests.placements.tig import setting as stage
from tests.placements.tig.setting import accepted, asked, assigned, demand, exam, fresh, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def place(people):
    return stage.build(people)


@pytest.fixture
def later():
    """A day on which every half-day of the plan is over."""
    return timezone.now() + timedelta(days=200)


@pytest.mark.rule("10.2")
def test_every_pair_of_the_table_is_a_move_or_refused():
    assert_every_pair(LIFECYCLE)


@pytest.mark.rule("10.2")
def test_every_state_that_is_not_an_end_has_a_way_out_and_may_become_void():
    for state in ACTIVE:
        assert LIFECYCLE.exits(state) - {state}
        assert {State.VOID, State.TRANSFERRED} <= LIFECYCLE.exits(state)


# The request


@pytest.mark.rule("TIG-08", "ACL-03")
@pytest.mark.parametrize(("who", "audience"), [("spip", "adults"), ("pjj", "minors")])
def test_each_service_opens_requests_for_its_own_public(place, who, audience):
    placement = demand(place, who)
    assert (placement.audience, placement.state) == (audience, State.MATCHING)
    assert placement.reference.startswith("TIG-")
    assert place.people.territory.prefix not in placement.reference


@pytest.mark.parametrize("who", ["coordinator", "host", "mayor", "prosecutor", "sah", "outreach"])
def test_nobody_else_opens_one(place, who):
    with pytest.raises(AccessRefused):
        demand(place, who)


@pytest.mark.rule("TIG-01", "TIG-08")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_mark": " "}, "case_mark"),
        ({"minutes": 0}, "hours"),
        ({"minutes": 400 * 60 + 1}, "hours"),
        ({"last_useful_on": date(2020, 1, 1)}, "last_useful_on"),
        ({"last_useful_on": date(2099, 1, 1)}, "last_useful_on"),
        ({"availability": []}, "availability"),
        ({"availability": ["9-am"]}, "availability"),
        ({"limits": ["bad back"]}, "limits"),
        ({"weekly": 11}, "weekly"),
    ],
)
def test_a_request_says_what_it_needs_and_nothing_else(place, changes, field):
    with pytest.raises(InputRefused) as refusal:
        demand(place, **changes)
    assert refusal.value.field == field


@pytest.mark.rule("TIGM-10")
def test_a_minor_offers_no_sunday(place):
    with pytest.raises(InputRefused, match="dimanche"):
        demand(place, "pjj", availability=["6-am"])


def sentence(**changes):
    today = localdate()
    values = {
        "basis": "tig_main", "court": "Tribunal judiciaire", "offence_code": "C", "minutes": 105 * 60, "months": 12,
        "has_fallback": True, "born_on": date(1995, 5, 5), "facts_on": today - timedelta(days=200),
        "decided_on": today - timedelta(days=60), "enforceable_on": today - timedelta(days=50),
        "last_useful_on": today + timedelta(days=180),
    }  # fmt: skip
    return SentenceData(**(values | changes))


@pytest.mark.rule("TIG-08")
def test_the_last_useful_date_is_the_officers_and_never_after_the_courts_time(place):
    placement = demand(place)
    common = {"by": place.viewer("spip"), "placement": placement, "now": timezone.now()}
    term = add_months(sentence().enforceable_on, 12)
    with pytest.raises(InputRefused, match=fr.long_date(term)) as refusal:
        demands.record_sentence(data=sentence(last_useful_on=term + timedelta(days=1)), **common)
    assert refusal.value.field == "last_useful_on"
    demands.record_sentence(data=sentence(), **common)
    assert fresh(placement).last_useful_on == localdate() + timedelta(days=180)
    demands.record_sentence(data=sentence(last_useful_on=localdate() + timedelta(days=90)), **common)
    assert fresh(placement).last_useful_on == localdate() + timedelta(days=90)


@pytest.mark.rule("TIG-08")
@pytest.mark.parametrize(("months", "enforceable"), [(12, 50), (11, 50), (12, 20)])
def test_no_clear_column_moves_with_the_sealed_sentence(place, months, enforceable):
    """design.md §5: two sentences that differ only in what is sealed leave the same clear row (ADR 60)."""
    placement = demand(place)
    before = clear_columns(placement)
    changed = sentence(months=months, enforceable_on=localdate() - timedelta(days=enforceable))
    demands.record_sentence(by=place.viewer("spip"), placement=placement, data=changed, now=timezone.now())
    assert clear_columns(placement) == before


def clear_columns(placement):
    names = [name for name in TigPlacement.Confidentiality.clear if name != "revision"]
    return TigPlacement.objects.values(*names).get(pk=placement.pk)


@pytest.mark.rule("TIG-08")
@pytest.mark.parametrize(
    ("changes", "field"), [({"minutes": 106 * 60}, "hours"), ({"last_useful_on": 500}, "last_useful_on")]
)
def test_a_request_changed_after_the_sentence_stays_within_it(place, changes, field):
    placement = demand(place)
    common = {"by": place.viewer("spip"), "now": timezone.now()}
    demands.record_sentence(placement=placement, data=sentence(), **common)
    if days := changes.get("last_useful_on"):
        changes = {"last_useful_on": localdate() + timedelta(days=days)}
    values = {
        "case_mark": "2026/4471", "minutes": 21 * 60, "last_useful_on": localdate() + timedelta(days=180), "weekly": 2,
        "availability": stage.EVERY_HALF_DAY,
    }  # fmt: skip
    with pytest.raises(InputRefused) as refusal:
        demands.change_demand(
            placement=fresh(placement), data=demands.DemandData(**(values | changes)), expected=None, **common
        )
    assert refusal.value.field == field


@pytest.mark.rule("TIG-01", "TIG-02", "TIG-06", "TIG-08", "TIGM-01", "TIGM-04")
@pytest.mark.parametrize(
    ("who", "changes", "field"),
    [
        ("spip", {"basis": "tig_minor"}, "basis"),
        ("spip", {"minutes": 401 * 60}, "hours"),
        ("spip", {"minutes": 20 * 60}, "hours"),  # less than the 21 hours to do here
        ("spip", {"basis": "tig_contravention", "minutes": 121 * 60}, "hours"),
        ("spip", {"months": 19}, "months"),
        ("spip", {"basis": "probation"}, "fallback"),
        ("spip", {"born_on": date(2010, 1, 1)}, "born_on"),
        ("pjj", {"basis": "tig_minor", "has_fallback": True, "born_on": date(2009, 1, 1)}, "fallback"),
        ("pjj", {"basis": "tig_minor", "has_fallback": False, "born_on": date(1995, 1, 1)}, "born_on"),
    ],
)
def test_a_sentence_that_no_text_allows_is_refused(place, who, changes, field):
    placement = demand(place, who)
    with pytest.raises(InputRefused) as refusal:
        demands.record_sentence(by=place.viewer(who), placement=placement, data=sentence(**changes), now=timezone.now())
    assert refusal.value.field == field


# Places to keep away from


def sector_of(place):
    """Put the post in a sector; return its id."""
    area = LocalItem.objects.create(
        territory=place.people.territory, list_code=ListCode.PLACE_SECTOR, label="Quais", valid_from=date(2020, 1, 1)
    )
    place.post.sector = area
    with audit.writing(place.viewer("spip"), now=timezone.now()):
        place.post.save()
    return area.pk


@pytest.mark.rule("ASG-03")
@pytest.mark.parametrize("who", ["spip", "pjj"])
@pytest.mark.parametrize("kind", ["host", "sector"])
def test_nobody_is_sent_to_a_place_to_keep_away_from(place, who, kind):
    area = sector_of(place)
    placement = demand(place, who, away=[str(place.host.pk if kind == "host" else area)])
    match = search.for_placement(place.viewer(who), fresh(placement), timezone.now()).matches[0]
    assert not match.fits
    assert match.why_not == [f"Lieu à éviter : {'Régie des quais' if kind == 'host' else 'Quais'}"]
    with pytest.raises(GuardRefused, match="à éviter"):
        stage.ask(place, fresh(placement), who)
    assert not Booking.objects.exists()


@pytest.mark.rule("ASG-03")
def test_elsewhere_is_offered_and_says_so(place):
    sector_of(place)
    other = uuid4()
    with pytest.raises(InputRefused) as refusal:
        demand(place, away=[str(other)])
    assert refusal.value.field == "away"
    placement = demand(place)
    match = search.for_placement(place.viewer("spip"), fresh(placement), timezone.now()).matches[0]
    assert match.fits
    assert not any("éviter" in each for each in match.why)


# The host


def test_asking_holds_the_places_and_tells_the_managers_without_a_name(place):
    placement = fresh(asked(place))
    bookings = Booking.objects.filter(holder=placement.pk)
    assert placement.state == State.PROPOSED
    assert bookings.count() == placement.half_days.count() == 6  # 21 hours by three and a half
    assert set(bookings.values_list("state", flat=True)) == {BookingState.RESERVED}
    assert OutboxMail.objects.filter(to=place.people.host.agent.email).exists()


def test_a_second_officer_finds_the_place_taken(place):
    first = asked(place)
    other = demand(place)
    stage.ask(place, other)
    taken = set(first.half_days.values_list("day", "half"))
    assert not taken & set(fresh(other).half_days.values_list("day", "half"))


@pytest.mark.rule("ASG-05", "TNR-04")
def test_a_minor_passes_the_exam_before_any_host_is_asked(place):
    placement = demand(place, "pjj")
    with pytest.raises(GuardRefused, match="visite médicale"):
        stage.ask(place, placement, "pjj")
    proposals.ask_exam(by=place.viewer("pjj"), placement=placement, now=timezone.now())
    exam(place, placement)
    stage.ask(place, placement, "pjj")
    assert fresh(placement).state == State.PROPOSED


@pytest.mark.rule("ASG-05", "ASG-06")
def test_special_risks_ask_for_the_exam_and_unfit_is_no_pass(people):
    place = stage.build(people, risks=["chemicals"])
    placement = demand(place)
    with pytest.raises(GuardRefused, match="risques particuliers"):
        stage.ask(place, placement)
    now = timezone.now()
    common = {"by": place.viewer("spip"), "placement": placement, "seen_on": localdate(now), "now": now}
    with pytest.raises(InputRefused):
        proposals.record_exam(result="fit_with_limits", certificate_seen=True, working_limits=[], **common)
    proposals.record_exam(result="unfit", certificate_seen=True, working_limits=[], **common)
    with pytest.raises(GuardRefused):
        stage.ask(place, placement)
    proposals.record_exam(
        result="fit_with_limits", certificate_seen=True, working_limits=["heavy_loads"],
        **common | {"now": now + timedelta(minutes=1)},
    )  # fmt: skip
    stage.ask(place, placement)


@pytest.mark.rule("10.2")
def test_no_answer_by_the_date_releases_the_place_and_is_never_a_yes(place):
    placement = asked(place)
    proposal = placement.proposals.get()
    day_after = timezone.now() + timedelta(days=(proposal.answer_by - localdate()).days + 1)
    assert requests.release_unanswered(timezone.now()) == 0
    assert requests.release_unanswered(day_after) == 1
    assert requests.release_unanswered(day_after) == 0
    placement = fresh(placement)
    assert (placement.state, placement.post, placement.half_days.count()) == (State.MATCHING, None, 0)
    assert not Booking.objects.filter(holder=placement.pk).exists()
    assert placement.proposals.get().answer == "no_answer"
    with pytest.raises(AccessRefused):
        proposals.find_open(place.viewer("host", day_after), proposal.pk, day_after)


def test_a_late_yes_is_no_yes_even_before_the_job_has_run(place):
    placement = asked(place)
    proposal = placement.proposals.get()
    late = timezone.now() + timedelta(days=(proposal.answer_by - localdate()).days + 1)
    found = proposals.find_open(place.viewer("host", late), proposal.pk, late)
    with pytest.raises(GuardRefused, match="libérée"):
        proposals.accept(by=place.viewer("host", late), proposal=found, supervisor_id=None, now=late)


def test_the_host_is_reminded_once_the_working_day_before(place):
    placement = asked(place)
    day = add_working_days(placement.proposals.get().answer_by, -1)
    assert requests.remind(timezone.now()) == 0
    assert requests.remind(timezone.now() + timedelta(days=(day - localdate()).days)) == 1


def test_a_decline_frees_the_places_and_shuts_the_host_out(place):
    placement = asked(place)
    now = timezone.now()
    host = place.viewer("host", now)
    proposals.decline(
        by=host, proposal=proposals.find_open(host, placement.proposals.get().pk, now), reason="no_room", now=now
    )
    assert fresh(placement).state == State.MATCHING
    assert not Booking.objects.filter(holder=placement.pk).exists()
    assert not TigGrant.objects.live(timezone.now()).filter(mandate=place.people.host).exists()


def test_only_the_host_answers(place):
    placement = asked(place)
    now = timezone.now()
    proposal = proposals.find_open(place.viewer("spip", now), placement.proposals.get().pk, now)
    with pytest.raises(AccessRefused):
        proposals.accept(by=place.viewer("spip", now), proposal=proposal, supervisor_id=None, now=now)


# The decision


@pytest.mark.rule("ASG-01", "ASG-02", "TIGM-07")
def test_the_decision_has_an_author_of_this_public(place):
    placement = accepted(place)
    with pytest.raises(InputRefused, match="autorité"):
        decisions.decide(
            by=place.viewer("spip"), placement=placement, author=DecisionAuthor.PJJ, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip
    assert fresh(assigned(place)).state == State.ASSIGNED


@pytest.mark.rule("10.2")
def test_no_decision_before_the_host_has_agreed(place):
    placement = fresh(asked(place))
    with pytest.raises(GuardRefused, match="pas encore accepté"):
        decisions.decide(
            by=place.viewer("spip"), placement=placement, author=DecisionAuthor.JAP, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip


@pytest.mark.rule("ASG-03")
@pytest.mark.parametrize("lost", ["list", "accreditation"])
def test_no_decision_on_a_post_off_the_list_or_a_host_without_accreditation(place, lost):
    placement = accepted(place)
    if lost == "list":
        row = Post.objects.get(pk=place.post.pk)
        row.state, row.suspended_by = "suspended", "spip"
        row.save()
    else:
        for row in Accreditation.objects.filter(host=place.host):
            row.expires_on = localdate() - timedelta(days=1)
            row.save()
    with pytest.raises(GuardRefused):
        decisions.decide(
            by=place.viewer("spip"), placement=fresh(placement), author=DecisionAuthor.JAP, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip


# Hours


@pytest.mark.rule("HOST-09", "TIG-08", "HOST-12", "HOST-13")
def test_the_whole_way_to_the_certificate(place, later):
    placement = assigned(place)
    placement = work(place, placement, later)
    assert placement.state == State.IN_PROGRESS
    assert hours.done(placement) == 21 * 60
    with pytest.raises(GuardRefused, match="attestation"):
        ends.complete(by=place.viewer("spip", later), placement=placement, now=later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("spip", later), placement=fresh(placement), now=later)
    placement = fresh(placement)
    assert (placement.state, placement.ended_on) == (State.COMPLETED, localdate(later))


@pytest.mark.rule("HOST-12")
def test_no_certificate_before_the_last_minute(place, later):
    placement = work(place, assigned(place), later, n=5)
    with pytest.raises(GuardRefused, match="Toutes les heures"):
        ends.certify(by=place.viewer("host", later), placement=placement, now=later)


@pytest.mark.rule("HOST-09")
def test_no_first_hour_without_a_named_tutor(place, later):
    placement = assigned(place)
    row = TigPlacement.objects.get(pk=placement.pk)
    row.supervisor = None
    row.save()
    with pytest.raises(GuardRefused, match="tuteur"):
        work(place, fresh(placement), later)


def one(placement: TigPlacement) -> HalfDay:
    return placement.half_days.order_by("day", "half").first()


def enter(place, row, now, **changes):
    values = {"outcome": Outcome.WORKED, "starts_at": row.starts_at, "ends_at": row.ends_at, "break_minutes": 0}
    entry = Entry(half_day_id=row.pk, **(values | changes))
    return attendance.record(
        by=place.viewer("host", now), entries=[entry], mode=Mode.PAPER, signed_by_both=True, now=now
    )


@pytest.mark.rule("ASG-08", "ASG-02", "TIGM-10")
@pytest.mark.parametrize(
    ("who", "changes", "said"),
    [
        ("spip", {"ends_at": time(8, 0)}, "suivre"),
        ("spip", {"starts_at": None}, "arrivée"),
        ("spip", {"starts_at": time(6), "ends_at": time(19)}, "pause"),
        ("pjj", {"starts_at": time(8), "ends_at": time(13)}, "pause"),
        ("pjj", {"starts_at": time(5, 30), "ends_at": time(9)}, "22 h et 6 h"),
    ],
)
def test_a_refused_hour_shows_the_rule_beside_its_line(place, later, who, changes, said):
    row = one(assigned(place, who))
    with pytest.raises(InputRefused, match=said) as refusal:
        enter(place, row, later, **changes)
    assert refusal.value.field == str(row.pk)
    row.refresh_from_db()
    assert row.outcome == ""


@pytest.mark.rule("ASG-02")
def test_never_beyond_the_hours_assigned_to_this_host(place, later):
    placement = work(place, assigned(place), later, n=5)
    last = placement.half_days.get(outcome="")
    with pytest.raises(InputRefused, match="3 h 30"):
        enter(place, last, later, ends_at=time(12, 1) if last.half == "am" else time(17, 1))


@pytest.mark.rule("TIGM-10")
def test_from_the_eighteenth_birthday_the_limits_are_those_of_adults(place, later):
    birthday = localdate() + timedelta(days=1)
    row = one(assigned(place, "pjj", adult_on=birthday))
    enter(place, row, later, starts_at=time(8), ends_at=time(13))
    row.refresh_from_db()
    assert row.minutes == 300


def test_a_day_to_come_takes_only_an_excused_absence(place):
    row = one(assigned(place))
    with pytest.raises(InputRefused, match="pas encore passé"):
        enter(place, row, timezone.now())
    enter(place, row, timezone.now(), outcome=Outcome.ABSENT_EXCUSED)


@pytest.mark.rule("HOST-13")
def test_a_correction_keeps_what_it_was(place, later):
    row = one(assigned(place))
    enter(place, row, later)
    enter(place, row, later, outcome=Outcome.ABSENT)
    row.refresh_from_db()
    assert (row.minutes, row.outcome) == (0, Outcome.ABSENT)
    assert [each.minutes for each in row.history.order_by("history_date", "history_id")] == [0, 210, 0]


def test_all_the_lines_of_a_sheet_or_none(place, later):
    placement = assigned(place)
    good, bad = placement.half_days.order_by("day", "half")[:2]
    entries = [
        Entry(half_day_id=good.pk, outcome=Outcome.WORKED, starts_at=good.starts_at, ends_at=good.ends_at),
        Entry(half_day_id=bad.pk, outcome=Outcome.WORKED, starts_at=time(12), ends_at=time(8)),
    ]
    with pytest.raises(InputRefused):
        attendance.record(
            by=place.viewer("host", later), entries=entries, mode=Mode.PAPER, signed_by_both=True, now=later
        )
    good.refresh_from_db()
    assert good.outcome == ""


def test_an_adjustment_never_passes_the_total(place, later):
    placement = work(place, assigned(place), later, n=5)
    common = {
        "by": place.viewer("spip", later),
        "placement": placement,
        "reason": "course",
        "on": localdate(later),
        "now": later,
    }
    with pytest.raises(InputRefused):
        attendance.adjust(minutes=211, **common)
    attendance.adjust(minutes=210, **common)
    assert hours.done(placement) == placement.minutes_here
    with pytest.raises(AccessRefused):
        attendance.adjust(minutes=-30, **common | {"by": place.viewer("host", later)})


# The plan


@pytest.mark.rule("ASG-02")
def test_one_click_plans_all_that_is_left(place):
    placement = assigned(place)
    now = timezone.now()
    before = set(placement.half_days.values_list("day", "half"))
    found = plans.replan(by=place.viewer("spip", now), placement=placement, weekly=4, start=localdate(now), now=now)
    assert found.unplaced == 0
    assert hours.of([placement.pk])[placement.pk].planned == 21 * 60
    assert set(placement.half_days.values_list("day", "half")) != before
    assert Booking.objects.filter(holder=placement.pk, state=BookingState.USED).count() == placement.half_days.count()


def test_a_half_day_is_moved_by_hand_within_the_limits(place):
    placement = assigned(place)
    now = timezone.now()
    row = placement.half_days.order_by("-day").first()
    with pytest.raises(InputRefused, match="dépassent"):
        plans.add_half_day(
            by=place.viewer("spip", now), placement=placement, day=row.day + timedelta(days=7), half=row.half, now=now
        )
    plans.remove_half_day(by=place.viewer("host", now), half_day_id=row.pk, now=now)
    day = row.day + timedelta(days=7)
    added = plans.add_half_day(by=place.viewer("spip", now), placement=placement, day=day, half=row.half, now=now)
    assert added.planned_minutes == 210
    assert Booking.objects.filter(holder=placement.pk).count() == placement.half_days.count() == 6


# Incidents, suspensions


@pytest.mark.rule("HOST-10")
def test_an_incident_reaches_the_officer_in_the_same_transaction_with_a_date(place):
    placement = assigned(place)
    OutboxMail.objects.all().delete()
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=IncidentKind.LATENESS, occurred_on=localdate(now),
        precision="", stop_work=False, now=now,
    )  # fmt: skip
    assert row.answer_by == add_working_days(localdate(now), 2)
    assert [mail.to for mail in OutboxMail.objects.all()] == [place.people.spip.agent.email]


@pytest.mark.rule("HOST-11", "HOST-08")
def test_in_danger_the_host_stops_the_work_and_only_the_officer_lets_it_go_on(place, later):
    placement = work(place, assigned(place), later, n=2)
    incidents.report(
        by=place.viewer("host", later), placement=placement, kind=IncidentKind.VIOLENCE,
        occurred_on=localdate(later), precision="", stop_work=True, now=later,
    )  # fmt: skip
    placement = fresh(placement)
    assert placement.state == State.WORK_SUSPENDED
    assert not Booking.objects.filter(holder=placement.pk, day__gt=localdate(later)).exists()
    with pytest.raises(AccessRefused):
        incidents.resume(by=place.viewer("host", later), placement=placement, now=later)
    incidents.resume(by=place.viewer("spip", later), placement=placement, now=later)
    assert fresh(placement).state == State.IN_PROGRESS


@pytest.mark.rule("ASG-06")
def test_of_the_exam_only_result_date_and_certificate_have_a_column():
    kept = {field.attname for field in Fitness._meta.concrete_fields}
    assert kept - {"id", "subject_id", "revision", "territory_id", "placement_id", "recorded_at"} == {
        "result", "seen_on", "certificate_seen"
    }  # fmt: skip


@pytest.mark.rule("HOST-11")
def test_the_officer_is_told_at_once_that_the_host_stopped_the_work(place, later):
    placement = work(place, assigned(place), later, n=2)
    OutboxMail.objects.all().delete()
    incidents.stop_work(
        by=place.viewer("host", later), placement=placement, reason=WorkSuspensionReason.DANGER, now=later
    )
    assert [mail.to for mail in OutboxMail.objects.all()] == [place.people.spip.agent.email]


@pytest.mark.rule("HOST-11")
def test_nothing_counts_on_a_day_of_suspension(place):
    placement = assigned(place)
    days = sorted(set(placement.half_days.values_list("day", flat=True)))
    first_day = timezone.now() + timedelta(days=(days[0] - localdate()).days)
    work(place, placement, first_day)
    incidents.stop_work(
        by=place.viewer("host", first_day),
        placement=fresh(placement),
        reason=WorkSuspensionReason.DANGER,
        now=first_day,
    )
    assert not placement.half_days.filter(day__gt=days[0]).exists()


@pytest.mark.rule("HOST-10")
def test_an_accident_has_its_sheet_of_facts_and_no_diagnosis(place):
    placement = assigned(place)
    now = timezone.now()
    common = {
        "by": place.viewer("host", now), "placement": placement,
        "kind": IncidentKind.ACCIDENT, "occurred_on": localdate(now), "precision": "", "stop_work": False, "now": now,
    }  # fmt: skip
    with pytest.raises(InputRefused):
        incidents.report(**common)
    row = incidents.report(
        sheet=AccidentSheet(at="10:15", where="Berge nord", task="Débroussaillage", emergency=True, witness=True),
        **common,
    )
    assert row.is_accident
    assert row.answer_by == add_working_days(localdate(now), 1)
    incidents.declare_accident(by=place.viewer("spip", now), incident=row, now=now)
    row.refresh_from_db()
    assert row.declared_at == now


@pytest.mark.rule("HOST-10", "ASG-09")
def test_the_officer_answers_once_and_a_report_goes_to_the_magistrate(place):
    placement = assigned(place)
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=IncidentKind.ABSENCE, occurred_on=localdate(now),
        precision="", stop_work=False, now=now,
    )  # fmt: skip
    with pytest.raises(AccessRefused):
        incidents.answer(by=place.viewer("host", now), incident=row, decision=IncidentAnswer.CONTINUE, now=now)
    incidents.answer(by=place.viewer("spip", now), incident=row, decision=IncidentAnswer.REPORT, now=now)
    assert fresh(placement).state == State.BREACH_REPORTED
    with pytest.raises(GuardRefused):
        incidents.answer(by=place.viewer("spip", now), incident=row, decision=IncidentAnswer.CONTINUE, now=now)


@pytest.mark.rule("TIG-09", "TIG-10")
def test_the_clock_stops_by_decision_or_by_law_and_starts_again(place):
    placement = assigned(place)
    now = timezone.now()
    today = localdate(now)
    common = {"by": place.viewer("spip", now), "placement": placement, "starts_on": today, "now": now}
    with pytest.raises(InputRefused, match="juge"):
        incidents.stop_clock(reason=ClockReason.MEDICAL, decided_on=None, **common)
    incidents.stop_clock(reason=ClockReason.CUSTODY, decided_on=None, **common)
    placement = fresh(placement)
    assert placement.state == State.CLOCK_SUSPENDED
    assert not placement.half_days.exists()
    then = now + timedelta(days=30)
    assert plans.due_of(placement, localdate(then)) == placement.last_useful_on + timedelta(days=31)
    incidents.restart_clock(by=place.viewer("spip", then), placement=placement, on=localdate(then), now=then)
    placement = fresh(placement)
    assert placement.state == State.IN_PROGRESS
    assert plans.due_of(placement, localdate(then)) == placement.last_useful_on + timedelta(days=30)


@pytest.mark.rule("TIG-10")
@pytest.mark.parametrize("reason", [ClockReason.HOME_ARREST, ClockReason.CUSTODY])
def test_the_clock_stops_and_the_work_goes_on_where_the_officer_says_so(place, reason):
    placement = assigned(place)
    now = timezone.now()
    common = {
        "by": place.viewer("spip", now), "placement": placement, "starts_on": localdate(now), "now": now,
    }  # fmt: skip
    with pytest.raises(InputRefused, match="aménagée"):
        incidents.stop_clock(reason=ClockReason.PRETRIAL, decided_on=None, work_goes_on=True, **common)
    incidents.stop_clock(reason=reason, decided_on=None, work_goes_on=True, **common)
    placement = fresh(placement)
    assert placement.state == State.ASSIGNED
    first = one(placement)
    there = now + timedelta(days=(first.day - localdate(now)).days)
    enter(place, first, there)


@pytest.mark.rule("TIG-09", "TIG-10")
@pytest.mark.parametrize("reason", list(ClockReason))
def test_the_state_tells_nothing_of_why_the_clock_stands_still(place, reason):
    placement = assigned(place)
    now = timezone.now()
    incidents.stop_clock(
        by=place.viewer("spip", now), placement=placement, reason=reason, starts_on=localdate(now),
        decided_on=localdate(now), now=now,
    )  # fmt: skip
    row = placement.clock_suspensions.values("work_goes_on", "ends_on").get()
    assert (fresh(placement).state, row) == (State.CLOCK_SUSPENDED, {"work_goes_on": False, "ends_on": None})


@pytest.mark.rule("HOST-10")
@pytest.mark.parametrize("kind", [each for each in IncidentKind if each is not IncidentKind.ACCIDENT])
def test_the_date_to_answer_by_tells_nothing_of_the_kind(place, kind):
    placement = assigned(place)
    now = timezone.now()
    row = incidents.report(
        by=place.viewer("host", now), placement=placement, kind=kind, occurred_on=localdate(now), precision="",
        stop_work=False, now=now,
    )  # fmt: skip
    assert row.answer_by == add_working_days(localdate(now), 2)


@pytest.mark.rule("ASG-02")
def test_a_change_of_post_keeps_the_hours_done(place, later):
    placement = work(place, assigned(place), later, n=3)
    ends.change_post(by=place.viewer("spip", later), placement=placement, now=later)
    placement = fresh(placement)
    assert (placement.state, placement.post) == (State.MATCHING, None)
    assert hours.done(placement) == 3 * 210
    assert not TigGrant.objects.live(later + timedelta(seconds=1)).filter(mandate=place.people.host).exists()


@pytest.mark.rule("ASG-10", "ASG-11", "TIGM-11")
@pytest.mark.parametrize(
    "outcome", [State.CONVERTED, State.FALLBACK_EXECUTED, State.PROSECUTED, State.MATCHING, State.IN_PROGRESS]
)
def test_after_a_report_the_magistrate_decides(place, outcome):
    placement = assigned(place)
    now = timezone.now()
    ends.report_breach(by=place.viewer("spip", now), placement=placement, now=now)
    ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(placement), outcome=outcome, now=now)
    assert fresh(placement).state == outcome


@pytest.mark.rule("ASG-11", "TIGM-11")
def test_day_fines_are_never_for_a_minor_nor_under_a_text_without_them(place):
    young = assigned(place, "pjj")
    now = timezone.now()
    ends.report_breach(by=place.viewer("pjj", now), placement=young, now=now)
    with pytest.raises(GuardRefused, match="mineurs"):
        ends.magistrate_decided(by=place.viewer("pjj", now), placement=fresh(young), outcome=State.CONVERTED, now=now)
    grown = demand(place)
    now = timezone.now()
    demands.record_sentence(
        by=place.viewer("spip", now), placement=grown, data=sentence(basis="probation", has_fallback=False), now=now
    )
    ends.report_breach(by=place.viewer("spip", now), placement=fresh(grown), now=now)
    with pytest.raises(GuardRefused, match="733-1"):
        ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(grown), outcome=State.CONVERTED, now=now)


@pytest.mark.rule("10.2", "TIGM-09")
def test_any_active_placement_is_transferred_or_void_with_a_reason(place):
    first, second = asked(place), assigned(place)
    now = timezone.now()
    with pytest.raises(InputRefused):
        ends.void(by=place.viewer("spip", now), placement=fresh(first), reason="because", now=now)
    ends.void(by=place.viewer("spip", now), placement=fresh(first), reason="amnesty", now=now)
    ends.transfer(by=place.viewer("spip", now), placement=second, now=now)
    assert {fresh(first).state, fresh(second).state} == {State.VOID, State.TRANSFERRED}
    assert not Booking.objects.filter(holder__in=[first.pk, second.pk], day__gt=localdate(now)).exists()
    with pytest.raises((AccessRefused, MoveRefused)):
        ends.transfer(by=place.viewer("spip", now), placement=fresh(first), now=now)


# What is watched


@pytest.mark.rule("DL-07", "DL-08", "DL-11", "ASG-09")
def test_the_officer_watches_the_term_and_the_reports_until_they_are_sent(place):
    from casework.placements.tig import work as lines

    placement = demand(place, last_useful_on=localdate() + timedelta(days=400))
    short = demand(place, last_useful_on=localdate() + timedelta(days=100))
    now = timezone.now()
    found = {(each.object_id, each.rule, each.due) for each in lines.dates(place.viewer("spip", now), now)}
    assert (placement.pk, "DL-07", placement.last_useful_on) in found
    assert (short.pk, "DL-07", short.last_useful_on) in found
    tnr = demand(place, last_useful_on=localdate() + timedelta(days=100), measure="tnr")
    now = timezone.now()
    (line,) = [each for each in lines.dates(place.viewer("spip", now), now) if each.object_id == tnr.pk]
    assert (line.rule, line.due, line.warn) == ("DL-11", tnr.last_useful_on, tnr.last_useful_on - timedelta(days=30))
    rules = [each.rule for each in lines.dates(place.viewer("spip", now), now) if each.object_id == placement.pk]
    assert rules.count("DL-08") == 2
    for kind in ("assessment", "end"):
        reports.send(by=place.viewer("spip", now), placement=placement, kind=kind, sent_on=localdate(now), now=now)
    rules = [each.rule for each in lines.dates(place.viewer("spip", now), now) if each.object_id == placement.pk]
    assert rules == ["DL-07"]
    assert lines.dates(place.viewer("host", now), now) == []


@pytest.mark.rule("TNR-02", "TNR-04")
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"minutes": 101 * 60}, "hours"), ({"last_useful_on": 200}, "last_useful_on"), ({"measure": "fine"}, "measure")],
)
def test_a_tnr_has_a_hundred_hours_and_six_months(place, changes, field):
    if days := changes.get("last_useful_on"):
        changes = {"last_useful_on": localdate() + timedelta(days=days)}
    with pytest.raises(InputRefused) as refusal:
        demand(place, **({"measure": "tnr"} | changes))
    assert refusal.value.field == field


@pytest.mark.rule("TNR-01")
def test_the_text_is_the_one_of_the_measure(place):
    placement = demand(place, measure="tnr", last_useful_on=localdate() + timedelta(days=90))
    common = {"by": place.viewer("spip"), "placement": placement, "now": timezone.now()}
    last = localdate() + timedelta(days=90)
    with pytest.raises(InputRefused) as refusal:
        demands.record_sentence(data=sentence(last_useful_on=last), **common)
    assert refusal.value.field == "basis"
    demands.record_sentence(
        data=sentence(basis="tnr", minutes=60 * 60, months=6, has_fallback=False, last_useful_on=last), **common
    )


def owed(place, who, placement, now):
    from casework.placements.tig import work as lines

    found = [each for each in lines.dates(place.viewer(who, now), now) if each.object_id == placement.pk]
    return {each.rule: (each.due, each.warn) for each in found}


@pytest.mark.rule("TNR-05", "ASG-09")
@pytest.mark.parametrize(("measure", "rule"), [("tnr", "TNR-05"), ("tig", "ASG-09")])
@pytest.mark.parametrize("way", ["report", "answer"])
def test_a_difficulty_owes_its_report_the_same_day_until_it_has_left(place, measure, rule, way):
    placement = assigned(place, "pjj", measure=measure, last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    assert rule not in owed(place, "pjj", placement, now)
    if way == "report":
        ends.report_breach(by=place.viewer("pjj", now), placement=placement, now=now)
    else:
        row = incidents.report(
            by=place.viewer("host", now), placement=placement, kind=IncidentKind.ABSENCE, occurred_on=localdate(now),
            precision="", stop_work=False, now=now,
        )  # fmt: skip
        incidents.answer(by=place.viewer("pjj", now), incident=row, decision=IncidentAnswer.REPORT, now=now)
    now = timezone.now()
    assert owed(place, "pjj", placement, now)[rule][0] == localdate(now)
    reports.send(
        by=place.viewer("pjj", now), placement=fresh(placement), kind="breach", sent_on=localdate(now), now=now
    )
    assert rule not in owed(place, "pjj", placement, now)
    assert placement.reports.get().sent_on == localdate(now)


@pytest.mark.rule("TNR-05", "DL-12")
def test_the_end_report_of_a_minors_tnr_is_due_within_a_month_after_the_end(place, later):
    placement = assigned(place, "pjj", measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    assert "DL-12" not in owed(place, "pjj", placement, timezone.now())
    assert "DL-08" not in owed(place, "pjj", placement, timezone.now())
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("pjj", later), placement=fresh(placement), now=later)
    due = add_months(localdate(later), 1)
    assert owed(place, "pjj", placement, later) == {"DL-12": (due, due - timedelta(days=10))}
    common = {"sent_on": localdate(later), "now": later, "kind": "end"}
    with pytest.raises(AccessRefused):
        reports.send(by=place.viewer("host", later), placement=fresh(placement), **common)
    reports.send(by=place.viewer("pjj", later), placement=fresh(placement), **common)
    assert owed(place, "pjj", placement, later) == {}
    with pytest.raises(AccessRefused):  # nothing more is owed: an ended affectation is closed
        reports.send(by=place.viewer("pjj", later), placement=fresh(placement), **common)


@pytest.mark.rule("TNR-05", "DL-12")
@pytest.mark.parametrize(("who", "measure"), [("spip", "tnr"), ("pjj", "tig"), ("spip", "tig")])
def test_nobody_else_owes_a_report_after_the_end(place, later, who, measure):
    placement = assigned(place, who, measure=measure, last_useful_on=localdate() + timedelta(days=150))
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer(who, later), placement=fresh(placement), now=later)
    assert owed(place, who, placement, later) == {}


@pytest.mark.rule("ASG-09", "DL-08")
def test_reports_of_a_sentence_three_months_after_it_came_and_a_month_before_its_term(place):
    placement = demand(place, last_useful_on=localdate() + timedelta(days=400))
    now = timezone.now()
    found = {each.kind: each.due for each in due_reports(placement, localdate(now))}
    assert found == {
        "assessment": add_months(localdate(now), 3), "end": add_months(placement.last_useful_on, -1)
    }  # fmt: skip
    # Suspended for a year: the term moves, and a year of it is reported since it lasts over two.
    common = {"placement": placement, "by": place.viewer("spip", now)}
    incidents.stop_clock(reason=ClockReason.PRETRIAL, starts_on=localdate(now), decided_on=None, now=now, **common)
    placement, then = fresh(placement), localdate(now) + timedelta(days=500)
    found = {each.kind: each.due for each in due_reports(placement, then)}
    assert found["yearly"] == add_months(localdate(now), 12)
    assert found["end"] == add_months(placement.last_useful_on + timedelta(days=501), -1)


@pytest.mark.rule("ASG-10", "ASG-11")
@pytest.mark.parametrize("outcome", [State.CONVERTED, State.FALLBACK_EXECUTED])
def test_a_composition_penale_is_neither_converted_nor_replaced(place, outcome):
    placement = assigned(place, measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    ends.report_breach(by=place.viewer("spip", now), placement=placement, now=now)
    with pytest.raises(GuardRefused, match="composition pénale"):
        ends.magistrate_decided(by=place.viewer("spip", now), placement=fresh(placement), outcome=outcome, now=now)


@pytest.mark.rule("TNR-06")
@pytest.mark.parametrize("lost", ["list", "accreditation"])
def test_a_minor_needs_the_list_and_the_accreditation_of_the_pjj(place, lost):
    placement = accepted(place, "pjj")
    if lost == "list":
        row = Post.objects.get(pk=place.post.pk)
        row.listed_minors_on = None
        row.save()
    else:
        row = Accreditation.objects.get(host=place.host, audience="minors")
        row.expires_on = localdate() - timedelta(days=1)
        row.save()
    with pytest.raises(GuardRefused):
        decisions.decide(
            by=place.viewer("pjj"), placement=fresh(placement), author=DecisionAuthor.PJJ, decided_on=localdate(),
            last_name="Zz", first_name="Léo", phone="", now=timezone.now(), expected=None,
        )  # fmt: skip
