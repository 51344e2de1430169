"""Two people changed the same record: show both versions, field by field, and lose nothing (R-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework.casefile import once, revision
from casework.errors import ConflictRefused

_NOT_KEPT = frozenset({"csrfmiddlewaretoken", once.FIELD})


@dataclass(frozen=True)
class Option:
    """One box of a field with several answers, and who ticked it."""

    value: str
    label: str
    mine: bool
    theirs: bool


@dataclass(frozen=True)
class Line:
    """One field that differs. `mine` and `theirs` are what a form posts, the `_text` what a person reads."""

    name: str
    label: str
    mine: str
    theirs: str
    mine_text: str
    theirs_text: str
    options: tuple[Option, ...] = ()


def resolve(
    request: HttpRequest,
    form: forms.BaseForm,
    exc: ConflictRefused,
    *,
    current: Mapping[str, Any],
    who: str = "",
    changed_at: datetime | None = None,
    template: str = "casefile/conflict.html",
    back: str = "",
) -> HttpResponse:
    """Return the page (409) that shows, for each field that differs, « le leur » and « le mien ».

    `current` holds the fields as they are now, by field name, in Python values, opened under the read gate
    and cut to what this viewer may see. A field absent from it is kept as typed. `who` names a service
    (« la MDS »), never a person. The page posts again to the same address, with the new revision: each choice
    is an input of the field's own name, so the view that raised the conflict needs nothing more.
    """
    lines: list[Line] = []
    prefixed = form.add_prefix(revision.FIELD)
    sent_as = prefixed if prefixed in request.POST else revision.FIELD
    kept: list[tuple[str, str]] = [(sent_as, str(exc.current_revision))]
    shown = {*_NOT_KEPT, sent_as}
    for name, field in form.fields.items():
        posted = form.add_prefix(name)
        if name == revision.FIELD or name not in current or isinstance(field, forms.FileField):
            continue
        if (line := _line(form, name, field, current[name])) is not None:
            shown.add(posted)
            lines.append(line)
    kept += [(n, v) for n, values in request.POST.lists() if n not in shown for v in map(str, values)]
    context = {"lines": lines, "kept": kept, "who": who, "changed_at": changed_at, "back": back}
    response = render(request, template, context, status=409)
    if getattr(request, "htmx", False):
        # htmx swaps nothing on 409: show the whole page in place of the fragment.
        response.status_code = 200
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "innerHTML"
    return response


def _line(form: forms.BaseForm, name: str, field: forms.Field, now: Any) -> Line | None:
    """Return the line of a field, or None when both versions say the same."""
    posted = form.add_prefix(name)
    mine = _posted_values(field, form.data, posted)
    theirs = _values(field, now)
    if _same(field, mine, theirs):
        return None
    label = str(field.label or name.replace("_", " ").capitalize())
    options: tuple[Option, ...] = ()
    if _is_multiple(field):
        choices = dict(_choices(field))
        wanted = list(dict.fromkeys([*theirs, *mine]))
        options = tuple(Option(v, choices.get(v, v), v in mine, v in theirs) for v in wanted)
    return Line(
        posted,
        label,
        mine[0] if mine else _empty(field),
        theirs[0] if theirs else _empty(field),
        _text(field, mine),
        _text(field, theirs),
        options,
    )


def _is_multiple(field: forms.Field) -> bool:
    return bool(getattr(field.widget, "allow_multiple_selected", False))


def _empty(field: forms.Field) -> str:
    return "false" if isinstance(field, forms.BooleanField) else ""


def _posted_values(field: forms.Field, data: Any, posted: str) -> list[str]:
    """Return the raw values this field was posted with; nothing typed is no value."""
    if isinstance(field, forms.BooleanField):
        ticked = field.widget.value_from_datadict(data, {}, posted)
        return ["true"] if ticked else []
    values = data.getlist(posted) if hasattr(data, "getlist") else [data.get(posted, "")]
    return [str(value) for value in values if str(value) != ""]


def _values(field: forms.Field, value: Any) -> list[str]:
    """Return a Python value as the widget would post it."""
    if value is None or value == "" or value is False:
        return []
    if isinstance(field, forms.BooleanField):
        return ["true"]
    prepared = field.prepare_value(value)
    if isinstance(prepared, list | tuple | set | frozenset):
        return [str(item) for item in prepared]
    formatted = field.widget.format_value(prepared)
    if isinstance(formatted, list | tuple):
        return [str(item) for item in formatted if str(item) != ""]
    return [] if formatted in (None, "") else [str(formatted)]


def _same(field: forms.Field, mine: list[str], theirs: list[str]) -> bool:
    if _is_multiple(field):
        return sorted(mine) == sorted(theirs)
    if mine == theirs:
        return True
    if not mine or not theirs:
        return not mine and not theirs
    return bool(_normal(field, mine[0]) == _normal(field, theirs[0]))


def _normal(field: forms.Field, value: str) -> Any:
    """Return a value to compare: « 8/12/2026 » and « 2026-12-08 » are the same day."""
    try:
        return field.to_python(value.replace("\r\n", "\n"))
    except forms.ValidationError:
        return value


def _choices(field: forms.Field) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for value, label in getattr(field, "choices", ()):
        if isinstance(label, list | tuple):
            pairs += [(str(v), str(text)) for v, text in label]
        else:
            pairs.append((str(value), str(label)))
    return pairs


def _text(field: forms.Field, values: list[str]) -> str:
    if isinstance(field, forms.BooleanField):
        return "oui" if values else "non"
    labels = dict(_choices(field))
    return ", ".join(labels.get(value, value) for value in values)
