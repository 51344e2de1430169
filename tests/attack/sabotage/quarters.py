"""Controls of the dashboard of a quarter, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_ROOM = "casework/indicators/quarters/"
_LINK = "tests/indicators/quarters/test_link.py::"
_ASKING = "tests/indicators/quarters/test_asking.py::"
_PUBLISHING = "tests/indicators/quarters/test_publishing.py::"

QUARTERS: tuple[Sabotage, ...] = (
    Sabotage(
        name="quarters-live-people",
        control="what moves with people of other services is not said while the quarter runs",
        file=_ROOM + "own.py",
        find="    return said if period.is_over(localdate()) else said | dict.fromkeys(OF_OTHERS, Why.LATER)\n",
        replace="    return said\n",
        tests=(_PUBLISHING + "test_what_moves_with_people_of_other_services_is_said_once_the_quarter_is_over",),
    ),
    Sabotage(
        name="quarters-small-facts",
        control="few facts of a sector are not shown, nor given back by the total",
        file=_ROOM + "counts.py",
        find="small_counts.shown(some, k=K_FACTS) if some else",
        replace="(some, sum(some.values())) if some else",
        tests=(_PUBLISHING + "test_few_facts_of_a_sector_are_not_shown_nor_found_by_difference",),
    ),
    Sabotage(
        name="quarters-link-once",
        control="a link answers once",
        file=_ROOM + "actions/asking.py",
        find='    if row.answered_at is not None:\n        raise GuardRefused("Ces chiffres',
        replace='    if False:\n        raise GuardRefused("Ces chiffres',
        tests=(_ASKING + "test_nobody_is_asked_again_once_answered_or_without_an_address",),
    ),
    Sabotage(
        name="quarters-link-silent",
        control="a second opening shows no figure and takes none",
        file=_ROOM + "reads/answers.py",
        find="    if asking.answered_at is None:\n        return None\n",
        replace="    return None\n",
        tests=(_LINK + "test_a_second_opening_says_the_day_and_no_figure",),
    ),
    Sabotage(
        name="quarters-link-dies",
        control="a link dies after its last day",
        file=_ROOM + "actions/asking.py",
        find="row.answer_by >= localdate(now)",
        replace="row.answer_by is not None",
        tests=(_LINK + "test_a_link_dies_after_its_last_day",),
    ),
    Sabotage(
        name="quarters-link-after-publication",
        control="a published quarter takes no more counts",
        file=_ROOM + "actions/asking.py",
        find="    if row.published_at is not None:\n",
        replace="    if False:\n",
        tests=(_ASKING + "test_a_published_quarter_takes_no_more_counts",),
    ),
    Sabotage(
        name="quarters-link-guessed",
        control="guessing links gets slow",
        file=_ROOM + "link_views.py",
        find="        throttle.failed(counters, request.now)\n",
        replace="",
        tests=(_LINK + "test_a_guessed_link_opens_nothing_and_guessing_gets_slow",),
    ),
    Sabotage(
        name="quarters-token-hashed",
        control="only the hash of a link is kept",
        file=_ROOM + "actions/asking.py",
        find="    return sha256(token.encode()).hexdigest()\n",
        replace="    return token\n",
        tests=(_LINK + "test_only_the_hash_of_a_link_is_kept",),
    ),
    Sabotage(
        name="quarters-unpublished",
        control="nobody but its keeper sees a dashboard before it is published",
        file=_ROOM + "facts.py",
        find="    return rows if keeps(viewer, now) else rows.filter(published_at__isnull=False)\n",
        replace="    return rows\n",
        tests=(_ASKING + "test_readers_open_what_is_published_and_nothing_of_what_is_prepared",),
    ),
    Sabotage(
        name="quarters-frozen",
        control="a published dashboard is not counted again",
        file=_ROOM + "reads/kept.py",
        find="    if quarter.published_at is not None:\n",
        replace="    if False:\n",
        tests=(_PUBLISHING + "test_a_published_dashboard_does_not_change_when_this_system_counts_anew",),
    ),
    Sabotage(
        name="quarters-over",
        control="a quarter is published once it is over",
        file=_ROOM + "actions/publishing.py",
        find="    if not quarter.period.is_over(localdate(now)):\n",
        replace="    if False:\n",
        tests=(_PUBLISHING + "test_a_quarter_is_published_once_and_only_when_it_is_over",),
    ),
    Sabotage(
        name="quarters-marks",
        control="counts that come in while it is published stop it",
        file=_ROOM + "actions/publishing.py",
        find="        if kept.marks(row) != seen or row.revision != quarter.revision:\n",
        replace="        if False:\n",
        tests=(_PUBLISHING + "test_counts_that_come_in_while_it_is_published_are_not_left_out_unseen",),
    ),
    Sabotage(
        name="quarters-no-name",
        control="words about a quarter name nobody",
        file=_ROOM + "actions/words.py",
        find="    return guarded.check(text, field=field, most=MOST, neutral=neutral, refusal=NOBODY)\n",
        replace="    return text.strip()\n",
        tests=(_PUBLISHING + "test_words_that_name_somebody_are_refused_and_not_only_warned_about",),
    ),
    Sabotage(
        name="quarters-former-address",
        control="a link sent to a former address dies",
        file=_ROOM + "actions/contributors.py",
        find='.exclude(token_hash="") if moved else ():',
        replace=".none():",
        tests=(_LINK + "test_a_link_in_the_mailbox_of_a_former_address_dies",),
    ),
    Sabotage(
        name="quarters-link-replaced",
        control="a link replaced while its form is written takes no counts",
        file=_ROOM + "actions/asking.py",
        find="row.token_hash != asking.token_hash or ",
        replace="",
        tests=(_LINK + "test_a_link_replaced_while_its_form_is_written_takes_no_counts",),
    ),
    Sabotage(
        name="quarters-keeper",
        control="only the coordinator types the counts of others",
        file=_ROOM + "actions/asking.py",
        find="    facts.require_keeper(by, now)\n    _check(asking, answer, remark)\n",
        replace="    _check(asking, answer, remark)\n",
        tests=(_ASKING + "test_nobody_but_the_coordinator_opens_asks_types_or_publishes",),
    ),
    Sabotage(
        name="quarters-unknown-is-not-zero",
        control="an empty box is asked again, never taken for zero",
        file=_ROOM + "forms.py",
        find="                    self.add_error(box.name, MISSING)\n",
        replace="                    read[box.name] = 0\n",
        tests=(_LINK + "test_a_wrong_number_is_told_beside_its_box_and_nothing_typed_is_lost",),
    ),
    Sabotage(
        name="quarters-two-windows",
        control="what somebody else typed meanwhile is shown beside one’s own text, never overwritten unseen",
        file="casework/casefile/acts.py",
        find="        if isinstance(refusal, ConflictRefused) and current is not None:\n",
        replace="        if False:\n",
        tests=(
            "tests/indicators/quarters/test_pages.py::test_two_windows_on_one_comment_show_both_versions_and_lose_none",
        ),
    ),
    Sabotage(
        name="quarters-two-windows-one-comment",
        control="the choice between two versions goes back to the comment it is about",
        file="casework/casefile/templates/casefile/conflict.html",
        find='action="{{ request.get_full_path }}"',
        replace='action="{{ request.path }}"',
        tests=(
            "tests/indicators/quarters/test_pages.py::test_two_windows_on_one_comment_show_both_versions_and_lose_none",
        ),
    ),
)
