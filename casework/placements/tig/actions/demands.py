"""Opening a request of a place, completing it, and the sentence file (TIG-01 to TIG-08, TIGM-01; row 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile import format as fr
from casework.casefile import revision
from casework.casefile.references import free_reference
from casework.casefile.retention import months_after
from casework.errors import GuardRefused, InputRefused
from casework.partners.models import Mandate
from casework.placements.hosts.actions import unplaced
from casework.placements.hosts.codes import Half, PostNeed
from casework.placements.tig import facts, legal
from casework.placements.tig.actions import service, team
from casework.placements.tig.codes import Audience, Measure, State
from casework.placements.tig.models import Sentence, TigPlacement
from casework.placements.tig.reads import search
from casework.placements.tig.states import LIFECYCLE
from casework.sealing import keys

MAX_MINUTES = 400 * 60  # TIG-01: no text goes beyond
MAX_MONTHS = 18  # TIG-08
TNR_MINUTES, TNR_MONTHS = 100 * 60, 6  # TNR-02, TNR-04: no text goes beyond
MAX_WEEKLY = 10
ADULT_WITHIN = 10  # years, both ways: TIGM-01 looks at the age at the facts
HALF_DAYS = tuple(f"{weekday}-{half}" for weekday in range(7) for half in Half.values)
PREFIX = "TIG"


@dataclass(frozen=True, kw_only=True)
class DemandData:
    """What a request says, without a name. `availability`: `0-am` is Monday morning; `away`: ids of hosts, sectors."""

    case_mark: str
    minutes: int
    last_useful_on: date
    weekly: int
    availability: Sequence[str]
    limits: Sequence[str] = ()
    job_minutes: int = 0
    exam_stated: bool = False
    adult_on: date | None = None
    measure: str = Measure.TIG
    away: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class SentenceData:
    """The sentence as the court pronounced it, and the last useful date as its officer chooses it."""

    basis: str
    court: str
    offence_code: str
    minutes: int
    months: int
    has_fallback: bool
    born_on: date
    facts_on: date
    decided_on: date
    enforceable_on: date
    last_useful_on: date


def open_demand(*, by: Viewer, data: DemandData, now: datetime, placement_id: UUID | None = None) -> TigPlacement:
    """Open a request of a place: the service's own mark, hours, last useful date, half-days, limits; no name.

    Raises AccessRefused, InputRefused. The author is in charge of it.
    """
    audience = facts.require_creation(by, now)
    check(data, audience, now)
    _check_away(by, data, now)
    worker_id = placement_id or uuid4()
    if TigPlacement.objects.filter(subject_id=worker_id).exists():
        worker_id = uuid4()  # the form's id is taken, or not ours: nothing is told (T-20)
    keys.ensure(worker_id)
    with audit.writing(by, now=now) as w:
        return write_demand(w, by=by, data=data, audience=audience, worker_id=worker_id, now=now)


def write_demand(
    w: Writing, *, by: Viewer, data: DemandData, audience: str, worker_id: UUID, now: datetime
) -> TigPlacement:
    """Write a checked request, its author in charge, inside the transaction of its act; its key is there already."""
    placement = TigPlacement(
        subject_id=worker_id, territory_id=by.territory_id, organisation_id=by.organisation_id,
        audience=audience, reference=free_reference(TigPlacement, PREFIX, now), received_at=now, identity={},
        **_columns(data),
    )  # fmt: skip
    LIFECYCLE.apply(placement, State.RECEIVED, w=w, by=by, now=now)
    LIFECYCLE.apply(placement, State.MATCHING, w=w, by=by, now=now)
    mandate = Mandate.objects.get(pk=by.mandate_id)
    team.put_in_charge(w, by=by, placement=placement, mandate=mandate, now=now)
    return placement


def change_demand(
    *, by: Viewer, placement: TigPlacement, data: DemandData, now: datetime, expected: int | None
) -> None:
    """Change what a request says, until a host is asked. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, placement, Action.CHANGE, DataClass.PLACEMENT, now)
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)
    if placement.state not in (State.RECEIVED, State.MATCHING, State.MEDICAL_PENDING):
        raise GuardRefused("Une structure est déjà demandée : retirez d’abord la demande d’accueil.")
    check(data, placement.audience, now)
    _check_away(by, data, now)
    _check_beside_sentence(by, placement, data)
    with audit.writing(by, now=now) as w:
        row = revision.lock(TigPlacement.objects.all(), placement.pk, expected)
        revision.save(row, **_columns(data))
        w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT, DataClass.SENTENCE])


