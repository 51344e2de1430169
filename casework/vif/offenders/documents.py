"""The papers of a measure: reports to the magistrate, on the association's letterhead; letters of orientation."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate, localtime

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import charts, odt, papers
from casework.casefile import documents as d
from casework.casefile import format as fr
from casework.errors import AccessRefused
from casework.vif.offenders import facts, letters
from casework.vif.offenders.codes import Frame, ReportKind, recipients
from casework.vif.offenders.models import ReportTemplate
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.reads import report as report_reads
from casework.vif.offenders.reads import yearly
from casework.vif.offenders.reads.page import Page
from casework.vif.offenders.reads.report import ReportPage
from casework.vif.offenders.reads.yearly import Review

TITLES: dict[str, str] = {
    Frame.SUPERVISION: "Contrôle judiciaire socio-éducatif",
    Frame.PROBATION: "Sursis probatoire",
    Frame.ALTERNATIVE: "Alternative aux poursuites",
    Frame.COMPOSITION: "Composition pénale",
    Frame.COURSE: "Stage de responsabilisation",
}


def report(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return one report as PDF; a draft says that it is one. Raises AccessRefused."""
    data, on, title = _report(viewer, pk, now)
    return d.render(d.Template.PROSE_REPORT, data, on=on, title=title)


def report_text(viewer: Viewer, pk: UUID, now: datetime) -> bytes:
    """Return the same report as OpenDocument, for the association's own letterhead. Raises AccessRefused."""
    data, on, title = _report(viewer, pk, now)
    return odt.prose_report(data, on=on, title=title)


def _report(viewer: Viewer, pk: UUID, now: datetime) -> tuple[papers.ProseReportData, date, str]:
    page = report_reads.report(viewer, pk, now, purpose=Purpose.DOCUMENT, act=Act.PRINT)
    return report_data(page), page.line.sent_on or localdate(now), fr.capital(page.line.kind)


def report_data(page: ReportPage) -> papers.ProseReportData:
    """Return what the report prints: the call first where there was one, then the parts that say something."""
    measure = page.measure
    line = page.line
    items = [
        ("Personne sous mesure", measure.name),
        ("Naissance", fr.long_date(measure.born_on) if measure.born_on else ""),
        ("Cadre", TITLES[measure.frame]),
        ("Décision", f"{measure.authority}, {fr.long_date(measure.ordered_on)}"),
        ("Audience", fr.long_date(measure.hearing_on) if measure.hearing_on else ""),
        ("Nos références", " · ".join(each for each in (measure.reference, measure.case_mark) if each)),
        ("Suivi par", measure.officers),
    ]
    if line.called_at is not None:
        items = [
            ("Permanence appelée", f"le {fr.day(localdate(line.called_at))} à {fr.hour(localtime(line.called_at))}"),
            ("Interlocuteur", page.called_name), ("Instruction reçue", page.instruction),
            ("Réponse attendue", f"avant le {fr.day(line.answer_by)}" if line.answer_by else ""),
            ("Manquement", page.what), *items,
        ]  # fmt: skip
    letter = page.letter
    letterhead = letter.letterhead.splitlines()
    to = line.recipient or recipients(measure.frame, line.kind_code)[0].label
    return {
        "commune": letterhead[0] if letterhead else measure.service,
        "letterhead": letterhead[1:],
        "lead": [TITLES[measure.frame], *([] if line.is_sent else ["Projet : ce rapport n’est pas transmis"])],
        "addressee": letter.addressee.splitlines() or [fr.capital(to), *([measure.court] if measure.court else [])],
        "opening": letter.opening.splitlines(),
        "closing": letter.closing.splitlines(),
        "items": [{"label": label, "value": value} for label, value in items if value],
        "sections": [
            {"heading": part.heading, "paragraphs": part.text.splitlines()} for part in page.parts if part.text.strip()
        ],
        "addenda": [
            {"heading": f"Addendum du {fr.long_date(each.sent_on)} ({each.channel})", "paragraphs": each.text.splitlines()}
            for each in page.added
        ],
        "signatories": [f"Pour {measure.service} : {page.written_by or measure.officers}"],
        "notes": [
            f"Transmis le {fr.long_date(line.sent_on)}, {line.channel}, à : {line.recipient}." if line.sent_on else
            "La personne est présumée innocente jusqu’au jugement."
        ],
    }  # fmt: skip


