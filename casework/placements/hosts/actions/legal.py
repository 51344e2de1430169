"""Legal references: the ones of the house, copied once; a new version of one, dated (DL-23)."""

from __future__ import annotations

from datetime import date, datetime

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, InputRefused
from casework.placements.hosts.codes import LEGAL_REFERENCES
from casework.placements.hosts.models import LegalReference
from casework.placements.hosts.reads import legal


def copy_national(model: type[LegalReference] = LegalReference) -> int:
    """Add the references that the installation lacks; return how many. Resumable: a code already there is left alone."""
    known = set(model._default_manager.values_list("code", flat=True))
    missing = [model(**each._asdict()) for each in LEGAL_REFERENCES if each.code not in known]
    model._default_manager.bulk_create(missing)
    return len(missing)


def replace(*, by: Viewer, reference: LegalReference, ref: str, valid_from: date, now: datetime) -> LegalReference:
    """Give the article that says the same from `valid_from` on; the present one ends that day (DL-23).

    Raises AccessRefused, InputRefused.
    """
    if not legal.may_change(by, now):
        raise AccessRefused(code="legal")
    if valid_from <= reference.valid_from:
        raise InputRefused("La nouvelle version doit suivre l’actuelle.", field="valid_from")
    ref = " ".join(ref.split())
    with audit.writing(by, now=now) as w:
        row = LegalReference.objects.select_for_update(of=("self",)).get(pk=reference.pk)
        if LegalReference.objects.filter(code=row.code, valid_from__gt=row.valid_from).exists():
            raise InputRefused("Une version suivante est déjà notée.", field="valid_from")
        row.valid_to = valid_from
        row.save(update_fields=["valid_to"])
        w.note(Act.CHANGE, row, why="ends")
        new = LegalReference.objects.create(code=row.code, label=row.label, ref=ref, valid_from=valid_from)
        w.note(Act.CREATE, new, why="next")
    return new
