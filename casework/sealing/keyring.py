"""Keys in memory: the process cache, and the ring of keys of one gate or one write.

Nothing here decides whether a value may be opened. A ring asks the keystore once: for the keys of all the
subjects of its gate, or, when the process has them all, whether they still stand (the generation).
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import Error as DatabaseFault
from django.db import connections

from casework.errors import IntegrityFault, KeystoreUnavailable, Shredded
from casework.sealing import format as fmt
from casework.sealing.providers import provider
from casework.sealing.routers import KEYSTORE

if TYPE_CHECKING:
    from casework.sealing.fields import SealedField

IDENTITY: Final = "identity"
DRAWERS: Final = ("identity", "content", "location")
IDENTITY_KEYS: Final = 20_000  # the scan limit of search
OTHER_KEYS: Final = 256
OTHER_SECONDS: Final = 300
OPENERS: Final = 40_000
NO_KEY: Final = "this subject has no key (destroyed, or keys.ensure was not called before the write)"
NO_KEYSTORE: Final = "the keystore cannot be reached"

# What opens the values of one label under one key: `decrypt`, the subject as a number, the end of the associated
# data up to the nonce, and all of it up to the nonce for the record that bears the id of its subject (a person's own
# row). Ready-made, because a page sweep runs once per value on screen.
Opener = tuple[Callable[[bytes, bytes, bytes], bytes], int, bytes, bytes]

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

    __slots__ = ("_deks", "drawer", "rows", "subject")

    def __init__(self, subject: UUID, drawer: str, rows: list[tuple[int, bytes, int, bytes]]) -> None:
        """Take rows (number, key id, epoch, wrapped key)."""
        self.subject = subject
        self.drawer = drawer
        self.rows = sorted(rows, reverse=True) if len(rows) > 1 else rows
        self._deks: dict[bytes, bytes] = {}

    @property
    def newest(self) -> bytes:
        """The id of the key that writers use."""
        return self.rows[0][1]

    def holds(self, kid: bytes) -> bool:
        """Say whether this key is unwrapped already."""
        return kid in self._deks

    def keep(self, kid: bytes, dek: bytes) -> None:
        """Keep a key that was unwrapped with others."""
        self._deks[kid] = dek

    def dek(self, kid: bytes) -> bytes:
        """Return the data key of this id. Raises IntegrityFault if it is not one of ours."""
        found = self._deks.get(kid)
        if found is None:
            for _, name, epoch, wrapped in self.rows:
                if name == kid:
                    found = unwrap(self.subject, self.drawer, kid, epoch, wrapped)
                    self._deks[kid] = found
                    break
            else:
                raise IntegrityFault(fmt.FAULT)
        return found


def open_all(chains: Iterable[Chain]) -> None:
    """Unwrap the keys of many chains, one call of the provider for each epoch; what does not open is left out."""
    waiting: dict[int, list[tuple[Chain, bytes, bytes]]] = {}
    for chain in chains:
        for _, kid, epoch, wrapped in chain.rows:
            if chain.drawer != IDENTITY and not chain.holds(kid):
                waiting.setdefault(epoch, []).append((chain, kid, wrapped))
    for epoch, keys in waiting.items():
        items = [(wrapped, subject_aad(chain.subject, chain.drawer, kid, epoch)) for chain, kid, wrapped in keys]
        for (chain, kid, _), dek in zip(keys, provider().unwrap_many(epoch, items), strict=True):
            if dek is not None:
                chain.keep(kid, dek)


class Cache:
    """Keys kept by the process, for as long as the keystore says the same generation.

    Identity keys up to the scan limit of search; content and location keys few, and for five minutes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.flush(None)

    def flush(self, generation: int | None) -> None:
        """Forget every key; what comes next belongs to `generation`."""
        with self._lock:
            self.generation = generation
            self._identity: dict[UUID, Chain] = {}
            self._other: OrderedDict[tuple[UUID, str], tuple[float, Chain]] = OrderedDict()
            self.epochs: dict[int, AESGCM] = {}
            self.system: dict[str, bytes] = {}
            self._openers: dict[str, dict[bytes, Opener]] = {}
            self._opener_count = 0

    def get(self, subject: UUID, drawer: str) -> Chain | None:
        """Return the chain if it is kept and fresh."""
        if drawer == IDENTITY:
            return self._identity.get(subject)
        kept = self._other.get((subject, drawer))
        if kept is None or kept[0] < time.monotonic():
            return None
        return kept[1]

    def put(self, chains: Iterable[Chain]) -> None:
        """Keep chains; the oldest leave when there are too many."""
        until = time.monotonic() + OTHER_SECONDS
        with self._lock:
            for chain in chains:
                if chain.drawer == IDENTITY:
                    self._identity[chain.subject] = chain
                else:
                    self._other[(chain.subject, chain.drawer)] = (until, chain)
            while len(self._identity) > IDENTITY_KEYS:
                self._identity.pop(next(iter(self._identity)))
            while len(self._other) > OTHER_KEYS:
                self._other.popitem(last=False)

    def openers(self, label: str) -> dict[bytes, Opener]:
        """Return the openers kept for an identity label, by key id."""
        return self._openers.get(label, {})

    def keep_openers(self, label: str, made: dict[bytes, Opener]) -> None:
        """Keep openers of an identity label; all leave when there are too many."""
        with self._lock:
            if self._opener_count + len(made) > OPENERS:
                self._openers = {}
                self._opener_count = 0
            if len(made) <= OPENERS:
                self._openers[label] = {**self._openers.get(label, {}), **made}
                self._opener_count += len(made)


