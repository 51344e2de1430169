"""Drafts: what is typed is kept on the server one second after the last key, sealed, for its owner alone.

Nothing goes to browser storage. A draft about a person, created or not yet, is sealed under that person's key
and dies with it; any other under the agent's. Gone on sending (once.run(draft=...)) or after 30 days.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.http import QueryDict

from casework import audit
from casework.casefile.models import Draft
from casework.errors import AccessRefused, AlreadyDone, InputRefused, Shredded
from casework.sealing import keys

if TYPE_CHECKING:
    from casework.access.viewer import Viewer

KEEP = timedelta(days=30)
DATA_CLASS = "draft"
OBJECT_TYPE = "casefile.draft"
HANDLE_FIELD = "draft_for"
MAX_FIELDS = 400
MAX_CHARACTERS = 100_000
FORM_KEY = re.compile(r"^[a-z0-9][a-z0-9._-]{0,119}$")
_SALT = "casework.casefile.drafts"
# Never kept: tokens of one page, and secrets. `revision` is kept: text typed on revision 3 must not
# silently win over revision 4 when the draft comes back.
_NOT_KEPT = re.compile(r"^(csrfmiddlewaretoken|once|draft_for|.*password.*|.*otp.*|.*code_secret.*)$")

Payload = dict[str, list[str]]


@dataclass(frozen=True)
class SavedDraft:
    """A draft, opened for its owner."""

    form_key: str
    subject_id: uuid.UUID
    fields: Mapping[str, tuple[str, ...]]
    saved_at: datetime

    @property
    def revision(self) -> int | None:
        """Return the revision the text was typed on, if its form carries one."""
        values = self.fields.get("revision", ())
        return int(values[0]) if values and values[0].isdigit() else None

    def as_data(self) -> QueryDict:
        """Return the fields as a form's `data` (or `initial`) expects them."""
        data = QueryDict(mutable=True)
        for name, values in self.fields.items():
            data.setlist(name, list(values))
        return data

    def as_initial(self, multiple: Iterable[str] = ()) -> dict[str, str | list[str]]:
        """Return the fields as a form's `initial`; names in `multiple` stay lists."""
        several = frozenset(multiple)
        return {
            name: list(values) if name in several else (values[-1] if values else "")
            for name, values in self.fields.items()
        }


def handle(viewer: Viewer, form_key: str, subject_id: uuid.UUID) -> str:
    """Return the value of the hidden field `draft_for`: this form, of this mandate, is about this person.

    Without it a draft is sealed under the agent's key. A signature, because the browser must not choose
    under whose key, and in whose list of readings, a draft is written.
    """
    return signing.dumps([str(viewer.mandate_id), _key(form_key), str(subject_id)], salt=_SALT)


def subject_of(viewer: Viewer, form_key: str, signed: str) -> uuid.UUID:
    """Return whose key seals this form's draft. Raises AccessRefused on a handle not made for this form."""
    if not signed:
        return viewer.agent_id if viewer.agent_id is not None else _refuse()
    try:
        mandate_id, signed_key, subject_id = signing.loads(signed, salt=_SALT, max_age=KEEP)
    except (signing.BadSignature, ValueError):
        return _refuse()
    if (mandate_id, signed_key) != (str(viewer.mandate_id), form_key):
        return _refuse()
    return uuid.UUID(subject_id)


def _refuse() -> uuid.UUID:
    raise AccessRefused


def payload_of(fields: Iterable[tuple[str, Iterable[object]]]) -> Payload:
    """Return what may be kept of a submitted form. Raises InputRefused when it is too large."""
    kept = {name: [str(v) for v in values] for name, values in fields if not _NOT_KEPT.match(name)}
    size = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    if len(kept) > MAX_FIELDS or size > MAX_CHARACTERS:
        raise InputRefused("Ce texte est trop long pour être gardé en brouillon.")
    return kept


