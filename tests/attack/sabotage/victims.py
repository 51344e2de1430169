"""Controls of the victim's side and of its wall, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_FLOW = "tests/vif/victims/test_flow.py::"
_PAGES = "tests/vif/victims/test_pages.py::"
_WALL = "tests/vif/test_wall.py::"
_ROOM = "casework/vif/victims/"

VICTIMS: tuple[Sabotage, ...] = (
    Sabotage(
        name="victim-place-without-second-factor",
        control="a place is shown on a fresh second factor only",
        file=_ROOM + "views/places.py",
        find="@stepped_up\n@reveals\n@require_safe\n",
        replace="@reveals\n@require_safe\n",
        tests=(_PAGES + "test_a_place_is_shown_alone_on_a_fresh_second_factor_and_each_time_is_told",),
    ),
    Sabotage(
        name="victim-place-untold",
        control="each showing of a place is an event of its own (T-22)",
        file=_ROOM + "reads/places.py",
        find="with gate(viewer, row.support, [facts.LOCATION], act=Act.REVEAL):",
        replace="with gate(viewer, row.support, [facts.LOCATION]):",
        tests=(_PAGES + "test_a_place_is_shown_alone_on_a_fresh_second_factor_and_each_time_is_told",),
    ),
    Sabotage(
        name="victim-kept-address",
        control="a kept address is read by who keeps it alone",
        file=_ROOM + "facts.py",
        find="excluded=self.excluded or (self.kept and data_class is LOCATION)",
        replace="excluded=self.excluded",
        tests=(_PAGES + "test_a_kept_address_is_read_by_who_keeps_it_alone",),
    ),
    Sabotage(
        name="victim-number-before-rules",
        control="the rules stand before the number",
        file=_ROOM + "reads/contact.py",
        find='        said.append("Ne jamais laisser de message vocal.")\n',
        replace="        pass\n",
        tests=(
            _PAGES + "test_the_rules_stand_before_the_number_wherever_it_is_read",
            _FLOW + "test_the_rules_are_words_and_the_first_forbids_the_voice_mail",
        ),
    ),
    Sabotage(
        name="victim-reference-spoken-of",
        control="a reference of this side is spoken of to it, the prosecutor and the DPO (VIC-07)",
        file=_ROOM + "access_room.py",
        find="    speaks_to = frozenset({Role.APERS_VICTIM, Role.PROSECUTOR, Role.DPO})\n",
        replace="    speaks_to = frozenset(Role)\n",
        tests=(
            _WALL + "test_nothing_organisation_wide_joins_the_two_sides",
            _FLOW + "test_the_reference_is_spoken_of_to_this_side_the_prosecutor_and_the_dpo",
        ),
    ),
    Sabotage(
        name="vif-hand-over-across",
        control="what one side held never passes to the other side of the same service",
        file="casework/casefile/cases.py",
        find="        if new.role != old.role:\n",
        replace="        if False:\n",
        tests=(_WALL + "test_nothing_organisation_wide_joins_the_two_sides",),
    ),
    Sabotage(
        name="vif-lead-names-the-other-side",
        control="a lead reads the people of its own side (VIC-04)",
        file="casework/access/directory/houses.py",
        find="organisation_id=found.pk, role=request.viewer.role\n",
        replace="organisation_id=found.pk\n",
        tests=(_WALL + "test_no_page_export_message_or_log_line_across_the_wall_says_a_word",),
    ),
    Sabotage(
        name="vif-hand-over-names-the-other-side",
        control="a function is handed over to nobody of the other side, nor are they named (VIC-04)",
        file="casework/partners/reads.py",
        find="    return [row for row in rows if row.agent_id not in across | {mandate.agent_id}]\n",
        replace="    return [row for row in rows if row.agent_id != mandate.agent_id]\n",
        tests=(_WALL + "test_no_page_export_message_or_log_line_across_the_wall_says_a_word",),
    ),
    Sabotage(
        name="vif-erasure-told-to-all",
        control="ending a walled file is the DPO’s and the prosecutor’s, absent for the coordinator",
        file="casework/access/subjects.py",
        find="    return all(role in each.speaks_to for each in rooms_of)\n",
        replace="    return True\n",
        tests=(_WALL + "test_an_exclusion_and_an_early_erasure_are_the_dpos_and_the_prosecutors",),
    ),
    Sabotage(
        name="victim-opinion-unasked",
        control="her opinion is written only for the magistrate who asks (VIC-05)",
        file=_ROOM + "actions/follow.py",
        find="    if asked_by not in Asker.values:\n",
        replace="    if False:\n",
        tests=(_FLOW + "test_her_opinion_is_written_only_for_the_magistrate_who_asks",),
    ),
    Sabotage(
        name="victim-order-too-long",
        control="a protection order lasts twelve months at most (OP-01)",
        file=_ROOM + "law.py",
        find="ORDER_MONTHS = 12\n",
        replace="ORDER_MONTHS = 120\n",
        tests=(_FLOW + "test_an_order_runs_within_the_law_and_is_asked_again_before_its_end",),
    ),
    Sabotage(
        name="victim-six-months",
        control="a file goes six months after the end of the support",
        file=_ROOM + "actions/erasing.py",
        find='    erasure.begin_due(over.values_list("subject_id", "territory_id"), reason=TERM, now=now)\n',
        replace="",
        tests=(_FLOW + "test_an_ended_support_stays_six_months_read_only_then_goes",),
    ),
    Sabotage(
        name="reflex-written-by-anybody",
        control="on the victim's side the lead alone writes the reflex sheet",
        file="casework/access/policy.py",
        find="LEAD_WRITES = frozenset({(Role.APERS_VICTIM.value, _D.REFLEX)})\n",
        replace="LEAD_WRITES: frozenset[tuple[str, DataClass]] = frozenset()\n",
        tests=("tests/vif/test_reflex.py::test_every_trade_reads_it_and_two_write_it",),
    ),
)
