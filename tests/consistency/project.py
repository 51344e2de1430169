"""How consistency tests read the project: its models, its modules, its templates."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "casework"
# The apps that hold files of a subject: their sealed rows are touched by few rooms and reach no template.
SUBJECT_APPS = frozenset(
    {
        "followups",
        "group_sessions",
        "hosts",
        "tig",
        "reparation",
        "returns",
        "vif_victims",
        "vif_offenders",
        "vif_phones",
        "exclusion_support",
    }
)


def our_models() -> list[type[models.Model]]:
    """Every concrete model of ours, history models left out (they copy the live ones)."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("casework.")
        for model in config.get_models()
        if not is_history(model)
    ]


def is_history(model: type[models.Model]) -> bool:
    """True for the tables that keep what a row was."""
    return hasattr(model, "history_id") or any(field.name == "history_id" for field in model._meta.fields)


@cache
def modules() -> dict[Path, ast.Module]:
    """Every Python file of the product, parsed; migrations left out."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text())
        for path in sorted([*CODE.rglob("*.py"), *(ROOT / "config").glob("*.py")])
        if "migrations" not in path.parts
    }


@cache
def templates() -> dict[Path, str]:
    """Every HTML template of the product."""
    return {path.relative_to(ROOT): path.read_text() for path in sorted(CODE.rglob("templates/**/*.html"))}


def template_name(path: Path) -> str:
    """The name under which Django knows a template: what follows `templates/`."""
    parts = path.parts
    return "/".join(parts[parts.index("templates") + 1 :])