cache = Cache()


# Wrapping


def epoch_aad(epoch: int) -> bytes:
    """Return the associated data of an epoch's search key."""
    return fmt.lp(b"casework/epoch/v1", epoch.to_bytes(4, "big"))


WRAP_HEAD: Final = fmt.lp(b"casework/wrap/v1", bytes(16), b"", b"", b"")[: 4 + 4 + 16 + 4]
WRAP_DRAWER: Final = {d: len(d).to_bytes(4, "big") + d.encode() + fmt.ID_LENGTH for d in DRAWERS}
_FOUR: Final = (4).to_bytes(4, "big")


def subject_aad(subject: UUID, drawer: str, kid: bytes, epoch: int) -> bytes:
    """Return LP("casework/wrap/v1", subject id, drawer, key id, u32be(epoch)) (security.md §3.3)."""
    return WRAP_HEAD + subject.bytes + WRAP_DRAWER[drawer] + kid + _FOUR + epoch.to_bytes(4, "big")


def search_cipher(epoch: int, wrapped: bytes | None = None) -> AESGCM:
    """Return the cipher of the epoch's search key, which wraps identity keys."""
    found = cache.epochs.get(epoch)
    if found is None:
        wrapped = wrapped or _search_key(epoch)
        try:
            found = AESGCM(provider().unwrap(epoch, wrapped, epoch_aad(epoch)))
        except IntegrityFault:
            # The provider holds another key under this number: the wrong KEK.
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        cache.epochs[epoch] = found
    return found


def _search_key(epoch: int) -> bytes:
    from casework.sealing.models import KekEpoch

    found = KekEpoch.objects.filter(pk=epoch).values_list("search_key", flat=True).first()
    if found is None:
        raise KeystoreUnavailable(NO_KEYSTORE)
    return bytes(found)


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
            return search_cipher(epoch).decrypt(wrapped[:12], wrapped[12:], aad)
        except (InvalidTag, ValueError):
            raise IntegrityFault(fmt.FAULT) from None
    try:
        return provider().unwrap(epoch, wrapped, aad)
    except IntegrityFault:
        cache.epochs.pop(epoch, None)
        search_cipher(epoch)  # with the wrong KEK this fails too, and says so
        raise


# The keystore


def read_generation() -> int | None:
    """Return the keystore's generation, None before keys_init. One query, past the ORM: each gate makes it."""
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute("SELECT generation FROM sealing_keystorestate WHERE id = 1")
        found: tuple[int] | None = cursor.fetchone()
    return found[0] if found else None


def revalidate() -> bool:
    """Empty the cache if the keystore changed generation; say whether it stood. One query."""
    generation = read_generation()
    if generation == cache.generation:
        return True
    cache.flush(generation)
    return False


