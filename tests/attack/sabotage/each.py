"""Controls of the attacks and accidents that the other lists do not take away."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_CRAWL = "tests/attack/test_t01_one_crawl.py::"

EACH: tuple[Sabotage, ...] = (
    Sabotage(
        name="documents-in-memory",
        control="what a document says is written to no file",
        file="casework/casefile/documents.py",
        find="        pdf = typst.compile(\n",
        replace=(
            "        import tempfile\n"
            '        Path(tempfile.gettempdir(), "last.json").write_text(json.dumps(filled, ensure_ascii=False))\n'
            "        pdf = typst.compile(\n"
        ),
        tests=(_CRAWL + "test_no_word_of_a_record_lies_in_clear_anywhere",),
    ),
    Sabotage(
        name="search-not-kept",
        control="what was searched for is kept nowhere",
        file="casework/minors/followups/views/situations.py",
        find='    term = request.POST.get("q", "").strip()\n',
        replace='    term = request.POST.get("q", "").strip()\n    request.session["last"] = term\n',
        tests=(
            _CRAWL + "test_no_word_of_a_record_lies_in_clear_anywhere",
            "tests/attack/test_t17_search_leaves_nothing.py::test_the_term_is_nowhere_afterwards",
        ),
    ),
    Sabotage(
        name="lying-length",
        control="a plaintext that lies about its length is refused",
        file="casework/sealing/format.py",
        find="    if length > len(plain) - 4:\n",
        replace="    if False:\n",
        tests=("tests/attack/test_t04_damaged_ciphertext.py::test_a_plaintext_that_lies_about_its_length",),
    ),
    Sabotage(
        name="one-error",
        control="damage of any kind is one and the same error",
        file="casework/sealing/format.py",
        find="    except UnicodeDecodeError:\n        raise IntegrityFault(FAULT) from None\n",
        replace="    except UnicodeDecodeError:\n        raise\n",
        tests=("tests/attack/test_t04_damaged_ciphertext.py::test_a_plaintext_that_is_not_a_text",),
    ),
    Sabotage(
        name="published-format",
        control="stored bytes are those of the published format",
        file="casework/sealing/format.py",
        find='    return AESGCM(expand(dek, b"casework/field/v1|" + label, 32))\n',
        replace='    return AESGCM(expand(dek, b"casework/field/v2|" + label, 32))\n',
        tests=("tests/attack/test_t06_known_answers.py", "tests/sealing/test_files_format.py::test_known_answers"),
    ),
    Sabotage(
        name="older-format",
        control="a value of an older format opens after an upgrade",
        file="casework/sealing/sweep.py",
        find="    return type(value) is not Sealed or value.blob[:4] == fmt.PREFIX or value.blob[:4] not in fmt.READERS\n",
        replace="    return True\n",
        tests=("tests/sealing/test_reseal.py::test_an_older_format_is_read_and_sealed_in_the_present_one",),
    ),
    Sabotage(
        name="silent-duplicate",
        control="who refers somebody already known is told what everybody is told",
        file="casework/minors/followups/views/referrals.py",
        find='    messages.success(request, "La saisine est enregistrée.")\n',
        replace=(
            "    from casework.minors.followups.models import PossibleDuplicate\n"
            "    known = PossibleDuplicate.objects.filter(newer=follow_up).exists()\n"
            '    messages.success(request, "Déjà connu." if known else "La saisine est enregistrée.")\n'
        ),
        tests=("tests/attack/test_t20_known_elsewhere.py::test_the_author_cannot_tell_a_known_person_from_a_stranger",),
    ),
    Sabotage(
        name="silent-fault-of-duplicates",
        control="a fault of the comparison shows nothing to who refers",
        file="casework/minors/followups/actions/duplicates.py",
        find='        logger.warning("duplicates.failed", extra={"code": type(fault).__name__})\n',
        replace="        raise\n",
        tests=(
            "tests/attack/test_t20_known_elsewhere.py::test_a_fault_of_the_comparison_stays_silent_and_is_caught_up",
        ),
    ),
    Sabotage(
        name="no-row-in-a-template",
        control="templates receive data, never a row of a protected table",
        file="casework/minors/followups/views/situations.py",
        find='            "header": header,\n',
        replace='            "header": header,\n            "follow_up": follow_up,\n',
        tests=(
            _CRAWL + "test_no_row_of_a_protected_table_is_within_reach_of_a_template",
            "tests/attack/test_t40_walk_of_the_town.py",
        ),
    ),
    Sabotage(
        name="totals-of-what-is-seen",
        control="a total never counts a record that its reader does not see",
        file="casework/minors/followups/facts.py",
        find="    visible = visible_to(viewer, now)\n    return count_up_to(",
        replace="    visible = FollowUp.objects.filter(territory_id=viewer.territory_id)\n    return count_up_to(",
        tests=("tests/attack/test_t39_exclusions.py::test_no_total_counts_the_record",),
    ),
    Sabotage(
        name="cover-of-fifteen-minutes",
        control="an event covers the readings of fifteen minutes, not of a day",
        file="casework/audit/gate.py",
        find="COVER = timedelta(minutes=15)\n",
        replace="COVER = timedelta(days=1)\n",
        tests=("tests/attack/test_t22_reads_are_told.py::test_openable_pairs_are_always_told",),
    ),
    Sabotage(
        name="window-of-fifteen-days",
        control="the window of a meeting closes after fifteen working days",
        file="casework/minors/sessions/actions/meeting.py",
        find="WINDOW_WORKING_DAYS = 15\n",
        replace="WINDOW_WORKING_DAYS = 16\n",
        tests=(
            "tests/sessions/test_agenda.py"
            "::test_a_line_opens_inside_the_window_to_the_services_asked_and_closes_when_removed",
        ),
    ),
    Sabotage(
        name="only-the-columns-of-the-form",
        control="a column added to the body of a form sets nothing",
        file="casework/minors/followups/views/referrals.py",
        find="    follow_up = actions.refer(by=request.viewer, data=data, now=request.now)\n",
        replace=(
            "    follow_up = actions.refer(by=request.viewer, data=data, now=request.now)\n"
            '    if "territory_id" in request.POST:\n'
            '        type(follow_up).objects.filter(pk=follow_up.pk).update(territory_id=request.POST["territory_id"])\n'
        ),
        tests=("tests/attack/test_t41_extra_fields.py::test_no_column_is_set_by_what_is_added_to_a_form",),
    ),
    Sabotage(
        name="fault-by-its-kind",
        control="a fault is written by its kind, never by its words",
        file="casework/access/middleware.py",
        find="why=type(exception).__name__[:60])",
        replace="why=str(exception)[:60])",
        tests=(
            "tests/access/test_middleware.py::test_a_fault_is_written_by_its_kind_only",
            "tests/attack/test_t47_faults_anywhere.py::test_a_fault_in_any_page",
        ),
    ),
    Sabotage(
        name="log-lines",
        control="the words of a log message are written only if they are a code of ours",
        file="casework/desk/logs.py",
        find="        if isinstance(record.msg, str) and not record.args and EVENT.match(record.msg):\n",
        replace="        if record.msg:\n",
        tests=("tests/desk/test_logs.py::test_a_name_never_passes",),
    ),
    Sabotage(
        name="invitation-without-names",
        control="an invitation says that a meeting is held, and nothing of whom it is about",
        file="casework/minors/sessions/actions/meeting.py",
        find='        lines = ["Bonjour,", "", first]\n',
        replace=(
            '        lines = ["Bonjour,", "", first]\n'
            '        lines += list(session.lines.values_list("follow_up__reference", flat=True))\n'
        ),
        tests=("tests/sessions/test_agenda.py::test_the_invitation_says_only_that_a_meeting_is_called",),
    ),
    Sabotage(
        name="migration-way-back",
        control="every migration can be undone",
        file="casework/access/migrations/0004_two_sides.py",
        find="migrations.RunPython(install, remove)",
        replace="migrations.RunPython(install)",
        tests=("tests/attack/test_r12_migrations.py::test_every_step_of_every_migration_can_be_undone",),
    ),
)
