"""Who acts for whom, from when to when: appoint, renew, end, hand over; who holds a service's seat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Actor, Writing
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.partners import hooks, reads
from casework.partners.codes import OPPOSITE, SIDE_CHANGE_MONTHS, MandateEnd, Role, SeatFunction, roles_of
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import (
    Agent,
    AgentSession,
    CharterSignature,
    EthicsCharter,
    GroupMembership,
    Mandate,
    Organisation,
    Seat,
    WatchGroup,
)
from casework.partners.rights import is_system, require_appointer, require_lead

VIF_LEAD, SIDE_CHANGE = "vif_lead", "side_change"
"""Acts of two persons of this floor: floor 3 keeps the agreements (hooks.take_agreement)."""
LEAD_NEEDS_TWO = (
    "Pour ce service, la désignation d’un responsable demande aussi l’accord du délégué à la protection des données ou "
    "du parquet."
)


def exact(
    *, email: str, organisation_id: UUID, role: str, is_service_lead: bool, ends_at: datetime | None
) -> dict[str, object]:
    """Return the exact content of an appointment, for the agreement of a second person: who, where, as what, until when."""
    return {
        "email": email.strip().lower(), "organisation": organisation_id, "role": str(role), "lead": is_service_lead,
        "ends_at": ends_at,
    }  # fmt: skip


def may_change_side_from(other: Mandate) -> datetime | None:
    """Return the first instant at which whoever held `other` may act on the other side; None while it has no end.

    Twelve months on the clock of the territory (VIC-07); from a 29 February, 1 March.
    """
    if other.ends_at is None:
        return None
    ended = other.ends_at.astimezone(ZoneInfo(other.territory.time_zone))
    month = ended.year * 12 + ended.month - 1 + SIDE_CHANGE_MONTHS
    try:
        return ended.replace(year=month // 12, month=month % 12 + 1)
    except ValueError:
        return ended.replace(year=month // 12, month=month % 12 + 2, day=1)


def _other_side_lately(agent: Agent, role: str, begin: datetime) -> Mandate | None:
    """Return the function on the other side that ended less than twelve months before `begin` (ACL-06)."""
    opposite = OPPOSITE.get(Role(role))
    if opposite is None:
        return None
    rows = Mandate.objects.filter(agent=agent, role=opposite, starts_at__lte=begin)
    for row in rows.select_related("territory").order_by("-ends_at"):
        free_from = may_change_side_from(row)
        if free_from is None or begin < free_from or not mandate_is_genuine(row):  # an end written by SQL ends nothing
            return row
    return None


def appoint(
    *,
    by: Actor,
    agent: Agent,
    organisation: Organisation,
    role: str,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    job_title: str = "",
    is_service_lead: bool = False,
) -> Mandate:
    """Let an agent act for a service in one role (CLV-24; rows 31, 31a).

    Raises AccessRefused, GuardRefused (who may appoint), InputRefused (dates, role of that kind of service).
    """
    with audit.writing(by, now=now) as w:
        return appoint_in(
            w, by=by, agent=agent, organisation=organisation, role=role, now=now, starts_at=starts_at,
            ends_at=ends_at, job_title=job_title, is_service_lead=is_service_lead,
        )  # fmt: skip


def appoint_in(
    w: Writing,
    *,
    by: Actor,
    agent: Agent,
    organisation: Organisation,
    role: str,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    job_title: str = "",
    is_service_lead: bool = False,
) -> Mandate:
    """Do the same inside the transaction of another act."""
    by_two = require_appointer(
        by, organisation_id=organisation.pk, territory_id=organisation.territory_id, role=role,
        is_service_lead=is_service_lead, now=now,
    )  # fmt: skip
    begin = starts_at or now
    if role not in roles_of(organisation.territory.kind, organisation.kind):
        raise InputRefused("Ce rôle n’existe pas dans ce service.", field="role")
    if ends_at is not None and ends_at <= begin:
        raise InputRefused("La fin doit suivre le début.", field="ends_on")
    if not agent.is_active or not organisation.is_active:
        raise InputRefused("Ce compte ou ce service est fermé.", field="organisation")
    running = Mandate.objects.filter(agent=agent).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=begin))
    if running.filter(organisation=organisation, role=role).exists():
        raise InputRefused("Cette personne a déjà cette fonction.", field="role")
    opposite = OPPOSITE.get(Role(role))
    if opposite and running.filter(role=opposite).exists():
        raise InputRefused("Une même personne ne peut pas intervenir des deux côtés.", field="role")
    asked = exact(
        email=agent.email, organisation_id=organisation.pk, role=role, is_service_lead=is_service_lead, ends_at=ends_at
    )
    if by_two:
        _agreed(w, VIF_LEAD, organisation, asked, now, otherwise=LEAD_NEEDS_TWO)
    if (before := _other_side_lately(agent, role, begin)) is not None:
        _agreed(w, SIDE_CHANGE, organisation, asked, now, otherwise=_too_soon(before))
    mandate = Mandate.objects.create(
        agent=agent,
        organisation=organisation,
        territory_id=organisation.territory_id,
        role=role,
        job_title=job_title.strip(),
        starts_at=begin,
        ends_at=ends_at,
        is_service_lead=is_service_lead,
        appointed_by=by.mandate_id,
    )
    w.note(Act.GRANT, mandate)
    return mandate


def _agreed(
    w: Writing, act: str, organisation: Organisation, content: Mapping[str, object], now: datetime, *, otherwise: str
) -> None:
    """Use up the agreement to this appointment. Raises GuardRefused, whose code is the act to ask for."""
    try:
        hooks.take_agreement(w, act, organisation.pk, content, now)
    except GuardRefused:
        raise GuardRefused(otherwise, code=act) from None


def _too_soon(other: Mandate) -> str:
    free_from = may_change_side_from(other)
    if other.ends_at is None or free_from is None:
        return "Une même personne ne peut pas intervenir des deux côtés."
    last = (other.ends_at - timedelta(microseconds=1)).astimezone(free_from.tzinfo)
    return (
        f"Cette personne est intervenue de l’autre côté jusqu’au {last:%d/%m/%Y} : elle change de côté à partir du "
        f"{free_from:%d/%m/%Y}, ou plus tôt avec l’accord du parquet."
    )


def renew(
    *, by: Actor, mandate_id: UUID, ends_at: datetime | None, now: datetime, expected: int | None = None
) -> Mandate:
    """Move the end of a running mandate; None leaves it open. An ended one is not revived: appoint again."""
    with audit.writing(by, now=now) as w:
        mandate = _locked(mandate_id, expected)
        if _require_appointer_of(by, mandate, now):
            raise GuardRefused(LEAD_NEEDS_TWO)
        _refuse_both_sides(mandate, ends_at)
        if not mandate.runs(now) and mandate.starts_at <= now:
            raise GuardRefused("Cette fonction est terminée : désignez de nouveau la personne.")
        if ends_at is not None and ends_at <= max(now, mandate.starts_at):
            raise InputRefused("La nouvelle fin doit être à venir.", field="ends_on")
        mandate.ends_at = ends_at
        _save(mandate)
        w.note(Act.CHANGE, mandate, why="renewed")
    return mandate


def end_mandate(
    *,
    by: Actor,
    mandate_id: UUID,
    reason: str,
    now: datetime,
    ends_at: datetime | None = None,
    expected: int | None = None,
) -> Mandate:
    """End a mandate now, or at a coming instant. From then on the next request is refused (CLV-24, T-37).

    What it held goes to whoever holds the seat of the service, so that nothing is left to nobody (T-46); `hand_over`
    chooses. Raises InputRefused on an unknown reason, GuardRefused if it is already ended.
    """
    if reason not in MandateEnd.values:
        raise InputRefused("Choisissez un motif.", field="reason")
    with audit.writing(by, now=now) as w:
        mandate = _locked(mandate_id, expected)
        _require_appointer_of(by, mandate, now)
        at = max(ends_at or now, now)
        if at <= now and (taker := _seat_of(mandate, now)) is not None:
            count = hooks.hand_over(w, mandate, taker, by, now)
            if count:
                w.note(Act.MOVE, taker, why="given_back", n=count)
        _end_in(w, mandate, reason=reason, at=at, now=now)
    hooks.seats_changed(mandate.organisation, by, now)
    return mandate


def hand_over(
    *,
    by: Actor,
    mandate_id: UUID,
    to_agent: Agent,
    now: datetime,
    shares: Mapping[UUID, Agent] | None = None,
    expected: int | None = None,
) -> tuple[Mandate, int]:
    """Pass a function and its cases on; the old mandate ends. Return the one that goes on and the number of cases.

    All goes to `to_agent`, save the cases of `shares`, each to its own agent. A recipient's running mandate in the
    same service and role is used, else one is made with the same end. Cases follow by reference, unread
    (domain.md §11.1). Each recipient signs the charter before opening anything (CLV-25).
    """
    with audit.writing(by, now=now) as w:
        old = _locked(mandate_id, expected)
        _require_appointer_of(by, old, now, own=True)
        if not old.runs(now):
            raise GuardRefused("Cette fonction est déjà terminée.")
        new = _taking_over(w, old, to_agent, by, now)
        count = 0
        for agent, cases in _by_agent(shares or {}, apart_from=to_agent):
            taker = _taking_over(w, old, agent, by, now, lead=False)
            count += hooks.hand_over(w, old, taker, by, now, cases)
            w.note(Act.MOVE, taker, why="handed_over", n=len(cases))
        _pass_seats(old, new, by, now)
        count += hooks.hand_over(w, old, new, by, now)
        _end_in(w, old, reason=MandateEnd.HANDED_OVER, at=now, now=now)
        w.note(Act.MOVE, new, why="handed_over", n=count)
    hooks.seats_changed(old.organisation, by, now)
    return new, count


def give_back(*, mandate_id: UUID, now: datetime) -> int:
    """Pass what an ended function still holds on to whoever holds the seat of its service (T-46). Return how many.

    Called each day: a term reached by itself leaves nothing to nobody. 0 when nobody is there to take it.
    """
    old = Mandate.objects.select_related("organisation", "agent").get(pk=mandate_id)
    by = audit.system_actor(old.territory_id)
    if old.runs(now) or (taker := _seat_of(old, now)) is None:
        return 0
    with audit.writing(by, now=now) as w:
        count = hooks.hand_over(w, old, taker, by, now)
        if count:
            w.note(Act.MOVE, taker, why="given_back", n=count)
    return count


def sign_charter(*, by: Actor, mandate_id: UUID, charter_id: int, now: datetime) -> Mandate:
    """Sign the charter in force for one's own mandate (CLV-25, CHA-05).

    Raises GuardRefused if a newer version was adopted meanwhile, AccessRefused for another's mandate.
    """
    with audit.writing(by, now=now) as w:
        mandate = _locked(mandate_id, None)
        if by.agent_id != mandate.agent_id or not mandate.runs(now):
            raise AccessRefused(code="mandate")
        charter = reads.current_charter(mandate.territory_id)
        if charter is None or charter.pk != charter_id:
            raise GuardRefused("Une nouvelle version de la charte vient d’être adoptée : relisez-la avant de signer.")
        sign_in_transaction(w, mandate=mandate, charter=charter, now=now)
    return mandate


def sign_in_transaction(w: Writing, *, mandate: Mandate, charter: EthicsCharter, now: datetime) -> None:
    """Write the signature of a mandate already locked and checked."""
    CharterSignature.objects.get_or_create(charter=charter, mandate=mandate, defaults={"signed_at": now})
    mandate.charter_signed_at = now
    mandate.charter_version = charter.version
    _save(mandate)
    w.note(Act.CHANGE, mandate, why="charter_signed")


def use_mandate(*, by: Actor, agent: Agent, mandate_id: UUID, now: datetime) -> Mandate:
    """Act under another of one's own running mandates from the next request on. Raises AccessRefused."""
    with audit.writing(by, now=now, even_stopped=True) as w:
        mandate = _locked(mandate_id, None)
        if agent.pk != by.agent_id or mandate.agent_id != agent.pk or not mandate.runs(now):
            raise AccessRefused(code="mandate")
        agent.last_mandate_id = mandate.pk
        agent.save(update_fields=["last_mandate_id"])
        w.note(Act.CHANGE, agent, why="mandate_switched", territory_id=mandate.territory_id)
    return mandate