def count_without_place(*, by: Viewer, placement: TigPlacement, sector: UUID | None, now: datetime) -> None:
    """Count a demand for which no post fits today, once a month: what opens posts (seed action 7).

    Raises AccessRefused, GuardRefused (a post fits, or counted already this month), InputRefused (the sector).
    """
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    if placement.state not in (State.MATCHING, State.MEDICAL_PENDING):
        raise GuardRefused("Cette demande n’attend pas de poste.")
    if any(match.fits for match in search.for_placement(by, placement, now).matches):
        raise GuardRefused("Un poste convient : demandez-le, ou modifiez la demande.")
    with audit.writing(by, now=now) as w:
        revision.lock(TigPlacement.objects.all(), placement.pk, None)
        unplaced.count(
            w, holder=placement.pk, territory_id=placement.territory_id, audience=placement.audience, sector=sector,
            now=now,
        )  # fmt: skip


def check(data: DemandData, audience: str, now: datetime) -> None:
    """Raise InputRefused, with the field, on what no request may say."""
    today = localdate(now)
    if not data.case_mark.strip():
        raise InputRefused("Indiquez votre référence de dossier.", field="case_mark")
    if not 60 <= data.minutes <= MAX_MINUTES:
        raise InputRefused("Indiquez de 1 à 400 heures.", field="hours")
    if data.last_useful_on <= today:
        raise InputRefused("La dernière date utile est passée.", field="last_useful_on")
    if data.measure not in Measure.values:
        raise InputRefused("Choisissez la mesure.", field="measure")
    if data.measure == Measure.TNR:
        if data.minutes > TNR_MINUTES:
            raise InputRefused("Le travail non rémunéré va jusqu’à 100 heures (CPP 41-2).", field="hours")
        if data.last_useful_on > months_after(today, TNR_MONTHS):
            raise InputRefused(
                "Le travail non rémunéré se fait en six mois au plus (CPP 41-2).", field="last_useful_on"
            )
    if data.last_useful_on > months_after(today, MAX_MONTHS):
        raise InputRefused("Les heures se font en dix-huit mois au plus (CP 131-22).", field="last_useful_on")
    if not data.availability:
        raise InputRefused("Cochez au moins une demi-journée.", field="availability")
    if not set(data.availability) <= set(HALF_DAYS):
        raise InputRefused("Choisissez des demi-journées de la grille.", field="availability")
    if not 1 <= data.weekly <= MAX_WEEKLY:
        raise InputRefused(f"De 1 à {MAX_WEEKLY} demi-journées par semaine.", field="weekly")
    if not set(data.limits) <= set(PostNeed.values):
        raise InputRefused("Choisissez des limites de la liste.", field="limits")
    if audience == Audience.MINORS and any(each.startswith("6-") for each in data.availability):
        raise InputRefused("Un mineur ne travaille pas le dimanche (code du travail, L3164-2).", field="availability")
    if data.adult_on is not None and audience != Audience.MINORS:
        raise InputRefused("Cette date ne concerne que les mineurs.", field="adult_on")
    if data.adult_on is not None and abs(data.adult_on.year - today.year) > ADULT_WITHIN:
        raise InputRefused("Vérifiez l’année de ces dix-huit ans.", field="adult_on")


def _check_away(by: Viewer, data: DemandData, now: datetime) -> None:
    """Refuse a place to keep away from that is no host with a post, nor a sector, of this territory."""
    if data.away:
        known = {key for _, group in search.places(by, now) for key, _ in group}
        if not set(data.away) <= known:
            raise InputRefused("Choisissez des lieux de la liste.", field="away")


def _check_beside_sentence(by: Viewer, placement: TigPlacement, data: DemandData) -> None:
    """Refuse, where the sentence is recorded here, more hours than it pronounces or a date after its term (TIG-08)."""
    sentence = getattr(placement, "sentence", None)
    if sentence is None:
        return
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.SENTENCE], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        terms = sentence.terms or {}
        if data.minutes > terms["minutes"]:
            raise InputRefused("Les heures à faire ici dépassent celles que la décision prononce.", field="hours")
        _check_term(sentence.enforceable_on, terms["months"], data.last_useful_on)


