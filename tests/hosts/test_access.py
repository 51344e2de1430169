"""Rows 10 and 11: who sees hosts, posts and accreditations; lists and decisions agree (T-33 to T-35)."""

from __future__ import annotations

import pytest

from casework.access.matrix import Cell, DataClass, cell
from casework.access.policy import Action, need_of
from casework.errors import AccessRefused
from casework.partners.codes import Role
from casework.placements.hosts import facts
from casework.placements.hosts.actions import posts
from casework.placements.hosts.models import HostStructure, Post
from tests.hosts.setting import Catalogue
from tests.people import AGENTS

pytestmark = [pytest.mark.attack("T-35"), pytest.mark.django_db(databases="__all__")]
POSTS, ACCREDITATION = DataClass.TIG_POSTS, DataClass.HOST_ACCREDITATION
SEE_POSTS = {"coordinator", "mayor", "pjj", "pjj_lead", "sah", "spip", "host", "prosecutor", "dpo"}


def town(catalogue: Catalogue) -> list[Post]:
    """Posts for each public: three managed by the Régie's agent, one of another host, in several states."""
    host = catalogue.host()
    other = catalogue.host("Autre structure")
    rows = [catalogue.listed(host, audience=audience) for audience in ("adults", "minors", "both")]
    rows.append(catalogue.draft(other, audience="adults"))
    posts.suspend(by=catalogue.viewer("host"), post=rows[2], reason="safety", now=catalogue.now)
    return [Post.objects.get(pk=row.pk) for row in rows]


@pytest.mark.rule("GDP-15", "ACL-01", "ACL-03", "HOST-15", "TIGM-06")
def test_a_post_is_listed_when_and_only_when_the_decision_opens_it(catalogue: Catalogue) -> None:
    rows = town(catalogue)
    for who in [*AGENTS, "stranger"]:
        viewer = catalogue.viewer(who)
        for action in (Action.VIEW, Action.LIST, Action.EXISTS):
            listed = set(facts.visible_posts(viewer, catalogue.now, action).values_list("pk", flat=True))
            relations = facts.post_relations(viewer, rows, catalogue.now)
            opened = {pk for pk, link in relations.items() if link.allows(viewer, action, POSTS, catalogue.now)}
            assert listed == opened, (who, action)
            if action is Action.VIEW:
                assert bool(listed) is (who in SEE_POSTS), who


@pytest.mark.rule("GDP-15", "ACL-01")
def test_a_host_is_listed_when_and_only_when_the_decision_opens_it(catalogue: Catalogue) -> None:
    town(catalogue)
    rows = list(HostStructure.objects.all())
    for who in [*AGENTS, "stranger"]:
        viewer = catalogue.viewer(who)
        listed = set(facts.visible_hosts(viewer, catalogue.now).values_list("pk", flat=True))
        relations = facts.host_relations(viewer, rows, catalogue.now)
        opened = {pk for pk, link in relations.items() if link.allows(viewer, Action.VIEW, POSTS, catalogue.now)}
        assert listed == opened, who
    assert [row.name for row in facts.visible_hosts(catalogue.viewer("host"), catalogue.now)] == ["Régie des quais"]


@pytest.mark.rule("TIGM-06")
def test_the_pjj_writes_only_on_what_is_open_to_minors(catalogue: Catalogue) -> None:
    adults, minors, both, _ = town(catalogue)
    seen = set(facts.visible_posts(catalogue.viewer("pjj"), catalogue.now).values_list("pk", flat=True))
    assert seen == {minors.pk, both.pk}
    with pytest.raises(AccessRefused):
        posts.suspend(by=catalogue.viewer("pjj"), post=adults, reason="safety", now=catalogue.now)
    with pytest.raises(AccessRefused):
        facts.require_new_post(catalogue.viewer("pjj"), adults.host, "adults", catalogue.now)


@pytest.mark.rule("TIGM-06", "HOST-03")
def test_the_pjj_reads_accreditations_for_minors_only(catalogue: Catalogue) -> None:
    host = catalogue.host("Ressourcerie", kind="association")
    for audience in ("adults", "minors"):
        catalogue.accredit(host, audience)
    adults, minors = host.accreditations.get(audience="adults"), host.accreditations.get(audience="minors")
    assert facts.find_accreditation(catalogue.viewer("pjj"), minors.pk, catalogue.now) == minors
    for who in ("pjj", "aemo", "stranger", "host"):
        with pytest.raises(AccessRefused):
            facts.find_accreditation(catalogue.viewer(who), adults.pk, catalogue.now)
    for who in ("spip", "coordinator", "mayor", "prosecutor"):
        assert facts.find_accreditation(catalogue.viewer(who), adults.pk, catalogue.now) == adults


@pytest.mark.rule("HOST-08")
def test_a_manager_writes_on_its_own_posts_and_on_no_other(catalogue: Catalogue) -> None:
    *_, other = town(catalogue)
    with pytest.raises(AccessRefused):
        facts.find_post(catalogue.viewer("host"), other.pk, catalogue.now)
    with pytest.raises(AccessRefused):
        posts.set_half_days(
            by=catalogue.viewer("host"), post=other, half_days=[], expected=other.revision, now=catalogue.now
        )


@pytest.mark.parametrize("who", ["mayor", "sah", "prosecutor", "dpo"])
def test_who_reads_the_catalogue_writes_nothing_in_it(catalogue: Catalogue, who: str) -> None:
    post = catalogue.listed()
    for action in (Action.CHANGE, Action.MOVE, Action.MANAGE, Action.CREATE):
        with pytest.raises(AccessRefused):
            facts.require_on_post(catalogue.viewer(who), post, action, catalogue.now)


def test_the_cells_are_those_of_the_matrix() -> None:
    assert cell(Role.COORDINATOR, ACCREDITATION) is Cell.READ
    assert need_of(Role.COORDINATOR, Action.CHANGE, ACCREDITATION) is None
    assert need_of(Role.HOST, Action.CHANGE, ACCREDITATION) is None
