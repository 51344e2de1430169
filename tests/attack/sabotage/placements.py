"""Controls of affectations: the walls between publics, the name kept, the limits of labour law, silence, small counts."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_PAGES = "tests/placements/tig/test_pages.py"
_PHONE = "tests/placements/tig/test_phone.py"
_FLOW = "tests/placements/tig/test_flow.py"
_LIMITS = "tests/placements/tig/test_limits.py"

PLACEMENTS: tuple[Sabotage, ...] = (
    Sabotage(
        name="tig-public-wall",
        control="the PJJ opens nothing of an adult, whatever a row says",
        file="casework/placements/tig/facts.py",
        find="    return viewer.role in FOLLOWS and FOLLOWS[viewer.role] != audience\n",
        replace="    return False\n",
        tests=(f"{_PAGES}::test_a_grant_of_the_pjj_on_an_adult_opens_nothing",),
    ),
    Sabotage(
        name="tig-name-kept",
        control="a host that is only asked reads no name",
        file="casework/placements/tig/facts.py",
        find="    if hosts(viewer.role) and placement.state in UNNAMED_FOR_HOST:\n        return False\n",
        replace="",
        tests=(f"{_PAGES}::test_a_host_that_is_only_asked_reads_no_name_even_of_somebody_known",),
    ),
    Sabotage(
        name="tig-today-only",
        control="the tutor opens today's people only",
        file="casework/placements/tig/facts.py",
        find="        day=localdate(now), placement__supervisor__mandate_id",
        replace="        placement__supervisor__mandate_id",
        tests=(f"{_PAGES}::test_the_tutor_sees_today_and_nothing_the_day_after",),
    ),
    Sabotage(
        name="tig-phone-taken-back",
        control="a tutor whose telephone is taken back opens nothing",
        file="casework/placements/tig/facts.py",
        find="placement__supervisor__phone_since__lte=now,",
        replace="",
        tests=(f"{_PHONE}::test_a_telephone_taken_back_opens_nothing_that_second",),
    ),
    Sabotage(
        name="tig-tutor-notes-only",
        control="the tutor of the day changes nothing but presence",
        file="casework/placements/tig/facts.py",
        find="    if require_on(viewer, placement, Action.CHANGE, DataClass.PLACEMENT, now).is_for_the_day:\n",
        replace="    if require_on(viewer, placement, Action.CHANGE, DataClass.PLACEMENT, now) is None:\n",
        tests=(f"{_PHONE}::test_only_the_people_of_the_day_and_only_their_presence",),
    ),
    Sabotage(
        name="tig-silence",
        control="no decision before the host has said yes",
        file="casework/placements/tig/states.py",
        find='"enregistrer la décision", "ASG-01", has_post, was_accepted)',
        replace='"enregistrer la décision", "ASG-01", has_post)',
        tests=(f"{_FLOW}::test_no_decision_before_the_host_has_agreed",),
    ),
    Sabotage(
        name="tig-too-much",
        control="never more hours than those assigned to this host",
        file="casework/placements/tig/limits.py",
        find="    if left is not None and stint.minutes > left:\n",
        replace="    if left is not None and stint.minutes > left + 600:\n",
        tests=(f"{_LIMITS}::test_never_more_than_what_is_left_with_this_host",),
    ),
    Sabotage(
        name="tig-minor-night",
        control="a minor never works at night",
        file="casework/placements/tig/limits.py",
        find="    if worker.is_minor and is_night(stint):\n",
        replace="    if False:\n",
        tests=(f"{_LIMITS}::test_a_minor_works_eight_hours_with_a_break_and_never_at_night",),
    ),
    Sabotage(
        name="tig-sealed-term",
        control="no clear date is taken from the sealed sentence",
        file="casework/placements/tig/actions/demands.py",
        find="            revision.save(locked, last_useful_on=data.last_useful_on)\n",
        replace="            revision.save(locked, last_useful_on=add_months(data.enforceable_on, data.months))\n",
        tests=(f"{_FLOW}::test_the_last_useful_date_is_the_officers_and_never_after_the_courts_time",),
    ),
    Sabotage(
        name="tig-sentence-file-off",
        control="no sentence is recorded for a service whose controller has not signed",
        file="casework/placements/tig/actions/demands.py",
        find="    if not service.keeps_sentences(by, now):\n",
        replace="    if False:\n",
        tests=(f"{_PAGES}::test_a_service_without_its_sentence_file_here_is_offered_none_and_may_record_none",),
    ),
    Sabotage(
        name="tig-sentence-file-forged",
        control="a switch written by SQL opens no sentence file",
        file="casework/placements/tig/actions/service.py",
        find="    return next(iter(genuine.kept(rows.filter(starts_at__lte=now, ends_at=None))), None)\n",
        replace="    return rows.filter(starts_at__lte=now, ends_at=None).first()\n",
        tests=(f"{_PAGES}::test_a_switch_written_by_sql_switches_nothing_on",),
    ),
    Sabotage(
        name="tig-kept-from-its-end",
        control="a placement goes a year after its end, not after its request",
        file="casework/placements/tig/facts.py",
        find="    return Q(ended_on__lte=clock.add_months(localdate(now), -KEPT_MONTHS))\n",
        replace="    return Q(received_at__date__lte=clock.add_months(localdate(now), -KEPT_MONTHS))\n",
        tests=(f"{_PAGES}::test_a_placement_is_erased_a_year_after_its_end_however_long_ago_it_was_asked_for",),
    ),
    Sabotage(
        name="tig-report-owed",
        control="a difficulty owes its report to the magistrate the same day",
        file="casework/placements/tig/actions/incidents.py",
        find="            reports.owe(w, by=by, placement=placement, kind=ReportKind.BREACH, due_on=localdate(now))\n",
        replace="",
        tests=(f"{_FLOW}::test_a_difficulty_owes_its_report_the_same_day_until_it_has_left",),
    ),
    Sabotage(
        name="tig-tnr-end-report",
        control="the end report of a minor's TNR is watched after its end",
        file="casework/placements/tig/work.py",
        find="filter(~Q(state__in=ENDED) | owing)",
        replace="filter(~Q(state__in=ENDED))",
        tests=(f"{_FLOW}::test_the_end_report_of_a_minors_tnr_is_due_within_a_month_after_the_end",),
    ),
    Sabotage(
        name="tig-dates-at-work",
        control="the legal dates come on « Mon travail »",
        file="casework/placements/tig/registry.py",
        find="lines.incidents, lines.sheets, lines.watched)",
        replace="lines.incidents, lines.sheets)",
        tests=(f"{_PAGES}::test_a_legal_date_comes_on_the_work_page_when_its_warning_begins",),
    ),
    Sabotage(
        name="tig-conversion-adults",
        control="day fines are never for a minor",
        file="casework/placements/tig/states.py",
        find='"ASG-11", is_adult, is_a_sentence',
        replace='"ASG-11", is_a_sentence',
        tests=(f"{_FLOW}::test_day_fines_are_never_for_a_minor_nor_under_a_text_without_them",),
    ),
    Sabotage(
        name="tig-small-counts",
        control="the coordination reads no count that singles somebody out",
        file="casework/placements/tig/reads/counts.py",
        find="    shown, total = small_counts.shown(counted, k=LEAST)\n",
        replace="    shown, total = counted, sum(counted.values())\n",
        tests=(f"{_PAGES}::test_the_coordination_reads_counts_and_no_reference",),
    ),
)
