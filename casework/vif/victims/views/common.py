"""What the views of the victim's side share."""

from __future__ import annotations

from django.urls import reverse

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member

writes = member(Action.CHANGE, DataClass.VIF_VICTIM)
looks = member(Action.VIEW, DataClass.VIF_VICTIM)
reveals = member(Action.REVEAL, DataClass.VIF_LOCATION)
places_writes = member(Action.CHANGE, DataClass.VIF_LOCATION)


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one support, at one of its parts."""
    return reverse("victims:page", args=[pk]) + (f"#{anchor}" if anchor else "")
