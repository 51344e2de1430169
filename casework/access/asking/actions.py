"""Ask for a file by its reference; answer for the one that is yours."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from casework import audit
from casework.access import people, subjects
from casework.access.asking import reads
from casework.access.asking.models import AccessRequest, RequestReason, RequestState
from casework.access.exclusions.reads import is_shut
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.partners.macs import row_is_genuine
from casework.partners.models import Mandate

A_DAY = 10
WAITS = timedelta(days=30)


def ask(*, by: Viewer, reference: str, reason: str, now: datetime) -> None:
    """Ask for the file of this reference. Nothing tells whether there is one, or whether the day's number is reached.

    What was typed is kept only when it has the shape of a reference. Raises InputRefused (no reason).
    """
    if reason not in RequestReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    if not by.live(now) or not by.charter_signed:
        raise AccessRefused(code="mandate")
    target = subjects.by_reference(by, reference, now)
    if target is not None and is_shut(by, target.subject_id, now):
        target = None
    owners = people.holding(by.territory_id, (Role.COORDINATOR,), now)
    told = [] if target is None else people.not_shut(owners, target.subject_id, now)
    with audit.writing(by, now=now) as w:
        recent = AccessRequest.objects.filter(mandate_id=by.mandate_id, asked_at__gt=now - timedelta(hours=24))
        if recent.count() >= A_DAY:
            w.note(Act.DENIED, None, object_type="access.accessrequest", why="too_many")
            return
        row = AccessRequest.objects.create(
            territory_id=by.territory_id, mandate_id=by.mandate_id, reference=reads.tidy(reference), reason=reason,
            module=target.module if target else "", target_id=target.object_id if target else None,
            target_subject=target.subject_id if target else None, asked_at=now,
        )  # fmt: skip
        w.note(Act.CREATE, row, why=f"ask_{reason}")
        people.tell(
            told, now=now, but=by.agent_id, subject="Une demande d’accès",
            line="Un service demande l’accès à une situation. Répondez depuis « Mon travail ».",
        )  # fmt: skip


def grant(*, by: Viewer, request_id: UUID, now: datetime) -> None:
    """Let the one who asked in, through the room of the file. Raises AccessRefused, GuardRefused."""
    row, target = reads.find(by, request_id, now)
    mandate = Mandate.objects.live(now).filter(pk=row.mandate_id).select_related("organisation", "agent").first()
    if mandate is None or not row_is_genuine(mandate):
        raise GuardRefused("Cette personne n’a plus de fonction ici.")
    if not people.not_shut([mandate], target.subject_id, now):
        raise GuardRefused("Cette personne ou son service est à l’écart de cette situation.")
    subjects.room(target.module).admit(by=by, target=target, mandate=mandate, now=now)
    _answer(by, row.pk, RequestState.GRANTED, now)
    # A message to the asker, outside the act: the circle is already open.


def decline(*, by: Viewer, request_id: UUID, now: datetime) -> None:
    """Leave it without effect; the one who asked is not told. Raises AccessRefused."""
    row, _ = reads.find(by, request_id, now)
    _answer(by, row.pk, RequestState.DECLINED, now)


def _answer(by: Viewer, request_id: UUID, to: RequestState, now: datetime) -> None:
    with audit.writing(by, now=now) as w:
        row = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
        row.state, row.answered_at, row.answered_as = to, now, by.mandate_id
        row.save()
        w.note(Act.CHANGE, row, why=to.value)
        if to == RequestState.GRANTED:
            held = Mandate.objects.filter(pk=row.mandate_id).select_related("agent")
            people.tell(
                held, now=now, subject="Une réponse à votre demande",
                line="Un accès que vous avez demandé est ouvert. Voyez « Demander l’accès ».",
            )  # fmt: skip
