"""Conventions, announced half-days, activities, needs without a place: acts of schools and hosts, of no pupil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from casework import audit
from casework.access.people import tell
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import attached, revision
from casework.casefile import format as fr
from casework.casefile.models import AttachedFile
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.actions import team
from casework.exclusions.codes import Half, Kind, Level, Theme
from casework.exclusions.models import CatalogueActivity, Convention, OpenHalfDay, SupportHalfDay, WaitingNeed
from casework.exclusions.reads import conventions as reads_conventions
from casework.exclusions.reads import places as reads
from casework.partners.codes import Role
from casework.partners.models import Organisation
from casework.sealing import keys

LONGEST_DAYS = 5 * 366
WEEKS_AHEAD = 45
"""A host announces the weeks of a school year at once, no more."""
OF_CONVENTION = "Une convention d’accueil d’élèves"
CONFIRMED = "L’autre structure a confirmé la convention d’accueil d’élèves que vous aviez proposée : elle peut servir."
TURNED_DOWN = (
    "L’autre structure n’a pas confirmé la convention d’accueil d’élèves que vous proposiez : appelez-la avant d’en "
    "proposer une autre."
)
TAKEN_BACK = "La convention d’accueil d’élèves que vous aviez à confirmer est retirée : rien ne vous attend plus."
OVER_EARLY = (
    "L’autre structure met fin à une convention d’accueil d’élèves avant son terme : la date est dans « Conventions »."
)


@dataclass(frozen=True, kw_only=True)
class ConventionData:
    """A convention, as typed. `other`: the host, or the school, that signs with the viewer's body."""

    other: UUID
    signed_on: date
    starts_on: date
    ends_on: date
    kinds: Sequence[str]
    themes: Sequence[str]
    places: int
    accepts_at_once: bool = False
    contacts: dict[str, str] = field(default_factory=dict)


def partners_of(viewer: Viewer) -> list[Organisation]:
    """Return the bodies that may sign with the viewer's: hosts to a school, schools to a host; those that have people."""
    roles = facts.HOSTS if facts.sends(viewer.role) else (Role.EDUCATION,)
    rows = Organisation.objects.filter(territory_id=viewer.territory_id, is_active=True, mandates__role__in=roles)
    return list(rows.exclude(pk=viewer.organisation_id).distinct().order_by("name"))


def propose(*, by: Viewer, data: ConventionData, now: datetime) -> Convention:
    """Write the convention that one's body signed; the other body confirms it. Raises AccessRefused, InputRefused."""
    facts.require_lead(by, now)
    other = {row.pk: row for row in partners_of(by)}.get(data.other)
    if other is None:
        raise InputRefused("Choisissez une structure de la liste.", field="other")
    _check(data, now)
    own = Organisation.objects.get(pk=by.organisation_id)
    school, host = (own, other) if facts.sends(by.role) else (other, own)
    body = uuid4()
    keys.ensure(body)
    with audit.writing(by, now=now) as w:
        row = Convention(
            subject_id=body, territory_id=own.territory_id, school=school, host=host, proposed_by=own,
            signed_on=data.signed_on, starts_on=data.starts_on, ends_on=data.ends_on, kinds=sorted(data.kinds),
            themes=[theme for theme in Theme.values if theme in data.themes], places=data.places,
            accepts_at_once=data.accepts_at_once, contacts=_tidy(data.contacts),
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[facts.PUPIL])
    _tell_other(by, row, team.WAITS, now)
    return row


def confirm(*, by: Viewer, convention: Convention, now: datetime, expected: int | None) -> None:
    """Confirm what the other body wrote; it is told. Raises AccessRefused, GuardRefused, ConflictRefused."""
    facts.require_lead(by, now)
    facts.find_convention(by, convention.pk, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Convention.objects.all(), convention.pk, expected)
        if row.proposed_by_id == by.organisation_id:
            raise GuardRefused("L’autre structure confirme cette convention.")
        if row.confirmed_at is not None:
            raise GuardRefused("Cette convention est déjà confirmée.")
        revision.save(row, confirmed_at=now)
        w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="confirmed")
    _tell_other(by, row, CONFIRMED, now, subject=OF_CONVENTION)


def take_back(*, by: Viewer, convention: Convention, now: datetime) -> None:
    """Withdraw, or turn down, what is proposed and not confirmed; the other body is told. Raises AccessRefused, GuardRefused."""
    facts.require_lead(by, now)
    facts.find_convention(by, convention.pk, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Convention.objects.all(), convention.pk, None)
        if row.confirmed_at is not None:
            raise GuardRefused("Cette convention est confirmée : elle se dénonce, elle ne se retire pas.")
        for file in AttachedFile.objects.filter(record_id=row.pk):
            attached.withdraw(w, file)
        w.note(Act.DELETE, row, classes=[facts.PUPIL], why="withdrawn")
        row.delete()
    line = TAKEN_BACK if row.proposed_by_id == by.organisation_id else TURNED_DOWN
    _tell_other(by, convention, line, now, subject=OF_CONVENTION)


