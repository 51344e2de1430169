"""Who reads what of a pupil (rows 26 to 27): decide() and the list agree; the reason is for one person at the host."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.access.policy import Action, Basis
from casework.access.queryset import granted_subquery
from casework.exclusions import facts
from casework.exclusions.actions import team
from casework.exclusions.codes import State
from casework.exclusions.models import ExclusionGrant, ExclusionSupport
from tests.exclusions.setting import EDUCATOR, HOST_LEAD, SCHOOL, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")
NOBODY = (
    "coordinator", "mayor", "valideur", "dpo", "sysadmin", "pjj_lead", "pjj", "aemo", "mds", "outreach", "outreach_lead",
    "sah", "spip", "apers_offender", "apers_victim", "national_police", "municipal_police", "prosecutor", "ended",
    "stranger", "school_colleague", "host_colleague", "other_school_lead", "other_host_lead",
)  # fmt: skip


def educated(town: Setting) -> ExclusionSupport:
    """Agreed, its educator named."""
    support = town.agreed()
    named = town.people.mandates[EDUCATOR]
    team.name_educator(by=town.viewer(HOST_LEAD), support=support, mandate_id=named.pk, now=town.now, expected=None)
    return fresh(support)


@pytest.mark.attack("T-35", "T-34")
@pytest.mark.rule("EXC-15", "EXC-22", "ACL-01")
def test_the_list_and_the_decision_agree_for_everybody(town: Setting) -> None:
    support = educated(town)
    holders = {SCHOOL, "school_lead", HOST_LEAD, EDUCATOR}
    for who in (*holders, *NOBODY):
        viewer = town.viewer(who)
        link = facts.relation(viewer, support, town.now)
        for data_class in (facts.PUPIL, facts.FAMILY, facts.RETURN):
            listed = facts.visible_to(viewer, town.now, data_class).filter(pk=support.pk).exists()
            assert listed is link.may(viewer, Action.VIEW, data_class, town.now), (who, data_class)
            assert listed is (who in holders), (who, data_class)


@pytest.mark.rule("EXC-20")
def test_at_the_host_the_named_educator_alone_reads_the_reason_from_the_agreement_to_the_end(town: Setting) -> None:
    support = educated(town)

    def readers() -> set[str]:
        row = fresh(support)
        return {
            who
            for who in (SCHOOL, "school_lead", HOST_LEAD, EDUCATOR, "host_colleague", "coordinator")
            if facts.relation(town.viewer(who), row, town.now).may(
                town.viewer(who), Action.VIEW, facts.REASON, town.now
            )
        }

    assert readers() == {SCHOOL, "school_lead", EDUCATOR}
    rows = ExclusionSupport._base_manager.filter(pk=support.pk)
    for state, closed in ((State.NOTIFIED, None), (State.CLOSED, town.today)):
        rows.update(state=state, closed_on=closed)
        assert readers() == {SCHOOL, "school_lead"}, state
    rows.update(state=State.HOSTED, closed_on=None, educator_id=town.people.mandates["host_colleague"].pk)
    assert readers() == {SCHOOL, "school_lead"}, "named without a grant, nobody"


@pytest.mark.attack("T-36")
def test_a_grant_written_by_sql_opens_nothing(town: Setting) -> None:
    support = educated(town)
    mine = ExclusionGrant.objects.filter(mandate=town.people.mandates[EDUCATOR]).values().get()
    forged = mine | {
        "id": support.pk, "mandate_id": town.people.mandates["outreach"].pk,
        "organisation_id": town.people.mandates["outreach"].organisation_id,
        "user_id": town.people.mandates["outreach"].agent_id,
    }  # fmt: skip
    row = ExclusionGrant(**{name: value for name, value in forged.items() if name != "mac"})
    row.mac = mine["mac"]
    super(ExclusionGrant, row).save_base(force_insert=True, raw=True)
    viewer = town.viewer("outreach")
    assert support.pk in set(granted_subquery(ExclusionGrant, viewer, town.now, [Basis.CIRCLE]))
    assert not facts.relation(viewer, support, town.now).may(viewer, Action.VIEW, facts.PUPIL, town.now)


def test_a_function_that_ended_reads_nothing_more(town: Setting) -> None:
    support = educated(town)
    mandate = town.people.mandates[EDUCATOR]
    mandate.ends_at = town.now
    mandate.save()
    later = town.now + timedelta(minutes=1)
    assert not facts.visible_to(town.viewer(EDUCATOR, now=later), later).filter(pk=support.pk).exists()
