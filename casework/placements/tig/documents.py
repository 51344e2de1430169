"""The papers of a placement: decision notified, week sheet, hours sheet, certificate (ASG-04, HOST-12, HOST-13).

What the host receives names the person, the post and the hours, never the sentence (HOST-15).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from casework.casefile import documents, papers
from casework.casefile import format as fr
from casework.placements.tig.codes import Audience, Outcome, ReportKind
from casework.placements.tig.reads.placements import PlacementPage
from casework.placements.tig.reads.weeks import Week

HOST_MENTION = "Document remis à la structure d’accueil et à la personne"


def notification(page: PlacementPage, commune: str, today: date) -> bytes:
    """Return the decision as notified to the person, a minor's parents and the host, the magistrates told (ASG-04, TNR-04)."""
    minor = page.audience == Audience.MINORS.label
    told = dict.fromkeys(("Procureur de la République", page.recipient))
    items = [
        ("Personne accueillie", page.name), ("Poste", page.post), ("Structure d’accueil", page.host),
        ("Tuteur", page.supervisor or "à désigner"), ("Décision", page.decision),
        ("Heures à faire ici", fr.duration(page.bar.assigned)),
        ("Limites de travail", ", ".join(page.limits) or "aucune"), ("Copie", ", ".join(told)),
    ]  # fmt: skip
    planned = [
        f"{fr.day(row.day)}, {row.half} : {row.starts_at:%H:%M} à {row.ends_at:%H:%M}" for row in page.planned[:40]
    ]
    return documents.render(
        documents.Template.STATEMENT,
        _statement(
            commune, page.reference, items,
            ["La décision d’affectation vous est notifiée (CPEN R623-13). Les trajets et les repas ne comptent pas dans "
             "les heures (CPEN R623-17).", *planned],
            ["Pour le service", "La personne", *(["Les représentants légaux"] if minor else []), "La structure d’accueil"],
        ),
        on=today, title="Notification d’affectation",
    )  # fmt: skip


def certificate(page: PlacementPage, commune: str, today: date) -> bytes:
    """Return the certificate of completion, made by the host (HOST-12)."""
    first = page.done[-1].day if page.done else today
    last = page.done[0].day if page.done else today
    items = [
        ("Personne accueillie", page.name), ("Poste", page.post), ("Structure d’accueil", page.host),
        ("Heures faites", fr.duration(page.bar.done)), ("Du", fr.long_date(first)), ("Au", fr.long_date(last)),
    ]  # fmt: skip
    return documents.render(
        documents.Template.STATEMENT,
        _statement(
            commune, page.reference, items,
            ["La structure d’accueil certifie que la personne nommée ci-dessous a accompli toutes les heures prévues "
             "(CPEN R623-23)."],
            ["Pour la structure d’accueil"],
        ),
        on=page.certified_on or today, title="Attestation de fin",
    )  # fmt: skip


def report(page: PlacementPage, kind: ReportKind, commune: str, today: date) -> bytes:
    """Return a report to the magistrate, ready to sign: codes, dates and hours of the record, no word of opinion.

    Addressed by the measure and the public (ASG-09, TNR-05). A sentence kept elsewhere is named by its mark only.
    """
    bar = page.bar
    items = [("Destinataire", page.recipient), ("Dossier", page.case_mark), ("Affectation", page.reference)]
    items += [("Personne", page.name)] if page.name else []
    if page.sentence is not None:
        items += [
            ("Texte", f"{page.sentence.basis} ({page.sentence.ref})"), ("Juridiction", page.sentence.court),
            ("Décision du", fr.long_date(page.sentence.decided_on) if page.sentence.decided_on else ""),
            ("Heures prononcées", fr.duration(page.sentence.minutes)),
        ]  # fmt: skip
    items += [
        ("Poste", f"{page.post}, {page.host}" if page.post else "aucun à ce jour"),
        ("Heures à faire ici", fr.duration(bar.assigned)), ("Heures faites", fr.duration(bar.done)),
        ("Heures qui restent", fr.duration(bar.left)),
        ("Dernière date utile", fr.long_date(bar.due) if bar.due else ""), ("Situation", page.state_label),
    ]  # fmt: skip
    missed = [row for row in page.done if row.outcome in _MISSED]
    lines = [_REPORT_LEADS[kind]]
    lines += [f"{fr.day(row.day)}, {row.half} : {row.outcome}." for row in reversed(missed)]
    lines += [
        f"{fr.day(each.occurred_on)} : {each.kind}" + (f" ; suite donnée : {each.answer}." if each.answer else ".")
        for each in reversed(page.incidents)
    ]
    lines += [f"{each}." for each in page.stops]
    data = _statement(commune, page.reference, items, lines, [f"Pour le service ({page.service})"])
    data["mention"] = f"Destiné à l’autorité judiciaire seule : {page.recipient}"
    return documents.render(documents.Template.STATEMENT, data, on=today, title=str(kind.label).capitalize())


