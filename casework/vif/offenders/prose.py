"""What a report says by itself: a template for each frame, filled from the record. Pure: no database, no clock.

The officer writes the other parts. Care is told by attestations seen or not, and by nothing else (BL-04).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from casework.casefile import format as fr
from casework.vif.offenders.codes import Came, Frame, LodgingAnswer, Need, ReportKind, Section, State
from casework.vif.offenders.reads.page import ObligationLine, Page, was_met


@dataclass(frozen=True)
class Template:
    """The words of one frame: what the decision is called, what the association was asked to do, on what ground."""

    decision: str
    task: str
    ground: str


TEMPLATES: dict[str, Template] = {
    Frame.SUPERVISION: Template(
        "ordonnance", "suivre la personne placée sous contrôle judiciaire et rendre compte de ses obligations",
        "articles 138 et R. 16 et suivants du code de procédure pénale",
    ),
    Frame.PROBATION: Template(
        "décision", "suivre les obligations du sursis probatoire", "article 132-45 du code pénal"
    ),
    Frame.ALTERNATIVE: Template(
        "réquisition", "suivre l’alternative aux poursuites", "article 41-1 du code de procédure pénale"
    ),
    Frame.COMPOSITION: Template(
        "réquisition", "suivre la composition pénale", "articles 41-2 et 41-3 du code de procédure pénale"
    ),
    Frame.COURSE: Template(
        "décision", "suivre l’accomplissement du stage de responsabilisation",
        "articles 131-5-1 et R. 131-35 à R. 131-37 du code pénal",
    ),
}  # fmt: skip

# The parts of each kind of report: a notice of taking charge does not say how somebody evolved.
PARTS: dict[str, tuple[Section, ...]] = {
    ReportKind.TAKING_CHARGE: (Section.FRAME, Section.SITUATION, Section.CONCLUSION),
    ReportKind.ABSENCE: (Section.FRAME, Section.SITUATION, Section.CONCLUSION),
    ReportKind.INCIDENT: (Section.FRAME, Section.SITUATION, Section.RESPECT, Section.CONCLUSION),
    ReportKind.PERIODIC: tuple(Section),
    ReportKind.FINAL: tuple(Section),
}
HEADINGS: dict[tuple[str, Section], str] = {
    (ReportKind.INCIDENT, Section.SITUATION): "L’incident",
    (ReportKind.ABSENCE, Section.SITUATION): "La carence",
}


def filled(page: Page, section: Section) -> str:
    """Return a part that the record fills: frame, respect, care. Lines are kept as they are."""
    return {Section.FRAME: frame, Section.RESPECT: respect, Section.CARE: care}[section](page)


def frame(page: Page) -> str:
    """Return under what the person is followed, and the obligations with their articles (CJ-32)."""
    words = TEMPLATES[page.frame]
    said = f"Par {words.decision} du {fr.long_date(page.ordered_on)}, notre association a été chargée de {words.task} ({words.ground})."
    lines = [said, f"Terme de la mesure : {fr.long_date(page.term_on)}."]
    if page.hearing_on:
        lines.append(f"Audience : {fr.long_date(page.hearing_on)}.")
    lines.append("Obligations :" if page.in_force else "Aucune obligation n’est inscrite.")
    lines += [f"– {line.label} ({line.legal_ref})" for line in page.in_force]
    if page.bracelet:
        until = f" jusqu’au {fr.long_date(page.bracelet_until)}" if page.bracelet_until else ""
        lines.append(f"– bracelet anti-rapprochement ordonné{until}")
    return "\n".join(lines)


def respect(page: Page) -> str:
    """Return each obligation met, partly or not, and what was seen of it; appointments, courses, lodging, letters."""
    lines = [_obligation(line) for line in page.in_force if line.need != Need.CARE]
    lines += [f"{line.label} : {line.rating or 'à apprécier'}." for line in page.in_force if line.need == Need.CARE]
    held = [line for line in page.appointments if line.came_code]
    if held:
        came = sum(was_met(line) for line in held)
        missed = sum(line.came_code == Came.ABSENT for line in held)
        excused = len(held) - came - missed
        lines.append(
            f"Rendez-vous : {len(held)} ; {fr.plural(came, 'présence')}, {fr.plural(excused, 'absence excusée', 'absences excusées')}, "
            f"{fr.plural(missed, 'carence')}."
        )
    lines += [f"{line.kind[:1].upper()}{line.kind[1:]}, du {fr.long_date(line.starts_on)} au {fr.long_date(line.ends_on)} : {line.state}." for line in page.courses]  # fmt: skip
    if page.addresses:
        last = page.addresses[-1]
        lines.append(f"Adresse : justificatif {last.seen} le {fr.long_date(last.day)}.")
    for lodging in page.lodgings:
        on = f" le {fr.long_date(lodging.answered_on)}" if lodging.answered_on else ""
        waits = lodging.answer == LodgingAnswer.ASKED.label
        lines.append(
            f"Hébergement demandé le {fr.long_date(lodging.asked_on)} : {'réponse attendue' if waits else lodging.answer + on}."
        )
    lines += [f"Orientation par courrier du {fr.long_date(line.sent_on)} : {line.to}." for line in page.orientations]
    return "\n".join(lines)


def _obligation(line: ObligationLine) -> str:
    seen = [proof.day for proof in line.proofs if proof.is_seen]
    not_seen = sum(not proof.is_seen for proof in line.proofs)
    said = f"{line.label} : {line.rating or 'à apprécier'}."
    if seen:
        said += f" Dernier justificatif vu le {fr.long_date(seen[-1])}."
    if not_seen:
        said += f" Non présenté {fr.plural(not_seen, 'fois', 'fois')}."
    return said


def care(page: Page) -> str:
    """Return how many attestations of care were seen, the last day, and no content (BL-04)."""
    lines = [line for line in page.in_force if line.need == Need.CARE]
    if not lines:
        return "Aucune obligation de soins."
    proofs = [proof for line in lines for proof in line.proofs]
    seen = sorted(proof.day for proof in proofs if proof.is_seen)
    if not proofs:
        return "Aucune attestation n’a encore été demandée."
    if not seen:
        return f"Aucune attestation vue, sur {fr.plural(len(proofs), 'demandée')}."
    told = fr.plural(len(seen), "attestation vue", "attestations vues")
    return f"{told} sur {fr.plural(len(proofs), 'demandée')} ; la dernière le {fr.long_date(seen[-1])}."


def starter(page: Page, kind: str, today: date) -> dict[str, str]:
    """Return the first words of the parts that the officer writes, for a new report; "" where none would be true."""
    found: dict[str, str] = {}
    if kind == ReportKind.TAKING_CHARGE and page.notified_on:
        found[Section.CONCLUSION] = "\n".join(
            _kept(
                f"La personne s’est présentée au premier entretien. Ses obligations lui ont été expliquées le {fr.long_date(page.notified_on)}.",
                f"La mesure est suivie par {page.officers}." if page.officers else "",
                _next(page),
            )
        )
    if kind == ReportKind.ABSENCE:
        missed = [line for line in page.appointments if line.failed]
        if missed:
            days = ", ".join(f"le {fr.long_date(line.day)} à {line.at:%H h %M}" for line in missed)
            found[Section.SITUATION] = (
                f"La personne, convoquée {days}, ne s’est pas présentée et n’a donné aucun motif."
            )
        found[Section.CONCLUSION] = (
            _next(page) or "Nous vous remercions de nous dire quelle suite vous entendez donner."
        )
    if kind == ReportKind.INCIDENT:
        found[Section.CONCLUSION] = (
            "Nous vous remercions de nous dire quelle suite vous entendez donner à cet incident."
        )
    if kind == ReportKind.FINAL and page.state == State.BREACH_REPORTED:
        found[Section.CONCLUSION] = "Un incident a été signalé ; la réponse n’est pas encore reçue."
    return found


def _next(page: Page) -> str:
    line = page.next_appointment
    return f"Prochain rendez-vous : le {fr.long_date(line.day)} à {line.at:%H h %M}." if line else ""


def _kept(*lines: str) -> Iterable[str]:
    return (line for line in lines if line)
