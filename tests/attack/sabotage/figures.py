"""Controls of figures, from the line of nobody to the frozen counts, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_ENDS = "tests/followups/test_lines.py::"
_FOLLOWUPS = "casework/minors/followups/actions/"
_FREEZE, _COUNTS = "casework/indicators/releases/actions/freezing.py", "casework/indicators/releases/populations/"
_FROZEN, _COUNTED = "tests/indicators/test_freezing.py::", "tests/indicators/test_populations.py::"

FIGURES: tuple[Sabotage, ...] = (
    Sabotage(
        name="follow-up-counted-once",
        control="a person whose follow-up ends twice in a year is counted once",
        file=_FOLLOWUPS + "lines.py",
        find="        is_first=follow_up.counted_in != today.year,\n",
        replace="        is_first=True,\n",
        tests=(
            _ENDS + "test_a_person_whose_follow_up_ends_twice_is_counted_once_a_year",
            "tests/followups/test_archives.py",
        ),
    ),
    Sabotage(
        name="follow-up-expired-counted",
        control="a follow-up that the 25th birthday ends leaves its line",
        file=_FOLLOWUPS + "retention.py",
        find="        if ends:\n",
        replace="        if False:\n",
        tests=(_ENDS + "test_whoever_reaches_the_end_of_the_record_while_followed_leaves_a_line_too",),
    ),
    Sabotage(
        name="follow-up-erased-unopened",
        control="somebody erased while followed is counted, and nothing of theirs is opened for it",
        file=_FOLLOWUPS + "retention.py",
        find="    if row.state in lines.ENDS_HERE:\n",
        replace="    if False:\n",
        tests=(_ENDS + "test_a_person_erased_while_followed_is_counted_without_age_nor_sex",),
    ),
    Sabotage(
        name="follow-up-merge-counted",
        control="a merge carries over that the person was counted this year",
        file=_FOLLOWUPS + "merge.py",
        find="        _counted(going)\n",
        replace="",
        tests=(_ENDS + "test_a_merge_is_no_end_and_the_file_that_stays_knows_who_was_counted",),
    ),
    Sabotage(
        name="age-in-bands",
        control="an age leaves a file as a band",
        file="casework/casefile/ages.py",
        find="    return next((found for last, found in _LAST if age <= last), AgeBand.ABOVE).value\n",
        replace="    return str(age)\n",
        tests=(_ENDS + "test_an_age_leaves_a_file_as_a_band",),
    ),
    Sabotage(
        name="received-merged-once",
        control="a person received twice in a year is counted once, once the files are merged",
        file=_FOLLOWUPS + "merge.py",
        find="        counts.received_once(w, source, target)\n",
        replace="",
        tests=("tests/followups/test_counts.py::test_a_person_received_twice_in_a_year_is_counted_once",),
    ),
    Sabotage(
        name="frozen-once",
        control="a period that was counted is not counted again",
        file=_FREEZE,
        find="        if period in counted_years:\n            continue\n",
        replace="        AtomSheet.objects.filter(period=period, population=population.key).delete()\n",
        tests=(_FROZEN + "test_a_closed_year_is_counted_once_whatever_is_written_afterwards",),
    ),
    Sabotage(
        name="frozen-years-apart",
        control="no year of a population is in two frozen counts",
        file=_FREEZE,
        find="        if counted is None or counted_years & set(range(counted.first, period + 1)):\n",
        replace="        if counted is None:\n",
        tests=(_FROZEN + "test_no_year_is_counted_twice_whatever_a_population_answers",),
    ),
    Sabotage(
        name="frozen-closed",
        control="a period is not counted while it runs",
        file=_FREEZE,
        find="    years, month, day = population.closes\n",
        replace="    years, month, day = 0, 1, 1\n",
        tests=(_FROZEN + "test_the_running_year_is_never_counted",),
    ),
    Sabotage(
        name="frozen-lines-waited-for",
        control="a year of which a line still waits is not counted",
        file=_COUNTS + "minors.py",
        find="    if WaitingFollowUp.objects.filter(**where).exists():\n",
        replace="    if False:\n",
        tests=(_COUNTED + "test_a_year_whose_last_line_waits_is_not_counted_yet_nor_one_without_anybody",),
    ),
    Sabotage(
        name="counted-once-a-person",
        control="a follow-up that ends twice in a year is one person",
        file=_COUNTS + "minors.py",
        find="EndedFollowUp.objects.filter(**where, is_first=True)",
        replace="EndedFollowUp.objects.filter(**where)",
        tests=(_COUNTED + "test_follow_ups_are_counted_by_person_in_two_queries",),
    ),
    Sabotage(
        name="pupils-once",
        control="a pupil received twice in a school year is one pupil",
        file=_COUNTS + "exclusions.py",
        find="result=Result.RECEIVED, is_first=True",
        replace="result=Result.RECEIVED",
        tests=(_COUNTED + "test_pupils_are_counted_once_each_by_what_their_school_said_since",),
    ),
    Sabotage(
        name="returns-windows",
        control="the people of a window of three years are in no other",
        file=_COUNTS + "returns.py",
        find="    if after is not None and after >= first:\n",
        replace="    if False:\n",
        tests=(_COUNTED + "test_a_line_of_three_years_is_known_by_its_sheet_whatever_was_written_down_since",),
    ),
    Sabotage(
        name="returns-first-version",
        control="a corrected sheet changes no count",
        file="casework/placements/returns/reads/figures.py",
        find="version=1, signed_at__isnull=False",
        replace="signed_at__isnull=False",
        tests=(_COUNTED + "test_a_correction_changes_no_count",),
    ),
    Sabotage(
        name="returns-times-300",
        control="under 300 persons no time to a return is told",
        file=_COUNTS + "times.py",
        find="LEAST: Final = 300\n",
        replace="LEAST: Final = 2\n",
        tests=("tests/indicators/test_times.py::test_under_three_hundred_persons_nothing_is_told",),
    ),
    Sabotage(
        name="acts-few",
        control="one to four acts that are persons are not said",
        file="casework/indicators/releases/activity.py",
        find="    return None if 0 < n < K else n\n",
        replace="    return n\n",
        tests=("tests/indicators/test_activity.py::test_one_to_four_persons_are_not_said_and_none_is",),
    ),
    Sabotage(
        name="acts-year-less-quarters",
        control="a year gives back no quarter that is not said",
        file="casework/indicators/releases/activity.py",
        find="    if few and not others",
        replace="    if few and others < 0 and not others",
        tests=("tests/indicators/test_activity.py::test_the_evaluation_gives_back_no_decision_that_a_dashboard_hides",),
    ),
    Sabotage(
        name="places-of-few",
        control="the half-days of few people are not said as places taken",
        file="casework/placements/partnership/reads.py",
        find="HIDDEN if 0 < holders < small_counts.K_PERSONS else ",
        replace="",
        tests=(
            "tests/placements/test_partnership.py::"
            "test_the_half_days_of_few_people_are_not_said_nor_what_they_leave_free",
        ),
    ),
    Sabotage(
        name="measures-as-returns",
        control="measures that ended are those whose returns are asked about",
        file=_COUNTS + "placements.py",
        find="(**where, result__in=IN_COHORT)",
        replace="(**where)",
        tests=(_COUNTED + "test_known_returns_give_back_no_end_of_a_measure_that_is_not_said",),
    ),
    Sabotage(
        name="figures-read-before-two",
        control="nothing of an edition is read before the second person agreed",
        file="casework/indicators/releases/facts.py",
        find="territory_id=viewer.territory_id, state=ReleaseState.PUBLISHED)",
        replace="territory_id=viewer.territory_id)",
        tests=(
            "tests/indicators/test_published_pages.py::test_before_the_first_edition_the_page_says_what_comes_next",
        ),
    ),
    Sabotage(
        name="proposal-read-by-all",
        control="a proposal is read by whoever prepares it and by whoever may agree to it, nobody else",
        file="casework/indicators/releases/reads/proposals.py",
        find="    if row is None or not (prepares or line):\n",
        replace="    if row is None:\n",
        tests=("tests/indicators/test_proposals.py::test_before_the_second_agreement_nobody_else_reads_a_proposal",),
    ),
    Sabotage(
        name="figures-formula",
        control="no cell of a file is read as a formula",
        file="casework/casefile/spreadsheets.py",
        find="[guarded(cell) for cell in line]",
        replace="[cell for cell in line]",
        tests=("tests/casefile/test_spreadsheets.py",),
    ),
    Sabotage(
        name="figures-hour-in-a-file",
        control="a file of figures is the same at any hour",
        file="casework/casefile/spreadsheets.py",
        find="    return _dated(written.getvalue())\n",
        replace="    return written.getvalue() + str(datetime.now().timestamp()).encode()\n",
        tests=("tests/casefile/test_spreadsheets.py::test_the_same_tables_are_the_same_bytes_at_any_hour",),
    ),
    Sabotage(
        name="figures-hidden-drawn",
        control="what is not shown has one mark, whatever is beside it",
        file="casework/casefile/charts.py",
        find="        if bar.n is None:\n",
        replace="        if bar.n is None and most < 0:\n",
        tests=("tests/casefile/test_charts.py",),
    ),
    Sabotage(
        name="evaluation-draft-read",
        control="an evaluation in preparation is read by whoever writes it alone",
        file="casework/indicators/evaluation/facts.py",
        find="    return rows if writes(viewer, now) else rows.filter(state=EvaluationState.FINISHED)\n",
        replace="    return rows\n",
        tests=(
            "tests/indicators/test_evaluation.py::"
            "test_a_draft_is_read_by_whoever_writes_it_and_a_finished_one_by_all_of_the_row",
        ),
    ),
    Sabotage(
        name="evaluation-exact",
        control="persons are rounded to five for the plenary",
        file="casework/indicators/releases/reading.py",
        find="(each.n + 2) // STEP * STEP",
        replace="each.n",
        tests=(
            "tests/indicators/test_evaluation.py::"
            "test_persons_are_rounded_to_five_for_the_plenary_and_the_document_says_so",
        ),
    ),
    Sabotage(
        name="evaluation-names",
        control="words that single somebody out are refused in a document of the plenary",
        file="casework/indicators/evaluation/actions.py",
        find="    return guarded.check(words, field=field, most=most, neutral=_neutral(by), refusal=NOBODY)\n",
        replace="    return words.strip()\n",
        tests=("tests/indicators/test_evaluation.py::test_words_that_single_somebody_out_are_refused",),
    ),
)
