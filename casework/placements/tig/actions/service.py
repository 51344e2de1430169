"""What a judicial service decides for itself: whether it keeps its sentence file here (row 13)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, require
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.models import Organisation
from casework.placements.tig import facts
from casework.placements.tig.models import SentenceFile


def require_lead(by: Viewer, action: Action, now: datetime) -> None:
    """Ask decide() whether this viewer leads a judicial service (row 31a). Raises AccessRefused."""
    asked = Facts(
        territory_id=by.territory_id, data_class=DataClass.OWN_SERVICE, own_service=True,
        excluded=by.role not in facts.FOLLOWS, rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(by, action, asked, now)


def running(by: Viewer, now: datetime) -> SentenceFile | None:
    """Return what switches the sentence file of the viewer's service on now; a row written by SQL switches nothing."""
    rows = SentenceFile.objects.filter(organisation_id=by.organisation_id, territory_id=by.territory_id)
    return next(iter(genuine.kept(rows.filter(starts_at__lte=now, ends_at=None))), None)


def keeps_sentences(by: Viewer, now: datetime) -> bool:
    """Say whether this service keeps its sentence file here: off until its head says that its controller signed."""
    if by.role not in facts.FOLLOWS:
        return False
    return memo.once(("tig_sentence_file", by.organisation_id, now), lambda: running(by, now) is not None)


def history(by: Viewer, now: datetime) -> list[SentenceFile]:
    """Return every period of the viewer's service, latest first. Raises AccessRefused."""
    require_lead(by, Action.VIEW, now)
    rows = SentenceFile.objects.filter(organisation_id=by.organisation_id, territory_id=by.territory_id)
    return genuine.kept(rows.order_by("-starts_at"))


def keep_here(*, by: Viewer, signed_on: date, now: datetime) -> SentenceFile:
    """Switch the sentence file of one's own service on. Raises AccessRefused, InputRefused, GuardRefused (already)."""
    require_lead(by, Action.MANAGE, now)
    if signed_on > localdate(now):
        raise InputRefused("Cette date n’est pas encore passée.", field="signed_on")
    if by.organisation_id is None or by.mandate_id is None or by.territory_id is None:
        raise AccessRefused(code="lead")
    with audit.writing(by, now=now) as w:
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        if running(by, now) is not None:
            raise GuardRefused("Le dossier de peine est déjà tenu ici.")
        row = SentenceFile.objects.create(
            territory_id=by.territory_id, organisation_id=by.organisation_id, signed_on=signed_on, starts_at=now,
            switched_by=by.mandate_id,
        )  # fmt: skip
        w.note(Act.GRANT, row, why="sentence_file")
    return row


def keep_no_longer(*, by: Viewer, now: datetime) -> None:
    """Switch it off: nothing more is recorded; what is here stays to its officers and ends with its affectation."""
    require_lead(by, Action.MANAGE, now)
    with audit.writing(by, now=now) as w:
        rows = SentenceFile.objects.select_for_update().filter(
            organisation_id=by.organisation_id, territory_id=by.territory_id, ends_at=None
        )
        for row in genuine.kept(rows):
            row.ends_at = now
            row.save()
            w.note(Act.REVOKE, row, why="sentence_file")
