"""Asking a host for places: the date of the answer, the yes or no, the single-use link, what silence does (10.2, peers C6).

The rooms that ask (affectations, réparations) keep their own rows, made of `HostRequest`, and register here what an
answer changes for them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.audit import Act, Actor, Purpose, Writing
from casework.casefile import format as fr
from casework.casefile import mailer
from casework.casefile.calendar import add_working_days
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts.codes import NoPlace, ProposalAnswer
from casework.placements.hosts.data import Asked
from casework.placements.hosts.models import Post

ANSWER_DAYS = 5  # working days given to a host, unless the officer says otherwise
MOST_ANSWER_DAYS = 20
TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Room:
    """One room that asks hosts. A `request` is a row of `model`; each act runs inside the write of the answer."""

    model: type[Any]
    data_class: DataClass
    asked: Callable[[Any], Asked]
    """What the page of the link shows: opens its own system gate."""
    accepted: Callable[[Writing, Any, Actor, datetime], None]
    """Give the places."""
    freed: Callable[[Writing, Any, Actor, datetime, str], None]
    """Give the places back, for a coded reason."""
    tell_officers: Callable[[Any, datetime], None]
    remind_managers: Callable[[Any, datetime], bool]
    """Mail the managers who have an account; say whether there is one."""


_ROOMS: dict[str, Room] = {}


def register(room: Room) -> None:
    """Add a room that asks hosts."""
    _ROOMS[room.model._meta.label] = room


def answer_day(given: date | None, today: date, holiday_set: str) -> date:
    """Return the last day to answer: five working days unless said otherwise. Raises InputRefused."""
    day = given or add_working_days(today, ANSWER_DAYS, holiday_set)
    if not today < day <= add_working_days(today, MOST_ANSWER_DAYS, holiday_set):
        raise InputRefused("Laissez à la structure de 1 à 20 jours ouvrés pour répondre.", field="answer_by")
    return day


def contact_address(by: Actor, post: Post, purpose: Purpose = Purpose.REVIEW) -> str:
    """Return the e-mail of the host's contact, for a host whose managers have no account (row 10)."""
    with audit.reading(
        by, subjects=[post.host.subject_id], classes=[DataClass.TIG_POSTS], purpose=purpose,
        act=Act.SYSTEM if purpose == Purpose.SYSTEM else Act.VIEW, object_type="host", object_ids=[post.host_id],
    ):  # fmt: skip
        return post.host.email or ""


def reach(request: Any, managers: bool, address: str, now: datetime) -> None:
    """Give an unsaved request its link where nobody there has an account. Raises GuardRefused where nobody can be asked."""
    if managers:
        return
    if not address:
        raise GuardRefused("Cette structure n’a ni compte ni adresse électronique : appelez-la.")
    send_link(request, to=address, now=now)


