#!/usr/bin/env python3
"""Check an exported journal, or the proof file of a record, without the software, its keys or any library.

    verify_journal.py EXPORT.jsonl [--witness FOLDER] [--checkpoint FILE]... [--key KEY]
    verify_journal.py PROOF.json   [--witness FOLDER] [--checkpoint FILE]... [--key KEY]

It recomputes each event's leaf and the root of the tree (RFC 6962), checks signatures (Ed25519, RFC 8032), compares
with every checkpoint kept elsewhere (the witness's folder, the QR code of signed minutes saved as text), and accepts
an emptied event only under a signed purge that names it and waited for its term. A journal put back by a restore may
contradict older checkpoints only under a signed declaration that the journal tells and that was kept elsewhere (the
`.fork` files of the witness's folder, also accepted by --checkpoint).
Exit: 0 intact, 2 altered, 3 no checkpoint to compare with where one was asked, 4 cannot run.

One file, standard library only, written apart from the software on purpose: two readers of one specification.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import time
from pathlib import Path
from uuid import UUID

ORIGIN = "casework.audit/"
KEY_NAME = "casework.audit"
EXPORT, PROOF = "casework.audit/export/1", "casework.audit/proof/1"
FORK = "casework.audit/fork/1"
TERM = 365 * 86_400_000_000
SLACK = 60_000_000
ORDER = (
    ("v", "number"), ("log", "text"), ("idx", "number"), ("ts", "number"), ("actor_id", "uuid"), ("org_id", "uuid"),
    ("mandate_id", "uuid"), ("role", "text"), ("session_ref", "text"), ("act", "text"), ("module", "text"),
    ("object_type", "text"), ("object_ref", "text"), ("subject_refs", "refs"), ("classes", "names"),
    ("purpose", "text"), ("outcome", "text"), ("why", "text"), ("n", "number"), ("request_id", "text"),
    ("net_prefix", "text"), ("columns_version", "number"), ("state_digest", "bytes"), ("salt", "bytes"),
)  # fmt: skip


class Altered(Exception):
    """Something does not fit. Carries a French sentence."""


# ---------------------------------------------------------------- Ed25519 (RFC 8032 §5.1.7), verification only

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(one, two):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, two
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _x_of(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def _point(blob):
    if len(blob) != 32:
        return None
    number = int.from_bytes(blob, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519(public, message, signature):
    """Say whether `signature` is that of `message` under a 32-byte public key."""
    if len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = _times(s, BASE), _add(r, _times(h, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


# ---------------------------------------------------------------- events and tree


def parts(items):
    """Return the items, each preceded by its length on four bytes."""
    return b"".join(struct.pack(">I", len(item)) + item for item in items)


def _encoded(value, kind):
    if kind == "number":
        return struct.pack(">q", value)
    if kind == "text":
        return value.encode()
    if kind == "uuid":
        return UUID(value).bytes if value else b""
    if kind == "names":
        return parts(name.encode() for name in value)
    blob = bytes.fromhex(value)
    return parts(blob[at : at + 16] for at in range(0, len(blob), 16)) if kind == "refs" else blob


def leaf_of(event):
    """Return the leaf hash of an event from what it says."""
    return hashlib.sha256(b"\x00" + parts(_encoded(event[name], kind) for name, kind in ORDER)).digest()


def node(left, right):
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees of the leaves so far, largest first."""

    def __init__(self):
        self.size, self.hashes = 0, []

    def add(self, leaf):
        """Add one leaf."""
        size = self.size
        while size & 1:
            leaf = node(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self):
        """Return the root of all leaves so far."""
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node(left, root)
        return root


def included(leaf, idx, size, path, root):
    """Say whether an audit path leads from a leaf to a root (RFC 9162 §2.1.3.2)."""
    if not 0 <= idx < size:
        return False
    place, last, found = idx, size - 1, leaf
    for item in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node(item, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, item)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


# ---------------------------------------------------------------- checkpoints


