"""What this room gives to the other floors: populations and the night that freezes them, a tab of the menu, an act of two."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from casework.access.approvals import ApprovalAct
from casework.access.approvals import reads as approvals
from casework.access.matrix import DataClass
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.casefile import daily, navigation
from casework.indicators.releases import populations
from casework.indicators.releases.actions import freezing


def _proposal(pk: UUID) -> str:
    return reverse("releases:proposal", args=[pk])


def _in_a_commune(viewer: Viewer, now: datetime) -> bool:
    """Say whether figures are published where this viewer works: editions are those of a commune."""
    return reachable(viewer, Action.VIEW, DataClass.EVALUATION)


populations.load(settings.SUBJECTS)
daily.register("releases.freeze", freezing.freeze)
navigation.register(
    navigation.Entry(
        label="Chiffres", url_name="releases:index", icon="chart", order=870, section=navigation.INDICATORS,
        action=Action.COUNT, data_class=DataClass.INDICATORS, concerns=_in_a_commune,
    )
)  # fmt: skip
approvals.carried_out_on(ApprovalAct.STATS_RELEASE, _proposal)
approvals.shown_on(ApprovalAct.STATS_RELEASE, _proposal)
