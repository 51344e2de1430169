"""The court's own papers of phones: who keeps the ressort, or the court itself, writes the next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, ConflictRefused, InputRefused
from casework.partners.models import Territory
from casework.vif.phones import facts
from casework.vif.phones.codes import Recipient, SheetField
from casework.vif.phones.models import SheetTemplate

LONGEST: Final = {"letterhead": 400, "mention": 120}
LETTERHEAD_LINES: Final = 6
TITLE: Final = 60


def versions(viewer: Viewer, now: datetime) -> list[SheetTemplate]:
    """Return every version of the viewer's ressort, latest first. Raises AccessRefused."""
    facts.require_paper(viewer, Action.LIST, now)
    return list(SheetTemplate.objects.filter(territory_id=viewer.territory_id).order_by("-version"))


def find(viewer: Viewer, pk: UUID, now: datetime) -> SheetTemplate:
    """Return one version of the viewer's ressort. Raises AccessRefused, absent or refused alike."""
    facts.require_paper(viewer, Action.VIEW, now)
    row = SheetTemplate.objects.filter(pk=pk, territory_id=viewer.territory_id).first()
    if row is None:
        raise AccessRefused(code="sheet_template")
    return row


def write(
    *, by: Viewer, letterhead: str, mention: str, titles: Mapping[str, str], order: Sequence[str],
    recipients: Sequence[str], now: datetime, expected: int,
) -> SheetTemplate:  # fmt: skip
    """Write the next version. `order`: the lines printed; `expected`: the version read before, 0 for none.

    Papers made before keep theirs. Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_paper(by, Action.CHANGE, now)
    _check(letterhead, mention, titles, order, recipients)
    words = {
        "letterhead": "\n".join(line.strip() for line in letterhead.strip().splitlines()), "mention": mention.strip(),
        "titles": {code: titles[code].strip() for code in SheetField.values if titles.get(code, "").strip()},
        "order": list(order), "recipients": [code for code in Recipient.values if code in recipients],
    }  # fmt: skip
    with audit.writing(by, now=now) as w:
        Territory.objects.select_for_update().get(pk=by.territory_id)
        rows = SheetTemplate.objects.filter(territory_id=by.territory_id).order_by("-version")
        last = rows.values_list("version", flat=True).first() or 0
        if last != expected:
            raise ConflictRefused(
                "Le modèle a changé pendant votre saisie. Votre texte est conservé.", current_revision=last
            )
        row = SheetTemplate.objects.create(
            territory_id=by.territory_id, version=last + 1, written_at=now, written_by=by.mandate_id, words=words
        )
        w.note(Act.CREATE, row, classes=[facts.PAPER], why="template")
    return row


def _check(
    letterhead: str, mention: str, titles: Mapping[str, str], order: Sequence[str], recipients: Sequence[str]
) -> None:
    for name, text in (("letterhead", letterhead), ("mention", mention)):
        if len(text) > LONGEST[name]:
            raise InputRefused(f"{LONGEST[name]} caractères au plus.", field=name)
    if len(letterhead.strip().splitlines()) > LETTERHEAD_LINES:
        raise InputRefused(f"{LETTERHEAD_LINES} lignes au plus.", field="letterhead")
    for code, title in titles.items():
        if len(title) > TITLE:
            raise InputRefused(f"{TITLE} caractères au plus.", field=f"title_{code}")
    if len(set(order)) != len(order) or not set(order) <= set(SheetField.values):
        raise InputRefused("Donnez un rang différent à chaque ligne.", field=f"rank_{SheetField.BENEFICIARY}")
    if SheetField.BENEFICIARY not in order:
        raise InputRefused("La fiche dit toujours de qui il s’agit.", field=f"rank_{SheetField.BENEFICIARY}")
    if not set(recipients) <= set(Recipient.values):
        raise InputRefused(
            "Choisissez des destinataires de la liste : la loi n’en connaît pas d’autre.", field="recipients"
        )
