"""T-17, T-18: a search is asked by POST, leaves no trace of its term, and finds what reading every visible row finds."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.desk.logs import AllowListFormatter
from casework.minors.followups import facts
from casework.minors.followups.models import FollowUp
from casework.partners.models import AgentSession
from tests.attack.crawl import leftovers
from tests.followups.saisine_setting import opened, refer
from tests.people import People, client_for, viewer_of

pytestmark = [pytest.mark.attack("T-17", "T-18"), pytest.mark.django_db(databases="__all__")]

TERM = "Zzqtermecherche"
NAMES = (
    ("Benaïssa", "Élodie"), ("Ben Aïssa", "Karim"), ("de La Fontaine", "Jean-Marc"), ("Lafontaine", "Marc"),
    ("D’Angelo", "Noë"), ("Dangelo", "Noémie"), ("Nguyen", "Thi-Mai"), ("Lefèvre", "François"), ("Lefebvre", "Anaïs"),
    ("Müller", "Zoé"), ("Ould-Ahmed", "Sidi"), ("El Amrani", "Inès"), ("Çelik", "Eren"), ("O’Connor", "Maël"),
)  # fmt: skip


def plain(text: str) -> str:
    """Return letters only, without accent or case: the simplest idea of « the same name »."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(char for char in bare.lower() if char.isalpha() and not unicodedata.combining(char))


@pytest.mark.rule("LOG-05", "GDP-15")
def test_the_term_is_nowhere_afterwards(people: People, caplog: Any, tmp_path: Any) -> None:
    refer(people, by="pjj_lead")
    client, url = client_for(people.pjj_lead), reverse("followups:search")
    assert client.get(url, {"q": TERM}).status_code == 405
    caplog.set_level("DEBUG")
    response = client.post(url, {"q": TERM})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store, private"
    assert TERM not in repr(list(response.items()))
    page = response.content.decode()
    assert TERM not in page[: page.index("</title>")]
    for where, raw in leftovers(tmp_path):
        assert TERM.lower().encode() not in raw.lower(), where
    records = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert records
    written = AllowListFormatter()
    assert not [record for record in records if TERM in written.format(record)]
    assert not [row for row in AgentSession.objects.all() if TERM in repr(row.get_decoded())]
    assert AuditEvent.objects.filter(purpose="search").exists()
    assert TERM not in client.get(reverse("followups:list")).content.decode()


def _shown(client: Any, term: str) -> set[str]:
    page = client.post(reverse("followups:search"), {"q": term}).content.decode()
    return {row.reference for row in FollowUp.objects.all() if str(row.pk) in page}


@pytest.mark.parametrize("who", ["coordinator", "pjj_lead", "mds_lead", "stranger"])
def test_a_search_is_reading_every_visible_row(people: People, who: str) -> None:
    """By whole name, accents, case, hyphens and particles apart: exactly the visible rows of that name."""
    now = timezone.now()
    for number, (last, first) in enumerate(NAMES):
        refer(
            people, by=("pjj_lead", "mds_lead")[number % 2], last_name=last, first_name=first,
            birth_date=date(now.year - 14, 1 + number % 12, 1 + number), now=now - timedelta(hours=1),
        )  # fmt: skip
    viewer = viewer_of(people.mandates[who], now=now)
    client = client_for(people.mandates[who])
    rows = {row.pk: row for row in facts.visible_to(viewer, now)}
    with opened(*FollowUp.objects.all()):
        said = {
            row.pk: (row.person.last_name or "", row.person.first_name or "")
            for row in FollowUp.objects.select_related("person")
        }
    for last, first in NAMES:
        for term in (last, plain(last), last.upper(), f"{first} {last}", f"{last} {first}", last.replace("-", " ")):
            letters = {plain(last), plain(first + last), plain(last + first)}
            expected = {row.reference for pk, row in rows.items() if plain(said[pk][0]) in letters
                        and (plain(term) == plain(last) or plain(said[pk][1]) == plain(first))}  # fmt: skip
            found = _shown(client, term)
            assert expected <= found, (who, term)
            assert found <= {row.reference for row in rows.values()}, (who, term)
    for row in FollowUp.objects.all():
        assert _shown(client, row.reference) == ({row.reference} if row.pk in rows else set())
    typo = _shown(client, "Benaisa")
    assert typo == {row.reference for pk, row in rows.items() if plain(said[pk][0]) == "benaissa"}