def preview(viewer: Viewer, row: ReportTemplate, now: datetime) -> bytes:
    """Return a report about nobody, laid out by one version of a template: what the head of the service looks at."""
    letter = letters.seen_from(row)
    service = str(row.organisation)
    letterhead = letter.letterhead.splitlines()
    data: papers.ProseReportData = {
        "commune": letterhead[0] if letterhead else service, "letterhead": letterhead[1:],
        "lead": [TITLES[row.frame], "Aperçu du modèle : aucune personne"],
        "addressee": letter.addressee.splitlines() or ["Magistrat destinataire", *([row.court] if row.court else [])],
        "opening": letter.opening.splitlines(), "closing": letter.closing.splitlines(),
        "items": [
            {"label": "Personne sous mesure", "value": "Prénom NOM"}, {"label": "Cadre", "value": TITLES[row.frame]},
        ],
        "sections": [
            {"heading": letter.heading(ReportKind.FINAL, section), "paragraphs": ["Le texte de cette partie."]}
            for section in letter.parts(ReportKind.FINAL)
        ],
        "addenda": [], "signatories": [f"Pour {service}"], "notes": [],
    }  # fmt: skip
    return d.render(d.Template.PROSE_REPORT, data, on=localdate(now), title="Rapport final")


def review(viewer: Viewer, year: int | None, now: datetime) -> bytes:
    """Return the « Bilan APERS » of a finished year as PDF: the numbers of the page. Raises AccessRefused."""
    data, title = review_data(yearly.review(viewer, year, now))
    return d.render(d.Template.TABLES, data, on=localdate(now), title=title)


def review_text(viewer: Viewer, year: int | None, now: datetime) -> bytes:
    """Return the same as OpenDocument, for the association's own report of the year. Raises AccessRefused."""
    data, title = review_data(yearly.review(viewer, year, now))
    return odt.tables(data, on=localdate(now), title=title)


def review_data(found: Review) -> tuple[papers.TablesData, str]:
    """Return what the paper prints, and its title. Raises AccessRefused where no year is finished."""
    if found.year is None:
        raise AccessRefused(code="year")
    data: papers.TablesData = {
        "commune": found.service or "Ressort",
        "lead": [f"Année {found.year}", "Personnes sous mesure pour violences dans le couple"],
        "mention": "Nombres sans personne",
        "paragraphs": [
            f"En dessous de {found.k}, un nombre n’est pas affiché : il pourrait désigner quelqu’un. "
            "Quand un seul nombre serait caché, un autre l’est avec lui."
        ],
        "tables": [
            {
                "heading": table.heading, "columns": ["", "Nombre"], "note": "",
                "rows": [[fr.capital(label), _number(n)] for label, n in table.lines]
                + ([["En tout", _number(table.total)]] if table.has_total else []),
            }
            for table in found.tables
        ],
        "signatories": [], "notes": [],
    }  # fmt: skip
    return data, f"Bilan APERS {found.year}"


def _number(n: int | None) -> str:
    return charts.HIDDEN if n is None else str(n)


def orientation(viewer: Viewer, pk: UUID, orientation_id: UUID, now: datetime) -> bytes:
    """Return the letter that sends the person to a specialised association. Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.PRINT, DataClass.VIF_PERSON, now)
    page = reads.page(viewer, pk, now)
    line = next((each for each in page.orientations if each.id == orientation_id), None)
    if line is None:
        raise AccessRefused(code="orientation")
    with reads.gate(viewer, row, [DataClass.VIF_PERSON], purpose=Purpose.DOCUMENT, act=Act.PRINT):
        data = orientation_data(page, line.to, line.why, line.sent_on)
    return d.render(d.Template.STATEMENT, data, on=line.sent_on, title="Courrier d’orientation")


def orientation_data(page: Page, to: str, why: str, on: date) -> papers.StatementData:
    """Return the letter: who is sent, for what, by whom; neither the facts nor the obligations."""
    return {
        "commune": page.service,
        "lead": [to, f"Courrier du {fr.long_date(on)}"],
        "paragraphs": [
            "Madame, Monsieur,",
            "Dans le cadre du suivi dont notre association est chargée, nous vous adressons la personne nommée ci-dessous.",
            why,
            "Nous vous remercions de la recevoir, et de lui remettre une attestation de sa venue. "
            "Ne nous adressez aucun élément de santé ni le contenu de vos échanges.",
        ],
        "items": [
            {"label": "Personne adressée", "value": page.name},
            {"label": "Suivie par", "value": page.officers},
        ],
        "signatories": [f"Pour {page.service}"],
    }
