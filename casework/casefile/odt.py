"""Reports in OpenDocument, for services that finish them in their own word processor. Nothing is written on disk.

The same data as the PDF of `prose_report` or `tables`; the metadata hold the act's date and a title, never a name nor an author.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from odfdo import Document, Element, Frame, Header, Paragraph, Span, Style, Table

from casework.casefile.documents import DRAWN_MM, DocumentFailed, drawings
from casework.casefile.format import long_date
from casework.casefile.papers import CountTable, ProseReportData, ProseSection, ReportData, TablesData

# What XML cannot hold: a letter pasted from elsewhere must not block a report.
_NOT_TEXT = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOLD, _RIGHT, _SMALL = "CaseworkBold", "CaseworkAddressee", "CaseworkSmall"


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A chart as an image, and its words."""

    png: bytes
    alt: str
    caption: str


Part = Element | _Drawn


def prose_report(data: ProseReportData, *, on: date, title: str) -> bytes:
    """Return the OpenDocument text of a report to a magistrate.

    `on` is the act's date, `title` what kind of report it is: never a name. Raises DocumentFailed, without any text.
    """
    return _safely(_parts, data, on, title)


def tables(data: TablesData, *, on: date, title: str) -> bytes:
    """Return the OpenDocument text of counts in tables. `on` and `title` as above. Raises DocumentFailed, without any text."""
    return _safely(_table_parts, data, on, title)


def report(data: ReportData, *, on: date, title: str) -> bytes:
    """Return the OpenDocument text of figures by chapter, with their pictures. As above. Raises DocumentFailed."""
    return _safely(_report_parts, data, on, title)


def _safely(parts: Callable[[Any, date, str], Iterable[Part]], data: Any, on: date, title: str) -> bytes:
    made: bytes | None = None
    try:
        made = _made(parts(data, on, title), on, title)
    except Exception:  # noqa: BLE001  an edge: the library's message quotes the text, so nothing of it may go on
        made = None
    if made is None:
        # Raised outside the handler: not even __context__ keeps the cause.
        raise DocumentFailed
    return made


def _made(parts: Iterable[Part], on: date, title: str) -> bytes:
    document = Document("text")
    for style in (
        Style("text", name=_BOLD, bold=True),
        Style("paragraph", name=_RIGHT, margin_left="9cm"),
        Style("paragraph", name=_SMALL, area="text", size="9pt"),
    ):
        document.insert_style(style)
    meta = document.meta
    meta.title, meta.language = title, "fr-FR"
    meta.creation_date = meta.date = datetime.combine(on, time())
    meta.generator = "Casework"
    body = document.body
    body.clear()
    for part in parts:
        body.append(_image(document, part) if isinstance(part, _Drawn) else part)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _image(document: Document, drawn: _Drawn) -> Element:
    """Return a paragraph that holds a picture, as wide as on the PDF, its words beside it for whoever does not see it."""
    width, height = struct.unpack_from(">LL", drawn.png, 16)  # the head of a PNG
    kept = document.add_file(BytesIO(drawn.png))
    document.manifest.set_media_type(kept, "image/png")
    frame = Frame.image_frame(
        kept, size=(f"{DRAWN_MM}mm", f"{DRAWN_MM * height / width:.1f}mm"),
        anchor_type="as-char",
    )  # fmt: skip
    frame.svg_description = text_of(drawn.alt)
    line = Paragraph()
    line.append(frame)
    return line


def _parts(data: ProseReportData, on: date, title: str) -> Iterable[Element]:
    yield _pair("", data["commune"])
    yield from (Paragraph(text_of(line)) for line in data.get("letterhead", []))
    yield from (Paragraph(text_of(line), style=_RIGHT) for line in data["addressee"])
    yield Paragraph(f"Le {long_date(on)}", style=_RIGHT)
    yield Header(1, text_of(title))
    yield from (Paragraph(text_of(line)) for line in data.get("lead", []))
    yield from (_pair(item["label"], item["value"]) for item in data["items"])
    yield from (Paragraph(text_of(line)) for line in data.get("opening", []))
    yield from _sections(data["sections"])
    yield from (Paragraph(text_of(line)) for line in data.get("closing", []))
    yield from (Paragraph(text_of(line)) for line in data["signatories"])
    yield from _sections(data["addenda"])
    notes = [*data.get("notes", []), data.get("mention", "Document confidentiel")]
    yield from (Paragraph(text_of(line), style=_SMALL) for line in notes)


