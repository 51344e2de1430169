"""What réparations tell access and the journal (placements.hosts.cases)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, need_of
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile.matching import normalise
from casework.partners.models import Mandate
from casework.placements.hosts.cases import HostedCases
from casework.placements.reparation import facts
from casework.placements.reparation.actions import team
from casework.placements.reparation.codes import ENDED, RUNNING, State
from casework.placements.reparation.models import Reparation, ReparationGrant
from casework.sealing import sweep

_READ_TO_MATCH = (DataClass.REPARATION_ACTIVITY, DataClass.REPARATION_CONTENT)


class Reparations(HostedCases):
    """The room of réparations."""

    module = "reparation"
    what = "réparation"
    model = Reparation
    grant_model = ReparationGrant
    identity_class = DataClass.REPARATION_ACTIVITY
    page = "reparation:page"
    ended = ENDED
    host_reads = frozenset({State.ASSIGNED, State.VICTIM_PENDING, *RUNNING})

    def gone(self, now: datetime) -> Q:
        """Return the files whose six months after the outcome are over."""
        return facts.gone(now)

    def held_by(self, row: Reparation, now: datetime) -> list[Mandate]:
        """Return the educators in charge."""
        return team.in_charge([row.pk], now).get(row.pk, [])

    def is_owned(self, viewer: Viewer, row: Reparation, now: datetime) -> bool:
        """Say whether this viewer is in charge of the file."""
        return facts.relation(viewer, row, now).may(viewer, Action.CHANGE, DataClass.REPARATION_CONTENT, now)

    def put_in_charge(self, w: Writing, *, by: Viewer, row: Reparation, mandate: Mandate, now: datetime) -> None:
        """Give one educator the file."""
        team.put_in_charge(w, by=by, reparation=row, mandate=mandate, now=now)

    def by_identity(self, viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
        """Return the one open réparation of exactly this name and birth date.

        Every open name is compared, found or not, so that both cost the same; the journal keeps a search.
        """
        if need_of(viewer.role, Action.VIEW, DataClass.REPARATION_CONTENT) is None:
            return None
        rows = list(self._there(viewer.territory_id, now).exclude(state__in=list(ENDED)))
        if not rows:
            return None
        with audit.reading(
            viewer, subjects=[row.subject_id for row in rows], classes=_READ_TO_MATCH, purpose=Purpose.SEARCH,
            act=Act.SEARCH, module="placements", object_type=Reparation._meta.label_lower,
        ):  # fmt: skip
            sweep.open_many(rows, "identity", "born_on")
            wanted = normalise(last), normalise(first), born
            found = [row for row in rows if _identity(row) == wanted]
        return self.target(found[0]) if len(found) == 1 else None


def _identity(row: Reparation) -> tuple[str, str, date | None]:
    known = row.identity or {}
    return normalise(str(known.get("last_name", ""))), normalise(str(known.get("first_name", ""))), row.born_on
