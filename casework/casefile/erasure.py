"""Erasing a person for good: begin → rows → history → keys → epoch → end (design.md §5, RET-04, RET-07).

Each step is one transaction and leaves its mark, so that a kill anywhere is taken up by the next run. Once the
epoch is destroyed, no copy of the keystore made before opens this person's values any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.approvals import ApprovalAct, ApprovalReason
from casework.access.approvals import actions as approvals
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import documents, erasers
from casework.casefile import format as words
from casework.casefile.endings import facts, holds
from casework.casefile.erasers import Target
from casework.casefile.models import Erasure, ErasureStep, Tombstone
from casework.casefile.references import new_reference
from casework.errors import GuardRefused, InputRefused, IntegrityFault
from casework.partners.models import Territory
from casework.sealing import keys, locks, rotation
from casework.sealing.models import KekEpoch, KeyState
from casework.sealing.providers import is_ours, provider

BEGIN: Final = "erase.begin"
END: Final = "erase.end"
OBJECT: Final = "casefile.erasure"
TOMBSTONE: Final = "casefile.tombstone"
JOB: Final = "casefile.erasure"
REPLAY: Final = "restored_copy"
"""Reason of an erasure done again on a restored database."""


def mark(subject_id: UUID) -> str:
    """Return the tombstone of a subject: nobody goes back from it to the id, which is random."""
    return sha256(b"casework/tombstone/v1" + subject_id.bytes).hexdigest()


# Two persons


def _content(target: Target, reason: str, visa: str) -> dict[str, object]:
    return {"subjects": frozenset(erasers.everybody(target.subject_id)), "reason": reason, "visa": visa}


def _check(target: Target, reason: str, visa: str) -> None:
    """Refuse what may not be destroyed, or not yet (ARC-03, ARC-04)."""
    if reason not in ApprovalReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    holds.refuse_if_held(erasers.everybody(target.subject_id))
    if target.past_its_date and not visa:
        raise GuardRefused("Cette fiche a atteint sa durée : sa destruction demande le visa des archives.")


def ask(*, by: Viewer, reference: str, reason: str, now: datetime, visa: str = "", words: str = "") -> Approval:
    """Ask for the second person's agreement to erase this record. Raises AccessRefused, InputRefused, GuardRefused."""
    target = facts.by_reference(by, reference, now)
    _check(target, reason, visa)
    content = _content(target, reason, visa)
    return approvals.ask(
        by=by, act=ApprovalAct.SUBJECT_ERASE, target_id=target.subject_id, content=content, reason=reason,
        reference=target.reference, words=words, now=now,
    )  # fmt: skip


def is_agreed(*, by: Viewer, reference: str, reason: str, now: datetime, visa: str = "") -> bool:
    """Say whether the second person agreed to this very erasure; `erase` asks again."""
    target = facts.by_reference(by, reference, now)
    return approvals.is_agreed(
        by=by, act=ApprovalAct.SUBJECT_ERASE, target_id=target.subject_id, now=now,
        content=_content(target, reason, visa),
    )  # fmt: skip


def erase(*, by: Viewer, reference: str, reason: str, now: datetime, visa: str = "") -> Erasure:
    """Erase a record to which a second person agreed; return the erasure, ended unless another one is under way.

    Raises AccessRefused, InputRefused, GuardRefused (no agreement, or something holds the record).
    """
    target = facts.by_reference(by, reference, now)
    _check(target, reason, visa)
    content = _content(target, reason, visa)

    def agreed(w: Writing) -> UUID:
        taken = approvals.take(
            w=w, act=ApprovalAct.SUBJECT_ERASE, target_id=target.subject_id, content=content, now=now
        )
        return taken.pk

    begun = begin(target.subject_id, territory_id=target.territory_id, reason=reason, by=by, now=now, visa=visa,
                  agreed=agreed)  # fmt: skip
    with suppress(locks.AlreadyRunning):  # whoever holds the lock finishes this one too, or the nightly job does
        carry_on(now)
    begun.refresh_from_db()
    return begun


# Steps