def _check_term(enforceable_on: date, months: int, last_useful_on: date) -> None:
    """Refuse a last useful date outside the time fixed by the court; the date stays the officer's choice (ADR 60)."""
    if last_useful_on < enforceable_on:
        raise InputRefused("Cette date est avant que la décision soit exécutoire.", field="last_useful_on")
    term = months_after(enforceable_on, months)
    if last_useful_on > term:
        raise InputRefused(
            f"Le délai fixé par la décision finit le {fr.long_date(term)} : choisissez une date au plus tard ce jour.",
            field="last_useful_on",
        )


def record_sentence(*, by: Viewer, placement: TigPlacement, data: SentenceData, now: datetime) -> None:
    """Record the sentence: text, hours, months and ages are checked against the law of the day of decision.

    Raises AccessRefused, InputRefused (the field at fault). The hours to do here never exceed those pronounced.
    """
    facts.require_on(by, placement, Action.CHANGE, DataClass.SENTENCE, now)
    if not service.keeps_sentences(by, now):
        raise GuardRefused("Votre service ne tient pas le dossier de peine dans ce logiciel.")
    offered = {each.code: each for each in legal.offered(placement.audience, data.decided_on)}
    found = offered.get(data.basis)
    if found is None:
        raise InputRefused("Ce texte ne s’applique pas à ce public à cette date.", field="basis")
    if found.composition != (placement.measure == Measure.TNR):
        raise InputRefused("Ce texte n’est pas celui de la mesure : corrigez d’abord la demande.", field="basis")
    for field, problem in (
        ("hours", legal.hours_problem(found, data.minutes)),
        ("months", legal.term_problem(found, data.months)),
        ("fallback", legal.fallback_problem(found, data.has_fallback)),
        ("born_on", legal.age_problem(found, born_on=data.born_on, facts_on=data.facts_on, decided_on=data.decided_on)),
    ):
        if problem:
            raise InputRefused(problem, field=field)
    if data.enforceable_on < data.decided_on or data.enforceable_on > localdate(now):
        raise InputRefused("La décision devient exécutoire après avoir été rendue, au plus tard ce jour.",
                           field="enforceable_on")  # fmt: skip
    _check_term(data.enforceable_on, data.months, data.last_useful_on)
    if placement.minutes_here > data.minutes:
        raise InputRefused("Les heures à faire ici dépassent celles que la décision prononce.", field="hours")
    with audit.writing(by, now=now) as w:
        row = Sentence.objects.select_for_update().filter(placement=placement).first()
        act = Act.CREATE if row is None else Act.CHANGE
        row = row or Sentence(subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement)
        row.basis, row.court, row.offence_code = data.basis, data.court.strip(), data.offence_code.strip()
        row.terms = {"minutes": data.minutes, "months": data.months, "fallback": data.has_fallback}
        row.born_on, row.facts_on = data.born_on, data.facts_on
        row.decided_on, row.enforceable_on = data.decided_on, data.enforceable_on
        row.revision += act is Act.CHANGE
        row.save()
        w.note(act, row, classes=[DataClass.SENTENCE])
        locked = revision.lock(TigPlacement.objects.all(), placement.pk, None)
        if locked.last_useful_on != data.last_useful_on:
            revision.save(locked, last_useful_on=data.last_useful_on)
            w.note(Act.CHANGE, locked, why="term")


def _columns(data: DemandData) -> dict[str, object]:
    return {
        "measure": data.measure,
        "minutes_here": data.minutes,
        "last_useful_on": data.last_useful_on,
        "weekly": data.weekly,
        "case_mark": data.case_mark.strip(),
        "availability": sorted(set(data.availability)),
        "limits": sorted(set(data.limits)),
        "situation": {
            "job_minutes": data.job_minutes, "exam_stated": data.exam_stated,
            "adult_on": data.adult_on.isoformat() if data.adult_on else "",
            "away": sorted(set(data.away)),
        },
    }  # fmt: skip
