"""Controls of published figures, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_ROOM = "casework/indicators/releases/"
_ENGINE = _ROOM + "disclosure/"
_PRIMARY, _JOINT = "tests/indicators/disclosure/test_primary.py::", "tests/indicators/disclosure/test_joint.py::"
_BUILDING = "tests/indicators/releases/test_building.py::"
_T53, _T54 = "tests/attack/test_t53_one_release.py::", "tests/attack/test_t54_all_releases.py::"

_INSIDERS = "tests/indicators/releases/test_insiders.py::"
_RELEASE = "tests/indicators/releases/test_release.py::"

DISCLOSURE: tuple[Sabotage, ...] = (
    Sabotage(
        name="suppression",
        control="a number hidden alone takes others along, so that the rest does not give it back",
        file=_ENGINE + "protect.py",
        find="        work.hide_more()\n",
        replace="",
        tests=(
            _JOINT + "test_one_hidden_number_never_stays_alone_beside_its_total",
            _T53 + "test_small_towns_to_anyone",
            "tests/attack/test_t58_one_person_more.py",
        ),
        core=True,
    ),
    Sabotage(
        name="seen-twice",
        control="the same people seen later are not printed a few apart, under finer codes nor coarser ones",
        file=_ROOM + "seen_twice.py",
        find="        inside = [code for code, held in parts.items() if wanted.issuperset(held)]\n",
        replace="        inside = [code for code, held in parts.items() if wanted == set(held) or len(wanted) == len(parts)]\n",
        tests=(_BUILDING + "test_the_same_people_seen_later_are_not_printed_a_few_apart_under_coarser_codes",),
    ),
    Sabotage(
        name="seen-twice-in-any-order",
        control="the same people seen earlier are not printed a few apart from what was published of them later",
        file=_ROOM + "seen_twice.py",
        find=" | {each.key for each in catalogue if each.follows == table.key}",
        replace="",
        tests=(_BUILDING + "test_whichever_of_the_two_is_published_first",),
    ),
    Sabotage(
        name="seen-twice-over-years",
        control="windows that add up to another are taken from it together",
        file=_ROOM + "seen_twice.py",
        find="        for end in range(start + 1, len(ordered) + 1):\n",
        replace="        for end in range(start + 1, start + 2):\n",
        tests=(_BUILDING + "test_three_years_seen_later_are_no_few_more_than_three_years_one_by_one",),
    ),
    Sabotage(
        name="solver-lost",
        control="where the solver fails more is hidden, never less",
        file=_ENGINE + "secondary.py",
        find="        return None if answer.status == INFEASIBLE else [0.0] * priced\n",
        replace="        return None\n",
        tests=(_JOINT + "test_a_solver_that_fails_hides_more_and_never_less",),
    ),
    Sabotage(
        name="proposal-attacked",
        control="a draft is attacked before it is proposed, whatever drew it",
        file=_ROOM + "actions/editions.py",
        find="    _attack(by, kept)\n",
        replace="",
        tests=("tests/indicators/releases/test_release.py::test_a_draft_that_says_too_much_is_not_even_proposed",),
    ),
    Sabotage(
        name="published-as-locked",
        control="the numbers that are published are those of the row under its lock, as they were agreed to",
        file=_ROOM + "actions/editions.py",
        find="        _refuse_altered(row)\n",
        replace="",
        tests=(
            "tests/indicators/releases/test_release.py::test_numbers_changed_while_they_are_being_published_stay_in",
        ),
    ),
    Sabotage(
        name="tables-together",
        control="a table is drawn beside those of its edition",
        file=_ROOM + "building.py",
        find="            known += knowns(drawn.taken.table, populations)\n",
        replace="            pass\n",
        tests=(_BUILDING + "test_a_table_gives_back_nothing_that_another_of_its_edition_hides",),
    ),
    Sabotage(
        name="editions-together",
        control="a table is drawn beside everything published before",
        file=_ROOM + "building.py",
        find="    known = [each for table in released for each in knowns(table, populations)]\n",
        replace="    known = []\n",
        tests=(_BUILDING + "test_nor_that_an_earlier_edition_hid",),
    ),
    Sabotage(
        name="disclosure-primary",
        control="fewer persons than the threshold are not printed, nor a zero that tells of everyone",
        file=_ENGINE + "primary.py",
        find="    return Why.PRIMARY if 1 <= cell.value < cell.k or (cell.value == 0 and cell.zero_tells) else None\n",
        replace="    return None\n",
        tests=(
            _PRIMARY + "test_fewer_persons_than_the_threshold_are_hidden",
            _PRIMARY + "test_a_zero_is_hidden_where_it_tells_something_of_everyone",
        ),
    ),
    Sabotage(
        name="disclosure-complement",
        control="all of a group but a few is not printed",
        file=_ENGINE + "primary.py",
        find="        if 1 <= rest < cell.k:\n",
        replace="        if False:\n",
        tests=(_PRIMARY + "test_all_of_a_group_but_a_few_is_hidden",),
    ),
    Sabotage(
        name="disclosure-homogeneity",
        control="that everyone in a group is alike is not printed",
        file=_ENGINE + "primary.py",
        find="        if homogeneous and rest == 0 and cell.value and cell.atoms != total.atoms:\n",
        replace="        if False:\n",
        tests=(_PRIMARY + "test_everyone_in_one_cell_is_hidden_and_so_is_the_zero_that_would_tell_it",),
    ),
    Sabotage(
        name="disclosure-time",
        control="a later figure holds nobody more than an earlier one, or enough of them",
        file=_ENGINE + "primary.py",
        find="        if 1 <= abs(cell.value - earlier.value) < max(cell.k, earlier.k):\n",
        replace="        if False:\n",
        tests=(_PRIMARY + "test_a_later_figure_holds_nobody_more_or_enough_of_them",),
    ),
    Sabotage(
        name="disclosure-universe",
        control="no table is drawn of fewer than twenty persons",
        file=_ENGINE + "primary.py",
        find="if whole < universe)",
        replace="if whole < 0)",
        tests=(_PRIMARY + "test_no_table_of_fewer_than_twenty_persons",),
    ),
    Sabotage(
        name="disclosure-himself",
        control="one who counts himself out learns no more",
        file=_ENGINE + "verdict.py",
        find="    return np.flatnonzero((high - low < k * PARTS) | (high < (own + k) * PARTS))\n",
        replace="    return np.flatnonzero(np.zeros(len(high)))\n",
        tests=(
            _JOINT + "test_whoever_counts_himself_out_learns_no_more",
            _JOINT + "test_the_audit_tells_what_only_one_person_can_work_out",
            _T53 + "test_to_one_who_counts_himself_out_and_about_groups_that_no_table_prints",
        ),
    ),
    Sabotage(
        name="disclosure-isolated",
        control="a small group that differences isolate is not given away, though no table prints it",
        file=_ENGINE + "verdict.py",
        find="            yield Need(block=block)\n",
        replace="            yield from ()\n",
        tests=(
            _JOINT + "test_a_group_that_two_tables_isolate_is_not_given_away",
            "tests/attack/test_t56_trackers.py::test_a_person_sought_through_unions_and_complements",
        ),
    ),
    Sabotage(
        name="disclosure-joint",
        control="a release is judged together with all those before it",
        file=_ENGINE + "protect.py",
        find="    for group in groups(cells, known):\n        if not any",
        replace="    for group in groups(cells, ()):\n        if not any",
        tests=(
            _JOINT + "test_a_later_table_gives_back_nothing_that_an_earlier_one_hid",
            _T54 + "test_codes_put_together_across_what_was_hidden",
        ),
    ),
    Sabotage(
        name="disclosure-exact",
        control="what the solver proposes is believed only once integers confirm it",
        file=_ENGINE + "intervals.py",
        find="        if (found >= 0).all() and (self.matrix[rows] @ found == self.values[rows] * PARTS).all():\n",
        replace="        if True:\n",
        tests=(_JOINT + "test_what_the_solver_makes_up_proves_nothing",),
    ),
    Sabotage(
        name="disclosure-order",
        control="the answer depends on the numbers alone, not on the order in which they are given",
        file=_ENGINE + "joint.py",
        find="    for cell in sorted(cells, key=lambda each: each.place):\n        _with_cell",
        replace="    for cell in cells:\n        _with_cell",
        tests=("tests/attack/test_t55_repeats.py::test_repeats_in_every_order",),
    ),
    Sabotage(
        name="rate-base",
        control="a rate is said of twenty persons, both parts being large enough",
        file=_ROOM + "rates.py",
        find="    if part is None or base is None or base < BASE or part < k or base - part < k:\n",
        replace="    if part is None or base is None or base == 0:\n",
        tests=(
            "tests/indicators/test_rates.py",
            "tests/attack/test_t56_trackers.py::test_no_rate_gives_a_hidden_number_back",
        ),
    ),
    Sabotage(
        name="survival-three-hundred",
        control="a curve is shown from three hundred persons",
        file=_ROOM + "survival.py",
        find="    if curve.persons < LEAST:\n",
        replace="    if False:\n",
        tests=("tests/indicators/test_survival.py::test_a_curve_is_shown_from_three_hundred_persons",),
    ),
    Sabotage(
        name="services-drawing",
        control="a service that takes its own persons away learns of no few of the others, where an edition is drawn",
        file=_ROOM + "building.py",
        find="    known_by = _insiders(by_period, populations)\n",
        replace="    known_by: tuple[Insider, ...] = ()\n",
        tests=(
            _INSIDERS + "test_a_service_that_takes_its_own_away_finds_no_few_of_the_others",
            "tests/attack/test_t54_services.py",
        ),
        core=True,
    ),
    Sabotage(
        name="services-twice",
        control="nor by the same people seen later",
        file=_ROOM + "building.py",
        find="            for service in (None, *known_by)\n",
        replace="            for service in (None,)\n",
        tests=(_INSIDERS + "test_a_few_more_of_the_others_are_not_told_by_the_same_people_seen_later",),
    ),
    Sabotage(
        name="services-last-audit",
        control="nor by what leaves, whatever drew it",
        file=_ROOM + "actions/editions.py",
        find=", *insiders.audit(cells, services)}",
        replace="}",
        tests=(_RELEASE + "test_a_draft_that_tells_a_service_of_a_few_of_the_others_is_not_even_proposed",),
    ),
    Sabotage(
        name="himself-last-audit",
        control="the last look counts a person out",
        file=_ROOM + "actions/editions.py",
        find="*disclosure.audit(cells, present=somebody)",
        replace="*disclosure.audit(cells)",
        tests=(_RELEASE + "test_a_draft_that_tells_one_pupil_of_the_others_is_not_even_proposed",),
    ),
)
