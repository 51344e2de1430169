"""A place held by a school without a name, the host's answer, the place freed (10.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import attached, revision
from casework.casefile.lifecycle import Context
from casework.casefile.models import AttachedFile
from casework.casefile.references import free_reference
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.actions import places, team
from casework.exclusions.codes import ENDED, FileKind, HostNo, Kind, Level, State
from casework.exclusions.models import Convention, ExclusionSupport, OpenHalfDay
from casework.exclusions.reads import places as reads
from casework.exclusions.states import LIFECYCLE, convention_covers
from casework.partners.models import Mandate
from casework.sealing import keys

PREFIX = "ELV"


@dataclass(frozen=True, kw_only=True)
class HoldData:
    """What is typed to hold a place. `half_days`: ids of announced half-days of the convention's host."""

    convention: UUID
    kind: str
    level: str
    half_days: Sequence[UUID]


def hold(*, by: Viewer, data: HoldData, now: datetime) -> ExclusionSupport:
    """Hold half-days of a host for a pupil whose name is not said; return the support.

    Free again after five days of class (10.6). Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_creation(by, now)
    _check(data)
    with audit.writing(by, now=now) as w:
        support = _write(w, by=by, data=data, now=now)
    tell_host(support, now)
    return support


def _check(data: HoldData) -> None:
    """Raise InputRefused, with the field, on what no place may be held for."""
    if data.kind not in Kind.values:
        raise InputRefused("Choisissez la mesure.", field="kind")
    if data.level not in Level.values:
        raise InputRefused("Choisissez la classe.", field="level")
    if not data.half_days:
        raise InputRefused("Choisissez au moins une demi-journée.", field="half_days")


def _write(w: Writing, *, by: Viewer, data: HoldData, now: datetime) -> ExclusionSupport:
    """Write a support without a name and its half-days, inside one transaction."""
    convention = _convention(by, data.convention, now)
    first = (
        OpenHalfDay.objects.filter(pk__in=list(data.half_days)).order_by("day").values_list("day", flat=True).first()
    )
    if first is None:
        raise InputRefused("Choisissez au moins une demi-journée proposée.", field="half_days")
    calendar = reads.calendar_of(convention.territory_id)
    today = localdate(now)
    pupil = uuid4()
    keys.ensure(pupil)
    support = ExclusionSupport(
        subject_id=pupil, territory_id=convention.territory_id, organisation_id=convention.school_id,
        host_id=convention.host_id, convention=convention, reference=free_reference(ExclusionSupport, PREFIX, now),
        school_year=law.school_year(first), kind=data.kind, level=data.level, held_at=now,
        held_until=law.add_school_days(today, law.HOLD_DAYS, calendar.away, calendar.holiday_set),
        host_accepted_at=now if convention.accepts_at_once else None,
        identity={}, contact={}, reason="", meeting={},
    )  # fmt: skip
    LIFECYCLE.apply(support, State.PLACE_HELD, w=w, by=by, now=now)
    places.take(w, support=support, openings=data.half_days, now=now)
    mine = Mandate.objects.get(pk=by.mandate_id)
    team.let_in(w, support, [mine, *team.school_leads(support, now)], by=by, now=now, reason="school")
    if support.host_accepted_at:
        team.let_in(w, support, team.host_leads(support, now), by=by, now=now, reason="host")
    return support


def answer(*, by: Viewer, support: ExclusionSupport, accepts: bool, reason: str = "", now: datetime) -> None:
    """Say for the host whether it receives; without a name so far. A no gives the half-days back.

    Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.find_asked(by, support.pk, now)
    if not accepts and reason not in HostNo.values:
        raise InputRefused("Indiquez pourquoi.", field="reason")
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, None)
        if row.host_accepted_at or row.host_no:
            raise GuardRefused("La réponse est déjà donnée.")
        if accepts:
            revision.save(row, host_accepted_at=now)
            team.let_in(w, row, team.host_leads(row, now), by=by, now=now, reason="host")
            w.note(Act.CHANGE, row, why="host_accepted")
            settle(w, by=by, support=row, now=now)
        else:
            _refuse(w, row, reason, by=by, now=now)
    freed = row.state == State.FREED
    team.tell_holders(support, now, but=by, line=team.GIVEN_BACK if freed else team.WAITS)


def settle(w: Writing, *, by: Viewer, support: ExclusionSupport, now: datetime) -> None:
    """Say a reception agreed as soon as host, pupil and parents have all said yes (EXC-07); nothing before."""
    if support.state != State.NOTIFIED:
        return
    try:
        LIFECYCLE.apply(support, State.AGREED, w=w, by=by, now=now)
    except GuardRefused:
        return  # somebody has still to answer: nothing is written


def _refuse(w: Writing, row: ExclusionSupport, reason: str, *, by: Viewer, now: datetime) -> None:
    revision.save(row, host_no=reason)
    w.note(Act.CHANGE, row, why="host_declined")
    places.release(w, support=row)
    if row.state == State.PLACE_HELD:
        LIFECYCLE.apply(row, State.FREED, w=w, by=by, now=now, closed_on=localdate(now))


