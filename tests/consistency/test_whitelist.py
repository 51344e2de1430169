"""Codes before words: what may be recorded has its column, closed lists where the law asks, and an end."""

from __future__ import annotations

import pytest
from django.db import models

from casework.access.matrix import DataClass
from casework.minors.followups import codes
from casework.minors.followups.models import (
    Action,
    FollowUp,
    KnownJudicialMeasure,
    LegalRepresentative,
    MayorDisclosure,
    Notice,
    Referral,
    SensitiveElement,
)
from casework.minors.sessions.models import GroupSession, Review
from casework.partners.models import Territory, WatchGroup
from casework.sealing.fields import SealedField, SealedJSON, SealedText
from tests.consistency.project import our_models

MINORS = [model for model in our_models() if model._meta.app_label in ("followups", "group_sessions")]


def ids(model):
    return model._meta.label


def sealed_texts(model):
    return [field for field in model._meta.local_fields if isinstance(field, SealedText)]


CLOSED = [
    pytest.param(Referral, "origin", codes.ReferralOrigin, marks=pytest.mark.rule("SIT-01", "WL-09")),
    pytest.param(Referral, "gateway", codes.Gateway, marks=pytest.mark.rule("SIT-08")),
    pytest.param(Referral, "urgency", codes.Urgency),
    pytest.param(FollowUp, "end_reason", codes.EndReason, marks=pytest.mark.rule("WL-17")),
    pytest.param(FollowUp, "information_put_off", codes.WithholdMotive, marks=pytest.mark.rule("SIT-07")),
    pytest.param(Notice, "channel", codes.NoticeChannel, marks=pytest.mark.rule("SIT-07")),
    pytest.param(Action, "kind", codes.ActionType, marks=pytest.mark.rule("WL-15", "WL-11")),
    pytest.param(Action, "result", codes.ActionResult, marks=pytest.mark.rule("WL-15")),
    pytest.param(MayorDisclosure, "act", codes.MayorAct, marks=pytest.mark.rule("MAY-05", "MAY-06")),
]


@pytest.mark.parametrize(("model", "name", "codes_of"), CLOSED)
def test_a_closed_list_where_the_law_asks_for_codes(model, name, codes_of):
    field = model._meta.get_field(name)
    assert set(dict(field.flatchoices)) - {""} == set(codes_of.values)


@pytest.mark.rule("SIT-01", "SIT-08")
def test_origin_and_gateway_are_never_guessed():
    for name in ("origin", "gateway"):
        field = Referral._meta.get_field(name)
        assert not field.has_default()
        assert not field.blank


@pytest.mark.rule("SIT-02", "CLV-22")
def test_a_referral_has_coded_reasons_and_no_room_for_a_story():
    assert isinstance(Referral._meta.get_field("reasons"), SealedJSON)
    assert {field.name for field in sealed_texts(Referral)} == {"referred_by", "more_asked"}
    assert not [field for field in Referral._meta.local_fields if isinstance(field, models.TextField)]


@pytest.mark.rule("WL-08", "WL-10", "WL-12", "WL-13", "WL-14", "WL-17")
def test_the_columns_of_a_follow_up_are_those_of_the_list():
    names = {field.name for field in FollowUp._meta.local_fields}
    assert {"started_on", "ended_on", "end_reason", "group", "programme", "lead_organisation"} <= names
    assert FollowUp._meta.get_field("group").related_model is WatchGroup
    assert isinstance(Referral._meta.get_field("referred_by"), SealedText)


@pytest.mark.rule("CLV-03")
def test_a_group_belongs_to_one_territory():
    field = WatchGroup._meta.get_field("territory")
    assert field.related_model is Territory
    assert not field.null


@pytest.mark.rule("WL-16", "WL-19", "SEC-03")
def test_a_judicial_measure_is_a_sealed_code_in_a_class_of_its_own():
    sealed = {f.name: f for f in KnownJudicialMeasure._meta.local_fields if isinstance(f, SealedField)}
    assert set(sealed) == {"kind", "starts_on", "ends_on"}
    assert {field.data_class for field in sealed.values()} == {DataClass.YOUTH_JUDICIAL}


