"""A short text that is read over once before it is kept: a warning next to the field, a second send passes (SEC-05)."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from casework.casefile import textguard

PRECISION_HELP = "Une ligne. Ni nom, ni santé, ni faits, ni mesure de justice."


class GuardedForm(forms.Form):
    """Warns once about what should not stand in `guarded` fields; the same words sent again pass."""

    guarded: ClassVar[tuple[str, ...]] = ("precision",)
    # What is looked for; None: everything. A report to a magistrate may name and tell facts, never care (BL-04).
    looked_for: ClassVar[frozenset[textguard.WarningCode] | None] = None
    confirm_text = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Add the warnings to their field, unless these very words were already confirmed."""
        cleaned: dict[str, Any] = super().clean() or {}
        words = {name: cleaned.get(name) or "" for name in self.guarded}
        mark = hashlib.sha256("\0".join(words.values()).encode()).hexdigest()[:16]
        if cleaned.get("confirm_text") == mark:
            return cleaned
        for name, text in words.items():
            for message in dict.fromkeys(
                warning.message
                for warning in textguard.check(text)
                if self.looked_for is None or warning.code in self.looked_for
            ):
                self.add_error(name, f"{message} Pour garder ce texte tel quel, envoyez à nouveau.")
        if self.errors:
            data = QueryDict(mutable=True)
            for name, values in self.data.lists():  # type: ignore[attr-defined]
                data.setlist(name, values)
            data[self.add_prefix("confirm_text")] = mark
            self.data = data
        return cleaned
