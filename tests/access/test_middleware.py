"""Every request: who is looking, through which door, and the one page of a refusal."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework import audit
from casework.access import grants
from casework.access.attach import net_prefix
from casework.access.policy import Basis
from casework.audit.models import AuditEvent
from casework.audit.refs import object_ref
from casework.partners import session_state
from casework.partners.models import Mandate, Territory
from tests.access.probe import Probe, ProbeGrant
from tests.people import People, at_court, client_for, client_of, viewer_of

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.access.urls"),
    pytest.mark.usefixtures("probe_tables"),
]

MINUTE = timedelta(minutes=1)
VICTIM = "/probe/victim/11111111-2222-4333-8444-555555555555/"
FETCH = {"HTTP_HX_REQUEST": "true"}


def _events(*acts: str) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(act__in=acts).order_by("ts", "id")
    return list(rows.values_list("act", "outcome", "why"))


def test_a_stranger_is_sent_to_sign_in_and_back(people: People, client: Client) -> None:
    page = client.get("/probe/names/")
    assert page.status_code == 302
    assert page["Location"].endswith("?next=%2Fprobe%2Fnames%2F")
    fetched = client.get("/probe/names/", **FETCH)
    assert (fetched.status_code, "HX-Redirect" in fetched) == (401, True)
    polled = client.get("/probe/pulse/", **FETCH)
    assert (polled.status_code, polled["HX-Trigger"], "HX-Redirect" in polled) == (401, "cw:locked", False)
    assert client.get("/probe/open/").content == b"open"
    assert not AuditEvent.objects.filter(act="miss").exists()


@pytest.mark.rule("MFA-01")
def test_the_password_alone_opens_nothing(people: People, client: Client) -> None:
    client.force_login(people.coordinator.agent)
    session = client.session
    session_state.begin(session, mandate_id=people.coordinator.pk, now=timezone.now())
    session.save()
    for path in ("/probe/signed/", "/probe/names/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "next=" in answer["Location"]


@pytest.mark.attack("T-34")
@pytest.mark.rule("GDP-15")
def test_a_route_without_policy_is_absent(people: People) -> None:
    assert client_for(people.coordinator).get("/probe/forgotten/").status_code == 404
    assert Client().get("/probe/forgotten/").status_code == 404


@pytest.mark.attack("T-34")
@pytest.mark.rule("ACL-01", "ACL-05", "ACL-07", "CLV-24", "CLV-25")
@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("coordinator", "/probe/names/", 200),
        ("outreach", "/probe/names/", 200),
        ("mayor", "/probe/names/", 404),
        ("education", "/probe/names/", 404),
        ("sysadmin", "/probe/names/", 404),
        ("valideur", "/probe/names/", 404),
        ("ended", "/probe/names/", 404),
        ("not_yet", "/probe/names/", 404),
        ("apers_victim", VICTIM, 200),
        ("apers_offender", VICTIM, 404),
        ("coordinator", VICTIM, 404),
    ],
)
def test_the_role_is_the_ceiling_of_a_route(people: People, who: str, path: str, status: int) -> None:
    assert client_for(at_court(people).mandates[who]).get(path).status_code == status


@pytest.mark.attack("T-34")
def test_so_is_the_kind_of_the_territory(people: People) -> None:
    assert client_for(people.apers_victim).get(VICTIM).status_code == 404, "Mireval is a commune"


@pytest.mark.rule("ACL-01")
def test_an_agent_without_mandate_sees_no_record(people: People) -> None:
    browser = client_of(people.idle)
    assert browser.get("/probe/signed/").status_code == 200
    assert browser.get("/probe/names/").status_code == 404
    assert browser.get(f"/probe/{uuid4()}/").status_code == 404


@pytest.mark.rule("CLV-25")
def test_an_unsigned_charter_leads_to_the_charter(people: People) -> None:
    browser = client_for(people.unsigned)
    answer = browser.get("/probe/names/")
    assert (answer.status_code, "charte" in answer["Location"]) == (302, True)
    assert browser.post("/probe/names/").status_code == 404
    assert browser.get("/probe/names/", **FETCH).status_code == 404


@pytest.fixture
def probes(people: People) -> dict[str, str]:
    """Ids that PJJ must not be able to tell apart, and one it may see."""
    here = {"territory_id": people.territory.pk, "group_id": people.group.pk}
    made = {
        "seen": Probe.objects.create(**here),
        "forbidden": Probe.objects.create(**here),
        "excluded": Probe.objects.create(excluded_mandate=people.pjj.pk, **here),
        "gone": Probe.objects.create(state="gone", **here),
        "elsewhere": Probe.objects.create(territory_id=people.elsewhere.pk, group_id=people.group.pk),
    }
    now = timezone.now()
    coordinator = viewer_of(people.coordinator, now=now)
    with audit.writing(coordinator, now=now) as w:
        for name in ("seen", "excluded", "gone"):
            grants.give(
                w, ProbeGrant, mandate=people.pjj, obj=made[name], basis=Basis.CIRCLE, starts_at=now - MINUTE,
                ends_at=None, reason="circle", by=coordinator,
            )  # fmt: skip
    return {name: str(probe.pk) for name, probe in made.items()} | {"unknown": str(uuid4())}


ABSENT = ("unknown", "forbidden", "excluded", "gone", "elsewhere")


@pytest.mark.attack("T-19")
@pytest.mark.rule("ACL-05")
@pytest.mark.parametrize("method", ["get", "post", "head", "delete"])
def test_refused_and_absent_are_one_answer(people: People, probes: dict[str, str], method: str) -> None:
    browser = client_for(people.pjj)
    assert getattr(browser, method)(f"/probe/{probes['seen']}/").status_code == 200
    answers = {name: _answer(browser, method, probes[name]) for name in ABSENT}
    for name in ABSENT:
        for part, expected in zip(answers[name], answers["unknown"], strict=True):
            assert part == expected, name
    assert answers["unknown"][0] == 404


def _answer(browser: Client, method: str, pk: str) -> tuple[Any, ...]:
    before = AuditEvent.objects.filter(act="miss").count()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = getattr(browser, method)(f"/probe/{pk}/")
    shapes = [re.sub(r"'[^']*'|x'[^']*'|\b[0-9a-f]{32}\b|\b\d+(\.\d+)?\b|s\d+_x\d+", "?", q["sql"]) for q in queries]
    shapes = [re.sub(r"\(\?(, \?)*\)", "(?)", shape) for shape in shapes]
    headers = {name: value for name, value in answer.items() if name not in ("Content-Length",)}
    body = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", answer.content.decode()).replace(pk, "ID")
    assert AuditEvent.objects.filter(act="miss").count() == before + 1
    return answer.status_code, headers, body, shapes


@pytest.mark.attack("T-19")
@pytest.mark.rule("LOG-05")
def test_a_miss_keeps_the_reference_of_what_was_asked_only(people: People, probes: dict[str, str]) -> None:
    browser = client_for(people.pjj)
    browser.get(f"/probe/{probes['forbidden']}/")
    event = AuditEvent.objects.get(act="miss")
    assert event.object_type == "probe:detail"
    assert object_ref("probe:detail", probes["forbidden"]) in str(event.object_ref)
    assert probes["forbidden"] not in "".join(str(value) for value in vars(event).values())
    assert event.mandate_id == people.pjj.pk


@pytest.mark.attack("T-19")
def test_an_unknown_address_is_the_same_page_and_one_miss(people: People) -> None:
    browser = client_for(people.coordinator)
    unknown = browser.get("/nulle-part/")
    own = browser.get("/probe/answers-404/")
    assert unknown.status_code == own.status_code == 404
    assert "Yanis" not in own.content.decode()
    assert AuditEvent.objects.filter(act="miss", mandate_id=people.coordinator.pk).count() == 2


@pytest.mark.attack("T-36")
def test_a_grant_inserted_by_sql_opens_no_page(people: People, probes: dict[str, str]) -> None:
    browser = client_for(people.pjj)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_probe_probegrant SET content_object_id = %s WHERE content_object_id = %s",
                       [_db(probes["forbidden"]), _db(probes["seen"])])  # fmt: skip
    assert browser.get(f"/probe/{probes['forbidden']}/").status_code == 404
    assert browser.get(f"/probe/{probes['seen']}/").status_code == 404


@pytest.mark.attack("T-36")
def test_a_mandate_promoted_by_sql_opens_no_page_and_is_reported(people: People) -> None:
    browser = client_for(people.education)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_mandate SET role = 'clspd_coordinator' WHERE id = %s", [_db(str(people.education.pk))]
        )
    assert browser.get("/probe/names/").status_code == 404
    assert ("integrity_fail", "denied", "mandate_seal") in _events("integrity_fail")


def _db(pk: str) -> Any:
    return Probe._meta.pk.get_db_prep_value(pk, connection)


@pytest.mark.attack("T-37")
@pytest.mark.rule("CLV-24", "ACL-02")
def test_an_open_session_closes_with_the_mandate(people: People) -> None:
    start = timezone.now()
    end = start + 5 * MINUTE
    people.pjj.ends_at = end
    people.pjj.save()
    browser = client_for(people.pjj)
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert browser.get("/probe/names/").status_code == 200
    with time_machine.travel(end, tick=False):
        assert browser.get("/probe/names/").status_code == 404
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        assert browser.get("/probe/names/").status_code == 404


@pytest.mark.rule("MFA-01")
@pytest.mark.parametrize(("quiet", "opens"), [(14, True), (15, False)])
def test_a_quiet_session_locks(people: People, quiet: int, opens: bool) -> None:
    browser = client_for(people.coordinator)
    with time_machine.travel(timezone.now() + quiet * MINUTE, tick=False):
        page = browser.get("/probe/names/")
        fetched = browser.get("/probe/names/", **FETCH)
    assert page.status_code == (200 if opens else 302)
    assert fetched.status_code == (200 if opens else 401)


def test_a_poll_is_not_an_activity(people: People) -> None:
    browser = client_for(people.coordinator)
    start = timezone.now()
    for minute in range(1, 15, 3):
        with time_machine.travel(start + minute * MINUTE, tick=False):
            assert browser.get("/probe/pulse/").status_code == 200
    with time_machine.travel(start + 16 * MINUTE, tick=False):
        assert browser.get("/probe/pulse/").status_code == 401
        assert browser.get("/probe/names/").status_code == 302


@pytest.mark.parametrize(("quiet", "opens"), [(44, True), (45, False)])
def test_a_running_meeting_waits_longer(people: People, quiet: int, opens: bool) -> None:
    browser = client_for(people.coordinator)
    start = timezone.now()
    session = browser.session
    session_state.open_meeting(session, start + 120 * MINUTE)
    session.save()
    with time_machine.travel(start + quiet * MINUTE, tick=False):
        assert browser.get("/probe/names/").status_code == (200 if opens else 302)


@pytest.mark.attack("T-45")
def test_ten_hours_end_the_session(people: People) -> None:
    browser = client_for(people.coordinator)
    session = browser.session
    start = timezone.now()
    session_state.touch(session, start + 600 * MINUTE)
    session.save()
    with time_machine.travel(start + 600 * MINUTE, tick=False):
        assert browser.get("/probe/names/").status_code == 302
    assert "_auth_user_id" not in browser.session


@pytest.mark.attack("T-28")
@pytest.mark.parametrize(
    ("kind", "status", "event"),
    [
        ("absent", 404, ("miss", "denied", "")),
        ("access", 404, ("miss", "denied", "")),
        ("permission", 404, ("miss", "denied", "")),
        ("shredded", 404, ("miss", "denied", "")),
        ("guard", 409, ("denied", "denied", "guard")),
        ("conflict", 409, ("denied", "denied", "conflict")),
        ("keystore", 503, ("error", "error", "keystore")),
        ("unaudited", 503, ("error", "error", "unaudited")),
        ("integrity", 503, ("integrity_fail", "error", "integrity")),
        ("done_elsewhere", 409, ("denied", "denied", "already_done")),
    ],
)
def test_what_a_view_raises_becomes_a_page_and_an_event_after_rollback(
    people: People, kind: str, status: int, event: tuple[str, str, str]
) -> None:
    answer = client_for(people.coordinator).get(f"/probe/raise/{kind}/")
    assert answer.status_code == status
    assert "Yanis" not in answer.content.decode()
    assert _events("miss", "denied", "error", "integrity_fail", "change") == [event]
    assert not Territory.objects.filter(prefix="FAN").exists()


def test_a_guard_says_what_is_missing_and_gives_a_way_back(people: People) -> None:
    page = client_for(people.coordinator).get("/probe/raise/guard/").content.decode()
    assert "Ce n’est pas possible pour le moment" in page
    assert "Désignez un référent." in page
    assert 'href="/probe/raise/guard/"' in page


def test_a_page_of_another_site_is_never_the_way_back(people: People) -> None:
    browser = client_for(people.coordinator)
    for sent, back in (
        ("http://testserver/probe/names/", "/probe/names/"),
        ("https://elsewhere.example/x", "/"),
        ("http://testserver.elsewhere.example/x", "/"),
    ):
        page = browser.post("/probe/raise/guard/", HTTP_REFERER=sent).content.decode()
        assert f'<a class="btn btn-primary" href="{back}">' in page


def test_done_before_gives_the_same_answer(people: People) -> None:
    answer = client_for(people.coordinator).get("/probe/raise/done/")
    assert (answer.status_code, answer["Location"]) == (302, "/probe/open/")


def test_keys_out_of_reach_ask_to_try_again(people: People) -> None:
    assert client_for(people.coordinator).get("/probe/raise/keystore/")["Retry-After"]


@pytest.mark.attack("T-47")
def test_a_fault_is_written_by_its_kind_only(people: People) -> None:
    browser = client_for(people.coordinator)
    browser.raise_request_exception = False
    answer = browser.get("/probe/raise/fault/")
    assert answer.status_code == 500
    assert "Yanis" not in answer.content.decode()
    assert _events("error") == [("error", "error", "ValueError")]


@pytest.mark.attack("T-23")
def test_without_journal_a_miss_says_nothing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no journal")

    browser = client_for(people.coordinator)
    monkeypatch.setattr("casework.audit.actions.append", broken)
    assert browser.get(f"/probe/{uuid4()}/").status_code == 503


@pytest.mark.rule("CLV-24")
def test_the_mandate_chosen_is_the_agents_own(people: People) -> None:
    """A session naming somebody else's mandate works under one's own."""
    browser = client_for(people.education)
    session = browser.session
    session_state.choose_mandate(session, people.coordinator.pk)
    session.save()
    assert browser.get("/probe/names/").status_code == 404


@pytest.mark.rule("CLV-25")
def test_of_two_mandates_the_signed_one_is_worked_under(people: People) -> None:
    now = timezone.now()
    Mandate.objects.create(
        agent=people.pjj.agent, organisation=people.aemo_service, territory=people.territory, role="mayor",
        starts_at=now - MINUTE,
    )  # fmt: skip
    browser = client_of(people.pjj.agent)
    assert browser.get("/probe/names/").status_code == 200


@pytest.mark.parametrize(
    ("address", "prefix"),
    [("10.1.2.3", "10.1.2.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"), ("", ""), ("unix", "")],
)
def test_an_address_is_kept_as_its_network(address: str, prefix: str) -> None:
    assert net_prefix(address) == prefix


def test_entering_costs_few_queries(people: People, django_assert_max_num_queries: Any) -> None:
    browser = client_for(people.coordinator)
    with django_assert_max_num_queries(5):
        assert browser.get("/probe/names/").status_code == 200
