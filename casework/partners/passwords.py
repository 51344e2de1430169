"""What a good password is here, said in French, and the hint that helps to make one (PWD-01)."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

HELP = (
    "Au choix : 12 caractères avec minuscules, majuscules, chiffres et signes ; 14 caractères avec trois de "
    "ces quatre sortes ; ou une phrase d’au moins 7 mots, plus facile à retenir."
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def kinds_of_signs(password: str) -> int:
    """Return how many of the four kinds are there: lower case, upper case, digits, other signs."""
    return sum(
        (
            any(sign.islower() for sign in password),
            any(sign.isupper() for sign in password),
            any(sign.isdigit() for sign in password),
            any(not sign.isalnum() for sign in password),
        )
    )


def is_strong(password: str) -> bool:
    """Say whether the password holds 80 bits by the three recipes of the CNIL (PWD-01)."""
    words = {word.casefold() for word in _WORD.findall(password)}
    if len(words) >= 7:
        return True
    if len(set(password)) < 8:
        return False
    kinds = kinds_of_signs(password)
    return (len(password) >= 12 and kinds == 4) or (len(password) >= 14 and kinds >= 3)


class StrengthValidator:
    """Django password validator of rule PWD-01."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when none of the three recipes is met."""
        if not is_strong(password):
            raise ValidationError(
                "Ce mot de passe est trop facile à deviner : suivez l’une des trois façons proposées.",
                code="password_too_weak",
            )

    def get_help_text(self) -> str:
        """Return the hint shown under the field."""
        return HELP
