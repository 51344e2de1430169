"""A day typed by hand: every form refuses the year 0026, and one field does it for all."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms

import casework
from casework.access.days import UNREADABLE, WRONG_YEAR, FrenchDateField

ROOT = Path(casework.__file__).parent
READERS = {"access/days.py", "desk/templatetags/casework.py"}  # the field itself; what a widget shows


def every_form() -> Iterator[type[forms.BaseForm]]:
    """Yield each form of the project, once all its modules are loaded."""
    for found in pkgutil.walk_packages(casework.__path__, "casework."):
        if not {"migrations", "management", "passkeys"} & set(found.name.split(".")):
            importlib.import_module(found.name)
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            if child.__module__.startswith("casework."):
                yield child


def test_the_year_0026_is_refused_by_every_form() -> None:
    seen = 0
    for form in set(every_form()):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.DateField):
                seen += 1
                for typed in ("0026-03-12", "12/03/0026", "20266-03-12"):
                    with pytest.raises(forms.ValidationError):
                        assert f"{form.__name__}.{name} takes {field.clean(typed)}" == ""
    assert seen >= 15


def test_no_room_makes_a_date_field_of_its_own() -> None:
    own = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in READERS
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("DateField", "DateTimeField", "SplitDateTimeField")
            and isinstance(node.value, ast.Name) and node.value.id == "forms")
    ]  # fmt: skip
    assert own == []


@pytest.mark.parametrize("typed", ["12/03/2011", "12.03.2011", "12-03-2011", "2011-03-12", "12/03/11"])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert str(FrenchDateField().clean(typed)) == "2011-03-12"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0026-03-12", WRONG_YEAR), ("12/03/0206", WRONG_YEAR), ("mars", UNREADABLE), ("31/02/2011", UNREADABLE)],
)
def test_what_is_wrong_is_said(typed: str, said: str) -> None:
    with pytest.raises(forms.ValidationError) as refusal:
        FrenchDateField().clean(typed)
    assert refusal.value.messages == [said]
