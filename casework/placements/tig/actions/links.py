"""The answer of a host without an account: a single-use link that says yes or no, and reads no name (peers C6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.timezone import localdate

from casework import audit
from casework.casefile import mailer
from casework.errors import InputRefused
from casework.placements.hosts.actions import places
from casework.placements.tig.actions import proposals, team
from casework.placements.tig.actions.invite import hash_of
from casework.placements.tig.codes import DeclineReason, ProposalAnswer
from casework.placements.tig.models import Proposal


def find(token: str, now: datetime) -> Proposal | None:
    """Return the request of a token that still waits for its answer, in time; None otherwise, whatever the reason."""
    rows = Proposal.objects.select_related("placement__organisation", "placement__territory", "post__host")
    return rows.filter(token_hash=hash_of(token), answer="", answer_by__gte=localdate(now)).first()


def answer(
    *, proposal: Proposal, accepts: bool, reason: str, now: datetime, request_id: str = "", net_prefix: str = ""
) -> None:
    """Say yes or no by the link, once: the same as on the host's account. Raises GuardRefused, InputRefused."""
    if not accepts and reason not in DeclineReason.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")
    actor = replace(
        audit.system_actor(proposal.territory_id), organisation_id=proposal.post.host.organisation_id,
        request_id=request_id, net_prefix=net_prefix,
    )  # fmt: skip
    mailer.prepare()
    with audit.writing(actor, now=now) as w:
        row = proposals.still_open(proposal, now)
        officers = team.officers(proposal.placement, now)
        if accepts:
            places.confirm(w, holder=proposal.placement_id, now=now)
            proposals.write_answer(w, row, ProposalAnswer.ACCEPTED, by=actor, now=now)
        else:
            proposals.write_answer(w, row, ProposalAnswer.DECLINED, by=actor, now=now, decline_reason=reason)
            proposals.back_to_search(w, proposal.placement, by=actor, now=now, reason="declined")
        team.tell(officers, now=now)