@pytest.mark.rule("WL-18", "BL-04")
def test_a_sensitive_element_is_apart_motivated_and_ends():
    sealed = {f.name: f for f in SensitiveElement._meta.local_fields if isinstance(f, SealedField)}
    assert {field.data_class for field in sealed.values()} == {DataClass.YOUTH_SENSITIVE}
    assert not SensitiveElement._meta.get_field("expires_on").null


@pytest.mark.rule("WL-20", "SIT-06", "GDP-14")
def test_assessments_are_coded_apart_from_facts_and_never_numbers():
    assert isinstance(FollowUp._meta.get_field("assessment"), SealedJSON)
    assert not [value for value in codes.SocialLevel.values if value.isdigit()]
    assert not sealed_texts(Review)


@pytest.mark.rule("CLV-23")
def test_a_review_holds_three_coded_questions():
    assert [len(step.values) >= 3 for step in (codes.StepOne, codes.StepTwo, codes.StepThree)] == [True] * 3
    assert {field.name for field in Review._meta.local_fields if isinstance(field, SealedField)} == {"steps"}


# Every number kept about a situation: a count of meetings, an order, a revision. None measures a person.
NUMBERS = {
    "revision", "position", "sessions_missed", "waited_sessions", "year", "minutes", "version", "day_number",
    "total", "written", "minimum_presence", "pulse", "spent_seconds", "template_version", "counted_in",
}  # fmt: skip


@pytest.mark.rule("GDP-14", "BL-08")
@pytest.mark.parametrize("model", MINORS, ids=ids)
def test_no_number_measures_a_person(model):
    numbers = {
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField) and not field.primary_key
    }
    known = {name for name in numbers if name in NUMBERS or name.endswith(("_minutes", "_count", "_rows"))}
    assert numbers == known, f"{model._meta.label}: say here what these count: {sorted(numbers - known)}"


@pytest.mark.rule("CLV-28")
def test_no_lower_age_limit_is_coded():
    from casework.minors.followups import states

    assert [name for name in vars(states) if "AGE" in name] == ["MAX_AGE"]


def end_of(model, seen=()):
    """Return the model whose end date rules this one, following what it goes away with."""
    if model in (FollowUp, GroupSession):
        return model
    for field in model._meta.local_fields:
        if (
            field.remote_field
            and getattr(field.remote_field, "on_delete", None) is models.CASCADE
            and field.related_model not in seen
            and (found := end_of(field.related_model, (*seen, model)))
        ):
            return found
    return None


# Rows that go by themselves, and when.
OWN_END = {
    "followups.FollowedPerson": "goes with its situation (the other side of a one-to-one)",
    "followups.LegalRepresentative": "goes with its person",
    "group_sessions.AnonymousQuestion": "deleted when the minutes are approved; no person in it",
    "followups.ReferralLink": "a service's link, no person in it",
    "followups.AnonymousCount": "a count, no person in it",
    "followups.EndedFollowUp": "a coded line, no person in it",
    "followups.WaitingFollowUp": "the same, until its month is over",
    "followups.ImportBatch": "30 days",
    "followups.PossibleDuplicate": "goes with either person",
}


@pytest.mark.rule("GDP-04", "RET-01")
@pytest.mark.parametrize("model", MINORS, ids=ids)
def test_every_row_goes_with_a_record_that_knows_its_end(model):
    assert end_of(model) or model._meta.label in OWN_END, f"{model._meta.label} outlives everything"


@pytest.mark.rule("GDP-04", "RET-05")
def test_the_end_of_a_situation_is_known_from_the_first_day():
    assert not FollowUp._meta.get_field("purge_check_on").null
    assert isinstance(FollowUp._meta.get_field("purge_on"), SealedField)


@pytest.mark.rule("SIT-04")
@pytest.mark.parametrize("model", MINORS, ids=ids)
def test_free_text_is_short(model):
    for field in sealed_texts(model):
        assert field.max_length, f"{field.label} has no limit"
        assert field.max_length <= 500, field.label


@pytest.mark.rule("SIT-09")
def test_each_holder_of_parental_authority_is_a_row_of_their_own():
    assert Notice._meta.get_field("representative").related_model is LegalRepresentative
    assert isinstance(LegalRepresentative._meta.get_field("holds_authority"), SealedJSON)
