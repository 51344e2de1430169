"""What the pages of exclusion support share: their doors, the address of one support."""

from __future__ import annotations

from django.urls import reverse

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member

looks = member(Action.VIEW, DataClass.EXCLUSION)
writes = member(Action.CHANGE, DataClass.EXCLUSION)
sends = member(Action.CREATE, DataClass.EXCLUSION_REASON)
"""The school: it alone writes the reason of a sanction (row 27)."""


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one support, at one of its parts."""
    return reverse("exclusion_support:page", args=[pk]) + (f"#{anchor}" if anchor else "")