def name_seat(
    *,
    by: Actor,
    membership: GroupMembership,
    mandate_id: UUID,
    now: datetime,
    function: str = SeatFunction.REPRESENTATIVE,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Seat:
    """Name who represents or stands in for the service; `ends_on` is the last day included.

    By the service's lead (row 31a). A deputy has signed the charter and has a last day (CLV-25).
    """
    zone = membership.group.territory.time_zone
    today = localdate(now)
    first = starts_on or today
    begin = now if first <= today else reads.local_midnight(first, zone)
    end = reads.local_midnight(ends_on + timedelta(days=1), zone) if ends_on else None
    if function not in SeatFunction.values:
        raise InputRefused("Choisissez une fonction.", field="function")
    if end is not None and end <= begin:
        raise InputRefused("Le dernier jour doit suivre le premier.", field="ends_on")
    with audit.writing(by, now=now) as w:
        require_lead(by, membership.organisation_id, "", now)
        if membership.ends_at is not None and membership.ends_at <= begin:
            raise GuardRefused("Ce service ne siège plus dans ce groupe.")
        mandate = Mandate.objects.live(now).filter(pk=mandate_id).select_related("agent").first()
        if mandate is None or mandate.organisation_id != membership.organisation_id:
            raise InputRefused("Cette personne ne fait pas partie du service.", field="mandate")
        if function == SeatFunction.DEPUTY:
            if mandate.charter_signed_at is None:
                raise GuardRefused("Cette personne n’a pas encore signé la charte : elle ne peut pas suppléer.")
            if end is None:
                raise InputRefused("Indiquez le dernier jour de la suppléance.", field="ends_on")
        held = Seat.objects.filter(membership=membership, mandate=mandate, function=function).filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=begin)
        )
        if held.filter(**({"starts_at__lt": end} if end else {})).exists():
            raise InputRefused("Cette personne a déjà cette place à ces dates.", field="mandate")
        seat = Seat.objects.create(
            membership=membership,
            mandate=mandate,
            function=function,
            starts_at=begin,
            ends_at=end,
            named_by=by.mandate_id,
        )
        w.note(Act.GRANT, seat, territory_id=membership.group.territory_id, why=str(function))
    hooks.seats_changed(membership.organisation, by, now)
    return seat