def key_of(line):
    """Return the 32 bytes of a verifier key « name+hash+base64 ». Raises ValueError."""
    name, stamp, encoded = line.strip().split("+", 2)
    blob = base64.b64decode(encoded, validate=True)
    if (
        len(blob) != 33
        or blob[:1] != b"\x01"
        or hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4].hex() != stamp
    ):
        raise ValueError("key")
    return blob[1:]


def checkpoints_of(text):
    """Return [(log, size, root, signed text, [signatures])] of a file of checkpoints. Raises ValueError."""
    found, block = [], []
    for line in [*(raw.strip() for raw in text.splitlines()), ""]:
        if line.startswith("—"):
            found[-1][4].append(line.lstrip("—").strip())
        elif line and not (line.startswith(ORIGIN) and block):
            block.append(line)
        elif block:
            root = base64.b64decode(block[2], validate=True)
            if not block[0].startswith(ORIGIN) or len(root) != 32:
                raise ValueError("checkpoint")
            found.append((block[0][len(ORIGIN) :], int(block[1]), root, "\n".join(block) + "\n", []))
            block = [line] if line else []
    return found


def signed(note, key):
    """Say whether the key signed a checkpoint or a declared fork."""
    stamp = hashlib.sha256(KEY_NAME.encode() + b"\n\x01" + key).digest()[:4]
    for line in note[4]:
        name, _, encoded = line.partition(" ")
        try:
            blob = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            continue
        if name == KEY_NAME and blob[:4] == stamp and ed25519(key, note[3].encode(), blob[4:]):
            return True
    return False


def date_of(note):
    """Return the date of a checkpoint or of a fork, as written; "" for a printed code. Such dates compare as texts."""
    return next((line[5:] for line in note[3].splitlines() if line.startswith("date ")), "")


# ---------------------------------------------------------------- declared forks


class Fork:
    """A signed declaration that a log goes on from an older size (R-02)."""

    def __init__(self, text):
        """Read one `.fork` file. Raises ValueError, IndexError."""
        signed_text, _, rest = text.partition("\n\n")
        lines = signed_text.split("\n")
        if len(lines) != 6 or lines[0] != FORK or not rest.startswith("— "):
            raise ValueError("fork")
        old, new, by = (line.split(" ") for line in lines[2:5])
        if (old[0], new[0], by[0], len(by)) != ("old", "new", "by", 3):
            raise ValueError("fork")
        self.text, self.log, self.by = text, lines[1], by[1:]
        self.old_size, self.old_root = int(old[1]), base64.b64decode(old[2], validate=True)
        self.size, self.root = int(new[1]), base64.b64decode(new[2], validate=True)
        self.note = (self.log, self.size, self.root, signed_text + "\n", [rest.lstrip("—").strip()])
        self.date = date_of(self.note)

    def is_genuine(self, key):
        """Say whether the key signed it, in the name of two persons, for a log that goes back."""
        return self.by[0] != self.by[1] and self.size < self.old_size and signed(self.note, key)

    def abandons(self, checkpoint):
        """Say whether a checkpoint may differ because it saw what this fork gave up."""
        if checkpoint[0] != self.log or not self.size < checkpoint[1] <= self.old_size:
            return False
        return (checkpoint[1] < self.old_size or checkpoint[2] == self.old_root) and date_of(checkpoint) <= self.date


# ---------------------------------------------------------------- purges


