"""What exclusion supports tell access and the journal (casefile.cases): to schools, hosts and the DPO."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile.cases import Cases
from casework.exclusions import facts
from casework.exclusions.actions import team
from casework.exclusions.codes import ENDED
from casework.exclusions.models import ExclusionGrant, ExclusionSupport
from casework.partners.codes import Role
from casework.partners.models import Mandate


class Supports(Cases):
    """The room of exclusion supports."""

    module = "exclusion_support"
    prefix = "ELV"
    area = "exclusions"
    what = "accueil d’un élève"
    model = ExclusionSupport
    grant_model = ExclusionGrant
    identity_class = DataClass.EXCLUSION
    page = "exclusion_support:page"
    ended = ENDED
    speaks_to = frozenset({Role.EDUCATION, Role.HOST, Role.OUTREACH, Role.DPO})

    def gone(self, now: datetime) -> Q:
        """Return the supports of school years that are over, and those that the family refused."""
        return facts.gone(now)

    def held_by(self, row: ExclusionSupport, now: datetime) -> list[Mandate]:
        """Return who holds the support."""
        return team.in_charge([row.pk], now).get(row.pk, [])

    def is_owned(self, viewer: Viewer, row: ExclusionSupport, now: datetime) -> bool:
        """Say whether this viewer answers for the record: its school."""
        of_school = viewer.organisation_id == row.organisation_id
        return of_school and facts.relation(viewer, row, now).may(viewer, Action.CHANGE, facts.PUPIL, now)

    def put_in_charge(self, w: Writing, *, by: Viewer, row: ExclusionSupport, mandate: Mandate, now: datetime) -> None:
        """Give one function the support."""
        team.let_in(w, row, [mandate], by=by, now=now, reason="in_charge")

    def of_service(self, viewer: Viewer, now: datetime) -> list[Target]:
        """Return the open supports of the viewer's body: those that it sent, or receives."""
        if viewer.role not in self.speaks_to:
            return []
        mine = Q(organisation_id=viewer.organisation_id)
        if facts.receives(viewer.role):
            mine = Q(host_id=viewer.organisation_id, host_accepted_at__isnull=False)
        rows = self._there(viewer.territory_id, now).filter(mine).exclude(state__in=list(ENDED))
        return [self.target(row) for row in rows]
