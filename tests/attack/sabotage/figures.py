"""Controls of figures, from the line of nobody to the frozen counts, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_ENDS = "tests/followups/test_lines.py::"
_FOLLOWUPS = "casework/minors/followups/actions/"

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
)
