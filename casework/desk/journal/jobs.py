"""What the journal does by itself: sign, empty at the term, watch, and write once a week (LOG-01, LOG-09)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from casework import audit
from casework.access.emergencies import reads as emergencies
from casework.audit import checkpoints, journal, purge, refs, watch
from casework.audit.codes import INSTALLATION, log_of
from casework.audit.models import AuditEvent
from casework.audit.watch import Finding, Known, Rule
from casework.casefile import mailer, matching
from casework.casefile import watch as rooms
from casework.desk.journal import reads
from casework.partners.codes import Role
from casework.partners.models import Mandate, Territory

LOOKED_BACK = 7
"""Days watched again each night, so that a server that slept misses none."""


def sign(now: datetime) -> int:
    """Take a checkpoint of every log that grew. Raises as `checkpoints.take`: a fork must fail loudly."""
    return len(checkpoints.take_all(now))


def empty(now: datetime) -> int:
    """Empty every log at its term where two persons agreed; what nobody agreed to waits, and the Journal says so."""
    emptied = 0
    for territory_id in (*Territory.objects.values_list("pk", flat=True), None):
        log = INSTALLATION if territory_id is None else log_of(territory_id)
        if purge.authority(log, now) is not None:
            emptied += purge.run(log, now, by=audit.system_actor(territory_id))
    return emptied


def look(now: datetime) -> int:
    """Watch the finished days of the last week in every territory; return how many new alerts."""
    new = 0
    for territory in Territory.objects.all():
        today = now.astimezone(ZoneInfo(territory.time_zone)).date()
        for ago in range(LOOKED_BACK, 0, -1):
            new += _look_at(territory, today - timedelta(days=ago), now)
    return new


def _look_at(territory: Territory, day: date, now: datetime) -> int:
    """Watch one day of one territory."""
    zone = ZoneInfo(territory.time_zone)
    log = log_of(territory.pk)
    start = datetime.combine(day, time(0), zone)
    end = datetime.combine(day + timedelta(days=1), time(0), zone)
    events = journal.day_of(log, start, end)
    found = watch.findings(events, _known(territory, day, events)) if events else []
    found += [
        Finding(
            Rule.BREAK_GLASS, row.agent_id, row.organisation_id,
            (bytes.fromhex(refs.subject_ref(row.target_subject)),), 1,
        )
        for row in emergencies.late_between(territory.pk, start, end)
    ]  # fmt: skip
    return watch.keep(log, day, found, now)


def _known(territory: Territory, day: date, events: Iterable[AuditEvent]) -> Known:
    """Return what the rules may know: the agendas around the day, and who bears an agent's name."""
    by_ref = refs.subjects_by_ref({record.subject_id for record in rooms.records(territory.pk)})
    ref_of = {subject_id: ref for ref, subject_id in by_ref.items()}
    around = rooms.on_agenda(territory.pk, day - watch.AGENDA_AFTER, day + watch.AGENDA_BEFORE)
    opened = {(event.actor_id, by_ref[ref]) for event, ref in watch.openings(events) if ref in by_ref}
    return Known(
        zone=territory.time_zone, coordinators=frozenset({Role.COORDINATOR.value}),
        agenda=frozenset((ref_of[subject_id], on) for subject_id, on in around if subject_id in ref_of),
        own_name=frozenset((agent_id, ref_of[subject_id]) for agent_id, subject_id in _same_name(territory, opened)),
    )  # fmt: skip


def _same_name(territory: Territory, opened: set[tuple[UUID | None, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return the (agent, person) pairs of one surname. Surnames are opened for this job, in one audited gate."""
    agents = {
        agent_id: frozenset(matching.normalise(name).split())
        for agent_id, name in Mandate.objects.filter(
            territory=territory, agent_id__in={agent for agent, _ in opened if agent}
        ).values_list("agent_id", "agent__last_name")
    }
    names = rooms.surnames(audit.system_actor(territory.pk), territory.pk, {subject for _, subject in opened})
    people = {subject: frozenset(matching.normalise(name).split()) for subject, name in names.items()}
    return {
        (agent, subject)
        for agent, subject in opened
        if agent in agents and subject in people and agents[agent] & people[subject]
    }


def digest(now: datetime) -> int:
    """Write once a week, on Monday, to each data protection officer: how many alerts of each kind, nothing else."""
    sent = 0
    for territory in Territory.objects.all():
        if now.astimezone(ZoneInfo(territory.time_zone)).weekday() != 0:
            continue
        found = reads.counts(territory.pk, now - timedelta(days=7))
        officers = Mandate.objects.live(now).filter(territory=territory, role=Role.DPO).select_related("agent")
        for address in sorted({mandate.agent.email for mandate in officers}):
            mailer.queue(to=address, subject="La semaine du journal", body=_letter(found), now=now)
            sent += 1
    return sent


def _letter(found: list[tuple[str, int]]) -> str:
    lines = [f"– {title} : {count}" for title, count in found] or ["Aucune alerte cette semaine."]
    return "\n".join(
        (
            "Bonjour,", "", "Alertes de veille des sept derniers jours :", *lines, "",
            f"Le détail, par référence, est dans le Journal : {settings.BASE_URL}{reverse('journal:alerts')}", "",
            "Ce message ne contient aucune information sur une situation ni sur un agent.",
        )
    )  # fmt: skip
