"""T-07: queries, serialisers, copies and pickles refuse a sealed field or give it sealed."""

from __future__ import annotations

import copy
import json
import pickle  # noqa: TID251 - to see it refused
from uuid import uuid4

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Length, Upper
from django.forms import modelform_factory
from django.forms.models import model_to_dict

from casework.errors import Unaudited
from casework.partners.models import TotpDevice
from casework.sealing import keys
from casework.sealing.fields import Sealed
from tests.sealing.world import Note, Person, new_person, opened, stored, tables  # noqa: F401

pytestmark = [
    pytest.mark.attack("T-07"),
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("tables"),
]
CANARY = "Kanarienvogel"
people = Person.objects

LOOKUPS = ["exact", "iexact", "contains", "icontains", "in", "gt", "gte", "lt", "lte", "startswith", "istartswith",
           "endswith", "iendswith", "range", "regex", "iregex", "date", "year"]  # fmt: skip
REFUSED = {
    **{f"filter {name}": (lambda n: lambda: people.filter(**{f"surname__{n}": CANARY}))(name) for name in LOOKUPS},
    "filter none": lambda: people.filter(surname=None),
    "exclude": lambda: people.exclude(surname=CANARY),
    "Q": lambda: people.filter(Q(state="new") | Q(surname=CANARY)),
    "get_or_create": lambda: people.get_or_create(surname=CANARY),
    "through a relation": lambda: Note.objects.filter(person__surname=CANARY),
    "filter by F": lambda: people.filter(state=F("surname")),
    "annotate F": lambda: people.annotate(x=F("surname")),
    "annotate function": lambda: people.annotate(x=Upper("surname")),
    "annotate length": lambda: people.annotate(x=Length("surname")),
    "coalesce": lambda: people.annotate(x=Coalesce("surname", Value(b""))),
    "combined": lambda: people.annotate(x=F("surname") + 1),
    "case": lambda: people.annotate(x=Case(When(surname=CANARY, then=1), default=0)),
    "when f": lambda: people.annotate(x=Case(When(state="new", then=F("surname")))),
    "aggregate": lambda: people.aggregate(Max("surname")),
    "count distinct": lambda: people.aggregate(n=Count("surname", distinct=True)),
    "outer ref": lambda: list(people.filter(Exists(Note.objects.filter(text=OuterRef("surname"))))),
    "subquery outer": lambda: list(Note.objects.annotate(
        x=Subquery(people.filter(state=OuterRef("text")).values("id")[:1]))),
    "order_by": lambda: list(people.order_by("surname")),
    "order_by desc": lambda: list(people.order_by("-surname")),
    "order_by F": lambda: list(people.order_by(F("surname").asc())),
    "order_by relation": lambda: list(Note.objects.order_by("person__surname")),
    "latest": lambda: people.latest("surname"),
    "in_bulk": lambda: people.in_bulk([CANARY], field_name="surname"),
    "update text": lambda: people.update(surname=CANARY),
    "update bytes": lambda: people.update(surname=b"CW\x01\x01" + bytes(108)),
    "update empty bytes": lambda: people.update(surname=b""),
    "update none": lambda: people.update(surname=None),
    "update none where null shows": lambda: people.update(open_null=None),
    "update F": lambda: people.update(surname=F("first_name")),
    "update value": lambda: people.update(surname=Value(CANARY)),
    "update sealed": lambda: people.update(surname=people.values_list("surname", flat=True)[0]),
    "dumpdata": lambda: serializers.serialize("json", people.all()),
    "python serializer": lambda: serializers.serialize("python", people.all()),
    "xml": lambda: serializers.serialize("xml", people.all()),
    "model form": lambda: modelform_factory(Person, fields=["surname"]),
}  # fmt: skip


@pytest.fixture
def person():
    return new_person(surname=CANARY, note=CANARY, facts=[CANARY], open_null=CANARY)


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_refused_with_a_clear_error(person, query):
    before = stored(person, "surname"), stored(person, "open_null")
    with opened(person.id), pytest.raises((FieldError, ValueError)) as caught, transaction.atomic():
        query()
    assert CANARY not in str(caught.value)
    assert (stored(person, "surname"), stored(person, "open_null")) == before


def test_the_error_names_the_field():
    with pytest.raises(FieldError, match=r"Person\.surname is sealed: lookup 'icontains' is refused"):
        people.filter(surname__icontains=CANARY)


