"""Controls of known returns, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_SHEETS = "tests/placements/returns/test_sheets.py::"
_WATCHES = "tests/placements/returns/test_watches.py::"
_ROOM, _HOME = "casework/placements/returns/", "casework/casefile/anonymous_lines.py"

_LINES = "tests/placements/returns/test_lines.py::"

RETURNS: tuple[Sabotage, ...] = (
    Sabotage(
        name="returns-lines-shuffled",
        control="the rank of an anonymous line does not tell the rank of its end",
        file=_HOME,
        find="            SystemRandom().shuffle(made)\n",
        replace="",
        tests=(_LINES + "test_the_lines_of_a_month_come_together_in_no_order_and_as_one_event",),
    ),
    Sabotage(
        name="returns-lines-wait",
        control="no anonymous line is written beside the end of a file",
        file=_HOME,
        find="filter(recorded_in__lt=month_of(localdate(now)))",
        replace="all()",
        tests=(
            _LINES + "test_an_end_is_told_by_its_file_alone_until_the_month_is_over",
            _LINES + "test_an_end_written_down_late_goes_with_those_written_down_in_the_same_month",
        ),
    ),
    Sabotage(
        name="returns-lines-once",
        control="an end is counted once",
        file=_HOME,
        find="            waiting._default_manager.filter(pk__in=[row.pk for row in rows]).delete()\n",
        replace="",
        tests=(_LINES + "test_each_end_is_counted_once_however_often_the_night_runs",),
    ),
    Sabotage(
        name="returns-sum",
        control="the answers of a cohort make its number of people",
        file=_ROOM + "cohorts.py",
        find="        if total == self.ended:\n",
        replace="        if True:\n",
        tests=(_SHEETS + "test_answers_that_do_not_make_the_number_of_people_are_refused_beside_their_line",),
    ),
    Sabotage(
        name="returns-own-service",
        control="a head opens the sheets of its own service only",
        file=_ROOM + "facts.py",
        find="filter(organisation_id=viewer.organisation_id, territory_id=viewer.territory_id)\n",
        replace="filter(territory_id=viewer.territory_id)\n",
        tests=(_SHEETS + "test_nobody_but_the_head_of_that_service_opens_its_sheet",),
    ),
    Sabotage(
        name="returns-head-only",
        control="only who leads a mandated service answers for it",
        file=_ROOM + "facts.py",
        find="    require(viewer, Action.MANAGE, _own_service(viewer), now)\n",
        replace="",
        tests=(_SHEETS + "test_a_colleague_who_does_not_lead_the_service_neither_opens_nor_signs_its_sheet",),
    ),
    Sabotage(
        name="returns-signed-stays",
        control="a signed sheet is not written over",
        file=_ROOM + "actions/sheets.py",
        find="    if row.signed_at is not None:\n",
        replace="    if False:\n",
        tests=(_SHEETS + "test_a_signed_sheet_is_not_filled_again_without_a_reason",),
    ),
    Sabotage(
        name="returns-switch-off",
        control="without the switch of its service nothing of a person stays",
        file=_ROOM + "actions/watches.py",
        find="    return bool(genuine.kept(rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ended.on))))\n",
        replace="    return True\n",
        tests=(_WATCHES + "test_without_the_switch_of_its_service_nothing_of_a_person_stays",),
    ),
    Sabotage(
        name="returns-27-months",
        control="a watch is read by nobody after 27 months, and destroyed",
        file=_ROOM + "cohorts.py",
        find="KEPT_MONTHS: Final = 27\n",
        replace="KEPT_MONTHS: Final = 60\n",
        tests=(_WATCHES + "test_after_27_months_nobody_reads_it_and_the_night_destroys_it",),
    ),
    Sabotage(
        name="returns-destroyed",
        control="the last answer destroys the watch and its key",
        file=_ROOM + "actions/watches.py",
        find="        begin_destruction([watch], now)\n",
        replace="        pass\n",
        tests=(_WATCHES + "test_two_answers_by_clicks_then_row_history_and_key_are_gone",),
    ),
    Sabotage(
        name="returns-row-28",
        control="only the mandated service opens a watch, whatever a grant says",
        file=_ROOM + "facts.py",
        find="    rows = ReturnWatch.objects.filter(organisation_id=viewer.organisation_id)\n",
        replace="    rows = ReturnWatch.objects.all()\n",
        tests=(_WATCHES + "test_row_28_no_other_role_opens_a_watch_even_with_a_grant",),
    ),
    Sabotage(
        name="returns-one-source",
        control="a cohort not watched from end to end is typed, never of both sources",
        file=_ROOM + "reads/watches.py",
        find="Q(ends_on__isnull=True) | Q(ends_on__gte=after)",
        replace="Q(pk__isnull=False)",
        tests=(_WATCHES + "test_a_cohort_whose_years_were_not_all_watched_is_never_of_both_sources",),
    ),
    Sabotage(
        name="without-place-periods",
        control="a period of demands without a place closes once it holds enough",
        file="casework/casefile/small_counts.py",
        find="        if total >= k:\n",
        replace="        if total:\n",
        tests=(
            "tests/hosts/test_without_place.py::test_months_follow_one_another_until_they_hold_enough_and_a_closed_period_never_changes",
        ),
    ),
)
