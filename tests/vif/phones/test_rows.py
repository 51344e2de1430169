"""Rows 23 and 24 of domain.md §11 as lived, and the serial of row 22b: every role, every act, on a phone in use."""

from __future__ import annotations

import pytest

from casework.access.matrix import DataClass
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.partners.codes import TerritoryKind
from casework.vif.offenders import facts as measures
from casework.vif.phones import facts
from casework.vif.phones.models import Allocation
from casework.vif.victims import facts as victims
from tests.access.reviewed import COLUMNS, Moment, cells, says
from tests.attack.hamlet import ROLES
from tests.vif.offenders.setting import Setting as Side
from tests.vif.phones.setting import Setting

pytestmark = pytest.mark.django_db(databases="__all__")
COLUMN = {role: code for code, role in COLUMNS.items()}


def _facts(town: Setting, viewer: Viewer, row: Allocation):
    link = victims.relation(viewer, row.support, town.now)
    return {
        "22b": facts.serial_facts(viewer, row.device, town.now), "23": link.facts(DataClass.TGD),
        "24": facts._of_nobody(row.territory_id, facts.STOCK),
    }  # fmt: skip


@pytest.mark.attack("T-33", "T-35")
@pytest.mark.rule("TGD-14", "TGD-15", "ACL-05")
def test_each_role_reads_its_row_and_the_list_says_the_same(town: Setting) -> None:
    row, table, opened, wrong = town.used(), cells(), set(), []
    for who in ROLES:
        viewer = town.viewer(who)
        here = (
            viewer.live(town.now) and viewer.charter_signed and viewer.territory_id == row.territory_id
            and viewer.role in COLUMN
        )  # fmt: skip
        for number, known in _facts(town, viewer, row).items():
            for action in Action:
                moment = Moment(
                    bases=frozenset(basis.value for basis in known.grants), minors=True, lead=viewer.is_service_lead
                )
                column = COLUMN.get(viewer.role, "")
                said = bool(here) and says(table[number, column], number, column, action.value, moment)
                may = decide(viewer, action, known, town.now).allow
                if may is not said:
                    wrong.append((who, number, action.value, may, said))
                if may:
                    opened.add((viewer.role, number, action.value))
        listed = facts.visible_to(viewer, town.now).filter(pk=row.pk).exists()
        may = decide(viewer, Action.VIEW, _facts(town, viewer, row)["23"], town.now).allow
        if listed is not may:
            wrong.append((who, "23", "list", listed, may))
    assert not wrong, wrong[:12]
    assert {role for role, number, action in opened if number == "23" and action == "view"} == {
        "apers_victim", "prosecutor",
    }  # fmt: skip
    assert not [each for each in opened if each[0] in ("mayor", "clspd_coordinator")]  # row 24a


@pytest.mark.attack("T-35")
def test_rows_written_before_in_a_commune_are_in_no_list(town: Setting) -> None:
    """The kind of a territory closes its lists as it closes its pages (design.md §4)."""
    town.used()
    Side(town.people, town.now).received()
    town.people.territory.kind = TerritoryKind.COMMUNE
    town.people.territory.save()
    for who, rows in (
        ("apers_victim", facts.visible_to), ("apers_victim", victims.visible_to), ("prosecutor", facts.visible_to),
        ("apers_offender", measures.visible_to), ("prosecutor", measures.visible_to),
    ):  # fmt: skip
        assert not rows(town.viewer(who), town.now).exists(), who
