"""What supports tell access and the journal (casefile.cases): to this side, the prosecutor and the DPO alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile.cases import Cases
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.vif.victims import facts
from casework.vif.victims.actions import team
from casework.vif.victims.codes import ENDED
from casework.vif.victims.models import SupportGrant, VictimSupport


class Supports(Cases):
    """The room of supports."""

    module = "victims"
    prefix = "ACC"
    area = "vif"
    what = "accompagnement"
    model = VictimSupport
    grant_model = SupportGrant
    identity_class = DataClass.VIF_VICTIM
    page = "victims:page"
    ended = ENDED
    speaks_to = frozenset({Role.APERS_VICTIM, Role.PROSECUTOR, Role.DPO})

    def gone(self, now: datetime) -> Q:
        """Return the files whose six months after the end are over."""
        return facts.gone(now)

    def held_by(self, row: VictimSupport, now: datetime) -> list[Mandate]:
        """Return the officers in charge."""
        return team.in_charge([row.pk], now).get(row.pk, [])

    def is_owned(self, viewer: Viewer, row: VictimSupport, now: datetime) -> bool:
        """Say whether this viewer is in charge of the file."""
        return facts.relation(viewer, row, now).may(viewer, Action.CHANGE, DataClass.VIF_VICTIM, now)

    def put_in_charge(self, w: Writing, *, by: Viewer, row: VictimSupport, mandate: Mandate, now: datetime) -> None:
        """Give one officer the file."""
        team.put_in_charge(w, by=by, support=row, mandate=mandate, now=now)
