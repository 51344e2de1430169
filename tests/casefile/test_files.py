"""T-48: what a file handed in loses, and what is never taken."""

from __future__ import annotations

import os
import zipfile
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from casework.casefile import files
from casework.casefile.files import Kind, clean
from casework.errors import InputRefused

pytestmark = pytest.mark.attack("T-48")
CANARY = "Karim-Sylla-canari"


def jpeg(size=(40, 20), orientation=6) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x9286] = orientation, CANARY, CANARY
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", size, "navy").save(out, "JPEG", exif=exif, comment=CANARY.encode())
    return out.getvalue() + CANARY.encode()


def png() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    out, info = BytesIO(), PngInfo()
    info.add_text("Author", CANARY)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    Image.new("RGBA", (10, 10), (1, 2, 3, 4)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def pdf(**extra) -> bytes:
    out = BytesIO()
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    document.docinfo["/Author"] = CANARY
    with document.open_metadata() as xmp:
        xmp["dc:creator"] = [CANARY]
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
    document.attachments["notes.txt"] = CANARY.encode()
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, T=CANARY, Contents=CANARY,
                              Rect=[0, 0, 10, 10])  # fmt: skip
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([document.make_indirect(note)]))
    document.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable, **extra)
    return out.getvalue()


def archive(entries, links=()) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            if name in links:
                info.external_attr = 0o120777 << 16
            target.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


TYPES = (
    '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="x"/></Types>'
)
WORD = [
    ("[Content_Types].xml", TYPES),
    ("_rels/.rels", '<R><Relationship Id="a" Target="word/document.xml"/><Relationship Id="b" Target="docProps/core.xml"/></R>'),
    ("word/document.xml", f'<w:p><w:ins w:author="{CANARY}" w:date="2026-01-01"><w:t>Bonjour</w:t></w:ins></w:p>'),
    ("docProps/core.xml", f"<dc:creator>{CANARY}</dc:creator>"),
    ("word/comments.xml", f"<c>{CANARY}</c>"),
]  # fmt: skip
TEXT = [
    ("mimetype", "application/vnd.oasis.opendocument.text"),
    ("content.xml", f"<office:annotation><dc:creator>{CANARY}</dc:creator><text:p>Bonjour</text:p></office:annotation>"),
    ("meta.xml", CANARY),
    ("META-INF/manifest.xml", '<m><manifest:file-entry manifest:full-path="meta.xml"/><manifest:file-entry manifest:full-path="content.xml"/></m>'),
]  # fmt: skip
SAMPLES = {
    Kind.JPEG: jpeg, Kind.PNG: png, Kind.PDF: pdf, Kind.DOCX: lambda: archive([*WORD, ("word/media/a.jpeg", jpeg())]),
    Kind.ODT: lambda: archive([*TEXT, ("Pictures/a.png", png())]),
}  # fmt: skip


def everything(content: bytes) -> bytes:
    """Return the bytes, those of the parts of an archive, and those of the streams of a PDF."""
    found = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as opened:
            found += [opened.read(name) for name in opened.namelist()]
    elif content.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(content)) as document:
            for each in document.objects:
                found.append(repr(each).encode())
                if isinstance(each, pikepdf.Stream):
                    found.append(each.read_bytes())
    return b"\n".join(found)


@pytest.mark.parametrize("kind", Kind)
def test_only_what_shows_is_left(kind):
    before = SAMPLES[kind]()
    assert CANARY.encode() in everything(before)
    made = clean(before, "Photo de Yanis.exe")
    assert made.kind is kind
    assert CANARY.encode() not in everything(made.content)
    assert made.name == f"Photo de Yanis.{kind.value}"
    assert files.recognise(made.content) is kind
    assert clean(made.content, "x").content  # what was cleaned is still such a file


def test_a_picture_stays_upright():
    with Image.open(BytesIO(clean(jpeg((40, 20), 6), "x").content)) as picture:
        assert picture.size == (20, 40)
        assert not dict(picture.getexif())


def test_a_pdf_keeps_its_pages_and_its_links():
    document = pikepdf.open(BytesIO(clean(pdf(), "x").content))
    assert len(document.pages) == 1
    assert "/OpenAction" not in document.Root
    assert not document.attachments


@pytest.mark.parametrize(
    "what", ["text", "html", "svg", "exe", "xlsx", "docm", "macro", "odt macro", "gif", "empty", "ole"]
)
def test_other_types_are_refused_whatever_their_name(what):
    content = {
        "text": b"bonjour", "html": b"<!doctype html><script>", "svg": b"<svg/>", "exe": b"MZ\x90\x00",
        "gif": b"GIF89a", "empty": b"", "ole": b"\xd0\xcf\x11\xe0",
        "xlsx": archive([("[Content_Types].xml", "spreadsheetml"), ("xl/workbook.xml", "x")]),
        "docm": archive([("[Content_Types].xml", TYPES.replace("document.main", "document.macroEnabled.main")), *WORD[1:]]),
        "macro": archive([*WORD, ("word/vbaProject.bin", b"x")]),
        "odt macro": archive([*TEXT, ("Basic/Standard/Module1.xml", "x")]),
    }[what]  # fmt: skip
    with pytest.raises(InputRefused):
        clean(content, "lettre.pdf")


@pytest.mark.parametrize("what", ["bomb", "liar", "many", "link", "escape", "absolute", "twice", "password"])
def test_traps_in_archives_are_refused(what):
    entries = {
        "bomb": [*WORD, ("word/big.xml", b"0" * (files.MAX_UNZIPPED + 1))],
        "many": [*WORD, *((f"word/{n}.xml", b"") for n in range(files.MAX_ENTRIES))],
        "link": [*WORD, ("word/link", "/etc/passwd")],
        "escape": [*WORD, ("word/../../x.xml", b"")],
        "absolute": [*WORD, ("/etc/x.xml", b"")],
    }.get(what, WORD)
    content = archive(entries, links=("word/link",))
    if what == "liar":  # announces one byte, holds forty million
        big = archive([*WORD, ("word/big.xml", b"0" * (files.MAX_UNZIPPED + 1))])
        true = (files.MAX_UNZIPPED + 1).to_bytes(4, "little")
        content = big.replace(true, (1).to_bytes(4, "little"))
    elif what == "twice":
        with pytest.warns(UserWarning, match="Duplicate"):
            content = archive([*WORD, WORD[2]])
    elif what == "password":
        at = content.rindex(b"PK\x01\x02") + 8
        content = content[:at] + b"\x01" + content[at + 1 :]
    with pytest.raises(InputRefused):
        clean(content, "x.docx")


def test_what_is_protected_damaged_or_too_big_is_refused():
    locked = pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
    for content in (locked, pdf()[:200], jpeg()[:60], b"%PDF-1.7", b"\xff\xd8\xff", os.urandom(files.MAX_BYTES + 1)):
        with pytest.raises(InputRefused) as caught:
            clean(content, f"{CANARY}.pdf")
        assert CANARY not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_picture_of_a_thousand_million_points_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_PIXELS", 100)
    with pytest.raises(InputRefused):
        clean(jpeg(), "x.jpg")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("C:\\Users\\k.sylla\\bilan.PDF", "bilan.pdf"), ("../../etc/passwd", "passwd.pdf"), ("", "document.pdf"),
        ("a\r\nb\u202e.pdf", "ab.pdf"), ("x" * 300, "x" * 114 + ".pdf"), ("..", "document.pdf"),
    ],
)  # fmt: skip
def test_names(name, expected):
    assert files.tidy_name(name, Kind.PDF) == expected
