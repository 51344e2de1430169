"""Every column is sealed or says why it is clear; nothing that must not exist exists."""

from __future__ import annotations

import re

import pytest

from casework.access.matrix import DataClass
from casework.sealing.fields import SealedDate, SealedField
from casework.sealing.models import SealedModel
from tests.consistency.project import ROOT, SUBJECT_APPS, our_models

SEALED = SealedField
# Data classes of sealed fields that belong to no row of the matrix: no person of a file behind them.
TECHNICAL_CLASSES = {
    "attached_file",  # a document; which row of the matrix reads it is said by its kind
    "approval",  # why a second person is asked to agree; read by those two
    "credentials",  # an agent's second factor
    "episode",  # why a record was opened in an emergency; read by who reviews it
    "draft",  # what its author typed, read by that author only
    "outbox",  # messages waiting to leave, without personal data
}
MODELS = our_models()


def ids(model):
    return model._meta.label


def clear_fields(model):
    return {field.name for field in model._meta.local_fields if not isinstance(field, SEALED)} | {
        field.name for field in model._meta.local_many_to_many
    }


def reasons(model):
    confidentiality = getattr(model, "Confidentiality", None)
    return getattr(confidentiality, "clear", {})


@pytest.mark.rule("GDP-15")
@pytest.mark.parametrize("model", MODELS, ids=ids)
def test_every_clear_column_gives_its_reason(model):
    missing = clear_fields(model) - set(reasons(model))
    assert not missing, f"{model._meta.label}: sealed, or a reason in Confidentiality.clear: {sorted(missing)}"
    assert all(len(reason.strip()) > 3 for reason in reasons(model).values())


@pytest.mark.parametrize("model", MODELS, ids=ids)
def test_no_reason_outlives_its_column(model):
    names = {field.name for field in model._meta.get_fields()}
    sealed = {field.name for field in model._meta.local_fields if isinstance(field, SEALED)}
    stale = (set(reasons(model)) - names) | (set(reasons(model)) & sealed)
    assert not stale, f"{model._meta.label}: {sorted(stale)}"


def sealed_fields():
    return [(model, field) for model in MODELS for field in model._meta.fields if isinstance(field, SEALED)]


@pytest.mark.parametrize(
    ("model", "field"), sealed_fields(), ids=lambda value: getattr(value, "name", None) or ids(value)
)
def test_every_sealed_field_belongs_to_a_class_and_to_the_register(model, field):
    assert field.data_class in {*DataClass} | TECHNICAL_CLASSES, field.label
    register = (ROOT / "casework/sealing/labels.txt").read_text().split()
    assert field.label in register, f"{field.label} is not in casework/sealing/labels.txt"
    assert field.drawer in ("identity", "content", "location")


def test_every_label_belongs_to_one_field():
    labels = [field.label for _, field in sealed_fields()]
    assert len(labels) == len(set(labels))


def test_sealed_fields_stand_on_rows_with_a_key():
    for model, field in sealed_fields():
        names = {each.name for each in model._meta.fields}
        assert "subject_id" in names, f"{model._meta.label}.{field.name} has no subject_id"
        assert model._meta.pk.get_internal_type() == "UUIDField", model._meta.label


def test_rows_never_print_a_value():
    for model, field in sealed_fields():
        row = model()
        if isinstance(field, SealedDate):
            continue
        words = {"json": ["Canari"], "bytes": b"Canari"}.get(field.kind, "Canari")
        setattr(row, field.attname, words)
        assert "Canari" not in str(row) + repr(row), model._meta.label


# What has no field, ever. Each pattern is looked for in the name of every column of every model.
BLACKLIST = {
    "BL-01": r"\b(nir|social_security|identity_card|passport|national(ity|ite)|birth_?place|of_birth)\b",
    "BL-02": r"photo|picture|portrait|biometr|\bvoice|audio|video",
    "BL-03": r"ethnic|religio|politic|union_member|syndicat|sexual|sexuality|\brace\b",
    "BL-04": r"diagnos|treatment|medica|patholog|therap|prescription|disease",
    "BL-05": r"\b(taj|fpr)\b|police_(file|record|report)|procedure_(no|number|ref)|proces_verbal",
    "BL-06": r"friend|accomplice|co_?author|sibling|associates?\b|linked_person|related_person|gang",
    "BL-07": r"facebook|instagram|snapchat|tiktok|social_network|number_plate|vehicle|income|salary|bank",
    "BL-08": r"\bscore|scoring|ranking|dangerous(ness)?\b|risk_level|threat",
    "BL-09": r"narrative|\bstory|statement_of_facts|facts_text|circumstances|description_of_facts",
    "BL-10": r"personality|\bdup\b|dossier_unique",
}


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [pytest.param(rule, pattern, id=rule, marks=pytest.mark.rule(rule)) for rule, pattern in BLACKLIST.items()],
)
def test_no_column_for_what_may_not_be_recorded(rule, pattern):
    found = [
        f"{model._meta.label}.{field.name}"
        for model in MODELS
        for field in model._meta.get_fields()
        if re.search(pattern, field.name.replace("_", " ").replace(" ", "_"), re.IGNORECASE)
        or re.search(pattern, field.name.replace("_", " "), re.IGNORECASE)
    ]
    assert not found, f"{rule}: {found}"


# The whitelist: what a person and a representative may have, and nothing else.
PERSON = {
    "WL-01": {"last_name", "first_name"},
    "WL-02": {"sex"},
    "WL-03": {"birth_date", "birth_precision"},
    "WL-04": {"address"},
    "WL-05": {"phone", "email"},
    "WL-07": {"school_level", "school", "occupation_status"},
    "1a": {"card"},  # initials, age, sector: made from the above
}
REPRESENTATIVE = {
    "WL-06": {"last_name", "first_name", "address", "phone", "email", "relation", "holds_authority"},
}


@pytest.mark.rule("WL-01", "WL-02", "WL-03", "WL-04", "WL-05", "WL-06", "WL-07", "GDP-02")
@pytest.mark.parametrize(
    ("name", "allowed"),
    [("followups.FollowedPerson", PERSON), ("followups.LegalRepresentative", REPRESENTATIVE)],
)
def test_a_person_has_the_columns_of_the_whitelist_and_no_other(name, allowed):
    model = next(model for model in MODELS if model._meta.label == name)
    values = {field.name for field in model._meta.local_fields if isinstance(field, SEALED)}
    assert values == set().union(*allowed.values())


def test_every_protected_model_is_known_by_a_sealed_base():
    for model, _ in sealed_fields():
        if model._meta.app_label in SUBJECT_APPS:
            assert issubclass(model, SealedModel), model._meta.label
