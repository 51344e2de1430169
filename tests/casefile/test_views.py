"""The addresses of drafts, local lists and school holidays."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import Door, policy_of
from casework.casefile import actions, drafts, urls, views
from casework.casefile import once as once_only
from casework.casefile.models import Draft, LocalItem, SchoolHoliday
from casework.errors import AccessRefused, AlreadyDone
from casework.partners.models import Territory
from casework.sealing import keys
from tests.casefile.support import NADIA, NOW, SAMIR, TERRITORY_ID, post

pytestmark = pytest.mark.django_db(databases="__all__")

KEY = "followups.new"
PERSON = uuid.UUID("dddddddd-0000-4000-8000-000000000001")


def get(path="/brouillons/followups.new", viewer=NADIA):
    request: Any = post(viewer=viewer)
    request.method = "GET"
    request.path = path
    return request


def save(viewer=NADIA, key=KEY, **data):
    return views.draft(post(f"/brouillons/{key}", viewer=viewer, **data), key)


def body(response):
    return json.loads(response.content)


def test_every_address_declares_its_policy():
    for pattern in urls.urlpatterns:
        policy = policy_of(pattern.callback)
        assert policy is not None, pattern.name
        if pattern.name == "draft":
            assert policy.door is Door.SIGNED_IN
            assert not policy.while_locked
        else:
            assert policy.needs == ((Action.MANAGE, DataClass.ACCOUNTS),), pattern.name


def test_a_draft_is_kept_and_given_back():
    answer = save(reason="Yanis", once="t", csrfmiddlewaretoken="c")
    assert body(answer) == {"saved": True, "at": "14:02", "message": "Brouillon enregistré à 14:02"}
    assert answer["Cache-Control"] == "no-store"
    back = views.draft(get(), KEY)
    assert body(back) == {"found": True, "at": "14:02", "fields": {"reason": ["Yanis"]}}
    assert back["Cache-Control"] == "no-store"


def test_json_is_read_too():
    request: Any = post()
    sent = RequestFactory().post(
        "/brouillons/followups.new", json.dumps({"reason": "x", "who": ["a", "b"]}), "application/json"
    )
    for name in ("viewer", "now", "htmx", "session", "user"):
        setattr(sent, name, getattr(request, name))
    assert body(views.draft(sent, KEY))["saved"] is True
    assert body(views.draft(get(), KEY))["fields"] == {"reason": ["x"], "who": ["a", "b"]}


@pytest.mark.parametrize("raw", [b"{", b"[1]", b"\xff"])
def test_what_is_not_a_form_is_refused_kindly(raw):
    sent: Any = RequestFactory().post("/brouillons/followups.new", raw, "application/json")
    sent.viewer, sent.now = NADIA, NOW
    answer = views.draft(sent, KEY)
    assert (answer.status_code, body(answer)["saved"]) == (422, False)


@pytest.mark.rule("ACL-01")
def test_others_find_nothing():
    save(reason="Yanis")
    assert body(views.draft(get(viewer=SAMIR), KEY)) == {"found": False, "at": "", "fields": {}}
    for nobody in (None,):
        with pytest.raises(AccessRefused):
            views.draft(get(viewer=nobody), KEY)


def test_the_signed_handle_chooses_the_key_and_a_forged_one_is_refused():
    save(reason="x", draft_for=drafts.handle(NADIA, KEY, PERSON))
    assert Draft.objects.get().subject_id == PERSON
    with pytest.raises(AccessRefused):
        save(reason="x", draft_for=drafts.handle(SAMIR, KEY, PERSON))


def test_a_draft_about_an_erased_person_says_it_cannot_be_kept():
    keys.ensure(PERSON)
    keys.erase(PERSON)
    answer = save(reason="x", draft_for=drafts.handle(NADIA, KEY, PERSON))
    assert (answer.status_code, body(answer)["saved"]) == (410, False)


def test_an_autosave_that_arrives_after_its_form_brings_no_draft_back():
    token = str(uuid.uuid4())
    save(reason="Yanis", once=token)

    def send():
        with audit.writing(NADIA, now=NOW) as w:
            w.note(audit.Act.CREATE, None)

    once_only.run(post("/situations/nouvelle", once=token, reason="Yanis"), send, draft=KEY)
    late = save(reason="Yani", once=token)
    assert (late.status_code, body(late), Draft.objects.count()) == (200, {"saved": False, "sent": True}, 0)
    assert body(save(reason="autre", once=str(uuid.uuid4())))["saved"] is True


@pytest.mark.parametrize("begun", [False, True])
def test_an_autosave_that_crosses_its_form_brings_no_draft_back(monkeypatch, begun):
    """The form is carried out after the autosave has looked whether it was."""
    token = str(uuid.uuid4())
    if begun:
        save(reason="Ya", once=token)
    real = drafts.subject_of

    def crossing(*args):
        once_only.run(post("/situations/nouvelle", once=token, reason="Yanis"), lambda: "/", draft=KEY)
        return real(*args)

    monkeypatch.setattr(drafts, "subject_of", crossing)
    answer = save(reason="Yanis", once=token)
    assert (answer.status_code, body(answer), Draft.objects.count()) == (200, {"saved": False, "sent": True}, 0)


def test_a_form_whose_draft_goes_under_the_pause_being_kept_answers_without_an_error(monkeypatch):
    def gone(*args, **kwargs):
        raise AlreadyDone

    monkeypatch.setattr(drafts, "save", gone)
    answer = save(reason="Yanis")
    assert (answer.status_code, body(answer)) == (200, {"saved": False, "sent": True})


@pytest.mark.parametrize(("seconds", "kept"), [(9, False), (11, True)])
def test_words_typed_later_on_a_page_one_came_back_to_are_kept(seconds, kept):
    token = str(uuid.uuid4())
    once_only.run(post("/situations/nouvelle", once=token), lambda: "/")
    request = post(f"/brouillons/{KEY}", once=token, reason="Yanis")
    request.now = NOW + timedelta(seconds=seconds)
    assert body(views.draft(request, KEY))["saved"] is kept


@pytest.fixture
def lists():
    town = Territory.objects.create(id=TERRITORY_ID, kind="commune", name="Miramont", prefix="MIR")
    actions.open_territory(town, by=audit.system_actor(), now=NOW)
    return town


def once(**data):
    return {"once": str(uuid.uuid4())} | data


def test_the_page_of_lists_shows_and_changes_them(lists):
    page = views.local_lists(get("/listes/"))
    assert "Programme de réussite éducative (PRE)" in page.content.decode()
    added = views.add_item(post("/listes/ajouter", **once(list_code="scheme", label="Boxe éducative")))
    assert (added.status_code, added["Location"]) == (302, "/listes/")
    item = LocalItem.objects.get(label="Boxe éducative")
    views.rename_item(post(f"/listes/{item.pk}/renommer", **once(label="Boxe")), item.pk)
    views.change_item(post(f"/listes/{item.pk}/fermer", **once()), item.pk, "fermer")
    item.refresh_from_db()
    assert (item.label, item.valid_to is not None) == ("Boxe", True)


def test_a_refused_label_comes_back_with_its_reason(lists):
    page = views.add_item(post("/listes/ajouter", **once(list_code="scheme", label="Mission locale")))
    html = page.content.decode()
    assert page.status_code == 422
    assert "Ce libellé est déjà dans la liste." in html
    assert 'value="Mission locale"' in html
    assert views.add_item(post("/listes/ajouter", **once(list_code="other", label="x"))).status_code == 422


def test_an_unknown_change_is_absent(lists):
    item = LocalItem.objects.first()
    with pytest.raises(AccessRefused):
        views.change_item(post("/listes/x/effacer", **once()), item.pk, "effacer")


def test_school_holidays_on_screen():
    page = views.school_holidays(get("/vacances-scolaires/"))
    assert "Aucune date" in page.content.decode()
    sent = once(zone="B", label="Noël", starts_on="19/12/2026", ends_on="03/01/2027")
    views.school_holidays(post("/vacances-scolaires/", **sent))
    row = SchoolHoliday.objects.get()
    assert (row.starts_on, row.ends_on) == (date(2026, 12, 19), date(2027, 1, 3))
    again = views.school_holidays(post("/vacances-scolaires/", **sent | once()))
    assert (again.status_code, "D’autres vacances" in again.content.decode()) == (422, True)
    views.delete_school_holiday(post(f"/vacances-scolaires/{row.pk}/supprimer", **once()), row.pk)
    assert not SchoolHoliday.objects.exists()
