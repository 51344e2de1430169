"""Keys in memory: the process cache, and the ring of keys of one gate or one write.

Nothing here opens a value; `Ring` answers "which cipher", with one keystore query for
all the subjects of a gate.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import Error as DatabaseFault

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import format as fmt
from casework.sealing.providers import provider

if TYPE_CHECKING:
    from casework.sealing.fields import SealedField

IDENTITY: Final = "identity"
DRAWERS: Final = ("identity", "content", "location")
IDENTITY_KEYS: Final = 20_000  # the scan limit of search
OTHER_KEYS: Final = 256
OTHER_SECONDS: Final = 300
CIPHERS: Final = 40_000
IN_CLAUSE: Final = 10_000  # SQLite takes at most 32 766 parameters
NO_KEY: Final = "this subject has no key (destroyed, or keys.ensure was not called before the write)"
NO_KEYSTORE: Final = "the keystore cannot be reached"

# Which drawers hold values of a data class; filled by the fields as models are loaded.
drawers_by_class: dict[str, set[str]] = {}


def drawers_of(classes: Iterable[str]) -> tuple[str, ...]:
    """Return the drawers that values of these data classes lie in."""
    found: set[str] = set()
    for name in classes:
        found |= drawers_by_class.get(name, set())
    return tuple(d for d in DRAWERS if d in found)


class Chain:
    """The keys of one subject and drawer, newest first; unwrapped when first needed."""

    __slots__ = ("_deks", "_rows", "drawer", "subject")

    def __init__(self, subject: UUID, drawer: str, rows: list[tuple[bytes, int, bytes]]) -> None:
        self.subject = subject
        self.drawer = drawer
        self._rows = rows
        self._deks: dict[bytes, bytes] = {}

    @property
    def newest(self) -> bytes:
        """The id of the key that writers use."""
        return self._rows[0][0]

    def dek(self, kid: bytes) -> bytes:
        """Return the data key of this id. Raises IntegrityFault if it is not one of ours."""
        found = self._deks.get(kid)
        if found is None:
            for row_kid, epoch, wrapped in self._rows:
                if row_kid == kid:
                    found = unwrap(self.subject, self.drawer, kid, epoch, wrapped)
                    self._deks[kid] = found
                    break
            else:
                raise IntegrityFault(fmt.FAULT)
        return found


class Cache:
    """Keys kept by the process, for as long as the keystore says the same generation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.flush(None)

    def flush(self, generation: int | None) -> None:
        """Forget every key; what comes next belongs to `generation`."""
        with self._lock:
            self.generation = generation
            self.identity: dict[UUID, Chain] = {}
            self.other: OrderedDict[tuple[UUID, str], tuple[float, Chain]] = OrderedDict()
            self.epochs: dict[int, AESGCM] = {}
            self.system: dict[str, bytes] = {}
            self.ciphers: dict[str, dict[bytes, AESGCM]] = {}
            self.cipher_count = 0

    def get(self, subject: UUID, drawer: str) -> Chain | None:
        """Return the chain if it is kept and fresh."""
        if drawer == IDENTITY:
            return self.identity.get(subject)
        kept = self.other.get((subject, drawer))
        if kept is None or kept[0] < time.monotonic():
            return None
        return kept[1]

    def put(self, chain: Chain) -> None:
        """Keep a chain; the oldest leave when there are too many."""
        with self._lock:
            if chain.drawer == IDENTITY:
                self.identity[chain.subject] = chain
                while len(self.identity) > IDENTITY_KEYS:
                    self.identity.pop(next(iter(self.identity)))
            else:
                self.other[(chain.subject, chain.drawer)] = (time.monotonic() + OTHER_SECONDS, chain)
                while len(self.other) > OTHER_KEYS:
                    self.other.popitem(last=False)

    def keep_cipher(self, label: str, kid: bytes, cipher: AESGCM) -> None:
        """Keep the cipher of an identity label; all leave when there are too many."""
        with self._lock:
            if self.cipher_count >= CIPHERS:
                self.ciphers = {}
                self.cipher_count = 0
            self.ciphers.setdefault(label, {})[kid] = cipher
            self.cipher_count += 1


cache = Cache()


