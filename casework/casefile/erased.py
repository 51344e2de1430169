"""Nobody comes back: what a restored copy must go through before it serves (RET-08, T-12).

A dump taken before an erasure brings rows back, or keys. Three witnesses remember: the keystore (a destroyed key
keeps its row), the tombstones of the base, and those of the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseFault

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import erasers, erasure
from casework.casefile.models import ErasureStep, Tombstone
from casework.errors import CaseworkError, IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import keyring
from casework.sealing.models import KekEpoch, KeyState, SubjectKey


class ErasedReturned(CaseworkError):
    """A restored base or keystore brings back what was erased: the server does not start."""

    code = "erased_returned"


@dataclass(frozen=True)
class Returned:
    """Who came back: with rows (and where they were), or with keys."""

    rows: dict[UUID, UUID | None]
    keys: frozenset[UUID]
    old_keystore: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows or self.keys or self.old_keystore)


def look() -> Returned:
    """Return what should not be there. Erasures under way are none of it: they will be finished."""
    if _is_older_than_its_epoch():
        return Returned({}, frozenset(), old_keystore=True)
    going = set(Tombstone.objects.exclude(erasure__step=ErasureStep.DONE).values_list("subject", flat=True))
    dead = set(SubjectKey.objects.filter(state=KeyState.SHREDDED).values_list("subject_id", flat=True).distinct())
    back = frozenset(_living_with_a_tombstone()) - going
    return Returned(erasers.standing((dead | back) - going), back)


def _is_older_than_its_epoch() -> bool:
    """Say whether the provider has destroyed the epoch that the keystore believes alive."""
    live = KekEpoch.objects.filter(state=KeyState.LIVE).first()
    if live is None:
        return False
    try:
        keyring.cache.epochs.pop(live.number, None)
        keyring.search_cipher(live.number, bytes(live.search_key))
    except Shredded:
        return True
    return False


def _living_with_a_tombstone() -> Iterator[UUID]:
    """Yield the subjects whose key lives although the base or the journal says that they were erased."""
    marks = set(Tombstone.objects.filter(erasure__step=ErasureStep.DONE).values_list("mark", flat=True))
    told = set(AuditEvent.objects.filter(object_type=erasure.TOMBSTONE).values_list("object_ref", flat=True))
    if not (marks or told):
        return
    living = SubjectKey.objects.exclude(state=KeyState.SHREDDED).order_by().values_list("subject_id", flat=True)
    for subject in living.distinct().iterator(2000):
        mark = erasure.mark(subject)
        if mark in marks or (told and audit.object_ref(erasure.TOMBSTONE, mark) in told):
            yield subject


def refuse_to_start() -> None:
    """Raise ErasedReturned where the base or the keystore brings an erased person back.

    In production an unreachable base is a refusal too: what cannot be looked at is not served.
    """
    try:
        found = look()
    except (DatabaseFault, KeystoreUnavailable):
        if settings.IS_PRODUCTION:
            raise
        return
    if found.old_keystore:
        raise ErasedReturned("the keystore is older than the last destroyed epoch: restore a newer copy of it")
    if found:
        raise ErasedReturned("a restored copy brings erased records back: run `manage.py erase_replay`")


def at_start() -> None:
    """Do `refuse_to_start` when a server starts; a test has its own database, made after the program is loaded."""
    if settings.CASEWORK_MODE != "test":
        refuse_to_start()


def replay(now: datetime) -> int:
    """Finish every erasure begun, and erase again whoever came back; return how many erasures ended.

    Raises IntegrityFault where the keystore is too old to be of use, AlreadyRunning, KeystoreUnavailable.
    """
    if _is_older_than_its_epoch():
        raise IntegrityFault("the keystore is older than the last destroyed epoch")
    ended = erasure.carry_on(now)
    found = look()
    for subject in {**dict.fromkeys(found.keys), **found.rows}:
        if erasure.mark(subject) in _begun():
            continue  # the shell of one just begun
        territory = found.rows.get(subject)
        erasure.begin(subject, territory_id=territory, reason=erasure.REPLAY, by=audit.system_actor(territory), now=now)
    return ended + erasure.carry_on(now)


def _begun() -> set[str]:
    return set(Tombstone.objects.exclude(erasure__step=ErasureStep.DONE).values_list("mark", flat=True))