def _table_parts(data: TablesData, on: date, title: str) -> Iterable[Part]:
    yield _pair("", data["commune"])
    yield Paragraph(f"Le {long_date(on)}", style=_RIGHT)
    yield Header(1, text_of(title))
    yield from (Paragraph(text_of(line)) for line in (*data.get("lead", []), *data["paragraphs"]))
    drawn = _drawn_of(data["tables"])
    for rank, one in enumerate(data["tables"], start=1):
        yield from _counted(one, rank, 2, drawn)
    notes = [*data.get("notes", []), data.get("mention", "Document confidentiel")]
    yield from (Paragraph(text_of(line), style=_SMALL) for line in notes)


def _report_parts(data: ReportData, on: date, title: str) -> Iterable[Part]:
    yield _pair("", data["commune"])
    yield Paragraph(f"Le {long_date(on)}", style=_RIGHT)
    yield Header(1, text_of(title))
    yield from (Paragraph(text_of(line)) for line in data.get("lead", []))
    drawn = _drawn_of(one for chapter in data["chapters"] for one in chapter["tables"])
    rank = 0
    for chapter in data["chapters"]:
        yield Header(2, text_of(chapter["heading"]))
        for one in chapter["tables"]:
            rank += 1
            yield from _counted(one, rank, 3, drawn)
        yield from (Paragraph(text_of(line)) for line in (*chapter["missing"], *chapter["comment"]))
    notes = [*data.get("notes", []), data.get("mention", "Document confidentiel")]
    yield from (Paragraph(text_of(line), style=_SMALL) for line in notes)


def _drawn_of(tables_: Iterable[CountTable]) -> Iterator[_Drawn]:
    """Return the pictures of tables, in their order, drawn at one go."""
    pictures = [each for one in tables_ for each in one.get("pictures", ())]
    made = drawings([each["svg"] for each in pictures])
    return iter(
        [
            _Drawn(png=png, alt=each["alt"], caption=each.get("caption", ""))
            for png, each in zip(made, pictures, strict=True)
        ]
    )


def _counted(one: CountTable, rank: int, level: int, drawn: Iterator[_Drawn]) -> Iterable[Part]:
    """Return one table under its heading, its sentence and its note around it. `drawn`: the pictures, taken in their order."""
    if one["heading"]:
        yield Header(level, text_of(one["heading"]))
    if one.get("lead"):
        yield _pair("", one["lead"])
    for each in itertools.islice(drawn, len(one.get("pictures", ()))):
        if each.caption:
            yield Paragraph(text_of(each.caption), style=_SMALL)
        yield each
    if one["rows"]:
        table = Table(f"Tableau {rank}")
        table.set_values([[text_of(cell) for cell in row] for row in (one["columns"], *one["rows"])])
        yield table
    if one["note"]:
        yield Paragraph(text_of(one["note"]), style=_SMALL)


def _sections(sections: Iterable[ProseSection]) -> Iterable[Element]:
    for section in sections:
        yield Header(2, text_of(section["heading"]))
        yield from (Paragraph(text_of(line)) for line in section["paragraphs"])


def _pair(label: str, value: str) -> Element:
    """Return one line: the label and what it says; without a label, the line alone in bold."""
    line = Paragraph()
    line.append(Span(text_of(f"{label}\u202f: " if label else value), style=_BOLD))
    if label:
        line.append(Span(text_of(value)))
    return line


def text_of(value: str) -> str:
    """Return words that XML can hold."""
    return _NOT_TEXT.sub("▯", value)
