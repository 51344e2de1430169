"""Files of TIG and réparations known by reference: journal, exclusions, requests, duty, emergencies (rows 12 to 18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework import audit
from casework.access import subjects
from casework.access.exclusions import Ground, actions
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.casefile import watch
from casework.errors import AccessRefused, GuardRefused
from casework.partners import hooks
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.placements.hosts.actions import posts, structures
from casework.placements.reparation import facts as reparation_facts
from casework.placements.reparation.reads import page
from casework.placements.tig import facts as tig_facts
from tests.hosts import setting as hosts
from tests.people import People, client_for, viewer_of
from tests.placements.reparation.setting import YOUNG, Setting
from tests.placements.tig import setting as tig

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def town(people: People) -> Setting:
    catalogue = hosts.build(people)
    return Setting(catalogue, catalogue.listed(audience="minors", places=3))


def _files(town: Setting) -> dict[str, Any]:
    return {"tig": tig.demand(town, now=town.now), "reparation": town.agreed()}  # type: ignore[arg-type]  # it asks for viewers only


def _open(town: Setting, target: subjects.Target, who: str, basis: Basis) -> None:
    with audit.writing(town.viewer("dpo"), now=town.now) as w:
        subjects.room(target.module).open(
            w, target=target, mandate=town.people.mandates[who], basis=basis, ends_at=town.now + timedelta(minutes=30),
            reason="emergency", by=town.viewer("dpo"),
        )  # fmt: skip


@pytest.mark.rule("LOG-04", "ACL-08")
def test_the_journal_reads_the_reference_of_each_file_and_no_name(town: Setting) -> None:
    files = _files(town)
    known = {record.reference for record in watch.records(town.people.territory.pk)}
    assert {row.reference for row in files.values()} <= known
    for row in files.values():
        found = watch.subject_of(town.people.territory.pk, row.reference.lower().replace("-", " "))
        assert found is not None
        assert (found.subject_id, found.object_id) == (row.subject_id, row.pk)
    client = client_for(town.people.pjj, now=town.now)
    client.get(reverse("reparation:page", args=[files["reparation"].pk]))
    body = client_for(town.people.dpo, now=town.now).get(reverse("journal:index")).content.decode()
    assert files["reparation"].reference in body
    assert YOUNG not in body


@pytest.mark.attack("T-39")
@pytest.mark.parametrize(("module", "who"), [("tig", "spip"), ("reparation", "pjj")])
def test_the_dpo_shuts_somebody_out_of_a_file_by_its_reference(town: Setting, module: str, who: str) -> None:
    row = _files(town)[module]
    target = subjects.by_reference(viewer_of(town.people.dpo, now=town.now), row.reference, town.now)
    assert target is not None
    assert target.module == module
    url = reverse(f"{module}:page", args=[row.pk])
    client = client_for(town.people.mandates[who], now=town.now)
    assert client.get(url).status_code == 200
    actions.shut_out(
        by=town.viewer("dpo"), target=target, ground=Ground.KIN, now=town.now,
        agent_id=town.people.mandates[who].agent_id, organisation_id=None,
    )  # fmt: skip
    assert client.get(url).status_code == 404
    assert row.reference not in client.get(reverse("desk:work")).content.decode()


@pytest.mark.rule("ACL-09")
@pytest.mark.parametrize("module", ["tig", "reparation"])
def test_the_dpo_opens_a_file_by_an_emergency_alone_and_only_looks(town: Setting, module: str) -> None:
    row = _files(town)[module]
    url = reverse(f"{module}:page", args=[row.pk])
    client = client_for(town.people.dpo, now=town.now)
    assert client.get(url).status_code == 404
    target = subjects.by_reference(viewer_of(town.people.dpo, now=town.now), row.reference, town.now)
    assert target is not None
    _open(town, target, "dpo", Basis.BREAK_MASKED)
    assert client.get(url).status_code == 404, "a masked emergency opens no file of this kind"
    _open(town, target, "dpo", Basis.BREAK_GLASS)
    answer = client.get(url)
    assert answer.status_code == 200
    assert b'method="post" action="/reparations' not in answer.content
    room = reparation_facts if module == "reparation" else tig_facts
    link = room.relation(town.viewer("dpo"), row, town.now)
    for data_class in (DataClass.REPARATION_CONTENT, DataClass.PLACEMENT):
        for action in (Action.CHANGE, Action.MOVE, Action.PRINT, Action.MANAGE):
            assert not link.may(town.viewer("dpo"), action, data_class, town.now)
    later = town.now + timedelta(minutes=31)
    assert not link.may(town.viewer("mayor"), Action.VIEW, DataClass.PLACEMENT, town.now)
    assert not room.relation(town.viewer("dpo", later), row, later).grants


@pytest.mark.rule("ACL-09")
def test_an_emergency_opens_no_victim(town: Setting) -> None:
    row, victim = town.waiting()
    target = subjects.by_reference(viewer_of(town.people.dpo, now=town.now), row.reference, town.now)
    assert target is not None
    _open(town, target, "dpo", Basis.BREAK_GLASS)
    with pytest.raises(AccessRefused):
        page.victims(town.viewer("dpo"), row.pk, town.now)
    with pytest.raises(AccessRefused):
        reparation_facts.find_victim(town.viewer("dpo"), victim.pk, town.now)


@pytest.mark.rule("ACL-09")
def test_an_exact_identity_finds_the_reparation_for_whom_it_could_open_to(town: Setting) -> None:
    row = town.agreed()
    shown = page.page(town.viewer("pjj"), row.pk, town.now)
    asked = (YOUNG, "Lina", shown.born_on)
    found = subjects.by_identity(town.viewer("dpo"), *asked, town.now)
    assert found is not None
    assert found.object_id == row.pk
    assert subjects.by_identity(town.viewer("dpo"), YOUNG, "Lina", town.today, town.now) is None
    assert subjects.by_identity(town.viewer("spip"), *asked, town.now) is None


def test_a_day_on_duty_lists_the_files_of_its_own_service(town: Setting) -> None:
    files = _files(town)
    mine = {
        target.object_id for room in subjects.rooms() for target in room.of_service(town.viewer("pjj_lead"), town.now)
    }
    assert files["reparation"].pk in mine
    assert files["tig"].pk not in mine
    target = subjects.by_reference(viewer_of(town.people.dpo, now=town.now), files["reparation"].reference, town.now)
    assert target is not None
    _open(town, target, "pjj_lead", Basis.DUTY)
    link = reparation_facts.relation(town.viewer("pjj_lead"), files["reparation"], town.now)
    assert link.may(town.viewer("pjj_lead"), Action.VIEW, DataClass.REPARATION_CONTENT, town.now)
    assert not link.may(town.viewer("pjj_lead"), Action.CHANGE, DataClass.REPARATION_CONTENT, town.now)


@pytest.mark.rule("ACL-03")
def test_access_asked_by_reference_is_given_within_the_service_alone(town: Setting) -> None:
    row = town.agreed()
    target = subjects.by_reference(viewer_of(town.people.dpo, now=town.now), row.reference, town.now)
    assert target is not None
    room = subjects.room("reparation")
    assert room.owns(town.viewer("pjj"), target, town.now)
    assert not room.owns(town.viewer("coordinator"), target, town.now)
    for who in ("sah", "spip", "coordinator"):
        with pytest.raises(GuardRefused):
            room.admit(by=town.viewer("pjj"), target=target, mandate=town.people.mandates[who], now=town.now)
    room.admit(by=town.viewer("pjj"), target=target, mandate=town.people.pjj_lead, now=town.now)
    assert reparation_facts.find(town.viewer("pjj_lead"), row.pk, town.now)


@pytest.mark.rule("HOST-07", "REP-16", "ACL-04")
def test_whoever_takes_a_post_over_reads_whom_it_receives_and_who_left_reads_nobody(town: Setting) -> None:
    row = town.running()
    host = town.post.host
    agent = Agent(email="relais@mireval.example", first_name="Ana", last_name="Relais")
    agent.set_unusable_password()
    agent.save()
    people = town.people
    mandate = Mandate.objects.create(
        agent=agent, organisation=people.host_body, territory=people.territory, role=Role.HOST,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip
    other = structures.add_supervisor(
        by=town.viewer("spip"), host=host, name="A. Relais", is_manager=True, mandate_id=mandate.pk, now=town.now
    )
    assert not reparation_facts.visible_to(viewer_of(mandate, now=town.now), town.now).exists()
    posts.set_managers(by=town.viewer("pjj_lead"), post=town.post, supervisors=[other.pk], now=town.now)
    then = town.now + timedelta(seconds=1)
    assert reparation_facts.visible_to(viewer_of(mandate, now=then), then).get() == row
    assert not reparation_facts.visible_to(town.viewer("host", then), then).exists()


@pytest.mark.attack("T-46")
@pytest.mark.rule("ACL-02")
def test_a_reparation_passes_to_a_colleague_with_the_function_and_is_left_to_nobody(town: Setting) -> None:
    row = town.running()
    (left,) = hooks.entrusted(town.people.pjj, town.viewer("pjj_lead"), town.now)
    assert (left.reference, left.what) == (row.reference, "réparation")
    room = subjects.room("reparation")
    with audit.writing(town.viewer("pjj_lead"), now=town.now) as w:
        passed = room.pass_on(w, town.people.pjj, town.people.pjj_lead, town.viewer("pjj_lead"), town.now)  # type: ignore[attr-defined]  # a room of placements
    assert passed == 1
    then = town.now + timedelta(seconds=1)
    assert reparation_facts.find(town.viewer("pjj_lead", then), row.pk, then)
    with pytest.raises(AccessRefused):
        reparation_facts.find(town.viewer("pjj", then), row.pk, then)
    assert hooks.entrusted(town.people.pjj, town.viewer("pjj_lead", then), then) == []
