"""Rows 10 to 18 of domain.md §11 as lived: every role, every act, on files that exist; the lists say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.models import Accreditation, HostStructure, Post
from casework.placements.reparation import facts as reparation_facts
from casework.placements.reparation.actions import team as reparation_team
from casework.placements.reparation.models import Reparation
from casework.placements.tig import facts as tig_facts
from casework.placements.tig.actions import team as tig_team
from casework.placements.tig.models import TigGrant, TigPlacement
from tests.access.reviewed import COLUMNS, ROWS, Moment, cells, says
from tests.attack.hamlet import ROLES, Hamlet, build
from tests.hosts import setting as hosts
from tests.people import People, client_for
from tests.placements.reparation.setting import YOUNG, Setting

pytestmark = pytest.mark.django_db(databases="__all__")

COLUMN = {role: code for code, role in COLUMNS.items()}


@dataclass
class Row:
    """One row of the matrix on one object: what decide() is told, and whether a list shows it."""

    number: str
    link: Any
    listed: bool

    @property
    def data_class(self) -> DataClass:
        return DataClass(ROWS[self.number])


def _rows(hamlet: Hamlet, who: str) -> list[Row]:
    viewer, now = hamlet.viewer(who), hamlet.now
    placement = TigPlacement.objects.get(pk=hamlet.ids["placement"])
    reparation = Reparation.objects.get(pk=hamlet.ids["reparation"])
    post, host = Post.objects.get(pk=hamlet.ids["post"]), HostStructure.objects.get(pk=hamlet.ids["host"])
    found = [
        Row("10", host_facts.post_relation(viewer, post, now), _has(host_facts.visible_posts(viewer, now), post)),
        Row(
            "11",
            host_facts.accreditation_relation(
                host_facts.host_relation(viewer, host, now), Accreditation.objects.get(host=host).audience
            ),
            False,
        ),
    ]
    affectation = tig_facts.relation(viewer, placement, now)
    found += [
        Row(each, affectation, _has(tig_facts.visible_to(viewer, now), placement)) for each in ("12", "13", "14", "15")
    ]
    link = reparation_facts.relation(viewer, reparation, now)
    for each in ("16", "17", "18"):
        seen = reparation_facts.visible_to(viewer, now, DataClass(ROWS[each]))
        found.append(Row(each, link, _has(seen, reparation)))
    return found


def _has(queryset: Any, row: Any) -> bool:
    return bool(queryset.filter(pk=row.pk).exists())


def _check(hamlet: Hamlet) -> set[tuple[str, str]]:
    """Compare decide() and the lists with the reviewed table; return which role opens which row."""
    table, opened, wrong = cells(), set(), []
    for who in ROLES:
        viewer = hamlet.viewer(who)
        inside = viewer.live(hamlet.now) and viewer.charter_signed and who in hamlet.people.mandates
        here = inside and viewer.territory_id == hamlet.people.territory.pk and viewer.role in COLUMN
        for row in _rows(hamlet, who):
            facts = row.link.facts(row.data_class)
            for action in Action:
                moment = Moment(
                    bases=frozenset(basis.value for basis in facts.grants), minors=facts.for_minors is True or row.number != "11",
                    lead=viewer.is_service_lead,
                )  # fmt: skip
                column = COLUMN.get(viewer.role, "")
                said = bool(here) and says(table[row.number, column], row.number, column, action.value, moment)
                said = said and facts.excluded is False
                may = row.link.facts(row.data_class) and _may(row.link, viewer, action, row.data_class, hamlet.now)
                if may is not said:
                    wrong.append((who, row.number, action.value, may, said))
                if may and action is Action.VIEW:
                    opened.add((who, row.number))
            if row.number in ("10", "12", "16", "17", "18"):
                may = _may(row.link, viewer, Action.VIEW, row.data_class, hamlet.now)
                if row.listed is not may:
                    wrong.append((who, row.number, "list", row.listed, may))
    assert not wrong, wrong[:12]
    return opened


def _may(link: Any, viewer: Any, action: Action, data_class: DataClass, now: Any) -> bool:
    ask = link.may if hasattr(link, "may") else link.allows
    return bool(ask(viewer, action, data_class, now))


@pytest.mark.attack("T-33", "T-35")
@pytest.mark.rule("ACL-01", "ACL-03", "HOST-15", "REP-16")
def test_each_role_reads_its_row_and_the_list_says_the_same(people: People) -> None:
    hamlet = build(people)
    opened = _check(hamlet)
    assert {("spip", "12"), ("spip", "13"), ("pjj", "17"), ("pjj", "18"), ("prosecutor", "13")} <= opened
    assert not {pair for pair in opened if pair[0] in ("coordinator", "mayor", "dpo") and pair[1] >= "12"}

    # The host's yes opens presence and hours, and not one row more (HOST-15, REP-16).
    placement = TigPlacement.objects.get(pk=hamlet.ids["placement"])
    reparation = Reparation.objects.get(pk=hamlet.ids["reparation"])
    by = hamlet.viewer("pjj")
    with audit.writing(by, now=hamlet.now) as w:
        tig_team.let_host_in(w, by=by, placement=placement, post_id=hamlet.ids["post"], now=hamlet.now)
        reparation_team.let_host_in(w, by=by, reparation=reparation, post_id=hamlet.ids["post"], now=hamlet.now)
        # ACL-03: a grant on an adult’s TIG, given by mistake to the PJJ, opens nothing.
        grants.give(
            w, TigGrant, mandate=people.pjj, obj=placement, basis=Basis.CIRCLE, starts_at=hamlet.now, ends_at=None,
            reason="test", by=by,
        )  # fmt: skip
    opened = _check(hamlet)
    assert {row for who, row in opened if who == "host"} == {"10", "11", "12", "14", "15", "16"}
    assert not {row for who, row in opened if who == "pjj" and row in ("12", "13", "14", "15")}
    assert not {row for who, row in opened if who == "spip" and row in ("16", "17", "18")}


@pytest.mark.attack("T-35", "T-40")
@pytest.mark.rule("SDC-05", "SDC-06", "ACL-11")
def test_a_sector_with_one_placement_singles_nobody_out_for_the_coordinator(people: People) -> None:
    """The coordinator reads posts, places and counts: neither who, nor which service, nor that it is a minor."""
    catalogue = hosts.build(people)
    town = Setting(catalogue, catalogue.listed(audience="minors", places=3))
    row = town.running()
    browser = client_for(people.coordinator, now=town.now)
    post, host = town.post, town.post.host
    for url in (
        reverse("hosts:posts"), reverse("hosts:hosts"), reverse("hosts:post", args=[post.pk]),
        reverse("hosts:post_week", args=[post.pk]), reverse("hosts:host", args=[host.pk]),
        reverse("reparation:index"), reverse("partnership:months"), reverse("desk:work"),
    ):  # fmt: skip
        answer = browser.get(url)
        assert answer.status_code in (200, 404), url
        body = answer.content.decode()
        for secret in (YOUNG, row.reference, str(row.pk), str(row.subject_id), people.pjj.agent.full_name):
            assert secret not in body, (url, secret)
        assert row.organisation.name not in body.split("<main")[-1], url
    assert browser.get(reverse("partnership:months")).status_code == 200
