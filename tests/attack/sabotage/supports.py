"""Controls of exclusion supports, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_HOSTING = "tests/exclusions/test_hosting.py::"
_ACCESS, _END, _OPENING = (
    "tests/exclusions/test_access.py::", "tests/exclusions/test_end.py::", "tests/exclusions/test_opening.py::",
)  # fmt: skip
_SCHOOL, _CONVENTIONS = "tests/exclusions/test_school.py::", "tests/exclusions/test_conventions.py::"
_ROOM = "casework/exclusions/"

SUPPORTS: tuple[Sabotage, ...] = (
    Sabotage(
        name="support-act-of-nothing-decided",
        control="a precautionary measure never works on « l’acte »",
        file=_ROOM + "actions/programme.py",
        find="if theme != Theme.ACT or support.kind != Kind.PRECAUTIONARY]",
        replace="]",
        tests=(_HOSTING + "test_a_precautionary_measure_never_works_on_the_act",),
    ),
    Sabotage(
        name="support-presence-to-come",
        control="no presence is written on a day to come",
        file=_ROOM + "actions/presence.py",
        find="    if half_day.day > localdate(now):\n",
        replace="    if False:\n",
        tests=(_HOSTING + "test_no_presence_on_a_day_to_come_nor_before_the_agreement",),
    ),
    Sabotage(
        name="support-school-not-warned",
        control="an absence warns the school in the same tap",
        file=_ROOM + "actions/presence.py",
        find="            _tell_school(support, school_email, host_phone, now)\n",
        replace="            pass\n",
        tests=(_HOSTING + "test_an_absence_warns_the_school_once_in_words_that_name_nobody",),
    ),
    Sabotage(
        name="support-feedback-unread",
        control="the feedback is read with the family before it is kept",
        file=_ROOM + "actions/meeting.py",
        find="    if words and not family_read:\n",
        replace="    if False:\n",
        tests=(_HOSTING + "test_nothing_closes_before_what_was_agreed_is_said_as_codes",),
    ),
    Sabotage(
        name="support-school-arranges",
        control="the host arranges the programme, nobody else",
        file=_ROOM + "actions/programme.py",
        find="    if support.host_id != by.organisation_id or not facts.receives(by.role):\n",
        replace="    if False:\n",
        tests=(_HOSTING + "test_the_host_arranges_the_programme_nobody_else",),
    ),
    Sabotage(
        name="support-reason-for-all",
        control="at the host the named educator alone reads the reason, from the agreement to the end",
        file=_ROOM + "facts.py",
        find="        if data_class is REASON and self.receives and not (self.is_educator and self.state in REASON_READ):\n",
        replace="        if False:\n",
        tests=(_ACCESS + "test_at_the_host_the_named_educator_alone_reads_the_reason_from_the_agreement_to_the_end",),
    ),
    Sabotage(
        name="support-read-before-the-yes",
        control="the host reads nothing of a pupil before its yes",
        file=_ROOM + "actions/holding.py",
        find="    if support.host_accepted_at:\n",
        replace="    if True:\n",
        tests=(_OPENING + "test_before_its_yes_a_host_holds_nothing_of_a_named_pupil",),
    ),
    Sabotage(
        name="support-without-agreement",
        control="nothing begins without both agreements",
        file=_ROOM + "states.py",
        find="    if support.parents_agreed_on is None and not support.is_adult:\n",
        replace="    if False:\n",
        tests=(_OPENING + "test_nothing_begins_without_both_agreements",),
    ),
    Sabotage(
        name="support-beyond-the-year",
        control="a record goes with its school year",
        file=_ROOM + "facts.py",
        find="Q(school_year__lt=law.school_year(localdate(now))) | ",
        replace="",
        tests=(_END + "test_with_the_school_year_the_record_goes_and_one_line_of_nobody_stays",),
    ),
    Sabotage(
        name="support-line-at-once",
        control="lines are written when their month is over",
        file="casework/casefile/anonymous_lines.py",
        find="recorded_in__lt=month_of(localdate(now))",
        replace="recorded_in__lte=month_of(localdate(now))",
        tests=(_END + "test_with_the_school_year_the_record_goes_and_one_line_of_nobody_stays",),
    ),
    Sabotage(
        name="support-one-place-twice",
        control="a place taken is no longer free",
        file=_ROOM + "reads/places.py",
        find="opening.places - taken[opening.pk]",
        replace="opening.places",
        tests=(_OPENING + "test_the_last_place_is_refused_by_name",),
    ),
    Sabotage(
        name="support-two-hosts",
        control="the half-days of one reception are of one host",
        file=_ROOM + "forms/school.py",
        find="        if len({self.offered[pk] for pk in chosen}) > 1:\n",
        replace="        if False:\n",
        tests=(_SCHOOL + "test_half_days_of_two_hosts_are_not_one_reception",),
    ),
    Sabotage(
        name="support-last-half-day",
        control="the last half-day is not given back: a reception is cancelled by its own act",
        file=_ROOM + "actions/holding.py",
        find="        if not row.half_days.exists():\n",
        replace="        if False:\n",
        tests=(_SCHOOL + "test_half_days_are_added_and_given_back_but_never_the_last",),
    ),
    Sabotage(
        name="support-school-acts-by-the-host",
        control="the school alone adds half-days, gives them back, sends work",
        file=_ROOM + "facts.py",
        find="    if support.organisation_id != viewer.organisation_id or not sends(viewer.role):\n",
        replace="    if False:\n",
        tests=(
            _SCHOOL + "test_a_host_changes_no_half_day_of_a_school_s_pupil",
            "tests/exclusions/test_family.py::test_teachers_send_work_which_the_host_reads_and_ticks",
        ),
    ),
    Sabotage(
        name="support-another-host-unbound",
        control="another host is asked only under a convention that covers these days and this kind",
        file=_ROOM + "actions/holding.py",
        find="        convention_covers(row, Context(by=by, now=now, origin=row.state, to=row.state))\n",
        replace="",
        tests=(_SCHOOL + "test_another_host_is_asked_only_under_a_convention_that_covers_the_days",),
    ),
    Sabotage(
        name="support-same-pupil-not-asked",
        control="the same name as earlier this year asks whether it is the same pupil",
        file=_ROOM + "views/school.py",
        find=" and (earlier := _earlier(request, row, form)):\n",
        replace=" and (earlier := []):\n",
        tests=(_SCHOOL + "test_the_same_name_as_earlier_this_year_asks_once_whether_it_is_the_same_pupil",),
    ),
    Sabotage(
        name="support-since-by-the-host",
        control="a school answers « depuis ? » for its own pupils, nobody for it",
        file=_ROOM + "actions/notice.py",
        find="        if row.organisation_id != by.organisation_id or not facts.sends(by.role):\n",
        replace="        if False:\n",
        tests=(
            "tests/exclusions/test_since.py::test_a_host_that_received_the_pupil_answers_nothing_in_the_school_s_place",
        ),
    ),
    Sabotage(
        name="convention-bound-alone",
        control="the body that proposed a convention does not confirm it itself",
        file=_ROOM + "actions/houses.py",
        find="        if row.proposed_by_id == by.organisation_id:\n",
        replace="        if False:\n",
        tests=(_CONVENTIONS + "test_a_school_proposes_and_the_host_confirms",),
    ),
    Sabotage(
        name="convention-document-for-all",
        control="the signed convention is read by its two bodies alone",
        file=_ROOM + "actions/papers.py",
        find='record_id__in=facts.own_conventions(by, now).values("pk"), ',
        replace="",
        tests=(_CONVENTIONS + "test_the_signed_document_is_sealed_replaced_and_read_by_both_bodies_alone",),
    ),
    Sabotage(
        name="support-note-too-early",
        control="no note of return before what was agreed is said",
        file=_ROOM + "return_note.py",
        find="    if row.feedback_at is None:\n",
        replace="    if False:\n",
        tests=("tests/exclusions/test_host_pages.py::test_the_return_goes_from_its_day_to_the_note_and_the_end",),
    ),
    Sabotage(
        name="support-announced-without-class",
        control="a day without class is never announced",
        file=_ROOM + "actions/houses.py",
        find="                elif each.places and calendar.may_open(day):\n",
        replace="                elif each.places:\n",
        tests=("tests/exclusions/test_host_pages.py::test_days_without_class_are_said_and_left_out",),
    ),
)