_MISSED = {str(each.label) for each in (Outcome.ABSENT, Outcome.SENT_HOME, Outcome.ABSENT_EXCUSED)}
_REPORT_LEADS = {
    ReportKind.BREACH: "Le service rend compte des faits suivants, tels qu’ils sont inscrits, et demande la suite à donner.",
    ReportKind.ASSESSMENT: "Le service rend compte du début de l’exécution.",
    ReportKind.YEARLY: "Le service rend compte de l’année écoulée.",
    ReportKind.END: "Le service rend compte de l’exécution à son terme.",
}


def hours_sheet(page: PlacementPage, commune: str, today: date) -> bytes:
    """Return all the hours done, half-day by half-day (HOST-13)."""
    rows = [
        {
            "day": fr.day(row.day),
            "half": row.half,
            "hours": f"{row.starts_at:%H:%M} à {row.ends_at:%H:%M}" if row.minutes else "",
            "pause": f"{row.break_minutes} min" if row.minutes and row.break_minutes else "",
            "total": fr.duration(row.minutes),
            "note": row.outcome,
        }
        for row in reversed(page.done)
    ]
    rows += [
        {"day": fr.day(on), "half": "", "hours": "", "pause": "", "total": fr.duration(minutes), "note": reason}
        for on, minutes, reason in page.adjustments
    ]
    data = {
        "commune": commune, "lead": [f"{page.name} · {page.reference}", f"{page.post} · {page.host}"],
        "mention": HOST_MENTION, "rows": rows, "total": fr.duration(page.bar.done),
        "assigned": fr.duration(page.bar.assigned), "notes": ["Les trajets et les repas ne comptent pas (CPEN R623-17)."],
        "signatories": ["Pour la structure d’accueil", "La personne"],
    }  # fmt: skip
    return documents.render(documents.Template.HOURS_SHEET, data, on=today, title="Relevé d’heures")


def week_sheet(week: Week, commune: str, today: date) -> bytes:
    """Return the sheet of a week to fill in and sign by hand: a page for each person, two signatures a line.

    A page alone is what each signs and what is scanned: it names nobody else.
    """
    people: dict[UUID, papers.WeekPerson] = {}
    for line in sorted(week.lines, key=lambda each: (each.name, each.day, each.starts_at)):
        person = people.setdefault(line.placement_id, {"name": line.name, "limits": ", ".join(line.limits), "rows": []})
        person["rows"].append(
            {"day": f"{fr.day(line.day)} {line.half}", "planned": f"{line.starts_at:%H:%M} à {line.ends_at:%H:%M}"}
        )
    data = {
        "commune": commune, "lead": [f"{week.post} · {week.host}", f"Semaine du {fr.long_date(week.monday)}"],
        "mention": HOST_MENTION,
        "people": list(people.values()),
        "notes": ["À remplir le jour même, à signer des deux, puis à reporter une fois par semaine. Trajets et repas ne "
                  "comptent pas.", "P : présent · AJ : absent, justifié · A : absent · R : renvoyé · AN : annulé"],
    }  # fmt: skip
    return documents.render(documents.Template.WEEK_SHEET, data, on=today, title="Feuille de semaine")


def _statement(
    commune: str, reference: str, items: list[tuple[str, str]], paragraphs: list[str], signatories: list[str]
) -> papers.StatementData:
    return {
        "commune": commune, "lead": [reference], "mention": HOST_MENTION, "paragraphs": paragraphs,
        "items": [{"label": label, "value": value} for label, value in items], "signatories": signatories, "notes": [],
    }  # fmt: skip
