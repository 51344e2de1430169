"""Writing the next version of the sheet; recording an awareness session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Max
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import ConflictRefused, InputRefused
from casework.partners.models import Territory
from casework.vif.reflex import facts
from casework.vif.reflex.codes import Audience, Part
from casework.vif.reflex.models import AwarenessSession, ReflexSheet

LONGEST = 1_500
MOST_PEOPLE = 500


def write(*, by: Viewer, parts: Mapping[str, str], now: datetime, expected: int) -> ReflexSheet:
    """Write the next version of the sheet. `expected`: the version that the form was opened on, 0 for none.

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_writer(by, now)
    texts = {part: parts.get(part, "").strip() for part in Part.values}
    if not texts[Part.DANGER]:
        raise InputRefused("Dites d’abord qui appeler en cas de danger.", field=Part.DANGER)
    for part, text in texts.items():
        if len(text) > LONGEST:
            raise InputRefused(f"{LONGEST} caractères au plus : une page se lit en une minute.", field=part)
    with audit.writing(by, now=now) as w:
        Territory.objects.select_for_update().get(pk=by.territory_id)
        last = ReflexSheet.objects.filter(territory_id=by.territory_id).aggregate(n=Max("version"))["n"] or 0
        if last != expected:
            raise ConflictRefused(
                "La fiche a été modifiée pendant votre saisie. Votre texte est conservé.", current_revision=last
            )
        row = ReflexSheet.objects.create(
            territory_id=by.territory_id, version=last + 1, written_at=now, written_by=by.mandate_id, parts=texts
        )
        w.note(Act.CREATE, row, classes=[facts.REFLEX])
    return row


def record_session(*, by: Viewer, held_on: date, audience: str, people: int, now: datetime) -> AwarenessSession:
    """Record an awareness session, in numbers. Raises AccessRefused, InputRefused."""
    facts.require_writer(by, now)
    if audience not in Audience.values:
        raise InputRefused("Choisissez le public.", field="audience")
    if not 0 < people <= MOST_PEOPLE:
        raise InputRefused("Vérifiez le nombre de personnes.", field="people")
    if held_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="held_on")
    with audit.writing(by, now=now) as w:
        row = AwarenessSession.objects.create(
            territory_id=by.territory_id, held_on=held_on, audience=audience, people=people, recorded_by=by.mandate_id
        )
        w.note(Act.CREATE, row, classes=[facts.REFLEX])
    return row
