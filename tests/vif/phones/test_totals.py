"""A commune reads the totals that its ressort passed on, and no row of the ressort (issue 5, ADR 72, §8.4)."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import OrganisationKind, Role
from casework.partners.models import CharterSignature, EthicsCharter, Mandate, Organisation
from casework.vif.phones.actions import totals
from casework.vif.phones.codes import DeviceState
from casework.vif.phones.models import Device, Served, Totals
from tests.attack.hamlet import named_routes
from tests.people import client_for, viewer_of
from tests.vif.phones.setting import Setting

pytestmark = pytest.mark.django_db(databases="__all__")


def townsperson(town: Setting, role: Role) -> Mandate:
    """Give somebody of the ressort's cast a function in the commune too: one function at a time."""
    valcros = town.people.elsewhere
    place = Organisation.objects.get_or_create(territory=valcros, kind=OrganisationKind.MUNICIPALITY, name="Valcros")[0]
    charter = EthicsCharter.objects.get(territory=valcros)
    mandate = Mandate.objects.create(
        agent=town.people.mandates["mayor" if role == Role.MAYOR else "coordinator"].agent, organisation=place,
        territory=valcros, role=role, starts_at=town.people.since, charter_signed_at=town.people.since,
        charter_version=1,
    )  # fmt: skip
    CharterSignature.objects.create(charter=charter, mandate=mandate, signed_at=town.people.since)
    return mandate


def devices(town: Setting, number: int, *, in_use: int) -> None:
    for turn in range(number):
        device = town.device()
        if turn < in_use:
            Device.objects.filter(pk=device.pk).update(state=DeviceState.ALLOCATED)


def serve(town: Setting) -> None:
    call_command("phones_totals", territory=town.people.territory.name, serves=[town.people.elsewhere.name])


def main(client: Client, name: str) -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[-1]


@pytest.mark.rule("SDC-05", "SDC-07", "TGD-15")
def test_a_commune_reads_what_was_passed_on_and_nothing_newer(town: Setting) -> None:
    mayor = client_for(townsperson(town, Role.MAYOR))
    serve(town)
    devices(town, 12, in_use=10)
    assert "Aucun nombre reçu" in main(mayor, "phones:numbers")
    court = client_for(town.people.prosecutor)
    assert "Compter et transmettre" in main(court, "phones:totals")
    assert court.post(reverse("phones:pass_on"), {"once": str(uuid4())}).status_code == 302
    assert "Prochain envoi possible" in main(court, "phones:totals")
    devices(town, 5, in_use=5)
    seen = main(mayor, "phones:numbers")
    assert "<dd>12</dd>" in seen
    assert "moins de 11" in seen
    assert "17" not in re.findall(r"<dd>(\d+)</dd>", seen)
    assert "TEL-" not in seen
    assert seen.count("Comptés le") == 1, "its own copy, not the ressort's"
    with pytest.raises(GuardRefused, match="une fois par an"):
        totals.pass_on(by=town.by("prosecutor"), now=town.now)
    later = town.on(366)
    totals.pass_on(by=viewer_of(town.people.prosecutor, now=later), now=later)
    assert list(Totals.objects.filter(territory=town.people.elsewhere).values_list("allotted", "in_use")) == [
        (17, 15), (12, None),
    ]  # fmt: skip


@pytest.mark.rule("SDC-05")
def test_the_base_keeps_no_small_number(town: Setting) -> None:
    values: dict[str, Any] = {
        "territory": town.people.elsewhere,
        "ressort": "X",
        "counted_on": town.today,
        "recorded_at": town.now,
    }
    for allotted, in_use in ((20, 10), (11, 12)):
        with pytest.raises(DatabaseError), transaction.atomic():
            Totals.objects.create(allotted=allotted, in_use=in_use, **values)
    Totals.objects.create(allotted=11, in_use=11, **values)
    with pytest.raises(DatabaseError), transaction.atomic():
        Served.objects.create(ressort=town.people.territory, commune=town.people.territory)


