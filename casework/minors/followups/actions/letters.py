"""Printing the letters of information in one batch, then saying that they were sent (SIT-07, SIT-09, DL-02, GDP-10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups.actions import information
from casework.minors.followups.codes import NoticeChannel, NoticeStatus
from casework.minors.followups.models import FollowUp, Notice
from casework.minors.followups.reads import letters as reads


def print_batch(*, by: Viewer, notice_ids: Collection[UUID], at_home: Collection[UUID] = (), now: datetime) -> bytes:
    """Return one PDF, a page for each recipient, and mark them printed: all of them or none.

    `at_home`: parents without an address of their own whom the coordinator says to live with the youth. What may
    not be printed (withheld, another territory, parent of an adult, no parental authority) is refused, not skipped.
    Raises AccessRefused, InputRefused, GuardRefused.
    """
    reads.check_right(by, now)
    rows = _chosen(by, notice_ids, now)
    today = localdate(now)
    said = reads.sender(by, now)
    with reads.gate(by, rows, Act.PRINT):
        known = reads.recipients(by, rows, now)
        letters = []
        for row in rows:
            recipient = known.get(row.pk)
            if recipient is None or recipient.obstacle:
                raise GuardRefused("Un des courriers choisis ne peut plus être imprimé : rechargez la page.")
            address = recipient.address
            if row.pk in at_home and recipient.shared:
                address = reads.lines(row.follow_up.person.address or "")
            letters.append(reads.letter(row, recipient, address, said, today))
        pdf = reads.pdf(letters, said, today)
    with audit.writing(by, now=now) as w:
        for row in rows:
            locked = revision.lock(Notice.objects.filter(status=NoticeStatus.TO_DO), row.pk, row.revision)
            revision.save(locked, letter_printed_at=now)
            w.note(
                Act.PRINT, locked, subjects=[locked.subject_id], classes=[DataClass.YOUTH_REPRESENTATIVES],
                why="letter",
            )  # fmt: skip
    return pdf


def mark_sent(*, by: Viewer, notice_ids: Collection[UUID], now: datetime) -> int:
    """Record the chosen letters as posted or handed over today, confirmed at once; return how many.

    Only letters printed before: a letter never printed was not sent. Raises AccessRefused, InputRefused, GuardRefused.
    """
    reads.check_right(by, now, Ask.CHANGE)
    rows = _chosen(by, notice_ids, now)
    if any(row.letter_printed_at is None for row in rows):
        raise GuardRefused("Imprimez d’abord ces courriers : un courrier jamais imprimé n’a pas pu partir.")
    with reads.gate(by, rows, Act.LIST):
        known = reads.recipients(by, rows, now)
    if any(row.pk not in known for row in rows):
        raise GuardRefused("Une des personnes choisies est devenue majeure : ses parents ne sont plus informés.")
    # The gate stays open: the guards of « famille informée » look at the age.
    with reads.gate(by, rows, Act.LIST), audit.writing(by, now=now) as w:
        touched: dict[UUID, FollowUp] = {}
        for row in rows:
            locked = revision.lock(Notice.objects.filter(status=NoticeStatus.TO_DO), row.pk, row.revision)
            revision.save(
                locked, status=NoticeStatus.INFORMED, informed_on=localdate(now), channel=NoticeChannel.LETTER,
                informed_by_id=by.organisation_id, confirmed_at=now, confirmed_by=by.mandate_id,
            )  # fmt: skip
            w.note(
                Act.CHANGE, locked, subjects=[locked.subject_id], classes=[DataClass.YOUTH_REPRESENTATIVES],
                why="letter_sent",
            )  # fmt: skip
            touched[row.follow_up_id] = row.follow_up
        for follow_up in touched.values():
            information.advance(w, by=by, follow_up=follow_up, now=now)
    return len(rows)


def _chosen(by: Viewer, notice_ids: Collection[UUID], now: datetime) -> list[Notice]:
    wanted = set(notice_ids)
    if not wanted:
        raise InputRefused("Cochez au moins un courrier.", field="notices")
    if len(wanted) > reads.MOST:
        raise InputRefused(f"Au plus {reads.MOST} courriers à la fois.", field="notices")
    rows = [row for row in reads.waiting(by, now, only=wanted) if row.pk in wanted]
    if len(rows) != len(wanted):
        raise GuardRefused("Un des courriers choisis n’est plus à faire : rechargez la page.")
    return rows
