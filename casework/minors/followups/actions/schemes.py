"""Schemes that anyone may ask for: active, asked, refused, not tried (peers A4). Never a court-ordered measure."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import Involvement, SchemeState
from casework.minors.followups.models import CircleMembership, FollowUp, SchemeStatus
from casework.partners.models import Organisation
from casework.sealing import keys


def set_state(
    *,
    by: Viewer,
    follow_up: FollowUp,
    item: LocalItem,
    state: str,
    now: datetime,
    since: date | None = None,
    ends_on: date | None = None,
    owner: Organisation | None = None,
    expected: int | None = None,
) -> SchemeStatus:
    """Say in one click where one scheme stands for one situation, by any service of the circle.

    Raises AccessRefused, InputRefused (not a scheme of this territory, dates), ConflictRefused.
    """
    facts.require_on(by, follow_up, Action.CREATE, DataClass.YOUTH_REVIEW, now)
    if item.territory_id != follow_up.territory_id or item.list_code != ListCode.SCHEME:
        raise InputRefused("Choisissez un dispositif de la liste.", field="item")
    if state not in SchemeState.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="state")
    day = since or localdate(now)
    if day > localdate(now):
        raise InputRefused("Cette date est dans le futur.", field="since")
    if ends_on is not None and ends_on < day:
        raise InputRefused("La fin doit suivre le début.", field="ends_on")
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        row = SchemeStatus.objects.select_for_update(of=("self",)).filter(follow_up=follow_up, item=item).first()
        if row is None:
            row = SchemeStatus(
                subject_id=follow_up.subject_id, territory_id=follow_up.territory_id, follow_up=follow_up, item=item,
                state=state, since=day, ends_on=ends_on, owner_id=owner.pk if owner else by.organisation_id,
            )  # fmt: skip
            row.save()
        else:
            revision.check(row, expected)
            revision.save(
                row, state=state, since=day, ends_on=ends_on, owner_id=owner.pk if owner else by.organisation_id
            )
        w.note(Act.CHANGE, row, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], why=state)
    return row


def say_involvement(
    *, by: Viewer, follow_up: FollowUp, involvement: str, now: datetime, expected: int | None = None
) -> CircleMembership:
    """Let a service say of itself whether it intervenes; its measure or mandate is never asked (SEC-03)."""
    facts.require_on(by, follow_up, Action.CREATE, DataClass.YOUTH_REVIEW, now)
    if involvement not in Involvement.values:
        raise InputRefused("Choisissez une valeur de la liste.", field="involvement")
    own = CircleMembership.objects.filter(follow_up=follow_up, organisation_id=by.organisation_id, ends_at=None)
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        key = own.values_list("pk", flat=True).first()
        row = revision.lock(own, key, expected) if key is not None else None
        if row is None:
            raise InputRefused("Votre service n’est pas dans le cercle de cette situation.")
        revision.save(row, involvement=involvement, involvement_on=localdate(now))
        w.note(Act.CHANGE, row, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], why=involvement)
    return row
