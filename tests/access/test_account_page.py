"""« Mon compte » opens for everybody who signed in, whatever the function, signed or not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.people import People, client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def test_one_s_own_account_opens_for_every_function(people: People) -> None:
    answers = {who: client_for(mandate).get(reverse("partners:account")) for who, mandate in people.mandates.items()}
    assert {who: page.status_code for who, page in answers.items()} == dict.fromkeys(people.mandates, 200)
    for who, page in answers.items():
        assert people.mandates[who].agent.email in page.content.decode()
