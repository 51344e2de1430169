"""Opens a spreadsheet that somebody hands in: says what it is, refuses clearly what it is not.

A workbook is read in a process of its own (`workbook_worker.py`); what its lines mean, each subject says.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path

from casework.casefile.workbook_worker import MAX_CELL, MAX_COLUMNS
from casework.errors import InputRefused

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
"""Lines under the headers, blank ones left out."""

_SAMPLE = 200
_WORKER = Path(__file__).resolve().parent / "workbook_worker.py"
_WORKER_SECONDS = 30

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"

_REFUSALS = {
    "empty": "Ce fichier est vide.",
    "too_big": "Ce fichier est trop gros : au plus 5 Mo et 5 000 lignes. Découpez-le par année, puis reprenez "
    "les morceaux l’un après l’autre.",
    "password": "Ce fichier est protégé par un mot de passe. Ouvrez-le dans votre tableur, enregistrez une copie "
    "sans mot de passe, reprenez cette copie, puis détruisez-la.",
    "old_excel": "C’est un ancien classeur Excel (.xls). Enregistrez-le au format .xlsx ou .ods, puis reprenez-le.",
    "not_a_spreadsheet": "Ce fichier n’est pas un tableur. Sont acceptés : Excel (.xlsx), LibreOffice (.ods) et CSV.",
    "text_document": "C’est un document texte, pas un tableur. Copiez le tableau dans un tableur, puis enregistrez-le.",
    "pdf": "C’est un document PDF, pas un tableur. Demandez le fichier d’origine (.xlsx, .ods ou .csv).",
    "damaged": "Ce classeur est abîmé et ne peut pas être lu. Ouvrez-le dans votre tableur et enregistrez-le de nouveau.",
    "no_sheet": "Cette feuille n’existe pas dans le classeur.",
    "no_rows": "Ce tableau ne contient aucune ligne sous les en-têtes.",
}


def refused(code: str) -> InputRefused:
    """Return the refusal of a file: a French message that quotes nothing of it."""
    return InputRefused(_REFUSALS[code], field="file", code=code)


def read_sheets(content: bytes) -> dict[str, list[list[str]]]:
    """Return the visible sheets of a .xlsx, .ods or .csv file as lines of texts, by name ("" for a CSV).

    Whatever its name says it is. Raises InputRefused, field `file`, in French that quotes nothing of it.
    """
    if not content.strip():
        raise refused("empty")
    if len(content) > MAX_BYTES:
        raise refused("too_big")
    if content.startswith(_OLE):
        # A workbook under password is an old-style container with this stream inside.
        raise refused("password" if "EncryptedPackage".encode("utf-16-le") in content else "old_excel")
    if content.startswith(b"%PDF"):
        raise refused("pdf")
    if content.startswith(b"{\\rtf"):
        raise refused("text_document")
    if content.startswith(b"PK"):
        _require_workbook(content)
        return _workbook(content)
    return {"": _csv(_decode(content))}


def _require_workbook(content: bytes) -> None:
    """Raise InputRefused unless this zip is a workbook without password."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise refused("password")
            if "xl/workbook.xml" in names:
                return
            kind = _member(archive, "mimetype", 200)
            if kind.startswith(_ODS):
                if b"encryption-data" in _member(archive, "META-INF/manifest.xml", 1 << 20):
                    raise refused("password")
                return
            if any(name.startswith("word/") for name in names) or b"opendocument.text" in kind:
                raise refused("text_document")
    # All that `zipfile` says of an archive cut, locked or packed in a way that it does not know.
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise refused("damaged") from None
    raise refused("not_a_spreadsheet")


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        return member.read(limit)


def _workbook(content: bytes) -> dict[str, list[list[str]]]:
    try:
        done = subprocess.run(  # noqa: S603  our own file, no shell, nothing of the user on the command line
            [sys.executable, "-I", str(_WORKER)],
            input=content,
            capture_output=True,
            timeout=_WORKER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refused("too_big") from None
    if done.returncode != 0:
        # Killed for its memory or its time.
        raise refused("too_big")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise refused(answer["error"])
    sheets = {one["name"]: one["lines"] for one in answer["sheets"]}
    if not any(sheets.values()):
        raise refused("empty")
    return sheets


# CSV


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        raise refused("not_a_spreadsheet")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("not_a_spreadsheet")


def _csv(text: str) -> list[list[str]]:
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # Excel's own line: said, then taken away, keeping the numbers of the lines.
        return [[], *_cut(rest, first.strip()[4])]
    cuts = [_cut(text, separator) for separator in (";", ",", "\t", "|")]
    lines = max(cuts, key=_regularity)
    often, _ = _regularity(lines)
    written = sum(any(cell.strip() for cell in line) for line in lines[:_SAMPLE])
    if often < 2 or often * 2 < written:
        # Commas of sentences, not of columns.
        raise refused("not_a_spreadsheet")
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    return lines


def _cut(text: str, separator: str) -> list[list[str]]:
    try:
        lines = [
            [cell[:MAX_CELL] for cell in line[:MAX_COLUMNS]]
            for line in csv.reader(StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error:
        return []
    return lines


def _regularity(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how many lines have the commonest number of columns, and that number: (0, 0) if one column."""
    widths = Counter(len(line) for line in lines[:_SAMPLE] if len(line) > 1)
    if not widths:
        return 0, 0
    width, often = max(widths.items(), key=lambda item: (item[1], item[0]))
    return often, width
