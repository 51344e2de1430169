"""What a real day brings to the room: gaps nobody noted, a name typed, the paper sheet, two files that are one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from casework.audit.models import AuditEvent
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import merge
from casework.minors.followups.models import Action, PossibleDuplicate, SchemeStatus
from casework.minors.sessions.codes import LineState
from casework.minors.sessions.models import AgendaLine, GroupSession, Review
from casework.minors.sessions.reads import room as reads
from tests.people import People, client_for
from tests.sessions.room_setting import Setting, bring, build, steps_of, token, url

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def room(people: People) -> Setting:
    return build(people)


@pytest.fixture
def client(room: Setting) -> Client:
    return client_for(room.people.coordinator)


@pytest.mark.rule("CLV-23")
def test_a_usual_scheme_never_noted_is_a_gap_to_check(room: Setting, client: Client) -> None:
    bring(room)
    day = room.now.date() - timedelta(days=30)
    lists = {"territory": room.people.territory, "list_code": ListCode.SCHEME, "valid_from": day}
    gap = LocalItem.objects.create(**lists, label="Chantier éducatif")
    gone = LocalItem.objects.create(**lists, label="Ancien dispositif", valid_to=day + timedelta(days=1))
    line = reads.room(room.by, room.session, room.lines[0].pk, now=room.now).line
    assert line is not None
    assert [(scheme.label, scheme.state) for scheme in line.schemes] == [
        ("Mission locale", "not_tried"),
        ("Chantier éducatif", ""),
    ]
    assert "à vérifier" in client.get(url(room, "room")).content.decode()
    here = url(room, "room_scheme", room.lines[0].pk, gap.pk)
    assert client.post(here, token() | {"state": ""}).status_code == 422
    assert client.post(here, token() | {"state": "active"}).status_code == 302
    assert SchemeStatus.objects.get(follow_up=room.followed[0], item=gap).state == "active"
    assert (
        client.post(url(room, "room_scheme", room.lines[0].pk, gone.pk), token() | {"state": "active"}).status_code
        == 422
    )
    assert not SchemeStatus.objects.filter(item=gone).exists()


def named() -> int:
    """Return how many events say that a name was opened."""
    return sum("youth_identity" in classes for classes in AuditEvent.objects.values_list("classes", flat=True))


@pytest.mark.rule("SEC-05")
def test_the_own_name_of_the_young_person_is_found_in_a_precision(room: Setting, client: Client) -> None:
    line = bring(room)
    typed = {"d-who": "P", "d-what": "famille", "d-due": "+2s"}
    before = named()
    assert client.post(url(room, "room_decide", line.pk), token() | typed | {"d-precision": ""}).status_code == 302
    assert named() == before, "nothing to compare"
    answer = client.post(url(room, "room_decide", line.pk), token() | typed | {"d-precision": "voir zzbelkacem lundi"})
    assert answer.status_code == 422
    assert "Un nom de personne" in answer.content.decode()
    assert named() == before + 1
    other = client.post(url(room, "room_decide", line.pk), token() | typed | {"d-precision": "voir zzmartin lundi"})
    assert other.status_code == 302, "the names of this line only"


@pytest.mark.rule("SEC-09")
def test_a_question_is_typed_from_the_sheet(room: Setting, client: Client) -> None:
    question = AgendaLine.objects.get(session=room.session, kind="question")
    page = client.get(url(room, "from_sheet")).content.decode()
    assert "13-15 ans" in page
    here = url(room, "from_sheet_line", question.pk)
    assert client.post(here, token() | {"advice": "nonsense"}).status_code == 422
    assert client.post(here, token() | {"advice": "refer_with_agreement"}).status_code == 302
    question.refresh_from_db()
    assert question.state == LineState.DONE
    assert question.opened_at is not None
    answer = client.post(here, token() | {"advice": "refer_with_agreement"})
    assert answer.status_code == 409
    assert "déjà son conseil" in answer.content.decode()


def test_a_line_refused_on_the_sheet_keeps_all_that_was_typed(room: Setting, client: Client) -> None:
    line, old = room.lines[0], Action.objects.get(follow_up=room.followed[0])
    pjj = room.people.pjj_service
    sent = token() | {
        f"a-{old.pk}": "done", "present": str(pjj.pk), "d0-who": "P", "d0-what": "famille", "d0-due": "avant les vacances",
        "r-step1": "active", "r-step2": "kept", "r-step3": "unchanged", "r-outcome": "continue", "r-review_on": "+1m",
    }  # fmt: skip
    answer = client.post(url(room, "from_sheet_line", line.pk), sent)
    assert answer.status_code == 422
    item = next(one for one in answer.context["items"] if one["line"].id == line.pk)
    assert [service.id for service, ticked in item["services"] if ticked] == [pjj.pk]
    assert item["last"][0][1] == "done"
    body = answer.content.decode()
    assert '<option value="done" selected>' in body
    assert "avant les vacances" in body


def test_by_circle_the_sheet_ticks_the_services_asked(people: People) -> None:
    room = build(people, formation="by_circle")
    room.lines[0].asked.set([people.pjj_service])
    page = client_for(people.coordinator).get(url(room, "from_sheet"))
    item = next(one for one in page.context["items"] if one["line"].id == room.lines[0].pk)
    ticked = {service.id for service, chosen in item["services"] if chosen}
    assert ticked == {people.pjj_service.pk, people.organisations["municipality"].pk}


@pytest.mark.rule("CLV-23")
def test_keeping_after_a_decision_tells_the_decision(room: Setting, client: Client) -> None:
    line = bring(room)
    typed = {"d-who": "P", "d-what": "famille", "d-precision": "", "d-due": "+2s"}
    client.post(url(room, "room_decide", line.pk), token() | typed)
    line.refresh_from_db()
    client.post(url(room, "room_keep", line.pk), token() | {"revision": str(line.revision)})
    steps = steps_of(room, Review.objects.get(line=line))
    assert (steps["step2"], steps["step3"]) == ("chained", "added")


def test_the_last_line_is_examined_before_the_room_offers_to_close(room: Setting, client: Client) -> None:
    closing = reverse("meetings:room_close", args=[room.session.pk])
    AgendaLine.objects.filter(session=room.session).exclude(pk=room.lines[0].pk).update(state=LineState.DONE)
    assert closing not in client.get(url(room, "room")).content.decode(), "one line still waits"
    bring(room)
    assert "C’est la dernière situation." in client.get(url(room, "room")).content.decode()
    AgendaLine.objects.filter(session=room.session).update(state=LineState.DONE)
    GroupSession.objects.filter(pk=room.session.pk).update(current_line=None)
    assert closing in client.get(url(room, "room")).content.decode()


@pytest.mark.parametrize("keep", [0, 1])
def test_the_room_goes_on_when_two_of_its_files_are_merged(room: Setting, client: Client, keep: int) -> None:
    mine = bring(room)
    newer, older = sorted(room.followed[:2], key=lambda row: row.received_at, reverse=True)
    pair = PossibleDuplicate.objects.create(
        territory=room.people.territory, newer=newer, older=older, found_at=room.now
    )
    stays = room.followed[keep]
    pulse = GroupSession.objects.get(pk=room.session.pk).pulse
    merge.merge(by=room.by, duplicate_id=pair.pk, keep_id=stays.pk, now=room.now)
    session = GroupSession.objects.get(pk=room.session.pk)
    kept = AgendaLine.objects.get(session=session, follow_up=stays)
    assert session.current_line == kept.pk
    assert session.pulse == pulse + 1
    assert kept.state == LineState.OPENED
    assert not AgendaLine.objects.filter(follow_up=room.followed[1 - keep]).exists()
    assert client.get(url(room, "room")).status_code == 200
    assert client.get(url(room, "room") + f"?ligne={mine.pk}").status_code == 200
    assert client_for(room.people.pjj_lead).get(url(room, "follow")).status_code == 200
    assert client.post(url(room, "room_keep", kept.pk), token() | {"revision": str(kept.revision)}).status_code == 302
    assert AgendaLine.objects.get(pk=kept.pk).state == LineState.DONE
