"""Rows 23 and 24 of domain.md §11 as lived, and the serial of row 22b: every role, every act, on a phone in use."""

from __future__ import annotations

import pytest

from casework.access.matrix import DataClass
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.vif.phones import facts
from casework.vif.phones.models import Allocation
from casework.vif.victims import facts as victims
from tests.access.reviewed import COLUMNS, Moment, cells, says
from tests.attack.hamlet import ROLES
from tests.vif.phones.setting import Setting

pytestmark = pytest.mark.django_db(databases="__all__")
COLUMN = {role: code for code, role in COLUMNS.items()}


def _facts(town: Setting, viewer: Viewer, row: Allocation):
    link = victims.relation(viewer, row.support, town.now)
    return {
        "22b": facts.serial_facts(viewer, row.device, town.now), "23": link.facts(DataClass.TGD),
        "24": facts._stock(row.territory_id),
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
    assert {(role, action) for role, number, action in opened if number == "24" and role in ("mayor", "clspd_coordinator")} == {
        ("mayor", "count"), ("clspd_coordinator", "count"),
    }  # fmt: skip
