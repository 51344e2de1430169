"""What few may write and read: judicial measures (PJJ), sensitive elements, the coded social assessment.

SEC-03, WL-16, WL-18, WL-19, WL-20, BL-04, BL-08. Codes only; the one text is the reason why a sensitive element is
strictly necessary.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import revision
from casework.errors import AccessRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import JudicialMeasure, SensitiveKind, SocialDomain, SocialLevel
from casework.minors.followups.models import FollowUp, KnownJudicialMeasure, SensitiveElement
from casework.sealing import keys

SENSITIVE_DAYS = 183
NECESSITY_MAX = 100
OLDEST_MEASURE = date(2000, 1, 1)


def record_measure(
    *, by: Viewer, follow_up: FollowUp, kind: str, starts_on: date, ends_on: date | None, now: datetime
) -> KnownJudicialMeasure:
    """Record a measure: by the PJJ in the circle, nobody else (WL-16, WL-19, SEC-03).

    Raises AccessRefused, InputRefused.
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.YOUTH_JUDICIAL, now)
    if kind not in JudicialMeasure.values:
        raise InputRefused("Choisissez une mesure de la liste.", field="kind")
    if starts_on < OLDEST_MEASURE or starts_on > localdate(now) + timedelta(days=366):
        raise InputRefused("Vérifiez la date de début.", field="starts_on")
    if ends_on is not None and not starts_on <= ends_on <= starts_on + timedelta(days=3660):
        raise InputRefused("La fin doit suivre le début.", field="ends_on")
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        row = KnownJudicialMeasure(
            subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up, kind=kind,
            starts_on=starts_on, ends_on=ends_on, recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save()
        # No `why`: the code of the measure is for the PJJ, not for the journal.
        w.note(Act.CREATE, row, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_JUDICIAL])
    return row


def remove_measure(
    *, by: Viewer, follow_up: FollowUp, measure_id: UUID, now: datetime, expected: int | None = None
) -> None:
    """Take a measure off, with its history: over, or recorded by mistake. Raises AccessRefused, ConflictRefused."""
    facts.require_on(by, follow_up, Ask.CHANGE, DataClass.YOUTH_JUDICIAL, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(KnownJudicialMeasure.objects.filter(follow_up=follow_up), measure_id, expected)
        w.note(Act.DELETE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_JUDICIAL])
        _erase(row)


def record_sensitive(
    *, by: Viewer, follow_up: FollowUp, kind: str, necessity: str, expires_on: date, now: datetime
) -> SensitiveElement:
    """Record a sensitive element, why it is strictly necessary, and the day it goes (WL-18, BL-04, GDP-08).

    Raises AccessRefused, InputRefused (out of the list, no reason, over 100 characters, over six months).
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.YOUTH_SENSITIVE, now)
    if kind not in SensitiveKind.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="kind")
    necessity = necessity.strip()
    if not necessity:
        raise InputRefused("Dites pourquoi c’est indispensable à l’accompagnement.", field="necessity")
    if len(necessity) > NECESSITY_MAX:
        raise InputRefused(f"Le motif tient en {NECESSITY_MAX} caractères.", field="necessity")
    today = localdate(now)
    if not today < expires_on <= today + timedelta(days=SENSITIVE_DAYS):
        raise InputRefused("Choisissez un jour d’effacement dans les six mois.", field="expires_on")
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        row = SensitiveElement(
            subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up, kind=kind,
            necessity=necessity, recorded_by=by.mandate_id, expires_on=expires_on,
        )  # fmt: skip
        row.save()
        w.note(Act.CREATE, row, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_SENSITIVE])
    return row


def remove_sensitive(
    *, by: Viewer, follow_up: FollowUp, element_id: UUID, now: datetime, expected: int | None = None
) -> None:
    """Erase a sensitive element before its day, with its history. Raises AccessRefused, ConflictRefused."""
    facts.require_on(by, follow_up, Ask.CHANGE, DataClass.YOUTH_SENSITIVE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(SensitiveElement.objects.filter(follow_up=follow_up), element_id, expected)
        w.note(Act.DELETE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_SENSITIVE])
        _erase(row)


def erase_expired(now: datetime) -> int:
    """Erase the sensitive elements whose day has come, with their history; return how many (nightly)."""
    due = list(SensitiveElement.objects.filter(expires_on__lte=localdate(now)).values_list("pk", "territory_id"))
    for pk, territory_id in due:
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            row = SensitiveElement.objects.select_for_update().filter(pk=pk).first()
            if row is not None:
                w.note(Act.DELETE, row, subjects=[row.subject_id], why="expired")
                _erase(row)
    return len(due)


def _erase(row: KnownJudicialMeasure | SensitiveElement) -> None:
    """Delete a row, then its history: deleting writes one last copy of it (ACL-10)."""
    pk, kept = row.pk, type(row).history.model
    row.delete()
    kept._base_manager.filter(id=pk).delete()


def assess(
    *, by: Viewer, follow_up: FollowUp, domain: str, level: str, now: datetime, expected: int | None = None
) -> None:
    """Say where one domain stands; « non connu » takes it off. One domain at a time, never a sum (WL-20, BL-08).

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on(by, follow_up, Ask.CREATE, DataClass.YOUTH_REVIEW, now)
    if domain not in SocialDomain.values or level not in SocialLevel.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="level")
    keys.ensure(follow_up.subject_id)
    with (
        audit.reading(
            by, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
            object_type="follow_up", object_ids=[follow_up.pk],
        ),
        audit.writing(by, now=now) as w,
    ):  # fmt: skip
        row = revision.lock(FollowUp.objects.all(), follow_up.pk, expected)
        if row.state in (*facts.CLOSED, *facts.GONE):
            raise AccessRefused(code="closed")
        known = dict(row.assessment or {})
        known.pop(domain, None)
        if level != SocialLevel.UNKNOWN:
            known[domain] = level
        revision.save(row, assessment=known)
        w.note(Act.CHANGE, row, subjects=[row.subject_id], classes=[DataClass.YOUTH_REVIEW], why=domain)
