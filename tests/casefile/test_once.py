"""R-07: double click, refresh, back, two tabs, retry after a lost answer: one act, one event, one answer."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import drafts, once
from casework.casefile.models import Draft, OnceToken
from casework.errors import GuardRefused, InputRefused
from tests.casefile.support import NADIA, NOW, SAMIR, Parcel, State, apart, make_table, post

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("R-07")]


@pytest.fixture(autouse=True)
def _table():
    make_table()


def token():
    return str(uuid.uuid4())


def pack(by=NADIA, url=""):
    """The action of these tests: one row, one event."""
    with audit.writing(by, now=NOW) as w:
        box = Parcel.objects.create(state=State.PACKED)
        w.note(audit.Act.CREATE, box)
    return url or f"/colis/{box.pk}"


def counts():
    return Parcel.objects.count(), AuditEvent.objects.filter(act="create").count()


def test_the_hidden_field_holds_a_fresh_random_token():
    first, second = once.hidden_field(), once.hidden_field()
    assert first != second
    assert re.fullmatch(r'<input type="hidden" name="once" value="[0-9a-f-]{36}">', first)


def test_a_second_submit_gets_the_answer_of_the_first():
    same = token()
    first = once.run(post(once=same, note="fragile"), pack)
    second = once.run(post(once=same, note="fragile"), pack)
    assert counts() == (1, 1)
    assert (second.status_code, second["Location"]) == (302, first["Location"])


def test_two_forms_are_two_acts():
    once.run(post(once=token()), pack)
    once.run(post(once=token()), pack)
    assert counts() == (2, 2)


def test_a_submit_that_arrives_while_the_first_is_carried_out_waits_for_its_answer():
    same, answers = token(), []

    def overtaken():
        answers.append(apart(lambda: once.run(post(once=same), pack)))
        return pack()

    late = once.run(post(once=same), overtaken)
    assert counts() == (1, 1)
    assert late["Location"] == answers[0]["Location"]


def test_a_submit_refused_because_the_first_has_just_succeeded_gets_its_answer():
    same, answers = token(), []

    def overtaken():
        answers.append(apart(lambda: once.run(post(once=same), pack)))
        raise GuardRefused("Ce colis est déjà parti.")

    assert once.run(post(once=same), overtaken)["Location"] == answers[0]["Location"]


def test_a_refusal_leaves_the_token_free():
    same = token()

    def refused():
        with audit.writing(NADIA, now=NOW):
            raise GuardRefused("Indiquez une adresse.")

    with pytest.raises(GuardRefused):
        once.run(post(once=same), refused)
    assert OnceToken.objects.count() == 0
    once.run(post(once=same), pack)
    assert counts() == (1, 1)


def test_the_token_is_taken_in_the_transaction_of_the_act():
    def dies_before_commit():
        with audit.writing(NADIA, now=NOW):
            assert OnceToken.objects.count() == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        once.run(post(once=token()), dies_before_commit)
    assert OnceToken.objects.count() == 0


def test_an_answer_known_beforehand_survives_a_crash_just_after_the_act():
    same = token()

    def dies_after_commit():
        pack()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        once.run(post(once=same), dies_after_commit, to="/colis/7")
    again = once.run(post(once=same), pack, to="/colis/7")
    assert counts() == (1, 1)
    assert again["Location"] == "/colis/7"


def test_an_answer_lost_in_a_crash_leads_home_and_the_act_stays_single():
    same = token()

    def dies_after_commit():
        pack()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        once.run(post(once=same), dies_after_commit)
    assert once.run(post(once=same), pack)["Location"] == once.LOST_ANSWER_URL
    assert counts() == (1, 1)


def test_other_words_under_the_same_token_are_neither_done_nor_lost():
    same = token()
    once.run(post(once=same, note="fragile"), lambda: pack(url="/colis/7"))
    page = once.run(post(once=same, note="très fragile, à plat"), pack)
    html = page.content.decode()
    assert (page.status_code, counts()) == (409, (1, 1))
    assert 'name="note" value="très fragile, à plat"' in html
    assert 'href="/colis/7"' in html
    fresh = re.search(r'name="once" value="([^"]+)"', html)
    assert fresh is not None
    assert fresh[1] != same
    once.run(post(once=fresh[1], note="très fragile, à plat"), pack)
    assert counts() == (2, 2)


def test_the_same_token_of_another_mandate_or_page_is_another_form():
    same = token()
    once.run(post(once=same), pack)
    once.run(post(once=same, viewer=SAMIR), lambda: pack(SAMIR))
    once.run(post("/colis/2/envoyer", once=same), pack)
    assert counts() == (3, 3)


@pytest.mark.parametrize("data", [{}, {"once": ""}, {"once": "not-a-token"}])
def test_a_form_without_token_is_refused(data):
    with pytest.raises(InputRefused):
        once.run(post(**data), pack)
    assert counts() == (0, 0)


def test_htmx_is_redirected_by_its_header():
    same = token()
    for _ in range(2):
        answer = once.run(post(once=same, htmx=True), lambda: pack(url="/colis/9"))
        assert (answer.status_code, answer["HX-Redirect"]) == (200, "/colis/9")
    assert counts() == (1, 1)


def test_an_act_that_writes_nothing_keeps_its_answer_too():
    same = token()
    assert once.run(post(once=same), lambda: "/rien")["Location"] == "/rien"
    assert once.run(post(once=same), pack)["Location"] == "/rien"
    assert counts() == (0, 0)


def test_the_draft_goes_with_the_act_and_stays_with_a_refusal():
    drafts.save(NADIA, "depot.new", {"note": ["fragile"]}, now=NOW)
    drafts.save(SAMIR, "depot.new", {"note": ["à moi"]}, now=NOW)

    def refused():
        with audit.writing(NADIA, now=NOW):
            raise GuardRefused("Indiquez une adresse.")

    with pytest.raises(GuardRefused):
        once.run(post(once=token()), refused, draft="depot.new")
    assert Draft.objects.count() == 2
    once.run(post(once=token()), pack, draft="depot.new")
    assert [draft.mandate_id for draft in Draft.objects.all()] == [SAMIR.mandate_id]


def test_a_draft_begun_while_the_act_is_committed_goes_too():
    def act():
        pack()
        drafts.save(NADIA, "depot.new", {"note": ["fragile"]}, now=NOW)
        return "/"

    once.run(post(once=token()), act, draft="depot.new")
    assert not Draft.objects.exists()


def test_neither_token_nor_words_are_kept():
    same = token()
    once.run(post(once=same, note="Yanis"), pack)
    row = OnceToken.objects.values().get()
    assert same not in str(row)
    assert same.replace("-", "") not in str(row)
    assert "Yanis" not in str(row)


def test_old_tokens_are_forgotten():
    once.run(post(once=token()), pack)
    assert once.purge(NOW + timedelta(days=6)) == 0
    assert once.purge(NOW + timedelta(days=8)) == 1


def test_a_visitor_without_account_is_protected_too():
    same = token()
    for _ in range(2):
        once.run(post(once=same, viewer=None), lambda: pack(replace(NADIA, mandate_id=None)))
    assert counts() == (1, 1)
