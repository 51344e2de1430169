"""The one field where a telephone number is typed: it is dialled from a screen. On the lowest floor that has forms."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

UNREADABLE = "Tapez un numéro de téléphone, par exemple 04 94 00 00 00."
_NUMBER: Final = r"(?:\+\d{8,15}|00\d{8,13}|0\d{9}|3\d{3}|1\d{1,2}|11\d{4})"
_GAPS: Final = re.compile(r"[\s.\-()\u2010-\u2015]")
_POST: Final = re.compile(r"^(.*?)(?:,?\s*(?:poste|p\.)\s*\d{1,6})?$", re.IGNORECASE)


class TelephoneField(forms.CharField):
    """A number as people type it, kept as it was typed: 04 94 00 00 00 poste 12, +33 6…, 3919."""

    def __init__(self, *, label: str = "Téléphone", max_length: int = 30, **kwargs: Any) -> None:
        super().__init__(
            label=label, max_length=max_length, widget=forms.TextInput(attrs={"inputmode": "tel"}), **kwargs
        )

    def clean(self, value: Any) -> str:
        """Return the number. Raises ValidationError on what cannot be dialled."""
        typed: str = super().clean(value)
        dialled = _GAPS.sub("", _POST.sub(r"\1", typed).replace("(0)", ""))
        if typed and not re.fullmatch(_NUMBER, dialled, re.ASCII):
            raise forms.ValidationError(UNREADABLE, code="telephone")
        return typed