def search_cipher(epoch: int, wrapped: bytes | None = None) -> AESGCM:
    """Return the cipher of the epoch's search key, which wraps identity keys."""
    found = cache.epochs.get(epoch)
    if found is None:
        if wrapped is None:
            from casework.sealing.models import KekEpoch

            row = KekEpoch.objects.filter(pk=epoch).values_list("search_key", flat=True).first()
            if row is None:
                raise KeystoreUnavailable(NO_KEYSTORE)
            wrapped = bytes(row)
        try:
            found = AESGCM(provider().unwrap(epoch, wrapped, epoch_aad(epoch)))
        except IntegrityFault:
            # The provider holds another key under this number: the wrong KEK.
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        cache.epochs[epoch] = found
    return found


def epoch_aad(epoch: int) -> bytes:
    """Return the associated data of an epoch's search key."""
    return fmt.lp(b"casework/epoch/v1", epoch.to_bytes(4, "big"))


def subject_aad(subject: UUID, drawer: str, kid: bytes, epoch: int) -> bytes:
    """Return the associated data of a subject's wrapped key (security.md §3.3)."""
    return fmt.wrap_aad((b"casework/wrap/v1", subject.bytes, drawer.encode()), kid, epoch)


def wrap(subject: UUID, drawer: str, dek: bytes, kid: bytes, epoch: int) -> bytes:
    """Return `dek` wrapped: by the epoch's search key for identity, by the provider otherwise."""
    aad = subject_aad(subject, drawer, kid, epoch)
    if drawer != IDENTITY:
        return provider().wrap(epoch, dek, aad)
    nonce = os.urandom(12)
    return nonce + search_cipher(epoch).encrypt(nonce, dek, aad)


def unwrap(subject: UUID, drawer: str, kid: bytes, epoch: int, wrapped: bytes) -> bytes:
    """Return the data key. Raises KeystoreUnavailable (wrong KEK), IntegrityFault (damaged row)."""
    aad = subject_aad(subject, drawer, kid, epoch)
    if drawer == IDENTITY:
        try:
            dek = search_cipher(epoch).decrypt(wrapped[:12], wrapped[12:], aad)
        except (InvalidTag, ValueError):
            raise IntegrityFault(fmt.FAULT) from None
    else:
        try:
            dek = provider().unwrap(epoch, wrapped, aad)
        except IntegrityFault:
            cache.epochs.pop(epoch, None)
            search_cipher(epoch)  # the wrong KEK fails here too, with its own error
            raise
    if fmt.key_id(dek) != kid:
        raise IntegrityFault(fmt.FAULT)
    return dek


def read_generation() -> int | None:
    """Return the keystore's generation, None before keys_init. One query."""
    from casework.sealing.models import KeystoreState

    return KeystoreState.objects.filter(pk=1).values_list("generation", flat=True).first()


def revalidate() -> None:
    """Empty the cache if the keystore changed generation. One query."""
    generation = read_generation()
    if generation != cache.generation:
        cache.flush(generation)


def _fetch(subjects: Iterable[UUID], drawers: Iterable[str]) -> tuple[list[Chain], int | None, bool]:
    """Return chains, the generation, and whether the generation is known (it came with a row)."""
    from django.db.models import Subquery

    from casework.sealing.models import KeystoreState, SubjectKey

    columns = ["subject_id", "drawer", "kid", "kek_epoch_id", "wrapped", "generation"]
    if not cache.epochs:
        columns.append("kek_epoch__search_key")
    everyone = list(subjects)
    grouped: dict[tuple[UUID, str], list[tuple[bytes, int, bytes]]] = {}
    generation: int | None = None
    search_keys: dict[int, bytes] = {}
    known = False
    for start in range(0, len(everyone), IN_CLAUSE):
        rows = (
            SubjectKey.objects.filter(subject_id__in=everyone[start : start + IN_CLAUSE], drawer__in=list(drawers))
            .exclude(state="shredded")
            .annotate(generation=Subquery(KeystoreState.objects.filter(pk=1).values("generation")))
            .order_by("-id")
            .values_list(*columns)
        )
        for subject, drawer, kid, epoch, wrapped, generation, *rest in rows:  # noqa: B007
            known = True
            grouped.setdefault((subject, drawer), []).append((bytes(kid), epoch, bytes(wrapped)))
            if rest:
                search_keys[epoch] = bytes(rest[0])
    if known and generation != cache.generation:
        cache.flush(generation)
    for epoch, wrapped in search_keys.items():
        search_cipher(epoch, wrapped)
    return [Chain(s, d, rows) for (s, d), rows in grouped.items()], generation, known