def save(
    viewer: Viewer, form_key: str, payload: Payload, *, now: datetime, subject_id: uuid.UUID | None = None
) -> None:
    """Keep `payload` as this mandate's draft of this form, in place of the former one.

    Not an act on a file: one event when a draft begins, none for each pause of the typist.
    Raises InputRefused on a bad key, AlreadyDone when the form was sent meanwhile, AccessRefused without a mandate,
    Shredded if the person was erased.
    """
    key, mandate_id = _key(form_key), _mandate(viewer)
    owner = subject_id or viewer.agent_id or _refuse()
    keys.ensure(owner)
    draft = Draft.objects.filter(mandate_id=mandate_id, form_key=key).first()
    if draft is not None and (draft.subject_id != owner or draft.updated_at < now - KEEP):
        draft.delete()
        draft = None
    if draft is not None:
        with transaction.atomic():
            if not Draft.objects.select_for_update().filter(pk=draft.pk).exists():
                raise AlreadyDone
            draft.payload, draft.updated_at = payload, now
            draft.save(update_fields=["payload", "updated_at"])
        return
    with audit.writing(viewer, now=now, even_stopped=True) as w:
        draft = Draft(
            subject_id=owner,
            mandate_id=mandate_id,
            form_key=key,
            payload=payload,
            created_at=now,
            updated_at=now,
        )
        draft.save(force_insert=True)
        # Without the row: its digest would cry tampering at the next pause of the typist.
        w.note(
            audit.Act.CREATE,
            None,
            subjects={owner},
            classes={DATA_CLASS},
            object_type=OBJECT_TYPE,
            object_ids=(draft.pk,),
            module="casefile",
        )


def load(viewer: Viewer, form_key: str, *, now: datetime) -> SavedDraft | None:
    """Return this mandate's draft of this form, opened under the read gate; None without one that opens.

    Call it before any transaction: the gate commits its event first.
    """
    draft = Draft.objects.filter(
        mandate_id=_mandate(viewer), form_key=_key(form_key), updated_at__gte=now - KEEP
    ).first()
    if draft is None:
        return None
    with audit.reading(
        viewer,
        subjects={draft.subject_id},
        classes={DATA_CLASS},
        purpose=audit.Purpose.PREPARATION,
        module="casefile",
        object_type=OBJECT_TYPE,
        object_ids={draft.pk},
    ):
        try:
            fields = draft.payload or {}
        except Shredded:
            # The person was erased: nothing is left of the draft but its row, which goes with the next purge.
            return None
    return SavedDraft(
        form_key=draft.form_key,
        subject_id=draft.subject_id,
        fields={name: tuple(values) for name, values in fields.items()},
        saved_at=draft.updated_at,
    )


def discard(viewer: Viewer, form_key: str) -> None:
    """Delete this mandate's draft of this form, if any. On sending, prefer once.run(draft=...)."""
    Draft.objects.filter(mandate_id=_mandate(viewer), form_key=_key(form_key)).delete()


def waiting(viewer: Viewer, prefix: str, *, now: datetime) -> frozenset[str]:
    """Return the keys, starting with `prefix`, of this mandate's drafts; opens nothing."""
    return frozenset(
        Draft.objects.filter(
            mandate_id=_mandate(viewer), form_key__startswith=prefix, updated_at__gte=now - KEEP
        ).values_list("form_key", flat=True)
    )


def purge(now: datetime) -> int:
    """Delete drafts untouched for 30 days; return how many."""
    return Draft.objects.filter(updated_at__lt=now - KEEP).delete()[0]


def _key(form_key: str) -> str:
    if not FORM_KEY.match(form_key):
        raise InputRefused("Ce formulaire n’a pas de brouillon.")
    return form_key


def _mandate(viewer: Viewer) -> uuid.UUID:
    if viewer.mandate_id is None:
        raise AccessRefused
    return viewer.mandate_id
