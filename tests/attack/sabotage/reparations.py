"""Controls of réparations, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_TESTS = "tests/placements/reparation/"
_HOSTING = "tests/placements/reparation/test_hosting.py::"
_CASES = "tests/placements/test_cases.py::"
_ROOM = "casework/placements/reparation/"

REPARATIONS: tuple[Sabotage, ...] = (
    Sabotage(
        name="reparation-counted-once",
        control="a réparation for which a place fits is not counted as without one",
        file=_ROOM + "actions/activity.py",
        find="    if any(match.fits for match in reads.for_reparation(by, reparation, now)):\n",
        replace="    if False:\n",
        tests=(
            "tests/hosts/test_without_place.py::test_a_reparation_without_a_place_is_counted_once_a_month_and_names_nobody",
        ),
    ),
    Sabotage(
        name="reparation-term",
        control="a réparation is destroyed six months after its end, its victim with it",
        file=_ROOM + "actions/erasing.py",
        find='    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)\n',
        replace="",
        tests=(
            _TESTS + "test_outcome.py::test_the_file_and_its_victim_are_destroyed_that_night_unless_a_hold_keeps_them",
        ),
    ),
    Sabotage(
        name="reparation-host-reads-interviews",
        control="a host reads the half-days of its own posts only",
        file=_ROOM + "actions/follow.py",
        find="        row.post_id is None or row.post_id != row.reparation.post_id\n",
        replace="        False\n",
        tests=(_TESTS + "test_pages.py::test_the_host_reads_no_interview_with_the_educator",),
    ),
    Sabotage(
        name="reparation-victim-not-asked",
        control="nothing begins towards a victim without a yes",
        file=_ROOM + "states.py",
        find='_move("start", "commencer", "REP-07", victims_agreed)',
        replace='_move("start", "commencer", "REP-07")',
        tests=(_TESTS + "test_activity.py::test_nothing_begins_towards_a_victim_without_a_yes",),
    ),
    Sabotage(
        name="reparation-agreement-without-paper",
        control="an agreement counts once its signed paper is joined",
        file=_ROOM + "actions/agreements.py",
        find="answer=Answer.AGREED, document_id__isnull=False)",
        replace="answer=Answer.AGREED)",
        tests=(_TESTS + "test_opening.py::test_an_alternative_is_agreed_once_both_signed_and_the_papers_are_joined",),
    ),
    Sabotage(
        name="reparation-host-keeps-reading",
        control="with the report, the host reads nothing more",
        file=_ROOM + "actions/activity.py",
        find="    team.let_host_out(w, reparation=reparation, at=now, reason=reason)\n",
        replace="",
        tests=(_TESTS + "test_outcome.py::test_with_the_report_the_host_reads_nothing_more_and_its_places_are_free",),
    ),
    Sabotage(
        name="reparation-silence-is-yes",
        control="a host that has not answered by the date says yes no more",
        file="casework/placements/hosts/actions/requests.py",
        find="    if row.answer_by < localdate(now):\n",
        replace="    if False:\n",
        tests=(_HOSTING + "test_no_answer_by_the_date_frees_the_places_and_is_never_a_yes",),
    ),
    Sabotage(
        name="reparation-answered-by-another",
        control="the managers of the post, and nobody else, answer for the host",
        file=_ROOM + "facts.py",
        find="    if not hosts(viewer.role):\n        return rows.none()\n",
        replace="",
        tests=(_HOSTING + "test_nobody_answers_for_the_host",),
    ),
    Sabotage(
        name="reparation-forged-manager",
        control="a manager written by SQL answers nothing",
        file=_ROOM + "actions/hosting.py",
        find="    host_facts.require_on_post(viewer, found.post, Action.CHANGE, now)  # a forged grant answers nothing (T-36)\n",
        replace="",
        tests=(_HOSTING + "test_a_manager_written_by_sql_answers_nothing",),
    ),
    Sabotage(
        name="reparation-link-twice",
        control="the link of a host serves once",
        file="casework/placements/hosts/actions/requests.py",
        find='token_hash=hashed, answer="", answer_by__gte=today)',
        replace="token_hash=hashed)",
        tests=(_HOSTING + "test_a_host_without_an_account_answers_once_by_a_link",),
    ),
    Sabotage(
        name="reparation-proof-withdrawn",
        control="what an agreement rests on cannot be taken away",
        file=_ROOM + "actions/files.py",
        find="        if is_proof(row, reparation):\n",
        replace="        if False:\n",
        tests=(_HOSTING + "test_a_document_joined_by_mistake_goes_and_a_proof_stays",),
    ),
    Sabotage(
        name="placements-emergency-opens-victim",
        control="an emergency opens one person, never the victim",
        file=_ROOM + "facts.py",
        find="Basis.BREAK_GLASS in self.grants and data_class not in NEVER_IN_AN_EMERGENCY",
        replace="Basis.BREAK_GLASS in self.grants",
        tests=(_CASES + "test_an_emergency_opens_no_victim",),
    ),
    Sabotage(
        name="placements-masked-emergency",
        control="a masked emergency opens no file of a placement",
        file=_ROOM + "facts.py",
        find="break_open=Basis.BREAK_GLASS in self.grants and",
        replace="break_open=bool(self.grants) and",
        tests=(_CASES + "test_the_dpo_opens_a_file_by_an_emergency_alone_and_only_looks",),
    ),
    Sabotage(
        name="placements-access-to-other-service",
        control="a judicial file opens to its own service alone",
        file="casework/casefile/cases.py",
        find="        if mandate.organisation_id != row.organisation_id or mandate.role != by.role:\n",
        replace="        if False:\n",
        tests=(_CASES + "test_access_asked_by_reference_is_given_within_the_service_alone",),
    ),
    Sabotage(
        name="post-manager-left-keeps-reading",
        control="who left a post reads nobody whom it receives",
        file="casework/placements/hosts/actions/structures.py",
        find="        cases.manager_left(w, post=post, mandate_id=supervisor.mandate_id, now=now)\n",
        replace="",
        tests=(_CASES + "test_whoever_takes_a_post_over_reads_whom_it_receives_and_who_left_reads_nobody",),
    ),
    Sabotage(
        name="small-counts-shown",
        control="a count that singles somebody out is masked",
        file="casework/casefile/small_counts.py",
        find="    masked = {key for key, n in counts.items() if n < k}\n",
        replace="    masked: set[Key] = set()\n",
        tests=("tests/casefile/test_small_counts.py::test_a_small_count_is_masked_and_so_is_a_zero",),
    ),
)
