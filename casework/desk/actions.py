"""What an agent changes for itself on the desk."""

from __future__ import annotations

from casework.partners.models import Agent


def hide_names(agent: Agent, *, hide: bool) -> None:
    """Show numbers, initials and age bands instead of names on this agent's screens, or names again."""
    if agent.hide_names is not hide:
        agent.hide_names = hide
        agent.save(update_fields=["hide_names"])
