"""A file that somebody hands in: what it really is, and nothing in it but what shows (T-48).

The type is read in the content, never in the name. Pictures are drawn again, PDFs lose their metadata, scripts and
attachments, texts their properties. Everything stays in memory.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from casework.errors import InputRefused

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_UNZIPPED: Final = 40 * 1024 * 1024
MAX_ENTRIES: Final = 1_000
MAX_NAME: Final = 120
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Kind(StrEnum):
    """The types that are taken. The value is the extension."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    ODT = "odt"
    DOCX = "docx"

    @property
    def media_type(self) -> str:
        """Return what the answer says it is."""
        return _MEDIA[self]


_MEDIA: Final = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.odt,.docx"
REFUSED: Final = "Ce fichier n’est pas un PDF, une image JPEG ou PNG, ou un texte ODT ou DOCX sans macro."
TOO_BIG: Final = "Ce fichier est trop lourd : 5 Mo au plus."
UNREADABLE: Final = "Ce fichier est abîmé ou protégé par un mot de passe : il ne peut pas être vérifié."


def left_out(request: HttpRequest) -> bool:
    """Say whether the file of a form was dropped on its way, heavier than what the server reads in memory."""
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    return request.method == "POST" and not request.FILES and sent > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


@dataclass(frozen=True)
class Clean:
    """A file that may be kept."""

    kind: Kind
    name: str
    content: bytes


def clean(content: bytes, name: str) -> Clean:
    """Return the file without metadata. Raises InputRefused: too big, another type, damaged, protected, a trap."""
    if len(content) > MAX_BYTES:
        raise InputRefused(TOO_BIG, field="file")
    kind = recognise(content)
    try:
        cleaned = _CLEANERS[kind](content)
    except InputRefused:
        raise
    except Exception:  # noqa: BLE001 whatever a parser finds wrong: the file cannot be trusted, its error may quote it
        cleaned = b""
    if not cleaned:
        raise InputRefused(UNREADABLE, field="file")
    if len(cleaned) > 2 * MAX_BYTES:
        raise InputRefused(TOO_BIG, field="file")
    return Clean(kind, tidy_name(name, kind), cleaned)


def recognise(content: bytes) -> Kind:
    """Return what the content is. Raises InputRefused for anything else."""
    if content.startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"PK\x03\x04"):
        return _recognise_text(content)
    raise InputRefused(REFUSED, field="file")


def tidy_name(name: str, kind: Kind) -> str:
    """Return the name to show: no folder, no control sign, the extension of what the file is."""
    base = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    base = "".join(sign for sign in base if unicodedata.category(sign)[0] != "C")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}\Z", "", base).strip(" .") or "document"
    return f"{stem[: MAX_NAME - 6]}.{kind.value}"


# PDF


_PDF_ROOT: Final = (
    "/Metadata",
    "/OpenAction",
    "/AA",
    "/AcroForm",
    "/Names",
    "/PieceInfo",
    "/AF",
    "/Collection",
    "/SpiderInfo",
)
_PDF_ANYWHERE: Final = ("/Metadata", "/PieceInfo", "/AA", "/LastModified")


def _clean_pdf(content: bytes) -> bytes:
    import pikepdf  # heavy, and only who hands in a PDF needs it

    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        if pdf.is_encrypted:
            raise InputRefused(UNREADABLE, field="file")
        for key in _PDF_ROOT:
            if key in pdf.Root:
                del pdf.Root[key]
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for page in pdf.pages:
            _clean_annotations(page)
        for found in pdf.objects:
            if isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
                _strip(found)
        pdf.remove_unreferenced_resources()
        pdf.save(out, deterministic_id=True, linearize=False, compress_streams=True)
    return out.getvalue()


def _strip(found: Any) -> None:
    for key in _PDF_ANYWHERE:
        if key in found:
            del found[key]
    action = found.get("/S")
    if action in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/RichMediaExecute"):
        for key in list(found.keys()):
            if key != "/S":
                del found[key]


def _clean_annotations(page: Any) -> None:
    """Keep links; drop files, films, forms and notes that carry their author."""
    import pikepdf

    if "/Annots" not in page:
        return
    kept = [note for note in page.Annots if note.get("/Subtype") == "/Link"]
    if kept:
        page.Annots = pikepdf.Array(kept)
    else:
        del page["/Annots"]


# Pictures