def set_contacts(
    *, by: Viewer, convention: Convention, contacts: dict[str, str], now: datetime, expected: int | None
) -> None:
    """Change how one's own body is reached. Raises AccessRefused, ConflictRefused."""
    facts.require_lead(by, now)
    found = facts.find_convention(by, convention.pk, now)
    side = "school_" if facts.sends(by.role) else "host_"
    kept = {name: said for name, said in reads_conventions.contacts_of(by, found).items() if not name.startswith(side)}
    mine = {name: said for name, said in contacts.items() if name.startswith(side)}
    with audit.writing(by, now=now) as w:
        # What was read just now is what is kept: nobody wrote the other side meanwhile.
        row = revision.lock(Convention.objects.all(), convention.pk, found.revision if expected is None else expected)
        revision.save(row, contacts=kept | _tidy(mine))
        w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="contacts")


def end(*, by: Viewer, convention: Convention, last_day: date, now: datetime, expected: int | None) -> None:
    """End a convention before its term, from a day on; what is planned until then stays, the other body is told.

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_lead(by, now)
    facts.find_convention(by, convention.pk, now)
    if not convention.starts_on <= last_day <= convention.ends_on:
        raise InputRefused("Ce jour est hors des dates de la convention.", field="last_day")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Convention.objects.all(), convention.pk, expected)
        if SupportHalfDay.objects.filter(support__convention=row, day__gt=last_day, presence="").exists():
            raise GuardRefused("Des élèves sont attendus après ce jour : appelez l’autre structure d’abord.")
        revision.save(row, ended_on=last_day)
        w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="ended")
    _tell_other(by, row, OVER_EARLY, now, subject=OF_CONVENTION)


def _tell_other(by: Viewer, convention: Convention, line: str, now: datetime, *, subject: str = team.SUBJECT) -> None:
    """Mail those who speak for the other body of a convention: what became of it, nobody's name, not even a body's."""
    to_host = by.organisation_id == convention.school_id
    other, roles = (convention.host_id, facts.HOSTS) if to_host else (convention.school_id, (Role.EDUCATION,))
    tell(team.members(other, roles, now, leads=True), subject=subject, line=line, now=now)


@dataclass(frozen=True, kw_only=True)
class HalfDayData:
    """One half-day of the week as announced: `weekday` 0 is Monday; no place takes it back."""

    weekday: int
    half: str
    starts_at: time
    ends_at: time
    places: int


def announce(*, by: Viewer, monday: date, weeks: int, half_days: Sequence[HalfDayData], now: datetime) -> int:
    """Announce the half-days of a week, then the same for the weeks that follow; return how many half-days stand.

    Past days are left out. Where pupils are expected, places never fall under their number.
    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_lead(by, now)
    if not facts.receives(by.role):
        raise InputRefused("Une structure d’accueil annonce ses semaines.", field="monday")
    if monday.weekday() or not 1 <= weeks <= WEEKS_AHEAD:
        raise InputRefused("Choisissez la semaine et leur nombre.", field="weeks")
    if (monday - localdate(now)).days > 400:
        raise InputRefused("Cette semaine est trop loin.", field="monday")
    for each in half_days:
        if each.half not in Half.values or not 0 <= each.weekday <= 6 or each.ends_at <= each.starts_at:
            raise InputRefused("L’heure de fin doit suivre l’heure de début.", field="half_days")
        if not 0 <= each.places <= 30:
            raise InputRefused("De 0 à 30 places.", field="half_days")
    calendar = reads.calendar_of(by.territory_id)
    with audit.writing(by, now=now) as w:
        stands = 0
        new: list[OpenHalfDay] = []
        held = {
            (row.day, row.half): row
            for row in OpenHalfDay.objects.select_for_update().filter(
                host_id=by.organisation_id, day__gte=monday, day__lt=monday + timedelta(weeks=weeks)
            )
        }
        for week in range(weeks):
            for each in half_days:
                day = monday + timedelta(weeks=week, days=each.weekday)
                if day < localdate(now):
                    continue
                row = held.get((day, each.half))
                if row is not None:
                    stands += _change(row, each)
                # What was announced before a day lost its class can still be taken back.
                elif each.places and calendar.may_open(day):
                    new.append(
                        OpenHalfDay(
                            territory_id=by.territory_id, host_id=by.organisation_id, day=day, half=each.half,
                            starts_at=each.starts_at, ends_at=each.ends_at, places=each.places,
                        )
                    )  # fmt: skip
        OpenHalfDay.objects.bulk_create(new)
        stands += len(new)
        w.note(Act.CHANGE, None, object_type=OpenHalfDay._meta.label_lower, n=stands, why="announced")
    return stands


