"""Pages of the Journal as plain data: who acted, what, on which references. No name of a person followed (T-40)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localtime

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import checkpoints, journal, purge, refs, words
from casework.audit.codes import Act, log_of
from casework.audit.journal import Filters
from casework.audit.models import AuditAlert, AuditEvent
from casework.audit.notes import Checkpoint
from casework.audit.watch import Rule
from casework.casefile import journal_words as said
from casework.casefile import watch as rooms
from casework.casefile.watch import Record
from casework.partners.codes import Role
from casework.partners.models import Mandate, Organisation, Territory

SHOWN_REFERENCES = 4
SOFTWARE = "le logiciel"


@dataclass(frozen=True)
class Staff:
    """The agents and services of a territory, whether or not they still act."""

    names: dict[UUID, str]
    services: dict[UUID, str]

    def who(self, agent_id: UUID | None) -> str:
        """Return the name of an agent."""
        return self.names.get(agent_id, "agent inconnu") if agent_id else SOFTWARE

    def service(self, organisation_id: UUID | None) -> str:
        """Return the name of a service."""
        return self.services.get(organisation_id, "") if organisation_id else ""


def staff(territory_id: UUID) -> Staff:
    """Return everybody who ever held a function in the territory: two queries."""
    mandates = Mandate.objects.filter(territory_id=territory_id).select_related("agent")
    names = {mandate.agent_id: mandate.agent.full_name for mandate in mandates}
    services = {row.pk: str(row) for row in Organisation.objects.filter(territory_id=territory_id)}
    return Staff(dict(sorted(names.items(), key=lambda pair: pair[1])), services)


@dataclass(frozen=True)
class Spoken:
    """The references people say aloud, found back from pseudonyms."""

    records: list[Record]
    by_ref: dict[bytes, str]

    def of(self, packed: Iterable[bytes]) -> list[str]:
        """Return the references of some pseudonyms; an erased person has none left."""
        return sorted({self.by_ref[ref] for ref in packed if ref in self.by_ref})


def spoken(territory_id: UUID) -> Spoken:
    """Return the references of the territory: one query."""
    records = rooms.records(territory_id)
    by_subject = {record.subject_id: record.reference for record in records}
    found = refs.subjects_by_ref(by_subject)
    return Spoken(records, {ref: by_subject[subject_id] for ref, subject_id in found.items()})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event on screen."""

    at: datetime
    who: str
    role: str
    service: str
    act: str
    thing: str
    references: tuple[str, ...]
    more: int
    purpose: str
    outcome: str
    outcome_kind: str
    why: str
    reason: str
    rank: int
    leaf: str
    network: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the Journal."""

    lines: list[Line]
    next_before: int | None
    first: bool


def page(viewer: Viewer, territory_id: UUID, filters: Filters, people: Staff) -> Page:
    """Return one page, told first: whoever reads the Journal is in it (LOG-01)."""
    told = [name for name in ("subject_id", "agent_id", "organisation_id", "since") if getattr(filters, name)]
    audit.record(
        viewer, Act.WHO_READ, module="audit", object_type="journal", classes=["journal"],
        subjects=[filters.subject_id] if filters.subject_id else (), why=".".join(told),
    )  # fmt: skip
    events, next_before = journal.page(log_of(territory_id), people.names, filters)
    known = spoken(territory_id)
    missed = _missed(events, known.records)
    return Page(
        lines=[_line(event, people, known, missed) for event in events], next_before=next_before,
        first=filters.before is None,
    )  # fmt: skip


def _missed(events: Sequence[AuditEvent], records: Sequence[Record]) -> dict[str, str]:
    """Return {object reference: spoken reference} of the misses of a page that meant an existing record.

    The event keeps HMAC(route, id): asking it of each record of the territory answers, once the file is known.
    """
    by_object = {record.object_id: record.reference for record in records}
    found: dict[str, str] = {}
    for route in {event.object_type for event in events if event.act == Act.MISS and ":" in event.object_type}:
        found |= {ref: by_object[pk] for ref, pk in refs.object_refs(route, by_object).items()}  # type: ignore[index]  # the keys given come back
    return found


def _line(event: AuditEvent, people: Staff, known: Spoken, missed: dict[str, str]) -> Line:
    concerned = event.refs()
    references = known.of(concerned)
    if event.act == Act.MISS and event.object_ref in missed:
        references = [missed[event.object_ref]]
    outcome, kind = said.OUTCOMES.get(event.outcome, (event.outcome, "info"))
    roles = dict(Role.choices)
    return Line(
        at=localtime(event.ts), who=people.who(event.actor_id), role=str(roles.get(event.role, "")),
        service=people.service(event.org_id), act=said.act(event.act), thing=said.thing(event.object_type),
        references=tuple(references[:SHOWN_REFERENCES]), more=max(len(concerned) - SHOWN_REFERENCES, 0),
        purpose=said.purpose(event.purpose), outcome=outcome, outcome_kind=kind, why=event.why, reason=said.why(event.why), rank=event.idx,
        leaf=bytes(event.leaf).hex()[:16], network=event.net_prefix,
    )  # fmt: skip


# ---------------------------------------------------------------- who opened one file


@dataclass(frozen=True, kw_only=True)
class OpeningLine:
    """One event about one person: by service and function, never by name."""

    at: datetime
    service: str
    role: str
    act: str
    purpose: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class Openings:
    """Who opened and changed one file, and the checkpoint that proves it."""

    reference: str
    lines: list[OpeningLine]
    events: list[AuditEvent]
    checkpoint: Checkpoint | None
    words: list[str]


def openings(viewer: Viewer, territory_id: UUID, record: Record, people: Staff, now: datetime, act: Act) -> Openings:
    """Return who opened a file; the answer of one day bears one checkpoint, on screen, on paper and in its proof."""
    audit.record(
        viewer, act, module="audit", object_type="journal.proof", classes=["journal"], subjects=[record.subject_id],
        purpose=audit.Purpose.RIGHTS,
    )  # fmt: skip
    log = log_of(territory_id)
    day = localtime(now).date()
    checkpoint = checkpoints.fixed_for(log, "journal.proof", f"{record.subject_id}/{day}", now)
    events = [
        event
        for event in journal.events_about(record.subject_id)
        if event.log == log and (checkpoint is None or event.idx < checkpoint.size)
    ]
    roles = dict(Role.choices)
    lines = [
        OpeningLine(
            at=localtime(event.ts), service=people.service(event.org_id) or SOFTWARE,
            role=str(roles.get(event.role, "traitement automatique")), act=said.act(event.act),
            purpose=said.purpose(event.purpose), rank=event.idx,
        )
        for event in events
    ]  # fmt: skip
    return Openings(
        reference=record.reference, lines=lines, events=events, checkpoint=checkpoint,
        words=words.of(checkpoint.paper()) if checkpoint else [],
    )  # fmt: skip


# ---------------------------------------------------------------- alerts

RULES = {
    Rule.NIGHT: ("Lecture de nuit", "Une fiche ouverte entre 22 h et 6 h."),
    Rule.MANY_FILES: ("Beaucoup de fiches en une heure", "Plus de 20 fiches ouvertes une à une, hors réunion."),
    Rule.THREE_SERVICES: ("Une fiche, trois services", "La même fiche ouverte par trois services le même jour, hors réunion."),
    Rule.OUTSIDE_AGENDA: ("Hors ordre du jour", "Une fiche lue sans réunion proche ni travail dessus ce jour-là."),
    Rule.OWN_NAME: ("Même nom de famille", "Une fiche dont la personne porte le nom de l’agent."),
    Rule.REVEAL: ("Adresse protégée affichée", "Chaque affichage est signalé."),
    Rule.MISSES: ("Pages refusées en série", "Dix pages absentes ou interdites, ou plus, en un jour."),
    Rule.CAP: ("Plafond de lecture atteint", "L’agent a été arrêté par le plafond de dix minutes."),
    Rule.FORGED: ("Donnée altérée", "Une valeur ou un droit a été modifié hors du logiciel."),
    Rule.BREAK_GLASS: ("Ouverture d’urgence non relue", "Le contrôle attendu sous 72 heures n’a pas eu lieu."),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """One alert on screen."""

    day: date
    title: str
    meaning: str
    who: str
    service: str
    agent_id: UUID | None
    references: tuple[str, ...]
    more: int
    n: int


def alerts(territory_id: UUID, people: Staff, *, since: datetime | None = None) -> list[AlertLine]:
    """Return the alerts of the finished days, newest first."""
    known = spoken(territory_id)
    return [_alert(row, people, known) for row in journal.alerts(log_of(territory_id), since=since)]


def _alert(row: AuditAlert, people: Staff, known: Spoken) -> AlertLine:
    title, meaning = {rule.value: told for rule, told in RULES.items()}.get(row.rule, (row.rule, ""))
    references = known.of(row.refs())
    return AlertLine(
        day=row.day, title=title, meaning=meaning, who=people.who(row.actor_id) if row.actor_id else "",
        service=people.service(row.org_id), agent_id=row.actor_id, references=tuple(references[:SHOWN_REFERENCES]),
        more=max(row.n - SHOWN_REFERENCES, 0) if row.refs() else 0, n=row.n,
    )  # fmt: skip


def counts(territory_id: UUID, since: datetime) -> list[tuple[str, int]]:
    """Return how many alerts each rule gave since a moment: all that a message may say."""
    found = Counter(row.rule for row in journal.alerts(log_of(territory_id), since=since, limit=2000))
    return [(RULES[rule][0], found[rule.value]) for rule in Rule if found[rule.value]]


# ---------------------------------------------------------------- integrity and terms


@dataclass(frozen=True, kw_only=True)
class Integrity:
    """Where the log stands, and who agreed to its purge."""

    size: int
    signed_size: int
    signed_at: datetime | None
    words: list[str]
    late: bool
    due: int
    agreed_until: datetime | None


def integrity(territory_id: UUID, now: datetime) -> Integrity:
    """Return where the journal of a territory stands."""
    log = log_of(territory_id)
    standing = journal.standing(log)
    last = journal.last_checkpoint(log)
    agreed = purge.authority(log, now)
    text = Checkpoint(log, last.size, bytes(last.root)).paper() if last else ""
    return Integrity(
        size=standing.size, signed_size=standing.signed_size, signed_at=standing.signed_at,
        words=words.of(text) if text else [], late=checkpoints.is_late(log, now), due=purge.due(log, now),
        agreed_until=agreed.ends_at if agreed else None,
    )  # fmt: skip


def zone_of(territory_id: UUID) -> str:
    """Return the time zone of a territory."""
    return Territory.objects.values_list("time_zone", flat=True).get(pk=territory_id)
