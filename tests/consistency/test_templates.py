"""Templates hold nothing that the browser would refuse, and none is forgotten."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.consistency.project import modules, template_name, templates

COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"hx-on", re.IGNORECASE),
    "evaluated JavaScript": re.compile(r"[\"'](?:js|javascript):", re.IGNORECASE),
    "an outside host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "an unescaped value": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
}


@pytest.mark.attack("T-51")
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = [str(path) for path, text in templates().items() if FORBIDDEN[what].search(COMMENT.sub("", text))]
    assert not found, found


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an inline style", '<p class="a" style="color:red">'),
        ("an inline script", "<script>alert(1)</script>"),
        ("an event attribute", '<button type="button" onclick="go()">'),
        ("hx-on", '<a hx-on:click="go()">'),
        ("evaluated JavaScript", """<a hx-vals='js:{a: 1}'>"""),
        ("an outside host", '<img src="https://example.org/a.png">'),
        ("an unescaped value", "{{ name|safe }}"),
    ],
)
def test_the_watch_over_templates_sees(what, text):
    assert FORBIDDEN[what].search(text)


def test_a_script_with_a_source_is_allowed():
    assert not FORBIDDEN["an inline script"].search('<script src="/static/a.js" defer></script>')


def named_templates() -> set[str]:
    """Every template named by code or by another template."""
    names: set[str] = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ".html" in node.value:
                names.add(node.value.split("#")[0])
    for text in templates().values():
        names |= {name.split("#")[0] for name in re.findall(r"[\"']([\w./-]+\.html(?:#[\w-]+)?)[\"']", text)}
    return names


def test_every_template_is_used():
    named = named_templates()
    framework = re.compile(r"^django/forms/")
    lost = [
        str(path)
        for path in templates()
        if template_name(path) not in named and not framework.match(template_name(path))
    ]
    assert not lost, lost


def test_every_template_named_exists():
    known = {template_name(path) for path in templates()}
    outside = re.compile(r"^(django|otp|simple_history)/")
    missing = sorted(
        name for name in named_templates() if "/" in name and name not in known and not outside.match(name)
    )
    assert not [name for name in missing if not set("%{:") & set(name)], missing


DJANGO = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
HTML = re.compile(r"<[^>]+>", re.DOTALL)
STRAIGHT = re.compile(r"[a-zà-ÿA-ZÀ-Þ]'[a-zà-ÿA-ZÀ-Þ]")


def visible_text(source: str) -> str:
    """What a reader sees: Django's tags go first, since a comparison in them may hold a « > »."""
    return HTML.sub(" ", DJANGO.sub(" ", COMMENT.sub("", source)))


def test_french_text_carries_the_typographic_apostrophe():
    found = []
    for path, text in templates().items():
        visible = visible_text(text)
        found += [f"{path}: {match.group()}" for match in STRAIGHT.finditer(visible)]
    assert not found, "\n".join(found)


def test_french_text_has_no_straight_quotes_nor_three_dots():
    found = []
    for path, text in templates().items():
        if Path(path).name.endswith(".txt"):
            continue
        visible = visible_text(text)
        found += [f"{path}: {match.group()}" for match in re.finditer(r"\w\.\.\.|\"\w[^\"]*\"", visible)]
    assert not found, "\n".join(found)
