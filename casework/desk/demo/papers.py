"""Documents of the invented town, made on the fly with what a real one hides: an author, a place, a camera."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pikepdf
from PIL import Image, ImageDraw

from casework.casefile import documents
from casework.desk.demo.story import Story
from casework.minors.followups import facts
from casework.minors.followups.actions import files
from casework.minors.followups.actions.files import FileKind
from casework.minors.followups.models import FollowUp, FollowUpQuerySet

AUTHOR = "Secrétariat du collège Albert-Camus"


def hand_in(story: Story, rows: FollowUpQuerySet) -> None:
    """Let the services and the coordinator hand in a few documents about the situations of `rows`."""
    on = story.today - timedelta(days=8)
    for key, number, kind, name, content in (
        ("pjj", 0, FileKind.SCHOOL, "Certificat de scolarité.pdf",
         pdf("Certificat de scolarité", "Inscription pour l’année en cours, demi-pension.", on)),
        ("coordinator", 0, FileKind.FAMILY, "accord signé (photo).jpg", picture("Accord de la famille")),
        ("mds", 1, FileKind.REPORT, "Note pour la réunion.pdf",
         pdf("Note pour la cellule", "Rencontre prévue avec les parents avant la prochaine réunion.", on)),
        ("addap", 0, FileKind.REPORT, "Atelier du mercredi.png", picture("Atelier du mercredi", shape="PNG")),
    ):  # fmt: skip
        now = story.at(story.today - timedelta(days=6 - number), 15, 20)
        with story.moment(key, now) as viewer:
            open_rows = [
                row for row in _rows(story, rows, key) if files.may_add(viewer, facts.relation(viewer, row, now), now)
            ]
            if open_rows:
                row = open_rows[min(number, len(open_rows) - 1)]
                files.add(by=viewer, follow_up=row, kind=kind, content=content, name=name, now=now)


def _rows(story: Story, rows: FollowUpQuerySet, key: str) -> list[FollowUp]:
    """Return the first situations that this person is in charge of; which it may write in, its rights say."""
    mine = (
        rows
        if key == "coordinator"
        else rows.filter(circle__in_charge=story.town.mandates[key].pk, circle__ends_at=None)
    )
    return list(mine[:12])


def pdf(title: str, words: str, on: date) -> bytes:
    """Return one printed page, with the author that a word processor would write in it."""
    data = {
        "commune": "Collège Albert-Camus",
        "paragraphs": [words],
        "items": [],
        "signatories": ["Pour l’établissement"],
    }
    out = BytesIO()
    with pikepdf.open(BytesIO(documents.render(documents.Template.STATEMENT, data, on=on, title=title))) as document:
        document.docinfo["/Author"] = AUTHOR
        document.save(out)
    return out.getvalue()


def picture(title: str, shape: str = "JPEG") -> bytes:
    """Return a drawn sheet, with the camera and the place that a phone writes in it."""
    sheet = Image.new("RGB", (640, 420), "#f7f0e1")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((24, 24, 616, 396), outline="#0f4c4e", width=3)
    pen.text((60, 60), title, fill="#20302f")
    pen.line((60, 330, 220, 300, 260, 345, 380, 310), fill="#20302f", width=3)
    seen = Image.Exif()
    seen[0x013B], seen[0x0110] = AUTHOR, "Appareil inventé"
    seen.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    sheet.save(out, shape, exif=seen)
    return out.getvalue()