_FETCH: Final = """
    SELECT s.generation, k.id, {whose}, k.drawer, k.kid, k.kek_epoch, k.wrapped, e.search_key
    FROM sealing_keystorestate s
    LEFT JOIN sealing_subjectkey k ON k.state <> 'shredded' AND k.drawer IN ({drawers}) AND k.subject_id {among}
    LEFT JOIN sealing_kekepoch e ON e.number = k.kek_epoch AND e.number NOT IN ({known})
    WHERE s.id = 1
"""


def fetch(subjects: Iterable[UUID], drawers: tuple[str, ...]) -> tuple[list[Chain], int | None]:
    """Return the chains of these subjects and the generation. One query, of one shape whatever their number."""
    connection = connections[KEYSTORE]
    names = {subject.hex: subject for subject in subjects}
    if connection.features.has_native_uuid_field:
        # As text: thousands of instances of UUID cost more than the rest of the row.
        whose, among, whom = "encode(uuid_send(k.subject_id), 'hex')", "= ANY(%s::uuid[])", list(names)
    else:
        whose, among, whom = "k.subject_id", "IN (SELECT value FROM json_each(%s))", json.dumps(list(names))  # type: ignore[assignment]
    # The search key of an epoch comes with each of its keys, unless the process knows it already.
    known = ", ".join(map(str, cache.epochs)) or "-1"
    statement = _FETCH.format(whose=whose, drawers=", ".join(["%s"] * len(drawers)) or "''", known=known, among=among)
    grouped: dict[tuple[str, str], list[tuple[int, bytes, int, bytes]]] = {}
    generation: int | None = None
    search_keys: dict[int, bytes | None] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [*drawers, whom])
        for generation, number, name, drawer, kid, epoch, wrapped, search_key in cursor.fetchall():  # noqa: B007
            if number is not None:
                search_keys[epoch] = search_key
                row = (number, bytes(kid), epoch, bytes(wrapped))
                grouped.setdefault((name, drawer), []).append(row)
    if generation != cache.generation:
        cache.flush(generation)
    for epoch, search_key in search_keys.items():
        search_cipher(epoch, search_key and bytes(search_key))
    return [Chain(names[name], drawer, rows) for (name, drawer), rows in grouped.items()], generation


def fetch_settled(subjects: Iterable[UUID], drawers: tuple[str, ...]) -> tuple[list[Chain], int | None]:
    """Do `fetch`, twice if the epoch of what was read was destroyed in between: its keys lie under another now."""
    wanted = list(subjects)
    try:
        return fetch(wanted, drawers)
    except Shredded:
        return fetch(wanted, drawers)


