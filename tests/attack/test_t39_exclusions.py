"""T-39: whoever is shut out of a subject finds nothing of it, whatever role, circle, agenda or emergency."""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from casework.access import approvals, exclusions, subjects
from casework.access.approvals import ApprovalReason
from casework.access.exclusions import Exclusion, Ground, actions, reads
from casework.access.policy import Action
from casework.audit.models import AuditEvent
from casework.casefile import work
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads import situations
from casework.partners.macs import row_is_genuine
from tests.attack.hamlet import Hamlet, build, named_routes, object_routes
from tests.attack.test_t19_absent_and_refused_alike import knock
from tests.databases import some
from tests.exclusions.setting import NAME as PUPIL
from tests.people import build as cast
from tests.people import client_for, viewer_of
from tests.standing import written_once

pytestmark = [pytest.mark.attack("T-39"), pytest.mark.django_db(databases="__all__")]

PERSON = "followed"


standing = written_once(lambda: build(cast()))


@pytest.fixture
def hamlet(standing: Hamlet) -> Hamlet:
    return deepcopy(standing)


def shut_out(hamlet: Hamlet, who: str, *, name: str = PERSON, service: bool = False) -> Exclusion:
    """Let the DPO shut an agent or its service out of one situation."""
    mandate = hamlet.people.mandates[who]
    return actions.shut_out(
        by=hamlet.viewer("dpo"), target=target_of(hamlet.follow_ups[name]), ground=Ground.KIN, now=hamlet.now,
        agent_id=None if service else mandate.agent_id, organisation_id=mandate.organisation_id if service else None,
    )  # fmt: skip


@pytest.mark.rule("ACL-05", "ACL-01")
@pytest.mark.parametrize("service", [False, True])
@pytest.mark.parametrize("who", ["coordinator", "pjj_lead", "aemo_lead"])
def test_the_record_is_absent_for_whoever_is_shut_out(hamlet: Hamlet, who: str, service: bool) -> None:
    row = hamlet.follow_ups[PERSON]
    viewer = hamlet.viewer(who)
    assert facts.visible_to(viewer, hamlet.now).filter(pk=row.pk).exists()
    shut_out(hamlet, who, service=service)
    assert not facts.visible_to(viewer, hamlet.now).filter(pk=row.pk).exists()
    assert not facts.relation(viewer, row, hamlet.now).classes(viewer, hamlet.now)
    client = client_for(hamlet.people.mandates[who])
    client.get(reverse("desk:work"))
    page = reverse("followups:page", args=[row.pk])
    unknown = knock(client, reverse("followups:page", args=[uuid.uuid4()]), "GET")
    unknown = knock(client, reverse("followups:page", args=[uuid.uuid4()]), "GET")
    assert knock(client, page, "GET") == unknown
    assert unknown[0] == 404


@pytest.mark.parametrize("who", some(["pjj_lead", "coordinator", "aemo_lead"], 1))
def test_no_page_lets_the_record_through(hamlet: Hamlet, who: str) -> None:
    """Every address that answers is read: neither its names, nor its reference, nor its card."""
    row = hamlet.follow_ups[PERSON]
    client = client_for(hamlet.people.mandates[who])
    words = [f"kanariidem{PERSON}", f"kanarirevue{PERSON}", row.reference, str(row.pk), str(row.person_id)]
    seen = _read_everything(hamlet, client, words)
    assert seen, "the walk must find the record before it is shut"
    shut_out(hamlet, who)
    left = _read_everything(hamlet, client, words)
    assert not left, left


@pytest.mark.attack("T-21")
@pytest.mark.parametrize("who", ["coordinator", "pjj_lead", "aemo_lead"])
def test_no_total_counts_the_record(hamlet: Hamlet, who: str) -> None:
    viewer = hamlet.viewer(who)
    before = situations.listing(viewer, now=hamlet.now)
    shut_out(hamlet, who)
    after = situations.listing(viewer, now=hamlet.now)
    assert after.total == before.total - 1
    fewer = {one[0]: one[2] - other[2] for one, other in zip(before.counts, after.counts, strict=True)}
    assert fewer == {"suivies": 1, "nouvelles": 0, "suspendues": 0, "toutes": 1}


