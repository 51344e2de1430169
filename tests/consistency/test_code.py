"""The code keeps to the house: who may touch protected rows, which packages where, how French is written."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from casework.sealing.models import SealedModel
from tests.consistency.project import SUBJECT_APPS, modules, our_models

# Rooms that may start from the manager of a protected model (design: no magic manager).
MANAGER_ROOMS = {"models", "reads", "facts", "actions", "states"}
# Parts of reads and actions that grew a module of their own: dates to watch, lines of Mon travail, what the rule of
# the agenda looks at, what follows a merge, what access asks of a room.
MANAGER_ROOMS |= {"deadlines", "work", "candidates", "merge", "access_room"}
# The fictitious town reads what its own actions wrote; production refuses it.
INVENTED = "casework/desk/demo/"
# Counts acts, of nobody: one row never leaves it.
ACTS = "casework/indicators/releases/activity.py"
PROTECTED = {
    model.__name__ for model in our_models() if issubclass(model, SealedModel) and model._meta.app_label in SUBJECT_APPS
}


def room(path: Path) -> str:
    """`casework/minors/followups/actions/referral.py` is in the room `actions`."""
    parts = path.with_suffix("").parts
    return next((part for part in parts if part in MANAGER_ROOMS), parts[-1])


def manager_uses(tree: ast.AST) -> list[tuple[str, int]]:
    return [
        (node.value.id, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("objects", "_default_manager", "_base_manager")
        and isinstance(node.value, ast.Name)
        and node.value.id in PROTECTED
    ]


@pytest.mark.rule("ACL-01")
def test_only_five_rooms_start_from_protected_rows():
    found = [
        f"{path}:{line} {name}.objects"
        for path, tree in modules().items()
        if room(path) not in MANAGER_ROOMS and not str(path).startswith((INVENTED, ACTS))
        for name, line in manager_uses(tree)
    ]
    assert not found, "\n".join(found)


def test_the_watch_over_managers_sees_one():
    name = sorted(PROTECTED)[0]
    assert manager_uses(ast.parse(f"{name}.objects.all()")) == [(name, 1)]
    assert room(Path("casework/minors/followups/views.py")) == "views"
    assert room(Path("casework/minors/followups/actions/end.py")) == "actions"


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


HOMES = {
    "guardian": ("casework/access/",),
    "cryptography": ("casework/sealing/", "casework/audit/"),
    "simple_history": ("casework/sealing/",),
    "typst": ("casework/casefile/",),
    "odfdo": ("casework/casefile/",),
    "django.contrib.admin": (),
    "django.dispatch": (),
    "django.db.models.signals": (),
    "pickle": (),
    "unittest": (),
    "django.core.cache": (),
}


@pytest.mark.parametrize("package", HOMES)
def test_each_package_stays_in_its_home(package):
    found = [
        str(path)
        for path, tree in modules().items()
        if any(name == package or name.startswith(package + ".") for name in imported(tree))
        and not str(path).startswith(HOMES[package])
    ]
    assert not found or HOMES[package], found
    assert not [path for path in found if not path.startswith(HOMES[package] or ("-",))], found


@pytest.mark.parametrize(
    "call",
    [
        "has_perm",
        "get_objects_for_user",
        "assign_perm",
        "bulk_update_with_history",
        "save_without_historical_record",
    ],
)
def test_no_call_walks_round_the_rules(call):
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", None) == call or getattr(node.func, "id", None) == call)
    ]
    assert not found, found


ELISION = re.compile(r"\b(?:l|d|n|s|c|j|m|t|qu|jusqu|lorsqu|puisqu|aujourd)'[a-zà-ÿA-ZÀ-Þ]", re.IGNORECASE)


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }


def test_french_strings_carry_the_typographic_apostrophe():
    found = []
    for path, tree in modules().items():
        skipped = docstrings(tree)
        found += [
            f"{path}:{node.lineno} {node.value[:60]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
            and ELISION.search(node.value)
            and not node.value.startswith("'")
        ]
    assert not found, "\n".join(found)


def test_no_module_prints_or_swallows():
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                raise AssertionError(f"{path}:{node.lineno} bare except")


def test_every_module_says_what_it_is_for():
    silent = [
        str(path)
        for path, tree in modules().items()
        if path.name not in ("__init__.py", "apps.py") and not ast.get_docstring(tree)
    ]
    assert not silent, silent


def role_names(tree: ast.AST) -> list[int]:
    """Lines that compare somebody's role with a role by name: a decision that belongs to the matrix."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(side, ast.Attribute) and side.attr == "role" for side in (node.left, *node.comparators))
        and any(
            (isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "Role")
            or (isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value)
            for side in (node.left, *node.comparators)
            for part in ast.walk(side)
        )
    ]


# The floor that applies the matrix, and what the directory of partners asks before there is a matrix to ask.
DECIDES = ("casework/access/", "casework/partners/rights.py")


@pytest.mark.rule("GDP-15")
def test_only_the_matrix_decides_by_the_name_of_a_role():
    """The role is a column of the matrix: everything else asks decide(), a ceiling or facts.coordinates."""
    found = [
        f"{path}:{line}"
        for path, tree in modules().items()
        if not str(path).startswith(DECIDES)
        for line in role_names(tree)
    ]
    assert not found, "\n".join(found)


def test_the_watch_over_roles_sees_one():
    for text in ("viewer.role == Role.DPO", "r.viewer.role in (Role.DPO, Role.PJJ)", "by.role != 'prosecutor'"):
        assert role_names(ast.parse(text)) == [1]
    assert not role_names(ast.parse("ceiling(viewer.role, Action.VIEW, each); found.role != viewer.role"))
