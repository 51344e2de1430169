"""The whitelist and the blacklist in acts: what is typed is sealed and coded, what may not be has no way in."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, GuardRefused, InputRefused, SealingError
from casework.minors import followups, sessions
from casework.minors.followups.actions import imports, schemes, stages, steps
from casework.minors.followups.models import (
    Action,
    FollowedPerson,
    FollowUp,
    LegalRepresentative,
    Referral,
    SchemeStatus,
)
from casework.minors.followups.reads import queue as reads
from casework.minors.followups.spreadsheet.columns import Target, guess
from casework.sealing import keys
from tests.consistency.test_fields import BLACKLIST
from tests.followups.circle import followed, situation, sort
from tests.followups.saisine_setting import opened, typed
from tests.people import People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def stored(model: Any, pk: uuid.UUID) -> bytes:
    """Return a row as the database holds it."""
    with connection.cursor() as cursor:
        key = pk.hex if connection.vendor == "sqlite" else str(pk)
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}" WHERE id = %s', [key])
        (row,) = cursor.fetchall()
    return b"\n".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)


def send(people: People, **changes: Any) -> Any:
    return client_for(people.pjj).post(reverse("followups:refer"), typed(**changes))


KEPT = [
    pytest.param("last_name", "Zzcanari", "Zzcanari", id="surname", marks=pytest.mark.rule("WL-01")),
    pytest.param("first_name", "Zzyanis", "Zzyanis", id="first name", marks=pytest.mark.rule("WL-01")),
    pytest.param("sex", "f", "f", id="sex", marks=pytest.mark.rule("WL-02")),
    pytest.param("birth_date", "17/08/2012", date(2012, 8, 17), id="birth", marks=pytest.mark.rule("WL-03")),
    pytest.param("address", "9 allée Zzcanari", "9 allée Zzcanari", id="address", marks=pytest.mark.rule("WL-04")),
    pytest.param("phone", "06 39 98 77 66", "06 39 98 77 66", id="phone", marks=pytest.mark.rule("WL-05")),
    pytest.param("email", "zz@example.org", "zz@example.org", id="e-mail", marks=pytest.mark.rule("WL-05")),
    pytest.param("occupation_status", "school", "school", id="occupation", marks=pytest.mark.rule("WL-07")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "value"), KEPT)
def test_what_is_typed_is_kept_and_sealed(people, name, text, value):
    assert send(people, **{name: text}).status_code == 302
    person = FollowedPerson.objects.get()
    assert len(str(value)) < 3 or str(value).encode() not in stored(FollowedPerson, person.pk)
    with opened(FollowUp.objects.get()):
        assert getattr(person, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("sex", "autre chose", marks=pytest.mark.rule("WL-02")),
        pytest.param("school_level", "redouble, ingérable", marks=pytest.mark.rule("WL-07")),
        pytest.param("occupation_status", "traîne en bas", marks=pytest.mark.rule("WL-07")),
        pytest.param("origin", "un voisin", marks=pytest.mark.rule("WL-09")),
        pytest.param("rep1-relation", "ami de la famille", marks=pytest.mark.rule("BL-06")),
    ],
)
def test_what_is_coded_takes_no_words(people, name, text):
    assert send(people, **{name: text}).status_code == 422
    assert not FollowedPerson.objects.exists()


@pytest.mark.rule("WL-06")
def test_parents_are_sealed_with_the_key_of_the_youth_and_go_with_it(people):
    send(people, **{"rep1-last_name": "Zzparent"})
    parent = LegalRepresentative.objects.get()
    follow_up = FollowUp.objects.get()
    assert parent.subject_id == follow_up.subject_id == follow_up.person_id
    assert b"Zzparent" not in stored(LegalRepresentative, parent.pk)
    with opened(follow_up):
        assert parent.last_name == "Zzparent"
    keys.erase(follow_up.subject_id)
    with pytest.raises(SealingError), opened(follow_up):
        _ = LegalRepresentative.objects.get().last_name


@pytest.mark.rule("WL-10")
def test_the_professional_who_refers_is_sealed_and_read_by_the_coordinator(people):
    assert send(people, referred_by="Mme Zzpro, éducatrice").status_code == 302
    row = Referral.objects.get()
    assert b"Zzpro" not in stored(Referral, row.pk)
    (line,) = reads.queue(viewer_of(people.coordinator), now=timezone.now())
    assert line.referred_by == "Mme Zzpro, éducatrice"


@pytest.mark.rule("WL-08", "WL-12")
def test_the_start_and_the_group_come_from_the_acts(people):
    send(people, started_on="2001-01-01", group=str(uuid.uuid4()))
    row = FollowUp.objects.get()
    assert (row.started_on, row.group_id) == (None, people.group.pk)
    assert followed(people, last_name="Autre").started_on == timezone.localdate()


def item(people: People, code: str, label: str = "Une ligne") -> LocalItem:
    return LocalItem.objects.create(
        territory=people.territory, list_code=code, label=label, valid_from=date(2020, 1, 1)
    )


@pytest.mark.parametrize(
    ("lead", "programme"),
    [
        pytest.param(False, True, id="no lead", marks=pytest.mark.rule("WL-14")),
        pytest.param(True, False, id="no programme", marks=pytest.mark.rule("WL-13")),
    ],
)
def test_nobody_is_followed_without_lead_or_programme(people, lead, programme):
    follow_up = situation(people)
    sort(people, follow_up, timezone.now())
    with pytest.raises(GuardRefused):
        stages.follow(
            by=viewer_of(people.coordinator), follow_up=follow_up, lead=people.outreach_service if lead else None,
            programme=item(people, ListCode.PROGRAMME) if programme else None, next_review_on=None,
            put_off="unreachable", now=timezone.now(),
        )  # fmt: skip
    follow_up.refresh_from_db()
    assert follow_up.started_on is None


@pytest.mark.rule("WL-13")
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_programme_is_a_line_of_the_list_of_the_town(people, elsewhere):
    follow_up = situation(people)
    sort(people, follow_up, timezone.now())
    wrong = item(people, ListCode.PROGRAMME if elsewhere else ListCode.SCHEME)
    if elsewhere:
        wrong.territory = people.elsewhere
        wrong.save()
    with pytest.raises(GuardRefused):
        stages.follow(
            by=viewer_of(people.coordinator), follow_up=follow_up, lead=people.outreach_service, programme=wrong,
            next_review_on=None, put_off="unreachable", now=timezone.now(),
        )  # fmt: skip


@pytest.mark.rule("WL-11")
@pytest.mark.parametrize(("state", "code"), [("il s’y rend parfois", ListCode.SCHEME), ("active", ListCode.PROGRAMME)])
def test_the_elements_of_a_follow_up_are_codes_of_lists(people, state, code):
    follow_up = followed(people)
    with pytest.raises(InputRefused):
        schemes.set_state(
            by=viewer_of(people.mds_lead), follow_up=follow_up, item=item(people, code), state=state, now=timezone.now()
        )
    assert not SchemeStatus.objects.exists()


@pytest.mark.rule("WL-15", "WL-11")
def test_an_action_has_a_start_an_end_and_a_coded_result(people):
    follow_up = followed(people)
    by, now = viewer_of(people.mds_lead), timezone.now()
    common: dict[str, Any] = {"by": by, "follow_up": follow_up, "owner": people.mds_service, "now": now}
    due = timezone.localdate() + timedelta(days=3)
    with pytest.raises((InputRefused, ValueError)):
        steps.decide(kind="le voir plus souvent", due_on=due, **common)
    row = steps.decide(kind="family_meeting", due_on=due, **common)
    assert (row.decided_on, row.closed_on, row.result) == (timezone.localdate(), None, "")
    with pytest.raises((InputRefused, ValueError)):
        steps.finish(by=by, action_id=row.pk, follow_up=follow_up, result="il a promis", now=now)
    assert Action.objects.get(pk=row.pk).closed_on is None
    steps.finish(by=by, action_id=row.pk, follow_up=follow_up, result="done", now=now)
    row = Action.objects.get(pk=row.pk)
    assert (row.result, row.closed_on) == ("done", timezone.localdate())


@pytest.mark.rule("WL-17")
@pytest.mark.parametrize("reason", ["", "il a grandi"])
def test_no_end_without_a_coded_reason(people, reason):
    follow_up = followed(people)
    with pytest.raises((GuardRefused, InputRefused, AccessRefused, ValueError)):
        stages.end(by=viewer_of(people.coordinator), follow_up=follow_up, reason=reason, now=timezone.now())
    assert FollowUp.objects.get(pk=follow_up.pk).state == "followed"


# ------------------------------------------------------------------ no way in

FRENCH = {
    "BL-01": r"nir\b|secu|nationalit|lieu_de_naissance|carte_identite",
    "BL-02": r"image|visage|empreinte|voix",
    "BL-03": r"origine_ethnique|croyance|opinion_politique|orientation",
    "BL-04": r"sante|maladie|traitement|diagnostic",
    "BL-05": r"garde_a_vue|antecedent|proces",
    "BL-06": r"ami\b|fratrie|complice",
    "BL-07": r"reseaux|vehicule|revenu|banque",
    "BL-08": r"note\b|dangerosite|classement",
    "BL-09": r"recit|observation|commentaire|circonstance",
    "BL-10": r"personnalite",
}


def our_forms() -> list[type[forms.BaseForm]]:
    """Return every form of situations and meetings, wherever it is written."""
    found: set[type[forms.BaseForm]] = set()
    for package in (followups, sessions):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." in module.name or ".management" in module.name:
                continue
            for value in vars(import_module(module.name)).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, forms.BaseForm)
                    and value.__module__.startswith("casework")
                ):
                    found.add(value)
    return sorted(found, key=lambda form: form.__qualname__)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule, marks=pytest.mark.rule(rule)) for rule in BLACKLIST])
def test_no_form_asks_for_what_may_not_be_recorded(rule):
    known = our_forms()
    assert len(known) > 15
    asked = [(form.__name__, name) for form in known for name in getattr(form, "base_fields", {})]
    found = [pair for pair in asked if re.search(f"{BLACKLIST[rule]}|{FRENCH[rule]}", pair[1], re.IGNORECASE)]
    assert not found
    assert re.search(f"{BLACKLIST[rule]}|{FRENCH[rule]}", SAMPLES[rule], re.IGNORECASE), "the pattern sees its sample"


SAMPLES = {
    "BL-01": "nationalite", "BL-02": "photo", "BL-03": "croyance", "BL-04": "diagnostic", "BL-05": "garde_a_vue",
    "BL-06": "fratrie", "BL-07": "revenu", "BL-08": "score", "BL-09": "recit", "BL-10": "personnalite",
}  # fmt: skip


@pytest.mark.rule("BL-02", "BL-10")
def test_no_file_enters_but_the_two_lists_of_names():
    """A picture, a recording, a dossier: only the old spreadsheet and a school's list are received, and neither is kept."""
    takers = {
        form.__name__
        for form in our_forms()
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, forms.FileField)
    }
    assert takers <= {"SchoolListForm", "DepositForm", "FileForm", "UploadForm"}
    for package in (followups, sessions):
        for path in Path(package.__path__[0]).rglob("models*/**/*.py"):
            assert "FileField" not in path.read_text(), path
            assert "ImageField" not in path.read_text(), path


