"""Controls of exclusion supports, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_HOSTING = "tests/exclusions/test_hosting.py::"
_ACCESS, _END, _OPENING = (
    "tests/exclusions/test_access.py::", "tests/exclusions/test_end.py::", "tests/exclusions/test_opening.py::",
)  # fmt: skip
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
        file=_ROOM + "actions/lines.py",
        find="recorded_in__lt=_month(localdate(now))",
        replace="recorded_in__lte=_month(localdate(now))",
        tests=(_END + "test_with_the_school_year_the_record_goes_and_one_line_of_nobody_stays",),
    ),
    Sabotage(
        name="support-small-figures",
        control="no figure under five",
        file=_ROOM + "reads/figures.py",
        find="    enough = len(first) >= K\n",
        replace="    enough = True\n",
        tests=(_END + "test_figures_of_a_year_show_no_count_under_five_nor_one_that_a_difference_gives_back",),
    ),
    Sabotage(
        name="support-one-place-twice",
        control="a place taken is no longer free",
        file=_ROOM + "reads/places.py",
        find="opening.places - taken[opening.pk]",
        replace="opening.places",
        tests=(_OPENING + "test_the_last_place_is_refused_by_name",),
    ),
)
