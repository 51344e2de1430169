"""Controls of measures of couple violence, author's side, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_FLOW = "tests/vif/offenders/test_flow.py::"
_REPORTS = "tests/vif/offenders/test_reports.py::"
_PAGES = "tests/vif/offenders/test_pages.py::"
_TEMPLATES = "tests/vif/offenders/test_templates.py::"
_ROOM = "casework/vif/offenders/"

MEASURES: tuple[Sabotage, ...] = (
    Sabotage(
        name="measure-spoken-of-across",
        control="a measure is spoken of by its reference to its own side, the prosecutor and the DPO alone",
        file=_ROOM + "access_room.py",
        find="    speaks_to = frozenset({Role.APERS_OFFENDER, Role.PROSECUTOR, Role.DPO})\n",
        replace="",
        tests=(_PAGES + "test_a_reference_is_spoken_of_to_its_own_side_alone",),
    ),
    Sabotage(
        name="measure-forged-grant",
        control="a grant written by SQL opens no measure",
        file=_ROOM + "facts.py",
        find="    require_on(viewer, found, Action.VIEW, data_class, now)  # a forged grant opens nothing (T-36)\n",
        replace="",
        tests=(_PAGES + "test_a_forged_grant_or_an_exclusion_opens_nothing",),
    ),
    Sabotage(
        name="measure-draft-read",
        control="a report is read by the prosecutor once it was transmitted, not before",
        file=_ROOM + "actions/reports.py",
        find="    if row.state != ReportState.TRANSMITTED and not link.may(viewer, Action.CHANGE, _ROW, now):\n",
        replace="    if False:\n",
        tests=(_REPORTS + "test_a_prosecutors_agent_reads_what_was_transmitted_and_no_draft",),
    ),
    Sabotage(
        name="measure-report-changed",
        control="a report that has left never changes again",
        file=_ROOM + "actions/reports.py",
        find="    if row.state not in states:\n",
        replace="    if False:\n",
        tests=(_REPORTS + "test_a_final_report_leaves_once_everything_is_said_and_then_never_changes",),
    ),
    Sabotage(
        name="measure-report-unrated",
        control="a final report says of each obligation whether it was met",
        file=_ROOM + "states.py",
        find="hearing_is_known, obligations_are_rated, final_report_was_sent\n",
        replace="hearing_is_known, final_report_was_sent\n",
        tests=(_REPORTS + "test_a_final_report_leaves_once_everything_is_said_and_then_never_changes",),
    ),
    Sabotage(
        name="measure-read-by-its-author",
        control="another person than its author reads a report, where the service wants it",
        file=_ROOM + "actions/reports.py",
        find="        if row.reader_id != by.mandate_id or row.written_by == by.mandate_id:\n",
        replace="        if False:\n",
        tests=(_REPORTS + "test_a_second_person_reads_where_the_service_wants_it",),
    ),
    Sabotage(
        name="measure-no-second-reader",
        control="no report leaves unread where the service wants a second reader",
        file=_ROOM + "actions/reports.py",
        find="    needs_reader = reads.setting_of(measure.organisation_id).second_reader\n",
        replace="    needs_reader = False\n",
        tests=(_REPORTS + "test_a_second_person_reads_where_the_service_wants_it",),
    ),
    Sabotage(
        name="measure-care-typed",
        control="nobody types in the part about care",
        file=_ROOM + "actions/reports.py",
        find="        if section not in WRITTEN:\n",
        replace="        if False:\n",
        tests=(_REPORTS + "test_the_record_fills_its_parts_and_nobody_types_of_care",),
    ),
    Sabotage(
        name="measure-care-in-prose",
        control="words of health in a report are pointed at once",
        file=_ROOM + "forms.py",
        find="NOT_HERE = frozenset({WarningCode.HEALTH, ",
        replace="NOT_HERE = frozenset({",
        tests=(_PAGES + "test_an_officer_goes_from_the_order_to_the_decision_in_the_browser",),
    ),
    Sabotage(
        name="measure-spip-before-conviction",
        control="the SPIP is let in after a conviction alone",
        file=_ROOM + "actions/ending.py",
        find="        if outcome not in CONVICTED:\n",
        replace="        if False:\n",
        tests=(_FLOW + "test_the_spip_reads_after_a_conviction_alone_and_writes_nothing",),
    ),
    Sabotage(
        name="measure-term",
        control="a measure is destroyed six months after its end",
        file=_ROOM + "actions/erasing.py",
        find='    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)\n',
        replace="",
        tests=(_FLOW + "test_the_file_is_gone_six_months_after_its_end_and_destroyed_that_night",),
    ),
    Sabotage(
        name="measure-review-small",
        control="the yearly review shows no number under eleven",
        file=_ROOM + "reads/yearly.py",
        find="for what in lines}, k=small_counts.K_JUDICIAL)\n",
        replace="for what in lines}, k=0)\n",
        tests=(_REPORTS + "test_the_review_of_the_year_counts_outlive_the_files_and_hide_small_numbers",),
    ),
    Sabotage(
        name="measure-silence",
        control="a measure without contact comes back to its officer",
        file=_ROOM + "reads/lists.py",
        find="        if since < localdate(now):\n",
        replace="        if False:\n",
        tests=(_REPORTS + "test_dates_and_silences_come_back_by_reference_and_without_a_name",),
    ),
    Sabotage(
        name="measure-words-left-behind",
        control="words typed and not saved hold a report back",
        file=_ROOM + "views/reports.py",
        find="    if drafts.load(request.viewer, _draft_key(pk), now=request.now) is not None:\n",
        replace="    if False:\n",
        tests=(_PAGES + "test_words_typed_and_not_saved_hold_the_report_back",),
    ),
    Sabotage(
        name="measure-scan-named",
        control="a scan is called by its nature, never by the words of who joined it",
        file=_ROOM + "actions/papers.py",
        find=", most=MOST, name=str(kind.label)\n",
        replace=", most=MOST\n",
        tests=(
            "tests/vif/offenders/test_papers.py::"
            "test_order_receipt_and_judgment_are_joined_where_they_come_and_read_by_who_reads_the_file",
        ),
    ),
    Sabotage(
        name="measure-template-written-by-anybody",
        control="the head of the service alone writes the templates of its reports",
        file=_ROOM + "actions/templates.py",
        find="    if viewer.is_service_lead is not True:\n",
        replace="    if False:\n",
        tests=(_TEMPLATES + "test_nobody_else_reads_or_writes_them",),
    ),
    Sabotage(
        name="measure-template-rewrites-the-past",
        control="a report that left keeps the words with which it left",
        file=_ROOM + "reads/report.py",
        find="            letters.of_kept(held.get(reports.LETTER))\n",
        replace="            letters.chosen(row.measure.organisation_id, page.frame, page.court)\n",
        tests=(_TEMPLATES + "test_a_report_that_left_keeps_the_words_with_which_it_left",),
    ),
    Sabotage(
        name="measure-review-of-a-running-year",
        control="a running year shows no number that two readings would tell",
        file=_ROOM + "reads/yearly.py",
        find=", year__lt=running)",
        replace=")",
        tests=(_REPORTS + "test_the_review_of_the_year_counts_outlive_the_files_and_hide_small_numbers",),
    ),
)