@pytest.mark.attack("T-40")
@pytest.mark.parametrize(
    ("module", "key", "who"),
    some(
        [
            ("tig", "placement", "spip"),
            ("measures", "measure", "apers_offender"),
            ("reparation", "reparation", "pjj"),
            ("exclusion_support", "pupil", "host"),
        ]
    ),
)
def test_no_page_lets_a_file_of_placements_through(hamlet: Hamlet, module: str, key: str, who: str) -> None:
    """An affectation, a réparation, a measure, a pupil: neither name, nor mark, nor reference, nor id, on any page of theirs."""
    reference = hamlet.ids["tig_reference" if module == "tig" else f"{key}_reference"]
    target = subjects.by_reference(viewer_of(hamlet.people.dpo, now=hamlet.now), reference, hamlet.now)
    assert target is not None
    words = [
        reference,
        str(hamlet.ids[key]),
        str(target.subject_id),
        "Zzcanari Jeune",
        "Zzmarque",
        "Zzcanari faits",
        "Zzcanari Personne",
        PUPIL,
    ]
    client = client_for(hamlet.people.mandates[who])
    spaces = (f"{module}:", "hosts:", "desk:")
    assert _read_everything(hamlet, client, words, spaces), "the walk must find the file before it is shut"
    actions.shut_out(
        by=hamlet.viewer("dpo"), target=target, ground=Ground.KIN, now=hamlet.now,
        agent_id=hamlet.people.mandates[who].agent_id, organisation_id=None,
    )  # fmt: skip
    left = _read_everything(hamlet, client, words, spaces)
    assert not left, left


EXCHANGE = ("followups:", "meetings:", "desk:", "approvals:", "exclusions:")


def _read_everything(
    hamlet: Hamlet, client: Any, words: list[str], spaces: tuple[str, ...] = EXCHANGE
) -> dict[str, list[str]]:
    """Return, for each page that answers, which of the words it says."""
    found: dict[str, list[str]] = {}
    pages = [hamlet.convened.pk, hamlet.held.pk]
    for name, pattern in named_routes():
        if not name.startswith(spaces):
            continue
        converters = pattern.pattern.converters
        options: list[dict[str, Any]] = [{}]
        if "pk" in converters:
            options = [{"pk": pk} for pk in (pages if name.startswith("meetings:") else [hamlet.pk(name)])]
        for option in options:
            try:
                url = reverse(name, kwargs=hamlet.kwargs(name, converters) | option if converters else {})
            except (KeyError, AttributeError, NoReverseMatch):  # an address that this hamlet has no id for
                continue
            answer = client.get(url)
            if answer.status_code == 200 and not answer.streaming:
                text = answer.content.decode("utf-8", "replace")
                if said := [word for word in words if word in text]:
                    found[f"{name} {url}"] = said
    for term in (
        ()
        if spaces != EXCHANGE
        else (f"kanariidem{PERSON}", f"Zzqkanariidem{PERSON}", hamlet.follow_ups[PERSON].reference)
    ):
        text = client.post(reverse("followups:search"), {"q": term}).content.decode()
        if said := [word for word in words if word in text.replace(f'value="{term}"', "").replace(term, "", 1)]:
            found[f"search {term}"] = said
    return found


@pytest.mark.parametrize("who", ["coordinator", "pjj_lead"])
def test_every_act_on_it_is_refused(hamlet: Hamlet, who: str) -> None:
    shut_out(hamlet, who)
    row = hamlet.follow_ups[PERSON]
    viewer = hamlet.viewer(who)
    link = facts.relation(viewer, row, hamlet.now)
    for action in Action:
        assert not link.classes(viewer, hamlet.now, action), action
    client = client_for(hamlet.people.mandates[who])
    for name, pattern in object_routes():
        if name.startswith("followups:") and set(pattern.pattern.converters) == {"pk"} and hamlet.pk(name) == row.pk:
            answer = client.post(reverse(name, args=[row.pk]), {"once": str(uuid.uuid4())})
            assert answer.status_code in (404, 405), (name, answer.status_code)


