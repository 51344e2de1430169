"""Asking a host for half-days; its yes gives them, its no or its silence frees them (REP-11, peers C6).

Before its yes a host reads the half-days and the service that asks: no name, no reference (REP-16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import format as fr
from casework.casefile import mailer, revision
from casework.casefile.calendar import end_instant
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import places, requests
from casework.placements.hosts.codes import Half, ProposalAnswer
from casework.placements.hosts.models import Booking
from casework.placements.reparation import facts
from casework.placements.reparation.actions import activity, half_days, team
from casework.placements.reparation.actions.half_days import Slot
from casework.placements.reparation.models import PlaceRequest, Reparation
from casework.placements.reparation.reads import asked
from casework.placements.reparation.states import check_heard


@dataclass(frozen=True, kw_only=True)
class AskData:
    """What is asked of a host: its post, the half-days, the last day to answer (five working days by default)."""

    post_id: UUID
    slots: Sequence[Slot]
    answer_by: date | None = None


def asked_already(reparation: Reparation) -> str:
    """Return what stops another request, "" if nothing does: said before a place is chosen."""
    if not reparation.requests.filter(answer="").exists():
        return ""
    return "Une structure est déjà demandée : retirez d’abord cette demande."


def ask(*, by: Viewer, reparation: Reparation, data: AskData, now: datetime, expected: int | None) -> PlaceRequest:
    """Reserve half-days and ask the managers of the post, or its contact by a single-use link; all or none (R-06).

    Raises AccessRefused, InputRefused (dates), GuardRefused (place just taken, nobody to ask, a host already asked).
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    activity.check_choice(reparation)
    check_heard(reparation)
    if said := asked_already(reparation):
        raise GuardRefused(said)
    post = half_days.open_to_minors(by, data.post_id, now)
    half_days.check(reparation, data.slots)
    answer_by = requests.answer_day(data.answer_by, localdate(now), reparation.territory.holiday_set)
    if any(day <= answer_by for day, _ in data.slots):
        raise InputRefused(
            f"La structure a jusqu’au {fr.long_date(answer_by)} pour répondre : prenez des demi-journées après, ou "
            "avancez la date de réponse.",
            field="slots",
        )
    address = requests.contact_address(by, post)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        revision.lock(Reparation.objects.all(), reparation.pk, expected)
        row = PlaceRequest(
            id=uuid4(), subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation,
            post=post, asked_at=now, asked_by=by.mandate_id, answer_by=answer_by,
        )  # fmt: skip
        places.hold(
            w, post=post, slots=data.slots, holder=row.pk, service=reparation.organisation,
            until=end_instant(answer_by), now=now,
        )  # fmt: skip
        managers = team.managers(post.pk, reparation.subject_id, now)
        requests.reach(row, bool(managers), address, now)
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.REPARATION_ACTIVITY])
        tell(managers, subject="Quelque chose vous attend", line=team.WAITS, now=now)
    return row


def withdraw(*, by: Viewer, reparation: Reparation, now: datetime) -> None:
    """Take the request back; its half-days are free at once. Raises AccessRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = reparation.requests.select_for_update(of=("self",)).filter(answer="").first()
        if row is None:
            raise GuardRefused("Aucune demande d’accueil n’est en cours.")
        requests.write_answer(w, row, ProposalAnswer.WITHDRAWN, by=by, now=now)
        places.release(w, holder=row.pk)
        team.tell_managers(row, now)


def find_open(viewer: Viewer, pk: UUID, now: datetime) -> PlaceRequest:
    """Return a request that waits for this host's answer. Raises AccessRefused, absent or refused alike."""
    found = facts.requests_to(viewer, now).filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="reparation_request")
    host_facts.require_on_post(viewer, found.post, Action.CHANGE, now)  # a forged grant answers nothing (T-36)
    return found


def answer(*, by: Viewer, request: PlaceRequest, accepts: bool, reason: str, now: datetime) -> None:
    """Say yes or no for the host, on its account. Raises AccessRefused, InputRefused, GuardRefused (answered, late)."""
    requests.answer(request=find_open(by, request.pk, now), accepts=accepts, reason=reason, by=by, now=now)


def _accepted(w: Writing, row: PlaceRequest, by: Actor, now: datetime) -> None:
    """Give the half-days: the host reads the name from now on, and the file moves by itself."""
    reparation = Reparation.objects.select_related("organisation", "territory").get(pk=row.reparation_id)
    held = Booking.objects.filter(holder=row.pk).values_list("day", "half")
    slots = [(day, Half(half)) for day, half in held]
    activity.settle(w, by=by, reparation=reparation, post=row.post, host_agreed_on=localdate(now), now=now)
    places.confirm(w, holder=row.pk, now=now, to=reparation.pk)
    half_days.write_sessions(w, reparation, row.post, slots)


def _freed(w: Writing, row: PlaceRequest, by: Actor, now: datetime, reason: str) -> None:
    places.release(w, holder=row.pk)


def _tell_educators(row: PlaceRequest, now: datetime) -> None:
    team.tell_educators(row.reparation, now)


ROOM = requests.Room(
    model=PlaceRequest, data_class=DataClass.REPARATION_ACTIVITY, asked=asked.by_link, accepted=_accepted,
    freed=_freed, tell_officers=_tell_educators, remind_managers=team.tell_managers,
)  # fmt: skip
