"""`make docs`: regenerate docs/generated, what can be read off the code: columns, whose key, access.

The tables of states are written by `manage.py state_docs`, called here too.

`--check` writes nothing and returns 1 when a page is stale.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "generated"
HEADER = "<!-- Made by `make docs`. Do not edit. -->\n\n"


def data_dictionary() -> str:
    """Return every column of every model of ours: sealed under which key, or clear and why."""
    from django.apps import apps

    from casework.sealing.fields import SealedField

    lines = ["# Data dictionary", "", "Sealed columns say label, drawer and class of data; clear ones say why.", ""]
    for config in apps.get_app_configs():
        if not config.name.startswith("casework."):
            continue
        for model in config.get_models():
            if any(field.name == "history_id" for field in model._meta.fields):
                continue
            reasons: dict[str, str] = getattr(getattr(model, "Confidentiality", None), "clear", {})
            lines += [f"## {model._meta.label}: {model._meta.verbose_name}", "", "| column | what | |", "|---|---|---|"]
            for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
                if isinstance(field, SealedField):
                    lines.append(f"| {field.name} | sealed, {field.drawer} | {field.data_class} · `{field.label}` |")
                else:
                    lines.append(f"| {field.name} | clear | {reasons.get(field.name, '')} |")
            lines.append("")
    return "\n".join(lines)


def access_matrix() -> str:
    """Return the table role × class of data."""
    from casework.access.matrix import Cell, DataClass, cell
    from casework.partners.codes import Role

    roles = [role for role in Role if any(cell(role, data_class) is not Cell.NOTHING for data_class in DataClass)]
    lines = [
        "# Who may see what", "", "Legend: casework/access/matrix.py.", "",
        "| | " + " | ".join(str(role) for role in roles) + " |", "|---" * (len(roles) + 1) + "|",
    ]  # fmt: skip
    lines += [
        f"| {data_class} | " + " | ".join(cell(role, data_class) for role in roles) + " |" for data_class in DataClass
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the pages, or with --check say which are stale."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    pages = {"data_dictionary.md": data_dictionary(), "access_matrix.md": access_matrix()}
    from django.core.management import CommandError, call_command

    check = "--check" in sys.argv
    stale = []
    try:
        call_command("state_docs", check=check, verbosity=0, stdout=io.StringIO())
    except CommandError:
        stale.append("states.md")
    for name, text in pages.items():
        path = TARGET / name
        wanted = HEADER + text.rstrip() + "\n"
        if not path.exists() or path.read_text() != wanted:
            stale.append(name)
            if not check:
                TARGET.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted)
    if stale:
        print(("stale, run `make docs`: " if check else "written: ") + ", ".join(stale))
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