def switch_deputy_on(
    *, by: Actor, membership: GroupMembership, mandate_id: UUID, from_day: date, to_day: date, now: datetime
) -> Seat:
    """Switch a stand-in on from one day to another, both included; it ends by itself."""
    return name_seat(
        by=by, membership=membership, mandate_id=mandate_id, function=SeatFunction.DEPUTY, starts_on=from_day,
        ends_on=to_day, now=now,
    )  # fmt: skip


def end_seat(*, by: Actor, seat_id: UUID, now: datetime) -> None:
    """End a representation or switch a stand-in off at once; a coming one never begins."""
    with audit.writing(by, now=now) as w:
        seat = (
            Seat.objects.select_for_update(of=("self",))
            .select_related("membership__organisation", "membership__group")
            .get(pk=seat_id)
        )
        require_lead(by, seat.membership.organisation_id, "", now)
        if seat.ends_at is None or seat.ends_at > now:
            seat.ends_at = max(now, seat.starts_at) if seat.starts_at <= now else seat.starts_at
            seat.save()
            w.note(Act.REVOKE, seat, territory_id=seat.membership.group.territory_id, why=str(seat.function))
    hooks.seats_changed(seat.membership.organisation, by, now)


def _taking_over(w: Writing, old: Mandate, agent: Agent, by: Actor, now: datetime, *, lead: bool = True) -> Mandate:
    """Return the running mandate under which `agent` takes over from `old`, made if there is none."""
    if agent.pk == old.agent_id:
        raise InputRefused("Choisissez une autre personne.", field="agent")
    rows = Mandate.objects.live(now).filter(agent=agent, organisation=old.organisation, role=old.role)
    found = rows.order_by("-starts_at").first()
    if found is not None and mandate_is_genuine(found):
        return found
    return appoint_in(
        w, by=by, agent=agent, organisation=old.organisation, role=old.role, now=now, ends_at=old.ends_at,
        job_title=old.job_title, is_service_lead=old.is_service_lead and lead,
    )  # fmt: skip