class Ring:
    """The keys of one gate or one write. Fetched once, dropped with it."""

    __slots__ = ("_chains", "_drawers", "_loaded", "_local", "_subjects")

    def __init__(self, subjects: frozenset[UUID] = frozenset(), drawers: tuple[str, ...] = DRAWERS) -> None:
        self._subjects = subjects
        self._drawers = drawers
        self._loaded = False
        self._chains: dict[tuple[UUID, str], Chain] = {}
        self._local: dict[str, dict[bytes, AESGCM]] = {}

    def drop(self) -> None:
        """Forget the keys."""
        self._chains = {}
        self._local = {}
        self._loaded = False

    def load(self) -> None:
        """Fetch the keys of all subjects: one keystore query, whether they are cached or not."""
        if self._loaded:
            return
        try:
            self._take(self._subjects, self._drawers)
        except DatabaseFault:
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        self._loaded = True

    def _take(self, subjects: Iterable[UUID], drawers: tuple[str, ...]) -> None:
        kept: list[Chain] = []
        missing: list[UUID] = []
        for subject in subjects:
            here = [cache.get(subject, drawer) for drawer in drawers]
            if None in here:
                missing.append(subject)
            kept += [chain for chain in here if chain is not None]
        before = cache.generation
        if missing:
            chains, _, known = _fetch(missing, drawers)
            if not known and kept:
                revalidate()
        else:
            chains = []
            revalidate()
        if cache.generation != before and kept:
            # The cache was stale: what came from it is worth nothing.
            kept = []
            chains = _fetch(subjects, drawers)[0]
        for chain in chains:
            cache.put(chain)
        for chain in (*kept, *chains):
            self._chains[(chain.subject, chain.drawer)] = chain

    def chain(self, subject: UUID, drawer: str) -> Chain:
        """Return the keys of this subject and drawer. Raises Shredded if there are none."""
        if not self._loaded:
            self.load()
        found = self._chains.get((subject, drawer))
        if found is None:
            try:
                self._take((subject,), DRAWERS)
            except DatabaseFault:
                raise KeystoreUnavailable(NO_KEYSTORE) from None
            found = self._chains.get((subject, drawer))
        if found is None:
            raise Shredded(NO_KEY)
        return found

    def ciphers(self, field: SealedField) -> dict[bytes, AESGCM]:
        """Return the ciphers known for the field's label, by key id. Loads the ring first."""
        if not self._loaded:
            self.load()
        if field.drawer == IDENTITY:
            return cache.ciphers.get(field.label, {})
        return self._local.get(field.label, {})

    def cipher(self, field: SealedField, subject: UUID, kid: bytes) -> AESGCM:
        """Return the cipher of this label under the subject's key `kid`. Raises SealingError."""
        found = self.ciphers(field).get(kid)
        if found is not None and (subject, field.drawer) in self._chains:
            return found
        made = fmt.field_cipher(self.chain(subject, field.drawer).dek(kid), field.label_bytes)
        if field.drawer == IDENTITY:
            cache.keep_cipher(field.label, kid, made)
        else:
            self._local.setdefault(field.label, {})[kid] = made
        return made

    def seal(self, field: SealedField, record: UUID, subject: UUID, text: bytes | None) -> bytes:
        """Return the stored bytes of `text` under the subject's newest key. Raises SealingError."""
        kid = self.chain(subject, field.drawer).newest
        cipher = self.cipher(field, subject, kid)
        return fmt.seal(cipher, kid, field.aad_prefix, record.bytes, subject.bytes, text)

    def open(self, field: SealedField, record: UUID, subject: UUID, blob: bytes) -> str | None:
        """Return the text of stored bytes. Raises IntegrityFault, Shredded, KeystoreUnavailable."""
        fmt.check_header(blob)
        cipher = self.cipher(field, subject, blob[4:20])
        return fmt.unseal(cipher, field.aad_prefix, record.bytes, subject.bytes, blob)


_writing: ContextVar[Ring | None] = ContextVar("casework_write_ring", default=None)


@contextmanager
def write_ring() -> Iterator[Ring]:
    """Share one ring between all the values sealed in the block."""
    outer = _writing.get()
    if outer is not None:
        yield outer
        return
    ring = Ring()
    token = _writing.set(ring)
    try:
        yield ring
    finally:
        _writing.reset(token)
        ring.drop()


def writer() -> Ring:
    """Return the ring of the current write, or one for a single value."""
    return _writing.get() or Ring()
