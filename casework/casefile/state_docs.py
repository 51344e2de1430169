"""The transition tables as a document: a diagram and a table each, with French labels and rule ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import autodiscover_modules

from casework.casefile import lifecycle
from casework.casefile.lifecycle import Lifecycle, Move
from casework.partners.codes import Role

PATH = "docs/generated/states.md"
_HEAD = """# États et passages

Écrit par `python manage.py state_docs` d’après les tables `states.py` ; ne pas corriger à la main.
Un passage absent d’une table est refusé. La colonne « Condition » nomme les gardes, fonctions du même `states.py`.
"""


def render() -> str:
    """Return the whole document; loads every `states.py` first."""
    autodiscover_modules("states")
    return "\n".join([_HEAD, *(_section(table) for table in lifecycle.registered())])


def _section(table: Lifecycle[Any]) -> str:
    lines = [f"## {table.title} (`{table.name}`)", "", *_diagram(table), ""]
    lines += ["| De | Vers | Acte | Qui | Condition | Règle |", "|---|---|---|---|---|---|"]
    for (origin, to), move in table.moves.items():
        guards = "<br>".join(_name_of(guard) for guard in move.guards) or "aucune"
        row = (table.label(origin), table.label(to), move.label, _who(move), guards, move.rule)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    final = ", ".join(f"« {table.label(state)} »" for state in table.states if state in table.final)
    return "\n".join([*lines, "", f"États sans suite : {final}.", ""])


def _diagram(table: Lifecycle[Any]) -> list[str]:
    """Return a mermaid diagram; moves of one act into one state from many are drawn one by one."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'  state "{table.label(state)}" as {state.value}' for state in table.states]
    for (origin, to), move in table.moves.items():
        start = "[*]" if origin is None else str(origin.value)
        lines.append(f"  {start} --> {to.value}: {move.label}")
    lines += [f"  {state.value} --> [*]" for state in table.states if state in table.final]
    return [*lines, "```"]


def _who(move: Move) -> str:
    """Return who may, in French: every role is « tous les rôles »."""
    roles = [role for role in Role if role in move.who]
    names = ["tous les rôles"] if len(roles) == len(Role) else [str(role.label) for role in roles]
    return ", ".join([*names, "le système"] if lifecycle.SYSTEM in move.who else names)


def _name_of(guard: Callable[..., Any]) -> str:
    """Return the name of a guard, as code."""
    name = getattr(guard, "__name__", "garde")
    return f"`{name}`"