class Purges:
    """The emptied events, and the signed statements that must name them."""

    def __init__(self, log, key):
        self.log, self.key = log, key
        self.rows, self.statements, self.end = {}, {}, None

    def see(self, event):
        """Take one event into account, in order."""
        if "salt" not in event:
            first, _, count, ranks = self.rows.setdefault(
                event.get("purged_by"), (event["idx"], 0, 0, hashlib.sha256())
            )
            ranks.update(struct.pack(">q", event["idx"]))
            self.rows[event.get("purged_by")] = (first, event["idx"], count + 1, ranks)
            self.end = None
            return
        if event["act"] == "purge":
            self.statements[event["idx"]] = (bytes.fromhex(event["state_digest"]), event["ts"])
        if self.rows and self.end is None:
            self.end = event["ts"]

    def check(self):
        """Raise Altered at the lowest rank emptied without a valid purge, or before its term."""
        newest, bad = 0, []
        for purge, (first, last, count, ranks) in self.rows.items():
            before = self._before(purge, last, count, ranks.digest())
            if before is None:
                bad.append(first)
            else:
                newest = max(newest, before)
        if self.rows and (self.end is None or self.end > newest):
            bad += [first for first, _, _, _ in self.rows.values()]
        if bad:
            raise Altered(f"événement {min(bad)} : vidé sans purge valable, ou avant son terme")

    def _before(self, purge, last, count, digest):
        blob, made_at = self.statements.get(purge, (b"", 0))
        form = struct.Struct(">Bqqq32s16s16s")
        if len(blob) != form.size + 64:
            return None
        version, limit, before, said_count, said, asked_by, agreed_by = form.unpack(blob[: form.size])
        message = parts((b"casework.audit/purge/1", self.log.encode(), blob[: form.size]))
        fits = (version, said_count, said) == (1, count, digest) and asked_by != agreed_by and last < limit
        waited = before <= made_at - TERM + SLACK
        return before if fits and waited and ed25519(self.key, message, blob[form.size :]) else None


# ---------------------------------------------------------------- the two kinds of file


def check_export(lines, key, known, declared):
    """Check a whole log; return (log, size, how many checkpoints agreed, the declared forks it tells). Raises Altered."""
    head = json.loads(next(lines))
    key = key or key_of(head["key"])
    log, tree, purges, agreed = head["log"], Frontier(), Purges(head["log"], key), 0
    kept = {}
    for item in known:
        if item[0] == log:
            if any(line.startswith(KEY_NAME + " ") for line in item[4]) and not signed(item, key):
                raise Altered(f"le point de contrôle de taille {item[1]} n’est pas signé par la clé du journal")
            kept.setdefault(item[1], []).append(item)
    last, forks = None, []
    for raw in lines:
        event = json.loads(raw)
        if "checkpoint" in event:
            last = checkpoints_of(event["checkpoint"])[0]
            continue
        if last is not None or event["idx"] != tree.size:
            raise Altered(f"événement {tree.size} : absent, en double ou déplacé")
        leaf = bytes.fromhex(event["leaf"])
        if "salt" in event:
            try:
                fits = event["log"] == log and leaf_of(event) == leaf
            except (KeyError, ValueError, TypeError, AttributeError, struct.error):
                fits = False
            if not fits:
                raise Altered(f"événement {event['idx']} : modifié")
        if "salt" in event and event["act"] == "restore":
            told = bytes.fromhex(event["state_digest"])
            forks += [
                fork
                for fork in declared
                if (fork.log, fork.size, fork.root, fork.text.encode()) == (log, tree.size, tree.root(), told)
                and fork.is_genuine(key)
            ]
        tree.add(leaf)
        purges.see(event)
        for item in kept.pop(tree.size, ()):
            if item[2] != tree.root():
                if any(fork.abandons(item) for fork in forks):
                    continue
                raise Altered(
                    f"le journal ne prolonge pas le point de contrôle de taille {tree.size} : il a été réécrit"
                )
            agreed += 1
    if last is None:
        raise Altered("le point de contrôle final manque : la fin du journal a pu être coupée")
    if (last[0], last[1], last[2]) != (log, tree.size, tree.root()):
        raise Altered("le point de contrôle final ne correspond pas aux événements")
    if not signed(last, key):
        raise Altered("la signature du point de contrôle final n’est pas valable")
    for size, items in kept.items():
        if size > tree.size and not all(any(fork.abandons(item) for fork in forks) for item in items):
            raise Altered(f"un point de contrôle de taille {size} est connu : la fin du journal a été coupée")
    purges.check()
    return log, tree.size, agreed, forks