class Ring:
    """The keys of one gate or one write: asked for once, dropped with it."""

    __slots__ = ("_chains", "_ciphers", "_drawers", "_loaded", "_local", "_settled", "_subjects")

    def __init__(self, subjects: frozenset[UUID] = frozenset(), drawers: tuple[str, ...] = DRAWERS) -> None:
        self._subjects = subjects
        self._drawers = drawers
        self.drop()

    def drop(self) -> None:
        """Forget the keys."""
        self._settled = False
        self._loaded = False
        self._chains: dict[tuple[str, UUID], Chain] = {}
        self._ciphers: dict[tuple[str, bytes], AESGCM] = {}
        self._local: dict[str, dict[bytes, Opener]] = {}

    def settle(self) -> bool:
        """Ask the keystore, once, whether the keys of the process still stand; False if they did not."""
        if self._settled:
            return True
        try:
            stood = revalidate()
        except DatabaseFault:
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        self._settled = True
        return stood

    def load(self) -> bool:
        """Take the keys of all subjects, in one query; False if those of the process did not stand."""
        if self._loaded:
            return True
        stood = self._gather(self._subjects, self._drawers, self._drawers)
        self._loaded = True
        return stood

    def _gather(self, subjects: Iterable[UUID], needed: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
        """Take chains from the process and the rest, for the `wanted` drawers, from the keystore."""
        kept: list[Chain] = []
        missing: list[UUID] = []
        for subject in subjects:
            here = [cache.get(subject, drawer) for drawer in needed]
            if None in here:
                missing.append(subject)
            else:
                kept += here  # type: ignore[arg-type]
        before, stood = cache.generation, True
        try:
            if missing:
                fetched, generation = fetch_settled(missing, wanted)
                stood = generation == before
                if not stood and kept:
                    kept, (fetched, _) = [], fetch_settled(subjects, wanted)
            else:
                fetched = []
                if not self.settle():
                    stood, kept, (fetched, _) = False, [], fetch_settled(subjects, wanted)
        except DatabaseFault:
            raise KeystoreUnavailable(NO_KEYSTORE) from None
        self._settled = True
        cache.put(fetched)
        for chain in (*kept, *fetched):
            self._chains[(chain.drawer, chain.subject)] = chain
        return stood

    def take(self, subjects: Iterable[UUID], drawers: Iterable[str]) -> None:
        """Take the keys of many subjects whose rows are about to be written, in one query."""
        needed = tuple(drawers)
        self._gather([each for each in subjects if (needed[0], each) not in self._chains], needed, DRAWERS)

    def chain(self, subject: UUID, drawer: str) -> Chain:
        """Return the keys of this subject and drawer. Raises Shredded if there are none."""
        if not self._settled and self._subjects:
            self.load()
        found = self._chains.get((drawer, subject))
        if found is None:
            self._gather((subject,), (drawer,), DRAWERS)
            found = self._chains.get((drawer, subject))
        if found is None:
            raise Shredded(NO_KEY)
        return found

    def dek(self, subject: UUID, drawer: str, kid: bytes) -> bytes:
        """Return the data key of this id. Raises SealingError.

        A rotation may have wrapped it under another epoch, or put it aside, since this ring asked: what does not
        unwrap is asked for once more.
        """
        try:
            return self.chain(subject, drawer).dek(kid)
        except (Shredded, IntegrityFault):
            if not self._settled or self._chains.pop((drawer, subject), None) is None:
                raise
        fetched, _ = fetch_settled((subject,), (drawer,))
        cache.put(fetched)
        for chain in fetched:
            self._chains[(drawer, subject)] = chain
            return chain.dek(kid)
        raise Shredded(NO_KEY)

    def cipher(self, field: SealedField, subject: UUID, kid: bytes) -> AESGCM:
        """Return the cipher of this label under the subject's key `kid`. Raises SealingError."""
        found = self._ciphers.get((field.label, kid))
        if found is None:
            found = fmt.field_cipher(self.dek(subject, field.drawer, kid), field.label_bytes)
            self._ciphers[(field.label, kid)] = found
        return found

    def seal(self, field: SealedField, record: UUID, subject: UUID, text: bytes | None) -> bytes:
        """Return the stored bytes of `text` under the subject's newest key. Raises SealingError."""
        kid = self.chain(subject, field.drawer).newest
        cipher = self.cipher(field, subject, kid)
        return field.seal(cipher, kid, record, subject, text)

    def open(self, field: SealedField, record: UUID, subject: UUID, blob: bytes) -> Any:
        """Return the text (or bytes) of stored bytes. Raises IntegrityFault, Shredded, KeystoreUnavailable."""
        fmt.check_header(blob)
        cipher = self.cipher(field, subject, blob[4:20])
        return field.opened(field.unseal(cipher, record, subject, blob))

    def openers(self, field: SealedField) -> dict[bytes, Opener]:
        """Return the openers at hand for the field; they count only once the ring is settled."""
        if field.drawer == IDENTITY:
            return cache.openers(field.label)
        return self._local.get(field.label, {})

    def derive(self, field: SealedField, whose: Iterable[tuple[UUID, bytes]]) -> dict[bytes, Opener]:
        """Make, keep and return openers for (subject, key id) pairs; those without a key are left out."""
        made: dict[bytes, Opener] = {}
        drawer, label, chains = field.drawer, field.label_bytes, self._chains
        for subject, kid in whose:
            if (drawer, subject) in chains:
                try:
                    cipher = fmt.field_cipher(self.dek(subject, drawer, kid), label)
                except (IntegrityFault, Shredded):
                    continue
                tail = fmt.ID_LENGTH + subject.bytes + fmt.PREFIX + kid
                made[kid] = (cipher.decrypt, subject.int, tail, field.aad_prefix + subject.bytes + tail)
        if drawer == IDENTITY:
            cache.keep_openers(field.label, made)
        else:
            self._local[field.label] = {**self._local.get(field.label, {}), **made}
        return made


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
