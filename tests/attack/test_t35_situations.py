"""T-35 on the real list: a situation is visible when and only when decide() opens one class of the exchange."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import audit
from casework.access import grants
from casework.access.exclusions import Exclusion
from casework.access.policy import Basis
from casework.minors.followups import facts
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowUp, FollowUpGrant
from tests.followups.circle import rules_say
from tests.followups.saisine_setting import refer
from tests.people import AGENTS, People, viewer_of

pytestmark = [pytest.mark.attack("T-35"), pytest.mark.django_db(databases="__all__")]

HOUR = timedelta(hours=1)
PERIODS = [(-2, None), (-2, -1), (-1, 0), (-1, 1), (0, None), (1, None)]


def agree(people: People, who: str, follow_up: FollowUp, now: Any) -> None:
    """Compare the list with the decision for one person and one situation."""
    viewer = viewer_of(people.mandates[who], now=now)
    row = FollowUp.objects.get(pk=follow_up.pk)
    link = facts.relation(viewer, row, now)
    opened = link.classes(viewer, now) & set(facts.LISTED)
    listed = facts.visible_to(viewer, now).filter(pk=row.pk).exists()
    assert listed is bool(opened), (who, row.state, sorted(link.grants), link.rules_in_force, sorted(opened))


def give(people: People, who: str, follow_up: FollowUp, basis: Basis, period: tuple[int, int | None], now: Any) -> None:
    """Give one grant, dates in hours from now."""
    start, end = period
    by = viewer_of(people.coordinator, now=now)
    with audit.writing(by, now=now) as w:
        grants.give(
            w, FollowUpGrant, mandate=people.mandates[who], obj=follow_up, basis=basis, starts_at=now + start * HOUR,
            ends_at=None if end is None else now + end * HOUR, reason="test", by=by,
        )  # fmt: skip


def shut_out(people: People, who: str, follow_up: FollowUp, how: str, now: Any) -> None:
    """Shut the agent or its service out; or once upon a time; or end it by SQL, which ends nothing."""
    mandate = people.mandates[who]
    whole = how == "organisation"
    row = Exclusion(
        subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, ground="kin", starts_at=now - HOUR,
        agent_id=None if whole else mandate.agent_id, organisation_id=mandate.organisation_id if whole else None,
        set_by=people.dpo.agent_id, set_as=people.dpo.pk, words="",
    )  # fmt: skip
    if how == "lifted":
        row.ends_at, row.approval_id = now, people.dpo.pk
    row.save(force_insert=True)
    if how == "forged":
        Exclusion.objects.filter(pk=row.pk).update(ends_at=now - HOUR / 2, approval_id=people.dpo.pk)


@pytest.mark.rule("GDP-15", "ACL-01", "CLV-24", "CLV-26", "RET-02")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    who=st.sampled_from([*AGENTS, "stranger"]),
    stage=st.sampled_from(list(Stage)),
    held=st.lists(st.tuples(st.sampled_from(grants.GRANTED), st.sampled_from(PERIODS)), max_size=3),
    rules=st.booleans() | st.just(True),
    shut=st.sampled_from([None, None, None, "agent", "organisation", "lifted", "forged"]),
)
def test_the_list_is_the_decision(
    people: People, who: str, stage: str, held: Any, rules: bool, shut: str | None
) -> None:
    now = timezone.now()
    FollowUpGrant.objects.all().delete()
    FollowUp.objects.all().delete()
    Exclusion.objects.all().delete()
    rules_say(people, valid_to=None)
    follow_up = refer(people, by="mds_lead", now=now - 48 * HOUR)
    closed = stage in (Stage.ENDED, Stage.ARCHIVED)
    FollowUp.objects.filter(pk=follow_up.pk).update(
        state=stage, started_on=now.date() if closed else None, ended_on=now.date() if closed else None,
        end_reason="goal_reached" if closed else "",
    )  # fmt: skip
    for basis, period in held:
        give(people, who, follow_up, basis, period, now)
    if shut:
        shut_out(people, who, follow_up, shut, now)
    if not rules:
        rules_say(people, valid_to=now.date() - timedelta(days=1))
    agree(people, who, follow_up, now)


@pytest.mark.rule("GDP-15", "ACL-01", "ACL-03", "ACL-07")
@pytest.mark.parametrize("basis", grants.GRANTED)
def test_each_role_with_each_title(people: People, basis: Basis) -> None:
    """A grant never lifts the ceiling of a role: a mayor with one still sees nobody."""
    now = timezone.now()
    follow_up = refer(people, by="mds_lead", now=now - 48 * HOUR)
    for who in (*AGENTS, "stranger"):
        give(people, who, follow_up, basis, (-1, None), now)
    for stage in Stage:
        closed = stage in (Stage.ENDED, Stage.ARCHIVED)
        FollowUp.objects.filter(pk=follow_up.pk).update(
            state=stage, started_on=now.date() if closed else None, ended_on=now.date() if closed else None,
            end_reason="goal_reached" if closed else "",
        )  # fmt: skip
        for who in (*AGENTS, "stranger"):
            agree(people, who, follow_up, now)
