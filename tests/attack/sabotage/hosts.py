"""Controls of hosts, posts and places, taken away one at a time."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_STATES = "tests/hosts/test_states.py::"
_PAGES = "tests/hosts/test_pages.py::"

HOSTS: tuple[Sabotage, ...] = (
    Sabotage(
        name="place-once",
        control="the database refuses the same place of a half-day twice",
        file="casework/placements/hosts/migrations/0001_hosts_and_posts.py",
        find="[models.UniqueConstraint(fields=('post', 'day', 'half', 'slot'), name='booking_place_once'),",
        replace="[models.UniqueConstraint(fields=('post', 'holder', 'day', 'half', 'slot'), name='booking_place_once'),",
        tests=("tests/hosts/test_places.py::test_the_database_itself_refuses_a_place_twice",),
    ),
    Sabotage(
        name="minors-only",
        control="the PJJ opens posts and accreditations that concern minors only",
        file="casework/access/policy.py",
        find="    if (viewer.role, facts.data_class) in MINORS_ONLY and facts.for_minors is not True:\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py", "tests/hosts/test_access.py"),
    ),
    Sabotage(
        name="minors-only-in-lists",
        control="a list of the PJJ holds what concerns minors only",
        file="casework/access/queryset.py",
        find="        door = door & (for_minors or never) if minors_only else door\n",
        replace="",
        tests=("tests/access/test_t35_lists.py", "tests/hosts/test_access.py"),
    ),
    Sabotage(
        name="listing-waits",
        control="without the opinions a post waits ten days for the list",
        file="casework/placements/hosts/states.py",
        find="    if localdate(context.now) < asked + LISTING_WAIT:\n",
        replace="    if False:\n",
        tests=(_STATES + "test_without_the_opinions_a_post_enters_the_list_ten_days_later",),
    ),
    Sabotage(
        name="listing-accredited",
        control="the post of a private host waits for its accreditation",
        file="casework/placements/hosts/states.py",
        find="_LISTING = (concerns_the_authority, host_receives, opinions_on_listing, host_is_accredited)\n",
        replace="_LISTING = (concerns_the_authority, host_receives, opinions_on_listing)\n",
        tests=(_STATES + "test_the_post_of_a_private_host_waits_for_the_accreditation",),
    ),
    Sabotage(
        name="host-notes-not-its-own",
        control="the notes of prospecting are of those who prospect, never of the host",
        file="casework/placements/hosts/facts.py",
        find="    require_on_host(viewer, host, Action.MANAGE, now)\n",
        replace="",
        tests=("tests/hosts/test_notes.py",),
    ),
    Sabotage(
        name="tutors-names-closed",
        control="who neither lists posts nor manages them reads counts of tutors, no name",
        file="casework/placements/hosts/facts.py",
        find="    return viewer.role in LISTS_FOR or need_of(viewer.role, Action.LIST, DataClass.TIG_POSTS) is Need.GRANT\n",
        replace="    return True\n",
        tests=("tests/hosts/test_trainings.py", _PAGES + "test_who_counts_tutors_reads_no_name_of_any"),
    ),
    Sabotage(
        name="tutors-written-by-readers",
        control="nobody writes of a tutor whose name it may not read",
        file="casework/placements/hosts/facts.py",
        find="    if not names_tutors(viewer):\n",
        replace="    if False:\n",
        tests=(_PAGES + "test_nobody_writes_of_a_tutor_that_it_may_not_read",),
    ),
    Sabotage(
        name="host-keeps-its-kind",
        control="the manager of a host changes neither its kind nor its account",
        file="casework/placements/hosts/actions/structures.py",
        find="legal_kind=row.legal_kind, funding_line=row.funding_line, organisation=row.organisation_id",
        replace="legal_kind='association'",
        tests=(_PAGES + "test_a_manager_corrects_its_host_but_neither_its_kind_nor_its_account",),
    ),
    Sabotage(
        name="tutors-own-host",
        control="the manager of a host reads the tutors of that host alone",
        file="casework/placements/hosts/reads/trainings.py",
        find="    return facts.visible_hosts(viewer, now, Action.LIST).exclude(stage=HostStage.ENDED)\n",
        replace="    return HostStructure.objects.filter(territory_id=viewer.territory_id).exclude(stage=HostStage.ENDED)\n",
        tests=("tests/hosts/test_trainings.py",),
    ),
    Sabotage(
        name="dated-post",
        control="a post that runs from a day to another receives nobody outside",
        file="casework/placements/hosts/reads/calendar.py",
        find="    return (runs_from is None or day >= runs_from) and (runs_to is None or day <= runs_to)\n",
        replace="    return True\n",
        tests=("tests/hosts/test_groups.py",),
    ),
    Sabotage(
        name="host-contacts-end",
        control="the contacts of a host that receives nobody go at their term",
        file="casework/placements/hosts/actions/erasing.py",
        find="        term |= Q(stage=stage, stage_on__lte=last)",
        replace="        term &= Q(stage=stage, stage_on__lte=last)",
        tests=("tests/hosts/test_erasing.py",),
    ),
    Sabotage(
        name="host-named-waits",
        control="a host that a file names waits for the end of that file",
        file="casework/placements/hosts/actions/erasing.py",
        find='        rows = rows.exclude(pk__in=named.values(f"{field}__host_id"))\n',
        replace="",
        tests=("tests/hosts/test_erasing.py",),
    ),
    Sabotage(
        name="tutor-history-goes",
        control="no older version keeps the name of a tutor who left",
        file="casework/placements/hosts/actions/erasing.py",
        find="            Supervisor.history.filter(id=row.pk).delete()",
        replace="            Supervisor.history.none().delete()",
        tests=("tests/hosts/test_erasing.py",),
    ),
    Sabotage(
        name="reservation-ends",
        control="a reservation past its time cannot be confirmed",
        file="casework/placements/hosts/actions/places.py",
        find="    if not rows or any(row.until is not None and row.until <= now for row in rows):\n",
        replace="    if not rows:\n",
        tests=("tests/hosts/test_places.py::test_silence_is_never_a_yes",),
    ),
)
