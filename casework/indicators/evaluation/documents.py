"""The evaluation as a document for the plenary: PDF, and a text to finish in a word processor. The same data."""

from __future__ import annotations

from casework.casefile import documents as pdf
from casework.casefile import odt, papers
from casework.indicators.evaluation.figures import ROUNDED, Block
from casework.indicators.evaluation.reads import ChapterPage, EvaluationPage


def evaluation(page: EvaluationPage, suffix: str) -> bytes:
    """Return the document as `pdf` or `odt`. Raises DocumentFailed."""
    data: papers.ReportData = {
        "commune": page.commune,
        "lead": ["Conseil plénier du CLSPD", *([] if page.finished else ["Document en préparation"])],
        "mention": "Nombres sans personne",
        "chapters": [_chapter(each) for each in page.chapters],
        "notes": [ROUNDED],
    }
    title = f"Évaluation annuelle {page.year}"
    if suffix == "odt":
        return odt.report(data, on=page.on, title=title)
    return pdf.render(pdf.Template.REPORT, data, on=page.on, title=title)


def _chapter(chapter: ChapterPage) -> papers.ReportChapter:
    blocks = [_table(each) for each in chapter.blocks]
    if chapter.lines:
        blocks.append(
            {
                "heading": "Indicateurs relevés hors de ce logiciel", "lead": "",
                "columns": ["Action", "Indicateur", "Valeur"],
                "rows": [[each.action, each.indicator, each.value] for each in chapter.lines], "note": "",
            }
        )  # fmt: skip
    return {
        "heading": chapter.title, "tables": blocks, "missing": [*chapter.missing, *([chapter.no_line] if chapter.no_line else [])],
        "comment": [line for line in chapter.comment.splitlines() if line.strip()],
    }  # fmt: skip


def _table(block: Block) -> papers.CountTable:
    return {
        "heading": block.heading, "lead": block.sentence, "columns": list(block.columns),
        "rows": [list(row) for row in block.rows], "note": block.note,
        "pictures": [
            {"svg": each.svg, "alt": each.alt, "caption": each.caption if rank else ""}
            for rank, each in enumerate(block.pictures)
        ],
    }  # fmt: skip
