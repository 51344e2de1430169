"""What affectations tell access and the journal (placements.hosts.cases): known by reference, never by a name."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.partners.models import Mandate
from casework.placements.hosts.cases import HostedCases
from casework.placements.tig import facts
from casework.placements.tig.actions import team
from casework.placements.tig.codes import ENDED, State
from casework.placements.tig.models import TigGrant, TigPlacement


class Affectations(HostedCases):
    """The room of affectations."""

    module = "tig"
    what = "affectation"
    model = TigPlacement
    grant_model = TigGrant
    identity_class = DataClass.PLACEMENT
    page = "tig:page"
    ended = frozenset(ENDED)
    host_reads = frozenset(State) - ended

    def gone(self, now: datetime) -> Q:
        """Return the files whose year after the end is over."""
        return facts.gone(now)

    def held_by(self, row: TigPlacement, now: datetime) -> list[Mandate]:
        """Return the officers in charge."""
        rows = Mandate.objects.live(now).filter(pk__in=team.officers(row, now))
        return list(rows.select_related("agent"))

    def is_owned(self, viewer: Viewer, row: TigPlacement, now: datetime) -> bool:
        """Say whether this viewer is in charge of the file."""
        return facts.relation(viewer, row, now).may(viewer, Action.CHANGE, DataClass.SENTENCE, now)

    def put_in_charge(self, w: Writing, *, by: Viewer, row: TigPlacement, mandate: Mandate, now: datetime) -> None:
        """Give one officer the file."""
        team.put_in_charge(w, by=by, placement=row, mandate=mandate, now=now)
