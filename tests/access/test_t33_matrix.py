"""T-33: the decision, enumerated, is the reviewed matrix; whatever is unknown is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from casework.access.matrix import MATRIX, DataClass
from casework.access.policy import BREAKS, Action, Basis, Facts, ceiling, classes_for, decide, reachable, require
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.partners.codes import Role, TerritoryKind
from casework.partners.models import Agent
from tests.access.make import GROUP, NOW, OTHER_GROUP, OTHER_TOWN, everything, facts, viewer
from tests.access.reviewed import COLUMNS, ROWS, Moment, cells, kinds, says

RELATIONS = [
    Moment(),
    *(Moment(bases=frozenset({basis.value})) for basis in Basis),
    *(Moment(bases=frozenset({basis.value}), author=True) for basis in Basis),
    Moment(bases=frozenset({"circle"}), own_service=True),
    Moment(bases=frozenset({"session_window", "invited"}), own_service=True),
    Moment(bases=frozenset({"circle", "author"}), author=True, sits=False),
    Moment(author=True, own_service=True),
    Moment(own_service=True, lead=True),
    Moment(lead=True),
    Moment(broken=True),
    Moment(no_court=True),
    Moment(minors=False),
    Moment(bases=frozenset({"circle"}), minors=False),
]
STATES: list[dict[str, bool]] = [
    {},
    {"rules": False},
    {"open": False},
    {"open": False, "archived": True},
    {"open": False, "archived": True, "reason": True},
]


def _facts(data_class: DataClass, at: Moment) -> Facts:
    return facts(
        data_class,
        grants=frozenset(Basis(basis) for basis in at.bases),
        is_author=at.author,
        own_service=at.own_service,
        rules_in_force=at.rules,
        state_open=at.open,
        archived=at.archived,
        archive_reason=at.reason,
        break_open=at.broken,
        for_minors=at.minors,
        court_absent=at.no_court,
    )


def _viewer(role: str, at: Moment, kind: str = TerritoryKind.COURT_DISTRICT) -> Viewer:
    return viewer(
        role, territory_kind=kind, is_service_lead=at.lead, group_ids=frozenset({GROUP if at.sits else OTHER_GROUP})
    )


@pytest.mark.attack("T-33")
@pytest.mark.rule("CLV-26", "GDP-15", "ACL-03", "ACL-05", "ACL-07", "SEC-03")
@pytest.mark.parametrize("column", COLUMNS)
def test_the_decision_is_the_reviewed_matrix(column: str) -> None:
    table, role = cells(), COLUMNS[column]
    wrong, allowed = [], 0
    for relation, state in product(RELATIONS, STATES):
        at = replace(relation, **state)
        ressort, commune = (_viewer(role, at, kind) for kind in ("court_district", "commune"))
        for row, name in ROWS.items():
            known = _facts(DataClass(name), at)
            for action in Action:
                expected = says(table[row, column], row, column, action.value, at)
                allowed += expected
                decision = decide(ressort if "court_district" in kinds(row) else commune, action, known, NOW)
                if decision.allow is not expected:
                    wrong.append((row, action.value, decision.reason, at))
    assert wrong == []
    assert allowed > 0


@pytest.mark.attack("T-33")
def test_every_row_and_column_is_there() -> None:
    assert set(ROWS.values()) == {data_class.value for data_class in DataClass}
    assert set(COLUMNS.values()) | {Role.VALIDEUR.value} == {role.value for role in Role}
    assert set(cells()) == {(row, column) for row in ROWS for column in COLUMNS}
    assert set(MATRIX) == {(Role(role), DataClass(row)) for role in COLUMNS.values() for row in ROWS.values()}


@pytest.mark.attack("T-33")
@pytest.mark.parametrize("kind", [*TerritoryKind.values, "", "village"])
def test_each_subject_has_its_kind_of_territory(kind: str) -> None:
    """Of couple violence, nothing opens in a commune, whoever asks and whatever it was granted (design.md §4)."""
    for (row, name), role, action in product(ROWS.items(), Role, Action):
        data_class = DataClass(name)
        if kind in kinds(row) or ((not kind or kind == "village") and len(kinds(row)) == len(TerritoryKind)):
            continue
        who = viewer(role, territory_kind=kind, is_service_lead=True)
        decision = decide(who, action, everything(data_class), NOW)
        assert (decision.allow, decision.reason in ("role", "territory_kind")) == (False, True), (row, role, action)
        assert not reachable(who, action, data_class)
    assert reachable(viewer(Role.PROSECUTOR), Action.LIST, DataClass.TGD_STOCK)
    assert reachable(viewer(Role.MAYOR, territory_kind="commune"), Action.LIST, DataClass.TGD_TOTALS)


SHUT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("mandate", {"starts_at": NOW + timedelta(seconds=1)}, {}),
    ("mandate", {"ends_at": NOW}, {}),
    ("mandate", {"starts_at": None}, {}),
    ("mandate", {"starts_at": datetime(2020, 1, 1)}, {}),  # noqa: DTZ001 a naive instant is no instant
    ("mandate", {"ends_at": datetime(2030, 1, 1)}, {}),  # noqa: DTZ001
    ("charter", {"charter_signed": False}, {}),
    ("charter", {"charter_signed": "yes"}, {}),
    ("territory", {"territory_id": OTHER_TOWN}, {}),
    ("territory", {"territory_id": None}, {"territory_id": None}),
    ("territory", {}, {"territory_id": OTHER_TOWN}),
    ("excluded", {}, {"excluded": True}),
    ("excluded", {}, {"excluded": None}),
    ("gone", {}, {"gone": True}),
    ("role", {"role": "somebody"}, {}),
    ("role", {"role": ""}, {}),
    ("role", {"role": Role.VALIDEUR}, {}),
    ("unknown", {}, {"grants": None}),
    ("unknown", {}, {"group_id": "group"}),
]


@pytest.mark.attack("T-33")
@pytest.mark.rule("CLV-24", "CLV-25", "GDP-15", "ACL-01")
@pytest.mark.parametrize(("reason", "of_viewer", "of_facts"), SHUT)
def test_nothing_opens(reason: str, of_viewer: dict[str, Any], of_facts: dict[str, Any]) -> None:
    """Whatever the role, the class and the grants, these close everything."""
    for role, data_class, action in product(Role, DataClass, Action):
        known = everything(data_class)
        if not ceiling(role, action, data_class):
            continue
        kind = TerritoryKind.COMMUNE if data_class is DataClass.TGD_TOTALS else TerritoryKind.COURT_DISTRICT
        who = viewer(**({"role": role, "is_service_lead": True, "territory_kind": kind} | of_viewer))
        decision = decide(who, action, replace(known, **of_facts), NOW)
        assert (decision.allow, decision.reason) == (False, reason)


@pytest.mark.attack("T-33")
@pytest.mark.rule("GDP-15", "ACL-01")
def test_unknown_values_are_refused_not_raised() -> None:
    nobody: list[Any] = [None, object(), "viewer", 0]
    for who in nobody:
        assert not decide(who, Action.VIEW, everything(DataClass.YOUTH_CARD), NOW).allow
    coordinator = viewer(Role.COORDINATOR)
    for action in ("view", None, "erase", 3):
        assert decide(coordinator, action, everything(DataClass.YOUTH_CARD), NOW).reason == "unknown"  # type: ignore[arg-type]
    assert decide(coordinator, Action.VIEW, None, NOW).reason == "unknown"  # type: ignore[arg-type]
    other = replace(everything(DataClass.YOUTH_CARD), data_class="youth_card")  # type: ignore[arg-type]
    assert decide(coordinator, Action.VIEW, other, NOW).reason == "unknown"
    for now in (None, "now", datetime(2026, 3, 10)):  # noqa: DTZ001
        assert not decide(coordinator, Action.VIEW, everything(DataClass.YOUTH_CARD), now).allow  # type: ignore[arg-type]
    strange = replace(everything(DataClass.YOUTH_REVIEW), grants=frozenset({"owner"}))  # type: ignore[arg-type]
    assert decide(viewer(Role.PJJ), Action.VIEW, strange, NOW).reason == "grant"


@pytest.mark.attack("T-33")
@pytest.mark.rule("GDP-15")
def test_the_route_ceiling_is_never_lower_nor_idle() -> None:
    """`ceiling` is true exactly where some object could be open: the union over everything enumerated."""
    table = cells()
    for (column, role), (row, name), action in product(COLUMNS.items(), ROWS.items(), Action):
        may = any(
            says(table[row, column], row, column, action.value, replace(relation, **state))
            for relation, state in product(RELATIONS, STATES)
        )
        assert ceiling(role, action, DataClass(name)) is may, (column, row, action)


@pytest.mark.rule("CLV-06")
def test_no_rules_no_exchange_even_for_the_coordinator() -> None:
    for role in (Role.COORDINATOR, Role.PJJ, Role.MAYOR):
        open_now = classes_for(
            viewer(role), Action.VIEW, everything(DataClass.RIGHTS, rules_in_force=False), DataClass, NOW
        )
        assert not {name for name in open_now if name.startswith("youth_") or name == "session_minutes"}
        assert DataClass.MAYOR_DISCLOSURE not in open_now


@pytest.mark.rule("RET-02")
def test_after_the_end_only_the_coordinator_reads_with_a_reason() -> None:
    ended = everything(DataClass.YOUTH_IDENTITY, archived=True, state_open=False)
    with_reason = replace(ended, archive_reason=True)
    assert decide(viewer(Role.PJJ), Action.VIEW, with_reason, NOW).reason == "archived"
    assert decide(viewer(Role.COORDINATOR), Action.VIEW, ended, NOW).reason == "archive_reason"
    assert decide(viewer(Role.COORDINATOR), Action.CHANGE, with_reason, NOW).reason == "closed"
    reading = decide(viewer(Role.COORDINATOR), Action.VIEW, with_reason, NOW)
    assert reading.allow
    assert "reason" in reading.obligations


@pytest.mark.rule("CLV-24", "ACL-02")
def test_a_service_that_left_the_group_opens_nothing_of_it() -> None:
    left = viewer(Role.AEMO, group_id=None, group_ids=frozenset())
    elsewhere = viewer(Role.AEMO, group_id=OTHER_GROUP, group_ids=frozenset({OTHER_GROUP}))
    in_circle = facts(DataClass.YOUTH_REVIEW, grants=frozenset({Basis.CIRCLE}))
    assert decide(viewer(Role.AEMO), Action.VIEW, in_circle, NOW).allow
    assert decide(left, Action.VIEW, in_circle, NOW).reason == "membership"
    assert decide(elsewhere, Action.VIEW, in_circle, NOW).reason == "membership"


@pytest.mark.attack("T-38")
@pytest.mark.rule("CLV-26")
def test_each_grant_opens_its_own_rows() -> None:
    """Circle: its rows. Window: identity and referral. Invitation: the card. A seat: the meeting."""

    def opened(basis: Basis) -> set[str]:
        known = facts(grants=frozenset({basis}))
        about = [each for each in DataClass if each is not DataClass.REFLEX]  # about nobody, read by every trade
        return set(classes_for(viewer(Role.OUTREACH), Action.VIEW, known, about, NOW))

    assert opened(Basis.SESSION_WINDOW) == {"youth_card", "youth_identity", "youth_referral"}
    assert opened(Basis.INVITED) == {"youth_card"}
    assert opened(Basis.SEATED) == {"session_minutes"}
    assert opened(Basis.ARCHIVE) == set()
    assert {"youth_identity", "youth_review", "youth_sensitive", "session_minutes"} <= opened(Basis.CIRCLE)


@pytest.mark.rule("ACL-12")
def test_the_technical_administrator_opens_no_record_whatever_it_is_granted() -> None:
    about_people = [
        DataClass(name)
        for row, name in ROWS.items()
        if int(row.rstrip("ab")) <= 28 and row not in ("24", "24a", "24b", "25")
    ]
    assert len(about_people) == 31
    for data_class, action in product(about_people, Action):
        assert not decide(viewer(Role.SYSADMIN), action, everything(data_class), NOW).allow


@pytest.mark.rule("ACL-12")
def test_nobody_is_a_superuser() -> None:
    agent = Agent(email="root@mireval.example")
    assert not {"is_superuser", "is_staff", "user_permissions"} & {field.name for field in Agent._meta.get_fields()}
    assert not agent.has_perm("followups.view_followup")
    assert not agent.has_perm("followups.view_followup", object())
    assert not agent.has_module_perms("followups")


def test_exports_owe_a_fresh_second_factor() -> None:
    assert "step_up" in decide(viewer(Role.COORDINATOR), Action.EXPORT, facts(), NOW).obligations
    guarded = decide(viewer(Role.DPO), Action.VIEW, facts(break_open=True), NOW)
    assert guarded.obligations == {"step_up", "reason", "notify"}


def test_require_raises_the_reason_as_code_without_words() -> None:
    with pytest.raises(AccessRefused) as refusal:
        require(viewer(Role.EDUCATION), Action.VIEW, facts(), NOW)
    assert (refusal.value.code, refusal.value.message) == ("role", "")
    assert require(viewer(Role.COORDINATOR), Action.VIEW, facts(), NOW).allow


BOUNDARIES = [
    (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "the night the clock jumps forward"),
    (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "the night the clock goes back"),
    (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "an ordinary midnight in Paris"),
]


@pytest.mark.attack("T-37")
@pytest.mark.rule("CLV-24", "ACL-02")
@pytest.mark.parametrize(("edge", "_night"), BOUNDARIES)
def test_a_mandate_opens_and_closes_to_the_second(edge: datetime, _night: str) -> None:
    second = timedelta(seconds=1)
    ending = viewer(Role.COORDINATOR, starts_at=edge - timedelta(days=9), ends_at=edge)
    starting = viewer(Role.COORDINATOR, starts_at=edge, ends_at=None)

    def opens(who: Viewer, now: datetime) -> bool:
        return decide(who, Action.VIEW, facts(), now).allow

    assert [opens(ending, edge + step * second) for step in (-1, 0, 1)] == [True, False, False]
    assert [opens(starting, edge + step * second) for step in (-1, 0, 1)] == [False, True, True]
    assert not opens(ending, edge - timedelta(days=9, seconds=1)), "a clock set back before the start"
    assert opens(ending, edge - timedelta(microseconds=1))


def test_a_viewer_says_nothing_of_its_agent_but_initials() -> None:
    assert viewer(agent_name="Y. B.").agent_name == "Y. B."
    assert not {"email", "first_name", "last_name", "agent"} & set(Viewer.__dataclass_fields__)
    assert isinstance(viewer().agent_id, UUID)


@pytest.mark.parametrize("role", list(Role))
def test_a_grant_opens_and_never_closes(role: Role) -> None:
    """Lists ask for grants only where the function alone does not open: that must change nothing."""
    who = viewer(role)
    for state in ({}, {"rules_in_force": False}, {"state_open": False, "archived": True}, {"excluded": True}):
        known = facts(DataClass.YOUTH_CARD, **state)
        without = classes_for(who, Action.VIEW, known, tuple(DataClass), NOW)
        for basis in Basis:
            held = facts(
                DataClass.YOUTH_CARD, grants=frozenset({basis}), archive_reason=basis is Basis.ARCHIVE,
                break_open=basis in BREAKS, **state,
            )  # fmt: skip
            assert without <= classes_for(who, Action.VIEW, held, tuple(DataClass), NOW)
