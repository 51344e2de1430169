"""R-06: two versions side by side; whatever one chooses, nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django import forms
from django.http import QueryDict

from casework.casefile import conflict
from casework.errors import ConflictRefused
from tests.casefile.support import NOW, post

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.attack("R-06")]


class ActionForm(forms.Form):
    """A form with one field of each kind."""

    precision = forms.CharField(label="Précision", required=False)
    due_on = forms.DateField(label="Échéance", required=False)
    owner = forms.ChoiceField(label="Porteur", choices=[("pjj", "PJJ"), ("mds", "MDS")], required=False)
    services = forms.MultipleChoiceField(
        label="Services", choices=[("a", "ADDAP"), ("m", "MDS"), ("p", "PJJ")], required=False
    )
    urgent = forms.BooleanField(label="Urgent", required=False)


CURRENT = {
    "precision": "leur <texte>",
    "due_on": date(2026, 12, 15),
    "owner": "mds",
    "services": ["a", "m"],
    "urgent": False,
}


def page(form_class=ActionForm, current=CURRENT, *, htmx=False, prefix=None, **typed):
    request = post("/actions/1", htmx=htmx, **typed)
    form = form_class(request.POST, prefix=prefix)
    response = conflict.resolve(
        request, form, ConflictRefused(current_revision=7), current=current, who="la MDS", changed_at=NOW
    )
    return response, response.content.decode()


def submitted(html, choose="mine"):
    """Return what the browser would post again, taking my text or theirs for each field."""
    data = QueryDict(mutable=True)
    form = html[html.index('<form method="post" action="/actions/1"') :]
    form = form[: form.index("</form>")]
    for tag in re.findall(r"<input[^>]*>", form):
        parts = {k: unescape(v) for k, v in re.findall(r'(\w+)="([^"]*)"', tag)}
        kind, name, value = parts["type"], parts["name"], parts.get("value", "")
        if kind == "hidden" or (kind == "checkbox" and " checked" in tag):
            data.appendlist(name, value)
        if kind == "radio" and parts["id"].startswith(choose[0]):
            data.appendlist(name, value)
    return data


TYPED = {
    "precision": "mon texte « à moi »\r\nsur deux lignes", "due_on": "16/12/2026", "owner": "pjj",
    "services": ["m", "p"], "urgent": "on", "revision": "3", "once": "t", "from_page": "salle",
}  # fmt: skip


def test_the_page_shows_both_versions_and_who_changed_it_when():
    response, html = page(**TYPED)
    assert response.status_code == 409
    assert "modifiée par la MDS à 14:02" in html
    for text in ("leur &lt;texte&gt;", "mon texte « à moi »", "Garder mon texte", "Reprendre le leur", "Précision"):
        assert text in html
    assert "<strong>Reprendre le leur</strong><br>MDS" in html
    assert "<strong>Garder mon texte</strong><br>PJJ" in html
    assert "<strong>Reprendre le leur</strong><br>non" in html


def test_keeping_mine_posts_all_i_typed_on_the_new_revision():
    _, html = page(**TYPED)
    again = submitted(html, "mine")
    form = ActionForm(again)
    assert form.is_valid()
    mine = ActionForm(post(**TYPED).POST)
    assert mine.is_valid()
    assert form.cleaned_data == mine.cleaned_data
    assert again.getlist("revision") == ["7"]
    assert again["from_page"] == "salle"
    assert again["once"] != "t"


def test_taking_theirs_posts_what_is_stored():
    _, html = page(**TYPED)
    form = ActionForm(submitted(html, "theirs"))
    assert form.is_valid()
    cleaned = form.cleaned_data
    assert (cleaned["precision"], cleaned["due_on"], cleaned["owner"], cleaned["urgent"]) == (
        "leur <texte>", date(2026, 12, 15), "mds", False,
    )  # fmt: skip


def test_boxes_are_shown_one_by_one_with_who_ticked_them():
    _, html = page(**TYPED)
    for label, whose in (("ADDAP", "l’autre version"), ("MDS", "dans les deux versions"), ("PJJ", "votre version")):
        assert f'{label} <span class="cw-soft">({whose})' in html


def test_what_both_say_is_not_asked_and_not_lost():
    same = {"precision": "leur <texte>", "due_on": "15/12/2026", "owner": "mds", "services": ["m", "a"]}
    _, html = page(**same, revision="3")
    assert 'type="radio"' not in html
    assert "vous pouvez enregistrer" in html
    form = ActionForm(submitted(html))
    assert form.is_valid()
    assert form.cleaned_data["due_on"] == date(2026, 12, 15)
    assert sorted(form.cleaned_data["services"]) == ["a", "m"]


def test_a_field_the_viewer_may_not_see_is_kept_and_never_compared():
    _, html = page(current={"owner": "mds"}, **TYPED)
    assert html.count("Reprendre le leur") == 1
    assert "leur &lt;texte&gt;" not in html
    assert submitted(html)["precision"] == TYPED["precision"]


def test_an_empty_side_is_said_and_can_be_chosen():
    _, html = page(**TYPED | {"precision": ""})
    assert '<span class="cw-soft">(vide)</span>' in html
    assert submitted(html, "mine")["precision"] == ""
    assert submitted(html, "theirs")["precision"] == "leur <texte>"


def test_prefixed_forms_keep_their_names():
    typed = {"p-precision": "mien", "p-revision": "3"}
    _, html = page(prefix="p", current={"precision": "leur"}, **typed)
    again = submitted(html, "mine")
    assert (again["p-precision"], again.getlist("p-revision"), "revision" in again) == ("mien", ["7"], False)


def test_in_a_fragment_the_whole_page_takes_the_place():
    response, _ = page(htmx=True, **TYPED)
    assert (response.status_code, response["HX-Retarget"]) == (200, "body")