@pytest.mark.attack("T-19", "T-40")
@pytest.mark.rule("TGD-15", "ACL-01")
def test_nobody_of_the_commune_meets_a_page_of_the_ressort(town: Setting) -> None:
    """In a commune a whole role of the ressort opens nothing: no route, no menu, no act (design.md §4)."""
    people, row = town.people, town.used()
    held = {who: people.mandates[who] for who in ("prosecutor", "apers_victim", "apers_offender", "dpo")}
    for mandate in held.values():
        there = Organisation.objects.create(territory=people.elsewhere, kind=mandate.organisation.kind, name="Là-bas")
        signed = {"charter_signed_at": people.since, "charter_version": 1, "starts_at": people.since}
        other = Mandate.objects.create(
            agent=mandate.agent, organisation=there, territory=people.elsewhere, role=mandate.role, **signed
        )
        client = client_for(other)
        menu = client.get(reverse("desk:work")).content.decode()
        for name, pattern in named_routes():
            space = name.partition(":")[0]
            if space not in ("measures", "victims", "phones") or name in ("phones:numbers", "phones:copy_down"):
                continue
            ids = {"pk": row.pk, "act": "fin", "frame": "supervision", "kind": "releve"}
            parts = {part: ids.get(part, row.pk) for part in pattern.pattern.converters}
            url = reverse(name, kwargs=parts)
            assert client.get(url).status_code == 404, (mandate.role, name)
            assert client.post(url).status_code == 404, (mandate.role, name)
            assert f'href="{url}"' not in menu, (mandate.role, name)
        # The same person, one click later, under the function of the ressort.
        assert client_for(mandate).get(reverse("desk:work")).status_code == 200
    by = viewer_of(Mandate.objects.get(territory=people.elsewhere, role=Role.PROSECUTOR), now=town.now)
    with pytest.raises(AccessRefused):
        totals.pass_on(by=by, now=town.now)


@pytest.mark.rule("TGD-15")
def test_a_ressort_on_another_server_sends_a_page_that_the_coordinator_copies(town: Setting) -> None:
    coordinator = townsperson(town, Role.COORDINATOR)
    by = viewer_of(coordinator, now=town.now)
    given: dict[str, Any] = {"ressort": "Aix", "counted_on": town.today, "allotted": 14, "in_use": None}
    for wrong, field in (
        ({"in_use": 10}, "in_use"), ({"in_use": 15}, "in_use"), ({"allotted": -1}, "allotted"), ({"ressort": " "}, "ressort"),
        ({"counted_on": town.today + timedelta(days=1)}, "counted_on"),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as refusal:
            totals.copy_down(by=by, now=town.now, **(given | wrong))
        assert refusal.value.field == field
    client = client_for(coordinator)
    page = reverse("phones:copy_down")
    typed = {"ressort": "Aix", "counted_on": f"{town.today:%d/%m/%Y}", "allotted": "14", "in_use": "10"}
    refused = client.post(page, typed | {"once": str(uuid4())})
    assert refused.status_code == 422
    assert "laissez vide" in refused.content.decode()
    assert client.post(page, typed | {"in_use": "", "once": str(uuid4())}).status_code == 302
    assert "inscrits d’après une page reçue" in main(client, "phones:numbers")
    mayor = townsperson(town, Role.MAYOR)
    with pytest.raises(AccessRefused):
        totals.copy_down(by=viewer_of(mayor, now=town.now), now=town.now, **given)
    assert client_for(mayor).get(reverse("phones:copy_down")).status_code == 404


def test_the_command_passes_on_only_where_the_court_has_no_account(town: Setting) -> None:
    serve(town)
    name = town.people.territory.name
    with pytest.raises(CommandError, match="Le parquet a un compte"):
        call_command("phones_totals", territory=name)
    town.people.prosecutor.ends_at = town.now - timedelta(days=1)
    town.people.prosecutor.save()
    call_command("phones_totals", territory=name, stdout=StringIO())
    assert Totals.objects.filter(territory=town.people.elsewhere).count() == 1
    with pytest.raises(CommandError):
        call_command("phones_totals", territory=town.people.elsewhere.name, serves=[name])
    with pytest.raises(AccessRefused):
        totals.serve(
            by=town.by("prosecutor"), ressort=town.people.territory, commune=town.people.elsewhere, now=town.now
        )
