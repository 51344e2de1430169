"""Rough hands: sent twice, sent late, absurd dates, nothing filled in. No fault, nothing lost, each error beside its field."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.errors import MoveRefused
from casework.placements.hosts.codes import NoPlace
from casework.placements.tig.actions import proposals
from casework.placements.tig.models import Adjustment, HalfDay, Incident, OfficerReport
from casework.placements.tig.states import LIFECYCLE
from tests.people import client_for
from tests.placements.tig.clicks import ONCE, REVISION, send, text
from tests.placements.tig.setting import asked, assigned, demand, fresh

pytestmark = pytest.mark.django_db(databases="__all__")


def filled(client, url, **data):
    """Return what the form of a page would send."""
    page = text(client.get(url))
    data["once"] = ONCE.search(page).group(1)
    if match := REVISION.search(page):
        data["revision"] = match.group(1)
    return data


def act(placement, name):
    return reverse("tig:act", args=[placement.pk, name])


# Sent twice


@pytest.mark.attack("R-07")
def test_an_act_sent_again_gives_its_first_answer_though_it_is_offered_no_more(place):
    placement = asked(place)
    proposals.accept(
        by=place.viewer("host"), proposal=placement.proposals.get(), supervisor_id=None, now=timezone.now()
    )
    spip, url = client_for(place.people.spip), act(placement, "decision")
    data = filled(
        spip, url, author="spip_director", decided_on=localdate().isoformat(), last_name="Zzmartin", first_name="Léo"
    )
    first, second = spip.post(url, data), spip.post(url, data)
    assert (first.status_code, second.status_code, second["Location"]) == (302, 302, first["Location"])
    assert fresh(placement).decisions.count() == 1
    other = spip.post(url, data | {"first_name": "Marc"})
    assert (other.status_code, "Marc" in text(other)) == (409, True), "other words are shown, not lost"


@pytest.mark.attack("R-07", "T-40")
def test_the_answer_of_a_form_is_for_whoever_sent_it(place):
    placement = assigned(place)
    spip, url = client_for(place.people.spip), act(placement, "sans-objet")
    data = filled(spip, url, reason="death")
    assert spip.post(url, data).status_code == 302
    assert client_for(place.people.pjj).post(url, data).status_code == 404


@pytest.mark.attack("R-07")
def test_an_answer_sent_again_by_the_host_is_one_answer(place):
    placement = asked(place)
    host, url = client_for(place.people.host), reverse("tig:answer", args=[placement.proposals.get().pk])
    data = filled(host, url, answer="no", reason=NoPlace.values[0])
    assert [host.post(url, data).status_code for _ in range(2)] == [302, 302]


# Days of another age


@pytest.mark.parametrize("asked_for", ["0001-01-01", "9999-12-31", "2026-02-31", "hier"])
def test_a_week_of_no_calendar_is_this_week(place, asked_for):
    assigned(place)
    host = client_for(place.people.host)
    for name in ("tig:sheet", "tig:week_paper"):
        assert host.get(reverse(name, args=[place.post.pk]), {"semaine": asked_for}).status_code == 200


@pytest.mark.rule("ASG-09")
def test_a_year_typed_wrong_is_asked_again_beside_its_field(place):
    placement = assigned(place)
    spip = client_for(place.people.spip)
    for name, data in (
        ("ajuster", {"sign": "+", "hours": "1", "reason": "recount", "on": "1926-11-02"}),
        ("suspendre-le-delai", {"reason": "health", "starts_on": "1926-11-02"}),
    ):
        response = send(spip, act(placement, name), **data)
        assert response.status_code == 422
        assert "Vérifiez l’année" in text(response)
        assert "1926-11-02" in text(response)
    assert not Adjustment.objects.exists()
    assert not OfficerReport.objects.exclude(sent_on=None).exists()


@pytest.mark.rule("TIGM-10")
def test_a_plan_from_after_the_last_useful_date_keeps_what_is_planned(place):
    placement = assigned(place)
    before = HalfDay.objects.count()
    spip = client_for(place.people.spip)
    response = send(spip, act(placement, "planifier"), weekly="2", start="2099-01-05")
    assert (response.status_code, "Tout se fait avant le" in text(response)) == (422, True)
    assert HalfDay.objects.count() == before > 0


@pytest.mark.rule("TIGM-01")
@pytest.mark.parametrize("day", ["1950-01-01", "2099-01-01"])
def test_a_majority_in_another_age_is_asked_again(place, day):
    pjj = client_for(place.people.pjj)
    response = send(
        pjj, reverse("tig:demand"), case_mark="A", measure="tig", hours="20", weekly="2", availability=["0-am"],
        last_useful_on=(localdate() + timedelta(days=90)).isoformat(), adult_on=day,
    )  # fmt: skip
    assert (response.status_code, "Vérifiez l’année de ces dix-huit ans" in text(response)) == (422, True)


@pytest.mark.rule("TIG-08")
def test_a_sentence_whose_last_date_comes_before_it_runs_is_refused(place):
    placement = demand(place)
    today = localdate()
    data = {
        "basis": "tig", "court": "TJ", "hours": "100", "months": "18", "born_on": "1990-01-01",
        "facts_on": (today - timedelta(days=90)).isoformat(), "decided_on": (today - timedelta(days=30)).isoformat(),
        "enforceable_on": (today - timedelta(days=20)).isoformat(),
    }  # fmt: skip
    spip, url = client_for(place.people.spip), act(placement, "peine")
    page = text(spip.get(url))
    data["basis"] = re.search(r'<option value="(\w+)">[^<]*131-8', page).group(1)
    late = send(spip, url, **data, last_useful_on="1926-11-02")
    assert (late.status_code, "avant que la décision soit exécutoire" in text(late)) == (422, True)
    old = send(spip, url, **data | {"born_on": "1890-01-01"}, last_useful_on=(today + timedelta(days=60)).isoformat())
    assert old.status_code == 422


# Beside its field, nothing lost


@pytest.mark.rule("ASG-01")
def test_dates_refused_for_a_post_are_said_on_its_card_and_kept(place):
    placement = demand(place)
    spip, url = client_for(place.people.spip), reverse("tig:find_post", args=[placement.pk])
    response = send(spip, url, post=str(place.post.pk), start="2027-02-31", answer_by="2099-01-05")
    page = text(response)
    card = page[page.index("<article") : page.index("</article>")]
    assert response.status_code == 422
    assert "<details open>" in card
    assert "Tapez la date comme" in card
    assert 'value="2027-02-31"' in card
    assert 'value="2099-01-05"' in card
    response = send(spip, url, post=str(place.post.pk), start="", answer_by="2099-01-05")
    page = text(response)
    assert "1 à 20 jours ouvrés" in page[page.index("<article") : page.index("</article>")]


@pytest.mark.rule("HOST-11")
def test_a_stop_that_cannot_be_is_said_beside_its_box(place):
    placement = assigned(place)  # nobody worked yet
    response = send(
        client_for(place.people.host), act(placement, "incident"), kind="absence", occurred_on=localdate().isoformat(),
        stop_work="on",
    )  # fmt: skip
    page = text(response)
    assert response.status_code == 422
    box = page.index('name="stop_work"')
    assert "rien à suspendre" in page[box : box + 700]
    assert not Incident.objects.exists()


@pytest.mark.rule("HOST-13")
def test_a_sheet_with_nothing_on_it_says_so_and_a_box_left_empty_stays_empty(place):
    placement = assigned(place)
    row = placement.half_days.order_by("day").first()
    host = client_for(place.people.host)
    url = reverse("tig:sheet", args=[place.post.pk]) + f"?semaine={row.day.isoformat()}"
    assert 'name="signed" value="1" class="form-check-input" checked' in text(host.get(url))
    response = send(host, url)
    assert response.status_code == 422
    assert "Rien de nouveau à enregistrer" in text(response)
    assert 'name="signed" value="1" class="form-check-input" checked' not in text(response)


@pytest.mark.rule("10.2")
def test_a_move_already_made_says_so(place):
    placement = assigned(place)
    with pytest.raises(MoveRefused, match="C’est déjà fait"):
        LIFECYCLE.find(placement.state, placement.state)


def test_a_search_says_at_its_top_that_a_host_is_asked_already(place):
    placement = asked(place)
    url = reverse("tig:find_post", args=[placement.pk])
    page = text(client_for(place.people.spip).get(url))
    assert "Une structure est déjà demandée : retirez d’abord la demande d’accueil." in page
    assert "Réserver et demander" not in page
    assert "Compter cette demande" not in page
    searching = text(client_for(place.people.spip).get(reverse("tig:find_post", args=[demand(place).pk])))
    assert "déjà demandée" not in searching
