"""What the views about phones share."""

from __future__ import annotations

from django.urls import reverse

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member

lists = member(Action.LIST, DataClass.TGD)
looks = member(Action.VIEW, DataClass.TGD)
writes = member(Action.CHANGE, DataClass.TGD)
stock_looks = member(Action.LIST, DataClass.TGD_STOCK)
reveals = member(Action.REVEAL, DataClass.VIF_LOCATION)


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one allocation, at one of its parts."""
    return reverse("phones:page", args=[pk]) + (f"#{anchor}" if anchor else "")
