"""The keystore holds its tables and nothing else."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections

from casework.partners.models import Agent
from casework.sealing.models import KekEpoch, SubjectKey
from casework.sealing.routers import KeystoreRouter

ROUTER = KeystoreRouter()


def test_reads_and_writes():
    assert ROUTER.db_for_read(SubjectKey) == ROUTER.db_for_write(SubjectKey) == "keystore"
    assert ROUTER.db_for_read(Agent) is ROUTER.db_for_write(Agent) is None


def test_relations_stay_in_one_database():
    assert ROUTER.allow_relation(SubjectKey(), Agent()) is False
    assert ROUTER.allow_relation(SubjectKey(), KekEpoch()) is None
    assert ROUTER.allow_relation(Agent(), Agent()) is None


def test_migrations():
    for config in apps.get_app_configs():
        assert ROUTER.allow_migrate("keystore", config.label) is (config.label == "sealing")
        assert ROUTER.allow_migrate("default", config.label) is (config.label != "sealing")


@pytest.mark.django_db(databases="__all__")
def test_tables_are_where_they_belong():
    here = set(connections["default"].introspection.table_names())
    there = set(connections["keystore"].introspection.table_names())
    assert {t for t in there if t != "django_migrations"} == {
        "sealing_kekepoch", "sealing_keystorestate", "sealing_subjectkey", "sealing_systemkey",
    }  # fmt: skip
    assert not any(t.startswith("sealing_") and not t.startswith("sealing_tests") for t in here)
