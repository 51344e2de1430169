"""What measures tell access and the journal (casefile.cases): to their own side, the prosecutor and the DPO alone."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, need_of
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile.cases import Cases
from casework.casefile.matching import normalise
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.sealing import sweep
from casework.vif.offenders import facts
from casework.vif.offenders.actions import opening, team
from casework.vif.offenders.codes import ENDED
from casework.vif.offenders.models import Measure, MeasureGrant


class Measures(Cases):
    """The room of people under measure."""

    module = "measure"
    area = "vif"
    prefix = opening.PREFIX
    what = "mesure"
    model = Measure
    grant_model = MeasureGrant
    identity_class = DataClass.VIF_PERSON
    page = "measures:page"
    ended = ENDED
    speaks_to = frozenset({Role.APERS_OFFENDER, Role.PROSECUTOR, Role.DPO})

    def gone(self, now: datetime) -> Q:
        """Return the files whose six months after the end are over."""
        return facts.gone(now)

    def held_by(self, row: Measure, now: datetime) -> list[Mandate]:
        """Return the officers in charge."""
        return team.in_charge([row.pk], now).get(row.pk, [])

    def is_owned(self, viewer: Viewer, row: Measure, now: datetime) -> bool:
        """Say whether this viewer is in charge of the file."""
        return facts.relation(viewer, row, now).may(viewer, Action.CHANGE, DataClass.VIF_PERSON, now)

    def put_in_charge(self, w: Writing, *, by: Viewer, row: Measure, mandate: Mandate, now: datetime) -> None:
        """Give one officer the file."""
        team.put_in_charge(w, by=by, measure=row, mandate=mandate, now=now)

    def by_identity(self, viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
        """Return the one open measure of exactly this name and birth date, to its own side alone.

        Every open name is compared, found or not, so that both cost the same; the journal keeps a search.
        """
        if viewer.role not in self.speaks_to or need_of(viewer.role, Action.VIEW, DataClass.VIF_PERSON) is None:
            return None
        rows = list(self._there(viewer.territory_id, now).exclude(state__in=list(ENDED)))
        if not rows:
            return None
        with audit.reading(
            viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.VIF_PERSON],
            purpose=Purpose.SEARCH, act=Act.SEARCH, module="vif", object_type=Measure._meta.label_lower,
        ):  # fmt: skip
            sweep.open_many(rows, "identity")
            wanted = normalise(last), normalise(first), born.isoformat()
            found = [row for row in rows if _identity(row) == wanted]
        return self.target(found[0]) if len(found) == 1 else None


def _identity(row: Measure) -> tuple[str, str, str]:
    known = row.identity or {}
    last, first = str(known.get("last_name", "")), str(known.get("first_name", ""))
    return normalise(last), normalise(first), str(known.get("born_on", ""))
