"""Approved minutes bear a checkpoint of the journal: the same on every copy, and whoever rewrites contradicts it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.audit import verify
from casework.audit.models import AuditCheckpoint
from casework.audit.notes import Checkpoint, parse_checkpoints
from casework.audit.words import of
from casework.minors.sessions.actions import minutes
from tests.audit.bench import rebuild, superuser
from tests.casefile import pdf_text
from tests.people import client_for
from tests.sessions.test_minutes import held, submitted  # noqa: F401 the meeting held there

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.rule("LOG-04")]


def printed(this: Any, key: str) -> str:
    """Return what one reader's copy says."""
    answer = client_for(this.people.mandates[key]).get(reverse("meetings:minutes_pdf", args=[this.session.pk]))
    assert answer.status_code == 200
    return " ".join(pdf_text.text(answer.content).split())


def test_every_copy_of_approved_minutes_bears_the_same_eight_words(held: Any) -> None:  # noqa: F811
    submitted(held)
    assert "Empreinte du journal" not in printed(held, "coordinator")
    minutes.approve_silent(held.now + timedelta(days=30))
    copies = [printed(held, key) for key in ("coordinator", "pjj", "coordinator")]
    (row,) = AuditCheckpoint.objects.exclude(document_ref="")
    words = of(Checkpoint(row.log, row.size, bytes(row.root)).paper())
    for copy in copies:
        assert "Empreinte du journal" in copy
        assert all(word in copy for word in words)


@pytest.mark.attack("T-25")
def test_a_journal_rewritten_since_contradicts_the_paper(held: Any) -> None:  # noqa: F811
    submitted(held)
    minutes.approve_silent(held.now + timedelta(days=30))
    printed(held, "coordinator")
    (row,) = AuditCheckpoint.objects.exclude(document_ref="")
    (paper,) = parse_checkpoints(row.note)
    assert verify.verify(row.log, [paper]).ok
    with superuser() as cursor:
        cursor.execute("UPDATE audit_auditevent SET why = 'other' WHERE idx = 3 AND log = %s", [row.log])
    rebuild(row.log, 0, head=True)
    assert verify.verify(row.log).ok
    assert verify.verify(row.log, [paper]).fault is not None