def _by_agent(shares: Mapping[UUID, Agent], *, apart_from: Agent) -> list[tuple[Agent, frozenset[UUID]]]:
    agents = {agent.pk: agent for agent in shares.values() if agent.pk != apart_from.pk}
    return [
        (agent, frozenset(case for case, chosen in shares.items() if chosen.pk == pk)) for pk, agent in agents.items()
    ]


def _seat_of(old: Mandate, now: datetime) -> Mandate | None:
    """Return who takes what nobody was chosen for: a representative of the service, else its lead, in the same role."""
    seats = Seat.objects.filter(membership__organisation=old.organisation).values_list(
        "membership__group_id", flat=True
    )
    holders = [
        holder
        for group in WatchGroup.objects.filter(pk__in=set(seats))
        for holder in reads.seat_holders(group, old.organisation, now)
    ]
    leads = reads.service_agents(old.organisation, now).filter(is_service_lead=True)
    candidates = [row for row in (*holders, *leads) if row.pk != old.pk and row.role == old.role]
    return next((row for row in candidates if mandate_is_genuine(row)), None)


def _locked(mandate_id: UUID, expected: int | None) -> Mandate:
    """Return the row under lock. Raises AccessRefused (absent, forged), ConflictRefused."""
    mandate = (
        Mandate.objects.select_for_update(of=("self",))
        .select_related("organisation", "agent")
        .filter(pk=mandate_id)
        .first()
    )
    if mandate is None or not mandate_is_genuine(mandate):
        raise AccessRefused(code="mandate")
    if expected is not None and mandate.revision != expected:
        raise ConflictRefused(
            "Cette fonction a été modifiée entre-temps : relisez la page.", current_revision=mandate.revision
        )
    return mandate


