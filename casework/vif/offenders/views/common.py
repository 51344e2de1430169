"""What the views of measures share."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from casework.vif.offenders.models import ObligationType


def page_url(pk: object, anchor: str = "") -> str:
    """Return the address of one measure, at one of its parts."""
    return reverse("measures:page", args=[pk]) + (f"#{anchor}" if anchor else "")


def offered(frame: str, on: date) -> list[tuple[str, str]]:
    """Return the obligations of a frame in force on a day, with their article, as a form offers them."""
    rows = ObligationType.objects.filter(frame=frame).valid_on(on).order_by("position")
    return [(row.code, f"{row.label} ({row.legal_ref})") for row in rows]
