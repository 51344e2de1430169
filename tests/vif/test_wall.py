"""The wall: nobody on the other side, its head included, learns that somebody is known on this one (VIC-01 to 07)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import approvals, grants, subjects
from casework.access.approvals import ApprovalAct
from casework.access.emergencies import actions as emergencies
from casework.access.emergencies import reads as emergency_reads
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as shutting
from casework.access.exclusions import reads as exclusion_reads
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.routes import Door, policy_of
from casework.casefile import erasure, watch
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, InputRefused
from casework.partners import hooks
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.vif.victims import facts
from casework.vif.victims.actions import notices
from casework.vif.victims.models import SupportGrant, VictimSupport
from tests.access.reviewed import COLUMNS, ROWS, Moment, cells, says
from tests.attack.hamlet import ROLES, Hamlet, named_routes, object_routes
from tests.attack.hamlet.files import measured, supported
from tests.attack.test_t19_absent_and_refused_alike import knock
from tests.databases import some
from tests.people import build as cast
from tests.people import client_for, viewer_of
from tests.standing import written_once
from tests.vif.offenders.setting import PERSON
from tests.vif.victims.setting import NAME, PHONE, PLACE, WORDS, Setting

pytestmark = pytest.mark.django_db(databases="__all__")

READERS = {"apers_victim", "prosecutor"}


@dataclass(frozen=True)
class Side:
    """One side of the wall: its routes, what is written there, who holds it."""

    space: str
    reference: str
    file: str
    officer: str
    words: tuple[str, ...]


HERS = Side("victims:", "support_reference", "support", "apers_victim", (NAME, PLACE, WORDS, PHONE))
THEIRS = Side(
    "measures:", "measure_reference", "measure", "apers_offender",
    (PERSON, "Zzcanari récit", "Zzcanari adresse", "Zzcanari repère"),
)  # fmt: skip
# The other side of the same association first, under its head; then those who coordinate, judge, or keep the server.
ACROSS = [
    (HERS, "apers_offender"),
    (THEIRS, "apers_victim"),
    *((HERS, who) for who in ("coordinator", "spip", "mayor", "sysadmin", "pjj_lead")),
    *((THEIRS, who) for who in ("coordinator", "mayor")),
]
IDS = [f"{side.file}-{who}" for side, who in ACROSS]


def _write() -> Hamlet:
    """One victim and one measure, with one of everything; each side of the association has its head."""
    people = cast()
    for mandate in (people.apers_offender, people.apers_victim):
        mandate.is_service_lead = True
        mandate.save()
    found = Hamlet(people, timezone.now())
    supported(found)
    measured(found)
    return found


standing = written_once(_write)


@pytest.fixture
def hamlet(standing: Hamlet) -> Hamlet:
    return deepcopy(standing)


def _words(hamlet: Hamlet, side: Side) -> list[str]:
    return [*side.words, hamlet.ids[side.reference], str(hamlet.ids[side.file])]


def _pages(hamlet: Hamlet) -> Iterator[tuple[str, str]]:
    """Yield every address of the site that asks for no id, and those about the association and its officers."""
    for name, pattern in named_routes():
        if not pattern.pattern.converters and getattr(policy_of(pattern.callback), "door", None) is not Door.PUBLIC:
            yield name, reverse(name)
    people = hamlet.people
    yield "service", reverse("directory:service", args=[people.supervision.pk])
    for mandate in (people.apers_victim, people.apers_offender):
        for name in ("function", "hand_over"):
            yield f"{name} {mandate.role}", reverse(f"directory:{name}", args=[mandate.pk])


@pytest.mark.attack("T-39", "T-40")
@pytest.mark.rule("VIC-01", "VIC-04", "VIC-06", "VIC-07", "ACL-05", "LOG-05")
@pytest.mark.parametrize(("side", "who"), some(ACROSS, 3), ids=some(IDS, 3))
def test_no_page_export_message_or_log_line_across_the_wall_says_a_word(
    hamlet: Hamlet, side: Side, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_for(hamlet.people.mandates[who], now=hamlet.now)
    words, officer = _words(hamlet, side), hamlet.people.mandates[side.officer].agent.last_name
    leaks, read = [], 0
    for name, url in _pages(hamlet):
        answer = client.get(url)
        assert answer.status_code < 500, (name, answer.status_code)
        body = unescape(b"".join(answer).decode("utf-8", "replace"))
        read += answer.status_code == 200
        leaks += [(name, word) for word in words if word in body]
        if who not in ("coordinator", "sysadmin") and officer in body:  # these two keep the accounts (row 31)
            leaks.append((name, "the officer"))
    assert not leaks, leaks
    assert read > 3
    heard = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in heard if any(word in line for word in side.words)]
    assert not [mail for mail in OutboxMail.objects.all() if any(word in mail.subject for word in words)]


@pytest.mark.attack("T-19", "T-35")
@pytest.mark.rule("ACL-05", "VIC-02", "VIC-07")
@pytest.mark.parametrize(("side", "who"), ACROSS[:3], ids=IDS[:3])
def test_a_guessed_id_answers_like_an_unknown_one_in_the_same_queries(hamlet: Hamlet, side: Side, who: str) -> None:
    client = client_for(hamlet.people.mandates[who], now=hamlet.now)
    client.get(reverse("desk:work"))
    compared = 0
    for name, pattern in object_routes():
        if not name.startswith(side.space):
            continue
        parts = hamlet.kwargs(name, pattern.pattern.converters)
        knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), "GET")  # the log of the town is warm
        for method in ("GET", "POST"):
            unknown = knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), method)
            known = knock(client, reverse(name, kwargs=parts), method)
            assert known == unknown, (name, method)
            assert known[0] in (404, 405), (name, method)
            compared += 1
    assert compared > 30


@pytest.mark.attack("T-33", "T-34")
@pytest.mark.rule("ACL-05", "VIC-01", "VIC-07")
def test_rows_22a_and_22b_as_lived_by_every_role(hamlet: Hamlet) -> None:
    table, column = cells(), {role: code for code, role in COLUMNS.items()}
    support, opened = VictimSupport.objects.get(), set()
    for who in ROLES:
        viewer = hamlet.viewer(who)
        here = viewer.live(hamlet.now) and viewer.charter_signed
        here = here and viewer.territory_id == support.territory_id and viewer.role in column
        link = facts.relation(viewer, support, hamlet.now)
        moment = Moment(bases=frozenset(basis.value for basis in link.grants), lead=viewer.is_service_lead)
        for number in ("22a", "22b"):
            data_class = DataClass(ROWS[number])
            for action in Action:
                code = column.get(viewer.role, "")
                said = bool(here) and says(table[number, code], number, code, action.value, moment)
                assert link.may(viewer, action, data_class, hamlet.now) is said, (who, number, action)
            look = Action.REVEAL if number == "22b" else Action.VIEW
            listed = facts.visible_to(viewer, hamlet.now, data_class).filter(pk=support.pk).exists()
            assert listed is link.may(viewer, look, data_class, hamlet.now), (who, number)
            opened |= {who} if listed else set()
    assert opened == READERS


@pytest.mark.rule("VIC-07", "ACL-05")
def test_nothing_organisation_wide_joins_the_two_sides(hamlet: Hamlet) -> None:
    """Caseload, hand-over, duty, references: the lead of one side and the coordinator read none of the other."""
    people, support = hamlet.people, VictimSupport.objects.get()
    held = hooks.entrusted(people.apers_victim, hamlet.viewer("apers_victim"), hamlet.now)
    assert [case.reference for case in held] == [support.reference]
    for who in ("apers_offender", "coordinator"):
        assert hooks.entrusted(people.apers_victim, hamlet.viewer(who), hamlet.now) == []
    room: Any = subjects.room("victims")
    with audit.writing(hamlet.viewer("coordinator"), now=hamlet.now) as w:
        passed = room.pass_on(w, people.apers_victim, people.apers_offender, hamlet.viewer("coordinator"), hamlet.now)
    assert passed == 0
    assert not SupportGrant.objects.filter(mandate=people.apers_offender).exists()
    for who, mandate in people.mandates.items():
        if mandate.territory_id == people.territory.pk:
            may = who in READERS | {"dpo"}
            assert subjects.told(mandate.role, support.reference) is may, who
            known = subjects.by_subjects(hamlet.viewer(who), [support.subject_id])
            assert bool(known) is may, who
    assert subjects.told(Role.COORDINATOR, "MIR-2026-K7QF")
    assert support.reference in {record.reference for record in watch.records(people.territory.pk)}  # the DPO's journal


@pytest.mark.rule("VIC-07", "RET-07", "GDP-11")
def test_an_exclusion_and_an_early_erasure_are_the_dpos_and_the_prosecutors(hamlet: Hamlet) -> None:
    people, support = hamlet.people, VictimSupport.objects.get()
    dpo, coordinator = hamlet.viewer("dpo"), hamlet.viewer("coordinator")
    target = subjects.by_reference(dpo, support.reference, hamlet.now)
    assert target is not None
    shutting.shut_out(
        by=dpo,
        target=target,
        ground=Ground.KIN,
        now=hamlet.now,
        agent_id=people.apers_victim.agent_id,
        organisation_id=None,
    )
    assert [line.reference for line in exclusion_reads.lines(dpo, hamlet.now)] == [support.reference]
    assert exclusion_reads.lines(coordinator, hamlet.now) == []
    common: dict[str, Any] = {"reference": support.reference, "reason": "rights_request", "now": hamlet.now}
    with pytest.raises(InputRefused, match="Aucune fiche"):
        erasure.ask(by=coordinator, **common)
    asked = erasure.ask(by=dpo, **common)
    for who in ("coordinator", "valideur", "apers_offender"):
        with pytest.raises(AccessRefused):
            approvals.approve(by=hamlet.viewer(who), approval_id=asked.pk, now=hamlet.now)
    approvals.approve(by=hamlet.viewer("prosecutor"), approval_id=asked.pk, now=hamlet.now)
    assert asked.act == ApprovalAct.SUBJECT_ERASE
    erasure.erase(by=dpo, **common)
    assert not VictimSupport.objects.exists()


@pytest.mark.attack("T-42", "T-22")
@pytest.mark.rule("ACL-09", "VIC-01")
def test_an_emergency_opens_the_file_and_no_place_a_day_on_duty_opens_both(hamlet: Hamlet) -> None:
    people, support = hamlet.people, VictimSupport.objects.get()
    agent = Agent(email="relais@mireval.example", first_name="Ana", last_name="Relais")
    agent.set_unusable_password()
    agent.save()
    mandate = Mandate.objects.create(
        agent=agent, organisation=people.supervision, territory=people.territory, role=Role.APERS_VICTIM,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip
    viewer = viewer_of(mandate, now=hamlet.now)
    page, place = (
        reverse(f"victims:{name}", args=[hamlet.ids[key]]) for name, key in (("page", "support"), ("place", "place"))
    )
    client = client_for(mandate, now=hamlet.now)
    assert [client.get(url).status_code for url in (page, place)] == [404, 404]
    target = subjects.by_reference(viewer, support.reference, hamlet.now)
    assert target is not None
    for basis, answers in ((Basis.BREAK_MASKED, [404, 404]), (Basis.BREAK_GLASS, [200, 404]), (Basis.DUTY, [200, 200])):
        with audit.writing(viewer, now=hamlet.now) as w:
            subjects.room("victims").open(
                w, target=target, mandate=mandate, basis=basis, ends_at=hamlet.now + timedelta(minutes=30),
                reason="test", by=viewer,
            )  # fmt: skip
        assert [client.get(url).status_code for url in (page, place)] == answers, basis
    assert 'method="post" action="/victimes' not in client.get(page).content.decode(), "on duty one looks"
    for who in ("dpo", "apers_offender", "coordinator"):  # nobody is found by a name in an emergency
        born = hamlet.now.date()
        assert subjects.by_identity(hamlet.viewer(who), NAME, "Ana", born, hamlet.now) is None
    assert len(grants.valid(SupportGrant.objects.filter(mandate=mandate))) == 3


@pytest.mark.attack("T-42")
@pytest.mark.rule("ACL-09", "VIC-02")
def test_an_opening_behind_the_wall_is_told_and_reviewed_there(hamlet: Hamlet) -> None:
    support = VictimSupport.objects.get()
    dpo, prosecutor = hamlet.viewer("dpo"), hamlet.viewer("prosecutor")
    target = subjects.by_reference(dpo, support.reference, hamlet.now)
    assert target is not None
    emergencies.open_control(by=dpo, targets=[target], words="Demande d’accès reçue, à vérifier.", now=hamlet.now)
    told = set(OutboxMail.objects.values_list("to", flat=True))
    assert told == {f"{who}@mireval.example" for who in ("prosecutor", "apers_victim")}
    for who in ROLES:
        viewer = hamlet.viewer(who)
        seen = {line.reference for line in emergency_reads.lines(viewer, hamlet.now)}
        assert (support.reference in seen) == (who in {"dpo", "prosecutor"}), who
    (line,) = emergency_reads.to_review(prosecutor, hamlet.now)
    page = client_for(hamlet.people.prosecutor, now=hamlet.now).get(reverse("emergencies:page", args=[line.id]))
    assert support.reference in page.content.decode()
    with pytest.raises(AccessRefused):
        emergencies.review(by=hamlet.viewer("coordinator"), episode_id=line.id, verdict="justified", now=hamlet.now)
    emergencies.review(by=prosecutor, episode_id=line.id, verdict="justified", now=hamlet.now)
    assert emergency_reads.to_review(prosecutor, hamlet.now) == []


@pytest.mark.rule("VIC-05", "VIC-02")
def test_telling_the_prosecutor_tells_nobody_else(hamlet: Hamlet) -> None:
    """No mail, no line of work, no count moves on the other side when a forbidden contact is reported."""
    side = Setting(hamlet.people, hamlet.now)
    mails = OutboxMail.objects.count()
    row = side.told(VictimSupport.objects.get())
    notices.note_left(by=side.viewer(), notice_id=row.pk, noted_on=side.today, now=side.now, expected=row.revision)
    assert OutboxMail.objects.count() == mails
    work = client_for(hamlet.people.apers_offender, now=hamlet.now).get(reverse("desk:work")).content.decode()
    assert "Accompagnement" not in work
    assert "ACC-" not in work