def test_bulk_update_is_refused(person):
    person.surname = "autre"
    with pytest.raises(FieldError), transaction.atomic():
        people.bulk_update([person], ["surname"])
    with opened(person.id):
        assert Person.objects.get(pk=person.pk).surname == CANARY


def test_isnull_is_the_only_lookup(person):
    assert people.filter(open_null__isnull=False).get().pk == person.pk
    assert not people.filter(open_null__isnull=True).exists()
    assert people.filter(pk__in=people.filter(open_null__isnull=False).values("pk")).exists()
    assert people.annotate(has=Q(open_null__isnull=False)).get().has
    assert Note.objects.filter(person__open_null__isnull=True).count() == 0


def test_values_give_sealed_objects(person):
    row = people.values("surname", "facts").get()
    assert all(type(value) is Sealed for value in row.values())
    assert repr(row) == "{'surname': <sealed>, 'facts': <sealed>}"
    assert type(people.values_list("surname", flat=True)[0]) is Sealed
    assert people.values("surname").distinct().count() == 1
    assert type(people.values_list("surname").union(people.values_list("first_name"))[0][0]) is Sealed


def test_counting_children_still_works(person):
    """Grouping by all columns, as SQLite does, must not be mistaken for an expression."""
    Note.objects.create(subject_id=person.id, person=person, text="mot")
    assert people.annotate(n=Count("notes")).get().n == 1


def test_only_defer_and_reload_give_sealed_values(person):
    for query in (people.only("state"), people.defer("surname"), people.only("surname")):
        found = query.get()
        with pytest.raises(Unaudited):
            _ = found.surname
        with opened(person.id):
            assert found.surname == CANARY
    found = people.get()
    with opened(person.id):
        assert found.surname == CANARY
        found.refresh_from_db()
        assert type(found.__dict__["surname"]) is Sealed
    found.refresh_from_db(fields=["surname"])
    with pytest.raises(Unaudited):
        _ = found.surname
    related = Note(subject_id=person.id, person=person, text="x")
    related.save()
    assert type(Note.objects.select_related("person").get().person.__dict__["surname"]) is Sealed


def test_show_nothing(person):
    row = people.get()
    value = row.__dict__["surname"]
    assert f"{value} {value!r} {value!s} {[value]}" == "<sealed> <sealed> <sealed> [<sealed>]"
    assert CANARY not in repr(vars(row)) + str(row) + repr(row)
    with opened(person.id):
        assert row.surname == CANARY
        assert CANARY not in repr(vars(row))
    assert model_to_dict(row).get("surname") is None
    assert Person._meta.get_field("surname").value_from_object(row) == value


def test_an_assigned_value_shows_nothing_either():
    row = Person(surname=CANARY, facts=[CANARY])
    assert row.surname == CANARY
    assert CANARY not in repr(vars(row))
    with pytest.raises(TypeError):
        pickle.dumps(row)


def test_no_order_no_pickle_no_json(person):
    value = people.get().__dict__["surname"]
    for attempt in (
        lambda: value < value,
        lambda: sorted([value, value]),
        lambda: pickle.dumps(value),
        lambda: json.dumps({"x": value}),
        lambda: bytes(value),
        lambda: len(value),
        lambda: list(value),
        lambda: value + "",
    ):
        with pytest.raises(TypeError):
            attempt()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(people.get(), protocol)


def test_opened_values_are_not_pickled(person):
    with opened(person.id):
        row = people.get()
        assert row.surname == CANARY
        with pytest.raises(TypeError):
            pickle.dumps(row)


def test_copies_stay_sealed():
    subject = uuid4()
    keys.ensure(subject)
    device = TotpDevice(subject_id=subject, seed=CANARY)
    assert copy.copy(device).seed == CANARY
    TotpDevice._meta.get_field("seed").pre_save(device, add=True)
    for clone in (copy.copy(device), copy.deepcopy(device)):
        assert type(clone.__dict__["seed"]) is Sealed
        with pytest.raises(Unaudited):
            _ = clone.seed
        with opened(subject, classes=frozenset({"credentials"})):
            assert clone.seed == CANARY


def test_expressions_are_not_assigned():
    with pytest.raises(TypeError):
        Person(surname=F("state"))


def test_options_that_would_index_a_value_are_refused():
    from casework.sealing.fields import SealedText

    for option in ({"unique": True}, {"db_index": True}, {"primary_key": True}, {"default": "x"}):
        with pytest.raises(ValueError):
            SealedText(label="x.y", data_class="z", **option)
    assert models.BinaryField in SealedText.__mro__
