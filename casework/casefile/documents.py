"""PDF documents: the house templates of `typst/`, filled with plain data, in memory only.

Accessible (PDF/UA-1 and PDF/A-2a, checked when the document is made), with fixed metadata: the date
is the act's, the title says what the document is, never whom it is about. Text given here is shown
as text, never read as Typst code. What a template takes is the TypedDict of the same name in `papers`;
build the dict, then `render(Template.MINUTES, data, on=..., title=...)`.
"""

from __future__ import annotations

import json
import re
import secrets
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst
from django.http import HttpResponse

from casework.casefile import format as words
from casework.errors import CaseworkError

_HERE = Path(__file__).resolve().parent
_TEMPLATES = _HERE / "typst"
_FONTS = _HERE / "fonts"

DRAWN_MM: Final = 95
"""How wide a chart stands on paper (millimetres), in a PDF and in an OpenDocument text."""
_PPI = 200

MISSING = "▯"
"""Stands for a sign that no vendored font can draw."""


class DocumentFailed(CaseworkError):
    """The document could not be made. Says no more: the cause may hold a name."""

    code = "document"


class Template(StrEnum):
    """The house templates. The value is the file's name, and the kind in the PDF's file name."""

    LETTER = "letter"
    MINUTES = "minutes"
    AGENDA = "agenda"
    SHEET = "sheet"
    ATTENDANCE = "attendance"
    MAYOR_PAGE = "mayor_page"
    STATEMENT = "statement"
    SECURITY = "security"
    OPENINGS = "openings"
    WEEK_SHEET = "week_sheet"
    HOURS_SHEET = "hours_sheet"
    REPARATION_REPORT = "reparation_report"
    TABLES = "tables"
    PROSE_REPORT = "prose_report"
    REPORT = "report"
    FAMILY_SHEET = "family_sheet"


# Text


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    """Return the code points that at least one vendored font draws, read from the font files."""
    return frozenset().union(*(_code_points(path.read_bytes()) for path in sorted(_FONTS.glob("*.ttf"))))


def _code_points(font: bytes) -> set[int]:
    """Return the code points of a TrueType font's `cmap`, formats 4 and 12 (those of the vendored fonts)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * n) for n in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    points: set[int] = set()
    for n in range(struct.unpack_from(">H", font, start + 2)[0]):
        table = start + struct.unpack_from(">HHL", font, start + 4 + 8 * n)[2]
        kind = struct.unpack_from(">H", font, table)[0]
        if kind == 12:
            for group in range(struct.unpack_from(">L", font, table + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", font, table + 16 + 12 * group)
                points.update(range(first, last + 1))
        elif kind == 4:
            count = struct.unpack_from(">H", font, table + 6)[0] // 2
            ends = struct.unpack_from(f">{count}H", font, table + 14)
            starts = struct.unpack_from(f">{count}H", font, table + 16 + 2 * count)
            for first, last in zip(starts, ends, strict=True):
                points.update(range(first, min(last, 0xFFFE) + 1))
    return points


def printable(text: str) -> str:
    """Return `text` as the vendored fonts can draw it: « ▯ » for each sign they lack.

    Invisible signs (bidirectional marks, zero-width) are dropped: they could make a name read otherwise
    than it is written. Tabs become blanks; line ends stay.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(sign if _draws(sign) else MISSING for sign in text if unicodedata.category(sign) != "Cf")


def _draws(sign: str) -> bool:
    # str.isprintable() is false for the blanks that French typography needs.
    return sign in "\n\u00a0\u202f" or (ord(sign) in _drawable() and sign.isprintable())


def _printable_data(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {str(key): _printable_data(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable_data(one) for one in value]
    return value


# Making


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


def render(template: str, data: Mapping[str, Any], *, on: date, title: str) -> bytes:
    """Return the PDF of `template` filled with `data` (the TypedDict of that name).

    `on` is the act's date: printed, and the only date in the metadata, so that the same act gives the
    same bytes. `title` goes in the metadata: never a name. Raises DocumentFailed, without any text.
    """
    pdf: bytes | None = None
    try:
        source = _TEMPLATES / f"{Template(template).value}.typ"
        filled = _printable_data({"notes": [], **data, "title": title})
        filled |= {"on": on.isoformat(), "day": words.day(on), "day_number": words.long_date(on)}
        if filled.get("proof"):
            filled["proof"]["svg"] = _qr(data["proof"]["code"])
        pdf = typst.compile(
            str(source),
            root=str(_TEMPLATES),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(filled, ensure_ascii=False)},
            pdf_standards=["ua-1", "a-2a"],
        )
    except Exception:  # noqa: BLE001  an edge: Typst's message quotes the text, so nothing of it may go on
        pdf = None
    if pdf is None:
        # Raised outside the handler: not even __context__ keeps the cause.
        raise DocumentFailed
    return pdf


def drawings(svgs: Sequence[str]) -> list[bytes]:
    """Return pictures of `charts.drawn` as PNG, `DRAWN_MM` wide, in the house fonts: for what reads no SVG.

    Raises DocumentFailed, without any text.
    """
    if not svgs:
        return []
    made: bytes | list[bytes] | None = None
    try:
        made = typst.compile(
            str(_TEMPLATES / "drawings.typ"), root=str(_TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True,
            format="png", ppi=_PPI,
            sys_inputs={"data": json.dumps({"svgs": list(svgs), "width": DRAWN_MM}, ensure_ascii=False)},
        )  # fmt: skip
    except Exception:  # noqa: BLE001 an edge: the message of Typst quotes the text, so nothing of it may go on
        made = None
    if made is None:
        raise DocumentFailed
    return [made] if isinstance(made, bytes) else list(made)


def _qr(content: str) -> str:
    drawn = BytesIO()
    segno.make(content, error="m", micro=False).save(drawn, kind="svg", scale=4, border=2)
    return drawn.getvalue().decode()


CONTENT_TYPES: Final = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def response(made: bytes, kind: str, *, inline: bool = False, suffix: str = "pdf") -> HttpResponse:
    """Return a document as an answer that no cache keeps, under a file name that says its kind and nothing else.

    `kind`: short lower-case word such as `minutes` (ValueError otherwise). `inline`: shown in the browser. `suffix`:
    one of CONTENT_TYPES.
    """
    if not re.fullmatch(r"[a-z][a-z_-]{0,30}", kind):
        raise ValueError("kind")
    way = "inline" if inline else "attachment"
    return HttpResponse(
        made,
        content_type=CONTENT_TYPES[suffix],
        headers={
            "Content-Disposition": f'{way}; filename="{kind}-{secrets.token_hex(4)}.{suffix}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
