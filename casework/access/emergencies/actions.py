"""Open one record in an emergency, close it, review it, restore a right that was suspended."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from casework import audit
from casework.access import approvals, people, subjects
from casework.access.approvals.codes import ApprovalAct
from casework.access.approvals.models import Approval
from casework.access.duty import actions as duty
from casework.access.duty.models import StandingKind
from casework.access.emergencies import reads
from casework.access.emergencies.codes import (
    A_DAY,
    ASKED,
    LASTS,
    MAX_WORDS,
    MIN_WORDS,
    MISSES,
    MOST_IN_ALL,
    MOST_PER_AGENT,
    REVIEW_WITHIN,
    EmergencyReason,
    Verdict,
)
from casework.access.emergencies.models import EmergencyMiss, Episode
from casework.access.exclusions.reads import facts as rights_facts
from casework.access.exclusions.reads import is_shut
from casework.access.policy import BREAKS, Action, Basis, require
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.partners.macs import row_is_genuine
from casework.partners.models import Mandate, Territory
from casework.sealing import keys

NOT_GRANTED = (
    "Non accordé. Vérifiez le nom, le prénom et la date de naissance exacts. Si une personne est en danger maintenant, "
    "appelez le 17 ou le 119."
)


def may_ask(viewer: Viewer, now: datetime) -> bool:
    """Say whether the page is offered: the DPO, and whoever was given the right for these dates."""
    return viewer.role == Role.DPO or duty.running(viewer.mandate_id, StandingKind.EMERGENCY, now) is not None


def open_record(
    *, by: Viewer, last_name: str, first_name: str, born: date, reason: str, words: str, now: datetime
) -> Episode:
    """Open the one record of this exact identity to `by` for thirty minutes, to look (ACL-09).

    The view asked for a second factor less than a minute old. Raises AccessRefused (no right), InputRefused (reason,
    explanation), GuardRefused with one message whatever the cause: nobody of that name, gone, shut out, suspended,
    the day's number reached, a review overdue.
    """
    if not may_ask(by, now):
        raise AccessRefused(code="emergency")
    if reason not in ASKED:
        raise InputRefused("Choisissez le motif.", field="reason")
    if not MIN_WORDS <= len(words.strip()) <= MAX_WORDS:
        raise InputRefused(f"Expliquez en {MIN_WORDS} caractères au moins, {MAX_WORDS} au plus.", field="words")
    target = subjects.by_identity(by, last_name, first_name, born, now)
    if target is not None and is_shut(by, target.subject_id, now):
        target = None
    keys.ensure(by.agent_id)
    with audit.writing(by, now=now) as w:
        Territory.objects.select_for_update().get(pk=by.territory_id)  # two at once count one after the other
        episode = None
        if target is not None and not _stopped(by, now):
            episode = _open(w, by, target, EmergencyReason(reason), words.strip(), now)
        else:
            _miss(w, by, now)
    if episode is None:
        raise GuardRefused(NOT_GRANTED, code="emergency")
    return episode


def open_control(*, by: Viewer, targets: Iterable[Target], words: str, now: datetime) -> None:
    """Open to the DPO the records of a task that nobody else may decide: same witnesses, thirty minutes, same review.

    The task names them: there is no name to guess and no number for the day. One that runs already is left alone.
    The view asked for a second factor less than a minute old. Raises AccessRefused (not the DPO, or shut out of
    one), GuardRefused (a review is overdue).
    """
    if by.role != Role.DPO:
        raise AccessRefused(code="control")
    wanted = tuple(targets)
    for target in wanted:
        require(by, Action.MANAGE, rights_facts(by, target.subject_id, now), now)
    if reads.overdue(by.organisation_id, now):
        raise GuardRefused(
            "Une ouverture de votre service n’a pas été contrôlée à temps : plus rien ne s’ouvre avant ce contrôle."
        )
    keys.ensure(by.agent_id)
    running = {line.reference for line in reads.running(by, now)}
    with audit.writing(by, now=now) as w:
        for target in wanted:
            if target.reference not in running:
                _open(w, by, target, EmergencyReason.CONTROL, words, now)


def _stopped(by: Viewer, now: datetime) -> bool:
    """Say whether the right is suspended, or used up for the day."""
    if reads.misses(by.agent_id, by.territory_id) >= MISSES or reads.overdue(by.organisation_id, now):
        return True
    day = Episode.objects.filter(territory_id=by.territory_id, opened_at__gt=now - A_DAY)
    day = day.exclude(reason=EmergencyReason.CONTROL)  # a task, counted by nobody
    return day.filter(agent_id=by.agent_id).count() >= MOST_PER_AGENT or day.count() >= MOST_IN_ALL


def _open(w: Writing, by: Viewer, target: Target, reason: EmergencyReason, words: str, now: datetime) -> Episode:
    episode = Episode(
        id=uuid.uuid4(), subject_id=by.agent_id, territory_id=by.territory_id, agent_id=by.agent_id, mandate_id=by.mandate_id,
        organisation_id=by.organisation_id, module=target.module, target_id=target.object_id,
        target_subject=target.subject_id, reference=target.reference, reason=reason, words=words, opened_at=now,
        ends_at=now + LASTS, review_due_at=now + REVIEW_WITHIN,
    )  # fmt: skip
    episode.save(force_insert=True)
    duress = reason is EmergencyReason.DURESS
    subjects.room(target.module).open(
        w, target=target, mandate=Mandate.objects.get(pk=by.mandate_id), by=by, ends_at=episode.ends_at,
        basis=Basis.BREAK_MASKED if duress else Basis.BREAK_GLASS, reason="emergency",
    )  # fmt: skip
    w.note(Act.REVEAL, episode, subjects=[target.subject_id], why=f"emergency_{reason.value}")
    # What the DPO opens by reference is what no coordinator may look at: the services that review are told instead.
    control = reason is EmergencyReason.CONTROL
    told = people.holding(by.territory_id, (Role.DPO,) if control else (Role.COORDINATOR, Role.DPO), now)
    told += people.leads_elsewhere(by.territory_id, by.organisation_id, now) if control else []
    room = subjects.room(target.module)
    if Role.COORDINATOR not in room.speaks_to:  # behind a wall its own side and the prosecutor alone are told
        told += people.holding(by.territory_id, (Role.PROSECUTOR,), now)
        told = [mandate for mandate in told if mandate.role in room.speaks_to]
    told += room.in_charge(target, now)
    people.tell(
        people.not_shut(told, target.subject_id, now), now=now, but=by.agent_id, subject="Une ouverture d’urgence",
        line="Une fiche vient d’être ouverte en urgence. Vous en trouverez la référence dans « Mon travail ».",
    )  # fmt: skip
    if duress:
        people.tell(
            _distant(by, target, now), now=now, but=by.agent_id, subject="À lire tout de suite",
            line="Un collègue a peut-être besoin d’aide maintenant. Ouvrez « Mon travail », puis appelez-le.",
        )  # fmt: skip
    return episode


def _distant(by: Viewer, target: Target, now: datetime) -> list[Mandate]:
    """Return two people who are not in the room: of other organisations where there are, else the DPO."""
    elsewhere = people.leads_elsewhere(by.territory_id, by.organisation_id, now)
    elsewhere += people.holding(by.territory_id, (Role.DPO, Role.COORDINATOR, Role.VALIDEUR), now)
    others = {row.agent_id: row for row in people.not_shut(elsewhere, target.subject_id, now)}
    others.pop(by.agent_id, None)
    return list(others.values())[:2]


def _miss(w: Writing, by: Viewer, now: datetime) -> None:
    row = EmergencyMiss.objects.create(territory_id=by.territory_id, agent_id=by.agent_id, at=now)
    w.note(Act.DENIED, row, why="emergency")
    if reads.misses(by.agent_id, by.territory_id) == MISSES:
        people.tell(
            people.holding(by.territory_id, (Role.DPO,), now), now=now, but=by.agent_id,
            subject="Un droit d’ouverture d’urgence est suspendu",
            line="Après trois essais non accordés, le droit d’une personne est suspendu. Voyez le Journal.",
        )  # fmt: skip


def close(*, by: Viewer, episode_id: UUID, now: datetime) -> None:
    """Close one's own opening before its time. Raises AccessRefused."""
    with audit.writing(by, now=now) as w:
        row = _locked(by, episode_id)
        if row.agent_id != by.agent_id:
            raise AccessRefused(code="episode")
        if row.runs(now):
            row.closed_at = now
            row.save()
            target = reads.target_of(row)
            subjects.room(row.module).close(w, target=target, mandate_id=row.mandate_id, bases=BREAKS, at=now)
            w.note(Act.CHANGE, row, why="closed")


