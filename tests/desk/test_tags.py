"""Filters and small parts of templates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import engines

from casework.desk.icons import ICONS
from casework.desk.templatetags.casework import STATES

TODAY = date(2026, 12, 3)


def show(source, **context):
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ v|day }}", date(2026, 12, 8), "mardi 8 décembre 2026"),
        ("{{ v|day }}", None, ""),
        ("{{ v|day }}", datetime(2026, 12, 7, 23, 30, tzinfo=UTC), "mardi 8 décembre 2026"),
        ("{{ v|short_day }}", date(2026, 12, 8), "8 déc."),
        ("{{ v|numeric_day }}", date(2026, 12, 8), "08/12/2026"),
        ("{{ v|when:today }}", date(2026, 12, 6), "dans 3 jours"),
        ("{{ v|when:today }}", date(2026, 11, 21), "en retard de 12 jours"),
        ("{{ v|ago:today }}", date(2026, 12, 2), "hier"),
        ("{{ v|hour }}", datetime(2026, 12, 7, 13, 2, tzinfo=UTC), "14:02"),
        ("{{ v|duration }}", 2130, "35 h 30"),
        ("{{ v|duration }}", None, ""),
        ('{{ v|plural:"situation" }}', 3, "3 situations"),
        ("{{ v|age:today }}", date(2011, 12, 4), "14 ans"),
        ("{{ v|nb }}", "Actifs ?", "Actifs\u202f?"),
    ],
)
def test_values_read_as_people_say_them(source, value, expected):
    assert show(source, v=value, today=TODAY) == expected


@pytest.mark.parametrize("kind", STATES)
def test_a_state_is_a_word_and_a_shape(kind):
    html = show("{% state word kind %}", word="<fait>", kind=kind)
    assert "&lt;fait&gt;" in html
    assert "<svg" in html
    assert f"cw-state-{kind}" in html


def test_states_have_different_shapes():
    assert len(set(STATES.values())) == len(STATES)


def test_an_icon_is_silent_or_named():
    assert 'aria-hidden="true"' in show('{% icon "lock" %}')
    assert 'aria-label="verrouillé"' in show('{% icon "lock" label="verrouillé" %}')
    with pytest.raises(KeyError):
        show('{% icon "licorne" %}')


def test_no_icon_carries_style_or_colour():
    for name, shape in ICONS.items():
        assert "style" not in shape, name
        assert "fill" not in shape, name


def test_parts_are_shown_with_their_words():
    steps = [{"label": "Reçue", "state": "done"}, {"label": "Suivie", "state": "current"}]
    html = show('{% include "components/stepper.html" %}', steps=steps)
    assert 'aria-current="step"' in html
    assert 'aria-label="fait"' in html
    items = [{"on": TODAY, "title": "Entrée", "kind": "ok"}]
    html = show('{% include "components/timeline.html" %}', items=items)
    assert 'datetime="2026-12-03"' in html
    assert "jeudi 3 décembre 2026" in html
    assert "Brouillon du" in show('{% include "components/draft.html" %}', saved_at=datetime(2026, 12, 7, tzinfo=UTC))
    assert 'role="alert"' in show('{% include "components/banner.html" with kind="danger" text="Non" %}')


def test_pages_of_a_list_keep_their_filters():
    from django.core.paginator import Paginator

    page = Paginator(range(30), 10).page(2)
    html = show('{% include "components/pager.html" %}', page=page, query="secteur=2")
    assert "?secteur=2&amp;page=1" in html
    assert "?secteur=2&amp;page=3" in html
    assert "Page 2 sur 3" in html