def _clean_picture(content: bytes, shape: str) -> bytes:
    """Draw the picture again: what is not a pixel does not come along."""
    from PIL import Image, ImageOps

    out = BytesIO()
    with Image.open(BytesIO(content), formats=[shape]) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise InputRefused("Cette image est trop grande.", field="file")
        upright = ImageOps.exif_transpose(picture)
        drawn = Image.new(_mode(upright), upright.size)
        drawn.paste(upright.convert(drawn.mode))
        if shape == "JPEG":
            drawn.convert("L" if drawn.mode == "L" else "RGB").save(out, "JPEG", quality=88)
        else:
            drawn.save(out, "PNG")
    return out.getvalue()


def _mode(picture: Any) -> str:
    if picture.mode in ("L", "1"):
        return "L"
    return "RGBA" if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info else "RGB"


# Texts


_DOCX_MAIN: Final = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS: Final = re.compile(
    r"vba|macro|activex|oleobject|basic/|scripts/|\.bin\Z|embeddings/|object ?\d", re.IGNORECASE
)
# Who wrote it, when, with what; the small picture of the first page; comments with their author.
_PROPERTIES: Final = re.compile(
    r"docProps/|meta\.xml\Z|Thumbnails/|customXml/|word/comments|word/people\.xml|settings\.xml\.rels|layout-cache"
)


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of an archive that is no trap. Raises InputRefused."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise InputRefused(UNREADABLE, field="file") from None
    total = sum(entry.file_size for entry in found)
    if len(found) > MAX_ENTRIES or total > MAX_UNZIPPED or len({entry.filename for entry in found}) != len(found):
        raise InputRefused(REFUSED, field="file")
    for entry in found:
        is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
        parts = entry.filename.split("/")
        if is_link or entry.flag_bits & 1 or entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename:
            raise InputRefused(REFUSED, field="file")
        if _MACROS.search(entry.filename):
            raise InputRefused(REFUSED, field="file")
    return found


def _recognise_text(content: bytes) -> Kind:
    names = {entry.filename for entry in _entries(content)}
    if "mimetype" in names and _read(content, "mimetype").strip() == Kind.ODT.media_type.encode():
        return Kind.ODT
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        types = _read(content, "[Content_Types].xml")
        if _DOCX_MAIN in types and b"macroEnabled" not in types:
            return Kind.DOCX
    raise InputRefused(REFUSED, field="file")


def _read(content: bytes, name: str) -> bytes:
    """Return an entry, never more than its archive announced."""
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open(name) as file:
        found = file.read(MAX_UNZIPPED + 1)
    if len(found) > MAX_UNZIPPED:
        raise InputRefused(REFUSED, field="file")
    return found


def _clean_text(content: bytes) -> bytes:
    """Write the archive again: without properties, pictures drawn again, no date, nothing between the entries."""
    out, room = BytesIO(), MAX_UNZIPPED
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in _entries(content):
            if entry.is_dir() or _PROPERTIES.search(entry.filename):
                continue
            with source.open(entry) as file:
                data = file.read(room + 1)
            room -= len(data)
            if room < 0:
                raise InputRefused(REFUSED, field="file")
            data = _part(entry.filename, data)
            plain = entry.filename == "mimetype"
            kept = zipfile.ZipInfo(entry.filename, _EPOCH)
            target.writestr(kept, data, zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED)
    return out.getvalue()


# What names the parts that were left out: a reader would call the file damaged.
_GONE: Final = re.compile(
    rb"<(?:Override|Relationship|manifest:file-entry)\b[^>]*"
    rb"(?:docProps/|meta\.xml|Thumbnails/|customXml/|/comments|people\.xml|layout-cache)[^>]*?/>"
)
# Who changed or noted what, when; links to templates on somebody's disk.
_AUTHORS: Final = re.compile(rb'\s(?:w:author|w:date|w:initials|w15:author|office:author|text:author)="[^"]*"')
_AUTHOR_LINES: Final = re.compile(rb"<(dc:creator|meta:creator-initials|dc:date|meta:initial-creator)>[^<]*</\1>")


def _part(name: str, data: bytes) -> bytes:
    lower = name.lower()
    if lower.endswith((".jpg", ".jpeg")):
        return _clean_picture(data, "JPEG")
    if lower.endswith(".png"):
        return _clean_picture(data, "PNG")
    if lower.endswith((".xml", ".rels", ".rdf")):
        data = _GONE.sub(b"", data)
        return _AUTHOR_LINES.sub(b"", _AUTHORS.sub(b"", data))
    return data


_CLEANERS: Final[dict[Kind, Callable[[bytes], bytes]]] = {
    Kind.PDF: _clean_pdf,
    Kind.JPEG: lambda content: _clean_picture(content, "JPEG"),
    Kind.PNG: lambda content: _clean_picture(content, "PNG"),
    Kind.ODT: _clean_text,
    Kind.DOCX: _clean_text,
}