def free(*, by: Viewer, support: ExclusionSupport, now: datetime, expected: int | None) -> None:
    """Give a held place back: the procedure came to nothing. Raises AccessRefused, ConflictRefused, MoveRefused."""
    facts.require_school(by, support, Action.MOVE, now)
    with audit.writing(by, now=now) as w:
        places.release(w, support=support)
        LIFECYCLE.apply(support, State.FREED, w=w, by=by, now=now, expected_revision=expected, closed_on=localdate(now))


def add_half_days(
    *, by: Viewer, support: ExclusionSupport, half_days: Sequence[UUID], now: datetime, expected: int | None
) -> None:
    """Take more of the half-days that the host announces; it is told. Raises AccessRefused, InputRefused, GuardRefused."""
    _require_before_end(by, support, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(_rows(), support.pk, expected)
        places.take(w, support=row, openings=half_days, now=now)
        revision.save(row)
    tell_host(support, now)


def give_back(
    *, by: Viewer, support: ExclusionSupport, half_days: Sequence[UUID], now: datetime, expected: int | None
) -> None:
    """Give some half-days back, never the last one: a place is freed, a reception cancelled, by their own acts.

    Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused.
    """
    _require_before_end(by, support, now)
    if not half_days:
        raise InputRefused("Choisissez au moins une demi-journée.", field="half_days")
    with audit.writing(by, now=now) as w:
        row = revision.lock(_rows(), support.pk, expected)
        places.release(w, support=row, only=half_days)
        if not row.half_days.exists():
            raise GuardRefused("Gardez au moins une demi-journée : sinon, rendez la place ou annulez l’accueil.")
        team.settle_leaders(w, row, by=by, now=now)
        revision.save(row)
    tell_host(support, now)


def ask_another(
    *, by: Viewer, support: ExclusionSupport, convention: UUID, half_days: Sequence[UUID], now: datetime,
    expected: int | None,
) -> None:  # fmt: skip
    """Ask another host for a pupil already named, where the first said no: the notice is not typed again.

    The family agreed to the first host: what it signed goes, and it is asked again (EXC-07).
    Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused.
    """
    facts.require_school(by, support, Action.CHANGE, now)
    if support.state != State.NOTIFIED or not support.host_no:
        raise GuardRefused("La structure n’a pas dit non : changez plutôt les demi-journées.")
    found = _convention(by, convention, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(_rows(), support.pk, expected)
        accepted = now if found.accepts_at_once else None
        row.convention, row.host = found, found.host
        convention_covers(row, Context(by=by, now=now, origin=row.state, to=row.state))
        revision.save(
            row, host_no="", host_accepted_at=accepted, educator_id=None, pupil_agreed_on=None, parents_agreed_on=None,
            copy_given_on=None,
        )  # fmt: skip
        for sheet in AttachedFile.objects.filter(record_id=row.pk, kind=FileKind.AGREEMENT):
            attached.withdraw(w, sheet)
        places.take(w, support=row, openings=half_days, now=now)
        w.note(Act.CHANGE, row, why="another_host")
        if accepted:
            team.let_in(w, row, team.host_leads(row, now), by=by, now=now, reason="host")
    tell_host(row, now)


def _rows() -> QuerySet[ExclusionSupport]:
    return ExclusionSupport.objects.select_related("convention")


def _require_before_end(by: Viewer, support: ExclusionSupport, now: datetime) -> None:
    """Raise AccessRefused unless the viewer holds the support for its school, InputRefused once it is over."""
    facts.require_school(by, support, Action.CHANGE, now)
    if support.state in ENDED or support.host_no:
        raise InputRefused("Cet accueil est terminé.", field="half_days")


def free_unconfirmed(now: datetime) -> int:
    """Free the places held without a name whose five days of class are over (10.6); daily, return how many."""
    freed = 0
    for support in ExclusionSupport.objects.filter(state=State.PLACE_HELD, held_until__lt=localdate(now)).order_by(
        "pk"
    ):
        actor = audit.system_actor(support.territory_id)
        with audit.writing(actor, now=now) as w:
            row = revision.lock(ExclusionSupport.objects.all(), support.pk, None)
            if row.state != State.PLACE_HELD:
                continue
            places.release(w, support=row)
            LIFECYCLE.apply(row, State.FREED, w=w, by=actor, now=now, closed_on=localdate(now))
        freed += 1
        team.tell_holders(support, now, line=team.GIVEN_BACK)
    return freed


def tell_host(support: ExclusionSupport, now: datetime) -> None:
    """Mail those who speak for the host that something waits, in neutral words."""
    tell(team.host_leads(support, now), subject=team.SUBJECT, line=team.WAITS, now=now)


def _convention(by: Viewer, pk: UUID, now: datetime) -> Convention:
    try:
        return facts.find_convention(by, pk, now)
    except AccessRefused:
        raise InputRefused("Choisissez une structure de la liste.", field="convention") from None
