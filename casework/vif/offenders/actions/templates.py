"""The templates of reports: the head of the service writes the next version of one, for a frame or for a court of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, ConflictRefused, InputRefused
from casework.partners.models import Organisation
from casework.vif.offenders import facts, letters
from casework.vif.offenders.codes import Frame, Section
from casework.vif.offenders.models import ReportTemplate

LONGEST: Final = {"letterhead": 400, "addressee": 300, "opening": 1_000, "closing": 1_000}
LINES: Final = {"letterhead": 5, "addressee": 4}
TITLE: Final = 80


def require_lead(viewer: Viewer, now: datetime) -> None:
    """Raise AccessRefused to whoever is not the head of the author's side of a service."""
    facts.require_creation(viewer, now)
    if viewer.is_service_lead is not True:
        raise AccessRefused(code="lead")


def find(viewer: Viewer, pk: UUID, now: datetime) -> ReportTemplate:
    """Return one version of the viewer's own service. Raises AccessRefused, absent or refused alike."""
    require_lead(viewer, now)
    row = ReportTemplate.objects.filter(pk=pk, organisation_id=viewer.organisation_id).first()
    if row is None:
        raise AccessRefused(code="template")
    return row


def current(viewer: Viewer, now: datetime) -> list[ReportTemplate]:
    """Return the last version of each template of the viewer's service, by frame then court. Raises AccessRefused."""
    require_lead(viewer, now)
    rows = ReportTemplate.objects.filter(organisation_id=viewer.organisation_id).order_by("version")
    last = {(row.frame, row.court_key): row for row in rows}
    rank = {frame.value: n for n, frame in enumerate(Frame)}
    return sorted(last.values(), key=lambda row: (rank[row.frame], row.court_key))


def write(
    *, by: Viewer, frame: str, court: str, texts: Mapping[str, str], titles: Mapping[str, str], order: Sequence[str],
    now: datetime, expected: int,
) -> ReportTemplate:  # fmt: skip
    """Write the next version. `court`: "" for every court of the frame; `expected`: the version read before, 0 for none.

    Reports that left keep theirs. Raises AccessRefused, InputRefused, ConflictRefused.
    """
    require_lead(by, now)
    if frame not in Frame.values:
        raise InputRefused("Choisissez le cadre.", field="frame")
    _check(texts, titles, order)
    key = letters.key_of(court)
    if court.strip() and not key:
        raise InputRefused("Écrivez le nom de la juridiction.", field="court")
    words = {
        **{name: texts.get(name, "").strip() for name in letters.TEXTS},
        "titles": {code: titles[code].strip() for code in Section.values if titles.get(code, "").strip()},
        "order": list(order),
    }
    with audit.writing(by, now=now) as w:
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        rows = ReportTemplate.objects.filter(organisation_id=by.organisation_id, frame=frame, court_key=key)
        last = rows.aggregate(n=Max("version"))["n"] or 0
        if last != expected:
            raise ConflictRefused(
                "Ce modèle existe déjà, ou a changé pendant votre saisie. Votre texte est conservé.",
                current_revision=last,
            )
        row = ReportTemplate.objects.create(
            organisation_id=by.organisation_id, frame=frame, court=court.strip(), court_key=key, version=last + 1,
            written_at=now, written_by=by.mandate_id, words=words,
        )  # fmt: skip
        w.note(Act.CREATE, row, why="template")
    return row


def _check(texts: Mapping[str, str], titles: Mapping[str, str], order: Sequence[str]) -> None:
    for name, most in LONGEST.items():
        if len(texts.get(name, "")) > most:
            raise InputRefused(f"{most} caractères au plus.", field=name)
    for name, most in LINES.items():
        if len(texts.get(name, "").strip().splitlines()) > most:
            raise InputRefused(f"{most} lignes au plus.", field=name)
    for code, title in titles.items():
        if len(title) > TITLE:
            raise InputRefused(f"{TITLE} caractères au plus.", field=f"title_{code}")
    if order and sorted(order) != sorted(Section.values):
        raise InputRefused("Donnez un rang différent à chaque partie.", field=f"rank_{Section.FRAME}")
