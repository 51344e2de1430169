"""T-20: referring somebody already known looks the same, to the byte, as referring a stranger; the two are merged."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.audit import Purpose
from casework.audit.models import AuditEvent
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused
from casework.minors.followups.actions import duplicates, merge, sorting
from casework.minors.followups.models import FollowUp, PossibleDuplicate
from tests.followups.saisine_setting import refer, typed
from tests.people import client_for, viewer_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("T-20")]

# What is random on every page, whoever is known.
_RANDOM = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{3}-20\d\d-[A-Z0-9]{4}|nonce-[\w-]+|csrfmiddlewaretoken\" value=\"\w+|"
    rb"data-csrf=\"\w+|X-CSRFToken\": \"\w+|\d\d:\d\d(:\d\d)?|draft_for\" value=\"[\w:.-]+"
)


def bare(content: bytes) -> bytes:
    return _RANDOM.sub(b"*", content)


def seen(people, who: str) -> tuple[bytes, ...]:
    """Refer Yanis as this service; return all that it sees afterwards."""
    client = client_for(people.mandates[who])
    origin = {"mds": "social_service", "education": "school"}[who]
    sent = client.post(reverse("followups:refer"), typed(origin=origin))
    pages = [client.get(sent.url), client.get(reverse("followups:queue")), client.get(reverse("desk:work"))]
    pages.append(client.get(reverse("followups:refer")))
    headers = repr(sorted((name, value) for name, value in sent.items() if name not in ("Location", "X-Request-ID")))
    return bare(sent.content), bare(headers.encode()), *(bare(page.content) for page in pages)


@pytest.mark.parametrize("who", ["mds", "education"])
def test_the_author_cannot_tell_a_known_person_from_a_stranger(people, who):
    refer(people, last_name="Tout", first_name="Autre")
    # The same town twice: in one of them Yanis is already followed by the PJJ.
    from django.db import transaction

    def unknown_then_undone() -> tuple[bytes, ...]:
        sid = transaction.savepoint()
        try:
            return seen(people, who)
        finally:
            transaction.savepoint_rollback(sid)

    unknown = unknown_then_undone()
    assert not PossibleDuplicate.objects.exists()
    known = refer(people, by="pjj")
    assert seen(people, who) == unknown
    assert not OutboxMail.objects.exists()
    pair = PossibleDuplicate.objects.get()
    assert pair.older_id == known.pk
    assert AuditEvent.objects.filter(purpose=Purpose.DUPLICATES, role="system").exists()


def test_a_fault_of_the_comparison_stays_silent_and_is_caught_up(people, monkeypatch):
    refer(people, by="pjj")
    real = duplicates.look
    monkeypatch.setattr(duplicates, "look", lambda *a, **k: 1 / 0)
    answer = client_for(people.mds).post(reverse("followups:refer"), typed(origin="social_service"))
    assert answer.status_code == 302
    assert not PossibleDuplicate.objects.exists()
    monkeypatch.setattr(duplicates, "look", real)
    assert duplicates.catch_up(timezone.now()) == 1
    assert duplicates.catch_up(timezone.now()) == 0


@pytest.mark.parametrize("who", ["pjj", "mds", "education", "stranger", "dpo"])
def test_only_the_coordinator_sees_and_settles_pairs(people, who):
    refer(people, by="pjj")
    refer(people, by="mds")
    pair = PossibleDuplicate.objects.get()
    client = client_for(people.mandates[who])
    assert client.get(reverse("followups:duplicates")).status_code == 404
    sent = {"once": str(uuid.uuid4()), "keep": "both"}
    assert client.post(reverse("followups:duplicate", args=[pair.pk]), sent).status_code == 404
    with pytest.raises(AccessRefused):
        merge.merge(by=viewer_of(people.mandates[who]), duplicate_id=pair.pk, keep_id=pair.older_id, now=timezone.now())


def test_not_the_same_person_is_said_once(people):
    refer(people, by="pjj")
    refer(people, by="mds")
    client, pair = client_for(people.coordinator), PossibleDuplicate.objects.get()
    page = client.get(reverse("followups:duplicates")).content.decode()
    assert page.count("Yanis Belkacem") == 2
    sent = {"once": str(uuid.uuid4()), "keep": "both"}
    assert client.post(reverse("followups:duplicate", args=[pair.pk]), sent).status_code == 302
    assert duplicates.catch_up(timezone.now()) == 0
    assert FollowUp.objects.filter(state="referred").count() == 2
    assert "Aucun doublon" in client.get(reverse("followups:duplicates")).content.decode()


def test_a_pair_already_settled_or_sorted_out_is_not_merged(people):
    refer(people, by="pjj")
    second = refer(people, by="mds")
    pair, by = PossibleDuplicate.objects.get(), viewer_of(people.coordinator)
    sorting.sort(by=by, referral_id=second.referrals.get().pk, choice="out_of_scope", now=timezone.now())
    with pytest.raises(GuardRefused):
        merge.merge(by=by, duplicate_id=pair.pk, keep_id=pair.older_id, now=timezone.now())