def check_proof(proof, key, known, declared):
    """Check that each event of a proof file is in the log of its checkpoint; return (log, count, agreed, forks)."""
    key = key or key_of(proof["key"])
    checkpoint = checkpoints_of(proof["checkpoint"])[0]
    if checkpoint[0] != proof["log"] or not signed(checkpoint, key):
        raise Altered("la signature du point de contrôle n’est pas valable")
    same = [item for item in known if item[:2] == checkpoint[:2]]
    others = [item for item in same if item[2] != checkpoint[2]]
    # Two roots of one size stand on both sides of a declared fork, or one of them lies.
    forks = [fork for fork in declared if fork.log == proof["log"] and fork.is_genuine(key)]
    if not all(any(f.abandons(item) != f.abandons(checkpoint) for f in forks) for item in others):
        raise Altered("un autre point de contrôle de la même taille est connu : le journal a été réécrit")
    for event in proof["events"]:
        leaf = bytes.fromhex(event["leaf"])
        try:
            fits = "salt" not in event or (event["log"] == proof["log"] and leaf_of(event) == leaf)
        except (KeyError, ValueError, TypeError, AttributeError, struct.error):
            fits = False
        path = [bytes.fromhex(item) for item in event["path"]]
        if not fits or not included(leaf, event["idx"], checkpoint[1], path, checkpoint[2]):
            raise Altered(f"événement {event['idx']} : il n’est pas dans le journal signé")
    return proof["log"], len(proof["events"]), len(same) - len(others), forks


def main(arguments=None):
    """Check a file and say so; return the exit code."""
    parser = argparse.ArgumentParser(description="Vérifie un journal exporté ou un fichier de preuve.")
    parser.add_argument("file", metavar="FICHIER", type=Path)
    parser.add_argument("--witness", metavar="DOSSIER", type=Path, help="dossier du témoin")
    parser.add_argument("--checkpoint", metavar="FICHIER", type=Path, action="append", default=[])
    parser.add_argument("--key", metavar="CLÉ", help="clé publique, telle que key.txt du témoin la donne")
    given = parser.parse_args(arguments)
    try:
        files = list(given.checkpoint)
        key = key_of(given.key) if given.key else None
        if given.witness:
            files += sorted([*given.witness.glob("**/*.checkpoint"), *given.witness.glob("**/*.fork")])
            if key is None and (given.witness / "key.txt").exists():
                key = key_of((given.witness / "key.txt").read_text(encoding="utf-8"))
        texts = [path.read_text(encoding="utf-8") for path in files]
        declared = [Fork(text) for text in texts if text.startswith(FORK)]
        known = [item for text in texts if not text.startswith(FORK) for item in checkpoints_of(text)]
        with given.file.open(encoding="utf-8") as file:
            first = json.loads(file.readline())
            file.seek(0)
            if first.get("format") == PROOF:
                log, count, agreed, forks = check_proof(first, key, known, declared)
            elif first.get("format") == EXPORT:
                log, count, agreed, forks = check_export(file, key, known, declared)
            else:
                raise ValueError("format")
    except Altered as fault:
        print(f"ALTÉRÉ : {fault}.")
        return 2
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, binascii.Error) as fault:
        print(f"Vérification impossible ({type(fault).__name__}).")
        return 4
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    print(f"Intact : {log}, {count} événements, {agreed} points de contrôle concordants. {now}")
    for fork in forks:
        print(
            f"Restauration déclarée le {fork.date} : le journal reprend après {fork.size} événements au lieu de "
            f"{fork.old_size}, par {' et '.join(fork.by)}."
        )
    if key is None:
        print("Attention : clé lue dans le fichier lui-même. Comparez-la à celle du témoin avec --key.")
    if (given.witness or given.checkpoint) and not agreed:
        print("Aucun point de contrôle de ce journal n’a été fourni.")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
