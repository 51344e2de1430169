"""The order of the magistrate, what both parties say, the papers that are joined (REP-01 to REP-06)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from casework.casefile.attached import Upload
from casework.casefile.files import Kind
from casework.casefile.models import AttachedFile, FileContent
from casework.casefile.retention import years_after
from casework.errors import (
    AccessRefused,
    GuardRefused,
    InputRefused,
    Unaudited,
)
from casework.placements.reparation.actions import agreements, files
from casework.placements.reparation.codes import State
from casework.placements.reparation.models import (
    Agreement,
    Reparation,
)
from casework.placements.reparation.reads import page
from tests.instants import noon
from tests.people import client_for
from tests.placements.reparation.setting import Setting, fresh, paper

pytestmark = pytest.mark.django_db(databases="__all__")
OFFICERS = [("pjj", "alternative"), ("pjj", "module"), ("sah", "alternative"), ("sah", "module")]


@pytest.mark.rule("REP-01", "REP-02", "REP-09")
@pytest.mark.parametrize(("who", "track"), OFFICERS)
def test_the_pjj_and_the_accredited_association_receive_both_tracks(town: Setting, who: str, track: str) -> None:
    reparation = town.received(track, who)
    assert reparation.state == (State.PROPOSED if track == "alternative" else State.ORDERED)
    assert reparation.reference.startswith("REP-")
    assert reparation.organisation_id == town.viewer(who).organisation_id


@pytest.mark.parametrize("who", ["coordinator", "host", "mayor", "prosecutor", "spip", "aemo", "outreach", "dpo"])
def test_nobody_else_opens_one(town: Setting, who: str) -> None:
    with pytest.raises(AccessRefused):
        town.received(who=who)


@pytest.mark.rule("REP-02")
@pytest.mark.parametrize(
    ("track", "authority"), [("alternative", "children_judge"), ("module", "prosecutor"), ("alternative", "nobody")]
)
def test_each_track_has_its_own_magistrates(town: Setting, track: str, authority: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        town.received(track, authority=authority)
    assert refusal.value.field == "authority"


@pytest.mark.rule("MIN-01", "MIN-02", "MIN-05", "MIN-06", "REP-08", "REP-13")
@pytest.mark.parametrize(
    ("track", "change", "field"),
    [
        ("alternative", {"born": 12}, "discernment_seen"),
        ("alternative", {"born": 19}, "facts_on"),
        ("module", {"term": 400}, "term_on"),
        ("alternative", {"measure_from": 0, "measure_to": 300}, "measure_from"),
        ("module", {"measure_from": 0, "measure_to": 100}, "measure_to"),
        ("module", {"guilt_on": -20, "sanction_on": 60}, "sanction_on"),
        ("alternative", {"ordered_on": 1}, "ordered_on"),
        ("alternative", {"facts_on": 0}, "facts_on"),
        ("alternative", {"last_name": " "}, "last_name"),
        ("alternative", {"goals": ("good boy",)}, "goals"),
    ],
)
def test_an_order_that_the_law_does_not_know_is_refused_at_its_field(
    town: Setting, track: str, change: dict[str, Any], field: str
) -> None:
    given = dict(change)
    values: dict[str, Any] = {}
    if "born" in given:
        values["born_on"] = years_after(town.today, -given.pop("born"))
    if "term" in given:
        values["term_on"] = town.today + timedelta(days=given.pop("term"))
    values |= {k: town.today + timedelta(days=v) if isinstance(v, int) else v for k, v in given.items()}
    with pytest.raises(InputRefused) as refusal:
        town.received(track, **values)
    assert refusal.value.field == field
    assert not Reparation.objects.exists()


@pytest.mark.rule("MIN-05")
def test_the_age_at_the_facts_is_stored_and_stays(town: Setting) -> None:
    reparation = town.received(born_on=years_after(town.today, -15))
    later = noon(town.today + timedelta(days=120))
    shown = page.page(town.viewer("pjj", later), reparation.pk, later)
    assert shown.age_at_facts == 14


@pytest.mark.rule("MIN-02")
def test_discernment_that_appears_from_the_file_is_recorded(town: Setting) -> None:
    reparation = town.received(born_on=years_after(town.today, -12), discernment_seen=True)
    assert page.page(town.viewer("pjj"), reparation.pk, town.now).discernment_seen


@pytest.mark.rule("MIN-03", "MIN-04")
def test_nothing_here_counts_a_relapse_nor_keeps_a_criminal_record(town: Setting) -> None:
    """An educational measure is no first term of recidivism, and stands on bulletin n° 1 only: no column for either.

    Nor does a second réparation of the same name know of the first: each has a person and a key of its own.
    """
    names = {field.name for model in apps.get_app_config("reparation").get_models() for field in model._meta.fields}
    assert len(names) > 40
    assert not {
        name for name in names for word in ("recid", "relapse", "bulletin", "score", "previous") if word in name
    }
    first, second = town.received(), town.received()
    assert first.subject_id != second.subject_id
    body = client_for(town.people.pjj, now=town.now).get(reverse("reparation:page", args=[second.pk])).content.decode()
    assert first.reference not in body
    assert str(first.subject_id) not in body


@pytest.mark.rule("REP-04", "REP-05", "REP-06")
def test_an_alternative_is_agreed_once_both_signed_and_the_papers_are_joined(town: Setting) -> None:
    reparation = town.received()
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="minor", answer="agreed", said_on=town.today, now=town.now,
        upload=paper(),
    )  # fmt: skip
    assert fresh(reparation).state == State.PROPOSED
    with pytest.raises(InputRefused, match="convoqués"):
        agreements.record(
            by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
            now=town.now, upload=paper(),
        )  # fmt: skip
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
        summoned_on=town.today, now=town.now,
    )  # fmt: skip
    assert fresh(reparation).state == State.PROPOSED, "the paper of the parents is missing"
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party="parents", answer="agreed", said_on=town.today,
        summoned_on=town.today, now=town.now, upload=paper(),
    )  # fmt: skip
    assert fresh(reparation).state == State.AGREED
    assert Agreement.objects.filter(party="parents").count() == 2, "what was said before stays, as replaced"


@pytest.mark.rule("REP-04", "REP-05")
@pytest.mark.parametrize("party", ["minor", "parents"])
def test_a_refusal_goes_back_to_the_prosecutor(town: Setting, party: str) -> None:
    reparation = town.received()
    with pytest.raises(GuardRefused, match="Aucun refus"):
        agreements.give_back(
            by=town.viewer("pjj"), reparation=reparation, closed_on=town.today, now=town.now, expected=None
        )
    reparation = town.say(reparation, refused=party)
    assert reparation.state == State.PROPOSED
    agreements.give_back(
        by=town.viewer("pjj"), reparation=reparation, closed_on=town.today, now=town.now, expected=reparation.revision
    )
    assert (fresh(reparation).state, fresh(reparation).closed_on) == (State.REFUSED, town.today)


@pytest.mark.rule("REP-04", "REP-05", "REP-06")
def test_a_module_asks_no_agreement_but_hears_them_and_joins_the_decision(town: Setting) -> None:
    reparation = town.received("module")
    with pytest.raises(InputRefused, match="n’existe pas"):
        agreements.record(
            by=town.viewer("pjj"), reparation=reparation, party="minor", answer="refused", said_on=town.today,
            now=town.now,
        )  # fmt: skip
    for message, step in (
        ("observations du jeune", lambda: _hear(town, reparation, "minor", "heard")),
        ("parents ont pu", lambda: _hear(town, reparation, "parents", "not_possible")),
        ("décision n’est pas", lambda: files.join(
            by=town.viewer("pjj"), reparation=reparation, kind="decision", upload=paper(), now=town.now
        )),
    ):  # fmt: skip
        with pytest.raises(GuardRefused, match=message):
            town.place(fresh(reparation))
        step()
    assert town.place(fresh(reparation)).state == State.ASSIGNED


def _hear(town: Setting, reparation: Reparation, party: str, answer: str) -> None:
    agreements.record(
        by=town.viewer("pjj"), reparation=reparation, party=party, answer=answer, said_on=town.today, now=town.now
    )


@pytest.mark.rule("REP-06")
def test_a_document_is_cleaned_sealed_and_each_download_is_told(town: Setting) -> None:
    reparation = town.agreed()
    file = AttachedFile.objects.filter(record_id=reparation.pk).first()
    assert file is not None
    with pytest.raises(Unaudited):
        bytes(FileContent.objects.get(file=file).content)
    found = files.download(by=town.viewer("pjj"), file_id=file.pk, now=town.now)
    assert (found.media_type, found.name.startswith("piece-")) == (Kind.PNG.media_type, True)
    with pytest.raises(InputRefused):
        files.join(
            by=town.viewer("pjj"), reparation=reparation, kind="decision", now=town.now,
            upload=Upload("x.pdf", b"MZ not a paper"),
        )  # fmt: skip
