"""The PDFs of a meeting, made in one click from what was recorded, cut for their reader."""

from __future__ import annotations

from django.utils.timezone import localdate, localtime

from casework.audit.checkpoints import Paper
from casework.casefile import documents as pdf
from casework.casefile import format as fr
from casework.casefile import papers
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads.minutes import Decision, Item, MinutesPage

MENTION = "Document confidentiel. Ne pas copier, ne pas transmettre hors de la cellule."


def minutes_pdf(page: MinutesPage, proof: Paper | None = None) -> bytes:
    """Return the relevé de décisions of one reader: day numbers, initials and birth years, never a name.

    `proof`: what approved minutes print of the journal, the same on every copy.
    """
    start = localtime(page.starts_at)
    lead = [f"{fr.day(start.date()).capitalize()}, {fr.hour(start)} · {page.place}", page.group]
    if page.approved_at:
        lead.append(f"Approuvé le {fr.long_date(localdate(page.approved_at))}")
    else:
        lead.append(f"Soumis à approbation ; sans réponse, approuvé le {fr.long_date(page.silence_on)}")
    notes = ["Ce relevé ne montre que les situations que son lecteur peut voir."]
    if page.digest:
        notes.append(f"Empreinte du relevé approuvé : {page.digest[:16]}…")
    data: papers.MinutesData = {
        "commune": f"Ville de {page.commune}",
        "lead": lead,
        "mention": MENTION,
        "notes": notes,
        "attendance": [{"service": row.service, "person": row.person, "state": row.state} for row in page.attendance],
        "situations": [_situation(item) for item in page.items],
        "general": [],
        "addenda": [
            {"on": fr.long_date(extra.on), "text": f"Situation n° {item.day_number}, {extra.about} : {extra.text}"}
            for item in page.items
            for extra in item.addenda
        ],
        "proof": {"code": proof.code, "words": proof.words} if proof else None,
    }
    return pdf.render(pdf.Template.MINUTES, data, on=start.date(), title="Relevé de décisions")


def _situation(item: Item) -> papers.MinutesSituation:
    return {
        "number": item.day_number,
        "card": item.card,
        "removed": item.removed,
        "findings": [{"label": label, "value": value} for label, value in item.findings],
        "decisions": [_row(row, "") for row in item.decisions] + [_row(row, row.result) for row in item.settled],
        "outcome": item.outcome,
    }


def _row(row: Decision, state: str) -> papers.DecisionRow:
    return {
        "who": row.owner,
        "what": row.kind[:1].upper() + row.kind[1:],
        "precision": row.precision,
        "due": fr.numeric_day(row.due_on) if row.due_on else "",
        "state": state,
    }


def attendance_pdf(session: GroupSession) -> bytes:
    """Return the attendance sheet to sign: services and their representatives, no situation."""
    start = localtime(session.starts_at)
    members = session.members.filter(is_guest=False).select_related("organisation", "mandate__agent")
    data: papers.AttendanceData = {
        "commune": f"Ville de {session.territory.name}",
        "lead": [session.group.name],
        "meeting": f"{fr.day(start.date()).capitalize()}, {fr.hour(start)}",
        "place": session.place,
        "people": [
            {
                "service": str(member.organisation),
                "person": member.mandate.agent.full_name if member.mandate else "",
                "function": member.mandate.job_title if member.mandate else "",
                "state": member.get_presence_display(),
            }
            for member in members
        ],
        "blanks": 3,
    }
    return pdf.render(pdf.Template.ATTENDANCE, data, on=start.date(), title="Feuille de présence")
