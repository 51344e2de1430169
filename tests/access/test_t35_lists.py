"""T-35: a list shows exactly the rows of which the decision opens one data class."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import BREAKS, Action, Basis, Facts, classes_for
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from tests.access.probe import Probe, ProbeGrant
from tests.people import AGENTS, People, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("probe_tables")]

HOUR = timedelta(hours=1)
CLASSES = [name for name in DataClass if name is not DataClass.YOUTH_PREPARATION]
PERIODS = [(-2, None), (-2, -1), (-1, 0), (-1, 1), (0, None), (0, 1), (1, None), (1, 2)]

objects = st.fixed_dictionaries(
    {
        "here": st.booleans() | st.just(True),
        "sits": st.booleans() | st.just(True),
        "state": st.sampled_from(["open", "open", "closed", "gone"]),
        "excluded": st.sampled_from([False, False, False, True]),
        "minors": st.booleans() | st.just(True),
        "grants": st.lists(st.tuples(st.sampled_from(grants.GRANTED), st.sampled_from(PERIODS)), max_size=3),
    }
)


@pytest.mark.attack("T-35")
@pytest.mark.rule("GDP-15", "CLV-24", "CLV-26", "ACL-01", "RET-02")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    who=st.sampled_from([*AGENTS, "stranger"]),
    rows=st.lists(objects, min_size=1, max_size=4),
    rules=st.booleans() | st.just(True),
    action=st.sampled_from([Action.VIEW, Action.LIST, Action.EXISTS, Action.PRINT]),
    classes=st.lists(st.sampled_from(CLASSES), min_size=1, max_size=3) | st.just(CLASSES),
)
def test_a_row_is_listed_when_and_only_when_the_decision_opens_it(
    people: People, who: str, rows: list[dict[str, Any]], rules: bool, action: Action, classes: list[DataClass]
) -> None:
    _agree(people, who, rows, rules, action, classes)


OPEN = {"here": True, "sits": True, "state": "open", "excluded": False, "minors": True}
ODD: list[dict[str, Any]] = [
    {},
    {"here": False},
    {"sits": False},
    {"state": "closed"},
    {"state": "gone"},
    {"excluded": True},
    {"minors": False},
]


@pytest.mark.attack("T-35")
@pytest.mark.rule("CLV-24", "CLV-26")
@pytest.mark.parametrize("who", ["coordinator", "pjj", "unsigned", "mayor", "education"])
@pytest.mark.parametrize("basis", grants.GRANTED)
def test_each_condition_alone_counts_the_same_in_the_list(people: People, who: str, basis: Basis) -> None:
    rows = [OPEN | odd | {"grants": [(basis, (-1, 1))]} for odd in ODD] + [OPEN | {"grants": []}]
    for data_class in (DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD, DataClass.YOUTH_REVIEW, DataClass.TIG_POSTS):
        _agree(people, who, rows, True, Action.VIEW, [data_class])


def _agree(
    people: People, who: str, rows: list[dict[str, Any]], rules: bool, action: Action, classes: list[DataClass]
) -> None:
    now = timezone.now()
    Probe.objects.all().delete()
    ProbeGrant.objects.all().delete()
    mandate = people.mandates[who]
    viewer = viewer_of(mandate, now=now)
    made = [_make(people, mandate, spec, now) for spec in rows]

    listed = set(
        viewable(
            Probe.objects.all(),
            viewer,
            now,
            grant_model=ProbeGrant,
            classes=classes,
            action=action,
            rules_in_force=Q(pk__isnull=not rules),
            closed=Q(state="closed"),
            archive_reasons=_reasons(viewer, now),
            gone=Q(state="gone"),
            excluded=Q(excluded_mandate=mandate.pk),
            for_minors=Q(for_minors=True),
        )
    )

    for probe in made:
        known = _facts(probe, viewer, rules, now)
        opened = classes_for(viewer, action, known, classes, now)
        assert (probe in listed) is bool(opened), (who, action, known, opened)


def _make(people: People, mandate: Any, spec: dict[str, Any], now: Any) -> Probe:
    probe = Probe.objects.create(
        territory_id=people.territory.pk if spec["here"] else people.elsewhere.pk,
        group_id=people.group.pk if spec["sits"] else people.elsewhere.pk,
        state=spec["state"],
        excluded_mandate=mandate.pk if spec["excluded"] else None,
        for_minors=spec["minors"],
    )
    coordinator = viewer_of(people.coordinator, now=now)
    with audit.writing(coordinator, now=now) as w:
        for basis, (start, end) in spec["grants"]:
            grants.give(
                w,
                ProbeGrant,
                mandate=mandate,
                obj=probe,
                basis=basis,
                starts_at=now + start * HOUR,
                ends_at=None if end is None else now + end * HOUR,
                reason="test",
                by=coordinator,
            )
    return probe


def _reasons(viewer: Viewer, now: Any) -> Any:
    held = grants.live(ProbeGrant.objects.of(viewer), now)
    return held.filter(basis=Basis.ARCHIVE).values_list("content_object_id", flat=True)


def _facts(probe: Probe, viewer: Viewer, rules: bool, now: Any) -> Facts:
    held = grants.bases(ProbeGrant, viewer, [probe.pk], now).get(probe.pk, frozenset())
    return Facts(
        territory_id=probe.territory_id,
        group_id=probe.group_id,
        data_class=DataClass.YOUTH_CARD,
        grants=held,
        excluded=probe.excluded_mandate == viewer.mandate_id,
        rules_in_force=rules,
        state_open=probe.state == "open",
        archived=probe.state == "closed",
        archive_reason=Basis.ARCHIVE in held,
        gone=probe.state == "gone",
        break_open=bool(BREAKS & held),
        for_minors=probe.for_minors,
    )