def hash_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def send_link(request: Any, *, to: str, now: datetime) -> None:
    """Give an unsaved request its link and mail it, in the transaction of the act: neutral words, no name."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    request.token_hash = hash_of(token)
    url = settings.BASE_URL.rstrip("/") + reverse("hosts:answer_link", args=[token])
    mailer.queue(
        to=to, subject="Une réponse est attendue", now=now,
        body=(
            f"Bonjour,\n\nUne question vous est posée par ce lien, jusqu’au {fr.long_date(request.answer_by)}. Il sert "
            f"une seule fois.\n\n{url}\n\nNe le transférez pas. Ce message ne nomme personne.\n"
        ),
    )  # fmt: skip


def still_open(request: Any, now: datetime) -> Any:
    """Return the request under lock. Raises GuardRefused once it is answered, or late."""
    row = type(request)._default_manager.select_for_update(of=("self",)).get(pk=request.pk)
    if row.answer:
        raise GuardRefused("Cette demande a déjà sa réponse.")
    if row.answer_by < localdate(now):
        late = (localdate(now) - row.answer_by).days
        raise GuardRefused(f"La date de réponse est passée depuis {fr.plural(late, 'jour')} : la place est libérée.")
    return row


def write_answer(
    w: Writing, row: Any, answer: ProposalAnswer, *, by: Actor, now: datetime, decline_reason: str = ""
) -> None:
    """Write the answer, inside the transaction of its act."""
    row.answer, row.answered_at, row.answered_by, row.decline_reason = answer, now, by.mandate_id, decline_reason
    row.revision += 1
    row.save()
    w.note(Act.CHANGE, row, classes=[_ROOMS[row._meta.label].data_class], why=answer.value)


def check_reason(reason: str) -> None:
    """Raise InputRefused where a no has no reason of the list."""
    if reason not in NoPlace.values:
        raise InputRefused("Choisissez un motif de la liste.", field="reason")


def find(token: str, now: datetime) -> Any | None:
    """Return the request of a token that still waits for its answer, in time; None otherwise, whatever the reason."""
    hashed, today = hash_of(token), localdate(now)
    for room in _ROOMS.values():
        rows = room.model._default_manager.select_related("territory", "post__host")
        found = rows.filter(token_hash=hashed, answer="", answer_by__gte=today).first()
        if found is not None:
            return found
    return None


def asked(request: Any) -> Asked:
    """Return what the page of a link shows: what the work needs, nothing that names or judges anybody."""
    return _ROOMS[request._meta.label].asked(request)


def answer_by_link(
    *, request: Any, accepts: bool, reason: str, now: datetime, request_id: str = "", net_prefix: str = ""
) -> None:
    """Say yes or no by the link, once: the same as on the host's account. Raises GuardRefused, InputRefused."""
    if not accepts:
        check_reason(reason)
    actor = replace(
        audit.system_actor(request.territory_id), organisation_id=request.post.host.organisation_id,
        request_id=request_id, net_prefix=net_prefix,
    )  # fmt: skip
    answer(request=request, accepts=accepts, reason=reason, by=actor, now=now)


def answer(*, request: Any, accepts: bool, reason: str, by: Actor, now: datetime) -> None:
    """Write the host's yes or no and what it changes; the officers are told. The caller asked decide(), or is a link.

    Raises GuardRefused (answered, late), InputRefused.
    """
    room = _ROOMS[request._meta.label]
    if not accepts:
        check_reason(reason)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = still_open(request, now)
        if accepts:
            write_answer(w, row, ProposalAnswer.ACCEPTED, by=by, now=now)
            room.accepted(w, row, by, now)
        else:
            write_answer(w, row, ProposalAnswer.DECLINED, by=by, now=now, decline_reason=reason)
            room.freed(w, row, by, now, "declined")
        room.tell_officers(row, now)


def release_unanswered(now: datetime) -> int:
    """Free the places of hosts that did not answer by the date: never a yes. Daily; return how many requests."""
    freed = 0
    mailer.prepare()
    for room in _ROOMS.values():
        for late in list(room.model._default_manager.filter(answer="", answer_by__lt=localdate(now))):
            by = audit.system_actor(late.territory_id)
            with audit.writing(by, now=now) as w:
                row = room.model._default_manager.select_for_update(of=("self",)).get(pk=late.pk)
                if row.answer:
                    continue
                write_answer(w, row, ProposalAnswer.NO_ANSWER, by=by, now=now)
                room.freed(w, row, by, now, "no_answer")
                room.tell_officers(row, now)
                freed += 1
    return freed


def remind(now: datetime) -> int:
    """Remind the hosts that have one working day left; without an account, by a new link. Daily; return how many."""
    today = localdate(now)
    mailer.prepare()
    told = 0
    for room in _ROOMS.values():
        waiting = room.model._default_manager.filter(
            answer="", answer_by__gt=today, answer_by__lte=today + timedelta(days=10)
        )
        for request in list(waiting.select_related("territory", "post__host")):
            if add_working_days(today, 1, request.territory.holiday_set) == request.answer_by:
                told += _remind(room, request.pk, now)
    return told


def _remind(room: Room, pk: UUID, now: datetime) -> int:
    request = room.model._default_manager.select_related("post__host").get(pk=pk)
    by = audit.system_actor(request.territory_id)
    address = contact_address(by, request.post, Purpose.SYSTEM) if request.token_hash else ""
    with audit.writing(by, now=now) as w:
        row = room.model._default_manager.select_for_update(of=("self",)).select_related("post").get(pk=pk)
        if row.answer:
            return 0
        if not room.remind_managers(row, now) and address:
            send_link(row, to=address, now=now)  # the first link dies: only its hash was kept
            row.revision += 1
            row.save()
        w.note(Act.SYSTEM, row, why="reminder")
    return 1
