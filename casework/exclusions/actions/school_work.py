"""The work that teachers send: the pupil goes on learning during the exclusion (EXC-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from casework import audit
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import attached, revision
from casework.casefile.attached import Upload
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import papers, team
from casework.exclusions.codes import ENDED, FileKind, State
from casework.exclusions.models import ExclusionSupport, SchoolWork
from casework.sealing import keys


def send(
    *, by: Viewer, support: ExclusionSupport, subject: str, content: str, upload: Upload | None, now: datetime
) -> SchoolWork:
    """Send work for a pupil: a subject, what is to be done or a document. The host is told.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    _require_sending(by, support, now)
    if not subject.strip():
        raise InputRefused("Indiquez la matière.", field="subject")
    if not content.strip() and upload is None:
        raise InputRefused("Dites ce qui est à faire, ou joignez le document.", field="content")
    made = attached.look_at(upload)
    keys.ensure(support.subject_id)
    with audit.writing(by, now=now) as w:
        file = papers.keep(w, by=by, record=support, kind=FileKind.WORK, made=made, now=now) if made else None
        row = SchoolWork(
            id=uuid4(), subject_id=support.subject_id, territory_id=support.territory_id, support=support, sent_at=now,
            sent_by=by.mandate_id, document_id=file.pk if file else None, subject=subject.strip(),
            content=content.strip(),
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[facts.PUPIL])
    holders = team.in_charge([support.pk], now).get(support.pk, [])
    tell([each for each in holders if facts.receives(each.role)], subject=team.SUBJECT, line=team.WAITS, now=now)
    return row


def take_back(*, by: Viewer, work_id: UUID, now: datetime) -> None:
    """Delete work sent by mistake, with its document. Raises AccessRefused, InputRefused."""
    row = find(by, work_id, now)
    _require_sending(by, row.support, now)
    if row.done_at is not None:
        raise InputRefused("Ce travail est déjà fait.")
    with audit.writing(by, now=now) as w:
        if row.document_id:
            for file in AttachedFile.objects.filter(pk=row.document_id, record_id=row.support_id):
                attached.withdraw(w, file)
        w.note(Act.DELETE, row, classes=[facts.PUPIL], why="withdrawn")
        row.delete()


def tick(*, by: Viewer, work_id: UUID, done: bool, now: datetime) -> None:
    """Say that work is done, or not after all: the host sees it. Raises AccessRefused, InputRefused."""
    row = find(by, work_id, now)
    facts.require_on(by, row.support, Action.CHANGE, facts.PUPIL, now)
    if row.support.state in ENDED:
        raise InputRefused("Cet accueil est terminé.")
    with audit.writing(by, now=now) as w:
        locked = revision.lock(SchoolWork.objects.all(), row.pk, None)
        revision.save(locked, done_at=now if done else None)
        w.note(Act.CHANGE, locked, classes=[facts.PUPIL], why="done" if done else "undone")


def find(viewer: Viewer, pk: UUID, now: datetime) -> SchoolWork:
    """Return one work of a support that the viewer may open. Raises AccessRefused, absent or refused alike."""
    row = SchoolWork.objects.filter(pk=pk, support__in=facts.visible_to(viewer, now).values("pk")).first()
    if row is None:
        raise AccessRefused(code="work")
    row.support = facts.find(viewer, row.support_id, now)
    return row


def _require_sending(by: Viewer, support: ExclusionSupport, now: datetime) -> None:
    facts.require_school(by, support, Action.CHANGE, now)
    if support.state in ENDED or support.state == State.PLACE_HELD:
        raise InputRefused("Le travail s’envoie pendant l’accueil.", field="subject")