def begin(
    subject_id: UUID,
    *,
    territory_id: UUID | None,
    reason: str,
    by: Actor,
    now: datetime,
    visa: str = "",
    agreed: Callable[[Writing], UUID] | None = None,
) -> Erasure:
    """Write down that a subject, and the shells that die with it, will be erased; from here nothing stops it.

    Raises GuardRefused while a legal hold runs, save for what a restored copy brings back: that was decided before.
    """
    subjects = erasers.everybody(subject_id)
    with audit.writing(by, now=now) as w:
        if reason != REPLAY:
            if territory_id is not None:
                Territory.objects.select_for_update().get(pk=territory_id)  # the same lock as a hold
            holds.refuse_if_held(subjects)
        row = Erasure.objects.create(
            territory_id=territory_id, number=_number(now), reason=reason, visa=visa, began_at=now,
            approval_id=agreed(w) if agreed else None,
        )  # fmt: skip
        Tombstone.objects.bulk_create(
            Tombstone(erasure=row, mark=mark(subject), subject=subject) for subject in subjects
        )
        w.note(
            Act.DELETE, None, subjects=subjects, why=BEGIN, object_type=OBJECT, object_ids=[row.pk],
            territory_id=territory_id, module="casefile",
        )  # fmt: skip
    return row


def _number(now: datetime) -> str:
    """Return a number that no erasure bears."""
    while True:
        number = new_reference("EFF", now.year)
        if not Erasure.objects.filter(number=number).exists():
            return number


def under_way() -> list[Erasure]:
    """Return the erasures begun and not ended, oldest first."""
    return list(Erasure.objects.exclude(step=ErasureStep.DONE).order_by("began_at", "id"))


def carry_on(now: datetime) -> int:
    """Finish every erasure begun; return how many ended. One new epoch serves them all.

    Idempotent, resumable. Raises AlreadyRunning, KeystoreUnavailable, IntegrityFault (a key that cannot be moved
    keeps the old epoch: the person is gone from the live base, not yet from old copies of the keystore).
    """
    with locks.alone(JOB):
        for row in under_way():
            for step in (_rows, _history, _keys):
                step(row, now)
        left = [row for row in under_way() if row.step == ErasureStep.EPOCH]
        if not left:
            return 0
        done = rotation.rotate(beyond=max(row.epoch or 0 for row in left), destroy=True)
        if done.damaged:
            raise IntegrityFault(rotation.LEFT_BEHIND)
        for row in left:
            _end(row, now)
    return len(left)


def begin_due(found: Iterable[tuple[UUID, UUID]], *, reason: str, now: datetime) -> None:
    """Begin to erase the records whose term has come, given by (subject, territory), each once.

    What a legal hold keeps is left, and looked at again the next time, until the hold is lifted.
    """
    due = list(found)
    begun = set(Tombstone.objects.filter(erasure__in=under_way()).values_list("subject", flat=True))
    held = holds.running(subject_id for subject_id, _ in due)
    for subject_id, territory_id in due:
        if subject_id not in begun and subject_id not in held:
            begin(subject_id, territory_id=territory_id, reason=reason, by=audit.system_actor(territory_id), now=now)


def nightly(now: datetime) -> int:
    """Do `carry_on` from the nightly job; another process at it is no failure."""
    with suppress(locks.AlreadyRunning):
        return carry_on(now)
    return 0


def subjects_of(row: Erasure) -> list[UUID]:
    """Return the subjects of an erasure under way; none once it ended."""
    return [found for found in row.tombstones.order_by("id").values_list("subject", flat=True) if found is not None]


def _rows(row: Erasure, now: datetime) -> None:
    if row.step != ErasureStep.ROWS:
        return
    with audit.writing(audit.system_actor(row.territory_id), now=now) as w:
        row.row_count = erasers.delete_rows(subjects_of(row), w, row.reason, now)
        _goto(row, ErasureStep.HISTORY)


def _history(row: Erasure, now: datetime) -> None:
    if row.step != ErasureStep.HISTORY:
        return
    with audit.writing(audit.system_actor(row.territory_id), now=now):
        row.history_count = erasers.delete_history(subjects_of(row))
        _goto(row, ErasureStep.KEYS)


def _keys(row: Erasure, now: datetime) -> None:
    """Destroy the keys, then note under which epoch they lay: every copy of them opens under it."""
    if row.step != ErasureStep.KEYS:
        return
    count = sum(keys.erase(subject) for subject in subjects_of(row))
    live = KekEpoch.objects.filter(state=KeyState.LIVE).values_list("number", flat=True).first()
    with audit.writing(audit.system_actor(row.territory_id), now=now):
        row.key_count, row.epoch = row.key_count + count, live or 0
        _goto(row, ErasureStep.EPOCH)


def _goto(row: Erasure, step: ErasureStep) -> None:
    row.step = step
    row.save()


