"""The field of a telephone number: what people type is kept, what cannot be dialled is asked again."""

from __future__ import annotations

import pytest
from django import forms

from casework.access.telephones import UNREADABLE, TelephoneField


@pytest.mark.parametrize(
    "typed",
    [
        "0494000000", "04 94 00 00 00", "04.94.00.00.00", "04-94-00-00-00", "04 94 00 00 00 poste 12", "+33 6 39 98 00 01",
        "+33 (0)6 39 98 00 01", "0033639980001", "3919", "17", "115", "116000", " 06 39 98 00 01 ",
    ],
)  # fmt: skip
def test_a_number_is_kept_as_it_was_typed(typed: str) -> None:
    assert TelephoneField(required=False).clean(typed) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "demander Paul",
        "04 94 00 00",
        "06 39 98 00 01 02",
        "paul@exemple.fr",
        "<b>0494000000</b>",
        "'; DROP TABLE",
        "☎️",
        "0",
    ],
)
def test_what_cannot_be_dialled_is_asked_again(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="par exemple") as refused:
        TelephoneField(required=False).clean(typed)
    assert refused.value.messages == [UNREADABLE]


def test_an_optional_number_may_stay_empty_and_letters_of_other_alphabets_are_no_digits() -> None:
    assert TelephoneField(required=False).clean("") == ""
    with pytest.raises(forms.ValidationError):
        TelephoneField(required=False).clean("٠٤٩٤٠٠٠٠٠٠")