@pytest.mark.rule("ACL-05")
def test_i_know_this_person(hamlet: Hamlet) -> None:
    """The agent says so on the page, and the page is gone; the coordinator is told by reference."""
    row = hamlet.follow_ups[PERSON]
    client = client_for(hamlet.people.pjj_lead)
    page = reverse("followups:page", args=[row.pk])
    assert "Je connais cette personne" in client.get(page).content.decode()
    sent = {"ground": "kin", "once": str(uuid.uuid4())}
    assert client.post(reverse("followups:declare_conflict", args=[row.pk]), sent).status_code == 302
    assert client.get(page).status_code == 404
    told = [line for line in work.for_viewer(hamlet.viewer("coordinator"), hamlet.now) if "Conflit" in line.label]
    assert not told, "kin is not « declared »: it is on the list only"
    assert [line.reference for line in reads.lines(hamlet.viewer("coordinator"), hamlet.now)] == [row.reference]
    assert AuditEvent.objects.filter(act="revoke", why="excluded_kin").count() == 1
    other = client_for(hamlet.people.aemo_lead)
    other.post(reverse("followups:declare_conflict", args=[row.pk]), {"ground": "declared", "once": str(uuid.uuid4())})
    now = timezone.now()
    lines = work.for_viewer(viewer_of(hamlet.people.coordinator, now=now), now)
    assert [line.reference for line in lines if "Conflit" in line.label] == [row.reference]


def test_lifting_needs_two_persons_and_never_the_one_concerned(hamlet: Hamlet) -> None:
    row = shut_out(hamlet, "coordinator")
    now = hamlet.now
    with pytest.raises(AccessRefused):
        actions.ask_to_lift(by=hamlet.viewer("coordinator"), exclusion_id=row.pk, reason="error", now=now)
    with pytest.raises(GuardRefused):
        actions.lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, now=now)
    asked = actions.ask_to_lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, reason=ApprovalReason.ERROR, now=now)
    approvals.approve(by=hamlet.viewer("coordinator"), approval_id=asked.pk, now=now)
    with pytest.raises(GuardRefused):
        actions.lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, now=now)
    again = actions.ask_to_lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, reason=ApprovalReason.CHANGE, now=now)
    approvals.withdraw(by=hamlet.viewer("dpo"), approval_id=again.pk, now=now)
    third = actions.ask_to_lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, reason=ApprovalReason.ERROR, now=now)
    approvals.approve(by=hamlet.viewer("valideur"), approval_id=third.pk, now=now)
    actions.lift(by=hamlet.viewer("dpo"), exclusion_id=row.pk, now=now)
    assert facts.visible_to(hamlet.viewer("coordinator"), now).filter(pk=hamlet.follow_ups[PERSON].pk).exists()


def test_the_database_refuses_an_end_without_a_second(hamlet: Hamlet) -> None:
    row = shut_out(hamlet, "aemo_lead")
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=row.pk).update(ends_at=hamlet.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=row.pk).update(agent=None)


@pytest.mark.attack("T-36")
def test_an_end_written_by_sql_opens_nothing(hamlet: Hamlet) -> None:
    row = shut_out(hamlet, "aemo_lead")
    viewer, situation = hamlet.viewer("aemo_lead"), hamlet.follow_ups[PERSON]
    for forged in (
        {"ends_at": hamlet.now, "approval_id": uuid.uuid4()},
        {"ground": Ground.DECLARED.value},
        {"mac": b"x"},
    ):
        Exclusion.objects.filter(pk=row.pk).update(**forged)
        assert not facts.visible_to(viewer, hamlet.now).filter(pk=situation.pk).exists()
        assert facts.relation(viewer, situation, hamlet.now).excluded
    assert not row_is_genuine(Exclusion.objects.get(pk=row.pk))