HEADERS = [
    pytest.param("N° de sécurité sociale", marks=pytest.mark.rule("BL-01")),
    pytest.param("Nationalité", marks=pytest.mark.rule("BL-01")),
    pytest.param("Photo", marks=pytest.mark.rule("BL-02")),
    pytest.param("Religion", marks=pytest.mark.rule("BL-03")),
    pytest.param("Traitement médical", marks=pytest.mark.rule("BL-04")),
    pytest.param("N° de procédure", marks=pytest.mark.rule("BL-05")),
    pytest.param("Fréquentations", marks=pytest.mark.rule("BL-06")),
    pytest.param("Compte Snapchat", marks=pytest.mark.rule("BL-07")),
    pytest.param("Dangerosité", marks=pytest.mark.rule("BL-08")),
    pytest.param("Commentaires", marks=pytest.mark.rule("BL-09")),
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_column_of_the_old_table_that_may_not_be_kept_is_not_taken(header):
    taken = guess(("Nom", "Prénom", header))
    assert taken.get(2, Target.IGNORED) in (Target.IGNORED, Target.FORBIDDEN, Target.NARRATIVE)


CANARY = "Zzcanari-7741"


@pytest.mark.parametrize("header", HEADERS)
def test_what_the_old_table_held_of_it_is_not_even_kept_sealed(people, header):
    """The cell is blanked on deposit: neither the table that waits nor what is imported holds it."""
    by, now = viewer_of(people.coordinator), timezone.now()
    born = f"12/03/{now.year - 14}"
    head, line = "Nom;Prénom;Né(e) le;Motif;Signalé par;Entrée", f"VERDIER;Tom;{born};fugue;PM;01/02/{now.year - 1}"
    text = f"{head};{header}\r\n{line};{CANARY}\r\n"
    batch = imports.deposit(by=by, content=text.encode(), now=now)
    assert imports.carry_out(by=by, batch=batch, now=now) == 1
    with imports.gate(by, batch):
        assert CANARY not in str((batch.table, batch.mapping, batch.refused))
    follow_up = FollowUp.objects.get()
    with opened(follow_up):
        rows = [follow_up, follow_up.person, follow_up.referrals.get(), *follow_up.notices.all()]
        said = [str(getattr(row, field.attname)) for row in rows for field in row._meta.concrete_fields]
    assert "Verdier" in said
    assert not [value for value in said if CANARY.lower() in value.lower()]
