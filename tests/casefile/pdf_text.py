"""Reads the text of our PDFs back, with where it stands, through pikepdf alone (no system tool)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

MM = 25.4 / 72


@dataclass(frozen=True)
class Run:
    """A run of text; millimetres from the left (`x` to `end`) and from the top of the page to its baseline."""

    page: int
    x: float
    y: float
    end: float
    text: str


def runs(pdf: bytes) -> list[Run]:
    """Return the runs of text of all pages, in the order in which they were drawn."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [run for n, page in enumerate(document.pages) for run in _page_runs(n, page)]


def text(pdf: bytes, page: int | None = None) -> str:
    """Return the text as read from top to bottom, one line per baseline, blanks normalised to one."""
    lines: dict[tuple[int, int], list[Run]] = {}
    for run in runs(pdf):
        if page is None or run.page == page:
            lines.setdefault((run.page, round(run.y * 2)), []).append(run)
    return "\n".join(re.sub(r"[ \u00a0]+", " ", _line(lines[key])).strip() for key in sorted(lines))


def _line(line: list[Run]) -> str:
    said, end = "", None
    for run in sorted(line, key=lambda run: run.x):
        apart = end is not None and run.x - end > 0.3
        said += (" " if apart else "") + run.text
        end = run.end
    return said


def _page_runs(number: int, page: pikepdf.Page) -> list[Run]:
    height = float(page.mediabox[3])
    fonts = {name: _Font(font) for name, font in page.obj.Resources.get("/Font", {}).items()}
    matrix, line, font, size, stack, found = _IDENTITY, _IDENTITY, None, 0.0, [], []
    marks: list[str | None] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "q":
                stack.append(matrix)
            case "Q":
                matrix = stack.pop()
            case "cm":
                matrix = _times(_matrix(operands), matrix)
            case "BT":
                line = _IDENTITY
            case "Tm":
                line = _matrix(operands)
            case "Td":
                line = _times((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
            case "Tf":
                font, size = fonts[str(operands[0])], float(operands[1])
            case "BDC":
                properties = operands[1] if isinstance(operands[1], pikepdf.Dictionary) else {}
                marks.append(str(properties["/ActualText"]) if "/ActualText" in properties else None)
            case "BMC":
                marks.append(None)
            case "EMC":
                marks.pop()
            case "Tj" | "TJ":
                assert font is not None
                said, width = font.read(operands[0] if str(operator) == "TJ" else [operands[0]])
                spoken = next((n for n, mark in enumerate(marks) if mark is not None), None)
                if spoken is not None:
                    # Said once for all the glyphs under the mark.
                    said, marks[spoken] = str(marks[spoken]), ""
                at = _times(line, matrix)
                end = at[4] + width * size / 1000 * at[0]
                found.append(Run(number, at[4] * MM, (height - at[5]) * MM, end * MM, said))
    return found


class _Font:
    """What each glyph of one font says, and how wide it is."""

    def __init__(self, font: Any) -> None:
        self.says = _to_unicode(font)
        self.widths: dict[int, float] = {}
        listed = list(font.DescendantFonts[0].W)
        while listed:
            first, second = int(listed.pop(0)), listed.pop(0)
            if isinstance(second, pikepdf.Array):
                self.widths |= {first + n: float(width) for n, width in enumerate(second)}
            else:
                width = float(listed.pop(0))
                self.widths |= dict.fromkeys(range(first, int(second) + 1), width)

    def read(self, parts: Any) -> tuple[str, float]:
        said, width = "", 0.0
        for part in parts:
            if not isinstance(part, pikepdf.String):
                width -= float(part)
                continue
            glyphs = bytes(part)
            for code in (glyphs[n : n + 2] for n in range(0, len(glyphs), 2)):
                said += self.says.get(code, "\ufffd")
                width += self.widths.get(int.from_bytes(code, "big"), 0.0)
        return said, width


_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _matrix(operands: Any) -> tuple[float, ...]:
    return tuple(float(one) for one in operands)


def _times(a: Any, b: Any) -> tuple[float, ...]:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def _to_unicode(font: Any) -> dict[bytes, str]:
    cmap = font.ToUnicode.read_bytes().decode("ascii", "replace")
    table: dict[bytes, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S):
        for code, said in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            table[bytes.fromhex(code)] = bytes.fromhex(said).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.S):
        for first, last, said in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            base = int.from_bytes(bytes.fromhex(said), "big")
            for n in range(int(first, 16), int(last, 16) + 1):
                table[n.to_bytes(2, "big")] = chr(base + n - int(first, 16))
    return table
