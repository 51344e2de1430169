"""What is typed is kept, sealed, for its author alone, and goes when it should."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection

from casework.audit.models import AuditEvent
from casework.casefile import drafts
from casework.casefile.models import Draft
from casework.errors import AccessRefused, AlreadyDone, InputRefused, Shredded, Unaudited
from casework.sealing import keys
from tests.casefile.support import NADIA, NOW, SAMIR

pytestmark = pytest.mark.django_db(databases="__all__")

SECRET = "Yanis ne vient plus depuis octobre"
NEW_PERSON = uuid.UUID("dddddddd-0000-4000-8000-000000000001")


def save(text=SECRET, *, by=NADIA, key="followups.new", now=NOW, subject_id=None, **more):
    drafts.save(by, key, {"reason": [text]} | more, now=now, subject_id=subject_id)


def test_a_draft_comes_back_as_typed():
    save(services=["mds", "pjj"])
    found = drafts.load(NADIA, "followups.new", now=NOW)
    assert found is not None
    assert found.as_data().getlist("services") == ["mds", "pjj"]
    assert found.as_initial(multiple=["services"]) == {"reason": SECRET, "services": ["mds", "pjj"]}
    assert found.saved_at == NOW


def test_each_pause_of_the_typist_replaces_the_draft_with_one_event_in_all():
    for text in ("Ya", "Yanis", SECRET):
        save(text)
    assert Draft.objects.count() == 1
    assert AuditEvent.objects.filter(act="create", object_type=drafts.OBJECT_TYPE).count() == 1


def test_a_pause_kept_while_the_form_leaves_is_refused_and_writes_nothing(monkeypatch):
    save("Ya")
    real = drafts.transaction.atomic

    def sent_meanwhile(*args, **kwargs):
        monkeypatch.undo()
        Draft.objects.all().delete()
        return real(*args, **kwargs)

    monkeypatch.setattr(drafts.transaction, "atomic", sent_meanwhile)
    with pytest.raises(AlreadyDone):
        save(SECRET)
    assert not Draft.objects.exists()


@pytest.mark.rule("ACL-01")
@pytest.mark.parametrize(
    "other",
    [
        SAMIR,
        replace(NADIA, mandate_id=uuid.uuid4()),  # the same agent, under another hat
    ],
)
def test_nobody_but_the_mandate_that_typed_reads_it(other):
    save()
    assert drafts.load(other, "followups.new", now=NOW) is None


@pytest.mark.rule("LOG-01")
def test_reading_a_draft_is_written_down_first():
    save(subject_id=NEW_PERSON)
    drafts.load(NADIA, "followups.new", now=NOW)
    event = AuditEvent.objects.get(act="view")
    assert (event.classes, event.purpose) == ([drafts.DATA_CLASS], "preparation")
    with pytest.raises(Unaudited):
        Draft.objects.get().payload  # noqa: B018 - reading is the test


def test_the_database_holds_no_word_of_it():
    save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM casefile_draft")
        row = b" ".join(
            str(v).encode() if not isinstance(v, bytes | memoryview) else bytes(v) for v in cursor.fetchone()
        )
    assert b"Yanis" not in row


def test_a_draft_about_a_person_dies_with_that_persons_key():
    save(subject_id=NEW_PERSON)
    keys.erase(NEW_PERSON)
    assert drafts.load(NADIA, "followups.new", now=NOW) is None
    with pytest.raises(Shredded):
        save(subject_id=NEW_PERSON)


def test_without_a_person_it_is_sealed_under_the_agents_key():
    save()
    assert Draft.objects.get().subject_id == NADIA.agent_id


def test_a_draft_changes_owner_key_when_its_form_becomes_about_a_person():
    save()
    save("mieux", subject_id=NEW_PERSON)
    assert Draft.objects.get().subject_id == NEW_PERSON
    found = drafts.load(NADIA, "followups.new", now=NOW)
    assert found is not None
    assert found.as_initial() == {"reason": "mieux"}


@pytest.mark.parametrize(("days", "there"), [(0, True), (29, True), (30, True), (31, False)])
def test_a_draft_lasts_thirty_days(days, there):
    save()
    later = NOW + timedelta(days=days)
    assert (drafts.load(NADIA, "followups.new", now=later) is not None) is there
    assert drafts.purge(later) == (0 if there else 1)


def test_a_draft_begun_again_after_its_time_is_a_new_one():
    save()
    first = Draft.objects.get().pk
    save("autre", now=NOW + timedelta(days=40))
    assert Draft.objects.get().pk != first


def test_only_the_server_says_about_whom_a_draft_is():
    handle = drafts.handle(NADIA, "followups.new", NEW_PERSON)
    assert drafts.subject_of(NADIA, "followups.new", handle) == NEW_PERSON
    assert drafts.subject_of(NADIA, "followups.new", "") == NADIA.agent_id
    forged = signing.dumps([str(NADIA.mandate_id), "followups.new", str(NEW_PERSON)], salt="other")
    for viewer, key, value in [
        (SAMIR, "followups.new", handle),
        (NADIA, "followups.other", handle),
        (NADIA, "followups.new", forged),
        (NADIA, "followups.new", str(NEW_PERSON)),
    ]:
        with pytest.raises(AccessRefused):
            drafts.subject_of(viewer, key, value)


def test_tokens_and_passwords_are_not_kept_and_the_revision_is():
    kept = drafts.payload_of(
        [("reason", ["x"]), ("once", ["t"]), ("csrfmiddlewaretoken", ["c"]), ("draft_for", ["d"]),
         ("new_password", ["p"]), ("otp_code", ["1"]), ("revision", ["3"])]
    )  # fmt: skip
    assert kept == {"reason": ["x"], "revision": ["3"]}
    drafts.save(NADIA, "k", kept, now=NOW)
    found = drafts.load(NADIA, "k", now=NOW)
    assert found is not None
    assert found.revision == 3


def test_a_draft_has_a_size():
    with pytest.raises(InputRefused):
        drafts.payload_of([("reason", ["x" * (drafts.MAX_CHARACTERS + 1)])])
    with pytest.raises(InputRefused):
        drafts.payload_of((f"f{n}", ["x"]) for n in range(drafts.MAX_FIELDS + 1))


@pytest.mark.parametrize("key", ["", "Nom Prénom", "../x", "a" * 121])
def test_a_form_key_is_a_name_not_a_sentence(key):
    with pytest.raises(InputRefused):
        save(key=key)


def test_without_a_mandate_there_is_no_draft():
    with pytest.raises(AccessRefused):
        save(by=replace(NADIA, mandate_id=None))


def test_waiting_tells_which_forms_have_one_and_opens_nothing():
    save(key="sessions.prep.1")
    save(key="sessions.prep.2", by=SAMIR)
    assert drafts.waiting(NADIA, "sessions.prep.", now=NOW) == {"sessions.prep.1"}
    assert not AuditEvent.objects.filter(act="view").exists()


def test_discarding():
    save()
    drafts.discard(SAMIR, "followups.new")
    assert Draft.objects.count() == 1
    drafts.discard(NADIA, "followups.new")
    assert Draft.objects.count() == 0
