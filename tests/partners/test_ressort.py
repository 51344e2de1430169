"""A ressort from an empty base: who opens it, who appoints there, what its pages say (issue 5, ADR 72)."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.approvals import Approval, approve
from casework.partners import reads
from casework.partners.codes import OrganisationKind, Role, TerritoryKind, roles_of
from casework.partners.models import Agent, Mandate, Organisation, Territory, WatchGroup
from casework.vif.victims.models import VictimSupport
from tests.partners.helpers import choose_password, enrol, open_link
from tests.people import client_for, viewer_of
from tests.vif.victims import setting as victims

pytestmark = pytest.mark.django_db(databases="__all__")
NAME = "Ressort du tribunal judiciaire de Valmont"


def enter(link: str) -> Client:
    """Use a one-time link to its end, charter signed; return the browser."""
    client = open_link(link.strip().rsplit("/", 1)[1])
    assert choose_password(client).status_code == 302
    mandate = Mandate.objects.order_by("-starts_at").first()
    assert mandate is not None
    enrol(client, mandate.agent)
    charter = reads.current_charter(mandate.territory)
    assert charter is not None
    client.post(reverse("partners:charter"), {"charter": charter.pk})
    return client


def first(role: Role, first_name: str) -> Client:
    out = StringIO()
    call_command(
        "first_invitation", territory=NAME, prefix="TJV", kind="court_district", email=f"{role}@valmont.example",
        first_name=first_name, last_name="Roland", role=str(role), stdout=out,
    )  # fmt: skip
    return enter(out.getvalue())


def service(client: Client, kind: str, name: str) -> Organisation:
    client.post(reverse("directory:add_service"), {"kind": kind, "name": name, "short_name": "", "letter": ""})
    return Organisation.objects.get(name=name)


def invite(client: Client, where: Organisation, role: Role, **more: Any) -> Any:
    today = localdate()
    return client.post(
        reverse("directory:invite", args=[where.pk]),
        {
            "first_name": "Ana", "last_name": "Lopez", "email": f"{role}@ailleurs.example", "phone": "",
            "role": str(role), "job_title": "", "starts_on": f"{today:%d/%m/%Y}",
            "ends_on": f"{today + timedelta(days=300):%d/%m/%Y}", **more,
        },
    )  # fmt: skip


@pytest.mark.rule("CLV-07", "VIC-07")
def test_a_ressort_works_from_an_empty_base() -> None:
    coordinator, dpo = first(Role.COORDINATOR, "Ève"), first(Role.DPO, "Odile")
    first(Role.SYSADMIN, "Yann")
    assert [row.kind for row in Territory.objects.all()] == [TerritoryKind.COURT_DISTRICT]
    assert not WatchGroup.objects.exists(), "no cellule in a ressort"
    work = coordinator.get(reverse("desk:work")).content.decode()
    assert "Ressort – Gestion du ressort" in work
    assert "Ouvrir les services" in work
    assert "Rechercher un nom" not in work
    for page in ("/saisines/", "/reunions/", "/situations/"):
        assert f'href="{page}"' not in work
    for name in ("directory:services", "directory:charter", "directory:rules", "reflex:sheet", "directory:accounts"):
        assert coordinator.get(reverse(name), follow=True).status_code == 200, name

    court = service(coordinator, OrganisationKind.COURT, "Tribunal judiciaire de Valmont")
    association = service(coordinator, OrganisationKind.COURT_SUPERVISION_ASSOCIATION, "Association d’aide")
    assert invite(coordinator, court, Role.PROSECUTOR).status_code == 200
    asked = invite(coordinator, association, Role.APERS_VICTIM)
    assert asked.status_code == 422, "a head of a side needs a second person"
    invite(coordinator, association, Role.APERS_VICTIM, ask="vif_lead")
    control = Mandate.objects.get(role=Role.DPO)
    approve(by=viewer_of(control), approval_id=Approval.objects.get().pk, now=timezone.now())
    assert invite(coordinator, association, Role.APERS_VICTIM).status_code == 200
    assert dpo.get(reverse("directory:services")).status_code == 200

    head = Mandate.objects.get(role=Role.APERS_VICTIM)
    assert head.is_service_lead
    head.charter_signed_at, head.charter_version = timezone.now(), 1
    head.save()
    desk = client_for(head)
    for name in ("directory:my_service", "victims:index", "victims:new", "phones:index", "desk:work"):
        assert desk.get(reverse(name)).status_code == 200, name
    made = victims.opening.open_support(by=viewer_of(head), data=victims.Setting.data(_Now()), now=timezone.now())
    assert VictimSupport.objects.get(pk=made.pk).territory.kind == TerritoryKind.COURT_DISTRICT
    assert coordinator.get(reverse("victims:index")).status_code == 404
    assert coordinator.get(reverse("victims:page", args=[made.pk])).status_code == 404


class _Now:
    """What the model data of a support counts its days from."""

    today = localdate()


def test_the_office_of_a_ressort_holds_what_a_town_hall_holds_elsewhere() -> None:
    office = {Role.COORDINATOR, Role.DPO, Role.SYSADMIN}
    assert set(roles_of(TerritoryKind.COURT_DISTRICT, OrganisationKind.OTHER)) == office
    for kind in set(TerritoryKind) - {TerritoryKind.COURT_DISTRICT}:
        assert set(roles_of(kind, OrganisationKind.OTHER)) == {Role.DPO}
    assert not Agent.objects.exists()
