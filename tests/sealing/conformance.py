"""What every key provider is held to: subclass `Conformance`, say how to make one, to slow it and to cut it off.

class TestHsm(Conformance):
    def make(self, path): return HsmProvider(...)
    def down(self, provider): ...   # context manager: nothing of it can be reached
    def slow(self, provider, wait): ...   # context manager: each call to where the keys are calls `wait()` first
"""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from casework.errors import IntegrityFault, KeystoreUnavailable, SealingError, Shredded

DEK = bytes(range(32))
AAD = b"whose"


class Conformance:
    """The suite. No test of it knows where the keys are."""

    def make(self, path: Path) -> Any:
        """Return a provider of its own for one test."""
        raise NotImplementedError

    def down(self, provider: Any) -> AbstractContextManager[None]:
        """Make it unreachable for the block, and reachable again, as it was, after."""
        raise NotImplementedError

    def slow(self, provider: Any, wait: Any) -> AbstractContextManager[None]:
        """Have each round trip of the provider call `wait` first, in the block."""
        raise NotImplementedError

    @pytest.fixture
    def provider(self, tmp_path):
        made = self.make(tmp_path)
        if not made.current_epoch():
            made.new_epoch()
        return made

    def test_round_trip(self, provider):
        epoch = provider.current_epoch()
        blob = provider.wrap(epoch, DEK, AAD)
        assert DEK not in blob
        assert provider.unwrap(epoch, blob, AAD) == DEK
        provider.self_test()

    def test_wrapping_twice_differs(self, provider):
        epoch = provider.current_epoch()
        assert provider.wrap(epoch, DEK, AAD) != provider.wrap(epoch, DEK, AAD)
        assert len(set(provider.wrap_many(epoch, [(DEK, AAD)] * 20))) == 20

    def test_many_at_once_are_as_one_by_one(self, provider):
        epoch = provider.current_epoch()
        items = [(bytes([n]) * 32, b"%d" % n) for n in range(40)]
        blobs = provider.wrap_many(epoch, items)
        assert [provider.unwrap(epoch, blob, aad) for blob, (_, aad) in zip(blobs, items, strict=True)] == [
            dek for dek, _ in items
        ]
        mixed = [(provider.wrap(epoch, DEK, AAD), AAD), (blobs[0], b"1"), (b"", AAD), (blobs[1][:-1], b"1")]
        assert provider.unwrap_many(epoch, mixed) == [DEK, None, None, None]
        assert provider.wrap_many(epoch, []) == provider.unwrap_many(epoch, []) == []

    def test_other_associated_data_is_refused(self, provider):
        epoch = provider.current_epoch()
        with pytest.raises(IntegrityFault):
            provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD), b"someone else")

    def test_another_epoch_is_refused(self, provider):
        old = provider.current_epoch()
        blob = provider.wrap(old, DEK, AAD)
        new = provider.new_epoch()
        assert new > old
        assert provider.current_epoch() == new
        with pytest.raises(IntegrityFault):
            provider.unwrap(new, blob, AAD)
        assert provider.unwrap_many(new, [(blob, AAD)]) == [None]
        assert provider.unwrap(old, blob, AAD) == DEK

    @pytest.mark.parametrize("cut", [0, 1, 11, 12, 27, 28, -1])
    def test_a_truncated_blob_is_refused(self, provider, cut):
        epoch = provider.current_epoch()
        with pytest.raises(IntegrityFault):
            provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD)[:cut], AAD)

    def test_a_destroyed_epoch_is_gone_for_good(self, provider):
        old = provider.current_epoch()
        blob = provider.wrap(old, DEK, AAD)
        new = provider.new_epoch()
        provider.destroy_epoch(old)
        provider.destroy_epoch(old)  # resumed after a kill
        for attempt in (
            lambda: provider.unwrap(old, blob, AAD),
            lambda: provider.wrap(old, DEK, AAD),
            lambda: provider.unwrap_many(old, [(blob, AAD)]),
            lambda: provider.wrap_many(old, [(DEK, AAD)]),
        ):
            with pytest.raises(Shredded):
                attempt()
        assert provider.current_epoch() == new
        provider.destroy_epoch(new)
        assert provider.current_epoch() == 0
        assert provider.new_epoch() not in (old, new)

    @pytest.mark.parametrize("epoch", [0, -1])
    def test_an_epoch_that_never_was_is_an_outage(self, provider, epoch):
        with pytest.raises(KeystoreUnavailable):
            provider.wrap(epoch, DEK, AAD)

    @pytest.mark.attack("T-14")
    def test_down_is_an_outage_never_an_erasure_and_it_comes_back(self, provider):
        epoch = provider.current_epoch()
        blob = provider.wrap(epoch, DEK, AAD)
        with self.down(provider):
            for attempt in (
                lambda: provider.unwrap(epoch, blob, AAD),
                lambda: provider.wrap(epoch, DEK, AAD),
                lambda: provider.unwrap_many(epoch, [(blob, AAD)]),
                lambda: provider.wrap_many(epoch, [(DEK, AAD)]),
                provider.self_test,
            ):
                with pytest.raises(KeystoreUnavailable):
                    attempt()
        assert provider.unwrap(epoch, blob, AAD) == DEK
        provider.self_test()

    @pytest.mark.attack("T-14")
    def test_slow_it_answers_right_and_many_cost_one_round_trip(self, provider):
        epoch, trips = provider.current_epoch(), []

        def wait():
            trips.append(1)
            time.sleep(0.02)

        with self.slow(provider, wait):
            blobs = provider.wrap_many(epoch, [(DEK, AAD)] * 100)
            assert provider.unwrap_many(epoch, [(blob, AAD) for blob in blobs]) == [DEK] * 100
        assert len(trips) == 2

    def test_signs(self, provider):
        signature = provider.sign(b"checkpoint")
        key = Ed25519PublicKey.from_public_bytes(provider.public_key())
        key.verify(signature, b"checkpoint")
        with pytest.raises(InvalidSignature):
            key.verify(signature, b"checkpoint 2")
        assert provider.sign(b"checkpoint") == signature

    def test_concurrent_use(self, provider):
        epoch, errors = provider.current_epoch(), []

        def work():
            try:
                for _ in range(50):
                    assert provider.unwrap(epoch, provider.wrap(epoch, DEK, AAD), AAD) == DEK
                provider.sign(b"x")
                provider.new_epoch()
            except Exception as error:  # noqa: BLE001
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert provider.current_epoch() >= epoch + 4

    def test_errors_carry_no_key(self, provider):
        epoch = provider.current_epoch()
        blob = provider.wrap(epoch, DEK, AAD)
        with pytest.raises(SealingError) as caught:
            provider.unwrap(epoch, blob, b"x")
        assert DEK.hex() not in repr(caught.value)
        assert caught.value.__suppress_context__
