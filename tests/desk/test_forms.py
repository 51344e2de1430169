"""Forms say what they ask: label, help, error tied to its field, « (facultatif) »."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django import forms

CHOICES = [("a", "absentéisme"), ("b", "dégradations")]


class Referral(forms.Form):
    surname = forms.CharField(label="Nom", help_text="Comme sur la <carte>")
    born = forms.DateField(label="Naissance")
    reason = forms.ChoiceField(label="Motif", choices=CHOICES)
    told = forms.ChoiceField(label="Prévenue ?", choices=CHOICES, widget=forms.RadioSelect)
    services = forms.MultipleChoiceField(
        label="Services", choices=CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    detail = forms.CharField(label="Précision", required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label="Relu")
    token = forms.CharField(widget=forms.HiddenInput)


def tag(html, name):
    return re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', html).group()


def test_every_field_has_label_and_our_classes():
    html = str(Referral())
    for name, css in (("surname", "form-control"), ("reason", "form-select"), ("detail", "form-control")):
        assert f'for="id_{name}"' in html
        assert css in tag(html, name)
    assert "form-check-input" in tag(html, "told")
    assert "form-check-input" in tag(html, "sure")
    assert "class" not in tag(html, "token")


def test_help_is_escaped():
    assert "Comme sur la &lt;carte&gt;" in str(Referral())


def test_only_optional_fields_say_so():
    html = str(Referral())
    assert html.count("(facultatif)") == 2
    quiet = Referral()
    quiet.hide_optional = True
    assert "(facultatif)" not in str(quiet)


def test_a_group_of_choices_is_a_fieldset_with_its_legend():
    html = str(Referral())
    assert re.search(r"<fieldset[^>]*>\s*<legend[^>]*>Prévenue \?", html)
    assert 'for="id_told_0"' in html


def test_an_error_is_tied_to_its_field_and_summed_up():
    html = str(Referral({"surname": "", "born": "hier", "token": "x"}))
    surname = tag(html, "surname")
    assert 'aria-invalid="true"' in surname
    assert "is-invalid" in surname
    described = re.search(r'aria-describedby="([^"]+)"', surname).group(1).split()
    for name in described:
        assert f'id="{name}"' in html
    assert "id_surname_error" in described
    assert 'role="alert"' in html
    assert '<a href="#id_surname">Nom</a>' in html
    assert '<a href="#id_told_0">Prévenue ?</a>' in html
    assert "5 points à corriger" in html


def test_a_form_without_error_has_no_summary():
    assert "data-errors" not in str(Referral())


@pytest.mark.parametrize(
    ("given", "kind", "shown"),
    [
        ({"initial": {"born": date(2011, 5, 4)}}, "date", "2011-05-04"),
        ({"data": {"born": "04/05/2011"}}, "date", "2011-05-04"),
        ({"data": {"born": "2011-05-04"}}, "date", "2011-05-04"),
        ({"data": {"born": "vers 2011"}}, "text", "vers 2011"),
    ],
)
def test_a_date_keeps_what_was_typed(given, kind, shown):
    born = tag(str(Referral(**given)), "born")
    assert f'type="{kind}"' in born
    assert f'value="{shown}"' in born


def test_a_class_given_by_the_form_stays():
    class Small(forms.Form):
        code = forms.CharField(widget=forms.TextInput(attrs={"class": "cw-code", "readonly": True}))

    code = tag(str(Small()), "code")
    assert 'class="form-control cw-code"' in code
    assert " readonly" in code


def test_a_value_is_escaped_everywhere():
    html = str(Referral({"surname": '"><script>', "detail": "</textarea><script>", "born": "<script>"}))
    assert "<script>" not in html
