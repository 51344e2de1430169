"""The link of a partner without an account: once, for one quarter, for one body, and no figure afterwards."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from casework.casefile import mailer
from casework.errors import GuardRefused, InputRefused
from casework.indicators.quarters.actions import asking, contributors
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.quarters.models import Asking, Quarter
from tests.indicators.quarters.setting import filled, link, links, send, url

pytestmark = pytest.mark.django_db(databases="__all__")


def opened(row):
    with_counts = Asking.objects.select_related("quarter").get(pk=row.pk)
    return with_counts.answered_at is not None


def test_a_partner_gives_its_counts_in_one_form_without_an_account(town):
    quarter = town.opened()
    row = town.asked(quarter)
    client = Client()
    page = client.get(url(links()[0]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Commissariat central" in text
    assert quarter.period.label in text
    assert all(
        word in text for word in ("Cambriolages", "Maille 2", "Ailleurs ou non localisé", "Je n’ai pas ce chiffre")
    )
    answer = send(client, url(links()[0]), **filled(row, remark="provisional"))
    assert answer.status_code == 302
    thanks = client.get(answer["Location"]).content.decode()
    assert "Merci, c’est envoyé" in thanks
    row = town.asked(quarter)
    assert (row.answered_at is not None, row.entered_by, row.remark) == (True, None, "provisional")


@pytest.mark.attack("T-39")
def test_a_second_opening_says_the_day_and_no_figure(town):
    quarter = town.opened()
    town.answered(quarter, n=37)
    text = Client().get(url(links()[0])).content.decode()
    assert "Déjà envoyé le" in text
    assert "37" not in text.replace("cw-37", "")
    assert "Cambriolages" not in text


def test_the_message_and_the_address_say_nothing_of_anybody(town):
    town.opened()
    [message] = mailer.messages()
    assert message.to == "police@example.org"
    assert "Commissariat" not in message.body + message.subject
    assert not [word for word in ("Vidal", "Morel", "coordinator") if word in message.body]
    assert Asking.objects.get().token_hash not in message.body


def test_the_page_stays_out_of_caches_and_of_the_logs_of_others(town):
    town.opened()
    page = Client().get(url(links()[0]))
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_the_quarter_before_stands_beside(town):
    before = town.opened(period=town.last.back(1))
    town.answered(before, n=37)
    quarter = town.opened()
    text = Client().get(link(town.asked(quarter))).content.decode()
    assert "trimestre précédent : 37" in text
    assert quarter.period.label in text


@pytest.mark.attack("T-39")
def test_a_link_replaced_while_its_form_is_written_takes_no_counts(town):
    """Found open, then another is sent, then the first one is posted: in the same second, by whoever holds the old mailbox."""
    quarter = town.opened()
    held = asking.find(links()[0], town.now)
    assert held is not None
    asking.send_again(by=town.viewer(), asking=town.asked(quarter), now=town.now)
    with pytest.raises(GuardRefused, match="plus valable"):
        asking.answer_by_link(asking=held, answer=town.typed(town.asked(quarter)), remark="", now=town.now)
    assert not opened(town.asked(quarter))


# What is typed wrong


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("-3", "Un nombre ne peut pas être négatif."), ("😀", "Un nombre entier, en chiffres."),
        ("<b>12</b>", "Un nombre entier, en chiffres."), ("12,5", "Un nombre entier, en chiffres."),
        ("١٢", "Un nombre entier, en chiffres."), ("99999999", "Ce nombre est trop grand"),
        ("9999999999999", "Un nombre entier, en chiffres."), ("douze", "Un nombre entier, en chiffres."),
        ("", "cochez « je n’ai pas ce chiffre »"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_told_beside_its_box_and_nothing_typed_is_lost(town, typed, says):
    quarter = town.opened()
    answer = send(Client(), url(links()[0]), **filled(town.asked(quarter), 41, burglary_0=typed))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert text.count('value="41"') > 10
    assert "<b>12</b>" not in text
    assert typed == "<b>12</b>" or f'value="{typed}"' in text or not typed
    assert not opened(town.asked(quarter))


def test_a_thousand_may_be_typed_with_its_blank(town):
    quarter = town.opened()
    assert send(Client(), url(links()[0]), **filled(town.asked(quarter), vehicle_0="1 204")).status_code == 302


def test_i_do_not_have_this_figure_is_not_zero_and_not_both(town):
    quarter = town.opened()
    row = town.asked(quarter)
    none = dict.fromkeys((f"burglary_{n}" for n in range(4)), "")
    both = send(Client(), url(links()[0]), **filled(row, unknown_burglary="on"))
    assert both.status_code == 422
    assert "Décochez" in both.content.decode()
    assert send(Client(), url(links()[0]), **filled(row, unknown_burglary="on", **none)).status_code == 302


def test_elsewhere_alone_may_stay_empty(town):
    quarter = town.opened()
    row = town.asked(quarter)
    assert send(Client(), url(links()[0]), **filled(row, burglary_3="")).status_code == 302


def test_a_surprising_number_is_read_over_once_then_passes(town):
    before = town.opened(period=town.last.back(1))
    town.answered(before, n=4)
    quarter = town.opened()
    row, client = town.asked(quarter), Client()
    page = link(row)
    first = send(client, page, **filled(row, 4, burglary_0="412"))
    assert first.status_code == 422
    text = first.content.decode()
    assert "412, contre 4 le trimestre précédent" in text
    mark = text.split('name="confirm_counts" value="')[1].split('"')[0]
    assert send(client, page, **filled(row, 4, burglary_0="912", confirm_counts=mark)).status_code == 422
    assert send(client, page, **filled(row, 4, burglary_0="412", confirm_counts=mark)).status_code == 302


# Attacks on the link


@pytest.mark.attack("T-35")
def test_a_double_click_is_one_answer_and_a_second_tab_changes_nothing(town):
    quarter = town.opened()
    row, client, page = town.asked(quarter), Client(), url(links()[0])
    other = client.get(page).content.decode()
    once = other.split('name="once" value="')[1].split('"')[0]
    first = send(
        client,
        page,
        **filled(row, 12),
    )
    again = client.post(page, filled(row, 12) | {"once": once})
    assert first.status_code == 302
    assert "Déjà envoyé le" in again.content.decode()
    assert town.asked(quarter).revision == 2


@pytest.mark.attack("T-35")
def test_the_same_form_sent_twice_gets_its_first_answer(town):
    quarter = town.opened()
    row, client, page = town.asked(quarter), Client(), url(links()[0])
    once = client.get(page).content.decode().split('name="once" value="')[1].split('"')[0]
    answers = [client.post(page, filled(row, 12) | {"once": once}) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert town.asked(quarter).revision == 2


@pytest.mark.attack("T-37")
def test_a_guessed_link_opens_nothing_and_guessing_gets_slow(town):
    town.opened()
    client = Client()
    assert client.get(url(secrets.token_urlsafe(32))).status_code == 410
    hashed = Asking.objects.get().token_hash
    assert client.get(url(hashed)).status_code == 410
    answers = [client.get(url(secrets.token_urlsafe(32))).status_code for _ in range(40)]
    assert answers[-1] == 429
    assert set(answers) == {410, 429}


@pytest.mark.attack("T-37")
def test_a_link_dies_after_its_last_day(town):
    quarter = town.opened()
    last = town.asked(quarter).answer_by
    days = (last - town.now.date()).days
    with time_machine.travel(town.now + timedelta(days=days), tick=False):
        assert Client().get(url(links()[0])).status_code == 200
    with time_machine.travel(town.now + timedelta(days=days + 1), tick=False):
        assert Client().get(url(links()[0])).status_code == 410
        row = town.asked(quarter)
        with pytest.raises(GuardRefused):
            asking.answer_by_link(asking=row, answer=town.typed(row), remark="", now=town.later(days + 1))


@pytest.mark.attack("T-37")
def test_a_link_dies_when_the_dashboard_is_published(town):
    quarter = town.opened()
    client, page, row = Client(), url(links()[0]), town.asked(quarter)
    form = client.get(page).content.decode()
    town.publish(quarter)
    once = form.split('name="once" value="')[1].split('"')[0]
    assert client.post(page, filled(row) | {"once": once}).status_code == 410
    with pytest.raises(GuardRefused):
        asking.answer_by_link(asking=row, answer=town.typed(row), remark="", now=town.now)
    assert not opened(row)


@pytest.mark.attack("T-37")
def test_a_link_dies_with_its_contributor_and_when_another_replaces_it(town):
    quarter = town.opened("police", "landlord")
    first = town.asked(quarter, "landlord")
    contributors.end(by=town.viewer(), contributor=first.contributor, expected=None, now=town.now)
    old = links()
    asking.send_again(by=town.viewer(), asking=town.asked(quarter, "police"), now=town.now)
    assert {Client().get(url(token)).status_code for token in old} == {410}
    assert Client().get(link(town.asked(quarter, "police"))).status_code == 200


@pytest.mark.attack("T-37")
def test_a_link_in_the_mailbox_of_a_former_address_dies(town):
    quarter = town.opened()
    [token] = links()
    row = town.asked(quarter).contributor
    data = ContributorData(giver=row.giver, name=row.name, email="police@example.org", indicators=row.indicators)
    contributors.change(by=town.viewer(), contributor=row, data=data, expected=None, now=town.now)
    assert Client().get(url(token)).status_code == 200, "the same address"
    contributors.change(
        by=town.viewer(), contributor=row, data=replace(data, email="autre@example.org"), expected=None, now=town.now
    )
    assert Client().get(url(token)).status_code == 410
    asking.send_again(by=town.viewer(), asking=town.asked(quarter), now=town.now)
    assert Client().get(link(town.asked(quarter))).status_code == 200


@pytest.mark.attack("T-39")
def test_a_link_answers_for_its_own_quarter_and_its_own_body_only(town):
    before = town.opened("police", "landlord", period=town.last.back(1))
    quarter = town.opened()
    police = town.asked(before, "police")
    page = next(url(token) for token in links() if asking.find(token, town.now).pk == police.pk)
    landlord = filled(town.asked(before, "landlord"))
    answer = send(Client(), page, **(filled(police, 12) | landlord), quarter=str(quarter.pk), pk=str(quarter.pk))
    assert answer.status_code == 302
    assert opened(police)
    assert not [row for row in Asking.objects.exclude(pk=police.pk) if row.answered_at]
    with pytest.raises(InputRefused):
        asking.enter(
            by=town.viewer(), asking=police, answer=town.typed(town.asked(before, "landlord")), remark="",
            expected=None, now=town.now,
        )  # fmt: skip


def test_only_the_hash_of_a_link_is_kept(town):
    town.opened()
    token = links()[0]
    values = [str(value) for row in Asking.objects.values() for value in row.values()]
    assert not [value for value in values if token in value]
    assert Asking.objects.get().token_hash == asking.hash_of(token)


def test_a_running_quarter_says_that_it_is_not_over(town):
    town.opened(period=town.last.back(-1))
    assert "Ce trimestre n’est pas terminé" in Client().get(url(links()[0])).content.decode()


def test_the_page_of_a_link_needs_no_session_and_gives_none(town):
    town.opened()
    client = Client()
    client.get(url(links()[0]))
    assert client.get(reverse("quarters:index")).status_code in (302, 404)
    assert Quarter.objects.count() == 1
