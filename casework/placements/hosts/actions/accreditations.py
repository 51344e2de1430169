"""Accreditations: asked, opinions, decision, withdrawal (HOST-02 to HOST-05). The old ones are the history."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts import facts
from casework.placements.hosts.codes import AccreditationState as State
from casework.placements.hosts.codes import AccreditedFor
from casework.placements.hosts.models import Accreditation, HostStructure
from casework.placements.hosts.states import ACCREDITATION, end_of_accreditation
from casework.sealing import keys


def ask(
    *, by: Viewer, host: HostStructure, audience: str, now: datetime, asked_on: date | None = None
) -> Accreditation:
    """Record the request of a host for one public; a renewal too. Raises AccessRefused, GuardRefused, InputRefused."""
    row = _new(by, host, audience, asked_on or localdate(now), now)
    with audit.writing(by, now=now) as w:
        revision.lock(HostStructure.objects.all(), host.pk, None)
        pending = Accreditation.objects.filter(
            host=host, audience=audience, state__in=(State.ASKED, State.OPINIONS_ASKED)
        )
        if pending.exists():
            raise GuardRefused("Une demande d’habilitation est déjà en cours pour ce public.")
        ACCREDITATION.apply(row, State.ASKED, w=w, by=by, now=now)
    return row


def record(
    *, by: Viewer, host: HostStructure, audience: str, decided_on: date, now: datetime, number: str = "",
    is_national: bool = False,
) -> Accreditation:  # fmt: skip
    """Take over a decision made elsewhere, by the minister or before this tool (ATG-04, HOST-04)."""
    row = _new(by, host, audience, decided_on, now)
    with audit.writing(by, now=now) as w:
        ACCREDITATION.apply(
            row, State.GRANTED, w=w, by=by, now=now, decided_on=decided_on, number=number, is_national=is_national,
            expires_on=end_of_accreditation(decided_on),
        )  # fmt: skip
    return row


def _new(by: Viewer, host: HostStructure, audience: str, asked_on: date, now: datetime) -> Accreditation:
    if audience not in AccreditedFor.values:
        raise InputRefused("Choisissez le public dans la liste.", field="audience")
    facts.require_accreditation(by, host, audience, Action.CREATE, now)
    if asked_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="asked_on")
    keys.ensure(host.subject_id)
    return Accreditation(
        id=uuid.uuid4(), subject_id=host.subject_id, territory_id=host.territory_id, host=host, audience=audience,
        asked_on=asked_on,
    )  # fmt: skip


def ask_opinions(*, by: Viewer, accreditation: Accreditation, now: datetime) -> None:
    """Ask the prosecutor and the JAP: one month runs (HOST-03, DL-10)."""
    _move(by, accreditation, State.OPINIONS_ASKED, now, opinions_asked_on=localdate(now))


def receive_opinions(*, by: Viewer, accreditation: Accreditation, now: datetime) -> None:
    """Note that both opinions arrived: nobody has to wait any longer. Raises AccessRefused, GuardRefused."""
    facts.require_accreditation(by, accreditation.host, accreditation.audience, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Accreditation.objects.all(), accreditation.pk, None)
        if row.state != State.OPINIONS_ASKED:
            raise GuardRefused("Les avis n’ont pas été demandés.")
        revision.save(row, opinions_received_on=localdate(now))
        w.note(Act.CHANGE, row, why="opinions")


def grant(
    *,
    by: Viewer,
    accreditation: Accreditation,
    decided_on: date,
    number: str,
    now: datetime,
    expected: int | None = None,
) -> None:
    """Accredit for five years (HOST-04). Raises GuardRefused while the opinions are waited for."""
    _move(
        by, accreditation, State.GRANTED, now, expected, decided_on=decided_on, number=number,
        expires_on=end_of_accreditation(decided_on),
    )  # fmt: skip


def refuse(*, by: Viewer, accreditation: Accreditation, decided_on: date, now: datetime) -> None:
    """Refuse."""
    _move(by, accreditation, State.REFUSED, now, decided_on=decided_on)


def withdraw(*, by: Viewer, accreditation: Accreditation, observations_on: date | None, now: datetime) -> None:
    """Withdraw, after the opinions and the observations of the host (HOST-05)."""
    _move(by, accreditation, State.WITHDRAWN, now, observations_on=observations_on, withdrawn_on=localdate(now))


def _move(
    by: Viewer, accreditation: Accreditation, to: State, now: datetime, expected: int | None = None, **changes: Any
) -> None:
    facts.require_accreditation(by, accreditation.host, accreditation.audience, Action.MOVE, now)
    with audit.writing(by, now=now) as w:
        ACCREDITATION.apply(accreditation, to, w=w, by=by, now=now, expected_revision=expected, **changes)