def test_the_coordinator_and_the_dpo_manage_nobody_else(hamlet: Hamlet) -> None:
    row = shut_out(hamlet, "aemo_lead")
    target = target_of(hamlet.follow_ups[PERSON])
    for who in ("pjj_lead", "mayor", "sysadmin", "valideur", "prosecutor", "stranger"):
        viewer = hamlet.viewer(who)
        with pytest.raises(AccessRefused):
            reads.lines(viewer, hamlet.now)
        with pytest.raises(AccessRefused):
            reads.one(viewer, row.pk, hamlet.now)
        with pytest.raises(AccessRefused):
            actions.shut_out(by=viewer, target=target, agent_id=viewer.agent_id, ground=Ground.KIN, now=hamlet.now)
    coordinator = client_for(hamlet.people.coordinator)
    assert hamlet.follow_ups[PERSON].reference in coordinator.get(reverse("exclusions:list")).content.decode()
    page = coordinator.get(reverse("exclusions:page", args=[row.pk])).content.decode()
    assert "Demander la levée" in page
    assert client_for(hamlet.people.aemo_lead).get(reverse("exclusions:page", args=[row.pk])).status_code == 404
    with pytest.raises(InputRefused):
        actions.shut_out(by=hamlet.viewer("dpo"), target=target, ground=Ground.KIN, now=hamlet.now)


def test_the_form_says_the_same_for_a_file_shut_to_oneself_and_for_none(hamlet: Hamlet) -> None:
    shut_out(hamlet, "coordinator")
    client = client_for(hamlet.people.coordinator)
    bodies = []
    for reference in (hamlet.follow_ups[PERSON].reference, "MIR-2026-XXXX"):
        sent = {"reference": reference, "who": f"a:{hamlet.people.aemo.agent_id}", "ground": "kin", "words": ""}
        answer = client.post(reverse("exclusions:add"), sent)
        text = answer.content.decode().replace(reference, "REF")
        bodies.append((answer.status_code, text[text.index("<form method") : text.index("Annuler")]))
    assert [code for code, _ in bodies] == [422, 422]
    strip = [body.split("csrfmiddlewaretoken")[0] for _, body in bodies]
    assert strip[0] == strip[1]
    assert "Aucune fiche" in bodies[0][1]
    assert "Aucune fiche" in bodies[1][1]


def test_a_shut_out_coordinator_does_not_see_that_it_is(hamlet: Hamlet) -> None:
    shut_out(hamlet, "coordinator")
    page = client_for(hamlet.people.coordinator).get(reverse("exclusions:list")).content.decode()
    assert hamlet.follow_ups[PERSON].reference not in page


@pytest.mark.attack("T-36")
@pytest.mark.parametrize("ended_by_sql", [False, True])
def test_the_exclusions_of_both_files_hold_after_a_merge(hamlet: Hamlet, ended_by_sql: bool) -> None:
    from django.db.models import QuerySet

    from casework.minors.followups.actions import merge

    row = shut_out(hamlet, "mds_lead", name="again")
    if ended_by_sql:
        QuerySet(Exclusion).filter(pk=row.pk).update(ends_at=row.starts_at, approval_id=row.pk)
    merge.merge(
        by=hamlet.viewer("coordinator"), duplicate_id=hamlet.ids["duplicate"],
        keep_id=hamlet.follow_ups["other"].pk, now=hamlet.now,
    )  # fmt: skip
    kept = FollowUp.objects.get(pk=hamlet.follow_ups["other"].pk)
    assert exclusions.is_shut(hamlet.viewer("mds_lead"), kept.subject_id, hamlet.now)


def test_nobody_pays_a_query_for_the_exclusions_of_others(hamlet: Hamlet) -> None:
    """Most agents are shut out of nothing: their page asks nothing more; the others ask once, whatever the number."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("followups:list")
    counts = []
    for names in ((), ("informed",), ("suspended", "kept")):
        for name in names:
            shut_out(hamlet, "pjj_lead", name=name)
        client = client_for(hamlet.people.pjj_lead)
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        counts.append(sum("access_exclusion" in query["sql"] and "EXISTS" not in query["sql"] for query in seen))
    assert counts == [0, 1, 1]
