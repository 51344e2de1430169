"""Controls of « téléphone grave danger », taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_FLOW = "tests/vif/phones/test_flow.py::"
_PAGES = "tests/vif/phones/test_pages.py::"
_PAPERS = "tests/vif/phones/test_papers.py::"
_TOTALS = "tests/vif/phones/test_totals.py::"
_ROOM = "casework/vif/phones/"

PHONES: tuple[Sabotage, ...] = (
    Sabotage(
        name="phone-somebody-else-decides",
        control="while the court has an account, nobody writes a decision in its place",
        file=_ROOM + "states.py",
        find="    if people.holding(allocation.territory_id, _PROSECUTOR, context.now):\n",
        replace="    if False:\n",
        tests=(_FLOW + "test_the_prosecutor_decides_and_nobody_in_his_place",),
        core=True,
    ),
    Sabotage(
        name="phone-held-twice",
        control="one open allocation per device, held by the database",
        file=_ROOM + "migrations/0001_phones.py",
        find="fields=('device',), name='phone_held_once'",
        replace="fields=('device', 'id'), name='phone_held_once'",
        tests=(_FLOW + "test_the_database_holds_one_open_allocation_per_device_and_per_victim",),
    ),
    Sabotage(
        name="phone-serial-in-stock",
        control="a serial opens to the court and to the officer of who holds the device",
        file=_ROOM + "reads/stock.py",
        find="    require(viewer, Action.REVEAL, facts.serial_facts(viewer, row, now), now)\n",
        replace="",
        tests=(_FLOW + "test_the_serial_is_sealed_under_the_device_and_its_showing_is_told",),
        core=True,
    ),
    Sabotage(
        name="phone-serial-without-second-factor",
        control="a serial asks for a fresh second factor",
        file=_ROOM + "views/lists.py",
        find="@stepped_up\n@reveals\n@require_safe\ndef serial(",
        replace="@reveals\n@require_safe\ndef serial(",
        tests=(_PAGES + "test_serials_and_sheets_ask_for_a_fresh_second_factor_and_are_told",),
    ),
    Sabotage(
        name="phone-renewed-without-her",
        control="a renewal asks for her agreement again",
        file=_ROOM + "states.py",
        find="    if allocation.renewal_consent_on is None:\n",
        replace="    if False:\n",
        tests=(_FLOW + "test_a_renewal_asks_for_her_agreement_each_time_and_its_absence_switches_nothing_off",),
    ),
    Sabotage(
        name="phone-misses-untold",
        control="two tests missed in a row tell the prosecutor",
        file=_ROOM + "actions/holding.py",
        find="        if law.misses(list(results[: law.MISSES + 1])) == law.MISSES:\n",
        replace="        if False:\n",
        tests=(_FLOW + "test_two_misses_in_a_row_tell_the_prosecutor_once_without_a_name",),
    ),
    Sabotage(
        name="phone-kept-after-the-ban",
        control="what is written of a phone goes the day the ban ends, history too",
        file=_ROOM + "actions/nightly.py",
        find="                model.history.filter(id__in=keys).delete()\n",
        replace="                pass\n",
        tests=(_FLOW + "test_the_whole_life_of_one_phone",),
    ),
    Sabotage(
        name="phone-not-wiped",
        control="an allocation closes once its device is wiped",
        file=_ROOM + "states.py",
        find="    if device is not None and device.state in (DeviceState.ALLOCATED, DeviceState.RETURNED):\n",
        replace="    if False:\n",
        tests=(_FLOW + "test_a_phone_ends_for_a_lawful_reason_and_closes_once_wiped",),
    ),
    Sabotage(
        name="phone-counted-under-eleven",
        control="devices in use are passed on from eleven only",
        file=_ROOM + "actions/totals.py",
        find="in_use=in_use if in_use >= K_JUDICIAL else None",
        replace="in_use=in_use",
        tests=(_TOTALS + "test_a_commune_reads_what_was_passed_on_and_nothing_newer",),
    ),
    Sabotage(
        name="phone-small-number-kept",
        control="the base refuses a number under eleven",
        file=_ROOM + "migrations/0003_totals.py",
        find="('in_use__gte', 11)",
        replace="('in_use__gte', 0)",
        tests=(_TOTALS + "test_the_base_keeps_no_small_number",),
    ),
    Sabotage(
        name="phone-counted-twice-a-year",
        control="numbers are passed on once in twelve months",
        file=_ROOM + "actions/totals.py",
        find="        if last is not None and law.next_count(last.counted_on) > today:\n",
        replace="        if False:\n",
        tests=(_TOTALS + "test_a_commune_reads_what_was_passed_on_and_nothing_newer",),
    ),
    Sabotage(
        name="phone-totals-of-another",
        control="a commune reads the totals given to it, nobody else's",
        file=_ROOM + "reads/totals.py",
        find="counts=_counts(Totals.objects.filter(territory_id=viewer.territory_id)),",
        replace="counts=_counts(Totals.objects.all()),",
        tests=(_TOTALS + "test_a_commune_reads_what_was_passed_on_and_nothing_newer",),
    ),
    Sabotage(
        name="ressort-decided-anywhere",
        control="couple violence is decided in a ressort only",
        file="casework/access/policy.py",
        find="    if not works_on(viewer.territory_kind, facts.data_class):\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py::test_each_subject_has_its_kind_of_territory",),
        core=True,
    ),
    Sabotage(
        name="ressort-routes-anywhere",
        control="its routes and menus are absent from a commune",
        file="casework/access/policy.py",
        find="    return works_on(viewer.territory_kind, data_class) and ceiling(viewer.role, action, data_class)\n",
        replace="    return ceiling(viewer.role, action, data_class)\n",
        tests=(_TOTALS + "test_nobody_of_the_commune_meets_a_page_of_the_ressort",),
    ),
    Sabotage(
        name="ressort-lists-anywhere",
        control="its lists are empty in a commune, whatever was written there before",
        file="casework/access/queryset.py",
        find="for data_class in classes if works_on(viewer.territory_kind, data_class))",
        replace="for data_class in classes)",
        tests=("tests/vif/phones/test_rows.py::test_rows_written_before_in_a_commune_are_in_no_list",),
    ),
    Sabotage(
        name="phone-decision-scan-kept-address",
        control="where somebody keeps her whereabouts, a scanned decision opens to them alone",
        file=_ROOM + "actions/papers.py",
        find="    if facts.require_on(viewer, allocation.support, Action.PRINT, now).kept:\n",
        replace="    if False:\n",
        tests=(_PAPERS + "test_nobody_else_opens_it_and_a_kept_address_keeps_it_too",),
    ),
    Sabotage(
        name="phone-decision-scan-named",
        control="a scanned decision is never called by the words of who joined it",
        file=_ROOM + "actions/papers.py",
        find=", most=MOST, name=NAME\n",
        replace=", most=MOST\n",
        tests=(_PAPERS + "test_a_signed_decision_is_joined_and_opened_by_who_opens_her_record",),
    ),
    Sabotage(
        name="phone-decision-scan-left",
        control="a scanned decision goes with the phone the day the ban ends",
        file=_ROOM + "actions/nightly.py",
        find="            erasers.delete_told(AttachedFile.objects.filter(record_id__in=ids[Decision], kind=papers.KIND), w, BAN_OVER)\n",
        replace="",
        tests=(_PAPERS + "test_it_goes_with_the_phone_the_day_the_ban_ends",),
    ),
    Sabotage(
        name="phone-left-allocated",
        control="a device whose holder's file is erased does not stay in use for ever",
        file=_ROOM + "actions/nightly.py",
        find="            DEVICES.apply(row, DeviceState.TO_RECOVER, w=w, by=by, now=now)\n",
        replace="            pass\n",
        tests=(_FLOW + "test_a_device_whose_holder_is_erased_is_to_be_recovered_and_says_nobody",),
    ),
)