def _save(mandate: Mandate) -> None:
    mandate.revision += 1
    mandate.save()


def _refuse_both_sides(mandate: Mandate, ends_at: datetime | None) -> None:
    """Refuse a term that would reach into a function on the other side (ACL-06)."""
    opposite = OPPOSITE.get(Role(mandate.role))
    if opposite is None:
        return
    others = Mandate.objects.filter(agent_id=mandate.agent_id, role=opposite)
    met = others.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=mandate.starts_at))
    if (met.filter(starts_at__lt=ends_at) if ends_at else met).exists():
        raise InputRefused("Une même personne ne peut pas intervenir des deux côtés.", field="ends_on")


def _require_appointer_of(by: Actor, mandate: Mandate, now: datetime, *, own: bool = False) -> bool:
    """Raise unless `by` may change this mandate; one's own only to hand it over. Return whether two persons must agree."""
    by_two = require_appointer(
        by, organisation_id=mandate.organisation_id, territory_id=mandate.territory_id, role=mandate.role,
        is_service_lead=mandate.is_service_lead, now=now,
    )  # fmt: skip
    if not own and not is_system(by) and mandate.pk == by.mandate_id:
        raise GuardRefused("Vous ne pouvez pas modifier votre propre fonction.")
    return by_two


def _end_in(w: Writing, mandate: Mandate, *, reason: str, at: datetime, now: datetime) -> None:
    """End a locked mandate and its seats; close the sessions of an agent with no other function."""
    if mandate.ends_at is not None and mandate.ends_at <= now:
        raise GuardRefused("Cette fonction est déjà terminée.")
    mandate.ends_at = max(at, mandate.starts_at)
    mandate.end_reason = reason
    _save(mandate)
    for seat in Seat.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=mandate.ends_at), mandate=mandate):
        seat.ends_at = max(mandate.ends_at, seat.starts_at)
        seat.save()
    w.note(Act.REVOKE, mandate, why=reason)
    others = Mandate.objects.live(now).filter(agent_id=mandate.agent_id).exclude(pk=mandate.pk)
    if mandate.ends_at <= now and not others.exists():
        AgentSession.objects.filter(agent_id=mandate.agent_id).delete()


def _pass_seats(old: Mandate, new: Mandate, by: Actor, now: datetime) -> None:
    """Give the representations of `old` to `new`, same end; stand-ins end with their person."""
    for seat in Seat.objects.filter(mandate=old, function=SeatFunction.REPRESENTATIVE).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    ):
        held = Seat.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=now), membership=seat.membership, mandate=new,
            function=SeatFunction.REPRESENTATIVE,
        )  # fmt: skip
        if not held.exists():
            Seat.objects.create(
                membership=seat.membership, mandate=new, function=seat.function,
                starts_at=max(now, seat.starts_at), ends_at=seat.ends_at, named_by=by.mandate_id,
            )  # fmt: skip
