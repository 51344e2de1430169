"""Declare a conflict, shut somebody out, lift it again with a second person."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from casework import audit
from casework.access import approvals
from casework.access.approvals.codes import ApprovalAct
from casework.access.approvals.models import Approval
from casework.access.exclusions import reads
from casework.access.exclusions.codes import Ground
from casework.access.exclusions.models import Exclusion
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.macs import row_is_genuine
from casework.partners.models import Agent, Mandate, Organisation
from casework.sealing import keys

MAX_WORDS = 500


def declare(*, by: Viewer, target: Target, ground: str = Ground.DECLARED, words: str = "", now: datetime) -> Exclusion:
    """« Je connais cette personne »: the agent shuts themself out, at once; nobody has to agree.

    The caller checked that the record is open to `by`. Raises InputRefused.
    """
    if target.territory_id != by.territory_id:
        raise AccessRefused(code="territory")
    if ground not in (Ground.DECLARED, Ground.KIN):
        raise InputRefused("Choisissez le motif.", field="ground")
    return _write(by, target, agent_id=by.agent_id, organisation_id=None, ground=ground, words=words, now=now)


def shut_out(
    *,
    by: Viewer,
    target: Target,
    agent_id: UUID | None = None,
    organisation_id: UUID | None = None,
    ground: str,
    words: str = "",
    now: datetime,
) -> Exclusion:
    """Shut an agent or a service of the territory out of one subject, by the coordinator or the DPO.

    Raises AccessRefused (not one of them, or shut out oneself), InputRefused.
    """
    reads.require_manager(by, target.subject_id, now)
    if target.territory_id != by.territory_id:
        raise AccessRefused(code="territory")
    if ground not in Ground.values:
        raise InputRefused("Choisissez le motif.", field="ground")
    if (agent_id is None) == (organisation_id is None):
        raise InputRefused("Choisissez une personne ou un service.", field="who")
    if agent_id is not None and not Mandate.objects.filter(agent_id=agent_id, territory_id=by.territory_id).exists():
        raise InputRefused("Cette personne ne travaille pas ici.", field="who")
    if organisation_id is not None and not _is_ours(organisation_id, by):
        raise InputRefused("Ce service ne travaille pas ici.", field="who")
    return _write(
        by, target, agent_id=agent_id, organisation_id=organisation_id, ground=ground, words=words, now=now
    )  # fmt: skip


def _is_ours(organisation_id: UUID, by: Viewer) -> bool:
    return Organisation.objects.filter(pk=organisation_id, territory_id=by.territory_id).exists()


def _write(
    by: Viewer, target: Target, *, agent_id: UUID | None, organisation_id: UUID | None, ground: str, words: str,
    now: datetime,
) -> Exclusion:  # fmt: skip
    if len(words) > MAX_WORDS:
        raise InputRefused(f"{MAX_WORDS} caractères au plus.", field="words")
    keys.ensure(target.subject_id)
    with audit.writing(by, now=now) as w:
        held = Exclusion.objects.select_for_update(of=("self",)).filter(
            Q(agent_id=agent_id, organisation_id=organisation_id), subject_id=target.subject_id, ends_at=None
        )
        for row in held:
            if row_is_genuine(row):
                return row
            genuine.report_later(row)
            row.delete()
        row = Exclusion(
            id=uuid.uuid4(), subject_id=target.subject_id, territory_id=target.territory_id, agent_id=agent_id,
            organisation_id=organisation_id, ground=ground, words=words.strip(), starts_at=now, set_by=by.agent_id,
            set_as=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.REVOKE, row, subjects=[target.subject_id], why=f"excluded_{ground}")
    return row


def ask_to_lift(*, by: Viewer, exclusion_id: UUID, reason: str, words: str = "", now: datetime) -> Approval:
    """Ask a second person to agree to lifting one exclusion. Raises AccessRefused, GuardRefused, InputRefused."""
    row, target = reads.find(by, exclusion_id, now)
    if not row.runs(now):
        raise GuardRefused("Cette mise à l’écart est déjà levée.")
    return approvals.ask(
        by=by, act=ApprovalAct.EXCLUSION_REMOVAL, target_id=row.pk, content=reads.removal_of(row), reason=reason,
        words=words, reference=target.reference, now=now,
    )  # fmt: skip


def lift(*, by: Viewer, exclusion_id: UUID, now: datetime) -> None:
    """End an exclusion, once a second person agreed (T-43). Raises AccessRefused, GuardRefused.

    The second is never the person shut out, nor works for the service shut out.
    """
    reads.find(by, exclusion_id, now)
    with audit.writing(by, now=now) as w:
        row = Exclusion.objects.select_for_update(of=("self",)).get(pk=exclusion_id)
        if not row.runs(now) or not row_is_genuine(row):
            raise GuardRefused("Cette mise à l’écart est déjà levée.")
        approval = approvals.take(
            w=w, act=ApprovalAct.EXCLUSION_REMOVAL, target_id=row.pk, content=reads.removal_of(row), now=now
        )
        if approval.decided_by == row.agent_id or by.agent_id == row.agent_id:
            raise GuardRefused("La personne concernée ne peut ni demander ni accepter cette levée.")
        row.ends_at, row.approval_id = now, approval.pk
        row.save()
        w.note(Act.GRANT, row, subjects=[row.subject_id], why="exclusion_lifted")


def move(w: audit.Writing, *, source: UUID, target: UUID) -> None:
    """Carry the exclusions of one subject over to another, when their two files are merged.

    All that still shut somebody out, those that only SQL ended included (T-36).
    """
    held: set[tuple[UUID | None, UUID | None]] = set(
        Exclusion.objects.filter(subject_id=target, ends_at=None).values_list("agent_id", "organisation_id")
    )
    rows = list(Exclusion.objects.filter(subject_id=source).order_by("-starts_at", "id"))
    good = {row.pk for row in genuine.kept(rows)}
    for row in rows:
        who = (row.agent_id, row.organisation_id)
        if who in held or (row.pk in good and not row.runs(w.now)):
            continue
        held.add(who)
        copy = Exclusion(
            id=uuid.uuid4(), subject_id=target, territory_id=row.territory_id, agent_id=row.agent_id,
            organisation_id=row.organisation_id, ground=row.ground, words="", starts_at=row.starts_at,
            set_by=row.set_by, set_as=row.set_as,
        )  # fmt: skip
        copy.save(force_insert=True)
        w.note(Act.REVOKE, copy, subjects=[target], why="merged")


def colleagues(territory_id: UUID, now: datetime) -> list[Agent]:
    """Return the agents who hold a function in the territory now, by name."""
    rows = Agent.objects.filter(pk__in=Mandate.objects.live(now).filter(territory_id=territory_id).values("agent_id"))
    return list(rows.order_by("last_name", "first_name", "id"))