def _end(row: Erasure, now: datetime) -> None:
    """Tell the end, forget the ids, sign the certificate. What was written meanwhile goes too: it has no key."""
    subjects = subjects_of(row)
    with audit.writing(audit.system_actor(row.territory_id), now=now) as w:
        if erasers.standing(subjects):
            row.row_count += erasers.delete_rows(subjects, w, row.reason, now)
            row.history_count += erasers.delete_history(subjects)
        for stone in row.tombstones.order_by("id"):
            w.note(
                Act.DELETE, None, why=END, object_type=TOMBSTONE, object_ids=[stone.mark],
                territory_id=row.territory_id, module="casefile",
            )  # fmt: skip
        w.note(
            Act.DELETE, None, why=END, object_type=OBJECT, object_ids=[row.pk], territory_id=row.territory_id,
            module="casefile", n=row.row_count,
        )  # fmt: skip
        row.tombstones.update(subject=None)
        row.ended_at = now
        row.signature = provider().sign(statement(row))
        _goto(row, ErasureStep.DONE)


# The certificate


def statement(row: Erasure) -> bytes:
    """Return the lines that are signed: all that the certificate says, and the marks, in one fixed form."""
    marks = sorted(row.tombstones.values_list("mark", flat=True))
    lines = [
        "casework/erasure/v1", row.number, str(row.territory_id), row.reason, row.visa, row.began_at.isoformat(),
        row.ended_at.isoformat() if row.ended_at else "", str(row.row_count), str(row.history_count),
        str(row.key_count), str(row.epoch or 0), *marks,
    ]  # fmt: skip
    return "\n".join(lines).encode()


def is_genuine(row: Erasure) -> bool:
    """Say whether the erasure ended and is as it was signed."""
    return row.step == ErasureStep.DONE and is_ours(statement(row), bytes(row.signature))


def reason_label(reason: str) -> str:
    """Return the French of the reason of an erasure."""
    return str(_REASONS.get(reason, "autre motif"))


TERMS: Final = {
    "sorted_out": "saisine écartée ou réorientée depuis trente jours",
    "measure_term": "mesure terminée depuis six mois",
    "reparation_term": "réparation terminée depuis six mois",
    "victims_term": "dossier fermé depuis six mois",
    "tig_term": "affectation terminée depuis douze mois",
    "return_answered": "retours connus : dernière réponse donnée, ou vingt-sept mois passés",
    "host_term": "structure d’accueil, avec ses contacts et ses tuteurs : convention finie depuis deux ans, ou trois ans "
    "sans échange avec une structure démarchée",
    "tutor_term": "tuteur parti depuis deux ans d’une structure qui accueille encore",
}
"""What goes by itself, every night: the reasons that nobody decides."""

_REASONS: Final = {
    **dict(ApprovalReason.choices),
    **TERMS,
    REPLAY: "copie restaurée d’une fiche déjà effacée",
}


def certificate(row: Erasure) -> bytes:
    """Return the certificate of an erasure as a PDF; no name, no reference of a record. Raises GuardRefused."""
    if not is_genuine(row) or row.ended_at is None:
        raise GuardRefused("Cet effacement n’est pas terminé : il n’a pas encore de certificat.")
    facts = [
        ("Numéro de l’effacement", row.number),
        ("Motif", reason_label(row.reason)),
        *([("Visa des archives", row.visa)] if row.visa else []),
        ("Décidé à deux", "oui" if row.approval_id else "non demandé pour ce motif"),
        ("Commencé le", words.day(localdate(row.began_at))),
        ("Terminé le", words.day(localdate(row.ended_at))),
        ("Fiches détruites", str(row.row_count)),
        ("Versions de l’historique détruites", str(row.history_count)),
        ("Clés détruites", str(row.key_count)),
        ("Clé maîtresse détruite", f"n° {row.epoch}"),
        *(("Marque d’effacement", found) for found in row.tombstones.order_by("mark").values_list("mark", flat=True)),
    ]
    return documents.render(
        documents.Template.STATEMENT,
        {
            "commune": row.territory.name if row.territory else "",
            "paragraphs": [
                "Les données d’une personne ont été détruites dans la base, dans son historique et, par la destruction "
                "de leurs clés puis de la clé maîtresse qui les protégeait, dans toutes les copies faites avant ce jour.",
                "Ce certificat ne nomme personne. La marque ci-dessous permet de vérifier, sur une copie restaurée, "
                "que la personne n’est pas revenue.",
            ],
            "items": [{"label": label, "value": value} for label, value in facts],
            "signatories": [],
            "notes": [
                f"Signature Ed25519 : {bytes(row.signature).hex()}",
                f"Clé publique : {provider().public_key().hex()}",
            ],
        },
        on=localdate(row.ended_at),
        title=f"Certificat d’effacement {row.number}",
    )
