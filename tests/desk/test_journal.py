"""The Journal of the data protection officer: references only, every passage told, constant queries."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import approvals
from casework.access.emergencies.models import Episode
from casework.audit import Act, Purpose, purge, verify, watch
from casework.audit.models import AuditAlert, AuditEvent
from casework.casefile import mailer
from casework.casefile.models import OutboxMail
from casework.desk.journal import actions, jobs, reads
from casework.errors import AccessRefused, GuardRefused
from casework.minors.followups.models import FollowUp
from tests.audit.verifier import check
from tests.casefile import pdf_text
from tests.people import People, client_for, viewer_of
from tests.sessions.room_setting import CANARIES, build

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = ("index", "alerts", "openings", "integrity")
ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture
def followed(people: People) -> FollowUp:
    """A followed situation, with a name that must show nowhere."""
    return build(people, opened=False).followed[0]


def journal(people: People, **data: str) -> str:
    """Return the page of the Journal for the data protection officer."""
    client = client_for(people.dpo)
    url = reverse("journal:index")
    return (client.post(url, data) if data else client.get(url)).content.decode()


# ---------------------------------------------------------------- who may


@pytest.mark.rule("LOG-04", "LOG-06", "CNL-20")
@pytest.mark.parametrize("name", PAGES)
def test_the_journal_is_for_the_data_protection_officer_alone(people: People, name: str) -> None:
    url = reverse(f"journal:{name}")
    assert client_for(people.dpo).get(url).status_code == 200
    for key in ("coordinator", "sysadmin", "pjj_lead", "mayor", "valideur", "prosecutor"):
        assert client_for(people.mandates[key]).get(url).status_code == 404, key


@pytest.mark.parametrize("name", ["openings_pdf", "openings_proof", "terms"])
def test_nobody_else_prints_nor_decides(people: People, followed: FollowUp, name: str) -> None:
    url = reverse(f"journal:{name}")
    for key in ("coordinator", "sysadmin", "pjj_lead"):
        assert client_for(people.mandates[key]).post(url, {"reference": followed.reference}).status_code == 404, key


def test_only_the_officer_finds_it_in_the_menu(people: People) -> None:
    link = f'href="{reverse("journal:index")}"'
    assert link in client_for(people.dpo).get(reverse("desk:work")).content.decode()
    assert link not in client_for(people.coordinator).get(reverse("desk:work")).content.decode()


def test_another_town_is_another_journal(people: People) -> None:
    audit.record(audit.system_actor(people.elsewhere.pk), Act.EXPORT, why="elsewhere")
    audit.record(audit.system_actor(people.territory.pk), Act.EXPORT, why="here")
    said = journal(people)
    assert "<code>here</code>" in said
    assert "<code>elsewhere</code>" not in said


# ---------------------------------------------------------------- what it shows


@pytest.mark.rule("LOG-01", "LOG-08")
def test_it_says_who_what_when_on_which_reference(people: People, followed: FollowUp) -> None:
    client_for(people.pjj_lead).get(reverse("followups:page", args=[followed.pk]))
    said = journal(people, reference=followed.reference, agent=str(people.pjj_lead.agent_id), act="reads")
    assert followed.reference in said
    assert "Bruno Delmas" in said
    assert "a ouvert" in said
    assert "suivi" in said


@pytest.mark.attack("T-40")
@pytest.mark.rule("LOG-05")
def test_no_name_nor_value_of_a_person_followed(people: People, followed: FollowUp) -> None:
    client_for(people.coordinator).get(reverse("followups:page", args=[followed.pk]))
    client = client_for(people.dpo)
    jobs.look(timezone.now() + timedelta(days=1))
    shown = [client.get(reverse(f"journal:{name}")).content.decode() for name in PAGES]
    shown.append(client.post(reverse("journal:openings"), {"reference": followed.reference}).content.decode())
    shown.append(client.post(reverse("journal:openings_proof"), {"reference": followed.reference}).content.decode())
    for said in shown:
        for first, last in CANARIES:
            assert last not in said
            assert first not in said


@pytest.mark.rule("LOG-01")
def test_every_consultation_is_an_event(people: People, followed: FollowUp) -> None:
    client = client_for(people.dpo)
    for number, ask in enumerate(
        (
            lambda: client.get(reverse("journal:index")),
            lambda: client.get(reverse("journal:index")),
            lambda: client.post(reverse("journal:index"), {"reference": followed.reference}),
            lambda: client.get(reverse("journal:alerts")),
            lambda: client.get(reverse("journal:integrity")),
            lambda: client.post(reverse("journal:openings"), {"reference": followed.reference}),
        ),
        1,
    ):
        ask()
        told = AuditEvent.objects.filter(actor_id=people.dpo.agent_id, act="who_read")
        assert told.count() == number
    assert bytes.fromhex(audit.subject_ref(followed.subject_id)) in told.order_by("-pk")[0].refs()


def test_when_the_journal_cannot_be_written_it_is_not_read(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for(people.dpo)
    client.raise_request_exception = False

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit.actions, "append", fail)
    answer = client.get(reverse("journal:index"))
    assert answer.status_code >= 500
    assert b"cw-table" not in answer.content


def test_filters_by_service_period_and_kind(people: People, followed: FollowUp) -> None:
    day = date(2026, 3, 29)  # the night the clocks change
    for hour, act in ((0, Act.EXPORT), (23, Act.PRINT)):
        with audit.pinned_clock(datetime(2026, 3, 29, hour, 30, tzinfo=ZONE)):
            audit.record(viewer_of(people.pjj), act, why=f"hour{hour}")
    with audit.pinned_clock(datetime(2026, 3, 30, 0, 0, tzinfo=ZONE)):
        audit.record(viewer_of(people.aemo), Act.EXPORT, why="next")
    both = journal(people, since=day.isoformat(), until=day.isoformat())
    assert all(f"<code>{word}</code>" in both for word in ("hour0", "hour23"))
    assert "<code>next</code>" not in both
    service = str(people.aemo.organisation_id)
    only = journal(people, organisation=service, act="papers")
    assert "<code>next</code>" in only
    assert "<code>hour0</code>" not in only


def test_what_is_not_understood_is_said_beside_the_field(people: People) -> None:
    for data, words in (
        ({"reference": "MIR-2026-CCCC"}, "Aucune fiche ne porte cette référence"),
        ({"since": "2026-12-08", "until": "2026-12-01"}, "La fin précède le début"),
    ):
        answer = client_for(people.dpo).post(reverse("journal:index"), data)
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_a_reference_never_travels_in_an_address(people: People, followed: FollowUp) -> None:
    client = client_for(people.dpo)
    said = client.get(reverse("journal:index") + f"?reference={followed.reference}").content.decode()
    assert f'value="{followed.reference}"' not in said
    assert followed.reference not in client.get(reverse("journal:openings")).wsgi_request.get_full_path()


def test_pages_follow_one_another_without_a_gap(people: People) -> None:
    for number in range(120):
        audit.record(audit.system_actor(people.territory.pk), Act.EXPORT, why=f"n{number}")
    seen: list[str] = []
    before = ""
    for _ in range(3):
        said = journal(people, act="papers", before=before)
        seen += re.findall(r"<code>(n\d+)</code>", said)
        found = re.search(r'name="before" value="(\d+)"', said)
        before = found.group(1) if found else ""
    assert seen == [f"n{number}" for number in reversed(range(120))]
    assert before == ""


def test_a_page_asks_the_same_whatever_it_shows(people: People, followed: FollowUp) -> None:
    client = client_for(people.dpo)
    client.get(reverse("journal:index"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("journal:index"))
        return len(queries)

    few = asked()
    for _ in range(60):
        audit.record(viewer_of(people.pjj), Act.VIEW, subjects=[followed.subject_id, uuid4()])
    assert asked() == few
    assert few <= 22


def test_a_miss_is_read_back_once_the_file_is_known(people: People, followed: FollowUp) -> None:
    url = reverse("followups:page", args=[followed.pk])
    assert client_for(people.education).get(url).status_code == 404
    assert client_for(people.education).get(reverse("followups:page", args=[uuid4()])).status_code == 404
    said = journal(people, agent=str(people.education.agent_id), act="refused")
    assert said.count("page absente ou refusée") == 2
    assert said.count(followed.reference) == 1


# ---------------------------------------------------------------- who opened this file


@pytest.mark.attack("T-31")
@pytest.mark.rule("GDP-11", "GDP-05")
def test_every_reading_of_a_file_is_listed_and_proved_without_us(
    people: People, followed: FollowUp, tmp_path: Path
) -> None:
    for key in ("pjj_lead", "coordinator"):
        client_for(people.mandates[key]).get(reverse("followups:page", args=[followed.pk]))
    client = client_for(people.dpo)
    page = client.post(reverse("journal:openings"), {"reference": followed.reference}).content.decode()
    told = AuditEvent.objects.filter(
        subjects__subject_ref=bytes.fromhex(audit.subject_ref(followed.subject_id)), outcome="ok"
    )
    before = [event.idx for event in told if event.act != "who_read"]
    assert len(before) > 3
    answer = client.post(reverse("journal:openings_proof"), {"reference": followed.reference})
    path = tmp_path / "proof.json"
    path.write_bytes(answer.content)
    code, said = check(path)
    assert code == 0, said
    proof = json.loads(answer.content)
    assert {event["idx"] for event in proof["events"]} >= set(before)
    assert all(f'<td class="cw-num" data-label="Rang">{idx}</td>' in page for idx in before)
    # The printed checkpoint is the one of the proof: same size, same root.
    paper = tmp_path / "paper.txt"
    paper.write_text("\n".join(proof["checkpoint"].splitlines()[:3]) + "\n")
    assert check(path, "--checkpoint", paper)[0] == 0
    proof["events"].pop()
    for event in proof["events"]:
        event["role"] = "mayor"
    path.write_text(json.dumps(proof))
    assert check(path)[0] == 2


@pytest.mark.rule("GDP-11")
def test_the_paper_says_services_and_functions_never_a_name(people: People, followed: FollowUp, tmp_path: Path) -> None:
    client_for(people.pjj_lead).get(reverse("followups:page", args=[followed.pk]))
    answer = client_for(people.dpo).post(reverse("journal:openings_pdf"), {"reference": followed.reference})
    assert answer["Content-Type"] == "application/pdf"
    assert followed.reference not in answer["Content-Disposition"]
    said = pdf_text.text(answer.content)
    assert followed.reference in said
    assert "Empreinte du journal" in said
    for word in ("Zzbelkacem", "Yanis", "Delmas", "Bruno"):
        assert word not in said


def test_the_proof_of_one_day_is_one_checkpoint(people: People, followed: FollowUp) -> None:
    client = client_for(people.dpo)
    roots = set()
    for _ in range(2):
        client.post(reverse("journal:openings"), {"reference": followed.reference})
        answer = client.post(reverse("journal:openings_proof"), {"reference": followed.reference})
        roots.add(json.loads(answer.content)["checkpoint"])
    assert len(roots) == 1


# ---------------------------------------------------------------- watch rules, as the night job sees them


@pytest.mark.rule("LOG-01", "LOG-06")
def test_the_night_job_looks_at_finished_days_once(people: People, followed: FollowUp) -> None:
    now = timezone.now()
    yesterday = (now.astimezone(ZONE) - timedelta(days=1)).replace(hour=23, minute=10)
    with (
        audit.pinned_clock(yesterday),
        audit.reading(
            viewer_of(people.pjj), subjects=[followed.subject_id], classes=["youth_review"], purpose=Purpose.REVIEW
        ),
    ):
        pass
    assert jobs.look(now) >= 1
    assert jobs.look(now) == 0
    row = AuditAlert.objects.get(rule="night")
    assert (row.day, row.actor_id, row.n) == (yesterday.date(), people.pjj.agent_id, 1)
    said = client_for(people.dpo).get(reverse("journal:alerts")).content.decode()
    assert "Lecture de nuit" in said
    assert "Sonia Haddad" in said
    assert followed.reference in said


def test_an_agent_who_reads_the_file_of_a_namesake_is_told(people: People, followed: FollowUp) -> None:
    agent = people.pjj.agent
    type(agent).objects.filter(pk=agent.pk).update(last_name="de ZZBELKÂCEM")
    now = timezone.now()
    for key in ("pjj", "aemo"):
        with (
            audit.pinned_clock(now - timedelta(days=1)),
            audit.reading(
                viewer_of(people.mandates[key]), subjects=[followed.subject_id], classes=["youth_review"],
                purpose=Purpose.REVIEW,
            ),
        ):  # fmt: skip
            pass
    jobs.look(now)
    assert [row.actor_id for row in AuditAlert.objects.filter(rule="own_name")] == [agent.pk]
    opened = AuditEvent.objects.filter(object_type="journal.watch")
    assert opened.count() >= 1  # the job that opens surnames is told too
    assert set(opened.values_list("act", flat=True)) == {"system"}


def test_an_emergency_that_nobody_reviewed_is_told_on_the_day_it_fell_due(people: People, followed: FollowUp) -> None:
    now = timezone.now()
    due = (now.astimezone(ZONE) - timedelta(days=1)).replace(hour=12)
    for late, reviewed in ((due, None), (due, now), (due + timedelta(days=30), None)):
        Episode.objects.create(
            subject_id=followed.subject_id, territory=people.territory, agent_id=people.pjj.agent_id,
            mandate_id=people.pjj.pk, organisation_id=people.pjj.organisation_id, module="minors",
            target_id=followed.pk, target_subject=followed.subject_id, reference=followed.reference,
            reason="danger", words="x" * 40, opened_at=due - timedelta(days=3), ends_at=due - timedelta(days=3),
            closed_at=due - timedelta(days=3), review_due_at=late, reviewed_at=reviewed,
            reviewed_by=people.aemo.agent_id if reviewed else None,
            reviewed_from=people.aemo.organisation_id if reviewed else None, verdict="justified" if reviewed else "",
        )  # fmt: skip
    jobs.look(now)
    (row,) = AuditAlert.objects.filter(rule="break_glass_late")
    assert (row.day, row.actor_id) == (due.date(), people.pjj.agent_id)


def test_the_officer_finds_the_alerts_in_the_work_of_the_day(people: People) -> None:
    found = [watch.Finding(watch.Rule.MISSES, people.pjj.agent_id, people.pjj.organisation_id, (), 12)]
    watch.keep(str(people.territory.pk), date(2026, 12, 3), found, timezone.now())
    words = "relevé à regarder"
    assert words in client_for(people.dpo).get(reverse("desk:work")).content.decode()
    assert words not in client_for(people.coordinator).get(reverse("desk:work")).content.decode()


@pytest.mark.attack("T-50")
def test_the_weekly_letter_names_nobody_and_no_file(people: People, followed: FollowUp) -> None:
    monday = datetime(2026, 12, 7, 6, tzinfo=ZONE)
    log = str(people.territory.pk)
    watch.keep(
        log, date(2026, 12, 3),
        [watch.Finding(watch.Rule.NIGHT, people.pjj.agent_id, people.pjj.organisation_id, (b"\1" * 16,), 1)],
        monday - timedelta(days=3),
    )  # fmt: skip
    before = OutboxMail.objects.count()
    assert jobs.digest(monday + timedelta(days=1)) == 0
    assert jobs.digest(monday) == 1
    assert OutboxMail.objects.count() == before + 1
    letter = mailer.messages(limit=1)[0]
    assert letter.to == people.dpo.agent.email
    assert "Lecture de nuit : 1" in letter.body
    for word in (followed.reference, "Haddad", "Sonia", "Zzbelkacem", people.pjj.organisation.name):
        assert word not in letter.body + letter.subject
    assert mail.outbox == []


def test_counts_say_nothing_when_there_is_nothing(people: People) -> None:
    assert reads.counts(people.territory.pk, timezone.now()) == []


# ---------------------------------------------------------------- purge at the term, with two persons


@pytest.mark.rule("LOG-09", "LOG-02")
def test_two_persons_agree_then_the_night_job_empties(people: People) -> None:
    now = timezone.now()
    log = str(people.territory.pk)
    for days in (500, 450, 10):
        with audit.pinned_clock(now - timedelta(days=days)):
            audit.record(audit.system_actor(people.territory.pk), Act.EXPORT)
    assert jobs.empty(now) == 0  # nobody agreed
    officer, second = viewer_of(people.dpo, now=now), viewer_of(people.valideur, now=now)
    with pytest.raises(GuardRefused):
        actions.put_in_force(by=officer, now=now)
    actions.ask(by=officer, now=now)
    with pytest.raises(GuardRefused):
        actions.put_in_force(by=officer, now=now)
    asked = approvals.Approval.objects.get()
    approvals.approve(by=second, approval_id=asked.pk, now=now)
    actions.put_in_force(by=officer, now=now)
    agreed = purge.authority(log, now)
    assert agreed is not None
    assert (agreed.asked_by, agreed.agreed_by) == (people.dpo.agent_id, people.valideur.agent_id)
    assert jobs.empty(now) == 1
    assert verify.verify(log).ok
    assert jobs.empty(now + timedelta(days=366)) == 0  # the agreement lasts a year


def test_nobody_else_asks_for_the_purge(people: People) -> None:
    for key in ("coordinator", "sysadmin", "valideur"):
        with pytest.raises(AccessRefused):
            actions.ask(by=viewer_of(people.mandates[key]), now=timezone.now())


def test_the_page_leads_from_asking_to_force(people: People) -> None:
    client = client_for(people.dpo)

    def press() -> str:
        page = client.get(reverse("journal:integrity")).content.decode()
        once = page.split('name="once" value="')[1].split('"')[0]
        client.post(reverse("journal:terms"), {"once": once})
        return client.get(reverse("journal:integrity")).content.decode()

    said = press()
    assert "Votre demande est partie" in said
    assert "Demander l’autorisation" not in said
    approvals.approve(
        by=viewer_of(people.valideur), approval_id=approvals.Approval.objects.get().pk, now=timezone.now()
    )
    assert "Mettre en vigueur" in client.get(reverse("journal:integrity")).content.decode()
    assert "autorisée" in press()


# ---------------------------------------------------------------- every agent's reads fall under the same eye


@pytest.mark.rule("CNL-23")
def test_opening_an_archive_keeps_its_reason_for_three_years(people: People, followed: FollowUp) -> None:
    from casework.minors.followups.actions import archives, stages

    now = timezone.now()
    stages.end(by=viewer_of(people.coordinator, now=now), follow_up=followed, reason="goal_reached", now=now)
    archives.open_archive(
        by=viewer_of(people.coordinator, now=now), reference=followed.reference, reason="correction", now=now
    )
    event = AuditEvent.objects.get(why="archive.correction")
    assert event.actor_id == people.coordinator.agent_id
    log = str(people.territory.pk)
    assert event.idx not in {row.idx for row in purge._expired(log, 10**9, now + timedelta(days=1094))}
    assert event.idx in {row.idx for row in purge._expired(log, 10**9, now + timedelta(days=1096))}