def review(*, by: Viewer, episode_id: UUID, verdict: str, now: datetime) -> None:
    """Say afterwards whether it was justified, by somebody of another organisation. Raises AccessRefused, InputRefused."""
    if verdict not in Verdict.values:
        raise InputRefused("Choisissez un avis.", field="verdict")
    with audit.writing(by, now=now) as w:
        row = _locked(by, episode_id)
        if not reads.may_review(by, row, now):
            raise AccessRefused(code="episode")
        row.verdict, row.reviewed_at, row.reviewed_by, row.reviewed_from = (
            verdict, now, by.agent_id, by.organisation_id,
        )  # fmt: skip
        row.save()
        w.note(Act.CHANGE, row, why=f"review_{verdict}")
        if verdict != Verdict.JUSTIFIED:
            people.tell(
                people.holding(by.territory_id, (Role.DPO,), now), now=now, subject="Contrôle d’une ouverture d’urgence",
                line="Une ouverture d’urgence n’a pas été jugée justifiée. Voyez « Urgences ».",
            )  # fmt: skip


def _resume_content(agent_id: UUID, count: int) -> dict[str, object]:
    return {"agent": agent_id, "misses": count}


def ask_to_restore(*, by: Viewer, agent_id: UUID, reason: str, now: datetime) -> Approval:
    """Ask a second person to restore a right suspended by three misses. Raises AccessRefused, GuardRefused."""
    require(by, Action.MANAGE, rights_facts(by, None, now), now)
    count = reads.misses(agent_id, by.territory_id)
    if count < MISSES or agent_id == by.agent_id:
        raise GuardRefused("Ce droit n’est pas suspendu.")
    return approvals.ask(
        by=by, act=ApprovalAct.BREAK_GLASS_RESUME, target_id=agent_id, content=_resume_content(agent_id, count),
        reason=reason, now=now,
    )  # fmt: skip


def restore(*, by: Viewer, agent_id: UUID, now: datetime) -> None:
    """Restore it, once a second person agreed, who is not the one concerned. Raises AccessRefused, GuardRefused."""
    require(by, Action.MANAGE, rights_facts(by, None, now), now)
    count = reads.misses(agent_id, by.territory_id)
    with audit.writing(by, now=now) as w:
        approval = approvals.take(
            w=w, act=ApprovalAct.BREAK_GLASS_RESUME, target_id=agent_id, content=_resume_content(agent_id, count),
            now=now,
        )  # fmt: skip
        if approval.decided_by == agent_id:
            raise GuardRefused("La personne concernée ne peut pas donner cet accord.")
        for row in reads.uncleared(by.territory_id, agent_id):
            row.cleared_by = approval.pk
            row.save()
            w.note(Act.GRANT, row, why="emergency_restored")


def _locked(by: Viewer, episode_id: UUID) -> Episode:
    rows = Episode.objects.select_for_update(of=("self",)).filter(pk=episode_id, territory_id=by.territory_id)
    row = rows.first()
    if row is None or not row_is_genuine(row):
        raise AccessRefused(code="episode")
    return row
