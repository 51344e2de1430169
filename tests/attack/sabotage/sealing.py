"""Controls of what is sealed: ciphers, gates, keys, erasure, files, taken away one by one."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

_CIPHER = "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"


def _bound_to(what: str) -> str:
    """Return a cipher that every way of sealing and of reading uses, bound to less than what it is given."""
    return (
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM as _Whole\n"
        "class AESGCM:\n"
        "    def __init__(self, key):\n"
        "        self.whole = _Whole(key)\n"
        "    def encrypt(self, nonce, plain, bound):\n"
        f"        return self.whole.encrypt(nonce, plain, {what})\n"
        "    def decrypt(self, nonce, sealed, bound):\n"
        f"        return self.whole.decrypt(nonce, sealed, {what})\n"
    )


SEALING: tuple[Sabotage, ...] = (
    Sabotage(
        name="gate-subject",
        control="a value opens only under a gate of its own subject",
        file="casework/sealing/gate.py",
        find="        if subject_id in gate.subjects and data_class in gate.classes:\n",
        replace="        if data_class in gate.classes:\n",
        tests=("tests/attack/test_t09_outside_the_gate.py",),
        core=True,
    ),
    Sabotage(
        name="gate-class",
        control="a value opens only under a gate of its own class of data",
        file="casework/sealing/gate.py",
        find="        if subject_id in gate.subjects and data_class in gate.classes:\n",
        replace="        if subject_id in gate.subjects:\n",
        tests=("tests/attack/test_t09_outside_the_gate.py",),
    ),
    Sabotage(
        name="aad",
        control="a value moved to another row, column or subject does not open",
        file="casework/sealing/format.py",
        find=_CIPHER,
        replace=_bound_to("None"),
        tests=("tests/attack/test_t02_moved_ciphertext.py::test_another_row_of_the_same_subject",),
        core=True,
    ),
    Sabotage(
        name="aad-record",
        control="a value moved to another row of the same person does not open",
        file="casework/sealing/format.py",
        find=_CIPHER,
        replace=_bound_to("bound[:-68] + bound[-52:]"),
        tests=("tests/attack/test_t02_moved_ciphertext.py::test_another_row_of_the_same_subject",),
    ),
    Sabotage(
        name="history-copies-bytes",
        control="history keeps stored bytes and opens nothing",
        file="casework/sealing/history.py",
        find="        with stored_values():\n            values = {",
        replace="        if True:\n            values = {",
        tests=("tests/sealing/test_history.py",),
        core=True,
    ),
    Sabotage(
        name="event-before-the-gate",
        control="nothing is opened without a committed event",
        file="casework/audit/gate.py",
        find="        with transaction.atomic(durable=True):\n            append([item])\n",
        replace="        del item\n",
        tests=("tests/audit/test_reading.py",),
        core=True,
    ),
    Sabotage(
        name="event-outside-the-transaction",
        control="a gate refuses to open inside a transaction that could take its event away",
        file="casework/audit/gate.py",
        find="    _refuse_inside_transaction()\n    if wanted",
        replace="    if wanted",
        tests=("tests/audit/test_reading.py",),
    ),
    Sabotage(
        name="cover-of-another-class",
        control="an event covers the classes it names and no other",
        file="casework/audit/gate.py",
        find="        names <= event.classes and _holds(",
        replace="        _holds(",
        tests=("tests/audit/test_reading.py",),
    ),
    Sabotage(
        name="erasure-epoch",
        control="erasing a person destroys the epoch under which old copies of the key lie",
        file="casework/casefile/erasure.py",
        find="rotation.rotate(beyond=max(row.epoch or 0 for row in left), destroy=True)",
        replace="rotation.rotate(beyond=max(row.epoch or 0 for row in left), destroy=False)",
        tests=("tests/attack/test_t13_wrapped_keys_everywhere.py::test_no_copy_of_the_keystore_opens_who_was_erased",),
    ),
    Sabotage(
        name="erasure-two-persons",
        control="nobody erases a record alone",
        file="casework/casefile/erasure.py",
        find="            approval_id=agreed(w) if agreed else None,\n",
        replace="            approval_id=None,\n",
        tests=("tests/casefile/test_erasure.py::test_one_person_alone_erases_nothing",),
    ),
    Sabotage(
        name="erasure-history",
        control="history goes with the rows it copies",
        file="casework/casefile/erasure.py",
        find="        row.history_count = erasers.delete_history(subjects_of(row))\n",
        replace="",
        tests=("tests/casefile/test_erasure.py::test_nothing_is_left_and_the_others_are_whole",),
    ),
    Sabotage(
        name="restored-copy",
        control="a restored copy that brings an erased person back is not served",
        file="casework/casefile/erased.py",
        find="    if found:\n        raise ErasedReturned(",
        replace="    if False:\n        raise ErasedReturned(",
        tests=("tests/attack/test_t12_restored_copies.py",),
    ),
    Sabotage(
        name="epoch-destroyed-last",
        control="an epoch is destroyed only when every key was seen to open under the next",
        file="casework/sealing/rotation.py",
        find="    if _held_by_others(epoch) or not all(_opens(epoch, batch)):\n",
        replace="    if False:\n",
        tests=("tests/sealing/test_rotation.py",),
    ),
    Sabotage(
        name="readers-during-rotation",
        control="a reader who took its keys before a rotation asks once more",
        file="casework/sealing/keyring.py",
        find="            if not self._settled or self._chains.pop((drawer, subject), None) is None:\n                raise\n",
        replace="            raise\n",
        tests=("tests/sealing/test_rotation.py::test_a_reader_who_asked_before_reads_after",),
    ),
    Sabotage(
        name="warm-keys",
        control="keys kept by a process count only while the keystore says that they stand",
        file="casework/sealing/keyring.py",
        find="    if generation == cache.generation:\n        return True\n",
        replace="    if True:\n        return True\n",
        tests=(
            "tests/attack/test_t13_wrapped_keys_everywhere.py::test_a_process_with_warm_keys_refuses_at_its_next_request",
        ),
    ),
    Sabotage(
        name="former-key",
        control="a former key stays while a value carries it",
        file="casework/sealing/reseal.py",
        find="    if carries(subject, [bytes(kid) for kid in old], models):\n        return False\n",
        replace="",
        tests=("tests/sealing/test_reseal.py",),
    ),
    Sabotage(
        name="no-keys-503",
        control="without keys every page is one clean 503",
        file="casework/access/middleware.py",
        find="        except KeystoreUnavailable:\n",
        replace="        except ZeroDivisionError:\n",
        tests=("tests/attack/test_t14_no_keys_now.py",),
    ),
    Sabotage(
        name="file-metadata",
        control="a file handed in keeps nothing but what shows",
        file="casework/casefile/files.py",
        find="        cleaned = _CLEANERS[kind](content)\n",
        replace="        cleaned = content\n",
        tests=("tests/casefile/test_files.py",),
    ),
    Sabotage(
        name="file-last-chunk",
        control="a sealed file cut short does not open",
        file="casework/sealing/format.py",
        find='    return header[20:27] + index.to_bytes(4, "big") + bytes((last,))\n',
        replace='    return header[20:27] + index.to_bytes(4, "big") + bytes((0,))\n',
        tests=("tests/sealing/test_files_format.py",),
    ),
    Sabotage(
        name="download-told",
        control="each download of a document is told by itself",
        file="casework/minors/followups/actions/files.py",
        find="purpose=Purpose.DOCUMENT, act=Act.PRINT,\n",
        replace="purpose=Purpose.DOCUMENT, act=Act.VIEW,\n",
        tests=("tests/followups/test_files.py",),
    ),
)
