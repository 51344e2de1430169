"""T-03: an older ciphertext of the same cell opens, but `audit_verify --rows` names the row."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from casework import audit
from casework.audit import Act, Purpose, verify
from casework.casefile.models import Draft
from casework.sealing import keys
from tests.audit.bench import NADIA

pytestmark = [pytest.mark.attack("T-03"), pytest.mark.django_db(databases="__all__")]


def stored(draft: Draft) -> bytes:
    """Return the bytes of the sealed column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM casefile_draft WHERE form_key = %s", [draft.form_key])
        return bytes(cursor.fetchone()[0])


def test_the_row_is_named() -> None:
    now = timezone.now()
    subject = uuid4()
    keys.ensure(subject)
    draft = Draft(
        id=uuid4(), subject_id=subject, mandate_id=NADIA.mandate_id, form_key="t03", payload={"text": "old"},
        created_at=now, updated_at=now,
    )  # fmt: skip
    with audit.writing(NADIA, now=now) as w:
        draft.save()
        w.note(Act.CREATE, draft)
    older = stored(draft)
    with audit.writing(NADIA, now=now) as w:
        draft.payload = {"text": "new"}
        draft.save()
        w.note(Act.CHANGE, draft)
    assert verify.verify_rows() == (1, [])

    with connection.cursor() as cursor:
        cursor.execute("UPDATE casefile_draft SET payload = %s", [older])
    with audit.reading(NADIA, subjects=[subject], classes=["draft"], purpose=Purpose.REVIEW):
        assert Draft.objects.get(pk=draft.pk).payload == {"text": "old"}
    (fault,) = verify.verify_rows()[1]
    assert (fault.code, fault.object_ref) == ("changed", audit.object_ref("casefile.draft", draft.pk))
    with pytest.raises(CommandError) as stopped:
        call_command("audit_verify", "--rows")
    assert stopped.value.returncode == 2
