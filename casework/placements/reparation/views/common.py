"""What the views of réparations share."""

from __future__ import annotations

from django.urls import reverse


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one réparation, at one of its parts."""
    return reverse("reparation:page", args=[pk]) + (f"#{anchor}" if anchor else "")
