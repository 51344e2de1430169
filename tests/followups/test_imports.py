"""Leaving the old spreadsheet: a truthful count, all or none, nothing of a narrative, nobody else."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.grants import is_genuine
from casework.audit.models import AuditEvent
from casework.audit.refs import object_ref
from casework.casefile.actions import copy_national_lists
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import imports
from casework.minors.followups.anonymous_codes import CountKind
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import (
    Action,
    AnonymousCount,
    CircleMembership,
    FollowedPerson,
    FollowUp,
    FollowUpGrant,
    ImportBatch,
    LegalRepresentative,
    Notice,
    Referral,
    SchemeStatus,
)
from casework.partners.models import GroupRules
from casework.sealing.fields import stored_values
from casework.sealing.models import SubjectKey
from tests.followups.saisine_setting import opened
from tests.people import AGENTS, People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HEADER = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Clos ?;Fin;Observations"
CANARY = "il a dit que son oncle Zbigniew boit"


def year(age: int) -> int:
    return localdate().year - age


def lines(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def open_line(name: str = "VERDIER", *, born: str | None = None, note: str = "") -> str:
    return f"{name};Tom;{born or f'12/03/{year(14)}'};fugue;PM;01/02/{year(1)};;;{note}"


def deposit(people: People, content: bytes) -> ImportBatch:
    return imports.deposit(by=viewer_of(people.coordinator), content=content, now=timezone.now())


def carry_out(people: People, batch: ImportBatch) -> int:
    return imports.carry_out(by=viewer_of(people.coordinator), batch=batch, now=timezone.now())


def report(people: People, batch: ImportBatch):
    with imports.gate(viewer_of(people.coordinator), batch):
        return imports.report(batch, timezone.now())


def everything_on_disk() -> bytes:
    """Every value of every table, as bytes."""
    found = []
    for alias in ("default", "keystore"):
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                for row in cursor.fetchall():
                    found += [bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in row]
    return b"\n".join(found)


# ------------------------------------------------------------------ the four files


@pytest.mark.rule("RET-01")
@pytest.mark.parametrize(
    ("name", "total", "written", "refused"),
    [("suivi_cellule_2025-2026.xlsx", 119, 106, 13), ("signalements_college.csv", 17, 16, 1)],
)
def test_the_real_tables_import_with_a_truthful_count(people, name, total, written, refused):
    batch = deposit(people, (SAMPLES / name).read_bytes())
    counts = report(people, batch).counts
    assert (counts.total, counts.importable, counts.refused) == (total, written, refused)
    assert carry_out(people, batch) == written
    batch.refresh_from_db()
    assert FollowUp.objects.count() == FollowedPerson.objects.count() == Referral.objects.count() == written
    assert batch.written == written
    with imports.gate(viewer_of(people.coordinator), batch):
        assert len(batch.refused) == refused


@pytest.mark.parametrize(
    ("name", "said"),
    [("pas_un_tableur.xlsx", "pas un tableur"), ("protege_par_mot_de_passe.xlsx", "protégé par un mot de passe")],
)
def test_what_cannot_be_read_is_refused_in_french_on_screen_and_nothing_is_kept(people, name, said):
    upload = SimpleUploadedFile(name, (SAMPLES / name).read_bytes())
    response = client_for(people.coordinator).post(
        reverse("followups:import"), {"file": upload, "once": str(uuid.uuid4())}
    )
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ImportBatch.objects.exists()


# ------------------------------------------------------------------ all or none


def test_a_fault_in_the_middle_writes_nobody(people, monkeypatch):
    batch = deposit(people, (SAMPLES / "signalements_college.csv").read_bytes())
    real = imports._Writer._insert

    def sabotaged(self, rows, data_class, why=""):
        if rows and isinstance(rows[0], Notice):
            assert FollowUp.objects.exists(), "people, situations and saisines are written by now"
            raise RuntimeError("the disk is full")
        real(self, rows, data_class, why)

    monkeypatch.setattr(imports._Writer, "_insert", sabotaged)
    with pytest.raises(RuntimeError):
        carry_out(people, batch)
    assert not FollowUp.objects.exists()
    assert not FollowedPerson.objects.exists()
    assert not FollowedPerson.history.exists()
    assert not AnonymousCount.objects.exists()
    batch.refresh_from_db()
    assert batch.imported_at is None
    assert batch.written == 0
    monkeypatch.undo()
    assert carry_out(people, batch) == 16


# ------------------------------------------------------------------ in few queries

SYLLABLES = ("ba", "ko", "ti", "ma", "lu", "re", "zo", "fe", "gu", "ny")


def table_of(size: int) -> bytes:
    """A table of different people, each open, with a scheme, a done action, a parent and a lead service."""
    rows = []
    for number in range(size):
        name = "".join(SYLLABLES[number // 10**place % 10] for place in (3, 2, 1, 0))
        rows.append(
            f"{name};{name[::-1]};{number % 28 + 1:02}/{number % 12 + 1:02}/{year(12 + number % 6)};fugue;PM;"
            f"01/02/{year(1)};Mme {name} Sonia;ADDAP;PRE;rappel à l’ordre fait"
        )
    header = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée;Représentant légal;Référent;Dispositif;Actions"
    return "\r\n".join([header, *rows, ""]).encode()


def queries_to_import(people: People, size: int) -> int:
    batch = deposit(people, table_of(size))
    before = FollowUp.objects.count()
    with CaptureQueriesContext(connections["default"]) as main, CaptureQueriesContext(connections["keystore"]) as keys:
        assert carry_out(people, batch) == size
    assert FollowUp.objects.count() - before == size
    return len(main) + len(keys)


def test_a_hundred_lines_more_cost_a_constant_few_queries(people):
    few = queries_to_import(people, 40)
    hundred_more = queries_to_import(people, 140) - few
    assert hundred_more <= 60, "not one query by line"
    assert abs(queries_to_import(people, 240) - few - 2 * hundred_more) <= 20, "and the next hundred no more"


@pytest.mark.rule("LOG-01")
def test_rows_written_together_each_have_their_version_their_event_and_their_seal(people):
    copy_national_lists(people.territory, on=localdate())
    batch = deposit(people, table_of(12))
    assert carry_out(people, batch) == 12
    for model in (
        FollowedPerson,
        FollowUp,
        Referral,
        LegalRepresentative,
        Notice,
        SchemeStatus,
        Action,
        CircleMembership,
    ):
        rows = list(model.objects.all())
        assert len(rows) >= 12, model
        versions = {version.id: version for version in model.history.all()}
        assert len(versions) == model.history.count() == len(rows), model
        for row in rows:
            version = versions[row.pk]
            assert (version.history_type, version.history_mandate) == ("+", people.coordinator.pk)
            with stored_values():
                assert {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} == {
                    f.attname: getattr(version, f.attname) for f in row._meta.concrete_fields
                }
        refs = set(AuditEvent.objects.filter(act="create").values_list("object_ref", flat=True))
        assert {object_ref(model._meta.label_lower, row.pk) for row in rows} <= refs, model
    held = FollowUpGrant.objects.filter(basis="circle")
    assert {grant.content_object_id for grant in held} == set(FollowUp.objects.values_list("pk", flat=True))
    assert all(is_genuine(grant) for grant in held)


# ------------------------------------------------------------------ what each line becomes


@pytest.mark.rule("SIT-07")
@pytest.mark.rule("DL-02")
def test_an_open_line_is_followed_with_the_motive_and_the_clock_of_the_import(people):
    batch = deposit(people, lines(open_line()))
    carry_out(people, batch)
    follow_up = FollowUp.objects.get()
    assert follow_up.state == Stage.FOLLOWED
    assert follow_up.is_takeover
    assert follow_up.information_put_off == "takeover"
    assert follow_up.information_due_on == localdate() + timedelta(days=30)
    assert Notice.objects.filter(follow_up=follow_up, status="to_do", representative=None).count() == 1


@pytest.mark.rule("RET-02")
@pytest.mark.rule("RET-03")
def test_a_closed_line_is_archived_only_while_its_purge_is_ahead(people):
    rows = [
        f"RECENT;Ana;12/03/{year(15)};fugue;PM;01/02/{year(2)};oui;01/09/{year(1)};",
        f"ANCIEN;Luc;12/03/{year(17)};fugue;PM;01/02/{year(6)};oui;01/09/{year(5)};",
        f"AGEE;Zoe;12/03/{year(27)};fugue;PM;01/02/{year(1)};;;",
    ]
    batch = deposit(people, lines(*rows))
    assert carry_out(people, batch) == 1
    follow_up = FollowUp.objects.get()
    assert follow_up.state == Stage.ARCHIVED
    assert follow_up.information_due_on is None
    with opened(follow_up):
        assert follow_up.person.last_name == "Recent"
        assert follow_up.purge_on > localdate()
    totals = dict(AnonymousCount.objects.values_list("kind", "total"))
    assert totals == {CountKind.IMPORT_OVER_25: 1, CountKind.IMPORT_PURGED: 1}
    with imports.gate(viewer_of(people.coordinator), batch):
        kept = str(batch.table)
    assert not {"ANCIEN", "AGEE"} & set(kept.replace("'", " ").split()), "nobody too old stays in the table that waits"


@pytest.mark.rule("RET-03")
def test_on_the_25th_birthday_a_line_is_counted_and_the_eve_it_is_written(people):
    today = localdate()
    eve = today + timedelta(days=1)
    batch = deposit(people, lines(
        open_line("JOUR", born=f"{today.day:02}/{today.month:02}/{today.year - 25}"),
        open_line("VEILLE", born=f"{eve.day:02}/{eve.month:02}/{eve.year - 25}"),
    ))  # fmt: skip
    assert carry_out(people, batch) == 1
    follow_up = FollowUp.objects.get()
    with opened(follow_up):
        assert follow_up.person.last_name == "Veille"
    assert AnonymousCount.objects.get().total == 1


@pytest.mark.rule("SIT-04")
@pytest.mark.rule("BL-09")
def test_a_narrative_is_never_kept_not_even_sealed(people):
    batch = deposit(people, lines(open_line(note=CANARY), open_line("ROUX", note=CANARY)))
    with imports.gate(viewer_of(people.coordinator), batch):
        assert "Zbigniew" not in str(batch.table)
    found = report(people, batch)
    assert [len(column.lines) for column in found.narrative] == [2], "listed, to be coded by hand"
    carry_out(people, batch)
    for follow_up in FollowUp.objects.all():
        with opened(follow_up):
            for model in (follow_up.person, follow_up.referrals.get()):
                for field in model._meta.fields:
                    assert "Zbigniew" not in str(getattr(model, field.attname))
    with imports.gate(viewer_of(people.coordinator), batch):
        assert "Zbigniew" not in str(batch.table) + str(batch.mapping)


@pytest.mark.rule("SIT-04")
@pytest.mark.rule("BL-09")
def test_a_column_said_to_be_a_narrative_on_screen_is_blanked_at_once(people):
    content = lines(open_line(), open_line("ROUX")).replace(b"Observations", b"Colonne9").replace(
        b";;;\r\n", f";;;{CANARY}\r\n".encode()
    )  # fmt: skip
    batch = deposit(people, content)
    viewer = viewer_of(people.coordinator)
    imports.correct(by=viewer, batch=batch, now=timezone.now(), columns={8: "narrative"})
    with imports.gate(viewer, batch):
        assert "Zbigniew" not in str(batch.table)


def test_names_of_the_waiting_table_are_sealed(people):
    deposit(people, lines(open_line("QUETZALCOATL")))
    assert b"QUETZALCOATL" not in everything_on_disk()


# ------------------------------------------------------------------ refused lines


def test_refused_lines_are_corrected_on_screen_then_imported_in_a_second_run(people):
    batch = deposit(people, lines(open_line("PREMIER"), open_line("SECOND", born="xx")))
    assert carry_out(people, batch) == 1
    client = client_for(people.coordinator)
    page = reverse("followups:import_batch", args=[batch.pk])
    assert 'name="cell:3:2"' in client.get(page).content.decode()
    batch.refresh_from_db()
    client.post(
        reverse("followups:import_correct", args=[batch.pk]),
        {"once": str(uuid.uuid4()), "revision": batch.revision, "cell:3:2": f"05/06/{year(13)}"},
    )
    batch.refresh_from_db()
    assert carry_out(people, batch) == 1
    assert FollowUp.objects.count() == 2
    with pytest.raises(GuardRefused):
        carry_out(people, batch)


def test_lines_too_old_are_counted_once_over_two_runs(people):
    batch = deposit(people, lines(open_line(), open_line("SECOND", born="xx"), open_line("AGE", born="01/01/1990")))
    carry_out(people, batch)
    imports.correct(
        by=viewer_of(people.coordinator), batch=batch, now=timezone.now(), corrections={3: {2: f"05/06/{year(13)}"}}
    )
    carry_out(people, batch)
    assert AnonymousCount.objects.get(kind=CountKind.IMPORT_OVER_25).total == 1


@pytest.mark.parametrize("hostile", ["é" * 300, "🦊", "<script>alert(1)</script>", "31/02/2012", "99/99/9999", "=1+1"])
def test_hostile_corrections_keep_the_line_refused_and_the_page_whole(people, hostile):
    batch = deposit(people, lines(open_line("PREMIER"), open_line("SECOND", born="xx")))
    client = client_for(people.coordinator)
    response = client.post(
        reverse("followups:import_correct", args=[batch.pk]),
        {"once": str(uuid.uuid4()), "revision": batch.revision, "cell:3:2": hostile, "cell:9999:1": "x",
         "column:77": "reasons", "cell:a:b": "x"},
    )  # fmt: skip
    assert response.status_code == 302
    shown = client.get(response["Location"])
    assert shown.status_code == 200
    assert "<script>alert(1)" not in shown.content.decode()
    batch.refresh_from_db()
    assert report(people, batch).counts.refused == 1


def test_the_refused_lines_leave_on_a_file_only_after_a_fresh_second_factor(people):
    batch = deposit(people, lines(open_line(), open_line("=HYPERLINK(1)", born="xx", note=CANARY)))
    url = reverse("followups:import_refused", args=[batch.pk])
    stale = client_for(people.coordinator, now=timezone.now() - timedelta(minutes=12))
    assert stale.get(url).status_code in (302, 303)
    answer = client_for(people.coordinator).get(url)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "=HYPERLINK" not in answer["Content-Disposition"]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == "=HYPERLINK(1)", "a text, not a formula"
    assert b"<f>" not in answer.content
    assert "Zbigniew" not in str(rows)
    assert AuditEvent.objects.filter(act="export").count() == 1


# ------------------------------------------------------------------ once, two windows


def test_a_double_click_imports_once(people):
    batch = deposit(people, lines(open_line()))
    form = {"once": str(uuid.uuid4()), "revision": batch.revision}
    client = client_for(people.coordinator)
    url = reverse("followups:import_carry_out", args=[batch.pk])
    first, second = client.post(url, form), client.post(url, form)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert FollowUp.objects.count() == 1


def test_a_second_window_does_not_import_again(people):
    batch = deposit(people, lines(open_line()))
    other = ImportBatch.objects.get(pk=batch.pk)
    carry_out(people, batch)
    with pytest.raises((ConflictRefused, GuardRefused)):
        imports.carry_out(by=viewer_of(people.coordinator), batch=other, now=timezone.now(), expected=other.revision)
    assert FollowUp.objects.count() == 1


# ------------------------------------------------------------------ who, and when


@pytest.mark.parametrize("key", [key for key in AGENTS if key not in ("coordinator", "ended", "unsigned", "not_yet")])
def test_nobody_else_meets_the_import(people, key):
    batch = deposit(people, lines(open_line()))
    client = client_for(people.mandates[key])
    form = {"once": str(uuid.uuid4()), "revision": batch.revision}
    assert client.get(reverse("followups:import")).status_code == 404
    for name in ("batch", "refused"):
        assert client.get(reverse(f"followups:import_{name}", args=[batch.pk])).status_code == 404
    for name in ("correct", "carry_out", "sign", "discard"):
        assert client.post(reverse(f"followups:import_{name}", args=[batch.pk]), form).status_code == 404
    assert ImportBatch.objects.count() == 1
    assert not FollowUp.objects.exists()


def test_the_coordinator_of_another_town_meets_nothing(people):
    batch = deposit(people, lines(open_line()))
    ImportBatch.objects.update(territory=people.elsewhere)
    client = client_for(people.coordinator)
    assert client.get(reverse("followups:import_batch", args=[batch.pk])).status_code == 404
    with pytest.raises(AccessRefused):
        imports.find(viewer_of(people.coordinator), batch.pk, timezone.now())


@pytest.mark.rule("CLV-06")
def test_without_rules_in_force_nothing_is_deposited_nor_imported(people):
    batch = deposit(people, lines(open_line()))
    GroupRules.objects.all().delete()
    with pytest.raises(AccessRefused):
        carry_out(people, batch)
    with pytest.raises(AccessRefused):
        deposit(people, lines(open_line()))
    assert not FollowUp.objects.exists()


# ------------------------------------------------------------------ the end of the old table


def test_signing_the_deletion_empties_what_remained(people):
    batch = deposit(people, lines(open_line(), open_line("SECOND", born="xx")))
    client = client_for(people.coordinator)
    url = reverse("followups:import_sign", args=[batch.pk])
    form = {"once": str(uuid.uuid4()), "revision": batch.revision, "sure": "oui"}
    assert client.post(url, form).status_code == 409, "nothing is imported yet"
    carry_out(people, batch)
    batch.refresh_from_db()
    form |= {"once": str(uuid.uuid4()), "revision": batch.revision}
    assert client.post(url, form | {"sure": ""}).status_code == 409
    assert client.post(url, form).status_code == 302
    batch.refresh_from_db()
    assert batch.deletion_signed_by == people.coordinator.pk
    with imports.gate(viewer_of(people.coordinator), batch):
        assert (batch.table, batch.mapping, batch.refused) == ({}, {}, [])
    assert client.get(reverse("followups:import_batch", args=[batch.pk])).status_code == 200
    with pytest.raises(GuardRefused):
        carry_out(people, batch)
    assert client.get(reverse("followups:import_refused", args=[batch.pk])).status_code == 404


def test_an_abandoned_table_goes_with_its_key_and_a_forgotten_one_too(people):
    batch = deposit(people, lines(open_line()))
    client = client_for(people.coordinator)
    form = {"once": str(uuid.uuid4())}
    for _ in range(2):
        answer = client.post(reverse("followups:import_discard", args=[batch.pk]), form)
        assert answer.status_code == 302
    assert not ImportBatch.objects.exists()
    forgotten = deposit(people, lines(open_line()))
    assert imports.forget_left_behind(timezone.now() + timedelta(days=29)) == 0
    assert imports.forget_left_behind(timezone.now() + timedelta(days=31)) == 1
    assert not ImportBatch.objects.filter(pk=forgotten.pk).exists()


def test_an_imported_table_is_not_abandoned(people):
    batch = deposit(people, lines(open_line()))
    carry_out(people, batch)
    with pytest.raises(GuardRefused):
        imports.discard(by=viewer_of(people.coordinator), batch=batch, now=timezone.now())


# ------------------------------------------------------------------ the command


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_situations", *arguments, stdout=out)
    return out.getvalue()


def test_the_dry_run_writes_nothing_and_names_nobody(people, tmp_path):
    path = tmp_path / "tableau.csv"
    path.write_bytes(lines(open_line("QUETZALCOATL", note=CANARY), open_line("SECOND", born="xx")))
    said = run(str(path), "--as", people.coordinator.agent.email, "--dry-run")
    assert "2 lignes, 1 importables, 1 refusées" in said
    assert "ligne 3" in said
    assert "quetzal" not in said.lower()
    assert "Zbigniew" not in said
    assert "Tom" not in said
    assert not ImportBatch.objects.exists()
    assert not FollowUp.objects.exists()
    assert not SubjectKey.objects.exists()


def test_the_command_imports_as_the_screen_does(people, tmp_path):
    path = tmp_path / "tableau.csv"
    path.write_bytes(lines(open_line("QUETZALCOATL"), open_line("SECOND", born="xx")))
    said = run(str(path), "--as", people.coordinator.agent.email)
    assert "ligne importée." in said
    assert "quetzal" not in said.lower()
    assert FollowUp.objects.get().is_takeover


@pytest.mark.parametrize("key", ["pjj", "mayor", "sysadmin", "dpo"])
def test_the_command_refuses_anybody_else(people, tmp_path, key):
    path = tmp_path / "tableau.csv"
    path.write_bytes(lines(open_line()))
    with pytest.raises(CommandError, match="coordination"):
        run(str(path), "--as", people.mandates[key].agent.email)
    with pytest.raises(CommandError, match="coordination"):
        run(str(path), "--as", "personne@mireval.example")
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("name", ["pas_un_tableur.xlsx", "protege_par_mot_de_passe.xlsx"])
def test_the_command_says_why_a_file_is_refused(people, name):
    with pytest.raises(CommandError, match=r"tableur|mot de passe"):
        run(str(SAMPLES / name), "--as", people.coordinator.agent.email)


def test_the_coordinator_finds_the_import_and_the_others_do_not(people):
    link = reverse("followups:import")
    assert link in client_for(people.coordinator).get(reverse("followups:queue")).content.decode()
    assert link not in client_for(people.pjj).get(reverse("followups:queue")).content.decode()


def test_a_wrong_target_is_refused(people):
    batch = deposit(people, lines(open_line()))
    with pytest.raises(InputRefused):
        imports.correct(by=viewer_of(people.coordinator), batch=batch, now=timezone.now(), columns={0: "évasion"})


def test_a_table_not_finished_waits_on_mon_travail_for_the_coordinator_only(people):
    batch = deposit(people, lines(open_line()))
    link = reverse("followups:import_batch", args=[batch.pk])
    home = reverse("desk:home")
    assert link in client_for(people.coordinator).get(home, follow=True).content.decode()
    assert link not in client_for(people.pjj).get(home, follow=True).content.decode()
