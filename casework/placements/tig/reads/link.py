"""What a single-use link shows: what the work needs, and nothing that names or judges anybody."""

from __future__ import annotations

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.placements.hosts.codes import Half, PostNeed
from casework.placements.hosts.data import Asked
from casework.placements.tig.models import Proposal


def asked(proposal: Proposal) -> Asked:
    """Return what is asked; the limits are opened by the program itself, told as such in the journal."""
    placement = proposal.placement
    with audit.reading(
        audit.system_actor(proposal.territory_id), subjects=[placement.subject_id], classes=[DataClass.FITNESS],
        purpose=Purpose.SYSTEM, act=Act.SYSTEM, object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        limits = tuple(fr.label(PostNeed, each, each) for each in placement.limits or [])
    return Asked(
        post=proposal.post.nature, host=proposal.post.host.name, service=placement.organisation.name,
        work=(
            f"{fr.duration(placement.minutes_here)} à faire ({placement.get_audience_display()}), "
            f"{fr.plural(placement.weekly, 'demi-journée')} par semaine"
        ),
        answer_by=proposal.answer_by, limits=limits,
        half_days=tuple(
            (row.day, str(Half(row.half).label), row.starts_at, row.ends_at)
            for row in placement.half_days.filter(outcome="").order_by("day", "half")
        ),
    )  # fmt: skip
