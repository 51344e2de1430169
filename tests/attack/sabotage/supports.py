"""Controls of exclusion supports, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_HOSTING = "tests/exclusions/test_hosting.py::"
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
)
