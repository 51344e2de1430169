"""Who came, half-day by half-day; whoever does not is told to the school in the same tap (row 26, EXC-20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import mailer, revision
from casework.errors import GuardRefused, InputRefused
from casework.exclusions import facts
from casework.exclusions.actions import team
from casework.exclusions.codes import CAME, Presence, State
from casework.exclusions.models import Convention, ExclusionSupport, SupportHalfDay
from casework.exclusions.states import LIFECYCLE

RECORDED_IN = (State.AGREED, State.HOSTED, State.RETURN_MEETING)
SUBJECT = "Une présence est à vérifier"


def record(*, by: Viewer, half_day: SupportHalfDay, presence: str, now: datetime, expected: int | None) -> bool:
    """Record one of four outcomes of a half-day that has begun; what it was before stays in the history.

    The first presence begins the reception. « Absent » from the host warns the school; so does the correction of an
    absence that it was told of. Return whether the school was just told. The same answer again changes nothing.
    Raises AccessRefused, InputRefused, GuardRefused, ConflictRefused.
    """
    support = half_day.support
    facts.require_on(by, support, Action.CHANGE, facts.PUPIL, now)
    if presence not in Presence.values:
        raise InputRefused("Choisissez une réponse de la liste.", field="presence")
    if half_day.day > localdate(now):
        raise InputRefused("Cette demi-journée est à venir.", field="presence")
    told = by.organisation_id == support.host_id and (presence == Presence.ABSENT or bool(half_day.school_warned_at))
    school_email, host_phone = _contacts(by, support.convention) if told else ("", "")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        held = revision.lock(ExclusionSupport.objects.all(), support.pk, None)
        if held.state not in RECORDED_IN:
            raise GuardRefused("La présence s’inscrit une fois les accords recueillis, jusqu’à la fin de l’accueil.")
        row = revision.lock(SupportHalfDay.objects.all(), half_day.pk, expected)
        if row.presence == presence:
            return False
        told = told and Presence.ABSENT in (presence, row.presence)
        why = "correction" if row.presence else "presence"
        changes: dict[str, Any] = {"presence": presence, "recorded_at": now, "recorded_by": by.mandate_id}
        if told and presence == Presence.ABSENT:
            changes["school_warned_at"] = now
        revision.save(row, **changes)
        w.note(Act.CHANGE, row, classes=[facts.PUPIL], why=why)
        if held.state == State.AGREED and presence in CAME:
            LIFECYCLE.apply(held, State.HOSTED, w=w, by=by, now=now)
        if told:
            _tell_school(support, school_email, host_phone, now)
    return told


def _contacts(by: Viewer, convention: Convention) -> tuple[str, str]:
    """Return the address of the vie scolaire and the host's telephone, as the convention says them."""
    with audit.reading(
        by, subjects=[convention.subject_id], classes=[facts.PUPIL], purpose=Purpose.REVIEW, module="exclusions",
        object_type=Convention._meta.label_lower, object_ids=[convention.pk],
    ):  # fmt: skip
        said = convention.contacts or {}
        return str(said.get("school_email", "")), str(said.get("host_phone", ""))


def _tell_school(support: ExclusionSupport, school_email: str, host_phone: str, now: datetime) -> None:
    """Mail the vie scolaire and those who hold the support at the school: that a presence is to be seen, not whose."""
    at_school = [
        row for row in team.in_charge([support.pk], now).get(support.pk, [])
        if row.organisation_id == support.organisation_id
    ]  # fmt: skip
    call = f"{support.host.name} ({host_phone})" if host_phone else support.host.name
    line = f"Une présence est à vérifier. Ouvrez l’application, ou appelez la structure : {call}."
    if school_email and school_email.lower() not in {row.agent.email.lower() for row in at_school}:
        mailer.queue(
            to=school_email, subject=SUBJECT, now=now,
            body=f"Bonjour,\n\n{line}\n\nCe message ne contient aucune information sur une situation.",
        )  # fmt: skip
    tell(at_school, subject=SUBJECT, line=line, now=now)