def _change(row: OpenHalfDay, each: HalfDayData) -> int:
    """Change or take back one announced half-day; return whether it stands. Raises GuardRefused where pupils are expected."""
    if each.places < max(row.taken.values_list("slot", flat=True), default=0):
        raise GuardRefused(
            f"Des élèves sont attendus le {fr.day(row.day)}, {row.get_half_display()} : gardez leurs places."
        )
    if not each.places:
        row.delete()
        return 0
    row.starts_at, row.ends_at, row.places = each.starts_at, each.ends_at, each.places
    row.save()
    return 1


def add_activity(*, by: Viewer, theme: str, name: str, now: datetime) -> CatalogueActivity:
    """Add an activity to the catalogue of one's own host. Raises AccessRefused, InputRefused."""
    _require_host(by, now)
    if theme not in Theme.values:
        raise InputRefused("Choisissez le thème.", field="theme")
    if not name.strip():
        raise InputRefused("Nommez l’activité.", field="name")
    with audit.writing(by, now=now) as w:
        row = CatalogueActivity(
            territory_id=by.territory_id, host_id=by.organisation_id, theme=theme, name=name.strip()
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise InputRefused("Cette activité est déjà dans le catalogue.", field="name") from None
        w.note(Act.CREATE, row, why="catalogue")
    return row


def switch_activity(*, by: Viewer, activity_id: UUID, is_active: bool, now: datetime) -> None:
    """Offer an activity, or no more. Raises AccessRefused, one of another catalogue included."""
    _require_host(by, now)
    with audit.writing(by, now=now) as w:
        row = CatalogueActivity.objects.filter(pk=activity_id, host_id=by.organisation_id).first()
        if row is None:
            raise AccessRefused(code="activity")
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        w.note(Act.CHANGE, row, why="catalogue")


def wait(*, by: Viewer, kind: str, level: str, starts_on: date, ends_on: date, now: datetime) -> WaitingNeed:
    """Say that no place was found for a pupil, without a name. Raises AccessRefused, InputRefused."""
    facts.require_creation(by, now)
    if kind not in Kind.values or level not in Level.values:
        raise InputRefused("Choisissez la mesure et la classe.", field="kind" if kind not in Kind.values else "level")
    if ends_on < localdate(now):
        raise InputRefused("Ces jours sont passés.", field="ends_on")
    if ends_on < starts_on or law.school_year(starts_on) != law.school_year(ends_on):
        raise InputRefused("Le dernier jour doit suivre le premier, dans la même année scolaire.", field="ends_on")
    with audit.writing(by, now=now) as w:
        row = WaitingNeed(
            territory_id=by.territory_id, school_id=by.organisation_id, kind=kind, level=level, starts_on=starts_on,
            ends_on=ends_on, asked_at=now, asked_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, why="waiting")
    return row


def wait_no_more(*, by: Viewer, need_id: UUID, now: datetime) -> None:
    """Withdraw a need of one's own school. Raises AccessRefused, InputRefused."""
    facts.require_creation(by, now)
    with audit.writing(by, now=now) as w:
        row = WaitingNeed.objects.filter(pk=need_id, school_id=by.organisation_id).first()
        if row is None:
            raise InputRefused("Cette demande n’est plus là.")
        w.note(Act.DELETE, row, why="waiting")
        row.delete()


def forget_needs(now: datetime) -> int:
    """Delete the needs whose last day is over; daily, return how many."""
    found, _ = WaitingNeed.objects.filter(ends_on__lt=localdate(now)).delete()
    return found


def _require_host(by: Viewer, now: datetime) -> None:
    facts.require_lead(by, now)
    if not facts.receives(by.role):
        raise InputRefused("Le catalogue est celui des structures d’accueil.", field="theme")


def _check(data: ConventionData, now: datetime) -> None:
    if data.signed_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="signed_on")
    if data.ends_on < data.starts_on:
        raise InputRefused("Le dernier jour doit suivre le premier.", field="ends_on")
    if (data.ends_on - data.starts_on).days > LONGEST_DAYS:
        raise InputRefused("Cinq ans au plus.", field="ends_on")
    if not data.kinds or not set(data.kinds) <= set(Kind.values):
        raise InputRefused("Choisissez au moins un type d’accueil.", field="kinds")
    if not data.themes or not set(data.themes) <= set(Theme.values):
        raise InputRefused("Choisissez au moins un thème.", field="themes")
    if not 1 <= data.places <= 30:
        raise InputRefused("De 1 à 30 élèves.", field="places")


def _tidy(contacts: dict[str, str]) -> dict[str, str]:
    return {name: said.strip() for name, said in contacts.items() if said.strip()}
