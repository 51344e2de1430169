"""What the final report still lacks, from clear columns alone: lists say it without opening anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.vif.offenders.codes import HEARD, ReportState, State

BEFORE_REPORT = frozenset({State.NOTIFIED, State.ACTIVE, State.BREACH_REPORTED, State.MODIFIED})
OF_REPORT = {
    "": "rapport à rédiger",
    ReportState.DRAFT: "rapport à finir",
    ReportState.TO_READ: "relecture attendue",
    ReportState.READ: "rapport à transmettre",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one measure without its key. `report`: the state of its final report, "" without any."""

    state: str
    frame: str
    hearing_on: date | None
    unrated: int
    unsaid: int
    report: str


def lacking(known: Known) -> tuple[str, ...]:
    """Return what is missing before the final report may leave, in the order in which it is done."""
    if known.state == State.MANDATED:
        return ("premier entretien à tenir",)
    if known.state not in BEFORE_REPORT:
        return ()
    found = []
    if known.frame in HEARD and known.hearing_on is None:
        found.append("date d’audience à inscrire")
    if known.unsaid:
        found.append(
            "issue d’un rendez-vous à inscrire"
            if known.unsaid == 1
            else f"issue de {known.unsaid} rendez-vous à inscrire"
        )
    if known.unrated:
        found.append("une obligation à apprécier" if known.unrated == 1 else f"{known.unrated} obligations à apprécier")
    if said := OF_REPORT.get(known.report):
        found.append(said)
    return tuple(found)
